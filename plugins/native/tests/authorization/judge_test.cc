// Authorization: how paths are read, which entry decides, and that whatever goes wrong refuses.
#include "authorization/cache.h"
#include "authorization/judge.h"
#include "authorization/path.h"

#include "framework/errors.h"

#include "tests/authorization/through.h"
#include "tests/fake_orthanc.h"

#include <catch2/catch_test_macros.hpp>
#include <nlohmann/json.hpp>

#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace orthanc_images::tests {

namespace {

using namespace authorization;

const std::string PATIENT(40, 'a');
const std::string MINE(40, 'b');
const std::string OTHER(40, 'c');

// An Orthanc with a patient and two studies, and a service.
class Site {
  public:
    explicit Site(const Json &section, Json rest = Json::object()) {
        rest["Authorization"] = section;
        settings = settings_of(rest);
        orthanc.api = [](const _OrthancPluginCallRestApi &call, std::string &body) {
            *call.httpStatus = 200;
            const std::string uri = call.uri;
            const auto study = [](const std::string &id, const std::string &uid, const Json &labels) {
                return Json{{"ID", id},
                            {"ParentPatient", PATIENT},
                            {"Labels", labels},
                            {"MainDicomTags", {{"StudyInstanceUID", uid}}}};
            };
            const Json mine = study(MINE, "1.2", {"A"});
            const Json other = study(OTHER, "1.3", {"B"});
            if (uri == "/patients/" + PATIENT) {
                body =
                    Json{{"ID", PATIENT}, {"Labels", Json::array()}, {"MainDicomTags", {{"PatientID", "P"}}}}
                        .dump();
            } else if (uri == "/patients/" + PATIENT + "/studies") {
                body = Json{mine, other}.dump();
            } else if (uri == "/studies/" + MINE) {
                body = mine.dump();
            } else if (uri == "/studies/" + OTHER) {
                body = other.dump();
            } else if (uri == "/studies/" + MINE + "/labels") {
                body = R"(["A"])";
            } else if (uri == "/studies/" + OTHER + "/labels") {
                body = R"(["B"])";
            } else if (uri == "/patients/" + PATIENT + "/labels") {
                body = "[]";
            } else if (uri == "/tools/lookup") {
                const std::string_view uid(static_cast<const char *>(call.body), call.bodySize);
                body = Json{{{"ID", uid == "1.2" ? MINE : OTHER}, {"Type", "Study"}}}.dump();
            } else {
                *call.httpStatus = 404;
            }
            return OrthancPluginErrorCode_Success;
        };
        client.transport = through([this](const std::string &url, const Json &body) {
            const std::scoped_lock locked(asking);
            asked.emplace_back(url, body.dump());
            return service(url, body);
        });
    }

    Decision decide(OrthancPluginHttpMethod method, std::string_view uri, const std::string &token = {},
                    const Arguments &arguments = {}) {
        Asked request{method, uri, {}, arguments};
        if (!token.empty()) {
            request.headers.emplace_back("token", token);
        }
        return judge.decide(request);
    }

    bool get(std::string_view uri, const std::string &token = {}, const Arguments &arguments = {}) {
        return decide(OrthancPluginHttpMethod_Get, uri, token, arguments).granted;
    }

    FakeOrthanc orthanc;
    std::mutex asking;
    Settings settings;
    std::function<std::string(const std::string &url, const Json &body)> service = [](const std::string &url,
                                                                                      const Json &body) {
        if (url.ends_with("/tokens/validate")) {
            return Json{
                {"granted", body.value("token-value", "") == "share" && body.value("dicom-uid", "") == "1.3"},
                {"validity", 60}}
                .dump();
        }
        const std::string token = body.at("token-value");
        Json permissions = Json::array();
        Json labels = Json::array();
        if (token == "all") {
            permissions = {"all"};
            labels = {"*"};
        } else if (token == "A") {
            permissions = {"view", "send"};
            labels = {"A"};
        } else if (token == "upload") {
            permissions = {"upload"};
            labels = {"*"};
        }
        return Json{
            {"name", token}, {"permissions", permissions}, {"authorized-labels", labels}, {"validity", 60}}
            .dump();
    };
    std::vector<std::pair<std::string, std::string>> asked;
    Resources resources;
    Service client{settings};
    const Paths paths{"dicom-web"};
    Judge judge{settings, paths, resources, client};
};

Json by_study() {
    return {{"WebServiceRootUrl", "http://service/"},
            {"TokenHttpHeaders", {"Token"}},
            {"CheckedLevel", "studies"}};
}

} // namespace

