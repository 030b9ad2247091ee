// Audit logs: on each server what is reported can be asked for, and times are those of UTC.
#include "database/index/audit.h"
#include "servers.h"
#include "tests/fake_orthanc.h"

#include <catch2/catch_test_macros.hpp>
#include <nlohmann/json.hpp>

#include <chrono>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

using namespace orthanc_images;
using namespace orthanc_images::database;
using namespace orthanc_images::database::tests;
using orthanc_images::tests::FakeOrthanc;

namespace {

// 2026-11-28T17:30:00.500Z
constexpr std::int64_t TIME = 1795887000500000;

// A database whose audit logs are empty.
void emptied(const Backend &backend) {
    const auto connection = backend.opener();
    connection->script("DROP TABLE IF EXISTS OrthancImagesAuditLogs");
    if (backend.schema == SchemaKind::postgresql) {
        connection->script("DROP TABLE IF EXISTS AuditLogs");
        connection->script(
            "CREATE TABLE AuditLogs(ts TIMESTAMP DEFAULT now(), sourcePlugin TEXT NOT NULL, "
            "userId TEXT NOT NULL, resourceType INTEGER NOT NULL, resourceId VARCHAR(64) NOT NULL, "
            "action TEXT NOT NULL, logData BYTEA)");
    }
    if (backend.schema == SchemaKind::mysql) {
        for (const Block &block : blocks("extend-mysql")) {
            if (block.name == "create_audit_logs") {
                connection->script(std::string(block.text));
            }
        }
    }
}

// Opens connections whose time zone is not UTC.
Opener elsewhere(const Backend &backend) {
    return [backend] {
        auto connection = backend.opener();
        if (connection->dialect() == Dialect::postgresql) {
            connection->script("SET TIME ZONE 'Asia/Tokyo'");
        } else if (connection->dialect() == Dialect::mysql) {
            connection->script("SET time_zone = '+09:00'");
        }
        return connection;
    };
}

// The logs, as the tests want them.
struct Kept {
    explicit Kept(const Backend &backend)
        : pool(elsewhere(backend), 2, true, backend.retries), logs(backend.schema, pool) {
        emptied(backend);
        logs.install();
        logs.install();
    }

    void add(std::int64_t time, std::string_view user, std::string_view action, std::string_view data = {}) {
        logs.add({.time = time,
                  .source = "authorization",
                  .user = user,
                  .resource_type = 1,
                  .resource = "study",
                  .action = action,
                  .data = data});
    }

    std::string actions(const AuditQuery &query) {
        std::string found;
        for (const Json &log : logs.find(query)) {
            found += log["Action"].get<std::string>();
        }
        return found;
    }

    Pool pool;
    AuditLogs logs;
};

std::string refusal(std::string_view time) {
    try {
        microseconds(time, "from-timestamp");
    } catch (const Error &error) {
        CHECK(error.code() == OrthancPluginErrorCode_ParameterOutOfRange);
        return error.what();
    }
    return {};
}

} // namespace

TEST_CASE("audit logs are kept with all that they say", "[audit]") {
    const FakeOrthanc orthanc;
    Kept kept(each_server());
    CHECK(kept.logs.find({}) == Json::array());
    kept.add(TIME, "J\xc3\xbcrgen", "view", R"({"a": [1]})");
    kept.add(TIME + 1000000, "bob", "delete", std::string_view("\0\xff'", 3));
    kept.add(TIME + 2000000, "bob", "delete");
    const Json expected = Json::parse(R"([
        {"SourcePlugin": "authorization", "Timestamp": "2026-11-28T17:30:00.500Z", "UserId": "Jürgen",
         "ResourceType": "Study", "ResourceId": "study", "Action": "view", "Base64LogData": "eyJhIjogWzFdfQ=="},
        {"SourcePlugin": "authorization", "Timestamp": "2026-11-28T17:30:01.500Z", "UserId": "bob",
         "ResourceType": "Study", "ResourceId": "study", "Action": "delete", "Base64LogData": "AP8n"},
        {"SourcePlugin": "authorization", "Timestamp": "2026-11-28T17:30:02.500Z", "UserId": "bob",
         "ResourceType": "Study", "ResourceId": "study", "Action": "delete", "Base64LogData": ""}])");
    CHECK(kept.logs.find({}) == expected);
    AuditQuery query;
    query.json = true;
    const Json logs = kept.logs.find(query);
    CHECK(logs[0]["JsonLogData"] == Json{{"a", {1}}});
    CHECK(!logs[0].contains("Base64LogData"));
    CHECK(logs[1]["Base64LogData"] == "AP8n");
    CHECK(logs[2]["JsonLogData"] == Json());
}

