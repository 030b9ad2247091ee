#include "explorer/pages.h"

#include "framework/errors.h"
#include "framework/host.h"
#include "framework/memory.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cctype>
#include <fstream>
#include <iterator>
#include <utility>

namespace orthanc_images::explorer {

namespace {

constexpr char LASTING[] = "max-age=31536000, immutable";
constexpr char FRESH[] = "no-cache";

// No code but ours, no frame of others around it, and no other server, but for the one that is allowed.
std::string policy_with(const std::string &origin) {
    const std::string also = origin.empty() ? "" : " " + origin;
    return "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: "
           "blob:; "
           "media-src 'self' blob:; object-src 'none'; frame-src 'self' blob:" +
           also + "; connect-src 'self'" + also +
           "; base-uri 'none'; form-action 'self'; frame-ancestors 'self'";
}

std::string &policy() {
    static std::string text = policy_with({});
    return text;
}

std::string_view trimmed(std::string_view text) {
    const auto blank = [](char one) { return one == ' ' || one == '\t'; };
    while (!text.empty() && blank(text.front())) {
        text.remove_prefix(1);
    }
    while (!text.empty() && blank(text.back())) {
        text.remove_suffix(1);
    }
    return text;
}

// Returns what is before the separator, and takes both away.
std::string_view cut(std::string_view &text, char separator) {
    const std::size_t at = text.find(separator);
    const std::string_view part = text.substr(0, at);
    text = at == std::string_view::npos ? std::string_view() : text.substr(at + 1);
    return trimmed(part);
}

// Tells whether these parameters of a coding say that it is not wanted: a weight of nought.
bool unwanted(std::string_view parameters) {
    while (!parameters.empty()) {
        std::string_view one = cut(parameters, ';');
        if (one.size() > 2 && (one[0] == 'q' || one[0] == 'Q') && one[1] == '=') {
            one.remove_prefix(2);
            return one.find_first_not_of("0.") == std::string_view::npos;
        }
    }
    return false;
}

Buffer unzipped(std::string_view bytes) {
    Buffer plain;
    const OrthancPluginErrorCode code = OrthancPluginBufferCompression(
        host(), plain.target(), bytes.data(), static_cast<std::uint32_t>(bytes.size()),
        OrthancPluginCompressionType_Gzip, 1);
    if (code != OrthancPluginErrorCode_Success) {
        throw Error(code, "a page cannot be decompressed. Take an image that was built anew.");
    }
    return plain;
}

} // namespace

bool takes_gzip(std::string_view accepted) {
    bool any = false;
    while (!accepted.empty()) {
        std::string_view entry = cut(accepted, ',');
        std::string coding(cut(entry, ';'));
        std::ranges::transform(coding, coding.begin(),
                               [](unsigned char one) { return static_cast<char>(std::tolower(one)); });
        if (coding == "gzip") {
            return !unwanted(entry);
        }
        any = any || (coding == "*" && !unwanted(entry));
    }
    return any;
}

std::string read_file(const std::string &path) {
    std::ifstream file(path, std::ios::binary);
    std::string content((std::istreambuf_iterator<char>(file)), {});
    if (!file) {
        throw Error(OrthancPluginErrorCode_InexistentFile,
                    path + ": cannot be read. See that the user of the container may read it.");
    }
    return content;
}

std::string tag_of(std::string_view bytes) {
    const Text md5(OrthancPluginComputeMd5(host(), bytes.data(), static_cast<std::uint32_t>(bytes.size())));
    return md5 == nullptr ? std::string() : '"' + std::string(md5.get()) + '"';
}

std::string type_of(std::string_view name) {
    static constexpr std::array<std::pair<std::string_view, const char *>, 11> TYPES{{
        {".html", "text/html; charset=utf-8"},
        {".js", "text/javascript; charset=utf-8"},
        {".css", "text/css; charset=utf-8"},
        {".json", "application/json"},
        {".svg", "image/svg+xml"},
        {".png", "image/png"},
        {".ico", "image/x-icon"},
        {".jpg", "image/jpeg"},
        {".jpeg", "image/jpeg"},
        {".gif", "image/gif"},
        {".webp", "image/webp"},
    }};
    for (const auto &[ending, type] : TYPES) {
        if (name.ends_with(ending)) {
            return type;
        }
    }
    return "application/octet-stream";
}

void allow_server(const std::string &address) {
    const std::size_t scheme = address.find("://");
    if (scheme != std::string::npos) {
        policy() = policy_with(address.substr(0, address.find_first_of("/?#; ", scheme + 3)));
    }
}

void send(const Content &content, const Request &request, Response &response) {
    response.header("Content-Security-Policy", policy());
    response.header("X-Content-Type-Options", "nosniff");
    response.header("Referrer-Policy", "no-referrer");
    response.header("Cache-Control", content.lasting ? LASTING : FRESH);
    if (content.gzip) {
        response.header("Vary", "Accept-Encoding");
    }
    if (!content.tag.empty()) {
        response.header("ETag", content.tag);
        const std::string_view known = request.header("if-none-match").value_or("");
        if (known.find(content.tag) != std::string_view::npos) {
            response.status(304);
            return;
        }
    }
    if (content.gzip) {
        response.header("Content-Encoding", "gzip");
    }
    response.bytes(content.bytes, content.type);
}

Pages::Pages(const std::string &folder) {
    const std::string path = folder + "/index.json";
    const Json index = parsed(read_file(path), path);
    for (const auto &[name, page] : index.items()) {
        const bool gzip = page.at("gzip").get<bool>();
        std::string place = folder;
        place.append("/").append(name).append(gzip ? ".gz" : "");
        pages_[name] = {std::move(place), page.at("type").get<std::string>(),
                        '"' + page.at("sha256").get<std::string>().substr(0, 32) + '"', gzip,
                        page.at("lasting").get<bool>()};
    }
}

std::string Pages::text(const std::string &name) const {
    const auto found = pages_.find(name);
    if (found == pages_.end() || found->second.gzip) {
        throw Error(OrthancPluginErrorCode_InexistentFile,
                    name + ": the pages lack it. Take an image that was built anew.");
    }
    return read_file(found->second.path);
}

bool Pages::send(const std::string &name, const Request &request, Response &response) const {
    const auto found = pages_.find(name);
    if (found == pages_.end()) {
        return false;
    }
    const Page &page = found->second;
    const std::string bytes = read_file(page.path);
    if (page.gzip && !takes_gzip(request.header("accept-encoding").value_or(""))) {
        const Buffer plain = unzipped(bytes);
        explorer::send({plain.bytes(), page.type, false, {}, page.lasting}, request, response);
    } else {
        explorer::send({bytes, page.type, page.gzip, page.tag, page.lasting}, request, response);
    }
    return true;
}

} // namespace orthanc_images::explorer
