// The plugin between an Orthanc and its peers: routes, jobs, and what goes over the wire, as the official
// plugin has it. The peers answer by a script, honestly or not.
#include "framework/plugin.h"
#include "tests/fake_orthanc.h"
#include "transfers/codec.h"
#include "transfers/pushes.h"
#include "transfers/values.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <array>
#include <atomic>
#include <map>
#include <mutex>

using namespace orthanc_images;
using namespace orthanc_images::transfers;
using orthanc_images::tests::Answered;
using orthanc_images::tests::FakeOrthanc;
using orthanc_images::tests::Sent;

namespace {

const std::string STUDY = "aaaaaaaa-aaaaaaaa-aaaaaaaa-aaaaaaaa-aaaaaaaa";

std::string md5(std::string_view content) {
    Digest digest;
    digest.add(content);
    return digest.text();
}

Answered says(int status, const std::string &body = {}) {
    Answered answer;
    answer.status = status;
    answer.body = body;
    return answer;
}

// An Orthanc with a study, which stores what it is given, and has the plugin.
class Site {
  public:
    explicit Site(const std::string &section = "{}") {
        orthanc.configuration = R"({"OrthancPeers": {"peer": {"Url": "http://peer", "Username": "u",
            "Password": "p", "HttpHeaders": {"Extra": "1"}}, "both": ["http://both/"]}, "Transfers": )" +
                                section + "}";
        orthanc.peers = {"peer", "both"};
        orthanc.api = [this](const _OrthancPluginCallRestApi &call, std::string &body) {
            return api(call, body);
        };
        orthanc.peer_web = [](const Sent &) { return Answered{}; };
        start();
    }

    Site(const Site &) = delete;
    Site &operator=(const Site &) = delete;

    ~Site() {
        finish();
    }

    Json answer(OrthancPluginHttpMethod method, const std::string &pattern, const std::string &body = {},
                const std::vector<const char *> &groups = {},
                const std::map<std::string, std::string> &arguments = {}) {
        const Answered answered = raw(method, pattern, body, groups, arguments);
        return answered.status == 200 ? Json::parse(answered.body, nullptr, false) : Json();
    }

    Answered raw(OrthancPluginHttpMethod method, const std::string &pattern, const std::string &body = {},
                 const std::vector<const char *> &groups = {},
                 const std::map<std::string, std::string> &arguments = {}) {
        std::vector<const char *> keys;
        std::vector<const char *> values;
        for (const auto &[key, value] : arguments) {
            keys.push_back(key.c_str());
            values.push_back(value.c_str());
        }
        OrthancPluginHttpRequest request{};
        request.method = method;
        request.groups = groups.data();
        request.groupsCount = static_cast<std::uint32_t>(groups.size());
        request.getKeys = keys.data();
        request.getValues = values.data();
        request.getCount = static_cast<std::uint32_t>(keys.size());
        request.body = body.data();
        request.bodySize = static_cast<std::uint32_t>(body.size());
        auto [code, answered] = orthanc.request(pattern, request);
        last = code;
        return answered;
    }

    Answered put(const std::string &push, const std::string &bucket, const std::string &body,
                 const std::string &length = {}) {
        const std::array groups{push.c_str(), bucket.c_str()};
        const std::array keys{"content-length"};
        const std::array values{length.c_str()};
        OrthancPluginHttpRequest request{};
        request.method = OrthancPluginHttpMethod_Put;
        request.groups = groups.data();
        request.groupsCount = 2;
        request.headersKeys = keys.data();
        request.headersValues = values.data();
        request.headersCount = length.empty() ? 0 : 1;
        auto [code, answered] = orthanc.put("/transfers/push/([.0-9a-f-]+)/([0-9]+)", request, body);
        last = code;
        return answered;
    }

    // Runs the last job to its end, and returns its content.
    Json run(OrthancPluginJobStepStatus expected) {
        const _OrthancPluginCreateJob &job = orthanc.jobs.back().functions;
        OrthancPluginJobStepStatus status = OrthancPluginJobStepStatus_Continue;
        while (status == OrthancPluginJobStepStatus_Continue) {
            status = job.step(job.job);
            CHECK(job.getProgress(job.job) <= 1);
        }
        CHECK(status == expected);
        job.stop(job.job, status == OrthancPluginJobStepStatus_Success ? OrthancPluginJobStopReason_Success
                                                                       : OrthancPluginJobStopReason_Failure);
        return Json::parse(job.getContent(job.job));
    }

    Json query(const std::string &peer, const std::string &compression = "gzip") {
        return {{"Resources", {{{"Level", "Study"}, {"ID", STUDY}}}},
                {"Compression", compression},
                {"Peer", peer},
                {"SenderTransferID", "sender"}};
    }

    FakeOrthanc orthanc;
    std::map<std::string, std::string> files{{"a1", std::string(3000, 'a')}, {"b2", "bb"}, {"c3", "ccc"}};
    std::vector<std::string> stored;
    bool knows_md5 = true;
    Json both{{"Url", "http://both/"}, {"RemoteSelf", "me"}};
    OrthancPluginErrorCode last{};

  private:
    OrthancPluginErrorCode api(const _OrthancPluginCallRestApi &call, std::string &body) {
        const std::string uri = call.uri;
        *call.httpStatus = 200;
        if (uri == "/instances") {
            stored.emplace_back(static_cast<const char *>(call.body), call.bodySize);
            body = "{}";
        } else if (uri == "/studies/" + STUDY + "/instances?expand=false") {
            Json list = Json::array();
            for (const auto &[id, content] : files) {
                list.push_back(id);
            }
            body = list.dump();
        } else if (uri == "/peers/peer/configuration") {
            body = R"({"Url": "http://peer/", "Username": "u", "Password": null, "HttpHeaders": ["Extra"]})";
        } else if (uri == "/peers/both/configuration") {
            body = both.dump();
        } else if (uri.starts_with("/instances/") && files.contains(uri.substr(11, 2))) {
            const std::string &content = files.at(uri.substr(11, 2));
            body = uri.ends_with("info") ? Json{{"UncompressedSize", content.size()},
                                                {"UncompressedMD5", knows_md5 ? md5(content) : ""}}
                                               .dump()
                                         : content;
        } else {
            return OrthancPluginErrorCode_UnknownResource;
        }
        return OrthancPluginErrorCode_Success;
    }
};

