// The paths of requests, in the one form in which they are judged.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace orthanc_images::authorization {

// Returns the path as Orthanc takes it apart to find who answers: without a slash at its end, but for "/".
// Nothing for a path that could be taken for another one: with an empty part, "." or "..", a backslash, a
// control character, or an encoding that is left when Orthanc has decoded the path.
std::optional<std::string> canonical(std::string_view uri);

// Returns the text with small letters; only those of ASCII have any.
std::string lower(std::string_view text);

} // namespace orthanc_images::authorization
