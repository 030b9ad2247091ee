// JPEG by libjpeg-turbo 3: baseline and extended with 8 and 12 bits, and what is lossless, which it only
// decodes here.
#include "pixels/codecs/codec.h"
#include "pixels/refusal.h"

#include <cstdio>

#include <jerror.h>
#include <jpeglib.h>

#include <algorithm>
#include <array>
#include <csetjmp>
#include <cstdlib>
#include <string>
#include <vector>

namespace orthanc_images::pixels {

namespace {

constexpr std::uint32_t TWELVE = 12;

// Where the library goes when it fails: it is C, and calls no destructor on its way.
struct Failing {
    jpeg_error_mgr manager;
    std::jmp_buf place;
    std::array<char, JMSG_LENGTH_MAX> message;
    bool cut;
};

[[noreturn]] void fail(j_common_ptr info) {
    auto *failing = reinterpret_cast<Failing *>(info->err);
    info->err->format_message(info, failing->message.data());
    std::longjmp(failing->place, 1); // NOLINT(cert-err52-cpp)
}

// Notes that data is missing, which the library fills with grey.
void warn(j_common_ptr info, int level) {
    if (level < 0 && (info->err->msg_code == JWRN_HIT_MARKER || info->err->msg_code == JWRN_JPEG_EOF)) {
        reinterpret_cast<Failing *>(info->err)->cut = true;
    }
}

void begin_errors(Failing &failing) {
    jpeg_std_error(&failing.manager);
    failing.manager.error_exit = fail;
    failing.manager.emit_message = warn;
    failing.message[0] = '\0';
    failing.cut = false;
}

// Widths of samples in the library's memory: one byte up to 8 bits, two bytes above.
std::size_t width_of(std::uint32_t precision) noexcept {
    return precision <= BYTE ? 1 : 2;
}

void read_row(jpeg_decompress_struct &info, std::uint8_t *row) {
    const auto precision = static_cast<std::uint32_t>(info.data_precision);
    if (precision <= BYTE) {
        JSAMPROW rows = row;
        jpeg_read_scanlines(&info, &rows, 1);
    } else if (precision <= TWELVE) {
        auto *rows = reinterpret_cast<J12SAMPROW>(row);
        jpeg12_read_scanlines(&info, &rows, 1);
    } else {
        auto *rows = reinterpret_cast<J16SAMPROW>(row);
        jpeg16_read_scanlines(&info, &rows, 1);
    }
}

void write_row(jpeg_compress_struct &info, std::uint8_t *row) {
    const auto precision = static_cast<std::uint32_t>(info.data_precision);
    if (precision <= BYTE) {
        JSAMPROW rows = row;
        jpeg_write_scanlines(&info, &rows, 1);
    } else if (precision <= TWELVE) {
        auto *rows = reinterpret_cast<J12SAMPROW>(row);
        jpeg12_write_scanlines(&info, &rows, 1);
    } else {
        auto *rows = reinterpret_cast<J16SAMPROW>(row);
        jpeg16_write_scanlines(&info, &rows, 1);
    }
}

struct Header {
    std::uint32_t rows;
    std::uint32_t columns;
    std::uint32_t samples;
    std::uint32_t precision;
};

// The library's state while a bit stream is read; it ends with the value.
class Decompressor {
  public:
    explicit Decompressor(Bytes stream) : stream_(stream) {
        begin_errors(failing_);
        info_.err = &failing_.manager;
    }

    Decompressor(const Decompressor &) = delete;
    Decompressor &operator=(const Decompressor &) = delete;

    ~Decompressor() {
        jpeg_destroy_decompress(&info_);
    }

    // Each tells whether it did not fail.
    bool begin(Header &header) noexcept {
        if (setjmp(failing_.place) != 0) { // NOLINT(cert-err52-cpp)
            return false;
        }
        jpeg_create_decompress(&info_);
        jpeg_mem_src(&info_, stream_.data(), static_cast<unsigned long>(stream_.size()));
        jpeg_read_header(&info_, TRUE);
        header = {info_.image_height, info_.image_width, static_cast<std::uint32_t>(info_.num_components),
                  static_cast<std::uint32_t>(info_.data_precision)};
        lossless_ = info_.master != nullptr && info_.Ss > 0 && info_.Se == 0;
        return true;
    }

    bool read(bool to_rgb, std::uint8_t *target, std::size_t stride) noexcept {
        if (setjmp(failing_.place) != 0) { // NOLINT(cert-err52-cpp)
            return false;
        }
        if (info_.num_components == 3) {
            info_.jpeg_color_space = to_rgb ? JCS_YCbCr : JCS_RGB;
            info_.out_color_space = JCS_RGB;
        } else if (info_.num_components == 4) {
            info_.jpeg_color_space = info_.out_color_space = JCS_CMYK;
        }
        info_.dct_method = JDCT_ISLOW;
        jpeg_start_decompress(&info_);
        while (info_.output_scanline < info_.output_height) {
            read_row(info_, target + stride * info_.output_scanline);
        }
        jpeg_finish_decompress(&info_);
        return true;
    }

    bool lossless() const noexcept {
        return lossless_;
    }

    // Tells whether an Adobe marker says that the samples are RGB, whatever the attributes say.
    bool says_rgb() const noexcept {
        return info_.saw_Adobe_marker != FALSE && info_.Adobe_transform == 0;
    }

    bool subsampled() const noexcept {
        return info_.num_components == 3 &&
               (info_.comp_info[0].h_samp_factor != info_.comp_info[1].h_samp_factor ||
                info_.comp_info[0].v_samp_factor != info_.comp_info[1].v_samp_factor);
    }

    bool cut() const noexcept {
        return failing_.cut;
    }

