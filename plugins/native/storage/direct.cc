#include "storage/direct.h"

#include "framework/errors.h"
#include "framework/json.h"
#include "framework/log.h"

#include <nlohmann/json.hpp>

#include <array>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <limits>
#include <span>
#include <utility>

namespace orthanc_images::storage {

namespace {

// No memory has room for a larger file.
constexpr std::uint64_t LARGEST = std::uint64_t{1} << 39U;

constexpr const char *SETTINGS = "the settings for reading without Python";

template <typename Value> Value member(const Json &settings, const char *name) {
    try {
        return settings.at(name).get<Value>();
    } catch (const Json::exception &) {
        throw Error(OrthancPluginErrorCode_ParameterOutOfRange,
                    std::string(SETTINGS) + ": \"" + name + "\" is not as expected");
    }
}

std::chrono::milliseconds seconds(const Json &settings, const char *name) {
    return std::chrono::milliseconds(static_cast<std::int64_t>(member<double>(settings, name) * 1000));
}

Network network_of(const Json &settings, const std::string &origin) {
    return {origin,
            member<std::string>(settings, "file"),
            member<std::string>(settings, "authorities"),
            seconds(settings, "connect"),
            seconds(settings, "request"),
            member<std::size_t>(settings, "connections")};
}

std::string key_of(const std::string &text) {
    std::string key;
    for (std::size_t place = 0; place + 1 < text.size(); place += 2) {
        unsigned char byte = 0;
        const char *end = text.data() + place + 2;
        if (std::from_chars(text.data() + place, end, byte, 16).ptr != end) {
            break;
        }
        key += static_cast<char>(byte);
    }
    if (key.size() != KEY_SIZE || text.size() != 2 * KEY_SIZE) {
        throw Error(OrthancPluginErrorCode_ParameterOutOfRange,
                    std::string(SETTINGS) + ": a master key has not 32 bytes");
    }
    return key;
}

MasterKeys keys_of(const Json &settings) {
    MasterKeys keys;
    for (const auto &[number, key] : member<std::map<std::string, std::string>>(settings, "keys")) {
        std::uint32_t found = 0;
        const char *end = number.data() + number.size();
        if (const auto [rest, error] = std::from_chars(number.data(), end, found);
            rest != end || error != std::errc()) {
            throw Error(OrthancPluginErrorCode_ParameterOutOfRange,
                        std::string(SETTINGS) + ": the number of a master key is none");
        }
        keys.emplace(found, key_of(key));
    }
    return keys;
}

// Returns what follows the host in an address.
std::string path_of(const std::string &address) {
    const std::size_t scheme = address.find("://");
    if (scheme == std::string::npos) {
        throw Error(OrthancPluginErrorCode_ParameterOutOfRange,
                    std::string(SETTINGS) + ": \"address\" has no scheme");
    }
    const std::size_t path = address.find('/', scheme + 3);
    return path == std::string::npos ? std::string() : address.substr(path);
}

// Returns the address up to the host.
std::string origin_of(const Json &settings) {
    const auto address = member<std::string>(settings, "address");
    return address.substr(0, address.size() - path_of(address).size());
}

// A part of a file, which goes to memory of Orthanc's.
class Part : public Receiver {
  public:
    Part(char *target, std::uint64_t size, std::uint64_t start)
        : target_(target), size_(size),
          expected_("bytes " + std::to_string(start) + "-" + std::to_string(start + size - 1)) {}

    bool begins(const Announced &announced) override {
        done_ = 0;
        const std::string_view range = announced.range;
        return announced.status == 206 && announced.length == size_ && range.starts_with(expected_) &&
               range.substr(expected_.size()).starts_with('/');
    }

    std::span<char> room() override {
        return {target_ + done_, static_cast<std::size_t>(size_ - done_)};
    }

    bool takes(std::string_view piece) override {
        if (piece.size() > size_ - done_) {
            return false;
        }
        if (piece.data() != target_ + done_) {
            std::memcpy(target_ + done_, piece.data(), piece.size());
        }
        done_ += piece.size();
        return true;
    }

    bool complete() const override {
        return done_ == size_;
    }

    std::uint64_t size() const override {
        return size_;
    }

  private:
    char *target_;
    const std::uint64_t size_;
    const std::string expected_;
    std::uint64_t done_ = 0;
};

// A whole file, which is decrypted as it comes.
class Sealed : public Receiver {
  public:
    Sealed(const MasterKeys &keys, Budget &budget) : budget_(budget), unsealing_(keys) {}

    Sealed(const Sealed &) = delete;
    Sealed &operator=(const Sealed &) = delete;

    ~Sealed() override {
        budget_.give(taken_);
    }

    bool begins(const Announced &announced) override {
        if (announced.status != 200 || taken_ != 0 || !announced.length || *announced.length < OVERHEAD ||
            *announced.length > LARGEST) {
            return false;
        }
        file_ = *announced.length;
        budget_.take(file_);
        taken_ = file_;
        const auto room = static_cast<std::size_t>(size() == 0 ? 1 : size());
        // NOLINTNEXTLINE(cppcoreguidelines-no-malloc,cppcoreguidelines-owning-memory)
        memory_.reset(std::malloc(room));
        return memory_ != nullptr;
    }

