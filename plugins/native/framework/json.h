// JSON, by nlohmann's library.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <string_view>

namespace orthanc_images {

using Json = nlohmann::json;

// Returns the value that the text is in JSON; an Error that begins with `where` when it is none.
Json parsed(std::string_view text, const std::string &where);

// Returns the value as JSON; what is not UTF-8 in it is replaced.
std::string written(const Json &value);

} // namespace orthanc_images
