// The transfers that peers push to this server.
#pragma once

#include "transfers/reception.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace orthanc_images::transfers {

// The active ones, of which there are at most some: one more drops the one that was not used for the longest
// time, and one that is not used for an hour goes, too. It is for several threads.
class Pushes {
  public:
    using Clock = std::chrono::steady_clock;

    explicit Pushes(std::size_t most, std::function<Clock::time_point()> now = Clock::now)
        : most_(most), now_(std::move(now)) {}

    // Begins one, and returns its identifier.
    std::string begin(std::vector<Instance> instances, std::vector<Bucket> buckets, bool gzip,
                      const std::string &folder);

    // Each is an UnknownResource Error where there is no such transfer.
    std::uint64_t size_of(const std::string &id, std::size_t bucket);
    bool gzip(const std::string &id);
    void receive(const std::string &id, std::size_t bucket, std::string_view content);
    void commit(const std::string &id, unsigned int threads);
    void discard(const std::string &id);

    // Drops those that are not used any more.
    void expire();

    struct Figures {
        std::uint64_t available = 0;
        std::uint64_t created = 0;
        std::uint64_t committed = 0;
        std::uint64_t aborted = 0;
        std::uint64_t bytes = 0;
        std::uint64_t receiving = 0;
        std::uint64_t committing = 0;
    };

    Figures figures();

  private:
    struct Push {
        std::string id;
        bool gzip;
        std::shared_ptr<Reception> reception;
        Clock::time_point used;
    };

    Push &found(const std::string &id);
    void drop_unused();

    const std::size_t most_;
    const std::function<Clock::time_point()> now_;
    std::mutex mutex_;
    // The one that was used last is first.
    std::list<Push> pushes_;
    Figures figures_;
};

} // namespace orthanc_images::transfers
