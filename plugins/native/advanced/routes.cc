#include "advanced/routes.h"

#include "advanced/adoption.h"
#include "advanced/area.h"
#include "advanced/files.h"
#include "advanced/moving.h"
#include "advanced/state.h"

#include "framework/errors.h"
#include "framework/http.h"
#include "framework/rest.h"

#include <nlohmann/json.hpp>

#include <filesystem>

namespace orthanc_images::advanced {

namespace {

bool is_method(OrthancPluginHttpMethod method, const Request &request, Response &response) {
    if (request.method() != method) {
        response.not_allowed(method_name(method));
        return false;
    }
    return true;
}

void tell_status(const Request &request, Response &response) {
    if (!is_method(OrthancPluginHttpMethod_Get, request, response)) {
        return;
    }
    State &now = state();
    const std::scoped_lock lock(now.mutex);
    Json answer = {{"DelayedDeletionIsActive", now.deletion != nullptr},
                   {"IndexerIsActive", now.indexer != nullptr}};
    if (now.deletion != nullptr) {
        answer["FilesPendingDeletion"] = Deletion::waiting();
    }
    response.json(answer);
}

// Returns the path in the body of a request: absolute, and not in one of the storages.
std::string path_in(const Json &body) {
    const Json given = body.is_object() ? body.value("Path", Json()) : Json();
    if (!given.is_string()) {
        throw Error(OrthancPluginErrorCode_BadFileFormat, R"(Path: write {"Path": "/folder/file.dcm"}.)");
    }
    std::string path = std::filesystem::path(given.get<std::string>()).lexically_normal().string();
    if (!path.starts_with('/') || path.find('\0') != std::string::npos) {
        throw Error(OrthancPluginErrorCode_BadFileFormat, "Path: it is not absolute. Begin it with a slash.");
    }
    return path;
}

void adopt_instance(const Request &request, Response &response) {
    if (!is_method(OrthancPluginHttpMethod_Post, request, response)) {
        return;
    }
    const Json body = request.json();
    const std::string path = path_in(body);
    const Settings &settings = state().settings;
    bool stored = is_within(path, settings.root);
    for (const auto &[name, folder] : settings.storages) {
        stored = stored || is_within(path, folder);
    }
    if (stored) {
        throw Error(
            OrthancPluginErrorCode_BadRequest,
            "Path: it is in a storage of this server, whose files are Orthanc's already. Name another file.");
    }
    std::error_code error;
    const std::uintmax_t size = std::filesystem::file_size(path, error);
    if (error || !std::filesystem::is_regular_file(path, error)) {
        throw Error(
            OrthancPluginErrorCode_InexistentFile,
            "Path: there is no file that Orthanc can read. See the path, and the rights of the file.");
    }
    std::string content(size, '\0');
    read_file(path, 0, content);
    const Adopted adopted = adopt(path, content, body.value("TakeOwnership", Json(false)) == true);
    Json answer = {{"Status", status_text(adopted.status)}};
    if (adopted.status == OrthancPluginStoreStatus_Success) {
        answer["InstanceId"] = adopted.instance;
        answer["AttachmentUuid"] = adopted.attachment;
    }
    response.json(answer);
}

void abandon_instance(const Request &request, Response &response) {
    if (!is_method(OrthancPluginHttpMethod_Post, request, response)) {
        return;
    }
    switch (abandon(path_in(request.json()), false)) {
    case Abandoned::unknown:
        throw Error(OrthancPluginErrorCode_UnknownResource, "Path: no file of this path has been adopted.");
    case Abandoned::owned:
        throw Error(OrthancPluginErrorCode_BadRequest,
                    "Path: the file is Orthanc's. Delete its instance, and the file goes with it.");
    default:
        response.json(Json::object());
    }
}

void tell_attachment(const Request &request, Response &response) {
    if (!is_method(OrthancPluginHttpMethod_Get, request, response)) {
        return;
    }
    Call core{.uri = std::string(request.uri())};
    for (const auto &[name, value] : request.headers()) {
        core.headers.emplace_back(name, value);
    }
    const Answer answer = call(core);
    if (!answer.good()) {
        throw HttpError(answer.status, "there is no such attachment");
    }
    Json info = parsed(answer.body.bytes(), "the information on an attachment");
    const std::string uuid = info.value("Uuid", "");
    const State &now = state();
    const Place place = place_now(uuid);
    const std::string path = absolute(now.settings, place, uuid);
    info["Path"] = path;
    info["IsOwnedByOrthanc"] = place.owned;
    if (now.settings.indexing) {
        info["IsIndexed"] = indexed_paths().get(path).has_value();
    }
    if (place.owned && !place.adopted()) {
        info["StorageId"] = place.storage;
    }
    response.json(info);
}

} // namespace

void register_routes() {
    route<tell_status>("/plugins/advanced-storage/status");
    route<adopt_instance>("/plugins/advanced-storage/adopt-instance");
    route<abandon_instance>("/plugins/advanced-storage/abandon-instance");
    route<move_storage>("/plugins/advanced-storage/move-storage");
    route<tell_attachment>("/(patients|studies|series|instances)/([^/]+)/attachments/([^/]+)/info");
}

} // namespace orthanc_images::advanced
