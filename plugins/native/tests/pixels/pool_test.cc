// Workers as processes of their own: what they do, and what becomes of those that do not.
#include "pixels/codecs/codec.h"
#include "pixels/format.h"
#include "pixels/pool.h"
#include "pixels/refusal.h"
#include "pixels/samples.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <set>
#include <stop_token>
#include <thread>
#include <vector>

#include <dirent.h>
#include <signal.h>
#include <unistd.h>

using namespace orthanc_images::pixels;
using namespace std::chrono_literals;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;

namespace {

Limits limits(std::size_t workers = 2) {
    Limits made;
    made.program = PIXELS_WORKER;
    made.workers = workers;
    made.time = 20s;
    return made;
}

// The children of this process, which are all workers.
std::set<pid_t> workers() {
    std::set<pid_t> found;
    const std::string path = "/proc/self/task";
    DIR *const tasks = opendir(path.c_str());
    while (const dirent *const task = readdir(tasks)) {
        std::ifstream children(path + "/" + task->d_name + "/children");
        for (pid_t child = 0; children >> child;) {
            found.insert(child);
        }
    }
    closedir(tasks);
    return found;
}

std::string field_of(pid_t process, const std::string &name) {
    std::ifstream status("/proc/" + std::to_string(process) + "/status");
    for (std::string line; std::getline(status, line);) {
        if (line.starts_with(name + ":\t")) {
            return line.substr(name.size() + 2);
        }
    }
    return {};
}

struct Shown {
    Result result;
    Frame pixels;
};

// Has a frame of a file decoded.
Shown decoded(Pool &pool, const Frame &file, std::uint32_t frame = 0) {
    Shown shown;
    pool.run(
        {.task = Task::DECODE_FILE, .frame = frame, .size = file.size()},
        [&](std::span<std::uint8_t> target) { std::ranges::copy(file, target.begin()); },
        [&](const Result &result, Bytes pixels) {
            shown.result = result;
            shown.pixels.assign(pixels.begin(), pixels.end());
        });
    return shown;
}

Description small() {
    return samples::image(5, 7, 1, {.allocated = 16, .stored = 16, .is_signed = false});
}

// A file whose lossless compression takes a while.
Frame large_transcoding(Assignment &request, std::uint32_t side = 3000) {
    const Description image =
        samples::image(side, side, 3, {.allocated = 8, .stored = 8, .is_signed = false});
    const Frame file = samples::native_file(image, samples::frame(image, 1));
    request = {.task = Task::TRANSCODE, .size = file.size()};
    put_text(request.syntaxes, "1.2.840.10008.1.2.4.90");
    return file;
}

} // namespace

TEST_CASE("a worker decodes, is kept, and has walls around it") {
    Pool pool(limits());
    const Description image = small();
    const Frame pixels = samples::frame(image, 1);
    const Shown shown = decoded(pool, samples::native_file(image, pixels));
    CHECK(shown.pixels == pixels);
    CHECK(shown.result.rows == 5);
    CHECK(shown.result.columns == 7);
    CHECK(static_cast<Format>(shown.result.format) == Format::GRAY16);
    const std::set<pid_t> first = workers();
    REQUIRE(first.size() == 1);
    CHECK(field_of(*first.begin(), "Seccomp") == "2");
    CHECK(field_of(*first.begin(), "NoNewPrivs") == "1");
    CHECK(decoded(pool, samples::native_file(image, pixels)).pixels == pixels);
    CHECK(workers() == first);
}

TEST_CASE("a worker transcodes, and says why it does not") {
    Pool pool(limits());
    const Description image = small();
    const Frame file = samples::native_file(image, samples::frame(image, 1));
    Assignment request{.task = Task::TRANSCODE, .size = file.size()};
    put_text(request.syntaxes, "1.2.840.10008.1.2.5");
    Frame made;
    const auto fill = [&](std::span<std::uint8_t> target) { std::ranges::copy(file, target.begin()); };
    pool.run(request, fill, [&](const Result &, Bytes bytes) { made.assign(bytes.begin(), bytes.end()); });
    CHECK(outline_of(made).transfer_syntax == "1.2.840.10008.1.2.5");
    CHECK(decoded(pool, made).pixels == samples::frame(image, 1));
    put_text(request.syntaxes, "1.2.840.10008.1.2.4.100");
    CHECK_THROWS_MATCHES(pool.run(request, fill, [](const Result &, Bytes) {}), Refusal,
                         MessageMatches(ContainsSubstring("nothing here encodes this transfer syntax")));
    CHECK_THROWS_AS(decoded(pool, Frame(1000)), Refusal);
    CHECK(workers().size() == 1);
}

