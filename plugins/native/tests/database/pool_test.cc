// The pool of connections, with connections that are none.
#include "database/driver/pool.h"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <atomic>
#include <future>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace orthanc_images::database {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// A server that connections can be opened to, and that can go away.
struct Server {
    std::atomic<bool> there = true;
    std::atomic<int> tries = 0;
    std::atomic<int> opened = 0;
    std::atomic<int> closed = 0;
    std::atomic<int> rolled_back = 0;
};

class FakeConnection final : public Connection {
  public:
    explicit FakeConnection(Server &server) : server_(server) {
        ++server_.opened;
    }

    FakeConnection(const FakeConnection &) = delete;
    FakeConnection &operator=(const FakeConnection &) = delete;

    ~FakeConnection() override {
        ++server_.closed;
    }

    Dialect dialect() const noexcept override {
        return Dialect::postgresql;
    }

    std::string server() const override {
        return "none";
    }

    void begin(Access) override {}

    void commit() override {}

    void rollback() noexcept override {
        ++server_.rolled_back;
    }

    std::unique_ptr<Result> query(const std::string &, Parameters) override {
        return nullptr;
    }

    void execute(const std::string &, Parameters) override {}

    std::int64_t change(const std::string &, Parameters) override {
        return 0;
    }

    std::int64_t insert(const std::string &, std::string_view, Parameters) override {
        return 0;
    }

    void script(const std::string &) override {}

    bool usable() noexcept override {
        return server_.there && !lost;
    }

    bool alive() noexcept override {
        return usable();
    }

    bool lost = false;

  private:
    Server &server_;
};

Opener opener_of(Server &server) {
    return [&server]() -> std::unique_ptr<Connection> {
        ++server.tries;
        if (!server.there) {
            throw Error(OrthancPluginErrorCode_DatabaseUnavailable, "the server is away.");
        }
        return std::make_unique<FakeConnection>(server);
    };
}

constexpr Retries quick{.most = 3, .pause = milliseconds(20)};
constexpr Retries patient{.most = 1000, .pause = milliseconds(20)};

OrthancPluginErrorCode code_of(const std::function<void()> &action) {
    try {
        action();
    } catch (const Error &error) {
        return error.code();
    }
    return OrthancPluginErrorCode_Success;
}

} // namespace

TEST_CASE("A static pool opens all connections, a dynamic one those that are wanted") {
    Server server;
    {
        Pool fixed(opener_of(server), 3, false, quick);
        fixed.open();
        CHECK(server.opened == 3);
        CHECK(fixed.active() == 3);
        const auto one = fixed.take();
        const auto two = fixed.take();
        CHECK(server.opened == 3);
        CHECK(fixed.active() == 3);
    }
    CHECK(server.closed == 3);
    server.opened = 0;
    Pool dynamic(opener_of(server), 3, true, quick);
    dynamic.open();
    CHECK(server.opened == 1);
    {
        const auto one = dynamic.take();
        CHECK(server.opened == 1);
        const auto two = dynamic.take();
        CHECK(server.opened == 2);
        CHECK(dynamic.active() == 2);
    }
    CHECK(dynamic.active() == 2);
    CHECK_THROWS_AS(Pool(opener_of(server), 0, true, quick), Error);
}

TEST_CASE("What is given back is rolled back, and taken again first") {
    Server server;
    Pool pool(opener_of(server), 2, false, quick);
    pool.open();
    server.rolled_back = 0;
    Connection *last = nullptr;
    {
        const auto one = pool.take();
        last = &*one;
    }
    CHECK(server.rolled_back == 1);
    CHECK(&*pool.take() == last);
}

TEST_CASE("Idle and old connections of a dynamic pool are closed, whatever their place") {
    Server server;
    Pool pool(opener_of(server), 3, true, quick);
    pool.open();
    {
        const auto one = pool.take();
        const auto two = pool.take();
        const auto three = pool.take();
    }
    const auto now = Pool::Clock::now();
    pool.tidy(now + seconds(59));
    CHECK(pool.active() == 3);
    pool.tidy(now + seconds(62));
    CHECK(pool.active() == 0);
    CHECK(server.closed == 3);
    pool.take();
    pool.tidy(now + seconds(3599));
    CHECK(pool.active() == 0);

    Pool fixed(opener_of(server), 2, false, quick);
    fixed.open();
    fixed.tidy(now + std::chrono::hours(2));
    CHECK(fixed.active() == 2);
}

