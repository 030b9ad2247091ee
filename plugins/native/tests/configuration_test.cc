// The settings of a plugin: what is right is returned, what is wrong is named with its remedy.
#include "framework/configuration.h"
#include "framework/errors.h"
#include "tests/fake_orthanc.h"

#include <catch2/catch_test_macros.hpp>

#include <functional>

using namespace orthanc_images;
using orthanc_images::tests::FakeOrthanc;

namespace {

std::string complaint(const std::function<void()> &act) {
    try {
        act();
    } catch (const Error &error) {
        return error.what();
    }
    return "nothing";
}

} // namespace

TEST_CASE("settings have their types") {
    FakeOrthanc orthanc;
    orthanc.configuration = R"({"Name": "x", "Odbc": {"Host": "h", "Port": 5432, "Tls": true,
                                "Levels": ["a", "b"], "Pool": {"Size": 3}}})";
    const Configuration section = Configuration::of("Odbc");
    CHECK(section.has("Host"));
    CHECK_FALSE(section.has("Name"));
    CHECK(section.text("Host") == "h");
    CHECK(section.integer("Port", {1, 65535}) == 5432);
    CHECK(section.flag("Tls"));
    CHECK(section.texts("Levels") == std::vector<std::string>{"a", "b"});
    CHECK(section.section("Pool").integer("Size", {}) == 3);
}

TEST_CASE("absent settings have what the plugin says") {
    const FakeOrthanc orthanc;
    const Configuration section = Configuration::of("Odbc");
    CHECK(section.text("Host", "localhost") == "localhost");
    CHECK(section.integer("Port", {1, 65535}, 5432) == 5432);
    CHECK(section.flag("Tls", true));
    CHECK(section.texts("Levels", {{"a"}}) == std::vector<std::string>{"a"});
    CHECK(section.section("Pool").text("Name", "").empty());
}

TEST_CASE("a wrong setting is named with its remedy, and a text is never shown") {
    const Configuration section("Odbc", {{"Host", 7},
                                         {"Port", "secret"},
                                         {"Tls", nullptr},
                                         {"Levels", {"a", {{"b", 1}}}},
                                         {"Pool", {1, 2}},
                                         {"Small", 0},
                                         {"Large", UINT64_MAX},
                                         {"Half", 1.5}});
    CHECK(complaint([&] { section.text("Host"); }) == "Odbc.Host: is 7. Write a text.");
    CHECK(complaint([&] { section.integer("Port", {1, 65535}); }) ==
          "Odbc.Port: is a text. Write a whole number from 1 to 65535.");
    CHECK(complaint([&] { section.flag("Tls"); }) == "Odbc.Tls: is null. Write true or false.");
    CHECK(complaint([&] { section.texts("Levels"); }) == "Odbc.Levels[1]: is an object. Write a text.");
    CHECK(complaint([&] { section.texts("Host"); }) == "Odbc.Host: is 7. Write a list of texts.");
    CHECK(complaint([&] { section.section("Pool"); }) ==
          "Odbc.Pool: is a list. Write an object with the settings.");
    CHECK(complaint([&] { section.integer("Small", {1}); }) ==
          "Odbc.Small: is 0. Write a whole number from 1 on.");
    CHECK(complaint([&] { section.integer("Large", {}); }) ==
          "Odbc.Large: is 18446744073709551615. Write a whole number from 0 on.");
    CHECK(complaint([&] { section.integer("Half", {}); }) ==
          "Odbc.Half: is 1.5. Write a whole number from 0 on.");
    CHECK(complaint([&] { section.text("User"); }) == "Odbc.User: is missing. Write a text.");
}

TEST_CASE("an Orthanc without a configuration is an error") {
    FakeOrthanc orthanc;
    orthanc.configuration = "";
    CHECK(complaint([] { Configuration::of("Odbc"); }) ==
          "Orthanc does not give its configuration. See its log.");
    orthanc.configuration = "{";
    CHECK(complaint([] { Configuration::of("Odbc"); }) ==
          "Orthanc's configuration: is not JSON. Correct its syntax.");
}
