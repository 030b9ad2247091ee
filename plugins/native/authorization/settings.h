// The section "Authorization" of Orthanc's configuration, and what else decides who may do what.
#pragma once

#include "authorization/table.h"
#include "authorization/wire.h"

#include "framework/json.h"

#include <array>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace orthanc_images::authorization {

// The addresses of the service; empty where it offers nothing.
struct Addresses {
    std::string profile;
    std::string validation;
    std::string creation;
    std::string decoder;
    std::string roles;
};

// Who a user is, and what the user may do.
struct Profile {
    std::string name;
    std::set<std::string> permissions;
    std::set<std::string> labels;
    std::vector<std::string> groups = {};
    // Empty: the service gives none.
    std::string id = {};

    // Tells whether the user has one of them; nobody needs any of an empty set.
    bool has(const std::set<std::string> &wanted) const;

    // Tells whether resources with any labels, and with none, are the user's.
    bool all_labels() const {
        return labels.contains("*");
    }
};

struct Settings {
    Addresses addresses;
    std::string user;
    std::string password;
    Network network;
    // Null without an identifier.
    Json identifier;
    std::set<std::string> token_headers;
    std::set<std::string> token_arguments;
    std::set<std::string> unchecked_resources;
    std::vector<std::string> unchecked_folders;
    // By the number of the level.
    std::array<bool, 5> checked{true, true, true, true, true};
    Table table;
    // DicomWeb.Root without slashes around it, as a pattern.
    std::string dicomweb;
    // The same as a path, with a slash before it.
    std::string dicomweb_path;
    bool audit = false;
    // Those of "Users", by the name in RegisteredUsers, and the passwords of all registered.
    bool has_users = false;
    std::map<std::string, Profile> users;
    std::map<std::string, std::string> passwords;

    // Tells whether anybody can be known by a profile.
    bool profiles() const {
        return !addresses.profile.empty() || has_users;
    }

    // Tells whether anybody could ever be let in.
    bool filters() const {
        return profiles() || !addresses.validation.empty();
    }

    bool is_checked(Level level) const {
        return checked[static_cast<std::size_t>(level)];
    }
};

// Returns the settings of all that Orthanc is configured with; an Error that names the setting when one is
// wrong.
Settings settings_of(const Json &configuration);

} // namespace orthanc_images::authorization
