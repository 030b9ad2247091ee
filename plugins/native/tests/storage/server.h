// A store of the tests: it answers each request with what a function returns, byte by byte as it stands.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace orthanc_images::tests {

struct Reply {
    std::string bytes;
    bool ends = false;
    std::chrono::milliseconds late{0};
    // What follows without a request, a little later.
    std::string after = {};
};

// Returns an answer with these headers, which end with CRLF each.
inline Reply reply(const std::string &status, const std::string &headers, const std::string &content) {
    return {"HTTP/1.1 " + status + "\r\n" + headers + "Content-Length: " + std::to_string(content.size()) +
            "\r\n\r\n" + content};
}

class Server {
  public:
    using Answer = std::function<Reply(const std::string &request)>;

    // Told after each answer whether all of it went out.
    using Report = std::function<void(bool all)>;

    explicit Server(
        Answer answer, Report report = [](bool) {})
        : answer_(std::move(answer)), report_(std::move(report)), socket_(socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        auto *raw = reinterpret_cast<sockaddr *>(&address);
        if (bind(socket_, raw, size) != 0 || listen(socket_, 64) != 0 ||
            getsockname(socket_, raw, &size) != 0) {
            throw std::runtime_error("the server of the tests has no port");
        }
        host_ = "127.0.0.1:" + std::to_string(ntohs(address.sin_port));
        accepting_ = std::thread([this] { accept_all(); });
    }

    Server(const Server &) = delete;
    Server &operator=(const Server &) = delete;

    ~Server() {
        over_ = true;
        shutdown(socket_, SHUT_RDWR);
        accepting_.join();
        {
            const std::scoped_lock lock(mutex_);
            for (const int client : clients_) {
                shutdown(client, SHUT_RDWR);
            }
        }
        for (std::thread &thread : threads_) {
            thread.join();
        }
        for (const int client : clients_) {
            close(client);
        }
        close(socket_);
    }

    const std::string &host() const {
        return host_;
    }

    std::vector<std::string> requests() {
        const std::scoped_lock lock(mutex_);
        return requests_;
    }

    std::size_t connections() {
        const std::scoped_lock lock(mutex_);
        return clients_.size();
    }

  private:
    void accept_all() {
        while (!over_) {
            const int client = accept(socket_, nullptr, nullptr);
            if (client < 0) {
                continue;
            }
            const std::scoped_lock lock(mutex_);
            clients_.push_back(client);
            threads_.emplace_back([this, client] { serve(client); });
        }
    }

    void serve(int client) {
        std::string pending;
        char buffer[4096];
        for (;;) {
            const std::size_t end = pending.find("\r\n\r\n");
            if (end == std::string::npos) {
                const ssize_t came = recv(client, buffer, sizeof buffer, 0);
                if (came <= 0) {
                    return;
                }
                pending.append(buffer, static_cast<std::size_t>(came));
                continue;
            }
            const std::string request = pending.substr(0, end + 2);
            pending.erase(0, end + 4);
            {
                const std::scoped_lock lock(mutex_);
                requests_.push_back(request);
            }
            const Reply reply = answer_(request);
            std::this_thread::sleep_for(reply.late);
            const bool all = sent(client, reply.bytes);
            report_(all);
            if (!all) {
                return;
            }
            if (!reply.after.empty()) {
                std::this_thread::sleep_for(std::chrono::milliseconds(30));
                sent(client, reply.after);
            }
            if (reply.ends) {
                shutdown(client, SHUT_RDWR);
                return;
            }
        }
    }

    static bool sent(int client, const std::string &bytes) {
        std::size_t done = 0;
        while (done < bytes.size()) {
            const ssize_t count = send(client, bytes.data() + done, bytes.size() - done, MSG_NOSIGNAL);
            if (count <= 0) {
                return false;
            }
            done += static_cast<std::size_t>(count);
        }
        return true;
    }

    const Answer answer_;
    const Report report_;
    const int socket_;
    std::string host_;
    std::atomic<bool> over_{false};
    std::mutex mutex_;
    std::vector<std::string> requests_;
    std::vector<int> clients_;
    std::vector<std::thread> threads_;
    std::thread accepting_;
};

} // namespace orthanc_images::tests
