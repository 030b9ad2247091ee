// Reading without Python: what a store may answer, and that all but the plain case is handed on.
#include "framework/errors.h"
#include "framework/host.h"
#include "storage/direct.h"
#include "storage/storage.h"
#include "tests/fake_orthanc.h"
#include "tests/storage/server.h"
#include "tests/storage/vectors.h"

#include <catch2/catch_test_macros.hpp>

#include <nlohmann/json.hpp>

#include <atomic>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <future>
#include <iterator>
#include <string>
#include <thread>
#include <vector>

extern "C" void OrthancPluginFinalize();

using namespace orthanc_images;
using namespace orthanc_images::storage;
using orthanc_images::tests::FakeOrthanc;
using orthanc_images::tests::from_hexadecimal;
using orthanc_images::tests::has;
using orthanc_images::tests::Reply;
using orthanc_images::tests::reply;
using orthanc_images::tests::Server;
using orthanc_images::tests::vectors;
using namespace std::chrono_literals;

namespace {

constexpr const char *UUID = "4b1bc8f5-1f5b-4c36-a0b7-8e3d2a8a0a11";
constexpr const char *CONTENT = "content of a file";

Json settings(const Server &server) {
    return {{"plugin", "S3"},
            {"address", "http://" + server.host() + "/bucket"},
            {"host", server.host()},
            {"slashes", true},
            {"file", ""},
            {"authorities", ""},
            {"connect", 5},
            {"request", 20},
            {"pause", 60},
            {"connections", 4},
            {"prefix", "r oot/"},
            {"legacy", false},
            {"encrypted", false},
            {"keys", Json::object()},
            {"limit", 0},
            {"credentials", {{"kind", "bearer"}, {"token", "t"}, {"until", 0}}}};
}

Json sealed_settings(const Server &server, const Json &row) {
    Json found = settings(server);
    found["encrypted"] = true;
    found["keys"][std::to_string(row["number"].get<std::uint32_t>())] = row["key"];
    found["limit"] = 1000;
    return found;
}

// Answers a request for a range as a store does.
Reply ranged(const std::string &request, const std::string &content) {
    const std::size_t place = request.find("ange: bytes=");
    if (place == std::string::npos) {
        return reply("200 OK", "", content);
    }
    const std::size_t first = std::stoul(request.substr(place + 12));
    const std::size_t last = std::stoul(request.substr(request.find('-', place) + 1));
    return reply("206 Partial Content",
                 "Content-Range: bytes " + std::to_string(first) + "-" + std::to_string(last) + "/" +
                     std::to_string(content.size()) + "\r\n",
                 content.substr(first, last - first + 1));
}

bool reads(Direct &direct, std::string &target, std::uint64_t start = 3) {
    return direct.range(UUID, OrthancPluginContentType_Dicom, start, target.data(), target.size());
}

std::string last_line(FakeOrthanc &orthanc) {
    const auto lines = orthanc.lines();
    return lines.empty() ? std::string() : lines.back().message;
}

std::string partial(const std::string &range, const std::string &length, const std::string &content) {
    return "HTTP/1.1 206 Partial Content\r\nContent-Range: " + range + "\r\n" + length + "\r\n" + content;
}

} // namespace

TEST_CASE("a part of an object goes to Orthanc's memory, over a connection that is kept") {
    FakeOrthanc orthanc;
    Server server([](const std::string &request) { return ranged(request, CONTENT); });
    Direct direct(settings(server).dump());
    std::string target = "12345";
    REQUIRE(reads(direct, target));
    CHECK(target == "tent ");
    REQUIRE(reads(direct, target, 0));
    CHECK(target == "conte");
    CHECK(server.connections() == 1);
    const std::string request = server.requests().at(0);
    CHECK(request.starts_with("GET /bucket/r%20oot/" + std::string(UUID) + ".dcm HTTP/1.1\r\n"));
    CHECK(has(request, "\r\nHost: " + server.host() + "\r\n"));
    CHECK(has(request, "\r\nRange: bytes=3-7\r\n"));
    CHECK(has(request, "\r\nAuthorization: Bearer t\r\n"));
    CHECK(direct.done() == 2);
    CHECK(direct.handed_on() == 0);
    CHECK(last_line(orthanc).starts_with(std::string("S3: read attachment ") + UUID + " (5bytes in "));
}

