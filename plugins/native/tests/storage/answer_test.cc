// Answers of a store as they may come, in pieces of any size, and what of them is no object.
#include "storage/answer.h"

#include "framework/libcurl.h"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

using namespace orthanc_images;
using namespace orthanc_images::storage;

namespace {

// Bytes that come so many at once.
class Text : public Source {
  public:
    Text(std::string bytes, std::size_t step) : bytes_(std::move(bytes)), step_(step) {}

    std::size_t read(char *target, std::size_t most) override {
        const std::size_t count = std::min({most, step_, bytes_.size() - done_});
        std::memcpy(target, bytes_.data() + done_, count);
        done_ += count;
        return count;
    }

    bool over() const {
        return done_ == bytes_.size();
    }

  private:
    const std::string bytes_;
    const std::size_t step_;
    std::size_t done_ = 0;
};

// Takes up to `most` bytes, into `place` at once if there is one.
class Taker : public Receiver {
  public:
    explicit Taker(std::size_t most = 1000, std::size_t place = 0) : most_(most), place_(place, '\0') {}

    bool begins(const Announced &announced) override {
        heads.push_back(announced);
        return announced.length <= most_;
    }

    std::span<char> room() override {
        return place_;
    }

    bool takes(std::string_view piece) override {
        got += piece;
        return got.size() <= most_;
    }

    bool complete() const override {
        return true;
    }

    std::uint64_t size() const override {
        return got.size();
    }

    std::vector<Announced> heads;
    std::string got;

  private:
    const std::size_t most_;
    std::string place_;
};

// What became of an answer; `code` is 0 if it did not end early.
struct Seen {
    long status;
    bool fits;
    bool whole;
    bool stays;
    int code;
    std::string got;

    bool operator==(const Seen &) const = default;
};

Seen seen(const std::string &bytes, std::size_t step, std::size_t place = 0, std::size_t room = 200'000) {
    Text source(bytes, step);
    Taker taker(1000, place);
    std::string buffer(room, '\0');
    Answer answer(source, buffer, taker);
    int code = 0;
    try {
        answer.read();
    } catch (const Broken &broken) {
        code = broken.code;
    }
    return {answer.status(), answer.fits(), answer.whole(), answer.stays(), code, taker.got};
}

// Compares what becomes of an answer with what should, however it comes.
void check(const std::string &bytes, const Seen &expected) {
    for (const std::size_t step : {1UL, 2UL, 7UL, 100UL, 1'000'000UL}) {
        for (const std::size_t place : {0UL, 3UL, 500UL}) {
            CAPTURE(bytes.substr(0, 300), step, place);
            CHECK(seen(bytes, step, place) == expected);
        }
    }
}

} // namespace

