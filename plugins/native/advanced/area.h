// The storage area as Orthanc calls it.
#pragma once

#include "advanced/place.h"

#include <string>

namespace orthanc_images::advanced {

// Registers the storage area, for the state that there is (state.h).
void register_storage();

// Returns the place of a file as the index has it now, where it is no longer where it was.
Place place_now(const std::string &uuid);

} // namespace orthanc_images::advanced
