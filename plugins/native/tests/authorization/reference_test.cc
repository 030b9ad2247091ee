// The judge beside a second one that is written for this test alone, straight from the table and from the
// documentation: with other expressions, another way through the paths, and no memory.
#include "authorization/judge.h"

#include "tests/authorization/through.h"
#include "tests/fake_orthanc.h"

#include <catch2/catch_test_macros.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>
#include <optional>
#include <random>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace orthanc_images::tests {

namespace {

using namespace authorization;

constexpr int REQUESTS = 100'000;

const std::string PATIENT(40, 'a');
const std::string MINE(40, 'b');
const std::string OTHER(40, 'c');
const std::string NONE(40, 'd');

const std::map<std::string, std::set<std::string>> PERMISSIONS{
    {"all", {"all"}}, {"A", {"view", "send", "delete"}}, {"upload", {"upload"}}};

// What is known of the user of a token.
std::set<std::string> permissions_of(const std::string &token) {
    const auto found = PERMISSIONS.find(token);
    return found == PERMISSIONS.end() ? std::set<std::string>() : found->second;
}

bool has_all_labels(const std::string &token) {
    return token == "all" || token == "upload";
}

OrthancPluginErrorCode orthanc_api(const _OrthancPluginCallRestApi &call, std::string &body) {
    *call.httpStatus = 200;
    const std::string uri = call.uri;
    const auto study = [](const std::string &id, const char *uid, const char *label) {
        return Json{{"ID", id},
                    {"ParentPatient", PATIENT},
                    {"Labels", Json::array({label})},
                    {"MainDicomTags", {{"StudyInstanceUID", uid}}}};
    };
    const Json mine = study(MINE, "1.2", "A");
    const Json other = study(OTHER, "1.3", "B");
    if (uri == "/patients/" + PATIENT) {
        body =
            Json{{"ID", PATIENT}, {"Labels", Json::array()}, {"MainDicomTags", {{"PatientID", "P"}}}}.dump();
    } else if (uri == "/patients/" + PATIENT + "/studies") {
        body = Json::array({mine, other}).dump();
    } else if (uri == "/studies/" + MINE) {
        body = mine.dump();
    } else if (uri == "/studies/" + OTHER) {
        body = other.dump();
    } else if (uri == "/tools/lookup") {
        const std::string uid(static_cast<const char *>(call.body), call.bodySize);
        body = uid != "1.2" && uid != "1.3"
                   ? "[]"
                   : Json::array({{{"ID", uid == "1.2" ? MINE : OTHER}, {"Type", "Study"}}}).dump();
    } else if (uri.ends_with("/labels")) {
        body = uri.find(MINE) != std::string::npos    ? R"(["A"])"
               : uri.find(OTHER) != std::string::npos ? R"(["B"])"
                                                      : "[]";
    } else {
        *call.httpStatus = 404;
    }
    return OrthancPluginErrorCode_Success;
}

std::string service_of_tokens(const std::string &url, const Json &asked) {
    const std::string token = asked.value("token-value", "");
    if (url.ends_with("/tokens/validate")) {
        const bool opens = token == "share" && asked.value("dicom-uid", "") == "1.3";
        return Json{{"granted", opens}, {"validity", 60}}.dump();
    }
    if (token == "broken") {
        return "{";
    }
    Json labels = Json::array();
    if (has_all_labels(token)) {
        labels.push_back("*");
    } else if (token == "A") {
        labels.push_back("A");
    }
    return Json{{"name", token},
                {"permissions", permissions_of(token)},
                {"authorized-labels", labels},
                {"validity", 60}}
        .dump();
}

struct Wanted {
    OrthancPluginHttpMethod method = OrthancPluginHttpMethod_Get;
    std::string uri;
    std::string header;
    std::string argument;
    std::string resources;
    std::string study;
};

// What a path is about: studies (with "" for one that does not exist), or the system.
struct Subject {
    bool system = false;
    bool list = false;
    // Not one study, but all of a patient: no token is for that.
    bool patient = false;
    std::vector<std::string> studies = {};
};

class Reference {
  public:
    Reference() {
        for (const Json &row : Json::parse(default_permissions)) {
            std::string pattern = row[1];
            const std::string root = "DICOM_WEB_ROOT";
            if (const auto at = pattern.find(root); at != std::string::npos) {
                pattern.replace(at, root.size(), "dicom-web");
            }
            std::set<std::string> permissions;
            std::stringstream words(row[2].get<std::string>());
            for (std::string word; std::getline(words, word, '|');) {
                permissions.insert(word);
            }
            const bool single = pattern == "SINGLE_RESOURCE_PATTERNS";
            for (const std::string &one : single ? singles() : std::vector<std::string>{pattern}) {
                rules_.push_back({row[0].get<std::string>(), std::regex(one), permissions});
            }
        }
    }

