// Orthanc's log, under the name of the plugin that writes.
#pragma once

#include <orthanc/OrthancCPlugin.h>

#include <source_location>
#include <string>

namespace orthanc_images {

// Writes one line, which names the plugin and the place in its sources; nothing before Orthanc has begun.
void log(OrthancPluginLogLevel level, const std::string &message, std::source_location place) noexcept;

inline void log_error(const std::string &message,
                      std::source_location place = std::source_location::current()) noexcept {
    log(OrthancPluginLogLevel_Error, message, place);
}

inline void log_warning(const std::string &message,
                        std::source_location place = std::source_location::current()) noexcept {
    log(OrthancPluginLogLevel_Warning, message, place);
}

inline void log_info(const std::string &message,
                     std::source_location place = std::source_location::current()) noexcept {
    log(OrthancPluginLogLevel_Info, message, place);
}

} // namespace orthanc_images
