#include "advanced/indexer.h"

#include "advanced/naming.h"

#include "framework/errors.h"
#include "framework/log.h"
#include "framework/rest.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string_view>
#include <system_error>

namespace orthanc_images::advanced {

namespace {

using namespace std::chrono_literals;
using Steady = std::chrono::steady_clock;

// A file is being written until nothing of it has changed for this long.
constexpr auto SETTLING = 1s;
// How long an instance waits for its file to appear elsewhere, while files are being written.
constexpr auto PATIENCE = 10s;
// How often all is looked through where the kernel tells what changes.
constexpr std::chrono::seconds RARELY = 600s;

// Where a DICOM file says that it is one.
constexpr std::size_t PREAMBLE = 128;
constexpr std::string_view MAGIC = "DICM";

// How many files in a row may fail before the rest waits for the next pass.
constexpr int MOST_FAILURES = 20;

struct CloseFolder {
    void operator()(DIR *one) const noexcept {
        ::closedir(one);
    }
};

std::string system_text(int number) {
    return std::generic_category().message(number);
}

Indexed indexed_from(const struct stat &found) {
    Indexed file;
    file.time = found.st_mtim.tv_sec;
    file.nanoseconds = found.st_mtim.tv_nsec;
    file.size = static_cast<std::uint64_t>(found.st_size);
    return file;
}

// Tells whether two looks at a file saw the same; the official plugin keeps whole seconds.
bool same_file(const Indexed &one, const Indexed &other) {
    const bool exact = one.nanoseconds != 0 && other.nanoseconds != 0;
    return one.time == other.time && one.size == other.size &&
           (!exact || one.nanoseconds == other.nanoseconds);
}

// Tells whether a file has changed within the last second, or is from the future.
bool is_recent(const struct stat &found) {
    struct timespec now{};
    ::clock_gettime(CLOCK_REALTIME, &now);
    const auto age = [&](const struct timespec &time) {
        return std::chrono::seconds(now.tv_sec - time.tv_sec) +
               std::chrono::nanoseconds(now.tv_nsec - time.tv_nsec);
    };
    return std::min(age(found.st_mtim), age(found.st_ctim)) < SETTLING;
}

// Tells whether bytes may begin a DICOM file: with its preamble, or else with a group of its first elements.
bool may_be_dicom(std::string_view head) {
    if (head.size() >= PREAMBLE + MAGIC.size()) {
        if (head.substr(PREAMBLE, MAGIC.size()) == MAGIC) {
            return true;
        }
    }
    constexpr std::size_t TAG = 8;
    return head.size() >= TAG && (head[0] == 2 || head[0] == 8) && head[1] == 0 && head[3] == 0;
}

// Reads as many bytes as fit, and returns how many there were.
std::size_t read_some(int file, char *target, std::size_t size) {
    std::size_t done = 0;
    while (done < size) {
        const ssize_t some = ::read(file, target + done, size - done);
        if (some < 0 && errno == EINTR) {
            continue;
        }
        if (some < 0) {
            throw Error(OrthancPluginErrorCode_StorageAreaPlugin, system_text(errno));
        }
        if (some == 0) {
            break;
        }
        done += static_cast<std::size_t>(some);
    }
    return done;
}

} // namespace

std::uint64_t Fingerprints::of(const std::string &path, const Indexed &file) {
    constexpr std::uint64_t MIX = 0x9E3779B97F4A7C15;
    std::uint64_t found = std::hash<std::string>()(path);
    for (const std::uint64_t part :
         {static_cast<std::uint64_t>(file.time), static_cast<std::uint64_t>(file.nanoseconds), file.size}) {
        found ^= part + MIX + (found << 6) + (found >> 2);
        found *= MIX;
    }
    return found;
}

void Fingerprints::add(std::uint64_t one) {
    recent_.insert(one);
    dropped_.erase(one);
}

void Fingerprints::drop(std::uint64_t one) {
    dropped_.insert(one);
}

bool Fingerprints::contains(std::uint64_t one) const {
    return std::ranges::binary_search(sorted_, one) || recent_.contains(one);
}

void Fingerprints::settle() {
    sorted_.insert(sorted_.end(), recent_.begin(), recent_.end());
    recent_ = {};
    if (!dropped_.empty()) {
        std::erase_if(sorted_, [this](std::uint64_t one) { return dropped_.contains(one); });
        dropped_ = {};
    }
    std::ranges::sort(sorted_);
    sorted_.erase(std::ranges::unique(sorted_).begin(), sorted_.end());
}

std::size_t Fingerprints::replace(std::vector<std::uint64_t> by) {
    settle();
    std::ranges::sort(by);
    std::size_t gone = 0;
    std::vector<std::uint64_t> kept;
    for (const std::uint64_t one : sorted_) {
        if (std::ranges::binary_search(by, one)) {
            kept.push_back(one);
        } else {
            ++gone;
        }
    }
    kept.shrink_to_fit();
    sorted_ = std::move(kept);
    return gone;
}

Indexer::Indexer(Indexing settings) : settings_(std::move(settings)) {}

void Indexer::run(const std::stop_token &stopping) {
    load();
    while (!stopping.stop_requested()) {
        guarded([&] { pass(stopping); });
        guarded([&] { wait(stopping); });
    }
}

void Indexer::load() {
    indexed_paths().each([&](const std::string &path, std::string_view text) {
        known_.add(Fingerprints::of(path, indexed_of(text)));
        return true;
    });
    known_.settle();
}

void Indexer::wait(const std::stop_token &stopping) {
    const bool told = watch_->complete() && said_.empty() && unread_.empty();
    const auto interval = std::max<std::chrono::seconds>(settings_.interval, 1s);
    const auto end = Steady::now() + (told ? std::max(interval, RARELY) : interval);
    while (!stopping.stop_requested() && Steady::now() < end) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - Steady::now());
        const bool busy = !unsettled_.empty() || !gone_.empty();
        const std::set<std::string> changed =
            watch_->wait(busy ? std::min<std::chrono::milliseconds>(left, SETTLING) : left, stopping);
        if (watch_->lost()) {
            return;
        }
        for (const std::string &path : changed) {
            guarded([&] { look_changed(path, stopping); });
        }
        guarded([&] { look_again(stopping); });
        if (changed.empty()) {
            guarded([&] { settle_gone(stopping); });
        }
    }
}

