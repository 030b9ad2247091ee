// Memory that Orthanc has allocated, and takes back at the end of the value that holds it.
#pragma once

#include "framework/host.h"

#include <memory>
#include <string_view>
#include <utility>

namespace orthanc_images {

// Bytes from Orthanc.
class Buffer {
  public:
    Buffer() = default;
    Buffer(const Buffer &) = delete;
    Buffer &operator=(const Buffer &) = delete;

    Buffer(Buffer &&other) noexcept : raw_(std::exchange(other.raw_, {nullptr, 0})) {}

    Buffer &operator=(Buffer &&other) noexcept {
        std::swap(raw_, other.raw_);
        return *this;
    }

    ~Buffer() {
        if (raw_.data != nullptr) {
            OrthancPluginFreeMemoryBuffer(host(), &raw_);
        }
    }

    // Returns where a function of the SDK is to put memory, once in the life of this value.
    OrthancPluginMemoryBuffer *target() noexcept {
        return &raw_;
    }

    std::string_view bytes() const noexcept {
        return {static_cast<const char *>(raw_.data), raw_.size};
    }

  private:
    OrthancPluginMemoryBuffer raw_{nullptr, 0};
};

// Gives a text back to Orthanc.
struct FreeText {
    void operator()(char *text) const noexcept {
        OrthancPluginFreeString(host(), text);
    }
};

// A text from Orthanc, or nothing.
using Text = std::unique_ptr<char, FreeText>;

} // namespace orthanc_images
