#include "framework/json.h"

#include "framework/errors.h"

#include <nlohmann/json.hpp>

namespace orthanc_images {

Json parsed(std::string_view text, const std::string &where) {
    Json value = Json::parse(text, nullptr, false);
    if (value.is_discarded()) {
        throw Error(OrthancPluginErrorCode_BadJson, where + ": is not JSON. Correct its syntax.");
    }
    return value;
}

std::string written(const Json &value) {
    return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

} // namespace orthanc_images
