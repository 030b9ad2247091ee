// The connections of a plugin, and who has one.
#pragma once

#include "database/driver/connection.h"

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace orthanc_images::database {

// Opens a connection, or throws. What it makes is ready: search path, character set, isolation.
using Opener = std::function<std::unique_ptr<Connection>()>;

// How often, and after how long, a connection that could not be opened is tried again.
struct Retries {
    std::size_t most = 10;
    std::chrono::milliseconds pause{5000};
};

class Pool {
  public:
    using Clock = std::chrono::steady_clock;

    // A pool of `size` connections. A static one opens them all; a dynamic one opens them on demand, and
    // `tidy` closes those that have not been used for 60 s or are an hour old.
    Pool(Opener opener, std::size_t size, bool dynamic, Retries retries);
    Pool(const Pool &) = delete;
    Pool &operator=(const Pool &) = delete;

    // All leases must have ended.
    ~Pool();

    // A connection that somebody has, and gives back at the end of this value.
    class Lease {
      public:
        Lease(Pool &pool, std::unique_ptr<Connection> connection, Clock::time_point opened) noexcept
            : pool_(&pool), connection_(std::move(connection)), opened_(opened) {}

        Lease(Lease &&) noexcept = default;
        Lease &operator=(Lease &&) = delete;
        Lease(const Lease &) = delete;
        Lease &operator=(const Lease &) = delete;
        ~Lease();

        Connection &operator*() const noexcept {
            return *connection_;
        }

        Connection *operator->() const noexcept {
            return connection_.get();
        }

      private:
        Pool *pool_;
        std::unique_ptr<Connection> connection_;
        Clock::time_point opened_;
    };

    // Opens the first connection, or all of a static pool, with the retries; to be called once, first.
    void open();

    // Waits for a connection, first come, first served. One that is lost is opened again, with one try only
    // while others wait.
    Lease take();

    // From now on, a connection that cannot be opened at once is an error: nobody wants to wait any more.
    void end() noexcept;

    // Closes idle connections (dynamic pool).
    void tidy(Clock::time_point now = Clock::now());

    // How many connections are open.
    std::size_t active() const;

    // How many wait for one.
    std::size_t waiting() const;

  private:
    struct Idle {
        std::unique_ptr<Connection> connection;
        Clock::time_point opened;
        Clock::time_point used;
    };

    // Somebody who waits: for a connection, or for the right to open one.
    struct Waiter {
        std::condition_variable woken;
        bool served = false;
        Idle given;
    };

    Idle reserve();
    Lease lease(Idle idle);
    std::unique_ptr<Connection> open_with_retries(bool first);
    void give_back(std::unique_ptr<Connection> connection, Clock::time_point opened) noexcept;
    void hand_on(Idle idle) noexcept;

    const Opener opener_;
    const std::size_t size_;
    const bool dynamic_;
    const Retries retries_;
    mutable std::mutex mutex_;
    std::condition_variable crowded_;
    std::vector<Idle> idle_;
    std::deque<Waiter *> waiting_;
    // Those that somebody has, opens, or could have at once.
    std::size_t reserved_ = 0;
    std::size_t opening_ = 0;
    bool ended_ = false;
};

} // namespace orthanc_images::database
