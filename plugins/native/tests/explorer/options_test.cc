// The section OrthancExplorer2: defaults, merging, former names, and what is wrong with a setting.
#include "explorer/options.h"
#include "framework/errors.h"
#include "tests/explorer/world.h"

#include <catch2/catch_test_macros.hpp>
#include <nlohmann/json.hpp>

using namespace orthanc_images;
using namespace orthanc_images::explorer;
using orthanc_images::tests::write_file;

namespace {

Options read(const std::string &section) {
    return options_of(Json::parse(R"({"OrthancExplorer2": )" + section + "}"));
}

std::string refusal(const std::string &section) {
    try {
        read(section);
    } catch (const Error &error) {
        return error.what();
    }
    return "nothing is wrong";
}

} // namespace

TEST_CASE("without a section the official defaults hold") {
    const Options options = options_of(Json::object());
    CHECK(options.enabled);
    CHECK(options.root == "/ui/");
    // The images give it false (base/startup/plugins.table).
    CHECK(options.default_page);
    CHECK(options.theme == "light");
    CHECK(options.keycloak.is_null());
    CHECK(options.inbox.is_null());
    CHECK(options.mail.is_null());
    CHECK(options.tokens == Json({{"InstantLinksValidity", 200}, {"ShareType", "stone-viewer-publication"}}));
    CHECK(options.ui["PageLoadSize"] == 50);
    CHECK(options.ui["EnableShares"] == false);
}

TEST_CASE("objects are merged and everything else is replaced") {
    const Json base = {{"a", {{"b", 1}, {"c", 2}}}, {"list", {1, 2}}};
    CHECK(merged(base, {{"a", {{"b", 3}}}, {"list", {9}}, {"new", true}}) ==
          Json({{"a", {{"b", 3}, {"c", 2}}}, {"list", {9}}, {"new", true}}));
    CHECK(merged(base, {{"a", nullptr}})["a"].is_null());
    const Options options = read(R"({"UiOptions": {"StudyListColumns": ["PatientName"]}})");
    CHECK(options.ui["StudyListColumns"] == Json({"PatientName"}));
    CHECK(options.ui["EnableUpload"] == true);
}

TEST_CASE("former names are understood, and today's go before them") {
    CHECK(read(R"({"UiOptions": {"EnableAnonimization": false}})").ui["EnableAnonymization"] == false);
    const Options both =
        read(R"({"UiOptions": {"EnableAnonimization": false, "EnableAnonymization": true}})");
    CHECK(both.ui["EnableAnonymization"] == true);
    CHECK(read(R"({"UiOptions": {"DefaultShareDuration": 3}})").ui["ShareDuration"] == 3);
    CHECK(read(R"({"UiOptions": {"StudyListEmptyIfNoSearch": true}})").ui["StudyListContentIfNoSearch"] ==
          "empty");
}

TEST_CASE("the button of OHIF is left open unless the user decides") {
    CHECK(read("{}").ui["EnableOpenInOhifViewer3"].is_null());
    CHECK(read(R"({"UiOptions": {"EnableOpenInOhifViewer3": false}})").ui["EnableOpenInOhifViewer3"] ==
          false);
}

TEST_CASE("parts are handed to the pages when they are enabled") {
    CHECK(read(R"({"Keycloak": {"Enable": true, "Realm": "r"}})").keycloak["Realm"] == "r");
    CHECK(read(R"({"Keycloak": {"Realm": "r"}})").keycloak.is_null());
    CHECK(read(R"({"Inbox": {"Enable": true}})").inbox.is_object());
}

TEST_CASE("what is wrong with a setting is said with its name") {
    CHECK(refusal("7") == "OrthancExplorer2: is no object. Write the settings between { and }.");
    CHECK(refusal(R"({"UiOptions": []})") ==
          "OrthancExplorer2.UiOptions: is no object. Write the settings between { and }.");
    for (const char *root : {"ui/", "/ui", "/", ""}) {
        CHECK(refusal(R"({"Root": ")" + std::string(root) + "\"}") ==
              "OrthancExplorer2.Root: is \"" + std::string(root) +
                  "\". Write a path that begins and ends with a slash, such as \"/ui/\".");
    }
    CHECK(refusal(R"({"Theme": "pink"})") ==
          R"(OrthancExplorer2.Theme: is "pink". Write "light", "dark" or "auto".)");
    CHECK(refusal(R"({"CustomCssPath": 3})") ==
          "OrthancExplorer2.CustomCssPath: is not a text. Write the path of a file.");
    CHECK(refusal(R"({"CustomLogoPath": "/none"})") ==
          "OrthancExplorer2.CustomLogoPath: there is no file /none. Mount it into the container, or take "
          "the setting away.");
    CHECK(refusal(R"({"UiOptions": {"EnableSharesByEmail": true}})")
              .starts_with("OrthancExplorer2.Emails.Server.Url: is missing"));
}

TEST_CASE("files of the user are named by their paths") {
    const std::string path = std::string(EXPLORER_PAGES) + "/mine.css";
    write_file(path, "h1 {}");
    CHECK(read(R"({"CustomCssPath": ")" + path + "\"}").css == path);
    CHECK(read(R"({"CustomCssPath": null})").css.empty());
}
