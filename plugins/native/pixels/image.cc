#include "pixels/image.h"

#include "pixels/refusal.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace orthanc_images::pixels {

namespace {

constexpr Tag SAMPLES = 0x00280002;
constexpr Tag PHOTOMETRIC = 0x00280004;
constexpr Tag PLANAR = 0x00280006;
constexpr Tag FRAMES = 0x00280008;
constexpr Tag ROWS = 0x00280010;
constexpr Tag COLUMNS = 0x00280011;
constexpr Tag ALLOCATED = 0x00280100;
constexpr Tag STORED = 0x00280101;
constexpr Tag HIGH = 0x00280102;
constexpr Tag REPRESENTATION = 0x00280103;

constexpr std::uint32_t MANY_FRAMES = 1U << 24U;

std::uint32_t frames_of(const Outline &outline) {
    const std::string text = text_of(outline, FRAMES);
    if (text.empty()) {
        return 1;
    }
    const std::string_view digits =
        std::string_view(text).substr(std::min(text.find_first_not_of(' '), text.size()));
    std::uint32_t count = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), count);
    if (error != std::errc() || end != digits.data() + digits.size() || count > MANY_FRAMES) {
        throw Refusal("NumberOfFrames is no number of frames");
    }
    return std::max(count, 1U); // 0 is written by some for an image of one frame
}

} // namespace

std::uint32_t number_of(const Outline &outline, Tag tag, std::uint32_t otherwise) {
    const auto found = outline.values.find(tag);
    if (found == outline.values.end() || found->second.size() < 2) {
        return otherwise;
    }
    const Bytes value = found->second;
    const std::size_t low = outline.big_endian ? 1 : 0;
    return static_cast<std::uint32_t>(value[low]) | static_cast<std::uint32_t>(value[1 - low]) << 8U;
}

std::string text_of(const Outline &outline, Tag tag) {
    const auto found = outline.values.find(tag);
    if (found == outline.values.end()) {
        return {};
    }
    std::string text(found->second.begin(), found->second.end());
    const std::size_t last = text.find_last_not_of(std::string_view(" \0", 2));
    text.resize(last == std::string::npos ? 0 : last + 1);
    return text;
}

std::size_t Description::samples_of_frame() const noexcept {
    if (photometric == "YBR_FULL_422" || photometric == "YBR_PARTIAL_422") {
        return rows * (std::size_t{columns} + columns % 2) * 2;
    }
    return pixels() * samples;
}

Description description_of(const Outline &outline) {
    if (outline.pixels == 0) {
        throw Refusal("the instance has no pixels");
    }
    Description found;
    found.floating = outline.pixels != PIXEL_DATA;
    found.rows = number_of(outline, ROWS, 0);
    found.columns = number_of(outline, COLUMNS, 0);
    found.frames = frames_of(outline);
    found.samples = number_of(outline, SAMPLES, 1);
    found.allocated = number_of(outline, ALLOCATED, 0);
    found.stored = number_of(outline, STORED, found.allocated);
    found.high = number_of(outline, HIGH, found.stored - 1);
    found.is_signed = number_of(outline, REPRESENTATION, 0) == 1;
    found.planar = found.samples > 1 && number_of(outline, PLANAR, 0) == 1;
    found.photometric = text_of(outline, PHOTOMETRIC);

    constexpr std::array<std::uint32_t, 5> widths = {1, 8, 16, 32, 64};
    if (found.rows == 0 || found.columns == 0) {
        throw Refusal("Rows or Columns is absent or 0");
    }
    if (std::ranges::find(widths, found.allocated) == widths.end()) {
        throw Refusal("BitsAllocated is " + std::to_string(found.allocated) + ", which no pixels can have");
    }
    if (found.samples != 1 && found.samples != 3 && found.samples != 4) {
        throw Refusal("SamplesPerPixel is " + std::to_string(found.samples));
    }
    if (found.floating) {
        found.stored = found.allocated;
        found.high = found.allocated - 1;
    }
    if (found.stored == 0 || found.stored > found.allocated || found.high >= found.allocated ||
        found.high + 1 < found.stored) {
        throw Refusal("BitsStored and HighBit do not fit into BitsAllocated");
    }
    if (found.photometric.empty()) {
        found.photometric = found.samples == 1 ? "MONOCHROME2" : "RGB";
    }
    return found;
}

} // namespace orthanc_images::pixels
