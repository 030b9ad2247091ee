// The colours of PALETTE COLOR. Source: DICOM PS3.3, C.7.6.3.1.5 and C.7.9.2.
#pragma once

#include "pixels/image.h"
#include "pixels/outline.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace orthanc_images::pixels {

class Palette {
  public:
    struct Channel {
        std::int32_t first = 0;
        std::uint32_t bits = 16;
        std::vector<std::uint16_t> values;
    };

    explicit Palette(std::array<Channel, 3> channels) : channels_(std::move(channels)) {}

    // Returns red, green or blue of a stored value, with this many bits; a value outside of the table has the
    // colour of its nearest end.
    std::uint32_t at(std::size_t channel, std::int32_t value, std::size_t bits) const noexcept;

  private:
    std::array<Channel, 3> channels_;
};

// Returns the colours of an image, also of segmented tables; a Refusal when a table is absent or damaged.
Palette palette_of(const Outline &outline, const Description &image);

} // namespace orthanc_images::pixels
