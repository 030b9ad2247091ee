#include "advanced/settings.h"
#include "advanced/world.h"

#include "framework/errors.h"

#include <catch2/catch_test_macros.hpp>
#include <nlohmann/json.hpp>

using namespace orthanc_images;
using namespace orthanc_images::advanced;

namespace {

std::string refusal(const nlohmann::json &section) {
    tests::World world;
    try {
        world.start(section);
    } catch (const Error &error) {
        return error.what();
    }
    return "";
}

} // namespace

TEST_CASE("settings that cannot be meant stop the start, with a remedy") {
    CHECK(refusal({{"MultipleStorages", {{"Storages", {{"a", "/a"}}}, {"CurrentWriteStorage", "b"}}}}) ==
          "AdvancedStorage.MultipleStorages.CurrentWriteStorage: 'b' is not one of Storages. Name one of "
          "these, or "
          "add it.");
    CHECK(refusal({{"OtherAttachmentsPrefix", "../x"}}).find("it leaves the storage") != std::string::npos);
    CHECK(refusal({{"Indexer", {{"Enable", true}}}}) ==
          "AdvancedStorage.Indexer.Folders: it names no folder. Name the folders to index.");
    CHECK(refusal({{"Indexer",
                    {{"Enable", true},
                     {"Folders", "/x"},
                     {"ParsedExtensions", {"dcm"}},
                     {"SkippedExtensions", {"txt"}}}}})
              .find("Give only one of both") != std::string::npos);
    CHECK(refusal({{"Indexer", {{"Enable", true}, {"Folders", {"/"}}}}}).find("overlaps with the storage") !=
          std::string::npos);
    CHECK(refusal({{"DelayedDeletion", {{"Enable", true}, {"MaxDeletionTime", 0}}}}).find("from 1") !=
          std::string::npos);
}

TEST_CASE("both plugins have their own section") {
    tests::World world;
    world.orthanc.configuration =
        R"({"StorageDirectory": "/s", "IndexDirectory": "/i/", "OverwriteInstances": "Always",
            "Indexer": {"Enable": true, "Folders": "/x/", "Interval": 3},
            "AdvancedStorage": {"Enable": true, "Indexer": {"Enable": true, "Folders": ["/y"], "TakeOwnership": true,
                                "SkippedExtensions": ["TXT", ".Zip"]}}})";
    const Settings indexer = settings_of("indexer");
    CHECK(indexer.indexing->folders == std::vector<std::string>{"/x"});
    CHECK(indexer.indexing->interval == std::chrono::seconds(3));
    CHECK(indexer.database == "/i/indexer-plugin.db");
    const Settings advanced = settings_of("advanced-storage");
    CHECK(advanced.indexing->own);
    CHECK(advanced.overwrites);
    CHECK(advanced.indexing->skipped == std::vector<std::string>{".txt", ".zip"});
}

TEST_CASE("a plugin that is off does nothing") {
    tests::World world;
    world.orthanc.configuration = R"({"AdvancedStorage": {"Enable": false}})";
    CHECK_FALSE(settings_of("advanced-storage").enabled);
}
