// The driver over unixODBC, with three servers: what goes in comes out, and what goes wrong is told apart.
#include "odbc_servers.h"

#include "database/driver/backend.h"

#include "fake_orthanc.h"

#include <chrono>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace orthanc_images::database {

namespace {

using tests::connection_string;
using tests::open;
using tests::server;
using tests::Server;

// A table of the tests, empty.
std::unique_ptr<Connection> with_table(const Server &server) {
    auto connection = open(server);
    connection->script("DROP TABLE IF EXISTS trial");
    connection->script(std::string("CREATE TABLE trial(id ") + server.key + ", number BIGINT, text " +
                       server.text + ", bytes " + server.bytes + ", name VARCHAR(64) UNIQUE)");
    return connection;
}

template <typename Function> StatementError failure(Function &&function) {
    try {
        std::forward<Function>(function)();
    } catch (const StatementError &error) {
        return error;
    }
    FAIL("nothing went wrong");
    throw 0; // Not reached.
}

} // namespace

TEST_CASE("a session knows its server", "[odbc]") {
    const Server &which = server();
    const auto connection = open(which);
    CHECK(connection->dialect() == which.dialect);
    INFO(connection->server());
    CHECK(connection->server().find_first_of("0123456789") != std::string::npos);
    CHECK(connection->usable());
    CHECK(connection->alive());
}

TEST_CASE("values come back as they were", "[odbc]") {
    const Server &which = server();
    const auto connection = with_table(which);
    std::string every(256, '\0');
    for (std::size_t byte = 0; byte < every.size(); ++byte) {
        every[byte] = static_cast<char>(byte);
    }
    const std::string statement = "INSERT INTO trial(number, text, bytes) VALUES(?, ?, ?)";
    const std::vector<std::string> texts = {
        "", "plain", "Ωμέγα 中文 \xf0\x9f\xa9\xbb ü", std::string(3000, 'x') + "é",
        std::string(4094, 'y') + "\xf0\x9f\xa9\xbb" + std::string(5000, 'z')};
    for (const std::string &text : texts) {
        for (const std::int64_t number : {std::int64_t{0}, std::int64_t{-1}, INT64_MAX, INT64_MIN}) {
            const Parameter values[] = {number, std::string_view(text), Bytes{every}};
            const std::int64_t id = connection->insert(statement, "id", values);
            const auto result =
                connection->query("SELECT number, text, bytes, id FROM trial WHERE id = ?", {id});
            REQUIRE(result->rows() == 1);
            CHECK(result->integer(0, 0) == number);
            CHECK(result->text(0, 0) == std::to_string(number));
            CHECK(result->text(0, 1) == text);
            CHECK(result->text(0, 2) == every);
            CHECK(result->integer(0, 3) == id);
            CHECK(!result->null(0, 1));
        }
    }
    CHECK(connection->query("SELECT COUNT(*), SUM(id) FROM trial")->integer(0, 0) == 20);
    CHECK(connection->query("SELECT SUM(id) FROM trial")->integer(0, 0) == 210);
}

TEST_CASE("NULL is kept apart from what is empty", "[odbc]") {
    const Server &which = server();
    const auto connection = with_table(which);
    connection->execute("INSERT INTO trial(number, text, bytes) VALUES(?, ?, ?)",
                        {std::monostate(), std::monostate(), std::monostate()});
    connection->execute("INSERT INTO trial(number, text, bytes) VALUES(?, ?, ?)",
                        {std::int64_t{0}, std::string_view(""), Bytes{""}});
    const auto result = connection->query("SELECT number, text, bytes FROM trial ORDER BY id");
    REQUIRE(result->rows() == 2);
    for (std::size_t column = 0; column < 3; ++column) {
        CHECK(result->null(0, column));
        CHECK(result->text(0, column).empty());
        CHECK(!result->null(1, column));
    }
    CHECK(result->text(1, 1).empty());
    CHECK(result->text(1, 2).empty());
    CHECK(result->integer(0, 0) == 0);
}

