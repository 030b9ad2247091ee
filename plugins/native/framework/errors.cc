#include "framework/errors.h"

#include "framework/log.h"

#include <new>

namespace orthanc_images {

namespace {

Failure described() {
    try {
        throw;
    } catch (const HttpError &error) {
        return {error.code(), error.status(), error.what()};
    } catch (const Error &error) {
        return {error.code(), 0, error.what()};
    } catch (const std::bad_alloc &) {
        return {OrthancPluginErrorCode_NotEnoughMemory, 0, "there is not enough memory"};
    } catch (const std::exception &error) {
        return {OrthancPluginErrorCode_InternalError, 0, error.what()};
    } catch (...) {
        return {OrthancPluginErrorCode_InternalError, 0, "an exception of an unknown type"};
    }
}

} // namespace

Failure current_failure() noexcept {
    try {
        return described();
    } catch (...) {
        // There was no memory to say what is wrong.
        return {OrthancPluginErrorCode_NotEnoughMemory, 0, {}};
    }
}

OrthancPluginErrorCode logged_failure(std::source_location place) noexcept {
    const Failure failure = current_failure();
    log(OrthancPluginLogLevel_Error, failure.details, place);
    return failure.code;
}

} // namespace orthanc_images