TEST_CASE("what strangers write goes to the log without control characters") {
    CHECK(printable("1.2\n3\x1b\x7f") == "1.2?3??");
    CHECK(printable("Größe") == "Größe");
    std::array<char, 4> cut{'a', '\r', 'b', 'c'};
    CHECK(get_text(cut) == "a?bc");
}

TEST_CASE("a worker that is killed takes its request with it, and no other") {
    Pool pool(limits(1));
    Assignment request;
    const Frame file = large_transcoding(request);
    std::atomic<bool> filled = false;
    std::jthread killer([&] {
        while (!filled) {
            std::this_thread::sleep_for(1ms);
        }
        std::this_thread::sleep_for(50ms);
        for (const pid_t worker : workers()) {
            kill(worker, SIGKILL);
        }
    });
    CHECK_THROWS_MATCHES(pool.run(
                             request,
                             [&](std::span<std::uint8_t> target) {
                                 std::ranges::copy(file, target.begin());
                                 filled = true;
                             },
                             [](const Result &, Bytes) {}),
                         Refusal, MessageMatches(ContainsSubstring("by signal KILL")));
    killer.join();
    const Description image = small();
    CHECK(decoded(pool, samples::native_file(image, samples::frame(image, 1))).pixels ==
          samples::frame(image, 1));
}

TEST_CASE("a worker that takes too long is ended") {
    Limits short_limits = limits(1);
    short_limits.time = 300ms;
    short_limits.time_per_megabyte = 0ms;
    Pool pool(short_limits);
    const Description image = small();
    const Frame sound = samples::native_file(image, samples::frame(image, 1));
    static_cast<void>(decoded(pool, sound));
    for (const pid_t worker : workers()) {
        kill(worker, SIGSTOP);
    }
    CHECK_THROWS_MATCHES(decoded(pool, sound), Refusal, MessageMatches(ContainsSubstring("took too long")));
    CHECK(decoded(pool, sound).pixels == samples::frame(image, 1));
}

TEST_CASE("a worker that works alone has the processors of the others") {
    Limits made = limits();
    made.processors = 4;
    Pool pool(made);
    Assignment request;
    const Frame file = large_transcoding(request, 1500);
    std::atomic<int> most = 0;
    std::jthread looking([&](const std::stop_token &stopping) {
        while (!stopping.stop_requested()) {
            for (const pid_t worker : workers()) {
                most = std::max(most.load(), std::atoi(field_of(worker, "Threads").c_str()));
            }
            std::this_thread::sleep_for(1ms);
        }
    });
    Frame compressed;
    pool.run(
        request, [&](std::span<std::uint8_t> target) { std::ranges::copy(file, target.begin()); },
        [&](const Result &result, Bytes bytes) {
            compressed.assign(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(result.size));
        });
    looking.request_stop();
    looking.join();
    CHECK(most >= 4);
    CHECK(decoded(pool, compressed).pixels == decoded(pool, file).pixels);
}

TEST_CASE("what would take more memory than there is for a worker is refused before") {
    Limits narrow = limits(1);
    narrow.memory = 64U << 20U;
    Pool pool(narrow);
    Description image =
        samples::image(30'000, 30'000, 1, {.allocated = 16, .stored = 16, .is_signed = false});
    const Frame file = samples::file(
        "1.2.840.10008.1.2.4.90",
        samples::described(image).fragments({}, {encode_jpeg2000(samples::frame(small(), 1), small(), {})}));
    CHECK_THROWS_MATCHES(decoded(pool, file), Refusal,
                         MessageMatches(ContainsSubstring("(Gdcm.WorkerMemory)")));
    CHECK(workers().size() == 1);
}

TEST_CASE("many ask at once, and each gets its own pixels") {
    Pool pool(limits(3));
    std::atomic<int> wrong = 0;
    {
        std::vector<std::jthread> clients;
        for (std::uint32_t client = 0; client < 8; ++client) {
            clients.emplace_back([&, client] {
                const Description image = small();
                const Frame pixels = samples::frame(image, client);
                const Frame file = samples::native_file(image, pixels);
                for (int i = 0; i < 50; ++i) {
                    wrong += decoded(pool, file).pixels == pixels ? 0 : 1;
                }
            });
        }
    }
    CHECK(wrong == 0);
    CHECK(pool.count() <= 3);
    CHECK(pool.count() > 0);
}

