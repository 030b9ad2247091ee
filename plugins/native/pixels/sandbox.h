// The walls around a worker.
#pragma once

namespace orthanc_images::pixels {

// Takes from this process, for good: files, network, other processes, and whatever else it does not need to
// compute. It has one socket and memory left. An exception says which wall cannot be built.
void enter_sandbox();

} // namespace orthanc_images::pixels
