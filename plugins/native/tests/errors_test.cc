// The border to C: no exception passes, each becomes a code and a line of the log under the plugin's name.
#include "framework/errors.h"
#include "framework/log.h"
#include "tests/fake_orthanc.h"

#include <catch2/catch_test_macros.hpp>

#include <new>

using namespace orthanc_images;
using orthanc_images::tests::FakeOrthanc;

TEST_CASE("each exception has its code") {
    FakeOrthanc orthanc;
    CHECK(guarded([] {}) == OrthancPluginErrorCode_Success);
    CHECK(guarded([] { throw Error(OrthancPluginErrorCode_FullStorage, "full"); }) ==
          OrthancPluginErrorCode_FullStorage);
    CHECK(guarded([] { throw HttpError(502, "bad"); }) == OrthancPluginErrorCode_Plugin);
    CHECK(guarded([] { throw std::bad_alloc(); }) == OrthancPluginErrorCode_NotEnoughMemory);
    CHECK(guarded([] { throw std::runtime_error("oops"); }) == OrthancPluginErrorCode_InternalError);
    CHECK(guarded([] { throw 7; }) == OrthancPluginErrorCode_InternalError);
    CHECK(guarded_or(1, [] { return 2; }) == 2);
    CHECK(guarded_or(1, []() -> int { throw 7; }) == 1);
    std::vector<std::string> said;
    for (const auto &line : orthanc.lines()) {
        CHECK(line.level == OrthancPluginLogLevel_Error);
        CHECK(line.plugin == "Unit Test");
        CHECK(line.file == "errors_test.cc");
        said.push_back(line.message);
    }
    const std::string unknown = "an exception of an unknown type";
    CHECK(said ==
          std::vector<std::string>{"full", "bad", "there is not enough memory", "oops", unknown, unknown});
}

TEST_CASE("lines of the log have a level and name the plugin") {
    FakeOrthanc orthanc;
    log_info("one");
    log_warning("two");
    const auto lines = orthanc.lines();
    REQUIRE(lines.size() == 2);
    CHECK(lines[0].level == OrthancPluginLogLevel_Info);
    CHECK(lines[1].level == OrthancPluginLogLevel_Warning);
    CHECK(lines[1].plugin == "Unit Test");
    CHECK(lines[1].message == "two");
}

TEST_CASE("nothing is logged where there is no Orthanc yet") {
    FakeOrthanc orthanc("mainline", false);
    log_info("one");
    CHECK(orthanc.lines().empty());
}
