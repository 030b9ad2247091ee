// What `config check --connect` finds in databases that are empty, and in ones with tables of several
// revisions.
#include "database/check.h"

#include "database/driver/mysql.h"
#include "database/driver/odbc.h"
#include "database/driver/postgresql.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <nlohmann/json.hpp>

#include <cstdlib>
#include <map>
#include <sstream>
#include <string>

namespace orthanc_images::database {

namespace {

std::string variable(const char *name) {
    const char *value = std::getenv(name); // NOLINT(concurrency-mt-unsafe): nobody changes it
    if (value == nullptr) {
        throw std::runtime_error(std::string(name) + ": is not set. Name a server and an empty database.");
    }
    return value;
}

// The parts of `name=value;name=value`.
std::map<std::string, std::string> parts(const std::string &text) {
    std::map<std::string, std::string> found;
    std::istringstream stream(text);
    for (std::string part; std::getline(stream, part, ';');) {
        const std::size_t equals = part.find('=');
        found[part.substr(0, equals)] = part.substr(equals + 1);
    }
    return found;
}

Backend postgresql() {
    Backend backend;
    backend.schema = SchemaKind::postgresql;
    backend.opener = postgresql_opener(postgresql_settings(variable("TEST_POSTGRESQL") + " dbname=checks"));
    return backend;
}

Backend mysql() {
    std::map<std::string, std::string> given = parts(variable("TEST_MYSQL"));
    MySQLSettings settings;
    settings.socket = given["socket"];
    settings.user = given["user"];
    settings.database = "checks";
    Backend backend;
    backend.schema = SchemaKind::mysql;
    backend.opener = [settings] { return open_mysql(settings); };
    return backend;
}

// The connection string with another database, which is its last attribute.
std::string elsewhere(const std::string &connection_string) {
    const std::size_t start = connection_string.rfind("Database=") + std::string("Database=").size();
    const std::string database = connection_string.substr(start);
    return connection_string.substr(0, start) +
           (database.find('/') != std::string::npos ? database + "-checks" : "checks");
}

Backend odbc(const char *name) {
    Backend backend;
    backend.schema = SchemaKind::odbc;
    backend.opener = [text = elsewhere(variable(name))] {
        return open_odbc(text, "Odbc.IndexConnectionString");
    };
    return backend;
}

// Tables for the time of a test, which other tests must not find.
class Tables {
  public:
    Tables(const Backend &backend, const std::string &properties) : connection_(backend.opener()) {
        drop();
        connection_->script(
            "CREATE TABLE GlobalProperties (property INTEGER PRIMARY KEY, value VARCHAR(64))");
        connection_->script("INSERT INTO GlobalProperties VALUES " + properties);
    }

    Tables(const Tables &) = delete;
    Tables &operator=(const Tables &) = delete;

    ~Tables() {
        drop();
    }

  private:
    void drop() {
        connection_->script("DROP TABLE IF EXISTS GlobalProperties");
    }

    std::unique_ptr<Connection> connection_;
};

struct Server {
    const char *name;
    Backend backend;
    int newest;
};

Server any_server() {
    switch (GENERATE(0, 1, 2, 3, 4)) {
    case 0:
        return {"PostgreSQL ", postgresql(), 10};
    case 1:
        return {"MariaDB ", mysql(), 8};
    case 2:
        return {"PostgreSQL ", odbc("TEST_ODBC_POSTGRESQL"), 1};
    case 3:
        return {"MariaDB ", odbc("TEST_ODBC_MYSQL"), 1};
    default:
        return {"SQLite ", odbc("TEST_ODBC_SQLITE"), 1};
    }
}

} // namespace

TEST_CASE("An index is described with version, revision, rights and size", "[check]") {
    const Server server = any_server();
    INFO(server.name << " " << server.newest);
    const Tables tables(server.backend, "(1, '6'), (2, 'other'), (4, '3')");
    const Json found = looked_at(server.backend, Purpose::index);
    INFO(found.dump());
    CHECK(found["tables"] == true);
    CHECK(found["version"] == 6);
    CHECK(found["revision"] == 3);
    CHECK(found["newest"] == server.newest);
    CHECK(found["lacking"] == Json::array());
    CHECK(found["size"].get<std::int64_t>() > 0);
}

TEST_CASE("A database without tables says so, and nothing is made in it", "[check]") {
    const Server server = any_server();
    const Purpose purpose = GENERATE(Purpose::index, Purpose::storage);
    {
        const Tables dropped(server.backend, "(1, '6')");
    }
    for (int time = 0; time < 2; ++time) {
        const Json found = looked_at(server.backend, purpose);
        INFO(found.dump());
        CHECK(found["server"].get<std::string>().starts_with(server.name));
        CHECK(found["tables"] == false);
        CHECK(!found.contains("version"));
        CHECK(found["lacking"] == Json::array());
    }
}

TEST_CASE("Missing rights are named, those to make tables only where some are to be made", "[check]") {
    const Backend owner = postgresql();
    const auto connection = owner.opener();
    connection->script("DROP ROLE IF EXISTS reader");
    connection->script("CREATE ROLE reader LOGIN");
    Backend reader = owner;
    const std::string address = variable("TEST_POSTGRESQL") + " dbname=checks";
    reader.opener = postgresql_opener(postgresql_settings(address + " user=reader"));
    CHECK(looked_at(reader, Purpose::index)["lacking"] == Json({"CREATE in the schema public"}));
    {
        const Tables tables(owner, "(1, '6'), (4, '10')");
        const Json unread = looked_at(reader, Purpose::index);
        CHECK(unread["tables"] == true);
        CHECK(!unread.contains("version"));
        CHECK(unread["lacking"] == Json({"DELETE on the tables", "INSERT on the tables",
                                         "SELECT on the tables", "UPDATE on the tables"}));
        connection->script("GRANT SELECT ON GlobalProperties TO reader");
        CHECK(looked_at(reader, Purpose::index)["lacking"] ==
              Json({"DELETE on the tables", "INSERT on the tables", "UPDATE on the tables"}));
    }
    connection->script("DROP ROLE reader");
}

TEST_CASE("Missing rights of MariaDB are named", "[check]") {
    const Backend owner = mysql();
    const auto connection = owner.opener();
    connection->script("DROP USER IF EXISTS reader@localhost");
    connection->script("CREATE USER reader@localhost");
    std::map<std::string, std::string> given = parts(variable("TEST_MYSQL"));
    connection->script("GRANT SELECT ON checks.* TO reader@localhost");
    MySQLSettings settings;
    settings.socket = given["socket"];
    settings.user = "reader";
    settings.database = "checks";
    Backend reader = owner;
    reader.opener = [settings] { return open_mysql(settings); };
    const Json lacking = looked_at(reader, Purpose::index)["lacking"];
    INFO(lacking.dump());
    CHECK(lacking.size() == 12);
    CHECK(lacking[0] == "INSERT");
    connection->script("DROP USER reader@localhost");
}

} // namespace orthanc_images::database
