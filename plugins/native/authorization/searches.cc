// /tools/find and /tools/count-resources: a user finds what his labels open, a token what it is for.
#include "authorization/state.h"

#include "framework/errors.h"
#include "framework/rest.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cctype>
#include <iterator>
#include <optional>

namespace orthanc_images::authorization {

namespace {

// Tells whether a key of a query is that of StudyInstanceUID, in any way of writing it that Orthanc takes.
bool is_study_uid(const std::string &key) {
    std::string letters;
    for (const char one : key) {
        const auto byte = static_cast<unsigned char>(one);
        if (std::isalnum(byte) != 0) {
            letters += static_cast<char>(std::tolower(byte));
        }
    }
    return letters == "studyinstanceuid" || letters == "0020000d";
}

// Takes the UID of the study out of a query; nothing when none is given or "*".
std::optional<std::string> take_study_uid(Json &body) {
    std::optional<std::string> uid;
    if (!body.contains("Query")) {
        return uid;
    }
    Json &query = body["Query"];
    if (!query.is_object()) {
        throw Error(OrthancPluginErrorCode_BadRequest, "\"Query\" is no object.");
    }
    Json left = Json::object();
    for (const auto &[key, value] : query.items()) {
        if (!is_study_uid(key)) {
            left[key] = value;
            continue;
        }
        if (!value.is_string() || (uid.has_value() && Json(*uid) != value)) {
            forbid("the search names more than one study");
        }
        uid = value.get<std::string>();
    }
    if (uid.has_value() && (uid->empty() || *uid == "*")) {
        uid.reset();
    }
    if (uid.has_value()) {
        query = std::move(left);
    }
    return uid;
}

std::set<std::string> texts(const Json &body, const char *name) {
    const auto found = body.find(name);
    if (found == body.end()) {
        return {};
    }
    if (!found->is_array() || !std::ranges::all_of(*found, [](const Json &one) { return one.is_string(); })) {
        throw Error(OrthancPluginErrorCode_BadRequest, std::string("\"") + name + "\" is no list of texts.");
    }
    return found->get<std::set<std::string>>();
}

// Cuts the labels that a search of studies asks for.
void cut_asked_labels(Json &body, const Profile &user) {
    const std::set<std::string> asked = texts(body, "Labels");
    const bool constrained = body.contains("LabelsConstraint");
    if (asked.empty() && !constrained) {
        body["Labels"] = user.labels;
        body["LabelsConstraint"] = "Any";
        return;
    }
    if (asked.empty() || !constrained) {
        forbid(R"("Labels" and "LabelsConstraint" must come together)");
    }
    std::set<std::string> left;
    std::ranges::set_intersection(asked, user.labels, std::inserter(left, left.end()));
    const Json &constraint = body["LabelsConstraint"];
    if (constraint == Json("All") ? left != asked : constraint != Json("Any") || left.empty()) {
        forbid("the search is for labels that are not the user's");
    }
    body["Labels"] = left;
}

// Checks what a search of series or instances is for, and keeps it there.
void keep_to_study(Json &body, const Profile &user) {
    std::optional<std::string> uid = take_study_uid(body);
    bool owned = false;
    for (const auto &[name, level] :
         {std::pair("ParentPatient", Level::patient), std::pair("ParentStudy", Level::study),
          std::pair("ParentSeries", Level::series)}) {
        if (!body.contains(name)) {
            continue;
        }
        if (!body[name].is_string() ||
            !state().judge.owns(user, {.level = level, .id = body[name].get<std::string>()})) {
            forbid("the search is in a resource that is not the user's");
        }
        owned = owned || level != Level::patient;
    }
    if (uid.has_value()) {
        const std::string study = state().resources.study(*uid);
        if (!state().judge.owns(user, {.level = Level::study, .id = study})) {
            forbid("the search is in a study that is not the user's");
        }
        if (owned) {
            body["Query"]["StudyInstanceUID"] = *uid;
        } else {
            body["ParentStudy"] = study;
        }
        owned = true;
    }
    if (!owned) {
        forbid("a search of series or instances must name a study: "
               R"("ParentStudy", "ParentSeries" or "StudyInstanceUID")");
    }
}

void by_profile(Json &body, Level level, const Profile &user) {
    if (level == Level::study && body.contains("Labels") != body.contains("LabelsConstraint") &&
        !texts(body, "Labels").empty()) {
        forbid(R"("Labels" and "LabelsConstraint" must come together)");
    }
    if (user.all_labels()) {
        return;
    }
    if (level == Level::patient) {
        forbid("a user with labels may not search patients");
    }
    if (level == Level::study) {
        cut_asked_labels(body, user);
    } else {
        keep_to_study(body, user);
    }
}

// Keeps a search to the studies that the tokens of the request open.
void by_tokens(Json &body, Level level, const Request &request) {
    State &all = state();
    const std::vector<Token> tokens = tokens_of(all.settings, asked_of(request));
    if (tokens.empty() || level == Level::patient || level == Level::system) {
        forbid("nobody knows who searches");
    }
    const Deadline deadline;
    if (const std::optional<std::string> uid = take_study_uid(body); uid.has_value()) {
        if (all.settings.addresses.validation.empty()) {
            forbid("no token opens the study");
        }
        const std::vector<Access> line =
            all.resources.line({.level = Level::study, .id = all.resources.study(*uid)});
        if (!all.judge.opens(tokens, OrthancPluginHttpMethod_Post, line.back(), deadline)) {
            forbid("no token opens the study");
        }
        body["Query"]["StudyInstanceUID"] = *uid;
        return;
    }
    std::set<std::string> uids;
    if (!all.settings.addresses.decoder.empty()) {
        for (const Token &token : tokens) {
            const Json said = all.service.decode(token.key, token.value);
            if (!said.is_object() || (said.contains("error-code") && !said["error-code"].is_null())) {
                continue;
            }
            for (const Json &resource : said.value("resources", Json::array())) {
                const bool there = resource.is_object() && resource.value("dicom-uid", Json()).is_string();
                const std::string uid = there ? resource["dicom-uid"].get<std::string>() : std::string();
                if (!uid.empty() && uid.find_first_not_of("0123456789.") == std::string::npos) {
                    uids.insert(uid);
                }
            }
            if (!uids.empty()) {
                break;
            }
        }
    }
    if (uids.empty()) {
        forbid("no token says which studies it is for");
    }
    std::string joined;
    for (const std::string &uid : uids) {
        joined += (joined.empty() ? "" : "\\") + uid;
    }
    if (!body.contains("Query")) {
        body["Query"] = Json::object();
    }
    Json &query = body["Query"];
    for (auto at = query.begin(); at != query.end();) {
        at = is_study_uid(at.key()) ? query.erase(at) : std::next(at);
    }
    query["StudyInstanceUID"] = joined;
}

void search(const Request &request, Response &response) {
    if (request.method() != OrthancPluginHttpMethod_Post) {
        response.not_allowed("POST");
        return;
    }
    Json body = request.json();
    if (!body.is_object() || !body.value("Level", Json()).is_string()) {
        throw Error(OrthancPluginErrorCode_BadRequest, "the search has no \"Level\".");
    }
    const Level level = level_of(body["Level"].get<std::string>(), "Level");
    const Settings &settings = state().settings;
    std::shared_ptr<const Profile> user = permitted(request, OrthancPluginHttpMethod_Post, {request.uri()});
    if (user == nullptr) {
        // What DICOMweb searches for a user, it has asked the table for.
        const std::string &root = settings.dicomweb_path;
        user = permitted(request, OrthancPluginHttpMethod_Get,
                         {root + "/studies", root + "/series", root + "/instances"});
    }
    if (user != nullptr && !user->labels.empty()) {
        by_profile(body, level, *user);
    } else {
        user = nullptr;
        by_tokens(body, level, request);
    }
    const std::string text = written(body);
    const Answer answer = forwarded(request, text);
    const bool cut =
        request.uri() == "/tools/find" && answer.good() && (user == nullptr || !user->all_labels());
    if (!cut) {
        pass_on(answer, response);
        return;
    }
    Json found = parsed(answer.body.bytes(), "POST /tools/find");
    cut_labels(found, user.get());
    response.json(found);
}

} // namespace

void register_searches() {
    route<search>("/tools/(find|count-resources)");
}

} // namespace orthanc_images::authorization
