// JPEG 2000 by OpenJPEG, lossless and lossy.
#include "pixels/codecs/codec.h"
#include "pixels/refusal.h"

#include <openjpeg.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <memory>
#include <string>

namespace orthanc_images::pixels {

namespace {

// Of an image with fewer pixels, nothing but the wavelets' rounding is lost: its signal to noise says too
// little.
constexpr std::size_t FEW = 64;

// With fewer samples, threads take longer to begin than they save.
constexpr std::size_t MANY = std::size_t{256} * 256;

// Set between two frames only.
std::uint32_t threads = 1;

// Where there can be no more threads, it is done by one.
void share_work(opj_codec_t *codec, const Description &image) noexcept {
    if (threads > 1 && image.pixels() * image.samples >= MANY) {
        opj_codec_set_threads(codec, static_cast<int>(threads));
    }
}

struct FreeStream {
    void operator()(opj_stream_t *stream) const noexcept {
        opj_stream_destroy(stream);
    }
};

struct FreeCodec {
    void operator()(opj_codec_t *codec) const noexcept {
        opj_destroy_codec(codec);
    }
};

struct FreeImage {
    void operator()(opj_image_t *image) const noexcept {
        opj_image_destroy(image);
    }
};

using Stream = std::unique_ptr<opj_stream_t, FreeStream>;
using Codec = std::unique_ptr<opj_codec_t, FreeCodec>;
using Image = std::unique_ptr<opj_image_t, FreeImage>;

// What is read, and how far.
struct Source {
    Bytes bytes;
    std::size_t place = 0;
};

OPJ_SIZE_T read_some(void *target, OPJ_SIZE_T count, void *data) {
    auto &source = *static_cast<Source *>(data);
    const std::size_t left = source.bytes.size() - source.place;
    if (left == 0) {
        return static_cast<OPJ_SIZE_T>(-1);
    }
    const std::size_t taken = std::min<std::size_t>(count, left);
    std::memcpy(target, source.bytes.data() + source.place, taken);
    source.place += taken;
    return taken;
}

OPJ_OFF_T skip_some(OPJ_OFF_T count, void *data) {
    auto &source = *static_cast<Source *>(data);
    const auto left = static_cast<OPJ_OFF_T>(source.bytes.size() - source.place);
    const OPJ_OFF_T skipped = std::min(count, left);
    if (skipped < 0) {
        return -1;
    }
    source.place += static_cast<std::size_t>(skipped);
    return skipped;
}

OPJ_BOOL seek_to(OPJ_OFF_T place, void *data) {
    auto &source = *static_cast<Source *>(data);
    if (place < 0 || static_cast<std::size_t>(place) > source.bytes.size()) {
        return OPJ_FALSE;
    }
    source.place = static_cast<std::size_t>(place);
    return OPJ_TRUE;
}

// What is written: the encoder goes back to where it has left room for lengths.
struct Target {
    Frame bytes;
    std::size_t place = 0;
};

OPJ_SIZE_T write_some(void *source, OPJ_SIZE_T count, void *data) {
    auto &target = *static_cast<Target *>(data);
    if (target.place + count > target.bytes.size()) {
        target.bytes.resize(target.place + count);
    }
    std::memcpy(target.bytes.data() + target.place, source, count);
    target.place += count;
    return count;
}

OPJ_OFF_T skip_writing(OPJ_OFF_T count, void *data) {
    auto &target = *static_cast<Target *>(data);
    target.place += static_cast<std::size_t>(count);
    target.bytes.resize(std::max(target.bytes.size(), target.place));
    return count;
}

OPJ_BOOL seek_writing(OPJ_OFF_T place, void *data) {
    static_cast<Target *>(data)->place = static_cast<std::size_t>(place);
    return OPJ_TRUE;
}

void note(const char *message, void *data) {
    auto &text = *static_cast<std::string *>(data);
    text = message;
    while (!text.empty() && (text.back() == '\n' || text.back() == '.')) {
        text.pop_back();
    }
}

void ignore(const char *, void *) {}

void listen(const Codec &codec, std::string &message) {
    opj_set_error_handler(codec.get(), note, &message);
    opj_set_warning_handler(codec.get(), ignore, nullptr);
    opj_set_info_handler(codec.get(), ignore, nullptr);
}

// A file of JPEG 2000 begins with boxes; DICOM has bit streams alone, but some write files.
bool is_file(Bytes stream) noexcept {
    return stream.size() >= 12 && stream[4] == 'j' && stream[5] == 'P' && stream[6] == ' ' &&
           stream[7] == ' ';
}

Frame samples_of(const opj_image_t &decoded, const Description &image) {
    Frame pixels = empty_frame(image);
    const std::size_t count = image.pixels();
    for (std::uint32_t sample = 0; sample < image.samples; ++sample) {
        const opj_image_comp_t &component = decoded.comps[sample];
        if (component.w != image.columns || component.h != image.rows || component.data == nullptr) {
            throw Refusal("the planes of the JPEG 2000 data have different sizes");
        }
        for (std::size_t i = 0; i < count; ++i) {
            put_sample(
                pixels.data(), i * image.samples + sample, image.bytes_of_sample(),
                with_sign(static_cast<std::uint32_t>(component.data[i]), component.prec, image.is_signed));
        }
    }
    return pixels;
}

Image planes_of(const Frame &pixels, const Description &image, std::uint32_t precision) {
    std::vector<opj_image_cmptparm_t> planes(image.samples);
    for (opj_image_cmptparm_t &plane : planes) {
        plane = {};
        plane.dx = plane.dy = 1;
        plane.w = image.columns;
        plane.h = image.rows;
        plane.prec = precision;
        plane.sgnd = image.is_signed ? 1 : 0;
    }
    Image made(opj_image_create(image.samples, planes.data(),
                                image.samples == 3 ? OPJ_CLRSPC_SRGB : OPJ_CLRSPC_GRAY));
    if (made == nullptr) {
        throw Refusal("there is not enough memory for the pixels");
    }
    made->x1 = image.columns;
    made->y1 = image.rows;
    const std::size_t count = image.pixels();
    for (std::uint32_t sample = 0; sample < image.samples; ++sample) {
        for (std::size_t i = 0; i < count; ++i) {
            const std::uint32_t value =
                get_sample(pixels.data(), i * image.samples + sample, image.bytes_of_sample());
            made->comps[sample].data[i] =
                static_cast<OPJ_INT32>(with_sign(value, precision, image.is_signed));
        }
    }
    return made;
}

} // namespace

void use_threads(std::uint32_t count) noexcept {
    threads = count;
}

Decoded decode_jpeg2000(Bytes stream, const Description &image) {
    Source source{.bytes = stream};
    const Stream input(opj_stream_create(1U << 20U, OPJ_TRUE));
    const Codec codec(opj_create_decompress(is_file(stream) ? OPJ_CODEC_JP2 : OPJ_CODEC_J2K));
    std::string message = "its header cannot be read";
    listen(codec, message);
    opj_stream_set_user_data(input.get(), &source, nullptr);
    opj_stream_set_user_data_length(input.get(), stream.size());
    opj_stream_set_read_function(input.get(), read_some);
    opj_stream_set_skip_function(input.get(), skip_some);
    opj_stream_set_seek_function(input.get(), seek_to);

    opj_dparameters_t parameters;
    opj_set_default_decoder_parameters(&parameters);
    opj_image_t *raw = nullptr;
    if (opj_setup_decoder(codec.get(), &parameters) == OPJ_FALSE) {
        throw Refusal("the JPEG 2000 data cannot be decoded: " + message);
    }
    share_work(codec.get(), image);
    if (opj_read_header(input.get(), codec.get(), &raw) == OPJ_FALSE) {
        throw Refusal("the JPEG 2000 data is damaged: " + message);
    }
    const Image decoded(raw);
    check_stream(image, std::uint64_t{raw->y1} - raw->y0, std::uint64_t{raw->x1} - raw->x0, raw->numcomps,
                 raw->numcomps == 0 ? 0 : raw->comps[0].prec);
    if (opj_decode(codec.get(), input.get(), raw) == OPJ_FALSE) {
        throw Refusal("the JPEG 2000 data is damaged: " + message);
    }
    opj_end_decompress(codec.get(), input.get()); // what stands behind the image does not matter
    // The transformation of colours is undone by the decoder.
    const bool transformed = image.photometric == "YBR_RCT" || image.photometric == "YBR_ICT";
    return {.pixels = samples_of(*raw, image), .photometric = transformed ? "RGB" : image.photometric};
}

Frame encode_jpeg2000(const Frame &pixels, const Description &image, Quality quality) {
    if (image.allocated < 8 || image.allocated > MOST_ALLOCATED) {
        throw Refusal("JPEG 2000 holds samples of 8 and 16 bits here");
    }
    const Image planes = planes_of(pixels, image, precision_of(pixels, image));

    opj_cparameters_t parameters;
    opj_set_default_encoder_parameters(&parameters);
    parameters.irreversible = quality.lossless ? 0 : 1;
    parameters.tcp_numlayers = 1;
    if (quality.lossless || image.pixels() < FEW) {
        parameters.cp_disto_alloc = 1;
        parameters.tcp_rates[0] = 0;
    } else { // the signal to noise, in dB: 50 for 90 percent
        parameters.cp_fixed_quality = 1;
        parameters.tcp_distoratio[0] = 32.0F + 0.2F * static_cast<float>(quality.percent);
    }
    // A small image has no room for six resolutions.
    const std::uint32_t side = std::min(image.rows, image.columns);
    parameters.numresolution = std::min(6, std::bit_width(side));
    parameters.tcp_mct = image.samples == 3 && image.photometric == "RGB" ? 1 : 0;

    Target target;
    const Stream output(opj_stream_create(1U << 20U, OPJ_FALSE));
    const Codec codec(opj_create_compress(OPJ_CODEC_J2K));
    std::string message = "the encoder does not say why";
    listen(codec, message);
    opj_stream_set_user_data(output.get(), &target, nullptr);
    opj_stream_set_write_function(output.get(), write_some);
    opj_stream_set_skip_function(output.get(), skip_writing);
    opj_stream_set_seek_function(output.get(), seek_writing);
    if (opj_setup_encoder(codec.get(), &parameters, planes.get()) == OPJ_FALSE) {
        throw Refusal("JPEG 2000 cannot hold these pixels: " + message);
    }
    share_work(codec.get(), image);
    if (opj_start_compress(codec.get(), planes.get(), output.get()) == OPJ_FALSE ||
        opj_encode(codec.get(), output.get()) == OPJ_FALSE ||
        opj_end_compress(codec.get(), output.get()) == OPJ_FALSE) {
        throw Refusal("JPEG 2000 cannot hold these pixels: " + message);
    }
    return std::move(target.bytes);
}

} // namespace orthanc_images::pixels
