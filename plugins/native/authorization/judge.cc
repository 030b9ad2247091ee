#include "authorization/judge.h"

#include "authorization/path.h"

#include "framework/errors.h"
#include "framework/log.h"

#include <algorithm>
#include <array>

namespace orthanc_images::authorization {

namespace {

// Returns what a text in Base64 stands for; nothing when it is none.
std::optional<std::string> decoded(std::string_view text) {
    while (text.ends_with('=')) {
        text.remove_suffix(1);
    }
    constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string bytes;
    unsigned bits = 0;
    unsigned count = 0;
    for (const char one : text) {
        const std::size_t digit = digits.find(one);
        if (digit == std::string_view::npos) {
            return {};
        }
        bits = (bits << 6U | static_cast<unsigned>(digit)) & 0xffffU;
        count += 6;
        if (count >= 8) {
            count -= 8;
            bytes += static_cast<char>(bits >> count & 0xffU);
        }
    }
    return bytes;
}

// Compares in a time that says nothing about where the texts differ.
bool same_secret(std::string_view one, std::string_view other) {
    unsigned char differs = one.size() == other.size() ? 0 : 1;
    for (std::size_t at = 0; at < one.size(); ++at) {
        const char against = other.empty() ? '\0' : other[at % other.size()];
        differs = static_cast<unsigned char>(differs | (one[at] ^ against));
    }
    return differs == 0;
}

std::string_view value_of(const Arguments &values, std::string_view name) {
    const auto found = std::ranges::find(values, name, [](const auto &pair) { return pair.first; });
    return found == values.end() ? std::string_view() : found->second;
}

bool intersect(const std::set<std::string> &one, const std::set<std::string> &other) {
    return std::ranges::any_of(one, [&](const std::string &text) { return other.contains(text); });
}

// Notes what went wrong, the first of it.
void note(std::string &trouble) {
    const Failure failure = current_failure();
    if (trouble.empty()) {
        trouble = failure.details.empty() ? "there is not enough memory" : failure.details;
    }
}

} // namespace

Reading read(const Settings &settings, OrthancPluginHttpMethod method, std::string_view uri) {
    Reading reading{canonical(uri).value_or(std::string())};
    if (reading.path.empty()) {
        return reading;
    }
    const std::string &path = reading.path;
    if (method == OrthancPluginHttpMethod_Get) {
        if (settings.unchecked_resources.contains(path) ||
            settings.unchecked_resources.contains(path + '/')) {
            reading.unchecked = path;
            return reading;
        }
        const std::string folder = path.ends_with('/') ? path : path + '/';
        const auto found = std::ranges::find_if(settings.unchecked_folders, [&](const std::string &one) {
            return !one.empty() && (path.starts_with(one) || folder.starts_with(one));
        });
        if (found != settings.unchecked_folders.end()) {
            reading.unchecked = *found;
            return reading;
        }
    }
    reading.entry = settings.table.find(method, path);
    return reading;
}

namespace {

bool is_basic(std::string_view header) {
    constexpr std::string_view scheme = "basic ";
    return lower(header.substr(0, scheme.size())) == scheme;
}

} // namespace

std::vector<Token> tokens_of(const Settings &settings, const Asked &asked) {
    std::vector<Token> tokens;
    for (const std::string &name : settings.token_headers) {
        const std::string_view value = value_of(asked.headers, lower(name));
        // A password is no token, and nobody else's business.
        const bool password = settings.has_users && lower(name) == "authorization" && is_basic(value);
        if (!value.empty() && !password) {
            tokens.push_back({true, name, std::string(value)});
        }
    }
    for (const std::string &name : settings.token_arguments) {
        const std::string_view value = value_of(asked.arguments, name);
        if (!value.empty()) {
            tokens.push_back({false, name, std::string(value)});
        }
    }
    return tokens;
}

const Profile *local_user(const Settings &settings, const Asked &asked) {
    constexpr std::string_view scheme = "basic ";
    const std::string_view header = value_of(asked.headers, "authorization");
    if (!settings.has_users || !is_basic(header)) {
        return nullptr;
    }
    const std::optional<std::string> word = decoded(header.substr(scheme.size()));
    if (!word.has_value()) {
        return nullptr;
    }
    const std::size_t colon = word->find(':');
    if (colon == std::string::npos) {
        return nullptr;
    }
    const std::string name = word->substr(0, colon);
    const auto user = settings.users.find(name);
    const auto password = settings.passwords.find(name);
    if (user == settings.users.end() || password == settings.passwords.end() ||
        !same_secret(std::string_view(*word).substr(colon + 1), password->second)) {
        return nullptr;
    }
    return &user->second;
}

Decision Judge::decide(const Asked &asked) noexcept {
    std::string trouble;
    try {
        Decision decision = decided(asked, trouble);
        if (!decision.granted && !trouble.empty()) {
            return {false, trouble, true};
        }
        return decision;
    } catch (...) {
        try {
            note(trouble);
            return {false, trouble, true};
        } catch (...) {
            return {false, {}, true};
        }
    }
}

Decision Judge::decided(const Asked &asked, std::string &trouble) {
    const Reading reading = read(settings_, asked.method, asked.uri);
    if (reading.path.empty()) {
        return {false, "its path could be taken for another one"};
    }
    if (!reading.unchecked.empty()) {
        return {true, "it is unchecked"};
    }
    const Deadline deadline;
    std::vector<Token> tokens = tokens_of(settings_, asked);
    if (tokens.empty()) {
        tokens.emplace_back();
    }
    const bool by_entry = settings_.profiles() && reading.entry < settings_.table.entries().size();
    if (by_entry && granted_by_entry(asked, reading, settings_.table.entries()[reading.entry], tokens,
                                     deadline, trouble)) {
        return {true, "a user has the permission"};
    }
    if (!settings_.addresses.validation.empty()) {
        try {
            if (granted_by_tokens(asked, reading, tokens, deadline)) {
                return {true, "a token opens it"};
            }
        } catch (...) {
            note(trouble);
        }
    }
    const bool has_token = std::ranges::any_of(tokens, [](const Token &token) { return !token.anonymous(); });
    if (searches_are_cut && has_token && asked.method == OrthancPluginHttpMethod_Get &&
        paths_.is_search_of_studies(reading.path)) {
        return {true, "its answer is cut down"};
    }
    return {false,
            by_entry ? "nobody who asks has the permission and the labels" : "no entry lets it through"};
}

bool Judge::granted_by_entry(const Asked &asked, const Reading &reading, const Entry &entry,
                             std::vector<Token> &tokens, const Deadline &deadline, std::string &trouble) {
    if (const Profile *user = local_user(settings_, asked); user != nullptr) {
        if (user->has(entry.permissions) && labels_fit(asked, reading, *user)) {
            return true;
        }
    }
    if (settings_.addresses.profile.empty()) {
        return false;
    }
    // Who has the permission for other labels has no other way in.
    std::vector<Token> others;
    for (const Token &token : tokens) {
        try {
            const std::shared_ptr<const Profile> profile = service_.profile(token, deadline);
            if (!profile->has(entry.permissions)) {
                others.push_back(token);
            } else if (labels_fit(asked, reading, *profile)) {
                return true;
            }
        } catch (...) {
            note(trouble);
            others.push_back(token);
        }
    }
    tokens = std::move(others);
    return false;
}

bool Judge::labels_fit(const Asked &asked, const Reading &reading, const Profile &profile) {
    if (profile.all_labels()) {
        return true;
    }
    const std::string &path = reading.path;
    if ((asked.method == OrthancPluginHttpMethod_Get && Paths::is_list(path)) || paths_.sends(path)) {
        return false;
    }
    const std::vector<Target> targets = paths_.targets(path, asked.arguments);
    return !targets.empty() &&
           std::ranges::all_of(targets, [&](const Target &target) { return owns(profile, target); });
}

bool Judge::owns(const Profile &profile, const Target &target) {
    if (profile.all_labels()) {
        return true;
    }
    if (target.level == Level::system && !target.any_level) {
        return !settings_.is_checked(Level::system);
    }
    const std::vector<Access> line = resources_.line(target);
    for (const Access &access : line) {
        if (settings_.is_checked(access.level)) {
            return resources_.has_label(access.level, access.id, profile.labels);
        }
    }
    // The levels that are checked are below, or there are none.
    const Access &last = line.back();
    for (const Level level : {Level::study, Level::series, Level::instance}) {
        if (level > last.level && settings_.is_checked(level)) {
            const std::vector<Access> children = Resources::below(last, level);
            return !children.empty() && std::ranges::all_of(children, [&](const Access &child) {
                return intersect(child.labels, profile.labels);
            });
        }
    }
    return true;
}

bool Judge::opens(const std::vector<Token> &tokens, OrthancPluginHttpMethod method, const Access &access,
                  const Deadline &deadline) {
    return std::ranges::any_of(
        tokens, [&](const Token &token) { return service_.opens(token, method, access, deadline); });
}

bool Judge::granted_by_tokens(const Asked &asked, const Reading &reading, const std::vector<Token> &tokens,
                              const Deadline &deadline) {
    const std::vector<Target> targets = paths_.targets(reading.path, asked.arguments);
    if (targets.empty() || tokens.empty()) {
        return false;
    }
    for (const Target &target : targets) {
        std::vector<Access> checked = resources_.lineage(target);
        std::erase_if(checked, [&](const Access &access) { return !settings_.is_checked(access.level); });
        if (checked.empty() || !std::ranges::all_of(checked, [&](const Access &access) {
                return opens(tokens, asked.method, access, deadline);
            })) {
            return false;
        }
    }
    return true;
}

std::vector<std::shared_ptr<const Profile>> Judge::profiles(const Asked &asked) {
    std::vector<std::shared_ptr<const Profile>> all;
    std::vector<Token> tokens = tokens_of(settings_, asked);
    if (const Profile *user = local_user(settings_, asked); user != nullptr) {
        all.push_back(std::make_shared<const Profile>(*user));
    }
    if (settings_.addresses.profile.empty()) {
        return all;
    }
    if (tokens.empty() && all.empty()) {
        tokens.emplace_back();
    }
    const Deadline deadline;
    for (const Token &token : tokens) {
        try {
            all.push_back(service_.profile(token, deadline));
        } catch (const Error &error) {
            log_warning(error.what());
        }
    }
    return all;
}

} // namespace orthanc_images::authorization
