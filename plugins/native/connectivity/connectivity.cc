// Which modalities, peers and DICOMweb servers answer: a page, and the same in JSON and as metrics.
#include "connectivity/checks.h"
#include "connectivity/metrics.h"
#include "explorer/pages.h"
#include "framework/errors.h"
#include "framework/host.h"
#include "framework/http.h"
#include "framework/plugin.h"

#include <nlohmann/json.hpp>

#include <memory>

namespace orthanc_images {

namespace connectivity {

namespace {

// A request waits for servers no longer than this, and this many requests at once do; others are told what is
// known.
constexpr std::chrono::seconds LONGEST{6};
constexpr std::size_t MOST_WAITING = 2;

// All of it is there before the first request.
struct State {
    explorer::Pages pages{CONNECTIVITY_PAGES};
    Metrics metrics;
    Checks checks;
};

std::unique_ptr<State> &holder() {
    static std::unique_ptr<State> one;
    return one;
}

bool only_get(const Request &request, Response &response) {
    if (request.method() != OrthancPluginHttpMethod_Get) {
        response.not_allowed("GET");
        return false;
    }
    return true;
}

void page(const Request &request, Response &response) {
    if (only_get(request, response) &&
        !holder()->pages.send(std::string(request.group(0)), request, response)) {
        response.status(404);
    }
}

void status(const Request &request, Response &response) {
    if (!only_get(request, response)) {
        return;
    }
    Checks &checks = holder()->checks;
    checks.begin();
    checks.wait(LONGEST, MOST_WAITING);
    response.header("Cache-Control", "no-store");
    response.json(described(checks.outcomes()));
}

void refresh_metrics() noexcept {
    guarded([] {
        Checks &checks = holder()->checks;
        checks.begin();
        holder()->metrics.tell(checks.outcomes());
    });
}

// What is being asked needs an Orthanc that has not begun to end.
OrthancPluginErrorCode changed(OrthancPluginChangeType change, OrthancPluginResourceType /*type*/,
                               const char * /*resource*/) noexcept {
    if (change == OrthancPluginChangeType_OrthancStopped) {
        holder()->checks.stop();
    }
    return OrthancPluginErrorCode_Success;
}

} // namespace

} // namespace connectivity

void start() {
    using namespace connectivity;
    holder() = std::make_unique<State>();
    route<page>("/connectivity-checks/app/(.*)");
    route<status>("/connectivity-checks/status");
    OrthancPluginRegisterRefreshMetricsCallback(host(), refresh_metrics);
    OrthancPluginRegisterOnChangeCallback(host(), changed);
    OrthancPluginSetRootUri2(host(), identity.name, "/connectivity-checks/app/index.html");
}

void finish() {
    connectivity::holder().reset();
}

} // namespace orthanc_images
