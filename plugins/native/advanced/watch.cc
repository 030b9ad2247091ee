#include "advanced/watch.h"

#include "framework/log.h"

#include <linux/magic.h>
#include <poll.h>
#include <sys/inotify.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>

namespace orthanc_images::advanced {

namespace {

using namespace std::chrono_literals;

constexpr std::uint32_t WATCHED =
    IN_CREATE | IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_ONLYDIR;
constexpr std::chrono::milliseconds TURN = 200ms;
constexpr std::size_t ROOM = std::size_t{64} << 10;

// Numbers of file systems that other machines write to, of which the kernel here hears nothing.
constexpr std::array<unsigned long, 6> REMOTE = {NFS_SUPER_MAGIC,  SMB_SUPER_MAGIC, CIFS_SUPER_MAGIC,
                                                 SMB2_SUPER_MAGIC, V9FS_MAGIC,      FUSE_SUPER_MAGIC};

bool is_remote(const std::string &folder) {
    struct statfs found{};
    return ::statfs(folder.c_str(), &found) != 0 ||
           std::ranges::find(REMOTE, static_cast<unsigned long>(found.f_type)) != REMOTE.end();
}

} // namespace

Watch::Watch() : descriptor_(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)), complete_(descriptor_.good()) {}

void Watch::add(const std::string &folder) {
    if (!descriptor_.good()) {
        return;
    }
    if (is_remote(folder)) {
        complete_ = false;
        return;
    }
    const int number = ::inotify_add_watch(descriptor_.number(), folder.c_str(), WATCHED);
    if (number >= 0) {
        folders_[number] = folder;
    } else if (errno != ENOENT && errno != ENOTDIR && errno != EACCES) {
        if (complete_) {
            log_info("not all folders can be watched (" + std::generic_category().message(errno) +
                     ", see fs.inotify.max_user_watches): they are looked through instead.");
        }
        complete_ = false;
    }
}

std::set<std::string> Watch::wait(std::chrono::milliseconds longest, const std::stop_token &stopping) {
    std::set<std::string> changed;
    const auto end = std::chrono::steady_clock::now() + longest;
    while (!stopping.stop_requested() && changed.empty() && !lost_) {
        const auto left =
            std::chrono::duration_cast<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
        if (left <= 0ms) {
            break;
        }
        pollfd wanted{.fd = descriptor_.number(), .events = POLLIN, .revents = 0};
        const auto turn = static_cast<int>(std::min(left, TURN).count());
        if (::poll(&wanted, 1, std::max(turn, 1)) > 0) {
            read_changes(changed);
        }
    }
    return changed;
}

void Watch::read_changes(std::set<std::string> &changed) {
    alignas(inotify_event) std::array<char, ROOM> buffer{};
    while (true) {
        const ssize_t size = ::read(descriptor_.number(), buffer.data(), buffer.size());
        if (size <= 0) {
            return;
        }
        for (ssize_t at = 0; at < size;) {
            inotify_event event{};
            std::memcpy(&event, buffer.data() + at, sizeof event);
            const char *name = buffer.data() + at + sizeof event;
            at += static_cast<ssize_t>(sizeof event + event.len);
            const auto folder = folders_.find(event.wd);
            if ((event.mask & IN_Q_OVERFLOW) != 0) {
                lost_ = true;
            } else if ((event.mask & IN_IGNORED) != 0) {
                folders_.erase(event.wd);
            } else if (folder != folders_.end() && event.len > 0) {
                // What was below a folder is not told one by one.
                lost_ = lost_ ||
                        ((event.mask & IN_ISDIR) != 0 && (event.mask & (IN_DELETE | IN_MOVED_FROM)) != 0);
                changed.insert(folder->second + "/" + name);
            }
        }
    }
}

} // namespace orthanc_images::advanced
