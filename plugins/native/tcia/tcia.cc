// What the plugin Tcia needs of Orthanc, and its Python module does not offer: a name in Orthanc's list of
// plugins, and jobs (python/jobs.h). All else is in plugins/orthanc_images/tcia/.
#include "framework/plugin.h"

namespace orthanc_images {

void start() {}

void finish() {}

} // namespace orthanc_images
