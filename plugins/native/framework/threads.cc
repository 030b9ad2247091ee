#include "framework/threads.h"

#include "framework/errors.h"
#include "framework/host.h"

#include <pthread.h>

#include <utility>

namespace orthanc_images {

namespace {

// The most that Linux takes, without the final zero.
constexpr std::size_t LONGEST_NAME = 15;

// Gives the current thread a name, for as long as it lives.
class Named {
  public:
    explicit Named(const std::string &name) {
        pthread_setname_np(pthread_self(), name.substr(0, LONGEST_NAME).c_str());
        if (begun()) {
            OrthancPluginSetCurrentThreadName(host(), name.c_str());
        }
    }

    Named(const Named &) = delete;
    Named &operator=(const Named &) = delete;

    ~Named() {
        if (begun()) {
            OrthancPluginClearCurrentThreadName(host());
        }
    }
};

} // namespace

std::jthread background(const std::string &name, Work work) {
    return std::jthread([name, work = std::move(work)](const std::stop_token &stopping) {
        guarded([&] {
            const Named named(name);
            guarded([&] { work(stopping); });
        });
    });
}

Workers::Workers(const std::string &name, std::size_t threads, std::size_t room) : room_(room) {
    threads_.reserve(threads);
    for (std::size_t i = 0; i < threads; ++i) {
        threads_.push_back(background(name, [this](const std::stop_token &) { run(stopping_.get_token()); }));
    }
}

Workers::~Workers() {
    stop();
}

bool Workers::submit(Work work) {
    std::unique_lock lock(mutex_);
    if (!changed_.wait(lock, stopping_.get_token(), [this] { return waiting_.size() < room_; }) ||
        stopping_.stop_requested()) {
        return false;
    }
    waiting_.push_back(std::move(work));
    changed_.notify_all();
    return true;
}

bool Workers::offer(Work work) {
    const std::scoped_lock lock(mutex_);
    if (stopping_.stop_requested() || waiting_.size() >= room_) {
        return false;
    }
    waiting_.push_back(std::move(work));
    changed_.notify_all();
    return true;
}

void Workers::stop() noexcept {
    stopping_.request_stop();
    threads_.clear();
    const std::scoped_lock lock(mutex_);
    waiting_.clear();
}

void Workers::run(const std::stop_token &stopping) {
    while (true) {
        Work work;
        {
            std::unique_lock lock(mutex_);
            if (!changed_.wait(lock, stopping, [this] { return !waiting_.empty(); }) ||
                stopping.stop_requested()) {
                return;
            }
            work = std::move(waiting_.front());
            waiting_.pop_front();
            changed_.notify_all();
        }
        guarded([&] { work(stopping); });
    }
}

} // namespace orthanc_images