TEST_CASE("values of 16 MB fit", "[odbc]") {
    const Server &which = server();
    const auto connection = with_table(which);
    std::string bytes(16U << 20U, '\0');
    for (std::size_t index = 0; index < bytes.size(); ++index) {
        bytes[index] = static_cast<char>(index * 7 % 251);
    }
    std::string text;
    while (text.size() < 16U << 20U) {
        text += "sixteen megabytes of letters, some of them Ω 🩻; ";
    }
    connection->execute("INSERT INTO trial(number, text) VALUES(1, ?)", {std::string_view(text)});
    connection->execute("UPDATE trial SET bytes = ? WHERE number = 1", {Bytes{bytes}});
    const auto result =
        connection->query("SELECT text, bytes FROM trial WHERE number = ?", {std::int64_t{1}});
    REQUIRE(result->rows() == 1);
    CHECK((result->text(0, 0) == text));
    CHECK((result->text(0, 1) == bytes));
}

TEST_CASE("a change counts the rows that it finds", "[odbc]") {
    const Server &which = server();
    const auto connection = with_table(which);
    connection->execute("INSERT INTO trial(number) VALUES(?), (?)", {std::int64_t{5}, std::int64_t{6}});
    CHECK(connection->change("UPDATE trial SET number = ? WHERE number = ?",
                             {std::int64_t{5}, std::int64_t{5}}) == 1);
    CHECK(connection->change("UPDATE trial SET number = 7") == 2);
    CHECK(connection->change("DELETE FROM trial WHERE number = ?", {std::int64_t{5}}) == 0);
    CHECK(connection->change("DELETE FROM trial WHERE number = ?", {std::int64_t{7}}) == 2);
}

TEST_CASE("a transaction is kept or given up as a whole", "[odbc]") {
    const Server &which = server();
    const auto connection = with_table(which);
    const auto count = [&] { return connection->query("SELECT COUNT(*) FROM trial")->integer(0, 0); };
    const auto add = [&] { connection->execute("INSERT INTO trial(number) VALUES(?)", {std::int64_t{1}}); };
    connection->begin(Access::read_write);
    add();
    connection->commit();
    CHECK(count() == 1);
    connection->begin(Access::read_write);
    add();
    CHECK(count() == 2);
    connection->rollback();
    CHECK(count() == 1);
    add();
    CHECK(open(which)->query("SELECT COUNT(*) FROM trial")->integer(0, 0) == 2);
    connection->begin(Access::read_only);
    CHECK(count() == 2);
    connection->commit();
    connection->begin(Access::read_write);
    add();
    CHECK_THROWS_AS(connection->execute("INSERT INTO missing(number) VALUES(?)", {std::int64_t{1}}),
                    StatementError);
    connection->rollback();
    CHECK(count() == 2);
    CHECK(connection->usable());
}

TEST_CASE("a reader sees one state of the database", "[odbc]") {
    const Server &which = server();
    const auto writer = with_table(which);
    const auto reader = open(which);
    const auto count = [&] { return reader->query("SELECT COUNT(*) FROM trial")->integer(0, 0); };
    reader->begin(Access::read_only);
    CHECK(count() == 0);
    writer->execute("INSERT INTO trial(number) VALUES(?)", {std::int64_t{1}});
    CHECK(count() == 0);
    reader->commit();
    CHECK(count() == 1);
}

TEST_CASE("a row that is there already is told apart", "[odbc]") {
    const Server &which = server();
    const auto connection = with_table(which);
    const std::string statement = "INSERT INTO trial(name) VALUES(?)";
    connection->execute(statement, {std::string_view("same")});
    const StatementError error = failure([&] { connection->execute(statement, {std::string_view("same")}); });
    CHECK(error.duplicate());
    CHECK(error.code() == OrthancPluginErrorCode_Database);
    CHECK(std::string(error.what()).find("same\"") == std::string::npos);
    CHECK(connection->usable());
    CHECK(connection->query("SELECT COUNT(*) FROM trial")->integer(0, 0) == 1);
    const StatementError missing = failure([&] { connection->query("SELECT nothing FROM trial"); });
    CHECK(!missing.duplicate());
    CHECK(std::string(missing.what()).find("SELECT nothing FROM trial") != std::string::npos);
}

