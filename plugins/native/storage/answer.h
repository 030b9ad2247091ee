// The answer to a GET by HTTP/1.1, as little of it as reading an object takes.
//
// What is not plain (content without a length, codings, an answer that is longer than it says) is no object,
// and ends the connection.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace orthanc_images::storage {

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

    // Tells whether the content of such an answer is to come.
    virtual bool begins(const Announced &announced) = 0;

    // Returns where the next piece may be put at once, if it may.
    virtual std::span<char> room() {
        return {};
    }

    // Takes a piece, which may lie in `room` already; false when it does not fit.
    virtual bool takes(std::string_view piece) = 0;

    // Tells whether all of it has come.
    virtual bool complete() const = 0;

    // Returns how many bytes there are then for Orthanc.
    virtual std::uint64_t size() const = 0;
};

// Where the bytes of an answer come from.
class Source {
  public:
    Source() = default;
    Source(const Source &) = delete;
    Source &operator=(const Source &) = delete;
    virtual ~Source() = default;

    // Waits for bytes, and returns how many came; none at the end. A Broken when it failed.
    virtual std::size_t read(char *target, std::size_t most) = 0;
};

// Why an answer ended early, as a number of libcurl's.
struct Broken {
    int code;
};

class Answer {
  public:
    // `buffer` has to have room for the whole head.
    Answer(Source &source, std::span<char> buffer, Receiver &receiver)
        : source_(source), buffer_(buffer), receiver_(receiver) {}

    // Reads it, and gives the content to the receiver. A Broken when it ends early, or is none.
    void read();

    long status() const {
        return announced_.status;
    }

    // Tells whether the answer has the object.
    bool content() const;

    // Tells whether the receiver took all that came.
    bool fits() const {
        return fits_;
    }

    // Tells whether any byte came.
    bool begun() const {
        return begun_;
    }

    // Tells whether it ended as it should, so that nothing of it is left.
    bool whole() const {
        return whole_ && first_ == last_;
    }

    // Tells whether the connection stays open for the next one.
    bool stays() const {
        return whole() && stays_;
    }

  private:
    void head();
    void header(std::string_view line);
    bool object(std::uint64_t left);
    bool ignored();
    bool chunks();
    std::string_view line();
    bool fill(std::size_t most);
    std::string_view piece(std::uint64_t most);
    void skip(std::uint64_t size);

    Source &source_;
    const std::span<char> buffer_;
    Receiver &receiver_;
    // What has come and was not used.
    std::size_t first_ = 0;
    std::size_t last_ = 0;
    Announced announced_;
    std::string coding_;
    bool begun_ = false;
    bool plain_ = true;
    bool stays_ = false;
    bool fits_ = true;
    bool whole_ = false;
};

} // namespace orthanc_images::storage
