// ConnectivityChecks: what is asked of whom, and what is told of it.
#include "connectivity/checks.h"
#include "connectivity/metrics.h"
#include "framework/plugin.h"
#include "tests/explorer/world.h"

#include <catch2/catch_test_macros.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <latch>
#include <optional>

using namespace orthanc_images;
using namespace orthanc_images::connectivity;
using namespace orthanc_images::tests;

namespace {

constexpr std::chrono::seconds LONG{10};

Target modality(const std::string &name) {
    return {std::string(MODALITIES), name};
}

Target peer(const std::string &name) {
    return {std::string(PEERS), name};
}

Target web(const std::string &name) {
    return {std::string(DICOM_WEB), name};
}

// An Orthanc with servers of each kind, of which "dead" ones do not answer.
class World {
  public:
    World() {
        orthanc.peers = {"other", "dead"};
        orthanc.peer_web = [](const Sent &sent) {
            Answered answer;
            answer.status = sent.url == "other/system" ? 200 : 401;
            return answer;
        };
        orthanc.api = [this](const _OrthancPluginCallRestApi &call, std::string &body) {
            *call.httpStatus = 200;
            const std::string what =
                std::string(call.method == OrthancPluginHttpMethod_Get ? "" : "POST ") + call.uri;
            const auto found = answers.find(what);
            if (found == answers.end()) {
                return OrthancPluginErrorCode_NetworkProtocol;
            }
            bodies[what] = std::string(static_cast<const char *>(call.body), call.bodySize);
            body = found->second;
            return OrthancPluginErrorCode_Success;
        };
        // Before the lock of this Orthanc is taken, so that it serves others meanwhile.
        orthanc.extra = [this](_OrthancPluginService service, const void *parameters) {
            if (service == _OrthancPluginService_CallRestApi &&
                slow == static_cast<const _OrthancPluginCallRestApi *>(parameters)->uri) {
                asked_slow.count_down();
                released.wait();
            }
            return std::optional<OrthancPluginErrorCode>();
        };
    }

    Json status() {
        const Asked asked;
        return Json::parse(orthanc.request("/connectivity-checks/status", asked.request).second.body);
    }

    std::map<std::string, std::string> answers{{"/plugins", R"(["explorer.js", "dicom-web"])"},
                                               {"/modalities", R"(["ct", "dead"])"},
                                               {"/dicom-web/servers", R"(["a b"])"},
                                               {"POST /modalities/ct/echo", "{}"},
                                               {"POST /dicom-web/servers/a b/qido", "[]"}};
    std::map<std::string, std::string> bodies;
    // The path of which nothing answers until the latch is released.
    std::string slow;
    std::latch asked_slow{1};
    std::latch released{1};
    // The last member: it ends before what it uses.
    FakeOrthanc orthanc;
};

// Asks all servers once, and waits for all.
Outcomes asked_all() {
    Checks checks;
    checks.begin();
    checks.wait(LONG, 1);
    return checks.outcomes();
}

} // namespace

TEST_CASE("each server is asked as the official plugin does, in bounded time") {
    World world;
    const Outcomes outcomes = asked_all();
    CHECK(outcomes.size() == 5);
    CHECK(outcomes.at(modality("ct")).up);
    CHECK(Json::parse(world.bodies.at("POST /modalities/ct/echo")) == Json({{"Timeout", 5}}));
    CHECK(outcomes.at(peer("other")).up);
    CHECK(outcomes.at(web("a b")).up);
    CHECK(Json::parse(world.bodies.at("POST /dicom-web/servers/a b/qido")) ==
          Json({{"Uri", "/studies"}, {"Arguments", {{"00100010", "CONNECTIVITY^CHECKS"}}}}));
}

TEST_CASE("a server that is down is told with the reason") {
    World world;
    const Outcomes outcomes = asked_all();
    const Outcome &dead = outcomes.at(modality("dead"));
    CHECK((dead.known && !dead.up));
    CHECK(dead.error.starts_with("POST /modalities/dead/echo: "));
    CHECK(outcomes.at(peer("dead")).error == "it answers with status 401");
}

