#include "authorization/pattern.h"

#include "framework/errors.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace orthanc_images::authorization {

namespace {

// How many steps a match may take. A path of 1,000 bytes takes a few hundred with any expression of the usual
// table.
constexpr std::uint32_t STEPS = 100'000;

struct FreeContext {
    void operator()(pcre2_match_context *context) const noexcept {
        pcre2_match_context_free(context);
    }
};

struct FreeData {
    void operator()(pcre2_match_data *data) const noexcept {
        pcre2_match_data_free(data);
    }
};

using Data = std::unique_ptr<pcre2_match_data, FreeData>;

// Room for the groups of one match at a time, kept by each thread; nothing when there is no memory for it.
constexpr std::uint32_t GROUPS = 64;

pcre2_match_data *room() {
    thread_local const Data data(pcre2_match_data_create(GROUPS, nullptr));
    return data.get();
}

pcre2_match_context *limits() {
    static const std::unique_ptr<pcre2_match_context, FreeContext> context = [] {
        std::unique_ptr<pcre2_match_context, FreeContext> made(pcre2_match_context_create(nullptr));
        if (made != nullptr) {
            pcre2_set_match_limit(made.get(), STEPS);
        }
        return made;
    }();
    return context.get();
}

// Returns what the library says: how many groups there are, or PCRE2_ERROR_NOMATCH.
int matched(const void *code, std::string_view text, pcre2_match_data *data) {
    pcre2_match_context *context = limits();
    if (context == nullptr || data == nullptr) {
        throw Error(OrthancPluginErrorCode_NotEnoughMemory, "there is no memory to match a path");
    }
    const auto attempt = [&](std::uint32_t options) {
        return pcre2_match(static_cast<const pcre2_code *>(code), reinterpret_cast<PCRE2_SPTR>(text.data()),
                           text.size(), 0, options, data, context);
    };
    int result = attempt(0);
    if (result == PCRE2_ERROR_JIT_STACKLIMIT) { // the interpreter has no such limit
        result = attempt(PCRE2_NO_JIT);
    }
    if (result < 0 && result != PCRE2_ERROR_NOMATCH) {
        throw Error(OrthancPluginErrorCode_InternalError,
                    "a pattern cannot be matched with a path (error " + std::to_string(result) +
                        " of the library PCRE2). Write the pattern so that it needs fewer steps.");
    }
    return result;
}

// Returns the letters that an expression begins with, whatever else it says: none where it has alternatives
// that are not in parentheses, and not the letter that may be left out or repeated.
std::string begin_of(std::string_view text) {
    std::size_t depth = 0;
    for (const char one : text) {
        if (one == '\\' || one == '[') { // what follows may look like anything
            break;
        }
        depth += one == '(' ? 1 : 0;
        depth -= one == ')' && depth > 0 ? 1 : 0;
        if (one == '|' && depth == 0) {
            return {};
        }
    }
    if (text.find('|') != std::string_view::npos && text.find_first_of("\\[") < text.rfind('|')) {
        return {};
    }
    text.remove_prefix(text.starts_with('^') ? 1 : 0);
    const std::size_t end =
        text.find_first_not_of("/-_abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");
    if (end == std::string_view::npos) {
        return std::string(text);
    }
    const bool varies = text[end] == '*' || text[end] == '?' || text[end] == '{' || text[end] == '+';
    return std::string(text.substr(0, end > 0 && varies ? end - 1 : end));
}

} // namespace

void Pattern::Release::operator()(void *code) const noexcept {
    pcre2_code_free(static_cast<pcre2_code *>(code));
}

Pattern::Pattern(const std::string &text, const std::string &where) : begin_(begin_of(text)) {
    int error = 0;
    PCRE2_SIZE offset = 0;
    code_.reset(pcre2_compile(reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(),
                              PCRE2_ANCHORED | PCRE2_ENDANCHORED | PCRE2_DOTALL | PCRE2_DOLLAR_ENDONLY,
                              &error, &offset, nullptr));
    if (code_ == nullptr) {
        std::array<PCRE2_UCHAR, 200> said{};
        pcre2_get_error_message(error, said.data(), said.size());
        throw Error(OrthancPluginErrorCode_BadParameterType,
                    where + ": is no regular expression (" + reinterpret_cast<const char *>(said.data()) +
                        ", at character " + std::to_string(offset) + "). Correct it.");
    }
    // Where the processor or the kernel allows no code made at run time, patterns are interpreted.
    pcre2_jit_compile(static_cast<pcre2_code *>(code_.get()), PCRE2_JIT_COMPLETE);
}

bool Pattern::fits(std::string_view text) const {
    // 0: there are more groups than there is room for.
    return text.starts_with(begin_) && matched(code_.get(), text, room()) >= 0;
}

std::vector<std::string> Pattern::groups(std::string_view text) const {
    std::vector<std::string> found;
    if (!text.starts_with(begin_)) {
        return found;
    }
    pcre2_match_data *const data = room();
    const int count = matched(code_.get(), text, data);
    if (count < 0) {
        return found;
    }
    std::uint32_t groups = 0;
    pcre2_pattern_info(static_cast<const pcre2_code *>(code_.get()), PCRE2_INFO_CAPTURECOUNT, &groups);
    const std::span<const PCRE2_SIZE> ends(pcre2_get_ovector_pointer(data),
                                           std::size_t{2} * std::min(groups + 1, GROUPS));
    for (std::size_t at = 2; at + 1 < ends.size(); at += 2) {
        const bool there = at < std::size_t{2} * static_cast<std::size_t>(count) && ends[at] != PCRE2_UNSET;
        found.emplace_back(there ? text.substr(ends[at], ends[at + 1] - ends[at]) : std::string_view());
    }
    return found;
}

} // namespace orthanc_images::authorization