void Indexer::pass(const std::stop_token &stopping) {
    const auto begin = Steady::now();
    // Watched before they are looked through, so that nothing is missed in between.
    watch_ = std::make_unique<Watch>();
    seen_.clear();
    entered_.clear();
    unread_.clear();
    saying_.clear();
    for (const std::string &folder : settings_.folders) {
        walk(folder, stopping);
    }
    if (stopping.stop_requested()) {
        return;
    }
    look_again(stopping);
    // What was said of a file is said again when it was mended, and breaks anew.
    said_ = saying_;
    const std::size_t files = seen_.size();
    const std::size_t gone = known_.replace(std::move(seen_));
    seen_ = {};
    if (gone > 0) {
        sweep(stopping);
    }
    settle_gone(stopping);
    if (settings_.verbose) {
        const auto time = std::chrono::duration_cast<std::chrono::milliseconds>(Steady::now() - begin);
        log_warning("Indexer: " + std::to_string(files) + " files in " + std::to_string(time.count()) +
                    " ms.");
    }
}

void Indexer::walk(const std::string &folder, const std::stop_token &stopping) {
    std::vector<std::string> waiting{folder};
    while (!waiting.empty() && !stopping.stop_requested()) {
        const std::string next = std::move(waiting.back());
        waiting.pop_back();
        enter(next, stopping, waiting);
    }
}