    std::string message() const {
        return failing_.message.data();
    }

  private:
    Bytes stream_;
    Failing failing_{};
    jpeg_decompress_struct info_{};
    bool lossless_ = false;
};

// The library's state while a bit stream is written.
class Compressor {
  public:
    Compressor() {
        begin_errors(failing_);
        info_.err = &failing_.manager;
    }

    Compressor(const Compressor &) = delete;
    Compressor &operator=(const Compressor &) = delete;

    ~Compressor() {
        jpeg_destroy_compress(&info_);
        std::free(bytes_); // NOLINT(cppcoreguidelines-no-malloc,cppcoreguidelines-owning-memory): it is the
                           // library's
    }

    bool write(std::uint8_t *pixels, const Description &image, std::uint32_t precision, std::uint32_t quality,
               std::size_t stride) noexcept {
        if (setjmp(failing_.place) != 0) { // NOLINT(cert-err52-cpp)
            return false;
        }
        jpeg_create_compress(&info_);
        jpeg_mem_dest(&info_, &bytes_, &size_);
        info_.image_width = image.columns;
        info_.image_height = image.rows;
        info_.input_components = static_cast<int>(image.samples);
        info_.in_color_space = image.samples == 1 ? JCS_GRAYSCALE : JCS_RGB;
        info_.data_precision = static_cast<int>(precision);
        jpeg_set_defaults(&info_);
        info_.data_precision = static_cast<int>(precision);
        jpeg_set_colorspace(&info_, image.samples == 1 ? JCS_GRAYSCALE : JCS_YCbCr);
        jpeg_set_quality(&info_, static_cast<int>(quality), precision <= BYTE ? TRUE : FALSE);
        if (image.samples == 3) { // 4:2:2, as YBR_FULL_422 says
            info_.comp_info[0].h_samp_factor = 2;
            info_.comp_info[0].v_samp_factor = 1;
        }
        info_.dct_method = JDCT_ISLOW;
        info_.write_JFIF_header = FALSE;
        info_.write_Adobe_marker = FALSE;
        info_.optimize_coding = TRUE;
        jpeg_start_compress(&info_, TRUE);
        while (info_.next_scanline < info_.image_height) {
            write_row(info_, pixels + stride * info_.next_scanline);
        }
        jpeg_finish_compress(&info_);
        return true;
    }

    Frame stream() const {
        return {bytes_, bytes_ + size_};
    }

    std::string message() const {
        return failing_.message.data();
    }

  private:
    Failing failing_{};
    jpeg_compress_struct info_{};
    unsigned char *bytes_ = nullptr;
    unsigned long size_ = 0;
};

bool is_luminance(const std::string &photometric) noexcept {
    return photometric.starts_with("YBR_");
}

// Encodes samples of this precision, which need not be all that the image has allocated.
Frame encode(const Frame &pixels, const Description &image, std::uint32_t precision, std::uint32_t quality) {
    const std::size_t count = image.pixels() * image.samples;
    const std::size_t width = width_of(precision);
    Frame rows(count * width);
    for (std::size_t i = 0; i < count; ++i) {
        const std::uint32_t value = get_sample(pixels.data(), i, image.bytes_of_sample());
        put_sample(rows.data(), i, width, with_sign(value, precision, false));
    }
    Compressor compressor;
    if (!compressor.write(rows.data(), image, precision, quality,
                          std::size_t{image.columns} * image.samples * width)) {
        throw Refusal("JPEG cannot hold these pixels: " + compressor.message());
    }
    return compressor.stream();
}

} // namespace

Decoded decode_jpeg(Bytes stream, const Description &image) {
    Decompressor decompressor(stream);
    Header header{};
    if (!decompressor.begin(header)) {
        throw Refusal("the JPEG data is damaged: " + decompressor.message());
    }
    check_stream(image, header.rows, header.columns, header.samples, header.precision);
    const std::size_t width = width_of(header.precision);
    const std::size_t stride = std::size_t{header.columns} * header.samples * width;
    Frame rows(stride * header.rows);
    // Samples of a lossless bit stream are what the attributes say, and are left as they are.
    const bool coded = header.samples == 3 && !decompressor.lossless();
    const bool to_rgb =
        coded && !decompressor.says_rgb() && (decompressor.subsampled() || is_luminance(image.photometric));
    if (!decompressor.read(to_rgb, rows.data(), stride)) {
        throw Refusal("the JPEG data is damaged: " + decompressor.message());
    }
    if (decompressor.cut()) {
        throw Refusal("the JPEG data ends too early");
    }
    const bool rgb = to_rgb || (coded && is_luminance(image.photometric));
    Decoded decoded{.pixels = {}, .photometric = rgb ? "RGB" : image.photometric};
    if (width == image.bytes_of_sample() && (!image.is_signed || header.precision == image.allocated)) {
        decoded.pixels = std::move(rows);
        return decoded;
    }
    decoded.pixels = empty_frame(image);
    const std::size_t count = image.pixels() * image.samples;
    for (std::size_t i = 0; i < count; ++i) {
        put_sample(decoded.pixels.data(), i, image.bytes_of_sample(),
                   with_sign(get_sample(rows.data(), i, width), header.precision, image.is_signed));
    }
    return decoded;
}

Frame encode_jpeg(const Frame &pixels, const Description &image, Quality quality) {
    if (image.is_signed || image.stored > TWELVE || image.high + 1 != image.stored ||
        (image.samples != 1 && image.samples != 3)) {
        throw Refusal("lossy JPEG holds unsigned samples of up to 12 bits, 1 or 3 for each pixel");
    }
    return encode(pixels, image, image.stored <= BYTE ? BYTE : TWELVE, quality.percent);
}

} // namespace orthanc_images::pixels
