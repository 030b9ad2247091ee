// The names of the viewers in Orthanc's list of plugins: other programs look there whether a viewer is to be
// had. Python serves their pages (plugins/orthanc_images).
#include "framework/plugin.h"

namespace orthanc_images {

void start() {}

void finish() {}

} // namespace orthanc_images