TEST_CASE("names are taken as they are, but for a slash, which would make another path") {
    World world;
    world.answers["/dicom-web/servers"] = R"(["q?x=1#y", "p%20q", "../../modalities/ct/echo"])";
    world.answers["POST /dicom-web/servers/q?x=1#y/qido"] = "[]";
    world.answers["POST /dicom-web/servers/p%20q/qido"] = "[]";
    const Outcomes outcomes = asked_all();
    CHECK(outcomes.at(web("q?x=1#y")).up);
    CHECK(outcomes.at(web("p%20q")).up);
    const Outcome &slashed = outcomes.at(web("../../modalities/ct/echo"));
    CHECK((slashed.known && !slashed.up));
    CHECK(slashed.error ==
          "Orthanc's REST API cannot name it: there is a slash in its name. Give it another name.");
}

TEST_CASE("DICOMweb servers are where the plugin DICOMweb is, if it is there") {
    World world;
    world.orthanc.configuration = R"({"DicomWeb": {"Root": "dw"}})";
    world.answers["/dw/servers"] = R"(["there"])";
    world.answers["POST /dw/servers/there/qido"] = "[]";
    CHECK(asked_all().at(web("there")).up);
    world.orthanc.configuration = R"({"DicomWeb": {"Enable": false}})";
    CHECK(asked_all().size() == 4);
    world.orthanc.configuration = "{}";
    world.answers["/plugins"] = R"(["explorer.js"])";
    CHECK(asked_all().size() == 4);
    CHECK(world.orthanc.lines().empty());
}

TEST_CASE("nothing is asked twice within the pause, and what is gone is told no more") {
    World world;
    Checks checks({.threads = 2, .pause = std::chrono::hours(1)});
    checks.begin();
    checks.wait(LONG, 1);
    world.answers["/modalities"] = "[]";
    checks.begin();
    checks.wait(LONG, 1);
    CHECK(checks.outcomes().contains(modality("ct")));

    Checks eager({.threads = 2, .pause = std::chrono::seconds(0)});
    eager.begin();
    eager.wait(LONG, 1);
    world.answers["/modalities"] = R"(["ct"])";
    eager.begin();
    eager.wait(LONG, 1);
    CHECK(eager.outcomes().at(modality("ct")).up);
    // A list that cannot be read says nothing of what is in it.
    world.answers.erase("/modalities");
    eager.begin();
    eager.wait(LONG, 1);
    CHECK(eager.outcomes().contains(modality("ct")));
    CHECK_FALSE(world.orthanc.lines().empty());
    world.answers["/modalities"] = "[]";
    eager.begin();
    eager.wait(LONG, 1);
    CHECK_FALSE(eager.outcomes().contains(modality("ct")));
}

TEST_CASE("a server that does not answer is not waited for, and counts as down after a while") {
    World world;
    world.slow = "/modalities/ct/echo";
    Checks checks({.longest = std::chrono::milliseconds(300)});
    checks.begin();
    world.asked_slow.wait();
    Outcome ct = checks.outcomes().at(modality("ct"));
    CHECK_FALSE(ct.known);
    CHECK(ct.error == "it has not answered yet");
    checks.wait(std::chrono::milliseconds(400), 1);
    const Outcomes outcomes = checks.outcomes();
    CHECK(outcomes.at(peer("other")).up);
    ct = outcomes.at(modality("ct"));
    CHECK((ct.known && !ct.up));
    CHECK(ct.seconds >= 0.3);
    CHECK(ct.error == "it has not answered yet");
    // No room: it waits not at all.
    checks.wait(LONG, 0);
    world.released.count_down();
    checks.wait(LONG, 1);
    CHECK(checks.outcomes().at(modality("ct")).up);
}

TEST_CASE("a list that is slow keeps no request") {
    World world;
    world.slow = "/modalities";
    Checks checks;
    checks.begin();
    world.asked_slow.wait();
    checks.begin();
    checks.wait(std::chrono::milliseconds(1), 1);
    CHECK(checks.outcomes().empty());
    world.released.count_down();
    checks.wait(LONG, 1);
    CHECK(checks.outcomes().size() == 5);
}