TEST_CASE("a store that ends a connection between two requests is asked over another one") {
    const FakeOrthanc orthanc;
    Server server([](const std::string &request) {
        Reply reply = ranged(request, CONTENT);
        reply.ends = true;
        return reply;
    });
    Direct direct(settings(server).dump());
    std::string target = "12345";
    for (int round = 0; round < 5; round++) {
        REQUIRE(reads(direct, target));
        std::this_thread::sleep_for(5ms);
    }
    CHECK(server.connections() == 5);
}

TEST_CASE("a kept connection that ends instead of an answer is replaced once, and leaves nothing open") {
    const FakeOrthanc orthanc;
    std::atomic<int> count{0};
    Server server([&](const std::string &request) {
        return ++count % 2 == 0 ? Reply{"", true} : ranged(request, CONTENT);
    });
    Direct direct(settings(server).dump());
    std::string target = "12345";
    REQUIRE(reads(direct, target));
    const auto open = [] { return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {}); };
    const auto before = open();
    for (int round = 0; round < 20; round++) {
        REQUIRE(reads(direct, target));
        CHECK(target == "tent ");
    }
    CHECK(server.requests().size() == 41);
    CHECK(server.connections() == 21);
    // The server of the tests has one more for each connection.
    CHECK(open() == before + 20);
}

TEST_CASE("a new connection that ends instead of an answer is not replaced") {
    const FakeOrthanc orthanc;
    Server server([&](const std::string &) { return Reply{"", true}; });
    Direct direct(settings(server).dump());
    std::string target = "12345";
    CHECK_FALSE(reads(direct, target));
    CHECK(server.requests().size() == 1);
}

TEST_CASE("what a store says on a kept connection without being asked is no answer") {
    const FakeOrthanc orthanc;
    std::atomic<int> count{0};
    Server server([&](const std::string &request) {
        Reply reply = ranged(request, CONTENT);
        if (count++ == 0) {
            reply.after = "HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n";
        }
        return reply;
    });
    Direct direct(settings(server).dump());
    std::string target = "12345";
    REQUIRE(reads(direct, target));
    std::this_thread::sleep_for(100ms);
    REQUIRE(reads(direct, target));
    CHECK(server.connections() == 2);
    CHECK(direct.handed_on() == 0);
}

TEST_CASE("an error whose text comes in chunks, as Amazon's does, leaves the connection open") {
    const FakeOrthanc orthanc;
    std::atomic<int> count{0};
    Server server([&](const std::string &request) {
        return count++ == 0 ? Reply{"HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n"
                                    "8\r\n<Error/>\r\n0\r\n\r\n"}
                            : ranged(request, CONTENT);
    });
    Direct direct(settings(server).dump());
    std::string target = "12345";
    CHECK_FALSE(reads(direct, target));
    CHECK(reads(direct, target));
    CHECK(server.connections() == 1);
}

TEST_CASE("an object that is refused is not read to its end") {
    const FakeOrthanc orthanc;
    std::promise<bool> sent;
    Server server([&](const std::string &) { return reply("200 OK", "", std::string(50'000'000, 'x')); },
                  [&](bool all) { sent.set_value(all); });
    Direct direct(settings(server).dump());
    std::string target = "12345";
    CHECK_FALSE(reads(direct, target));
    auto future = sent.get_future();
    REQUIRE(future.wait_for(10s) == std::future_status::ready);
    CHECK_FALSE(future.get());
}

TEST_CASE("a request is one, whatever its parts have in them") {
    const FakeOrthanc orthanc;
    Server server([](const std::string &request) { return ranged(request, CONTENT); });
    Json given = settings(server);
    std::string target = "12345";
    given["credentials"] = {{"kind", "bearer"}, {"token", "t\r\nX: y"}, {"until", 0}};
    Direct header(given.dump());
    CHECK_FALSE(reads(header, target));
    given["credentials"] = {{"kind", "query"}, {"query", "sig=a b"}};
    Direct query(given.dump());
    CHECK_FALSE(reads(query, target));
    CHECK(server.requests().empty());
}