TEST_CASE("damage that ends a codec, or keeps it busy for ever, ends its worker alone") {
    Limits hasty = limits(1);
    hasty.time = 300ms;
    Pool pool(hasty);
    const Description image = samples::image(33, 65, 3, {.allocated = 8, .stored = 8, .is_signed = false});
    const Frame pixels = samples::frame(image, 3);
    samples::Dice dice(9);
    const std::vector<std::pair<const char *, Frame>> streams = {
        {"1.2.840.10008.1.2.4.201", encode_htj2k(pixels, image, {}, false)},
        {"1.2.840.10008.1.2.4.80", encode_jpegls(pixels, image, {})},
    };
    for (const auto &[syntax, stream] : streams) {
        std::size_t refused = 0;
        for (int i = 0; i < 100; ++i) {
            const Frame broken = samples::file(
                syntax, samples::described(image).fragments({}, {samples::damaged(stream, dice)}));
            try {
                static_cast<void>(decoded(pool, broken));
            } catch (const Refusal &) {
                ++refused;
            }
        }
        CHECK(refused > 0);
        const Frame sound = samples::file(syntax, samples::described(image).fragments({}, {stream}));
        CHECK(decoded(pool, sound).pixels == pixels);
    }
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) // which keep what is free
TEST_CASE("a worker has room for any request, whatever it did before") {
    const auto transcoded = [](Pool &pool, const Frame &file, const char *syntax) {
        Assignment request{.task = Task::TRANSCODE, .size = file.size()};
        put_text(request.syntaxes, syntax);
        Frame made;
        pool.run(
            request, [&](std::span<std::uint8_t> target) { std::ranges::copy(file, target.begin()); },
            [&](const Result &, Bytes bytes) { made.assign(bytes.begin(), bytes.end()); });
        return made;
    };
    const auto native = [](std::uint32_t side) {
        const Description image =
            samples::image(side, side, 3, {.allocated = 8, .stored = 8, .is_signed = false});
        return samples::native_file(image, Frame(std::size_t{side} * side * 3));
    };
    std::vector<std::pair<Frame, Frame>> files; // as they are, and in a hundredth of that
    {
        Pool other(limits(1));
        for (const std::uint32_t side : {30U, 200U, 1500U, 3000U, 6000U}) {
            Frame file = native(side);
            Frame packed = transcoded(other, file, "1.2.840.10008.1.2.5");
            files.emplace_back(std::move(file), std::move(packed));
        }
    }
    Pool pool(limits(1));
    samples::Dice dice(3);
    std::set<pid_t> first;
    for (int i = 0; i < 40; ++i) {
        const auto &[file, packed] = files[i % 8 == 0 ? 4 : dice.below(files.size())];
        INFO("request " << i << ", " << file.size() << " bytes");
        Frame made;
        if (i % 2 == 0) {
            REQUIRE_NOTHROW(made = transcoded(pool, packed, "1.2.840.10008.1.2.1"));
            CHECK(made.size() >= file.size() - 1000);
        } else {
            REQUIRE_NOTHROW(made = transcoded(pool, file, "1.2.840.10008.1.2.5"));
            CHECK(made.size() == packed.size());
        }
        first = first.empty() ? workers() : first;
        CHECK(workers() == first);
    }
}

TEST_CASE("a worker without work gives back what it does not need") {
    Pool pool(limits());
    Assignment request;
    const Frame file = large_transcoding(request);
    put_text(request.syntaxes, "1.2.840.10008.1.2.5");
    pool.run(
        request, [&](std::span<std::uint8_t> target) { std::ranges::copy(file, target.begin()); },
        [](const Result &, Bytes) {});
    const std::set<pid_t> first = workers();
    REQUIRE(first.size() == 1);
    const auto megabytes = [&](const std::string &field) {
        return std::stoi(field_of(*first.begin(), field)) / 1024;
    };
    // Of the two memories, the worker has seen all.
    CHECK(megabytes("RssShmem") > 20);
    const auto end = std::chrono::steady_clock::now() + 20s;
    while ((megabytes("RssShmem") > 0 || megabytes("RssAnon") > 16) &&
           std::chrono::steady_clock::now() < end) {
        std::this_thread::sleep_for(50ms);
    }
    CHECK(megabytes("RssShmem") == 0);
    CHECK(megabytes("RssAnon") <= 16);
    CHECK(workers() == first);
    CHECK(decoded(pool, file).pixels.size() == 27'000'000);
}
#endif
