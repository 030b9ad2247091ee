// Frames in the format of zlib's raw streams. Source: DICOM PS3.5, A.4.13 (Deflated Image Frame Compression).
#include "pixels/codecs/codec.h"
#include "pixels/refusal.h"

#include <zlib.h>

namespace orthanc_images::pixels {

Decoded decode_deflated(Bytes stream, const Description &image) {
    const std::size_t packed = (image.bits_of_frame() + 7) / 8;
    Frame bytes(packed);
    z_stream state{};
    if (inflateInit2(&state, -MAX_WBITS) != Z_OK) {
        throw Refusal("there is not enough memory for zlib");
    }
    state.next_in = const_cast<Bytef *>(stream.data()); // NOLINT(cppcoreguidelines-pro-type-const-cast): zlib reads only
    state.avail_in = static_cast<uInt>(stream.size());
    state.next_out = bytes.data();
    state.avail_out = static_cast<uInt>(bytes.size());
    const int result = inflate(&state, Z_FINISH);
    const bool whole = state.avail_out == 0;
    inflateEnd(&state);
    if (!whole || (result != Z_STREAM_END && result != Z_BUF_ERROR && result != Z_OK)) {
        throw Refusal("the deflated data of the frame is damaged, or ends too early");
    }
    return {.pixels = std::move(bytes), .photometric = image.photometric};
}

} // namespace orthanc_images::pixels
