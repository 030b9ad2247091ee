// Calling other servers by HTTP, through Orthanc's own client.
#pragma once

#include "framework/memory.h"

#include <orthanc/OrthancCPlugin.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace orthanc_images {

// A request to another server. Its timeout is in seconds, 0 for Orthanc's "HttpTimeout".
struct Fetch {
    OrthancPluginHttpMethod method = OrthancPluginHttpMethod_Get;
    std::string url;
    std::string_view body = {};
    std::vector<std::pair<std::string, std::string>> headers = {};
    std::string user = {};
    std::string password = {};
    std::uint32_t timeout = 0;
    // A client's certificate and its key.
    std::string certificate = {};
    std::string key = {};
    std::string key_password = {};
    bool pkcs11 = false;
};

// What it answered, and the type that it gives for that, or nothing.
struct Fetched {
    std::uint16_t status;
    Buffer body;
    std::string type;
};

// Makes the request. No answer, or one with a status of 400 and above, is an HttpError of 502 that names the
// address without its user, password and query.
Fetched fetch(const Fetch &request);

// Returns an address as a message may show it: without its user, password and query.
std::string shown(const std::string &url);

} // namespace orthanc_images
