#include "authorization/path.h"

#include <algorithm>
#include <cctype>

namespace orthanc_images::authorization {

namespace {

bool encoded(std::string_view uri) {
    for (std::size_t at = uri.find('%'); at != std::string_view::npos; at = uri.find('%', at + 1)) {
        if (at + 2 < uri.size() && std::isxdigit(static_cast<unsigned char>(uri[at + 1])) != 0 &&
            std::isxdigit(static_cast<unsigned char>(uri[at + 2])) != 0) {
            return true;
        }
    }
    return false;
}

bool strange(char one) {
    const auto byte = static_cast<unsigned char>(one);
    return byte < 0x20 || byte == 0x7f || one == '\\';
}

} // namespace

std::optional<std::string> canonical(std::string_view uri) {
    if (uri.empty() || uri.front() != '/' || std::ranges::any_of(uri, strange) || encoded(uri)) {
        return {};
    }
    if (uri == "/") {
        return std::string(uri);
    }
    if (uri.back() == '/') {
        uri.remove_suffix(1);
    }
    for (std::size_t at = 0; at != std::string_view::npos;) {
        const std::size_t next = uri.find('/', at + 1);
        const std::string_view part =
            uri.substr(at + 1, next == std::string_view::npos ? next : next - at - 1);
        if (part.empty() || part == "." || part == "..") {
            return {};
        }
        at = next;
    }
    return std::string(uri);
}

std::string lower(std::string_view text) {
    std::string small(text);
    std::ranges::transform(small, small.begin(), [](unsigned char one) { return std::tolower(one); });
    return small;
}

} // namespace orthanc_images::authorization
