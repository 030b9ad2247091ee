// MySQL and MariaDB: the driver, and the schema with its triggers and procedures, on a real server.
#include "database/driver/mysql.h"

#include "database/driver/backend.h"
#include "database/query.h"
#include "database/schema/schema.h"

#include "fake_orthanc.h"

#include <catch2/catch_test_macros.hpp>

#include <atomic>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

namespace orthanc_images::database {

namespace {

MySQLSettings settings() {
    const char *text = std::getenv("TEST_MYSQL"); // NOLINT(concurrency-mt-unsafe)
    if (text == nullptr) {
        FAIL("TEST_MYSQL: is not set. Write \"socket=…;user=…;database=…\" of an empty database.");
    }
    std::map<std::string, std::string> values;
    std::istringstream parts{std::string(text)};
    for (std::string part; std::getline(parts, part, ';');) {
        values[part.substr(0, part.find('='))] = part.substr(part.find('=') + 1);
    }
    MySQLSettings found;
    found.socket = values["socket"];
    found.user = values["user"];
    found.password = values["password"];
    found.database = values["database"];
    return found;
}

std::unique_ptr<Connection> opened() {
    return open_mysql(settings());
}

std::int64_t number(Connection &connection, const std::string &statement) {
    return connection.query(statement)->integer(0, 0);
}

std::string text(Connection &connection, const std::string &statement) {
    const auto result = connection.query(statement);
    return result->rows() == 0 ? "none" : std::string(result->text(0, 0));
}

// All texts of the first column.
std::vector<std::string> texts(Connection &connection, const std::string &statement) {
    const auto result = connection.query(statement);
    std::vector<std::string> found;
    for (std::size_t row = 0; row < result->rows(); ++row) {
        found.emplace_back(result->text(row, 0));
    }
    return found;
}

// A counter or state of the session, as MariaDB and MySQL both tell it.
std::string status(Connection &connection, const std::string &name) {
    return std::string(connection.query("SHOW SESSION STATUS LIKE '" + name + "'")->text(0, 1));
}

template <typename Failure = StatementError> Failure failure(const std::function<void()> &function) {
    try {
        function();
    } catch (const Failure &error) {
        return error;
    }
    FAIL("nothing went wrong");
    throw 0; // Not reached.
}

// A database without tables and procedures.
std::unique_ptr<Connection> emptied() {
    auto connection = opened();
    connection->script("SET foreign_key_checks = 0");
    for (const std::string &name :
         texts(*connection,
               "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE()")) {
        connection->script("DROP TABLE " + name);
    }
    for (const std::string &name :
         texts(*connection,
               "SELECT routine_name FROM information_schema.routines WHERE routine_schema = DATABASE()")) {
        connection->script("DROP PROCEDURE " + name);
    }
    connection->script("SET foreign_key_checks = 1");
    return connection;
}

// An Orthanc that the schema's lines go to, and a schema.
struct Trial {
    tests::FakeOrthanc orthanc;
    const Catalogue catalogue{SchemaKind::mysql, Dialect::mysql};
    const Backend backend{};
    const std::unique_ptr<Schema> schema = mysql_schema(catalogue, backend);
    std::unique_ptr<Connection> connection = emptied();

