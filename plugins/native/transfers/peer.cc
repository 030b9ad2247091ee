#include "transfers/peer.h"

#include "framework/configuration.h"
#include "framework/errors.h"
#include "framework/http.h"
#include "framework/memory.h"
#include "framework/rest.h"

#include <algorithm>
#include <cctype>
#include <memory>

namespace orthanc_images::transfers {

namespace {

// How much of a body is handed to Orthanc's client at once.
constexpr std::size_t PIECE = 256 * std::size_t{1024};

[[noreturn]] void refuse_peer(const std::string &what) {
    throw Error(OrthancPluginErrorCode_NetworkProtocol, what);
}

std::string text_or_none(const Json &object, const char *name) {
    const auto found = object.find(name);
    return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::string with_slash(std::string url) {
    if (url.empty() || url.back() != '/') {
        url += '/';
    }
    return url;
}

// Returns a peer of the configuration as an object, or null.
Json configured(const std::string &name) {
    const Text whole(OrthancPluginGetConfiguration(host()));
    if (whole == nullptr) {
        return {};
    }
    const Json configuration = parsed(whole.get(), "Orthanc's configuration");
    const Json peers = configuration.value("OrthancPeers", Json::object());
    if (configuration.value("OrthancPeersInDatabase", false) || !peers.is_object() || !peers.contains(name)) {
        return {};
    }
    const Json &peer = peers.at(name);
    if (!peer.is_array()) {
        return peer;
    }
    Json object = Json::object();
    constexpr const char *FIELDS[] = {"Url", "Username", "Password"};
    for (std::size_t i = 0; i < std::min(std::size(FIELDS), peer.size()); ++i) {
        object[FIELDS[i]] = peer[i];
    }
    return object;
}

// Answers of a peer, as they come.
struct Coming {
    const Ask &ask;
    Told &told;
    bool too_much = false;
    std::size_t sent = 0;
};

void add_cookie(const std::string &value, Told &told) {
    told.cookies += (told.cookies.empty() ? "" : "; ") + value.substr(0, value.find(';'));
}

OrthancPluginErrorCode add_chunk(void *answer, const void *data, std::uint32_t size) noexcept {
    auto &coming = *static_cast<Coming *>(answer);
    if (coming.ask.stopping.stop_requested()) {
        return OrthancPluginErrorCode_CanceledJob;
    }
    if (size > coming.ask.most - coming.told.body.size()) {
        coming.too_much = true;
        return OrthancPluginErrorCode_NetworkProtocol;
    }
    return guarded([&] { coming.told.body.append(static_cast<const char *>(data), size); });
}

OrthancPluginErrorCode add_header(void *answer, const char *name, const char *value) noexcept {
    return guarded([&] {
        std::string lower(name);
        std::ranges::transform(lower, lower.begin(), [](unsigned char one) { return std::tolower(one); });
        if (lower == "set-cookie") {
            add_cookie(value, static_cast<Coming *>(answer)->told);
        }
    });
}

std::uint8_t is_done(void *request) noexcept {
    const auto &coming = *static_cast<const Coming *>(request);
    return coming.sent >= coming.ask.body.size() ? 1 : 0;
}

const void *chunk_data(void *request) noexcept {
    const auto &coming = *static_cast<const Coming *>(request);
    return coming.ask.body.substr(coming.sent).data();
}

std::uint32_t chunk_size(void *request) noexcept {
    const auto &coming = *static_cast<const Coming *>(request);
    return static_cast<std::uint32_t>(std::min(PIECE, coming.ask.body.size() - coming.sent));
}

OrthancPluginErrorCode next(void *request) noexcept {
    auto &coming = *static_cast<Coming *>(request);
    coming.sent += chunk_size(request);
    return coming.ask.stopping.stop_requested() ? OrthancPluginErrorCode_CanceledJob
                                                : OrthancPluginErrorCode_Success;
}

// Headers as the SDK takes them.
struct Pointers {
    explicit Pointers(const Headers &headers) {
        for (const auto &[name, value] : headers) {
            names.push_back(name.c_str());
            values.push_back(value.c_str());
        }
    }

    std::vector<const char *> names;
    std::vector<const char *> values;
};

struct FreePeers {
    void operator()(OrthancPluginPeers *peers) const noexcept {
        OrthancPluginFreePeers(host(), peers);
    }
};

} // namespace

Peer::Peer(std::string name) : name_(std::move(name)) {
    const std::vector<std::string> names = peer_names();
    if (std::ranges::find(names, name_) == names.end()) {
        throw Error(OrthancPluginErrorCode_UnknownResource,
                    "there is no peer \"" + name_ + "\". Add it to OrthancPeers.");
    }
    const Json shown = get_json("/peers/" + name_ + "/configuration");
    url_ = with_slash(text_or_none(shown, "Url"));
    if (shown.contains("RemoteSelf")) {
        remote_self_ = text_or_none(shown, "RemoteSelf");
    }
    const Json own = configured(name_);
    if (own.is_object()) {
        known_ = with_slash(text_or_none(own, "Url")) == url_ &&
                 text_or_none(own, "Username") == text_or_none(shown, "Username");
    } else {
        known_ = text_or_none(shown, "Username").empty() && text_or_none(shown, "CertificateFile").empty() &&
                 shown.value("HttpHeaders", Json::array()).empty();
    }
    const Json &source = own.is_object() ? own : shown;
    user_ = text_or_none(source, "Username");
    password_ = text_or_none(source, "Password");
    certificate_ = text_or_none(source, "CertificateFile");
    key_ = text_or_none(source, "CertificateKeyFile");
    key_password_ = text_or_none(source, "CertificateKeyPassword");
    timeout_ = shown.value("Timeout", std::uint32_t{0});
    pkcs11_ = shown.value("Pkcs11", false);
    const Json headers = source.value("HttpHeaders", Json::object());
    if (headers.is_object()) {
        for (const auto &[key, value] : headers.items()) {
            headers_.emplace_back(key, value.is_string() ? value.get<std::string>() : written(value));
        }
    }
}

// Orthanc's client can hand on what is answered as it comes, so that what has no end can be left; but it must
// be told the password.
std::uint16_t Peer::directly(const Ask &ask, Told &told) const {
    Headers headers = headers_;
    headers.insert(headers.end(), ask.headers.begin(), ask.headers.end());
    if (ask.method == OrthancPluginHttpMethod_Post || ask.method == OrthancPluginHttpMethod_Put) {
        headers.emplace_back("Transfer-Encoding", "chunked");
    }
    const Pointers pointers(headers);
    const std::string url = url_ + ask.path.substr(1);
    const auto given = [](const std::string &value) { return value.empty() ? nullptr : value.c_str(); };
    Coming coming{ask, told};
    std::uint16_t status = 0;
    const OrthancPluginErrorCode code = OrthancPluginChunkedHttpClient(
        host(), &coming, add_chunk, add_header, &status, ask.method, url.c_str(),
        static_cast<std::uint32_t>(headers.size()), pointers.names.data(), pointers.values.data(), &coming,
        is_done, chunk_data, chunk_size, next, given(user_), given(password_),
        ask.timeout != 0 ? ask.timeout : timeout_, given(certificate_), given(key_), given(key_password_),
        static_cast<std::uint8_t>(pkcs11_));
    if (coming.too_much) {
        refuse_peer("it answers more than " + std::to_string(ask.most) + " bytes");
    }
    if (code != OrthancPluginErrorCode_Success && status < 400) {
        refuse_peer(std::string(OrthancPluginGetErrorDescription(host(), code)));
    }
    return status;
}

std::uint16_t Peer::through_orthanc(const Ask &ask, Told &told) const {
    const std::unique_ptr<OrthancPluginPeers, FreePeers> peers(OrthancPluginGetPeers(host()));
    const std::uint32_t count = peers == nullptr ? 0 : OrthancPluginGetPeersCount(host(), peers.get());
    for (std::uint32_t i = 0; i < count; ++i) {
        if (OrthancPluginGetPeerName(host(), peers.get(), i) != name_) {
            continue;
        }
        const Pointers pointers(ask.headers);
        Buffer body;
        Buffer headers;
        std::uint16_t status = 0;
        const OrthancPluginErrorCode code = OrthancPluginCallPeerApi(
            host(), body.target(), headers.target(), &status, peers.get(), i, ask.method, ask.path.c_str(),
            static_cast<std::uint32_t>(ask.headers.size()), pointers.names.data(), pointers.values.data(),
            ask.body.data(), static_cast<std::uint32_t>(ask.body.size()),
            ask.timeout != 0 ? ask.timeout : timeout_);
        if (code != OrthancPluginErrorCode_Success && status < 400) {
            refuse_peer(std::string(OrthancPluginGetErrorDescription(host(), code)));
        }
        if (body.bytes().size() > ask.most) {
            refuse_peer("it answers more than " + std::to_string(ask.most) + " bytes");
        }
        told.body = body.bytes();
        if (!headers.bytes().empty()) {
            const Json all = parsed(headers.bytes(), "the headers of a peer");
            for (const auto &[name, value] : all.items()) {
                if (value.is_string()) {
                    const std::string content = value.get<std::string>();
                    Coming coming{ask, told};
                    add_header(&coming, name.c_str(), content.c_str());
                }
            }
        }
        return status;
    }
    refuse_peer("it was removed from OrthancPeers");
}

Told Peer::ask(const Ask &ask) const {
    const std::string what =
        "peer \"" + name_ + "\", " + method_name(ask.method) + " " + ask.path.substr(0, ask.path.find('?'));
    try {
        Told told;
        std::uint16_t status = known_ ? directly(ask, told) : through_orthanc(ask, told);
        // Its password was changed since Orthanc has started, or it wants to know the length of a body.
        if (known_ && (status == 401 || status == 411)) {
            told = {};
            status = through_orthanc(ask, told);
        }
        if (status < 200 || status >= 300) {
            refuse_peer("it answers " + std::to_string(status));
        }
        return told;
    } catch (const Error &error) {
        throw Error(error.code(), what + ": " + error.what());
    }
}

std::vector<std::string> peer_names() {
    const std::unique_ptr<OrthancPluginPeers, FreePeers> peers(OrthancPluginGetPeers(host()));
    const std::uint32_t count = peers == nullptr ? 0 : OrthancPluginGetPeersCount(host(), peers.get());
    std::vector<std::string> names;
    names.reserve(count);
    for (std::uint32_t i = 0; i < count; ++i) {
        names.emplace_back(OrthancPluginGetPeerName(host(), peers.get(), i));
    }
    return names;
}

} // namespace orthanc_images::transfers
