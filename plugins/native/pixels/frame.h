// Frames as they are stored, and as they are shown.
#pragma once

#include "pixels/codecs/codec.h"
#include "pixels/format.h"
#include "pixels/fragments.h"
#include "pixels/image.h"
#include "pixels/outline.h"

#include <cstdint>

namespace orthanc_images::pixels {

// Returns the samples of a frame, decoded by the transfer syntax.
Decoded decoded_frame(const Outline &outline, const Description &image, const Coded &coded);

// Writes a frame as it is shown, row by row without gaps; `target` has room for it. Values are those that are
// stored: neither rescaled nor windowed.
void show(const Outline &outline, const Description &image, const Decoded &decoded, Format format,
          std::uint8_t *target);

} // namespace orthanc_images::pixels
