// An Orthanc of the tests: it answers the services of the SDK from values, and notes what it was told.
#pragma once

#include <orthanc/OrthancCPlugin.h>

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace orthanc_images::tests {

// A line of Orthanc's log.
struct Line {
    OrthancPluginLogLevel level;
    std::string plugin;
    std::string file;
    std::string message;
};

// An answer to an HTTP request.
struct Answered {
    int status = 0;
    std::string type;
    std::string body;
    std::string details;
    std::vector<std::pair<std::string, std::string>> headers;
};

// A request to another server.
struct Sent {
    std::string method;
    std::string url;
    std::map<std::string, std::string> headers;
    std::string body;
    std::string user;
    std::uint32_t timeout = 0;
};

// A job that a plugin has made.
struct OrthancJob {
    _OrthancPluginCreateJob functions;
    std::string type;
};

// There is one at a time: it begins with the framework when it is made, and checks at its end that it has all
// of its memory back.
class FakeOrthanc {
  public:
    explicit FakeOrthanc(const std::string &version = "mainline", bool begins = true);
    FakeOrthanc(const FakeOrthanc &) = delete;
    FakeOrthanc &operator=(const FakeOrthanc &) = delete;
    ~FakeOrthanc();

    OrthancPluginContext *context() {
        return &context_;
    }

    // The log so far.
    std::vector<Line> lines();

    // A metric that a plugin has set.
    std::int64_t metric(const std::string &name);

    // Sends a request to the callback of a route; the code is what the callback returned.
    std::pair<OrthancPluginErrorCode, Answered>
    request(const std::string &pattern, const OrthancPluginHttpRequest &request, const char *uri = "/uri");

    // What the REST API of Orthanc answers: status, code and body by method and path.
    std::function<OrthancPluginErrorCode(const _OrthancPluginCallRestApi &call, std::string &body)> api;

    // What other servers answer, and with which status.
    std::function<OrthancPluginErrorCode(const _OrthancPluginCallHttpClient2 &call, std::string &body)> web;

    // What other servers answer where the answer is taken as it comes; it may be called by several threads at
    // once. The status 0 stands for no answer.
    std::function<Answered(const Sent &sent)> peer_web;

    // Sends a PUT request with a body to a route that takes bodies as they come, in two pieces.
    std::pair<OrthancPluginErrorCode, Answered>
    put(const std::string &pattern, const OrthancPluginHttpRequest &request, const std::string &body);

    // Answers further services, before all others; nothing where it does not know one.
    std::function<std::optional<OrthancPluginErrorCode>(_OrthancPluginService, const void *)> extra;

    // Memory of this Orthanc.
    static OrthancPluginErrorCode fill(OrthancPluginMemoryBuffer &target, const std::string &content);
    static char *text(const std::string &content);

    std::string configuration = "{}";
    std::string description;
    std::map<_OrthancPluginProperty, std::string> properties;
    std::map<std::string, OrthancPluginRestCallback> routes;
    std::map<std::string, _OrthancPluginChunkedRestCallback> uploads;
    std::vector<std::string> peers;
    OrthancPluginRefreshMetricsCallback refresh = nullptr;
    std::vector<OrthancJob> jobs;
    std::vector<std::string> threads;
    OrthancPluginJobsUnserializer unserializer = nullptr;
    _OrthancPluginRegisterStorageArea area{};
    _OrthancPluginRegisterStorageArea2 area2{};
    OrthancPluginAuditLogHandler audit = nullptr;
    _OrthancPluginRegisterDatabaseBackendV4 database{};
    OrthancPluginOnChangeCallback changed = nullptr;
    std::uint32_t database_version = 6;
    std::map<std::string, float> measures;
    bool makes_jobs = true;
    bool takes_jobs = true;
    bool has_memory = true;

  private:
    static OrthancPluginErrorCode invoke(OrthancPluginContext *context, _OrthancPluginService service,
                                         const void *parameters);
    OrthancPluginErrorCode serve(_OrthancPluginService service, const void *parameters);
    OrthancPluginErrorCode serve_http(_OrthancPluginService service, const void *parameters);
    OrthancPluginErrorCode serve_tools(_OrthancPluginService service, const void *parameters);
    OrthancPluginErrorCode serve_jobs(_OrthancPluginService service, const void *parameters);
    OrthancPluginErrorCode serve_storage(_OrthancPluginService service, const void *parameters);
    OrthancPluginErrorCode serve_database(_OrthancPluginService service, const void *parameters);
    OrthancPluginErrorCode serve_peers(_OrthancPluginService service, const void *parameters);
    OrthancPluginErrorCode fetch(const _OrthancPluginChunkedHttpClient &wanted) const;
    OrthancPluginErrorCode call(const _OrthancPluginCallRestApi &call);

    std::string version_;
    int uuids_ = 0;
    OrthancPluginContext context_;
    std::mutex mutex_;
    std::map<std::string, std::int64_t> metrics_;
    std::vector<Line> lines_;
    Answered answered_;
};

} // namespace orthanc_images::tests
