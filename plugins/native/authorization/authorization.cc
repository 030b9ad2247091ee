// The plugin Authorization: a filter of all requests, and routes whose answers depend on the user.
#include "authorization/audit.h"
#include "authorization/path.h"
#include "authorization/state.h"

#include "framework/client.h"
#include "framework/configuration.h"
#include "framework/errors.h"
#include "framework/host.h"
#include "framework/log.h"
#include "framework/memory.h"
#include "framework/plugin.h"

#include <nlohmann/json.hpp>
#include <orthanc/OrthancCPlugin.h>

#include <algorithm>
#include <span>

namespace orthanc_images {

namespace authorization {

namespace {

Arguments pairs(std::uint32_t count, const char *const *keys, const char *const *values) {
    Arguments all;
    all.reserve(count);
    for (std::uint32_t i = 0; i < count; ++i) {
        all.emplace_back(std::span(keys, count)[i], std::span(values, count)[i]);
    }
    return all;
}

// Returns who asks, for the audit log of a download: of several tokens, the one that lets it through says so.
std::string user_of(const Asked &asked, const std::string &path) {
    const auto profiles = state().judge.profiles(asked);
    if (profiles.empty()) {
        return {};
    }
    const std::vector<Entry> &entries = state().settings.table.entries();
    const std::size_t entry = state().settings.table.find(asked.method, path);
    const auto found = std::ranges::find_if(profiles, [&](const auto &profile) {
        return entry < entries.size() && profile->has(entries[entry].permissions);
    });
    const Profile &profile = found == profiles.end() ? *profiles.front() : **found;
    return profile.id.empty() ? profile.name : profile.id;
}

void note_download(const Asked &asked) {
    const std::string path = canonical(asked.uri).value_or(std::string());
    if (!path.ends_with("/archive") && !path.ends_with("/media") && !path.starts_with("/tools/create-")) {
        return;
    }
    try {
        audit_download(user_of(asked, path), path, state().paths.targets(path, asked.arguments));
    } catch (const Error &error) {
        // Of what is not there, Orthanc gives nothing.
        if (error.code() != OrthancPluginErrorCode_UnknownResource) {
            throw;
        }
    }
}

bool let_through(const Asked &asked) {
    const Decision decision = state().judge.decide(asked);
    const std::string what = std::string(method_name(asked.method)) + " " + std::string(asked.uri);
    if (!decision.granted) {
        const std::string line = what + " is refused: " + decision.why;
        decision.trouble ? log_error(line) : log_info(line);
        return false;
    }
    if (state().settings.audit && asked.method == OrthancPluginHttpMethod_Get) {
        note_download(asked);
    }
    return true;
}

std::int32_t filter(OrthancPluginHttpMethod method, const char *uri, const char * /*ip*/,
                    std::uint32_t headers_count, const char *const *headers_keys,
                    const char *const *headers_values, std::uint32_t arguments_count,
                    const char *const *arguments_keys, const char *const *arguments_values) {
    return guarded_or(0, [&] {
        const Asked asked{method, uri, pairs(headers_count, headers_keys, headers_values),
                          pairs(arguments_count, arguments_keys, arguments_values)};
        return let_through(asked) ? 1 : 0;
    });
}

void describe(const Settings &settings) {
    const auto say = [](const char *what, const std::string &url) {
        if (!url.empty()) {
            log_info(std::string(what) + ": " + shown(url));
        }
    };
    say("profiles of users", settings.addresses.profile);
    say("validation of tokens", settings.addresses.validation);
    say("creation of tokens", settings.addresses.creation);
    say("decoding of tokens", settings.addresses.decoder);
    say("roles", settings.addresses.roles);
}

} // namespace

} // namespace authorization

void start() {
    using namespace authorization;
    const Text text(OrthancPluginGetConfiguration(host()));
    if (text == nullptr) {
        throw Error(OrthancPluginErrorCode_Plugin, "Orthanc does not give its configuration. See its log.");
    }
    Settings settings = settings_of(parsed(text.get(), "Orthanc's configuration"));
    make_state(std::move(settings));
    State &all = state();
    describe(all.settings);
    register_auth_routes();
    if (all.settings.profiles()) {
        register_answers();
        register_searches();
        register_bulk();
        all.judge.searches_are_cut = true;
    }
    register_audit();
    if (!all.settings.filters()) {
        log_error(
            "nobody can be let in: every request is refused. Set Authorization.Users, or WebServiceRootUrl, "
            "WebServiceUserProfileUrl or WebServiceTokenValidationUrl, or do not enable this plugin.");
    }
    if (OrthancPluginRegisterIncomingHttpRequestFilter2(host(), filter) != OrthancPluginErrorCode_Success) {
        throw Error(OrthancPluginErrorCode_Plugin, "Orthanc takes no filter of requests. See its log.");
    }
}

void finish() {}

} // namespace orthanc_images
