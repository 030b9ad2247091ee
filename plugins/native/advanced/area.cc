#include "advanced/area.h"

#include "advanced/adoption.h"
#include "advanced/files.h"
#include "advanced/state.h"
#include "advanced/stores.h"

#include "framework/errors.h"
#include "framework/host.h"
#include "framework/log.h"
#include "framework/memory.h"

#include <nlohmann/json.hpp>

#include <cerrno>
#include <cstring>
#include <new>
#include <span>
#include <utility>

namespace orthanc_images::advanced {

namespace {

// Longer texts are no names, and need not be copied.
constexpr std::uint32_t LONGEST_TEXT = 1024;

std::string extension_of(OrthancPluginContentType type, OrthancPluginCompressionType compression) {
    std::string found = ".unk";
    if (type == OrthancPluginContentType_Dicom) {
        found = ".dcm";
    } else if (type == OrthancPluginContentType_DicomUntilPixelData) {
        found = ".dcm.head";
    }
    return compression == OrthancPluginCompressionType_None ? found : found + ".cmp";
}

Json tags_of_instance(const OrthancPluginDicomInstance *instance) {
    const Text text(OrthancPluginGetInstanceAdvancedJson(host(), instance,
                                                         OrthancPluginDicomToJsonFormat_Human,
                                                         OrthancPluginDicomToJsonFlags_None, LONGEST_TEXT));
    return text == nullptr ? Json() : Json::parse(text.get(), nullptr, false);
}

// Returns the path that a new file is to have in its storage; empty for Orthanc's own.
std::string wanted_path(const std::string &uuid, OrthancPluginContentType type,
                        OrthancPluginCompressionType compression,
                        const OrthancPluginDicomInstance *instance) {
    const State &now = state();
    // Orthanc gives an instance along with other content too, of which it then is none.
    const bool dicom =
        type == OrthancPluginContentType_Dicom || type == OrthancPluginContentType_DicomUntilPixelData;
    if (!dicom) {
        return now.settings.prefix.empty() ? "" : now.settings.prefix + "/" + standard_path(uuid);
    }
    if (now.naming.standard() || instance == nullptr) {
        return {};
    }
    const Json tags = tags_of_instance(instance);
    const std::string extension = extension_of(type, compression);
    std::string path = now.naming.path({.tags = tags, .uuid = uuid, .extension = extension});
    const std::size_t length = folder_of(now.settings, now.settings.current).size() + 1 + path.size();
    if (length > now.settings.longest_path || !fits(path)) {
        log_warning("file " + uuid + ": the name that AdvancedStorage.NamingScheme gives it is too long (" +
                    std::to_string(length) + " bytes, MaxPathLength is " +
                    std::to_string(now.settings.longest_path) + "). It gets the name of Orthanc itself.");
        return {};
    }
    return path;
}

Place written_to(const std::string &uuid, std::string_view content, std::string path) {
    const Settings &settings = state().settings;
    Place place{.owned = true, .path = std::move(path), .storage = settings.current};
    const Writing writing{.uuid = uuid, .sync = settings.sync};
    if (write_file(absolute(settings, place, uuid), content, writing)) {
        return place;
    }
    if (!place.path.empty()) {
        log_warning(
            "file " + uuid +
            ": another file has the name that AdvancedStorage.NamingScheme gives it. It gets the name of "
            "Orthanc itself.");
        place.path.clear();
        if (write_file(absolute(settings, place, uuid), content, writing)) {
            return place;
        }
    }
    throw Error(OrthancPluginErrorCode_StorageAreaPlugin,
                "file " + uuid + ": there is another one of its name. See what else writes to the storage.");
}

void give_custom_data(OrthancPluginMemoryBuffer *target, const Place &place, const std::string &uuid) {
    const std::string custom = custom_data(place);
    if (custom.empty()) {
        return;
    }
    if (!state().capable) {
        throw Error(OrthancPluginErrorCode_Database,
                    "file " + uuid +
                        ": Orthanc's index cannot keep where it is. Use SQLite, or the plugins "
                        "PostgreSQL, MySQL or Odbc of these images.");
    }
    if (OrthancPluginCreateMemoryBuffer(host(), target, static_cast<std::uint32_t>(custom.size())) !=
        OrthancPluginErrorCode_Success) {
        throw std::bad_alloc();
    }
    std::memcpy(target->data, custom.data(), custom.size());
}

OrthancPluginErrorCode create_file(OrthancPluginMemoryBuffer *custom, const char *uuid, const void *content,
                                   std::uint64_t size, OrthancPluginContentType type,
                                   OrthancPluginCompressionType compression,
                                   const OrthancPluginDicomInstance *instance) noexcept {
    return guarded([=] {
        const std::string name(uuid);
        const Place place = written_to(name, {static_cast<const char *>(content), size},
                                       wanted_path(name, type, compression, instance));
        try {
            give_custom_data(custom, place, name);
        } catch (...) {
            const std::string path = absolute(state().settings, place, name);
            remove_file_in(path, base_of(state().settings, path));
            throw;
        }
    });
}

void read_place(const std::string &uuid, const Place &place, std::uint64_t start, std::span<char> target) {
    try {
        read_file(absolute(state().settings, place, uuid), start, target);
    } catch (const FileError &error) {
        if (error.number() != ENOENT) {
            throw;
        }
        // It may have been moved since Orthanc looked, or be linked by the file of Indexer.
        const Place now = place_now(uuid);
        if (now == place) {
            throw;
        }
        read_file(absolute(state().settings, now, uuid), start, target);
    }
}

OrthancPluginErrorCode read_part(OrthancPluginMemoryBuffer64 *target, const char *uuid,
                                 OrthancPluginContentType, std::uint64_t start, const void *custom,
                                 std::uint32_t size) noexcept {
    return guarded([=] {
        const std::string name(uuid);
        const Place place = place_of({static_cast<const char *>(custom), size}, name);
        try {
            read_place(name, place, start, {static_cast<char *>(target->data), target->size});
        } catch (const FileError &error) {
            const std::string which = place.adopted() ? " (" + place.path + ")" : "";
            throw Error(error.code(), "file " + name + which + ": " + error.what());
        }
    });
}

void remove_place(const std::string &uuid, const Place &place) {
    State &now = state();
    const std::string path = absolute(now.settings, place, uuid);
    if (place.adopted()) {
        if (sparing()) {
            return;
        }
        adopted_paths().drop(path);
    }
    if (!place.owned || (place == Place() && now.takeover != nullptr && now.takeover->path_of(uuid))) {
        return;
    }
    {
        const std::scoped_lock lock(now.mutex);
        if (now.deletion != nullptr) {
            Deletion::add(path);
            return;
        }
    }
    remove_file_in(path, base_of(now.settings, path));
}

OrthancPluginErrorCode remove_one(const char *uuid, OrthancPluginContentType, const void *custom,
                                  std::uint32_t size) noexcept {
    return guarded([=] {
        const std::string name(uuid);
        try {
            remove_place(name, place_of({static_cast<const char *>(custom), size}, name));
        } catch (const FileError &error) {
            throw Error(error.code(), "file " + name + ": " + error.what());
        }
    });
}

} // namespace

Place place_now(const std::string &uuid) {
    Place place = place_of(custom_data_of(uuid).value_or(""), uuid);
    if (place == Place() && state().takeover != nullptr) {
        if (const auto path = state().takeover->path_of(uuid)) {
            return {.owned = false, .path = *path, .storage = {}};
        }
    }
    return place;
}

void register_storage() {
    OrthancPluginRegisterStorageArea3(host(), create_file, read_part, remove_one);
}

} // namespace orthanc_images::advanced
