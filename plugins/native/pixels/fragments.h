// Which bytes of a file are a frame.
#pragma once

#include "pixels/image.h"
#include "pixels/outline.h"

#include <cstdint>
#include <vector>

namespace orthanc_images::pixels {

// Returns the fragments of one frame, counted from 0, of encapsulated pixels, in their order. They follow
// from the extended offset table, from the basic one, or from where a bit stream begins. Source: DICOM PS3.5,
// A.4.
std::vector<Bytes> fragments_of(const Outline &outline, const Description &image, std::uint32_t frame);

// Returns the bytes of one frame that is not encapsulated, and of how many bits of the first byte are not its
// own: a frame of a 1-bit image may begin amid a byte.
struct NativeFrame {
    Bytes bytes;
    std::uint32_t skipped = 0;
};

NativeFrame native_frame(const Outline &outline, const Description &image, std::uint32_t frame);

// What is needed to decode a frame: the bytes of its own, and how many bits of them belong to the frame
// before.
struct Coded {
    Frame joined;
    Bytes bytes;
    std::uint32_t skipped = 0;
};

// Returns the bytes of a frame, counted from 0; its fragments are joined where there are several.
Coded coded_frame(const Outline &outline, const Description &image, std::uint32_t frame);

} // namespace orthanc_images::pixels