TEST_CASE("a path has one form") {
    CHECK(canonical("/") == "/");
    CHECK(canonical("/system/") == "/system");
    CHECK(canonical("/a/b") == "/a/b");
    CHECK(canonical("/a%b/50%") == "/a%b/50%");
    for (const char *path : {"", "system", "//", "//system", "/a//b", "/a//", "/./a", "/a/..", "/a/../b",
                             "/a%2fb", "/a\\b", "/a\nb", "/a\x7f"}) {
        CAPTURE(path);
        CHECK(!canonical(path).has_value());
    }
}

TEST_CASE("the first entry that fits decides") {
    const Settings settings =
        settings_of({{"Authorization",
                      {{"Permissions", {{"GET", "^/a/(.*)$", "one|two"}, {"get", "^/a/b$", ""}}},
                       {"ExtraPermissions", {{"put", "^/DICOM_WEB_ROOT/x$", "x"}}}}},
                     {"DicomWeb", {{"Root", "/d.w/"}}}});
    CHECK(read(settings, OrthancPluginHttpMethod_Get, "/a/b").entry == 0);
    CHECK(read(settings, OrthancPluginHttpMethod_Get, "/a").entry == 3);
    CHECK(read(settings, OrthancPluginHttpMethod_Post, "/a/b").entry == 3);
    CHECK(read(settings, OrthancPluginHttpMethod_Put, "/d.w/x/").entry == 2);
    CHECK(read(settings, OrthancPluginHttpMethod_Put, "/daw/x").entry == 3);
    CHECK(settings.table.entries()[0].permissions == std::set<std::string>{"one", "two"});
}

TEST_CASE("a wrong setting is named") {
    const auto wrong = [](const Json &section, const Json &rest = Json::object()) -> std::string {
        Json all = rest;
        all["Authorization"] = section;
        try {
            settings_of(all);
        } catch (const Error &error) {
            return error.what();
        }
        return "";
    };
    CHECK(wrong({{"Permissions", {{"patch", "^/$", ""}}}}) ==
          "Authorization.Permissions[0]: its method is none. Write get, post, put or delete.");
    CHECK(wrong({{"Permissions", {{"get", "(", ""}}}})
              .starts_with("Authorization.Permissions[0]: is no regular expression ("));
    CHECK(wrong({{"CheckedLevel", "study"}, {"UncheckedLevels", {"series"}}}) ==
          "Authorization.CheckedLevel: is given beside UncheckedLevels. Leave out one of the two.");
    CHECK(wrong({{"Users", {{"eve", {{"Permissions", {"all"}}}}}}}, {{"AuthenticationEnabled", true}}) ==
          "Authorization.Users.eve: is no user of RegisteredUsers. Add the user there, with a password.");
    CHECK(wrong({{"StandardConfigurations", {"orthanc-explorer-3"}}}) ==
          "Authorization.StandardConfigurations: has a name that stands for nothing. See the documentation.");
    CHECK(wrong({{"Users", Json::object()}}) == "Authorization.Users: is given, and Orthanc asks nobody who "
                                                "he is. Set AuthenticationEnabled to true.");
}

TEST_CASE("unchecked resources and folders are open to GET alone") {
    Json section = by_study();
    section["StandardConfigurations"] = {"orthanc-explorer-2"};
    Site site(section);
    CHECK(site.get("/"));
    CHECK(site.get("/ui/app/index.html"));
    CHECK(site.get("/ui/app"));
    CHECK(!site.get("/ui/application"));
    CHECK(!site.get("/ui/app/../../studies"));
    CHECK(!site.decide(OrthancPluginHttpMethod_Post, "/ui/app/x").granted);
}

