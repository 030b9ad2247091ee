// Transfers between Orthanc servers in buckets: its routes, its jobs, and what it shows of itself.
#include "framework/configuration.h"
#include "framework/errors.h"
#include "framework/host.h"
#include "framework/http.h"
#include "framework/jobs.h"
#include "framework/log.h"
#include "framework/memory.h"
#include "framework/plugin.h"
#include "framework/rest.h"
#include "framework/upload.h"
#include "transfers/codec.h"
#include "transfers/explorer.h"
#include "transfers/files.h"
#include "transfers/peer.h"
#include "transfers/pushes.h"
#include "transfers/settings.h"
#include "transfers/transfer.h"
#include "transfers/values.h"

#include <algorithm>
#include <atomic>
#include <charconv>
#include <filesystem>
#include <limits>
#include <memory>
#include <mutex>
#include <optional>
#include <semaphore>
#include <thread>
#include <utility>

namespace orthanc_images {

namespace transfers {

namespace {

// How many peers are asked at once what they have.
constexpr std::size_t MOST_ASKED = 16;

// All of it is set before the first request.
struct State {
    explicit State(Settings given)
        : settings(std::move(given)), files(settings.cache, settings.folder), pushes(settings.pushes),
          serving(settings.threads) {}

    Settings settings;
    std::string uuid;
    Files files;
    Pushes pushes;
    std::counting_semaphore<> serving;
};

std::unique_ptr<State> &holder() {
    static std::unique_ptr<State> one;
    return one;
}

State &state() {
    return *holder();
}

std::string uuid() {
    const Text text(OrthancPluginGenerateUuid(host()));
    if (text == nullptr) {
        throw Error(OrthancPluginErrorCode_NotEnoughMemory, "Orthanc gives no identifier.");
    }
    return text.get();
}

bool only(OrthancPluginHttpMethod method, const Request &request, Response &response) {
    if (request.method() != method) {
        response.not_allowed(method_name(method));
        return false;
    }
    return true;
}

Json body_of(const Request &request) {
    try {
        return request.json();
    } catch (const Error &error) {
        throw Error(OrthancPluginErrorCode_BadFileFormat, error.what());
    }
}

Query query_of_request(const Request &request) {
    Query query = query_of(body_of(request));
    if (query.sender.empty()) {
        query.sender = uuid();
    }
    return query;
}

void answer_job(std::unique_ptr<Job> job, int priority, Response &response) {
    const std::string id = submit(std::move(job), priority);
    response.json({{"ID", id}, {"Path", "/jobs/" + id}});
}

// Asks the peer to fetch what it is to get.
void let_pull(const Query &query, const Peer &peer, const std::string &self, Response &response) {
    Json body = saved_query(query);
    body["Peer"] = self;
    body["Originator"] = state().uuid;
    const std::string text = written(body);
    const Told told = peer.ask({.method = OrthancPluginHttpMethod_Post,
                                .path = "/transfers/pull",
                                .body = text,
                                .headers = {{"Content-Type", "application/json"}, {"Expect", ""}},
                                .timeout = state().settings.commit_timeout,
                                .most = SHORT});
    const Json answer = Json::parse(told.body, nullptr, false);
    if (!answer.is_object() || !answer.contains("ID") || !answer.at("ID").is_string() ||
        !answer.contains("Path") || !answer.at("Path").is_string()) {
        throw Error(OrthancPluginErrorCode_NetworkProtocol,
                    "peer \"" + query.peer + "\": it names no job. See that it has the plugin.");
    }
    response.json({{"Peer", query.peer},
                   {"RemoteJob", answer.at("ID")},
                   {"URL", peer.url() + answer.at("Path").get<std::string>()}});
}

void send(const Request &request, Response &response) {
    if (!only(OrthancPluginHttpMethod_Post, request, response)) {
        return;
    }
    Query query = query_of_request(request);
    const Peer peer(query.peer);
    if (const std::optional<std::string> &self = peer.remote_self()) {
        let_pull(query, peer, *self, response);
        return;
    }
    std::vector<Instance> instances = state().files.instances(query.resources);
    const int priority = query.priority;
    answer_job(push(state().settings, state().files, std::move(query), std::move(instances)), priority,
               response);
}

void fetch_from_peer(const Request &request, Response &response) {
    if (!only(OrthancPluginHttpMethod_Post, request, response)) {
        return;
    }
    Query query = query_of_request(request);
    const Peer known(query.peer);
    const int priority = query.priority;
    answer_job(pull(state().settings, std::move(query)), priority, response);
}

void lookup(const Request &request, Response &response) {
    if (!only(OrthancPluginHttpMethod_Post, request, response)) {
        return;
    }
    // The rest makes it a query, which checks the resources.
    const Query query = query_of({{"Resources", body_of(request)}, {"Compression", "none"}, {"Peer", ""}});
    const std::vector<Instance> instances = state().files.instances(query.resources);
    const std::uint64_t size = total(instances);
    response.json({{"Instances", described(instances)},
                   {"Originator", state().uuid},
                   {"CountInstances", instances.size()},
                   {"TotalSize", std::to_string(size)},
                   {"TotalSizeMB", mebibytes(size)}});
}

std::uint64_t number(const Request &request, std::string_view name) {
    const std::string_view digits = request.argument(name).value_or("0");
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc() || end != digits.data() + digits.size()) {
        throw Error(OrthancPluginErrorCode_BadFileFormat, std::string(name) + ": is not a whole number.");
    }
    return value;
}

// Returns the bytes from `offset` on of the files, one after the other; `size` of them, or all for 0.
std::string part_of(const std::vector<std::string> &ids, std::uint64_t offset, std::uint64_t size) {
    std::string content;
    const std::uint64_t wanted = size == 0 ? std::numeric_limits<std::uint64_t>::max() : size;
    for (const std::string &id : ids) {
        if (content.size() >= wanted) {
            break;
        }
        const std::uint64_t all = state().files.size(id);
        if (offset >= all) {
            offset -= all;
            continue;
        }
        const std::uint64_t part = std::min(wanted - content.size(), all - offset);
        if (part > LARGEST_BUCKET - content.size()) {
            throw Error(OrthancPluginErrorCode_BadRequest,
                        "more than 256 MiB are asked for. Ask for parts, with offset and size.");
        }
        state().files.append(id, offset, part, part != all, content);
        offset = 0;
    }
    return content;
}

void chunks(const Request &request, Response &response) {
    if (!only(OrthancPluginHttpMethod_Get, request, response)) {
        return;
    }
    std::vector<std::string> ids;
    const std::string_view names = request.group(0);
    for (std::size_t begin = 0; begin <= names.size();) {
        const std::size_t end = std::min(names.find('.', begin), names.size());
        ids.emplace_back(names.substr(begin, end - begin));
        if (!is_identifier(ids.back())) {
            throw Error(OrthancPluginErrorCode_UnknownResource,
                        "\"" + ids.back() + "\" is no identifier of an instance");
        }
        begin = end + 1;
    }
    const std::string_view compression = request.argument("compression").value_or("none");
    if (compression != "none" && compression != "gzip") {
        throw Error(OrthancPluginErrorCode_BadFileFormat, R"(compression: write "gzip" or "none".)");
    }
    const std::uint64_t offset = number(request, "offset");
    const std::uint64_t size = number(request, "size");
    std::string content;
    {
        state().serving.acquire();
        const std::unique_ptr<std::counting_semaphore<>, void (*)(std::counting_semaphore<> *)> held(
            &state().serving, [](std::counting_semaphore<> *one) { one->release(); });
        content = part_of(ids, offset, size);
        if (compression == "gzip") {
            content = compressed(content);
        }
    }
    response.bytes(content, compression == "gzip" ? "application/gzip" : "application/octet-stream");
}

void begin_push(const Request &request, Response &response) {
    if (!only(OrthancPluginHttpMethod_Post, request, response)) {
        return;
    }
    const Json body = body_of(request);
    if (!body.is_object() || !body.contains("Instances") || !body.contains("Buckets") ||
        !body.contains("Compression") ||
        (body.at("Compression") != "gzip" && body.at("Compression") != "none")) {
        throw Error(OrthancPluginErrorCode_BadFileFormat,
                    R"(an object with Instances, Buckets and Compression ("gzip" or "none") is expected.)");
    }
    std::vector<Instance> instances = instances_of(body.at("Instances"));
    std::vector<Bucket> buckets = buckets_of(body.at("Buckets"), instances);
    const std::string id = state().pushes.begin(std::move(instances), std::move(buckets),
                                                body.at("Compression") == "gzip", state().settings.folder);
    response.json({{"ID", id}, {"Path", "/transfers/push/" + id}});
}

void commit_push(const Request &request, Response &response) {
    if (only(OrthancPluginHttpMethod_Post, request, response)) {
        state().pushes.commit(std::string(request.group(0)), state().settings.commit_threads);
        response.json(Json::object());
    }
}

void discard_push(const Request &request, Response &response) {
    if (only(OrthancPluginHttpMethod_Delete, request, response)) {
        state().pushes.discard(std::string(request.group(0)));
        response.json(Json::object());
    }
}

std::size_t bucket_number(std::string_view digits) {
    std::size_t value = 0;
    if (std::from_chars(digits.data(), digits.data() + digits.size(), value).ec != std::errc()) {
        throw Error(OrthancPluginErrorCode_UnknownResource, "there is no such bucket");
    }
    return value;
}

// A bucket that comes in.
class Incoming : public Upload {
  public:
    Incoming(std::string push, std::size_t bucket) : push_(std::move(push)), bucket_(bucket) {
        const std::uint64_t size = state().pushes.size_of(push_, bucket_);
        most_ = state().pushes.gzip(push_) ? size + size / 100 + 1024 : size;
    }

