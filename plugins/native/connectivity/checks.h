// Whether the servers that this one knows answer: asked on threads of their own, told as it was last.
#pragma once

#include "connectivity/target.h"
#include "framework/json.h"
#include "framework/threads.h"

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <map>
#include <mutex>
#include <optional>

namespace orthanc_images::connectivity {

using Outcomes = std::map<Target, Outcome>;

// Returns the outcomes as JSON: for each kind, an object by name with "Up" (null where it is not known yet),
// "Seconds" and "Error".
Json described(const Outcomes &outcomes);

struct Limits {
    // How many servers are asked at once.
    std::size_t threads = 16;
    // The shortest time between two rounds.
    std::chrono::milliseconds pause{10'000};
    // A server that has not answered by then is down, though it may still be waited for.
    std::chrono::milliseconds longest{10'000};
};

// All servers, and what came of asking them. Each is asked by one thread at a time.
class Checks {
  public:
    explicit Checks(Limits limits = {});

    // Begins to list and to ask all servers, unless that was done within the pause. It waits for nothing.
    void begin();

    // Waits until no server is being asked any more, at most for `most`. Where `room` others wait already, it
    // waits not at all: threads of Orthanc do.
    void wait(std::chrono::milliseconds most, std::size_t room);

    // Returns what is known by now; a server that has not answered yet has its last outcome.
    Outcomes outcomes();

    // Begins nothing any more, and waits for those that are being asked.
    void stop() noexcept;

  private:
    using Time = std::chrono::steady_clock::time_point;

    struct State {
        Outcome last = {};
        // Waits for a thread, or for the server.
        bool asking = false;
        // Since when it is waited for the server.
        std::optional<Time> since = {};
    };

    void ask_all();
    void begun(const Target &target);
    void ended(const Target &target, Outcome outcome);

    const Limits limits_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::map<Target, State> states_;
    std::optional<Time> round_;
    bool listing_ = false;
    std::size_t asking_ = 0;
    std::size_t waiting_ = 0;
    // The last member: its threads end before what they use does.
    Workers workers_;
};

} // namespace orthanc_images::connectivity
