// The DICOM files of this server, as what a transfer takes: their size and MD5, and parts of them.
#pragma once

#include "framework/memory.h"
#include "transfers/spool.h"
#include "transfers/values.h"

#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace orthanc_images::transfers {

// The files, with a cache of some: small ones in memory, large ones in files without a name. It is for
// several threads.
class Files {
  public:
    // The cache has room for as many bytes, or for one file that is larger.
    Files(std::uint64_t room, std::string folder) : room_(room), folder_(std::move(folder)) {}

    // The instances of resources ({"Level", "ID"}), each once, in the order of their ids; an UnknownResource
    // Error where one is not there.
    std::vector<Instance> instances(const Json &resources);

    // Appends `size` bytes of a file from `offset` on; fewer where it ends before. The file is kept when it
    // may be asked for again.
    void append(const std::string &id, std::uint64_t offset, std::uint64_t size, bool again,
                std::string &target);

    // Appends what the chunks of a bucket stand for, which must be there as a whole.
    void append(const Bucket &bucket, std::string &target);

    std::uint64_t size(const std::string &id);

    // What the cache holds, and how often it did or did not have what was asked for.
    struct Figures {
        std::uint64_t size = 0;
        std::uint64_t hits = 0;
        std::uint64_t misses = 0;
    };

    Figures figures();

  private:
    // A file, in memory or not.
    struct Content {
        explicit Content(Buffer content) : memory(std::move(content)) {}

        Content(Buffer content, const std::string &folder);

        std::string_view bytes() const noexcept {
            return mapped == nullptr ? memory.bytes() : mapped->bytes();
        }

        Buffer memory;
        std::unique_ptr<const Spool> spool;
        std::unique_ptr<const Mapped> mapped;
    };

    using File = std::shared_ptr<const Content>;

    // What Orthanc knows of a file.
    struct About {
        std::uint64_t size = 0;
        std::string md5;
    };

    struct Entry {
        File file;
        std::list<std::string>::iterator used;
    };

    static About about(const std::string &id);
    Instance described(const std::string &id);
    File read(const std::string &id, bool again);
    File cached(const std::string &id);
    void keep(const std::string &id, const File &file);

    const std::uint64_t room_;
    const std::string folder_;
    // One large file is read at a time: Orthanc gives it as a whole.
    std::mutex reading_;
    std::mutex mutex_;
    std::unordered_map<std::string, Entry> entries_;
    // The one that was used last is first.
    std::list<std::string> order_;
    Figures figures_;
};

} // namespace orthanc_images::transfers
