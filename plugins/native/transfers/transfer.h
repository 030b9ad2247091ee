// The jobs: one sends instances to a peer, the other fetches them.
#pragma once

#include "framework/jobs.h"
#include "transfers/files.h"
#include "transfers/peer.h"
#include "transfers/reception.h"
#include "transfers/settings.h"
#include "transfers/values.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace orthanc_images::transfers {

// What both do: they prepare, then move buckets on several threads, then complete. Being paused keeps what is
// done; whatever else stops it begins anew.
class Transfer : public Job {
  public:
    Transfer(const Settings &settings, Query query);
    ~Transfer() override;

    Step step() override;
    float progress() const override;
    std::optional<std::string> content() const override;
    std::optional<std::string> saved() const override;
    void stopped(OrthancPluginJobStopReason reason) override;
    void reset() override;

  protected:
    // Ends the threads; for the destructors of those that the threads call.
    void halt();

    // Makes a request for this transfer, again where the settings say so.
    Told ask(Ask wanted) const;

    const Settings &settings() const noexcept {
        return settings_;
    }

    const Query &query() const noexcept {
        return query_;
    }

    // The name of what was moved, in the content.
    virtual const char *moved_name() const noexcept = 0;
    // Finds out what there is to be moved.
    virtual std::vector<Instance> list() = 0;
    // Divides it into buckets, and makes ready for them.
    virtual std::vector<Bucket> begin(const std::vector<Instance> &instances) = 0;
    // Moves one bucket, and returns how many bytes that took.
    virtual std::uint64_t move(std::size_t number, const Bucket &bucket, const std::stop_token &stopping) = 0;
    // Completes the transfer.
    virtual void complete(const std::stop_token &stopping) = 0;
    // Forgets what was begun and is not complete.
    virtual void abandon() = 0;

    const Peer &peer();

    void cookies(const std::string &cookies) {
        cookies_ = cookies;
    }

    void instances(std::vector<Instance> instances);

  private:
    enum class Phase { listing, beginning, moving, completing, over };

    void move_some(const std::stop_token &stopping);
    void start_moving();
    void start_completing();
    bool wait();
    void fail(const std::string &what);

    const Settings &settings_;
    const Query query_;
    std::unique_ptr<const Peer> peer_;
    std::string cookies_;

    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::atomic<Phase> phase_ = Phase::listing;
    std::vector<Instance> instances_;
    // Whether it is known what the instances are.
    bool listed_ = false;
    std::vector<Bucket> buckets_;
    std::deque<std::size_t> waiting_;
    std::size_t moved_ = 0;
    std::uint64_t bytes_ = 0;
    std::size_t queries_ = 0;
    std::chrono::steady_clock::duration time_{};
    std::chrono::steady_clock::time_point since_;
    std::string failure_;
    bool completed_ = false;
    std::vector<std::jthread> threads_;
};

// Sends. `instances` is what is to be sent, where it is known already.
std::unique_ptr<Job> push(const Settings &settings, Files &files, Query query,
                          std::optional<std::vector<Instance>> instances = {});

// Fetches.
std::unique_ptr<Job> pull(const Settings &settings, Query query);

} // namespace orthanc_images::transfers
