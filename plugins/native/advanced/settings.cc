#include "advanced/settings.h"

#include "framework/configuration.h"
#include "framework/errors.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <limits>

namespace orthanc_images::advanced {

namespace {

constexpr Range ANY{0, std::numeric_limits<std::int32_t>::max()};
constexpr Range SOME{1, std::numeric_limits<std::int32_t>::max()};

[[noreturn]] void refuse_setting(const std::string &setting, const std::string &what) {
    throw Error(OrthancPluginErrorCode_BadFileFormat, setting + ": " + what);
}

// Returns a path as it is compared: absolute, without dots, and without a slash at its end.
std::string normal(const std::string &path) {
    std::string found = std::filesystem::absolute(path).lexically_normal().string();
    while (found.size() > 1 && found.ends_with('/')) {
        found.pop_back();
    }
    return found;
}

// Returns extensions in lower case, with the dot before them.
std::vector<std::string> extensions(const Configuration &section, const std::string &name) {
    std::vector<std::string> found = section.one_or_more(name, std::vector<std::string>());
    for (std::string &one : found) {
        if (!one.starts_with('.')) {
            one.insert(0, ".");
        }
        std::ranges::transform(one, one.begin(),
                               [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
    }
    return found;
}

Indexing indexing_of(const Configuration &section, const std::string &name) {
    Indexing found;
    for (const std::string &folder : section.one_or_more("Folders", std::vector<std::string>())) {
        found.folders.push_back(normal(folder));
    }
    if (found.folders.empty()) {
        refuse_setting(name + ".Folders", "it names no folder. Name the folders to index.");
    }
    found.interval = std::chrono::seconds(section.integer("Interval", ANY, 10));
    found.throttle = std::chrono::milliseconds(section.integer("ThrottleDelayMs", ANY, 0));
    found.parsed = extensions(section, "ParsedExtensions");
    found.skipped = extensions(section, "SkippedExtensions");
    if (!found.parsed.empty() && !found.skipped.empty()) {
        refuse_setting(name + ".ParsedExtensions",
                       "SkippedExtensions is given too. Give only one of both, and leave the other empty.");
    }
    found.own = section.flag("TakeOwnership", false);
    found.verbose = section.flag("EnableVerboseLogs", false);
    return found;
}

void read_storages(const Configuration &section, Settings &settings) {
    const Configuration several = section.section("MultipleStorages");
    settings.storages = several.table("Storages");
    for (auto &[name, folder] : settings.storages) {
        if (name.empty() || folder.empty()) {
            refuse_setting("AdvancedStorage.MultipleStorages.Storages",
                           "a storage has no name or no folder. Write the folder of each, by its name.");
        }
        folder = normal(folder);
    }
    settings.current = several.text("CurrentWriteStorage", std::string());
    if (!settings.current.empty() && !settings.storages.contains(settings.current)) {
        refuse_setting("AdvancedStorage.MultipleStorages.CurrentWriteStorage",
                       "'" + settings.current + "' is not one of Storages. Name one of these, or add it.");
    }
}

void read_advanced(const Configuration &section, Settings &settings) {
    read_storages(section, settings);
    settings.scheme = section.text("NamingScheme", settings.scheme);
    settings.longest_path = static_cast<std::size_t>(section.integer("MaxPathLength", SOME, 256));
    settings.prefix = section.text("OtherAttachmentsPrefix", std::string());
    while (settings.prefix.ends_with('/')) {
        settings.prefix.pop_back();
    }
    for (const auto &part : std::filesystem::path(settings.prefix)) {
        if (part == ".." || part == "." || part == "/") {
            refuse_setting("AdvancedStorage.OtherAttachmentsPrefix",
                           "it leaves the storage. Write the name of a folder, such as \"other\".");
        }
    }
    const Configuration indexer = section.section("Indexer");
    if (indexer.flag("Enable", false)) {
        settings.indexing = indexing_of(indexer, "AdvancedStorage.Indexer");
    }
    const Configuration deletion = section.section("DelayedDeletion");
    if (deletion.flag("Enable", false)) {
        settings.deleting = Deleting{std::chrono::milliseconds(deletion.integer("ThrottleDelayMs", ANY, 0)),
                                     std::chrono::seconds(deletion.integer("MaxDeletionTime", SOME, 5))};
    }
}

// Refuses folders to index that hold, or are in, a storage: Orthanc would take in its own files.
void check_apart(const Settings &settings, const Indexing &indexing, const std::string &setting) {
    std::vector<std::string> roots{settings.root};
    for (const auto &[name, folder] : settings.storages) {
        roots.push_back(folder);
    }
    for (const std::string &indexed : indexing.folders) {
        for (const std::string &root : roots) {
            if (is_within(indexed, root) || is_within(root, indexed)) {
                std::string what = "the folder " + indexed;
                what += " overlaps with the storage " + root;
                refuse_setting(setting + ".Folders", what + ". Index a folder outside of it.");
            }
        }
    }
}

// OverwriteInstances is a text since Orthanc 1.13, and was true or false before.
bool overwrites(const Configuration &whole) {
    try {
        return whole.flag("OverwriteInstances", false);
    } catch (const Error &) {
        return whole.text("OverwriteInstances", "Never") != "Never";
    }
}

} // namespace

bool is_within(const std::string &path, const std::string &folder) {
    return path == folder || folder == "/" || (path.starts_with(folder) && path[folder.size()] == '/');
}

Settings settings_of(const std::string &plugin) {
    const Configuration whole = Configuration::whole();
    const bool indexer = plugin == "indexer";
    const Configuration section = whole.section(indexer ? "Indexer" : "AdvancedStorage");
    Settings settings;
    settings.enabled = section.flag("Enable", false);
    if (!settings.enabled) {
        return settings;
    }
    settings.root = normal(whole.text("StorageDirectory", "OrthancStorage"));
    settings.sync = whole.flag("SyncStorageArea", true);
    settings.overwrites = overwrites(whole);
    const std::string index = whole.text("IndexDirectory", std::string());
    settings.database = (index.empty() ? settings.root : normal(index)) + "/indexer-plugin.db";
    if (indexer) {
        settings.indexing = indexing_of(section, "Indexer");
        const std::string database = section.text("Database", std::string());
        settings.database = database.empty() ? settings.database : normal(database);
    } else {
        read_advanced(section, settings);
    }
    if (settings.indexing) {
        check_apart(settings, *settings.indexing, indexer ? "Indexer" : "AdvancedStorage.Indexer");
    }
    return settings;
}

} // namespace orthanc_images::advanced
