#include "pixels/fragments.h"

#include "pixels/refusal.h"

#include <algorithm>
#include <string>

namespace orthanc_images::pixels {

namespace {

constexpr Tag EXTENDED_OFFSETS = 0x7FE00001;
constexpr std::size_t ITEM_HEADER = 8;

std::uint64_t little_endian(Bytes bytes) noexcept {
    std::uint64_t value = 0;
    for (std::size_t i = bytes.size(); i > 0; --i) {
        value = (value << 8U) | bytes[i - 1];
    }
    return value;
}

// Returns the offset of each frame in a table of numbers of `width` bytes, from the first fragment's item;
// nothing when the table is not one of these frames.
std::vector<std::uint64_t> table(Bytes bytes, std::size_t width, std::uint32_t frames) {
    if (bytes.size() != std::size_t{frames} * width) {
        return {};
    }
    std::vector<std::uint64_t> offsets;
    offsets.reserve(frames);
    for (std::size_t i = 0; i < bytes.size(); i += width) {
        offsets.push_back(little_endian(bytes.subspan(i, width)));
    }
    return std::ranges::is_sorted(offsets) ? offsets : std::vector<std::uint64_t>();
}

// Tells whether a bit stream of JPEG, JPEG-LS or JPEG 2000 begins here.
bool begins_stream(Bytes fragment) noexcept {
    return fragment.size() >= 4 && fragment[0] == 0xFF &&
           (fragment[1] == 0xD8 || (fragment[1] == 0x4F && fragment[2] == 0xFF && fragment[3] == 0x51));
}

// Returns the number of the fragment with which each frame begins, by the offsets; nothing when they do not
// fit.
std::vector<std::size_t> by_offsets(const Outline &outline, const std::vector<std::uint64_t> &offsets) {
    std::vector<std::size_t> begins;
    std::uint64_t place = 0;
    std::size_t fragment = 0;
    for (const std::uint64_t offset : offsets) {
        while (fragment < outline.fragments.size() && place < offset) {
            place += ITEM_HEADER + outline.fragments[fragment].size();
            ++fragment;
        }
        if (place != offset || fragment >= outline.fragments.size()) {
            return {};
        }
        begins.push_back(fragment);
    }
    return begins;
}

std::vector<std::size_t> by_streams(const Outline &outline) {
    std::vector<std::size_t> begins;
    for (std::size_t i = 0; i < outline.fragments.size(); ++i) {
        if (begins_stream(outline.fragments[i])) {
            begins.push_back(i);
        }
    }
    return begins;
}

std::vector<std::size_t> begins_of(const Outline &outline, std::uint32_t frames) {
    const std::size_t fragments = outline.fragments.size();
    if (frames == 1) {
        return {0};
    }
    const auto extended = outline.values.find(EXTENDED_OFFSETS);
    if (extended != outline.values.end()) {
        auto found = by_offsets(outline, table(extended->second, 8, frames));
        if (!found.empty()) {
            return found;
        }
    }
    auto basic = by_offsets(outline, table(outline.offsets, 4, frames));
    if (!basic.empty()) {
        return basic;
    }
    std::vector<std::size_t> found;
    if (fragments == frames) {
        for (std::size_t i = 0; i < fragments; ++i) {
            found.push_back(i);
        }
    } else {
        found = by_streams(outline);
    }
    if (found.size() != frames || found.front() != 0) {
        throw Refusal("nothing says which of its " + std::to_string(fragments) +
                      " fragments are which of its " + std::to_string(frames) + " frames");
    }
    return found;
}

void check(const Description &image, std::uint32_t frame) {
    if (frame >= image.frames) {
        throw Refusal("there is no frame " + std::to_string(frame) + ", counted from 0; the image has " +
                      std::to_string(image.frames));
    }
}

} // namespace

std::vector<Bytes> fragments_of(const Outline &outline, const Description &image, std::uint32_t frame) {
    check(image, frame);
    if (outline.fragments.empty()) {
        throw Refusal("there are no pixels in PixelData");
    }
    const std::vector<std::size_t> begins = begins_of(outline, image.frames);
    const std::size_t end = frame + 1 < begins.size() ? begins[frame + 1] : outline.fragments.size();
    return {outline.fragments.begin() + static_cast<std::ptrdiff_t>(begins[frame]),
            outline.fragments.begin() + static_cast<std::ptrdiff_t>(end)};
}

NativeFrame native_frame(const Outline &outline, const Description &image, std::uint32_t frame) {
    check(image, frame);
    const std::uint64_t bits = image.bits_of_frame();
    const std::uint64_t begin = bits * frame;
    const std::uint64_t end = begin + bits;
    const std::uint64_t last = (end + 7) / 8;
    if (last > outline.native.size()) {
        throw Refusal(outline.native.empty() ? std::string("there are no pixels in PixelData")
                                             : "PixelData has " + std::to_string(outline.native.size()) +
                                                   " bytes, and its frame " + std::to_string(frame) +
                                                   " ends at byte " + std::to_string(last));
    }
    std::uint64_t first = begin / 8;
    std::uint64_t past = last;
    if (outline.big_endian && outline.words && image.allocated <= 8) { // pairs of bytes stay together
        first -= first % 2;
        past = std::min<std::uint64_t>(past + past % 2, outline.native.size());
    }
    return {.bytes = outline.native.subspan(first, past - first),
            .skipped = static_cast<std::uint32_t>(begin - first * 8)};
}

Coded coded_frame(const Outline &outline, const Description &image, std::uint32_t frame) {
    Coded coded;
    if (!outline.encapsulated) {
        const NativeFrame found = native_frame(outline, image, frame);
        coded.bytes = found.bytes;
        coded.skipped = found.skipped;
        return coded;
    }
    const std::vector<Bytes> fragments = fragments_of(outline, image, frame);
    if (fragments.size() == 1) {
        coded.bytes = fragments.front();
        return coded;
    }
    for (const Bytes fragment : fragments) {
        coded.joined.insert(coded.joined.end(), fragment.begin(), fragment.end());
    }
    coded.bytes = coded.joined;
    return coded;
}

} // namespace orthanc_images::pixels
