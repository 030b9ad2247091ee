// The plugin against an Orthanc whose DICOM files are JSON: queries, routes, and the housekeeper.
#include "framework/errors.h"
#include "framework/plugin.h"
#include "tests/fake_orthanc.h"
#include "worklists/dicom.h"
#include "worklists/server.h"
#include "worklists/store.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <map>
#include <thread>
#include <vector>

using namespace orthanc_images;
using namespace orthanc_images::worklists;
using orthanc_images::tests::Answered;
using orthanc_images::tests::FakeOrthanc;

namespace {

template <typename Parameters> const Parameters &as(const void *parameters) {
    return *static_cast<const Parameters *>(parameters);
}

struct Cursor {
    std::vector<std::pair<std::string, std::string>> left;
    std::pair<std::string, std::string> now;
};

const std::map<std::string, std::string> NAMES{
    {"PatientID", "0010,0020"},
    {"PatientName", "0010,0010"},
    {"StudyInstanceUID", "0020,000d"},
    {"SOPClassUID", "0008,0016"},
    {"SpecificCharacterSet", "0008,0005"},
    {"ScheduledProcedureStepSequence", "0040,0100"},
    {"Modality", "0008,0060"},
    {"ScheduledProcedureStepStartDate", "0040,0002"},
};

Json numbered(const Json &tags) {
    Json all = Json::object();
    for (const auto &[name, value] : tags.items()) {
        Json given = value;
        if (value.is_array()) {
            given = Json::array();
            for (const Json &item : value) {
                given.push_back(numbered(item));
            }
        }
        all[NAMES.contains(name) ? NAMES.at(name) : name] = given;
    }
    return all;
}

// What the plugin needs of Orthanc.
struct World {
    explicit World(const std::string &section) {
        std::filesystem::remove_all(FOLDER);
        std::filesystem::create_directories(FOLDER);
        orthanc.configuration = R"({"Worklists": )" + section + "}";
        orthanc.extra = [this](_OrthancPluginService service, const void *parameters) {
            return serve(service, parameters);
        };
        orthanc.api = [this](const _OrthancPluginCallRestApi &call, std::string &body) {
            *call.httpStatus = 200;
            const std::string uri = call.uri;
            if (uri == "/system") {
                body = system;
            } else if (uri == "/tools/lookup") {
                const std::string asked(static_cast<const char *>(call.body), call.bodySize);
                body = asked == "1.1" ? R"([{"ID": "s", "Type": "Study"}])" : "[]";
            } else if (uri == "/studies/s") {
                body = stable ? R"({"IsStable": true})" : R"({"IsStable": false})";
            } else if (uri == "/tools/generate-uid?level=study") {
                body = "9.9";
            } else {
                *call.httpStatus = 404;
            }
            return OrthancPluginErrorCode_Success;
        };
    }

    ~World() {
        finish();
    }

    World(const World &) = delete;
    World &operator=(const World &) = delete;

    std::optional<OrthancPluginErrorCode> serve(_OrthancPluginService service, const void *parameters) {
        constexpr auto good = OrthancPluginErrorCode_Success;
        switch (service) {
        case _OrthancPluginService_DicomBufferToJson: {
            const auto &asked = as<_OrthancPluginDicomToJson>(parameters);
            const std::string dicom(static_cast<const char *>(asked.buffer), asked.size);
            if (!Json::accept(dicom)) {
                return OrthancPluginErrorCode_BadFileFormat;
            }
            *asked.result = FakeOrthanc::text(dicom);
            return good;
        }
        case _OrthancPluginService_CreateDicom: {
            const auto &asked = as<_OrthancPluginCreateDicom>(parameters);
            const Json tags = Json::parse(asked.json);
            return tags.contains("Wrong") ? OrthancPluginErrorCode_UnknownDicomTag
                                          : FakeOrthanc::fill(*asked.target, numbered(tags).dump());
        }
        case _OrthancPluginService_LookupDictionary: {
            const auto &asked = as<_OrthancPluginLookupDictionary>(parameters);
            asked.target->vr = std::string(asked.name) == "0010,0010" ? OrthancPluginValueRepresentation_PN
                                                                      : OrthancPluginValueRepresentation_LO;
            return std::string(asked.name) == "0099,0001" ? OrthancPluginErrorCode_UnknownDicomTag : good;
        }
        case _OrthancPluginService_GenerateUuid:
            *as<_OrthancPluginRetrieveDynamicString>(parameters).result =
                FakeOrthanc::text("id" + std::to_string(++count));
            return good;
        case _OrthancPluginService_RegisterWorklistCallback:
            callback = as<_OrthancPluginWorklistCallback>(parameters).callback;
            return good;
        case _OrthancPluginService_WorklistGetDicomQuery:
            return FakeOrthanc::fill(*as<_OrthancPluginWorklistQueryOperation>(parameters).target, query);
        case _OrthancPluginService_WorklistAddAnswer: {
            const auto &given = as<_OrthancPluginWorklistAnswersOperation>(parameters);
            answers.emplace_back(static_cast<const char *>(given.dicom), given.size);
            return good;
        }
        case _OrthancPluginService_WorklistMarkIncomplete:
            incomplete = true;
            return good;
        default:
            return serve_store(service, parameters);
        }
    }

