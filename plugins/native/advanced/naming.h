// How files are named: a scheme with DICOM tags and identifiers, as a path below a storage.
#pragma once

#include "framework/json.h"

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace orthanc_images::advanced {

// What a file is named after.
struct Named {
    const Json &tags;
    const std::string &uuid;
    const std::string &extension;
};

class Naming {
  public:
    // Tells whether there is a DICOM tag of this name.
    using Known = std::function<bool(const std::string &)>;

    // Reads a scheme. What is wrong with it, or that two files could get one name, is an Error.
    Naming(const std::string &scheme, bool overwrites, const Known &known);

    // Whether files are named as Orthanc itself does.
    bool standard() const noexcept {
        return names_.empty();
    }

    // Returns the path of a file: relative, in UTF-8, and never out of the storage, whatever the tags hold.
    std::string path(const Named &file) const;

  private:
    enum class Kind { literal, uuid, extension, tag, split, identifier };

    struct Part {
        Kind kind = Kind::literal;
        // The literal text, or the name of the tag.
        std::string text;
        // To how many characters it is padded.
        std::size_t width = 0;
        // Which characters are taken; all when there are none.
        std::size_t first = 0;
        std::size_t count = 0;
        // How many of the four identifiers of DICOM one of Orthanc is made of.
        std::size_t level = 0;
    };

    // The parts of each name in the path.
    using Name = std::vector<Part>;

    static Part part_of(const std::string &keyword, const Known &known);
    static std::string value(const Part &part, const Named &file);
    bool has(Kind kind, const std::string &text) const;
    void check_unique(bool overwrites) const;

    std::vector<Name> names_;
};

// Returns a text as a part of a name: without slashes, control characters, those that other systems forbid,
// and bytes that are not UTF-8.
std::string harmless(std::string_view text);

// Returns what stands for a tag that is missing, such as NO_PATIENT_ID.
std::string missing(const std::string &tag);

// Returns the path that Orthanc itself gives a file; an Error where the identifier is none.
std::string standard_path(const std::string &uuid);

// Tells whether a text is UTF-8.
bool is_utf8(std::string_view text);

// Tells whether a file system takes the names in this path: none has more than 255 bytes.
bool fits(std::string_view path);

} // namespace orthanc_images::advanced
