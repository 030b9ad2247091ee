// What the pages are told: the plugins, and the options as they hold for a user and for a server.
#include "explorer/profile.h"
#include "tests/explorer/world.h"

#include <catch2/catch_test_macros.hpp>
#include <nlohmann/json.hpp>

using namespace orthanc_images;
using namespace orthanc_images::explorer;
using namespace orthanc_images::tests;

namespace {

// Answers GET requests from values; what there is none of is not known.
void answers(FakeOrthanc &orthanc, const std::map<std::string, Json> &values) {
    orthanc.api = [values](const _OrthancPluginCallRestApi &call, std::string &body) {
        const auto found = values.find(call.uri);
        *call.httpStatus = found == values.end() ? 404 : 200;
        body = found == values.end() ? "" : found->second.dump();
        return OrthancPluginErrorCode_Success;
    };
}

Json told(const Json &configuration, const Json &plugins = Json::object(), const Headers &headers = {}) {
    return configuration_answer(options_of(configuration), configuration, plugins, headers);
}

} // namespace

TEST_CASE("each plugin is told with whether it works and how to get to it") {
    FakeOrthanc orthanc;
    const std::vector<std::string> names{"dicom-web", "explorer.js", "gdcm",  "ohif",   "volview",
                                         "tcia",      "python",      "other", "volview"};
    std::map<std::string, Json> values{{"/plugins", names}};
    for (const std::string &name : names) {
        values["/plugins/" + name] = {{"ID", name}};
    }
    values["/plugins/dicom-web"]["RootUri"] = "/dicom-web/app/";
    answers(orthanc, values);
    const Json configuration = {{"OHIF", {{"DataSource", "dicom-json"}}}, {"VolView", {{"Enable", false}}}};
    const Json plugins = plugins_of(configuration, "/a/b/");
    CHECK_FALSE(plugins.contains("explorer.js"));
    CHECK(plugins["dicom-web"] ==
          Json({{"ID", "dicom-web"}, {"Enabled", true}, {"RootUri", "../../dicom-web/app/"}}));
    CHECK(plugins["ohif"] == Json({{"ID", "ohif"}, {"Enabled", true}, {"DataSource", "dicom-json"}}));
    CHECK(plugins["volview"]["Enabled"] == false);
    CHECK(plugins["tcia"]["Enabled"] == false);
    CHECK(plugins["python"]["Enabled"] == false);
    CHECK(plugins["other"]["Enabled"] == true);
    CHECK(way_up("/a/b/") == "../../../");
    CHECK(way_up("/ui/") == "../../");
}

TEST_CASE("a page is told whether it may ask before it knows who its user is") {
    const Json system = {{"Capabilities", {{"HasExtendedFind", true}}}};
    const auto hinted = [&](const Json &configuration, const Json &answer) {
        return hints(options_of(configuration), configuration, answer);
    };
    const Json usual = hinted(Json::object(), system);
    CHECK(usual["Login"] == false);
    CHECK(usual["Profiles"] == false);
    CHECK(usual["HasExtendedFind"] == true);
    CHECK(usual["UiOptions"].size() == 8);
    CHECK(usual["UiOptions"]["PageLoadSize"] == 50);
    CHECK(hinted(Json::object(), Json::object())["HasExtendedFind"] == false);
    const Json login = {{"OrthancExplorer2", {{"Keycloak", {{"Enable", true}, {"Url", "https://k"}}}}}};
    CHECK(hinted(login, system)["Login"] == true);
    CHECK(hinted({{"Authorization", {{"WebServiceRootUrl", "http://a"}}}}, system)["Profiles"] == true);
    CHECK(hinted({{"Authorization", {{"Users", Json::object()}}}}, system)["Profiles"] == true);
}

TEST_CASE("OHIF's buttons come with its plugin, unless the user decides") {
    CHECK(told(Json::object())["UiOptions"]["EnableOpenInOhifViewer3"] == false);
    const Json with = {{"ohif", {{"Enabled", true}}}};
    CHECK(told(Json::object(), with)["UiOptions"]["EnableOpenInOhifViewer3"] == true);
    const Json off = {{"OrthancExplorer2", {{"UiOptions", {{"EnableOpenInOhifViewer3", false}}}}}};
    CHECK(told(off, with)["UiOptions"]["EnableOpenInOhifViewer3"] == false);
}

