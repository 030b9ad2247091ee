#include "transfers/reception.h"

#include "framework/errors.h"
#include "framework/log.h"
#include "framework/rest.h"

#include <algorithm>
#include <thread>
#include <utility>

namespace orthanc_images::transfers {

namespace {

// How much is read at once to continue with a digest.
constexpr std::uint64_t HASHED_AT_ONCE = 1024 * std::uint64_t{1024};

} // namespace

Reception::Reception(std::vector<Instance> instances, std::vector<Bucket> buckets, const std::string &folder)
    : buckets_(std::move(buckets)), states_(buckets_.size(), State::missing) {
    std::uint64_t start = 0;
    for (Instance &one : instances) {
        positions_.emplace(one.id, contents_.size());
        Content &content = contents_.emplace_back();
        content.start = start;
        start += one.size;
        content.declared = std::move(one);
    }
    file_ = std::make_unique<const Spool>(folder, start);
}

std::uint64_t Reception::size_of(std::size_t bucket) const {
    if (bucket >= buckets_.size()) {
        throw Error(OrthancPluginErrorCode_UnknownResource,
                    "bucket " + std::to_string(bucket) + ": there are " + std::to_string(buckets_.size()));
    }
    return total(buckets_[bucket]);
}

void Reception::receive(std::size_t bucket, std::string_view content, bool gzip) {
    const std::uint64_t size = size_of(bucket);
    const std::string plain = gzip ? expanded(content, size) : std::string();
    const std::string_view bytes = gzip ? std::string_view(plain) : content;
    if (bytes.size() != size) {
        throw Error(OrthancPluginErrorCode_NetworkProtocol, "bucket " + std::to_string(bucket) + " has " +
                                                                std::to_string(bytes.size()) +
                                                                " bytes instead of " + std::to_string(size));
    }
    {
        const std::scoped_lock lock(mutex_);
        if (states_[bucket] == State::there) {
            return;
        }
        if (states_[bucket] == State::coming) {
            throw Error(OrthancPluginErrorCode_BadSequenceOfCalls,
                        "bucket " + std::to_string(bucket) + " is being written by another request");
        }
        states_[bucket] = State::coming;
    }
    State end = State::missing;
    try {
        std::uint64_t done = 0;
        for (const Chunk &chunk : buckets_[bucket]) {
            file_->write(bytes.substr(done, chunk.size),
                         contents_[positions_.at(chunk.id)].start + chunk.offset);
            done += chunk.size;
        }
        done = 0;
        for (const Chunk &chunk : buckets_[bucket]) {
            keep(chunk, bytes.substr(done, chunk.size));
            done += chunk.size;
        }
        end = State::there;
    } catch (...) {
        const std::scoped_lock lock(mutex_);
        states_[bucket] = end;
        throw;
    }
    const std::scoped_lock lock(mutex_);
    states_[bucket] = end;
}

// Adds what came to the digest of its instance, and what came before and had to wait for it.
void Reception::keep(const Chunk &chunk, std::string_view content) {
    Content &target = contents_[positions_.at(chunk.id)];
    const std::scoped_lock lock(target.mutex);
    if (!target.md5.empty()) {
        return;
    }
    if (target.digest == nullptr) {
        target.digest = std::make_unique<Digest>();
    }
    if (chunk.offset == target.hashed) {
        target.digest->add(content);
        target.hashed += content.size();
    } else {
        target.waiting[chunk.offset] = std::max(target.waiting[chunk.offset], chunk.offset + chunk.size);
    }
    while (!target.waiting.empty() && target.waiting.begin()->first <= target.hashed) {
        const std::uint64_t end = target.waiting.begin()->second;
        target.waiting.erase(target.waiting.begin());
        while (target.hashed < end) {
            const std::string piece =
                file_->read(target.start + target.hashed, std::min(HASHED_AT_ONCE, end - target.hashed));
            target.digest->add(piece);
            target.hashed += piece.size();
        }
    }
    if (target.hashed == target.declared.size) {
        target.md5 = target.digest->text();
        target.digest.reset();
    }
}

void Reception::check() {
    {
        const std::scoped_lock lock(mutex_);
        const auto missing = std::ranges::find_if(states_, [](State one) { return one != State::there; });
        if (missing != states_.end()) {
            throw Error(OrthancPluginErrorCode_NetworkProtocol,
                        "bucket " + std::to_string(missing - states_.begin()) + " of " +
                            std::to_string(states_.size()) + " has not come");
        }
    }
    for (Content &one : contents_) {
        const std::scoped_lock lock(one.mutex);
        if (one.md5 != one.declared.md5) {
            throw Error(OrthancPluginErrorCode_CorruptedFile,
                        "instance " + one.declared.id + " is not what its sender has: its MD5 is " +
                            (one.md5.empty() ? "unknown, as a part of it is missing" : one.md5) +
                            " instead of " + one.declared.md5);
        }
    }
}

void Reception::store_one(Content &content) const {
    const Mapped mapped(*file_, content.start, content.declared.size);
    const Answer answer =
        call({.method = OrthancPluginHttpMethod_Post, .uri = "/instances", .body = mapped.bytes()});
    if (!answer.good()) {
        throw Error(OrthancPluginErrorCode_CannotStoreInstance,
                    "instance " + content.declared.id + ": Orthanc answers " + std::to_string(answer.status));
    }
    content.stored = true;
}

void Reception::store(unsigned int threads, const std::stop_token &stopping) {
    const std::scoped_lock alone(storing_);
    std::atomic<std::size_t> next{0};
    std::mutex mutex;
    std::string failure;
    const auto work = [&] {
        for (std::size_t i = next++; i < contents_.size() && !stopping.stop_requested(); i = next++) {
            Content &content = contents_[i];
            if (content.stored) {
                continue;
            }
            try {
                store_one(content);
                ++stored_;
            } catch (const std::exception &error) {
                log_error(error.what());
                const std::scoped_lock lock(mutex);
                if (failure.empty()) {
                    failure = error.what();
                }
            }
        }
    };
    {
        std::vector<std::jthread> others;
        for (std::size_t i = 1; i < std::min<std::size_t>(threads, contents_.size()); ++i) {
            others.emplace_back([&work] { guarded(work); });
        }
        work();
    }
    if (stored_ != contents_.size()) {
        throw Error(OrthancPluginErrorCode_CannotStoreInstance,
                    std::to_string(contents_.size() - stored_) + " of " + std::to_string(contents_.size()) +
                        " instances are not stored" + (failure.empty() ? "" : ": " + failure));
    }
}

} // namespace orthanc_images::transfers
