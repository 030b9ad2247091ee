#include "pixels/syntaxes.h"

#include <algorithm>
#include <array>

namespace orthanc_images::pixels {

namespace {

constexpr std::array<Syntax, 25> SYNTAXES = {{
    {"1.2.840.10008.1.2", Coding::NATIVE, true},
    {"1.2.840.10008.1.2.1", Coding::NATIVE, true},
    {"1.2.840.10008.1.2.1.99", Coding::NATIVE, true},
    {"1.2.840.10008.1.2.2", Coding::NATIVE, true},
    {"1.2.840.10008.1.2.4.50", Coding::JPEG, true, false, 8},
    {"1.2.840.10008.1.2.4.51", Coding::JPEG, true, false, 12},
    {"1.2.840.10008.1.2.4.52", Coding::JPEG, false, false, 12},
    {"1.2.840.10008.1.2.4.53", Coding::JPEG, false, false, 12},
    {"1.2.840.10008.1.2.4.54", Coding::JPEG, false, false, 12},
    {"1.2.840.10008.1.2.4.55", Coding::JPEG, false, false, 12},
    {"1.2.840.10008.1.2.4.56", Coding::JPEG, false, false, 12},
    {"1.2.840.10008.1.2.4.57", Coding::JPEG_LOSSLESS, true, true, 16},
    {"1.2.840.10008.1.2.4.58", Coding::JPEG_LOSSLESS, false, true, 16},
    {"1.2.840.10008.1.2.4.70", Coding::JPEG_LOSSLESS, true, true, 16},
    {"1.2.840.10008.1.2.4.80", Coding::JPEG_LS, true, true, 16},
    {"1.2.840.10008.1.2.4.81", Coding::JPEG_LS, true, false, 16},
    {"1.2.840.10008.1.2.4.90", Coding::JPEG_2000, true, true, 16},
    {"1.2.840.10008.1.2.4.91", Coding::JPEG_2000, true, false, 16},
    {"1.2.840.10008.1.2.4.92", Coding::JPEG_2000, false, true, 16},
    {"1.2.840.10008.1.2.4.93", Coding::JPEG_2000, false, false, 16},
    {"1.2.840.10008.1.2.4.201", Coding::HTJ2K, true, true, 16},
    {"1.2.840.10008.1.2.4.202", Coding::HTJ2K, true, true, 16},
    {"1.2.840.10008.1.2.4.203", Coding::HTJ2K, true, false, 16},
    {"1.2.840.10008.1.2.5", Coding::RLE, true},
    {"1.2.840.10008.1.2.8.1", Coding::DEFLATED_FRAMES},
}};

} // namespace

Syntax syntax_of(std::string_view uid) noexcept {
    const auto *const found = std::ranges::find(SYNTAXES, uid, &Syntax::uid);
    return found == SYNTAXES.end() ? Syntax{.uid = uid, .coding = Coding::NOBODYS} : *found;
}

} // namespace orthanc_images::pixels
