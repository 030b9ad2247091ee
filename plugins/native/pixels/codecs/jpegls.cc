// JPEG-LS by CharLS: lossless, and near-lossless.
#include "pixels/codecs/codec.h"
#include "pixels/refusal.h"

#include <charls/charls.h>

#include <string>

namespace orthanc_images::pixels {

namespace {

// The greatest difference that near-lossless compression may make, for a quality in percent: 1 for 90 and
// above.
int difference(std::uint32_t percent) noexcept {
    return percent >= 90 ? 1 : 1 + static_cast<int>((90 - percent) / 10);
}

} // namespace

Decoded decode_jpegls(Bytes stream, const Description &image) {
    try {
        charls::jpegls_decoder decoder;
        decoder.source(stream.data(), stream.size());
        decoder.read_header();
        const charls::frame_info &info = decoder.frame_info();
        check_stream(image, info.height, info.width, static_cast<std::uint64_t>(info.component_count),
                     static_cast<std::uint64_t>(info.bits_per_sample));
        Frame rows(decoder.destination_size());
        decoder.decode(rows.data(), rows.size());

        const std::size_t width = info.bits_per_sample <= 8 ? 1 : 2;
        const bool planes = image.samples > 1 && decoder.interleave_mode() == charls::interleave_mode::none;
        const std::size_t count = image.pixels();
        if (rows.size() != count * image.samples * width) {
            throw Refusal("the JPEG-LS data has another size than its header says");
        }
        const auto precision = static_cast<std::uint32_t>(info.bits_per_sample);
        if (!planes && width == image.bytes_of_sample() &&
            (!image.is_signed || precision == image.allocated)) {
            return {.pixels = std::move(rows), .photometric = image.photometric};
        }
        Decoded decoded{.pixels = empty_frame(image), .photometric = image.photometric};
        for (std::size_t pixel = 0; pixel < count; ++pixel) {
            for (std::size_t sample = 0; sample < image.samples; ++sample) {
                const std::size_t to = pixel * image.samples + sample;
                const std::size_t from = planes ? sample * count + pixel : to;
                put_sample(decoded.pixels.data(), to, image.bytes_of_sample(),
                           with_sign(get_sample(rows.data(), from, width), precision, image.is_signed));
            }
        }
        return decoded;
    } catch (const charls::jpegls_error &error) {
        throw Refusal(std::string("the JPEG-LS data is damaged: ") + error.what());
    }
}

Frame encode_jpegls(const Frame &pixels, const Description &image, Quality quality) {
    if (image.allocated < 8 || image.allocated > MOST_ALLOCATED) {
        throw Refusal("JPEG-LS holds samples of 8 and 16 bits");
    }
    if (!quality.lossless && image.is_signed) {
        throw Refusal("near-lossless JPEG-LS holds unsigned samples");
    }
    const std::uint32_t precision = precision_of(pixels, image);
    const std::size_t count = image.pixels() * image.samples;
    const std::size_t width = precision <= 8 ? 1 : 2;
    Frame samples(count * width);
    for (std::size_t i = 0; i < count; ++i) {
        put_sample(samples.data(), i, width,
                   with_sign(get_sample(pixels.data(), i, image.bytes_of_sample()), precision, false));
    }
    try {
        charls::jpegls_encoder encoder;
        encoder.frame_info({image.columns, image.rows, static_cast<std::int32_t>(precision),
                            static_cast<std::int32_t>(image.samples)});
        if (image.samples > 1) {
            encoder.interleave_mode(charls::interleave_mode::line);
        }
        if (!quality.lossless) {
            encoder.near_lossless(difference(quality.percent));
        }
        Frame stream(encoder.estimated_destination_size());
        encoder.destination(stream.data(), stream.size());
        stream.resize(encoder.encode(samples.data(), samples.size()));
        return stream;
    } catch (const charls::jpegls_error &error) {
        throw Refusal(std::string("JPEG-LS cannot hold these pixels: ") + error.what());
    }
}

} // namespace orthanc_images::pixels
