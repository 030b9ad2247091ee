#include "transfers/transfer.h"

#include "framework/errors.h"
#include "framework/log.h"
#include "framework/threads.h"

#include <algorithm>
#include <utility>

namespace orthanc_images::transfers {

namespace {

// For how long a step waits: pausing and cancelling wait for it.
constexpr std::chrono::milliseconds STEP{200};

using Clock = std::chrono::steady_clock;

} // namespace

Transfer::Transfer(const Settings &settings, Query query) : settings_(settings), query_(std::move(query)) {}

Transfer::~Transfer() {
    halt();
}

void Transfer::halt() {
    for (std::jthread &one : threads_) {
        one.request_stop();
    }
    // Joins them.
    threads_.clear();
}

const Peer &Transfer::peer() {
    if (peer_ == nullptr) {
        peer_ = std::make_unique<const Peer>(query_.peer);
    }
    return *peer_;
}

void Transfer::instances(std::vector<Instance> instances) {
    const std::scoped_lock lock(mutex_);
    instances_ = std::move(instances);
    listed_ = true;
    phase_ = Phase::beginning;
}

Told Transfer::ask(Ask wanted) const {
    wanted.headers.emplace_back("sender-transfer-id", query_.sender);
    // Servers would be asked whether they want a body at all, and one more round trip goes by.
    wanted.headers.emplace_back("Expect", "");
    if (!cookies_.empty()) {
        wanted.headers.emplace_back("Cookie", cookies_);
    }
    for (unsigned int tried = 0;; ++tried) {
        try {
            return peer_->ask(wanted);
        } catch (const Error &error) {
            if (tried >= settings_.retries || wanted.stopping.stop_requested()) {
                throw;
            }
            log_info(std::string(error.what()) + ". It is asked again in a second.");
        }
        std::mutex mutex;
        std::unique_lock lock(mutex);
        std::condition_variable_any woken;
        woken.wait_for(lock, wanted.stopping, std::chrono::seconds(1), [] { return false; });
    }
}

Job::Step Transfer::step() {
    try {
        peer();
        switch (phase_) {
        case Phase::listing:
            instances(list());
            return Step::more;
        case Phase::beginning: {
            if (instances_.empty()) {
                phase_ = Phase::over;
                return Step::done;
            }
            std::vector<Bucket> buckets = begin(instances_);
            const std::scoped_lock lock(mutex_);
            for (std::size_t i = 0; i < buckets.size(); ++i) {
                waiting_.push_back(i);
            }
            buckets_ = std::move(buckets);
            phase_ = Phase::moving;
            return Step::more;
        }
        case Phase::moving:
            start_moving();
            if (wait()) {
                halt();
                const std::scoped_lock lock(mutex_);
                time_ += Clock::now() - since_;
                phase_ = Phase::completing;
            }
            return Step::more;
        case Phase::completing:
            start_completing();
            if (!wait()) {
                return Step::more;
            }
            halt();
            phase_ = Phase::over;
            return Step::done;
        default:
            return Step::done;
        }
    } catch (const std::exception &error) {
        fail(error.what());
        throw;
    }
}

void Transfer::start_moving() {
    if (!threads_.empty()) {
        return;
    }
    {
        const std::scoped_lock lock(mutex_);
        since_ = Clock::now();
    }
    const std::size_t count = std::min<std::size_t>(settings_.threads, waiting_.size());
    for (std::size_t i = 0; i < std::max<std::size_t>(count, 1); ++i) {
        threads_.push_back(
            background("TRANSFER", [this](const std::stop_token &stopping) { move_some(stopping); }));
    }
}

void Transfer::move_some(const std::stop_token &stopping) {
    while (!stopping.stop_requested()) {
        std::size_t number = 0;
        {
            const std::scoped_lock lock(mutex_);
            if (waiting_.empty() || !failure_.empty()) {
                return;
            }
            number = waiting_.front();
            waiting_.pop_front();
        }
        std::string failure;
        std::uint64_t bytes = 0;
        try {
            bytes = move(number, buckets_[number], stopping);
        } catch (const std::exception &error) {
            failure = error.what();
        }
        const std::scoped_lock lock(mutex_);
        if (failure.empty()) {
            bytes_ += bytes;
            ++queries_;
            ++moved_;
        } else {
            waiting_.push_front(number);
            if (!stopping.stop_requested() && failure_.empty()) {
                failure_ = failure;
            }
        }
        changed_.notify_all();
    }
}

void Transfer::start_completing() {
    if (!threads_.empty() || completed_) {
        return;
    }
    threads_.push_back(background("TRANSFER-END", [this](const std::stop_token &stopping) {
        std::string failure;
        try {
            complete(stopping);
        } catch (const std::exception &error) {
            failure = error.what();
        }
        const std::scoped_lock lock(mutex_);
        if (failure.empty()) {
            completed_ = true;
        } else if (!stopping.stop_requested()) {
            failure_ = failure;
        }
        changed_.notify_all();
    }));
}

// Waits a bit, and tells whether the phase is over.
bool Transfer::wait() {
    std::unique_lock lock(mutex_);
    const auto over = [this] {
        return !failure_.empty() || (phase_ == Phase::moving ? moved_ == buckets_.size() : completed_);
    };
    changed_.wait_for(lock, STEP, over);
    if (!failure_.empty()) {
        throw Error(OrthancPluginErrorCode_NetworkProtocol, failure_);
    }
    return over();
}

void Transfer::fail(const std::string &what) {
    const std::scoped_lock lock(mutex_);
    failure_ = what;
}

float Transfer::progress() const {
    const std::scoped_lock lock(mutex_);
    if (phase_ == Phase::over) {
        return 1;
    }
    const std::size_t done = moved_ + (phase_ > Phase::beginning ? 1 : 0);
    return static_cast<float>(done) / static_cast<float>(2 + buckets_.size());
}

std::optional<std::string> Transfer::content() const {
    const std::scoped_lock lock(mutex_);
    Json content{{"Resources", query_.resources},
                 {"Peer", query_.peer},
                 {"Compression", query_.gzip ? "gzip" : "none"}};
    if (query_.originator) {
        content["Originator"] = *query_.originator;
    }
    if (listed_) {
        content["TotalInstances"] = instances_.size();
        content["TotalSizeMB"] = mebibytes(total(instances_));
    }
    if (phase_ >= Phase::moving) {
        const auto time =
            time_ + (phase_ == Phase::moving && since_ != Clock::time_point() ? Clock::now() - since_
                                                                              : Clock::duration());
        const double seconds = std::chrono::duration<double>(time).count();
        content[moved_name()] = mebibytes(bytes_);
        content["CompletedHttpQueries"] = queries_;
        content["NetworkSpeedKBs"] =
            seconds <= 0 ? 0 : static_cast<std::uint64_t>(static_cast<double>(bytes_) / 1024 / seconds);
    }
    if (!failure_.empty()) {
        content["Error"] = failure_;
    }
    return written(content);
}

std::optional<std::string> Transfer::saved() const {
    return written(saved_query(query_));
}

void Transfer::stopped(OrthancPluginJobStopReason reason) {
    const bool moving = !threads_.empty();
    halt();
    if (reason == OrthancPluginJobStopReason_Paused) {
        const std::scoped_lock lock(mutex_);
        if (moving && phase_ == Phase::moving) {
            time_ += Clock::now() - since_;
            since_ = {};
        }
        return;
    }
    if (reason != OrthancPluginJobStopReason_Success && phase_ > Phase::beginning && !completed_) {
        guarded([this] { abandon(); });
    }
}

void Transfer::reset() {
    halt();
    cookies_.clear();
    peer_.reset();
    const std::scoped_lock lock(mutex_);
    phase_ = Phase::listing;
    instances_.clear();
    listed_ = false;
    buckets_.clear();
    waiting_.clear();
    moved_ = 0;
    bytes_ = 0;
    queries_ = 0;
    time_ = {};
    since_ = {};
    failure_.clear();
    completed_ = false;
}

} // namespace orthanc_images::transfers
