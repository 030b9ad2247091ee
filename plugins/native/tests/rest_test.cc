// Calls of Orthanc's REST API.
#include "framework/errors.h"
#include "framework/rest.h"
#include "tests/fake_orthanc.h"

#include <catch2/catch_test_macros.hpp>
#include <nlohmann/json.hpp>

using namespace orthanc_images;
using orthanc_images::tests::FakeOrthanc;

TEST_CASE("a call has method, path, headers and body, and its answer status and body") {
    FakeOrthanc orthanc;
    std::string seen;
    orthanc.api = [&](const _OrthancPluginCallRestApi &call, std::string &body) {
        seen = std::string(call.uri) + " " + call.headersKeys[0] + "=" + call.headersValues[0] + " " +
               std::string(static_cast<const char *>(call.body), call.bodySize) +
               (call.afterPlugins == 1 ? " plugins" : "");
        CHECK(call.method == OrthancPluginHttpMethod_Put);
        body = "done";
        *call.httpStatus = 201;
        return OrthancPluginErrorCode_Success;
    };
    const Answer answer = call({.method = OrthancPluginHttpMethod_Put,
                                .uri = "/peers/x",
                                .body = "text",
                                .headers = {{"X-A", "b"}},
                                .plugins = true});
    CHECK(answer.good());
    CHECK(answer.status == 201);
    CHECK(answer.body.bytes() == "done");
    CHECK(seen == "/peers/x X-A=b text plugins");
}

TEST_CASE("a value is read as JSON") {
    FakeOrthanc orthanc;
    orthanc.api = [](const _OrthancPluginCallRestApi &call, std::string &body) {
        body = R"({"Version": "1.13.0"})";
        *call.httpStatus = 200;
        return OrthancPluginErrorCode_Success;
    };
    CHECK(get_json("/system")["Version"] == "1.13.0");
}

TEST_CASE("what Orthanc cannot do is an error with its code") {
    FakeOrthanc orthanc;
    orthanc.api = [](const _OrthancPluginCallRestApi &, std::string &) {
        return OrthancPluginErrorCode_UnknownResource;
    };
    try {
        get_json("/instances/x");
        FAIL("no error");
    } catch (const Error &error) {
        CHECK(error.code() == OrthancPluginErrorCode_UnknownResource);
        CHECK(error.what() == std::string("GET /instances/x: Unknown resource"));
    }
}

TEST_CASE("an answer without success has no value") {
    FakeOrthanc orthanc;
    std::uint16_t status = 404;
    orthanc.api = [&](const _OrthancPluginCallRestApi &call, std::string &) {
        *call.httpStatus = status;
        return OrthancPluginErrorCode_Success;
    };
    const auto code = [] {
        try {
            get_json("/x");
        } catch (const Error &error) {
            return error.code();
        }
        return OrthancPluginErrorCode_Success;
    };
    CHECK(code() == OrthancPluginErrorCode_UnknownResource);
    status = 503;
    CHECK(code() == OrthancPluginErrorCode_NetworkProtocol);
    status = 200;
    CHECK(code() == OrthancPluginErrorCode_BadJson);
}