    bool grants(const Wanted &wanted) {
        const std::optional<std::string> path = clean(wanted.uri);
        if (!path) {
            return false;
        }
        const bool get = wanted.method == OrthancPluginHttpMethod_Get;
        if (get && (*path == "/free" || *path == "/open" || path->starts_with("/open/"))) {
            return true;
        }
        std::vector<std::string> tokens;
        for (const std::string &token : {wanted.header, wanted.argument}) {
            if (!token.empty()) {
                tokens.push_back(token);
            }
        }
        const bool some = !tokens.empty();
        if (!some) {
            tokens.emplace_back();
        }
        const Rule *rule = decisive(wanted.method, *path);
        const bool shared = std::ranges::find(tokens, "share") != tokens.end();
        if (rule == nullptr && !shared) {
            return false;
        }
        const Subject subject = subject_of(*path, wanted);
        bool searches = false;
        for (const std::string &token : tokens) {
            const bool permitted = rule != nullptr && token != "broken" && may(token, *rule);
            if (permitted && (has_all_labels(token) || sees(token, subject, get))) {
                return true;
            }
            // Who may search, but not for this study, is told so.
            const bool known = subject.system || (!subject.studies.empty() && !subject.studies[0].empty());
            searches = searches || (some && !(permitted && known));
        }
        const bool open = !subject.system && !subject.patient && !subject.studies.empty() &&
                          std::ranges::all_of(subject.studies, [](const auto &id) { return id == OTHER; });
        return (shared && open) || (searches && get && *path == "/dicom-web/studies");
    }

  private:
    struct Rule {
        std::string method;
        std::regex pattern;
        std::set<std::string> permissions;
    };

    static std::vector<std::string> singles() {
        return {"/(patients|studies|series|instances)/[a-f0-9-]+(/.*)?",
                "/(web-viewer/series|web-viewer/is-stable-series|wsi/pyramids|wsi/tiles)/[a-f0-9-]+(/.*)?",
                "/web-viewer/instances/[a-z0-9]+-[a-f0-9-]+_[0-9]+",
                "/osimis-viewer/(series|studies|images|custom-command)/[a-f0-9-]+(/.*)?",
                "/dicom-web/studies/[.0-9]+(/(series|metadata|instances|rendered|thumbnail))?",
                "/dicom-web/studies/[.0-9]+/series/[.0-9]+(/(instances|rendered|thumbnail|metadata))?",
                "/dicom-web/studies/[.0-9]+/series/[.0-9]+/instances/[.0-9]+"
                "(/(frames/.*|rendered|thumbnail|metadata|bulk/.*))?"};
    }

    // Returns the one form of a path, by its parts.
    static std::optional<std::string> clean(const std::string &uri) {
        static const std::regex encoded(".*%[0-9a-fA-F]{2}.*");
        static const std::regex part("[^/]+");
        if (uri == "/") {
            return uri;
        }
        if (!uri.starts_with('/') || std::regex_match(uri, encoded) || uri.find('\\') != std::string::npos) {
            return {};
        }
        std::stringstream parts(uri.substr(1));
        std::string path;
        for (std::string one; std::getline(parts, one, '/');) {
            if (!std::regex_match(one, part) || one == "." || one == "..") {
                return {};
            }
            path += '/' + one;
        }
        return path.empty() ? std::nullopt : std::optional(path);
    }

    const Rule *decisive(OrthancPluginHttpMethod method, const std::string &path) {
        const auto [known, fresh] = decided_.try_emplace({method, path}, nullptr);
        if (fresh) {
            static const std::map<OrthancPluginHttpMethod, std::string> names{
                {OrthancPluginHttpMethod_Get, "get"},
                {OrthancPluginHttpMethod_Post, "post"},
                {OrthancPluginHttpMethod_Put, "put"},
                {OrthancPluginHttpMethod_Delete, "delete"}};
            for (const Rule &rule : rules_) {
                if (rule.method == names.at(method) && std::regex_match(path, rule.pattern)) {
                    known->second = &rule;
                    break;
                }
            }
        }
        return known->second;
    }

