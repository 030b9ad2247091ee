// The files that browsers get: those of the pages, as the build laid them out, and those of the user.
#pragma once

#include "framework/http.h"

#include <map>
#include <string>
#include <string_view>

namespace orthanc_images::explorer {

// Answers with bytes: 304 where the browser has them, gzip where it takes it.
struct Content {
    std::string_view bytes;
    std::string type;
    // What they are compressed with, "gzip" or nothing.
    bool gzip = false;
    // In quotes.
    std::string tag;
    // Whether its name changes with its content.
    bool lasting = false;
};

// Lets the pages call this server besides their own, such as that of a login. To be called before the first
// answer.
void allow_server(const std::string &address);

void send(const Content &content, const Request &request, Response &response);

// Returns the type of a file by its name, such as "text/css; charset=utf-8".
std::string type_of(std::string_view name);

// The files below a folder. The index "index.json" has, for each name, "type", "gzip", "sha256" and
// "lasting".
class Pages {
  public:
    // Reads the index and the files; an Error when they are not there.
    explicit Pages(const std::string &folder);

    // Returns the content of a file that is kept as it is; an Error where there is none.
    std::string text(const std::string &name) const;

    // Answers with the file of this name; false, without an answer, where there is none.
    bool send(const std::string &name, const Request &request, Response &response) const;

  private:
    struct Page {
        std::string path;
        std::string type;
        std::string tag;
        bool gzip = false;
        bool lasting = false;
    };

    std::map<std::string, Page, std::less<>> pages_;
};

// Returns the content of a file; an Error that names it when it cannot be read.
std::string read_file(const std::string &path);

// Returns an ETag for bytes.
std::string tag_of(std::string_view bytes);

// Tells whether a browser that sends this Accept-Encoding takes gzip (RFC 9110, 12.5.3).
bool takes_gzip(std::string_view accepted);

} // namespace orthanc_images::explorer
