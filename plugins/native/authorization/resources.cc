#include "authorization/resources.h"

#include "framework/errors.h"
#include "framework/rest.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <utility>

namespace orthanc_images::authorization {

namespace {

// What follows it is the path of a resource, as Orthanc has it.
constexpr std::string_view MASKER = "/plugins/pixels-masker";

// What follows it is the identifier of an instance, whose regions are listed.
constexpr std::string_view STRUCTURES = "/stl/rt-struct/";

constexpr std::chrono::seconds LABELS{60};
constexpr std::chrono::hours FACTS{24};

constexpr std::array LEVELS{Level::patient, Level::study, Level::series, Level::instance};

// The order in which Orthanc's archives look for identifiers.
constexpr std::array SEARCHED{Level::study, Level::patient, Level::series, Level::instance};

struct Names {
    const char *uid;
    const char *parent;
    const char *type;
};

Names names_of(Level level) {
    switch (level) {
    case Level::patient:
        return {"PatientID", "", "Patient"};
    case Level::study:
        return {"StudyInstanceUID", "ParentPatient", "Study"};
    case Level::series:
        return {"SeriesInstanceUID", "ParentStudy", "Series"};
    default:
        return {"SOPInstanceUID", "ParentSeries", "Instance"};
    }
}

[[noreturn]] void unknown(const std::string &what) {
    throw Error(OrthancPluginErrorCode_UnknownResource, what);
}

// Returns an argument's name as small letters and digits: 0020,000D is 0020000d.
std::string plain(std::string_view name) {
    std::string letters;
    for (const char one : name) {
        const auto byte = static_cast<unsigned char>(one);
        if (std::isalnum(byte) != 0) {
            letters += static_cast<char>(std::tolower(byte));
        }
    }
    return letters;
}

// Returns the value that a query gives for a tag: nothing where there is none, or one with a wildcard.
std::optional<std::string> value_of(const Arguments &arguments, std::string_view tag, std::string_view name) {
    std::optional<std::string> value;
    for (const auto &[key, text] : arguments) {
        const std::string letters = plain(key);
        if (letters != tag && letters != name) {
            continue;
        }
        if (value.has_value() && *value != text) {
            throw Error(OrthancPluginErrorCode_BadRequest,
                        "the query gives two values for " + std::string(name) + ". Give one.");
        }
        value = text;
    }
    if (value.has_value() && (value->empty() || value->find('*') != std::string::npos)) {
        return {};
    }
    return value;
}

Target searched(std::string_view path, const Arguments &arguments) {
    const auto patient = value_of(arguments, "00100020", "patientid");
    const auto study = value_of(arguments, "0020000d", "studyinstanceuid");
    const auto series = value_of(arguments, "0020000e", "seriesinstanceuid");
    const auto instance = value_of(arguments, "00080018", "sopinstanceuid");
    if (instance && series && study) {
        return {.level = Level::instance, .uids = {*study, *series, *instance}};
    }
    if (series && study) {
        return {.level = Level::series, .uids = {*study, *series}};
    }
    if (study) {
        return {.level = Level::study, .uids = {*study}};
    }
    if (patient) {
        return {.level = Level::patient, .uids = {*patient}};
    }
    return {.level = Level::system, .id = std::string(path)};
}

std::vector<Target> archived(const Arguments &arguments) {
    std::vector<Target> targets;
    for (const auto &[key, text] : arguments) {
        if (key != "resources") {
            continue;
        }
        for (std::size_t from = 0; from <= text.size();) {
            const std::size_t end = std::min(text.find(',', from), text.size());
            if (end > from) {
                targets.push_back({.id = std::string(text.substr(from, end - from)), .any_level = true});
            }
            from = end + 1;
        }
    }
    return targets;
}

std::set<std::string> labels_of(const Json &resource) {
    const auto found = resource.find("Labels");
    return found == resource.end() ? std::set<std::string>() : found->get<std::set<std::string>>();
}

std::string uid_of(const Json &resource, Level level) {
    const Json tags = resource.value("MainDicomTags", Json::object());
    return tags.value(names_of(level).uid, std::string());
}

bool is_identifier(const std::string &id) {
    return !id.empty() && std::ranges::all_of(id, [](unsigned char one) {
        return std::isdigit(one) != 0 || (one >= 'a' && one <= 'f') || one == '-';
    });
}

} // namespace

Paths::Paths(const std::string &dicomweb)
    : archive_("^/tools/(create-archive|create-media|create-media-extended)$", "the paths"),
      search_("^/" + dicomweb + "/(studies|series|instances)$", "DicomWeb.Root"),
      studies_("^/" + dicomweb + "/studies$", "DicomWeb.Root"),
      stow_("^/" + dicomweb + "/servers/.*/stow$", "DicomWeb.Root") {
    for (const std::string &pattern : single_patterns(dicomweb)) {
        singles_.emplace_back(pattern, "DicomWeb.Root");
    }
}

std::vector<Target> Paths::targets(std::string_view path, const Arguments &arguments) const {
    if (path.starts_with(MASKER) && path.size() > MASKER.size() && path[MASKER.size()] == '/') {
        path.remove_prefix(MASKER.size());
    }
    if (path.starts_with(STRUCTURES)) {
        std::string id(path.substr(STRUCTURES.size()));
        if (is_identifier(id)) {
            return {{.level = Level::instance, .id = std::move(id)}};
        }
    }
    for (std::size_t at = 0; at < singles_.size(); ++at) {
        const std::vector<std::string> groups = singles_[at].groups(path);
        if (groups.empty()) {
            continue;
        }
        switch (at) {
        case 0:
            return {{.level = level_of(groups[0], "the path"), .id = groups[1]}};
        case 1:
            return {{.level = Level::series, .id = groups[1]}};
        case 2:
            return {{.level = Level::instance, .id = groups[0]}};
        case 3:
            return {{.level = Level::series, .id = groups[0]}};
        case 4:
            return {{.level = Level::instance, .id = groups[1]}};
        case 5:
            return {{.level = Level::study, .id = groups[0]}};
        case 6:
            return {{.level = Level::study, .uids = {groups[0]}}};
        case 7:
            return {{.level = Level::series, .uids = {groups[0], groups[1]}}};
        default:
            return {{.level = Level::instance, .uids = {groups[0], groups[1], groups[2]}}};
        }
    }
    if (archive_.fits(path)) {
        return archived(arguments);
    }
    if (search_.fits(path)) {
        return {searched(path, arguments)};
    }
    return {{.level = Level::system, .id = std::string(path)}};
}

bool Paths::is_list(std::string_view path) noexcept {
    return path == "/patients" || path == "/studies" || path == "/series" || path == "/instances";
}

bool Paths::is_search_of_studies(std::string_view path) const {
    return studies_.fits(path);
}

bool Paths::sends(std::string_view path) const {
    return stow_.fits(path);
}

std::vector<Access> Resources::lineage(const Target &target) {
    std::vector<Access> all = line(target);
    for (Access &access : all) {
        if (access.level != Level::system) {
            access.labels = *labels(access.level, access.id);
        }
    }
    return all;
}

std::vector<Access> Resources::line(const Target &target) {
    if (target.level == Level::system && !target.any_level) {
        return {{.level = Level::system, .id = target.id}};
    }
    if (target.any_level) {
        const auto [level, id] = of_any_level(target.id);
        return line_of(level, id);
    }
    return line_of(target.level, target.uids.empty() ? target.id : located(target));
}

std::vector<Access> Resources::line_of(Level level, const std::string &id) {
    std::vector<Access> all(static_cast<std::size_t>(level) + 1);
    std::string next = id;
    for (std::size_t at = all.size(); at > 0; --at) {
        const Level here = LEVELS[at - 1];
        const std::shared_ptr<const Facts> known = facts(here, next);
        all[at - 1] = {.level = here, .id = std::move(next), .uid = known->uid};
        next = known->parent;
    }
    return all;
}

bool Resources::has_label(Level level, const std::string &id, const std::set<std::string> &any) {
    return std::ranges::any_of(*labels(level, id),
                               [&](const std::string &label) { return any.contains(label); });
}

std::shared_ptr<const Resources::Facts> Resources::facts(Level level, const std::string &id) {
    if (!is_identifier(id)) {
        unknown("there is no such " + std::string(level_name(level)));
    }
    if (auto known = facts_.find(id)) {
        if (known->level != level) {
            unknown("there is no " + std::string(level_name(level)) + ' ' + id);
        }
        return known;
    }
    const std::uint64_t drops = facts_.drops();
    const std::uint64_t label_drops = labels_.drops();
    const Json resource = get_json("/" + std::string(folder_of(level)) + "/" + id);
    if (!resource.is_object()) {
        unknown("there is no " + std::string(level_name(level)) + ' ' + id);
    }
    const char *parent = names_of(level).parent;
    auto made = std::make_shared<const Facts>(
        level, uid_of(resource, level), level == Level::patient ? std::string() : resource.value(parent, ""));
    facts_.put(id, made, Clock::now() + FACTS, drops);
    labels_.put(id, std::make_shared<const std::set<std::string>>(labels_of(resource)), Clock::now() + LABELS,
                label_drops);
    return made;
}

std::shared_ptr<const std::set<std::string>> Resources::labels(Level level, const std::string &id) {
    if (auto known = labels_.find(id)) {
        return known;
    }
    const std::uint64_t drops = labels_.drops();
    const auto got = std::make_shared<const std::set<std::string>>(
        get_json("/" + std::string(folder_of(level)) + "/" + id + "/labels").get<std::set<std::string>>());
    labels_.put(id, got, Clock::now() + LABELS, drops);
    return got;
}

std::vector<Access> Resources::below(const Access &access, Level level) {
    const Json children =
        get_json("/" + std::string(folder_of(access.level)) + "/" + access.id + "/" + folder_of(level));
    std::vector<Access> all;
    for (const Json &child : children) {
        all.push_back({level, child.at("ID").get<std::string>(), uid_of(child, level), labels_of(child)});
    }
    return all;
}

std::vector<std::string> Resources::found(Level level, const std::string &uid) {
    const Answer answer = call({.method = OrthancPluginHttpMethod_Post, .uri = "/tools/lookup", .body = uid});
    std::vector<std::string> ids;
    if (answer.good()) {
        for (const Json &one : parsed(answer.body.bytes(), "POST /tools/lookup")) {
            if (one.value("Type", "") == names_of(level).type) {
                ids.push_back(one.at("ID").get<std::string>());
            }
        }
    }
    return ids;
}

std::string Resources::study(const std::string &uid) {
    return located({.level = Level::study, .uids = {uid}});
}

std::string Resources::located(const Target &target) {
    std::string key = level_name(target.level);
    for (const std::string &uid : target.uids) {
        key += '|' + uid;
    }
    if (const auto known = places_.find(key)) {
        if (facts_.find(*known) != nullptr) {
            return *known;
        }
    }
    const std::uint64_t drops = places_.drops();
    std::vector<std::string> fitting;
    for (const std::string &id : found(target.level, target.uids.back())) {
        const std::vector<Access> line = line_of(target.level, id);
        // The patient is none of the UIDs, unless it is the target.
        const std::size_t skipped = line.size() - target.uids.size();
        const bool fits = std::ranges::equal(
            line.begin() + static_cast<std::ptrdiff_t>(skipped), line.end(), target.uids.begin(),
            target.uids.end(), [](const Access &one, const std::string &uid) { return one.uid == uid; });
        if (fits) {
            fitting.push_back(id);
        }
    }
    if (fitting.size() != 1) {
        unknown((fitting.empty() ? "there is no " : "there are several of this ") +
                std::string(level_name(target.level)) + (fitting.empty() ? " with these UIDs" : ""));
    }
    places_.put(key, std::make_shared<const std::string>(fitting[0]), Clock::now() + FACTS, drops);
    return fitting[0];
}

std::pair<Level, std::string> Resources::of_any_level(const std::string &id) {
    if (const auto known = is_identifier(id) ? facts_.find(id) : nullptr) {
        return {known->level, id};
    }
    for (const Level level : SEARCHED) {
        try {
            facts(level, id);
            return {level, id};
        } catch (const Error &error) {
            if (error.code() != OrthancPluginErrorCode_UnknownResource) {
                throw;
            }
        }
    }
    unknown("there is no resource with this identifier");
}

void Resources::forget(const std::string &id) {
    facts_.drop(id);
    labels_.drop(id);
}

} // namespace orthanc_images::authorization
