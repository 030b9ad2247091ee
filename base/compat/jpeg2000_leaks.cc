/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Patch 11: what OpenJPEG made for a JPEG 2000 image that GDCM gave up is taken back.
 *
 * GDCM forgets the decoder when a header cannot be read, with its threads, one for each processor, and
 * stream and image in other cases. The functions below are all through which GDCM gets and gives
 * back these three; they note what there is while GDCM reads or decodes. See docs/compat.md.
 */

#include "interpose.h"
#include "jpeg2000.h"

#include <cstddef>

#define OPENJPEG "libopenjp2.so.7"

namespace {
__thread bool noting = false;
__thread void *codec = nullptr;
__thread void *stream = nullptr;
__thread void *image = nullptr;

void note(void *&place, void *made) {
    if (noting) {
        place = made;
    }
}

void forget(void *&place, const void *gone) {
    if (place == gone) {
        place = nullptr;
    }
}
} // namespace

#define ORIGINAL(symbol)                                                                                     \
    static auto *const original = interpose::in_library<decltype(symbol)>(OPENJPEG, #symbol)

extern "C" void *opj_create_decompress(int format);

extern "C" void *opj_create_decompress(int format) {
    ORIGINAL(opj_create_decompress);
    void *made = original(format);

    note(codec, made);
    return made;
}

extern "C" void *opj_stream_create(size_t size, int reads);

extern "C" void *opj_stream_create(size_t size, int reads) {
    ORIGINAL(opj_stream_create);
    void *made = original(size, reads);

    note(stream, made);
    return made;
}

extern "C" int opj_read_header(void *from, void *decoder, void **made);

extern "C" int opj_read_header(void *from, void *decoder, void **made) {
    ORIGINAL(opj_read_header);
    const int read = original(from, decoder, made);

    if (read != 0) {
        note(image, *made);
    }
    return read;
}

#define GIVES_BACK(symbol, place)                                                                            \
    extern "C" void symbol(void *gone);                                                                      \
    extern "C" void symbol(void *gone) {                                                                     \
        ORIGINAL(symbol);                                                                                    \
                                                                                                             \
        forget(place, gone);                                                                                 \
        original(gone);                                                                                      \
    }

GIVES_BACK(opj_destroy_codec, codec)
GIVES_BACK(opj_stream_destroy, stream)
GIVES_BACK(opj_image_destroy, image)

void take_back() {
    noting = false;
    if (codec != nullptr) {
        opj_destroy_codec(codec);
    }
    if (stream != nullptr) {
        opj_stream_destroy(stream);
    }
    if (image != nullptr) {
        opj_image_destroy(image);
    }
}

Borrowed::Borrowed() {
    take_back();
    noting = true;
}

Borrowed::~Borrowed() {
    take_back();
}
