// Answers of Orthanc in which a user sees no labels but his own.
#include "authorization/audit.h"
#include "authorization/state.h"

#include "framework/errors.h"
#include "framework/rest.h"

#include <nlohmann/json.hpp>

namespace orthanc_images::authorization {

namespace {

// Leaves the labels of the user in a list of labels.
void cut_list(Json &labels, const Profile *user) {
    Json left = Json::array();
    for (const Json &label : labels) {
        if (user != nullptr && label.is_string() &&
            user->labels.contains(label.get_ref<const std::string &>())) {
            left.push_back(label);
        }
    }
    labels = std::move(left);
}

// Sends an answer with fewer labels: that of a resource, of a list of them, or of a list of labels.
void send_cut(const Answer &answer, const Profile *user, bool is_labels, Response &response) {
    if (!answer.good() || (user != nullptr && user->all_labels())) {
        pass_on(answer, response);
        return;
    }
    Json value = parsed(answer.body.bytes(), "Orthanc's answer");
    if (is_labels) {
        cut_list(value, user);
    } else {
        cut_labels(value, user);
    }
    response.json(value);
}

void get_with(const Request &request, Response &response, bool is_labels) {
    const std::shared_ptr<const Profile> user = first_profile(request);
    send_cut(forwarded(request, {}, request.query()), user.get(), is_labels, response);
}

void resource(const Request &request, Response &response) {
    if (request.method() == OrthancPluginHttpMethod_Get) {
        get_with(request, response, false);
    } else if (request.method() == OrthancPluginHttpMethod_Delete) {
        const Level level = level_of(request.group(0), "the path");
        const std::string id(request.group(1));
        const Deletion deletion(level, id, request);
        const Answer answer = forwarded(request, {});
        if (answer.good()) {
            deletion.done();
        }
        pass_on(answer, response);
    } else {
        pass_on(forwarded(request, request.body()), response);
    }
}

void related(const Request &request, Response &response) {
    if (request.method() == OrthancPluginHttpMethod_Get) {
        get_with(request, response, false);
    } else {
        response.not_allowed("GET");
    }
}

void labels(const Request &request, Response &response) {
    if (request.method() == OrthancPluginHttpMethod_Get) {
        get_with(request, response, true);
    } else {
        response.not_allowed("GET");
    }
}

// A label of a resource: what was known of its labels is of before.
void label(const Request &request, Response &response) {
    const std::shared_ptr<const Profile> user = first_profile(request);
    const std::string name(request.group(2));
    const bool hidden = user != nullptr && !user->all_labels() && !user->labels.contains(name);
    if (request.method() == OrthancPluginHttpMethod_Get && hidden) {
        response.status(404);
        return;
    }
    const Answer answer = forwarded(request, request.body(), request.query());
    const std::string id(request.group(1));
    if (request.method() != OrthancPluginHttpMethod_Get) {
        state().resources.forget(id);
    }
    if (!answer.good()) {
        response.status(answer.status);
        return;
    }
    if (request.method() == OrthancPluginHttpMethod_Put ||
        request.method() == OrthancPluginHttpMethod_Delete) {
        audit(request, level_of(request.group(0), "the path"), id,
              request.method() == OrthancPluginHttpMethod_Put ? "added-label" : "deleted-label", name);
    }
    response.bytes(answer.body.bytes(), "text/plain");
}

void all_labels(const Request &request, Response &response) {
    if (request.method() != OrthancPluginHttpMethod_Get) {
        response.not_allowed("GET");
        return;
    }
    const std::shared_ptr<const Profile> user = first_profile(request);
    if (user == nullptr) {
        forbid("nobody knows who asks for the labels");
    }
    if (user->labels.empty()) {
        response.json(Json());
        return;
    }
    send_cut(forwarded(request, {}), user.get(), true, response);
}

} // namespace

void cut_labels(Json &value, const Profile *user) {
    if (user != nullptr && user->all_labels()) {
        return;
    }
    if (value.is_array()) {
        for (Json &one : value) {
            cut_labels(one, user);
        }
    } else if (value.is_object() && value.contains("Labels")) {
        cut_list(value["Labels"], user);
    }
}

void register_answers() {
    route<resource>("/(patients|studies|series|instances)/([a-f0-9-]+)");
    route<related>("/instances/([a-f0-9-]+)/(patient|study|series)");
    route<related>("/series/([a-f0-9-]+)/(patient|study|instances)");
    route<related>("/studies/([a-f0-9-]+)/(patient|series|instances)");
    route<related>("/patients/([a-f0-9-]+)/(studies|series|instances)");
    route<labels>("/(patients|studies|series|instances)/([a-f0-9-]+)/labels");
    route<label>("/(patients|studies|series|instances)/([a-f0-9-]+)/labels/([^/]+)");
    route<all_labels>("/tools/labels");
}

} // namespace orthanc_images::authorization
