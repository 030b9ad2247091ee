// The routes below /auth: profiles, tokens, roles and permissions.
#include "authorization/state.h"

#include "framework/errors.h"
#include "framework/log.h"
#include "framework/rest.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cctype>

namespace orthanc_images::authorization {

namespace {

bool only(OrthancPluginHttpMethod method, const Request &request, Response &response) {
    if (request.method() != method) {
        response.not_allowed(method_name(method));
        return false;
    }
    return true;
}

void profile(const Request &request, Response &response) {
    if (!only(OrthancPluginHttpMethod_Get, request, response)) {
        return;
    }
    std::shared_ptr<const Profile> found = first_profile(request);
    if (found == nullptr && !state().settings.addresses.profile.empty()) {
        found = state().service.profile({}, {});
    }
    if (found == nullptr) {
        forbid("nobody knows who asks");
    }
    Json answer{{"name", found->name}, {"permissions", found->permissions}, {"groups", found->groups}};
    if (!found->labels.empty()) {
        answer["authorized-labels"] = found->labels;
    }
    if (!found->id.empty()) {
        answer["user-id"] = found->id;
    }
    response.header("Cache-Control", "no-store");
    response.json(answer);
}

[[noreturn]] void wrong(const std::string &what) {
    throw Error(OrthancPluginErrorCode_BadRequest, "the body of the request: " + what);
}

// Copies a text from one object into another, under another name.
void copy(const Json &from, const char *name, Json &to, const char *other) {
    const auto found = from.find(name);
    if (found == from.end() || found->is_null()) {
        return;
    }
    if (!found->is_string()) {
        wrong(std::string("\"") + name + "\" is no text.");
    }
    if (!found->get_ref<const std::string &>().empty()) {
        to[other] = *found;
    }
}

Json resources_of(const Json &body) {
    const Json given = body.value("Resources", Json::array());
    Json resources = Json::array();
    if (!given.is_array()) {
        wrong("\"Resources\" is no list.");
    }
    for (const Json &one : given) {
        if (!one.is_object()) {
            wrong("\"Resources\" is no list of objects.");
        }
        Json resource = Json::object();
        copy(one, "DicomUid", resource, "dicom-uid");
        copy(one, "OrthancId", resource, "orthanc-id");
        copy(one, "Url", resource, "url");
        copy(one, "Level", resource, "level");
        resources.push_back(std::move(resource));
    }
    return resources;
}

// Nobody makes a token for what he does not see himself.
void check_owned(const Request &request, const Json &resources) {
    const auto user = permitted(request, OrthancPluginHttpMethod_Put, {request.uri()});
    if (user == nullptr) {
        if (state().settings.profiles()) {
            forbid("nobody who asks has the permission");
        }
        return;
    }
    if (user->all_labels()) {
        return;
    }
    if (resources.empty()) {
        forbid("a token is wanted for no resource");
    }
    for (const Json &resource : resources) {
        if (resource.contains("url")) {
            forbid("a token is wanted for an address, which says nothing of whose it is");
        }
        if (resource.contains("orthanc-id")) {
            Target target{.id = resource["orthanc-id"].get<std::string>(), .any_level = true};
            if (resource.contains("level")) {
                target.level = level_of(resource["level"].get<std::string>(), "Level");
                target.any_level = false;
            }
            if (target.level == Level::system && !target.any_level) {
                forbid("a token is wanted for more than a resource");
            }
            if (!state().judge.owns(*user, target)) {
                forbid("a token is wanted for a resource that is not the user's");
            }
        }
        if (!resource.contains("orthanc-id") && !resource.contains("dicom-uid")) {
            forbid("a token is wanted for something that is no resource");
        }
        if (resource.contains("dicom-uid")) {
            const Level level = resource.contains("level")
                                    ? level_of(resource["level"].get<std::string>(), "Level")
                                    : Level::study;
            if (level != Level::study ||
                !state().judge.owns(*user,
                                    {.level = level, .uids = {resource["dicom-uid"].get<std::string>()}})) {
                forbid("a token is wanted for a resource that is not the user's");
            }
        }
    }
}

void create(const Request &request, Response &response) {
    if (!only(OrthancPluginHttpMethod_Put, request, response)) {
        return;
    }
    const std::string type(request.group(0));
    const Json body = request.json();
    if (!body.is_object()) {
        wrong("is no object.");
    }
    Json wanted{
        {"server-id", state().settings.identifier}, {"resources", resources_of(body)}, {"type", type}};
    check_owned(request, wanted["resources"]);
    copy(body, "ID", wanted, "id");
    copy(body, "ExpirationDate", wanted, "expiration-date");
    if (const auto duration = body.find("ValidityDuration"); duration != body.end() && !duration->is_null()) {
        if (!duration->is_number_integer() || duration->get<std::int64_t>() < 0) {
            wrong("\"ValidityDuration\" is no number of seconds.");
        }
        if (duration->get<std::int64_t>() > 0) {
            wanted["validity-duration"] = *duration;
        }
    }
    const Json made = state().service.create(type, wanted);
    if (!made.is_object() || !made.value("token", Json()).is_string()) {
        throw HttpError(502, "the answer of the authorization service has no \"token\"");
    }
    response.json({{"Token", made["token"]}, {"Url", made.value("url", Json())}});
}

void decode(const Request &request, Response &response) {
    if (!only(OrthancPluginHttpMethod_Post, request, response)) {
        return;
    }
    const Json body = request.json();
    if (!body.is_object() || !body.value("TokenKey", Json()).is_string() ||
        !body.value("TokenValue", Json()).is_string()) {
        wrong(R"(has no "TokenKey" and "TokenValue".)");
    }
    const Json said = state().service.decode(body["TokenKey"], body["TokenValue"]);
    if (!said.is_object()) {
        throw HttpError(502, "the answer of the authorization service is no object");
    }
    Json answer = Json::object();
    for (const auto &[theirs, ours] :
         {std::pair("redirect-url", "RedirectUrl"), std::pair("error-code", "ErrorCode"),
          std::pair("token-type", "TokenType")}) {
        if (said.contains(theirs) && said[theirs].is_string()) {
            answer[ours] = said[theirs];
        }
    }
    answer["ResourcesDicomIds"] = Json::array();
    answer["ResourcesOrthancIds"] = Json::array();
    for (const Json &resource : said.value("resources", Json::array())) {
        if (resource.is_object() && resource.value("dicom-uid", Json()).is_string()) {
            answer["ResourcesDicomIds"].push_back(resource["dicom-uid"]);
        }
        if (resource.is_object() && resource.value("orthanc-id", Json()).is_string()) {
            answer["ResourcesOrthancIds"].push_back(resource["orthanc-id"]);
        }
    }
    response.json(answer);
}

void roles(const Request &request, Response &response) {
    const bool there = !state().settings.addresses.roles.empty();
    if (request.method() == OrthancPluginHttpMethod_Get) {
        response.json(there ? state().service.roles() : Json());
    } else if (request.method() != OrthancPluginHttpMethod_Put) {
        response.not_allowed("GET,PUT");
    } else if (!there) {
        throw HttpError(
            500, "there is no service that keeps roles. Set Authorization.WebServiceSettingsRolesUrl.");
    } else {
        const Json body = request.json();
        if (!body.is_object()) {
            wrong("is no object.");
        }
        response.json(state().service.set_roles(body));
    }
}

void permissions(const Request &request, Response &response) {
    if (only(OrthancPluginHttpMethod_Get, request, response)) {
        std::set<std::string> names;
        for (const Entry &entry : state().settings.table.entries()) {
            names.insert(entry.permissions.begin(), entry.permissions.end());
        }
        response.json(names);
    }
}

} // namespace

void register_auth_routes() {
    const Settings &settings = state().settings;
    if (!settings.addresses.decoder.empty()) {
        route<decode>("/auth/tokens/decode");
    }
    if (!settings.addresses.creation.empty()) {
        route<create>("/auth/tokens/([A-Za-z0-9_-]+)");
    }
    if (settings.profiles()) {
        route<profile>("/auth/user/profile");
        route<permissions>("/auth/settings/permissions");
        route<roles>("/auth/settings/roles");
    }
}

} // namespace orthanc_images::authorization
