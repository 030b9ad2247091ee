// The four functions that Orthanc looks up in a plugin. Compiled once for each library, with its PLUGIN_NAME,
// PLUGIN_VERSION and PLUGIN_DESCRIPTION.
#include "framework/errors.h"
#include "framework/host.h"
#include "framework/plugin.h"

#include <cstdint>

namespace orthanc_images {

const Identity identity{PLUGIN_NAME, PLUGIN_VERSION, PLUGIN_DESCRIPTION};

namespace {

constexpr std::int32_t FAILED = -1;

std::int32_t started(OrthancPluginContext *context) noexcept {
    if (OrthancPluginCheckVersion(context) == 0) {
        // Such an Orthanc may have no log that knows of plugins.
        OrthancPluginLogError(context, PLUGIN_NAME
                              ": this version of Orthanc is older than the plugin needs. Update it.");
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
