// The driver over unixODBC, with three servers: what goes in comes out, and what goes wrong is told apart.
#include "odbc_servers.h"

#include <memory>
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

} // namespace orthanc_images::database
