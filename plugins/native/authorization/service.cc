#include "authorization/service.h"

#include "authorization/path.h"
#include "framework/client.h"
#include "framework/errors.h"
#include "framework/http.h"
#include "framework/log.h"

#include <algorithm>
#include <utility>

namespace orthanc_images::authorization {

namespace {

constexpr std::size_t LARGEST = 1'048'576;
constexpr std::int64_t WEEK = 604'800;
constexpr std::chrono::seconds NAMES{60};

[[noreturn]] void wrong(const std::string &url, const std::string &what) {
    throw Error(OrthancPluginErrorCode_NetworkProtocol,
                "the answer of the authorization service at " + shown(url) + " " + what);
}

const Json &member(const Json &answer, const char *name, const std::string &url) {
    if (!answer.is_object() || !answer.contains(name)) {
        wrong(url, std::string("has no \"") + name + '"');
    }
    return answer[name];
}

std::string text_of(const Json &answer, const char *name, const std::string &url) {
    const Json &value = member(answer, name, url);
    if (!value.is_string()) {
        wrong(url, std::string("has a \"") + name + "\" that is no text");
    }
    return value.get<std::string>();
}

std::vector<std::string> texts_of(const Json &answer, const char *name, const std::string &url) {
    const Json &value = member(answer, name, url);
    if (!value.is_array() || !std::ranges::all_of(value, [](const Json &one) { return one.is_string(); })) {
        wrong(url, std::string("has a \"") + name + "\" that is no list of texts");
    }
    return value.get<std::vector<std::string>>();
}

std::chrono::seconds validity_of(const Json &value, const std::string &url) {
    const bool whole = value.is_number_unsigned()
                           ? value.get<std::uint64_t>() <= INT64_MAX
                           : value.is_number_integer() && value.get<std::int64_t>() >= 0;
    if (!whole) {
        wrong(url, "has a \"validity\" that is no number of seconds");
    }
    return std::chrono::seconds(std::min(value.get<std::int64_t>(), WEEK));
}

Profile profile_of(const Json &answer, const std::string &url) {
    const std::vector<std::string> permissions = texts_of(answer, "permissions", url);
    const std::vector<std::string> labels = texts_of(answer, "authorized-labels", url);
    Profile profile{text_of(answer, "name", url),
                    {permissions.begin(), permissions.end()},
                    {labels.begin(), labels.end()}};
    if (answer.contains("groups") && !answer["groups"].is_null()) {
        profile.groups = texts_of(answer, "groups", url);
    }
    if (answer.contains("user-id") && !answer["user-id"].is_null()) {
        profile.id = text_of(answer, "user-id", url);
    }
    return profile;
}

} // namespace

std::string Token::cached() const {
    return (header ? "h" : "a") + std::to_string(key.size()) + key + value;
}

std::chrono::milliseconds Deadline::left() const {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end_ - Clock::now());
    if (left.count() <= 0) {
        throw Error(OrthancPluginErrorCode_NetworkProtocol,
                    "the authorization service has not answered in time");
    }
    return left;
}

Json Service::ask(OrthancPluginHttpMethod method, const std::string &url, const Json &body,
                  const Deadline &deadline, const Token &forwarded) {
    std::vector<std::pair<std::string, std::string>> headers{{"Content-Type", "application/json"},
                                                             {"Expect", ""}};
    if (forwarded.header && (settings_.user.empty() || lower(forwarded.key) != "authorization")) {
        headers.emplace_back(forwarded.key, forwarded.value);
    }
    const std::string text = body.is_null() ? std::string() : written(body);
    const std::string none;
    const std::string answer = transport({.method = method,
                                          .url = url,
                                          .body = text,
                                          .headers = headers,
                                          .user = settings_.user,
                                          .password = settings_.user.empty() ? none : settings_.password,
                                          .limit = deadline.left(),
                                          .most = LARGEST},
                                         settings_.network);
    return parsed(answer, "the answer of the authorization service at " + shown(url));
}

