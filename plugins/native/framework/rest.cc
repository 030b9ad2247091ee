#include "framework/rest.h"

#include "framework/errors.h"
#include "framework/http.h"

#include <nlohmann/json.hpp>

#include <limits>

namespace orthanc_images {

Answer call(const Call &call) {
    const std::string what = std::string(method_name(call.method)) + " " + call.uri;
    if (call.body.size() > std::numeric_limits<std::uint32_t>::max()) {
        throw Error(OrthancPluginErrorCode_NotEnoughMemory, what + ": its body is larger than 4 GiB.");
    }
    std::vector<const char *> keys;
    std::vector<const char *> values;
    for (const auto &[key, value] : call.headers) {
        keys.push_back(key.c_str());
        values.push_back(value.c_str());
    }
    Answer answer{0, {}};
    const OrthancPluginErrorCode code = OrthancPluginCallRestApi(
        host(), answer.body.target(), nullptr, &answer.status, call.method, call.uri.c_str(),
        static_cast<std::uint32_t>(keys.size()), keys.data(), values.data(), call.body.data(),
        static_cast<std::uint32_t>(call.body.size()), static_cast<std::uint8_t>(call.plugins));
    if (code != OrthancPluginErrorCode_Success) {
        throw Error(code, what + ": " + OrthancPluginGetErrorDescription(host(), code));
    }
    return answer;
}

Json get_json(const std::string &uri, bool plugins) {
    const Answer answer = call({.uri = uri, .plugins = plugins});
    if (!answer.good()) {
        throw Error(answer.status == 404 ? OrthancPluginErrorCode_UnknownResource
                                         : OrthancPluginErrorCode_NetworkProtocol,
                    "GET " + uri + ": Orthanc answers " + std::to_string(answer.status));
    }
    return parsed(answer.body.bytes(), "GET " + uri);
}

} // namespace orthanc_images
