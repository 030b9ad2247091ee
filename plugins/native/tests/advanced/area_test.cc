#include "advanced/world.h"

#include "framework/plugin.h"

#include <catch2/catch_test_macros.hpp>
#include <nlohmann/json.hpp>

#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <thread>

using namespace orthanc_images;
using namespace orthanc_images::tests;
using nlohmann::json;

namespace {

const json BY_PATIENT = {{"NamingScheme", "{PatientID}/{UUID}{.ext}"}};

json info_of(World &world, const std::string &uuid) {
    const std::string instance = world.attachments.at(uuid).instance;
    const auto [code, answer] = world.send(
        OrthancPluginHttpMethod_Get, "/(patients|studies|series|instances)/([^/]+)/attachments/([^/]+)/info",
        "", "/instances/" + instance + "/attachments/dicom/info", {"instances", instance, "dicom"});
    REQUIRE(code == OrthancPluginErrorCode_Success);
    return json::parse(answer.body);
}

} // namespace

TEST_CASE("with no settings, files are where Orthanc itself has them, and the index keeps nothing") {
    World world;
    world.start();
    const std::string uuid = world.store("content");
    CHECK(world.custom(uuid).empty());
    CHECK(std::filesystem::exists(world.storage + "/" + uuid.substr(0, 2) + "/" + uuid.substr(2, 2) + "/" +
                                  uuid));
    CHECK(world.read(uuid) == "content");
    world.remove(uuid);
    CHECK(world.files(world.storage).empty());
}

TEST_CASE("a file gets its name, and is read and deleted by what the index keeps") {
    World world;
    world.start(BY_PATIENT);
    const std::string uuid = world.store("content", {{"PatientID", "../.."}});
    CHECK(world.custom(uuid) == R"({"o":true,"p":".._../)" + uuid + R"(.dcm","v":1})");
    CHECK(world.files(world.storage) == std::vector<std::string>{".._..", ".._../" + uuid + ".dcm"});
    CHECK(world.read(uuid) == "content");
    CHECK(info_of(world, uuid).at("Path") == world.storage + "/.._../" + uuid + ".dcm");
    CHECK(info_of(world, uuid).at("IsOwnedByOrthanc") == true);
    world.remove(uuid);
    CHECK(world.files(world.storage).empty());
}

TEST_CASE("files that were stored before the plugin, or with another scheme, are found") {
    World world;
    world.start();
    const std::string oldest = world.store("oldest");
    finish();
    world.start(BY_PATIENT);
    const std::string older = world.store("older", {{"PatientID", "p"}});
    finish();
    world.start({{"NamingScheme", "{StudyInstanceUID}-{UUID}"}});
    CHECK(world.read(oldest) + world.read(older) == "oldestolder");
    CHECK(info_of(world, oldest).at("StorageId") == "");
}

TEST_CASE("new files go to the current storage, other attachments below their folder") {
    World world;
    const std::string other = (world.folder / "b").string();
    world.start({{"MultipleStorages", {{"Storages", {{"b", other}}}, {"CurrentWriteStorage", "b"}}},
                 {"OtherAttachmentsPrefix", "other"}});
    const std::string uuid = world.store("content");
    CHECK(world.custom(uuid) == R"({"o":true,"p":"","s":"b","v":1})");
    CHECK(world.read(uuid) == "content");
    CHECK(info_of(world, uuid).at("StorageId") == "b");
    const std::string more = world.store("x", json::object(), OrthancPluginContentType_DicomAsJson);
    CHECK(std::filesystem::exists(other + "/other/" + more.substr(0, 2) + "/" + more.substr(2, 2) + "/" +
                                  more));
    CHECK(world.files(world.storage).empty());
}

