#include "storage/connections.h"

#include "framework/errors.h"
#include "framework/libcurl.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace orthanc_images::storage {

namespace {

// What libcurl reads at once: large enough for few calls, small enough for the processor's cache.
constexpr long BUFFER = 131'072;

// How much of the content of an error is read, so that its connection can be kept.
constexpr std::uint64_t ERROR_TEXT = 65'536;

constexpr long OK = 200;
constexpr long PARTIAL = 206;
constexpr long NOT_FOUND = 404;

struct FreeList {
    void operator()(curl_slist *list) const noexcept {
        curl_slist_free_all(list);
    }
};

using List = std::unique_ptr<curl_slist, FreeList>;

// Compares two texts of ASCII, whatever the case of the first one.
bool begins_with(std::string_view line, std::string_view name) {
    return line.size() >= name.size() &&
           std::ranges::equal(line.substr(0, name.size()), name, {}, [](char c) {
               return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
           });
}

std::string_view trimmed(std::string_view text) {
    const std::size_t first = text.find_first_not_of(" \t\r\n");
    const std::size_t last = text.find_last_not_of(" \t\r\n");
    return first == std::string_view::npos ? std::string_view() : text.substr(first, last - first + 1);
}

template <typename Number> std::optional<Number> number_of(std::string_view text) {
    Number found{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), found);
    return error == std::errc() && end == text.data() + text.size() ? std::optional(found) : std::nullopt;
}

// An answer as it comes.
class Answer {
  public:
    explicit Answer(Receiver &receiver) : receiver_(receiver) {}

    // Takes a line of the head; false ends the transfer.
    bool head(std::string_view line) {
        if (line.starts_with("HTTP/")) {
            announced_ = {};
            const std::size_t blank = line.find(' ');
            announced_.status =
                blank == std::string_view::npos ? 0 : number_of<long>(line.substr(blank + 1, 3)).value_or(0);
            return true;
        }
        if (begins_with(line, "content-length:")) {
            announced_.length = number_of<std::uint64_t>(trimmed(line.substr(15)));
        } else if (begins_with(line, "content-range:")) {
            announced_.range = trimmed(line.substr(14));
        } else if (trimmed(line).empty() && content()) {
            fits_ = receiver_.begins(announced_);
            return fits_;
        }
        return true;
    }

    // Takes a piece of the content.
    bool piece(std::string_view bytes) {
        if (content()) {
            fits_ = fits_ && receiver_.takes(bytes);
            return fits_;
        }
        ignored_ += bytes.size();
        return ignored_ <= ERROR_TEXT;
    }

    long status() const {
        return announced_.status;
    }

    // Tells whether the answer has the object.
    bool content() const {
        return announced_.status == OK || announced_.status == PARTIAL;
    }

    bool fits() const {
        return fits_;
    }

  private:
    Receiver &receiver_;
    Announced announced_;
    std::uint64_t ignored_ = 0;
    bool fits_ = true;
};

// Called by libcurl; a number that is not the size of what came ends the transfer.
std::size_t take_head(const char *data, std::size_t size, std::size_t count, void *user) noexcept {
    try {
        return static_cast<Answer *>(user)->head({data, size * count}) ? size * count : size * count + 1;
    } catch (...) {
        return size * count + 1;
    }
}

std::size_t take_piece(const char *data, std::size_t size, std::size_t count, void *user) noexcept {
    try {
        return static_cast<Answer *>(user)->piece({data, size * count}) ? size * count : size * count + 1;
    } catch (...) {
        return size * count + 1;
    }
}

} // namespace

// A handle of libcurl, which keeps the connection of its last request.
class Connection {
  public:
    explicit Connection(const Network &network)
        : handle_(curl_easy_init()), authorities_{network.authorities.data(), network.authorities.size(), 0} {
        check(handle_ == nullptr ? -1 : libcurl::OK);
        set(libcurl::NO_SIGNAL, 1L);
        set(libcurl::PROTOCOLS, "http,https");
        set(libcurl::HTTP_VERSION, libcurl::HTTP_1_1);
        set(libcurl::PATH_AS_IS, 1L);
        set(libcurl::BUFFER_SIZE, BUFFER);
        set(libcurl::CONNECT_TIMEOUT_MS, static_cast<long>(network.connect.count()));
        set(libcurl::TIMEOUT_MS, static_cast<long>(network.request.count()));
        // Not that of the environment, which Python looks at.
        set(libcurl::PROXY, "");
        if (!network.authorities.empty()) {
            set(libcurl::CA_INFO_BLOB, &authorities_);
        } else if (!network.file.empty()) {
            set(libcurl::CA_INFO, network.file.c_str());
        }
        set(libcurl::HEADER_FUNCTION, take_head);
        set(libcurl::WRITE_FUNCTION, take_piece);
    }

    Connection(const Connection &) = delete;
    Connection &operator=(const Connection &) = delete;
    ~Connection() = default;

    Outcome get(const std::string &url, const Headers &headers, Receiver &receiver) {
        List list;
        for (const std::string &header : headers) {
            curl_slist *longer = curl_slist_append(list.get(), header.c_str());
            check(longer == nullptr ? -1 : libcurl::OK);
            // The first one makes the list; the others are put at its end.
            if (list.get() != longer) {
                list.reset(longer);
            }
        }
        Answer answer(receiver);
        set(libcurl::URL, url.c_str());
        set(libcurl::HTTP_HEADER, list.get());
        set(libcurl::HEADER_DATA, &answer);
        set(libcurl::WRITE_DATA, &answer);
        return outcome(curl_easy_perform(handle_.get()), answer, receiver);
    }

  private:
    struct Free {
        void operator()(void *handle) const noexcept {
            curl_easy_cleanup(handle);
        }
    };

    template <typename Value> void set(int option, Value value) {
        check(curl_easy_setopt(handle_.get(), option, value));
    }

    static void check(int code) {
        if (code != libcurl::OK) {
            throw Error(OrthancPluginErrorCode_InternalError,
                        "the store cannot be asked: libcurl is not as expected");
        }
    }

    static Outcome outcome(int code, const Answer &answer, const Receiver &receiver) {
        if (!answer.fits()) {
            return {"the object is not as expected", false};
        }
        if (answer.status() != 0 && !answer.content()) {
            return {"the status is " + std::to_string(answer.status()), answer.status() != NOT_FOUND};
        }
        if (code != libcurl::OK) {
            return {curl_easy_strerror(code), true};
        }
        return {receiver.complete() ? "" : "the object is not complete", false};
    }

    std::unique_ptr<void, Free> handle_;
    libcurl::Blob authorities_;
};

Connections::Connections(Network network) : network_(std::move(network)) {}

Connections::~Connections() = default;

Outcome Connections::get(const std::string &url, const Headers &headers, Receiver &receiver) {
    std::unique_ptr<Connection> connection = take();
    Outcome outcome = connection->get(url, headers, receiver);
    give(std::move(connection));
    return outcome;
}

std::unique_ptr<Connection> Connections::take() {
    {
        const std::scoped_lock lock(mutex_);
        if (!idle_.empty()) {
            std::unique_ptr<Connection> found = std::move(idle_.back());
            idle_.pop_back();
            return found;
        }
    }
    return std::make_unique<Connection>(network_);
}

void Connections::give(std::unique_ptr<Connection> connection) {
    const std::scoped_lock lock(mutex_);
    if (idle_.size() < network_.connections) {
        idle_.push_back(std::move(connection));
    }
}

} // namespace orthanc_images::storage
