// The plugin's routes, against an Orthanc whose instances are values.
#include "framework/errors.h"
#include "framework/plugin.h"
#include "stl/bytes.h"
#include "stl/gate.h"
#include "stl/models.h"
#include "stl/nexus.h"
#include "stl/tags.h"
#include "tests/explorer/world.h"
#include "tests/stl/shapes.h"

#include <catch2/catch_test_macros.hpp>
#include <nlohmann/json.hpp>

#include <latch>
#include <thread>

using namespace orthanc_images;
using namespace orthanc_images::stl;
using namespace orthanc_images::tests;

namespace {

constexpr char STRUCTURES[] = "aaaa-1";
constexpr char MODEL[] = "bbbb-2";
constexpr char NEXUS[] = "cccc-3";

std::string tags_at(const std::string &instance) {
    return "/instances/" + instance + "/tags?short&ignore-length=3006-0050";
}

Json square(double height) {
    const std::string z = std::to_string(height);
    return {{CONTOUR_GEOMETRIC_TYPE, "CLOSED_PLANAR"},
            {CONTOUR_IMAGE_SEQUENCE, Json::array({{{REFERENCED_SOP_INSTANCE_UID, "1.2.3"}}})},
            {CONTOUR_DATA, "0\\0\\" + z + "\\8\\0\\" + z + "\\8\\8\\" + z + "\\0\\8\\" + z}};
}

// An Orthanc with an RT-STRUCT, an STL model and a Nexus model.
class World {
  public:
    World() {
        lay_out_pages();
        write_file(STL_BUTTONS, "buttons(IS_NIFTI_ENABLED, IS_NEXUS_ENABLED);");
        orthanc.configuration = R"({"STL": {"EnableNexus": true}})";
        orthanc.api = [this](const _OrthancPluginCallRestApi &call, std::string &body) {
            const bool get = call.method == OrthancPluginHttpMethod_Get;
            if (!get) {
                sent = {static_cast<const char *>(call.body), call.bodySize};
            }
            const auto found = answers.find((get ? "" : "POST ") + std::string(call.uri));
            if (found == answers.end()) {
                return OrthancPluginErrorCode_UnknownResource;
            }
            *call.httpStatus = 200;
            body = found->second;
            return OrthancPluginErrorCode_Success;
        };
        start();
    }

    World(const World &) = delete;
    World &operator=(const World &) = delete;

    ~World() {
        finish();
    }

    std::pair<OrthancPluginErrorCode, Answered> get(const std::string &route, const std::string &group = "",
                                                    const std::string &range = "") {
        const Asked asked({{"range", range}}, group);
        return orthanc.request(route, asked.request);
    }

    std::pair<OrthancPluginErrorCode, Answered> post(const std::string &route, const Json &body) {
        Asked asked;
        const std::string text = body.dump();
        asked.request.method = OrthancPluginHttpMethod_Post;
        asked.request.body = text.data();
        asked.request.bodySize = static_cast<std::uint32_t>(text.size());
        return orthanc.request(route, asked.request);
    }

    std::string sent;
    std::map<std::string, std::string> answers{
        {tags_at(STRUCTURES),
         Json({{SERIES_DESCRIPTION, "Plan"},
               {REFERENCED_FRAME_OF_REFERENCE_SEQUENCE, Json::array({{{FRAME_OF_REFERENCE_UID, "9.9"}}})},
               {STRUCTURE_SET_ROI_SEQUENCE, Json::array({{{ROI_NUMBER, "1"}, {ROI_NAME, "Liver"}}})},
               {ROI_CONTOUR_SEQUENCE,
                Json::array({{{REFERENCED_ROI_NUMBER, "1"},
                              {CONTOUR_SEQUENCE, Json::array({square(0), square(2)})}}})}})
             .dump()},
        {tags_at(MODEL), Json({{SOP_CLASS_UID, STL_CLASS}, {MIME_TYPE, "model/stl "}}).dump()},
        {"/instances/bbbb-2/content/0042-0011", "solid"},
        {tags_at(NEXUS), Json({{CREATOR_VERSION_UID, NEXUS_CREATOR_UID}}).dump()},
        {"/instances/cccc-3/content/4205-1001", " sxN and more"},
        {"/instances/aaaa-1/study", R"({"ID": "dddd-4"})"},
        {"/studies/dddd-4", "{}"},
        {"/tools/generate-uid?level=instance", "7.7"},
        {"POST /tools/lookup", R"([{"Type": "Instance", "ID": "eeee-5"}])"},
        {"/instances/eeee-5/tags?short", R"({"0020,0037": "1\\0\\0\\0\\1\\0"})"},
        {"POST /tools/create-dicom", R"({"ID": "ffff-6"})"},
    };
    FakeOrthanc orthanc;
};

std::uint32_t triangles_in(const Json &request) {
    const std::string content = content_of(request.at("Content").get<std::string>(), "Content");
    std::uint32_t count = 0;
    std::memcpy(&count, &content.at(80), sizeof count);
    CHECK(content.size() == 84 + (std::size_t{50} * count));
    return count;
}

} // namespace