TEST_CASE("permissions and labels decide") {
    Site site(by_study());
    CHECK(site.get("/studies", "all"));
    CHECK(!site.get("/studies"));
    CHECK(!site.get("/studies", "A"));
    CHECK(!site.get("/studies/", "A"));
    CHECK(site.get("/studies/" + MINE, "A"));
    CHECK(!site.get("/studies/" + OTHER, "A"));
    CHECK(site.get("/dicom-web/studies/1.2/metadata", "A"));
    CHECK(!site.get("/dicom-web/studies/1.3/metadata", "A"));
    // The patient has a study with another label.
    CHECK(!site.get("/patients/" + PATIENT + "/archive", "A"));
    CHECK(site.get("/patients/" + PATIENT + "/archive", "all"));
    CHECK(!site.get("/studies/" + MINE, "upload"));
    CHECK(!site.get("/studies/" + std::string(40, 'f'), "A"));
    // What is sent by DICOMweb is named in the body.
    CHECK(!site.decide(OrthancPluginHttpMethod_Post, "/dicom-web/servers/x/stow", "A").granted);
    CHECK(site.decide(OrthancPluginHttpMethod_Post, "/dicom-web/servers/x/stow", "all").granted);
}

TEST_CASE("a token opens what the service says, and nothing beside it") {
    Site site(by_study());
    CHECK(site.get("/studies/" + OTHER, "share"));
    CHECK(!site.get("/studies/" + MINE, "share"));
    CHECK(!site.get("/patients/" + PATIENT, "share"));
    CHECK(!site.get("/system", "share"));
    CHECK(!site.get("/tools/create-archive", "share", {{"resources", MINE + "," + OTHER}}));
    CHECK(site.get("/tools/create-archive", "share", {{"resources", OTHER}}));
    CHECK(!site.get("/tools/create-archive", "share"));
    CHECK(site.get("/dicom-web/series", "share", {{"StudyInstanceUID", "1.3"}}));
    CHECK(!site.get("/dicom-web/series", "share", {{"StudyInstanceUID", "1.3"}, {"0020000d", "1.2"}}));
}

TEST_CASE("the service is asked as the official plugin asks it, and once") {
    Site site(by_study());
    CHECK(site.get("/studies/" + OTHER, "share"));
    const auto first = site.asked;
    REQUIRE(first.size() == 2);
    CHECK(first[0].first == "http://service/user/get-profile");
    CHECK(Json::parse(first[0].second) ==
          Json{{"token-key", "Token"}, {"token-value", "share"}, {"server-id", nullptr}});
    CHECK(first[1].first == "http://service/tokens/validate");
    CHECK(Json::parse(first[1].second) == Json{{"method", "get"},
                                               {"level", "study"},
                                               {"orthanc-id", OTHER},
                                               {"dicom-uid", "1.3"},
                                               {"labels", {"B"}},
                                               {"token-key", "Token"},
                                               {"token-value", "share"},
                                               {"server-id", nullptr}});
    CHECK(site.get("/studies/" + OTHER, "share"));
    CHECK(site.asked.size() == 2);
}

TEST_CASE("searches of studies are let through only where their answer is cut down") {
    Site site(by_study());
    CHECK(!site.get("/dicom-web/studies", "share"));
    site.judge.searches_are_cut = true;
    CHECK(site.get("/dicom-web/studies", "share"));
    CHECK(!site.get("/dicom-web/studies"));
    CHECK(!site.get("/dicom-web/series", "share"));
}

TEST_CASE("whatever goes wrong with the service refuses") {
    Site site(by_study());
    const std::string good = R"({"name":"x","permissions":["all"],"authorized-labels":["*"],"validity":1})";
    site.service = [&](const std::string &, const Json &) { return good; };
    CHECK(site.get("/system", "good"));
    // As the official service writes a user without groups.
    site.service = [](const std::string &, const Json &) {
        return std::string(R"({"name":"x","permissions":["all"],"authorized-labels":["*"],"groups":null,)"
                           R"("user-id":null,"validity":1})");
    };
    CHECK(site.get("/system", "without groups"));
    for (const std::string &answer :
         {std::string(), std::string("{"), std::string("[]"), std::string("null"),
          std::string(R"({"name":"x"})"),
          std::string(R"({"name":"x","permissions":"all","authorized-labels":["*"],"validity":1})"),
          std::string(R"({"name":"x","permissions":["all",1],"authorized-labels":["*"],"validity":1})"),
          std::string(R"({"name":"x","permissions":["all"],"authorized-labels":["*"],"validity":-1})"),
          std::string(R"({"name":"x","permissions":["all"],"authorized-labels":["*"]})")}) {
        site.service = [&](const std::string &, const Json &) { return answer; };
        CAPTURE(answer.substr(0, 80));
        const Decision decision = site.decide(OrthancPluginHttpMethod_Get, "/system", "bad");
        CHECK(!decision.granted);
        CHECK(decision.trouble);
        CHECK(!decision.why.empty());
        CHECK(decision.why.find("bad") == std::string::npos);
    }
}