    std::optional<OrthancPluginErrorCode> serve_store(_OrthancPluginService service, const void *parameters) {
        constexpr auto good = OrthancPluginErrorCode_Success;
        switch (service) {
        case _OrthancPluginService_StoreKeyValue: {
            const auto &given = as<_OrthancPluginStoreKeyValue>(parameters);
            CHECK(given.storeId == std::string("worklists"));
            kept[given.key] = std::string(static_cast<const char *>(given.value), given.valueSize);
            return good;
        }
        case _OrthancPluginService_GetKeyValue: {
            const auto &asked = as<_OrthancPluginGetKeyValue>(parameters);
            const auto found = kept.find(asked.key);
            *asked.found = found == kept.end() ? 0 : 1;
            return found == kept.end() ? good : FakeOrthanc::fill(*asked.target, found->second);
        }
        case _OrthancPluginService_DeleteKeyValue:
            kept.erase(as<_OrthancPluginDeleteKeyValue>(parameters).key);
            return good;
        case _OrthancPluginService_CreateKeysValuesIterator:
            if (!has_store) {
                return OrthancPluginErrorCode_NotImplemented;
            }
            *as<_OrthancPluginCreateKeysValuesIterator>(parameters).target =
                reinterpret_cast<OrthancPluginKeysValuesIterator *>(
                    new Cursor{{kept.rbegin(), kept.rend()}, {}});
            return good;
        case _OrthancPluginService_FreeKeysValuesIterator:
            delete reinterpret_cast<Cursor *>(as<_OrthancPluginFreeKeysValuesIterator>(parameters).iterator);
            return good;
        case _OrthancPluginService_KeysValuesIteratorNext: {
            const auto &asked = as<_OrthancPluginKeysValuesIteratorNext>(parameters);
            auto *cursor = reinterpret_cast<Cursor *>(asked.iterator);
            *asked.done = cursor->left.empty() ? 0 : 1;
            if (!cursor->left.empty()) {
                cursor->now = cursor->left.back();
                cursor->left.pop_back();
            }
            return good;
        }
        case _OrthancPluginService_KeysValuesIteratorGetKey: {
            const auto &asked = as<_OrthancPluginKeysValuesIteratorGetKey>(parameters);
            *asked.target = reinterpret_cast<Cursor *>(asked.iterator)->now.first.c_str();
            return good;
        }
        case _OrthancPluginService_KeysValuesIteratorGetValue: {
            const auto &asked = as<_OrthancPluginKeysValuesIteratorGetValue>(parameters);
            return FakeOrthanc::fill(*asked.target, reinterpret_cast<Cursor *>(asked.iterator)->now.second);
        }
        default:
            return {};
        }
    }

    // Answers a request: the code, and what was said.
    std::pair<OrthancPluginErrorCode, Answered> ask(OrthancPluginHttpMethod method,
                                                    const std::string &pattern, const std::string &body = "",
                                                    const char *group = "", const char *format = nullptr) {
        OrthancPluginHttpRequest request{};
        const char *key = "format";
        request.method = method;
        request.groups = &group;
        request.groupsCount = 1;
        request.body = body.data();
        request.bodySize = static_cast<std::uint32_t>(body.size());
        if (format != nullptr) {
            request.getCount = 1;
            request.getKeys = &key;
            request.getValues = &format;
        }
        return orthanc.request(pattern, request);
    }

    // Asks as a modality, and returns how many worklists it gets.
    std::size_t find(const std::string &wanted, const char *caller = "CT1") {
        query = wanted;
        answers.clear();
        incomplete = false;
        REQUIRE(callback(nullptr, nullptr, caller, "ORTHANC") == OrthancPluginErrorCode_Success);
        return answers.size();
    }