TEST_CASE("on a server that cannot be written to nothing is offered that writes") {
    const Json ui = told({{"ReadOnly", true}})["UiOptions"];
    for (const char *option : {"EnableUpload", "EnableAddSeries", "EnableDeleteResources",
                               "EnableModification", "EnableAnonymization", "EnableEditLabels"}) {
        CHECK(ui[option] == false);
    }
    CHECK(ui["EnableStudyList"] == true);
    const Json advanced = {{"AdvancedOptions", {{"AdaptUiOnReadOnlySystems", false}}}};
    CHECK(told({{"ReadOnly", true}, {"OrthancExplorer2", advanced}})["UiOptions"]["EnableUpload"] == true);
}

TEST_CASE("a user is offered what the permissions of the profile allow") {
    const Json ui = options_of(Json::object()).ui;
    const Json viewer = allowed(ui, {{"permissions", {"view", "download"}}});
    CHECK(viewer["EnableStudyList"] == true);
    CHECK(viewer["EnableDownloadZip"] == true);
    CHECK(viewer["EnableUpload"] == false);
    CHECK(viewer["EnableDeleteResources"] == false);
    CHECK(viewer["EnableLinkToLegacyUi"] == false);
    // A right gives nothing that the configuration has switched off.
    CHECK(viewer["EnableDownloadDicomDir"] == false);
    const Json everything = allowed(ui, {{"permissions", {"all"}}});
    CHECK(everything["EnableDeleteResources"] == true);
    CHECK(everything["EnableJobsList"] == false);
    for (const Json &nobody : {Json(), Json::object(), Json({{"permissions", Json::array()}})}) {
        CHECK(allowed(ui, nobody)["EnableStudyList"] == false);
    }
}

TEST_CASE("the profile is asked for with the user's own headers") {
    FakeOrthanc orthanc;
    std::string token;
    orthanc.api = [&](const _OrthancPluginCallRestApi &call, std::string &body) {
        *call.httpStatus = 200;
        for (std::uint32_t i = 0; i < call.headersCount; ++i) {
            token = std::string(call.headersKeys[i]) + "=" + call.headersValues[i];
        }
        body = std::string(call.uri) == "/auth/user/profile"
                   ? R"({"name": "Ann", "permissions": ["view"]})"
                   : R"({"roles": {}, "available-labels": ["urgent"]})";
        return OrthancPluginErrorCode_Success;
    };
    const Json configuration = {{"Authorization", {{"WebServiceUserProfileUrl", "http://auth/profile"}}}};
    const Json plugins = {{"authorization", {{"Enabled", true}}}};
    const Json answer = told(configuration, plugins, {{"token", "t"}});
    CHECK(token == "token=t");
    CHECK(answer["Profile"]["name"] == "Ann");
    CHECK(answer["UiOptions"]["AvailableLabels"] == Json({"urgent"}));
    CHECK(answer["UiOptions"]["EnableStudyList"] == true);
    CHECK(answer["UiOptions"]["EnableUpload"] == false);
    CHECK(answer["Tokens"]["RequiredForLinks"] == true);
}

TEST_CASE("a user without a profile is offered nothing, and the answer still comes") {
    FakeOrthanc orthanc;
    answers(orthanc, {});
    const Json configuration = {{"Authorization", {{"WebServiceRootUrl", "http://auth/"}}}};
    const Json answer = told(configuration, {{"authorization", {{"Enabled", true}}}});
    CHECK(answer["Profile"].is_null());
    CHECK(answer["UiOptions"]["EnableStudyList"] == false);
    CHECK(answer["UiOptions"]["EnablePermissionsEdition"] == false);
}

TEST_CASE("audit logs need the Authorization plugin to write them") {
    CHECK(told(Json::object())["UiOptions"]["EnableAuditLogs"] == false);
    CHECK(told({{"Authorization", {{"EnableAuditLogs", true}}}})["UiOptions"]["EnableAuditLogs"] == true);
}

TEST_CASE("before the login only what the login needs is told") {
    const Json section = {{"Keycloak", {{"Enable", true}, {"Realm", "r"}}},
                          {"Tokens", {{"LandingOptions", {{{"Type", "download-study"}}}}}}};
    const Json answer = public_answer(options_of({{"OrthancExplorer2", section}}));
    CHECK(answer["Keycloak"]["Realm"] == "r");
    CHECK(answer["Inbox"].is_null());
    CHECK(answer["TokensLandingOptions"][0]["Type"] == "download-study");
    CHECK(answer.size() == 3);
}
