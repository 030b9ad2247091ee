#include "advanced/world.h"

#include "framework/plugin.h"

#include <catch2/catch_test_macros.hpp>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <fstream>

using namespace orthanc_images;
using namespace orthanc_images::tests;
using nlohmann::json;

namespace {

constexpr const char *MOVE = "/plugins/advanced-storage/move-storage";
constexpr const char *ADOPT = "/plugins/advanced-storage/adopt-instance";
constexpr const char *ABANDON = "/plugins/advanced-storage/abandon-instance";
constexpr auto POST = OrthancPluginHttpMethod_Post;

json storages(const World &world) {
    return {{"NamingScheme", "{PatientID}/{UUID}"},
            {"MultipleStorages",
             {{"Storages", {{"a", (world.folder / "a").string()}, {"b", (world.folder / "b").string()}}},
              {"CurrentWriteStorage", "b"}}}};
}

json move(const std::string &instance, const std::string &target) {
    return {{"Resources", {instance}}, {"TargetStorageId", target}};
}

// Does all steps of the last job, and returns what the last one returned.
OrthancPluginJobStepStatus run_job(World &world) {
    const OrthancJob &job = world.orthanc.jobs.back();
    OrthancPluginJobStepStatus status = OrthancPluginJobStepStatus_Continue;
    while (status == OrthancPluginJobStepStatus_Continue) {
        status = job.functions.step(job.functions.job);
    }
    return status;
}

} // namespace

TEST_CASE("files move from storage to storage, with their names") {
    World world;
    world.start(storages(world));
    const std::string uuid = world.store("content", {{"PatientID", "p"}});
    const std::string instance = world.attachments.at(uuid).instance;
    CHECK(world.send(POST, MOVE, move(instance, "a").dump()).second.status == 200);
    CHECK(run_job(world) == OrthancPluginJobStepStatus_Success);
    CHECK(world.custom(uuid) == R"({"o":true,"p":"p/)" + uuid + R"(","s":"a","v":1})");
    CHECK(world.read(uuid) == "content");
    CHECK(world.files((world.folder / "b").string()).empty());
    // Again, and to where there is no file to begin with.
    world.send(POST, MOVE, move(instance, "a").dump());
    CHECK(run_job(world) == OrthancPluginJobStepStatus_Success);
    CHECK(world.read(uuid) == "content");
    world.send(POST, MOVE, move(instance, "").dump());
    CHECK(run_job(world) == OrthancPluginJobStepStatus_Success);
    CHECK(world.read(uuid) == "content");
    CHECK(std::filesystem::exists(world.storage + "/p/" + uuid));
}

TEST_CASE("a job is saved and goes on, also one of the official plugin") {
    World world;
    world.start(storages(world));
    const std::string uuid = world.store("content", {{"PatientID", "p"}});
    const std::string instance = world.attachments.at(uuid).instance;
    world.send(POST, MOVE, move(instance, "a").dump());
    const OrthancJob job = world.orthanc.jobs.back();
    const json saved = json::parse(job.functions.getSerialized(job.functions.job));
    CHECK(saved.at("Items") == json{"instances/" + instance});
    CHECK(saved.at("ResourcesToMove") == json{{"Instances", {instance}}});
    const json official = {
        {"ResourcesToMove", json::object()}, {"TargetStorageId", "a"}, {"Instances", {instance}}};
    REQUIRE(world.orthanc.unserializer("MoveStorage", official.dump().c_str()) != nullptr);
    CHECK(run_job(world) == OrthancPluginJobStepStatus_Success);
    CHECK(world.custom(uuid).find(R"("s":"a")") != std::string::npos);
    CHECK(world.orthanc.unserializer("Other", "{}") == nullptr);
}

