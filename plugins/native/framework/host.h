// The Orthanc that has loaded this library, and who the library is.
#pragma once

#include "framework/identity.h"

#include <orthanc/OrthancCPlugin.h>

namespace orthanc_images {

// Notes the Orthanc that begins with this plugin.
void begin(OrthancPluginContext *context) noexcept;

// Notes that Orthanc is done with this plugin: whatever is still called must not rely on other plugins.
void end() noexcept;

// Tells whether Orthanc has begun with this plugin.
bool begun() noexcept;

// Tells whether Orthanc is done with this plugin.
bool ended() noexcept;

// Returns what the functions of Orthanc's SDK want as their first argument.
OrthancPluginContext *host() noexcept;

} // namespace orthanc_images
