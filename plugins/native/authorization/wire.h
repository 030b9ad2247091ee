// Questions to a server by HTTP, whose answer is given up while it comes when it is too large or too late.
#pragma once

#include <orthanc/OrthancCPlugin.h>

#include <chrono>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace orthanc_images::authorization {

// What Orthanc's configuration says of the servers that it calls.
struct Network {
    bool verify = true;
    // A file of certificates; empty for those of the system.
    std::string certificates = {};
    std::string proxy = {};
};

struct Question {
    OrthancPluginHttpMethod method;
    const std::string &url;
    const std::string &body;
    const std::vector<std::pair<std::string, std::string>> &headers;
    const std::string &user;
    const std::string &password;
    // For the whole of it.
    std::chrono::milliseconds limit;
    // How many bytes an answer may have.
    std::size_t most;
};

// Returns the answer. None in time, too much of it, or one with another status than 2xx is an Error that
// names the address without its user, password and query.
std::string answered(const Question &question, const Network &network);

} // namespace orthanc_images::authorization
