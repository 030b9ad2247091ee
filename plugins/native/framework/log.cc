#include "framework/log.h"

#include "framework/host.h"

#include <cstring>

namespace orthanc_images {

void log(OrthancPluginLogLevel level, const std::string &message, std::source_location place) noexcept {
    if (!begun()) {
        return;
    }
    const char *folder = std::strrchr(place.file_name(), '/');
    const char *file = folder == nullptr ? place.file_name() : folder + 1;
    OrthancPluginLogMessage(host(), message.c_str(), identity.name, file, place.line(),
                            OrthancPluginLogCategory_Generic, level);
}

} // namespace orthanc_images
