#include "authorization/state.h"

#include "authorization/path.h"

#include "framework/errors.h"
#include "framework/rest.h"

#include <algorithm>

namespace orthanc_images::authorization {

namespace {

std::unique_ptr<State> &slot() {
    static std::unique_ptr<State> one;
    return one;
}

} // namespace

State &state() {
    return *slot();
}

void make_state(Settings settings) {
    slot() = std::make_unique<State>(std::move(settings));
}

Asked asked_of(const Request &request) {
    Asked asked{request.method(), request.uri(), {}, request.arguments()};
    for (const auto &[name, value] : request.headers()) {
        asked.headers.emplace_back(name, value);
    }
    return asked;
}

std::shared_ptr<const Profile> permitted(const Request &request, OrthancPluginHttpMethod method,
                                         std::initializer_list<std::string_view> paths) {
    const Table &table = state().settings.table;
    for (const auto &profile : state().judge.profiles(asked_of(request))) {
        const bool has = std::ranges::any_of(paths, [&](std::string_view path) {
            const std::size_t entry = table.find(method, path);
            return entry < table.entries().size() && profile->has(table.entries()[entry].permissions);
        });
        if (has) {
            return profile;
        }
    }
    return nullptr;
}

std::shared_ptr<const Profile> first_profile(const Request &request) {
    const auto profiles = state().judge.profiles(asked_of(request));
    return profiles.empty() ? nullptr : profiles.front();
}

void forbid(const std::string &why) {
    throw HttpError(403, why);
}

Answer forwarded(const Request &request, std::string_view body, const std::string &query) {
    std::vector<std::pair<std::string, std::string>> headers;
    for (const auto &[name, value] : request.headers()) {
        headers.emplace_back(name, value);
    }
    return call({.method = request.method(),
                 .uri = std::string(request.uri()) + query,
                 .body = body,
                 .headers = headers});
}

void pass_on(const Answer &answer, Response &response) {
    if (answer.good()) {
        response.bytes(answer.body.bytes(), "application/json");
    } else {
        response.status(answer.status);
    }
}

} // namespace orthanc_images::authorization
