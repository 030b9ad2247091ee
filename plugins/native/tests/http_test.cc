// Routes: what a request has, how it is answered, and what errors look like.
#include "framework/errors.h"
#include "framework/http.h"
#include "tests/fake_orthanc.h"

#include <catch2/catch_test_macros.hpp>
#include <nlohmann/json.hpp>

#include <array>

using namespace orthanc_images;
using orthanc_images::tests::FakeOrthanc;

namespace {

const std::array GROUPS{"abc", "1"};
const std::array KEYS{"level", "empty"};
const std::array VALUES{"Study", ""};
const std::array HEADERS{"accept", "x-token"};
const std::array HEADER_VALUES{"*/*", "t"};

OrthancPluginHttpRequest request(const std::string &body = "") {
    OrthancPluginHttpRequest made{};
    made.method = OrthancPluginHttpMethod_Post;
    made.groupsCount = 2;
    made.groups = GROUPS.data();
    made.getCount = 2;
    made.getKeys = KEYS.data();
    made.getValues = VALUES.data();
    made.headersCount = 2;
    made.headersKeys = HEADERS.data();
    made.headersValues = HEADER_VALUES.data();
    made.body = body.data();
    made.bodySize = static_cast<std::uint32_t>(body.size());
    return made;
}

void echo(const Request &asked, Response &response) {
    response.header("X-Uri", std::string(asked.uri()));
    response.json({{"group", asked.group(1)},
                   {"level", asked.argument("level").value_or("-")},
                   {"empty", asked.argument("empty").has_value()},
                   {"absent", asked.argument("absent").has_value()},
                   {"token", asked.header("x-token").value_or("-")},
                   {"cookie", asked.header("cookie").has_value()},
                   {"body", asked.json()}});
}

void other(const Request &asked, Response &response) {
    if (asked.method() == OrthancPluginHttpMethod_Post) {
        response.bytes(std::string_view("\0\1", 2), "application/octet-stream");
    } else if (asked.method() == OrthancPluginHttpMethod_Put) {
        response.status(204);
    } else {
        response.not_allowed("POST,PUT");
    }
}

void unknown(const Request &asked, Response &) {
    throw Error(OrthancPluginErrorCode_UnknownResource, std::string(asked.uri()) + ": is not there");
}

void far(const Request &, Response &) {
    throw HttpError(502, "the peer is down");
}

void foreign(const Request &, Response &) {
    throw 7;
}

void groups(const Request &asked, Response &) {
    asked.group(2);
}

} // namespace

TEST_CASE("a handler reads the request and answers JSON") {
    FakeOrthanc orthanc;
    route<echo>("/echo/(.*)/(.*)");
    const std::string body = R"({"a": [1, "ü"]})";
    const auto [code, answer] = orthanc.request("/echo/(.*)/(.*)", request(body), "/echo/abc/1");
    CHECK(code == OrthancPluginErrorCode_Success);
    CHECK(answer.status == 200);
    CHECK(answer.type == "application/json");
    CHECK(Json::parse(answer.body) == Json{{"group", "1"},
                                           {"level", "Study"},
                                           {"empty", true},
                                           {"absent", false},
                                           {"token", "t"},
                                           {"cookie", false},
                                           {"body", {{"a", {1, "ü"}}}}});
    CHECK(answer.headers == std::vector<std::pair<std::string, std::string>>{{"X-Uri", "/echo/abc/1"}});
}

TEST_CASE("bytes, a bare status and other methods are answered") {
    FakeOrthanc orthanc;
    route<other>("/other");
    OrthancPluginHttpRequest asked = request();
    CHECK(orthanc.request("/other", asked).second.body == std::string("\0\1", 2));
    asked.method = OrthancPluginHttpMethod_Put;
    CHECK(orthanc.request("/other", asked).second.status == 204);
    asked.method = OrthancPluginHttpMethod_Delete;
    const auto answer = orthanc.request("/other", asked).second;
    CHECK(answer.status == 405);
    CHECK(answer.headers == std::vector<std::pair<std::string, std::string>>{{"Allow", "POST,PUT"}});
}

TEST_CASE("an error that Orthanc knows is answered by Orthanc, with details") {
    FakeOrthanc orthanc;
    route<unknown>("/unknown");
    const auto [code, answer] = orthanc.request("/unknown", request(), "/unknown");
    CHECK(code == OrthancPluginErrorCode_UnknownResource);
    CHECK(answer.details == "/unknown: is not there");
    CHECK(answer.status == 0);
}

TEST_CASE("a body that is no JSON is the client's error") {
    FakeOrthanc orthanc;
    route<echo>("/echo");
    const std::string body = "{";
    const auto [code, answer] = orthanc.request("/echo", request(body));
    CHECK(code == OrthancPluginErrorCode_BadJson);
    CHECK(answer.details == "the body of the request: is not JSON. Correct its syntax.");
}

TEST_CASE("an error with a status of its own looks like those of Orthanc") {
    FakeOrthanc orthanc;
    route<far>("/far");
    const auto [code, answer] = orthanc.request("/far", request(), "/far");
    CHECK(code == OrthancPluginErrorCode_Success);
    CHECK(answer.status == 502);
    CHECK(Json::parse(answer.body) == Json{{"Details", "the peer is down"},
                                           {"HttpError", "Bad Gateway"},
                                           {"HttpStatus", 502},
                                           {"Message", "Other error"},
                                           {"Method", "POST"},
                                           {"OrthancError", "Other error"},
                                           {"OrthancStatus", static_cast<int>(OrthancPluginErrorCode_Plugin)},
                                           {"Uri", "/far"}});
    CHECK(answer.headers ==
          std::vector<std::pair<std::string, std::string>>{{"Content-Type", "application/json"}});
    const auto lines = orthanc.lines();
    REQUIRE(lines.size() == 1);
    CHECK(lines[0].message == "POST /far: the peer is down");
}

TEST_CASE("nothing that is thrown reaches Orthanc") {
    FakeOrthanc orthanc;
    route<foreign>("/foreign");
    route<groups>("/groups");
    CHECK(orthanc.request("/foreign", request()).first == OrthancPluginErrorCode_InternalError);
    CHECK(orthanc.request("/groups", request()).first == OrthancPluginErrorCode_ParameterOutOfRange);
}