    // Runs each statement of a fixture.
    void load(const std::string &name) const {
        std::ifstream file(std::string(FIXTURES) + '/' + name);
        REQUIRE(file);
        std::string all((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
        for (std::size_t at = 0; at < all.size();) {
            const std::size_t end = all.find(";\n", at);
            connection->script(all.substr(at, end - at));
            at = end + 2;
        }
    }

    void install() const {
        schema->install(*connection, false);
    }

    std::vector<std::string> warnings() {
        std::vector<std::string> found;
        for (const tests::Line &line : orthanc.lines()) {
            if (line.level == OrthancPluginLogLevel_Warning) {
                found.push_back(line.message);
            }
        }
        return found;
    }

    messages::CreateInstance_Response create(Connection &session, const std::string &patient,
                                             const std::string &study, const std::string &series,
                                             const std::string &instance) const {
        messages::CreateInstance_Request request;
        request.set_patient(patient);
        request.set_study(study);
        request.set_series(series);
        request.set_instance(instance);
        messages::CreateInstance_Response response;
        schema->create_instance(session, request, response);
        return response;
    }

    messages::CreateInstance_Response create(const std::string &patient, const std::string &study,
                                             const std::string &series, const std::string &instance) const {
        connection->begin(Access::read_write);
        auto response = create(*connection, patient, study, series, instance);
        connection->commit();
        return response;
    }

    void attach(std::int64_t id, std::int64_t kind, const std::string &uuid, std::int64_t size,
                std::int64_t revision = 0, const std::string &custom = "") const {
        execute(*connection, catalogue.statement("add-attachment"),
                {id, kind, std::string_view(uuid), size, size * 2, std::int64_t{1},
                 std::string_view("original"), std::string_view("stored"), revision, Bytes{custom}});
    }

    messages::DeleteResource_Response remove(std::int64_t id) const {
        messages::DeleteResource_Response response;
        connection->begin(Access::read_write);
        schema->delete_resource(*connection, id, response);
        connection->commit();
        return response;
    }

    std::int64_t id_of(const std::string &public_id) const {
        return query(*connection, catalogue.statement("resource"), {std::string_view(public_id)})
            ->integer(0, 0);
    }
};

std::set<std::string> deleted(const messages::DeleteResource_Response &response) {
    std::set<std::string> found;
    for (const auto &resource : response.deleted_resources()) {
        found.insert(resource.public_id());
    }
    return found;
}

// What OrthancImagesStatistics should say.
Statistics counted(Connection &connection) {
    const auto resources = connection.query(
        "SELECT COALESCE(SUM(resourceType = 0), 0), COALESCE(SUM(resourceType = 1), 0), "
        "COALESCE(SUM(resourceType = 2), 0), COALESCE(SUM(resourceType = 3), 0) FROM Resources");
    const auto sizes = connection.query(
        "SELECT COALESCE(SUM(compressedSize), 0), COALESCE(SUM(uncompressedSize), 0) FROM AttachedFiles");
    return {resources->integer(0, 0), resources->integer(0, 1), resources->integer(0, 2),
            resources->integer(0, 3), sizes->integer(0, 0),     sizes->integer(0, 1)};
}

} // namespace

TEST_CASE("mysql: a session knows its server", "[mysql]") {
    const auto connection = opened();
    CHECK(connection->dialect() == Dialect::mysql);
    CHECK(connection->server().find_first_of("0123456789") != std::string::npos);
    CHECK(connection->alive());
    CHECK(connection->usable());
}

TEST_CASE("mysql: values come back as they were", "[mysql]") {
    const auto connection = emptied();
    connection->script(
        "CREATE TABLE trial (id BIGINT AUTO_INCREMENT PRIMARY KEY, number BIGINT, small TINYINT, "
        "words LONGTEXT, bytes LONGBLOB) CHARACTER SET utf8mb4");
    const std::string insert = "INSERT INTO trial (number, small, words, bytes) VALUES (?, ?, ?, ?)";
    const std::string words = "Ωμέγα 中文 \xf0\x9f\xa9\xbb ü";
    std::string bytes;
    for (int byte = 0; byte < 256; ++byte) {
        bytes.push_back(static_cast<char>(byte));
    }
    const Parameter values[] = {INT64_MIN, std::int64_t{-7}, std::string_view(words), Bytes{bytes}};
    CHECK(connection->insert(insert, "id", values) == 1);
    CHECK(connection->insert(insert, "id", values) == 2);
    connection->execute(insert, {std::monostate(), std::monostate(), std::monostate(), std::monostate()});
    connection->execute(insert, {INT64_MAX, std::int64_t{0}, std::string_view(), Bytes{}});

    const std::string statement = "SELECT number, small, words, bytes FROM trial";
    const auto prepared = connection->query(statement + " WHERE id > ? ORDER BY id", {std::int64_t{0}});
    const auto plain = connection->query(statement + " ORDER BY id");
    for (const Result *result : {prepared.get(), plain.get()}) {
        REQUIRE(result->rows() == 4);
        CHECK(result->integer(1, 0) == INT64_MIN);
        CHECK(result->text(1, 0) == "-9223372036854775808");
        CHECK(result->integer(1, 1) == -7);
        CHECK(result->text(1, 2) == words);
        CHECK(result->text(1, 3) == bytes);
        for (std::size_t column = 0; column < 4; ++column) {
            CHECK(!result->null(1, column));
            CHECK(result->null(2, column));
            CHECK(result->text(2, column).empty());
            CHECK(!result->null(3, column));
        }
        CHECK(result->integer(2, 0) == 0);
        CHECK(result->integer(3, 0) == INT64_MAX);
        CHECK(result->text(3, 2).empty());
    }
    CHECK(number(*connection, "SELECT SUM(small) FROM trial") == -14);
    CHECK(connection->query("SELECT SUM(small) FROM trial WHERE id > ?", {std::int64_t{0}})->integer(0, 0) ==
          -14);
    CHECK(connection->query("SELECT 1.5e0 + ?", {std::int64_t{1}})->text(0, 0) == "2.5");
    CHECK_THROWS_AS(plain->integer(1, 2), Error);
    CHECK_THROWS_AS(plain->integer(9, 0), Error);
    CHECK(connection->change("UPDATE trial SET small = ? WHERE id <= 2", {std::int64_t{-7}}) == 2);
    CHECK(connection->change("DELETE FROM trial") == 4);
}

TEST_CASE("mysql: values of 16 MB are read and written whole", "[mysql]") {
    const auto connection = emptied();
    connection->script("CREATE TABLE trial (words LONGTEXT, bytes LONGBLOB) CHARACTER SET utf8mb4");
    std::string bytes(16U << 20U, '\0');
    for (std::size_t at = 0; at < bytes.size(); ++at) {
        bytes[at] = static_cast<char>(at * 31 % 253);
    }
    const std::string words(bytes.size() - 1000, 'w');
    // A row has both, and an answer is not limited.
    connection->execute("INSERT INTO trial VALUES (?, ?)", {std::string_view(words), Bytes{bytes}});
    for (int time = 0; time < 2; ++time) {
        const auto result =
            connection->query("SELECT words, bytes FROM trial WHERE 1 = ?", {std::int64_t{1}});
        REQUIRE(result->rows() == 1);
        CHECK((result->text(0, 0) == words));
        CHECK((result->text(0, 1) == bytes));
    }
    const std::string larger(static_cast<std::size_t>(number(*connection, "SELECT @@max_allowed_packet")) + 1,
                             'x');
    const auto error =
        failure<Error>([&] { connection->execute("INSERT INTO trial (bytes) VALUES (?)", {Bytes{larger}}); });
    CHECK(std::string(error.what()).find("Raise max_allowed_packet there.") != std::string::npos);
    CHECK(connection->alive());
}

TEST_CASE("mysql: errors are told apart", "[mysql]") {
    const auto connection = emptied();
    connection->script("CREATE TABLE trial (id BIGINT PRIMARY KEY, name VARCHAR(3)) CHARACTER SET utf8mb4");
    connection->execute("INSERT INTO trial VALUES (?, 'a')", {std::int64_t{1}});
    const auto twice =
        failure([&] { connection->execute("INSERT INTO trial VALUES (?, 'a')", {std::int64_t{1}}); });
    CHECK(twice.duplicate());
    CHECK(twice.state() == "23000");
    CHECK(twice.code() == OrthancPluginErrorCode_Database);
    const auto syntax = failure([&] { connection->query("SELECT FROM"); });
    CHECK(!syntax.duplicate());
    CHECK(syntax.state() == "42000");
    CHECK(syntax.code() == OrthancPluginErrorCode_Database);
    // Nothing is cut off in silence.
    const auto length =
        failure([&] { connection->execute("INSERT INTO trial VALUES (2, ?)", {std::string_view("long")}); });
    CHECK(length.state() == "22001");
    const auto values =
        failure<Error>([&] { connection->query("SELECT ?", {std::int64_t{1}, std::int64_t{2}}); });
    CHECK(values.code() == OrthancPluginErrorCode_InternalError);
    CHECK(connection->alive());
    CHECK(number(*connection, "SELECT COUNT(*) FROM trial") == 1);
}

TEST_CASE("mysql: statements are prepared once, and only so many", "[mysql]") {
    MySQLSettings few = settings();
    few.prepared = 3;
    const auto connection = open_mysql(few);
    const auto prepared = [&] {
        return std::stoll(status(*connection, "Com_stmt_prepare")) -
               std::stoll(status(*connection, "Com_stmt_close"));
    };
    for (int time = 0; time < 20; ++time) {
        for (int which = 0; which < 3; ++which) {
            CHECK(
                connection->query("SELECT ? + " + std::to_string(which), {std::int64_t{1}})->integer(0, 0) ==
                1 + which);
        }
    }
    CHECK(prepared() == 3);
    for (int which = 3; which < 200; ++which) {
        CHECK(connection->query("SELECT ? + " + std::to_string(which), {std::int64_t{1}})->integer(0, 0) ==
              1 + which);
    }
    CHECK(prepared() == 3);
    // Texts that vary have not pushed out the others.
    const std::int64_t before = std::stoll(status(*connection, "Com_stmt_prepare"));
    for (int which = 0; which < 3; ++which) {
        connection->query("SELECT ? + " + std::to_string(which), {std::int64_t{1}});
    }
    CHECK(std::stoll(status(*connection, "Com_stmt_prepare")) == before);
    // One that comes again takes a place.
    for (int time = 0; time < 4; ++time) {
        connection->query("SELECT ? + 300", {std::int64_t{1}});
    }
    CHECK(std::stoll(status(*connection, "Com_stmt_prepare")) == before + 2);
    CHECK(prepared() == 3);
}

TEST_CASE("mysql: a lost session says so, and nothing hangs", "[mysql]") {
    const auto connection = opened();
    const auto other = opened();
    const std::int64_t id = number(*connection, "SELECT CONNECTION_ID()");
    connection->begin(Access::read_write);
    other->script("KILL " + std::to_string(id));
    const auto error = failure([&] { connection->query("SELECT ?", {std::int64_t{1}}); });
    CHECK(error.code() == OrthancPluginErrorCode_DatabaseUnavailable);
    CHECK(!connection->usable());
    CHECK(!connection->alive());
    connection->rollback();
    CHECK(failure([&] { connection->commit(); }).code() == OrthancPluginErrorCode_DatabaseUnavailable);
}

TEST_CASE("mysql: a server that does not answer is given up", "[mysql]") {
    MySQLSettings impatient = settings();
    impatient.statement_timeout = std::chrono::seconds(1);
    const auto connection = open_mysql(impatient);
    // A script may take its time.
    connection->script("DO SLEEP(2)");
    const auto error = failure([&] { connection->query("SELECT SLEEP(20)"); });
    CHECK(error.code() == OrthancPluginErrorCode_DatabaseUnavailable);
    CHECK(!connection->usable());
}

TEST_CASE("mysql: what is wrong with the settings is said", "[mysql]") {
    const auto said = [](const MySQLSettings &wrong) {
        return failure<StatementError>([&] { open_mysql(wrong); });
    };
    MySQLSettings wrong = settings();
    wrong.database = "nowhere";
    CHECK(std::string(said(wrong).what()) ==
          "MySQL.Database: the server has no database \"nowhere\". Create it, or correct this setting.");
    CHECK(said(wrong).code() == OrthancPluginErrorCode_Database);
    wrong = settings();
    wrong.user = "nobody";
    CHECK(std::string(said(wrong).what())
              .starts_with("MySQL.Username, MySQL.Password: the server does not let the "
                           "user \"nobody\" in"));
    wrong = settings();
    wrong.socket = "/nowhere/socket";
    CHECK(std::string(said(wrong).what())
              .starts_with("MySQL.UnixSocket: no server answers at \"/nowhere/socket\""));
    CHECK(said(wrong).code() == OrthancPluginErrorCode_DatabaseUnavailable);
    wrong.socket.clear();
    wrong.host = "127.0.0.1";
    wrong.port = 9;
    CHECK(std::string(said(wrong).what())
              .starts_with("MySQL.Host, MySQL.Port: no server answers at "
                           "\"127.0.0.1\", port 9"));
    CHECK(said(wrong).code() == OrthancPluginErrorCode_DatabaseUnavailable);
}

TEST_CASE("mysql: TLS is used where it is asked for, and only with a server that is trusted", "[mysql]") {
    MySQLSettings encrypted = settings();
    encrypted.tls = true;
    encrypted.verify = false;
    const auto cipher = [](const MySQLSettings &with) {
        const auto connection = open_mysql(with);
        return status(*connection, "Ssl_cipher");
    };
    CHECK(!cipher(encrypted).empty());
    CHECK(cipher(settings()).empty());
    // The server's own certificate is of no authority in this file.
    encrypted.verify = true;
    encrypted.authorities = std::string(FIXTURES) + "/authority.pem";
    const auto error = failure([&] { open_mysql(encrypted); });
    INFO(error.what());
    CHECK(std::string(error.what()).starts_with("MySQL.EnableSsl: the connection cannot be encrypted"));
    CHECK(error.code() == OrthancPluginErrorCode_Database);
}

TEST_CASE("mysql: transactions see what they should", "[mysql]") {
    const auto writer = emptied();
    const auto reader = opened();
    writer->script("CREATE TABLE trial (id BIGINT PRIMARY KEY)");
    reader->begin(Access::read_only);
    const auto count = [](Connection &session) { return number(session, "SELECT COUNT(*) FROM trial"); };
    writer->begin(Access::read_write);
    writer->execute("INSERT INTO trial VALUES (?)", {std::int64_t{1}});
    CHECK(count(*writer) == 1);
    writer->commit();
    // The snapshot is of the beginning, before anything was read.
    CHECK(count(*reader) == 0);
    CHECK_THROWS_AS(reader->execute("INSERT INTO trial VALUES (?)", {std::int64_t{2}}), StatementError);
    reader->commit();
    reader->begin(Access::read_write);
    CHECK(count(*reader) == 1);
    writer->execute("INSERT INTO trial VALUES (?)", {std::int64_t{3}});
    CHECK(count(*reader) == 2);
    reader->execute("INSERT INTO trial VALUES (?)", {std::int64_t{4}});
    reader->rollback();
    CHECK(count(*reader) == 2);
}

TEST_CASE("mysql: deadlocks and waits that are too long are worth another try", "[mysql]") {
    const auto first = emptied();
    const auto second = opened();
    first->script("CREATE TABLE trial (id BIGINT PRIMARY KEY, value BIGINT)");
    first->script("INSERT INTO trial VALUES (1, 0), (2, 0)");
    const std::string change = "UPDATE trial SET value = value + 1 WHERE id = ?";
    first->begin(Access::read_write);
    second->begin(Access::read_write);
    first->execute(change, {std::int64_t{1}});
    second->execute(change, {std::int64_t{2}});
    std::atomic<int> replays = 0;
    const auto meet = [&](Connection &session, std::int64_t id) {
        try {
            session.execute(change, {id});
            session.commit();
        } catch (const StatementError &error) {
            replays += error.code() == OrthancPluginErrorCode_DatabaseCannotSerialize ? 1 : 0;
            session.rollback();
        }
    };
    std::thread other([&] { meet(*first, 2); });
    meet(*second, 1);
    other.join();
    CHECK(replays == 1);
    CHECK(number(*first, "SELECT SUM(value) FROM trial") == 2);

    first->begin(Access::read_write);
    first->execute(change, {std::int64_t{1}});
    second->script("SET innodb_lock_wait_timeout = 1");
    const auto error = failure([&] { second->execute(change, {std::int64_t{1}}); });
    CHECK(error.code() == OrthancPluginErrorCode_DatabaseCannotSerialize);
    first->rollback();
}

TEST_CASE("mysql: the section has the settings of the official plugin", "[mysql]") {
    tests::FakeOrthanc orthanc;
    const auto refused = [&](const std::string &section, const std::string &others = "") {
        orthanc.configuration = R"({"MySQL": {"EnableIndex": true, )" + section + "}" + others + "}";
        return std::string(failure<Error>([] { mysql_backend(Purpose::index, false); }).what());
    };
    CHECK(!mysql_backend(Purpose::index, false).has_value());
    orthanc.configuration = R"({"MySQL": {"EnableStorage": true, "Database": "orthanc"}})";
    CHECK(!mysql_backend(Purpose::index, false).has_value());
    const auto backend = mysql_backend(Purpose::storage, false);
    REQUIRE(backend.has_value());
    CHECK(backend->schema == SchemaKind::mysql);
    CHECK(backend->connections == 50);
    CHECK(backend->dynamic);
    CHECK(backend->lock);
    CHECK(backend->retries.most == 10);
    CHECK(backend->retries.pause == std::chrono::seconds(5));
    CHECK(refused(R"("Host": "h")") ==
          "MySQL.Database: is missing. Write the name of a database on the server.");
    CHECK(refused(R"("Database": "a-b")").starts_with("MySQL.Database: has other signs"));
    CHECK(refused(R"("Database": "a", "Port": 65535)").starts_with("MySQL.Port: is 65535"));
    CHECK(refused(R"("Database": "a", "IndexConnectionsCount": 0)")
              .starts_with("MySQL.IndexConnectionsCount: is 0"));
    CHECK(refused(R"("Database": "a", "ConnectionRetryInterval": 0)")
              .starts_with("MySQL.ConnectionRetryInterval: is 0"));
    CHECK(
        refused(R"("Database": "a", "EnableSsl": true)").starts_with("MySQL.SslCACertificates: is missing"));
    orthanc.configuration = R"({"HttpsCACertificates": "/ca.pem",
        "MySQL": {"EnableIndex": true, "Database": "a", "EnableSsl": true, "IndexConnectionsCount": 7,
                  "MaximumConnectionRetries": 3, "ConnectionRetryInterval": 1, "Lock": false}})";
    const auto full = mysql_backend(Purpose::index, false);
    REQUIRE(full.has_value());
    CHECK(full->connections == 7);
    CHECK(!full->dynamic);
    CHECK(!full->lock);
    CHECK(full->retries.most == 3);
    CHECK(full->retries.pause == std::chrono::seconds(1));
}

TEST_CASE("mysql: a schema is made once", "[mysql]") {
    Trial trial;
    trial.install();
    CHECK(trial.schema->revision(*trial.connection) == 8);
    CHECK(trial.warnings().empty());
    trial.create("p", "t", "s", "i");
    trial.install();
    CHECK(trial.warnings().empty());
    CHECK(trial.schema->statistics(*trial.connection, true) == Statistics{1, 1, 1, 1, 0, 0});
    trial.schema->install(*trial.connection, true);
    CHECK(trial.schema->lock(*trial.connection));
    const auto other = opened();
    CHECK(!trial.schema->lock(*other));
    // Whatever the official plugin looks for.
    for (const char *name : {"AttachedFileDeleted", "ResourceDeleted", "PatientAdded", "ChangeAdded"}) {
        CHECK(number(*trial.connection,
                     "SELECT COUNT(*) FROM information_schema.triggers WHERE trigger_schema = "
                     "DATABASE() AND trigger_name = '" +
                         std::string(name) + "'") == 1);
    }
}

TEST_CASE("mysql: an installation that was cut short goes on", "[mysql]") {
    Trial trial;
    const auto steps = blocks("install-mysql");
    for (std::size_t done : {std::size_t{1}, std::size_t{4}, steps.size()}) {
        trial.connection = emptied();
        for (const Block &block : steps.subspan(0, done)) {
            trial.connection->script(std::string(block.text));
        }
        trial.install();
        CHECK(trial.schema->revision(*trial.connection) == 8);
        trial.create("p", "t", "s", "i");
        CHECK(trial.schema->statistics(*trial.connection, true) == Statistics{1, 1, 1, 1, 0, 0});
    }
    CHECK(trial.warnings().empty());
}

TEST_CASE("mysql: triggers that are lost are made again, and all is counted", "[mysql]") {
    Trial trial;
    trial.install();
    trial.connection->script("DROP TRIGGER PatientAdded");
    trial.create("p", "t", "s", "i");
    CHECK(trial.schema->statistics(*trial.connection, true) == Statistics{});
    trial.install();
    CHECK(trial.schema->statistics(*trial.connection, true) == Statistics{1, 1, 1, 1, 0, 0});
    trial.create("p", "t", "s", "j");
    CHECK(trial.schema->statistics(*trial.connection, true) == Statistics{1, 1, 1, 2, 0, 0});
}

TEST_CASE("mysql: triggers of an earlier version of this plugin are made again", "[mysql]") {
    Trial trial;
    trial.install();
    trial.create("p", "t", "s", "i");
    trial.connection->script("DROP TRIGGER ResourceDeleted");
    trial.connection->script("CREATE TRIGGER ResourceDeleted BEFORE DELETE ON Resources FOR EACH ROW "
                             "UPDATE OrthancImagesStatistics SET patients = 4711");
    trial.connection->script("UPDATE OrthancImagesSchema SET version = 1");
    trial.install();
    trial.remove(trial.id_of("i"));
    CHECK(trial.schema->statistics(*trial.connection, true) == Statistics{});
}

TEST_CASE("mysql: a database of 5.0 is upgraded with its data", "[mysql]") {
    Trial trial;
    trial.load("mysql-5.0.sql");
    const std::string before = text(*trial.connection, "SELECT GROUP_CONCAT(id, type, value) FROM Metadata");
    CHECK_THROWS_AS(trial.schema->install(*trial.connection, true), Error);
    CHECK(trial.schema->revision(*trial.connection) == 7);
    trial.install();
    CHECK(trial.schema->revision(*trial.connection) == 8);
    REQUIRE(trial.warnings().size() == 2);
    CHECK(trial.warnings()[0].starts_with("MySQL: the tables are upgraded from revision 7 to 8."));
    CHECK(trial.schema->statistics(*trial.connection, true) == counted(*trial.connection));
    CHECK(trial.schema->statistics(*trial.connection, true) == Statistics{2, 2, 4, 4, 2128, 2128});
    CHECK(text(*trial.connection, "SELECT GROUP_CONCAT(id, type, value) FROM Metadata") == before);
    CHECK(query(*trial.connection, trial.catalogue.statement("last-change-index"))->integer(0, 0) == 14);
    CHECK(trial.schema->is_protected(*trial.connection, 1));
    CHECK(trial.schema->to_recycle(*trial.connection, {}) == 7);
    CHECK(text(*trial.connection, "SELECT value FROM Metadata WHERE id = 2 AND type = 1024") == "hello Ω 🩻");
    // Labels are told apart by case from now on.
    execute(*trial.connection, trial.catalogue.statement("add-label"),
            {std::int64_t{2}, std::string_view("URGENT")});
    CHECK(texts(*trial.connection, "SELECT label FROM Labels ORDER BY label") ==
          std::vector<std::string>{"Teaching", "URGENT", "urgent"});
    // Nothing is left that compares otherwise, and an id is there once.
    CHECK_THROWS_AS(
        trial.connection->script(
            "INSERT INTO Resources VALUES (NULL, 0, 'bdaf1eca-33d4619e-80e8ca68-9a1b74a4-febbbb29', NULL)"),
        StatementError);
    CHECK(deleted(trial.remove(7)).size() == 6);
    CHECK(trial.schema->statistics(*trial.connection, true) == Statistics{1, 1, 2, 2, 1068, 1068});
    trial.install();
    CHECK(trial.warnings().size() == 2);
}

TEST_CASE("mysql: every earlier revision is upgraded", "[mysql]") {
    for (int revision = 1; revision < 8; ++revision) {
        Trial trial;
        trial.load("mysql-5.0.sql");
        const std::string number = std::to_string(revision);
        trial.connection->script("UPDATE GlobalProperties SET value = " + number + " WHERE property = 4");
        // As it was then.
        if (revision < 7) {
            trial.connection->script("DROP TABLE Labels");
        }
        if (revision < 6) {
            trial.connection->script(revision < 5 ? "DROP TABLE ServerProperties"
                                                  : "ALTER TABLE ServerProperties MODIFY value TEXT");
        }
        if (revision < 4) {
            trial.connection->script("ALTER TABLE Metadata MODIFY value TEXT");
        }
        if (revision < 3) {
            trial.connection->script("DROP TABLE GlobalIntegers");
        }
        if (revision < 2) {
            trial.connection->script("ALTER TABLE GlobalProperties MODIFY value TEXT");
        }
        trial.install();
        INFO("revision " << revision);
        CHECK(trial.schema->revision(*trial.connection) == 8);
        CHECK(trial.schema->statistics(*trial.connection, true) == Statistics{2, 2, 4, 4, 2128, 2128});
        CHECK(query(*trial.connection, trial.catalogue.statement("last-change-index"))->integer(0, 0) == 14);
        CHECK(texts(*trial.connection,
                    "SELECT CONCAT(table_name, '.', column_name) FROM information_schema.columns WHERE "
                    "table_schema = "
                    "DATABASE() AND column_name = 'value' AND data_type = 'longtext' ORDER BY table_name") ==
              std::vector<std::string>{"GlobalProperties.value", "Metadata.value", "ServerProperties.value"});
        execute(*trial.connection, trial.catalogue.statement("add-label"),
                {std::int64_t{1}, std::string_view("x")});
    }
}

TEST_CASE("mysql: what is newer or unknown is refused", "[mysql]") {
    Trial trial;
    const auto refused = [&] { return std::string(failure<Error>([&] { trial.install(); }).what()); };
    trial.install();
    trial.connection->script("UPDATE GlobalProperties SET value = '9' WHERE property = 4");
    CHECK(refused() ==
          "MySQL.Database: its tables have revision 9, and this version of the plugin knows those up to "
          "8. Use the newer one that made them, or restore a backup from before.");
    trial.connection->script("UPDATE GlobalProperties SET value = '8' WHERE property = 4");
    trial.connection->script("UPDATE GlobalProperties SET value = '5' WHERE property = 1");
    CHECK(refused() ==
          "MySQL.Database: its tables have version 5, and this version of the plugin knows 6. Use another "
          "database.");
    trial.connection->script("UPDATE GlobalProperties SET value = '6' WHERE property = 1");
    trial.connection->script("UPDATE OrthancImagesSchema SET version = 3");
    CHECK(refused() == "MySQL.Database: a newer version of this plugin has used it. Use that version.");
    trial.connection = emptied();
    CHECK(failure<Error>([&] { trial.schema->install(*trial.connection, true); }).code() ==
          OrthancPluginErrorCode_Database);
}

TEST_CASE("mysql: ids that are there twice do not stop the server", "[mysql]") {
    Trial trial;
    trial.load("mysql-5.0.sql");
    trial.connection->script(
        "INSERT INTO Resources VALUES (NULL, 0, 'f0b89ee9-977fb93b-f3a71343-d5a95ac5-8463bb40', "
        "NULL)");
    trial.install();
    REQUIRE(trial.warnings().size() == 3);
    CHECK(trial.warnings()[2].find("\"f0b89ee9-977fb93b-f3a71343-d5a95ac5-8463bb40\"") != std::string::npos);
    const auto created = trial.create("f0b89ee9-977fb93b-f3a71343-d5a95ac5-8463bb40", "t", "s", "i");
    CHECK(!created.is_new_patient());
    CHECK(created.patient_id() == 7);
    // Even so, servers that create the same at the same time make it once.
    std::vector<std::thread> threads;
    std::atomic<int> fresh = 0;
    for (int thread = 0; thread < 4; ++thread) {
        threads.emplace_back([&] {
            const auto session = opened();
            for (int round = 0; round < 20; ++round) {
                session->begin(Access::read_write);
                const std::string name = std::to_string(round);
                fresh +=
                    trial.create(*session, "p" + name, "t" + name, "s" + name, "i" + name).is_new_patient()
                        ? 1
                        : 0;
                session->commit();
            }
        });
    }
    for (std::thread &thread : threads) {
        thread.join();
    }
    CHECK(fresh == 20);
    CHECK(number(*trial.connection, "SELECT COUNT(*) - COUNT(DISTINCT publicId) FROM Resources") == 1);
    // Repaired, it gets its index.
    trial.connection->script("DELETE FROM Resources WHERE internalId = 13");
    trial.install();
    CHECK_THROWS_AS(
        trial.connection->script(
            "INSERT INTO Resources VALUES (NULL, 0, 'f0b89ee9-977fb93b-f3a71343-d5a95ac5-8463bb40', NULL)"),
        StatementError);
}

TEST_CASE("mysql: rights that are missing are named", "[mysql]") {
    Trial trial;
    const std::string database = settings().database;
    trial.connection->script("DROP USER IF EXISTS limited@localhost");
    trial.connection->script("CREATE USER limited@localhost");
    MySQLSettings limited = settings();
    limited.user = "limited";
    CHECK(std::string(failure([&] { open_mysql(limited); }).what())
              .starts_with("MySQL.Database: the user \"limited\" has no rights in \"" + database + "\""));
    trial.connection->script(
        "GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, DROP, INDEX, REFERENCES ON " + database +
        ".* TO limited@localhost");
    auto session = open_mysql(limited);
    const auto error = failure<Error>([&] { trial.schema->install(*session, false); });
    CHECK(std::string(error.what())
              .starts_with("MySQL.Username: the user lacks a right in MySQL.Database. It needs"));
    trial.connection->script("GRANT ALL ON " + database + ".* TO limited@localhost");
    session = open_mysql(limited);
    trial.schema->install(*session, false);
    CHECK(trial.schema->revision(*session) == 8);
    session.reset();
    trial.connection = emptied();
    trial.connection->script("DROP USER limited@localhost");
}

TEST_CASE("mysql: instances are created with what is missing above them", "[mysql]") {
    Trial trial;
    trial.install();
    const auto first = trial.create("p", "t", "s", "i");
    CHECK(first.is_new_instance());
    CHECK(first.is_new_patient());
    CHECK(first.is_new_study());
    CHECK(first.is_new_series());
    const auto again = trial.create("p", "t", "s", "i");
    CHECK(!again.is_new_instance());
    CHECK(again.instance_id() == first.instance_id());
    CHECK(again.patient_id() == 0);
    const auto second = trial.create("p", "t", "s", "j");
    CHECK(second.is_new_instance());
    CHECK(!second.is_new_series());
    CHECK(second.patient_id() == first.patient_id());
    CHECK(second.study_id() == first.study_id());
    CHECK(second.series_id() == first.series_id());
    const auto third = trial.create("p", "u", "v", "k");
    CHECK(!third.is_new_patient());
    CHECK(third.is_new_study());
    CHECK(third.is_new_series());
    CHECK(third.patient_id() == first.patient_id());
    CHECK(trial.schema->statistics(*trial.connection, true) == Statistics{1, 2, 2, 3, 0, 0});
    CHECK(trial.schema->count(*trial.connection, messages::RESOURCE_INSTANCE) == 3);
    // A public id of another level is no parent.
    CHECK_THROWS_AS(trial.create("t", "w", "x", "y"), StatementError);
    trial.connection->rollback();
    CHECK(number(*trial.connection,
                 "SELECT " + trial.schema->descendants(std::to_string(first.patient_id()), 3)) == 3);
    CHECK(number(*trial.connection,
                 "SELECT " + trial.schema->descendants(std::to_string(first.patient_id()), 2)) == 2);
    CHECK(number(*trial.connection,
                 "SELECT " + trial.schema->descendants(std::to_string(first.patient_id()), 1)) == 2);
}

TEST_CASE("mysql: content is inserted in bulk", "[mysql]") {
    Trial trial;
    trial.install();
    const auto created = trial.create("p", "t", "s", "i");
    messages::SetResourcesContent_Request request;
    for (std::uint32_t element = 0; element < 150; ++element) {
        auto *tag = request.add_tags();
        tag->set_resource_id(created.instance_id());
        tag->set_group(0x10);
        tag->set_element(element);
        tag->set_value("value " + std::to_string(element));
        tag->set_is_identifier(element % 3 == 0);
    }
    for (std::int32_t type = 1; type <= 7; ++type) {
        auto *metadata = request.add_metadata();
        metadata->set_resource_id(created.instance_id());
        metadata->set_metadata(type);
        metadata->set_value(std::string(70000, 'm') + "Ω");
    }
    trial.connection->begin(Access::read_write);
    trial.schema->set_content(*trial.connection, request);
    trial.connection->commit();
    CHECK(number(*trial.connection, "SELECT COUNT(*) FROM DicomIdentifiers") == 50);
    CHECK(number(*trial.connection,
                 "SELECT COUNT(*) FROM MainDicomTags WHERE value = CONCAT('value ', tagElement)") == 100);
    CHECK(number(*trial.connection, "SELECT COUNT(*) FROM Metadata WHERE CHAR_LENGTH(value) = 70001") == 7);
    // 256 bytes are the longest that Orthanc gives.
    request.Clear();
    auto *tag = request.add_tags();
    tag->set_resource_id(created.instance_id());
    tag->set_group(0x20);
    tag->set_value(std::string(256, 'v'));
    trial.schema->set_content(*trial.connection, request);
    request.mutable_tags(0)->set_group(0x10000);
    CHECK(failure<Error>([&] { trial.schema->set_content(*trial.connection, request); }).code() ==
          OrthancPluginErrorCode_ParameterOutOfRange);
}

TEST_CASE("mysql: metadata and attachments have revisions and custom data", "[mysql]") {
    Trial trial;
    trial.install();
    const std::int64_t id = trial.create("p", "t", "s", "i").instance_id();
    const std::int64_t type = 1024;
    const auto set = [&](const std::string &value, std::int64_t revision) {
        execute(*trial.connection, trial.catalogue.statement("set-metadata"),
                {id, type, std::string_view(value), revision});
    };
    const auto metadata = [&] {
        const auto result = query(*trial.connection, trial.catalogue.statement("metadata"), {id, type});
        return std::pair(std::string(result->text(0, 0)), result->integer(0, 1));
    };
    set("first", 0);
    CHECK(metadata() == std::pair(std::string("first"), std::int64_t{0}));
    set("second", 7);
    CHECK(metadata() == std::pair(std::string("second"), std::int64_t{7}));
    set("second", 8);
    CHECK(metadata() == std::pair(std::string("second"), std::int64_t{8}));
    // As the official plugin writes it.
    trial.connection->script("DELETE FROM Metadata WHERE type = 1024");
    trial.connection->script("INSERT INTO Metadata VALUES (" + std::to_string(id) + ", 1024, 'theirs')");
    CHECK(metadata() == std::pair(std::string("theirs"), std::int64_t{0}));

    const std::string custom("\0custom\xff", 8);
    trial.attach(id, 1, "uuid-1", 100);
    trial.attach(id, 2, "uuid-2", 10, 3, custom);
    CHECK(trial.schema->compressed_size(*trial.connection) == 110);
    CHECK(trial.schema->uncompressed_size(*trial.connection) == 220);
    const auto found =
        query(*trial.connection, trial.catalogue.statement("attachment"), {id, std::int64_t{2}});
    REQUIRE(found->rows() == 1);
    CHECK(found->text(0, 0) == "uuid-2");
    CHECK(found->integer(0, 6) == 3);
    CHECK(found->text(0, 7) == custom);
    const auto data = [&](const std::string &uuid) {
        return std::string(
            query(*trial.connection, trial.catalogue.statement("custom-data"), {std::string_view(uuid)})
                ->text(0, 0));
    };
    CHECK(data("uuid-1").empty());
    for (const std::string &uuid : {std::string("uuid-1"), std::string("uuid-2")}) {
        execute(*trial.connection, trial.catalogue.statement("set-custom-data"),
                {std::string_view(uuid), Bytes{"changed"}});
        CHECK(data(uuid) == "changed");
    }
    messages::FileInfo deleted;
    CHECK(trial.schema->delete_attachment(*trial.connection, id, 2, deleted));
    CHECK(deleted.uuid() == "uuid-2");
    CHECK(deleted.content_type() == 2);
    CHECK(deleted.compressed_size() == 10);
    CHECK(deleted.uncompressed_size() == 20);
    CHECK(deleted.compressed_hash() == "stored");
    CHECK(deleted.uncompressed_hash() == "original");
    CHECK(deleted.compression_type() == 1);
    CHECK(deleted.custom_data() == "changed");
    CHECK(!trial.schema->delete_attachment(*trial.connection, id, 2, deleted));
    CHECK(trial.schema->compressed_size(*trial.connection) == 100);
    trial.remove(id);
    for (const char *table : {"OrthancImagesAttachments", "OrthancImagesMetadata", "Metadata",
                              "AttachedFiles", "DeletedFiles", "Resources"}) {
        CHECK(number(*trial.connection, std::string("SELECT COUNT(*) FROM ") + table) == 0);
    }
    CHECK(trial.schema->statistics(*trial.connection, true) == Statistics{});
}

TEST_CASE("mysql: what is deleted goes with what is under it and what it leaves empty", "[mysql]") {
    Trial trial;
    trial.install();
    trial.create("p", "t1", "s1", "i1");
    trial.create("p", "t1", "s1", "i2");
    trial.create("p", "t1", "s2", "i3");
    trial.create("p", "t2", "s3", "i4");
    trial.create("q", "t3", "s4", "i5");
    for (const char *name : {"i1", "i2", "i3", "i4", "i5"}) {
        trial.attach(trial.id_of(name), 1, std::string("uuid-") + name, 10);
    }
    trial.attach(trial.id_of("t1"), 1025, "uuid-t1", 1);

    auto response = trial.remove(trial.id_of("i1"));
    CHECK(deleted(response) == std::set<std::string>{"i1"});
    CHECK(response.is_remaining_ancestor());
    CHECK(response.remaining_ancestor().public_id() == "s1");
    CHECK(response.remaining_ancestor().level() == messages::RESOURCE_SERIES);
    REQUIRE(response.deleted_attachments_size() == 1);
    CHECK(response.deleted_attachments(0).uuid() == "uuid-i1");

    response = trial.remove(trial.id_of("i2"));
    CHECK(deleted(response) == std::set<std::string>{"s1", "i2"});
    CHECK(response.remaining_ancestor().public_id() == "t1");
    CHECK(trial.schema->statistics(*trial.connection, true) == Statistics{2, 3, 3, 3, 31, 62});
    CHECK(trial.schema->statistics(*trial.connection, true) == counted(*trial.connection));

    response = trial.remove(trial.id_of("t1"));
    CHECK(deleted(response) == std::set<std::string>{"t1", "s2", "i3"});
    CHECK(response.deleted_attachments_size() == 2);
    CHECK(response.remaining_ancestor().public_id() == "p");

    response = trial.remove(trial.id_of("i4"));
    CHECK(deleted(response) == std::set<std::string>{"p", "t2", "s3", "i4"});
    CHECK(!response.is_remaining_ancestor());

    response = trial.remove(trial.id_of("q"));
    CHECK(deleted(response) == std::set<std::string>{"q", "t3", "s4", "i5"});
    CHECK(trial.schema->statistics(*trial.connection, true) == Statistics{});
    CHECK(number(*trial.connection, "SELECT COUNT(*) FROM DeletedFiles") == 0);

    const auto gone = failure([&] { trial.remove(4711); });
    CHECK(gone.code() == OrthancPluginErrorCode_DatabaseCannotSerialize);
    trial.connection->rollback();
}

TEST_CASE("mysql: the last number of a change is never forgotten", "[mysql]") {
    Trial trial;
    trial.install();
    const auto log = [&](std::int64_t id) {
        execute(*trial.connection, trial.catalogue.statement("log-change"),
                {std::int64_t{2}, id, std::int64_t{3}, std::string_view("20260101T000000")});
    };
    const auto last = [&] {
        return query(*trial.connection, trial.catalogue.statement("last-change-index"))->integer(0, 0);
    };
    CHECK(last() == 0);
    const std::int64_t first = trial.create("p", "t", "s", "i").instance_id();
    const std::int64_t second = trial.create("p", "t", "s", "j").instance_id();
    log(first);
    log(second);
    CHECK(last() == 2);
    CHECK(number(*trial.connection, "SELECT value FROM GlobalIntegers WHERE property = 0") == 0);
    trial.schema->housekeeping(*trial.connection);
    CHECK(number(*trial.connection, "SELECT value FROM GlobalIntegers WHERE property = 0") == 2);
    log(second);
    trial.remove(second);
    CHECK(number(*trial.connection, "SELECT COUNT(*) FROM Changes") == 1);
    CHECK(last() == 3);
    log(first);
    execute(*trial.connection, trial.catalogue.statement("clear-changes"));
    CHECK(number(*trial.connection, "SELECT COUNT(*) FROM Changes") == 0);
    CHECK(last() == 4);
}

TEST_CASE("mysql: patients are recycled in the order of their last instance", "[mysql]") {
    Trial trial;
    trial.install();
    std::map<std::string, std::int64_t> ids;
    for (const char *name : {"a", "b", "c"}) {
        ids[name] =
            trial.create(name, std::string("t") + name, std::string("s") + name, std::string("i") + name)
                .patient_id();
    }
    Schema &schema = *trial.schema;
    Connection &connection = *trial.connection;
    CHECK(schema.to_recycle(connection, {}) == ids["a"]);
    CHECK(schema.to_recycle(connection, ids["a"]) == ids["b"]);
    trial.create("a", "ta", "sa", "another");
    CHECK(schema.to_recycle(connection, {}) == ids["b"]);
    schema.set_protected(connection, ids["b"], true);
    schema.set_protected(connection, ids["b"], true);
    CHECK(schema.is_protected(connection, ids["b"]));
    CHECK(schema.to_recycle(connection, {}) == ids["c"]);
    // A new instance does not take the protection away.
    trial.create("b", "tb", "sb", "more");
    CHECK(schema.is_protected(connection, ids["b"]));
    schema.set_protected(connection, ids["b"], false);
    schema.set_protected(connection, ids["b"], false);
    CHECK(!schema.is_protected(connection, ids["b"]));
    CHECK(number(connection, "SELECT COUNT(*) FROM PatientRecyclingOrder") == 3);
    trial.remove(ids["c"]);
    CHECK(schema.to_recycle(connection, {}) == ids["a"]);
    CHECK(schema.to_recycle(connection, ids["a"]) == ids["b"]);
    trial.remove(ids["a"]);
    CHECK(schema.to_recycle(connection, ids["b"]) == std::nullopt);
}

TEST_CASE("mysql: all is counted, also what the official plugin writes", "[mysql]") {
    Trial trial;
    trial.install();
    trial.create("p", "t", "s", "i");
    trial.attach(trial.id_of("i"), 1, "uuid-1", 5);
    Connection &theirs = *trial.connection;
    theirs.script("SET @orthanc_images = NULL");
    theirs.script("CALL CreateInstance('p', 't', 's', 'j', @a, @b, @c, @d, @e, @f, @g, @h)");
    CHECK(text(theirs, "SELECT CONCAT(@a, @b, @c, @d)") == "0001");
    theirs.script("CALL CreateInstance('q', 'u', 'v', 'k', @a, @b, @c, @d, @e, @f, @g, @h)");
    CHECK(text(theirs, "SELECT CONCAT(@a, @b, @c, @d)") == "1111");
    theirs.script("CALL CreateInstance('q', 'u', 'v', 'k', @a, @b, @c, @d, @e, @f, @g, @h)");
    CHECK(text(theirs, "SELECT CONCAT(@d)") == "0");
    CHECK(number(theirs, "SELECT @h") == trial.id_of("k"));
    theirs.script("INSERT INTO AttachedFiles VALUES (@h, 1, 'uuid-2', 7, 70, 1, 'a', 'b')");
    theirs.script("INSERT INTO AttachedFiles VALUES (@h, 2, 'uuid-3', 8, 80, 1, 'a', 'b')");
    CHECK(trial.schema->statistics(theirs, true) == Statistics{2, 2, 2, 3, 20, 160});
    theirs.script("DELETE FROM AttachedFiles WHERE fileType = 2");
    CHECK(text(theirs, "SELECT uuid FROM DeletedFiles") == "uuid-3");
    theirs.script("INSERT INTO Changes (changeType, internalId, resourceType, date) VALUES (1, @h, 3, 'd')");
    CHECK(number(theirs, "SELECT value FROM GlobalIntegers WHERE property = 0") == 1);
    theirs.script("DELETE FROM DeletedFiles");
    theirs.script("CREATE TEMPORARY TABLE DeletedResources (internalId BIGINT, resourceType INTEGER, "
                  "publicId VARCHAR(64))");
    theirs.script("INSERT INTO DeletedResources SELECT internalId, resourceType, publicId FROM Resources "
                  "WHERE publicId IN ('q', 'u', 'v', 'k')");
    theirs.script("CALL DeleteResources(0)");
    CHECK(text(theirs, "SELECT uuid FROM DeletedFiles") == "uuid-2");
    CHECK(trial.schema->statistics(theirs, true) == Statistics{1, 1, 1, 2, 5, 10});
    CHECK(trial.schema->statistics(theirs, true) == counted(theirs));
}

TEST_CASE("mysql: servers that create the same at the same time make it once", "[mysql]") {
    Trial trial;
    trial.install();
    constexpr int THREADS = 8;
    constexpr int ROUNDS = 40;
    std::atomic<int> patients = 0;
    std::atomic<int> instances = 0;
    std::atomic<int> replays = 0;
    std::vector<std::thread> threads;
    for (int thread = 0; thread < THREADS; ++thread) {
        threads.emplace_back([&, thread] {
            const auto session = opened();
            for (int round = 0; round < ROUNDS; ++round) {
                const std::string name = std::to_string(round / 4);
                // Two threads give the same instance.
                const std::string instance = "i" + std::to_string(round) + "-" + std::to_string(thread / 2);
                for (;;) {
                    try {
                        session->begin(Access::read_write);
                        const auto created =
                            trial.create(*session, "p" + name, "t" + name, "s" + name, instance);
                        session->commit();
                        patients += created.is_new_patient() ? 1 : 0;
                        instances += created.is_new_instance() ? 1 : 0;
                        break;
                    } catch (const StatementError &error) {
                        session->rollback();
                        if (error.code() != OrthancPluginErrorCode_DatabaseCannotSerialize ||
                            ++replays > 500) {
                            throw;
                        }
                    }
                }
            }
        });
    }
    for (std::thread &thread : threads) {
        thread.join();
    }
    INFO("replays: " << replays);
    CHECK(patients == ROUNDS / 4);
    CHECK(instances == ROUNDS * THREADS / 2);
    CHECK(number(*trial.connection, "SELECT COUNT(*) - COUNT(DISTINCT publicId) FROM Resources") == 0);
    CHECK(number(*trial.connection,
                 "SELECT COUNT(*) - COUNT(DISTINCT patientId) FROM PatientRecyclingOrder") == 0);
    CHECK(number(*trial.connection, "SELECT COUNT(*) FROM PatientRecyclingOrder") == ROUNDS / 4);
    CHECK(trial.schema->statistics(*trial.connection, true) == counted(*trial.connection));
}

TEST_CASE("mysql: servers that create and delete the same leave nothing without a parent", "[mysql]") {
    Trial trial;
    trial.install();
    std::atomic<int> replays = 0;
    std::atomic<int> failures = 0;
    const auto work = [&](int thread) {
        const auto session = opened();
        for (int round = 0; round < 60; ++round) {
            const bool creates = (round + thread) % 3 != 0;
            for (int attempt = 0;; ++attempt) {
                try {
                    session->begin(Access::read_write);
                    if (creates) {
                        trial.create(*session, "p", "t" + std::to_string(round % 2),
                                     "s" + std::to_string(round % 3),
                                     "i" + std::to_string(thread) + '-' + std::to_string(round));
                    } else {
                        const auto found = session->query(
                            "SELECT internalId FROM Resources ORDER BY (internalId * ?) % 17 LIMIT 1",
                            {std::int64_t{round + 3}});
                        if (found->rows() != 0) {
                            messages::DeleteResource_Response response;
                            trial.schema->delete_resource(*session, found->integer(0, 0), response);
                        }
                    }
                    session->commit();
                    break;
                } catch (const StatementError &error) {
                    session->rollback();
                    ++replays;
                    if (error.code() != OrthancPluginErrorCode_DatabaseCannotSerialize || attempt > 50) {
                        ++failures;
                        break;
                    }
                }
            }
        }
    };
    std::vector<std::thread> threads;
    for (int thread = 0; thread < 6; ++thread) {
        threads.emplace_back(work, thread);
    }
    for (std::thread &thread : threads) {
        thread.join();
    }
    INFO("replays: " << replays);
    CHECK(failures == 0);
    Connection &connection = *trial.connection;
    CHECK(number(connection,
                 "SELECT COUNT(*) FROM Resources AS r WHERE r.parentId IS NOT NULL AND NOT EXISTS "
                 "(SELECT 1 FROM Resources AS p WHERE p.internalId = r.parentId)") == 0);
    CHECK(number(connection, "SELECT COUNT(*) FROM Resources AS r WHERE r.resourceType < 3 AND NOT EXISTS "
                             "(SELECT 1 FROM Resources AS c WHERE c.parentId = r.internalId)") == 0);
    CHECK(trial.schema->statistics(connection, true) == counted(connection));
}

} // namespace orthanc_images::database
