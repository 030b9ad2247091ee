#include "authorization/explained.h"

#include "authorization/judge.h"
#include "authorization/path.h"

#include "framework/errors.h"
#include "framework/http.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>
#include <vector>

namespace orthanc_images::authorization {

namespace {

constexpr std::string_view SECTION = "Authorization";

// Returns a text without its encodings, once, as Orthanc reads an address.
std::string decoded(std::string_view text, bool plus) {
    std::string plain;
    for (std::size_t at = 0; at < text.size(); ++at) {
        unsigned char byte = 0;
        const bool has_digits = text[at] == '%' && text.size() - at > 2;
        const char *const digits = has_digits ? &text[at + 1] : nullptr;
        const bool is_code = has_digits && std::from_chars(digits, digits + 2, byte, 16).ptr == digits + 2;
        if (is_code) {
            plain += static_cast<char>(byte);
            at += 2;
        } else {
            plain += plus && text[at] == '+' ? ' ' : text[at];
        }
    }
    return plain;
}

std::vector<std::pair<std::string, std::string>> query_of(std::string_view text) {
    std::vector<std::pair<std::string, std::string>> all;
    while (!text.empty()) {
        const std::string_view one = text.substr(0, text.find('&'));
        text.remove_prefix(std::min(one.size() + 1, text.size()));
        const std::size_t equals = std::min(one.find('='), one.size());
        if (!one.empty()) {
            const std::string_view value = equals == one.size() ? "" : one.substr(equals + 1);
            all.emplace_back(decoded(one.substr(0, equals), true), decoded(value, true));
        }
    }
    return all;
}

OrthancPluginHttpMethod method_of(std::string_view name) {
    for (const auto &[text, method] :
         {std::pair("GET", OrthancPluginHttpMethod_Get), std::pair("POST", OrthancPluginHttpMethod_Post),
          std::pair("PUT", OrthancPluginHttpMethod_Put),
          std::pair("DELETE", OrthancPluginHttpMethod_Delete)}) {
        if (name == text) {
            return method;
        }
    }
    throw Error(OrthancPluginErrorCode_BadRequest,
                "the method '" + std::string(name) + "' is none. Write GET, POST, PUT or DELETE.");
}

Json told(const Target &target) {
    Json told{{"level", target.any_level ? "any" : level_name(target.level)}};
    if (target.uids.empty()) {
        told["id"] = target.id;
    } else {
        told["uids"] = target.uids;
    }
    return told;
}

Json entry_told(const Entry &entry) {
    return {{"place", entry.place},
            {"method", method_name(entry.method)},
            {"pattern", entry.written},
            {"permissions", entry.permissions}};
}

} // namespace

Json explained(const Json &configuration, std::string_view method, std::string_view path) {
    const Settings settings = settings_of(configuration);
    const std::size_t mark = std::min(path.find('?'), path.size());
    const auto query = query_of(mark == path.size() ? "" : path.substr(mark + 1));
    const Arguments arguments(query.begin(), query.end());
    const OrthancPluginHttpMethod asked = method_of(method);
    const Reading reading = read(settings, asked, decoded(path.substr(0, mark), false));
    Json answer{{"profile", settings.addresses.profile},
                {"validation", settings.addresses.validation},
                {"headers", settings.token_headers},
                {"arguments", settings.token_arguments},
                {"users", Json::array()},
                {"checked", Json::array()},
                {"targets", Json::array()}};
    for (const Level level : {Level::patient, Level::study, Level::series, Level::instance, Level::system}) {
        if (settings.is_checked(level)) {
            answer["checked"].push_back(level_name(level));
        }
    }
    if (reading.path.empty()) {
        return answer;
    }
    answer["path"] = reading.path;
    if (!reading.unchecked.empty()) {
        answer["unchecked"] = reading.unchecked;
        return answer;
    }
    if (settings.profiles() && reading.entry < settings.table.entries().size()) {
        const Entry &entry = settings.table.entries()[reading.entry];
        answer["entry"] = entry_told(entry);
        for (const auto &[name, profile] : settings.users) {
            if (profile.has(entry.permissions)) {
                answer["users"].push_back({{"name", name}, {"labels", profile.labels}});
            }
        }
    }
    const Paths paths(settings.dicomweb);
    for (const Target &target : paths.targets(reading.path, arguments)) {
        answer["targets"].push_back(told(target));
    }
    answer["search"] = asked == OrthancPluginHttpMethod_Get && settings.profiles() &&
                       paths.is_search_of_studies(reading.path);
    return answer;
}

Json wrong_entries(const Json &configuration) {
    Json wrong = Json::array();
    const Json section = configuration.value(SECTION, Json::object());
    for (const char *setting : {"Permissions", "ExtraPermissions"}) {
        std::size_t number = 0;
        for (const Json &row : section.value(setting, Json::array())) {
            try {
                // What stands for the root of DICOMweb cannot make an expression wrong: it is letters.
                static_cast<void>(entry_of(row, "", "dicom-web"));
            } catch (const Error &error) {
                wrong.push_back({setting, number, std::string(error.what()).substr(2)});
            }
            ++number;
        }
    }
    return wrong;
}

} // namespace orthanc_images::authorization
