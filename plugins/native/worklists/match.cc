#include "worklists/match.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <optional>
#include <string_view>

namespace orthanc_images::worklists {

namespace {

using Characters = std::u32string;

constexpr char START_DATE[] = "0040,0002";
constexpr char START_TIME[] = "0040,0003";

// Returns the characters of a text in UTF-8; a byte that is none counts as one.
Characters characters(std::string_view text) {
    Characters all;
    for (std::size_t i = 0; i < text.size();) {
        const auto first = static_cast<unsigned char>(text[i]);
        std::size_t more = 0;
        if (first >= 0xf0U) {
            more = 3;
        } else if (first >= 0xe0U) {
            more = 2;
        } else if (first >= 0xc0U) {
            more = 1;
        }
        if (i + more >= text.size()) {
            more = 0;
        }
        char32_t one = more == 0 ? first : first & (0x3fU >> more);
        for (std::size_t j = 1; j <= more; ++j) {
            one = (one << 6U) | (static_cast<unsigned char>(text[i + j]) & 0x3fU);
        }
        all += one;
        i += more + 1;
    }
    return all;
}

// Returns the small letter of a capital one, of the alphabets that have them: Latin, Greek and Cyrillic.
char32_t small(char32_t one) {
    const auto within = [one](char32_t first, char32_t last) { return one >= first && one <= last; };
    if (within(U'A', U'Z') || (within(0xc0, 0xde) && one != 0xd7) || within(0x391, 0x3a9) ||
        within(0x410, 0x42f)) {
        return one + 0x20;
    }
    if (within(0x400, 0x40f)) {
        return one + 0x50;
    }
    if (within(0x100, 0x137) || within(0x14a, 0x177)) {
        return one | 1U;
    }
    if (within(0x139, 0x148) || within(0x179, 0x17e)) {
        return one + (one & 1U);
    }
    return one;
}

Characters folded(std::string_view text, bool case_sensitive) {
    Characters all = characters(text);
    if (!case_sensitive) {
        std::ranges::transform(all, all.begin(), small);
    }
    return all;
}

std::string_view trimmed(std::string_view text, std::string_view what = std::string_view(" \0", 2)) {
    const std::size_t first = text.find_first_not_of(what);
    return first == std::string_view::npos ? std::string_view()
                                           : text.substr(first, text.find_last_not_of(what) - first + 1);
}

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    for (std::size_t begin = 0;;) {
        const std::size_t end = text.find(separator, begin);
        parts.push_back(text.substr(begin, end - begin));
        if (end == std::string_view::npos) {
            return parts;
        }
        begin = end + 1;
    }
}

// Tells whether the text is what the pattern stands for: * is any text, ? one character. Takes no more steps
// than the product of their lengths.
bool like(const Characters &text, const Characters &pattern) {
    std::size_t at = 0;
    std::size_t in = 0;
    std::size_t star = Characters::npos;
    std::size_t from = 0;
    while (at < text.size()) {
        if (in < pattern.size() && pattern[in] == U'*') {
            star = in++;
            from = at;
        } else if (in < pattern.size() && (pattern[in] == U'?' || pattern[in] == text[at])) {
            ++in;
            ++at;
        } else if (star != Characters::npos) {
            in = star + 1;
            at = ++from;
        } else {
            return false;
        }
    }
    return pattern.find_first_not_of(U'*', in) == Characters::npos;
}

Condition text_like(std::string_view key) {
    return [pattern = characters(trimmed(key))](const std::string &value) {
        return like(characters(trimmed(value)), pattern);
    };
}

// Components that are left out at the end of a name do not count, and each of its three groups (alphabetic,
// ideographic, phonetic) is a name too.
Condition name_like(std::string_view key, bool case_sensitive) {
    const bool groups = key.find('=') != std::string_view::npos;
    return [pattern = folded(trimmed(key, "^= "), case_sensitive), groups,
            case_sensitive](const std::string &value) {
        const auto same = [&](std::string_view name) {
            return like(folded(trimmed(name, "^= "), case_sensitive), pattern);
        };
        return same(value) || (!groups && std::ranges::any_of(split(value, '='), same));
    };
}

Condition number_is(std::string_view key) {
    const std::string wanted(trimmed(key));
    return [wanted](const std::string &value) {
        const std::string given(trimmed(value));
        if (given == wanted) {
            return true;
        }
        char *wanted_end = nullptr;
        char *given_end = nullptr;
        const double left = std::strtod(wanted.c_str(), &wanted_end);
        const double right = std::strtod(given.c_str(), &given_end);
        return !given.empty() && *wanted_end == '\0' && *given_end == '\0' && left == right;
    };
}

// Returns a date, time or both as digits that sort by time, or nothing when it is none. What is left out at
// the end is the begin of what is meant, or its end.
std::optional<std::string> moment(OrthancPluginValueRepresentation vr, std::string_view text, bool end) {
    const std::string_view first =
        vr == OrthancPluginValueRepresentation_TM ? "000000.000000" : "00000101000000.000000";
    const std::string_view last =
        vr == OrthancPluginValueRepresentation_TM ? "235959.999999" : "99991231235959.999999";
    std::string digits;
    for (const char one : text) {
        // Before DICOM 3.0, dates and times had such separators.
        if (one == ':' || (vr == OrthancPluginValueRepresentation_DA && one == '.')) {
            continue;
        }
        if (std::isdigit(static_cast<unsigned char>(one)) == 0 && one != '.') {
            return {};
        }
        digits += one;
    }
    const std::size_t room = vr == OrthancPluginValueRepresentation_DA ? 8 : first.size();
    if (digits.size() > room || digits.size() < (vr == OrthancPluginValueRepresentation_TM ? 2U : 4U)) {
        return {};
    }
    return digits + std::string((end ? last : first).substr(digits.size(), room - digits.size()));
}

// A date, time or both, or a range of them, of which one side may be open.
std::optional<Condition> moment_in(OrthancPluginValueRepresentation vr, std::string_view key) {
    const std::size_t dash = key.find('-');
    const bool range = dash != std::string_view::npos;
    const std::string_view from = trimmed(key.substr(0, dash));
    const std::string_view until = range ? trimmed(key.substr(dash + 1)) : from;
    // A time of a range is a point; alone, and as a date, it stands for all that begins with it.
    const bool whole = !range || vr != OrthancPluginValueRepresentation_TM;
    const auto least = from.empty() ? std::string() : moment(vr, from, false);
    const auto most = until.empty() ? std::string("~") : moment(vr, until, whole);
    if (!least || !most) {
        return {};
    }
    return [vr, least = *least, most = *most](const std::string &value) {
        const auto given = moment(vr, trimmed(value), false);
        return given && *given >= least && *given <= most;
    };
}

// A range of dates and one of times, of the start of a step, are one period, from the first time of the first
// date to the last of the last (K.6.1.2.2).
Period period(const Json &item) {
    const auto range = [&](const char *tag) {
        const auto found = item.find(tag);
        const std::string text = found != item.end() && found->is_string() ? found->get<std::string>() : "";
        const std::size_t dash = text.find('-');
        return dash == std::string::npos
                   ? std::nullopt
                   : std::optional(std::pair(std::string(trimmed(std::string_view(text).substr(0, dash))),
                                             std::string(trimmed(std::string_view(text).substr(dash + 1)))));
    };
    const auto dates = range(START_DATE);
    const auto times = range(START_TIME);
    // An end that has a date or a time alone is none of a period.
    if (!dates || !times || dates->first.empty() != times->first.empty() ||
        dates->second.empty() != times->second.empty()) {
        return {};
    }
    const auto both = [](const std::string &date, const std::string &time) {
        const auto day = moment(OrthancPluginValueRepresentation_DA, date, false);
        const auto hour = moment(OrthancPluginValueRepresentation_TM, time.empty() ? "00" : time, false);
        return day && hour ? std::optional(*day + *hour) : std::nullopt;
    };
    const auto least = dates->first.empty() ? std::string() : both(dates->first, times->first);
    const auto most = dates->second.empty() ? std::string("~") : both(dates->second, times->second);
    if (!least || !most) {
        return {};
    }
    return [both, least = *least, most = *most](const Json &given) {
        const auto text = [&](const char *tag) {
            const auto found = given.find(tag);
            return found != given.end() && found->is_string()
                       ? std::string(trimmed(found->get_ref<const std::string &>()))
                       : std::string();
        };
        const auto start = both(text(START_DATE), text(START_TIME));
        return start && *start >= least && *start <= most;
    };
}

// Returns the condition that one value of a key is.
Condition condition(OrthancPluginValueRepresentation vr, std::string_view key, bool case_sensitive) {
    switch (vr) {
    case OrthancPluginValueRepresentation_PN:
        return name_like(key, case_sensitive);
    case OrthancPluginValueRepresentation_DA:
    case OrthancPluginValueRepresentation_TM:
    case OrthancPluginValueRepresentation_DT:
        if (auto found = moment_in(vr, key)) {
            return *found;
        }
        return text_like(key);
    case OrthancPluginValueRepresentation_UI:
        return [wanted = std::string(trimmed(key))](const std::string &value) {
            return trimmed(value) == wanted;
        };
    case OrthancPluginValueRepresentation_AE:
    case OrthancPluginValueRepresentation_CS:
    case OrthancPluginValueRepresentation_LO:
    case OrthancPluginValueRepresentation_LT:
    case OrthancPluginValueRepresentation_SH:
    case OrthancPluginValueRepresentation_ST:
    case OrthancPluginValueRepresentation_UN:
    case OrthancPluginValueRepresentation_UT:
        return text_like(key);
    default:
        return number_is(key);
    }
}

// Texts in which a backslash does not separate values.
bool single(OrthancPluginValueRepresentation vr) {
    return vr == OrthancPluginValueRepresentation_LT || vr == OrthancPluginValueRepresentation_ST ||
           vr == OrthancPluginValueRepresentation_UT;
}

// Any value of several will do.
Condition of_any(Condition condition) {
    return [condition = std::move(condition)](const std::string &text) {
        return condition(text) || std::ranges::any_of(split(text, '\\'), [&](std::string_view value) {
                   return condition(std::string(value));
               });
    };
}

// Keys that say how the query is written, and are none.
bool about_the_query(const std::string &tag) {
    return tag == "0008,0005" || tag == "0008,0201" || tag.ends_with(",0000");
}

} // namespace

