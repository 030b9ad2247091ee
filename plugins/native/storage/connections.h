// Objects by HTTP, over connections that are kept, each taken by one thread at a time.
//
// The connections, and TLS, are those of libcurl. What goes over them is written and read here (answer.h):
// for a small object, having libcurl do that takes more processor time than all the rest together.
#pragma once

#include "storage/answer.h"
#include "storage/signer.h"

#include <chrono>
#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace orthanc_images::storage {

// How the store is reached.
struct Network {
    // Its scheme and host, such as https://host:443.
    std::string origin;
    // A file of authorities, and a text in PEM in its place if there is one.
    std::string file;
    std::string authorities;
    std::chrono::milliseconds connect{30'000};
    std::chrono::milliseconds request{1'200'000};
    // How many connections are kept.
    std::size_t connections = 25;
};

// What came of a request.
struct Outcome {
    // Empty when it was done, else why not, without the address.
    std::string fault;
    // Whether the next request may well meet the same.
    bool lasting = false;
};

class Connection;

class Connections {
  public:
    explicit Connections(Network network);
    Connections(const Connections &) = delete;
    Connections &operator=(const Connections &) = delete;
    ~Connections();

    // Asks for an object by its path and query, and gives its content to the receiver. It is asked for once,
    // but for a kept connection that the store had ended.
    Outcome get(const std::string &target, const Headers &headers, Receiver &receiver);

  private:
    std::unique_ptr<Connection> take();
    void give(std::unique_ptr<Connection> connection);

    const Network network_;
    std::mutex mutex_;
    std::vector<std::unique_ptr<Connection>> idle_;
};

} // namespace orthanc_images::storage
