// 3D models: those in the files of Orthanc, their viewers, and new ones from regions and volumes.
#include "explorer/pages.h"
#include "framework/configuration.h"
#include "framework/errors.h"
#include "framework/host.h"
#include "framework/http.h"
#include "framework/log.h"
#include "framework/plugin.h"
#include "framework/rest.h"
#include "stl/bytes.h"
#include "stl/contours.h"
#include "stl/gate.h"
#include "stl/models.h"
#include "stl/nexus.h"
#include "stl/nifti.h"
#include "stl/tags.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>

namespace orthanc_images {

namespace stl {

namespace {

constexpr std::size_t CACHE = std::size_t{512} << 20U;
constexpr std::size_t WAITING = 3;
constexpr std::uint16_t PARTIAL = 206;
constexpr std::uint16_t NOT_FOUND = 404;
constexpr std::uint16_t NOT_SATISFIABLE = 416;
constexpr char RAW_DATA[] = "1.2.840.10008.5.1.4.1.1.66";

// All of it is there before the first request.
struct State {
    explorer::Pages pages{STL_PAGES};
    Gate gate{WAITING};
    Models models{CACHE};
};

std::unique_ptr<State> &holder() {
    static std::unique_ptr<State> one;
    return one;
}

bool only(OrthancPluginHttpMethod method, const Request &request, Response &response) {
    if (request.method() != method) {
        response.not_allowed(method_name(method));
        return false;
    }
    return true;
}

bool only_get(const Request &request, Response &response) {
    return only(OrthancPluginHttpMethod_Get, request, response);
}

bool only_post(const Request &request, Response &response) {
    return only(OrthancPluginHttpMethod_Post, request, response);
}

[[noreturn]] void refuse(const std::string &message) {
    throw Error(OrthancPluginErrorCode_BadRequest, message);
}

// --- what is asked for

// An identifier becomes a part of an address.
std::string identifier_in(const Configuration &body, const char *name) {
    std::string identifier = body.text(name);
    if (identifier.empty() || identifier.find_first_not_of("0123456789abcdef-") != std::string::npos) {
        throw Error(OrthancPluginErrorCode_ParameterOutOfRange,
                    std::string(name) + ": is no identifier of Orthanc.");
    }
    return identifier;
}

Json tags_in(const Json &body, bool required) {
    const auto found = body.find("Tags");
    if (found == body.end() && !required) {
        return Json::object();
    }
    if (found == body.end() || !found->is_object()) {
        refuse("Tags: is missing or no object. Write tags of the new instance between { and }, or {}.");
    }
    return *found;
}

Json object_in(const Request &request) {
    Json body = request.json();
    if (!body.is_object()) {
        refuse("the body is no object. Write { and } around it.");
    }
    return body;
}

// The options that both kinds of models have.
struct Shape {
    bool smooth;
    std::size_t resolution;