// A peer as the facts of the official plugin describe it, which receives.
struct Receiver {
    std::mutex mutex;
    std::vector<Sent> all;
    Json created;
    std::map<std::string, std::string> buckets;
    int committed = 0;
    int deleted = 0;
    int failures = 0;
    int commit_status = 200;

    Answered operator()(const Sent &sent) {
        const std::scoped_lock lock(mutex);
        all.push_back(sent);
        Answered answer = says(200, "{}");
        if (sent.method == "POST" && sent.url == "http://peer/transfers/push") {
            created = Json::parse(sent.body);
            answer.body = R"({"ID": "ab-cd", "Path": "/transfers/push/ab-cd"})";
            answer.headers = {{"Set-Cookie", "route=7; Path=/; HttpOnly"}};
        } else if (sent.method == "PUT" && sent.url.starts_with("http://peer/transfers/push/ab-cd/")) {
            if (failures > 0) {
                --failures;
                return says(500);
            }
            buckets[sent.url.substr(33)] = sent.body;
        } else if (sent.method == "POST" && sent.url == "http://peer/transfers/push/ab-cd/commit") {
            ++committed;
            answer.status = commit_status;
        } else if (sent.method == "DELETE" && sent.url == "http://peer/transfers/push/ab-cd") {
            ++deleted;
        } else {
            answer.status = 404;
        }
        return answer;
    }
};

void receives(Site &site, Receiver &receiver) {
    site.orthanc.peer_web = [&receiver](const Sent &sent) { return receiver(sent); };
}

