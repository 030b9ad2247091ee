#include "storage/answer.h"

#include "framework/libcurl.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <system_error>

namespace orthanc_images::storage {

namespace {

// What is read at once while the head comes: a small object comes with it, and of a large one little is
// copied.
constexpr std::size_t FIRST = 16'384;

// How much of the content of an error is read, so that its connection can be kept.
constexpr std::uint64_t ERROR_TEXT = 65'536;

constexpr long OK = 200;
constexpr long NO_CONTENT = 204;
constexpr long PARTIAL = 206;
constexpr long NOT_MODIFIED = 304;
constexpr long SWITCHING = 101;
constexpr long FINAL = 200;

// Compares two texts of ASCII, whatever the case of the first one.
bool is(std::string_view text, std::string_view name) {
    return std::ranges::equal(
        text, name, {}, [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
}

std::string_view trimmed(std::string_view text) {
    const std::size_t first = text.find_first_not_of(" \t");
    const std::size_t last = text.find_last_not_of(" \t");
    return first == std::string_view::npos ? std::string_view() : text.substr(first, last - first + 1);
}

std::optional<std::uint64_t> number_of(std::string_view text, int base = 10) {
    std::uint64_t found{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), found, base);
    return error == std::errc() && end == text.data() + text.size() ? std::optional(found) : std::nullopt;
}

} // namespace

bool Answer::content() const {
    return announced_.status == OK || announced_.status == PARTIAL;
}

void Answer::read() {
    do {
        head();
    } while (announced_.status < FINAL && announced_.status != SWITCHING);
    if (content()) {
        const std::optional<std::uint64_t> length = announced_.length;
        fits_ = length && receiver_.begins(announced_) && object(*length);
        whole_ = fits_;
    } else {
        whole_ = ignored();
    }
}

// Reads one head, of an answer or of one that only says that another will come.
void Answer::head() {
    const std::string_view status = line();
    // HTTP/1.1 200 OK
    const auto code = number_of(status.substr(std::min<std::size_t>(status.size(), 9), 3));
    if (!status.starts_with("HTTP/1.") || status.size() < 12 || status[8] != ' ' || !code || *code < 100) {
        throw Broken{libcurl::WEIRD_ANSWER};
    }
    announced_ = {};
    announced_.status = static_cast<long>(*code);
    coding_.clear();
    plain_ = true;
    stays_ = status[7] == '1';
    for (std::string_view next = line(); !next.empty(); next = line()) {
        header(next);
    }
    if (!plain_ || !coding_.empty()) {
        announced_.length.reset();
    }
}

void Answer::header(std::string_view line) {
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) {
        throw Broken{libcurl::WEIRD_ANSWER};
    }
    const std::string_view name = line.substr(0, colon);
    const std::string_view value = trimmed(line.substr(colon + 1));
    if (is(name, "content-length")) {
        const auto length = number_of(value);
        plain_ = plain_ && length && (!announced_.length || announced_.length == length);
        announced_.length = length;
    } else if (is(name, "content-range")) {
        announced_.range = value;
    } else if (is(name, "transfer-encoding")) {
        coding_.append(coding_.empty() ? "" : ",").append(value.empty() ? "none" : value);
    } else if (is(name, "connection")) {
        stays_ = stays_ && is(value, "keep-alive");
    }
}

// Gives the content to the receiver.
bool Answer::object(std::uint64_t left) {
    while (left > 0) {
        std::string_view found;
        if (const std::span<char> room = receiver_.room(); first_ == last_ && !room.empty()) {
            found = {room.data(), source_.read(room.data(), std::min<std::uint64_t>(room.size(), left))};
        } else {
            found = piece(left);
        }
        if (found.empty()) {
            throw Broken{libcurl::PARTIAL_CONTENT};
        }
        if (!receiver_.takes(found)) {
            return false;
        }
        left -= found.size();
    }
    return true;
}

// Reads the text of an error; false when that is not worth it.
bool Answer::ignored() {
    if (announced_.status == NO_CONTENT || announced_.status == NOT_MODIFIED) {
        return true;
    }
    if (plain_ && is(coding_, "chunked")) {
        return chunks();
    }
    const std::uint64_t length = announced_.length.value_or(ERROR_TEXT + 1);
    if (length > ERROR_TEXT) {
        return false;
    }
    skip(length);
    return true;
}

bool Answer::chunks() {
    std::uint64_t all = 0;
    for (bool last = false; !last;) {
        const std::string_view head = line();
        const auto size = number_of(trimmed(head.substr(0, head.find(';'))), 16);
        if (!size || *size > ERROR_TEXT - all) {
            return false;
        }
        all += *size;
        last = *size == 0;
        skip(*size);
        // After the last one, there may be headers, which nobody sends.
        if (!line().empty()) {
            return false;
        }
    }
    return true;
}

// Returns the next line, without its end, until more is read.
std::string_view Answer::line() {
    std::size_t seen = 0;
    for (;;) {
        const char *begin = buffer_.data() + first_;
        const void *end = std::memchr(begin + seen, '\n', last_ - first_ - seen);
        if (end != nullptr) {
            const auto size = static_cast<std::size_t>(static_cast<const char *>(end) - begin);
            first_ += size + 1;
            return {begin, size - (size > 0 && begin[size - 1] == '\r' ? 1 : 0)};
        }
        seen = last_ - first_;
        if (last_ == buffer_.size()) {
            throw Broken{libcurl::WEIRD_ANSWER};
        }
        if (!fill(FIRST)) {
            throw Broken{begun() ? libcurl::WEIRD_ANSWER : libcurl::NOTHING_CAME};
        }
    }
}

// Reads more behind what is there; false at the end.
bool Answer::fill(std::size_t most) {
    const std::size_t came = source_.read(buffer_.data() + last_, std::min(most, buffer_.size() - last_));
    last_ += came;
    begun_ = begun_ || came > 0;
    return came > 0;
}

// Returns what is there next, or else comes next, until more is read.
std::string_view Answer::piece(std::uint64_t most) {
    if (first_ == last_) {
        // The head is not needed any more.
        first_ = 0;
        last_ = source_.read(buffer_.data(), std::min<std::uint64_t>(buffer_.size(), most));
    }
    const std::string_view found(buffer_.data() + first_, std::min<std::uint64_t>(last_ - first_, most));
    first_ += found.size();
    return found;
}

void Answer::skip(std::uint64_t size) {
    while (size > 0) {
        const std::size_t found = piece(size).size();
        if (found == 0) {
            throw Broken{libcurl::PARTIAL_CONTENT};
        }
        size -= found;
    }
}

} // namespace orthanc_images::storage
