// Where a file is, and what of that Orthanc's index keeps: the custom data of its attachment.
#pragma once

#include "advanced/settings.h"

#include <string>
#include <string_view>

namespace orthanc_images::advanced {

// The place of a file.
struct Place {
    // Whether Orthanc deletes the file with its attachment.
    bool owned = true;
    // Absolute, or below its storage; empty where the name is Orthanc's own.
    std::string path;
    // The storage; empty for StorageDirectory.
    std::string storage;

    bool adopted() const noexcept {
        return path.starts_with('/');
    }

    bool operator==(const Place &) const = default;
};

// Reads custom data, which is empty for files from before this plugin; an Error where it is of something
// else.
Place place_of(std::string_view custom, const std::string &uuid);

// Returns the custom data of a place; nothing where Orthanc finds the file without it.
std::string custom_data(const Place &place);

// Returns the absolute path of a file; an Error names what is missing in the settings.
std::string absolute(const Settings &settings, const Place &place, const std::string &uuid);

// Returns the folder of a storage.
const std::string &folder_of(const Settings &settings, const std::string &storage);

// Returns the folder that stays when a file is deleted and its own folders are empty; empty where all stay.
std::string base_of(const Settings &settings, const std::string &path);

} // namespace orthanc_images::advanced