// A peer that sends: what /transfers/lookup says, and its files.
Answered sender(const Site &site, const Sent &sent, const std::string &originator = "origin") {
    if (sent.method == "POST" && sent.url == "http://peer/transfers/lookup") {
        Json instances = Json::array();
        for (const auto &[id, content] : site.files) {
            instances.push_back(
                {{"ID", id}, {"Size", std::to_string(content.size())}, {"MD5", md5(content)}});
        }
        return says(200, Json{{"Instances", instances}, {"Originator", originator}}.dump());
    }
    const std::string prefix = "http://peer/transfers/chunks/";
    if (sent.method != "GET" || !sent.url.starts_with(prefix)) {
        return says(404);
    }
    std::string all;
    const std::size_t question = sent.url.find('?');
    const std::string ids = sent.url.substr(prefix.size(), question - prefix.size());
    for (std::size_t at = 0; at < ids.size(); at += 3) {
        all += site.files.at(ids.substr(at, 2));
    }
    const std::size_t offset = std::stoul(sent.url.substr(sent.url.find("offset=") + 7));
    const std::size_t size = std::stoul(sent.url.substr(sent.url.find("size=") + 5));
    all = all.substr(offset, size);
    return says(200, sent.url.ends_with("gzip") ? compressed(all) : all);
}

} // namespace

TEST_CASE("a push goes over the wire as the official plugin sends it") {
    for (const bool gzip : {true, false}) {
        Site site(R"({"BucketSize": 1})");
        Receiver receiver;
        receives(site, receiver);
        const Json answer = site.answer(OrthancPluginHttpMethod_Post, "/transfers/send",
                                        site.query("peer", gzip ? "gzip" : "none").dump());
        CHECK(answer == Json{{"ID", "job of priority 0"}, {"Path", "/jobs/job of priority 0"}});
        CHECK(site.orthanc.jobs.back().type == "PushTransfer");
        const Json content = site.run(OrthancPluginJobStepStatus_Success);
        CHECK(receiver.created.at("Compression") == (gzip ? "gzip" : "none"));
        CHECK(receiver.created.at("Instances")[0] ==
              Json{{"ID", "a1"}, {"Size", "3000"}, {"MD5", md5(site.files.at("a1"))}});
        CHECK(receiver.created.at("Buckets") == Json::parse(R"([[{"ID": "a1", "Offset": "0", "Size": "1500"}],
                              [{"ID": "a1", "Offset": "1500", "Size": "1500"}],
                              [{"ID": "b2", "Offset": "0", "Size": "2"}, {"ID": "c3", "Offset": "0", "Size": "3"}]])"));
        REQUIRE(receiver.buckets.size() == 3);
        const std::string &last = receiver.buckets.at("2");
        CHECK((gzip ? expanded(last, 5) : last) == "bbccc");
        CHECK(receiver.committed == 1);
        CHECK(receiver.deleted == 0);
        for (const Sent &sent : receiver.all) {
            CHECK(sent.headers.at("sender-transfer-id") == "sender");
            CHECK(sent.headers.at("Expect").empty());
            CHECK(sent.headers.at("Extra") == "1");
            CHECK(sent.user == "u");
            const bool first = sent.url.ends_with("/push");
            CHECK(sent.headers.contains("Cookie") == !first);
            CHECK((first || sent.headers.at("Cookie") == "route=7"));
            CHECK(sent.timeout == (sent.method == "PUT" ? 0 : 600));
        }
        CHECK(content.at("TotalInstances") == 3);
        CHECK(content.at("TotalSizeMB") == 0);
        CHECK(content.at("UploadedSizeMB") == 0);
        CHECK(content.at("CompletedHttpQueries") == 3);
        CHECK(content.contains("NetworkSpeedKBs"));
        CHECK(content.at("Compression") == (gzip ? "gzip" : "none"));
        CHECK_FALSE(content.contains("Error"));
    }
}

