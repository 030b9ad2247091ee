// Orthanc as a server of worklists: the routes and callbacks of the plugin.
#include "worklists/dicom.h"
#include "worklists/options.h"
#include "worklists/server.h"
#include "worklists/store.h"

#include "framework/configuration.h"
#include "framework/errors.h"
#include "framework/host.h"
#include "framework/log.h"
#include "framework/memory.h"
#include "framework/plugin.h"
#include "framework/rest.h"
#include "framework/threads.h"

#include <nlohmann/json.hpp>

#include <condition_variable>
#include <memory>
#include <mutex>

namespace orthanc_images {

namespace worklists {

namespace {

// Set before the first callback.
std::unique_ptr<Server> server;
std::jthread housekeeper;

void list(const Request &request, Response &response) {
    server->list(request, response);
}

void create(const Request &request, Response &response) {
    server->create(request, response);
}

void one(const Request &request, Response &response) {
    server->one(request, response);
}

void check(OrthancPluginErrorCode code) {
    if (code != OrthancPluginErrorCode_Success) {
        throw Error(code, std::string("a query for worklists fails: ") +
                              OrthancPluginGetErrorDescription(host(), code));
    }
}

OrthancPluginErrorCode find(OrthancPluginWorklistAnswers *answers, const OrthancPluginWorklistQuery *query,
                            const char *caller, const char *) {
    return guarded([&] {
        Buffer wanted;
        check(OrthancPluginWorklistGetDicomQuery(host(), wanted.target(), query));
        auto tags = tags_of(wanted.bytes(), OrthancPluginDicomToJsonFormat_Short);
        if (!tags) {
            check(OrthancPluginErrorCode_BadFileFormat);
        }
        const bool whole =
            server->find(std::move(*tags), caller == nullptr ? "" : caller, [&](const Worklist &found) {
                check(OrthancPluginWorklistAddAnswer(host(), answers, query, found.dicom.data(),
                                                     static_cast<std::uint32_t>(found.dicom.size())));
            });
        if (!whole) {
            check(OrthancPluginWorklistMarkIncomplete(host(), answers));
        }
    });
}

void keep_house(const std::stop_token &stopping) {
    std::mutex mutex;
    std::condition_variable_any never;
    while (!stopping.stop_requested()) {
        guarded([] { server->tidy(std::chrono::system_clock::now()); });
        std::unique_lock lock(mutex);
        never.wait_for(lock, stopping, server->options().interval, [] { return false; });
    }
}

// Tells whether the index can keep worklists; an older database cannot.
bool index_keeps() {
    const Json system = get_json("/system");
    const auto able = system.find("Capabilities");
    return able != system.end() && able->value("HasKeyValueStores", false);
}

OrthancPluginErrorCode changed(OrthancPluginChangeType change, OrthancPluginResourceType, const char *) {
    return guarded([&] {
        if (change != OrthancPluginChangeType_OrthancStarted || housekeeper.joinable()) {
            return;
        }
        const Options &options = server->options();
        if (options.folder.empty() && !index_keeps()) {
            throw Error(
                OrthancPluginErrorCode_IncompatibleConfigurations,
                "Worklists.SaveInOrthancDatabase: the database of the index has no key-value stores, "
                "and every query for worklists will fail. Take another database, or set it to false.");
        }
        if (options.remove_with_study || options.age.count() > 0) {
            housekeeper = background("worklists", keep_house);
        }
    });
}

} // namespace

} // namespace worklists

void start() {
    using namespace worklists;
    Options options = options_of(Configuration::of("Worklists"), Configuration::whole());
    if (!options.enabled) {
        log_warning("Worklists.Enable is false: no query for worklists is answered.");
        return;
    }
    auto store = options.folder.empty() ? index_store() : folder_store(options.folder);
    server = std::make_unique<Server>(std::move(options), std::move(store));
    OrthancPluginRegisterWorklistCallback(host(), worklists::find);
    OrthancPluginRegisterOnChangeCallback(host(), changed);
    route<create>("/worklists/create");
    route<one>("/worklists/([^/]+)");
    route<list>("/worklists");
}

void finish() {
    worklists::housekeeper = {};
}

} // namespace orthanc_images
