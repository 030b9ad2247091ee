// What the routes and the filter of this plugin share.
#pragma once

#include "authorization/judge.h"

#include "framework/http.h"
#include "framework/rest.h"

#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

namespace orthanc_images::authorization {

struct State {
    explicit State(Settings read) : settings(std::move(read)) {}

    const Settings settings;
    const Paths paths{settings.dicomweb};
    Resources resources;
    Service service{settings};
    Judge judge{settings, paths, resources, service};
};

// Returns what start() has made.
State &state();

// Makes it, in place of what there is.
void make_state(Settings settings);

// Returns what the judge wants to know of a request.
Asked asked_of(const Request &request);

// Returns the profile of a request that has the permission for one of these paths, if any.
std::shared_ptr<const Profile> permitted(const Request &request, OrthancPluginHttpMethod method,
                                         std::initializer_list<std::string_view> paths);

// Returns the first profile of a request, if any.
std::shared_ptr<const Profile> first_profile(const Request &request);

// Refuses a request with 403; the reason goes to the log.
[[noreturn]] void forbid(const std::string &why);

// Hands a request on to Orthanc itself, with another body where one is given.
Answer forwarded(const Request &request, std::string_view body, const std::string &query = {});

// Sends what Orthanc answered: the body, or the status where it is none of success.
void pass_on(const Answer &answer, Response &response);

// Leaves the user's labels in a resource of Orthanc's, or in a list of such; none without a user.
void cut_labels(Json &value, const Profile *user);

// Each registers the routes of one subject.
void register_auth_routes();
void register_answers();
void register_searches();
void register_bulk();
void register_audit();

} // namespace orthanc_images::authorization
