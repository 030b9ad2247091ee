// The transfer syntaxes of DICOM, as far as pixels depend on them.
#pragma once

#include <string_view>

namespace orthanc_images::pixels {

enum class Coding {
    NATIVE,
    RLE,
    JPEG,
    JPEG_LOSSLESS,
    JPEG_LS,
    JPEG_2000,
    HTJ2K,
    DEFLATED_FRAMES,
    NOBODYS, // such as video: kept as it is
};

struct Syntax {
    std::string_view uid;
    Coding coding;

    // It can be encoded here.
    bool encodes = false;

    // Every encoder of it keeps each bit.
    bool lossless = true;

    // The bits of a sample that it holds at most.
    unsigned most = 32;
};

// Returns what a UID means; a syntax that is not known is NOBODYS.
Syntax syntax_of(std::string_view uid) noexcept;

} // namespace orthanc_images::pixels
