// An Orthanc with an index for the tests of AdvancedStorage: instances, attachments with custom data, values
// by keys, and queues.
#pragma once

#include "tests/fake_orthanc.h"

#include <nlohmann/json.hpp>

#include <atomic>
#include <deque>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace orthanc_images::tests {

// An attachment in the index.
struct Kept {
    std::string instance;
    std::string custom;
    std::string content;
};

class World {
  public:
    World();
    World(const World &) = delete;
    World &operator=(const World &) = delete;
    ~World();

    // Starts the plugin with these settings of AdvancedStorage, and others of Orthanc.
    void start(const nlohmann::json &section = nlohmann::json::object(),
               const nlohmann::json &more = nlohmann::json::object());
    // Tells that Orthanc has started, so that threads begin.
    void begin();
    void stop();

    // Stores a file as Orthanc does, and returns its identifier.
    std::string store(const std::string &content, const nlohmann::json &tags = nlohmann::json::object(),
                      OrthancPluginContentType type = OrthancPluginContentType_Dicom);
    // What the storage area answers; the code is noted in `code`.
    std::string read(const std::string &uuid);
    void remove(const std::string &uuid);
    std::atomic<OrthancPluginErrorCode> code = OrthancPluginErrorCode_Success;

    // The attachment of an instance.
    std::optional<std::string> attachment(const std::string &instance);
    std::string custom(const std::string &uuid);

    // Sends a request to a route.
    std::pair<OrthancPluginErrorCode, Answered> send(OrthancPluginHttpMethod method,
                                                     const std::string &pattern, const std::string &body,
                                                     const std::string &uri = "/uri",
                                                     const std::vector<std::string> &groups = {});

    // The log's lines of warnings and errors.
    std::vector<std::string> said();

    // A file outside of the storage; what begins with the bytes of `dicom` is an instance.
    std::string file(const std::string &name, const std::string &content);
    static std::string dicom(const std::string &instance, const std::string &rest = "");

    std::vector<std::string> instances();
    std::map<std::string, std::string> values(const std::string &store);
    std::vector<std::string> files(const std::string &below);

    std::filesystem::path folder;
    std::string storage;
    FakeOrthanc orthanc;
    std::mutex mutex;
    std::map<std::string, Kept> attachments;
    std::map<std::string, std::map<std::string, std::string>> stores;
    std::deque<std::pair<std::uint64_t, std::string>> queue;
    nlohmann::json capabilities = {
        {"HasKeyValueStores", true}, {"HasQueues", true}, {"HasReserveQueueValue", true}};
    bool overwrites = false;
    // What Orthanc answers for the next instance, instead of taking it.
    OrthancPluginErrorCode refusal = OrthancPluginErrorCode_Success;

  private:
    std::optional<OrthancPluginErrorCode> serve(_OrthancPluginService service, const void *parameters);
    OrthancPluginErrorCode adopt(const _OrthancPluginAdoptDicomInstance &given);
    OrthancPluginErrorCode call(const _OrthancPluginCallRestApi &given);
    OrthancPluginErrorCode answer(const _OrthancPluginCallRestApi &given, const nlohmann::json &value);
    std::string new_uuid();

    _OrthancPluginRegisterStorageArea3 area_{};
    nlohmann::json tags_;
    std::uint64_t count_ = 0;
};

} // namespace orthanc_images::tests
