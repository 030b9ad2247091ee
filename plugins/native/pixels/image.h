// An image: how its attributes describe it, and its pixels.
#pragma once

#include "pixels/outline.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace orthanc_images::pixels {

// What the attributes of the group 0028 say. Source: DICOM PS3.3, C.7.6.3.
struct Description {
    std::uint32_t rows = 0;
    std::uint32_t columns = 0;
    std::uint32_t frames = 1;
    std::uint32_t samples = 1;

    // In bits: what a sample occupies, what of it is value, and where its highest bit is.
    std::uint32_t allocated = 8;
    std::uint32_t stored = 8;
    std::uint32_t high = 7;

    bool is_signed = false;

    // The samples of a colour are in a plane of their own.
    bool planar = false;

    // IEEE 754 numbers, of `allocated` bits.
    bool floating = false;

    // Such as MONOCHROME2, without padding.
    std::string photometric;

    std::size_t pixels() const noexcept {
        return std::size_t{rows} * columns;
    }

    // The samples that a frame has: two for each pixel of YBR_FULL_422 that is not compressed.
    std::size_t samples_of_frame() const noexcept;

    // The bits of a frame that is not compressed.
    std::size_t bits_of_frame() const noexcept {
        return samples_of_frame() * allocated;
    }

    // The bytes of a frame with each sample in whole bytes, one pixel after the other.
    std::size_t bytes_of_frame() const noexcept {
        return pixels() * samples * bytes_of_sample();
    }

    std::size_t bytes_of_sample() const noexcept {
        return allocated <= 8 ? 1 : allocated / 8;
    }

    bool is_palette() const noexcept {
        return photometric == "PALETTE COLOR";
    }
};

// Returns what a file says of its image; a Refusal when it has none, or one that cannot be.
Description description_of(const Outline &outline);

// Returns a number of the group 0028 as it stands in a file, or `otherwise` where it is absent.
std::uint32_t number_of(const Outline &outline, Tag tag, std::uint32_t otherwise);

// Returns a text as it stands in a file, without padding.
std::string text_of(const Outline &outline, Tag tag);

// The pixels of one frame: `samples` for each, of `allocated` bits in whole bytes, little-endian, one pixel
// after the other.
using Frame = std::vector<std::uint8_t>;

} // namespace orthanc_images::pixels
