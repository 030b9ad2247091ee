// Questions to a real server on a socket, which answers well, slowly, without an end or not at all.
#include "authorization/wire.h"

#include "framework/errors.h"
#include "tests/fake_orthanc.h"

#include <catch2/catch_test_macros.hpp>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <functional>
#include <string>
#include <thread>
#include <utility>

namespace orthanc_images::tests {

using namespace authorization;

namespace {

using Milliseconds = std::chrono::milliseconds;

// A server for one connection.
class Server {
  public:
    explicit Server(std::function<void(int)> answer)
        : listening_(::socket(AF_INET, SOCK_STREAM, 0)), answer_(std::move(answer)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof(address);
        ::bind(listening_, reinterpret_cast<sockaddr *>(&address), size);
        ::listen(listening_, 1);
        ::getsockname(listening_, reinterpret_cast<sockaddr *>(&address), &size);
        port = ntohs(address.sin_port);
        thread_ = std::thread([this] { serve(); });
    }

    Server(const Server &) = delete;
    Server &operator=(const Server &) = delete;

    ~Server() {
        end();
    }

    // Waits for what it has been told.
    void end() {
        if (thread_.joinable()) {
            thread_.join();
            ::close(listening_);
        }
    }

    std::string url() const {
        return "http://127.0.0.1:" + std::to_string(port);
    }

    int port = 0;
    std::string told;
    std::size_t sent = 0;

    // Sends a text; tells whether somebody still takes it.
    bool send(int connection, const std::string &text) {
        const auto count = ::send(connection, text.data(), text.size(), MSG_NOSIGNAL);
        sent += count > 0 ? static_cast<std::size_t>(count) : 0;
        return count > 0;
    }

  private:
    void serve() {
        const int connection = ::accept(listening_, nullptr, nullptr);
        std::string piece(4096, '\0');
        while (!told.ends_with("{}")) {
            const auto count = ::recv(connection, piece.data(), piece.size(), 0);
            if (count <= 0) {
                break;
            }
            told.append(piece, 0, static_cast<std::size_t>(count));
        }
        answer_(connection);
        ::close(connection);
    }

    int listening_;
    std::function<void(int)> answer_;
    std::thread thread_;
};

std::string ask(const std::string &url, Milliseconds limit = Milliseconds(5000),
                const std::string &user = {}) {
    const std::vector<std::pair<std::string, std::string>> headers{
        {"Content-Type", "application/json"}, {"Expect", ""}, {"Token", "t1"}};
    const std::string body = "{}";
    const std::string password = "pw";
    return answered({.method = OrthancPluginHttpMethod_Post,
                     .url = url,
                     .body = body,
                     .headers = headers,
                     .user = user,
                     .password = password,
                     .limit = limit,
                     .most = 1'048'576},
                    {});
}

std::string refusal(const std::string &url, Milliseconds limit = Milliseconds(5000)) {
    try {
        return "answered: " + ask(url, limit);
    } catch (const Error &error) {
        return error.what();
    }
}

} // namespace

TEST_CASE("a question is sent whole, and its answer comes back") {
    Server server(
        [&](int connection) { server.send(connection, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ntrue"); });
    CHECK(ask(server.url() + "/q", Milliseconds(5000), "us") == "true");
    server.end();
    CHECK(server.told.starts_with("POST /q HTTP/1.1\r\n"));
    for (const char *line : {"\r\nContent-Length: 2\r\n", "\r\nContent-Type: application/json\r\n",
                             "\r\nToken: t1\r\n", "\r\nAuthorization: Basic dXM6cHc=\r\n"}) {
        CAPTURE(line);
        CHECK(server.told.find(line) != std::string::npos);
    }
    CHECK(server.told.find("Expect") == std::string::npos);
    CHECK(server.told.find("chunked") == std::string::npos);
}

TEST_CASE("an answer without an end is given up while it comes") {
    Server server([&](int connection) {
        server.send(connection, "HTTP/1.1 200 OK\r\n\r\n");
        const std::string piece(65'536, ' ');
        while (server.sent < 1'000'000'000 && server.send(connection, piece)) {
        }
    });
    const std::string url = server.url();
    CHECK(refusal(url + "/q?token=secret") == "POST " + url + "/q: the answer has more than 1048576 bytes");
    server.end();
    // What the system keeps of it on the way.
    CHECK(server.sent < 100'000'000);
}

TEST_CASE("silence ends when the time is over") {
    const auto began = std::chrono::steady_clock::now();
    {
        Server server([&](int connection) {
            std::string rest(1, '\0');
            static_cast<void>(::recv(connection, rest.data(), 1, 0));
        });
        CHECK(refusal(server.url(), Milliseconds(200)).find("there is no answer (") != std::string::npos);
    }
    CHECK(std::chrono::steady_clock::now() - began < std::chrono::seconds(5));
}

TEST_CASE("an error of the service, and no service, are errors that tell no secret") {
    Server server(
        [&](int connection) { server.send(connection, "HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n"); });
    const std::string port = std::to_string(server.port);
    CHECK(refusal("http://me:secret@127.0.0.1:" + port + "/q?secret") ==
          "POST http://127.0.0.1:" + port + "/q: the answer has the status 503.");
    server.end();
    CHECK(refusal("http://me:secret@127.0.0.1:" + port + "/?secret").find("secret") == std::string::npos);
    CHECK(refusal("file:///etc/hostname").starts_with("POST file:///etc/hostname: there is no answer"));
}

} // namespace orthanc_images::tests
