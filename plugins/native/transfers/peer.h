// Other Orthanc servers, as the configuration names them.
#pragma once

#include "framework/json.h"

#include <orthanc/OrthancCPlugin.h>

#include <nlohmann/json.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace orthanc_images::transfers {

using Headers = std::vector<std::pair<std::string, std::string>>;

// The most bytes of an answer that says little.
constexpr std::uint64_t SHORT = 64 * std::uint64_t{1024};

// A request to a peer. Its timeout is in seconds, 0 for that of the peer, or Orthanc's.
struct Ask {
    OrthancPluginHttpMethod method = OrthancPluginHttpMethod_Get;
    std::string path;
    std::string_view body = {};
    Headers headers = {};
    std::uint32_t timeout = 0;
    // The most bytes that may be answered.
    std::uint64_t most = 64 * 1024 * std::uint64_t{1024};
    std::stop_token stopping = {};
};

// What a peer has answered: the body, and the cookies that it sets, as a client sends them.
struct Told {
    std::string body;
    std::string cookies;
};

// One peer, with what it takes to reach it. It is for several threads.
class Peer {
  public:
    // An UnknownResource Error where there is no such peer.
    explicit Peer(std::string name);

    const std::string &name() const noexcept {
        return name_;
    }

    // Its address, which ends with a slash.
    const std::string &url() const noexcept {
        return url_;
    }

    // The name of this server over there.
    const std::optional<std::string> &remote_self() const noexcept {
        return remote_self_;
    }

    // Makes the request. An answer that does not come, is larger than it may be, or has a status other than
    // 2xx, is a NetworkProtocol Error.
    Told ask(const Ask &ask) const;

  private:
    std::uint16_t directly(const Ask &ask, Told &told) const;
    std::uint16_t through_orthanc(const Ask &ask, Told &told) const;

    std::string name_;
    std::string url_;
    std::optional<std::string> remote_self_;
    // Whether all that it takes is known here. A password that is in the database only is not.
    bool known_ = false;
    Headers headers_;
    std::string user_;
    std::string password_;
    std::string certificate_;
    std::string key_;
    std::string key_password_;
    std::uint32_t timeout_ = 0;
    bool pkcs11_ = false;
};

// Returns the names of all peers.
std::vector<std::string> peer_names();

} // namespace orthanc_images::transfers