TEST_CASE("a name that is too long, or taken, gives way to that of Orthanc") {
    World world;
    world.start({{"NamingScheme", "{PatientID}/{StudyInstanceUID}/{SeriesInstanceUID}/{SOPInstanceUID}"},
                 {"MaxPathLength", 300}});
    const std::string longest = world.store("1", {{"PatientID", std::string(256, 'x')}});
    CHECK(world.custom(longest).empty());
    const json tags = {{"PatientID", "p"}};
    const std::string first = world.store("2", tags);
    const std::string second = world.store("3", tags);
    CHECK_FALSE(world.custom(first).empty());
    CHECK(world.custom(second).empty());
    // A file has the name of a folder.
    std::ofstream(world.storage + "/q") << "q";
    const std::string third = world.store("4", {{"PatientID", "q"}});
    CHECK(world.custom(third).empty());
    CHECK(world.read(longest) + world.read(first) + world.read(second) + world.read(third) == "1234");
    CHECK(world.said().size() == 3);
}

TEST_CASE("what cannot be written leaves nothing") {
    World world;
    world.start(BY_PATIENT);
    world.orthanc.has_memory = false;
    world.store("content", {{"PatientID", "p"}});
    CHECK(world.code == OrthancPluginErrorCode_NotEnoughMemory);
    CHECK(world.files(world.storage).empty());
}

TEST_CASE("a file that is missing or too short is an error, which names it") {
    World world;
    world.start();
    const std::string uuid = world.store("content");
    const std::string path = world.storage + "/" + uuid.substr(0, 2) + "/" + uuid.substr(2, 2) + "/" + uuid;
    std::filesystem::resize_file(path, 3);
    world.read(uuid);
    CHECK(world.code == OrthancPluginErrorCode_BadRange);
    std::filesystem::remove(path);
    world.read(uuid);
    CHECK(world.code == OrthancPluginErrorCode_InexistentFile);
    CHECK(world.said().back().starts_with("file " + uuid + ": it cannot be read"));
    // It is gone already.
    world.remove(uuid);
    CHECK(world.code == OrthancPluginErrorCode_Success);
}

TEST_CASE("an index that keeps no custom data is said, and nothing is stored that would be lost") {
    World world;
    world.capabilities = json::object();
    world.start(BY_PATIENT);
    world.begin();
    world.store("content", {{"PatientID", "p"}});
    CHECK(world.code == OrthancPluginErrorCode_Database);
    CHECK(world.files(world.storage).empty());
    CHECK(world.said().front().starts_with("Orthanc's index keeps no custom data of files"));
}

TEST_CASE("custom data of another plugin, or of a storage that is not there, is an error") {
    World world;
    world.start();
    const std::string uuid = world.store("content");
    for (const char *custom :
         {"x", "{}", R"({"v":2,"o":true})", R"({"v":1,"o":false})",
          R"({"v":1,"o":true,"p":"../../etc/passwd"})", R"({"v":1,"o":true,"p":"x","s":"gone"})"}) {
        world.attachments.at(uuid).custom = custom;
        world.read(uuid);
        CHECK(world.code != OrthancPluginErrorCode_Success);
    }
    CHECK(world.said().back().find("there is no storage 'gone'") != std::string::npos);
}

TEST_CASE("files are deleted later, from the queue") {
    World world;
    json section = BY_PATIENT;
    section["DelayedDeletion"] = {{"Enable", true}};
    world.start(section);
    world.begin();
    const std::string uuid = world.store("content", {{"PatientID", "p"}});
    world.remove(uuid);
    for (int i = 0; i < 200 && !world.files(world.storage).empty(); ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    CHECK(world.files(world.storage).empty());
    const auto [code, answer] =
        world.send(OrthancPluginHttpMethod_Get, "/plugins/advanced-storage/status", "");
    CHECK(json::parse(answer.body) ==
          json{{"DelayedDeletionIsActive", true}, {"FilesPendingDeletion", 0}, {"IndexerIsActive", false}});
    world.stop();
}

TEST_CASE("many threads write to and delete from the same folders") {
    World world;
    world.start({{"NamingScheme", "{PatientID}/{UUID}"}}, {{"SyncStorageArea", false}});
    std::vector<std::jthread> threads;
    for (int number = 0; number < 4; ++number) {
        threads.emplace_back([&] {
            for (int i = 0; i < 100; ++i) {
                const std::string uuid = world.store("content", {{"PatientID", "p"}});
                world.remove(uuid);
            }
        });
    }
    threads.clear();
    CHECK(world.code == OrthancPluginErrorCode_Success);
    CHECK(world.said().empty());
    CHECK(world.files(world.storage).empty());
}