TEST_CASE("a push that fails says so, and is taken back") {
    Site site;
    Receiver receiver;
    receives(site, receiver);
    receiver.failures = 1;
    site.answer(OrthancPluginHttpMethod_Post, "/transfers/send", site.query("peer").dump());
    const Json content = site.run(OrthancPluginJobStepStatus_Failure);
    CHECK_THAT(content.at("Error").get<std::string>(), Catch::Matchers::ContainsSubstring("it answers 500"));
    CHECK(receiver.deleted == 1);
    CHECK(receiver.committed == 0);
    // Begun anew, it works.
    const _OrthancPluginCreateJob &job = site.orthanc.jobs.back().functions;
    job.reset(job.job);
    CHECK_FALSE(site.run(OrthancPluginJobStepStatus_Success).contains("Error"));
    receiver.commit_status = 500;
    job.reset(job.job);
    site.run(OrthancPluginJobStepStatus_Failure);
    CHECK(receiver.deleted == 2);
}

TEST_CASE("a request is made again as often as the settings say") {
    Site site(R"({"MaxHttpRetries": 1})");
    Receiver receiver;
    receives(site, receiver);
    receiver.failures = 1;
    site.answer(OrthancPluginHttpMethod_Post, "/transfers/send", site.query("peer").dump());
    site.run(OrthancPluginJobStepStatus_Success);
    CHECK(receiver.committed == 1);
}

TEST_CASE("a job that was saved does all of its work again, and one that is paused goes on") {
    Site site(R"({"BucketSize": 1})");
    Receiver receiver;
    receives(site, receiver);
    site.answer(OrthancPluginHttpMethod_Post, "/transfers/send", site.query("peer").dump());
    const _OrthancPluginCreateJob first = site.orthanc.jobs.back().functions;
    const std::string saved = first.getSerialized(first.job);
    Json expected = site.query("peer");
    CHECK(Json::parse(saved) == expected);
    first.step(first.job);
    first.stop(first.job, OrthancPluginJobStopReason_Paused);
    site.run(OrthancPluginJobStepStatus_Success);
    CHECK(receiver.committed == 1);
    CHECK(receiver.deleted == 0);
    CHECK(site.orthanc.unserializer("Other", saved.c_str()) == nullptr);
    CHECK(site.orthanc.unserializer("PushTransfer", "{}") == nullptr);
    REQUIRE(site.orthanc.unserializer("PushTransfer", saved.c_str()) != nullptr);
    site.run(OrthancPluginJobStepStatus_Success);
    CHECK(receiver.committed == 2);
    REQUIRE(site.orthanc.unserializer("PullTransfer", saved.c_str()) != nullptr);
    CHECK(site.orthanc.jobs.back().type == "PullTransfer");
}

TEST_CASE("a pull asks as the official plugin does, and stores what came") {
    for (const bool gzip : {true, false}) {
        Site site(R"({"BucketSize": 1, "CommitThreadsCount": 2})");
        std::mutex mutex;
        std::vector<Sent> all;
        site.orthanc.peer_web = [&](const Sent &sent) {
            const std::scoped_lock lock(mutex);
            all.push_back(sent);
            return sender(site, sent);
        };
        Json query = site.query("peer", gzip ? "gzip" : "none");
        query["Originator"] = "origin";
        site.answer(OrthancPluginHttpMethod_Post, "/transfers/pull", query.dump());
        CHECK(site.orthanc.jobs.back().type == "PullTransfer");
        const Json content = site.run(OrthancPluginJobStepStatus_Success);
        CHECK(all.at(0).url == "http://peer/transfers/lookup");
        CHECK(Json::parse(all.at(0).body) == query.at("Resources"));
        CHECK(all.size() == 4);
        CHECK(site.stored.size() == 3);
        CHECK(content.at("TotalInstances") == 3);
        CHECK(content.at("CompletedHttpQueries") == 3);
        CHECK(content.at("Originator") == "origin");
        CHECK(content.contains("DownloadedSizeMB"));
    }
}

