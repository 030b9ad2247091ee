#include "advanced/state.h"

#include "framework/errors.h"
#include "framework/host.h"
#include "framework/log.h"
#include "framework/rest.h"
#include "framework/threads.h"

#include <nlohmann/json.hpp>

#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <utility>

namespace orthanc_images::advanced {

namespace {

bool is_tag(const std::string &name) {
    OrthancPluginDictionaryEntry entry{};
    return OrthancPluginLookupDictionary(host(), &entry, name.c_str()) == OrthancPluginErrorCode_Success;
}

} // namespace

std::unique_ptr<State> &state_holder() {
    static std::unique_ptr<State> one;
    return one;
}

State &state() {
    if (state_holder() == nullptr) {
        throw Error(OrthancPluginErrorCode_StorageAreaPlugin, "the storage area has ended.");
    }
    return *state_holder();
}

State::State(Settings given)
    : settings(std::move(given)), naming(settings.scheme, settings.overwrites, is_tag) {
    std::error_code ignored;
    if (std::filesystem::exists(settings.database, ignored)) {
        takeover = std::make_unique<Takeover>(settings.database);
    }
}

void State::begin() {
    const Json system = get_json("/system");
    const Json abilities = system.value("Capabilities", Json::object());
    capable = abilities.value("HasKeyValueStores", false);
    if (!capable) {
        log_error("Orthanc's index keeps no custom data of files, which " + std::string(identity.name) +
                  " needs. Use SQLite, or the plugins PostgreSQL, MySQL or Odbc of these images.");
        return;
    }
    const std::scoped_lock lock(mutex);
    if (settings.deleting) {
        if (!abilities.value("HasReserveQueueValue", false)) {
            log_error(
                "AdvancedStorage.DelayedDeletion: Orthanc's index has no queues. Files are deleted at once.");
        } else {
            deletion = std::make_unique<Deletion>(settings);
        }
    }
    const bool read_only = system.value("ReadOnly", false);
    if (read_only && (settings.indexing || takeover != nullptr)) {
        log_warning("ReadOnly is on: no files are taken into the index.");
        return;
    }
    if (settings.indexing) {
        indexer = std::make_unique<Indexer>(*settings.indexing);
    }
    if (settings.indexing || takeover != nullptr) {
        thread = background("INDEXER", [this](const std::stop_token &stop) { background_work(stop); });
    }
}

void State::background_work(const std::stop_token &stop) const {
    bool taken = takeover == nullptr;
    while (!taken && !stop.stop_requested()) {
        guarded([&] {
            takeover->run(stop);
            taken = true;
        });
        if (!taken) {
            std::mutex alone;
            std::unique_lock lock(alone);
            std::condition_variable_any never;
            never.wait_for(lock, stop, std::chrono::seconds(10), [] { return false; });
        }
    }
    if (indexer != nullptr && taken) {
        indexer->run(stop);
    }
}

void State::stop() {
    stopping = true;
    if (thread.joinable()) {
        thread.request_stop();
        thread.join();
    }
    const std::scoped_lock lock(mutex);
    deletion.reset();
    indexer.reset();
}

} // namespace orthanc_images::advanced
