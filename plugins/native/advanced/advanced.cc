// The plugins AdvancedStorage and Indexer: one library under two names, which tell it what it is.
#include "advanced/area.h"
#include "advanced/moving.h"
#include "advanced/routes.h"
#include "advanced/state.h"

#include "framework/errors.h"
#include "framework/host.h"
#include "framework/jobs.h"
#include "framework/log.h"
#include "framework/plugin.h"

#include <memory>
#include <string_view>

namespace orthanc_images {

namespace {

OrthancPluginErrorCode changed(OrthancPluginChangeType change, OrthancPluginResourceType,
                               const char *) noexcept {
    return guarded([=] {
        if (change == OrthancPluginChangeType_OrthancStarted) {
            advanced::state().begin();
        } else if (change == OrthancPluginChangeType_OrthancStopped) {
            advanced::state().stop();
        }
    });
}

} // namespace

void start() {
    advanced::Settings settings = advanced::settings_of(identity.name);
    const bool indexer = std::string_view(identity.name) == "indexer";
    if (!settings.enabled) {
        log_info(std::string(indexer ? "Indexer" : "AdvancedStorage") + " is off, as its Enable says");
        return;
    }
    advanced::state_holder() = std::make_unique<advanced::State>(std::move(settings));
    advanced::register_storage();
    if (!indexer) {
        advanced::register_routes();
        restore_jobs_by<advanced::restored_move>();
    }
    OrthancPluginRegisterOnChangeCallback(host(), changed);
}

void finish() {
    if (advanced::state_holder() != nullptr) {
        advanced::state().stop();
        advanced::state_holder().reset();
    }
}

} // namespace orthanc_images