void Indexer::enter(const std::string &folder, const std::stop_token &stopping,
                    std::vector<std::string> &below) {
    const bool root = std::ranges::find(settings_.folders, folder) != settings_.folders.end();
    const std::unique_ptr<DIR, CloseFolder> opened(::opendir(folder.c_str()));
    struct stat found{};
    if (opened == nullptr || ::fstat(::dirfd(opened.get()), &found) != 0) {
        if (root || (errno != ENOENT && errno != ENOTDIR)) {
            unread_.insert(folder);
            say_once(folder,
                     "the folder cannot be read (" + system_text(errno) + "). What is indexed of it stays.");
        }
        return;
    }
    if (is_foreign(folder, root, found.st_dev)) {
        unread_.insert(folder);
        say_once(folder,
                 "the folder is on another file system than before, as if it were no longer mounted. What is "
                 "indexed of it stays. Restart Orthanc if that is right.");
        return;
    }
    // A folder that links lead to is entered once.
    if (!entered_.insert({found.st_dev, found.st_ino}).second) {
        return;
    }
    if (settings_.verbose) {
        log_warning("Indexer: looking through " + folder);
    }
    watch_->add(folder);
    while (!stopping.stop_requested()) {
        errno = 0;
        const dirent *const entry = ::readdir(opened.get()); // NOLINT(concurrency-mt-unsafe)
        if (entry == nullptr) {
            if (errno != 0) {
                unread_.insert(folder);
                say_once(folder, "the folder cannot be read to its end (" + system_text(errno) + ").");
            }
            return;
        }
        const std::string_view name(entry->d_name);
        if (name == "." || name == "..") {
            continue;
        }
        std::string path = (folder == "/" ? "" : folder) + "/" + std::string(name);
        if (entry->d_type == DT_DIR) {
            below.push_back(std::move(path));
        } else if (entry->d_type == DT_REG || entry->d_type == DT_LNK || entry->d_type == DT_UNKNOWN) {
            struct stat target{};
            if (entry->d_type != DT_REG && ::stat(path.c_str(), &target) == 0 && S_ISDIR(target.st_mode)) {
                below.push_back(std::move(path));
            } else {
                look_safely(path, stopping);
            }
        }
    }
}

bool Indexer::is_foreign(const std::string &folder, bool root, dev_t device) {
    if (root) {
        device_ = device;
    }
    const auto before = devices_.find(folder);
    if (before != devices_.end()) {
        return before->second != device;
    }
    if (root || device != device_) {
        devices_.emplace(folder, device);
    }
    return false;
}

void Indexer::look_safely(const std::string &path, const std::stop_token &stopping) {
    try {
        look(path, stopping);
        failures_ = 0;
    } catch (const std::exception &error) {
        say_once(path, std::string(error.what()) + " It is tried again.");
        if (++failures_ > MOST_FAILURES) {
            failures_ = 0;
            throw;
        }
    }
}

bool Indexer::is_wanted(const std::string &path) const {
    const auto ends = [&](const std::string &extension) {
        return path.size() > extension.size() &&
               std::ranges::equal(std::string_view(path).substr(path.size() - extension.size()), extension,
                                  {}, [](unsigned char one) { return static_cast<char>(std::tolower(one)); });
    };
    return settings_.parsed.empty() ? !std::ranges::any_of(settings_.skipped, ends)
                                    : std::ranges::any_of(settings_.parsed, ends);
}

void Indexer::say_once(const std::string &path, const std::string &what) {
    saying_.insert(path);
    if (said_.insert(path).second) {
        log_warning("Indexer: " + path + ": " + what);
    }
}

void Indexer::pause(const std::stop_token &stopping) const {
    if (settings_.throttle > 0ms) {
        std::mutex mutex;
        std::unique_lock lock(mutex);
        std::condition_variable_any never;
        never.wait_for(lock, stopping, settings_.throttle, [] { return false; });
    }
}

void Indexer::look(const std::string &path, const std::stop_token &stopping) {
    struct stat found{};
    if (!is_wanted(path) || ::stat(path.c_str(), &found) != 0 || !S_ISREG(found.st_mode)) {
        return;
    }
    const Indexed file = indexed_from(found);
    const std::uint64_t fingerprint = Fingerprints::of(path, file);
    seen_.push_back(fingerprint);
    if (known_.contains(fingerprint)) {
        return;
    }
    consider(path, file, !is_recent(found), stopping);
}

