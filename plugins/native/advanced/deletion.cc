#include "advanced/deletion.h"

#include "advanced/files.h"
#include "advanced/place.h"
#include "advanced/stores.h"

#include "framework/errors.h"
#include "framework/log.h"
#include "framework/threads.h"

#include <condition_variable>
#include <mutex>

namespace orthanc_images::advanced {

namespace {

using namespace std::chrono_literals;

constexpr auto IDLE = 1s;
const Queue TO_DELETE("advst-delayed-deletion");

void pause_deletion(const std::stop_token &stopping, std::chrono::milliseconds time) {
    std::mutex mutex;
    std::unique_lock lock(mutex);
    std::condition_variable_any never;
    never.wait_for(lock, stopping, time, [] { return false; });
}

} // namespace

Deletion::Deletion(const Settings &settings)
    : settings_(settings), deleting_(settings.deleting.value_or(Deleting())),
      thread_(background("DELETION", [this](const std::stop_token &stopping) { run(stopping); })) {}

void Deletion::add(const std::string &path) {
    TO_DELETE.add(path);
}

std::uint64_t Deletion::waiting() {
    return TO_DELETE.size();
}

void Deletion::run(const std::stop_token &stopping) {
    while (!stopping.stop_requested()) {
        bool found = false;
        guarded([&] { found = remove_next(); });
        if (!found) {
            pause_deletion(stopping, IDLE);
        } else if (deleting_.throttle > 0ms) {
            pause_deletion(stopping, deleting_.throttle);
        }
    }
}

bool Deletion::remove_next() {
    const auto next = TO_DELETE.reserve(static_cast<std::uint32_t>(deleting_.longest.count()));
    if (!next) {
        return false;
    }
    try {
        remove_file_in(next->first, base_of(settings_, next->first));
    } catch (const FileError &error) {
        // It comes back when its time is over.
        if (refused_.insert(next->first).second) {
            log_error("delayed deletion of " + next->first + ": " + error.what() + " It is tried again.");
        }
        return true;
    }
    refused_.erase(next->first);
    TO_DELETE.acknowledge(next->second);
    return true;
}

} // namespace orthanc_images::advanced
