// Lossless JPEG by hand: the first predictor and a Huffman table for the frame, which is an eighth of the
// time that libjpeg-turbo takes. What comes out is read by libjpeg-turbo before anybody gets it. Source:
// ITU-T T.81, annex H for the process, B for the markers, K.2 and K.3 for the table.
#include "pixels/codecs/codec.h"
#include "pixels/refusal.h"

#include <algorithm>
#include <array>
#include <limits>
#include <numeric>
#include <utility>
#include <vector>

namespace orthanc_images::pixels {

namespace {

constexpr std::uint32_t MOST = 16;
constexpr std::uint32_t LEAST = 2; // bits of a sample that the process knows

// A difference is told by the number of bits that it takes, and these bits: the numbers are what is coded.
constexpr std::size_t NUMBERS = 17;
constexpr std::size_t LONGEST = 16; // bits of a code

using Differences = std::vector<std::uint16_t>;
using Counts = std::array<std::uint64_t, NUMBERS>;

// How long the code of each number is, how many there are of each length, and the numbers in the order of
// their codes.
struct Table {
    std::array<std::uint32_t, NUMBERS> lengths{};
    std::array<std::uint32_t, NUMBERS> codes{};
    std::array<std::uint8_t, LONGEST + 1> count_of{};
    std::vector<std::uint8_t> order;
};

std::uint32_t number_of(std::uint16_t difference) noexcept {
    const auto value = static_cast<std::int16_t>(difference);
    return static_cast<std::uint32_t>(std::bit_width(static_cast<std::uint32_t>(value < 0 ? -value : value)));
}

// Each sample without the one to its left; the first of a row without the one above.
template <std::size_t Width>
Differences differences_of(const Frame &pixels, const Description &image, std::uint32_t precision) {
    const std::size_t stride = std::size_t{image.columns} * image.samples;
    const auto sample = [&](std::size_t i) {
        return with_sign(get_sample(pixels.data(), i, Width), precision, false);
    };
    Differences made(stride * image.rows);
    for (std::size_t row = 0; row < image.rows; ++row) {
        const std::size_t begin = row * stride;
        for (std::size_t i = begin; i < begin + image.samples; ++i) {
            const std::uint32_t guess = row == 0 ? 1U << (precision - 1U) : sample(i - stride);
            made[i] = static_cast<std::uint16_t>(sample(i) - guess);
        }
        for (std::size_t i = begin + image.samples; i < begin + stride; ++i) {
            made[i] = static_cast<std::uint16_t>(sample(i) - sample(i - image.samples));
        }
    }
    return made;
}

// Joins the two rarest again and again: how far a number is from the root is the length of its code. One more
// symbol, rarer than all, takes the code that is all ones, which no number may have.
std::array<std::uint32_t, NUMBERS + 1> depths_of(const Counts &counts) {
    constexpr std::uint64_t gone = std::numeric_limits<std::uint64_t>::max();
    std::array<std::uint64_t, NUMBERS + 1> weights{};
    std::array<std::size_t, NUMBERS + 1> group{};
    std::array<std::uint32_t, NUMBERS + 1> depths{};
    std::iota(group.begin(), group.end(), std::size_t{0});
    for (std::size_t i = 0; i < NUMBERS; ++i) {
        weights[i] = counts[i] == 0 ? gone : counts[i] * 2;
    }
    weights[NUMBERS] = 1;
    // Of equal ones, the last: the symbol of no number stays among the deepest.
    const auto rarest = [&weights] {
        std::size_t found = NUMBERS;
        for (std::size_t i = NUMBERS; i-- > 0;) {
            found = weights[i] < weights[found] ? i : found;
        }
        return found;
    };
    while (true) {
        const std::size_t first = rarest();
        const std::uint64_t weight = std::exchange(weights[first], gone);
        const std::size_t second = rarest();
        if (weights[second] == gone) {
            return depths;
        }
        weights[second] += weight;
        for (std::size_t i = 0; i <= NUMBERS; ++i) {
            if (group[i] == first || group[i] == second) {
                group[i] = second;
                ++depths[i];
            }
        }
    }
}

Table table_of(const Counts &counts) {
    const std::array<std::uint32_t, NUMBERS + 1> depths = depths_of(counts);
    std::array<std::uint32_t, NUMBERS + 2> count_of{};
    for (const std::uint32_t depth : depths) {
        ++count_of.at(depth);
    }
    count_of[0] = 0;
    // Of two codes that are too long, one takes the place above them, the other goes beside a shorter one.
    for (std::size_t length = NUMBERS + 1; length > LONGEST; --length) {
        while (count_of.at(length) > 0) {
            std::size_t shorter = length - 2;
            while (count_of.at(shorter) == 0) {
                --shorter;
            }
            count_of.at(length) -= 2;
            count_of.at(length - 1) += 1;
            count_of.at(shorter + 1) += 2;
            count_of.at(shorter) -= 1;
        }
    }
    std::size_t last = LONGEST;
    while (count_of.at(last) == 0) {
        --last;
    }
    --count_of.at(last); // the code of all ones

    Table table;
    for (std::size_t i = 0; i < NUMBERS; ++i) {
        if (counts.at(i) > 0) {
            table.order.push_back(static_cast<std::uint8_t>(i));
        }
    }
    std::ranges::stable_sort(table.order, {}, [&](std::uint8_t i) { return depths.at(i); });
    std::size_t place = 0;
    std::uint32_t code = 0;
    for (std::size_t length = 1; length <= LONGEST; ++length, code <<= 1U) {
        table.count_of.at(length) = static_cast<std::uint8_t>(count_of.at(length));
        for (std::uint32_t i = 0; i < count_of.at(length); ++i, ++place, ++code) {
            table.lengths.at(table.order.at(place)) = static_cast<std::uint32_t>(length);
            table.codes.at(table.order.at(place)) = code;
        }
    }
    return table;
}

// Bits from the highest on. A byte of ones is followed by one of zeros, so that it is no marker.
class Bits {
  public:
    explicit Bits(std::uint8_t *target) noexcept : target_(target) {}

