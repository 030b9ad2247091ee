// The settings of AdvancedStorage, and those of Indexer, as one value.
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace orthanc_images::advanced {

// The folders to index.
struct Indexing {
    std::vector<std::string> folders;
    std::chrono::seconds interval{10};
    std::chrono::milliseconds throttle{0};
    std::vector<std::string> parsed;
    std::vector<std::string> skipped;
    bool own = false;
    bool verbose = false;
};

// How files are deleted later.
struct Deleting {
    std::chrono::milliseconds throttle{0};
    std::chrono::seconds longest{5};
};

struct Settings {
    bool enabled = false;
    // StorageDirectory: where the files are that have no other place.
    std::string root;
    // The other storages by their names, and the one for new files; empty: `root`.
    std::map<std::string, std::string> storages;
    std::string current;
    std::string scheme = "OrthancDefault";
    std::size_t longest_path = 256;
    std::string prefix;
    bool overwrites = false;
    bool sync = true;
    std::optional<Indexing> indexing;
    std::optional<Deleting> deleting;
    // The SQLite file of the plugin Indexer, to be taken over where it exists.
    std::string database;
};

// Reads the settings of the plugin that has this name in Orthanc. What is wrong is an Error.
Settings settings_of(const std::string &plugin);

// Tells whether `path` is `folder` or below it; both are absolute.
bool is_within(const std::string &path, const std::string &folder);

} // namespace orthanc_images::advanced
