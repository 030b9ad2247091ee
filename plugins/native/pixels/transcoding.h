// A DICOM file in another transfer syntax.
#pragma once

#include "pixels/outline.h"
#include "pixels/patch.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace orthanc_images::pixels {

// What is to be masked.
struct Masking {
    // Without any, the pixels stay as they are.
    std::span<const Patch> patches;

    // An element that does not belong to the file, and goes; 0 for none.
    Tag marker = 0;
};

struct Wish {
    // The transfer syntaxes that would do, as UIDs, the best first.
    std::vector<std::string> syntaxes;

    // What is lossy may get a SOP instance UID of its own; without, it is refused.
    bool new_instance = false;

    // From 1 to 100.
    std::uint32_t quality = 90;

    // Then a file in the right syntax is written anew, too.
    std::optional<Masking> masking = {};
};

// Writes the file in the first of the syntaxes that holds its pixels, and returns the number of bytes; a
// Refusal when none does, or when there is no room. Only the pixels change, and what must follow from them.
// What a lossless encoder made is decoded and compared before. Of a file that is masked, the pixels of the
// patches change too, its overlays are empty there, and pictures that are in sequences are gone.
std::size_t transcode(Bytes file, const Wish &wish, std::span<std::uint8_t> target);

// Returns a file that is deflated, or has no header, as one in Explicit VR Little Endian.
std::vector<std::uint8_t> plain(Bytes file, const Outline &outline);

// Reads the dictionary of DICOM, which is a file: to be called once, before files are out of reach.
void prepare_transcoding();

} // namespace orthanc_images::pixels
