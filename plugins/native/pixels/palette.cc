#include "pixels/palette.h"

#include "pixels/refusal.h"

#include <algorithm>
#include <cmath>
#include <string>

namespace orthanc_images::pixels {

namespace {

constexpr Tag DESCRIPTORS = 0x00281101;
constexpr Tag TABLES = 0x00281201;
constexpr Tag SEGMENTED = 0x00281221;
constexpr std::uint32_t FULL = 65536;

std::uint16_t word(const Outline &outline, Bytes bytes, std::size_t index) noexcept {
    const std::uint32_t first = bytes[2 * index];
    const std::uint32_t second = bytes[2 * index + 1];
    return static_cast<std::uint16_t>(outline.big_endian ? first << 8U | second : second << 8U | first);
}

Bytes value_of(const Outline &outline, Tag tag) {
    const auto found = outline.values.find(tag);
    return found == outline.values.end() ? Bytes() : found->second;
}

std::vector<std::uint16_t> words_of(const Outline &outline, Bytes bytes) {
    std::vector<std::uint16_t> words;
    words.reserve(bytes.size() / 2);
    for (std::size_t i = 0; i + 1 < bytes.size(); i += 2) {
        words.push_back(word(outline, bytes, i / 2));
    }
    return words;
}

// Reads segments of a table: discrete ones (0), linear ones (1), and those that repeat others (2).
class Segments {
  public:
    Segments(const std::vector<std::uint16_t> &words, std::size_t count) : words_(words), count_(count) {}

    std::vector<std::uint16_t> expanded() {
        std::size_t place = 0;
        while (place + 1 < words_.size() && values_.size() < count_) {
            place = read(place, true);
        }
        return values_;
    }

  private:
    std::uint16_t at(std::size_t place) const {
        if (place >= words_.size()) {
            throw Refusal("a segmented palette ends too early");
        }
        return words_[place];
    }

    std::size_t read(std::size_t place, bool indirect) {
        const std::uint16_t kind = at(place);
        const std::size_t length = at(place + 1);
        if (values_.size() + length > FULL) {
            throw Refusal("a segmented palette has more than 65,536 colours");
        }
        if (kind == 0) {
            for (std::size_t i = 0; i < length; ++i) {
                values_.push_back(at(place + 2 + i));
            }
            return place + 2 + length;
        }
        if (kind == 1 && !values_.empty()) {
            const double from = values_.back();
            const double to = at(place + 2);
            for (std::size_t i = 1; i <= length; ++i) {
                const double part = static_cast<double>(i) / static_cast<double>(length);
                values_.push_back(static_cast<std::uint16_t>(std::lround(from + (to - from) * part)));
            }
            return place + 3;
        }
        if (kind == 2 && indirect) {
            std::size_t source = (at(place + 2) | std::size_t{at(place + 3)} << 16U) / 2;
            for (std::size_t i = 0; i < length; ++i) {
                source = read(source, false);
            }
            return place + 4;
        }
        throw Refusal("a segmented palette is damaged");
    }

    const std::vector<std::uint16_t> &words_;
    std::size_t count_;
    std::vector<std::uint16_t> values_;
};

Palette::Channel channel_of(const Outline &outline, const Description &image, Tag number) {
    const Bytes descriptor = value_of(outline, DESCRIPTORS + number);
    if (descriptor.size() < 6) {
        throw Refusal("a palette's descriptor is absent");
    }
    Palette::Channel channel;
    const std::uint16_t entries = word(outline, descriptor, 0);
    const std::size_t count = entries == 0 ? FULL : entries;
    const std::uint16_t first = word(outline, descriptor, 1);
    channel.first = image.is_signed ? static_cast<std::int16_t>(first) : first;
    channel.bits = word(outline, descriptor, 2) <= 8 ? 8 : 16;

    const Bytes segmented = value_of(outline, SEGMENTED + number);
    const Bytes table = value_of(outline, TABLES + number);
    if (!segmented.empty()) {
        const std::vector<std::uint16_t> words = words_of(outline, segmented);
        channel.values = Segments(words, count).expanded();
    } else if (channel.bits == 8 && table.size() < 2 * count) { // two entries in a word
        channel.values.assign(table.begin(), table.end());
    } else {
        channel.values = words_of(outline, table);
    }
    if (channel.values.size() < count) {
        throw Refusal("a palette has " + std::to_string(channel.values.size()) +
                      " colours, and its descriptor says " + std::to_string(count));
    }
    channel.values.resize(count);
    return channel;
}

} // namespace

std::uint32_t Palette::at(std::size_t channel, std::int32_t value, std::size_t bits) const noexcept {
    const Channel &colours = channels_[channel];
    const std::int64_t last = static_cast<std::int64_t>(colours.values.size()) - 1;
    const auto index =
        static_cast<std::size_t>(std::clamp(std::int64_t{value} - colours.first, std::int64_t{0}, last));
    const std::uint32_t found = colours.values[index];
    if (colours.bits == bits) {
        return found;
    }
    return bits == 8 ? found >> 8U : found * 257U;
}

Palette palette_of(const Outline &outline, const Description &image) {
    std::array<Palette::Channel, 3> channels = {channel_of(outline, image, 0), channel_of(outline, image, 1),
                                                channel_of(outline, image, 2)};
    // Some say 16 bits, and write values of 8.
    if (std::ranges::all_of(channels, [](const Palette::Channel &channel) {
            return std::ranges::max(channel.values) < 256;
        })) {
        for (Palette::Channel &channel : channels) {
            channel.bits = 8;
        }
    }
    return Palette(std::move(channels));
}

} // namespace orthanc_images::pixels
