// Memory that the server and a worker have in common.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace orthanc_images::pixels {

// The server's side: made here, and of a size that nobody can change any more. A worker that wrote to it
// while it is read could make the content senseless, and nothing else.
class SharedMemory {
  public:
    SharedMemory() = default;
    // An Error when there is none.
    explicit SharedMemory(std::size_t size);
    SharedMemory(const SharedMemory &) = delete;
    SharedMemory &operator=(const SharedMemory &) = delete;
    SharedMemory(SharedMemory &&other) noexcept;
    SharedMemory &operator=(SharedMemory &&other) noexcept;
    ~SharedMemory();

    std::span<std::uint8_t> bytes() const noexcept {
        return {data_, size_};
    }

    int descriptor() const noexcept {
        return descriptor_;
    }

    // Gives the pages back to the system; they are 0 then.
    void forget() noexcept;

  private:
    int descriptor_ = -1;
    std::uint8_t *data_ = nullptr;
    std::size_t size_ = 0;
};

} // namespace orthanc_images::pixels
