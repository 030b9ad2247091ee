// Frames as they are stored, and as they are shown.
#pragma once

#include "pixels/codecs/codec.h"
#include "pixels/image.h"
#include "pixels/outline.h"

#include <cstdint>

namespace orthanc_images::pixels {

// What is needed to decode a frame: the bytes of its own, and how many bits of them belong to the frame before.
struct Coded {
    Frame joined;
    Bytes bytes;
    std::uint32_t skipped = 0;
};

// Returns the bytes of a frame, counted from 0; its fragments are joined where there are several.
Coded coded_frame(const Outline &outline, const Description &image, std::uint32_t frame);

// Returns the samples of a frame, decoded by the transfer syntax.
Decoded decoded_frame(const Outline &outline, const Description &image, const Coded &coded);

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

// Writes a frame as it is shown, row by row without gaps; `target` has room for it. Values are those that are stored:
// neither rescaled nor windowed.
void show(const Outline &outline, const Description &image, const Decoded &decoded, Format format, std::uint8_t *target);

} // namespace orthanc_images::pixels
