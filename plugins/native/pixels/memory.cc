#include "pixels/memory.h"

#include "framework/errors.h"

#include <utility>

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

namespace orthanc_images::pixels {

SharedMemory::SharedMemory(std::size_t size)
    : descriptor_(memfd_create("pixels", MFD_CLOEXEC | MFD_ALLOW_SEALING)) {
    void *place = MAP_FAILED;
    if (descriptor_ >= 0 && ftruncate(descriptor_, static_cast<off_t>(size)) == 0 &&
        fcntl(descriptor_, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) == 0) {
        place = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor_, 0);
    }
    if (place == MAP_FAILED) {
        if (descriptor_ >= 0) {
            close(descriptor_);
        }
        throw Error(OrthancPluginErrorCode_NotEnoughMemory, "there is no shared memory for pixels");
    }
    data_ = static_cast<std::uint8_t *>(place);
    size_ = size;
}

SharedMemory::SharedMemory(SharedMemory &&other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), data_(std::exchange(other.data_, nullptr)),
      size_(std::exchange(other.size_, 0)) {}

SharedMemory &SharedMemory::operator=(SharedMemory &&other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
}

SharedMemory::~SharedMemory() {
    if (data_ != nullptr) {
        munmap(data_, size_);
        close(descriptor_);
    }
}

void SharedMemory::forget() noexcept {
    if (data_ != nullptr) {
        fallocate(descriptor_, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, static_cast<off_t>(size_));
    }
}

} // namespace orthanc_images::pixels
