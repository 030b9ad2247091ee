// Threads end with what holds them, and a queue has its limit.
#include "framework/threads.h"
#include "tests/fake_orthanc.h"

#include <catch2/catch_test_macros.hpp>

#include <atomic>
#include <latch>
#include <memory>
#include <semaphore>
#include <stdexcept>

using namespace orthanc_images;
using orthanc_images::tests::FakeOrthanc;

namespace {

// Waits until the work is asked to stop.
void wait_for_stop(const std::stop_token &stopping) {
    std::binary_semaphore asked(0);
    const std::stop_callback callback(stopping, [&] { asked.release(); });
    asked.acquire();
}

} // namespace

TEST_CASE("a thread has a name, is asked to stop, and waited for") {
    FakeOrthanc orthanc;
    std::atomic<bool> over = false;
    std::latch begun(1);
    {
        const std::jthread thread = background("a rather long name", [&](const std::stop_token &stopping) {
            begun.count_down();
            wait_for_stop(stopping);
            over = true;
        });
        begun.wait();
    }
    CHECK(over);
    CHECK(orthanc.threads == std::vector<std::string>{"a rather long name", "(end)"});
}

TEST_CASE("what a thread throws is logged") {
    FakeOrthanc orthanc;
    {
        const std::jthread thread =
            background("thread", [](const std::stop_token &) { throw std::runtime_error("oops"); });
    }
    const auto lines = orthanc.lines();
    REQUIRE(lines.size() == 1);
    CHECK(lines[0].message == "oops");
}

TEST_CASE("workers do all that they are given, from several threads") {
    const FakeOrthanc orthanc;
    constexpr int EACH = 500;
    std::atomic<int> done = 0;
    std::latch all(2 * EACH);
    Workers workers("worker", 3, 4);
    {
        const auto give = [&] {
            for (int i = 0; i < EACH; ++i) {
                workers.submit([&](const std::stop_token &) {
                    ++done;
                    all.count_down();
                });
            }
        };
        const std::jthread first(give);
        const std::jthread second(give);
    }
    all.wait();
    CHECK(done == 2 * EACH);
}

TEST_CASE("work that fails is logged, and the next is done") {
    FakeOrthanc orthanc;
    std::latch next(1);
    Workers workers("worker", 1, 2);
    workers.submit([](const std::stop_token &) { throw std::runtime_error("oops"); });
    workers.submit([&](const std::stop_token &) { next.count_down(); });
    next.wait();
    const auto lines = orthanc.lines();
    REQUIRE(lines.size() == 1);
    CHECK(lines[0].message == "oops");
}

TEST_CASE("a full queue takes no more, and a stop ends what waits for room") {
    const FakeOrthanc orthanc;
    std::latch begun(1);
    std::atomic<bool> dropped = true;
    const auto kept = std::make_shared<int>(0);
    Workers workers("worker", 1, 1);
    CHECK(workers.submit([&](const std::stop_token &stopping) {
        begun.count_down();
        wait_for_stop(stopping);
    }));
    begun.wait();
    CHECK(workers.offer([&, kept](const std::stop_token &) { dropped = false; }));
    CHECK(kept.use_count() == 2);
    CHECK_FALSE(workers.offer([](const std::stop_token &) {}));
    std::atomic<bool> taken = true;
    {
        const std::jthread waiting([&] { taken = workers.submit([](const std::stop_token &) {}); });
        workers.stop();
    }
    CHECK_FALSE(taken);
    CHECK(dropped);
    CHECK(kept.use_count() == 1);
    CHECK_FALSE(workers.submit([](const std::stop_token &) {}));
    CHECK_FALSE(workers.offer([](const std::stop_token &) {}));
    workers.stop();
}