    explicit Shape(const Configuration &body)
        : smooth(body.flag("Smooth", true)),
          resolution(static_cast<std::size_t>(
              body.integer("Resolution", {LEAST_RESOLUTION, MOST_RESOLUTION}, USUAL_RESOLUTION))) {}
};

// --- routes

void page(const Request &request, Response &response) {
    if (!only_get(request, response)) {
        return;
    }
    std::string name(request.group(0));
    // Both viewers are one page, which goes by the name under which it was asked for.
    if (name == "three.html" || name == "o3dv.html") {
        name = "index.html";
    } else if (name == "index.html") {
        name.clear();
    }
    if (!holder()->pages.send(name, request, response)) {
        response.status(NOT_FOUND);
    }
}

void model(const Request &request, Response &response) {
    if (!only_get(request, response)) {
        return;
    }
    const std::string instance(request.group(0));
    const Json tags = tags_of(instance);
    const std::string kind = text_of(tags, SOP_CLASS_UID);
    const std::string type = text_of(tags, MIME_TYPE);
    if (kind != STL_CLASS || type != STL_TYPE) {
        refuse("this instance has no STL model: its SOP class is " + kind + ", and its document \"" + type +
               "\".");
    }
    const Answer content = call({.uri = "/instances/" + instance + "/content/0042-0011"});
    response.bytes(content.body.bytes(), STL_TYPE);
}

void regions(const Request &request, Response &response) {
    if (only_get(request, response)) {
        response.json(names_in(tags_of(std::string(request.group(0)))));
    }
}

std::string parent_of(const std::string &instance) {
    return get_json("/instances/" + instance + "/study").at("ID").get<std::string>();
}

std::string frame_of_reference_of(const Json &tags) {
    std::string uid = text_of(tags, FRAME_OF_REFERENCE_UID);
    const Json &frames = items_of(tags, REFERENCED_FRAME_OF_REFERENCE_SEQUENCE);
    if (uid.empty() && !frames.empty()) {
        uid = text_of(frames.front(), FRAME_OF_REFERENCE_UID);
    }
    return uid.empty() ? new_uid() : uid;
}

// The UID of the image that the first contour with one was drawn on.
std::string image_of(const std::vector<Region> &all) {
    for (const Region &region : all) {
        for (const Contour &contour : region.contours) {
            if (!contour.image.empty()) {
                return contour.image;
            }
        }
    }
    return {};
}

void encode_structures(const Request &request, Response &response) {
    if (!only_post(request, response)) {
        return;
    }
    const Json object = object_in(request);
    const Configuration body("Body", object);
    const Shape shape(body);
    const std::string instance = identifier_in(body, "Instance");
    const std::vector<std::string> names = body.texts("RoiNames");
    if (names.empty()) {
        refuse("RoiNames: is empty. Name the regions of the model.");
    }
    const bool strict = body.flag("Strict", true);
    const Json given = tags_in(object, false);
    response.json(holder()->gate.pass([&] {
        const Json tags = tags_of(instance);
        const std::vector<Region> all = regions_in(tags, names);
        const std::unique_ptr<Axes> axes = axes_of_image(image_of(all));
        const std::string stl = model_of(enclosed(all, names, axes, shape.resolution, strict), shape.smooth);
        std::string description = text_of(tags, SERIES_DESCRIPTION);
        const char *between = description.empty() ? "" : ": ";
        for (const std::string &name : names) {
            description += between + name;
            between = ", ";
        }
        return created(parent_of(instance), given, model_tags(description, frame_of_reference_of(tags)), stl);
    }));
}

void encode_nifti(const Request &request, Response &response) {
    if (!only_post(request, response)) {
        return;
    }
    response.json(holder()->gate.pass([&] {
        const Json object = object_in(request);
        const Configuration body("Body", object);
        const Shape shape(body);
        const std::string study = identifier_in(body, "ParentStudy");
        const Json given = tags_in(object, false);
        std::string file = content_of(body.text("Nifti"), "Nifti");
        // Before the work, whether there is what it is for.
        get_json("/studies/" + study);
        const std::string stl = model_of(volume_in(std::move(file), shape.resolution), shape.smooth);
        return created(study, given, model_tags("STL model generated from NIfTI", new_uid()), stl);
    }));
}

void create_nexus(const Request &request, Response &response) {
    if (!only_post(request, response)) {
        return;
    }
    response.json(holder()->gate.pass([&] {
        const Json object = object_in(request);
        const Configuration body("Body", object);
        const std::string parent = body.has("Parent") ? identifier_in(body, "Parent") : std::string();
        Json tags = tags_in(object, true);
        const std::string content = body.text("Content");
        if (!is_nexus(decoded(content, "Content"))) {
            throw Error(OrthancPluginErrorCode_BadFileFormat,
                        "Content: is no Nexus model. It does not begin with the bytes 20 73 78 4E.");
        }
        // No client decides what is a model.
        tags[NEXUS_OWNER_TAG] = NEXUS_CREATOR;
        tags[NEXUS_TAG] = "data:application/octet-stream;base64," + content;
        tags["SOPClassUID"] = RAW_DATA;
        tags["CreatorVersionUID"] = NEXUS_CREATOR_UID;
        return created(parent, tags,
                       {{"Modality", "OT"},
                        {"Manufacturer", MANUFACTURER},
                        {"ManufacturerModelName", MODEL_NAME},
                        {"SoftwareVersions", identity.version}},
                       {});
    }));
}

Model nexus_of(const std::string &instance) {
    // An instance that was deleted is not there, whatever is in the cache.
    const Json tags = tags_of(instance);
    if (!is_nexus_creator(text_of(tags, CREATOR_VERSION_UID))) {
        throw Error(OrthancPluginErrorCode_UnknownResource, "this instance has no Nexus model.");
    }
    Models &models = holder()->models;
    if (Model known = models.find(instance)) {
        return known;
    }
    const Answer answer = call({.uri = "/instances/" + instance + "/content/4205-1001"});
    const auto loaded = std::make_shared<const std::string>(answer.body.bytes());
    if (!is_nexus(*loaded)) {
        throw Error(OrthancPluginErrorCode_UnknownResource, "this instance has no Nexus model.");
    }
    models.add(instance, loaded);
    return loaded;
}

void nexus(const Request &request, Response &response) {
    if (!only_get(request, response)) {
        return;
    }
    const Model loaded = nexus_of(std::string(request.group(0)));
    const std::string size = std::to_string(loaded->size());
    const auto part = part_of(request.header("range").value_or(""), loaded->size());
    if (!part) {
        response.header("Content-Range", "bytes */" + size);
        response.status(NOT_SATISFIABLE);
        return;
    }
    const auto &[first, last] = *part;
    response.header("Content-Type", "application/octet-stream");
    response.header("Content-Range",
                    "bytes " + std::to_string(first) + "-" + std::to_string(last) + "/" + size);
    response.status(PARTIAL, std::string_view(*loaded).substr(first, last - first + 1));
}

void no_viewer(const Request &, Response &) {
    throw HttpError(NOT_FOUND, "The viewers Nexus and 3DHOP are not part of these images, since no package "
                               "registry has them; serve them beside Orthanc, and let them read "
                               "/instances/{id}/nexus.");
}

// The buttons in Orthanc Explorer, which are told what is switched on.
std::string buttons(bool nifti, bool with_nexus) {
    std::string script = explorer::read_file(STL_BUTTONS);
    const auto tell = [&](const std::string &name, bool value) {
        for (std::size_t at = script.find(name); at != std::string::npos; at = script.find(name)) {
            script.replace(at, name.size(), value ? "true" : "false");
        }
    };
    tell("IS_NIFTI_ENABLED", nifti);
    tell("IS_NEXUS_ENABLED", with_nexus);
    return script;
}

} // namespace

} // namespace stl

void start() {
    using namespace stl;
    const Configuration section = Configuration::of("STL");
    if (!section.flag("Enable", true)) {
        log_warning("STL.Enable is false: its routes are not there.");
        return;
    }
    const bool with_nifti = section.flag("EnableNIfTI", false);
    const bool with_nexus = section.flag("EnableNexus", false);
    holder() = std::make_unique<State>();
    route<stl::page>("/stl/app/(.*)");
    route<model>("/instances/([0-9a-f-]+)/stl");
    route<regions>("/stl/rt-struct/([0-9a-f-]+)");
    route<encode_structures>("/stl/encode-rtstruct");
    route<encode_nifti>("/stl/encode-nifti");
    if (with_nexus) {
        OrthancPluginRegisterPrivateDictionaryTag(host(), 0x4205, 0x1001, OrthancPluginValueRepresentation_OB,
                                                  "NexusModel", 1, 1, NEXUS_CREATOR);
        route<create_nexus>("/stl/create-nexus");
        route<stl::nexus>("/instances/([0-9a-f-]+)/nexus");
        route<stl::nexus>("/stl/3dhop-instances/([0-9a-f-]+)\\.nxz");
        route<no_viewer>("/stl/(nexus|3dhop)/(.*)");
    }
    OrthancPluginExtendOrthancExplorer2(host(), identity.name, buttons(with_nifti, with_nexus).c_str());
}

void finish() {
    stl::holder().reset();
}

} // namespace orthanc_images