TEST_CASE("audit logs are found by user, resource, action, time and page", "[audit]") {
    const FakeOrthanc orthanc;
    Kept kept(each_server());
    kept.add(TIME + 1, "bob", "b");
    kept.add(TIME, "alice", "a");
    kept.add(TIME + 2, "Bob", "c");
    kept.add(TIME + 2, "bob", "d");
    const auto found = [&](auto &&change) {
        AuditQuery query;
        change(query);
        return kept.actions(query);
    };
    CHECK(found([](AuditQuery &) {}) == "abcd");
    CHECK(found([](AuditQuery &query) { query.user = "bob"; }) == "bd");
    CHECK(found([](AuditQuery &query) { query.user = "nobody"; }).empty());
    CHECK(found([](AuditQuery &query) { query.action = "c"; }) == "c");
    CHECK(found([](AuditQuery &query) { query.resource = "study"; }) == "abcd");
    CHECK(found([](AuditQuery &query) { query.resource = "other"; }).empty());
    CHECK(found([](AuditQuery &query) { query.from = TIME + 1; }) == "bcd");
    CHECK(found([](AuditQuery &query) { query.to = TIME + 1; }) == "a");
    CHECK(found([](AuditQuery &query) {
              query.from = TIME + 1;
              query.to = TIME + 2;
              query.user = "bob";
          }) == "b");
    CHECK(found([](AuditQuery &query) { query.since = 1; }) == "bcd");
    CHECK(found([](AuditQuery &query) {
              query.since = 1;
              query.limit = 2;
          }) == "bc");
}

TEST_CASE("times of ISO 8601 are read with their zone, and written in UTC", "[audit]") {
    const auto written = [](std::string_view time) { return instant(microseconds(time, "from-timestamp")); };
    CHECK(written("2026-11-28T17:30:00.500Z") == "2026-11-28T17:30:00.500Z");
    CHECK(written("2026-11-28T18:30:00.5+01:00") == "2026-11-28T17:30:00.500Z");
    CHECK(written("2026-11-28T18:30:00.5 01:00") == "2026-11-28T17:30:00.500Z");
    CHECK(written("2026-11-28T00:00+0530") == "2026-11-27T18:30:00.000Z");
    CHECK(written("2026-11-28 12:00:00,1239-05") == "2026-11-28T17:00:00.123Z");
    CHECK(written("1969-12-31T23:59:59.999Z") == "1969-12-31T23:59:59.999Z");
    CHECK(microseconds("2026-11-28T17:30:00.5000019Z", "x") == TIME + 1);
    for (const char *time : {"", "yesterday", "2026-11-28", "2026-11-28T17:30:00", "2026-13-28T17:30:00Z",
                             "2026-02-29T17:30:00Z", "2026-11-28T24:30:00Z", "2026-11-28T17:60:00Z",
                             "2026-11-28T17:30:00.Z", "2026-11-28T17:30:00Zx", "2026-11-28T17:30:00+1",
                             "-026-11-28T17:30:00Z", "2026-1-28T17:30:00Z", "2026-11-28T17:30:61Z"}) {
        INFO(time);
        CHECK(refusal(time) ==
              "from-timestamp: '" + std::string(time) +
                  "' is no time with a zone in ISO 8601. Write it as 2026-11-28T18:30:00.000Z.");
    }
}

namespace {

// What the route of a schema answers to a request.
struct Asking {
    explicit Asking(FakeOrthanc &host) : orthanc(host) {
        register_audit_logs(SchemaKind::postgresql);
    }

    std::pair<OrthancPluginErrorCode, orthanc_images::tests::Answered>
    get(const std::vector<std::pair<const char *, const char *>> &arguments,
        OrthancPluginHttpMethod method = OrthancPluginHttpMethod_Get) const {
        std::vector<const char *> keys;
        std::vector<const char *> values;
        for (const auto &[key, value] : arguments) {
            keys.push_back(key);
            values.push_back(value);
        }
        OrthancPluginHttpRequest request{};
        request.method = method;
        request.getCount = static_cast<std::uint32_t>(arguments.size());
        request.getKeys = keys.data();
        request.getValues = values.data();
        return orthanc.request("/plugins/postgresql/audit-logs", request);
    }

    FakeOrthanc &orthanc;
};

// Opens the audit logs of a server, until its end.
struct Opened {
    explicit Opened(const Backend &backend, bool read_only = false)
        : pool(backend.opener, 2, true, backend.retries) {
        emptied(backend);
        open_audit_logs(backend.schema, pool, read_only);
    }

    Opened(const Opened &) = delete;
    Opened &operator=(const Opened &) = delete;

    ~Opened() {
        close_audit_logs();
    }

