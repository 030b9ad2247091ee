#include "framework/upload.h"

#include "framework/errors.h"
#include "framework/host.h"

namespace orthanc_images {

namespace {

// An upload, until something is wrong with it. Orthanc goes on to hand out the body then, until its end.
struct Reader {
    std::unique_ptr<Upload> upload;
    Failure failure;
};

Reader &reader_of(OrthancPluginServerChunkedRequestReader *reader) noexcept {
    return *reinterpret_cast<Reader *>(reader);
}

void fail(Reader &reader) noexcept {
    reader.failure = current_failure();
    reader.upload.reset();
}

OrthancPluginErrorCode add(OrthancPluginServerChunkedRequestReader *reader, const void *data,
                           std::uint32_t size) noexcept {
    Reader &one = reader_of(reader);
    if (one.upload == nullptr) {
        return one.failure.code;
    }
    try {
        one.upload->add({static_cast<const char *>(data), size});
        return OrthancPluginErrorCode_Success;
    } catch (...) {
        fail(one);
        return one.failure.code;
    }
}

OrthancPluginErrorCode execute(OrthancPluginServerChunkedRequestReader *reader,
                               OrthancPluginRestOutput *output) noexcept {
    Reader &one = reader_of(reader);
    if (one.upload != nullptr) {
        try {
            Response response(output);
            one.upload->done(response);
            return OrthancPluginErrorCode_Success;
        } catch (...) {
            fail(one);
        }
    }
    OrthancPluginSetHttpErrorDetails(host(), output, one.failure.details.c_str(), 1);
    return one.failure.code;
}

void finalize(OrthancPluginServerChunkedRequestReader *reader) noexcept {
    const std::unique_ptr<Reader> owned(&reader_of(reader));
}

} // namespace

namespace http {

OrthancPluginErrorCode begin_upload(Uploader *uploader, OrthancPluginServerChunkedRequestReader **reader,
                                    const char *uri, const OrthancPluginHttpRequest *request) noexcept {
    return guarded([&] {
        auto made = std::make_unique<Reader>(Reader{uploader({uri, request}), {}});
        *reader = reinterpret_cast<OrthancPluginServerChunkedRequestReader *>(made.release());
    });
}

void route_puts(const char *pattern, OrthancPluginServerChunkedRequestReaderFactory factory) {
    OrthancPluginRegisterChunkedRestCallback(host(), pattern, nullptr, nullptr, nullptr, factory, add,
                                             execute, finalize);
}

} // namespace http

} // namespace orthanc_images
