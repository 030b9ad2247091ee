// The storage area: on each server what goes in comes out, whole and in ranges, and what goes wrong is told
// apart.
#include "database/storage/area.h"
#include "database/storage/callbacks.h"
#include "servers.h"
#include "tests/fake_orthanc.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <algorithm>
#include <deque>
#include <thread>
#include <utility>
#include <vector>

using namespace orthanc_images;
using namespace orthanc_images::database;
using namespace orthanc_images::database::tests;
using Catch::Matchers::ContainsSubstring;
using orthanc_images::tests::FakeOrthanc;

namespace {

constexpr std::int64_t DICOM = 1;
constexpr std::int64_t JSON = 2;

// A database without the table, and its server.
std::unique_ptr<Connection> emptied(const Backend &backend) {
    auto connection = backend.opener();
    const auto dialect = connection->dialect();
    if (dialect == Dialect::postgresql && backend.schema == SchemaKind::postgresql) {
        connection->query("SELECT lo_unlink(oid) FROM pg_largeobject_metadata");
    }
    connection->script("DROP TABLE IF EXISTS StorageArea");
    return connection;
}

// Bytes of all values, which no text could be.
std::string content_of(std::size_t size) {
    std::string content(size, '\0');
    std::uint32_t state = 1;
    for (char &byte : content) {
        state = state * 1664525 + 1013904223;
        byte = static_cast<char>(state >> 24U);
    }
    return content;
}

std::string read(Area &area, const std::string &uuid, std::int64_t type = DICOM) {
    std::string content;
    area.read(uuid, type, [&](std::uint64_t size) {
        content.resize(static_cast<std::size_t>(size));
        return std::span(content.data(), content.size());
    });
    return content;
}

std::string range(Area &area, const std::string &uuid, std::uint64_t start, std::size_t size) {
    std::string content(size, 'x');
    area.read_range(uuid, DICOM, start, content);
    return content;
}

template <typename Function> std::pair<OrthancPluginErrorCode, std::string> failure(Function &&function) {
    try {
        std::forward<Function>(function)();
    } catch (const Error &error) {
        return {error.code(), error.what()};
    }
    FAIL("nothing went wrong");
    return {};
}

std::int64_t number(Connection &connection, const std::string &statement) {
    return connection.query(statement)->integer(0, 0);
}

} // namespace

