#include "explorer/profile.h"

#include "framework/errors.h"
#include "framework/rest.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <string_view>

namespace orthanc_images::explorer {

namespace {

struct Right {
    const char *option;
    std::initializer_list<const char *> permissions;
};

// Which permissions allow an option.
const Right RIGHTS[] = {
    {"EnableStudyList", {"all", "view"}},
    {"EnableViewerQuickButton", {"all", "view"}},
    {"EnableReportQuickButton", {"all", "view"}},
    {"EnableUpload", {"all", "upload"}},
    {"EnableAddSeries", {"all", "upload"}},
    {"EnableAuditLogs", {"admin-permissions", "audit-logs"}},
    {"EnableDicomModalities", {"all", "q-r-remote-modalities"}},
    {"EnableDicomWebServers", {"all", "q-r-remote-modalities"}},
    {"EnableDeleteResources", {"all", "delete"}},
    {"EnableDownloadZip", {"all", "download"}},
    {"EnableDownloadDicomDir", {"all", "download"}},
    {"EnableDownloadDicomFile", {"all", "download"}},
    {"EnableModification", {"all", "modify"}},
    {"EnableAnonymization", {"all", "anonymize"}},
    {"EnableSendTo", {"all", "send"}},
    {"EnableApiViewMenu", {"all", "admin-permissions"}},
    {"EnableSettings", {"all", "settings"}},
    {"EnableWorklists", {"all", "worklists"}},
    {"EnableShares", {"all", "share"}},
    {"EnableEditLabels", {"all", "edit-labels"}},
    {"EnablePermissionsEdition", {"admin-permissions"}},
    {"EnableJobsList", {"admin-permissions"}},
};

// Options that change what is stored.
constexpr std::array WRITING{
    "EnableUpload",        "EnableAddSeries",  "EnableDeleteResources",   "EnableModification",
    "EnableAnonymization", "EnableEditLabels", "EnablePermissionsEdition"};

Json section_of(const Json &configuration, const char *name) {
    return configuration.is_object() ? configuration.value(name, Json::object()) : Json::object();
}

bool on(const Json &section, const char *name, bool otherwise = false) {
    const auto found = section.find(name);
    return found != section.end() && found->is_boolean() ? found->get<bool>() : otherwise;
}

bool filled(const Json &section, const char *name) {
    const auto found = section.find(name);
    return found != section.end() && found->is_string() && !found->get_ref<const std::string &>().empty();
}

// Tells whether the configuration lets a loaded plugin work.
bool enabled(const Json &all, const std::string &plugin) {
    static constexpr struct {
        std::string_view plugin;
        const char *section;
        const char *setting;
        bool otherwise;
    } SWITCHES[] = {
        {"advanced-storage", "AdvancedStorage", "Enable", false},
        {"delayed-deletion", "DelayedDeletion", "Enable", false},
        {"dicom-web", "DicomWeb", "Enable", true},
        {"gdcm", "Gdcm", "Enable", true},
        {"mysql-index", "MySQL", "EnableIndex", false},
        {"mysql-storage", "MySQL", "EnableStorage", false},
        {"odbc-index", "Odbc", "EnableIndex", false},
        {"odbc-storage", "Odbc", "EnableStorage", false},
        {"postgresql-index", "PostgreSQL", "EnableIndex", false},
        {"postgresql-storage", "PostgreSQL", "EnableStorage", false},
        {"stl", "STL", "Enable", true},
        {"tcia", "Tcia", "Enable", false},
        {"volview", "VolView", "Enable", true},
        {"worklists", "Worklists", "Enable", false},
        {"orthanc-worklists", "Worklists", "Enable", false},
    };

    static constexpr struct {
        std::string_view plugin;
        const char *section;
    } SECTIONS[] = {
        {"AWS S3 Storage", "AwsS3Storage"},
        {"Azure Blob Storage", "AzureBlobStorage"},
        {"Google Cloud Storage", "GoogleCloudStorage"},
        {"osimis-web-viewer", "WebViewer"},
        {"serve-folders", "ServeFolders"},
    };

    for (const auto &one : SWITCHES) {
        if (one.plugin == plugin) {
            return on(section_of(all, one.section), one.setting, one.otherwise);
        }
    }
    for (const auto &one : SECTIONS) {
        if (one.plugin == plugin) {
            return all.contains(one.section);
        }
    }
    if (plugin == "python") {
        return filled(all, "PythonScript");
    }
    if (plugin == "multitenant-dicom") {
        return !section_of(all, "MultitenantDicom").value("Servers", Json::array()).empty();
    }
    if (plugin == "authorization") {
        const Json section = section_of(all, "Authorization");
        return section.contains("Users") || std::ranges::any_of(section.items(), [](const auto &setting) {
                   return setting.key().starts_with("WebService") && setting.value().is_string() &&
                          setting.value() != "";
               });
    }
    return true;
}

// Returns the way from the pages' root to the server's.
std::string upward(const std::string &root) {
    std::string way;
    for (std::size_t at = root.find('/', 1); at != std::string::npos; at = root.find('/', at + 1)) {
        way += "../";
    }
    return way;
}

// Tells whether the Authorization plugin knows who a user is, where it is loaded.
bool wants_profiles(const Json &configuration) {
    const Json section = section_of(configuration, "Authorization");
    return filled(section, "WebServiceRootUrl") || filled(section, "WebServiceUserProfileUrl") ||
           section.contains("Users");
}

bool has_profiles(const Json &configuration, const Json &plugins) {
    return plugins.contains("authorization") && wants_profiles(configuration);
}

// Returns the value at a route, asked for with the user's own headers; null where it is refused.
Json asked(const std::string &uri, const Headers &headers) {
    const Answer answer = call({.uri = uri, .headers = headers, .plugins = true});
    return answer.good() ? parsed(answer.body.bytes(), "GET " + uri) : Json();
}

} // namespace

std::string way_up(const std::string &root) {
    return "../" + upward(root);
}

Json plugins_of(const Json &configuration, const std::string &root) {
    Json plugins = Json::object();
    for (const Json &name : get_json("/plugins", true)) {
        const std::string plugin = name.get<std::string>();
        // The script of Orthanc Explorer is in the list too.
        if (plugin == "explorer.js") {
            continue;
        }
        Json about = get_json("/plugins/" + plugin, true);
        about["Enabled"] = enabled(configuration, plugin);
        if (filled(about, "RootUri")) {
            std::string address = about["RootUri"].get<std::string>();
            address.erase(0, address.find_first_not_of('/'));
            about["RootUri"] = upward(root) + address;
        }
        if (plugin == "ohif") {
            about["DataSource"] = section_of(configuration, "OHIF").value("DataSource", "dicom-web");
        }
        plugins[plugin] = std::move(about);
    }
    return plugins;
}

Json allowed(Json ui, const Json &profile) {
    const Json permissions =
        profile.is_object() ? profile.value("permissions", Json::array()) : Json::array();
    const auto has = [&](const char *permission) {
        return std::ranges::find(permissions, Json(permission)) != permissions.end();
    };
    for (const Right &right : RIGHTS) {
        ui[right.option] = on(ui, right.option) && std::ranges::any_of(right.permissions, has);
    }
    ui["EnableLinkToLegacyUi"] = false;
    return ui;
}

Json unchanging(Json ui) {
    for (const char *option : WRITING) {
        ui[option] = false;
    }
    return ui;
}

Json configuration_answer(const Options &options, const Json &configuration, const Json &plugins,
                          const Headers &headers) {
    Json answer{{"Plugins", plugins},
                {"UiOptions", options.ui},
                {"Tokens", options.tokens},
                {"AdvancedOptions", options.advanced},
                {"HasCustomLogo", !options.logo.empty()},
                {"Keycloak", options.keycloak}};
    Json &ui = answer["UiOptions"];
    if (ui["EnableOpenInOhifViewer3"].is_null()) {
        ui["EnableOpenInOhifViewer3"] = plugins.contains("ohif");
    }
    ui["EnableAuditLogs"] =
        on(ui, "EnableAuditLogs") && on(section_of(configuration, "Authorization"), "EnableAuditLogs");
    if (!options.logo_url.is_null()) {
        answer["CustomLogoUrl"] = options.logo_url;
    }
    if (!options.title.is_null()) {
        answer["CustomTitle"] = options.title;
    }
    const bool profiles = has_profiles(configuration, plugins);
    if (!answer["Tokens"].contains("RequiredForLinks")) {
        answer["Tokens"]["RequiredForLinks"] = profiles;
    }
    if (profiles) {
        const Json roles = asked("/auth/settings/roles", headers);
        if (roles.is_object() && roles.contains("available-labels")) {
            ui["AvailableLabels"] = roles["available-labels"];
        }
        ui["EnablePermissionsEdition"] = roles.is_object() && !roles.value("roles", Json::object()).empty();
        answer["Profile"] = asked("/auth/user/profile", headers);
        ui = allowed(ui, answer["Profile"]);
    }
    if (on(configuration, "ReadOnly") && on(options.advanced, "AdaptUiOnReadOnlySystems", true)) {
        ui = unchanging(ui);
    }
    return answer;
}

Json public_answer(const Options &options) {
    return {{"Keycloak", options.keycloak},
            {"TokensLandingOptions", options.tokens.value("LandingOptions", Json())},
            {"Inbox", options.inbox}};
}

Json hints(const Options &options, const Json &configuration, const Json &system) {
    Json ui = Json::object();
    for (const char *option :
         {"AvailableLanguages", "DefaultLanguage", "DefaultOrdering", "EnableStudyList",
          "MaxStudiesDisplayed", "PageLoadSize", "StudyListColumns", "StudyListContentIfNoSearch"}) {
        ui[option] = options.ui.value(option, Json());
    }
    return {{"Login", options.keycloak.is_object()},
            {"Profiles", wants_profiles(configuration)},
            {"HasExtendedFind", on(section_of(system, "Capabilities"), "HasExtendedFind")},
            {"UiOptions", std::move(ui)}};
}

} // namespace orthanc_images::explorer
