// What goes wrong, as exceptions inside of a plugin and as codes at its border to Orthanc, which is C.
#pragma once

#include <orthanc/OrthancCPlugin.h>

#include <cstdint>
#include <exception>
#include <source_location>
#include <stdexcept>
#include <string>
#include <utility>

namespace orthanc_images {

// An error with a code that Orthanc knows, from which it makes the HTTP status; the message says where, what
// is wrong, and what to do.
class Error : public std::runtime_error {
  public:
    Error(OrthancPluginErrorCode code, const std::string &message)
        : std::runtime_error(message), code_(code) {}

    OrthancPluginErrorCode code() const noexcept {
        return code_;
    }

  private:
    OrthancPluginErrorCode code_;
};

// An error that is answered with a status for which Orthanc has no code, such as 502.
class HttpError : public Error {
  public:
    HttpError(std::uint16_t status, const std::string &message)
        : Error(OrthancPluginErrorCode_Plugin, message), status_(status) {}

    std::uint16_t status() const noexcept {
        return status_;
    }

  private:
    std::uint16_t status_;
};

// An exception as what Orthanc takes: a code, the status that an HTTP request is to be answered with (0: that
// of the code), and what is to be said.
struct Failure {
    OrthancPluginErrorCode code = OrthancPluginErrorCode_InternalError;
    std::uint16_t status = 0;
    std::string details;
};

// Returns what the exception is that is being handled; to be called in a handler of exceptions only.
Failure current_failure() noexcept;

// Runs the function, and returns the code for Orthanc; what it throws goes to the log, and no further.
template <typename Function>
OrthancPluginErrorCode guarded(Function &&function,
                               std::source_location place = std::source_location::current()) noexcept;

// Logs the exception that is being handled, and returns its code.
OrthancPluginErrorCode logged_failure(std::source_location place) noexcept;

template <typename Function>
OrthancPluginErrorCode guarded(Function &&function, std::source_location place) noexcept {
    try {
        std::forward<Function>(function)();
        return OrthancPluginErrorCode_Success;
    } catch (...) {
        return logged_failure(place);
    }
}

// Runs the function and returns its result, or `otherwise` when it throws, which is logged.
template <typename Function, typename Result>
Result guarded_or(Result otherwise, Function &&function,
                  std::source_location place = std::source_location::current()) noexcept {
    try {
        return std::forward<Function>(function)();
    } catch (...) {
        logged_failure(place);
        return otherwise;
    }
}

} // namespace orthanc_images
