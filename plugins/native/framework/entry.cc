// The four functions that Orthanc looks up in a plugin.
#include "framework/errors.h"
#include "framework/host.h"
#include "framework/identity.h"
#include "framework/plugin.h"

#include <cstdint>
#include <string>

namespace orthanc_images {

namespace {

constexpr std::int32_t FAILED = -1;

std::int32_t started(OrthancPluginContext *context) noexcept {
    if (OrthancPluginCheckVersion(context) == 0) {
        // Such an Orthanc may have no log that knows of plugins.
        const std::string message = std::string(identity.name) +
                                    ": this version of Orthanc is older than the plugin needs. Update it.";
        OrthancPluginLogError(context, message.c_str());
        return FAILED;
    }
    begin(context);
    OrthancPluginSetDescription2(context, identity.name, identity.description);
    return guarded(start) == OrthancPluginErrorCode_Success ? 0 : FAILED;
}

void finished() noexcept {
    end();
    guarded(finish);
}

} // namespace

} // namespace orthanc_images

extern "C" {

ORTHANC_PLUGINS_API std::int32_t OrthancPluginInitialize(OrthancPluginContext *context) {
    return orthanc_images::started(context);
}

ORTHANC_PLUGINS_API void OrthancPluginFinalize() {
    orthanc_images::finished();
}

ORTHANC_PLUGINS_API const char *OrthancPluginGetName() {
    return orthanc_images::identity.name;
}

ORTHANC_PLUGINS_API const char *OrthancPluginGetVersion() {
    return orthanc_images::identity.version;
}
}