void Indexer::consider(const std::string &path, const Indexed &file, bool settled,
                       const std::stop_token &stopping) {
    if (!is_utf8(path)) {
        say_once(path, "its name is not UTF-8, and it is not indexed. Rename it.");
        return;
    }
    const std::optional<std::string> text = indexed_paths().get(path);
    const std::optional<Indexed> before = text ? std::optional(indexed_of(*text)) : std::nullopt;
    if (before && same_file(*before, file)) {
        known_.add(Fingerprints::of(path, file));
        return;
    }
    if (!settled) {
        unsettled_.insert_or_assign(path, Unsettled{file, Steady::now()});
        return;
    }
    if (before) {
        known_.drop(Fingerprints::of(path, *before));
    }
    if (before && before->dicom) {
        // The former content is gone, and the instance with it.
        abandon(path, true);
        if (!before->instance.empty()) {
            gone_.try_emplace(before->instance);
        }
    }
    if (take(path, file)) {
        known_.add(Fingerprints::of(path, file));
    }
    pause(stopping);
}

bool Indexer::take(const std::string &path, Indexed file) {
    const Descriptor opened(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    struct stat found{};
    if (!opened.good() || ::fstat(opened.number(), &found) != 0) {
        if (errno != ENOENT) {
            say_once(path, "the file cannot be read (" + system_text(errno) + "). It is tried again.");
        }
        return false;
    }
    std::string content;
    try {
        content.resize(PREAMBLE + MAGIC.size());
        content.resize(read_some(opened.number(), content.data(), content.size()));
        file.dicom = false;
        if (may_be_dicom(content)) {
            const std::size_t head = content.size();
            content.resize(std::max<std::size_t>(head, file.size));
            const std::size_t rest = read_some(opened.number(), content.data() + head, content.size() - head);
            content.resize(head + rest);
            if (::fstat(opened.number(), &found) != 0 || !same_file(indexed_from(found), file) ||
                content.size() != file.size) {
                unsettled_.insert_or_assign(path, Unsettled{indexed_from(found), Steady::now()});
                return false;
            }
        } else {
            content.clear();
        }
    } catch (const Error &error) {
        say_once(path, std::string("the file cannot be read (") + error.what() + "). It is tried again.");
        return false;
    }
    if (!content.empty()) {
        try {
            const Adopted adopted = adopt(path, content, settings_.own);
            if (adopted.status == OrthancPluginStoreStatus_StorageFull) {
                say_once(path, "Orthanc is full. It is tried again.");
                return false;
            }
            file.dicom = adopted.status == OrthancPluginStoreStatus_Success;
            file.instance = adopted.instance;
            if (settings_.verbose ||
                (!file.dicom && adopted.status != OrthancPluginStoreStatus_AlreadyStored)) {
                log_warning("Indexer: " + path + ": " + status_text(adopted.status));
            }
        } catch (const Error &error) {
            // What Orthanc does not read as DICOM is none; whatever else is wrong passes.
            const bool none = error.code() == OrthancPluginErrorCode_BadFileFormat ||
                              error.code() == OrthancPluginErrorCode_CorruptedFile ||
                              error.code() == OrthancPluginErrorCode_InexistentTag ||
                              error.code() == OrthancPluginErrorCode_ParameterOutOfRange;
            if (!none) {
                say_once(path, std::string(error.what()) + " It is tried again.");
                return false;
            }
            log_warning("Indexer: " + path + ": it is no DICOM file that Orthanc reads.");
        }
    }
    indexed_paths().set(path, indexed_text(file));
    return true;
}

void Indexer::look_changed(const std::string &path, const std::stop_token &stopping) {
    struct stat found{};
    if (::stat(path.c_str(), &found) == 0) {
        if (S_ISDIR(found.st_mode)) {
            entered_.clear();
            walk(path, stopping);
        } else {
            look(path, stopping);
        }
        return;
    }
    if ((errno == ENOENT || errno == ENOTDIR) && is_utf8(path)) {
        if (const auto text = indexed_paths().get(path)) {
            vanish(path, indexed_of(*text));
        }
    }
}

void Indexer::look_again(const std::stop_token &stopping) {
    const auto now = Steady::now();
    std::vector<std::string> due;
    for (const auto &[path, one] : unsettled_) {
        if (now - one.since >= SETTLING) {
            due.push_back(path);
        }
    }
    for (const std::string &path : due) {
        if (stopping.stop_requested()) {
            return;
        }
        const Indexed before = unsettled_.at(path).file;
        struct stat found{};
        if (::stat(path.c_str(), &found) != 0 || !S_ISREG(found.st_mode)) {
            unsettled_.erase(path);
            continue;
        }
        const Indexed file = indexed_from(found);
        const bool settled = same_file(before, file);
        if (settled) {
            unsettled_.erase(path);
            seen_.push_back(Fingerprints::of(path, file));
        }
        guarded([&] { consider(path, file, settled, stopping); });
    }
}

void Indexer::vanish(const std::string &path, const Indexed &file) {
    known_.drop(Fingerprints::of(path, file));
    const std::optional<std::string> owner = file.dicom ? adopted_paths().get(path) : std::nullopt;
    if (owner) {
        gone_[instance_of(*owner)] = path;
    } else {
        indexed_paths().drop(path);
    }
}

bool Indexer::is_kept(const std::string &path) const {
    const auto above = [&](const std::string &folder) { return is_within(path, folder); };
    return std::ranges::none_of(settings_.folders, above) || std::ranges::any_of(unread_, above);
}

void Indexer::sweep(const std::stop_token &stopping) {
    std::vector<std::pair<std::string, Indexed>> gone;
    indexed_paths().each([&](const std::string &path, std::string_view text) {
        struct stat found{};
        const bool missing_now =
            ::stat(path.c_str(), &found) != 0 ? errno == ENOENT || errno == ENOTDIR : !S_ISREG(found.st_mode);
        if (missing_now && !is_kept(path)) {
            gone.emplace_back(path, indexed_of(text));
        }
        return !stopping.stop_requested();
    });
    for (const auto &[path, file] : gone) {
        if (stopping.stop_requested()) {
            return;
        }
        guarded([&] { vanish(path, file); });
        pause(stopping);
    }
}

// Of an instance whose file is gone, there may be another file: it was moved, or had a duplicate.
void Indexer::settle_gone(const std::stop_token &stopping) {
    if (gone_.empty()) {
        return;
    }
    // What was moved a moment ago is among the files that may still be written.
    const auto now = Steady::now();
    waited_ = waited_.value_or(now);
    if (!unsettled_.empty() && now - *waited_ < PATIENCE) {
        return;
    }
    waited_.reset();
    std::map<std::string, std::set<std::string>> others;
    indexed_paths().each([&](const std::string &path, std::string_view text) {
        const Indexed file = indexed_of(text);
        struct stat found{};
        if (!file.dicom && gone_.contains(file.instance) && ::stat(path.c_str(), &found) == 0 &&
            S_ISREG(found.st_mode)) {
            others[file.instance].insert(path);
        }
        return !stopping.stop_requested();
    });
    const std::map<std::string, std::string> all = std::exchange(gone_, {});
    for (const auto &[instance, path] : all) {
        if (stopping.stop_requested()) {
            return;
        }
        guarded([&] { settle_one(instance, path, others[instance]); });
    }
}

void Indexer::settle_one(const std::string &instance, const std::string &path,
                         const std::set<std::string> &others) {
    struct stat found{};
    if (!path.empty()) {
        if (::stat(path.c_str(), &found) == 0 && S_ISREG(found.st_mode)) {
            // It is back.
            return;
        }
        for (const std::string &other : others) {
            if (relink(instance, path, other)) {
                Indexed file = indexed_of(indexed_paths().get(other).value_or(""));
                file.dicom = true;
                indexed_paths().set(other, indexed_text(file));
                indexed_paths().drop(path);
                return;
            }
        }
        abandon(path, true);
        indexed_paths().drop(path);
        if (settings_.verbose) {
            log_warning("Indexer: " + path + ": it is gone, and its instance too");
        }
    }
    if (others.empty() || call({.uri = "/instances/" + instance}).good()) {
        return;
    }
    for (const std::string &other : others) {
        if (::stat(other.c_str(), &found) == 0 && S_ISREG(found.st_mode)) {
            take(other, indexed_from(found));
        }
    }
}

} // namespace orthanc_images::advanced
