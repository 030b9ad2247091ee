#include "advanced/place.h"

#include "advanced/naming.h"

#include "framework/errors.h"
#include "framework/json.h"

#include <nlohmann/json.hpp>

#include <filesystem>

namespace orthanc_images::advanced {

namespace {

[[noreturn]] void unreadable_place(const std::string &uuid, const std::string &what) {
    throw Error(OrthancPluginErrorCode_BadFileFormat,
                "file " + uuid + ": " + what + ". Another plugin has stored it: enable that one.");
}

std::string text_in(const Json &value, const char *key) {
    const auto found = value.find(key);
    return found != value.end() && found->is_string() ? found->get<std::string>() : std::string();
}

} // namespace

Place place_of(std::string_view custom, const std::string &uuid) {
    if (custom.empty()) {
        return {};
    }
    const Json value = Json::parse(custom, nullptr, false);
    if (!value.is_object() || value.value("v", Json()) != 1 || !value.value("o", Json()).is_boolean()) {
        unreadable_place(uuid, "its custom data in the index is not that of AdvancedStorage");
    }
    Place place{value.at("o").get<bool>(), text_in(value, "p"), text_in(value, "s")};
    if (!place.owned && place.path.empty()) {
        unreadable_place(uuid, "its custom data in the index has no path");
    }
    return place;
}

std::string custom_data(const Place &place) {
    if (place == Place()) {
        return {};
    }
    Json value = {{"v", 1}, {"o", place.owned}, {"p", place.path}};
    if (!place.storage.empty()) {
        value["s"] = place.storage;
    }
    return written(value);
}

const std::string &folder_of(const Settings &settings, const std::string &storage) {
    if (storage.empty()) {
        return settings.root;
    }
    const auto found = settings.storages.find(storage);
    if (found == settings.storages.end()) {
        throw Error(OrthancPluginErrorCode_InexistentItem,
                    "AdvancedStorage.MultipleStorages.Storages: there is no storage '" + storage +
                        "', and files are in it. Add it with its folder.");
    }
    return found->second;
}

std::string absolute(const Settings &settings, const Place &place, const std::string &uuid) {
    if (place.adopted()) {
        return place.path;
    }
    for (const auto &part : std::filesystem::path(place.path)) {
        if (part == "..") {
            unreadable_place(uuid, "its path leaves the storage");
        }
    }
    return folder_of(settings, place.storage) + "/" + (place.path.empty() ? standard_path(uuid) : place.path);
}

std::string base_of(const Settings &settings, const std::string &path) {
    std::string found;
    const auto consider = [&](const std::string &folder) {
        if (is_within(path, folder) && folder.size() > found.size()) {
            found = folder;
        }
    };
    consider(settings.root);
    for (const auto &[name, folder] : settings.storages) {
        consider(folder);
    }
    if (settings.indexing) {
        for (const std::string &folder : settings.indexing->folders) {
            consider(folder);
        }
    }
    return found;
}

} // namespace orthanc_images::advanced
