// What Orthanc's index keeps for plugins: values by keys, queues, and the custom data of attachments.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace orthanc_images::advanced {

// Values by keys. What the index cannot do is an Error.
class Store {
  public:
    explicit Store(const char *name) noexcept : name_(name) {}

    std::optional<std::string> get(const std::string &key) const;
    void set(const std::string &key, const std::string &value) const;
    void drop(const std::string &key) const;

    // Calls the function with each key and its value, until that returns false.
    void each(const std::function<bool(const std::string &key, std::string_view value)> &visit) const;

  private:
    const char *name_;
};

// A queue that outlives Orthanc, and that several servers may share.
class Queue {
  public:
    explicit Queue(const char *name) noexcept : name_(name) {}

    void add(const std::string &value) const;

    // Takes the first value, which comes back when it is not acknowledged within so many seconds.
    std::optional<std::pair<std::string, std::uint64_t>> reserve(std::uint32_t seconds) const;
    void acknowledge(std::uint64_t number) const;
    std::uint64_t size() const;

  private:
    const char *name_;
};

// The custom data of an attachment; nothing where there is no such attachment.
std::optional<std::string> custom_data_of(const std::string &uuid);
void set_custom_data_of(const std::string &uuid, const std::string &value);

} // namespace orthanc_images::advanced