TEST_CASE("an object comes as its length says") {
    check("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", {200, true, true, true, 0, "hello"});
    check("HTTP/1.1 206\r\ncontent-LENGTH:5\r\n\r\nhello", {206, true, true, true, 0, "hello"});
    check("HTTP/1.1 200 OK\nContent-Length: 5\n\nhello", {200, true, true, true, 0, "hello"});
    check("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", {200, true, true, true, 0, ""});
    check("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
          {200, true, true, true, 0, "hello"});
    const std::string long_one(1000, 'x');
    check("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + long_one, {200, true, true, true, 0, long_one});
}

TEST_CASE("what the head says is told to the receiver") {
    Text source(
        "HTTP/1.1 206 Partial Content\r\nContent-Range: \t bytes 3-7/17 \r\nContent-Length: 5\r\n\r\nhello",
        9);
    Taker taker;
    std::string buffer(1000, '\0');
    Answer answer(source, buffer, taker);
    answer.read();
    REQUIRE(taker.heads.size() == 1);
    CHECK(taker.heads[0].status == 206);
    CHECK(taker.heads[0].length == 5);
    CHECK(taker.heads[0].range == "bytes 3-7/17");
}

TEST_CASE("a connection ends with the answer when the store says so, or speaks the older HTTP") {
    const Seen ended{200, true, true, false, 0, "hello"};
    check("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello", ended);
    check("HTTP/1.1 200 OK\r\nConnection: keep-alive, close\r\nContent-Length: 5\r\n\r\nhello", ended);
    check("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 5\r\n\r\nhello", ended);
    check("HTTP/1.1 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 5\r\n\r\nhello",
          {200, true, true, true, 0, "hello"});
}

TEST_CASE("an answer that only says that another one comes is left out") {
    check("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nContent-Length: 9\r\nConnection: "
          "close\r\n\r\n"
          "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
          {200, true, true, true, 0, "hello"});
    check("HTTP/1.1 101 Switching Protocols\r\n\r\n", {101, true, false, false, 0, ""});
}

TEST_CASE("content without one length that is certain is no object") {
    const Seen refused{200, false, false, false, 0, ""};
    check("HTTP/1.1 200 OK\r\n\r\nhello", refused);
    check("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello", refused);
    check("HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nhello", refused);
    check("HTTP/1.1 200 OK\r\nContent-Length: 5, 5\r\n\r\nhello", refused);
    check("HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\nhello", refused);
    check("HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\nhello", refused);
    check("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\nhello", refused);
    check("HTTP/1.1 200 OK\r\nTransfer-Encoding:\r\nContent-Length: 5\r\n\r\nhello", refused);
    check("HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n" + std::string(1001, 'x'), refused);
}

TEST_CASE("bytes behind the content end the connection") {
    const std::string bytes = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello, and more";
    CHECK(seen(bytes, 1'000'000) == Seen{200, true, false, false, 0, "hello"});
    Text source(bytes, 1);
    Taker taker;
    std::string buffer(1000, '\0');
    Answer(source, buffer, taker).read();
    CHECK(taker.got == "hello");
    CHECK_FALSE(source.over());
}

TEST_CASE("an answer that ends early is told from none, and from one of something else") {
    check("", {0, true, false, false, libcurl::NOTHING_CAME, ""});
    check("HTTP/1.1 200 O", {0, true, false, false, libcurl::WEIRD_ANSWER, ""});
    check("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n", {200, true, false, false, libcurl::WEIRD_ANSWER, ""});
    check("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell",
          {200, true, false, false, libcurl::PARTIAL_CONTENT, "hell"});
    check("HTTP/1.1 404 Not Found\r\nContent-Length: 5\r\n\r\nhell",
          {404, true, false, false, libcurl::PARTIAL_CONTENT, ""});
    for (const char *bytes : {"nonsense\r\n\r\n", "\r\n\r\n", "HTTP/2 200\r\n\r\n", "HTTP/1.1 20\r\n\r\n",
                              "HTTP/1.1 099 No\r\n\r\n", "HTTP/1.1  200\r\n\r\n", "HTTP/1.1 2x0 OK\r\n\r\n",
                              "http/1.1 200 OK\r\n\r\n"}) {
        check(bytes, {0, true, false, false, libcurl::WEIRD_ANSWER, ""});
    }
    check("HTTP/1.1 200 OK\r\nno header\r\n\r\n", {200, true, false, false, libcurl::WEIRD_ANSWER, ""});
}

TEST_CASE("a head for which there is no room is none") {
    const std::string bytes =
        "HTTP/1.1 200 OK\r\nx: " + std::string(2000, 'x') + "\r\nContent-Length: 5\r\n\r\nhello";
    CHECK(seen(bytes, 100, 0, 1000) == Seen{200, true, false, false, libcurl::WEIRD_ANSWER, ""});
    CHECK(seen(bytes, 100, 0, 3000) == Seen{200, true, true, true, 0, "hello"});
}

TEST_CASE("the text of an error is left out, and the connection kept, unless it is long") {
    const Seen kept{404, true, true, true, 0, ""};
    check("HTTP/1.1 404 Not Found\r\nContent-Length: 8\r\n\r\n<Error/>", kept);
    check("HTTP/1.1 404 Not Found\r\nTransfer-Encoding: Chunked\r\n\r\n4;a=b\r\n<Err\r\n4 "
          "\r\nor/>\r\n0\r\n\r\n",
          kept);
    check("HTTP/1.1 304 Not Modified\r\nContent-Length: 8\r\n\r\n", {304, true, true, true, 0, ""});
    check("HTTP/1.1 204 No Content\r\n\r\n", {204, true, true, true, 0, ""});
    const Seen ended{404, true, false, false, 0, ""};
    check("HTTP/1.1 404 Not Found\r\n\r\n<Error/>", ended);
    check("HTTP/1.1 404 Not Found\r\nContent-Length: 65537\r\n\r\n", ended);
    check("HTTP/1.1 404 Not Found\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", ended);
    check("HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n8\r\n<Error/>0\r\n\r\n", ended);
    check("HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n\r\n", ended);
    check("HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n10001\r\n", ended);
    check("HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\nffff\r\n" +
              std::string(65535, 'x') + "\r\n1\r\n",
          ended);
    check("HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n", ended);
    check("HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nmore: x\r\n\r\n", ended);
}
