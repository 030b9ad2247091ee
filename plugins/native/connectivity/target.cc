#include "connectivity/target.h"

#include "framework/configuration.h"
#include "framework/errors.h"
#include "framework/host.h"
#include "framework/rest.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <memory>

namespace orthanc_images::connectivity {

namespace {

// In seconds: Orthanc's DicomScuTimeout and HttpTimeout may be longer, or none.
constexpr std::uint32_t TIMEOUT = 5;
constexpr char ECHO[] = R"({"Timeout": 5})";

// Asks for a patient that nobody has.
constexpr char QIDO[] = R"({"Uri": "/studies", "Arguments": {"00100010": "CONNECTIVITY^CHECKS"}})";

struct FreePeers {
    void operator()(OrthancPluginPeers *peers) const noexcept {
        OrthancPluginFreePeers(host(), peers);
    }
};

// Orthanc's peers, as they are now.
class Peers {
  public:
    Peers() : peers_(OrthancPluginGetPeers(host())) {
        const std::uint32_t count = peers_ == nullptr ? 0 : OrthancPluginGetPeersCount(host(), peers_.get());
        for (std::uint32_t i = 0; i < count; ++i) {
            names_.emplace_back(OrthancPluginGetPeerName(host(), peers_.get(), i));
        }
    }

    const std::vector<std::string> &names() const noexcept {
        return names_;
    }

    // Asks a peer for its /system, and returns the status.
    std::uint16_t ask(const std::string &name) const {
        const auto found = std::ranges::find(names_, name);
        if (found == names_.end()) {
            throw Error(OrthancPluginErrorCode_UnknownResource, "it is no peer any more");
        }
        Buffer body;
        std::uint16_t status = 0;
        const OrthancPluginErrorCode code = OrthancPluginCallPeerApi(
            host(), body.target(), nullptr, &status, peers_.get(),
            static_cast<std::uint32_t>(found - names_.begin()), OrthancPluginHttpMethod_Get, "/system", 0,
            nullptr, nullptr, nullptr, 0, TIMEOUT);
        if (code != OrthancPluginErrorCode_Success && status < 400) {
            throw Error(code, "GET /system: " + std::string(OrthancPluginGetErrorDescription(host(), code)));
        }
        return status;
    }

  private:
    std::unique_ptr<OrthancPluginPeers, FreePeers> peers_;
    std::vector<std::string> names_;
};

std::vector<std::string> listed(const std::string &uri, bool plugins) {
    return get_json(uri, plugins).get<std::vector<std::string>>();
}

// Returns where the routes of the plugin DICOMweb are, such as "/dicom-web/".
std::string dicom_web_root() {
    std::string root = Configuration::of("DicomWeb").text("Root", "/dicom-web/");
    if (!root.starts_with('/')) {
        root.insert(0, "/");
    }
    return root.ends_with('/') ? root : root + "/";
}

// Without the plugin DICOMweb there are no such servers; its routes are not asked for then, and nothing is
// logged.
std::vector<std::string> dicom_web_servers() {
    const std::vector<std::string> plugins = listed("/plugins", false);
    if (std::ranges::find(plugins, "dicom-web") == plugins.end() ||
        !Configuration::of("DicomWeb").flag("Enable", true)) {
        return {};
    }
    return listed(dicom_web_root() + "servers", true);
}

// Makes a POST request to one of Orthanc's own routes, and returns the status. Within Orthanc, paths are
// taken as they are, without percent signs before anything: only a slash cannot be part of a name.
std::uint16_t post(const std::string &list, const std::string &name, const std::string &route,
                   std::string_view body) {
    if (name.find('/') != std::string::npos) {
        throw Error(OrthancPluginErrorCode_BadRequest,
                    "Orthanc's REST API cannot name it: there is a slash in its name. Give it another name.");
    }
    return call({.method = OrthancPluginHttpMethod_Post,
                 .uri = list + "/" + name + "/" + route,
                 .body = body,
                 .plugins = true})
        .status;
}

std::uint16_t asked(const Target &target) {
    const auto &[kind, name] = target;
    if (kind == MODALITIES) {
        return post("/modalities", name, "echo", ECHO);
    }
    if (kind == PEERS) {
        return Peers().ask(name);
    }
    return post(dicom_web_root() + "servers", name, "qido", QIDO);
}

} // namespace

std::optional<std::vector<std::string>> names_of(std::string_view kind) noexcept {
    return guarded_or(std::optional<std::vector<std::string>>(), [&] {
        if (kind == MODALITIES) {
            return std::optional(listed("/modalities", false));
        }
        return std::optional(kind == PEERS ? Peers().names() : dicom_web_servers());
    });
}

Outcome ask(const Target &target) noexcept {
    const auto begin = std::chrono::steady_clock::now();
    Outcome outcome{.known = true};
    try {
        const std::uint16_t status = asked(target);
        outcome.up = status >= 200 && status < 300;
        if (!outcome.up) {
            outcome.error = "it answers with status " + std::to_string(status);
        }
    } catch (...) {
        outcome.error = current_failure().details;
    }
    outcome.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    return outcome;
}

} // namespace orthanc_images::connectivity
