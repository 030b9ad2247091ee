// Folders of DICOM files that stay where they are, and that Orthanc is kept in step with.
#pragma once

#include "advanced/adoption.h"
#include "advanced/settings.h"
#include "advanced/watch.h"

#include <sys/stat.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

namespace orthanc_images::advanced {

// Numbers, each of which stands for a path with its time and size: 8 bytes for a file, of which there may be
// millions.
class Fingerprints {
  public:
    static std::uint64_t of(const std::string &path, const Indexed &file);

    void add(std::uint64_t one);
    bool contains(std::uint64_t one) const;
    // Forgets one, which `replace` then does not miss.
    void drop(std::uint64_t one);
    // Puts what was added to the others.
    void settle();
    // Replaces all by those that are given, and returns how many of the former are not among them.
    std::size_t replace(std::vector<std::uint64_t> by);

    std::size_t size() const noexcept {
        return sorted_.size() + recent_.size();
    }

  private:
    std::vector<std::uint64_t> sorted_;
    std::unordered_set<std::uint64_t> recent_;
    std::unordered_set<std::uint64_t> dropped_;
};

class Indexer {
  public:
    explicit Indexer(Indexing settings);

    // Keeps Orthanc in step until it is asked to stop.
    void run(const std::stop_token &stopping);

    // Looks through all folders once.
    void pass(const std::stop_token &stopping);

    // Looks again at the files that were being written.
    void look_again(const std::stop_token &stopping);

    // How many files are being written.
    std::size_t unsettled() const noexcept {
        return unsettled_.size();
    }

  private:
    using Id = std::pair<dev_t, ino_t>;

    struct Unsettled {
        Indexed file;
        std::chrono::steady_clock::time_point since;
    };

    void load();
    void wait(const std::stop_token &stopping);
    void walk(const std::string &folder, const std::stop_token &stopping);
    void enter(const std::string &folder, const std::stop_token &stopping, std::vector<std::string> &below);
    void look(const std::string &path, const std::stop_token &stopping);
    void look_safely(const std::string &path, const std::stop_token &stopping);
    void look_changed(const std::string &path, const std::stop_token &stopping);
    void consider(const std::string &path, const Indexed &file, bool settled,
                  const std::stop_token &stopping);
    bool take(const std::string &path, Indexed file);
    void vanish(const std::string &path, const Indexed &file);
    void sweep(const std::stop_token &stopping);
    void settle_gone(const std::stop_token &stopping);
    void settle_one(const std::string &instance, const std::string &path,
                    const std::set<std::string> &others);
    bool is_foreign(const std::string &folder, bool root, dev_t device);
    bool is_wanted(const std::string &path) const;
    bool is_kept(const std::string &path) const;
    void say_once(const std::string &path, const std::string &what);
    void pause(const std::stop_token &stopping) const;

    const Indexing settings_;
    Fingerprints known_;
    // Those that this pass has come by.
    std::vector<std::uint64_t> seen_;
    std::set<Id> entered_;
    // Folders that cannot be read: what is below them stays.
    std::set<std::string> unread_;
    // The file systems of the folders, and of those within them that are mounted.
    std::map<std::string, dev_t> devices_;
    dev_t device_ = 0;
    std::map<std::string, Unsettled> unsettled_;
    // Instances whose files vanished, or hold something else now, with these; another file may hold them too.
    std::map<std::string, std::string> gone_;
    std::optional<std::chrono::steady_clock::time_point> waited_;
    int failures_ = 0;
    std::set<std::string> said_;
    std::set<std::string> saying_;
    std::unique_ptr<Watch> watch_ = std::make_unique<Watch>();
};

} // namespace orthanc_images::advanced
