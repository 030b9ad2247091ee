// How Orthanc takes the pixels of a frame.
#pragma once

#include "pixels/image.h"

#include <cstddef>
#include <cstdint>

namespace orthanc_images::pixels {

// The formats in which Orthanc takes a frame.
enum class Format : std::uint32_t {
    GRAY8 = 1,
    GRAY16 = 2,
    SIGNED_GRAY16 = 3,
    RGB24 = 4,
    RGB48 = 5,
    GRAY32 = 6,
    FLOAT32 = 7,
};

std::size_t bytes_of(Format format) noexcept;

// Returns the format in which a frame is shown: colours are RGB, whatever they were stored as.
Format format_of(const Description &image);

} // namespace orthanc_images::pixels