TEST_CASE("a peer that lies is found out, and nothing of it is stored") {
    Site site;
    const auto fails = [&](const std::function<Answered(const Sent &)> &web, const std::string &why) {
        site.orthanc.peer_web = web;
        Json query = site.query("peer");
        query["Originator"] = "origin";
        site.answer(OrthancPluginHttpMethod_Post, "/transfers/pull", query.dump());
        const Json content = site.run(OrthancPluginJobStepStatus_Failure);
        CHECK_THAT(content.at("Error").get<std::string>(), Catch::Matchers::ContainsSubstring(why));
        CHECK(site.stored.empty());
    };
    const auto changed = [&](const std::function<void(Json &)> &change) {
        return [&site, change](const Sent &sent) {
            Answered answer = sender(site, sent);
            if (sent.url.ends_with("lookup")) {
                Json body = Json::parse(answer.body);
                change(body);
                answer.body = body.dump();
            }
            return answer;
        };
    };
    fails([&](const Sent &sent) { return sender(site, sent, "somebody else"); }, "Correct RemoteSelf");
    fails([](const Sent &) { return says(0); }, "peer \"peer\", POST /transfers/lookup");
    fails([](const Sent &) { return says(200, "no JSON"); }, "not JSON");
    fails([](const Sent &) { return says(200, "{}"); }, "lists no instances");
    fails([](const Sent &) { return says(200, std::string(65U << 20U, ' ')); }, "it answers more than");
    fails(changed([](Json &body) { body["Instances"][0]["MD5"] = md5("other"); }), "not what its sender has");
    fails(changed([](Json &body) { body["Instances"][0]["Size"] = "2999"; }), "not what its sender has");
    fails(changed([](Json &body) { body["Instances"][0]["ID"] = "../../system"; }), "identifier");
    fails(changed([](Json &body) { body["Instances"][0]["Size"] = "99999999999"; }), "4 GiB");
    fails(
        [&](const Sent &sent) {
            Answered answer = sender(site, sent);
            if (sent.method == "GET") {
                answer.body = std::string(1U << 20U, 'x');
            }
            return answer;
        },
        "it answers more than");
    fails(
        [&](const Sent &sent) {
            return sent.method == "GET" ? says(200, compressed(std::string(500000, 'x')))
                                        : sender(site, sent);
        },
        "a bucket");
}

TEST_CASE("a pull of nothing succeeds") {
    Site site;
    site.files.clear();
    site.orthanc.peer_web = [&](const Sent &sent) { return sender(site, sent); };
    site.answer(OrthancPluginHttpMethod_Post, "/transfers/pull", site.query("peer").dump());
    CHECK(site.run(OrthancPluginJobStepStatus_Success).at("TotalInstances") == 0);
}

TEST_CASE("a peer that knows this server is asked to fetch") {
    Site site;
    Sent asked;
    site.orthanc.peer_web = [&](const Sent &sent) {
        asked = sent;
        return says(200, R"({"ID": "j", "Path": "/jobs/j"})");
    };
    CHECK(site.answer(OrthancPluginHttpMethod_Post, "/transfers/send", site.query("both").dump()) ==
          Json{{"Peer", "both"}, {"RemoteJob", "j"}, {"URL", "http://both//jobs/j"}});
    CHECK(asked.url == "http://both/transfers/pull");
    const Json body = Json::parse(asked.body);
    CHECK(body.at("Peer") == "me");
    const Json lookup = site.answer(OrthancPluginHttpMethod_Post, "/transfers/lookup",
                                    site.query("both").at("Resources").dump());
    CHECK(body.at("Originator") == lookup.at("Originator"));
    CHECK(site.orthanc.jobs.empty());
    site.orthanc.peer_web = [](const Sent &) { return says(404); };
    CHECK(site.answer(OrthancPluginHttpMethod_Post, "/transfers/send", site.query("both").dump()).is_null());
    CHECK(site.last == OrthancPluginErrorCode_NetworkProtocol);
}

