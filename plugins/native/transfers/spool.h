// Files without a name: no folder lists them, and they go with the process.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace orthanc_images::transfers {

// A FullStorage Error when the folder has too little room for that many bytes.
void demand_room(const std::string &folder, std::uint64_t size);

// A file of this size, in which nothing takes room until it is written. It is for several threads.
class Spool {
  public:
    Spool(const std::string &folder, std::uint64_t size);
    Spool(const Spool &) = delete;
    Spool &operator=(const Spool &) = delete;
    ~Spool();

    void write(std::string_view content, std::uint64_t position) const;
    std::string read(std::uint64_t position, std::uint64_t size) const;

    int descriptor() const noexcept {
        return file_;
    }

  private:
    int file_;
};

// A part of such a file as memory, which the kernel may take back.
class Mapped {
  public:
    Mapped(const Spool &file, std::uint64_t start, std::uint64_t size);
    Mapped(const Mapped &) = delete;
    Mapped &operator=(const Mapped &) = delete;
    ~Mapped();

    std::string_view bytes() const noexcept {
        return std::string_view(static_cast<const char *>(memory_), size_).substr(before_);
    }

  private:
    std::uint64_t before_;
    std::uint64_t size_;
    void *memory_;
};

} // namespace orthanc_images::transfers
