// The plugin between an Orthanc and those who ask: the filter, and the routes whose answers depend on the
// user.
#include "authorization/state.h"

#include "framework/plugin.h"
#include "tests/authorization/through.h"
#include "tests/fake_orthanc.h"

#include <catch2/catch_test_macros.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace orthanc_images::tests {

namespace {

using Json = nlohmann::json;

const std::string PATIENT(40, 'a');
const std::string MINE(40, 'b');
const std::string OTHER(40, 'c');

const std::string ALICE = "Basic YWxpY2U6cHc="; // alice:pw, everything
const std::string BOB = "Basic Ym9iOnB3";       // bob:pw, what has the label A
const std::string CARL = "Basic Y2FybDpwdw==";  // carl:pw, may look

Json site_of(Json section) {
    section["CheckedLevel"] = "studies";
    section["Users"] = {{"alice", {{"Permissions", {"all", "admin-permissions"}}}},
                        {"bob", {{"Permissions", {"all"}}, {"AuthorizedLabels", {"A"}}}},
                        {"carl", {{"Permissions", {"view"}}}}};
    return {{"AuthenticationEnabled", true},
            {"RegisteredUsers", {{"alice", "pw"}, {"bob", "pw"}, {"carl", "pw"}}},
            {"Authorization", section}};
}

// An Orthanc with the plugin, a patient and two studies.
class Site {
  public:
    explicit Site(const Json &configuration) {
        orthanc.configuration = configuration.dump();
        orthanc.extra = [this](_OrthancPluginService wanted,
                               const void *given) -> std::optional<OrthancPluginErrorCode> {
            if (wanted != _OrthancPluginService_RegisterIncomingHttpRequestFilter2) {
                return {};
            }
            filter = static_cast<const _OrthancPluginIncomingHttpRequestFilter2 *>(given)->callback;
            return OrthancPluginErrorCode_Success;
        };
        orthanc.api = [this](const _OrthancPluginCallRestApi &call, std::string &body) {
            return api(call, body);
        };
        start();
        authorization::state().service.transport = through([this](const std::string &, const Json &body) {
            told = body;
            return service.dump();
        });
    }

    Site(const Site &) = delete;
    Site &operator=(const Site &) = delete;

    ~Site() {
        finish();
    }

    bool lets(OrthancPluginHttpMethod method, const char *uri, const std::string &user) const {
        const char *name = "authorization";
        const char *value = user.c_str();
        return filter(method, uri, "127.0.0.1", 1, &name, &value, 0, nullptr, nullptr) == 1;
    }

    // What the plugin's own route answers, as Orthanc does after the filter.
    Answered ask(const std::string &pattern, OrthancPluginHttpMethod method, const std::string &uri,
                 const std::vector<std::string> &groups, const std::string &user,
                 const std::string &body = {}) {
        const char *name = "authorization";
        const char *value = user.c_str();
        std::vector<const char *> parts;
        parts.reserve(groups.size());
        for (const std::string &group : groups) {
            parts.push_back(group.c_str());
        }
        OrthancPluginHttpRequest request{};
        request.method = method;
        request.groupsCount = static_cast<std::uint32_t>(parts.size());
        request.groups = parts.data();
        request.headersCount = 1;
        request.headersKeys = &name;
        request.headersValues = &value;
        request.body = body.data();
        request.bodySize = static_cast<std::uint32_t>(body.size());
        forwarded.clear();
        auto [code, answered] = orthanc.request(pattern, request, uri.c_str());
        if (code != OrthancPluginErrorCode_Success) {
            answered.status = code == OrthancPluginErrorCode_UnknownResource ? 404 : 400;
        }
        return answered;
    }

    // The status of a POST.
    int post(const std::string &pattern, const std::string &uri, const std::vector<std::string> &groups,
             const std::string &user, const Json &body) {
        return ask(pattern, OrthancPluginHttpMethod_Post, uri, groups, user, body.dump()).status;
    }

    FakeOrthanc orthanc;
    OrthancPluginIncomingHttpRequestFilter2 filter = nullptr;
    // What Orthanc itself was asked to change or to search.
    std::string forwarded;
    Json service = Json::object();
    Json told;

