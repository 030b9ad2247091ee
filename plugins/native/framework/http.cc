#include "framework/http.h"

#include "framework/errors.h"
#include "framework/host.h"
#include "framework/log.h"

#include <nlohmann/json.hpp>

#include <cctype>
#include <limits>
#include <span>

namespace orthanc_images {

namespace {

const char *status_name(std::uint16_t status) noexcept {
    switch (status) {
    case 400:
        return "Bad Request";
    case 401:
        return "Unauthorized";
    case 403:
        return "Forbidden";
    case 404:
        return "Not Found";
    case 409:
        return "Conflict";
    case 413:
        return "Payload Too Large";
    case 415:
        return "Unsupported Media Type";
    case 500:
        return "Internal Server Error";
    case 501:
        return "Not Implemented";
    case 502:
        return "Bad Gateway";
    case 503:
        return "Service Unavailable";
    case 504:
        return "Gateway Timeout";
    default:
        return "Error";
    }
}

std::optional<std::string_view> value_of(std::string_view name, const char *const *keys,
                                         const char *const *values, std::uint32_t count) noexcept {
    for (std::uint32_t i = 0; i < count; ++i) {
        if (name == std::span(keys, count)[i]) {
            return std::span(values, count)[i];
        }
    }
    return {};
}

// Returns a text as part of an address (RFC 3986, 2.3).
std::string escaped(std::string_view text) {
    static constexpr char DIGITS[] = "0123456789ABCDEF";
    std::string safe;
    for (const char one : text) {
        const auto byte = static_cast<unsigned char>(one);
        if (std::isalnum(byte) != 0 || one == '-' || one == '.' || one == '_' || one == '~') {
            safe += one;
        } else {
            safe.append({'%', DIGITS[byte >> 4U], DIGITS[byte & 15U]});
        }
    }
    return safe;
}

// Returns the body of an answer to a failed request, with the fields of Orthanc's own.
std::string body_of(const Failure &failure, const Request &request) {
    const char *message = OrthancPluginGetErrorDescription(host(), failure.code);
    return Json{{"Details", failure.details},
                {"HttpError", status_name(failure.status)},
                {"HttpStatus", failure.status},
                {"Message", message},
                {"Method", method_name(request.method())},
                {"OrthancError", message},
                {"OrthancStatus", static_cast<int>(failure.code)},
                {"Uri", request.uri()}}
        .dump(3, ' ', false, Json::error_handler_t::replace);
}

// Answers a request that failed: by itself when it has a status of its own, else through Orthanc.
OrthancPluginErrorCode refuse(const Failure &failure, OrthancPluginRestOutput *output,
                              const Request &request) {
    if (failure.status == 0) {
        OrthancPluginSetHttpErrorDetails(host(), output, failure.details.c_str(), 1);
        return failure.code;
    }
    log_error(std::string(method_name(request.method())) + " " + std::string(request.uri()) + ": " +
              failure.details);
    Response response(output);
    response.header("Content-Type", "application/json");
    response.status(failure.status, body_of(failure, request));
    return OrthancPluginErrorCode_Success;
}

// The SDK counts the bytes of a body with 32 bits.
std::uint32_t counted(std::string_view content) {
    if (content.size() > std::numeric_limits<std::uint32_t>::max()) {
        throw Error(OrthancPluginErrorCode_NotEnoughMemory,
                    "the answer has " + std::to_string(content.size()) + " bytes, too many for one piece.");
    }
    return static_cast<std::uint32_t>(content.size());
}

} // namespace

const char *method_name(OrthancPluginHttpMethod method) noexcept {
    switch (method) {
    case OrthancPluginHttpMethod_Get:
        return "GET";
    case OrthancPluginHttpMethod_Post:
        return "POST";
    case OrthancPluginHttpMethod_Put:
        return "PUT";
    case OrthancPluginHttpMethod_Delete:
        return "DELETE";
    default:
        return "?";
    }
}

std::string_view Request::group(std::size_t number) const {
    if (number >= request_->groupsCount) {
        throw Error(OrthancPluginErrorCode_ParameterOutOfRange,
                    "the pattern of " + std::string(uri_) + " has no group " + std::to_string(number));
    }
    return std::span(request_->groups, request_->groupsCount)[number];
}

std::optional<std::string_view> Request::argument(std::string_view name) const noexcept {
    return value_of(name, request_->getKeys, request_->getValues, request_->getCount);
}

std::vector<std::pair<std::string_view, std::string_view>> Request::arguments() const {
    std::vector<std::pair<std::string_view, std::string_view>> all;
    all.reserve(request_->getCount);
    for (std::uint32_t i = 0; i < request_->getCount; ++i) {
        all.emplace_back(std::span(request_->getKeys, request_->getCount)[i],
                         std::span(request_->getValues, request_->getCount)[i]);
    }
    return all;
}

std::optional<std::string_view> Request::header(std::string_view name) const noexcept {
    return value_of(name, request_->headersKeys, request_->headersValues, request_->headersCount);
}

std::vector<std::pair<std::string_view, std::string_view>> Request::headers() const {
    std::vector<std::pair<std::string_view, std::string_view>> all;
    all.reserve(request_->headersCount);
    for (std::uint32_t i = 0; i < request_->headersCount; ++i) {
        all.emplace_back(std::span(request_->headersKeys, request_->headersCount)[i],
                         std::span(request_->headersValues, request_->headersCount)[i]);
    }
    return all;
}

std::string Request::query() const {
    std::string query;
    for (std::uint32_t i = 0; i < request_->getCount; ++i) {
        query += query.empty() ? '?' : '&';
        query += escaped(std::span(request_->getKeys, request_->getCount)[i]) + '=' +
                 escaped(std::span(request_->getValues, request_->getCount)[i]);
    }
    return query;
}

Json Request::json() const {
    return parsed(body(), "the body of the request");
}

void Response::header(const std::string &name, const std::string &value) {
    OrthancPluginSetHttpHeader(host(), output_, name.c_str(), value.c_str());
}

void Response::json(const Json &value) {
    bytes(written(value), "application/json");
}

void Response::bytes(std::string_view content, const std::string &type) {
    OrthancPluginAnswerBuffer(host(), output_, content.data(), counted(content), type.c_str());
}

void Response::status(std::uint16_t status, std::string_view body) {
    OrthancPluginSendHttpStatus(host(), output_, status, body.data(), counted(body));
}

void Response::redirect(const std::string &place) {
    OrthancPluginRedirect(host(), output_, place.c_str());
}

void Response::not_allowed(const std::string &methods) {
    OrthancPluginSendMethodNotAllowed(host(), output_, methods.c_str());
}

namespace http {

OrthancPluginErrorCode answer(Handler *handler, OrthancPluginRestOutput *output, const char *uri,
                              const OrthancPluginHttpRequest *request) noexcept {
    const Request asked(uri, request);
    try {
        Response response(output);
        handler(asked, response);
        return OrthancPluginErrorCode_Success;
    } catch (...) {
        const Failure failure = current_failure();
        return guarded_or(failure.code, [&] { return refuse(failure, output, asked); });
    }
}

void route(const char *pattern, OrthancPluginRestCallback callback) {
    OrthancPluginRegisterRestCallbackNoLock(host(), pattern, callback);
}

} // namespace http

} // namespace orthanc_images