    Pool pool;
};

} // namespace

TEST_CASE("what plugins report is answered by the route", "[audit]") {
    FakeOrthanc orthanc;
    const Asking asking(orthanc);
    const Opened opened(postgresql_server());
    CHECK(asking.get({}).second.body == "[]");
    REQUIRE(orthanc.audit != nullptr);
    CHECK(orthanc.audit("authorization", "alice", OrthancPluginResourceType_Patient, "p", "view", "1", 1) ==
          OrthancPluginErrorCode_Success);
    CHECK(orthanc.audit("authorization", nullptr, OrthancPluginResourceType_None, "", "login", nullptr, 0) ==
          OrthancPluginErrorCode_Success);
    const Json all = Json::parse(asking.get({{"log-data-format", "json"}, {"limit", "0"}}).second.body);
    REQUIRE(all.size() == 2);
    CHECK(all[0]["JsonLogData"] == 1);
    CHECK(all[1]["ResourceType"] == "None");
    const std::int64_t kept = microseconds(all[0]["Timestamp"].get<std::string>(), "x");
    const auto now = std::chrono::system_clock::now().time_since_epoch() / std::chrono::microseconds(1);
    CHECK(std::abs(now - kept) < 60'000'000);
    CHECK(Json::parse(asking.get({{"user-id", "alice"}}).second.body).size() == 1);
    CHECK(Json::parse(asking.get({{"from-timestamp", "2100-01-01T00:00:00Z"}}).second.body).empty());
    CHECK(Json::parse(asking.get({{"since", "1"}, {"limit", "5"}}).second.body).size() == 1);
}

TEST_CASE("what cannot be answered is said in a sentence", "[audit]") {
    FakeOrthanc orthanc;
    const Asking asking(orthanc);
    const auto [code, closed] = asking.get({});
    CHECK(code == OrthancPluginErrorCode_DatabaseUnavailable);
    CHECK(closed.details == "audit logs: the index is not open. Try again later.");
    const Opened opened(postgresql_server());
    const auto details = [&](const char *name, const char *value) {
        const auto [wrong, answer] = asking.get({{name, value}});
        CHECK(wrong == OrthancPluginErrorCode_ParameterOutOfRange);
        return answer.details;
    };
    CHECK(details("since", "-1") == "since: '-1' is no whole number from 0 on.");
    CHECK(details("limit", "1x") == "limit: '1x' is no whole number from 0 on.");
    CHECK(details("log-data-format", "xml") == "log-data-format: 'xml' is unknown. Write base64 or json.");
    CHECK(details("to-timestamp", "now") ==
          "to-timestamp: 'now' is no time with a zone in ISO 8601. Write it as 2026-11-28T18:30:00.000Z.");
    const auto [posted, answer] = asking.get({}, OrthancPluginHttpMethod_Post);
    CHECK(posted == OrthancPluginErrorCode_Success);
    CHECK(answer.status == 405);
    CHECK(answer.body.empty());
}

TEST_CASE("an audit log that cannot be kept is in Orthanc's log", "[audit]") {
    FakeOrthanc orthanc;
    const Asking asking(orthanc);
    const auto report = [&] {
        return orthanc.audit("authorization", "alice", OrthancPluginResourceType_Study, "s", "view", "x", 1);
    };
    const auto last = [&] {
        const std::string line = orthanc.lines().back().message;
        return line.substr(0, line.rfind(','));
    };
    CHECK(report() == OrthancPluginErrorCode_DatabaseUnavailable);
    CHECK(last() ==
          "audit log not kept (the index is not open): authorization, user 'alice', action 'view', Study s");
    {
        const Opened opened(postgresql_server(), true);
        CHECK(report() == OrthancPluginErrorCode_Database);
        CHECK(
            last() ==
            "audit log not kept (Orthanc is read-only): authorization, user 'alice', action 'view', Study s");
    }
    const Backend backend = postgresql_server();
    const Opened opened(backend);
    backend.opener()->script("DROP TABLE AuditLogs");
    CHECK(report() == OrthancPluginErrorCode_Database);
    CHECK(last().starts_with("audit log not kept (PostgreSQL: "));
}

TEST_CASE("an audit log outlives the connection", "[audit]") {
    FakeOrthanc orthanc;
    const Asking asking(orthanc);
    const Backend backend = postgresql_server();
    const Opened opened(backend);
    backend.opener()->query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                            "WHERE datname = current_database() AND pid <> pg_backend_pid()");
    CHECK(orthanc.audit("a", "b", OrthancPluginResourceType_Study, "s", "view", "x", 1) ==
          OrthancPluginErrorCode_Success);
    CHECK(Json::parse(asking.get({}).second.body).size() == 1);
}
