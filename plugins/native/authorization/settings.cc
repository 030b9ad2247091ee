#include "authorization/settings.h"

#include "framework/configuration.h"
#include "framework/errors.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cctype>
#include <string_view>

namespace orthanc_images::authorization {

namespace {

constexpr char SECTION[] = "Authorization";

// What an application needs so that it can be opened before anybody has signed in, and where its tokens are.
struct Standard {
    std::string_view name;
    std::vector<std::string> folders;
    std::vector<std::string> resources;
    std::vector<std::string> headers;
    std::vector<std::string> arguments;
};

const std::vector<Standard> &standards() {
    static const std::vector<Standard> all{
        {"osimis-web-viewer",
         {"/osimis-viewer/app/", "/osimis-viewer/languages/"},
         {"/osimis-viewer/config.js"},
         {"token"},
         {"token"}},
        {"stone-webviewer", {"/stone-webviewer/"}, {"/system"}, {"Authorization"}, {}},
        {"orthanc-explorer-2",
         {"/ui/app/", "/ui/landing/"},
         {"/", "/ui/api/pre-login-configuration", "/ui/api/configuration", "/auth/user/profile"},
         {"Authorization", "token"},
         {"token"}},
        {"ohif", {"/ohif/"}, {}, {"Authorization"}, {}},
        {"volview", {"/volview/"}, {}, {"Authorization"}, {}},
        {"stl", {"/stl/"}, {}, {"Authorization"}, {}}};
    return all;
}

[[noreturn]] void refuse_setting(const std::string &setting, const std::string &what) {
    throw Error(OrthancPluginErrorCode_BadParameterType, std::string(SECTION) + "." + setting + ": " + what);
}

// Returns a setting that is a text or a list of such.
std::vector<std::string> list_of(const Json &section, const Configuration &settings,
                                 const std::string &name) {
    const auto found = section.find(name);
    if (found != section.end() && found->is_string()) {
        return {found->get<std::string>()};
    }
    return settings.texts(name, std::vector<std::string>());
}

Addresses addresses_of(const Configuration &settings) {
    const std::string none;
    std::string root = settings.text("WebServiceRootUrl", none);
    if (!root.empty()) {
        while (root.ends_with('/')) {
            root.pop_back();
        }
        return {root + "/user/get-profile", root + "/tokens/validate", root + "/tokens/",
                root + "/tokens/decode", root + "/settings/roles"};
    }
    Addresses all{settings.text("WebServiceUserProfileUrl", none),
                  settings.text("WebServiceTokenValidationUrl", settings.text("WebService", none)),
                  settings.text("WebServiceTokenCreationBaseUrl", none),
                  settings.text("WebServiceTokenDecoderUrl", none),
                  settings.text("WebServiceSettingsRolesUrl", none)};
    if (!all.creation.empty() && !all.creation.ends_with('/')) {
        all.creation += '/';
    }
    return all;
}

void add_standard(Settings &settings, const std::string &name) {
    const auto found = std::ranges::find(standards(), name, &Standard::name);
    if (found == standards().end()) {
        refuse_setting("StandardConfigurations",
                       "has a name that stands for nothing. See the documentation.");
    }
    settings.unchecked_folders.insert(settings.unchecked_folders.end(), found->folders.begin(),
                                      found->folders.end());
    settings.unchecked_resources.insert(found->resources.begin(), found->resources.end());
    settings.token_headers.insert(found->headers.begin(), found->headers.end());
    settings.token_arguments.insert(found->arguments.begin(), found->arguments.end());
}

void read_levels(Settings &settings, const Configuration &section) {
    const std::string checked = section.text("CheckedLevel", std::string());
    const std::vector<std::string> unchecked = section.texts("UncheckedLevels", std::vector<std::string>());
    if (!checked.empty() && !unchecked.empty()) {
        refuse_setting("CheckedLevel", "is given beside UncheckedLevels. Leave out one of the two.");
    }
    if (!checked.empty()) {
        const Level level = level_of(checked, std::string(SECTION) + ".CheckedLevel");
        if (level == Level::system) {
            refuse_setting("CheckedLevel",
                           "is no level of resources. Write patients, studies, series or instances.");
        }
        settings.checked.fill(false);
        settings.checked[static_cast<std::size_t>(level)] = true;
    }
    for (const std::string &name : unchecked) {
        settings
            .checked[static_cast<std::size_t>(level_of(name, std::string(SECTION) + ".UncheckedLevels"))] =
            false;
    }
}

// Returns the root of DICOMweb without slashes around it.
std::string dicomweb_of(const Json &configuration) {
    const auto section = configuration.find("DicomWeb");
    std::string root = "/dicom-web/";
    if (section != configuration.end() && section->is_object() && section->contains("Root")) {
        root = Configuration("DicomWeb", *section).text("Root");
    }
    const std::size_t from = std::min(root.find_first_not_of('/'), root.size());
    const std::size_t end = root.find_last_not_of('/');
    return from == root.size() ? std::string() : root.substr(from, end + 1 - from);
}

// Returns a text as a pattern that stands for nothing else.
std::string literally(const std::string &text) {
    std::string pattern;
    for (const char one : text) {
        const bool plain =
            std::isalnum(static_cast<unsigned char>(one)) != 0 || one == '/' || one == '-' || one == '_';
        pattern += plain ? std::string(1, one) : std::string("\\") + one;
    }
    return pattern;
}

Network network_of(const Json &configuration) {
    const Configuration all("", configuration);
    return {.verify = all.flag("HttpsVerifyPeers", true),
            .certificates = all.text("HttpsCACertificates", std::string()),
            .proxy = all.text("HttpProxy", std::string())};
}

void read_users(Settings &settings, const Json &configuration, const Configuration &section) {
    settings.has_users = section.has("Users");
    const auto registered = configuration.find("RegisteredUsers");
    if (registered != configuration.end() && registered->is_object()) {
        for (const auto &[name, password] : registered->items()) {
            if (password.is_string()) {
                settings.passwords[name] = password.get<std::string>();
            }
        }
    }
    if (!settings.has_users) {
        return;
    }
    const Configuration users = section.section("Users");
    for (const auto &[name, ignored] : configuration[SECTION]["Users"].items()) {
        const Configuration user = users.section(name);
        const std::vector<std::string> permissions = user.texts("Permissions");
        const std::vector<std::string> labels = user.texts("AuthorizedLabels", std::vector<std::string>{"*"});
        if (!settings.passwords.contains(name)) {
            refuse_setting("Users." + name,
                           "is no user of RegisteredUsers. Add the user there, with a password.");
        }
        settings.users[name] = {name,
                                {permissions.begin(), permissions.end()},
                                {labels.begin(), labels.end()},
                                user.texts("Groups", std::vector<std::string>()),
                                name};
    }
    const auto asks = configuration.find("AuthenticationEnabled");
    const auto remote = configuration.find("RemoteAccessAllowed");
    const bool on = asks != configuration.end() ? *asks == Json(true)
                                                : remote != configuration.end() && *remote == Json(true);
    if (!on) {
        refuse_setting("Users",
                       "is given, and Orthanc asks nobody who he is. Set AuthenticationEnabled to true.");
    }
}

} // namespace

bool Profile::has(const std::set<std::string> &wanted) const {
    return wanted.empty() || std::ranges::any_of(wanted, [&](const std::string &permission) {
               return permissions.contains(permission);
           });
}

Settings settings_of(const Json &configuration) {
    Settings settings;
    const Json given = configuration.value(SECTION, Json::object());
    const Json *found = &given;
    const Configuration section(SECTION, given);
    settings.addresses = addresses_of(section);
    if (section.has("WebServiceUsername") && section.has("WebServicePassword")) {
        settings.user = section.text("WebServiceUsername");
        settings.password = section.text("WebServicePassword");
    }
    settings.network = network_of(configuration);
    const std::string identifier = section.text("WebServiceIdentifier", std::string());
    settings.identifier = identifier.empty() ? Json() : Json(identifier);
    for (const std::string &name : list_of(*found, section, "TokenHttpHeaders")) {
        settings.token_headers.insert(name);
    }
    for (const std::string &name : list_of(*found, section, "TokenGetArguments")) {
        settings.token_arguments.insert(name);
    }
    for (const std::string &resource : list_of(*found, section, "UncheckedResources")) {
        settings.unchecked_resources.insert(resource);
    }
    settings.unchecked_folders = list_of(*found, section, "UncheckedFolders");
    for (const std::string &name : list_of(*found, section, "StandardConfigurations")) {
        add_standard(settings, name);
    }
    read_levels(settings, section);
    const std::string root = dicomweb_of(configuration);
    settings.dicomweb = literally(root);
    settings.dicomweb_path = '/' + root;
    settings.audit = section.flag("EnableAuditLogs", false);
    read_users(settings, configuration, section);
    if (section.has("Permissions")) {
        settings.table.add(found->at("Permissions"), "Authorization.Permissions", settings.dicomweb);
    } else {
        settings.table.add(parsed(default_permissions, "defaults.json"), "defaults.json", settings.dicomweb);
    }
    if (section.has("ExtraPermissions")) {
        settings.table.add(found->at("ExtraPermissions"), "Authorization.ExtraPermissions",
                           settings.dicomweb);
    }
    return settings;
}

} // namespace orthanc_images::authorization
