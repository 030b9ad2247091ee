// The driver and the schema of PostgreSQL, against the server and the empty database that TEST_POSTGRESQL
// names.
#include "database/driver/postgresql.h"

#include "fake_orthanc.h"

#include <catch2/catch_test_macros.hpp>

#include <nlohmann/json.hpp>

#include <cstdlib>
#include <map>
#include <string>
#include <vector>

namespace orthanc_images::database {

namespace {

std::string address() {
    const char *address = std::getenv("TEST_POSTGRESQL"); // NOLINT(concurrency-mt-unsafe): nobody changes it
    if (address == nullptr) {
        throw std::runtime_error("TEST_POSTGRESQL: is not set. Name a server and an empty database.");
    }
    return address;
}

std::unique_ptr<Connection> opened() {
    return postgresql_opener(postgresql_settings(address()))();
}

// A connection with an empty table, which nobody else sees.
std::unique_ptr<Connection> with_table() {
    auto connection = opened();
    connection->script(
        "CREATE TEMPORARY TABLE things (id BIGSERIAL PRIMARY KEY, small INTEGER, name VARCHAR(64), "
        "content BYTEA)");
    return connection;
}

std::string state_of(const std::function<void()> &action) {
    try {
        action();
    } catch (const StatementError &error) {
        return error.state();
    }
    return "nothing was thrown";
}

OrthancPluginErrorCode code_of(const std::function<void()> &action) {
    try {
        action();
    } catch (const Error &error) {
        return error.code();
    }
    return OrthancPluginErrorCode_Success;
}

} // namespace

TEST_CASE("A placeholder is a question mark outside of texts, names and comments") {
    CHECK(numbered("SELECT ? + ?") == "SELECT $1 + $2");
    CHECK(numbered("SELECT '?', \"?\", ? -- ?\n, ?") == "SELECT '?', \"?\", $1 -- ?\n, $2");
    CHECK(numbered("SELECT $$?$$, $a$?$a$, /* ? */ ?") == "SELECT $$?$$, $a$?$a$, /* ? */ $1");
    CHECK(numbered("SELECT 'a''?', ?") == "SELECT 'a''?', $1");
}

TEST_CASE("Values come back as they were given") {
    const auto connection = with_table();
    const std::string bytes("\0\1\xff\\x", 5);
    const std::string text = "Ünï \\ ' \" {} \n 漢字";
    const std::int64_t id =
        connection->insert("INSERT INTO things (small, name, content) VALUES (?, ?, ?)", "id",
                           std::vector<Parameter>{std::int64_t{-7}, text, Bytes{bytes}});
    for (int time = 0; time < 3; ++time) {
        // The first answer is in the format of texts, the later ones are binary.
        const auto result = connection->query(
            "SELECT id, small, name, content, name IS NULL, small::smallint FROM things WHERE id = ?", {id});
        REQUIRE(result->rows() == 1);
        CHECK(result->integer(0, 0) == id);
        CHECK(result->integer(0, 1) == -7);
        CHECK(result->text(0, 1) == "-7");
        CHECK(result->text(0, 2) == text);
        CHECK(result->text(0, 3) == bytes);
        CHECK(result->integer(0, 4) == 0);
        CHECK(result->integer(0, 5) == -7);
        CHECK_FALSE(result->null(0, 2));
    }
}

TEST_CASE("NULL is NULL, and empty is not") {
    const auto connection = with_table();
    connection->execute("INSERT INTO things (small, name, content) VALUES (?, ?, ?)",
                        {std::monostate{}, std::monostate{}, std::monostate{}});
    connection->execute("INSERT INTO things (small, name, content) VALUES (?, ?, ?)",
                        {std::int64_t{0}, std::string_view(""), Bytes{""}});
    const auto result = connection->query("SELECT small, name, content FROM things ORDER BY id");
    REQUIRE(result->rows() == 2);
    for (std::size_t column = 0; column < 3; ++column) {
        CHECK(result->null(0, column));
        CHECK(result->text(0, column).empty());
        CHECK_FALSE(result->null(1, column));
    }
    CHECK(result->integer(0, 0) == 0);
    CHECK(result->text(1, 2).empty());
}

TEST_CASE("Numbers have 64 bits, and sums too") {
    const auto connection = opened();
    const auto result =
        connection->query("SELECT ?, sum(number) FROM (VALUES (?), (?)) AS numbers (number)",
                          {INT64_MIN, std::int64_t{4'000'000'000}, std::int64_t{5'000'000'000}});
    CHECK(result->integer(0, 0) == INT64_MIN);
    CHECK(result->integer(0, 1) == 9'000'000'000);
    CHECK_THROWS_AS(connection->query("SELECT 'x'")->integer(0, 0), Error);
    CHECK_THROWS_AS(connection->query("SELECT 1")->integer(0, 1), Error);
}

TEST_CASE("A list of numbers is one value") {
    const auto connection = opened();
    std::vector<std::int64_t> numbers;
    for (std::int64_t number = 0; number < 100'000; ++number) {
        numbers.push_back(number * 1'000'000'007);
    }
    const std::string statement = "SELECT count(*), coalesce(sum(n), 0) FROM unnest(?) AS n";
    const auto result = connection->query(statement, {std::span<const std::int64_t>(numbers)});
    CHECK(result->integer(0, 0) == 100'000);
    CHECK(result->integer(0, 1) == 4'999'950'000 * 1'000'000'007);
    CHECK(connection->query(statement, {std::span<const std::int64_t>()})->integer(0, 0) == 0);
}

TEST_CASE("Large values pass") {
    const auto connection = with_table();
    const std::string large(40'000'000, '\xfe');
    const std::string text(20'000'000, 'x');
    connection->execute("INSERT INTO things (content) VALUES (?)", {Bytes{large}});
    CHECK(connection->query("SELECT content FROM things")->text(0, 0) == large);
    CHECK(connection->query("SELECT content FROM things")->text(0, 0) == large);
    CHECK(connection->query("SELECT CAST(? AS TEXT)", {text})->text(0, 0) == text);
}

TEST_CASE("A text with a character 0 is refused, and nothing is sent") {
    const auto connection = opened();
    CHECK(code_of([&] { connection->query("SELECT CAST(? AS TEXT)", {std::string_view("a\0b", 3)}); }) ==
          OrthancPluginErrorCode_BadFileFormat);
    CHECK(connection->query("SELECT 1")->integer(0, 0) == 1);
}

TEST_CASE("A transaction is committed, or rolled back") {
    const auto connection = with_table();
    connection->begin(Access::read_write);
    connection->execute("INSERT INTO things (small) VALUES (?)", {std::int64_t{1}});
    connection->execute("INSERT INTO things (small) VALUES (?)", {std::int64_t{2}});
    CHECK(connection->change("UPDATE things SET small = small + 1", {}) == 2);
    connection->commit();
    connection->begin(Access::read_write);
    connection->execute("DELETE FROM things", {});
    connection->rollback();
    CHECK(connection->query("SELECT sum(small) FROM things")->integer(0, 0) == 5);
    connection->begin(Access::read_write);
    connection->commit();
    connection->begin(Access::read_write);
    connection->rollback();
    connection->rollback();
    CHECK(connection->usable());
    CHECK(connection->alive());
}

TEST_CASE("A transaction that reads cannot write") {
    const auto connection = with_table();
    auto other = opened();
    other->script("DROP TABLE IF EXISTS permanent; CREATE TABLE permanent (id INTEGER)");
    connection->begin(Access::read_only);
    CHECK(state_of([&] { connection->change("INSERT INTO permanent VALUES (1)", {}); }) == "25006");
    connection->rollback();
    CHECK(connection->usable());
    connection->begin(Access::read_only);
    CHECK(connection->query("SELECT count(*) FROM permanent")->integer(0, 0) == 0);
    other->execute("INSERT INTO permanent VALUES (1)", {});
    CHECK(connection->query("SELECT count(*) FROM permanent")->integer(0, 0) == 0);
    connection->commit();
    CHECK(connection->query("SELECT count(*) FROM permanent")->integer(0, 0) == 1);
    other->script("DROP TABLE permanent");
}

TEST_CASE("What went wrong with a statement that was not waited for is thrown by the next that waits") {
    const auto connection = with_table();
    connection->begin(Access::read_write);
    connection->execute("INSERT INTO things (id) VALUES (?)", {std::int64_t{1}});
    connection->execute("INSERT INTO things (id) VALUES (?)", {std::int64_t{1}});
    connection->execute("INSERT INTO things (small) VALUES (CAST(? AS INTEGER))", {std::string_view("no")});
    try {
        connection->query("SELECT count(*) FROM things");
        FAIL("nothing was thrown");
    } catch (const StatementError &error) {
        CHECK(error.state() == "23505");
        CHECK(error.duplicate());
        CHECK(std::string(error.what()) ==
              "PostgreSQL: duplicate key value violates unique constraint \"things_pkey\" [23505]");
    }
    connection->rollback();
    CHECK(connection->query("SELECT count(*) FROM things")->integer(0, 0) == 0);
    // What was not prepared because of the error is prepared now.
    connection->begin(Access::read_write);
    connection->execute("INSERT INTO things (small) VALUES (CAST(? AS INTEGER))", {std::string_view("8")});
    connection->commit();
    CHECK(connection->query("SELECT small FROM things")->integer(0, 0) == 8);
}

TEST_CASE("A commit throws what went wrong before it") {
    const auto connection = with_table();
    connection->begin(Access::read_write);
    connection->execute("INSERT INTO things (id) VALUES (?)", {std::int64_t{1}});
    connection->execute("INSERT INTO things (id) VALUES (?)", {std::int64_t{1}});
    CHECK(state_of([&] { connection->commit(); }) == "23505");
    connection->rollback();
    CHECK(connection->query("SELECT count(*) FROM things")->integer(0, 0) == 0);
    connection->script(
        "CREATE TEMPORARY TABLE others (id BIGINT REFERENCES things(id) DEFERRABLE INITIALLY DEFERRED)");
    connection->begin(Access::read_write);
    connection->execute("INSERT INTO others VALUES (?)", {std::int64_t{9}});
    CHECK(state_of([&] { connection->commit(); }) == "23503");
    connection->rollback();
    CHECK(connection->query("SELECT count(*) FROM others")->integer(0, 0) == 0);
}

TEST_CASE("A rollback forgets what was sent, what is not prepared too") {
    const auto connection = with_table();
    for (int time = 0; time < 3; ++time) {
        connection->begin(Access::read_write);
        connection->execute("INSERT INTO things (id) VALUES (?)", {std::string_view("no number")});
        connection->execute("INSERT INTO things (id, small) VALUES (5, ?)", {std::int64_t{time}});
        connection->rollback();
        connection->begin(Access::read_write);
        connection->execute("INSERT INTO things (id, small) VALUES (5, ?)", {std::int64_t{time}});
        CHECK(connection->query("SELECT small FROM things")->integer(0, 0) == time);
        connection->rollback();
    }
    CHECK(connection->query("SELECT count(*) FROM things")->integer(0, 0) == 0);
}

TEST_CASE("Only what is worth another try says so") {
    const auto connection = with_table();
    CHECK(code_of([&] { connection->query("SELECT nothing"); }) == OrthancPluginErrorCode_Database);
    CHECK(code_of([&] { connection->query("SELECT CAST(? AS INTEGER)", {std::string_view("x")}); }) ==
          OrthancPluginErrorCode_Database);
    for (const std::string state : {"40001", "40P01", "55P03"}) {
        CHECK(code_of([&] {
                  connection->script("DO $do$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '" + state +
                                     "'; END $do$");
              }) == OrthancPluginErrorCode_DatabaseCannotSerialize);
    }
}

TEST_CASE("Two that change the same row in a deadlock: one is to try again") {
    auto admin = opened();
    admin->script("DROP TABLE IF EXISTS locked; CREATE TABLE locked (id INTEGER PRIMARY KEY, n INTEGER); "
                  "INSERT INTO locked VALUES (1, 0), (2, 0)");
    auto settings = postgresql_settings(address());
    settings.serializable = true;
    const auto one = postgresql_opener(settings)();
    const auto two = postgresql_opener(settings)();
    one->begin(Access::read_write);
    two->begin(Access::read_write);
    one->query("SELECT n FROM locked WHERE id = 1");
    two->query("SELECT n FROM locked WHERE id = 1");
    one->change("UPDATE locked SET n = 1 WHERE id = 1", {});
    one->commit();
    CHECK(code_of([&] { two->change("UPDATE locked SET n = 2 WHERE id = 1", {}); }) ==
          OrthancPluginErrorCode_DatabaseCannotSerialize);
    two->rollback();
    admin->script("DROP TABLE locked");
}

TEST_CASE("A script may be several statements, and an error in it undoes all") {
    const auto connection = opened();
    connection->script(
        "CREATE TEMPORARY TABLE a (id INTEGER); INSERT INTO a VALUES (1); INSERT INTO a VALUES (2)");
    CHECK(connection->query("SELECT count(*) FROM a")->integer(0, 0) == 2);
    CHECK(state_of([&] { connection->script("INSERT INTO a VALUES (3); SELECT nothing"); }) == "42703");
    CHECK(connection->query("SELECT count(*) FROM a")->integer(0, 0) == 2);
    connection->begin(Access::read_write);
    connection->execute("INSERT INTO a VALUES (?)", {std::int64_t{4}});
    connection->script("INSERT INTO a VALUES (5)");
    connection->rollback();
    CHECK(connection->query("SELECT count(*) FROM a")->integer(0, 0) == 2);
}

TEST_CASE("A session forgets prepared statements beyond its limit") {
    const auto connection = opened();
    for (int number = 0; number < 1000; ++number) {
        CHECK(connection->query("SELECT CAST(? AS BIGINT) + " + std::to_string(number), {std::int64_t{1}})
                  ->integer(0, 0) == number + 1);
    }
    CHECK(connection->query("SELECT count(*) FROM pg_prepared_statements")->integer(0, 0) <= 400);
    CHECK(connection->query("SELECT CAST(? AS BIGINT) + 1", {std::int64_t{1}})->integer(0, 0) == 2);
}

TEST_CASE("A table that changes makes a prepared statement stale once") {
    const auto connection = with_table();
    const std::string statement = "SELECT * FROM things";
    connection->query(statement);
    connection->script("ALTER TABLE things ADD COLUMN more INTEGER");
    CHECK(code_of([&] { connection->query(statement); }) == OrthancPluginErrorCode_DatabaseCannotSerialize);
    CHECK(connection->query(statement)->rows() == 0);
    connection->script("DEALLOCATE ALL");
    CHECK(code_of([&] { connection->query(statement); }) == OrthancPluginErrorCode_DatabaseCannotSerialize);
    CHECK(connection->query(statement)->rows() == 0);
}

TEST_CASE("A connection that the server ends is noticed, in a transaction and when nobody uses it") {
    const auto admin = opened();
    const auto ended = [&](Connection &other) {
        const std::int64_t process = other.query("SELECT pg_backend_pid()")->integer(0, 0);
        admin->query("SELECT pg_terminate_backend(CAST(? AS INTEGER), 5000)", {process});
    };
    auto idle = opened();
    CHECK(idle->usable());
    ended(*idle);
    CHECK_FALSE(idle->usable());
    CHECK_FALSE(idle->alive());

    auto busy = opened();
    busy->begin(Access::read_write);
    ended(*busy);
    busy->execute("SELECT 1", {});
    CHECK(code_of([&] { busy->query("SELECT 2"); }) == OrthancPluginErrorCode_DatabaseUnavailable);
    busy->rollback();
    CHECK_FALSE(busy->usable());
    CHECK(code_of([&] { busy->query("SELECT 2"); }) == OrthancPluginErrorCode_DatabaseUnavailable);

    auto committing = opened();
    committing->begin(Access::read_write);
    committing->query("SELECT 1");
    ended(*committing);
    CHECK(code_of([&] { committing->commit(); }) == OrthancPluginErrorCode_DatabaseUnavailable);
    committing->rollback();
    CHECK_FALSE(committing->usable());
}

namespace {

PostgresqlSettings settings_of(const std::string &section) {
    return postgresql_settings(Configuration("PostgreSQL", Json::parse(section)), false);
}

std::string refusal_of(const std::string &section) {
    try {
        settings_of(section);
    } catch (const Error &error) {
        return error.what();
    }
    return "nothing was thrown";
}

std::string refusal_at_opening(const std::string &parameters) {
    try {
        postgresql_opener(postgresql_settings(parameters))();
    } catch (const Error &error) {
        return std::to_string(error.code()) + " " + error.what();
    }
    return "nothing was thrown";
}

} // namespace

TEST_CASE("The settings become parameters of libpq, the empty ones none") {
    using Keywords = std::map<std::string, std::string>;
    const Keywords always{{"client_encoding", "UTF8"},
                          {"connect_timeout", "10"},
                          {"keepalives_count", "3"},
                          {"keepalives_idle", "30"},
                          {"keepalives_interval", "10"},
                          {"tcp_user_timeout", "60000"},
                          {"fallback_application_name", "Orthanc"}};
    const auto with = [&always](Keywords more) {
        more.insert(always.begin(), always.end());
        return more;
    };
    const PostgresqlSettings plain = settings_of("{}");
    CHECK(plain.parameters == with({{"host", "localhost"}, {"port", "5432"}, {"sslmode", "disable"}}));
    CHECK(plain.schema == "public");
    CHECK_FALSE(plain.serializable);
    CHECK_FALSE(plain.verbose);

    const PostgresqlSettings full = settings_of(
        R"({"Host": "db", "Port": 1, "Database": "a b", "Username": "it's", "Password": "\\ \" '", "EnableSsl": true,
            "ApplicationName": "x y", "Schema": "Clinic", "TransactionMode": "Serializable", "EnableVerboseLogs": true})");
    CHECK(full.parameters == with({{"host", "db"},
                                   {"port", "1"},
                                   {"dbname", "a b"},
                                   {"user", "it's"},
                                   {"password", "\\ \" '"},
                                   {"application_name", "x y"},
                                   {"sslmode", "require"}}));
    CHECK(full.schema == "clinic");
    CHECK(full.serializable);
    CHECK(full.verbose);

    Keywords uri = with({{"host", "db"}, {"user", "u"}, {"password", "p w"}, {"dbname", "d"}});
    uri["connect_timeout"] = "3";
    CHECK(settings_of(R"({"ConnectionUri": "postgresql://u:p%20w@db/d?connect_timeout=3", "Host": "other",
                          "EnableSsl": true})")
              .parameters == uri);
}

TEST_CASE("What is wrong with a setting is said with its name, and no part of a password") {
    CHECK(refusal_of(R"({"Port": 65535})") ==
          "PostgreSQL.Port: is 65535. Write a whole number from 1 to 65534.");
    CHECK(refusal_of(R"({"Port": 0})") == "PostgreSQL.Port: is 0. Write a whole number from 1 to 65534.");
    CHECK(refusal_of(R"({"TransactionMode": "serializable"})") ==
          "PostgreSQL.TransactionMode: is a text that is neither. Write ReadCommitted or Serializable.");
    CHECK(refusal_of(R"({"Schema": ""})") ==
          "PostgreSQL.Schema: is empty. Write the name of a schema, such as public.");
    CHECK(refusal_of(R"({"ConnectionUri": "host=db secret"})") ==
          "PostgreSQL.ConnectionUri: missing \"…\" after \"…\" in connection info string. Write "
          "postgresql://USER:PASSWORD@HOST:PORT/DATABASE, or keywords of libpq.");
}

TEST_CASE("A server that is not there, and one that refuses, name the setting") {
    CHECK(refusal_at_opening("host=/nowhere dbname=x")
              .starts_with("36 PostgreSQL.ConnectionUri: the server cannot be reached: "));
    CHECK(refusal_at_opening("host=/nowhere port=x") ==
          "5 PostgreSQL.ConnectionUri: the parameters of the connection are wrong: invalid integer value "
          "\"x\" for "
          "connection option \"port\". Correct the settings of PostgreSQL.");
    CHECK(refusal_at_opening(address() + " dbname=no_such_database")
              .starts_with("11 PostgreSQL.ConnectionUri: the server has no such database: "));
    CHECK(refusal_at_opening(address() + " user=no_such_user")
              .starts_with("11 PostgreSQL.ConnectionUri: the server does not let this user in: "));
    const auto admin = opened();
    admin->script("DROP DATABASE IF EXISTS native_latin1");
    admin->script(
        "CREATE DATABASE native_latin1 ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0");
    CHECK(refusal_at_opening(address() + " dbname=native_latin1") ==
          "11 PostgreSQL.ConnectionUri: the database has the encoding LATIN1. Make one with CREATE DATABASE "
          "… ENCODING "
          "'UTF8' TEMPLATE template0.");
    admin->script("DROP DATABASE native_latin1");
}

TEST_CASE("The section is a backend, where it is enabled") {
    tests::FakeOrthanc orthanc;
    orthanc.configuration = R"({"PostgreSQL": {"EnableIndex": true}})";
    const auto plain = postgresql_backend(Purpose::index, false);
    REQUIRE(plain.has_value());
    CHECK(plain->connections == 50);
    CHECK_FALSE(plain->dynamic);
    CHECK(plain->lock);
    CHECK(plain->retries.most == 10);
    CHECK(plain->retries.pause == std::chrono::seconds(5));
    CHECK(plain->housekeeping == std::chrono::seconds(1));
    CHECK_FALSE(plain->inexact_counts);
    CHECK(plain->schema_name == "public");
    CHECK_FALSE(postgresql_backend(Purpose::storage, false).has_value());
    REQUIRE(orthanc.lines().size() == 1);
    CHECK(orthanc.lines()[0].message ==
          "PostgreSQL.EnableStorage: is not true, so this plugin does nothing.");

    orthanc.configuration =
        R"({"PostgreSQL": {"EnableIndex": true, "EnableStorage": true, "Lock": false, "IndexConnectionsCount": 20,
            "MaximumConnectionRetries": 3, "ConnectionRetryInterval": 7, "HousekeepingInterval": 9,
            "AllowInconsistentChildCounts": true, "UseDynamicConnectionPool": true, "Schema": "Two"}})";
    const auto full = postgresql_backend(Purpose::index, false);
    REQUIRE(full.has_value());
    CHECK(full->connections == 20);
    CHECK(full->dynamic);
    CHECK_FALSE(full->lock);
    CHECK(full->retries.most == 3);
    CHECK(full->retries.pause == std::chrono::seconds(7));
    CHECK(full->housekeeping == std::chrono::seconds(9));
    CHECK(full->inexact_counts);
    CHECK(full->schema_name == "two");
    const auto storage = postgresql_backend(Purpose::storage, false);
    REQUIRE(storage.has_value());
    CHECK(storage->connections == 10);
    CHECK(storage->dynamic);

    for (const std::string setting : {R"("IndexConnectionsCount": 0)", R"("HousekeepingInterval": 0)"}) {
        orthanc.configuration = R"({"PostgreSQL": {"EnableIndex": true, )" + setting + "}}";
        CHECK(code_of([] { postgresql_backend(Purpose::index, false); }) ==
              OrthancPluginErrorCode_BadParameterType);
    }
    CHECK(postgresql_backend(Purpose::index, true).has_value());
}

TEST_CASE("Notices, and with EnableVerboseLogs each statement without its values, go to the log") {
    tests::FakeOrthanc orthanc;
    auto settings = postgresql_settings(address());
    settings.verbose = true;
    const auto connection = postgresql_opener(settings)();
    connection->query("SELECT CAST(? AS TEXT)", {std::string_view("secret")});
    connection->script("DO $do$ BEGIN RAISE NOTICE 'look'; END $do$");
    std::vector<std::string> said;
    for (const auto &line : orthanc.lines()) {
        CHECK(line.level == OrthancPluginLogLevel_Info);
        said.push_back(line.message);
    }
    CHECK(said == std::vector<std::string>{"SQL: SELECT CAST(? AS TEXT)",
                                           "SQL: DO $do$ BEGIN RAISE NOTICE 'look'; END $do$",
                                           "PostgreSQL: look"});
}

} // namespace orthanc_images::database
