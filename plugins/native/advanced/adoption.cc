#include "advanced/adoption.h"

#include "advanced/files.h"
#include "advanced/place.h"

#include "framework/errors.h"
#include "framework/memory.h"
#include "framework/rest.h"

#include <nlohmann/json.hpp>

#include <filesystem>
#include <system_error>

namespace orthanc_images::advanced {

namespace {

constexpr int OF_INSTANCES = 3;
constexpr int OF_DICOM = 1;

thread_local int spared = 0;

// Returns the value of a key in an object of whatever type; null where there is none.
Json at_key(const Json &value, const char *key) {
    return value.is_object() ? value.value(key, Json()) : Json();
}

} // namespace

Store &adopted_paths() {
    static Store one("advst-adopted-path");
    return one;
}

Store &indexed_paths() {
    static Store one("advst-indexer-path");
    return one;
}

std::string indexed_text(const Indexed &indexed) {
    Json value = {{"v", 1}, {"d", indexed.dicom}, {"s", indexed.size}, {"t", indexed.time}};
    if (indexed.nanoseconds != 0) {
        value["n"] = indexed.nanoseconds;
    }
    if (!indexed.instance.empty()) {
        value["i"] = indexed.instance;
    }
    return written(value);
}

Indexed indexed_of(std::string_view text) {
    const Json value = Json::parse(text, nullptr, false);
    Indexed found;
    const auto integer = [&](const char *key) {
        const Json one = at_key(value, key);
        return one.is_number_integer() ? one.get<std::int64_t>() : 0;
    };
    found.time = integer("t");
    found.nanoseconds = integer("n");
    found.size = static_cast<std::uint64_t>(integer("s"));
    found.dicom = at_key(value, "d") == true;
    const Json instance = at_key(value, "i");
    found.instance = instance.is_string() ? instance.get<std::string>() : std::string();
    return found;
}

std::string owner_text(const std::string &instance) {
    return written({{"v", 1}, {"t", OF_INSTANCES}, {"c", OF_DICOM}, {"r", instance}});
}

std::string instance_of(std::string_view owner) {
    const Json value = Json::parse(owner, nullptr, false);
    const Json id = at_key(value, "r");
    if (id.is_string()) {
        return id.get<std::string>();
    }
    // As it was before version 0.1: v=1;t=3;c=1;r=identifier
    const std::size_t start = owner.find("r=");
    return start == std::string_view::npos
               ? std::string()
               : std::string(owner.substr(start + 2, owner.find(';', start) - start - 2));
}

bool sparing() noexcept {
    return spared > 0;
}

Sparing::Sparing() noexcept {
    ++spared;
}

Sparing::~Sparing() {
    --spared;
}

Adopted adopt(const std::string &path, std::string_view content, bool own) {
    const std::string custom = custom_data({.owned = own, .path = path, .storage = {}});
    Buffer instance;
    Buffer attachment;
    Adopted found;
    OrthancPluginErrorCode code = OrthancPluginErrorCode_Success;
    {
        const Sparing spare;
        code = OrthancPluginAdoptDicomInstance(host(), instance.target(), attachment.target(), &found.status,
                                               content.data(), content.size(), custom.data(),
                                               static_cast<std::uint32_t>(custom.size()));
    }
    if (code != OrthancPluginErrorCode_Success) {
        throw Error(code, std::string("Orthanc does not take it (") +
                              OrthancPluginGetErrorDescription(host(), code) + ").");
    }
    found.instance = std::string(instance.bytes());
    found.attachment = std::string(attachment.bytes());
    if (found.status == OrthancPluginStoreStatus_Success) {
        adopted_paths().set(path, owner_text(found.instance));
    }
    return found;
}

bool relink(const std::string &instance, const std::string &from, const std::string &to) {
    const Answer answer = call({.uri = "/instances/" + instance + "/attachments/dicom/info"});
    if (!answer.good()) {
        return false;
    }
    const Json info = parsed(answer.body.bytes(), "the information on an attachment");
    const Json sum = at_key(info, "UncompressedMD5");
    const Json size = at_key(info, "UncompressedSize");
    const std::string uuid = at_key(info, "Uuid").is_string() ? info.at("Uuid").get<std::string>() : "";
    const Place place = place_of(custom_data_of(uuid).value_or(""), uuid);
    if (place.path != from || !sum.is_string() || sum.get<std::string>().empty() ||
        !size.is_number_integer()) {
        return false;
    }
    std::error_code error;
    if (std::filesystem::file_size(to, error) != size.get<std::uintmax_t>() || error) {
        return false;
    }
    std::string content(size.get<std::size_t>(), '\0');
    read_file(to, 0, content);
    const Text found(
        OrthancPluginComputeMd5(host(), content.data(), static_cast<std::uint32_t>(content.size())));
    if (found == nullptr || sum != found.get()) {
        return false;
    }
    set_custom_data_of(uuid, custom_data({.owned = place.owned, .path = to, .storage = {}}));
    adopted_paths().set(to, owner_text(instance));
    adopted_paths().drop(from);
    return true;
}

Abandoned abandon(const std::string &path, bool even_owned) {
    const std::optional<std::string> owner = adopted_paths().get(path);
    if (!owner) {
        return Abandoned::unknown;
    }
    const std::string instance = instance_of(*owner);
    const Answer answer = call({.uri = "/instances/" + instance + "/attachments/dicom/info"});
    if (answer.good()) {
        const Json info = parsed(answer.body.bytes(), "the information on an attachment");
        const std::string uuid = at_key(info, "Uuid").is_string() ? info.at("Uuid").get<std::string>() : "";
        const Place place = place_of(custom_data_of(uuid).value_or(""), uuid);
        // It may have been replaced meanwhile, by a file that came otherwise.
        if (place.path == path) {
            if (place.owned && !even_owned) {
                return Abandoned::owned;
            }
            const Sparing spare;
            call({.method = OrthancPluginHttpMethod_Delete, .uri = "/instances/" + instance});
        }
    } else if (answer.status != 404) {
        throw Error(OrthancPluginErrorCode_Database,
                    "Orthanc does not tell what it has of an instance (HTTP " +
                        std::to_string(answer.status) + ").");
    }
    adopted_paths().drop(path);
    return Abandoned::done;
}

const char *status_text(OrthancPluginStoreStatus status) {
    switch (status) {
    case OrthancPluginStoreStatus_Success:
        return "Success";
    case OrthancPluginStoreStatus_AlreadyStored:
        return "AlreadyStored";
    case OrthancPluginStoreStatus_FilteredOut:
        return "FilteredOut";
    case OrthancPluginStoreStatus_StorageFull:
        return "StorageFull";
    default:
        return "Failure";
    }
}

} // namespace orthanc_images::advanced
