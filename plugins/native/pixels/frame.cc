#include "pixels/frame.h"

#include "pixels/palette.h"
#include "pixels/refusal.h"
#include "pixels/syntaxes.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <string>

namespace orthanc_images::pixels {

namespace {

struct Rgb {
    std::uint32_t red;
    std::uint32_t green;
    std::uint32_t blue;
};

std::uint32_t clamped(double value, double most) noexcept {
    return static_cast<std::uint32_t>(std::lround(std::clamp(value, 0.0, most)));
}

// Source: DICOM PS3.3, C.7.6.3.1.2.
Rgb rgb_of(std::uint32_t y, std::uint32_t blue, std::uint32_t red, std::uint32_t bits) noexcept {
    const double half = std::ldexp(1.0, static_cast<int>(bits) - 1);
    const double most = 2 * half - 1;
    const double cb = blue - half;
    const double cr = red - half;
    return {clamped(y + 1.402 * cr, most), clamped(y - 0.344136 * cb - 0.714136 * cr, most),
            clamped(y + 1.772 * cb, most)};
}

// The same for the interpretations of which only a part of the range is in use.
Rgb rgb_of_partial(std::uint32_t y, std::uint32_t blue, std::uint32_t red, std::uint32_t bits) noexcept {
    const double unit = std::ldexp(1.0, static_cast<int>(bits) - 8);
    const double most = std::ldexp(1.0, static_cast<int>(bits)) - 1;
    const double luma = 1.164384 * (y - 16 * unit);
    const double cb = blue - 128 * unit;
    const double cr = red - 128 * unit;
    return {clamped(luma + 1.596027 * cr, most), clamped(luma - 0.391762 * cb - 0.812968 * cr, most),
            clamped(luma + 2.017232 * cb, most)};
}

bool is_422(const Description &image) noexcept {
    return image.photometric == "YBR_FULL_422" || image.photometric == "YBR_PARTIAL_422";
}

// Takes the bits of a 1-bit frame apart: the first pixel is the lowest bit.
Frame unpacked_bits(Bytes bytes, std::uint32_t skipped, std::size_t count) {
    Frame pixels(count);
    for (std::size_t i = 0; i < count; ++i) {
        const std::size_t bit = skipped + i;
        pixels[i] = (bytes[bit / 8] >> (bit % 8)) & 1U;
    }
    return pixels;
}

// Two pixels share their colour differences: Y1 Y2 B R.
Frame spread_422(Bytes bytes, const Description &image) {
    const std::size_t width = image.bytes_of_sample();
    Frame pixels = empty_frame(image);
    const std::size_t pairs = (std::size_t{image.columns} + 1) / 2;
    for (std::size_t row = 0; row < image.rows; ++row) {
        for (std::size_t column = 0; column < image.columns; ++column) {
            const std::size_t group = (row * pairs + column / 2) * 4;
            const std::size_t to = (row * image.columns + column) * 3;
            const std::array<std::size_t, 3> from = {group + column % 2, group + 2, group + 3};
            for (std::size_t i = 0; i < 3; ++i) {
                std::memcpy(pixels.data() + (to + i) * width, bytes.data() + from[i] * width, width);
            }
        }
    }
    return pixels;
}

Frame without_planes(const Frame &planes, const Description &image) {
    const std::size_t width = image.bytes_of_sample();
    const std::size_t count = image.pixels();
    Frame pixels(planes.size());
    for (std::size_t sample = 0; sample < image.samples; ++sample) {
        for (std::size_t i = 0; i < count; ++i) {
            std::memcpy(pixels.data() + (i * image.samples + sample) * width,
                        planes.data() + (sample * count + i) * width, width);
        }
    }
    return pixels;
}

Decoded decoded_native(const Outline &outline, const Description &image, Bytes bytes, std::uint32_t skipped) {
    Decoded decoded{.pixels = {}, .photometric = image.photometric};
    Frame copy;
    if (outline.big_endian && outline.words && image.allocated <= 8) {
        copy.assign(bytes.begin(), bytes.end());
        for (std::size_t i = 0; i + 1 < copy.size(); i += 2) {
            std::swap(copy[i], copy[i + 1]);
        }
        bytes = copy;
    }
    if (bytes.size() * 8 < image.bits_of_frame() + skipped) {
        throw Refusal("the frame has fewer bytes than its size needs");
    }
    bytes = bytes.subspan(skipped / 8);
    skipped %= 8;
    if (image.allocated == 1) {
        decoded.pixels = unpacked_bits(bytes, skipped, image.samples_of_frame());
        return decoded;
    }
    if (outline.big_endian && image.bytes_of_sample() > 1) {
        copy.assign(bytes.begin(), bytes.end());
        const auto width = static_cast<std::ptrdiff_t>(image.bytes_of_sample());
        for (auto place = copy.begin(); copy.end() - place >= width; place += width) {
            std::reverse(place, place + width);
        }
        bytes = copy;
    }
    if (is_422(image)) {
        if (image.samples != 3) {
            throw Refusal("PhotometricInterpretation is " + image.photometric +
                          ", and SamplesPerPixel is not 3");
        }
        decoded.pixels = spread_422(bytes, image);
        decoded.photometric = image.photometric == "YBR_FULL_422" ? "YBR_FULL" : "YBR_PARTIAL";
    } else {
        decoded.pixels.assign(bytes.begin(),
                              bytes.begin() + static_cast<std::ptrdiff_t>(image.bytes_of_frame()));
    }
    if (image.planar) {
        decoded.pixels = without_planes(decoded.pixels, image);
    }
    return decoded;
}

Description unpacked(const Description &image) {
    Description same = image;
    same.planar = false;
    return same;
}

void show_palette(const Outline &outline, const Description &image, const Frame &pixels, Format format,
                  std::uint8_t *target) {
    const Palette palette = palette_of(outline, image);
    const std::size_t width = format == Format::RGB48 ? 2 : 1;
    const std::size_t count = image.pixels();
    for (std::size_t i = 0; i < count; ++i) {
        const std::uint32_t stored = get_sample(pixels.data(), i, image.bytes_of_sample());
        const auto value = static_cast<std::int32_t>(
            with_sign(stored >> (image.high + 1 - image.stored), image.stored, image.is_signed));
        for (std::size_t channel = 0; channel < 3; ++channel) {
            put_sample(target, i * 3 + channel, width, palette.at(channel, value, width * 8));
        }
    }
}

void show_colour(const Description &image, const Decoded &decoded, Format format, std::uint8_t *target) {
    const std::size_t width = format == Format::RGB48 ? 2 : 1;
    const std::size_t count = image.pixels();
    const bool full = decoded.photometric == "YBR_FULL" || decoded.photometric == "YBR_FULL_422";
    const bool partial = decoded.photometric.starts_with("YBR_PARTIAL");
    const std::uint32_t shift = image.high + 1 - image.stored;
    const auto sample = [&](std::size_t index) {
        return with_sign(get_sample(decoded.pixels.data(), index, image.bytes_of_sample()) >> shift,
                         image.stored, false);
    };
    for (std::size_t i = 0; i < count; ++i) {
        const std::size_t from = i * image.samples;
        Rgb colour{.red = sample(from), .green = sample(from + 1), .blue = sample(from + 2)};
        if (full) {
            colour = rgb_of(colour.red, colour.green, colour.blue, image.stored);
        } else if (partial) {
            colour = rgb_of_partial(colour.red, colour.green, colour.blue, image.stored);
        }
        put_sample(target, i * 3, width, colour.red);
        put_sample(target, i * 3 + 1, width, colour.green);
        put_sample(target, i * 3 + 2, width, colour.blue);
    }
}

void show_grey(const Description &image, const Frame &pixels, Format format, std::uint8_t *target) {
    const std::size_t width = bytes_of(format);
    const std::size_t count = image.pixels();
    if (image.allocated == 1) { // black and white
        std::transform(pixels.begin(), pixels.begin() + static_cast<std::ptrdiff_t>(count), target,
                       [](std::uint8_t bit) { return bit == 0 ? std::uint8_t{0} : std::uint8_t{255}; });
        return;
    }
    const std::uint32_t shift = image.high + 1 - image.stored;
    if (shift == 0 && image.stored == image.allocated && width == image.bytes_of_sample()) {
        std::memcpy(target, pixels.data(), count * width);
        return;
    }
    for (std::size_t i = 0; i < count; ++i) {
        put_sample(target, i, width,
                   with_sign(get_sample(pixels.data(), i, image.bytes_of_sample()) >> shift, image.stored,
                             image.is_signed));
    }
}

void show_floats(const Description &image, const Frame &pixels, std::uint8_t *target) {
    const std::size_t count = image.pixels();
    if (image.allocated == 32) {
        std::memcpy(target, pixels.data(), count * 4);
        return;
    }
    for (std::size_t i = 0; i < count; ++i) {
        double value = 0;
        std::memcpy(&value, pixels.data() + i * sizeof value, sizeof value);
        const auto narrow = static_cast<float>(value);
        std::memcpy(target + i * sizeof narrow, &narrow, sizeof narrow);
    }
}

} // namespace

Decoded decoded_frame(const Outline &outline, const Description &image, const Coded &coded) {
    const Description flat = unpacked(image);
    const Coding coding = outline.encapsulated ? syntax_of(outline.transfer_syntax).coding : Coding::NATIVE;
    switch (coding) {
    case Coding::NATIVE:
        return decoded_native(outline, image, coded.bytes, coded.skipped);
    case Coding::RLE:
        return decode_rle(coded.bytes, flat);
    case Coding::JPEG:
    case Coding::JPEG_LOSSLESS:
        return decode_jpeg(coded.bytes, flat);
    case Coding::JPEG_LS:
        return decode_jpegls(coded.bytes, flat);
    case Coding::JPEG_2000:
        return decode_jpeg2000(coded.bytes, flat);
    case Coding::HTJ2K:
        return decode_htj2k(coded.bytes, flat);
    case Coding::DEFLATED_FRAMES: {
        const Decoded bytes = decode_deflated(coded.bytes, image);
        return decoded_native(outline, image, bytes.pixels, 0);
    }
    case Coding::NOBODYS:
        break;
    }
    throw Refusal("nothing here decodes the transfer syntax " + outline.transfer_syntax);
}

void show(const Outline &outline, const Description &image, const Decoded &decoded, Format format,
          std::uint8_t *target) {
    if (image.floating) {
        show_floats(image, decoded.pixels, target);
    } else if (image.is_palette() && image.samples == 1) {
        show_palette(outline, image, decoded.pixels, format, target);
    } else if (image.samples >= 3) {
        show_colour(image, decoded, format, target);
    } else {
        show_grey(image, decoded.pixels, format, target);
    }
}

} // namespace orthanc_images::pixels
