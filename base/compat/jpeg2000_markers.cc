/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Patch 10: a JPEG 2000 image whose markers lead out of it, or to far more memory than it can fill, is
 * refused.
 *
 * GDCM looks through the markers (or the boxes of a JP2 file) for the kind of compression, and believes
 * what they say of their length: beyond the end of the image it goes on, through whatever memory lies
 * there. OpenJPEG makes room for the size that the header tells, before it finds that there is nothing to
 * fill it. The two functions below are all through which GDCM comes to either; they look first, within
 * the image. See docs/compat.md.
 *
 * Markers: ISO/IEC 15444-1, annex A. Boxes: annex I.
 */

#include "interpose.h"
#include "jpeg2000.h"

#include <cstdint>
#include <cstdio>
#include <cstring>

/* The library that defines the functions; plugins load it, it is not linked to Orthanc. */
#define LIBRARY "libgdcmMSFF.so.3.0"
#define DECODE _ZN4gdcm13JPEG2000Codec21DecodeByStreamsCommonEPcm
#define READ_HEADER _ZN4gdcm13JPEG2000Codec13GetHeaderInfoEPKcmRNS_14TransferSyntaxE
#define NAME_OF(symbol) NAME_OF_(symbol)
#define NAME_OF_(symbol) #symbol

namespace {
/* What is laid out as, and returned like, std::pair<char *, size_t>. */
struct Pixels {
    char *data;
    size_t size;
};

using Decode = Pixels(void *codec, char *image, size_t size);
using ReadHeader = bool(void *codec, const char *image, size_t size, void *syntax);

const unsigned char JP2[] = {0, 0, 0, 12, 'j', 'P', ' ', ' ', 13, 10, 0x87, 10, 0};

enum Marker {
    FIRST_WITHOUT_LENGTH = 0xFF30,
    LAST_WITHOUT_LENGTH = 0xFF3F,
    START_OF_CODESTREAM = 0xFF4F,
    CODING_STYLE = 0xFF52,
    END_OF_PACKET_HEADER = 0xFF92,
    START_OF_DATA = 0xFF93,
    END_OF_CODESTREAM = 0xFFD9
};

const uint32_t CODESTREAM = 0x6A703263;    /* the box jp2c */
const uint32_t FIRST_MARKERS = 0xFF4FFF51; /* SOC and SIZ */

/* What any image may need, in bytes, and how often its own length a larger one. */
const double ROOM = 256.0 * 1024 * 1024;
const double EXPANSION = 1000;

/* Bytes that are read from the front, and never beyond the end. */
struct Bytes {
    const unsigned char *at;
    uint64_t left;

    uint64_t number(unsigned int length) {
        uint64_t value = 0;

        for (unsigned int i = 0; i < length; i++) {
            value = value << 8 | at[i];
        }
        skip(length);
        return value;
    }

    void skip(uint64_t length) {
        at += length;
        left -= length;
    }
};

bool has_length(uint64_t marker) {
    return (marker < FIRST_WITHOUT_LENGTH || marker > LAST_WITHOUT_LENGTH) && marker != START_OF_CODESTREAM &&
           marker != END_OF_PACKET_HEADER && marker != START_OF_DATA && marker != END_OF_CODESTREAM;
}

/* How many pieces of this length there are up to this end, the first one at this start. */
double pieces(uint64_t start, uint64_t end, uint64_t length) {
    const uint64_t whole = end <= start || length == 0 ? 0 : (end - start + length - 1) / length;
    return static_cast<double>(whole);
}

/* Whether OpenJPEG needs no more memory than such an image may ask for: four bytes for a sample, and for
 * what it keeps of tiles 4 KiB each, and as much again for each of their components. */
bool affordable(Bytes bytes) {
    const double wished = EXPANSION * static_cast<double>(bytes.left);
    const double room = wished > ROOM ? wished : ROOM;

    if (bytes.left < 4 + 2 + 36 || bytes.number(4) != FIRST_MARKERS) {
        return false;
    }
    bytes.skip(4); /* length and capabilities */
    const uint64_t right = bytes.number(4);
    const uint64_t bottom = bytes.number(4);
    const uint64_t left = bytes.number(4);
    const uint64_t top = bytes.number(4);
    const uint64_t tile_width = bytes.number(4);
    const uint64_t tile_height = bytes.number(4);
    const uint64_t tile_left = bytes.number(4);
    const uint64_t tile_top = bytes.number(4);
    const auto components = static_cast<double>(bytes.number(2));
    const double samples = pieces(left, right, 1) * pieces(top, bottom, 1) * components;
    const double tiles = pieces(tile_left, right, tile_width) * pieces(tile_top, bottom, tile_height);
    return 4 * samples + 4096 * (1 + components) * tiles <= room;
}

/* Whether the codestream is affordable, and GDCM's way through its markers ends within it. */
bool markers_end(Bytes bytes) {
    if (!affordable(bytes)) {
        return false;
    }
    while (bytes.left >= 2) {
        const uint64_t marker = bytes.number(2);

        if (marker == START_OF_DATA) {
            return true;
        }
        if (!has_length(marker)) {
            continue;
        }
        if (bytes.left < 2) {
            return true;
        }
        const uint64_t length = bytes.number(2);
        if (length < 2) {
            return true;
        }
        if (length - 2 > bytes.left || (marker == CODING_STYLE && bytes.left < 10)) {
            return false;
        }
        if (marker == CODING_STYLE && (bytes.at[4] > 1 || bytes.at[9] != 1)) {
            return true;
        }
        bytes.skip(length - 2);
    }
    return true;
}

/* Whether GDCM's way through these boxes, to the codestream and through it, ends within them. */
bool boxes_end(Bytes bytes) {
    while (bytes.left >= 8) {
        uint64_t length = bytes.number(4);
        const uint64_t type = bytes.number(4);
        uint64_t header = 8;

        if (length == 1) {
            if (bytes.left < 8) {
                return false;
            }
            length = bytes.number(8);
            header = 16;
        }
        if (length == 0 && type == CODESTREAM && header == 8) {
            return markers_end(bytes);
        }
        if (length < header || length - header > bytes.left) {
            return false;
        }
        if (type == CODESTREAM) {
            bytes.left = length - header;
            return markers_end(bytes);
        }
        bytes.skip(length - header);
    }
    return false;
}

bool sound(const char *image, size_t size) {
    const Bytes bytes = {reinterpret_cast<const unsigned char *>(image), size};
    const bool ends = image != nullptr && size >= sizeof(JP2) &&
                      (memcmp(image, JP2, sizeof(JP2)) == 0 ? boxes_end(bytes) : markers_end(bytes));

    if (!ends) {
        fprintf(stderr, "GDCM gives up: a JPEG 2000 image of %zu bytes has wrong lengths or sizes\n", size);
    }
    return ends;
}
} // namespace

extern "C" Pixels DECODE(void *codec, char *image, size_t size);

extern "C" Pixels DECODE(void *codec, char *image, size_t size) {
    static auto *const function = interpose::in_library<Decode>(LIBRARY, NAME_OF(DECODE));
    const Borrowed borrowed;

    return sound(image, size) ? function(codec, image, size) : Pixels();
}

extern "C" bool READ_HEADER(void *codec, const char *image, size_t size, void *syntax);

extern "C" bool READ_HEADER(void *codec, const char *image, size_t size, void *syntax) {
    static auto *const function = interpose::in_library<ReadHeader>(LIBRARY, NAME_OF(READ_HEADER));
    const Borrowed borrowed;

    return sound(image, size) && function(codec, image, size, syntax);
}
