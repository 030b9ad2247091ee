#include "transfers/files.h"

#include "framework/errors.h"
#include "framework/rest.h"
#include "transfers/codec.h"

#include <algorithm>
#include <set>
#include <utility>

namespace orthanc_images::transfers {

namespace {

// What is larger does not stay in memory.
constexpr std::uint64_t SMALL = std::uint64_t{16} * 1024 * 1024;

std::string path(const std::string &id, const char *what) {
    return "/instances/" + id + "/attachments/dicom/" + what;
}

std::string collection(const std::string &level) {
    if (level == "Series") {
        return "/series/";
    }
    return level == "Patient" ? "/patients/" : "/studies/";
}

} // namespace

Files::About Files::about(const std::string &id) {
    const Json info = get_json(path(id, "info"));
    return {info.value("UncompressedSize", std::uint64_t{0}), info.value("UncompressedMD5", "")};
}

std::uint64_t Files::size(const std::string &id) {
    if (const File file = cached(id)) {
        return file->bytes().size();
    }
    return about(id).size;
}

std::vector<Instance> Files::instances(const Json &resources) {
    std::set<std::string> ids;
    for (const Json &resource : resources) {
        const std::string level = resource.at("Level").get<std::string>();
        const std::string id = resource.at("ID").get<std::string>();
        if (level == "Instance") {
            ids.insert(id);
            continue;
        }
        for (const Json &instance : get_json(collection(level) + id + "/instances?expand=false")) {
            ids.insert(instance.is_string() ? instance.get<std::string>()
                                            : instance.at("ID").get<std::string>());
        }
    }
    std::vector<Instance> all;
    all.reserve(ids.size());
    for (const std::string &id : ids) {
        all.push_back(described(id));
    }
    return all;
}

Instance Files::described(const std::string &id) {
    About known = about(id);
    // Orthanc has kept none (StoreMD5ForAttachments).
    if (known.md5.empty()) {
        Digest digest;
        digest.add(read(id, true)->bytes());
        known.md5 = digest.text();
    }
    return {id, known.size, known.md5};
}

void Files::append(const std::string &id, std::uint64_t offset, std::uint64_t size, bool again,
                   std::string &target) {
    const File file = read(id, again);
    if (offset < file->bytes().size()) {
        target += file->bytes().substr(offset, size);
    }
}

void Files::append(const Bucket &bucket, std::string &target) {
    for (const Chunk &chunk : bucket) {
        const std::size_t before = target.size();
        append(chunk.id, chunk.offset, chunk.size, bucket.size() == 1, target);
        if (target.size() - before != chunk.size) {
            throw Error(OrthancPluginErrorCode_CorruptedFile,
                        "instance " + chunk.id + " is shorter than it was when the transfer began");
        }
    }
}

Files::Content::Content(Buffer content, const std::string &folder) {
    spool = std::make_unique<const Spool>(folder, content.bytes().size());
    spool->write(content.bytes(), 0);
    mapped = std::make_unique<const Mapped>(*spool, 0, content.bytes().size());
}

Files::File Files::read(const std::string &id, bool again) {
    if (File file = cached(id)) {
        return file;
    }
    // What is asked for in parts, by several threads at once, is read once.
    std::unique_lock alone(reading_, std::defer_lock);
    if (again) {
        alone.lock();
        if (File file = cached(id)) {
            return file;
        }
    }
    Answer answer = call({.uri = path(id, "data")});
    if (!answer.good()) {
        throw Error(OrthancPluginErrorCode_UnknownResource,
                    "instance " + id + ": Orthanc answers " + std::to_string(answer.status));
    }
    const bool large = answer.body.bytes().size() > SMALL;
    File file = large ? std::make_shared<const Content>(std::move(answer.body), folder_)
                      : std::make_shared<const Content>(std::move(answer.body));
    const std::scoped_lock lock(mutex_);
    ++figures_.misses;
    if (again) {
        keep(id, file);
    }
    return file;
}

Files::File Files::cached(const std::string &id) {
    const std::scoped_lock lock(mutex_);
    const auto found = entries_.find(id);
    if (found == entries_.end()) {
        return nullptr;
    }
    ++figures_.hits;
    order_.splice(order_.begin(), order_, found->second.used);
    return found->second.file;
}

void Files::keep(const std::string &id, const File &file) {
    const std::uint64_t size = file->bytes().size();
    if ((size > room_ && file->mapped == nullptr) || entries_.contains(id)) {
        return;
    }
    while (!order_.empty() && figures_.size + size > room_) {
        const auto last = entries_.find(order_.back());
        figures_.size -= last->second.file->bytes().size();
        entries_.erase(last);
        order_.pop_back();
    }
    order_.push_front(id);
    entries_.emplace(id, Entry{file, order_.begin()});
    figures_.size += size;
}

Files::Figures Files::figures() {
    const std::scoped_lock lock(mutex_);
    return figures_;
}

} // namespace orthanc_images::transfers
