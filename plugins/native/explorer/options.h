// The section "OrthancExplorer2" of the configuration, over its defaults.
#pragma once

#include "framework/json.h"

#include <nlohmann/json.hpp>

#include <string>

namespace orthanc_images::explorer {

// The defaults, as JSON.
extern const char defaults[];

// What the section says. Sections that are handed to the pages as they are stay JSON.
struct Options {
    bool enabled = true;
    // Begins and ends with a slash.
    std::string root;
    bool default_page = false;
    std::string theme;
    // Files, or empty.
    std::string css;
    std::string logo;
    std::string icon;
    Json logo_url;
    Json title;
    Json ui;
    Json tokens;
    Json advanced;
    // null unless it is enabled.
    Json keycloak;
    Json inbox;
    // Emails.Server, or null.
    Json mail;
};

// Reads the section from the whole configuration. What is wrong with a setting is an Error that names it.
Options options_of(const Json &configuration);

// Returns `user` over `base`: objects are merged, everything else is replaced.
Json merged(Json base, const Json &user);

} // namespace orthanc_images::explorer
