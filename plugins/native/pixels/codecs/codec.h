// What a codec gets and gives, and the codecs of which a library is made up here.
#pragma once

#include "pixels/image.h"

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

namespace orthanc_images::pixels {

// A frame that was decoded: its samples one pixel after the other, and the photometric interpretation that
// they have now, which may be another than that of the file.
struct Decoded {
    Frame pixels;
    std::string photometric;
};

// How many bits of a sample the codecs of JPEG 2000, HTJ2K and JPEG-LS take.
constexpr std::uint32_t MOST_ALLOCATED = 16;

constexpr std::uint32_t BYTE = 8;

// How much is lost of a frame that is encoded.
struct Quality {
    bool lossless = true;

    // From 1 to 100, as DicomLossyTranscodingQuality.
    std::uint32_t percent = 90;
};

// Each returns the pixels of a bit stream, whose size must be that of the image; a Refusal when it is
// damaged, or when the image says something else than the bit stream.
Decoded decode_rle(Bytes stream, const Description &image);
Decoded decode_jpeg(Bytes stream, const Description &image);
Decoded decode_jpegls(Bytes stream, const Description &image);
Decoded decode_jpeg2000(Bytes stream, const Description &image);
Decoded decode_htj2k(Bytes stream, const Description &image);
Decoded decode_deflated(Bytes stream, const Description &image);

// Each returns the bit stream of a frame; a Refusal when it cannot hold such pixels.
Frame encode_rle(const Frame &pixels, const Description &image);
Frame encode_jpeg(const Frame &pixels, const Description &image, Quality quality);
Frame encode_jpeg_lossless(const Frame &pixels, const Description &image);
Frame encode_jpegls(const Frame &pixels, const Description &image, Quality quality);
Frame encode_jpeg2000(const Frame &pixels, const Description &image, Quality quality);
Frame encode_htj2k(const Frame &pixels, const Description &image, Quality quality, bool progressive);

// Lets JPEG 2000 have so many threads from now on, in this process: for a frame with enough to do.
void use_threads(std::uint32_t count) noexcept;

// Appends what a stream of zlib without a header stands for; a Refusal when it is damaged.
void inflate_to(Bytes stream, std::vector<std::uint8_t> &target);

// Returns a frame with room for the image, all 0.
Frame empty_frame(const Description &image);

// Refuses a bit stream that says something else than the image. `precision` is in bits.
void check_stream(const Description &image, std::uint64_t rows, std::uint64_t columns, std::uint64_t samples,
                  std::uint64_t precision);

// Returns the bits that every sample fits into, with the image's sign: those that are stored, or all where
// the others are in use.
std::uint32_t precision_of(const Frame &pixels, const Description &image);

// Puts a value into the sample at `index`, little-endian, as wide as the image's samples are: 1, 2 or 4
// bytes. These two are called for each sample, so they are no loops.
inline void put_sample(std::uint8_t *pixels, std::size_t index, std::size_t width,
                       std::uint32_t value) noexcept {
    static_assert(std::endian::native == std::endian::little);
    if (width == 2) {
        const auto narrow = static_cast<std::uint16_t>(value);
        std::memcpy(pixels + index * 2, &narrow, 2);
    } else if (width == 1) {
        pixels[index] = static_cast<std::uint8_t>(value);
    } else {
        std::memcpy(pixels + index * 4, &value, 4);
    }
}

inline std::uint32_t get_sample(const std::uint8_t *pixels, std::size_t index, std::size_t width) noexcept {
    if (width == 2) {
        std::uint16_t value = 0;
        std::memcpy(&value, pixels + index * 2, 2);
        return value;
    }
    if (width == 1) {
        return pixels[index];
    }
    std::uint32_t value = 0;
    std::memcpy(&value, pixels + index * 4, 4);
    return value;
}

// Gives a value of `bits` bits its sign, or cuts it to these bits.
inline std::uint32_t with_sign(std::uint32_t value, std::uint32_t bits, bool is_signed) noexcept {
    if (bits >= 32) {
        return value;
    }
    const std::uint32_t mask = (1U << bits) - 1U;
    const bool negative = is_signed && ((value >> (bits - 1U)) & 1U) != 0;
    return negative ? value | ~mask : value & mask;
}

} // namespace orthanc_images::pixels