TEST_CASE("whatever is not the plain case is handed on") {
    FakeOrthanc orthanc;

    struct Case {
        std::string bytes;
        bool ends;
        // Whether the store is left to Python for a while.
        bool lasting;
        std::string fault;
    };

    const std::string good = "Content-Length: 5\r\n";
    const std::string range = "bytes 3-7/17";
    const std::string unexpected = "the object is not as expected";
    const std::vector<Case> cases{
        {reply("404 Not Found", "", "<Error/>").bytes, false, false, "the status is 404"},
        {reply("403 Forbidden", "", "<Error/>").bytes, false, true, "the status is 403"},
        {reply("503 Slow Down", "", std::string(200'000, 'x')).bytes, false, true, "the status is 503"},
        {reply("307 Temporary Redirect", "Location: /other\r\n", "").bytes, false, true, "the status is 307"},
        {reply("304 Not Modified", "", "").bytes, false, true, "the status is 304"},
        {reply("200 OK", "", CONTENT).bytes, false, false, unexpected},
        {reply("200 OK", "", "tent ").bytes, false, false, unexpected},
        {partial("bytes 0-4/17", good, "conte"), false, false, unexpected},
        {partial("bytes 3-70/17", good, "tent "), false, false, unexpected},
        {partial("", good, "tent "), false, false, unexpected},
        {partial(range, "Content-Length: 4\r\n", "tent"), false, false, unexpected},
        {partial(range, "Content-Length: 6\r\n", "tent o"), false, false, unexpected},
        {partial(range, "Content-Length: 99999999999999999999\r\n", "tent "), false, false, unexpected},
        {partial(range, "", "tent "), true, false, unexpected},
        {partial(range, "Transfer-Encoding: chunked\r\n", "5\r\ntent \r\n0\r\n\r\n"), false, false,
         unexpected},
        {partial(range, good, "ten"), true, true, ""},
        {"", true, true, ""},
        {"HTTP/1.1 206 Partial", true, true, ""},
        {"nonsense\r\n\r\n", true, true, ""},
    };
    for (const Case &each : cases) {
        CAPTURE(each.bytes.substr(0, 200));
        Server server([&](const std::string &) { return Reply{each.bytes, each.ends}; });
        Direct direct(settings(server).dump());
        std::string target = "12345";
        CHECK_FALSE(reads(direct, target));
        CHECK(direct.handed_on() == 1);
        const std::string said =
            std::string("S3: attachment ") + UUID + " is read by way of Python: " + each.fault;
        CHECK(last_line(orthanc).starts_with(said));
        const std::size_t before = server.requests().size();
        CHECK_FALSE(reads(direct, target));
        CHECK((server.requests().size() == before) == each.lasting);
        CHECK(direct.done() == 0);
    }
}

TEST_CASE("a store that answers late or not at all is given up") {
    FakeOrthanc orthanc;
    Server server([](const std::string &request) {
        Reply reply = ranged(request, CONTENT);
        reply.late = 1s;
        return reply;
    });
    Json given = settings(server);
    given["request"] = 0.2;
    Direct direct(given.dump());
    std::string target = "12345";
    CHECK_FALSE(reads(direct, target));
    CHECK(has(last_line(orthanc), "is read by way of Python: Timeout"));
    Server stuck([](const std::string &request) {
        Reply reply = ranged(request, CONTENT);
        reply.bytes.resize(reply.bytes.size() - 2);
        return reply;
    });
    given["address"] = "http://" + stuck.host() + "/bucket";
    Direct half(given.dump());
    CHECK_FALSE(reads(half, target));
    CHECK(has(last_line(orthanc), "is read by way of Python: Timeout"));
    given["address"] = "http://127.0.0.1:1/bucket";
    Direct away(given.dump());
    CHECK_FALSE(reads(away, target));
}

TEST_CASE("after a fault that passed, the store is asked again") {
    const FakeOrthanc orthanc;
    std::atomic<int> count{0};
    Server server([&](const std::string &request) {
        return count++ == 0 ? reply("503 Slow Down", "", "") : ranged(request, CONTENT);
    });
    Json given = settings(server);
    given["pause"] = 0.05;
    Direct direct(given.dump());
    std::string target = "12345";
    CHECK_FALSE(reads(direct, target));
    CHECK_FALSE(reads(direct, target));
    std::this_thread::sleep_for(100ms);
    CHECK(reads(direct, target));
    CHECK(server.requests().size() == 2);
}

TEST_CASE("what cannot be asked for is handed on without a request") {
    const FakeOrthanc orthanc;
    Server server([](const std::string &request) { return ranged(request, CONTENT); });
    Direct direct(settings(server).dump());
    std::string target;
    CHECK_FALSE(reads(direct, target));
    target = "12345";
    CHECK_FALSE(reads(direct, target, UINT64_MAX - 2));
    CHECK_FALSE(direct.range("abc", 1, 0, target.data(), target.size()));
    Memory memory;
    std::uint64_t size = 0;
    CHECK_FALSE(direct.whole(UUID, 1, memory, size));
    CHECK(server.requests().empty());
}

TEST_CASE("credentials that have ended are left to Python, which renews them") {
    FakeOrthanc orthanc;
    Server server([](const std::string &request) { return ranged(request, CONTENT); });
    Json given = settings(server);
    given["credentials"]["until"] = 1;
    Direct direct(given.dump());
    std::string target = "12345";
    CHECK_FALSE(reads(direct, target));
    CHECK(last_line(orthanc).ends_with("the credentials are to be renewed"));
    direct.renew(R"({"kind": "bearer", "token": "new", "until": 0})");
    CHECK(reads(direct, target));
    CHECK(has(server.requests().at(0), "Bearer new"));
    CHECK_THROWS_AS(direct.renew("{}"), Error);
    CHECK(reads(direct, target));
}

TEST_CASE("a signature in the address follows the name") {
    const FakeOrthanc orthanc;
    Server server([](const std::string &request) { return ranged(request, CONTENT); });
    Json given = settings(server);
    given["credentials"] = {{"kind", "query"}, {"query", "sv=1&sig=a%2Bb"}};
    given["slashes"] = false;
    Direct direct(given.dump());
    std::string target = "12345";
    CHECK(reads(direct, target));
    CHECK(server.requests().at(0).starts_with("GET /bucket/r%20oot%2F" + std::string(UUID) +
                                              ".dcm?sv=1&sig=a%2Bb HTTP/1.1\r\n"));
}

TEST_CASE("an encrypted file is decrypted on its way") {
    const FakeOrthanc orthanc;
    for (const auto &row : vectors("sealed.json")) {
        const std::string file = from_hexadecimal(row["file"]);
        Server server([&](const std::string &) { return reply("200 OK", "", file); });
        Direct direct(sealed_settings(server, row).dump());
        Memory memory;
        std::uint64_t size = 0;
        REQUIRE(direct.whole(UUID, 3, memory, size));
        CHECK(std::string(static_cast<const char *>(memory.get()), size) == from_hexadecimal(row["content"]));
        CHECK(server.requests().at(0).starts_with("GET /bucket/r%20oot/" + std::string(UUID) +
                                                  ".dcm.head.enc HTTP/1.1\r\n"));
        CHECK_FALSE(has(server.requests().at(0), "Range:"));
        std::string target = "1";
        CHECK_FALSE(reads(direct, target));
    }
}

TEST_CASE("an encrypted file that is not as it was is handed on, and the budget is whole again") {
    const FakeOrthanc orthanc;
    const auto row = vectors("sealed.json").at(5);
    const std::string file = from_hexadecimal(row["file"]);
    std::string changed = file;
    changed[500] = static_cast<char>(changed[500] ^ 1);
    const std::vector<Reply> replies{
        reply("200 OK", "", changed),
        reply("200 OK", "", file.substr(0, file.size() - 1)),
        reply("200 OK", "", file.substr(0, 50)),
        reply("200 OK", "", ""),
        reply("206 Partial Content", "", file),
        {"HTTP/1.1 200 OK\r\n\r\n" + file, true},
        {"HTTP/1.1 200 OK\r\nContent-Length: 9223372036854775807\r\n\r\n" + file, true},
        {"HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n" + file, true},
        reply("404 Not Found", "", ""),
    };
    for (const Reply &each : replies) {
        Server server([&](const std::string &) { return each; });
        Direct direct(sealed_settings(server, row).dump());
        Memory memory;
        std::uint64_t size = 0;
        CHECK_FALSE(direct.whole(UUID, 1, memory, size));
        CHECK(memory == nullptr);
        direct.budget().take(1000);
        direct.budget().give(1000);
    }
}

TEST_CASE("many threads read at once, and connections beyond those that are kept end") {
    const FakeOrthanc orthanc;
    std::string content(300'000, '\0');
    for (std::size_t place = 0; place < content.size(); place++) {
        content[place] = static_cast<char>(place % 251);
    }
    Server server([&](const std::string &request) { return ranged(request, content); });
    Json given = settings(server);
    given["credentials"] = {{"kind", "s3"}, {"region", "r"}, {"access", "a"}, {"secret", "s"}, {"token", ""}};
    Direct direct(given.dump());
    std::atomic<int> wrong{0};
    std::vector<std::thread> threads;
    for (std::size_t number = 0; number < 8; number++) {
        threads.emplace_back([&, number] {
            for (std::size_t round = 0; round < 25; round++) {
                const std::size_t start = number * 1000 + round;
                std::string target(100'000 + round, '\0');
                const bool done = direct.range(UUID, 1, start, target.data(), target.size());
                wrong += done && target == content.substr(start, target.size()) ? 0 : 1;
                if (number == 0) {
                    direct.renew(given["credentials"].dump());
                }
            }
        });
    }
    for (std::thread &thread : threads) {
        thread.join();
    }
    CHECK(wrong == 0);
    CHECK(direct.done() == 200);
}

TEST_CASE("settings that are none are an error without secrets") {
    Server server([](const std::string &request) { return ranged(request, CONTENT); });
    const auto refused = [](const Json &given) {
        try {
            Direct direct(given.dump());
        } catch (const Error &error) {
            CHECK_FALSE(has(error.what(), "hidden"));
            return true;
        }
        return false;
    };
    const Json good = settings(server);
    CHECK_FALSE(refused(good));
    for (const auto &[name, value] : good.items()) {
        Json wrong = good;
        wrong.erase(name);
        CHECK(refused(wrong));
        wrong[name] = Json::array({"hidden"});
        CHECK(refused(wrong));
    }
    const std::vector<std::pair<std::string, std::string>> keys{{"x", std::string(64, 'a')},
                                                                {"1", std::string(64, 'g')},
                                                                {"1", "hidden"},
                                                                {"1", std::string(63, 'a')}};
    for (const auto &[number, key] : keys) {
        Json wrong = good;
        wrong["keys"][number] = key;
        CHECK(refused(wrong));
    }
    Json wrong = good;
    wrong["address"] = "hidden";
    CHECK(refused(wrong));
    CHECK_THROWS_AS(Direct("nonsense"), Error);
}

namespace {

std::atomic<int> asked{0};

std::int32_t python_create(const char *, std::int32_t, const void *, std::uint64_t) {
    return python::DONE;
}

std::int32_t python_range(const char *, std::int32_t, std::uint64_t, void *target, std::uint64_t size) {
    asked++;
    std::memset(target, 'p', size);
    return python::DONE;
}

std::int32_t python_whole(const char *, std::int32_t, Sink *sink) {
    asked++;
    std::memcpy(orthanc_images_allocate(sink, 6), "python", 6);
    return python::DONE;
}

std::int32_t python_remove(const char *, std::int32_t) {
    return python::DONE;
}

} // namespace

TEST_CASE("Orthanc gets what the library reads, else what Python reads") {
    asked = 0;
    FakeOrthanc orthanc;
    std::atomic<bool> there{true};
    Server server([&](const std::string &request) {
        return there ? ranged(request, CONTENT) : reply("404 Not Found", "", "");
    });
    REQUIRE(orthanc_images_read_directly(settings(server).dump().c_str()) == python::DONE);
    REQUIRE(orthanc_images_store_in_ranges(python_create, python_range, python_remove) == python::DONE);
    std::string target = "12345";
    OrthancPluginMemoryBuffer64 buffer{target.data(), target.size()};
    CHECK(orthanc.area2.readRange(&buffer, UUID, OrthancPluginContentType_Dicom, 0) ==
          OrthancPluginErrorCode_Success);
    CHECK(target == "conte");
    there = false;
    CHECK(orthanc.area2.readRange(&buffer, UUID, OrthancPluginContentType_Dicom, 0) ==
          OrthancPluginErrorCode_Success);
    CHECK(target == "ppppp");
    CHECK(asked == 1);
    REQUIRE(orthanc.refresh != nullptr);
    orthanc.refresh();
    CHECK(orthanc.metric("orthanc_object_store_direct_reads") == 1);
    CHECK(orthanc.metric("orthanc_object_store_reads_by_python") == 1);
    CHECK(orthanc_images_renew(R"({"kind": "bearer", "token": "t", "until": 0})") == python::DONE);
    CHECK(orthanc_images_renew("{}") == 0);
    orthanc_images_take(5);
    orthanc_images_give(5);
    OrthancPluginFinalize();
    CHECK(orthanc_images_renew("{}") == 0);
    orthanc_images_take(5);
    orthanc_images_give(5);
    orthanc.refresh();
}

TEST_CASE("encrypted files are Orthanc's, whoever read them") {
    asked = 0;
    FakeOrthanc orthanc;
    const auto row = vectors("sealed.json").at(5);
    std::string file = from_hexadecimal(row["file"]);
    Server server([&](const std::string &) { return reply("200 OK", "", file); });
    REQUIRE(orthanc_images_read_directly(sealed_settings(server, row).dump().c_str()) == python::DONE);
    REQUIRE(orthanc_images_store_whole(python_create, python_whole, python_remove) == python::DONE);
    const auto read = [&] {
        void *content = nullptr;
        std::int64_t size = 0;
        REQUIRE(orthanc.area.read(&content, &size, UUID, OrthancPluginContentType_Dicom) ==
                OrthancPluginErrorCode_Success);
        const Memory memory(content);
        return std::string(static_cast<const char *>(content), static_cast<std::size_t>(size));
    };
    CHECK(read() == from_hexadecimal(row["content"]));
    CHECK(asked == 0);
    file[10] = static_cast<char>(file[10] ^ 1);
    CHECK(read() == "python");
    CHECK(asked == 1);
    OrthancPluginFinalize();
}

TEST_CASE("Orthanc may end while a file is read") {
    asked = 0;
    FakeOrthanc orthanc;
    std::promise<void> came;
    Server server([&](const std::string &request) {
        came.set_value();
        Reply reply = ranged(request, CONTENT);
        reply.late = 100ms;
        return reply;
    });
    REQUIRE(orthanc_images_read_directly(settings(server).dump().c_str()) == python::DONE);
    REQUIRE(orthanc_images_store_in_ranges(python_create, python_range, python_remove) == python::DONE);
    std::string target = "12345";
    std::thread reading([&] {
        OrthancPluginMemoryBuffer64 buffer{target.data(), target.size()};
        orthanc.area2.readRange(&buffer, UUID, OrthancPluginContentType_Dicom, 0);
    });
    came.get_future().wait();
    OrthancPluginFinalize();
    reading.join();
    CHECK(target == "conte");
    CHECK(asked == 0);
}

TEST_CASE("nothing reads without Python before Orthanc has begun, or by settings that are none") {
    CHECK(orthanc_images_read_directly("{}") == 0);
    FakeOrthanc orthanc;
    CHECK(orthanc_images_read_directly("{}") == 0);
    CHECK(orthanc.lines().back().level == OrthancPluginLogLevel_Error);
    CHECK(orthanc_images_renew("{}") == 0);
}
