// The plugin that the tests of the databases run as: one that registers nothing itself.
#include "framework/plugin.h"

namespace orthanc_images {

void start() {}

void finish() {}

} // namespace orthanc_images