TEST_CASE("lists of numbers are for PostgreSQL", "[odbc]") {
    const Server &which = server();
    const auto connection = with_table(which);
    connection->execute("INSERT INTO trial(number) VALUES(1), (2), (3), (-4)");
    const std::vector<std::int64_t> numbers = {1, -4, 9};
    const auto count = [&] {
        return connection
            ->query("SELECT COUNT(*) FROM trial WHERE number = ANY(?)",
                    {std::span<const std::int64_t>(numbers)})
            ->integer(0, 0);
    };
    if (which.dialect == Dialect::postgresql) {
        CHECK(count() == 2);
    } else {
        CHECK_THROWS_AS(count(), Error);
    }
}

TEST_CASE("two that wait for each other are told to try again", "[odbc]") {
    const Server &which = server();
    const auto one = with_table(which);
    one->execute("INSERT INTO trial(number) VALUES(1), (2)");
    if (which.dialect == Dialect::sqlite) {
        // Only one can write: the other waits for as long as its connection string says.
        const auto two = open_odbc(connection_string(which) + ";Timeout=50", "Odbc.IndexConnectionString");
        one->begin(Access::read_write);
        const StatementError error = failure([&] { two->begin(Access::read_write); });
        CHECK(error.code() == OrthancPluginErrorCode_DatabaseCannotSerialize);
        one->rollback();
        two->begin(Access::read_write);
        two->rollback();
        return;
    }
    const auto two = open(which);
    const auto write = [](Connection &connection, std::int64_t number) {
        connection.execute("UPDATE trial SET text = 'x' WHERE id = ?", {number});
    };
    one->begin(Access::read_write);
    two->begin(Access::read_write);
    write(*one, 1);
    write(*two, 2);
    std::vector<OrthancPluginErrorCode> codes(2, OrthancPluginErrorCode_Success);
    const auto finish = [&](Connection &connection, std::int64_t number, OrthancPluginErrorCode &code) {
        try {
            write(connection, number);
            connection.commit();
        } catch (const StatementError &error) {
            code = error.code();
            connection.rollback();
        }
    };
    std::thread other([&] { finish(*one, 2, codes[0]); });
    finish(*two, 1, codes[1]);
    other.join();
    CHECK((codes[0] == OrthancPluginErrorCode_DatabaseCannotSerialize) !=
          (codes[1] == OrthancPluginErrorCode_DatabaseCannotSerialize));
    CHECK(one->alive());
    CHECK(two->alive());
}

