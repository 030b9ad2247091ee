// What Orthanc calls at the begin and at the end of a plugin. The plugin is that of storage.cc.
#include "framework/host.h"
#include "tests/fake_orthanc.h"

#include <catch2/catch_test_macros.hpp>

#include <string>

using namespace orthanc_images;
using orthanc_images::tests::FakeOrthanc;

extern "C" {
std::int32_t OrthancPluginInitialize(OrthancPluginContext *context);
void OrthancPluginFinalize();
const char *OrthancPluginGetVersion();
}

TEST_CASE("a plugin begins and ends") {
    FakeOrthanc orthanc("1.13.0", false);
    CHECK_FALSE(begun());
    CHECK(OrthancPluginInitialize(orthanc.context()) == 0);
    CHECK(begun());
    CHECK_FALSE(ended());
    CHECK(orthanc.description == "Tests.");
    CHECK(OrthancPluginGetName() == std::string("Unit Test"));
    CHECK(OrthancPluginGetVersion() == std::string("1.2"));
    OrthancPluginFinalize();
    CHECK(ended());
    CHECK(orthanc.lines().empty());
}

TEST_CASE("an Orthanc that is too old is told") {
    FakeOrthanc orthanc("1.9.1", false);
    CHECK(OrthancPluginInitialize(orthanc.context()) == -1);
    CHECK_FALSE(begun());
    const auto lines = orthanc.lines();
    REQUIRE(lines.size() == 1);
    CHECK(lines[0].message ==
          "Unit Test: this version of Orthanc is older than the plugin needs. Update it.");
}
