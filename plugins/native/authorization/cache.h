// What was learned lately, for as long as it may be used.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace orthanc_images::authorization {

using Clock = std::chrono::steady_clock;

// Values by a text. There is room for so many; those that nobody has asked for longest go first. For any
// number of threads.
template <typename Value> class Cache {
  public:
    // A longer key is not kept, in bytes: tokens come from anybody.
    static constexpr std::size_t LONGEST = 8192;

    explicit Cache(std::size_t room = 10'000) : room_(room) {}

    // Returns the value, or nothing when there is none that may still be used.
    std::shared_ptr<const Value> find(const std::string &key) {
        const std::scoped_lock locked(mutex_);
        const auto found = places_.find(key);
        if (found == places_.end()) {
            return nullptr;
        }
        if (found->second->end <= Clock::now()) {
            forget(found);
            return nullptr;
        }
        items_.splice(items_.begin(), items_, found->second);
        return found->second->value;
    }

    // Returns how often values were dropped; put() wants it as it was before the value was asked for.
    std::uint64_t drops() {
        const std::scoped_lock locked(mutex_);
        return drops_;
    }

    // Keeps the value until then, unless something was dropped since `drops`: it could be of before.
    void put(const std::string &key, std::shared_ptr<const Value> value, Clock::time_point end,
             std::uint64_t drops) {
        const std::scoped_lock locked(mutex_);
        if (drops != drops_ || key.size() > LONGEST) {
            return;
        }
        if (const auto found = places_.find(key); found != places_.end()) {
            forget(found);
        }
        items_.push_front({key, std::move(value), end});
        places_[items_.front().key] = items_.begin();
        if (items_.size() > room_) {
            forget(places_.find(items_.back().key));
        }
    }

    void drop(const std::string &key) {
        const std::scoped_lock locked(mutex_);
        ++drops_;
        if (const auto found = places_.find(key); found != places_.end()) {
            forget(found);
        }
    }

    std::size_t size() {
        const std::scoped_lock locked(mutex_);
        return items_.size();
    }

  private:
    struct Item {
        std::string key;
        std::shared_ptr<const Value> value;
        Clock::time_point end;
    };

    // The keys are those of the items, which stay where they are.
    using Places = std::unordered_map<std::string_view, typename std::list<Item>::iterator>;

    void forget(typename Places::iterator place) {
        const auto item = place->second;
        places_.erase(place);
        items_.erase(item);
    }

    const std::size_t room_;
    std::mutex mutex_;
    std::uint64_t drops_ = 0;
    std::list<Item> items_;
    Places places_;
};

} // namespace orthanc_images::authorization
