#include "database/driver/wide.h"

#include <algorithm>
#include <cstddef>

namespace orthanc_images::database {

namespace {

constexpr char32_t replacement = 0xfffd;

void append(std::string &target, char32_t point) {
    const auto put = [&](char32_t value) { target += static_cast<char>(value); };
    if (point < 0x80) {
        put(point);
    } else if (point < 0x800) {
        put(0xc0U | (point >> 6U));
        put(0x80U | (point & 0x3fU));
    } else if (point < 0x10000) {
        put(0xe0U | (point >> 12U));
        put(0x80U | ((point >> 6U) & 0x3fU));
        put(0x80U | (point & 0x3fU));
    } else {
        put(0xf0U | (point >> 18U));
        put(0x80U | ((point >> 12U) & 0x3fU));
        put(0x80U | ((point >> 6U) & 0x3fU));
        put(0x80U | (point & 0x3fU));
    }
}

// Reads one character of UTF-8 and moves `at` behind it.
char32_t taken(std::string_view text, std::size_t &at) noexcept {
    const auto first = static_cast<unsigned char>(text[at++]);
    if (first < 0x80) {
        return first;
    }
    const std::size_t more =
        1U + static_cast<std::size_t>(first >= 0xe0) + static_cast<std::size_t>(first >= 0xf0);
    if (first < 0xc2 || first > 0xf4 || at + more > text.size()) {
        return replacement;
    }
    char32_t point = first & (0x3fU >> more);
    for (std::size_t index = 0; index < more; ++index) {
        const auto next = static_cast<unsigned char>(text[at + index]);
        if ((next & 0xc0U) != 0x80) {
            return replacement;
        }
        point = (point << 6U) | (next & 0x3fU);
    }
    constexpr char32_t least[] = {0, 0x80, 0x800, 0x10000};
    if (point < least[more] || point > 0x10ffff || (point >= 0xd800 && point < 0xe000)) {
        return replacement;
    }
    at += more;
    return point;
}

} // namespace

bool is_ascii(std::string_view text) noexcept {
    return std::ranges::all_of(text, [](char letter) { return static_cast<unsigned char>(letter) < 0x80; });
}

std::u16string widened(std::string_view text) {
    std::u16string wide;
    wide.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
        const char32_t point = taken(text, at);
        if (point < 0x10000) {
            wide += static_cast<char16_t>(point);
        } else {
            wide += static_cast<char16_t>(0xd7c0U + (point >> 10U));
            wide += static_cast<char16_t>(0xdc00U | (point & 0x3ffU));
        }
    }
    return wide;
}

void append_narrow(std::string &target, std::u16string_view text) {
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char32_t unit = text[at];
        if (unit < 0x80) {
            target += static_cast<char>(unit);
            continue;
        }
        if (unit < 0xd800 || unit > 0xdfff) {
            append(target, unit);
            continue;
        }
        const char32_t next = at + 1 < text.size() ? text[at + 1] : 0;
        if (unit < 0xdc00 && next >= 0xdc00 && next < 0xe000) {
            append(target, ((unit - 0xd7c0U) << 10U) | (next & 0x3ffU));
            ++at;
        } else {
            append(target, replacement);
        }
    }
}

std::string narrow(std::u16string_view text) {
    std::string narrowed;
    narrowed.reserve(text.size());
    append_narrow(narrowed, text);
    return narrowed;
}

} // namespace orthanc_images::database