    FakeOrthanc orthanc;
    std::map<std::string, std::string> kept;
    std::vector<std::string> answers;
    std::string query;
    std::string system = R"({"Capabilities": {"HasKeyValueStores": true}})";
    OrthancPluginWorklistCallback callback = nullptr;
    bool incomplete = false;
    bool stable = false;
    bool has_store = true;
    int count = 0;
};

constexpr auto GET = OrthancPluginHttpMethod_Get;
constexpr auto POST = OrthancPluginHttpMethod_Post;
constexpr auto PUT = OrthancPluginHttpMethod_Put;
constexpr auto DELETE = OrthancPluginHttpMethod_Delete;
constexpr char ONE[] = "/worklists/([^/]+)";
constexpr char CREATE[] = "/worklists/create";
const std::string INDEX = R"({"Enable": true, "SaveInOrthancDatabase": true, "Database": "/unread"})";
const std::string FILES = std::string(R"({"Enable": true, "Database": ")") + FOLDER + "\"}";

std::string with_step(const std::string &further) {
    return R"({"Tags": {"ScheduledProcedureStepSequence": [{"Modality": "CT", )"
           R"("ScheduledProcedureStepStartDate": "20261201"}])" +
           further + "}}";
}

void put(const std::string &name, const std::string &content) {
    std::ofstream(std::string(FOLDER) + "/" + name, std::ios::binary) << content;
}

std::string refused(World &world) {
    try {
        start();
    } catch (const Error &error) {
        return error.what();
    }
    CHECK(world.orthanc.routes.empty());
    return "";
}

} // namespace

TEST_CASE("a plugin that is not enabled answers nothing, and one without a place is refused") {
    World off(R"({"Enable": false})");
    start();
    CHECK(off.callback == nullptr);
    CHECK(off.orthanc.routes.empty());
    off.orthanc.configuration = R"({"Worklists": {"Enable": true}})";
    CHECK(refused(off).starts_with("Worklists.Directory: is missing."));
    off.orthanc.configuration = R"({"Worklists": {"Enable": true, "Directory": "x", "LimitAnswers": -1}})";
    CHECK(refused(off).starts_with("Worklists.LimitAnswers"));
}

TEST_CASE("worklists of a folder are found by what a modality asks for") {
    World world(FILES);
    put("a.wl", R"({"0010,0010": "Miller^Anna", "0040,0100": [{"0040,0001": "CT1"}]})");
    put("b.wl", R"({"0010,0010": "Jones", "0040,0100": [{"0040,0001": "MR1"}]})");
    put("c.wl", "no DICOM");
    start();
    CHECK(world.find("{}") == 2);
    CHECK(world.find(R"({"0010,0010": "miller*"})") == 1);
    CHECK(world.answers[0].find("Anna") != std::string::npos);
    CHECK(world.find(R"({"0040,0100": [{"0040,0001": "MR1"}]})") == 1);
    CHECK(world.find(R"({"0099,0001": "x"})") == 0);
    CHECK_FALSE(world.incomplete);
    CHECK(world.orthanc.lines().back().message == "the worklist c is no DICOM file. Delete it.");
    world.query = "no DICOM";
    CHECK(world.callback(nullptr, nullptr, "A", "B") == OrthancPluginErrorCode_BadFileFormat);
}

TEST_CASE("callers see what is meant for them, unless they name a station themselves") {
    World world(std::string(R"({"Enable": true, "FilterIssuerAet": true, "Directory": ")") + FOLDER + "\"}");
    put("a.wl", R"({"0040,0100": [{"0040,0001": "CT1"}]})");
    put("b.wl", R"({"0040,0100": [{"0040,0001": "MR1"}]})");
    start();
    CHECK(world.find("{}") == 1);
    CHECK(world.find(R"({"0040,0100": []})", "MR1") == 1);
    CHECK(world.find(R"({"0040,0100": [{"0040,0001": "*"}]})", "US1") == 0);
    CHECK(world.find(R"({"0040,0100": [{"0040,0001": "MR1"}]})") == 1);
}

TEST_CASE("beyond the limit, the answer says that it is not whole") {
    World world(std::string(R"({"Enable": true, "LimitAnswers": 2, "LogMatchedWorklistIds": true, )") +
                R"("Directory": ")" + FOLDER + "\"}");
    put("a.wl", "{}");
    put("b.wl", "{}");
    start();
    CHECK(world.find("{}") == 2);
    CHECK_FALSE(world.incomplete);
    CHECK(world.orthanc.lines().back().message == "CT1 is answered with the worklist b");
    put("c.wl", "{}");
    CHECK(world.find("{}") == 2);
    CHECK(world.incomplete);
}

