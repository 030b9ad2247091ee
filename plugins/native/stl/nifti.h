// Volumes in the format NIfTI, versions 1 and 2, in one file that may be compressed.
#pragma once

#include "stl/contours.h"

#include <cstddef>
#include <string>

namespace orthanc_images::stl {

// Returns the volume in the file with its values between 0 and 1, in `resolution` samples for each direction.
// Places are those of the patient, as the file says: as DICOM counts them, in millimetres. Whatever is wrong
// with the file is an Error.
Placed volume_in(std::string file, std::size_t resolution);

} // namespace orthanc_images::stl