TEST_CASE("a moved file overwrites no other one") {
    World world;
    world.start(storages(world));
    const std::string uuid = world.store("content", {{"PatientID", "p"}});
    std::filesystem::create_directories(world.folder / "a" / "p");
    std::ofstream(world.folder / "a" / "p" / uuid) << "another";
    world.send(POST, MOVE, move(world.attachments.at(uuid).instance, "a").dump());
    CHECK(run_job(world) == OrthancPluginJobStepStatus_Success);
    CHECK(world.read(uuid) == "content");
    CHECK(std::filesystem::file_size(world.folder / "a" / "p" / uuid) == 7);
    CHECK(world.custom(uuid) == R"({"o":true,"p":"","s":"a","v":1})");
}

TEST_CASE("adopted files stay where they are, unless Orthanc owns them") {
    World world;
    world.start(storages(world));
    const std::string one = world.file("one.dcm", World::dicom("one"));
    const std::string two = world.file("two.dcm", World::dicom("two"));
    const json answer = json::parse(world.send(POST, ADOPT, json{{"Path", one}}.dump()).second.body);
    CHECK(answer ==
          json{{"Status", "Success"}, {"InstanceId", "one"}, {"AttachmentUuid", *world.attachment("one")}});
    CHECK(json::parse(world.send(POST, ADOPT, json{{"Path", one}}.dump()).second.body) ==
          json{{"Status", "AlreadyStored"}});
    world.send(POST, ADOPT, json{{"Path", two}, {"TakeOwnership", true}}.dump());
    world.send(POST, MOVE, move("one", "a").dump());
    CHECK(run_job(world) == OrthancPluginJobStepStatus_Failure);
    const OrthancJob &job = world.orthanc.jobs.back();
    CHECK(json::parse(job.functions.getContent(job.functions.job))
              .at("ErrorDetails")
              .get<std::string>()
              .find("is not Orthanc's") != std::string::npos);
    world.send(POST, MOVE, move("two", "a").dump());
    CHECK(run_job(world) == OrthancPluginJobStepStatus_Success);
    CHECK_FALSE(std::filesystem::exists(two));
    CHECK(world.read(*world.attachment("two")) == World::dicom("two"));
    CHECK(world.send(POST, ABANDON, json{{"Path", one}}.dump()).second.status == 200);
    CHECK(std::filesystem::exists(one));
    CHECK(world.instances() == std::vector<std::string>{"two"});
    CHECK(world.send(POST, ABANDON, json{{"Path", one}}.dump()).first ==
          OrthancPluginErrorCode_UnknownResource);
}

TEST_CASE("requests with a mistake are refused") {
    World world;
    world.start(storages(world));
    const std::string stored = world.storage + "/x";
    for (const char *body :
         {"{}", R"({"Path": 5})", R"({"Path": "a/b"})", "[]", R"({"Path": "/nowhere/x"})"}) {
        CHECK(world.send(POST, ADOPT, body).first != OrthancPluginErrorCode_Success);
    }
    CHECK(world.send(POST, ADOPT, json{{"Path", world.storage + "/../storage/x"}}.dump()).first ==
          OrthancPluginErrorCode_BadRequest);
    CHECK(world.send(POST, ADOPT, json{{"Path", world.file("x", "text")}}.dump()).first ==
          OrthancPluginErrorCode_BadFileFormat);
    for (const json &body : {json::object(), move("nothing", "a"), move("x", "elsewhere"),
                             json{{"Resources", {5}}, {"TargetStorageId", "a"}}}) {
        CHECK(world.send(POST, MOVE, body.dump()).first != OrthancPluginErrorCode_Success);
    }
    for (const char *route : {ADOPT, ABANDON, MOVE}) {
        CHECK(world.send(OrthancPluginHttpMethod_Get, route, "").second.status == 405);
    }
    const std::string owned = world.file("owned.dcm", World::dicom("owned"));
    world.send(POST, ADOPT, json{{"Path", owned}, {"TakeOwnership", true}}.dump());
    CHECK(world.send(POST, ABANDON, json{{"Path", owned}}.dump()).first == OrthancPluginErrorCode_BadRequest);
    CHECK(world.instances() == std::vector<std::string>{"owned"});
}
