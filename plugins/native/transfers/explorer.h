// What the plugin adds to Orthanc Explorer.
#pragma once

namespace orthanc_images::transfers {

// A script, for each of its pages.
extern const char explorer[];

} // namespace orthanc_images::transfers