TEST_CASE("a worklist is made, read, replaced and removed by REST") {
    const bool files = GENERATE(true, false);
    World world(files ? FILES : INDEX);
    start();
    auto [code, answer] = world.ask(POST, CREATE, with_step(R"(, "PatientID": "P")"));
    REQUIRE(code == OrthancPluginErrorCode_Success);
    CHECK(Json::parse(answer.body) == Json{{"ID", "id1"}, {"Path", "/worklists/id1"}});
    CHECK(world.kept.size() == (files ? 0U : 1U));
    CHECK(world.find(R"({"0010,0020": "P"})") == 1);
    Json one = Json::parse(world.ask(GET, ONE, "", "id1").second.body);
    CHECK(one["Tags"]["0010,0020"] == "P");
    CHECK(one["Tags"]["0020,000d"] == "9.9");
    CHECK(one["Tags"]["0008,0016"] == "1.2.276.0.7230010.3.1.0.1");
    CHECK_FALSE(one["Tags"].contains("0008,0005"));
    CHECK(one.contains("CreationDate") == !files);
    const std::string tags = with_step(R"(, "PatientName": "山田", "StudyInstanceUID": "1.2")");
    CHECK(world.ask(PUT, ONE, tags, "id1").first == OrthancPluginErrorCode_Success);
    const Json all = Json::parse(world.ask(GET, "/worklists", "", "", "Full").second.body);
    REQUIRE(all.size() == 1);
    CHECK(all[0]["Tags"]["0020,000d"] == "1.2");
    CHECK(all[0]["Tags"]["0008,0005"] == "ISO_IR 192");
    CHECK(all[0].value("CreationDate", "") == one.value("CreationDate", ""));
    CHECK(world.ask(DELETE, ONE, "", "id1").second.body == "{}");
    for (const auto method : {GET, PUT, DELETE}) {
        CHECK(world.ask(method, ONE, tags, "id1").first == OrthancPluginErrorCode_UnknownResource);
    }
    CHECK(world.find("{}") == 0);
}

TEST_CASE("what is wrong with a request is told") {
    World world(INDEX);
    start();
    const auto details = [&](const std::string &body) {
        const auto [code, answer] = world.ask(POST, CREATE, body);
        CHECK(code == OrthancPluginErrorCode_BadRequest);
        return answer.details;
    };
    CHECK(details("[]").starts_with(R"(the body has no object "Tags".)"));
    CHECK(details(R"({"Tags": 1})").starts_with(R"(the body has no object "Tags".)"));
    CHECK(details(R"({"Tags": {}})").starts_with("Tags: has no ScheduledProcedureStepSequence"));
    CHECK(details(R"({"Tags": {"0040,0100": [{}]}})")
              .starts_with("Tags: ScheduledProcedureStepSequence has no Modality."));
    CHECK(details(R"({"Tags": {"0040,0100": [{"Modality": "CT"}]}})")
              .starts_with("Tags: ScheduledProcedureStepSequence has no ScheduledProcedureStepStartDate."));
    CHECK(details(R"({"Force": true, "Tags": {"Wrong": "x"}})").starts_with("Tags: Orthanc makes no DICOM"));
    CHECK(world.ask(POST, CREATE, "{").first == OrthancPluginErrorCode_BadJson);
    CHECK(world.kept.empty());
    CHECK(world.ask(POST, CREATE, R"({"Force": true, "Tags": {"0020,000d": ""}})").first ==
          OrthancPluginErrorCode_Success);
    CHECK(world.find(R"({"0020,000d": "9.9"})") == 1);
    CHECK(world.ask(GET, "/worklists", "", "", "Human").second.status == 200);
    CHECK(world.ask(GET, "/worklists", "", "", "Other").first == OrthancPluginErrorCode_ParameterOutOfRange);
    CHECK(world.ask(GET, CREATE).second.status == 405);
    CHECK(world.ask(POST, ONE, "", "id1").second.status == 405);
    CHECK(world.ask(DELETE, "/worklists").second.status == 405);
}

