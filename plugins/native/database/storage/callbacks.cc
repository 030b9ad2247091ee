#include "database/storage/callbacks.h"

#include "framework/errors.h"
#include "framework/host.h"

#include <new>
#include <span>
#include <utility>

namespace orthanc_images::database {

namespace {

// Orthanc calls the functions below while there is one.
std::unique_ptr<Area> registered;

Area &known() {
    if (registered == nullptr) {
        throw Error(OrthancPluginErrorCode_StorageAreaPlugin, "the storage area has ended.");
    }
    return *registered;
}

OrthancPluginErrorCode create(const char *uuid, const void *content, std::int64_t size,
                              OrthancPluginContentType type) noexcept {
    return guarded([=] {
        known().create(uuid, type, {static_cast<const char *>(content), static_cast<std::size_t>(size)});
    });
}

// Memory of Orthanc, which gets it if nothing fails.
class Target {
  public:
    explicit Target(OrthancPluginMemoryBuffer64 *buffer) noexcept : buffer_(buffer) {}

    Target(const Target &) = delete;
    Target &operator=(const Target &) = delete;

    ~Target() {
        if (allocated_ && !given_) {
            OrthancPluginFreeMemoryBuffer64(host(), buffer_);
        }
    }

    std::span<char> allocate(std::uint64_t size) {
        if (OrthancPluginCreateMemoryBuffer64(host(), buffer_, size) != OrthancPluginErrorCode_Success) {
            throw std::bad_alloc();
        }
        allocated_ = true;
        return {static_cast<char *>(buffer_->data), static_cast<std::size_t>(size)};
    }

    void give() noexcept {
        given_ = true;
    }

  private:
    OrthancPluginMemoryBuffer64 *buffer_;
    bool allocated_ = false;
    bool given_ = false;
};

OrthancPluginErrorCode read_whole(OrthancPluginMemoryBuffer64 *buffer, const char *uuid,
                                  OrthancPluginContentType type) noexcept {
    return guarded([=] {
        Target target(buffer);
        known().read(uuid, type, [&](std::uint64_t size) { return target.allocate(size); });
        target.give();
    });
}

OrthancPluginErrorCode read_range(OrthancPluginMemoryBuffer64 *buffer, const char *uuid,
                                  OrthancPluginContentType type, std::uint64_t start) noexcept {
    return guarded([=] {
        known().read_range(uuid, type, start,
                           {static_cast<char *>(buffer->data), static_cast<std::size_t>(buffer->size)});
    });
}

OrthancPluginErrorCode remove_file(const char *uuid, OrthancPluginContentType type) noexcept {
    return guarded([=] { known().remove(uuid, type); });
}

} // namespace

void register_area(std::unique_ptr<Area> area) {
    registered = std::move(area);
    OrthancPluginRegisterStorageArea2(host(), create, read_whole, read_range, remove_file);
}

void end_area() noexcept {
    registered.reset();
}

} // namespace orthanc_images::database