std::shared_ptr<const Profile> Service::profile(const Token &token, const Deadline &deadline) {
    const std::string key = token.cached();
    if (auto known = profiles_.find(key)) {
        return known;
    }
    const std::uint64_t drops = profiles_.drops();
    const std::string &url = settings_.addresses.profile;
    const Json answer =
        ask(OrthancPluginHttpMethod_Post, url,
            {{"token-key", token.key}, {"token-value", token.value}, {"server-id", settings_.identifier}},
            deadline);
    const std::chrono::seconds validity = validity_of(member(answer, "validity", url), url);
    auto profile = std::make_shared<const Profile>(profile_of(answer, url));
    if (validity.count() > 0) {
        profiles_.put(key, profile, Clock::now() + validity, drops);
    }
    return profile;
}

bool Service::opens(const Token &token, OrthancPluginHttpMethod method, const Access &access,
                    const Deadline &deadline) {
    const std::string verb = lower(method_name(method));
    // The length keeps an address and a token apart, whatever is in them.
    const std::string key =
        verb + level_name(access.level) + std::to_string(access.id.size()) + '|' + access.id + token.cached();
    if (const auto known = answers_.find(key)) {
        return *known;
    }
    const std::uint64_t drops = answers_.drops();
    Json body{{"method", verb}, {"level", level_name(access.level)}, {"server-id", settings_.identifier}};
    if (access.level == Level::system) {
        body["uri"] = access.id;
    } else {
        body["orthanc-id"] = access.id;
        body["dicom-uid"] = access.uid;
    }
    if (!token.anonymous()) {
        body["token-key"] = token.key;
        body["token-value"] = token.value;
    }
    if (!access.labels.empty()) {
        body["labels"] = access.labels;
    }
    const std::string &url = settings_.addresses.validation;
    const Json answer =
        ask(OrthancPluginHttpMethod_Post, url, body, deadline, token.anonymous() ? Token{} : token);
    const Json &granted = member(answer, "granted", url);
    if (!granted.is_boolean()) {
        wrong(url, "has a \"granted\" that is neither true nor false");
    }
    const std::chrono::seconds validity = validity_of(answer.value("validity", Json(0)), url);
    const bool opens = granted.get<bool>();
    if (validity.count() > 0) {
        answers_.put(key, std::make_shared<const bool>(opens), Clock::now() + validity, drops);
    }
    return opens;
}

std::string Service::name_of(const std::string &id) {
    if (const auto user = settings_.users.find(id); user != settings_.users.end()) {
        return user->second.name;
    }
    if (settings_.addresses.profile.empty()) {
        return id;
    }
    if (const auto known = names_.find(id)) {
        return *known;
    }
    const std::uint64_t drops = names_.drops();
    std::string name = id;
    try {
        const Json answer = ask(OrthancPluginHttpMethod_Post, settings_.addresses.profile,
                                {{"user-id", id}, {"server-id", settings_.identifier}}, {});
        if (answer.is_object()) {
            name = text_of(answer, "name", settings_.addresses.profile);
        }
    } catch (const Error &error) {
        log_info(error.what());
    }
    names_.put(id, std::make_shared<const std::string>(name), Clock::now() + NAMES, drops);
    return name;
}

Json Service::create(const std::string &type, const Json &body) {
    return ask(OrthancPluginHttpMethod_Put, settings_.addresses.creation + type, body, {});
}

Json Service::decode(const std::string &key, const std::string &value) {
    return ask(OrthancPluginHttpMethod_Post, settings_.addresses.decoder,
               {{"token-key", key}, {"token-value", value}}, {});
}

Json Service::roles() {
    return ask(OrthancPluginHttpMethod_Get, settings_.addresses.roles, Json(), {});
}

Json Service::set_roles(Json roles) {
    roles["server-id"] = settings_.identifier;
    return ask(OrthancPluginHttpMethod_Put, settings_.addresses.roles, roles, {});
}

} // namespace orthanc_images::authorization
