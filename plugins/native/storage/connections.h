// Objects by HTTP, over connections that are kept, each taken by one thread at a time.
#pragma once

#include "storage/signer.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace orthanc_images::storage {

// How the store is reached.
struct Network {
    // A file of authorities, and a text in PEM in its place if there is one.
    std::string file;
    std::string authorities;
    std::chrono::milliseconds connect{30'000};
    std::chrono::milliseconds request{1'200'000};
    // How many connections are kept.
    std::size_t connections = 25;
};

// An answer, before its content comes: the header Content-Range is empty where it has none.
struct Announced {
    long status = 0;
    std::optional<std::uint64_t> length;
    std::string range;
};

// Where the content of an answer goes.
class Receiver {
  public:
    Receiver() = default;
    Receiver(const Receiver &) = delete;
    Receiver &operator=(const Receiver &) = delete;
    virtual ~Receiver() = default;

    // Tells whether the content of such an answer is to come; false for a status of an error, too.
    virtual bool begins(const Announced &announced) = 0;

    // Takes a piece; false when it does not fit.
    virtual bool takes(std::string_view piece) = 0;

    // Tells whether all of it has come.
    virtual bool complete() const = 0;

    // Returns how many bytes there are then for Orthanc.
    virtual std::uint64_t size() const = 0;
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

    // Asks for an object, and gives its content to the receiver. It is asked for once, but for a kept
    // connection that the store had ended.
    Outcome get(const std::string &url, const Headers &headers, Receiver &receiver);

  private:
    std::unique_ptr<Connection> take();
    void give(std::unique_ptr<Connection> connection);

    const Network network_;
    std::mutex mutex_;
    std::vector<std::unique_ptr<Connection>> idle_;
};

} // namespace orthanc_images::storage
