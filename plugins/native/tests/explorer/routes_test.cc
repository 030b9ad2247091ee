// The routes of the plugin, as start() makes them.
#include "framework/errors.h"
#include "framework/json.h"
#include "framework/plugin.h"
#include "tests/explorer/world.h"

#include <catch2/catch_test_macros.hpp>
#include <nlohmann/json.hpp>

#include <array>

using namespace orthanc_images;
using namespace orthanc_images::tests;

namespace {

void begin_with(FakeOrthanc &orthanc, const Json &section) {
    lay_out_pages();
    // Not ready yet, unless a test says otherwise.
    orthanc.api = [](const _OrthancPluginCallRestApi &call, std::string &) {
        *call.httpStatus = 503;
        return OrthancPluginErrorCode_Success;
    };
    orthanc.configuration = Json({{"OrthancExplorer2", section}}).dump();
    start();
}

Answered got(FakeOrthanc &orthanc, const std::string &route, const std::string &group = "",
             const std::vector<std::pair<std::string, std::string>> &headers = {}) {
    const Asked asked(headers, group);
    return orthanc.request(route, asked.request).second;
}

} // namespace

TEST_CASE("the routes are below the root, and the root of Orthanc is left alone where that is wanted") {
    FakeOrthanc orthanc;
    begin_with(orthanc, {{"IsDefaultOrthancUI", false}});
    std::vector<std::string> routes;
    for (const auto &[pattern, callback] : orthanc.routes) {
        routes.push_back(pattern);
    }
    CHECK(routes == std::vector<std::string>{"/ui/api/configuration", "/ui/api/pre-login-configuration",
                                             "/ui/app", "/ui/app/(.*)", "/ui/app/customizable/custom-logo",
                                             "/ui/app/customizable/custom.css", "/ui/app/favicon.ico",
                                             "/ui/index.html"});
    CHECK(orthanc.properties[_OrthancPluginProperty_RootUri] == "/ui/app/");
    CHECK(orthanc.properties[_OrthancPluginProperty_OrthancExplorer].find("../ui/app/index.html") !=
          std::string::npos);
}

TEST_CASE("switched off, nothing is there") {
    FakeOrthanc orthanc;
    begin_with(orthanc, {{"Enable", false}});
    CHECK(orthanc.routes.empty());
    CHECK(orthanc.lines().size() == 1);
}

TEST_CASE("as the page of Orthanc, its root leads there with the arguments") {
    FakeOrthanc orthanc;
    begin_with(orthanc, {{"IsDefaultOrthancUI", true}, {"Root", "/a/b/"}});
    const std::array keys{"token"};
    const std::array values{"x y"};
    Asked asked;
    asked.request.getCount = 1;
    asked.request.getKeys = keys.data();
    asked.request.getValues = values.data();
    const Answered answer = orthanc.request("/", asked.request).second;
    CHECK(answer.status == 307);
    CHECK(headers_of(answer)["Location"] == "a/b/app/index.html?token=x%20y");
    CHECK(headers_of(got(orthanc, "/a/b/app"))["Location"] == "index.html");
    CHECK(headers_of(got(orthanc, "/a/b/index.html"))["Location"] == "app/index.html");
    CHECK(got(orthanc, "/a/b/app/(.*)", "index.html").body == "<html data-up=\"../../../\">page</html>");
}

TEST_CASE("addresses of the program are its page, and missing files are not") {
    FakeOrthanc orthanc;
    begin_with(orthanc, Json::object());
    const Answered page = got(orthanc, "/ui/app/(.*)", "index.html");
    CHECK(page.type == "text/html; charset=utf-8");
    CHECK(got(orthanc, "/ui/app/(.*)", "worklists").body == page.body);
    CHECK(got(orthanc, "/ui/app/(.*)", "").body == page.body);
    CHECK(got(orthanc, "/ui/app/(.*)", "assets/none.js").status == 404);
    CHECK(got(orthanc, "/ui/app/(.*)", "assets/main.js", {{"accept-encoding", "gzip"}}).body == "(main)");
    const std::string tag = headers_of(page)["ETag"];
    CHECK(got(orthanc, "/ui/app/(.*)", "jobs", {{"if-none-match", tag}}).status == 304);
    CHECK(got(orthanc, "/ui/app/favicon.ico").body == "<svg/>");
    CHECK(got(orthanc, "/ui/app/customizable/custom-logo").status == 404);
    CHECK(got(orthanc, "/ui/app/customizable/custom.css").body == ":root { color-scheme: light; }\n");
}

