#include "framework/client.h"

#include "framework/errors.h"
#include "framework/http.h"
#include "framework/json.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cctype>

namespace orthanc_images {

namespace {

// Returns the value of a header in JSON, whatever the case of its name.
std::string header_of(const Json &headers, std::string_view name) {
    for (const auto &[key, value] : headers.items()) {
        const bool same = std::ranges::equal(key, name, [](unsigned char one, unsigned char other) {
            return std::tolower(one) == std::tolower(other);
        });
        if (same && value.is_string()) {
            return value.get<std::string>();
        }
    }
    return {};
}

} // namespace

std::string shown(const std::string &url) {
    const std::size_t scheme = url.find("://");
    const std::size_t host = scheme == std::string::npos ? 0 : scheme + 3;
    const std::size_t end = std::min(url.find_first_of("/?#", host), url.size());
    const std::size_t user = url.rfind('@', end);
    const std::size_t from = user == std::string::npos || user < host ? host : user + 1;
    return url.substr(0, host) + url.substr(from, url.find_first_of("?#", from) - from);
}

Fetched fetch(const Fetch &request) {
    std::vector<const char *> keys;
    std::vector<const char *> values;
    for (const auto &[key, value] : request.headers) {
        keys.push_back(key.c_str());
        values.push_back(value.c_str());
    }
    const auto given = [](const std::string &text) { return text.empty() ? nullptr : text.c_str(); };
    Fetched answer{0, {}, {}};
    Buffer headers;
    const OrthancPluginErrorCode code = OrthancPluginHttpClient(
        host(), answer.body.target(), headers.target(), &answer.status, request.method, request.url.c_str(),
        static_cast<std::uint32_t>(keys.size()), keys.data(), values.data(), request.body.data(),
        static_cast<std::uint32_t>(request.body.size()), given(request.user), given(request.password),
        request.timeout, given(request.certificate), given(request.key), given(request.key_password),
        static_cast<std::uint8_t>(request.pkcs11));
    const std::string what = std::string(method_name(request.method)) + " " + shown(request.url);
    if (code != OrthancPluginErrorCode_Success) {
        throw HttpError(502,
                        what + ": there is no usable answer (" +
                            (answer.status == 0 ? std::string(OrthancPluginGetErrorDescription(host(), code))
                                                : "status " + std::to_string(answer.status)) +
                            "). See that the address is right and that the service runs.");
    }
    if (!headers.bytes().empty()) {
        answer.type = header_of(parsed(headers.bytes(), what + ": its headers"), "content-type");
    }
    return answer;
}

} // namespace orthanc_images
