// Frames in the format of zlib's raw streams. Source: DICOM PS3.5, A.4.13 (Deflated Image Frame Compression).
#include "pixels/codecs/codec.h"
#include "pixels/refusal.h"

#include <algorithm>
#include <array>
#include <memory>

#include <zlib.h>

namespace orthanc_images::pixels {

Decoded decode_deflated(Bytes stream, const Description &image) {
    const std::size_t packed = (image.bits_of_frame() + 7) / 8;
    Frame bytes(packed);
    z_stream state{};
    if (inflateInit2(&state, -MAX_WBITS) != Z_OK) {
        throw Refusal("there is not enough memory for zlib");
    }
    state.next_in =
        const_cast<Bytef *>(stream.data()); // NOLINT(cppcoreguidelines-pro-type-const-cast): zlib reads only
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

void inflate_to(Bytes stream, std::vector<std::uint8_t> &target) {
    z_stream state{};
    if (inflateInit2(&state, -MAX_WBITS) != Z_OK) {
        throw Refusal("there is not enough memory for zlib");
    }
    const std::unique_ptr<z_stream, decltype(&inflateEnd)> end(&state, &inflateEnd);
    std::array<std::uint8_t, 65536> piece{};
    int result = Z_OK;
    while (result == Z_OK) {
        if (state.avail_in == 0) { // it takes no more than 4 GiB at once
            const std::size_t taken = std::min<std::size_t>(stream.size(), 1U << 30U);
            // zlib reads only. NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast)
            state.next_in = const_cast<Bytef *>(stream.data());
            state.avail_in = static_cast<uInt>(taken);
            stream = stream.subspan(taken);
        }
        state.next_out = piece.data();
        state.avail_out = static_cast<uInt>(piece.size());
        result = inflate(&state, Z_NO_FLUSH);
        target.insert(target.end(), piece.data(), piece.data() + (piece.size() - state.avail_out));
    }
    if (result != Z_STREAM_END) {
        throw Refusal("the deflated dataset is damaged, or ends too early");
    }
}

} // namespace orthanc_images::pixels