Query::Query(const Json &dataset, const Dictionary &dictionary, bool case_sensitive)
    : period_(period(dataset)) {
    for (const auto &[tag, value] : dataset.items()) {
        if (about_the_query(tag) || (period_ && (tag == START_DATE || tag == START_TIME))) {
            continue;
        }
        if (value.is_array()) {
            if (value.empty() || !value.front().is_object()) {
                continue;
            }
            Query item(value.front(), dictionary, case_sensitive);
            if (item.restricts()) {
                sequences_.emplace_back(tag, std::move(item));
            }
            continue;
        }
        if (!value.is_string()) {
            continue;
        }
        const auto &text = value.get_ref<const std::string &>();
        const std::string_view key = trimmed(text);
        // A key of stars alone is as good as none (C.2.2.2.4).
        if (key.find_first_not_of('*') == std::string_view::npos) {
            continue;
        }
        const OrthancPluginValueRepresentation vr = dictionary(tag);
        std::vector<Condition> any;
        for (const std::string_view one : single(vr) ? std::vector{key} : split(key, '\\')) {
            any.push_back(single(vr) ? condition(vr, one, case_sensitive)
                                     : of_any(condition(vr, one, case_sensitive)));
        }
        values_.emplace_back(tag, std::move(any));
    }
}

bool Query::matches(const Json &dataset) const {
    for (const auto &[tag, any] : values_) {
        const auto found = dataset.find(tag);
        if (found == dataset.end() || !found->is_string()) {
            return false;
        }
        const auto &text = found->get_ref<const std::string &>();
        if (trimmed(text).empty()) {
            return false;
        }
        const bool one_does =
            std::ranges::any_of(any, [&](const Condition &condition) { return condition(text); });
        if (!one_does) {
            return false;
        }
    }
    if (period_ && !period_(dataset)) {
        return false;
    }
    return std::ranges::all_of(sequences_, [&](const auto &sequence) {
        const auto found = dataset.find(sequence.first);
        return found != dataset.end() && found->is_array() &&
               std::ranges::any_of(*found, [&](const Json &item) { return sequence.second.matches(item); });
    });
}

} // namespace orthanc_images::worklists
