#include "authorization/table.h"

#include "authorization/path.h"
#include "framework/errors.h"

#include <algorithm>
#include <utility>

namespace orthanc_images::authorization {

namespace {

constexpr std::string_view SINGLE = "SINGLE_RESOURCE_PATTERNS";
constexpr std::string_view DICOM_WEB = "DICOM_WEB_ROOT";

[[noreturn]] void refuse(const std::string &where, const std::string &what) {
    throw Error(OrthancPluginErrorCode_ParameterOutOfRange, where + ": " + what);
}

OrthancPluginHttpMethod method_of(const std::string &name, const std::string &where) {
    const std::string small = lower(name);
    if (small == "get") {
        return OrthancPluginHttpMethod_Get;
    }
    if (small == "post") {
        return OrthancPluginHttpMethod_Post;
    }
    if (small == "put") {
        return OrthancPluginHttpMethod_Put;
    }
    if (small == "delete") {
        return OrthancPluginHttpMethod_Delete;
    }
    refuse(where, "its method is none. Write get, post, put or delete.");
}

std::set<std::string> split(const std::string &text) {
    std::set<std::string> parts;
    for (std::size_t from = 0; from <= text.size();) {
        const std::size_t end = std::min(text.find('|', from), text.size());
        if (end > from) {
            parts.insert(text.substr(from, end - from));
        }
        from = end + 1;
    }
    return parts;
}

} // namespace

const char *level_name(Level level) noexcept {
    switch (level) {
    case Level::patient:
        return "patient";
    case Level::study:
        return "study";
    case Level::series:
        return "series";
    case Level::instance:
        return "instance";
    default:
        return "system";
    }
}

const char *folder_of(Level level) noexcept {
    switch (level) {
    case Level::patient:
        return "patients";
    case Level::study:
        return "studies";
    case Level::series:
        return "series";
    default:
        return "instances";
    }
}

Level level_of(std::string_view name, const std::string &where) {
    const std::string small = lower(name);
    if (small == "patient" || small == "patients") {
        return Level::patient;
    }
    if (small == "study" || small == "studies") {
        return Level::study;
    }
    if (small == "series") {
        return Level::series;
    }
    if (small == "instance" || small == "instances") {
        return Level::instance;
    }
    if (small == "system") {
        return Level::system;
    }
    refuse(where, "is no level. Write patients, studies, series or instances.");
}

std::vector<std::string> single_patterns(const std::string &dicomweb) {
    const std::string studies = "^/" + dicomweb + "/studies/([.0-9]+)";
    return {"^/(patients|studies|series|instances)/([a-f0-9-]+)(|/.*)$",
            "^/(web-viewer/series|web-viewer/is-stable-series|wsi/pyramids|wsi/tiles)/([a-f0-9-]+)(|/.*)$",
            "^/web-viewer/instances/[a-z0-9]+-([a-f0-9-]+)_[0-9]+$",
            "^/osimis-viewer/series/([a-f0-9-]+)(|/.*)$",
            "^/osimis-viewer/(images|custom-command)/([a-f0-9-]+)(|/.*)$",
            "^/osimis-viewer/studies/([a-f0-9-]+)(|/.*)$",
            studies + "(|/series|/metadata|/instances|/rendered|/thumbnail)(|/)$",
            studies + "/series/([.0-9]+)(|/instances|/rendered|/thumbnail|/metadata)(|/)$",
            studies + "/series/([.0-9]+)/instances/([.0-9]+)"
                      "(|/|/frames/.*|/rendered|/thumbnail|/metadata|/bulk/.*)(|/)$"};
}

bool Entry::fits(OrthancPluginHttpMethod asked, std::string_view path) const {
    return asked == method &&
           std::ranges::any_of(patterns, [&](const Pattern &pattern) { return pattern.fits(path); });
}

Entry entry_of(const Json &row, const std::string &where, const std::string &dicomweb) {
    if (!row.is_array() || row.size() < 3 || !row[0].is_string() || !row[1].is_string() ||
        !row[2].is_string()) {
        refuse(where, R"(is no list of three texts. Write ["get", "^/pattern$", "permission|another"].)");
    }
    Entry entry{method_of(row[0], where), row[1], where, {}, split(row[2])};
    std::vector<std::string> patterns{entry.written};
    if (entry.written == SINGLE) {
        patterns = single_patterns(dicomweb);
    } else if (const std::size_t at = entry.written.find(DICOM_WEB); at != std::string::npos) {
        patterns[0].replace(at, DICOM_WEB.size(), dicomweb);
    }
    for (const std::string &pattern : patterns) {
        entry.patterns.emplace_back(pattern, where);
    }
    return entry;
}

void Table::add(const Json &list, const std::string &where, const std::string &dicomweb) {
    if (!list.is_array()) {
        refuse(where, R"(is no list. Write a list of ["get", "^/pattern$", "permission|another"].)");
    }
    for (const Json &row : list) {
        entries_.push_back(entry_of(row, where + "[" + std::to_string(&row - &list.front()) + "]", dicomweb));
    }
}

std::size_t Table::find(OrthancPluginHttpMethod method, std::string_view path) const {
    const auto found =
        std::ranges::find_if(entries_, [&](const Entry &entry) { return entry.fits(method, path); });
    return static_cast<std::size_t>(found - entries_.begin());
}

} // namespace orthanc_images::authorization