  private:
    OrthancPluginErrorCode api(const _OrthancPluginCallRestApi &call, std::string &body) {
        *call.httpStatus = 200;
        const std::string uri = call.uri;
        const auto study = [](const std::string &id, const std::string &uid, const Json &labels) {
            return Json{{"ID", id},
                        {"ParentPatient", PATIENT},
                        {"Labels", labels},
                        {"MainDicomTags", {{"StudyInstanceUID", uid}}}};
        };
        const Json mine = study(MINE, "1.2", {"A", "secret"});
        const Json other = study(OTHER, "1.3", {"B"});
        if (call.method != OrthancPluginHttpMethod_Get) {
            const std::string text(static_cast<const char *>(call.body), call.bodySize);
            if (uri == "/tools/lookup") {
                body = Json{{{"ID", text == "1.2" ? MINE : OTHER}, {"Type", "Study"}}}.dump();
                return OrthancPluginErrorCode_Success;
            }
            forwarded = text;
            body = uri == "/tools/find" ? Json{mine}.dump() : "{}";
        } else if (uri == "/patients/" + PATIENT) {
            body = Json{{"ID", PATIENT}, {"MainDicomTags", {{"PatientID", "P"}}}}.dump();
        } else if (uri == "/patients/" + PATIENT + "/studies") {
            body = Json{mine, other}.dump();
        } else if (uri == "/studies/" + MINE) {
            body = mine.dump();
        } else if (uri == "/studies/" + OTHER) {
            body = other.dump();
        } else if (uri == "/studies/" + MINE + "/labels" || uri == "/tools/labels") {
            body = R"(["A", "secret"])";
        } else if (uri == "/patients/" + PATIENT + "/labels") {
            body = "[]";
        } else {
            *call.httpStatus = 404;
        }
        return OrthancPluginErrorCode_Success;
    }
};

constexpr char FIND[] = "/tools/(find|count-resources)";
constexpr char BULK[] = "/tools/(bulk-delete|bulk-modify|bulk-anonymize)";
constexpr char STORE[] = "/(peers|modalities)/([^/]+)/store";
constexpr char TOKENS[] = "/auth/tokens/([A-Za-z0-9_-]+)";

} // namespace

TEST_CASE("the filter judges what Orthanc hands it") {
    Site site(site_of(Json::object()));
    REQUIRE(site.filter != nullptr);
    const std::string mine = "/studies/" + MINE;
    const std::string other = "/studies/" + OTHER;
    CHECK(site.lets(OrthancPluginHttpMethod_Get, mine.c_str(), BOB));
    CHECK(!site.lets(OrthancPluginHttpMethod_Get, other.c_str(), BOB));
    CHECK(site.lets(OrthancPluginHttpMethod_Get, other.c_str(), ALICE));
    CHECK(!site.lets(OrthancPluginHttpMethod_Get, mine.c_str(), "Basic nobody"));
    CHECK(!site.lets(OrthancPluginHttpMethod_Get, "/modalities/x", ALICE));
}

TEST_CASE("a plugin that knows nobody refuses everything, and says so") {
    for (const Json &section : {Json::object(), Json{{"WebServiceTokenCreationBaseUrl", "http://service"}}}) {
        Site site(Json{{"Authorization", section}});
        REQUIRE(site.filter != nullptr);
        CHECK(!site.lets(OrthancPluginHttpMethod_Get, "/system", ALICE));
        CHECK(!site.lets(OrthancPluginHttpMethod_Post, "/instances", ALICE));
        CHECK(!site.lets(OrthancPluginHttpMethod_Post, "/auth/tokens/x", ALICE));
        const std::vector<Line> lines = site.orthanc.lines();
        CHECK(std::ranges::any_of(lines, [](const Line &line) {
            return line.message.find("nobody can be let in") != std::string::npos;
        }));
    }
}

TEST_CASE("the service's troubles refuse without an exception") {
    Site site(
        Json{{"Authorization",
              {{"WebServiceUserProfileUrl", "http://service/"}, {"TokenHttpHeaders", {"authorization"}}}}});
    site.service = {{"name", "x"}, {"permissions", {"all"}}, {"authorized-labels", {"*"}}, {"validity", 1}};
    CHECK(site.lets(OrthancPluginHttpMethod_Get, "/system", "good"));
    site.service = {{"name", "x"}, {"permissions", "all"}};
    CHECK(!site.lets(OrthancPluginHttpMethod_Get, "/system", "bad"));
}