TEST_CASE("a connection that the server ends is told apart", "[odbc]") {
    const Server &which = server();
    if (which.dialect == Dialect::sqlite) {
        // There is no server.
        return;
    }
    const auto connection = with_table(which);
    const auto other = open(which);
    const bool postgresql = which.dialect == Dialect::postgresql;
    const auto end = [&](Connection &victim) {
        const std::int64_t session =
            victim.query(postgresql ? "SELECT pg_backend_pid()" : "SELECT CONNECTION_ID()")->integer(0, 0);
        if (postgresql) {
            other->query("SELECT CAST(pg_terminate_backend(CAST(? AS INTEGER)) AS INTEGER)", {session});
        } else {
            other->script("KILL " + std::to_string(session));
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
    };
    connection->begin(Access::read_write);
    connection->execute("INSERT INTO trial(number) VALUES(?)", {std::int64_t{1}});
    end(*connection);
    const StatementError error = failure([&] { connection->query("SELECT COUNT(*) FROM trial"); });
    CHECK(error.code() == OrthancPluginErrorCode_DatabaseUnavailable);
    CHECK(!connection->usable());
    CHECK(!connection->alive());
    connection->rollback();
    const StatementError again = failure([&] { connection->query("SELECT 1"); });
    CHECK(again.code() == OrthancPluginErrorCode_DatabaseUnavailable);
    CHECK(other->query("SELECT COUNT(*) FROM trial")->integer(0, 0) == 0);

    const auto idle = open(which);
    end(*idle);
    CHECK(!idle->alive());
    CHECK(!idle->usable());
}

TEST_CASE("a connection string that does not work is refused in words, without its password", "[odbc]") {
    const auto refusal = [](const std::string &text) -> std::string {
        try {
            open_odbc(text, "Odbc.IndexConnectionString");
        } catch (const Error &error) {
            return error.what();
        }
        return "";
    };
    const auto begins = [](const std::string &text, const std::string &with) {
        INFO(text);
        CHECK(text.starts_with("Odbc.IndexConnectionString: " + with));
        CHECK(text.find("s3cr}et") == std::string::npos);
    };
    const std::string password = ";UID=nobody;PWD={s3cr}}et}";
    const std::string driver = refusal("Driver=Missing Driver;Server=nowhere" + password);
    begins(driver, "unixODBC does not know its driver or data source (");
    CHECK(driver.find("Known drivers: ") != std::string::npos);
    begins(refusal("DSN=missing" + password), "unixODBC does not know its driver or data source (");
    begins(refusal("Driver=/nowhere/driver.so" + password),
           "unixODBC does not know its driver or data source (");
    const auto changed = [](const Server &which, const std::string &more) {
        return connection_string(which) + more;
    };
    begins(refusal(changed(tests::servers[1], ";PWD={s3cr}}et};UID=nobody")),
           "the server refuses the user (");
    begins(refusal(changed(tests::servers[0], ";Database=missing")), "the server does not have the database");
    begins(refusal(changed(tests::servers[1], ";Database=missing")), "the server does not have the database");
    const std::string missing = refusal(changed(tests::servers[0], ";Database=missing"));
    CHECK(missing.find('\n') == std::string::npos);
    CHECK(missing.ends_with("does not exist). Create it, or correct its name."));
}

TEST_CASE("a driver that is none, and a file that is none, are refused in words", "[odbc]") {
    const auto refusal = [](const std::string &text) -> std::string {
        try {
            open_odbc(text, "Odbc.StorageConnectionString");
        } catch (const StatementError &error) {
            FAIL("would be tried again: " << error.what());
        } catch (const Error &error) {
            return error.what();
        }
        return "";
    };
    // A library that is everywhere, and no driver.
    CHECK(refusal("Driver=libodbcinst.so.2;Server=nowhere")
              .starts_with("Odbc.StorageConnectionString: its driver does not work ("));
    const std::string sqlite = connection_string(tests::servers[2]);
    const std::string file = "Odbc.StorageConnectionString: the file of the database cannot be used (";
    CHECK(
        refusal(sqlite.substr(0, sqlite.find(";Database=")) + ";Database=/nowhere/index").starts_with(file));
    CHECK(
        refusal(sqlite.substr(0, sqlite.find(";Database=")) + ";Database=/proc/self/exe").starts_with(file));
}

TEST_CASE("many threads have a session each", "[odbc]") {
    const Server &which = server();
    with_table(which);
    constexpr int threads = 8;
    std::vector<std::string> failures(threads);
    std::vector<std::thread> workers;
    for (int thread = 0; thread < threads; ++thread) {
        workers.emplace_back([&, thread] {
            try {
                const auto connection = open(which);
                for (int round = 0; round < 20; ++round) {
                    const std::string text =
                        "thread " + std::to_string(thread) + " Ω " + std::to_string(round);
                    connection->begin(Access::read_write);
                    connection->execute("INSERT INTO trial(number, text) VALUES(?, ?)",
                                        {std::int64_t{thread}, std::string_view(text)});
                    connection->commit();
                    connection->begin(Access::read_only);
                    const auto result =
                        connection->query("SELECT COUNT(*) FROM trial WHERE number = ? AND text = ?",
                                          {std::int64_t{thread}, std::string_view(text)});
                    connection->commit();
                    if (result->integer(0, 0) != 1) {
                        throw std::runtime_error("a row is lost");
                    }
                }
            } catch (const std::exception &error) {
                failures[static_cast<std::size_t>(thread)] = error.what();
            }
        });
    }
    for (std::thread &worker : workers) {
        worker.join();
    }
    CHECK(failures == std::vector<std::string>(threads));
    CHECK(open(which)->query("SELECT COUNT(*) FROM trial")->integer(0, 0) == threads * 20);
}

TEST_CASE("a session keeps a limited number of statements", "[odbc]") {
    const Server &which = server();
    const auto connection = with_table(which);
    for (int number = 0; number < 1000; ++number) {
        const std::string statement = "SELECT " + std::to_string(number) + " FROM trial WHERE number = ?";
        connection->query(statement, {std::int64_t{number}});
    }
    connection->execute("INSERT INTO trial(number) VALUES(?)", {std::int64_t{0}});
    CHECK(connection->query("SELECT 0 FROM trial WHERE number = ?", {std::int64_t{0}})->rows() == 1);
}

TEST_CASE("the section says how many connections there are and how often one is tried", "[odbc]") {
    tests::FakeOrthanc orthanc;
    const auto configured = [&](const std::string &content, Purpose purpose = Purpose::index) {
        orthanc.configuration = R"({"Odbc": {)" + content + "}}";
        return odbc_backend(purpose, false);
    };
    CHECK(!configured(""));
    CHECK(!configured(R"("EnableStorage": true)"));
    CHECK(!configured(R"("EnableIndex": true)", Purpose::storage));
    const std::string index = R"("EnableIndex": true, "IndexConnectionString": "DSN=x")";
    const std::string storage = R"("EnableStorage": true, "StorageConnectionString": "DSN=x")";
    const auto usual = configured(index);
    REQUIRE(usual);
    CHECK(usual->schema == SchemaKind::odbc);
    // Nobody knows what is behind a data source.
    CHECK(usual->connections == 1);
    CHECK(!usual->dynamic);
    CHECK(usual->retries.most == 10);
    CHECK(usual->retries.pause == std::chrono::seconds(5));
    CHECK(usual->housekeeping == std::chrono::seconds(5));
    CHECK(!usual->lock);
    const auto other = configured(
        index +
        R"(, "IndexConnectionsCount": 7, "MaximumConnectionRetries": 3, "ConnectionRetryInterval": 2)");
    CHECK(other->connections == 7);
    CHECK(!other->dynamic);
    CHECK(other->retries.most == 3);
    CHECK(other->retries.pause == std::chrono::seconds(2));
    const auto of_driver = [&](const std::string &driver) {
        const std::string text = R"("IndexConnectionString": "Driver=)" + driver + R"(;Database=x")";
        return configured(R"("EnableIndex": true, )" + text);
    };
    const auto server = of_driver("{PostgreSQL Unicode}");
    CHECK(server->connections == 50);
    CHECK(server->dynamic);
    const auto file = of_driver("SQLite3");
    CHECK(file->connections == 1);
    CHECK(!file->dynamic);
    CHECK(configured(storage + R"(, "MaxConnectionRetries": 4)", Purpose::storage)->retries.most == 4);
    CHECK(configured(storage + R"(, "MaximumConnectionRetries": 5)", Purpose::storage)->retries.most == 5);
    CHECK(configured(storage + R"(, "MaxConnectionRetries": 4, "MaximumConnectionRetries": 5)",
                     Purpose::storage)
              ->retries.most == 4);
    const auto refusal = [&](const std::string &content, Purpose purpose = Purpose::index) -> std::string {
        try {
            configured(content, purpose);
        } catch (const Error &error) {
            return error.what();
        }
        return "";
    };
    CHECK(refusal(R"("EnableIndex": true)").starts_with("Odbc.IndexConnectionString: is empty. Write "));
    CHECK(refusal(R"("EnableStorage": true)", Purpose::storage)
              .starts_with("Odbc.StorageConnectionString: is empty."));
    CHECK(refusal(index + R"(, "ConnectionRetryInterval": 0)") ==
          "Odbc.ConnectionRetryInterval: is 0. Write a whole number from 1 to 86400.");
    CHECK(refusal(index + R"(, "IndexConnectionsCount": 0)") ==
          "Odbc.IndexConnectionsCount: is 0. Write a whole number from 1 to 1000.");
}

} // namespace orthanc_images::database
