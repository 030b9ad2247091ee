// Parts of frames that are replaced: what masks an image.
#pragma once

#include "pixels/codecs/codec.h"
#include "pixels/image.h"
#include "pixels/palette.h"

#include <cstdint>
#include <span>
#include <type_traits>

namespace orthanc_images::pixels {

// The widest square of a mean, with which no sum overflows.
inline constexpr std::int64_t MOST_MEAN_WIDTH = 4095;

enum class Filling : std::uint32_t {
    CONSTANT, // a value, as it is stored
    MEAN,     // the mean of the pixels around each one
};

// A rectangle in some frames. Ends are the first that is outside.
struct Patch {
    // Those of one operation see the frame as it was before the first of them; operations follow each other.
    std::uint32_t operation = 0;
    Filling filling = Filling::CONSTANT;

    // CONSTANT: the value, which has the image's bits and sign. MEAN: the width of the square around a pixel.
    std::int64_t value = 0;
    std::uint32_t first_frame = 0;
    std::uint32_t end_frame = 0;
    std::uint32_t top = 0;
    std::uint32_t bottom = 0;
    std::uint32_t left = 0;
    std::uint32_t right = 0;

    bool operator==(const Patch &) const = default;
};

static_assert(std::is_trivially_copyable_v<Patch>);

// Refuses patches that are not within the image, and images whose samples cannot be replaced.
void check_patches(std::span<const Patch> patches, const Description &image);

// Replaces the parts of a frame, counted from 0, that the patches name. Colours become grey by a constant; a
// mean in a palette becomes the nearest colour that the frame has around it. `palette` is needed for that
// only.
void apply_patches(std::span<const Patch> patches, std::uint32_t frame, const Description &image,
                   const Palette *palette, Decoded &decoded);

} // namespace orthanc_images::pixels