TEST_CASE("the logs of the index are for those who may read the logs") {
    const Site site(site_of(Json::object()));
    CHECK(site.lets(OrthancPluginHttpMethod_Get, "/plugins/postgresql/audit-logs", ALICE));
    CHECK(!site.lets(OrthancPluginHttpMethod_Get, "/plugins/postgresql/audit-logs/", CARL));
    CHECK(site.lets(OrthancPluginHttpMethod_Get, "/plugins/postgresql", CARL));
}

TEST_CASE("a user sees no labels but his own") {
    Site site(site_of(Json::object()));
    const auto seen = [&](const std::string &pattern, const std::string &uri,
                          const std::vector<std::string> &groups, const std::string &user) {
        return Json::parse(site.ask(pattern, OrthancPluginHttpMethod_Get, uri, groups, user).body);
    };
    const std::string resource = "/(patients|studies|series|instances)/([a-f0-9-]+)";
    const std::vector<std::string> mine{"studies", MINE};
    CHECK(seen(resource, "/studies/" + MINE, mine, BOB)["Labels"] == Json{"A"});
    CHECK(seen(resource, "/studies/" + MINE, mine, ALICE)["Labels"] == Json{"A", "secret"});
    CHECK(seen(resource, "/studies/" + MINE, mine, "")["Labels"] == Json::array());
    CHECK(seen(resource + "/labels", "/studies/" + MINE + "/labels", mine, BOB) == Json{"A"});
    CHECK(seen("/tools/labels", "/tools/labels", {}, BOB) == Json{"A"});
    CHECK(site.ask("/tools/labels", OrthancPluginHttpMethod_Get, "/tools/labels", {}, "").status == 403);
    const std::string list = "/patients/([a-f0-9-]+)/(studies|series|instances)";
    const Json studies = seen(list, "/patients/" + PATIENT + "/studies", {PATIENT, "studies"}, BOB);
    CHECK(studies[0]["Labels"] == Json{"A"});
    CHECK(studies[1]["Labels"] == Json::array());
}

TEST_CASE("a search finds what the user's labels open") {
    Site site(site_of(Json::object()));
    const auto find = [&](const std::string &user, const Json &body) {
        return site.post(FIND, "/tools/find", {"find"}, user, body);
    };
    const auto left = [&] { return Json::parse(site.forwarded); };
    CHECK(find(ALICE, {{"Level", "Study"}, {"Query", Json::object()}}) == 200);
    CHECK(!left().contains("Labels"));
    CHECK(find(BOB, {{"Level", "Study"}, {"Query", Json::object()}}) == 200);
    CHECK(left()["Labels"] == Json{"A"});
    CHECK(left()["LabelsConstraint"] == "Any");
    CHECK(find(BOB, {{"Level", "Study"}, {"Labels", {"A", "B"}}, {"LabelsConstraint", "Any"}}) == 200);
    CHECK(left()["Labels"] == Json{"A"});
    for (const Json &wrong : std::vector<Json>{
             {{"Level", "Patient"}},
             {{"Level", "Study"}, {"Labels", {"B"}}, {"LabelsConstraint", "Any"}},
             {{"Level", "Study"}, {"Labels", {"A", "B"}}, {"LabelsConstraint", "All"}},
             {{"Level", "Study"}, {"Labels", {"A"}}, {"LabelsConstraint", "None"}},
             {{"Level", "Study"}, {"Labels", {"A"}}},
             {{"Level", "Study"}, {"LabelsConstraint", "None"}},
             {{"Level", "Series"}},
             {{"Level", "Series"}, {"ParentStudy", OTHER}},
             {{"Level", "Series"}, {"ParentPatient", PATIENT}},
             {{"Level", "Series"}, {"ParentStudy", MINE}, {"ParentSeries", 1}},
             {{"Level", "Series"}, {"Query", {{"0020,000d", "1.3"}}}},
             {{"Level", "Series"}, {"Query", {{"StudyInstanceUID", "1.2"}, {"0020000D", "1.3"}}}},
             {{"Level", "Instance"}, {"Query", {{"StudyInstanceUID", "*"}}}}}) {
        CAPTURE(wrong.dump());
        CHECK(find(BOB, wrong) == 403);
        CHECK(site.forwarded.empty());
    }
    CHECK(find(BOB, {{"Level", "Series"}, {"Query", {{"0020,000d", "1.2"}, {"Modality", "CT"}}}}) == 200);
    CHECK(left() == Json{{"Level", "Series"}, {"ParentStudy", MINE}, {"Query", {{"Modality", "CT"}}}});
    CHECK(find("", {{"Level", "Study"}, {"Query", Json::object()}}) == 403);
}