TEST_CASE("files come out of a database as they went in", "[area]") {
    const FakeOrthanc orthanc;
    const Backend backend = each_server();
    const auto connection = emptied(backend);
    Area area(backend, false);

    const std::string content = content_of(300'000);
    area.create("a", DICOM, content);
    area.create("b", JSON, std::string_view("{}"));
    area.create("c", DICOM, {});
    CHECK(read(area, "a") == content);
    CHECK(read(area, "b", JSON) == "{}");
    CHECK(read(area, "c").empty());
    CHECK(number(*connection, "SELECT COUNT(*) FROM StorageArea") == 3);

    area.remove("a", DICOM);
    area.remove("a", DICOM);
    area.remove("b", DICOM);
    CHECK(number(*connection, "SELECT COUNT(*) FROM StorageArea") == 2);
    area.remove("b", JSON);
    area.remove("c", DICOM);
    CHECK(number(*connection, "SELECT COUNT(*) FROM StorageArea") == 0);
}

TEST_CASE("ranges are read without the rest, and end where the file does", "[area]") {
    const FakeOrthanc orthanc;
    const Backend backend = each_server();
    const auto connection = emptied(backend);
    Area area(backend, false);
    const std::string content = content_of(5000);
    area.create("a", DICOM, content);

    CHECK(range(area, "a", 0, 5000) == content);
    CHECK(range(area, "a", 0, 1) == content.substr(0, 1));
    CHECK(range(area, "a", 4999, 1) == content.substr(4999));
    CHECK(range(area, "a", 1234, 567) == content.substr(1234, 567));
    CHECK(range(area, "a", 17, 0).empty());
    CHECK(range(area, "a", 5000, 0).empty());
    const auto bad = [&](std::uint64_t start, std::size_t size) {
        const auto [code, message] = failure([&] { range(area, "a", start, size); });
        CHECK(message == "file a: it ends before the " + std::to_string(size) + " bytes from " +
                             std::to_string(start) + " on.");
        return code;
    };
    CHECK(bad(0, 5001) == OrthancPluginErrorCode_BadRange);
    CHECK(bad(4999, 2) == OrthancPluginErrorCode_BadRange);
    CHECK(bad(5000, 1) == OrthancPluginErrorCode_BadRange);
    CHECK(bad(5001, 0) == OrthancPluginErrorCode_BadRange);
    CHECK(bad(std::uint64_t{1} << 40U, 10) == OrthancPluginErrorCode_BadRange);
    CHECK(bad(INT64_MAX - 5, 10) == OrthancPluginErrorCode_BadRange);
    CHECK(bad(UINT64_MAX, 10) == OrthancPluginErrorCode_BadRange);
}

TEST_CASE("a file that is not there is an unknown resource", "[area]") {
    const FakeOrthanc orthanc;
    const Backend backend = each_server();
    const auto connection = emptied(backend);
    Area area(backend, false);
    area.create("a", DICOM, std::string_view("content"));
    const std::pair unknown{OrthancPluginErrorCode_UnknownResource,
                            std::string("file b: the database has none with the type 1.")};
    CHECK(failure([&] { read(area, "b"); }) == unknown);
    CHECK(failure([&] { range(area, "b", 0, 10); }) == unknown);
    CHECK(failure([&] { range(area, "b", 0, 0); }) == unknown);
    CHECK(failure([&] { read(area, "a", JSON); }).first == OrthancPluginErrorCode_UnknownResource);
    CHECK(failure([&] { area.create("a", DICOM, std::string_view("other")); }).first ==
          OrthancPluginErrorCode_Database);
    CHECK(read(area, "a") == "content");
}

TEST_CASE("large files are written and read in pieces", "[area]") {
    const FakeOrthanc orthanc;
    const Backend backend = postgresql_server();
    const auto connection = emptied(backend);
    Area area(backend, false);
    const std::string content = content_of(20'000'001);
    area.create("a", DICOM, content);
    CHECK(read(area, "a") == content);
    CHECK(range(area, "a", 8'388'600, 9'000'000) == content.substr(8'388'600, 9'000'000));
    CHECK(number(*connection, "SELECT COUNT(*) FROM pg_largeobject_metadata") == 1);
    area.remove("a", DICOM);
    CHECK(number(*connection, "SELECT COUNT(*) FROM pg_largeobject_metadata") == 0);
}

TEST_CASE("a file that is too large for the server is refused with its setting", "[area]") {
    const FakeOrthanc orthanc;
    const Backend backend = mysql_server();
    const auto connection = emptied(backend);
    const std::int64_t packet = number(*connection, "SELECT @@global.max_allowed_packet");
    connection->script("SET GLOBAL max_allowed_packet = 1048576");
    {
        Area area(backend, false);
        CHECK(area.limit() == 1044480);
        const std::string content = content_of(1044481);
        CHECK(failure([&] { area.create("a", DICOM, content); }) ==
              std::pair{
                  OrthancPluginErrorCode_Database,
                  std::string("file a: it has 1044481 bytes, and the server takes 1044480 for one. Raise "
                              "max_allowed_packet of the server, 1 GB at most, or keep files elsewhere: set "
                              "EnableStorage to false.")});
        const std::string_view largest = std::string_view(content).substr(1);
        area.create("a", DICOM, largest);
        CHECK(read(area, "a") == largest);
    }
    connection->script("SET GLOBAL max_allowed_packet = " + std::to_string(packet));
}

TEST_CASE("many threads store, read and delete at once", "[area]") {
    const FakeOrthanc orthanc;
    const Backend backend = each_server();
    const auto connection = emptied(backend);
    Area area(backend, false);
    constexpr int THREADS = 8;
    std::vector<std::string> wrong(THREADS);
    {
        std::vector<std::jthread> threads;
        threads.reserve(THREADS);
        for (int thread = 0; thread < THREADS; ++thread) {
            threads.emplace_back([&, thread] {
                try {
                    for (int i = 0; i < 10; ++i) {
                        const std::string uuid = std::to_string(thread) + "-" + std::to_string(i);
                        const std::string content = content_of(static_cast<std::size_t>(1000 + thread));
                        area.create(uuid, DICOM, content);
                        if (read(area, uuid) != content) {
                            wrong[static_cast<std::size_t>(thread)] = uuid;
                        }
                        area.remove(uuid, DICOM);
                        area.remove("shared", DICOM);
                    }
                } catch (const Error &error) {
                    wrong[static_cast<std::size_t>(thread)] = error.what();
                }
            });
        }
    }
    CHECK(wrong == std::vector<std::string>(THREADS));
    CHECK(number(*connection, "SELECT COUNT(*) FROM StorageArea") == 0);
}

TEST_CASE("a file that several delete at once is deleted", "[area]") {
    const FakeOrthanc orthanc;
    const Backend backend = each_server();
    const auto connection = emptied(backend);
    Area area(backend, false);
    for (int i = 0; i < 5; ++i) {
        area.create("a", DICOM, content_of(100'000));
        std::vector<std::string> wrong(4);
        {
            std::vector<std::jthread> threads;
            for (std::string &said : wrong) {
                threads.emplace_back([&] {
                    try {
                        area.remove("a", DICOM);
                    } catch (const Error &error) {
                        said = error.what();
                    }
                });
            }
        }
        CHECK(wrong == std::vector<std::string>(4));
    }
    CHECK(number(*connection, "SELECT COUNT(*) FROM StorageArea") == 0);
}

TEST_CASE("the rule that deletes large objects is made again after a restore without it", "[area]") {
    FakeOrthanc orthanc;
    const Backend backend = postgresql_server();
    const auto connection = emptied(backend);
    {
        const Area area(backend, false);
    }
    connection->script("DROP RULE StorageAreaDelete ON StorageArea");
    Area area(backend, false);
    const auto lines = orthanc.lines();
    REQUIRE(std::ranges::any_of(
        lines, [](const auto &line) { return line.message.find("vacuumlo") != std::string::npos; }));
    area.create("a", DICOM, std::string_view("content"));
    area.remove("a", DICOM);
    CHECK(number(*connection, "SELECT COUNT(*) FROM pg_largeobject_metadata") == 0);
}

TEST_CASE("a read-only Orthanc writes nothing at its start", "[area]") {
    const FakeOrthanc orthanc;
    const Backend backend = each_server();
    const auto connection = emptied(backend);
    const auto [code, message] = failure([&] { const Area area(backend, true); });
    CHECK(code == OrthancPluginErrorCode_Database);
    CHECK_THAT(message,
               ContainsSubstring("table StorageArea: it is missing, and ReadOnly keeps it from being made."));
    Area writing(backend, false);
    writing.create("a", DICOM, std::string_view("content"));
    Area reading(backend, true);
    CHECK(read(reading, "a") == "content");
}

TEST_CASE("the lock keeps a second Orthanc away for as long as the first runs", "[area]") {
    const FakeOrthanc orthanc;
    Backend backend = GENERATE(0, 1) == 0 ? postgresql_server() : mysql_server();
    const auto connection = emptied(backend);
    {
        const Area first(backend, false);
        const auto [code, message] = failure([&] { const Area second(backend, false); });
        CHECK(code == OrthancPluginErrorCode_Database);
        CHECK_THAT(message, ContainsSubstring(".Lock: another Orthanc keeps its files in this database."));
        backend.lock = false;
        const Area third(backend, false);
        backend.lock = true;
    }
    // The server ends a session soon after its client.
    for (int tries = 0;; ++tries) {
        try {
            const Area next(backend, false);
            break;
        } catch (const Error &) {
            REQUIRE(tries < 50);
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
        }
    }
}

TEST_CASE("a table that another plugin has made is told apart", "[area]") {
    const FakeOrthanc orthanc;
    const Backend backend = postgresql_server();
    const auto connection = emptied(backend);
    connection->script("CREATE TABLE StorageArea(uuid VARCHAR(64) PRIMARY KEY, content BYTEA, type INTEGER)");
    const auto [code, message] = failure([&] { const Area area(backend, false); });
    CHECK(code == OrthancPluginErrorCode_Database);
    CHECK(message ==
          "PostgreSQL, table StorageArea: its column content is bytea and not oid. It belongs to another "
          "plugin: take the section of that one, or another database.");
}

TEST_CASE("work goes on after the server has ended all sessions", "[area]") {
    const FakeOrthanc orthanc;
    Backend backend = postgresql_server();
    backend.lock = false;
    const auto connection = emptied(backend);
    Area area(backend, false);
    area.create("a", DICOM, std::string_view("content"));
    connection->query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                      "WHERE datname = current_database() AND pid <> pg_backend_pid()");
    CHECK(read(area, "a") == "content");
}

namespace {

// A server of one row, which fails as it is told to.
class Moody : public Connection {
  public:
    struct State {
        // How the next calls fail; nothing: they do not.
        std::deque<std::optional<std::pair<OrthancPluginErrorCode, std::string>>> moods;
        int calls = 0;
    };

    explicit Moody(State &state) : state_(state) {}

    class Answer : public Result {
      public:
        explicit Answer(std::string text) : text_(std::move(text)) {}

        std::size_t rows() const noexcept override {
            return 1;
        }

        bool null(std::size_t, std::size_t) const override {
            return false;
        }

        std::int64_t integer(std::size_t, std::size_t) const override {
            return 7;
        }

        std::string_view text(std::size_t, std::size_t) const override {
            return text_;
        }

      private:
        std::string text_;
    };

    Dialect dialect() const noexcept override {
        return Dialect::sqlite;
    }

    std::string server() const override {
        return "Moody 1";
    }

    void begin(Access) override {}

    void commit() override {}

    void rollback() noexcept override {}

    std::unique_ptr<Result> query(const std::string &statement, Parameters) override {
        return std::make_unique<Answer>(statement.find("pragma") == std::string::npos ? "content" : "blob");
    }

    void execute(const std::string &, Parameters) override {}

    std::int64_t change(const std::string &, Parameters) override {
        ++state_.calls;
        if (state_.moods.empty()) {
            return 1;
        }
        const auto mood = state_.moods.front();
        state_.moods.pop_front();
        if (mood) {
            lost_ = mood->first == OrthancPluginErrorCode_DatabaseUnavailable;
            throw StatementError(mood->first, "moody", mood->second);
        }
        return 1;
    }

    std::int64_t insert(const std::string &, std::string_view, Parameters) override {
        return 1;
    }

    void script(const std::string &) override {}

    bool usable() noexcept override {
        return !lost_;
    }

    bool alive() noexcept override {
        return !lost_;
    }

    using Connection::change;
    using Connection::execute;
    using Connection::query;

  private:
    State &state_;
    bool lost_ = false;
};

using Mood = std::pair<OrthancPluginErrorCode, std::string>;

const Mood BUSY{OrthancPluginErrorCode_DatabaseCannotSerialize, "40001"};
const Mood LOST{OrthancPluginErrorCode_DatabaseUnavailable, "08006"};
const Mood DUPLICATE{OrthancPluginErrorCode_Database, "23505"};
const Mood WRONG{OrthancPluginErrorCode_Database, "42P01"};
const Mood DELETED{OrthancPluginErrorCode_Database, "42704"};

Backend moody(Moody::State &state) {
    Backend backend;
    backend.schema = SchemaKind::odbc;
    backend.lock = false;
    backend.retries.most = 3;
    backend.opener = [&state] { return std::make_unique<Moody>(state); };
    return backend;
}

} // namespace

TEST_CASE("Orthanc stores, reads and deletes through the functions of its SDK", "[area]") {
    FakeOrthanc orthanc;
    const Backend backend = postgresql_server();
    const auto connection = emptied(backend);
    register_area(std::make_unique<Area>(backend, false));
    const auto type = OrthancPluginContentType_Dicom;
    const std::string content = content_of(1000);
    REQUIRE(orthanc.area2.create("a", content.data(), 1000, type) == OrthancPluginErrorCode_Success);

    OrthancPluginMemoryBuffer64 whole{nullptr, 0};
    REQUIRE(orthanc.area2.readWhole(&whole, "a", type) == OrthancPluginErrorCode_Success);
    CHECK(std::string_view(static_cast<const char *>(whole.data), whole.size) == content);
    OrthancPluginFreeMemoryBuffer64(orthanc.context(), &whole);

    std::string part(10, 'x');
    OrthancPluginMemoryBuffer64 range{part.data(), part.size()};
    CHECK(orthanc.area2.readRange(&range, "a", type, 990) == OrthancPluginErrorCode_Success);
    CHECK(part == content.substr(990));
    CHECK(orthanc.area2.readRange(&range, "a", type, 991) == OrthancPluginErrorCode_BadRange);
    CHECK(orthanc.area2.readWhole(&whole, "b", type) == OrthancPluginErrorCode_UnknownResource);
    orthanc.has_memory = false;
    CHECK(orthanc.area2.readWhole(&whole, "a", type) == OrthancPluginErrorCode_NotEnoughMemory);

    CHECK(orthanc.area2.remove("a", type) == OrthancPluginErrorCode_Success);
    CHECK(orthanc.area2.readRange(&range, "a", type, 0) == OrthancPluginErrorCode_UnknownResource);
    end_area();
    CHECK(orthanc.area2.readRange(&range, "a", type, 0) == OrthancPluginErrorCode_StorageAreaPlugin);
}

TEST_CASE("what passes is tried again, within bounds, and what does not is not", "[area]") {
    const FakeOrthanc orthanc;
    Moody::State state;
    Area area(moody(state), false);
    const auto removed = [&](std::initializer_list<Mood> moods) {
        state.moods.assign(moods.begin(), moods.end());
        state.calls = 0;
        area.remove("a", DICOM);
        return state.calls;
    };
    CHECK(removed({BUSY, BUSY}) == 3);
    CHECK(removed({LOST, LOST, LOST, LOST}) == 5);
    CHECK(removed({DELETED}) == 2);
    CHECK(failure([&] { removed({BUSY, BUSY, BUSY, BUSY}); }).first ==
          OrthancPluginErrorCode_DatabaseCannotSerialize);
    CHECK(state.calls == 4);
    CHECK(failure([&] { removed({WRONG}); }).first == OrthancPluginErrorCode_Database);
    CHECK(state.calls == 1);
    CHECK(failure([&] { removed({DELETED, DELETED}); }).first == OrthancPluginErrorCode_Database);
    CHECK(state.calls == 2);
}

TEST_CASE("a file that was stored when the connection was lost is stored", "[area]") {
    const FakeOrthanc orthanc;
    Moody::State state;
    Area area(moody(state), false);
    state.moods = {LOST, DUPLICATE};
    area.create("a", DICOM, std::string_view("content"));
    CHECK(state.calls == 2);
    state.moods = {LOST, DUPLICATE};
    CHECK(failure([&] { area.create("a", DICOM, std::string_view("other content")); }).first ==
          OrthancPluginErrorCode_Database);
    state.moods = {DUPLICATE};
    CHECK(failure([&] { area.create("a", DICOM, std::string_view("content")); }).first ==
          OrthancPluginErrorCode_Database);
}