    bool takes(std::string_view piece) override {
        return unsealing_.take(piece, file_, static_cast<unsigned char *>(memory_.get()));
    }

    bool complete() const override {
        return unsealing_.proven();
    }

    Memory memory() {
        return std::move(memory_);
    }

    std::uint64_t size() const override {
        return file_ - OVERHEAD;
    }

  private:
    Budget &budget_;
    Unsealing unsealing_;
    Memory memory_;
    std::uint64_t file_ = 0;
    std::uint64_t taken_ = 0;
};

// Returns how much went in which time, as Python writes it.
std::string speed(std::uint64_t size, double took) {
    std::array<char, 96> text{};
    const auto bytes = static_cast<double>(size);
    int done = 0;
    if (size < 1000) {
        done = std::snprintf(text.data(), text.size(), "%dbytes", static_cast<int>(size));
    } else {
        const bool large = bytes >= 1e6;
        done = std::snprintf(text.data(), text.size(), "%.2f%s", bytes / (large ? 1e6 : 1e3),
                             large ? "MB" : "kB");
    }
    const auto used = static_cast<std::size_t>(done);
    std::snprintf(text.data() + used, text.size() - used, " in %.2f%s = %.2fMbps",
                  took >= 1 ? took : took * 1000, took >= 1 ? "s" : "ms",
                  took > 0 ? bytes * 8 / 1e6 / took : 0.0);
    return text.data();
}

} // namespace

Direct::Direct(std::string_view settings) : Direct(Parsed{parsed(settings, SETTINGS)}) {}

Direct::Direct(const Parsed &from)
    : plugin_(member<std::string>(from.settings, "plugin")),
      path_(path_of(member<std::string>(from.settings, "address"))),
      host_(member<std::string>(from.settings, "host")), slashes_(member<bool>(from.settings, "slashes")),
      names_{member<std::string>(from.settings, "prefix"), member<bool>(from.settings, "legacy"),
             member<bool>(from.settings, "encrypted")},
      keys_(keys_of(from.settings)), pause_(seconds(from.settings, "pause")),
      budget_(member<std::uint64_t>(from.settings, "limit")),
      connections_(network_of(from.settings, origin_of(from.settings))),
      signer_(signer_of(member<Json>(from.settings, "credentials"), host_)) {}

bool Direct::range(const char *uuid, std::int32_t type, std::uint64_t start, void *target,
                   std::uint64_t size) {
    // A range of no bytes cannot be asked for.
    if (names_.encrypted || size == 0 || start > std::numeric_limits<std::uint64_t>::max() - size) {
        handed_on_++;
        return false;
    }
    Part part(static_cast<char *>(target), size, start);
    return get(uuid, type, "bytes=" + std::to_string(start) + "-" + std::to_string(start + size - 1), part);
}

bool Direct::whole(const char *uuid, std::int32_t type, Memory &memory, std::uint64_t &size) {
    Sealed sealed(keys_, budget_);
    if (!names_.encrypted || !get(uuid, type, {}, sealed)) {
        return false;
    }
    size = sealed.size();
    memory = sealed.memory();
    return true;
}

void Direct::renew(std::string_view credentials) {
    auto signer = signer_of(parsed(credentials, SETTINGS), host_);
    const std::scoped_lock lock(mutex_);
    signer_ = std::move(signer);
}

std::shared_ptr<const Signer> Direct::signer() {
    const std::scoped_lock lock(mutex_);
    return signer_;
}

bool Direct::get(const char *uuid, std::int32_t type, const std::string &range, Receiver &receiver) {
    const Clock::time_point began = Clock::now();
    Outcome outcome;
    if (began.time_since_epoch().count() < paused_until_) {
        outcome.fault = "the store had a fault a moment ago";
    } else {
        try {
            outcome = asked(uuid, type, range, receiver);
        } catch (const std::exception &error) {
            outcome = {error.what(), true};
        }
        if (outcome.lasting) {
            paused_until_ = (Clock::now() + pause_).time_since_epoch().count();
        }
    }
    if (!outcome.fault.empty()) {
        handed_on_++;
        log_info(plugin_ + ": attachment " + uuid + " is read by way of Python: " + outcome.fault);
        return false;
    }
    done_++;
    const std::chrono::duration<double> took = Clock::now() - began;
    log_info(plugin_ + ": read attachment " + uuid + " (" + speed(receiver.size(), took.count()) + ")");
    return true;
}

Outcome Direct::asked(std::string_view uuid, std::int32_t type, const std::string &range,
                      Receiver &receiver) {
    const std::string name = names_.name(uuid, type);
    const std::shared_ptr<const Signer> who = signer();
    const std::time_t now = std::time(nullptr);
    if (name.empty() || !who->valid(now)) {
        return {name.empty() ? "its identifier is none" : "the credentials are to be renewed", false};
    }
    const std::string path = path_ + "/" + encoded(name, slashes_);
    Headers headers{"Host: " + host_};
    who->sign({path, range}, now, headers);
    const std::string query = who->query();
    return connections_.get(query.empty() ? path : path + "?" + query, headers, receiver);
}

} // namespace orthanc_images::storage