TEST_CASE("whatever a body names must be the user's") {
    Site site(site_of(Json::object()));
    const std::string merge = "/studies/([a-f0-9-]+)/merge";
    const auto bulk = [&](const std::string &user, const Json &body) {
        return site.post(BULK, "/tools/bulk-delete", {"bulk-delete"}, user, body);
    };
    CHECK(bulk(BOB, {{"Resources", {MINE}}}) == 200);
    CHECK(bulk(ALICE, {{"Resources", {MINE, OTHER}}}) == 200);
    CHECK(bulk("", {{"Resources", {MINE}}}) == 403);
    for (const Json &wrong : {Json{MINE, OTHER}, Json{{{"ID", OTHER}, {"Level", "Study"}}}}) {
        CHECK(bulk(BOB, {{"Resources", wrong}}) == 403);
        CHECK(site.forwarded.empty());
        CHECK(site.post(STORE, "/modalities/x/store", {"modalities", "x"}, BOB, wrong) == 403);
        CHECK(site.forwarded.empty());
        CHECK(site.post(merge, "/studies/" + MINE + "/merge", {MINE}, BOB, {{"Resources", wrong}}) == 403);
        CHECK(site.forwarded.empty());
    }
    CHECK(bulk(BOB, {{"Resources", {std::string(40, 'f')}}}) == 404);
    CHECK(bulk(BOB, {{"Resources", {"../" + MINE}}}) == 404);
    CHECK(bulk(BOB, {{"Resources", {1}}}) == 400);
    CHECK(site.post(STORE, "/modalities/x/store", {"modalities", "x"}, BOB, Json(MINE)) == 200);
    // As Orthanc takes it, an identifier need be no JSON.
    CHECK(site.ask(STORE, OrthancPluginHttpMethod_Post, "/peers/x/store", {"peers", "x"}, BOB, MINE).status ==
          200);
    CHECK(
        site.ask(STORE, OrthancPluginHttpMethod_Post, "/peers/x/store", {"peers", "x"}, BOB, OTHER).status ==
        403);
    // Whoever was let through by the path alone, as with a token for it, is nobody here.
    CHECK(site.post(merge, "/studies/" + MINE + "/merge", {MINE}, "", {{"Resources", {OTHER}}}) == 403);
    CHECK(site.post(STORE, "/peers/x/store", {"peers", "x"}, "", {{"Resources", {MINE}}}) == 403);
    CHECK(site.forwarded.empty());
}

TEST_CASE("with audit logs, only jobs modify, and nobody names another user") {
    Site site(site_of({{"EnableAuditLogs", true}}));
    const std::string route = "/(patients|studies|series|instances)/([a-f0-9-]+)/(modify|anonymize)";
    const auto modify = [&](const std::string &level, const Json &body) {
        return site.post(route, "/" + level + "/" + MINE + "/modify", {level, MINE, "modify"}, BOB, body);
    };
    for (const char *level : {"patients", "studies", "series"}) {
        CHECK(modify(level, Json::object()) == 501);
        CHECK(modify(level, {{"Synchronous", true}}) == 501);
        CHECK(modify(level, {{"Asynchronous", true}, {"Synchronous", true}}) == 501);
        CHECK(modify(level, {{"Asynchronous", 1}}) == 400);
        CHECK(modify(level, Json::array()) == 400);
        CHECK(site.forwarded.empty());
        for (const Json &job : {Json{{"Asynchronous", true}}, Json{{"Synchronous", false}}}) {
            Json body = job;
            body["UserData"] = {{"AuditLogsUserId", "alice"}, {"own", 1}};
            CHECK(modify(level, body) == 200);
            CHECK(Json::parse(site.forwarded)["UserData"] == Json{{"AuditLogsUserId", "bob"}, {"own", 1}});
        }
    }
    CHECK(modify("instances", Json::object()) == 200);
}