TEST_CASE("/transfers/peers tells what each peer can do") {
    Site site;
    site.orthanc.peers.emplace_back("gone");
    site.orthanc.peer_web = [](const Sent &sent) {
        CHECK(sent.timeout == 2);
        return says(200, R"(["dicom-web", "transfers"])");
    };
    CHECK(site.answer(OrthancPluginHttpMethod_Get, "/transfers/peers") ==
          Json{{"peer", "installed"}, {"both", "bidirectional"}, {"gone", "disabled"}});
    site.orthanc.peer_web = [](const Sent &) { return says(200, R"(["dicom-web"])"); };
    CHECK(site.answer(OrthancPluginHttpMethod_Get, "/transfers/peers").at("both") == "disabled");
}

TEST_CASE("/transfers/lookup tells sizes and MD5s, whether Orthanc has kept them or not") {
    Site site;
    const std::string body =
        Json{{{"Level", "Study"}, {"ID", STUDY}}, {{"Level", "Instance"}, {"ID", "b2"}}}.dump();
    const Json kept = site.answer(OrthancPluginHttpMethod_Post, "/transfers/lookup", body);
    CHECK(kept.at("CountInstances") == 3);
    CHECK(kept.at("TotalSize") == "3005");
    CHECK(kept.at("TotalSizeMB") == 0);
    CHECK(kept.at("Instances")[1] == Json{{"ID", "b2"}, {"Size", "2"}, {"MD5", md5("bb")}});
    site.knows_md5 = false;
    CHECK(site.answer(OrthancPluginHttpMethod_Post, "/transfers/lookup", body) == kept);
    site.orthanc.refresh();
    CHECK(site.orthanc.metric("orthanc_transfers_used_cache_size") == 3005);
    CHECK(site.orthanc.metric("orthanc_transfers_cache_miss_count") == 3);
    const auto refused = [&](const std::string &content) {
        CHECK(site.answer(OrthancPluginHttpMethod_Post, "/transfers/lookup", content).is_null());
    };
    refused(R"([{"Level": "Study", "ID": "ffff"}])");
    CHECK(site.last == OrthancPluginErrorCode_UnknownResource);
    refused("{}");
    CHECK(site.last == OrthancPluginErrorCode_BadFileFormat);
    refused("oops");
    CHECK(site.last == OrthancPluginErrorCode_BadFileFormat);
    CHECK(site.raw(OrthancPluginHttpMethod_Get, "/transfers/lookup").status == 405);
}

TEST_CASE("/transfers/chunks answers parts of files, one after the other") {
    Site site;
    const auto get = [&](const char *ids, const std::map<std::string, std::string> &arguments) {
        return site.raw(OrthancPluginHttpMethod_Get, "/transfers/chunks/([.0-9a-f-]+)", {}, {ids}, arguments);
    };
    CHECK(get("b2.c3", {}).body == "bbccc");
    CHECK(get("b2.c3", {}).type == "application/octet-stream");
    CHECK(get("b2.c3", {{"offset", "1"}, {"size", "2"}, {"other", "x"}}).body == "bc");
    CHECK(get("b2.c3", {{"offset", "3"}}).body == "cc");
    CHECK(get("b2.c3", {{"offset", "99"}}).body.empty());
    const Answered gzip = get("b2.c3", {{"compression", "gzip"}});
    CHECK(gzip.type == "application/gzip");
    CHECK(expanded(gzip.body, 5) == "bbccc");
    get("b2", {{"offset", "x"}});
    CHECK(site.last == OrthancPluginErrorCode_BadFileFormat);
    get("b2", {{"compression", "zip"}});
    CHECK(site.last == OrthancPluginErrorCode_BadFileFormat);
    get("ff", {});
    CHECK(site.last == OrthancPluginErrorCode_UnknownResource);
    get("..", {});
    CHECK(site.last == OrthancPluginErrorCode_UnknownResource);
}

