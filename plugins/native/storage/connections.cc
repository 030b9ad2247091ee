#include "storage/connections.h"

#include "framework/errors.h"
#include "framework/libcurl.h"

#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <limits>
#include <string_view>
#include <utility>

namespace orthanc_images::storage {

namespace {

using Clock = std::chrono::steady_clock;

// What is read at once where a piece cannot go to its place: large enough for few calls, small enough for the
// processor's cache. There is room for the head of any answer.
constexpr std::size_t BUFFER = 131'072;

// How long a connection may be idle, as libcurl has it: some routers forget those that are idle for longer.
constexpr std::chrono::seconds IDLE{118};

// Tells whether a line of a request can be no more than one.
bool in_line(std::string_view text) {
    return std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) < ' '; });
}

} // namespace

// A handle of libcurl, and the connection that it made.
class Connection : public Source {
  public:
    explicit Connection(const Network &network)
        : handle_(curl_easy_init()), authorities_{network.authorities.data(), network.authorities.size(), 0},
          request_(network.request), buffer_(std::make_unique_for_overwrite<char[]>(BUFFER)) {
        check(handle_ == nullptr ? -1 : libcurl::OK);
        set(libcurl::NO_SIGNAL, 1L);
        set(libcurl::PROTOCOLS, "http,https");
        // What is offered for TLS.
        set(libcurl::HTTP_VERSION, libcurl::HTTP_1_1);
        set(libcurl::CONNECT_TIMEOUT_MS, static_cast<long>(network.connect.count()));
        // Not that of the environment, which Python looks at.
        set(libcurl::PROXY, "");
        if (!network.authorities.empty()) {
            set(libcurl::CA_INFO_BLOB, &authorities_);
        } else if (!network.file.empty()) {
            set(libcurl::CA_INFO, network.file.c_str());
        }
        set(libcurl::URL, network.origin.c_str());
        set(libcurl::CONNECT_ONLY, 1L);
    }

    Outcome get(const std::string &target, const Headers &headers, Receiver &receiver) {
        request_text_.assign("GET ").append(target).append(" HTTP/1.1\r\n");
        bool valid = in_line(target) && target.find(' ') == std::string::npos;
        for (const std::string &header : headers) {
            request_text_.append(header).append("\r\n");
            valid = valid && in_line(header);
        }
        request_text_.append("Accept: */*\r\n\r\n");
        if (!valid) {
            return {curl_easy_strerror(libcurl::MALFORMED_URL), true};
        }
        until_ = Clock::now() + request_;
        const bool kept = alive();
        auto [outcome, again] = exchange(receiver);
        if (kept && again) {
            outcome = exchange(receiver).first;
        }
        used_ = Clock::now();
        return outcome;
    }

    // Tells whether it may be used again.
    bool useful() const {
        return useful_;
    }

    std::size_t read(char *target, std::size_t most) override {
        if (most == 0) {
            return 0;
        }
        std::size_t came = 0;
        int code = libcurl::AGAIN;
        while (code == libcurl::AGAIN) {
            // Right after the request, nothing can be there yet.
            if (waits_) {
                wait(POLLIN);
            }
            code = curl_easy_recv(handle_.get(), target, most, &came);
            waits_ = code == libcurl::AGAIN;
        }
        verify(code);
        return came;
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

    static void verify(int code) {
        if (code != libcurl::OK) {
            throw Broken{code};
        }
    }

    // Asks once. Returns also whether another connection may do better: this one ended before it answered.
    std::pair<Outcome, bool> exchange(Receiver &receiver) {
        Answer answer(*this, {buffer_.get(), BUFFER}, receiver);
        int code = libcurl::OK;
        useful_ = false;
        const bool open = std::exchange(open_, false);
        try {
            if (!open) {
                connect();
            }
            send();
            answer.read();
            open_ = answer.stays();
            useful_ = answer.whole();
        } catch (const Broken &broken) {
            code = broken.code;
        }
        return {outcome(code, answer, receiver),
                code != libcurl::OK && code != libcurl::TIMED_OUT && !answer.begun()};
    }

    void connect() {
        set(libcurl::TIMEOUT_MS, static_cast<long>(left().count()));
        verify(curl_easy_perform(handle_.get()));
        verify(curl_easy_getinfo(handle_.get(), libcurl::ACTIVE_SOCKET, &socket_));
    }

    void send() {
        for (std::string_view rest = request_text_; !rest.empty();) {
            std::size_t sent = 0;
            const int code = curl_easy_send(handle_.get(), rest.data(), rest.size(), &sent);
            if (code == libcurl::AGAIN) {
                wait(POLLOUT);
            } else {
                verify(code);
            }
            rest.remove_prefix(sent);
        }
        waits_ = true;
    }

    // Tells whether the kept connection is as it was left. What has come since then can only be its end, or
    // what belongs to TLS.
    bool alive() {
        if (open_) {
            pollfd seen{socket_, POLLIN, 0};
            char byte = 0;
            std::size_t came = 0;
            open_ =
                Clock::now() - used_ < IDLE &&
                (poll(&seen, 1, 0) == 0 || curl_easy_recv(handle_.get(), &byte, 1, &came) == libcurl::AGAIN);
        }
        return open_;
    }

    // Returns how long the request may still take.
    std::chrono::milliseconds left() const {
        const auto rest = std::chrono::ceil<std::chrono::milliseconds>(until_ - Clock::now());
        if (rest.count() <= 0) {
            throw Broken{libcurl::TIMED_OUT};
        }
        return rest;
    }

    void wait(short event) const {
        pollfd wanted{socket_, event, 0};
        int ready = 0;
        do {
            const auto rest = std::min<std::int64_t>(left().count(), std::numeric_limits<int>::max());
            ready = poll(&wanted, 1, static_cast<int>(rest));
        } while (ready == 0 || (ready < 0 && errno == EINTR));
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

    static constexpr long NOT_FOUND = 404;

    std::unique_ptr<void, Free> handle_;
    libcurl::Blob authorities_;
    const std::chrono::milliseconds request_;
    const std::unique_ptr<char[]> buffer_;
    std::string request_text_;
    int socket_ = -1;
    bool open_ = false;
    bool waits_ = false;
    bool useful_ = true;
    Clock::time_point until_;
    Clock::time_point used_;
};

Connections::Connections(Network network) : network_(std::move(network)) {}

Connections::~Connections() = default;

Outcome Connections::get(const std::string &target, const Headers &headers, Receiver &receiver) {
    std::unique_ptr<Connection> connection = take();
    Outcome outcome = connection->get(target, headers, receiver);
    if (connection->useful()) {
        give(std::move(connection));
    }
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
