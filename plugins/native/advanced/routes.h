// The routes of AdvancedStorage.
#pragma once

namespace orthanc_images::advanced {

void register_routes();

} // namespace orthanc_images::advanced
