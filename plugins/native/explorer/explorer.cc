// The pages at the address of Orthanc Explorer 2: its routes, and what the pages are told. What they show
// comes from Orthanc's own REST API, which the browser calls with the rights of its user.
#include "explorer/options.h"
#include "explorer/pages.h"
#include "explorer/profile.h"

#include "framework/client.h"
#include "framework/errors.h"
#include "framework/host.h"
#include "framework/log.h"
#include "framework/memory.h"
#include "framework/plugin.h"
#include "framework/rest.h"

#include <algorithm>
#include <memory>
#include <mutex>

namespace orthanc_images {

namespace explorer {

namespace {

// Where the build lays the pages out.
constexpr char FOLDER[] = EXPLORER_PAGES;

// All of it is set before the first request, but for the plugins.
struct State {
    Options options;
    Json configuration;
    std::unique_ptr<const Pages> pages;
    // index.html, filled in but for its hints.
    std::string page;
    std::mutex mutex;
    Json plugins;
    Json hints;
};

State &state() {
    static State one;
    return one;
}

bool only_get(const Request &request, Response &response) {
    if (request.method() != OrthancPluginHttpMethod_Get) {
        response.not_allowed("GET");
        return false;
    }
    return true;
}

// Leads the browser to a place, with the query of its own request.
void lead(const std::string &place, const Request &request, Response &response) {
    response.redirect(place + request.query());
}

void from_the_root(const Request &request, Response &response) {
    if (only_get(request, response)) {
        lead(state().options.root.substr(1) + "app/index.html", request, response);
    }
}

// Orthanc does not tell app from app/, which are different places for what is relative to them.
void to_the_pages(const Request &request, Response &response) {
    if (only_get(request, response)) {
        lead("app/index.html", request, response);
    }
}

void to_the_list(const Request &request, Response &response) {
    if (only_get(request, response)) {
        lead("index.html", request, response);
    }
}

void user_file(const std::string &path, const Request &request, Response &response) {
    if (path.empty()) {
        response.status(404);
        return;
    }
    const std::string bytes = read_file(path);
    send({bytes, type_of(path), false, tag_of(bytes)}, request, response);
}

void style(const Request &request, Response &response) {
    if (!only_get(request, response)) {
        return;
    }
    const Options &options = state().options;
    std::string css = options.theme == "auto" ? std::string(":root { color-scheme: light dark; }\n")
                                              : ":root { color-scheme: " + options.theme + "; }\n";
    if (!options.css.empty()) {
        css += read_file(options.css);
    }
    send({css, type_of(".css"), false, tag_of(css)}, request, response);
}

void logo(const Request &request, Response &response) {
    if (only_get(request, response)) {
        user_file(state().options.logo, request, response);
    }
}

void icon(const Request &request, Response &response) {
    if (!only_get(request, response)) {
        return;
    }
    if (!state().options.icon.empty()) {
        user_file(state().options.icon, request, response);
    } else if (!state().pages->send("favicon.svg", request, response)) {
        response.status(404);
    }
}

std::string in_attribute(const std::string &text) {
    std::string escaped;
    for (const char one : text) {
        switch (one) {
        case '&':
            escaped += "&amp;";
            break;
        case '"':
            escaped += "&quot;";
            break;
        default:
            escaped += one;
        }
    }
    return escaped;
}

// Returns the page with what it can begin with. While Orthanc does not say what its index can do, the page
// goes without, and asks for everything itself.
std::string with_hints(State &all) {
    Json known;
    {
        const std::scoped_lock locked(all.mutex);
        known = all.hints;
    }
    if (known.is_null()) {
        try {
            known = hints(all.options, all.configuration, get_json("/system"));
        } catch (const Error &) {
            return all.page;
        }
        const std::scoped_lock locked(all.mutex);
        all.hints = known;
    }
    const std::string start = "<html";
    std::string page = all.page;
    const std::size_t at = page.find(start);
    if (at != std::string::npos) {
        page.insert(at + start.size(), " data-hints=\"" + in_attribute(known.dump()) + '"');
    }
    return page;
}

// A file of the pages; what is none is a page of the list's script, which knows what to show.
void page(const Request &request, Response &response) {
    if (!only_get(request, response)) {
        return;
    }
    const std::string name(request.group(0));
    if (name != "index.html" && state().pages->send(name, request, response)) {
        return;
    }
    if (name.starts_with("assets/")) {
        response.status(404);
        return;
    }
    const std::string whole = with_hints(state());
    send({whole, type_of(".html"), false, tag_of(whole)}, request, response);
}

Headers headers_of(const Request &request) {
    Headers headers;
    for (const auto &[name, value] : request.headers()) {
        headers.emplace_back(name, value);
    }
    return headers;
}

void configuration(const Request &request, Response &response) {
    if (!only_get(request, response)) {
        return;
    }
    State &all = state();
    Json plugins;
    {
        const std::scoped_lock locked(all.mutex);
        if (all.plugins.is_null()) {
            all.plugins = plugins_of(all.configuration, all.options.root);
        }
        plugins = all.plugins;
    }
    response.header("Cache-Control", "no-store");
    response.json(configuration_answer(all.options, all.configuration, plugins, headers_of(request)));
}

void before_login(const Request &request, Response &response) {
    if (only_get(request, response)) {
        response.header("Cache-Control", "no-store");
        response.json(public_answer(state().options));
    }
}

// Hands a request on to the service that sends e-mails.
void mail(const Request &request, Response &response) {
    const Json &server = state().options.mail;
    const std::string target = std::string(request.group(0));
    std::string url = server.at("Url").get<std::string>();
    if (url.back() != '/') {
        url += '/';
    }
    Headers headers;
    const Json extra = server.value("HttpHeaders", Json::object());
    for (const auto &[name, value] : extra.items()) {
        headers.emplace_back(name, value.get<std::string>());
    }
    if (const auto type = request.header("content-type")) {
        headers.emplace_back("Content-Type", *type);
    }
    const Fetched answer = fetch({.method = request.method(),
                                  .url = url + target,
                                  .body = request.body(),
                                  .headers = headers,
                                  .user = server.value("Username", ""),
                                  .password = server.value("Password", ""),
                                  .timeout = server.value("Timeout", 0U),
                                  .certificate = server.value("CertificateFile", ""),
                                  .key = server.value("CertificateKeyFile", ""),
                                  .key_password = server.value("CertificateKeyPassword", ""),
                                  .pkcs11 = server.value("Pkcs11", false)});
    response.bytes(answer.body.bytes(), answer.type.empty() ? "application/json" : answer.type);
}

} // namespace

} // namespace explorer

void start() {
    using namespace explorer;
    State &all = state();
    const Text text(OrthancPluginGetConfiguration(host()));
    if (text == nullptr) {
        throw Error(OrthancPluginErrorCode_Plugin, "Orthanc does not give its configuration. See its log.");
    }
    all.configuration = parsed(text.get(), "Orthanc's configuration");
    all.options = options_of(all.configuration);
    if (!all.options.enabled) {
        log_warning("OrthancExplorer2.Enable is false: its pages are not there.");
        return;
    }
    all.plugins = Json();
    all.pages = std::make_unique<const Pages>(FOLDER);
    const std::string root = all.options.root;
    all.page = all.pages->text("index.html");
    const std::string usual = "data-up=\"../../\"";
    const std::size_t at = all.page.find(usual);
    if (at != std::string::npos) {
        all.page.replace(at, usual.size(), "data-up=\"" + way_up(root) + '"');
    }
    all.hints = Json();
    if (all.options.keycloak.is_object()) {
        allow_server(all.options.keycloak.value("Url", ""));
    }
    if (all.options.default_page) {
        route<from_the_root>("/");
    }
    route<to_the_pages>((root + "index.html").c_str());
    route<style>((root + "app/customizable/custom.css").c_str());
    route<logo>((root + "app/customizable/custom-logo").c_str());
    route<icon>((root + "app/favicon.ico").c_str());
    route<explorer::configuration>((root + "api/configuration").c_str());
    route<before_login>((root + "api/pre-login-configuration").c_str());
    if (all.options.mail.is_object() && all.options.ui.value("EnableSharesByEmail", false)) {
        route<mail>((root + "api/emails/(send|templates/.*)").c_str());
    }
    route<to_the_list>((root + "app").c_str());
    route<page>((root + "app/(.*)").c_str());
    OrthancPluginSetRootUri2(host(), identity.name, (root + "app/").c_str());
    // A button on the page of Orthanc Explorer that leads here, opened beside it.
    const std::string address = ".." + root + "app/index.html";
    const std::string button = "$('#lookup').live('pagebeforecreate', function () {"
                               "  $('<a>', {'data-role': 'button', 'href': '" +
                               address +
                               "', 'data-icon': 'forward', 'data-theme': 'a', 'target': '_blank', 'rel': "
                               "'noopener', 'data-ajax': 'false'})"
                               ".text('Open Orthanc Explorer 2').insertAfter($('#lookup-result'));"
                               "});";
    OrthancPluginExtendOrthancExplorer2(host(), identity.name, button.c_str());
}

void finish() {}

} // namespace orthanc_images
