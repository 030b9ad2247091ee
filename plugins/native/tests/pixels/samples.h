// Images and files that the tests of pixels are made of.
#pragma once

#include "pixels/image.h"
#include "pixels/outline.h"

#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace orthanc_images::pixels::samples {

// What is the same in each run.
class Dice {
  public:
    explicit Dice(std::uint32_t seed) : engine_(seed) {}

    // From 0 to below `end`.
    std::uint32_t below(std::size_t end) {
        return static_cast<std::uint32_t>(engine_() % end);
    }

  private:
    std::mt19937 engine_;
};

struct Depth {
    std::uint32_t allocated;
    std::uint32_t stored;
    bool is_signed;
};

// An image of 1 or 3 samples.
Description image(std::uint32_t rows, std::uint32_t columns, std::uint32_t samples, Depth depth);

// A frame of it: a ramp with some noise, over the whole range of values.
Frame frame(const Description &image, std::uint32_t seed);

// Elements of a dataset in Explicit VR Little Endian, one after the other.
class Elements {
  public:
    Elements &number(Tag tag, std::uint32_t value);
    Elements &text(Tag tag, std::string_view representation, std::string_view value);
    Elements &bytes(Tag tag, std::string_view representation, Bytes value);
    Elements &raw(std::string_view bytes);

    // The offset table may be empty.
    Elements &fragments(Bytes offsets, const std::vector<Frame> &fragments);

    const Frame &all() const noexcept {
        return bytes_;
    }

  private:
    void begin(Tag tag, std::string_view representation, std::uint32_t size);
    void little_endian(std::uint32_t value, std::size_t width);

    Frame bytes_;
};

// The elements that describe an image.
Elements described(const Description &image);

// A file with this transfer syntax and dataset.
Frame file(std::string_view syntax, const Elements &dataset);

// A file with these pixels in Explicit VR Little Endian; frames follow each other.
Frame native_file(const Description &image, Bytes pixels);

// A copy in which some bytes are others, or which is shorter.
Frame damaged(Bytes whole, Dice &dice);

} // namespace orthanc_images::pixels::samples