TEST_CASE("the page says what its first list can be asked with, as soon as Orthanc knows it") {
    FakeOrthanc orthanc;
    begin_with(orthanc, {{"UiOptions", {{"DefaultOrdering", "\"&<"}}}});
    bool ready = false;
    int asked = 0;
    orthanc.api = [&](const _OrthancPluginCallRestApi &call, std::string &body) {
        asked++;
        *call.httpStatus = ready ? 200 : 503;
        body = Json({{"Capabilities", {{"HasExtendedFind", true}}}}).dump();
        return OrthancPluginErrorCode_Success;
    };
    const Answered before = got(orthanc, "/ui/app/(.*)", "");
    CHECK(before.body == "<html data-up=\"../../\">page</html>");
    ready = true;
    const Answered page = got(orthanc, "/ui/app/(.*)", "");
    CHECK(page.body.starts_with("<html data-hints=\"{&quot;HasExtendedFind&quot;:true,"));
    CHECK(page.body.find(R"(:&quot;\&quot;&amp;<&quot;,)") != std::string::npos);
    CHECK(page.body.ends_with(" data-up=\"../../\">page</html>"));
    CHECK(headers_of(page)["ETag"] != headers_of(before)["ETag"]);
    CHECK(got(orthanc, "/ui/app/(.*)", "jobs").body == page.body);
    CHECK(asked == 2);
}

TEST_CASE("what is not read is not allowed") {
    FakeOrthanc orthanc;
    begin_with(orthanc, {{"IsDefaultOrthancUI", true}});
    for (const auto &[pattern, callback] : std::map(orthanc.routes)) {
        Asked asked({}, "index.html");
        asked.request.method = OrthancPluginHttpMethod_Post;
        const Answered answer = orthanc.request(pattern, asked.request).second;
        CHECK(answer.status == 405);
        CHECK(headers_of(answer)["Allow"] == "GET");
    }
}

TEST_CASE("the user's files are served as they are at that time") {
    FakeOrthanc orthanc;
    const std::string folder = std::string(EXPLORER_PAGES) + "/user";
    write_file(folder + "/my.css", "h1 {}");
    write_file(folder + "/my.png", "picture");
    begin_with(orthanc, {{"Theme", "auto"},
                         {"CustomCssPath", folder + "/my.css"},
                         {"CustomLogoPath", folder + "/my.png"},
                         {"CustomFavIconPath", folder + "/my.png"}});
    CHECK(got(orthanc, "/ui/app/customizable/custom.css").body ==
          ":root { color-scheme: light dark; }\nh1 {}");
    write_file(folder + "/my.css", "h2 {}");
    CHECK(got(orthanc, "/ui/app/customizable/custom.css").body.ends_with("h2 {}"));
    CHECK(got(orthanc, "/ui/app/customizable/custom-logo").type == "image/png");
    CHECK(got(orthanc, "/ui/app/favicon.ico").body == "picture");
}

TEST_CASE("the configuration is told, and asks for the plugins once") {
    FakeOrthanc orthanc;
    begin_with(orthanc, {{"CustomTitle", "Ours"}});
    int lists = 0;
    orthanc.api = [&](const _OrthancPluginCallRestApi &call, std::string &body) {
        lists += std::string(call.uri) == "/plugins" ? 1 : 0;
        *call.httpStatus = 200;
        body = std::string(call.uri) == "/plugins" ? R"(["ohif"])" : R"({"ID": "ohif"})";
        return OrthancPluginErrorCode_Success;
    };
    const Answered first = got(orthanc, "/ui/api/configuration");
    CHECK(headers_of(first)["Cache-Control"] == "no-store");
    const Json told = Json::parse(first.body);
    CHECK(told["CustomTitle"] == "Ours");
    CHECK(told["UiOptions"]["EnableOpenInOhifViewer3"] == true);
    got(orthanc, "/ui/api/configuration");
    CHECK(lists == 1);
    CHECK(Json::parse(got(orthanc, "/ui/api/pre-login-configuration").body)["Keycloak"].is_null());
}

TEST_CASE("e-mails go to the service, with its password, and its answer comes back") {
    FakeOrthanc orthanc;
    begin_with(orthanc, {{"UiOptions", {{"EnableSharesByEmail", true}}},
                         {"Emails",
                          {{"Server",
                            {{"Url", "http://mail/api"},
                             {"Username", "u"},
                             {"Password", "p"},
                             {"HttpHeaders", {{"X-Key", "k"}}}}}}}});
    std::string asked;
    orthanc.web = [&](const _OrthancPluginCallHttpClient2 &call, std::string &body) {
        asked = std::string(call.url) + ' ' + call.username + ' ' + call.password;
        for (std::uint32_t i = 0; i < call.headersCount; ++i) {
            asked += std::string(" ") + call.headersKeys[i] + '=' + call.headersValues[i];
        }
        body = "<p>Hello</p>";
        return OrthancPluginErrorCode_Success;
    };
    const Answered answer = got(orthanc, "/ui/api/emails/(send|templates/.*)", "templates/usual",
                                {{"content-type", "application/json"}, {"cookie", "secret"}});
    CHECK(asked == "http://mail/api/templates/usual u p X-Key=k Content-Type=application/json");
    CHECK(answer.body == "<p>Hello</p>");
    CHECK(answer.type == "text/html");
}
