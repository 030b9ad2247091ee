#include "advanced/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <functional>
#include <system_error>
#include <vector>

namespace orthanc_images::advanced {

namespace {

constexpr mode_t MODE = 0644;
constexpr mode_t FOLDER_MODE = 0755;
constexpr std::size_t COPIED = std::size_t{1} << 20;
// How often a folder is made again that is deleted meanwhile, because it was empty.
constexpr int FOLDER_TRIES = 100;

OrthancPluginErrorCode code_of(int number) {
    switch (number) {
    case ENOSPC:
    case EDQUOT:
        return OrthancPluginErrorCode_FullStorage;
    case ENOENT:
        return OrthancPluginErrorCode_InexistentFile;
    default:
        return OrthancPluginErrorCode_StorageAreaPlugin;
    }
}

[[noreturn]] void fail_on(const std::string &what, int number) {
    throw FileError(code_of(number), what + ": " + std::generic_category().message(number) + ".", number);
}

std::string parent_of(const std::string &path) {
    return path.substr(0, path.rfind('/'));
}

void write_all(const Descriptor &file, std::string_view content, const std::string &what) {
    while (!content.empty()) {
        const ssize_t done = ::write(file.number(), content.data(), content.size());
        if (done < 0 && errno == EINTR) {
            continue;
        }
        if (done < 0) {
            fail_on(what, errno);
        }
        content.remove_prefix(static_cast<std::size_t>(done));
    }
}

// Makes the folders of a file; false where a file has the name of one. A folder may be gone again at once,
// since others delete those that are empty: opening the file tells.
bool make_folders(const std::string &folder, const std::string &what) {
    if (::mkdir(folder.c_str(), FOLDER_MODE) == 0) {
        return true;
    }
    if (errno == EEXIST) {
        struct stat found{};
        return ::stat(folder.c_str(), &found) != 0 || S_ISDIR(found.st_mode);
    }
    if (errno == ENOENT && folder.find('/', 1) != std::string::npos) {
        if (!make_folders(parent_of(folder), what)) {
            return false;
        }
        if (::mkdir(folder.c_str(), FOLDER_MODE) == 0 || errno == EEXIST || errno == ENOENT) {
            return true;
        }
    }
    if (errno == ENOTDIR) {
        return false;
    }
    fail_on(what, errno);
}

// Puts what a folder lists onto the disk, as well as the file system can.
void sync_folder(const std::string &folder) {
    const Descriptor opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (opened.good()) {
        ::fsync(opened.number());
    }
}

// Gives a file its name, and takes none that another one has: then it is false.
bool give_name(const std::string &temporary, const std::string &path, const std::string &what) {
    if (::renameat2(AT_FDCWD, temporary.c_str(), AT_FDCWD, path.c_str(), RENAME_NOREPLACE) == 0) {
        return true;
    }
    if (errno == EEXIST || errno == ENOTDIR || errno == EISDIR) {
        return false;
    }
    if (errno != EINVAL && errno != ENOSYS) {
        fail_on(what, errno);
    }
    // Network file systems lack that, and some lack second names too.
    if (::link(temporary.c_str(), path.c_str()) == 0) {
        ::unlink(temporary.c_str());
        return true;
    }
    if (errno == EEXIST || ::access(path.c_str(), F_OK) == 0) {
        return false;
    }
    if (::rename(temporary.c_str(), path.c_str()) != 0) {
        fail_on(what, errno);
    }
    return true;
}

using Fill = std::function<void(const Descriptor &)>;

bool write_with(const std::string &path, const Writing &writing, const Fill &fill) {
    const std::string what = "file " + writing.uuid + " cannot be written";
    const std::string folder = parent_of(path);
    const std::string temporary = folder + "/." + writing.uuid + ".tmp";
    int number = -1;
    for (int tries = 0; number < 0; ++tries) {
        if (!make_folders(folder, what)) {
            return false;
        }
        number = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, MODE);
        if (number < 0 && (errno != ENOENT || tries == FOLDER_TRIES)) {
            fail_on(what, errno);
        }
    }
    Descriptor file(number);
    try {
        fill(file);
        if (writing.sync && ::fsync(file.number()) != 0) {
            fail_on(what, errno);
        }
        if (!file.close()) {
            fail_on(what, errno);
        }
        if (!give_name(temporary, path, what)) {
            ::unlink(temporary.c_str());
            return false;
        }
    } catch (...) {
        ::unlink(temporary.c_str());
        throw;
    }
    if (writing.sync) {
        sync_folder(folder);
    }
    return true;
}

} // namespace

Descriptor::~Descriptor() {
    close();
}

bool Descriptor::close() noexcept {
    const int number = std::exchange(number_, -1);
    return number < 0 || ::close(number) == 0;
}

bool write_file(const std::string &path, std::string_view content, const Writing &writing) {
    return write_with(path, writing, [&](const Descriptor &file) {
        write_all(file, content, "file " + writing.uuid + " cannot be written");
    });
}

bool copy_file(const std::string &source, const std::string &path, const Writing &writing) {
    const std::string what = "file " + writing.uuid + " cannot be copied";
    if (!make_folders(parent_of(path), what)) {
        return false;
    }
    if (::link(source.c_str(), path.c_str()) == 0) {
        if (writing.sync) {
            sync_folder(parent_of(path));
        }
        return true;
    }
    if (errno == EEXIST) {
        return false;
    }
    const Descriptor from(::open(source.c_str(), O_RDONLY | O_CLOEXEC));
    if (!from.good()) {
        fail_on(what, errno);
    }
    return write_with(path, writing, [&](const Descriptor &file) {
        std::vector<char> piece(COPIED);
        while (true) {
            const ssize_t done = ::read(from.number(), piece.data(), piece.size());
            if (done < 0 && errno == EINTR) {
                continue;
            }
            if (done < 0) {
                fail_on(what, errno);
            }
            if (done == 0) {
                return;
            }
            write_all(file, {piece.data(), static_cast<std::size_t>(done)}, what);
        }
    });
}

void read_file(const std::string &path, std::uint64_t start, std::span<char> target) {
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file.good()) {
        fail_on("it cannot be read", errno);
    }
    while (!target.empty()) {
        const ssize_t done = ::pread(file.number(), target.data(), target.size(), static_cast<off_t>(start));
        if (done < 0 && errno == EINTR) {
            continue;
        }
        if (done < 0) {
            fail_on("it cannot be read", errno);
        }
        if (done == 0) {
            throw FileError(OrthancPluginErrorCode_BadRange,
                            "it is shorter than Orthanc's index says. Something else has changed it.", 0);
        }
        start += static_cast<std::uint64_t>(done);
        target = target.subspan(static_cast<std::size_t>(done));
    }
}

void remove_file_in(const std::string &path, const std::string &base) {
    if (::unlink(path.c_str()) != 0 && errno != ENOENT && errno != ENOTDIR) {
        fail_on("it cannot be deleted", errno);
    }
    if (base.empty()) {
        return;
    }
    for (std::string folder = parent_of(path); folder.size() > base.size() && folder.starts_with(base + "/");
         folder = parent_of(folder)) {
        if (::rmdir(folder.c_str()) != 0 && errno != ENOENT) {
            return;
        }
    }
}

} // namespace orthanc_images::advanced
