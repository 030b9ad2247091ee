#include "stl/bytes.h"

#include "framework/errors.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <memory>

namespace orthanc_images::stl {

namespace {

constexpr std::string_view DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t NO_DIGIT = 64;
constexpr std::size_t PIECE = 1U << 20U;
// zlib's way to ask for gzip: 16 more than the size of the window.
constexpr int GZIP = 16 + MAX_WBITS;

[[noreturn]] void refuse_bytes(const std::string &message) {
    throw Error(OrthancPluginErrorCode_BadFileFormat, message);
}

std::array<std::uint8_t, 256> values_of_digits() {
    std::array<std::uint8_t, 256> values{};
    values.fill(NO_DIGIT);
    for (std::size_t at = 0; at < DIGITS.size(); ++at) {
        values.at(static_cast<unsigned char>(DIGITS[at])) = static_cast<std::uint8_t>(at);
    }
    return values;
}

struct EndInflate {
    void operator()(z_stream *stream) const noexcept {
        inflateEnd(stream);
    }
};

} // namespace

std::string decoded(std::string_view base64, const std::string &where) {
    static const std::array<std::uint8_t, 256> VALUES = values_of_digits();
    std::string_view text = base64;
    while (text.ends_with('=') && base64.size() - text.size() < 2) {
        text.remove_suffix(1);
    }
    if (base64.size() % 4 != 0 || text.size() % 4 == 1) {
        refuse_bytes(where + ": is no base64: its length is no multiple of 4.");
    }
    std::string bytes;
    bytes.reserve(text.size() / 4 * 3 + 2);
    std::uint32_t held = 0;
    unsigned int bits = 0;
    for (const char one : text) {
        const std::uint8_t value = VALUES.at(static_cast<unsigned char>(one));
        if (value == NO_DIGIT) {
            refuse_bytes(where + ": is no base64: it has a character that does not belong there.");
        }
        held = ((held << 6U) | value) & 0xFFFFFFU;
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            bytes += static_cast<char>((held >> bits) & 0xFFU);
        }
    }
    return bytes;
}

std::string in_base64(std::string_view bytes) {
    std::string text;
    text.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t at = 0; at < bytes.size(); at += 3) {
        const std::size_t count = std::min<std::size_t>(3, bytes.size() - at);
        std::uint32_t held = 0;
        for (std::size_t next = 0; next < 3; ++next) {
            held = (held << 8U) | (next < count ? static_cast<unsigned char>(bytes[at + next]) : 0U);
        }
        for (unsigned int digit = 0; digit < 4; ++digit) {
            text += digit <= count ? DIGITS[(held >> (18 - (6 * digit))) & 63U] : '=';
        }
    }
    return text;
}

std::string content_of(std::string_view uri, const std::string &where) {
    constexpr std::string_view MARK = ";base64,";
    const std::size_t comma = uri.find(',');
    if (!uri.starts_with("data:") || comma == std::string_view::npos ||
        !uri.substr(0, comma + 1).ends_with(MARK)) {
        refuse_bytes(
            where + ": is no data URI in base64. Write data:application/octet-stream;base64, and the bytes.");
    }
    return decoded(uri.substr(comma + 1), where);
}

bool is_gzip(std::string_view bytes) noexcept {
    return bytes.starts_with("\x1f\x8b");
}

std::string unzipped(std::string_view bytes, std::size_t most, const std::string &where) {
    z_stream stream{};
    if (bytes.size() > std::numeric_limits<uInt>::max() || inflateInit2(&stream, GZIP) != Z_OK) {
        refuse_bytes(where + ": is too large to be unpacked.");
    }
    const std::unique_ptr<z_stream, EndInflate> ending(&stream);
    // zlib does not write there.
    stream.next_in = reinterpret_cast<Bytef *>(const_cast<char *>(bytes.data()));
    stream.avail_in = static_cast<uInt>(bytes.size());
    std::string unpacked;
    while (unpacked.size() < most) {
        const std::size_t before = unpacked.size();
        const std::size_t room = std::min(PIECE, most - before);
        unpacked.resize(before + room);
        stream.next_out = reinterpret_cast<Bytef *>(&unpacked[before]);
        stream.avail_out = static_cast<uInt>(room);
        const int code = inflate(&stream, Z_NO_FLUSH);
        unpacked.resize(before + room - stream.avail_out);
        if (code == Z_STREAM_END) {
            break;
        }
        if (code != Z_OK) {
            refuse_bytes(where + ": is gzip that is broken or cut off.");
        }
    }
    return unpacked;
}

} // namespace orthanc_images::stl
