#include "database/driver/pool.h"

#include "framework/log.h"

#include <algorithm>
#include <string>
#include <utility>

namespace orthanc_images::database {

namespace {

constexpr std::chrono::seconds longest_idle{60};
constexpr std::chrono::hours longest_life{1};

} // namespace

Pool::Pool(Opener opener, std::size_t size, bool dynamic, Retries retries)
    : opener_(std::move(opener)), size_(size), dynamic_(dynamic), retries_(retries) {
    if (size == 0) {
        throw Error(OrthancPluginErrorCode_ParameterOutOfRange, "a pool of no connections serves nobody.");
    }
    // Giving back must not fail.
    idle_.reserve(size);
}

Pool::~Pool() = default;

Pool::Lease::~Lease() {
    if (connection_ != nullptr) {
        pool_->give_back(std::move(connection_), opened_);
    }
}

void Pool::open() {
    std::vector<Lease> opened;
    const std::size_t wanted = dynamic_ ? 1 : size_;
    opened.reserve(wanted);
    while (opened.size() < wanted) {
        opened.push_back(lease(reserve()));
    }
}

Pool::Lease Pool::take() {
    return lease(reserve());
}

// Returns an idle connection, or none together with the right to open one.
Pool::Idle Pool::reserve() {
    std::unique_lock lock(mutex_);
    if (waiting_.empty() && !idle_.empty()) {
        Idle last = std::move(idle_.back());
        idle_.pop_back();
        return last;
    }
    if (waiting_.empty() && reserved_ < size_) {
        ++reserved_;
        return {};
    }
    Waiter waiter;
    waiting_.push_back(&waiter);
    crowded_.notify_all();
    waiter.woken.wait(lock, [&waiter] { return waiter.served; });
    return std::move(waiter.given);
}

Pool::Lease Pool::lease(Idle idle) {
    const bool first = idle.connection == nullptr;
    if (!first && idle.connection->usable()) {
        return {*this, std::move(idle.connection), idle.opened};
    }
    idle.connection.reset();
    try {
        return {*this, open_with_retries(first), Clock::now()};
    } catch (...) {
        const std::scoped_lock lock(mutex_);
        hand_on({});
        throw;
    }
}

std::unique_ptr<Connection> Pool::open_with_retries(bool first) {
    if (!first) {
        log_info("A connection to the database was lost. It is opened again.");
    }
    for (std::size_t remaining = retries_.most;; --remaining) {
        try {
            return opener_();
        } catch (const Error &error) {
            if (error.code() != OrthancPluginErrorCode_DatabaseUnavailable || remaining == 0) {
                throw;
            }
            std::unique_lock lock(mutex_);
            const auto crowded = [this] { return !waiting_.empty() || opening_ > 1 || ended_; };
            ++opening_;
            crowded_.notify_all();
            const bool others = crowded();
            if (!others) {
                lock.unlock();
                log_warning(std::string(error.what()) + " The next try is in " +
                            std::to_string(std::chrono::ceil<std::chrono::seconds>(retries_.pause).count()) +
                            " s; tries that remain: " + std::to_string(remaining) + ".");
                lock.lock();
            }
            const bool given_up = others || crowded_.wait_for(lock, retries_.pause, crowded);
            --opening_;
            if (given_up) {
                throw;
            }
        }
    }
}

void Pool::give_back(std::unique_ptr<Connection> connection, Clock::time_point opened) noexcept {
    connection->rollback();
    const bool usable = connection->usable();
    if (!usable) {
        // Closed before others may open one in its place.
        connection.reset();
    }
    const std::scoped_lock lock(mutex_);
    hand_on({std::move(connection), opened, Clock::now()});
}

// Gives a connection, or the right to open one, to who waits first.
void Pool::hand_on(Idle idle) noexcept {
    if (!waiting_.empty()) {
        Waiter &next = *waiting_.front();
        waiting_.pop_front();
        next.given = std::move(idle);
        next.served = true;
        // Still under the lock: the waiter ends with its condition.
        next.woken.notify_one();
    } else if (idle.connection != nullptr) {
        idle_.push_back(std::move(idle));
    } else {
        --reserved_;
    }
}

void Pool::end() noexcept {
    const std::scoped_lock lock(mutex_);
    ended_ = true;
    crowded_.notify_all();
}

void Pool::tidy(Clock::time_point now) {
    if (!dynamic_) {
        return;
    }
    // Closed without the lock.
    std::vector<Idle> closed;
    const std::scoped_lock lock(mutex_);
    const auto old = std::ranges::stable_partition(idle_, [now](const Idle &idle) {
        return now - idle.used <= longest_idle && now - idle.opened < longest_life;
    });
    closed.assign(std::make_move_iterator(old.begin()), std::make_move_iterator(old.end()));
    idle_.erase(old.begin(), old.end());
    reserved_ -= closed.size();
}

std::size_t Pool::active() const {
    const std::scoped_lock lock(mutex_);
    return reserved_;
}

std::size_t Pool::waiting() const {
    const std::scoped_lock lock(mutex_);
    return waiting_.size();
}

} // namespace orthanc_images::database