    // What a request says before its body comes.
    void expect(std::string_view length) {
        std::uint64_t value = 0;
        std::from_chars(length.data(), length.data() + length.size(), value);
        demand(value);
        content_.reserve(value);
    }

    void add(std::string_view bytes) override {
        demand(content_.size() + bytes.size());
        content_ += bytes;
    }

    void done(Response &response) override {
        state().pushes.receive(push_, bucket_, content_);
        response.json(Json::object());
    }

  private:
    void demand(std::uint64_t size) const {
        if (size > most_) {
            throw Error(OrthancPluginErrorCode_NetworkProtocol, "bucket " + std::to_string(bucket_) + " of " +
                                                                    push_ + " is longer than it may be (" +
                                                                    std::to_string(most_) + " bytes)");
        }
    }

    std::string push_;
    std::size_t bucket_;
    std::uint64_t most_ = 0;
    std::string content_;
};

std::unique_ptr<Upload> receive_bucket(const Request &request) {
    auto incoming =
        std::make_unique<Incoming>(std::string(request.group(0)), bucket_number(request.group(1)));
    if (const auto length = request.header("content-length")) {
        incoming->expect(*length);
    }
    return incoming;
}

// Tells what a peer can do.
std::string state_of(const std::string &name) {
    try {
        const Peer peer(name);
        const Told told =
            peer.ask({.path = "/plugins", .timeout = state().settings.connectivity_timeout, .most = SHORT});
        const Json plugins = Json::parse(told.body, nullptr, false);
        if (plugins.is_array() && std::ranges::find(plugins, identity.name) != plugins.end()) {
            return peer.remote_self() ? "bidirectional" : "installed";
        }
    } catch (const std::exception &error) {
        log_info(error.what());
    }
    return "disabled";
}

void peers(const Request &request, Response &response) {
    if (!only(OrthancPluginHttpMethod_Get, request, response)) {
        return;
    }
    const std::vector<std::string> names = peer_names();
    std::vector<std::string> states(names.size());
    std::atomic<std::size_t> next{0};
    {
        std::vector<std::jthread> threads;
        for (std::size_t i = 0; i < std::min(MOST_ASKED, names.size()); ++i) {
            threads.emplace_back([&] {
                guarded([&] {
                    for (std::size_t one = next++; one < names.size(); one = next++) {
                        states[one] = state_of(names[one]);
                    }
                });
            });
        }
    }
    Json all = Json::object();
    for (std::size_t i = 0; i < names.size(); ++i) {
        all[names[i]] = states[i];
    }
    response.json(all);
}

std::unique_ptr<Job> restored(const std::string &type, const std::string &saved) {
    if (type != "PushTransfer" && type != "PullTransfer") {
        return nullptr;
    }
    Query query = query_of(parsed(saved, "a saved job"));
    return type == "PushTransfer" ? push(state().settings, state().files, std::move(query))
                                  : pull(state().settings, std::move(query));
}

void show(const char *name, std::uint64_t value) {
    OrthancPluginSetMetricsIntegerValue(host(), (std::string("orthanc_transfers_") + name).c_str(),
                                        static_cast<std::int64_t>(value), OrthancPluginMetricsType_Default);
}

void refresh_metrics() noexcept {
    if (holder() == nullptr) {
        return;
    }
    guarded([] {
        state().pushes.expire();
        const Files::Figures files = state().files.figures();
        show("used_cache_size", files.size);
        show("cache_hit_count", files.hits);
        show("cache_miss_count", files.misses);
        const Pushes::Figures pushes = state().pushes.figures();
        show("available_push_count", pushes.available);
        show("created_push_count", pushes.created);
        show("committed_push_count", pushes.committed);
        show("aborted_push_count", pushes.aborted);
        show("push_total_received_bytes_count", pushes.bytes);
        show("push_total_time_spent_in_reception_ms", pushes.receiving);
        show("push_total_time_spent_in_commit_ms", pushes.committing);
    });
}

Settings settings_of() {
    const Configuration whole = Configuration::whole();
    const Configuration section = whole.section("Transfers");
    constexpr Range COUNT{1, std::numeric_limits<std::int32_t>::max()};
    constexpr Range ANY{0, std::numeric_limits<std::int32_t>::max()};
    constexpr std::int64_t KIB = 1024;
    Settings settings;
    settings.threads = static_cast<unsigned int>(section.integer("Threads", COUNT, 4));
    settings.bucket = std::min<std::uint64_t>(
        LARGEST_BUCKET / 2, static_cast<std::uint64_t>(section.integer("BucketSize", COUNT, 4096) * KIB));
    settings.cache = static_cast<std::uint64_t>(section.integer("CacheSize", ANY, 512) * KIB * KIB);
    settings.pushes = static_cast<std::size_t>(section.integer("MaxPushTransactions", COUNT, 4));
    settings.retries = static_cast<unsigned int>(section.integer("MaxHttpRetries", ANY, 0));
    settings.connectivity_timeout =
        static_cast<std::uint32_t>(section.integer("PeerConnectivityTimeout", ANY, 2));
    settings.commit_timeout = static_cast<std::uint32_t>(section.integer("PeerCommitTimeout", ANY, 600));
    settings.commit_threads = static_cast<unsigned int>(section.integer("CommitThreadsCount", COUNT, 1));
    settings.folder = whole.text("TemporaryDirectory", std::string());
    if (settings.folder.empty()) {
        settings.folder = std::filesystem::temp_directory_path().string();
    }
    return settings;
}

} // namespace

} // namespace transfers

void start() {
    using namespace transfers;
    holder() = std::make_unique<State>(settings_of());
    state().uuid = uuid();
    route<chunks>("/transfers/chunks/([.0-9a-f-]+)");
    route<lookup>("/transfers/lookup");
    route<peers>("/transfers/peers");
    route<fetch_from_peer>("/transfers/pull");
    route<begin_push>("/transfers/push");
    route<discard_push>("/transfers/push/([.0-9a-f-]+)");
    route<commit_push>("/transfers/push/([.0-9a-f-]+)/commit");
    route_puts<receive_bucket>("/transfers/push/([.0-9a-f-]+)/([0-9]+)");
    route<transfers::send>("/transfers/send");
    restore_jobs_by<restored>();
    OrthancPluginRegisterRefreshMetricsCallback(host(), refresh_metrics);
    OrthancPluginExtendOrthancExplorer2(host(), identity.name, explorer);
}

void finish() {
    transfers::holder().reset();
}

} // namespace orthanc_images
