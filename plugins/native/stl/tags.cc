#include "stl/tags.h"

#include <nlohmann/json.hpp>

#include <charconv>
#include <cmath>

namespace orthanc_images::stl {

namespace {

std::string_view trimmed(std::string_view text) {
    // DICOM fills up with blanks and zeros.
    constexpr std::string_view FILL{" \0\t\r\n", 5};
    const std::size_t begin = text.find_first_not_of(FILL);
    if (begin == std::string_view::npos) {
        return {};
    }
    return text.substr(begin, text.find_last_not_of(FILL) - begin + 1);
}

} // namespace

std::string text_of(const Json &tags, std::string_view tag) {
    const auto found = tags.find(tag);
    return found != tags.end() && found->is_string()
               ? std::string(trimmed(found->get_ref<const std::string &>()))
               : std::string();
}

const Json &items_of(const Json &tags, std::string_view tag) {
    static const Json none = Json::array();
    const auto found = tags.find(tag);
    return found != tags.end() && found->is_array() ? *found : none;
}

std::optional<std::vector<double>> numbers_in(std::string_view text) {
    std::vector<double> numbers;
    while (true) {
        const std::size_t end = text.find('\\');
        std::string_view one = trimmed(text.substr(0, end));
        if (one.starts_with('+')) {
            one.remove_prefix(1);
        }
        double value = 0;
        const auto [rest, error] = std::from_chars(one.data(), one.data() + one.size(), value);
        if (error != std::errc() || rest != one.data() + one.size() || !std::isfinite(value)) {
            return {};
        }
        numbers.push_back(value);
        if (end == std::string_view::npos) {
            return numbers;
        }
        text.remove_prefix(end + 1);
    }
}

} // namespace orthanc_images::stl
