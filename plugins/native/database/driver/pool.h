// The connections of a plugin, and who has one.
#pragma once

#include "database/driver/connection.h"

#include <chrono>
#include <condition_variable>
#include <cstddef>
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
    std::chrono::seconds pause{5};
};

class Pool {
  public:
    // A pool of `size` connections. A static one opens them all; a dynamic one opens them on demand, and
    // `tidy` closes those that have not been used for 60 s or are an hour old.
    Pool(Opener opener, std::size_t size, bool dynamic, Retries retries);
    Pool(const Pool &) = delete;
    Pool &operator=(const Pool &) = delete;
    ~Pool();

    // A connection that somebody has, and gives back at the end of this value.
    class Lease {
      public:
        Lease(Pool &pool, std::unique_ptr<Connection> connection) noexcept
            : pool_(&pool), connection_(std::move(connection)) {}
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
    };

    // Opens the first connection, or all of a static pool, with the retries; to be called once, first.
    void open();

    // Waits for a connection. One that is lost is opened again, with one try only while others wait.
    Lease take();

    // Closes idle connections (dynamic pool).
    void tidy();

    // How many connections are open.
    std::size_t active() const;

  private:
    struct Idle {
        std::unique_ptr<Connection> connection;
        std::chrono::steady_clock::time_point opened;
        std::chrono::steady_clock::time_point used;
    };

    void give_back(std::unique_ptr<Connection> connection) noexcept;

    const Opener opener_;
    const std::size_t size_;
    const bool dynamic_;
    const Retries retries_;
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<Idle> idle_;
    std::size_t open_ = 0;
};

} // namespace orthanc_images::database