    static bool may(const std::string &token, const Rule &rule) {
        const std::set<std::string> own = permissions_of(token);
        return rule.permissions.empty() ||
               std::ranges::any_of(own, [&](const auto &one) { return rule.permissions.contains(one); });
    }

    static bool sees(const std::string &token, const Subject &subject, bool get) {
        if (subject.list && get) {
            return false;
        }
        return subject.system ||
               (!subject.studies.empty() && std::ranges::all_of(subject.studies, [&](const auto &id) {
                   return token == "A" && id == MINE;
               }));
    }

    static std::string by_uid(const std::string &uid) {
        return uid == "1.2" ? MINE : uid == "1.3" ? OTHER : "";
    }

    static Subject subject_of(const std::string &path, const Wanted &wanted) {
        static const std::regex resource("/(patients|studies|series|instances)/([a-f0-9-]+)(/.*)?");
        static const std::regex viewer("/osimis-viewer/studies/([a-f0-9-]+)(/.*)?");
        static const std::vector<std::regex> all = [] {
            std::vector<std::regex> made;
            for (const std::string &one : singles()) {
                made.emplace_back(one);
            }
            return made;
        }();
        std::smatch found;
        const auto study = [](const std::string &id) {
            return Subject{.studies = {id == MINE || id == OTHER ? id : ""}};
        };
        if (std::regex_match(path, found, resource)) {
            if (found[1] == "patients" && found[2] == PATIENT) {
                return {.patient = true, .studies = {MINE, OTHER}};
            }
            return found[1] == "studies" ? study(found[2]) : Subject{.studies = {""}};
        }
        if (std::regex_match(path, found, viewer)) {
            return study(found[1]);
        }
        for (std::size_t at = 1; at < all.size(); ++at) {
            if (std::regex_match(path, all[at])) {
                static const std::regex whole("/dicom-web/studies/([.0-9]+)(/[a-z]+)?");
                return {.studies = {std::regex_match(path, found, whole) ? by_uid(found[1]) : ""}};
            }
        }
        static const std::regex archive("/tools/create-(archive|media|media-extended)");
        if (std::regex_match(path, archive)) {
            Subject subject;
            std::stringstream ids(wanted.resources);
            for (std::string id; std::getline(ids, id, ',');) {
                if (id == PATIENT) {
                    subject.patient = true;
                    subject.studies.insert(subject.studies.end(), {MINE, OTHER});
                } else if (!id.empty()) {
                    subject.studies.push_back(id == MINE || id == OTHER ? id : "");
                }
            }
            return subject;
        }
        static const std::regex search("/dicom-web/(studies|series|instances)");
        if (std::regex_match(path, search) && !wanted.study.empty() && wanted.study != "*") {
            return {.studies = {by_uid(wanted.study)}};
        }
        // What is sent by DICOMweb is not looked into.
        static const std::regex stow("/dicom-web/servers/.*/stow");
        if (std::regex_match(path, stow)) {
            return {.studies = {""}};
        }
        static const std::regex list("/(patients|studies|series|instances)");
        return {.system = true, .list = std::regex_match(path, list)};
    }

