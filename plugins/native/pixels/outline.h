// Where things lie in a DICOM file: its transfer syntax, what describes its pixels, and the pixels
// themselves.
//
// Nothing is copied, and nothing but the lengths of elements is interpreted: this is all that the server
// itself reads of a stranger's file. Source: DICOM PS3.5, sections 7 and A.4; PS3.10, section 7.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace orthanc_images::pixels {

using Bytes = std::span<const std::uint8_t>;

// Group and element of a tag, as one number: 0x00280010 for (0028,0010).
using Tag = std::uint32_t;

inline constexpr Tag PIXEL_DATA = 0x7FE00010;
inline constexpr Tag FLOAT_PIXEL_DATA = 0x7FE00008;
inline constexpr Tag DOUBLE_PIXEL_DATA = 0x7FE00009;

struct Outline {
    // The UID, without padding.
    std::string transfer_syntax;

    bool big_endian = false;

    // Deflated: of the dataset, nothing is known.
    bool deflated = false;

    // Without the header of a file: nothing is known at all.
    bool bare = false;

    // The pixels are words of 16 bits, also where they have 8 (OW).
    bool words = false;

    // Where the dataset begins, in bytes from the begin of the file.
    std::size_t dataset = 0;

    // The values of elements of the groups 0020, 0028 and 7FE0 and of the SOP instance, without those of
    // pixels.
    std::map<Tag, Bytes> values;

    // The element with the pixels, 0 when there is none; where it begins, and where what follows it begins.
    Tag pixels = 0;
    std::size_t begin = 0;
    std::size_t end = 0;

    // The bytes of pixels that are not encapsulated.
    Bytes native;

    // The items of pixels that are, of which the first is the offset table.
    bool encapsulated = false;
    Bytes offsets;
    std::vector<Bytes> fragments;
};

// Returns the outline of a file; a Refusal when it ends amid an element.
Outline outline_of(Bytes file);

} // namespace orthanc_images::pixels
