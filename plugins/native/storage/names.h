// The names of objects, as plugins/orthanc_images/storage/keys.py gives them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace orthanc_images::storage {

// What the names of all files have in common.
struct Names {
    // What they begin with: nothing, or a text that ends with '/'.
    std::string prefix;
    // In two folders, without ending.
    bool legacy = false;
    bool encrypted = false;

    // Returns the name under which a file is written; nothing when its identifier is none of Orthanc's.
    std::string name(std::string_view uuid, std::int32_t type) const;
};

// Returns a text as a part of an address has it; its slashes stay if `slashes`.
std::string encoded(std::string_view text, bool slashes);

} // namespace orthanc_images::storage