    std::vector<Rule> rules_;
    std::map<std::pair<OrthancPluginHttpMethod, std::string>, const Rule *> decided_;
};

// Requests by chance: of paths that mean something, and of what is like them.
class Chance {
  public:
    Wanted next() {
        Wanted wanted;
        wanted.method = static_cast<OrthancPluginHttpMethod>(1 + below(4));
        static const std::vector<std::string> starts{"/patients",
                                                     "/studies",
                                                     "/series",
                                                     "/instances",
                                                     "/tools",
                                                     "/dicom-web/studies",
                                                     "/dicom-web/series",
                                                     "/dicom-web/servers",
                                                     "/auth/tokens",
                                                     "/auth/settings",
                                                     "/modalities",
                                                     "/peers",
                                                     "/jobs",
                                                     "/queries",
                                                     "/web-viewer/series",
                                                     "/web-viewer/instances",
                                                     "/osimis-viewer/studies",
                                                     "/wsi/tiles",
                                                     "/open",
                                                     "/free",
                                                     "/system",
                                                     "/changes",
                                                     "/plugins",
                                                     "/worklists",
                                                     "/ui/api",
                                                     "",
                                                     "/STUDIES",
                                                     "/webdav"};
        static const std::vector<std::string> parts{MINE,
                                                    OTHER,
                                                    NONE,
                                                    PATIENT,
                                                    "1.2",
                                                    "1.3",
                                                    "1.4",
                                                    "x",
                                                    "7",
                                                    "find",
                                                    "lookup",
                                                    "create-archive",
                                                    "labels",
                                                    "labels/A",
                                                    "archive",
                                                    "metadata",
                                                    "series",
                                                    "series/1.5/instances/1.6/frames/1",
                                                    "store",
                                                    "stow",
                                                    "query",
                                                    "echo",
                                                    "modify",
                                                    "anonymize",
                                                    "merge",
                                                    "roles",
                                                    "viewer-instant-link",
                                                    "decode",
                                                    "create",
                                                    "bulk-delete",
                                                    "generate-uid",
                                                    "answers/0/content",
                                                    "a-" + MINE + "_3",
                                                    "..",
                                                    ".",
                                                    "",
                                                    "%2e%2e",
                                                    "50%"};
        wanted.uri = of(starts);
        for (std::size_t left = below(4); left > 0; --left) {
            wanted.uri += '/' + of(parts);
        }
        static const std::vector<std::string> marks{"/", "//", "\\", "%2f", "?", "S", "b", ".", " "};
        for (std::size_t left = below(8); left > 6; --left) {
            wanted.uri.insert(below(wanted.uri.size() + 1), of(marks));
        }
        static const std::vector<std::string> tokens{"",       "",      "all",   "A",      "A",
                                                     "upload", "share", "share", "broken", "x"};
        wanted.header = of(tokens);
        wanted.argument = below(3) == 0 ? of(tokens) : "";
        static const std::vector<std::string> lists{"",          MINE,    OTHER, MINE + "," + OTHER,
                                                    OTHER + ",", PATIENT, NONE};
        wanted.resources = of(lists);
        static const std::vector<std::string> uids{"", "*", "1.2", "1.3", "1.4"};
        wanted.study = of(uids);
        return wanted;
    }

  private:
    std::size_t below(std::size_t end) {
        return engine_() % end;
    }

    const std::string &of(const std::vector<std::string> &all) {
        return all[below(all.size())];
    }

    // Always the same, so that what fails does so again.
    std::mt19937 engine_{16}; // NOLINT(cert-msc51-cpp)
};

} // namespace

TEST_CASE("a second judge agrees on requests by chance") {
    FakeOrthanc orthanc;
    orthanc.api = orthanc_api;
    const Settings settings = settings_of({{"Authorization",
                                            {{"WebServiceRootUrl", "http://service/"},
                                             {"TokenHttpHeaders", Json::array({"Token"})},
                                             {"TokenGetArguments", Json::array({"token"})},
                                             {"UncheckedFolders", Json::array({"/open/"})},
                                             {"UncheckedResources", Json::array({"/free"})},
                                             {"CheckedLevel", "studies"}}}});
    const Paths paths("dicom-web");
    Resources resources;
    Service client(settings);
    client.transport = through(service_of_tokens);
    Judge judge(settings, paths, resources, client);
    judge.searches_are_cut = true;
    Reference reference;
    Chance chance;
    int granted = 0;
    for (int i = 0; i < REQUESTS; ++i) {
        const Wanted wanted = chance.next();
        Asked asked{wanted.method, wanted.uri, {}, {}};
        asked.headers.emplace_back("token", wanted.header);
        asked.arguments.emplace_back("token", wanted.argument);
        asked.arguments.emplace_back("resources", wanted.resources);
        asked.arguments.emplace_back("StudyInstanceUID", wanted.study);
        const bool expected = reference.grants(wanted);
        const Decision decision = judge.decide(asked);
        granted += expected ? 1 : 0;
        if (decision.granted != expected) {
            FAIL("the second judge says " << expected << ": method " << wanted.method << " " << wanted.uri
                                          << " tokens '" << wanted.header << "' '" << wanted.argument
                                          << "' resources '" << wanted.resources << "' study '"
                                          << wanted.study << "': " << decision.why);
        }
    }
    // Neither of the two is idle.
    CHECK(granted > REQUESTS / 50);
    CHECK(granted < REQUESTS / 2);
}

} // namespace orthanc_images::tests
