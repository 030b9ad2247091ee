// What browsers get: compressed or not, once only, and with what guards it.
#include "explorer/pages.h"
#include "framework/errors.h"
#include "tests/explorer/world.h"

#include <catch2/catch_test_macros.hpp>

using namespace orthanc_images;
using namespace orthanc_images::explorer;
using namespace orthanc_images::tests;

namespace {

// Sends a file with the headers of a request; the type is empty where there is no such file.
struct Sent {
    static inline const Pages *pages = nullptr;

    static void handler(const Request &request, Response &response) {
        if (!pages->send(std::string(request.group(0)), request, response)) {
            response.status(404);
        }
    }
};

Answered sent(FakeOrthanc &orthanc, const std::string &name,
              const std::vector<std::pair<std::string, std::string>> &headers = {}) {
    const Pages pages(lay_out_pages());
    Sent::pages = &pages;
    route<Sent::handler>("/(.*)");
    const Asked asked(headers, name);
    const auto [code, answer] = orthanc.request("/(.*)", asked.request);
    CHECK(code == OrthancPluginErrorCode_Success);
    return answer;
}

} // namespace

TEST_CASE("gzip is sent to those who take it") {
    CHECK(takes_gzip("gzip"));
    CHECK(takes_gzip("deflate, GZIP;q=0.5"));
    CHECK(takes_gzip("*"));
    CHECK(takes_gzip(" br , gzip ; q=1.0 "));
    CHECK_FALSE(takes_gzip(""));
    CHECK_FALSE(takes_gzip("br"));
    CHECK_FALSE(takes_gzip("gzip;q=0"));
    CHECK_FALSE(takes_gzip("gzip; q=0.000, *"));
    CHECK_FALSE(takes_gzip("*;q=0"));
    CHECK_FALSE(takes_gzip("xgzip"));
}

TEST_CASE("a file goes out as the build compressed it") {
    FakeOrthanc orthanc;
    const Answered answer = sent(orthanc, "assets/main.js", {{"accept-encoding", "gzip, br"}});
    CHECK(answer.body == "(main)");
    CHECK(answer.type == "text/javascript");
    auto headers = headers_of(answer);
    CHECK(headers["Content-Encoding"] == "gzip");
    CHECK(headers["Vary"] == "Accept-Encoding");
    CHECK(headers["ETag"] == '"' + std::string(32, '2') + '"');
    CHECK(headers["Cache-Control"] == "no-cache");
    CHECK(headers["X-Content-Type-Options"] == "nosniff");
}

TEST_CASE("it is decompressed for whoever takes no gzip, under no ETag of the other") {
    FakeOrthanc orthanc;
    const Answered answer = sent(orthanc, "assets/main.js", {{"accept-encoding", "identity"}});
    CHECK(answer.body == "main");
    CHECK_FALSE(headers_of(answer).contains("Content-Encoding"));
    CHECK_FALSE(headers_of(answer).contains("ETag"));
}

TEST_CASE("what a browser has is not sent again") {
    FakeOrthanc orthanc;
    const std::string tag = '"' + std::string(32, '2') + '"';
    const Answered same =
        sent(orthanc, "assets/main.js", {{"accept-encoding", "gzip"}, {"if-none-match", "\"a\", W/" + tag}});
    CHECK(same.status == 304);
    CHECK(same.body.empty());
    CHECK(headers_of(same)["ETag"] == tag);
    CHECK_FALSE(headers_of(same).contains("Content-Encoding"));
    CHECK(sent(orthanc, "assets/main.js", {{"accept-encoding", "gzip"}, {"if-none-match", "\"a\""}}).status ==
          200);
}

TEST_CASE("a file whose name changes with its content is kept for good") {
    FakeOrthanc orthanc;
    CHECK(headers_of(sent(orthanc, "assets/part-1.js", {{"accept-encoding", "gzip"}}))["Cache-Control"] ==
          "max-age=31536000, immutable");
}

TEST_CASE("no path leads out of the index") {
    FakeOrthanc orthanc;
    for (const char *name : {"", "none.js", "../index.json", "index.json", "assets/../index.html"}) {
        CHECK(sent(orthanc, name).status == 404);
    }
}

TEST_CASE("only our code runs, and only the server of the login may be asked besides") {
    FakeOrthanc orthanc;
    const auto policy = [&] { return headers_of(sent(orthanc, "index.html"))["Content-Security-Policy"]; };
    CHECK(policy().find("script-src 'self';") != std::string::npos);
    CHECK(policy().find("connect-src 'self';") != std::string::npos);
    CHECK(policy().find("frame-ancestors 'self'") != std::string::npos);
    allow_server("nowhere");
    CHECK(policy().find("connect-src 'self';") != std::string::npos);
    allow_server("https://login:8443/auth; script-src *");
    CHECK(policy().find("connect-src 'self' https://login:8443;") != std::string::npos);
    CHECK(policy().find("script-src 'self';") != std::string::npos);
    allow_server("https://evil; script-src *");
    CHECK(policy().find("connect-src 'self' https://evil;") != std::string::npos);
    CHECK(policy().find("script-src *") == std::string::npos);
}

TEST_CASE("the type comes from the name") {
    CHECK(type_of("a.css") == "text/css; charset=utf-8");
    CHECK(type_of("logo.svg") == "image/svg+xml");
    CHECK(type_of("favicon.ico") == "image/x-icon");
    CHECK(type_of("a.exe") == "application/octet-stream");
}

TEST_CASE("a build without its pages is refused") {
    FakeOrthanc orthanc;
    CHECK_THROWS_AS(Pages("/none"), Error);
    const Pages pages(lay_out_pages());
    CHECK(pages.text("index.html") == "<html data-up=\"../../\">page</html>");
    CHECK_THROWS_AS(pages.text("assets/main.js"), Error);
    CHECK_THROWS_AS(pages.text("none"), Error);
}