TEST_CASE("worklists that the official plugin kept in the index are read, and broken ones left out") {
    World world(INDEX);
    world.kept["theirs"] = R"({"CreatedAt": "20261128T120000", "Dicom": "eyIwMDEwLDAwMjAiOiAiUCJ9"})";
    world.kept["text"] = "x";
    world.kept["empty"] = "{}";
    world.kept["other"] = R"({"CreatedAt": 1, "Dicom": "eA=="})";
    start();
    const Json all = Json::parse(world.ask(GET, "/worklists").second.body);
    CHECK(all == Json::parse(
                     R"([{"ID": "theirs", "CreationDate": "20261128T120000", "Tags": {"0010,0020": "P"}}])"));
    CHECK(world.ask(GET, ONE, "", "other").first == OrthancPluginErrorCode_BadFileFormat);
    world.has_store = false;
    world.query = "{}";
    CHECK(world.callback(nullptr, nullptr, "A", "B") == OrthancPluginErrorCode_NotImplemented);
}

TEST_CASE("worklists go with their stable study, or at their age") {
    World world(INDEX);
    const auto now = std::chrono::system_clock::now();
    Options options;
    options.age = std::chrono::hours(24);
    Server server(options, index_store());
    const auto keep = [&](const std::string &id, const std::string &created, const std::string &dicom) {
        index_store()->save({id, dicom, created});
    };
    keep("new", "29991231T235959", R"({"0020,000d": "1.2"})");
    keep("old", "20200101T000000", R"({"0020,000d": "1.2"})");
    keep("done", "29991231T235959", R"({"0020,000d": "1.1"})");
    keep("blank", "", R"({"0020,000d": ""})");
    keep("broken", "", "no DICOM");
    CHECK(server.tidy(now) == 1);
    CHECK_FALSE(world.kept.contains("old"));
    world.stable = true;
    CHECK(server.tidy(now) == 1);
    CHECK_FALSE(world.kept.contains("done"));
    CHECK(world.kept.size() == 3);
    options.remove_with_study = false;
    keep("done", "29991231T235959", R"({"0020,000d": "1.1"})");
    CHECK(Server(options, index_store()).tidy(now) == 0);
}

TEST_CASE("a worklist that cannot be judged stays, is told once, and keeps no other") {
    World world(FILES);
    put("a.wl", R"({"0020,000d": "1.1"})");
    put("b.wl", R"({"0020,000d": "1.1"})");
    int calls = 0;
    const auto usual = world.orthanc.api;
    world.orthanc.api = [&](const _OrthancPluginCallRestApi &call, std::string &body) {
        if (std::string(call.uri) == "/tools/lookup" && ++calls % 2 == 1) {
            return OrthancPluginErrorCode_Database;
        }
        return usual(call, body);
    };
    world.stable = true;
    Server server(Options{}, folder_store(FOLDER));
    CHECK(server.tidy(std::chrono::system_clock::now()) == 1);
    calls = 0;
    CHECK(server.tidy(std::chrono::system_clock::now()) == 0);
    std::size_t told = 0;
    for (const auto &line : world.orthanc.lines()) {
        told += line.message.starts_with("the worklist a stays: ") ? 1 : 0;
    }
    CHECK(told == 1);
}

TEST_CASE("the housekeeper begins with Orthanc, and ends with the plugin") {
    World world(FILES);
    put("a.wl", R"({"0020,000d": "1.1"})");
    world.stable = true;
    start();
    const auto change = [&](OrthancPluginChangeType type) {
        return world.orthanc.changed(type, OrthancPluginResourceType_None, nullptr);
    };
    CHECK(change(OrthancPluginChangeType_NewStudy) == OrthancPluginErrorCode_Success);
    CHECK(std::filesystem::exists(std::string(FOLDER) + "/a.wl"));
    CHECK(change(OrthancPluginChangeType_OrthancStarted) == OrthancPluginErrorCode_Success);
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (std::filesystem::exists(std::string(FOLDER) + "/a.wl") && std::chrono::steady_clock::now() < end) {
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    CHECK_FALSE(std::filesystem::exists(std::string(FOLDER) + "/a.wl"));
    finish();
}

TEST_CASE("an index without key-value stores is told at the start") {
    World world(INDEX);
    world.system = R"({"Capabilities": {"HasKeyValueStores": false}})";
    start();
    CHECK(world.orthanc.changed(OrthancPluginChangeType_OrthancStarted, OrthancPluginResourceType_None,
                                nullptr) == OrthancPluginErrorCode_IncompatibleConfigurations);
    CHECK(world.orthanc.lines().back().message.starts_with("Worklists.SaveInOrthancDatabase: the database"));
}

TEST_CASE("an age for files has no effect, and says so") {
    World world(std::string(R"({"Enable": true, "DeleteWorklistsDelay": 24, "Directory": ")") + FOLDER +
                "\"}");
    start();
    CHECK(world.orthanc.lines()[0].message.starts_with("Worklists.DeleteWorklistsDelay: has no effect"));
}