TEST_CASE("once stopped, nothing is asked") {
    World world;
    Checks checks;
    checks.stop();
    checks.begin();
    checks.wait(LONG, 1);
    CHECK(checks.outcomes().empty());
}

TEST_CASE("servers that wait for a thread are asked later") {
    World world;
    Json names = Json::array();
    for (int i = 0; i < 50; ++i) {
        names.push_back("m" + std::to_string(i));
    }
    world.answers["/modalities"] = names.dump();
    Checks checks({.threads = 1});
    checks.begin();
    checks.wait(LONG, 1);
    const Outcomes outcomes = checks.outcomes();
    CHECK(outcomes.size() == 53);
    CHECK(std::ranges::all_of(outcomes, [](const auto &one) { return one.second.known; }));
}

TEST_CASE("metrics have the kind and the name as labels, escaped") {
    CHECK(metric("up", modality("ct-1")) == R"(orthanc_connectivity_up{kind="modality",name="ct-1"})");
    CHECK(metric("seconds", web("a\"b\\c\nd")) ==
          R"(orthanc_connectivity_seconds{kind="dicom_web",name="a\"b\\c\nd"})");
}

TEST_CASE("the metric of a server that is gone is no number") {
    FakeOrthanc orthanc;
    Metrics metrics;
    metrics.tell({{peer("a"), {.known = true, .up = true, .seconds = 0.5}}, {peer("b"), {}}});
    CHECK(orthanc.measures ==
          std::map<std::string, float>{{R"(orthanc_connectivity_up{kind="peer",name="a"})", 1.0F},
                                       {R"(orthanc_connectivity_seconds{kind="peer",name="a"})", 0.5F}});
    metrics.tell({});
    CHECK(std::isnan(orthanc.measures.at(R"(orthanc_connectivity_up{kind="peer",name="a"})")));
    metrics.tell({{peer("a"), {.known = true}}});
    CHECK(orthanc.measures.at(R"(orthanc_connectivity_up{kind="peer",name="a"})") == 0);
}

TEST_CASE("the plugin answers in JSON and in metrics, and ends its checks with Orthanc") {
    World world;
    lay_out_pages();
    start();
    const Json all = world.status();
    CHECK(all.at("Modalities").at("ct").at("Up") == true);
    CHECK(all.at("Modalities").at("ct").at("Error") == "");
    CHECK(all.at("Modalities").at("dead").at("Up") == false);
    CHECK(all.at("Peers").at("other").at("Seconds").is_number());
    CHECK(all.at("DicomWebServers").at("a b").at("Up") == true);
    world.orthanc.refresh();
    CHECK(world.orthanc.measures.at(R"(orthanc_connectivity_up{kind="modality",name="dead"})") == 0);
    CHECK(world.orthanc.measures.at(R"(orthanc_connectivity_up{kind="modality",name="ct"})") == 1);
    CHECK(world.orthanc.changed(OrthancPluginChangeType_OrthancStopped, OrthancPluginResourceType_None,
                                nullptr) == OrthancPluginErrorCode_Success);
    finish();
}

TEST_CASE("what is not known yet is null") {
    const Json one =
        described({{modality("ct"), {.error = "it has not answered yet"}}}).at("Modalities").at("ct");
    CHECK(one == Json({{"Up", nullptr}, {"Seconds", nullptr}, {"Error", "it has not answered yet"}}));
}

TEST_CASE("only GET is allowed, and a missing file is not there") {
    World world;
    lay_out_pages();
    start();
    for (const std::string route : {"/connectivity-checks/status", "/connectivity-checks/app/(.*)"}) {
        Asked asked({}, "index.html");
        asked.request.method = OrthancPluginHttpMethod_Post;
        CHECK(world.orthanc.request(route, asked.request).second.status == 405);
    }
    const Asked missing({}, "none.js");
    CHECK(world.orthanc.request("/connectivity-checks/app/(.*)", missing.request).second.status == 404);
    const Asked page({}, "index.html");
    CHECK(world.orthanc.request("/connectivity-checks/app/(.*)", page.request).second.status == 200);
    finish();
}