    void put(std::uint32_t bits, std::uint32_t length) noexcept {
        held_ = held_ << length | bits;
        count_ += length;
        while (count_ >= BYTE) {
            count_ -= BYTE;
            const auto byte = static_cast<std::uint8_t>(held_ >> count_);
            *target_++ = byte;
            if (byte == UINT8_MAX) {
                *target_++ = 0;
            }
        }
    }

    // Fills the last byte with ones, and returns the end.
    std::uint8_t *end() noexcept {
        if (count_ > 0) {
            const std::uint32_t rest = BYTE - count_;
            put((1U << rest) - 1U, rest);
        }
        return target_;
    }

  private:
    std::uint8_t *target_;
    std::uint64_t held_ = 0;
    std::uint32_t count_ = 0;
};

void put_word(Frame &stream, std::size_t value) {
    stream.push_back(static_cast<std::uint8_t>(value >> BYTE));
    stream.push_back(static_cast<std::uint8_t>(value));
}

void put_marker(Frame &stream, std::uint8_t marker) {
    stream.push_back(UINT8_MAX);
    stream.push_back(marker);
}

Frame header_of(const Description &image, std::uint32_t precision, const Table &table) {
    Frame stream;
    put_marker(stream, 0xD8); // start of image
    // Readers take components with the numbers 1 to 3 for luminance and chrominance, if nothing says that
    // they are not.
    const bool rgb = image.photometric == "RGB";
    const std::array<std::uint8_t, 3> names =
        rgb ? std::array<std::uint8_t, 3>{'R', 'G', 'B'} : std::array<std::uint8_t, 3>{1, 2, 3};
    if (rgb) {
        constexpr std::array<std::uint8_t, 12> adobe = {'A', 'd', 'o', 'b', 'e', 0, 100, 0, 0, 0, 0, 0};
        put_marker(stream, 0xEE);
        put_word(stream, 2 + adobe.size());
        stream.insert(stream.end(), adobe.begin(), adobe.end());
    }
    put_marker(stream, 0xC3); // lossless frame
    put_word(stream, 8U + 3U * image.samples);
    stream.push_back(static_cast<std::uint8_t>(precision));
    put_word(stream, image.rows);
    put_word(stream, image.columns);
    stream.push_back(static_cast<std::uint8_t>(image.samples));
    for (std::uint32_t i = 0; i < image.samples;
         ++i) { // neither is made smaller, and no table of quantization
        stream.insert(stream.end(), {names.at(i), 0x11, 0});
    }
    put_marker(stream, 0xC4); // Huffman table 0
    put_word(stream, 3U + LONGEST + table.order.size());
    stream.push_back(0);
    stream.insert(stream.end(), table.count_of.begin() + 1, table.count_of.end());
    stream.insert(stream.end(), table.order.begin(), table.order.end());
    put_marker(stream, 0xDA); // scan
    put_word(stream, 6U + 2U * image.samples);
    stream.push_back(static_cast<std::uint8_t>(image.samples));
    for (std::uint32_t i = 0; i < image.samples; ++i) {
        stream.insert(stream.end(), {names.at(i), 0});
    }
    stream.insert(stream.end(), {1, 0, 0}); // the first predictor, all bits
    return stream;
}

} // namespace

Frame encode_jpeg_lossless(const Frame &pixels, const Description &image) {
    if (image.allocated > MOST || image.allocated < BYTE || (image.samples != 1 && image.samples != 3)) {
        throw Refusal("lossless JPEG holds samples of 8 and 16 bits, 1 or 3 for each pixel");
    }
    const std::uint32_t precision = std::max(precision_of(pixels, image), LEAST);
    const Differences differences = image.bytes_of_sample() == 1
                                        ? differences_of<1>(pixels, image, precision)
                                        : differences_of<2>(pixels, image, precision);
    Counts counts{};
    for (const std::uint16_t difference : differences) {
        ++counts[number_of(difference)];
    }
    const Table table = table_of(counts);
    std::uint64_t bits = 0;
    for (std::size_t i = 0; i < NUMBERS; ++i) {
        bits += counts.at(i) * (table.lengths.at(i) + i);
    }
    Frame stream = header_of(image, precision, table);
    const std::size_t begin = stream.size();
    stream.resize(begin + (bits / BYTE + 1) * 2); // at most, each byte is followed by one of zeros
    Bits target(stream.data() + begin);
    for (const std::uint16_t difference : differences) {
        const std::uint32_t number = number_of(difference);
        const std::uint32_t length = number == LONGEST ? 0 : number; // 16 stands for one difference alone
        const bool negative = static_cast<std::int16_t>(difference) < 0;
        const std::uint32_t rest = (difference - (negative ? 1U : 0U)) & ((1U << length) - 1U);
        target.put(table.codes[number] << length | rest, table.lengths[number] + length);
    }
    stream.resize(static_cast<std::size_t>(target.end() - stream.data()));
    put_marker(stream, 0xD9); // end of image
    return stream;
}

} // namespace orthanc_images::pixels
