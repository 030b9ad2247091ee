// Encrypted files: those of Python and of the official plugin, in pieces of every size, and damaged ones.
#include "storage/sealed.h"
#include "tests/storage/vectors.h"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <atomic>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <vector>

using namespace orthanc_images;
using namespace orthanc_images::storage;
using orthanc_images::tests::from_hexadecimal;
using orthanc_images::tests::vectors;

namespace {

// Returns what is in a file that comes in pieces of this size, if that is proven.
std::optional<std::string> opened(const std::string &file, const MasterKeys &keys, std::size_t piece) {
    Unsealing unsealing(keys);
    std::vector<unsigned char> target(file.size() < OVERHEAD ? 1 : file.size() - OVERHEAD + 1);
    for (std::size_t start = 0; start < file.size(); start += piece) {
        if (!unsealing.take(std::string_view(file).substr(start, piece), file.size(), target.data())) {
            CHECK_FALSE(unsealing.proven());
            return {};
        }
    }
    if (!unsealing.proven()) {
        return {};
    }
    return std::string(target.begin(), target.end() - 1);
}

MasterKeys keys_of(const nlohmann::json &row, const std::string &key) {
    MasterKeys keys;
    keys[row["number"].get<std::uint32_t>()] = key;
    return keys;
}

} // namespace

TEST_CASE("files that Python and the official plugin have encrypted are read") {
    for (const auto &row : vectors("sealed.json")) {
        MasterKeys keys = keys_of(row, from_hexadecimal(row["key"]));
        keys[7] = std::string(32, 'x');
        const std::string file = from_hexadecimal(row["file"]);
        for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, std::size_t{70}, file.size()}) {
            CHECK(opened(file, keys, piece) == from_hexadecimal(row["content"]));
        }
        CHECK_FALSE(opened(file, keys_of(row, std::string(32, 'x')), file.size()));
        CHECK_FALSE(opened(file, {{8, from_hexadecimal(row["key"])}}, file.size()));
    }
}

TEST_CASE("a file that was changed anywhere, cut off or made longer is never proven") {
    const auto row = vectors("sealed.json").at(4);
    const MasterKeys keys = keys_of(row, from_hexadecimal(row["key"]));
    const std::string file = from_hexadecimal(row["file"]);
    REQUIRE(opened(file, keys, 5));
    for (std::size_t place = 0; place < file.size(); place++) {
        std::string changed = file;
        changed[place] = static_cast<char>(changed[place] ^ 1);
        CHECK_FALSE(opened(changed, keys, 11));
        CHECK_FALSE(opened(file.substr(0, place), keys, 11));
    }
    CHECK_FALSE(opened(file + "x", keys, 11));
    Unsealing unsealing(keys);
    std::vector<unsigned char> target(file.size());
    CHECK_FALSE(unsealing.take(file, file.size() - 1, target.data()));
    CHECK_FALSE(unsealing.take(file, OVERHEAD - 1, target.data()));
}

TEST_CASE("whatever comes is not read beyond its end") {
    std::mt19937 random(1);
    const MasterKeys keys{{1, std::string(32, 'k')}};
    for (int round = 0; round < 2000; round++) {
        std::string file(random() % 200, '\0');
        std::ranges::generate(file, [&] { return static_cast<char>(random()); });
        if (random() % 2 == 0) {
            file.insert(0, std::string("A1\1\0\0\0", 6));
        }
        CHECK_FALSE(opened(file, keys, 1 + random() % 100));
    }
}

TEST_CASE("no more bytes are on their way than the budget has, and what is larger goes alone") {
    Budget budget(100);
    std::atomic<int> now{0};
    std::atomic<int> most{0};
    std::vector<std::thread> threads;
    for (int number = 0; number < 8; number++) {
        threads.emplace_back([&, number] {
            const std::uint64_t size = number == 0 ? 1000 : 50;
            const int weight = number == 0 ? 2 : 1;
            for (int round = 0; round < 50; round++) {
                budget.take(size);
                const int seen = now += weight;
                int before = most;
                while (before < seen && !most.compare_exchange_weak(before, seen)) {
                }
                now -= weight;
                budget.give(size);
            }
        });
    }
    for (std::thread &thread : threads) {
        thread.join();
    }
    CHECK(most <= 2);
}
