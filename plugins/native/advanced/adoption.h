// Files that Orthanc has without having stored them: how they come into the index, and out of it.
#pragma once

#include "advanced/stores.h"

#include <orthanc/OrthancCPlugin.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace orthanc_images::advanced {

// What came of a file.
struct Adopted {
    OrthancPluginStoreStatus status = OrthancPluginStoreStatus_Failure;
    std::string instance;
    std::string attachment;
};

// Which instances the files with these paths are, as the official plugin keeps it.
Store &adopted_paths();

// Which files have been indexed, as the official plugin keeps it.
Store &indexed_paths();

// What is known of an indexed file.
struct Indexed {
    std::int64_t time = 0;
    // Beyond the seconds of `time`; 0 where that is not known.
    std::int64_t nanoseconds = 0;
    std::uint64_t size = 0;
    // Whether an attachment is linked to this file.
    bool dicom = false;
    // Which instance is in the file, where it is one.
    std::string instance;
};

std::string indexed_text(const Indexed &indexed);
Indexed indexed_of(std::string_view text);

// Returns what is kept of the owner of a path: an instance.
std::string owner_text(const std::string &instance);

// Returns the instance that a path belongs to; empty where the text tells none. There is an older form of it.
std::string instance_of(std::string_view owner);

// Tells whether this thread takes a file in or out of the index, and so no file may be deleted: what is
// replaced or left is still the user's.
bool sparing() noexcept;

// Says so, for as long as it lives.
class Sparing {
  public:
    Sparing() noexcept;
    Sparing(const Sparing &) = delete;
    Sparing &operator=(const Sparing &) = delete;
    ~Sparing();
};

// Lets Orthanc index a file that stays where it is, with this content. `own` lets Orthanc delete it later. It
// is an Error when Orthanc takes it for no DICOM, or cannot keep it.
Adopted adopt(const std::string &path, std::string_view content, bool own);

// What came of abandoning a path.
enum class Abandoned { done, unknown, owned };

// Takes the instance of a file out of Orthanc, and leaves the file; but not one that Orthanc owns, unless
// `even_owned`.
Abandoned abandon(const std::string &path, bool even_owned);

// Lets an instance be read from another file with the same bytes, so that whatever else Orthanc has of it
// stays. Returns false where the bytes differ, or the instance is not in the file `from`.
bool relink(const std::string &instance, const std::string &from, const std::string &to);

// Returns the text of a status, such as "AlreadyStored".
const char *status_text(OrthancPluginStoreStatus status);

} // namespace orthanc_images::advanced