TEST_CASE("a user makes tokens for what is his") {
    Site site(site_of({{"WebServiceTokenCreationBaseUrl", "http://service/tokens"}}));
    site.service = {{"token", "t"}, {"url", nullptr}};
    const auto make = [&](const std::string &user, const Json &resource) {
        return site
            .ask(TOKENS, OrthancPluginHttpMethod_Put, "/auth/tokens/viewer-instant-link",
                 {"viewer-instant-link"}, user, Json{{"ID", "x"}, {"Resources", {resource}}}.dump())
            .status;
    };
    CHECK(make(BOB, {{"OrthancId", MINE}, {"Level", "study"}}) == 200);
    CHECK(site.told == Json{{"id", "x"},
                            {"server-id", nullptr},
                            {"type", "viewer-instant-link"},
                            {"resources", {{{"orthanc-id", MINE}, {"level", "study"}}}}});
    CHECK(make(BOB, {{"DicomUid", "1.2"}}) == 200);
    CHECK(make(BOB, {{"OrthancId", OTHER}}) == 403);
    CHECK(make(BOB, {{"OrthancId", MINE}, {"DicomUid", "1.3"}}) == 403);
    CHECK(make(BOB, {{"DicomUid", "1.2"}, {"Level", "series"}}) == 403);
    CHECK(make(BOB, {{"Url", "http://anything"}}) == 403);
    CHECK(make(BOB, {{"OrthancId", MINE}, {"Url", "/studies/" + OTHER + "/archive"}}) == 403);
    CHECK(make(BOB, {{"OrthancId", MINE}, {"Level", "system"}}) == 403);
    CHECK(make("", {{"OrthancId", MINE}}) == 403);
    CHECK(site.ask(TOKENS, OrthancPluginHttpMethod_Put, "/auth/tokens/viewer-instant-link",
                   {"viewer-instant-link"}, BOB, R"({"ID": "x", "Resources": []})")
              .status == 403);
    CHECK(make(ALICE, {{"OrthancId", OTHER}}) == 200);
    CHECK(make(ALICE, {{"Url", "http://anything"}}) == 200);
}

TEST_CASE("the routes below /auth answer as the official plugin's") {
    Site site(site_of({{"Permissions", {{"get", "^/a$", "two|one"}, {"get", "^/b$", ""}}}}));
    const Answered profile =
        site.ask("/auth/user/profile", OrthancPluginHttpMethod_Get, "/auth/user/profile", {}, BOB);
    CHECK(Json::parse(profile.body) == Json{{"name", "bob"},
                                            {"permissions", {"all"}},
                                            {"groups", Json::array()},
                                            {"authorized-labels", {"A"}},
                                            {"user-id", "bob"}});
    CHECK(site.ask("/auth/user/profile", OrthancPluginHttpMethod_Get, "/auth/user/profile", {}, "").status ==
          403);
    const std::string permissions = "/auth/settings/permissions";
    CHECK(Json::parse(site.ask(permissions, OrthancPluginHttpMethod_Get, permissions, {}, ALICE).body) ==
          Json{"one", "two"});
    const std::string roles = "/auth/settings/roles";
    CHECK(site.ask(roles, OrthancPluginHttpMethod_Get, roles, {}, ALICE).body == "null");
    CHECK(site.ask(roles, OrthancPluginHttpMethod_Put, roles, {}, ALICE, "{}").status == 500);
}

TEST_CASE("what was known of a resource is forgotten with it") {
    Site site(site_of(Json::object()));
    const std::string mine = "/studies/" + MINE;
    CHECK(site.lets(OrthancPluginHttpMethod_Get, mine.c_str(), BOB));
    const auto kept = site.orthanc.api;
    site.orthanc.api = [](const _OrthancPluginCallRestApi &call, std::string &) {
        *call.httpStatus = 404;
        return OrthancPluginErrorCode_Success;
    };
    CHECK(site.lets(OrthancPluginHttpMethod_Get, mine.c_str(), BOB));
    REQUIRE(site.orthanc.changed != nullptr);
    site.orthanc.changed(OrthancPluginChangeType_Deleted, OrthancPluginResourceType_Study, MINE.c_str());
    CHECK(!site.lets(OrthancPluginHttpMethod_Get, mine.c_str(), BOB));
    site.orthanc.api = kept;
}

} // namespace orthanc_images::tests