TEST_CASE("one good token of several is enough, wherever it stands") {
    Json section = by_study();
    section["TokenGetArguments"] = {"token"};
    Site site(section);
    CHECK(site.get("/system", "all", {{"token", "nothing"}}));
    CHECK(site.get("/system", "nothing", {{"token", "all"}}));
    CHECK(!site.get("/system", "nothing", {{"token", ""}}));
}

TEST_CASE("users of the configuration need no service") {
    Site site({{"Users",
                {{"alice", {{"Permissions", {"all"}}}},
                 {"bob", {{"Permissions", {"view"}}, {"AuthorizedLabels", {"A"}}}}}},
               {"CheckedLevel", "studies"}},
              {{"AuthenticationEnabled", true},
               {"RegisteredUsers", {{"alice", "pw"}, {"bob", "b:b"}, {"eve", "e"}}}});
    const auto as = [&](const std::string &word, const std::string &uri) {
        return site.judge.decide({OrthancPluginHttpMethod_Get, uri, {{"authorization", word}}, {}}).granted;
    };
    CHECK(as("Basic YWxpY2U6cHc=", "/system"));
    CHECK(as("basic YWxpY2U6cHc=", "/system"));
    CHECK(!as("Basic YWxpY2U6cHg=", "/system")); // alice:px
    CHECK(!as("Basic YWxpY2U=", "/system"));
    CHECK(!as("Basic !!", "/system"));
    CHECK(!as("Basic ZXZlOmU=", "/system")); // eve
    CHECK(as("Basic Ym9iOmI6Yg==", "/studies/" + MINE));
    CHECK(!as("Basic Ym9iOmI6Yg==", "/studies/" + OTHER));
    CHECK(site.asked.empty());
}

TEST_CASE("a pattern that takes too many steps refuses") {
    Site site({{"WebServiceUserProfileUrl", "http://service/profile"},
               {"TokenHttpHeaders", {"token"}},
               {"Permissions", {{"get", "^/(a|aa)+[bc]$", ""}}}});
    const Decision decision = site.decide(OrthancPluginHttpMethod_Get, "/" + std::string(40, 'a'), "all");
    CHECK(!decision.granted);
    CHECK(decision.trouble);
}

TEST_CASE("a cache forgets, and keeps nothing of before") {
    Cache<int> cache(2);
    const auto later = Clock::now() + std::chrono::hours(1);
    cache.put("a", std::make_shared<const int>(1), later, cache.drops());
    cache.put("b", std::make_shared<const int>(2), later, cache.drops());
    CHECK(*cache.find("a") == 1);
    cache.put("c", std::make_shared<const int>(3), later, cache.drops());
    CHECK(cache.find("b") == nullptr);
    CHECK(cache.size() == 2);
    const auto before = cache.drops();
    cache.drop("a");
    cache.put("a", std::make_shared<const int>(4), later, before);
    CHECK(cache.find("a") == nullptr);
    cache.put("a", std::make_shared<const int>(5), Clock::now(), cache.drops());
    CHECK(cache.find("a") == nullptr);
}

TEST_CASE("many threads are judged at once") {
    Site site(by_study());
    std::atomic<int> right{0};
    {
        std::vector<std::jthread> threads;
        for (int thread = 0; thread < 4; ++thread) {
            threads.emplace_back([&] {
                for (int i = 0; i < 50; ++i) {
                    right += site.get("/studies/" + MINE, "A") && !site.get("/studies/" + OTHER, "A") ? 1 : 0;
                    if (i % 10 == 0) {
                        site.resources.forget(MINE);
                    }
                }
            });
        }
    }
    CHECK(right == 200);
}

} // namespace orthanc_images::tests
