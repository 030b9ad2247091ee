// Files on disk: written as a whole or not at all, read in parts, and deleted with the folders that become
// empty.
#pragma once

#include "framework/errors.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace orthanc_images::advanced {

// What the system refused, with its number.
class FileError : public Error {
  public:
    FileError(OrthancPluginErrorCode code, const std::string &message, int number)
        : Error(code, message), number_(number) {}

    int number() const noexcept {
        return number_;
    }

  private:
    int number_;
};

// A descriptor, closed at its end.
class Descriptor {
  public:
    explicit Descriptor(int number) noexcept : number_(number) {}

    Descriptor(const Descriptor &) = delete;
    Descriptor &operator=(const Descriptor &) = delete;

    Descriptor(Descriptor &&other) noexcept : number_(std::exchange(other.number_, -1)) {}

    Descriptor &operator=(Descriptor &&) = delete;
    ~Descriptor();

    int number() const noexcept {
        return number_;
    }

    bool good() const noexcept {
        return number_ >= 0;
    }

    // Closes it; the errors of a file system that writes late come here.
    bool close() noexcept;

  private:
    int number_;
};

// What files are called while they are written; there is one for each, whatever the name that it gets.
struct Writing {
    // Names the file in messages, and while it is written.
    const std::string &uuid;
    // Whether it is on the disk, and not only in memory, when the function returns.
    bool sync;
};

// Writes a new file, and the folders that it needs. Returns false, and leaves nothing, where there is a file
// of this name, or one in place of a folder.
bool write_file(const std::string &path, std::string_view content, const Writing &writing);

// The same with the content of another file, or as a second name of it where both are on one file system.
bool copy_file(const std::string &source, const std::string &path, const Writing &writing);

// Fills the target with what is in the file from `start` on; an Error where it ends before.
void read_file(const std::string &path, std::uint64_t start, std::span<char> target);

// Deletes a file, if there is one, and the folders below `base` that are empty then; none when that is empty.
void remove_file_in(const std::string &path, const std::string &base);

} // namespace orthanc_images::advanced
