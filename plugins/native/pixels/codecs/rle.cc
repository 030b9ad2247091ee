// RLE Lossless: each byte of each sample is a segment of its own, compressed by PackBits. Source: DICOM
// PS3.5, annex G.
#include "pixels/codecs/codec.h"
#include "pixels/refusal.h"

#include <array>
#include <cstddef>

namespace orthanc_images::pixels {

namespace {

constexpr std::size_t HEADER = 64;
constexpr std::size_t SEGMENTS = 15;
constexpr std::size_t RUN = 128;

std::uint32_t number_at(Bytes stream, std::size_t place) noexcept {
    return static_cast<std::uint32_t>(stream[place]) | static_cast<std::uint32_t>(stream[place + 1]) << 8U |
           static_cast<std::uint32_t>(stream[place + 2]) << 16U |
           static_cast<std::uint32_t>(stream[place + 3]) << 24U;
}

// Unpacks a segment to every `step`-th byte from `target` on, `count` bytes in all.
void unpack(Bytes segment, std::uint8_t *target, std::size_t step, std::size_t count) {
    std::size_t in = 0;
    std::size_t out = 0;
    while (out < count) {
        if (in >= segment.size()) {
            throw Refusal("an RLE segment ends too early");
        }
        const std::uint8_t control = segment[in++];
        if (control == RUN) {
            continue;
        }
        const bool repeated = control > RUN;
        const std::size_t length = repeated ? 257U - control : control + 1U;
        const std::size_t bytes = repeated ? 1 : length;
        if (length > count - out || bytes > segment.size() - in) {
            throw Refusal("an RLE segment is damaged");
        }
        for (std::size_t i = 0; i < length; ++i) {
            target[(out + i) * step] = segment[in + (repeated ? 0 : i)];
        }
        in += bytes;
        out += length;
    }
}

// Packs every `step`-th byte from `source` on, `count` of them.
void pack(const std::uint8_t *source, std::size_t step, std::size_t count, Frame &target) {
    const auto at = [&](std::size_t i) { return source[i * step]; };
    std::size_t i = 0;
    while (i < count) {
        std::size_t run = 1;
        while (run < RUN && i + run < count && at(i + run) == at(i)) {
            ++run;
        }
        if (run > 1) {
            target.push_back(static_cast<std::uint8_t>(257 - run));
            target.push_back(at(i));
            i += run;
            continue;
        }
        std::size_t length = 1;
        while (length < RUN && i + length < count &&
               (i + length + 1 >= count || at(i + length) != at(i + length + 1))) {
            ++length;
        }
        target.push_back(static_cast<std::uint8_t>(length - 1));
        for (std::size_t k = 0; k < length; ++k) {
            target.push_back(at(i + k));
        }
        i += length;
    }
}

// Returns the byte of the interleaved frame with which a segment begins: the highest byte of a sample comes
// first.
std::size_t first_byte(std::size_t segment, std::size_t width) noexcept {
    return segment / width * width + (width - 1 - segment % width);
}

std::size_t segments_of(const Description &image) {
    const std::size_t segments = image.samples * image.bytes_of_sample();
    if (image.allocated < 8 || segments > SEGMENTS) {
        throw Refusal("RLE cannot hold pixels of " + std::to_string(image.samples) + " samples of " +
                      std::to_string(image.allocated) + " bits");
    }
    return segments;
}

} // namespace

Decoded decode_rle(Bytes stream, const Description &image) {
    const std::size_t segments = segments_of(image);
    if (stream.size() < HEADER || number_at(stream, 0) != segments) {
        throw Refusal("the RLE header does not say " + std::to_string(segments) + " segments");
    }
    Decoded decoded{.pixels = empty_frame(image), .photometric = image.photometric};
    for (std::size_t i = 0; i < segments; ++i) {
        const std::size_t begin = number_at(stream, 4 * (i + 1));
        const std::size_t end = i + 1 < segments ? number_at(stream, 4 * (i + 2)) : stream.size();
        if (begin < HEADER || begin > end || end > stream.size()) {
            throw Refusal("the RLE header is damaged");
        }
        unpack(stream.subspan(begin, end - begin),
               decoded.pixels.data() + first_byte(i, image.bytes_of_sample()), segments, image.pixels());
    }
    return decoded;
}

Frame encode_rle(const Frame &pixels, const Description &image) {
    const std::size_t segments = segments_of(image);
    Frame stream(HEADER);
    put_sample(stream.data(), 0, 4, static_cast<std::uint32_t>(segments));
    for (std::size_t i = 0; i < segments; ++i) {
        put_sample(stream.data(), i + 1, 4, static_cast<std::uint32_t>(stream.size()));
        const std::uint8_t *first = pixels.data() + first_byte(i, image.bytes_of_sample());
        for (std::size_t row = 0; row < image.rows; ++row) { // no run goes on in the next row
            pack(first + row * image.columns * segments, segments, image.columns, stream);
        }
        if (stream.size() % 2 != 0) {
            stream.push_back(0);
        }
    }
    return stream;
}

} // namespace orthanc_images::pixels
