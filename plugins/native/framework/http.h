// Answering HTTP requests: routes of Orthanc's REST API that a plugin adds.
#pragma once

#include "framework/json.h"

#include <orthanc/OrthancCPlugin.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace orthanc_images {

// Returns the method as HTTP writes it, such as "GET".
const char *method_name(OrthancPluginHttpMethod method) noexcept;

// A request, for as long as its handler runs. Nothing is copied.
class Request {
  public:
    Request(const char *uri, const OrthancPluginHttpRequest *request) noexcept
        : uri_(uri), request_(request) {}

    OrthancPluginHttpMethod method() const noexcept {
        return request_->method;
    }

    // The path, without arguments.
    std::string_view uri() const noexcept {
        return uri_;
    }

    // What a group of the pattern stands for, counted from 0; an Error where there is none.
    std::string_view group(std::size_t number) const;

    // An argument of the query.
    std::optional<std::string_view> argument(std::string_view name) const noexcept;

    // All arguments of the query.
    std::vector<std::pair<std::string_view, std::string_view>> arguments() const;

    // A header, whose name is in lower case.
    std::optional<std::string_view> header(std::string_view name) const noexcept;

    // All headers, with their names in lower case.
    std::vector<std::pair<std::string_view, std::string_view>> headers() const;

    // The arguments of the query, encoded anew, with the question mark before them; nothing where there are
    // none.
    std::string query() const;

    // The bytes of the body.
    std::string_view body() const noexcept {
        return {static_cast<const char *>(request_->body), request_->bodySize};
    }

    // The value that the body is in JSON; an Error where it is none.
    Json json() const;

  private:
    const char *uri_;
    const OrthancPluginHttpRequest *request_;
};

// The answer to a request: headers first, then one of the others, once.
class Response {
  public:
    explicit Response(OrthancPluginRestOutput *output) noexcept : output_(output) {}

    // Adds a header.
    void header(const std::string &name, const std::string &value);

    // Answers 200 with the value.
    void json(const Json &value);

    // Answers 200 with the bytes, of this type.
    void bytes(std::string_view content, const std::string &type);

    // Answers with another status, and the bytes as body.
    void status(std::uint16_t status, std::string_view body = {});

    // Leads the client to another place.
    void redirect(const std::string &place);

    // Answers 405, and which methods there are, such as "GET,POST".
    void not_allowed(const std::string &methods);

  private:
    OrthancPluginRestOutput *output_;
};

// What answers a request. What it throws becomes an answer like those of Orthanc's own errors.
using Handler = void(const Request &, Response &);

namespace http {

OrthancPluginErrorCode answer(Handler *handler, OrthancPluginRestOutput *output, const char *uri,
                              const OrthancPluginHttpRequest *request) noexcept;

void route(const char *pattern, OrthancPluginRestCallback callback);

template <Handler *handler>
OrthancPluginErrorCode trampoline(OrthancPluginRestOutput *output, const char *uri,
                                  const OrthancPluginHttpRequest *request) noexcept {
    return answer(handler, output, uri, request);
}

} // namespace http

// Lets the handler answer requests for paths that the regular expression matches, on several threads at once.
template <Handler *handler> void route(const char *pattern) {
    http::route(pattern, http::trampoline<handler>);
}

} // namespace orthanc_images
