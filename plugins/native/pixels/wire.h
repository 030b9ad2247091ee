// What the server and a worker say to each other: one message in each direction for what is to be done, one
// for what it takes, and one for the result. The bytes of files and pixels lie in memory that both have
// (memory.h).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace orthanc_images::pixels {

enum class Task : std::uint32_t { DECODE_FRAME, DECODE_FILE, TRANSCODE, MASK };

// From the server: what is to be done with the first `size` bytes of the memory for input.
struct Assignment {
    Task task = Task::DECODE_FRAME;

    // The number of the frame, counted from 0.
    std::uint32_t frame = 0;
    std::uint64_t size = 0;

    // DECODE_FRAME: the input is the dataset up to its pixels, of this many bytes, and the bytes of the
    // frame.
    std::uint64_t head = 0;
    std::uint32_t skipped_bits = 0;
    std::uint32_t pixels = 0;
    bool encapsulated = false;
    bool words = false;

    // MASK: the input is the file, of `head` bytes, and this many patches; and the element that is to go.
    std::uint64_t patches = 0;
    std::uint32_t marker = 0;

    // TRANSCODE, MASK: UIDs, each with a zero at its end.
    bool new_instance = false;
    std::uint32_t quality = 90;
    std::array<char, 3000> syntaxes{};
};

// From the worker: what that will take, in bytes.
struct Claim {
    bool refused = false;

    // Nobody knows before it is done: as much as a worker may have.
    bool unbounded = false;
    std::uint64_t memory = 0;
    std::uint64_t pixels = 0;
    std::uint64_t result = 0;
    std::array<char, 1000> reason{};
};

// From the server: it has that, and may compute with so many threads.
struct Grant {
    bool granted = false;
    std::uint32_t threads = 1;
};

// From the worker: whether it is ready; then, for each request, that the result lies in the first `size`
// bytes of the memory for output.
struct Result {
    bool refused = false;
    std::uint32_t format = 0;
    std::uint32_t columns = 0;
    std::uint32_t rows = 0;
    std::uint64_t size = 0;
    std::array<char, 1000> reason{};
};

static_assert(std::is_trivially_copyable_v<Assignment> && std::is_trivially_copyable_v<Claim> &&
              std::is_trivially_copyable_v<Grant> && std::is_trivially_copyable_v<Result>);

// Puts a text into a message, cut where there is no room; the last byte stays 0.
template <std::size_t Size> void put_text(std::array<char, Size> &target, std::string_view text) noexcept {
    target.fill('\0');
    text.copy(target.data(), Size - 1);
}

// Returns a text that a stranger has written, for a line of the log: without control characters.
std::string printable(std::string_view text);

// Returns a text of a message that somebody else has written.
template <std::size_t Size> std::string get_text(const std::array<char, Size> &source) {
    const std::string_view whole(source.data(), Size);
    return printable(whole.substr(0, whole.find('\0')));
}

// What came: a message; nothing in time; or nothing any more, since the other side is gone or makes no sense.
enum class Received { MESSAGE, LATE, GONE };

// Sends and receives the bytes of one message, with up to one file descriptor (-1: none). Sending tells
// whether it worked. A message of another size makes no sense. `timeout` is in milliseconds, -1 for none.
bool send_message(int socket, const void *message, std::size_t size, int descriptor) noexcept;
Received receive_message(int socket, void *message, std::size_t size, int *descriptor, int timeout) noexcept;

template <typename Message> bool send(int socket, const Message &message, int descriptor = -1) noexcept {
    return send_message(socket, &message, sizeof message, descriptor);
}

template <typename Message>
Received receive(int socket, Message &message, int *descriptor = nullptr, int timeout = -1) noexcept {
    return receive_message(socket, &message, sizeof message, descriptor, timeout);
}

} // namespace orthanc_images::pixels
