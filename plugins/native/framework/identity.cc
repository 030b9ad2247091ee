// Compiled once for each library, with its PLUGIN_NAME, PLUGIN_VERSION and PLUGIN_DESCRIPTION.
#include "framework/identity.h"

namespace orthanc_images {

const Identity identity{PLUGIN_NAME, PLUGIN_VERSION, PLUGIN_DESCRIPTION};

} // namespace orthanc_images
