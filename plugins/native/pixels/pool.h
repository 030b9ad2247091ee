// The workers: processes that decode and transcode, started when they are needed.
#pragma once

#include "pixels/memory.h"
#include "pixels/wire.h"

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

namespace orthanc_images::pixels {

struct Limits {
    // Where the program is.
    std::string program;

    // How many there are at most.
    std::size_t workers = 2;

    // How many processors they share: those without work leave theirs to the others.
    std::size_t processors = 1;

    // Bytes for one worker.
    std::uint64_t memory = std::uint64_t{2} << 30U;

    // For one request, beside what its pixels need.
    std::chrono::milliseconds time = std::chrono::seconds(10);

    // What a megabyte of pixels may take, in addition.
    std::chrono::milliseconds time_per_megabyte = std::chrono::seconds(1);

    // How long one waits for something to do.
    std::chrono::seconds idle = std::chrono::seconds(60);
};

class Worker;

class Pool {
  public:
    explicit Pool(Limits limits);
    Pool(const Pool &) = delete;
    Pool &operator=(const Pool &) = delete;
    ~Pool();

    // Has a worker do it: `fill` writes the `request.size` bytes of input, `take` gets the result. A Refusal
    // says why it cannot be done; whatever happened to the worker, the next request finds another.
    void run(const Assignment &request, const std::function<void(std::span<std::uint8_t>)> &fill,
             const std::function<void(const Result &, std::span<const std::uint8_t>)> &take);

    // How many there are now.
    std::size_t count() const;

  private:
    std::unique_ptr<Worker> borrow();
    void give_back(std::unique_ptr<Worker> worker) noexcept;
    std::uint32_t share() const;
    void tidy(const std::stop_token &stopping);

    const Limits limits_;
    mutable std::mutex mutex_;
    std::condition_variable_any changed_;
    std::condition_variable_any kept_; // what the keeper waits for, so that no other one misses its turn
    std::vector<std::unique_ptr<Worker>> idle_;
    std::size_t count_ = 0;
    std::jthread keeper_;
};

} // namespace orthanc_images::pixels
