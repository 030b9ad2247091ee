#include "transfers/pushes.h"

#include "framework/errors.h"
#include "framework/log.h"
#include "framework/memory.h"

#include <utility>

namespace orthanc_images::transfers {

namespace {

// For how long one may do nothing: its sender has gone, or was paused.
constexpr std::chrono::hours PATIENCE{1};

std::uint64_t since(Pushes::Clock::time_point begin, Pushes::Clock::time_point end) {
    return static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::milliseconds>(end - begin).count());
}

} // namespace

std::string Pushes::begin(std::vector<Instance> instances, std::vector<Bucket> buckets, bool gzip,
                          const std::string &folder) {
    auto reception = std::make_shared<Reception>(std::move(instances), std::move(buckets), folder);
    const Text uuid(OrthancPluginGenerateUuid(host()));
    if (uuid == nullptr) {
        throw Error(OrthancPluginErrorCode_NotEnoughMemory, "Orthanc gives no identifier.");
    }
    const std::scoped_lock lock(mutex_);
    drop_unused();
    while (pushes_.size() >= most_) {
        log_warning("the transfer " + pushes_.back().id +
                    " was dropped, since more come in at once than Transfers.MaxPushTransactions allows (" +
                    std::to_string(most_) + ")");
        pushes_.pop_back();
        ++figures_.aborted;
    }
    pushes_.push_front({uuid.get(), gzip, std::move(reception), now_()});
    ++figures_.created;
    return pushes_.front().id;
}

Pushes::Push &Pushes::found(const std::string &id) {
    for (auto one = pushes_.begin(); one != pushes_.end(); ++one) {
        if (one->id == id) {
            one->used = now_();
            pushes_.splice(pushes_.begin(), pushes_, one);
            return *one;
        }
    }
    throw Error(OrthancPluginErrorCode_UnknownResource,
                "the transfer " + id + " is not known: it has ended, or was dropped");
}

std::uint64_t Pushes::size_of(const std::string &id, std::size_t bucket) {
    const std::scoped_lock lock(mutex_);
    return found(id).reception->size_of(bucket);
}

bool Pushes::gzip(const std::string &id) {
    const std::scoped_lock lock(mutex_);
    return found(id).gzip;
}

void Pushes::receive(const std::string &id, std::size_t bucket, std::string_view content) {
    const Clock::time_point begun = now_();
    bool compressed = false;
    std::shared_ptr<Reception> reception;
    {
        const std::scoped_lock lock(mutex_);
        const Push &push = found(id);
        compressed = push.gzip;
        reception = push.reception;
    }
    reception->receive(bucket, content, compressed);
    const std::scoped_lock lock(mutex_);
    figures_.bytes += content.size();
    figures_.receiving += since(begun, now_());
}

void Pushes::commit(const std::string &id, unsigned int threads) {
    const Clock::time_point begun = now_();
    std::shared_ptr<Reception> reception;
    {
        const std::scoped_lock lock(mutex_);
        reception = found(id).reception;
    }
    reception->check();
    reception->store(threads, {});
    const std::scoped_lock lock(mutex_);
    figures_.committing += since(begun, now_());
    const auto ended = std::erase_if(pushes_, [&](const Push &one) { return one.id == id; });
    figures_.committed += ended;
}

void Pushes::discard(const std::string &id) {
    const std::scoped_lock lock(mutex_);
    found(id);
    pushes_.pop_front();
    ++figures_.committed;
}

void Pushes::expire() {
    const std::scoped_lock lock(mutex_);
    drop_unused();
}

void Pushes::drop_unused() {
    while (!pushes_.empty() && now_() - pushes_.back().used > PATIENCE) {
        log_warning("the transfer " + pushes_.back().id + " was dropped, since its sender has been silent");
        pushes_.pop_back();
        ++figures_.aborted;
    }
}

Pushes::Figures Pushes::figures() {
    const std::scoped_lock lock(mutex_);
    Figures figures = figures_;
    figures.available = pushes_.size();
    return figures;
}

} // namespace orthanc_images::transfers
