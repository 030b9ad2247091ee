// Taking bodies of PUT requests as they come, so that one that is too long is refused before it is there.
#pragma once

#include "framework/http.h"

#include <orthanc/OrthancCPlugin.h>

#include <memory>
#include <string_view>

namespace orthanc_images {

// A body that is being sent. What a function throws becomes the answer, and ends this value: Orthanc reads
// the rest of the body, and it is dropped.
class Upload {
  public:
    Upload() = default;
    Upload(const Upload &) = delete;
    Upload &operator=(const Upload &) = delete;
    virtual ~Upload() = default;

    // Takes the next bytes.
    virtual void add(std::string_view bytes) = 0;

    // Answers the request: all has come.
    virtual void done(Response &response) = 0;
};

// Makes one for a request, which has no body yet.
using Uploader = std::unique_ptr<Upload>(const Request &);

namespace http {

OrthancPluginErrorCode begin_upload(Uploader *uploader, OrthancPluginServerChunkedRequestReader **reader,
                                    const char *uri, const OrthancPluginHttpRequest *request) noexcept;

void route_puts(const char *pattern, OrthancPluginServerChunkedRequestReaderFactory factory);

template <Uploader *uploader>
OrthancPluginErrorCode upload_trampoline(OrthancPluginServerChunkedRequestReader **reader, const char *uri,
                                         const OrthancPluginHttpRequest *request) noexcept {
    return begin_upload(uploader, reader, uri, request);
}

} // namespace http

// Lets the function take PUT requests for paths that the regular expression matches, on several threads at
// once. Other methods are not allowed there.
template <Uploader *uploader> void route_puts(const char *pattern) {
    http::route_puts(pattern, http::upload_trampoline<uploader>);
}

} // namespace orthanc_images
