// What the tests of the pages share: an Orthanc with pages as the build lays them out, and requests to it.
#pragma once

#include "tests/fake_orthanc.h"

#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace orthanc_images::tests {

inline void write_file(const std::string &path, const std::string &content) {
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    std::ofstream(path, std::ios::binary) << content;
}

// Lays out pages: FakeOrthanc takes what is in parentheses for compressed.
inline std::string lay_out_pages() {
    const std::string folder = EXPLORER_PAGES;
    write_file(folder + "/index.html", "<html data-up=\"../../\">page</html>");
    write_file(folder + "/favicon.svg.gz", "(<svg/>)");
    write_file(folder + "/assets/main.js.gz", "(main)");
    write_file(folder + "/assets/part-1.js.gz", "(part)");
    const auto entry = [](const char *type, bool gzip, bool lasting, char digit) {
        return std::string(R"({"type": ")") + type + R"(", "gzip": )" + (gzip ? "true" : "false") +
               R"(, "lasting": )" + (lasting ? "true" : "false") + R"(, "sha256": ")" +
               std::string(64, digit) + R"("})";
    };
    write_file(folder + "/index.json",
               R"({"index.html": )" + entry("text/html", false, false, '0') + R"(, "favicon.svg": )" +
                   entry("image/svg+xml", true, true, '1') + R"(, "assets/main.js": )" +
                   entry("text/javascript", true, false, '2') + R"(, "assets/part-1.js": )" +
                   entry("text/javascript", true, true, '3') + "}");
    return folder;
}

// A request, and what it points to.
class Asked {
  public:
    explicit Asked(std::vector<std::pair<std::string, std::string>> headers = {}, std::string group = "")
        : headers_(std::move(headers)), group_(std::move(group)) {
        for (const auto &[key, value] : headers_) {
            keys_.push_back(key.c_str());
            values_.push_back(value.c_str());
        }
        groups_.push_back(group_.c_str());
        request.method = OrthancPluginHttpMethod_Get;
        request.headersCount = static_cast<std::uint32_t>(keys_.size());
        request.headersKeys = keys_.data();
        request.headersValues = values_.data();
        request.groupsCount = 1;
        request.groups = groups_.data();
    }

    Asked(const Asked &) = delete;
    Asked &operator=(const Asked &) = delete;

    OrthancPluginHttpRequest request{};

  private:
    std::vector<std::pair<std::string, std::string>> headers_;
    std::string group_;
    std::vector<const char *> keys_;
    std::vector<const char *> values_;
    std::vector<const char *> groups_;
};

// The headers of an answer by their names.
inline std::map<std::string, std::string> headers_of(const Answered &answer) {
    return {answer.headers.begin(), answer.headers.end()};
}

} // namespace orthanc_images::tests
