#include "explorer/options.h"

#include "framework/configuration.h"
#include "framework/errors.h"

#include <filesystem>

namespace orthanc_images::explorer {

namespace {

constexpr char SECTION[] = "OrthancExplorer2";

// Settings that have another name today.
constexpr struct {
    const char *former;
    const char *name;
} RENAMED[] = {
    {"EnableAnonimization", "EnableAnonymization"},
    {"DefaultShareDuration", "ShareDuration"},
};

[[noreturn]] void refuse(const std::string &setting, const std::string &what) {
    throw Error(OrthancPluginErrorCode_BadParameterType, std::string(SECTION) + "." + setting + ": " + what);
}

// Returns the path of a file that can be read, or nothing when the setting is absent.
std::string file_at(const Json &section, const char *setting) {
    const auto found = section.find(setting);
    if (found == section.end() || found->is_null()) {
        return {};
    }
    if (!found->is_string()) {
        refuse(setting, "is not a text. Write the path of a file.");
    }
    std::string path = found->get<std::string>();
    std::error_code error;
    if (!path.empty() && !std::filesystem::is_regular_file(path, error)) {
        throw Error(OrthancPluginErrorCode_InexistentFile,
                    std::string(SECTION) + "." + setting + ": there is no file " + path +
                        ". Mount it into the container, or take the setting away.");
    }
    return path;
}

Json user_section(const Json &configuration) {
    const auto found = configuration.find(SECTION);
    Json section = found == configuration.end() ? Json::object() : *found;
    if (!section.is_object()) {
        throw Error(OrthancPluginErrorCode_BadParameterType,
                    std::string(SECTION) + ": is no object. Write the settings between { and }.");
    }
    const auto ui = section.find("UiOptions");
    if (ui != section.end() && !ui->is_object()) {
        refuse("UiOptions", "is no object. Write the settings between { and }.");
    }
    if (ui != section.end()) {
        for (const auto &[former, name] : RENAMED) {
            if (ui->contains(former) && !ui->contains(name)) {
                (*ui)[name] = (*ui)[former];
            }
        }
        if (ui->value("StudyListEmptyIfNoSearch", false) && !ui->contains("StudyListContentIfNoSearch")) {
            (*ui)["StudyListContentIfNoSearch"] = "empty";
        }
    }
    return section;
}

// Returns a section that is handed to the pages when it is enabled, else null.
Json enabled(const Configuration &settings, const Json &all, const char *section) {
    return settings.section(section).flag("Enable", false) ? all.at(section) : Json();
}

} // namespace

Json merged(Json base, const Json &user) {
    if (!base.is_object() || !user.is_object()) {
        return user;
    }
    for (const auto &[name, value] : user.items()) {
        const auto found = base.find(name);
        base[name] = found == base.end() ? value : merged(*found, value);
    }
    return base;
}

Options options_of(const Json &configuration) {
    const Json user = user_section(configuration);
    const Json all = merged(parsed(defaults, "defaults.json"), user);
    const Configuration settings(SECTION, all);

    Options options;
    options.enabled = settings.flag("Enable");
    options.root = settings.text("Root");
    if (options.root.size() < 2 || options.root.front() != '/' || options.root.back() != '/') {
        refuse("Root", "is \"" + options.root +
                           "\". Write a path that begins and ends with a slash, such as "
                           "\"/ui/\".");
    }
    options.default_page = settings.flag("IsDefaultOrthancUI");
    options.theme = settings.text("Theme");
    if (options.theme != "light" && options.theme != "dark" && options.theme != "auto") {
        refuse("Theme", "is \"" + options.theme + R"(". Write "light", "dark" or "auto".)");
    }
    options.css = file_at(all, "CustomCssPath");
    options.logo = file_at(all, "CustomLogoPath");
    options.icon = file_at(all, "CustomFavIconPath");
    options.logo_url = all.value("CustomLogoUrl", Json());
    options.title = all.value("CustomTitle", Json());
    options.ui = all.at("UiOptions");
    options.tokens = all.at("Tokens");
    options.advanced = all.at("AdvancedOptions");
    options.keycloak = enabled(settings, all, "Keycloak");
    options.inbox = enabled(settings, all, "Inbox");
    options.mail = settings.section("Emails").has("Server") ? all["Emails"]["Server"] : Json();
    if (options.ui.value("EnableSharesByEmail", false) &&
        (!options.mail.is_object() || options.mail.value("Url", "").empty())) {
        refuse("Emails.Server.Url",
               "is missing, and UiOptions.EnableSharesByEmail needs it. Write the address of "
               "the service that sends the e-mails, or switch that option off.");
    }

    // With OHIF in the image its buttons are there, unless the user does not want them.
    const auto ui = user.find("UiOptions");
    if (ui == user.end() || !ui->contains("EnableOpenInOhifViewer3")) {
        options.ui["EnableOpenInOhifViewer3"] = Json();
    }
    return options;
}

} // namespace orthanc_images::explorer
