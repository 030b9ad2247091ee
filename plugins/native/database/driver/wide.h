// Texts in UTF-16, as ODBC has them, and in UTF-8, as all else has them.
#pragma once

#include <string>
#include <string_view>

namespace orthanc_images::database {

bool is_ascii(std::string_view text) noexcept;

// Each returns the text in the other encoding; what is no text has U+FFFD in its place.
std::u16string widened(std::string_view text);
std::string narrow(std::u16string_view text);

void append_narrow(std::string &target, std::u16string_view text);

} // namespace orthanc_images::database
