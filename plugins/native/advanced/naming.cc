#include "advanced/naming.h"

#include "framework/errors.h"
#include "framework/memory.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdint>
#include <utility>

namespace orthanc_images::advanced {

namespace {

constexpr const char *SCHEME = "AdvancedStorage.NamingScheme: ";
constexpr std::size_t LONGEST_FILE_NAME = 255;
constexpr std::size_t WIDEST = 32;

constexpr std::array<const char *, 4> IDENTIFYING = {"PatientID", "StudyInstanceUID", "SeriesInstanceUID",
                                                     "SOPInstanceUID"};
constexpr std::array<const char *, 4> OF_ORTHANC = {"OrthancPatientID", "OrthancStudyID", "OrthancSeriesID",
                                                    "OrthancInstanceID"};

[[noreturn]] void refuse_scheme(const std::string &what) {
    throw Error(OrthancPluginErrorCode_BadFileFormat, SCHEME + what);
}

bool letter(char one) {
    return std::isalnum(static_cast<unsigned char>(one)) != 0;
}

bool upper(char one) {
    return std::isupper(static_cast<unsigned char>(one)) != 0;
}

bool digit(char one) {
    return one >= '0' && one <= '9';
}

// Returns how many bytes the character of UTF-8 has that the text begins with; 0 where it begins with none.
std::size_t character(std::string_view text) {
    const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
    const unsigned char first = byte(0);
    if (first < 0x80) {
        return 1;
    }
    std::size_t size = 2;
    if (first >= 0xE0) {
        size = first >= 0xF0 ? 4 : 3;
    }
    if (first < 0xC2 || first > 0xF4 || text.size() < size) {
        return 0;
    }
    for (std::size_t at = 1; at < size; ++at) {
        if ((byte(at) & 0xC0) != 0x80) {
            return 0;
        }
    }
    // Longer than needed, halves of pairs of UTF-16, and beyond the last character.
    const unsigned char second = byte(1);
    const bool wrong = (first == 0xE0 && second < 0xA0) || (first == 0xED && second > 0x9F) ||
                       (first == 0xF0 && second < 0x90) || (first == 0xF4 && second > 0x8F);
    return wrong ? 0 : size;
}

std::string text_of(const Json &tags, const std::string &tag) {
    const auto found = tags.is_object() ? tags.find(tag) : tags.end();
    if (!tags.is_object() || found == tags.end()) {
        return {};
    }
    if (found->is_number_integer()) {
        return std::to_string(found->get<std::int64_t>());
    }
    return found->is_string() ? found->get<std::string>() : std::string();
}

// Returns the identifier that Orthanc gives what the tags name.
std::string orthanc_identifier(const Json &tags, std::size_t level) {
    std::string source;
    for (std::size_t i = 0; i < level; ++i) {
        source += (i == 0 ? "" : "|") + text_of(tags, IDENTIFYING.at(i));
    }
    const Text found(
        OrthancPluginComputeSha1(host(), source.data(), static_cast<std::uint32_t>(source.size())));
    if (found == nullptr) {
        throw Error(OrthancPluginErrorCode_NotEnoughMemory, "Orthanc computes no sum.");
    }
    return found.get();
}

// Returns a name that is a name: neither empty, nor "." or "..".
std::string named(std::string name) {
    if (name.find_first_not_of('.') == std::string::npos) {
        std::ranges::replace(name, '.', '_');
    }
    return name.empty() ? "_" : name;
}

} // namespace

std::string harmless(std::string_view text) {
    constexpr std::string_view FORBIDDEN = "/\\<>:\"|?*";
    std::string found;
    while (!text.empty()) {
        const std::size_t size = character(text);
        const auto first = static_cast<unsigned char>(text[0]);
        const bool control = first < 0x20 || first == 0x7F ||
                             (size == 2 && first == 0xC2 && static_cast<unsigned char>(text[1]) < 0xA0);
        if (size == 0 || control || FORBIDDEN.find(text[0]) != std::string_view::npos) {
            found += '_';
        } else {
            found += text.substr(0, size);
        }
        text.remove_prefix(std::max<std::size_t>(size, 1));
    }
    return found;
}

bool is_utf8(std::string_view text) {
    while (!text.empty()) {
        const std::size_t size = character(text);
        if (size == 0) {
            return false;
        }
        text.remove_prefix(size);
    }
    return true;
}

std::string missing(const std::string &tag) {
    std::string found = "NO_";
    for (std::size_t i = 0; i < tag.size(); ++i) {
        const bool after_small = i > 0 && upper(tag[i]) && !upper(tag[i - 1]);
        const bool before_small =
            i > 0 && i + 1 < tag.size() && upper(tag[i]) && upper(tag[i - 1]) && !upper(tag[i + 1]);
        if (after_small || before_small) {
            found += '_';
        }
        found += static_cast<char>(std::toupper(static_cast<unsigned char>(tag[i])));
    }
    return found;
}

std::string standard_path(const std::string &uuid) {
    constexpr std::size_t LENGTH = 36;
    const bool good = uuid.size() == LENGTH && std::ranges::all_of(uuid, [](char one) {
                          return std::isxdigit(static_cast<unsigned char>(one)) != 0 || one == '-';
                      });
    if (!good) {
        throw Error(OrthancPluginErrorCode_ParameterOutOfRange,
                    "'" + harmless(uuid) + "' identifies no file.");
    }
    return uuid.substr(0, 2) + "/" + uuid.substr(2, 2) + "/" + uuid;
}

bool fits(std::string_view path) {
    while (!path.empty()) {
        const std::size_t end = std::min(path.find('/'), path.size());
        if (end > LONGEST_FILE_NAME) {
            return false;
        }
        path.remove_prefix(std::min(end + 1, path.size()));
    }
    return true;
}

Naming::Naming(const std::string &scheme, bool overwrites, const Known &known) {
    if (scheme == "OrthancDefault") {
        return;
    }
    if (scheme.empty() || scheme.starts_with('/') || scheme.ends_with('/')) {
        refuse_scheme(
            "it is not the path of a file in a storage. Write one such as {PatientID}/{UUID}{.ext}.");
    }
    names_.emplace_back();
    for (std::size_t at = 0; at < scheme.size();) {
        if (scheme[at] == '/') {
            names_.emplace_back();
            ++at;
        } else if (scheme[at] == '{') {
            const std::size_t end = scheme.find('}', at);
            if (end == std::string::npos) {
                refuse_scheme("a brace is not closed. Write } after each keyword.");
            }
            names_.back().push_back(part_of(scheme.substr(at + 1, end - at - 1), known));
            at = end + 1;
        } else {
            const std::size_t end = std::min(scheme.find_first_of("{/", at), scheme.size());
            const std::string text = scheme.substr(at, end - at);
            if (text.find('}') != std::string::npos || harmless(text) != text) {
                refuse_scheme(
                    "'" + harmless(text) +
                    "' has a character that no name should have. Leave it out: } \\ < > : \" | ? *.");
            }
            names_.back().push_back({.text = text});
            at = end;
        }
    }
    for (const Name &name : names_) {
        const bool dots = name.empty() || (name.size() == 1 && name[0].kind == Kind::literal &&
                                           name[0].text.find_first_not_of('.') == std::string::npos);
        if (dots) {
            refuse_scheme("a name in it is empty, or only dots. Leave it out.");
        }
    }
    check_unique(overwrites);
}

Naming::Part Naming::part_of(const std::string &keyword, const Known &known) {
    Part part;
    std::string inner = keyword;
    std::string function;
    const std::size_t open = keyword.find('(');
    if (open != std::string::npos && keyword.ends_with(')')) {
        function = keyword.substr(0, open);
        inner = keyword.substr(open + 1, keyword.size() - open - 2);
    }
    const auto *const level = std::ranges::find(OF_ORTHANC, inner);
    part.text = inner;
    if (inner == "UUID") {
        part.kind = Kind::uuid;
    } else if (inner == ".ext" && function.empty()) {
        part.kind = Kind::extension;
    } else if (level != OF_ORTHANC.end()) {
        part.kind = Kind::identifier;
        part.level = static_cast<std::size_t>(level - OF_ORTHANC.begin()) + 1;
    } else if (!inner.empty() && std::ranges::all_of(inner, letter) && known(inner)) {
        part.kind = Kind::tag;
    } else {
        refuse_scheme("there is no keyword {" + harmless(keyword) +
                      "}. Write a DICOM tag such as {PatientID}, {UUID}, {OrthancStudyID} or {.ext}.");
    }
    const bool identifies = part.kind == Kind::uuid || part.kind == Kind::identifier;
    if (function.empty()) {
        return part;
    }
    if (identifies && (function == "01" || function == "23")) {
        part.first = function == "01" ? 0 : 2;
        part.count = 2;
    } else if (part.kind == Kind::tag && function == "split" &&
               (inner.ends_with("Date") || inner.ends_with("DateTime"))) {
        part.kind = Kind::split;
    } else if (part.kind == Kind::tag && function.starts_with("pad") && function.size() > 3 &&
               function.size() < 6 && std::ranges::all_of(function.substr(3), digit) &&
               std::stoul(function.substr(3)) <= WIDEST) {
        part.width = std::stoul(function.substr(3));
    } else {
        refuse_scheme("{" + harmless(keyword) +
                      "} does not fit. Write {01(UUID)}, {23(UUID)}, {split(StudyDate)} or "
                      "{pad6(InstanceNumber)}.");
    }
    return part;
}

bool Naming::has(Kind kind, const std::string &text) const {
    return std::ranges::any_of(names_, [&](const Name &name) {
        return std::ranges::any_of(name, [&](const Part &part) {
            return part.kind == kind && part.text == text && part.count == 0;
        });
    });
}

void Naming::check_unique(bool overwrites) const {
    if (has(Kind::uuid, "UUID")) {
        return;
    }
    bool identified = !overwrites;
    for (std::size_t i = 0; i < IDENTIFYING.size(); ++i) {
        identified =
            identified && (has(Kind::tag, IDENTIFYING.at(i)) || has(Kind::identifier, OF_ORTHANC.at(i)));
    }
    if (!identified) {
        refuse_scheme(
            "two files could get the same name. Add {UUID}" +
            std::string(overwrites ? "." : ", or the identifiers of patient, study, series and instance."));
    }
}

std::string Naming::value(const Part &part, const Named &file) {
    switch (part.kind) {
    case Kind::literal:
        return part.text;
    case Kind::extension:
        return file.extension;
    case Kind::uuid:
    case Kind::identifier: {
        const std::string all =
            part.kind == Kind::uuid ? file.uuid : orthanc_identifier(file.tags, part.level);
        return part.count == 0 ? all : all.substr(part.first, part.count);
    }
    case Kind::split: {
        constexpr std::size_t DATE = 8;
        const std::string date = text_of(file.tags, part.text);
        if (date.size() < DATE || !std::ranges::all_of(date.substr(0, DATE), digit)) {
            return missing(part.text);
        }
        return date.substr(0, 4) + "/" + date.substr(4, 2) + "/" + date.substr(6, 2);
    }
    default: {
        std::string text = harmless(text_of(file.tags, part.text));
        if (text.empty()) {
            return missing(part.text);
        }
        if (text.size() < part.width) {
            text.insert(0, part.width - text.size(), '0');
        }
        return text;
    }
    }
}

std::string Naming::path(const Named &file) const {
    std::string found;
    for (const Name &name : names_) {
        std::string text;
        for (const Part &part : name) {
            text += value(part, file);
        }
        found += (found.empty() ? "" : "/") + named(std::move(text));
    }
    return found;
}

} // namespace orthanc_images::advanced
