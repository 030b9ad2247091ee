#include "pixels/format.h"

#include "pixels/refusal.h"

#include <string>

namespace orthanc_images::pixels {

std::size_t bytes_of(Format format) noexcept {
    switch (format) {
    case Format::GRAY8:
        return 1;
    case Format::GRAY16:
    case Format::SIGNED_GRAY16:
        return 2;
    case Format::RGB24:
        return 3;
    case Format::RGB48:
        return 6;
    case Format::GRAY32:
    case Format::FLOAT32:
        return 4;
    }
    return 0;
}

Format format_of(const Description &image) {
    if (image.floating) {
        return Format::FLOAT32;
    }
    if (image.samples >= 3) {
        if (image.allocated > 16) {
            throw Refusal("there is no format for colours of " + std::to_string(image.allocated) + " bits");
        }
        return image.allocated <= 8 ? Format::RGB24 : Format::RGB48;
    }
    if (image.is_palette()) {
        return image.stored <= 8 ? Format::RGB24 : Format::RGB48;
    }
    if (image.allocated <= 8) {
        return image.is_signed ? Format::SIGNED_GRAY16 : Format::GRAY8;
    }
    if (image.allocated == 16) {
        return image.is_signed ? Format::SIGNED_GRAY16 : Format::GRAY16;
    }
    if (image.allocated == 32 && !image.is_signed) {
        return Format::GRAY32;
    }
    throw Refusal("there is no format for " + std::string(image.is_signed ? "signed " : "") + "samples of " +
                  std::to_string(image.allocated) + " bits");
}

} // namespace orthanc_images::pixels
