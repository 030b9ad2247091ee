#include "advanced/sqlite.h"
#include "advanced/world.h"

#include "framework/errors.h"

#include <catch2/catch_test_macros.hpp>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <fstream>
#include <thread>

using namespace orthanc_images;
using namespace orthanc_images::tests;
using nlohmann::json;

namespace {

const std::string LINKED = "11111111-0000-4000-8000-000000000000";
const std::string STORED = "22222222-0000-4000-8000-000000000000";

void execute(const std::string &file, const std::string &sql) {
    sqlite3 *database = nullptr;
    constexpr int CREATE = 4;
    REQUIRE(sqlite3_open_v2(file.c_str(), &database, advanced::sqlite::OPEN_READ_WRITE | CREATE, nullptr) ==
            0);
    CHECK(sqlite3_exec(database, sql.c_str(), nullptr, nullptr, nullptr) == 0);
    sqlite3_close(database);
}

constexpr const char *SCHEMA =
    "PRAGMA journal_mode = WAL;"
    "CREATE TABLE Files(path TEXT PRIMARY KEY, time INTEGER, size INTEGER, isDicom INTEGER,"
    " instanceId TEXT);"
    "CREATE TABLE Attachments(uuid TEXT PRIMARY KEY, instanceId TEXT);";

} // namespace

TEST_CASE("the file of Indexer is taken over once, and what it links stays readable") {
    World world;
    std::filesystem::create_directories(world.storage);
    const std::string database = world.storage + "/indexer-plugin.db";
    const std::string one = world.file("one.dcm", World::dicom("one"));
    const std::string twin = world.file("twin.dcm", World::dicom("one"));
    execute(database, std::string(SCHEMA) + "INSERT INTO Files VALUES ('/gone/one.dcm', 1, 2, 1, 'one');" +
                          "INSERT INTO Files VALUES ('" + one + "', 100, 135, 1, 'one');" +
                          "INSERT INTO Files VALUES ('" + twin + "', 100, 135, 1, 'one');" +
                          "INSERT INTO Files VALUES ('/x.txt', 5, 6, 0, '');" +
                          "INSERT INTO Attachments VALUES ('" + LINKED + "', 'one')," +
                          "('33333333-0000-4000-8000-000000000000', 'deleted')");
    world.attachments[LINKED] = {"one", "", World::dicom("one")};
    world.start();
    // Before it is taken over, too.
    CHECK(world.read(LINKED) == World::dicom("one"));
    world.begin();
    for (int i = 0; i < 200 && std::filesystem::exists(database); ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    world.stop();
    CHECK_FALSE(std::filesystem::exists(database));
    CHECK(std::filesystem::exists(database + ".taken-over"));
    CHECK(world.custom(LINKED) == R"({"o":false,"p":")" + one + R"(","v":1})");
    CHECK(world.read(LINKED) == World::dicom("one"));
    const auto rows = world.values("advst-indexer-path");
    CHECK(rows.size() == 4);
    CHECK(json::parse(rows.at(one)) == json{{"v", 1}, {"d", true}, {"s", 135}, {"t", 100}, {"i", "one"}});
    CHECK(json::parse(rows.at(twin)).at("d") == false);
    CHECK(json::parse(rows.at("/x.txt")) == json{{"v", 1}, {"d", false}, {"s", 6}, {"t", 5}});
    CHECK(world.said().back().find("1 instances and 4 files") != std::string::npos);
    world.remove(LINKED);
    CHECK(std::filesystem::exists(one));
}

TEST_CASE("a linked file is not deleted before it is taken over either") {
    World world;
    std::filesystem::create_directories(world.storage);
    const std::string one = world.file("one.dcm", World::dicom("one"));
    execute(world.storage + "/indexer-plugin.db",
            std::string(SCHEMA) + "INSERT INTO Files VALUES ('" + one + "', 1, 2, 1, 'one');" +
                "INSERT INTO Attachments VALUES ('" + LINKED + "', 'one')");
    world.attachments[LINKED] = {"one", "", World::dicom("one")};
    world.start();
    const std::string stored = world.store("stored");
    CHECK(world.read(stored) == "stored");
    world.remove(LINKED);
    CHECK(world.code == OrthancPluginErrorCode_Success);
    CHECK(std::filesystem::exists(one));
    world.remove(stored);
    CHECK(world.files(world.storage).size() == 3); // the database, and what SQLite has beside it
}

TEST_CASE("another file of this name stops the start") {
    World world;
    std::filesystem::create_directories(world.storage);
    std::ofstream(world.storage + "/indexer-plugin.db") << std::string(1000, 'x');
    CHECK_THROWS_AS(world.start(), Error);
}
