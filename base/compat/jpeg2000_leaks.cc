/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Cure 11: what OpenJPEG made for a JPEG 2000 image that GDCM gave up is taken back.
 *
 * GDCM forgets the decoder when a header cannot be read, with its threads, one for each processor, and
 * stream and image in other cases. The functions below are all through which GDCM gets and gives
 * back these three; they note what there is while GDCM reads or decodes. See docs/compat.md.
 */

#include "jpeg2000.h"

#include <dlfcn.h>
#include <stddef.h>

#define OPENJPEG "libopenjp2.so.7"

namespace
{
    typedef void *Create(int format);
    typedef void *CreateStream(size_t size, int reads);
    typedef int ReadHeader(void *stream, void *codec, void **image);
    typedef void Destroy(void *what);

    __thread bool noting = false;
    __thread void *codec = NULL;
    __thread void *stream = NULL;
    __thread void *image = NULL;

    void note(void *&place, void *made)
    {
        if (noting)
            place = made;
    }

    void forget(void *&place, const void *gone)
    {
        if (place == gone)
            place = NULL;
    }
}

void *found(const char *library, const char *symbol)
{
    void *handle = dlopen(library, RTLD_LAZY | RTLD_NOLOAD);
    return handle == NULL ? NULL : dlsym(handle, symbol);
}

#define ORIGINAL(type, symbol) \
    static type *const original = reinterpret_cast<type *>(found(OPENJPEG, #symbol))

extern "C" void *opj_create_decompress(int format);
extern "C" void *opj_create_decompress(int format)
{
    ORIGINAL(Create, opj_create_decompress);
    void *made = original == NULL ? NULL : original(format);

    note(codec, made);
    return made;
}

extern "C" void *opj_stream_create(size_t size, int reads);
extern "C" void *opj_stream_create(size_t size, int reads)
{
    ORIGINAL(CreateStream, opj_stream_create);
    void *made = original == NULL ? NULL : original(size, reads);

    note(stream, made);
    return made;
}

extern "C" int opj_read_header(void *from, void *decoder, void **made);
extern "C" int opj_read_header(void *from, void *decoder, void **made)
{
    ORIGINAL(ReadHeader, opj_read_header);
    const int read = original != NULL && original(from, decoder, made);

    if (read)
        note(image, *made);
    return read;
}

#define GIVES_BACK(symbol, place)        \
    extern "C" void symbol(void *gone);  \
    extern "C" void symbol(void *gone)   \
    {                                    \
        ORIGINAL(Destroy, symbol);       \
                                         \
        forget(place, gone);             \
        if (original != NULL)            \
            original(gone);              \
    }

GIVES_BACK(opj_destroy_codec, codec)
GIVES_BACK(opj_stream_destroy, stream)
GIVES_BACK(opj_image_destroy, image)

void take_back()
{
    noting = false;
    if (codec != NULL)
        opj_destroy_codec(codec);
    if (stream != NULL)
        opj_stream_destroy(stream);
    if (image != NULL)
        opj_image_destroy(image);
}

Borrowed::Borrowed()
{
    take_back();
    noting = true;
}

Borrowed::~Borrowed()
{
    take_back();
}
