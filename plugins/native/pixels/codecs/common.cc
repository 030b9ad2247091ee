#include "pixels/codecs/codec.h"
#include "pixels/refusal.h"

#include <string>

namespace orthanc_images::pixels {

Frame empty_frame(const Description &image) {
    return Frame(image.bytes_of_frame());
}

void check_stream(const Description &image, std::uint64_t rows, std::uint64_t columns, std::uint64_t samples,
                  std::uint64_t precision) {
    if (rows != image.rows || columns != image.columns || samples != image.samples) {
        throw Refusal("the compressed pixels are " + std::to_string(columns) + " × " + std::to_string(rows) +
                      " with " + std::to_string(samples) + " samples, and the attributes say " +
                      std::to_string(image.columns) + " × " + std::to_string(image.rows) + " with " +
                      std::to_string(image.samples));
    }
    if (precision == 0 || precision > image.allocated) {
        throw Refusal("the compressed pixels have " + std::to_string(precision) +
                      " bits, and BitsAllocated is " + std::to_string(image.allocated));
    }
}

std::uint32_t precision_of(const Frame &pixels, const Description &image) {
    const std::size_t count = image.pixels() * image.samples;
    for (std::size_t i = 0; i < count; ++i) {
        const std::uint32_t value = get_sample(pixels.data(), i, image.bytes_of_sample());
        const std::uint32_t all = with_sign(value, image.allocated, image.is_signed);
        if (with_sign(value, image.stored, image.is_signed) != all) {
            return image.allocated;
        }
    }
    return image.stored;
}

} // namespace orthanc_images::pixels
