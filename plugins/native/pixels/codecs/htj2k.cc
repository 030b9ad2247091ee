// High-throughput JPEG 2000 by OpenJPH. OpenJPEG reads it too, but slowly.
#include "pixels/codecs/codec.h"
#include "pixels/refusal.h"

#include <openjph/ojph_codestream.h>
#include <openjph/ojph_file.h>
#include <openjph/ojph_mem.h>
#include <openjph/ojph_message.h>
#include <openjph/ojph_params.h>

#include <algorithm>
#include <bit>
#include <exception>
#include <string>

namespace orthanc_images::pixels {

namespace {

void copy_line(const ojph::line_buf &line, const Description &image, std::uint32_t sample, std::size_t row,
               std::uint32_t precision, Frame &pixels) {
    for (std::size_t column = 0; column < image.columns; ++column) {
        const std::size_t index = (row * image.columns + column) * image.samples + sample;
        put_sample(pixels.data(), index, image.bytes_of_sample(),
                   with_sign(static_cast<std::uint32_t>(line.i32[column]), precision, image.is_signed));
    }
}

} // namespace

Decoded decode_htj2k(Bytes stream, const Description &image) {
    try {
        ojph::mem_infile file;
        file.open(stream.data(), stream.size());
        ojph::codestream codestream;
        codestream.read_headers(&file);
        const ojph::param_siz size = codestream.access_siz();
        const ojph::point extent = size.get_image_extent();
        const ojph::point offset = size.get_image_offset();
        const std::uint32_t samples = size.get_num_components();
        check_stream(image, std::uint64_t{extent.y} - offset.y, std::uint64_t{extent.x} - offset.x, samples,
                     samples == 0 ? 0 : size.get_bit_depth(0));
        for (std::uint32_t i = 0; i < samples; ++i) {
            if (size.get_recon_width(i) != image.columns || size.get_recon_height(i) != image.rows) {
                throw Refusal("the planes of the HTJ2K data have different sizes");
            }
        }
        codestream.set_planar(false);
        codestream.create();
        const bool transformed = image.photometric == "YBR_RCT" || image.photometric == "YBR_ICT";
        Decoded decoded{.pixels = empty_frame(image), .photometric = transformed ? "RGB" : image.photometric};
        for (std::size_t row = 0; row < image.rows; ++row) {
            for (std::uint32_t i = 0; i < samples; ++i) {
                std::uint32_t component = 0;
                const ojph::line_buf *line = codestream.pull(component);
                if (line == nullptr || component >= samples) {
                    throw Refusal("the HTJ2K data ends too early");
                }
                copy_line(*line, image, component, row, size.get_bit_depth(component), decoded.pixels);
            }
        }
        codestream.close();
        return decoded;
    } catch (const Refusal &) {
        throw;
    } catch (const std::exception &error) {
        throw Refusal(std::string("the HTJ2K data is damaged: ") + error.what());
    }
}

Frame encode_htj2k(const Frame &pixels, const Description &image, Quality quality, bool progressive) {
    if (image.allocated < 8 || image.allocated > MOST_ALLOCATED) {
        throw Refusal("HTJ2K holds samples of 8 and 16 bits here");
    }
    const std::uint32_t precision = precision_of(pixels, image);
    try {
        ojph::codestream codestream;
        ojph::param_siz size = codestream.access_siz();
        size.set_image_extent(ojph::point(image.columns, image.rows));
        size.set_num_components(image.samples);
        for (std::uint32_t i = 0; i < image.samples; ++i) {
            size.set_component(i, ojph::point(1, 1), precision, image.is_signed);
        }
        ojph::param_cod coding = codestream.access_cod();
        const std::uint32_t side = std::min(image.rows, image.columns);
        // Without any, the library loses the least value of signed samples.
        coding.set_num_decomposition(
            std::clamp(static_cast<std::uint32_t>(std::bit_width(side)) - 1U, 1U, 5U));
        coding.set_reversible(quality.lossless);
        coding.set_color_transform(image.samples == 3 && image.photometric == "RGB");
        coding.set_progression_order(progressive ? "RPCL" : "LRCP");
        if (!quality.lossless) { // the step of the coarsest subband, as a part of the range of values
            codestream.access_qcd().set_irrev_quant(static_cast<float>(101 - quality.percent) / 10000.0F);
        }
        codestream.set_planar(false);
        ojph::mem_outfile file;
        file.open();
        codestream.write_headers(&file);
        std::uint32_t component = 0;
        ojph::line_buf *line = codestream.exchange(nullptr, component);
        for (std::size_t row = 0; row < image.rows; ++row) {
            for (std::uint32_t i = 0; i < image.samples; ++i) {
                for (std::size_t column = 0; column < image.columns; ++column) {
                    const std::size_t index = (row * image.columns + column) * image.samples + component;
                    const std::uint32_t value = get_sample(pixels.data(), index, image.bytes_of_sample());
                    line->i32[column] =
                        static_cast<std::int32_t>(with_sign(value, precision, image.is_signed));
                }
                line = codestream.exchange(line, component);
            }
        }
        codestream.flush();
        Frame stream(file.get_data(), file.get_data() + file.tell());
        codestream.close();
        return stream;
    } catch (const std::exception &error) {
        throw Refusal(std::string("HTJ2K cannot hold these pixels: ") + error.what());
    }
}

} // namespace orthanc_images::pixels
