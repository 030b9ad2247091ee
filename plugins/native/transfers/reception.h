// What a transfer brings, until all of it is there, is what it should be, and is stored by Orthanc.
#pragma once

#include "transfers/codec.h"
#include "transfers/spool.h"
#include "transfers/values.h"

#include <atomic>
#include <cstddef>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace orthanc_images::transfers {

// Instances that come in buckets. They lie in one file that has no name: it takes no more of the disk than
// has come, and goes with this value, or with the process. Buckets may be received on several threads.
class Reception {
  public:
    // A FullStorage Error when the folder has too little room.
    Reception(std::vector<Instance> instances, std::vector<Bucket> buckets, const std::string &folder);
    Reception(const Reception &) = delete;
    Reception &operator=(const Reception &) = delete;
    ~Reception() = default;

    // The buckets, and what is expected of one; an UnknownResource Error where there is no such bucket.
    std::size_t count() const noexcept {
        return buckets_.size();
    }

    std::uint64_t size_of(std::size_t bucket) const;

    // Keeps a bucket, which must have the size that is expected of it. One that is there already stays.
    void receive(std::size_t bucket, std::string_view content, bool gzip);

    // An Error when a bucket has not come, or when the MD5 of an instance is another than its sender gave.
    void check();

    // Gives the instances to Orthanc, on some threads. One that Orthanc refuses is an Error, after the others
    // were tried. Once it is asked to stop, it is an Error that some are missing.
    void store(unsigned int threads, const std::stop_token &stopping);

    // How many are stored.
    std::size_t stored() const noexcept {
        return stored_;
    }

  private:
    enum class State { missing, coming, there };

    struct Content {
        Instance declared;
        std::uint64_t start;
        std::mutex mutex;
        // Where what has come, and is not in the digest yet, begins and ends.
        std::map<std::uint64_t, std::uint64_t> waiting;
        std::uint64_t hashed = 0;
        std::unique_ptr<Digest> digest;
        std::string md5;
        bool stored = false;
    };

    void keep(const Chunk &chunk, std::string_view content);
    void store_one(Content &content) const;

    std::deque<Content> contents_;
    std::unordered_map<std::string, std::size_t> positions_;
    std::vector<Bucket> buckets_;
    std::mutex mutex_;
    std::vector<State> states_;
    std::mutex storing_;
    std::atomic<std::size_t> stored_{0};
    std::unique_ptr<const Spool> file_;
};

} // namespace orthanc_images::transfers
