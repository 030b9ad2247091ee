// Bytes from texts, and from gzip, of sizes that are known before anything is allocated.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace orthanc_images::stl {

// Returns the bytes that the text stands for in base64; an Error that begins with `where` when it stands for
// none.
std::string decoded(std::string_view base64, const std::string &where);

// Returns the bytes in base64.
std::string in_base64(std::string_view bytes);

// Returns the content of a data URI, whose type does not matter: its bytes, from base64.
std::string content_of(std::string_view uri, const std::string &where);

// Tells whether the bytes begin as those of gzip do.
bool is_gzip(std::string_view bytes) noexcept;

// Returns what the bytes are unpacked, but no more than the first `most` bytes.
std::string unzipped(std::string_view bytes, std::size_t most, const std::string &where);

} // namespace orthanc_images::stl
