#include "framework/upload.h"

#include "framework/errors.h"
#include "framework/host.h"

namespace orthanc_images {

namespace {

Upload &upload_of(OrthancPluginServerChunkedRequestReader *reader) noexcept {
    return *reinterpret_cast<Upload *>(reader);
}

OrthancPluginErrorCode add(OrthancPluginServerChunkedRequestReader *reader, const void *data,
                           std::uint32_t size) noexcept {
    return guarded([&] { upload_of(reader).add({static_cast<const char *>(data), size}); });
}

OrthancPluginErrorCode execute(OrthancPluginServerChunkedRequestReader *reader,
                               OrthancPluginRestOutput *output) noexcept {
    try {
        Response response(output);
        upload_of(reader).done(response);
        return OrthancPluginErrorCode_Success;
    } catch (...) {
        const Failure failure = current_failure();
        OrthancPluginSetHttpErrorDetails(host(), output, failure.details.c_str(), 1);
        return failure.code;
    }
}

void finalize(OrthancPluginServerChunkedRequestReader *reader) noexcept {
    const std::unique_ptr<Upload> owned(&upload_of(reader));
}

} // namespace

namespace http {

OrthancPluginErrorCode begin_upload(Uploader *uploader, OrthancPluginServerChunkedRequestReader **reader,
                                    const char *uri, const OrthancPluginHttpRequest *request) noexcept {
    return guarded([&] {
        *reader =
            reinterpret_cast<OrthancPluginServerChunkedRequestReader *>(uploader({uri, request}).release());
    });
}

void route_puts(const char *pattern, OrthancPluginServerChunkedRequestReaderFactory factory) {
    OrthancPluginRegisterChunkedRestCallback(host(), pattern, nullptr, nullptr, nullptr, factory, add,
                                             execute, finalize);
}

} // namespace http

} // namespace orthanc_images
