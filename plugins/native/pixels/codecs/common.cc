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
        throw Refusal("the compressed pixels are " + std::to_string(columns) + " × " + std::to_string(rows) + " with " +
                      std::to_string(samples) + " samples, and the attributes say " + std::to_string(image.columns) +
                      " × " + std::to_string(image.rows) + " with " + std::to_string(image.samples));
    }
    if (precision == 0 || precision > image.allocated) {
        throw Refusal("the compressed pixels have " + std::to_string(precision) + " bits, and BitsAllocated is " +
                      std::to_string(image.allocated));
    }
}

} // namespace orthanc_images::pixels
