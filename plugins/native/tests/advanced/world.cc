#include "advanced/world.h"

#include "framework/plugin.h"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <functional>

#include <unistd.h>

namespace orthanc_images::tests {

namespace {

template <typename Parameters> const Parameters &as(const void *parameters) {
    return *static_cast<const Parameters *>(parameters);
}

constexpr std::size_t PREAMBLE = 128;

std::string text_of(const void *data, std::uint64_t size) {
    return {static_cast<const char *>(data), size};
}

std::string sum_of(const std::string &content) {
    return "sum " + std::to_string(std::hash<std::string>()(content));
}

// A pass through a store.
struct Iterator {
    std::vector<std::pair<std::string, std::string>> all;
    std::size_t next = 0;
};

} // namespace

World::World() : folder(std::filesystem::temp_directory_path() / ("advanced-" + std::to_string(::getpid()))) {
    static int worlds = 0;
    folder += "-" + std::to_string(++worlds);
    std::filesystem::create_directories(folder / "in");
    storage = (folder / "storage").string();
    orthanc.extra = [this](_OrthancPluginService service, const void *parameters) {
        return serve(service, parameters);
    };
}

World::~World() {
    finish();
    std::filesystem::remove_all(folder);
}

void World::start(const nlohmann::json &section, const nlohmann::json &more) {
    nlohmann::json all = more;
    all["StorageDirectory"] = storage;
    all["AdvancedStorage"] = section;
    all["AdvancedStorage"]["Enable"] = true;
    orthanc.configuration = all.dump();
    orthanc_images::start();
}

void World::begin() {
    CHECK(orthanc.changed(OrthancPluginChangeType_OrthancStarted, OrthancPluginResourceType_None, nullptr) ==
          OrthancPluginErrorCode_Success);
}

void World::stop() {
    orthanc.changed(OrthancPluginChangeType_OrthancStopped, OrthancPluginResourceType_None, nullptr);
}

std::string World::new_uuid() {
    const std::scoped_lock lock(mutex);
    char text[37];
    std::snprintf(text, sizeof text, "%08x-0000-4000-8000-000000000000",
                  static_cast<unsigned>(++count_ * 2654435761U));
    return text;
}

std::string World::store(const std::string &content, const nlohmann::json &tags,
                         OrthancPluginContentType type) {
    const std::string uuid = new_uuid();
    {
        const std::scoped_lock lock(mutex);
        tags_ = tags;
    }
    OrthancPluginMemoryBuffer custom{nullptr, 0};
    const OrthancPluginErrorCode created = area_.create(
        &custom, uuid.c_str(), content.data(), content.size(), type, OrthancPluginCompressionType_None,
        reinterpret_cast<const OrthancPluginDicomInstance *>(this));
    code = created;
    if (created == OrthancPluginErrorCode_Success) {
        const std::scoped_lock lock(mutex);
        attachments[uuid] = {"instance-" + uuid, text_of(custom.data, custom.size), content};
    }
    if (custom.data != nullptr) {
        OrthancPluginFreeMemoryBuffer(orthanc.context(), &custom);
    }
    return uuid;
}

std::string World::custom(const std::string &uuid) {
    const std::scoped_lock lock(mutex);
    const auto found = attachments.find(uuid);
    return found == attachments.end() ? "none" : found->second.custom;
}

std::string World::read(const std::string &uuid) {
    std::string content;
    std::string data;
    {
        const std::scoped_lock lock(mutex);
        content.resize(attachments.at(uuid).content.size());
        data = attachments.at(uuid).custom;
    }
    OrthancPluginMemoryBuffer64 target{content.data(), content.size()};
    code = area_.readRange(&target, uuid.c_str(), OrthancPluginContentType_Dicom, 0, data.data(),
                           static_cast<std::uint32_t>(data.size()));
    return content;
}

void World::remove(const std::string &uuid) {
    std::string data;
    {
        const std::scoped_lock lock(mutex);
        data = attachments.at(uuid).custom;
        attachments.erase(uuid);
    }
    code = area_.remove(uuid.c_str(), OrthancPluginContentType_Dicom, data.data(),
                        static_cast<std::uint32_t>(data.size()));
}

std::optional<std::string> World::attachment(const std::string &instance) {
    const std::scoped_lock lock(mutex);
    for (const auto &[uuid, kept] : attachments) {
        if (kept.instance == instance) {
            return uuid;
        }
    }
    return {};
}

std::pair<OrthancPluginErrorCode, Answered> World::send(OrthancPluginHttpMethod method,
                                                        const std::string &pattern, const std::string &body,
                                                        const std::string &uri,
                                                        const std::vector<std::string> &groups) {
    std::vector<const char *> texts;
    for (const std::string &group : groups) {
        texts.push_back(group.c_str());
    }
    OrthancPluginHttpRequest request{};
    request.method = method;
    request.body = body.data();
    request.bodySize = static_cast<std::uint32_t>(body.size());
    request.groups = texts.data();
    request.groupsCount = static_cast<std::uint32_t>(texts.size());
    return orthanc.request(pattern, request, uri.c_str());
}

std::vector<std::string> World::said() {
    std::vector<std::string> found;
    for (const Line &line : orthanc.lines()) {
        if (line.level != OrthancPluginLogLevel_Info) {
            found.push_back(line.message);
        }
    }
    return found;
}

std::string World::dicom(const std::string &instance, const std::string &rest) {
    return std::string(PREAMBLE, '\0') + "DICM" + instance + ";" + rest;
}

std::string World::file(const std::string &name, const std::string &content) {
    const std::filesystem::path path = folder / "in" / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << content;
    // As if it had been there for a while.
    std::filesystem::last_write_time(path, std::filesystem::last_write_time(path) - std::chrono::hours(1));
    return path.string();
}

std::vector<std::string> World::instances() {
    const std::scoped_lock lock(mutex);
    std::vector<std::string> found;
    for (const auto &[uuid, kept] : attachments) {
        found.push_back(kept.instance);
    }
    std::ranges::sort(found);
    return found;
}

std::map<std::string, std::string> World::values(const std::string &store) {
    const std::scoped_lock lock(mutex);
    return stores[store];
}

std::vector<std::string> World::files(const std::string &below) {
    std::vector<std::string> found;
    if (std::filesystem::exists(below)) {
        for (const auto &entry : std::filesystem::recursive_directory_iterator(below)) {
            found.push_back(std::filesystem::relative(entry.path(), below).string());
        }
    }
    std::ranges::sort(found);
    return found;
}

OrthancPluginErrorCode World::adopt(const _OrthancPluginAdoptDicomInstance &given) {
    const std::string content = text_of(given.dicom, given.dicomSize);
    const std::string custom = text_of(given.customData, given.customDataSize);
    if (refusal != OrthancPluginErrorCode_Success) {
        return std::exchange(refusal, OrthancPluginErrorCode_Success);
    }
    const std::size_t end = content.find(';', PREAMBLE);
    if (end == std::string::npos) {
        return OrthancPluginErrorCode_BadFileFormat;
    }
    const std::string instance = content.substr(PREAMBLE + 4, end - PREAMBLE - 4);
    const std::optional<std::string> before = attachment(instance);
    FakeOrthanc::fill(*given.instanceId, instance);
    if (before && !overwrites) {
        *given.storeStatus = OrthancPluginStoreStatus_AlreadyStored;
        // Orthanc deletes what it has stored in vain.
        area_.remove("00000000-0000-4000-8000-000000000000", OrthancPluginContentType_Dicom, custom.data(),
                     static_cast<std::uint32_t>(custom.size()));
        return OrthancPluginErrorCode_Success;
    }
    if (before) {
        remove(*before);
    }
    const std::string uuid = new_uuid();
    FakeOrthanc::fill(*given.attachmentUuid, uuid);
    *given.storeStatus = OrthancPluginStoreStatus_Success;
    const std::scoped_lock lock(mutex);
    attachments[uuid] = {instance, custom, content};
    return OrthancPluginErrorCode_Success;
}

OrthancPluginErrorCode World::answer(const _OrthancPluginCallRestApi &given, const nlohmann::json &value) {
    *given.httpStatus = 200;
    return FakeOrthanc::fill(*given.answerBody, value.dump());
}

OrthancPluginErrorCode World::call(const _OrthancPluginCallRestApi &given) {
    const std::string uri = given.uri;
    if (uri == "/system") {
        return answer(given, {{"Capabilities", capabilities}, {"ReadOnly", false}});
    }
    if (uri.starts_with("/jobs/")) {
        return answer(given, {{"State", "Success"}, {"Content", {{"Done", true}}}});
    }
    constexpr std::string_view INSTANCES = "/instances/";
    const std::size_t end = std::min(uri.find('/', INSTANCES.size()), uri.size());
    const std::string instance =
        uri.starts_with(INSTANCES) ? uri.substr(INSTANCES.size(), end - INSTANCES.size()) : "";
    const std::optional<std::string> uuid = attachment(instance);
    if (!uuid) {
        *given.httpStatus = 404;
        return OrthancPluginErrorCode_Success;
    }
    if (given.method == OrthancPluginHttpMethod_Delete) {
        remove(*uuid);
        return answer(given, nlohmann::json::object());
    }
    const std::string rest = uri.substr(end);
    if (rest == "/attachments") {
        return answer(given, {"dicom"});
    }
    if (rest == "/attachments/dicom/info") {
        const std::scoped_lock lock(mutex);
        const std::string &content = attachments.at(*uuid).content;
        return answer(
            given,
            {{"Uuid", *uuid}, {"UncompressedMD5", sum_of(content)}, {"UncompressedSize", content.size()}});
    }
    return answer(given, {{"ID", instance}});
}

std::optional<OrthancPluginErrorCode> World::serve(_OrthancPluginService service, const void *parameters) {
    constexpr auto GOOD = OrthancPluginErrorCode_Success;
    switch (service) {
    case _OrthancPluginService_RegisterStorageArea3:
        area_ = as<_OrthancPluginRegisterStorageArea3>(parameters);
        return GOOD;
    case _OrthancPluginService_LookupDictionary: {
        const auto &asked = as<_OrthancPluginLookupDictionary>(parameters);
        return std::string_view(asked.name).starts_with("Unknown") ? OrthancPluginErrorCode_UnknownDicomTag
                                                                   : GOOD;
    }
    case _OrthancPluginService_GetInstanceAdvancedJson: {
        const std::scoped_lock lock(mutex);
        *as<_OrthancPluginAccessDicomInstance2>(parameters).targetStringToFree =
            FakeOrthanc::text(tags_.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
        return GOOD;
    }
    case _OrthancPluginService_ComputeSha1:
    case _OrthancPluginService_ComputeMd5: {
        const auto &asked = as<_OrthancPluginComputeHash>(parameters);
        *asked.result = FakeOrthanc::text(sum_of(text_of(asked.buffer, asked.size)));
        return GOOD;
    }
    case _OrthancPluginService_CallRestApi:
        return call(as<_OrthancPluginCallRestApi>(parameters));
    case _OrthancPluginService_AdoptDicomInstance:
        return adopt(as<_OrthancPluginAdoptDicomInstance>(parameters));
    case _OrthancPluginService_StoreKeyValue: {
        const auto &given = as<_OrthancPluginStoreKeyValue>(parameters);
        const std::scoped_lock lock(mutex);
        stores[given.storeId][given.key] = text_of(given.value, given.valueSize);
        return GOOD;
    }
    case _OrthancPluginService_DeleteKeyValue: {
        const auto &given = as<_OrthancPluginDeleteKeyValue>(parameters);
        const std::scoped_lock lock(mutex);
        stores[given.storeId].erase(given.key);
        return GOOD;
    }
    case _OrthancPluginService_GetKeyValue: {
        const auto &given = as<_OrthancPluginGetKeyValue>(parameters);
        const std::scoped_lock lock(mutex);
        const auto found = stores[given.storeId].find(given.key);
        *given.found = found == stores[given.storeId].end() ? 0 : 1;
        return *given.found == 0 ? GOOD : FakeOrthanc::fill(*given.target, found->second);
    }
    case _OrthancPluginService_CreateKeysValuesIterator: {
        const auto &given = as<_OrthancPluginCreateKeysValuesIterator>(parameters);
        const std::scoped_lock lock(mutex);
        auto made = std::make_unique<Iterator>();
        made->all.assign(stores[given.storeId].begin(), stores[given.storeId].end());
        *given.target = reinterpret_cast<OrthancPluginKeysValuesIterator *>(made.release());
        return GOOD;
    }
    case _OrthancPluginService_FreeKeysValuesIterator:
        delete reinterpret_cast<Iterator *>(as<_OrthancPluginFreeKeysValuesIterator>(parameters).iterator);
        return GOOD;
    case _OrthancPluginService_KeysValuesIteratorNext: {
        const auto &given = as<_OrthancPluginKeysValuesIteratorNext>(parameters);
        auto *one = reinterpret_cast<Iterator *>(given.iterator);
        *given.done = one->next++ < one->all.size() ? 1 : 0;
        return GOOD;
    }
    case _OrthancPluginService_KeysValuesIteratorGetKey: {
        const auto &given = as<_OrthancPluginKeysValuesIteratorGetKey>(parameters);
        const auto *one = reinterpret_cast<Iterator *>(given.iterator);
        *given.target = one->all.at(one->next - 1).first.c_str();
        return GOOD;
    }
    case _OrthancPluginService_KeysValuesIteratorGetValue: {
        const auto &given = as<_OrthancPluginKeysValuesIteratorGetValue>(parameters);
        const auto *one = reinterpret_cast<Iterator *>(given.iterator);
        return FakeOrthanc::fill(*given.target, one->all.at(one->next - 1).second);
    }
    case _OrthancPluginService_EnqueueValue: {
        const auto &given = as<_OrthancPluginEnqueueValue>(parameters);
        const std::scoped_lock lock(mutex);
        queue.emplace_back(++count_, text_of(given.value, given.valueSize));
        return GOOD;
    }
    case _OrthancPluginService_ReserveQueueValue: {
        const auto &given = as<_OrthancPluginReserveQueueValue>(parameters);
        const std::scoped_lock lock(mutex);
        *given.found = queue.empty() ? 0 : 1;
        if (queue.empty()) {
            return GOOD;
        }
        *given.valueId = queue.front().first;
        return FakeOrthanc::fill(*given.target, queue.front().second);
    }
    case _OrthancPluginService_AcknowledgeQueueValue: {
        const auto &given = as<_OrthancPluginAcknowledgeQueueValue>(parameters);
        const std::scoped_lock lock(mutex);
        std::erase_if(queue, [&](const auto &one) { return one.first == given.valueId; });
        return GOOD;
    }
    case _OrthancPluginService_GetQueueSize: {
        const std::scoped_lock lock(mutex);
        *as<_OrthancPluginGetQueueSize>(parameters).size = queue.size();
        return GOOD;
    }
    case _OrthancPluginService_GetAttachmentCustomData: {
        const auto &given = as<_OrthancPluginGetAttachmentCustomData>(parameters);
        const std::scoped_lock lock(mutex);
        const auto found = attachments.find(given.attachmentUuid);
        return found == attachments.end() ? OrthancPluginErrorCode_UnknownResource
                                          : FakeOrthanc::fill(*given.customData, found->second.custom);
    }
    case _OrthancPluginService_SetAttachmentCustomData: {
        const auto &given = as<_OrthancPluginSetAttachmentCustomData>(parameters);
        const std::scoped_lock lock(mutex);
        const auto found = attachments.find(given.attachmentUuid);
        if (found != attachments.end()) {
            found->second.custom = text_of(given.customData, given.customDataSize);
        }
        return GOOD;
    }
    default:
        return {};
    }
}

} // namespace orthanc_images::tests