TEST_CASE("Who waits is served in the order of asking, and at once") {
    Server server;
    Pool pool(opener_of(server), 1, false, quick);
    pool.open();
    std::vector<int> order;
    std::vector<std::jthread> threads;
    {
        const auto held = pool.take();
        for (int number = 0; number < 5; ++number) {
            threads.emplace_back([&pool, &order, number] {
                const auto taken = pool.take();
                // Only one thread has the only connection.
                order.push_back(number);
            });
            while (pool.waiting() <= static_cast<std::size_t>(number)) {
                std::this_thread::sleep_for(milliseconds(1));
            }
        }
        CHECK(order.empty());
    }
    threads.clear();
    CHECK(order == std::vector<int>{0, 1, 2, 3, 4});
}

TEST_CASE("No more connections are used at once than there may be") {
    for (const bool dynamic : {false, true}) {
        Server server;
        Pool pool(opener_of(server), 4, dynamic, quick);
        pool.open();
        std::atomic<int> used = 0;
        std::atomic<int> most = 0;
        std::vector<std::jthread> threads;
        for (int number = 0; number < 16; ++number) {
            threads.emplace_back([&] {
                for (int time = 0; time < 200; ++time) {
                    const auto lease = pool.take();
                    const int now = ++used;
                    int before = most;
                    while (before < now && !most.compare_exchange_weak(before, now)) {
                    }
                    if (time % 50 == 0) {
                        dynamic_cast<FakeConnection &>(*lease).lost = true;
                    }
                    --used;
                }
            });
        }
        threads.clear();
        CHECK(most <= 4);
        CHECK(pool.active() <= 4);
        CHECK(server.opened - server.closed == static_cast<int>(pool.active()));
    }
}

TEST_CASE("A connection that is lost is opened again") {
    Server server;
    Pool pool(opener_of(server), 1, false, quick);
    pool.open();
    {
        const auto lease = pool.take();
        dynamic_cast<FakeConnection &>(*lease).lost = true;
    }
    CHECK(pool.active() == 0);
    pool.take();
    CHECK(server.opened == 2);
    server.there = false;
    auto later = std::async(std::launch::async, [&server] {
        std::this_thread::sleep_for(milliseconds(30));
        server.there = true;
    });
    pool.take();
    later.get();
    CHECK(server.opened == 3);
    CHECK(pool.active() == 1);
}

TEST_CASE("A server that stays away is an error, after the tries, and the place is free again") {
    Server server;
    server.there = false;
    Pool pool(opener_of(server), 2, false, quick);
    CHECK(code_of([&] { pool.open(); }) == OrthancPluginErrorCode_DatabaseUnavailable);
    CHECK(server.tries == 4);
    CHECK(pool.active() == 0);
    server.there = true;
    const auto one = pool.take();
    const auto two = pool.take();
    CHECK(pool.active() == 2);
}

TEST_CASE("What is wrong with the settings is not tried again") {
    int tries = 0;
    Pool pool(
        [&tries]() -> std::unique_ptr<Connection> {
            ++tries;
            throw Error(OrthancPluginErrorCode_Database, "wrong password.");
        },
        2, false, quick);
    CHECK(code_of([&] { pool.open(); }) == OrthancPluginErrorCode_Database);
    CHECK(tries == 1);
}

TEST_CASE("While others wait for a server that is away, each tries once") {
    Server server;
    server.there = false;
    Pool pool(opener_of(server), 2, false, patient);
    std::atomic<int> errors = 0;
    std::vector<std::jthread> threads;
    for (int number = 0; number < 8; ++number) {
        threads.emplace_back([&] {
            errors += code_of([&] { pool.take(); }) == OrthancPluginErrorCode_DatabaseUnavailable ? 1 : 0;
        });
    }
    // The last of them is alone, and tries on.
    while (errors < 7) {
        std::this_thread::sleep_for(milliseconds(1));
    }
    server.there = true;
    threads.clear();
    CHECK(errors >= 7);
    CHECK(server.tries < 100);
    CHECK_NOTHROW(pool.take());
}

} // namespace orthanc_images::database