TEST_CASE("the document of an instance with a model is its model") {
    World world;
    const auto [code, answer] = world.get("/instances/([0-9a-f-]+)/stl", MODEL);
    CHECK(code == OrthancPluginErrorCode_Success);
    CHECK((answer.body == "solid" && answer.type == "model/stl"));
    CHECK(world.get("/instances/([0-9a-f-]+)/stl", NEXUS).first == OrthancPluginErrorCode_BadRequest);
    CHECK(world.get("/instances/([0-9a-f-]+)/stl", "0-0").first == OrthancPluginErrorCode_UnknownResource);
}

TEST_CASE("an RT-STRUCT tells its regions, and becomes a model in its study") {
    World world;
    CHECK(Json::parse(world.get("/stl/rt-struct/([0-9a-f-]+)", STRUCTURES).second.body) == Json({"Liver"}));
    const auto [code, answer] =
        world.post("/stl/encode-rtstruct", {{"Instance", STRUCTURES},
                                            {"RoiNames", {"Liver"}},
                                            {"Resolution", 16},
                                            {"Tags", {{"0008103E", "Mine"}, {"SeriesNumber", "5"}}}});
    CHECK(code == OrthancPluginErrorCode_Success);
    CHECK(Json::parse(answer.body) == Json({{"ID", "ffff-6"}}));
    const Json request = Json::parse(world.sent);
    CHECK(request.at("Parent") == "dddd-4");
    CHECK(triangles_in(request) > 100);
    const Json &tags = request.at("Tags");
    CHECK(tags.at("0008103E") == "Mine");
    CHECK_FALSE(tags.contains("SeriesDescription"));
    CHECK(tags.at("SeriesNumber") == "5");
    CHECK(tags.at("DocumentTitle") == "Plan: Liver");
    CHECK(tags.at("FrameOfReferenceUID") == "9.9");
    CHECK(tags.at("Manufacturer") == "orthanc-images");
    CHECK(tags.at("SoftwareVersions") == "1.2");
    CHECK(tags.at("MeasurementUnitsCodeSequence").at(0).at("CodeValue") == "mm");
    CHECK(tags.at("AcquisitionDateTime").get<std::string>().size() == 21);
}

TEST_CASE("what is asked for wrongly is refused before the work") {
    World world;
    const auto refused = [&](const Json &body) {
        const auto [code, answer] = world.post("/stl/encode-rtstruct", body);
        CHECK(code != OrthancPluginErrorCode_Success);
        return answer.details;
    };
    const Json good{{"Instance", STRUCTURES}, {"RoiNames", {"Liver"}}};
    const auto with = [&](const char *name, const Json &value) {
        Json body = good;
        body[name] = value;
        return refused(body);
    };
    CHECK(refused(Json::array()) == "the body is no object. Write { and } around it.");
    CHECK(with("Instance", "../x") == "Instance: is no identifier of Orthanc.");
    CHECK(with("RoiNames", Json::array()) == "RoiNames: is empty. Name the regions of the model.");
    CHECK(with("RoiNames", {"Lung"}) ==
          "RoiNames: there is no region \"Lung\" in this RT-STRUCT. GET /stl/rt-struct/{id} lists them.");
    CHECK(with("Resolution", 1025).find("Body.Resolution") == 0);
    CHECK(with("Resolution", 0).find("Body.Resolution") == 0);
    CHECK(with("Smooth", "yes").find("Body.Smooth") == 0);
    CHECK(with("Tags", "none").find("Tags: ") == 0);
    CHECK(refused({{"RoiNames", {"Liver"}}}).find("Body.Instance") == 0);
    CHECK(world.sent.empty());
    world.answers.erase("POST /tools/create-dicom");
    CHECK(world.post("/stl/encode-rtstruct", good).first == OrthancPluginErrorCode_UnknownResource);
}

TEST_CASE("a volume becomes a model in the study that is named") {
    World world;
    NiftiFile file;
    file.voxels = std::string(21, '\0') + '\7' + std::string(42, '\0');
    const std::string uri = "data:application/octet-stream;base64," + in_base64(file.bytes());
    const auto [code, answer] =
        world.post("/stl/encode-nifti",
                   {{"Nifti", uri}, {"ParentStudy", "dddd-4"}, {"Resolution", 16}, {"Smooth", false}});
    CHECK(code == OrthancPluginErrorCode_Success);
    const Json request = Json::parse(world.sent);
    CHECK(triangles_in(request) > 8);
    CHECK(request.at("Tags").at("SeriesDescription") == "STL model generated from NIfTI");
    CHECK(request.at("Tags").at("FrameOfReferenceUID") == "7.7");
    CHECK(world.post("/stl/encode-nifti", {{"Nifti", uri}, {"ParentStudy", "0-0"}}).first ==
          OrthancPluginErrorCode_UnknownResource);
    CHECK(world.post("/stl/encode-nifti", {{"Nifti", "x"}, {"ParentStudy", "dddd-4"}})
              .second.details.find("Nifti: is no data URI") == 0);
    // Nothing of one voxel is left between two samples.
    CHECK(world.post("/stl/encode-nifti", {{"Nifti", uri}, {"ParentStudy", "dddd-4"}, {"Resolution", 2}})
              .second.details.find("the model would be empty") == 0);
}

