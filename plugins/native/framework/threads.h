// Threads of a plugin, which end when the value that holds them does, and work that waits for them.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

namespace orthanc_images {

// What a thread does, until it is done or asked to stop.
using Work = std::function<void(std::stop_token)>;

// Starts a thread, which has the name in Orthanc's log (15 bytes of it for the system); what it throws is
// logged. The value that is returned asks it to stop and waits for it at its end.
[[nodiscard]] std::jthread background(const std::string &name, Work work);

// Some threads, and a queue of limited length for what they are to do.
class Workers {
  public:
    Workers(const std::string &name, std::size_t threads, std::size_t room);
    Workers(const Workers &) = delete;
    Workers &operator=(const Workers &) = delete;
    ~Workers();

    // Waits for room in the queue, and puts the work into it; false, without it, once they are to stop.
    bool submit(Work work);

    // The same without waiting: false when there is no room, too.
    bool offer(Work work);

    // Asks what is running to stop, waits for it, and drops what was waiting. To be called by no work of
    // theirs.
    void stop() noexcept;

  private:
    void run(const std::stop_token &stopping);

    const std::size_t room_;
    std::mutex mutex_;
    std::condition_variable_any changed_;
    std::deque<Work> waiting_;
    std::stop_source stopping_;
    std::vector<std::jthread> threads_;
};

} // namespace orthanc_images
