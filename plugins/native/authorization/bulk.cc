// Routes whose body names resources: each of them must be the user's.
#include "authorization/audit.h"
#include "authorization/state.h"

#include "framework/errors.h"
#include "framework/rest.h"

#include <nlohmann/json.hpp>

namespace orthanc_images::authorization {

namespace {

// Returns what a body names: identifiers, or objects with ID and Level.
std::vector<Target> named(const Json &list, const Json &level) {
    std::vector<Target> targets;
    for (const Json &one : list.is_array() ? list : Json::array({list})) {
        if (one.is_string() && level.is_string()) {
            targets.push_back(
                {.level = level_of(level.get<std::string>(), "Level"), .id = one.get<std::string>()});
        } else if (one.is_string()) {
            targets.push_back({.id = one.get<std::string>(), .any_level = true});
        } else if (one.is_object() && one.value("ID", Json()).is_string() &&
                   one.value("Level", Json()).is_string()) {
            targets.push_back({.level = level_of(one["Level"].get<std::string>(), "Level"),
                               .id = one["ID"].get<std::string>()});
        } else {
            throw Error(OrthancPluginErrorCode_BadRequest,
                        R"("Resources" must be identifiers, or objects with "ID" and "Level".)");
        }
    }
    return targets;
}

void check(const Profile &user, const std::vector<Target> &targets) {
    for (const Target &target : targets) {
        // Unknown ones are an Error, 404.
        state().resources.line(target);
        if (!state().judge.owns(user, target)) {
            forbid("a resource is not the user's");
        }
    }
}

void bulk(const Request &request, Response &response) {
    if (request.method() != OrthancPluginHttpMethod_Post) {
        response.not_allowed("POST");
        return;
    }
    const std::shared_ptr<const Profile> user =
        permitted(request, OrthancPluginHttpMethod_Post, {request.uri()});
    if (user == nullptr) {
        forbid("nobody knows who asks");
    }
    if (state().settings.audit && request.uri() != "/tools/bulk-delete") {
        throw HttpError(501, "with EnableAuditLogs, one study is modified at a time. Ask for each study.");
    }
    const Json body = request.json();
    if (!body.is_object() || !body.contains("Resources")) {
        throw Error(OrthancPluginErrorCode_BadRequest, "the body has no \"Resources\".");
    }
    const std::vector<Target> targets = named(body["Resources"], body.value("Level", Json()));
    if (!user->all_labels()) {
        check(*user, targets);
    }
    std::vector<std::vector<Access>> gone;
    if (state().settings.audit) {
        for (const Target &target : targets) {
            gone.push_back(state().resources.line(target));
        }
    }
    const std::string text = written(body);
    const Answer answer = forwarded(request, text);
    if (answer.good()) {
        for (const std::vector<Access> &line : gone) {
            const Access &last = line.back();
            audit(request, last.level, last.id, (std::string("deleted-") + level_name(last.level)).c_str());
        }
    }
    pass_on(answer, response);
}

// What a user sends, or merges, must be his: the official plugin does not look at it.
void give(const Request &request, Response &response) {
    if (request.method() != OrthancPluginHttpMethod_Post) {
        pass_on(forwarded(request, request.body(), request.query()), response);
        return;
    }
    const std::shared_ptr<const Profile> user =
        permitted(request, OrthancPluginHttpMethod_Post, {request.uri()});
    // A token for a resource does not open what the body names, and a user may be gone since the path was
    // judged.
    if (user == nullptr) {
        forbid("nobody who asks has the permission");
    }
    if (!user->all_labels()) {
        const std::string_view text = request.body();
        Json body = Json::accept(text) ? parsed(text, "the body") : Json(std::string(text));
        if (body.is_object()) {
            check(*user, named(body.value("Resources", Json::array()), Json()));
        } else {
            check(*user, named(body, Json()));
        }
    }
    pass_on(forwarded(request, request.body()), response);
}

} // namespace

void register_bulk() {
    route<bulk>("/tools/(bulk-delete|bulk-modify|bulk-anonymize)");
    route<give>("/(peers|modalities)/([^/]+)/store");
    route<give>("/studies/([a-f0-9-]+)/merge");
}

} // namespace orthanc_images::authorization