TEST_CASE("a Nexus model is raw data, and is read in parts") {
    World world;
    CHECK(world.post("/stl/create-nexus", {{"Content", in_base64(" sxN!")}, {"Tags", {{"PatientID", "x"}}}})
              .first == OrthancPluginErrorCode_Success);
    const Json request = Json::parse(world.sent);
    CHECK(request.at("PrivateCreator") == "OrthancSTL");
    CHECK(request.at("Tags").at("4205,1001") == "data:application/octet-stream;base64," + in_base64(" sxN!"));
    CHECK(request.at("Tags").at("4205,0010") == "OrthancSTL");
    CHECK(request.at("Tags").at("PatientID") == "x");
    CHECK(is_nexus_creator(request.at("Tags").at("CreatorVersionUID").get<std::string>()));
    CHECK(world.post("/stl/create-nexus", {{"Content", in_base64("other")}, {"Tags", Json::object()}})
              .second.details.find("Content: is no Nexus model") == 0);
    CHECK(world.post("/stl/create-nexus", {{"Content", in_base64(" sxN")}}).second.details.find("Tags: ") ==
          0);

    for (const std::string route :
         {"/instances/([0-9a-f-]+)/nexus", "/stl/3dhop-instances/([0-9a-f-]+)\\.nxz"}) {
        const Answered answer = world.get(route, NEXUS, "bytes=1-3").second;
        CHECK((answer.status == 206 && answer.body == "sxN"));
        CHECK(headers_of(answer).at("Content-Range") == "bytes 1-3/13");
        CHECK(world.get(route, NEXUS).second.status == 416);
        CHECK(world.get(route, MODEL, "bytes=1-3").first == OrthancPluginErrorCode_UnknownResource);
    }
    // It is kept, but not beyond the instance.
    world.answers.erase("/instances/cccc-3/content/4205-1001");
    CHECK(world.get("/instances/([0-9a-f-]+)/nexus", NEXUS, "bytes=0-0").second.status == 206);
    world.answers.erase(tags_at(NEXUS));
    CHECK(world.get("/instances/([0-9a-f-]+)/nexus", NEXUS, "bytes=0-0").first ==
          OrthancPluginErrorCode_UnknownResource);
    const Answered viewer = world.get("/stl/(nexus|3dhop)/(.*)", "nexus").second;
    CHECK(viewer.status == 404);
    CHECK(viewer.body.find("The viewers Nexus and 3DHOP are not part of these images") != std::string::npos);
}

TEST_CASE("a part has a first and a last byte that are there") {
    CHECK(part_of("bytes=0-9", 10) == Part(0, 9));
    for (const char *range : {"", "bytes=", "bytes=-5", "bytes=5-", "bytes=0-10", "bytes=5-4", "items=0-1",
                              "bytes=0-1,3-4", "bytes=0x1-3", "bytes=99999999999999999999-0"}) {
        CHECK_FALSE(part_of(range, 10));
    }
}

TEST_CASE("what was asked for the longest ago makes room") {
    Models models(10);
    const auto made = [](std::size_t size) { return std::make_shared<const std::string>(size, 'x'); };
    models.add("a", made(4));
    models.add("b", made(4));
    CHECK(models.find("a") != nullptr);
    models.add("c", made(4));
    CHECK(models.find("b") == nullptr);
    CHECK((models.find("a") != nullptr && models.find("c") != nullptr));
    models.add("d", made(11));
    CHECK((models.find("d") == nullptr && models.find("a") != nullptr));
}

TEST_CASE("the viewers are one page under two names, and the buttons are told what there is") {
    World world;
    for (const char *name : {"three.html", "o3dv.html"}) {
        CHECK(world.get("/stl/app/(.*)", name).second.body == "<html data-up=\"../../\">page</html>");
    }
    CHECK(world.get("/stl/app/(.*)", "assets/main.js").second.status == 200);
    CHECK(world.get("/stl/app/(.*)", "index.html").second.status == 404);
    CHECK(world.orthanc.description.empty());
    CHECK(world.post("/stl/app/(.*)", {}).second.status == 405);
    CHECK(world.post("/instances/([0-9a-f-]+)/stl", {}).second.status == 405);
    CHECK(world.get("/stl/encode-rtstruct").second.status == 405);
    CHECK(world.get("/stl/encode-nifti").second.status == 405);
    CHECK(world.orthanc.properties.at(_OrthancPluginProperty_OrthancExplorer) == "buttons(false, true);");
}

TEST_CASE("models are made one after the other, and not many wait") {
    Gate gate(0);
    std::latch inside{1};
    std::latch leave{1};
    std::jthread first([&] {
        gate.pass([&] {
            inside.count_down();
            leave.wait();
            return 0;
        });
    });
    inside.wait();
    try {
        gate.pass([] { return 0; });
        FAIL("it was let in");
    } catch (const HttpError &error) {
        CHECK(error.status() == 503);
    }
    leave.count_down();
    first.join();
    CHECK(gate.pass([] { return 7; }) == 7);
}
