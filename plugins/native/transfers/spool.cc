#include "transfers/spool.h"

#include "framework/errors.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <system_error>

namespace orthanc_images::transfers {

namespace {

[[noreturn]] void refuse(const std::string &what, int error) {
    throw Error(error == ENOSPC || error == EDQUOT || error == EFBIG ? OrthancPluginErrorCode_FullStorage
                                                                     : OrthancPluginErrorCode_CannotWriteFile,
                what + ": " + std::generic_category().message(error));
}

int nameless(const std::string &folder) {
    std::string path = folder + "/orthanc-transfer-XXXXXX";
    const int file = mkostemp(path.data(), O_CLOEXEC);
    if (file < 0) {
        refuse(folder + ": no file can be made there. Set TemporaryDirectory to a folder that can be written",
               errno);
    }
    unlink(path.c_str());
    return file;
}

} // namespace

void demand_room(const std::string &folder, std::uint64_t size) {
    struct statvfs about{};
    if (statvfs(folder.c_str(), &about) == 0 && size / about.f_frsize >= about.f_bavail) {
        throw Error(OrthancPluginErrorCode_FullStorage,
                    folder + ": has no room for " + std::to_string(size) +
                        " bytes. Make room there, or set TemporaryDirectory to another folder.");
    }
}

Spool::Spool(const std::string &folder, std::uint64_t size) : file_(-1) {
    demand_room(folder, size);
    file_ = nameless(folder);
    if (ftruncate(file_, static_cast<off_t>(size)) != 0) {
        const int error = errno;
        close(file_);
        refuse(folder + ": a file of " + std::to_string(size) + " bytes cannot be made", error);
    }
}

Spool::~Spool() {
    close(file_);
}

void Spool::write(std::string_view content, std::uint64_t position) const {
    while (!content.empty()) {
        const ssize_t done = pwrite(file_, content.data(), content.size(), static_cast<off_t>(position));
        if (done < 0 && errno != EINTR) {
            refuse("a temporary file cannot be written", errno);
        }
        const std::size_t written = done < 0 ? 0 : static_cast<std::size_t>(done);
        content.remove_prefix(written);
        position += written;
    }
}

std::string Spool::read(std::uint64_t position, std::uint64_t size) const {
    std::string content(size, '\0');
    const ssize_t done = pread(file_, content.data(), size, static_cast<off_t>(position));
    if (done <= 0) {
        refuse("a temporary file cannot be read", errno);
    }
    content.resize(static_cast<std::size_t>(done));
    return content;
}

Mapped::Mapped(const Spool &file, std::uint64_t start, std::uint64_t size)
    : before_(start % static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE))), size_(before_ + size),
      memory_(mmap(nullptr, size_, PROT_READ, MAP_SHARED, file.descriptor(),
                   static_cast<off_t>(start - before_))) {
    if (memory_ == MAP_FAILED) {
        refuse("a temporary file cannot be read", errno);
    }
}

Mapped::~Mapped() {
    munmap(memory_, size_);
}

} // namespace orthanc_images::transfers