TEST_CASE("a peer may push, and what it declares is what it may send") {
    Site site(R"({"MaxPushTransactions": 2})");
    const std::string one = Json{{"Instances", {{{"ID", "a1"}, {"Size", "4"}, {"MD5", md5("four")}}}},
                                 {"Buckets", {{{{"ID", "a1"}, {"Offset", "0"}, {"Size", "4"}}}}},
                                 {"Compression", "none"}}
                                .dump();
    const auto begin = [&] {
        return site.answer(OrthancPluginHttpMethod_Post, "/transfers/push", one).at("ID").get<std::string>();
    };
    const auto commit = [&](const std::string &id) {
        return site.raw(OrthancPluginHttpMethod_Post, "/transfers/push/([.0-9a-f-]+)/commit", {},
                        {id.c_str()});
    };
    const auto discard = [&](const std::string &id) {
        return site.raw(OrthancPluginHttpMethod_Delete, "/transfers/push/([.0-9a-f-]+)", {}, {id.c_str()});
    };
    const std::string first = begin();
    site.put(first, "0", "five!");
    CHECK(site.last == OrthancPluginErrorCode_NetworkProtocol);
    site.put(first, "0", "", "1000000000000");
    CHECK(site.last == OrthancPluginErrorCode_NetworkProtocol);
    site.put(first, "0", "for");
    CHECK(site.last == OrthancPluginErrorCode_NetworkProtocol);
    site.put(first, "1", "four");
    CHECK(site.last == OrthancPluginErrorCode_UnknownResource);
    site.put("ff", "0", "four");
    CHECK(site.last == OrthancPluginErrorCode_UnknownResource);
    commit(first);
    CHECK(site.last == OrthancPluginErrorCode_NetworkProtocol);
    CHECK(site.put(first, "0", "four", "4").body == "{}");
    CHECK(commit(first).body == "{}");
    CHECK(site.stored == std::vector<std::string>{"four"});
    commit(first);
    CHECK(site.last == OrthancPluginErrorCode_UnknownResource);
    const std::string second = begin();
    site.put(second, "0", "FOUR");
    commit(second);
    CHECK(site.last == OrthancPluginErrorCode_CorruptedFile);
    CHECK(site.stored.size() == 1);
    CHECK(discard(second).body == "{}");
    discard(second);
    CHECK(site.last == OrthancPluginErrorCode_UnknownResource);
    // A third one drops the one that was not used for the longest time.
    const std::string older = begin();
    const std::string newer = begin();
    site.put(older, "0", "four");
    begin();
    CHECK(site.put(older, "0", "four").body == "{}");
    site.put(newer, "0", "four");
    CHECK(site.last == OrthancPluginErrorCode_UnknownResource);
    site.orthanc.refresh();
    CHECK(site.orthanc.metric("orthanc_transfers_available_push_count") == 2);
    CHECK(site.orthanc.metric("orthanc_transfers_created_push_count") == 5);
    CHECK(site.orthanc.metric("orthanc_transfers_committed_push_count") == 2);
    CHECK(site.orthanc.metric("orthanc_transfers_aborted_push_count") == 1);
    CHECK(site.orthanc.metric("orthanc_transfers_push_total_received_bytes_count") == 16);
    site.answer(OrthancPluginHttpMethod_Post, "/transfers/push", "{}");
    CHECK(site.last == OrthancPluginErrorCode_BadFileFormat);
}

TEST_CASE("a push whose sender is silent for an hour is dropped") {
    const Site site;
    Pushes::Clock::time_point now{};
    Pushes pushes(4, [&] { return now; });
    const std::string id = pushes.begin({{"a1", 4, md5("four")}}, {{{"a1", 0, 4}}}, false, "/tmp");
    now += std::chrono::minutes(50);
    pushes.receive(id, 0, "four");
    now += std::chrono::minutes(50);
    pushes.expire();
    CHECK(pushes.figures().available == 1);
    now += std::chrono::minutes(20);
    pushes.expire();
    CHECK(pushes.figures().available == 0);
    CHECK(pushes.figures().aborted == 1);
}

TEST_CASE("settings without sense are refused") {
    for (const char *section : {R"({"BucketSize": 0})", R"({"MaxPushTransactions": 0})",
                                R"({"CommitThreadsCount": 0})", R"({"Threads": "four"})"}) {
        CHECK_THROWS_WITH(Site(section), Catch::Matchers::StartsWith("Transfers."));
    }
}
