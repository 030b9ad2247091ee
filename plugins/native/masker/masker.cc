// Pixels that are masked while Orthanc modifies or anonymizes: Orthanc's own job does everything else.
//
// The request goes on to Orthanc with a mark in an element that is retired and free, and with a transfer
// syntax. So the job has each instance transcoded after it was modified, and before it is stored: here, where
// the mark tells what is masked of it. An instance that still has a mark when it is to be stored is refused,
// which ends the job; so nothing that was to be masked is ever stored as it was.
#include "framework/configuration.h"
#include "framework/errors.h"
#include "framework/host.h"
#include "framework/http.h"
#include "framework/log.h"
#include "framework/plugin.h"
#include "framework/rest.h"
#include "masker/files.h"
#include "masker/plan.h"
#include "masker/region.h"
#include "pixels/refusal.h"
#include "pixels/state.h"
#include "pixels/syntaxes.h"

#include <nlohmann/json.hpp>
#include <orthanc/OrthancCPlugin.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

namespace orthanc_images {

namespace masker {

namespace {

using pixels::Bytes;

struct State {
    std::unique_ptr<pixels::Pool> pool;
    Plans plans;
    std::mutex making; // of a plan that is made again
};

State &held() {
    static State state;
    return state;
}

Bytes bytes_of(std::string_view text) noexcept {
    return {reinterpret_cast<const std::uint8_t *>(text.data()), text.size()};
}

std::string tag_text(pixels::Tag tag) {
    std::array<char, 10> text{};
    std::snprintf(text.data(), text.size(), "%04x,%04x", tag >> 16U, tag & 0xFFFFU);
    return text.data();
}

// A resource, as the path names it.
struct Target {
    std::string level;
    std::string id;
    std::string verb;

    std::string path() const {
        return "/" + level + "/" + id;
    }
};

// Returns identifier and series of each instance of the resource.
std::vector<std::pair<std::string, std::string>> instances_of(const Target &target) {
    std::vector<std::pair<std::string, std::string>> found;
    const auto add = [&](const Json &one) {
        found.emplace_back(one.at("ID").get<std::string>(), one.at("ParentSeries").get<std::string>());
    };
    if (target.level == "instances") {
        add(get_json(target.path()));
        return found;
    }
    for (const Json &one : get_json(target.path() + "/instances")) {
        add(one);
    }
    return found;
}

// Refuses targets that are not a part of the resource.
void check_targets(const std::vector<Region> &regions, const Target &target,
                   const std::vector<std::pair<std::string, std::string>> &instances) {
    std::set<std::string> all;
    std::set<std::string> series;
    for (const auto &[instance, parent] : instances) {
        all.insert(instance);
        series.insert(parent);
    }
    const auto check = [&](const Region &region, const char *name, const std::set<std::string> &wanted,
                           const std::set<std::string> &known) {
        for (const std::string &one : wanted) {
            if (!known.contains(one)) {
                throw Error(OrthancPluginErrorCode_BadRequest,
                            region.place + "." + name + ": '" + pixels::printable(one) +
                                "' is not a part of " + target.path() +
                                ". Give identifiers of Orthanc that " + target.path() +
                                " has, or leave it out for all.");
            }
        }
    };
    for (const Region &region : regions) {
        check(region, "TargetSeries", region.series, series);
        check(region, "TargetInstances", region.instances, all);
    }
}

Buffer file_of(const std::string &instance) {
    Buffer file;
    const OrthancPluginErrorCode code =
        OrthancPluginGetDicomForInstance(host(), file.target(), instance.c_str());
    if (code != OrthancPluginErrorCode_Success) {
        throw Error(code, "the instance " + instance +
                              " cannot be read: " + OrthancPluginGetErrorDescription(host(), code));
    }
    return file;
}

void add_source(Plan &plan, const std::string &instance, const std::string &series) {
    const Buffer stored = file_of(instance);
    std::vector<std::uint8_t> copy;
    try {
        plan.add({.instance = instance,
                  .series = series,
                  .file = plain(*held().pool, bytes_of(stored.bytes()), copy),
                  .tags = [&] { return get_json("/instances/" + instance + "/tags?short"); }});
    } catch (const pixels::Refusal &refusal) {
        throw Error(OrthancPluginErrorCode_BadRequest,
                    "MaskPixelData: the instance " + instance + " cannot be masked: " + refusal.what() +
                        ". Name what the regions are for, and modify it without masking.");
    }
}

// Takes what is not Orthanc's out of the body, and returns the plan for all instances of the resource.
std::shared_ptr<Plan> plan_of(const Target &target, Json &body) {
    if (!body.is_object() || !body.contains("MaskPixelData")) {
        throw Error(OrthancPluginErrorCode_BadRequest,
                    "MaskPixelData: it is absent. Give the regions, or send the request to " + target.path() +
                        "/" + target.verb + ", which masks nothing.");
    }
    std::vector<Region> regions = regions_of(body["MaskPixelData"]);
    body.erase("MaskPixelData");
    const auto syntax = body.find("Transcode");
    if (syntax != body.end() && !syntax->is_string()) {
        throw Error(OrthancPluginErrorCode_BadRequest,
                    "Transcode: the UID of a transfer syntax is expected.");
    }
    const auto instances = instances_of(target);
    check_targets(regions, target, instances);
    auto plan = std::make_shared<Plan>(std::move(regions));
    if (syntax != body.end()) {
        plan->syntax = syntax->get<std::string>();
        if (pixels::syntax_of(plan->syntax).coding == pixels::Coding::NOBODYS) {
            throw Error(OrthancPluginErrorCode_BadRequest,
                        "Transcode: '" + pixels::printable(plan->syntax) +
                            "' is no transfer syntax that pixels can be written in.");
        }
        body.erase(syntax);
    }
    for (const auto &[instance, series] : instances) {
        add_source(*plan, instance, series);
    }
    plan->check();
    return plan;
}

// Answers as Orthanc has answered, or says what has become of the masking.
void pass_on(const Answer &answer, const Plan &plan, const std::string &uri, Response &response) {
    if (answer.good()) {
        response.bytes(answer.body.bytes(), "application/json");
        return;
    }
    const std::string reason = plan.failure();
    if (!reason.empty()) {
        throw HttpError(500, reason);
    }
    if (answer.body.bytes().empty()) {
        throw HttpError(answer.status,
                        uri + ": Orthanc answers " + std::to_string(answer.status) + ". See its log.");
    }
    response.header("Content-Type", "application/json");
    response.status(answer.status, answer.body.bytes());
}

Answer posted(const std::string &uri, const Json &body) {
    const std::string text = written(body);
    try {
        return call({.method = OrthancPluginHttpMethod_Post, .uri = uri, .body = text});
    } catch (const Error &error) {
        throw Error(error.code(), std::string(error.what()) + ". Orthanc's log says why.");
    }
}

// Makes the plan of a job again that goes on after a restart; nothing where no job can have the mark. It is
// made by one thread at a time.
std::shared_ptr<Plan> made_again(const Mark &mark) {
    const std::scoped_lock lock(held().making);
    if (std::shared_ptr<Plan> plan = held().plans.find(mark.token)) {
        return plan;
    }
    const auto modifies = [](const Json &job) {
        return job.value("Type", "") == "ResourceModification" && job.value("State", "") == "Running";
    };
    if (!mark.request.is_object() || !std::ranges::any_of(get_json("/jobs?expand"), modifies)) {
        return nullptr;
    }
    Json request = mark.request;
    const Target target{.level = request.value("Level", ""), .id = request.value("ID", ""), .verb = "modify"};
    if (target.level != "studies" && target.level != "series") {
        return nullptr;
    }
    std::shared_ptr<Plan> plan = plan_of(target, request);
    held().plans.add(plan, mark.token);
    return plan;
}

// One instance: Orthanc answers with the file, and stores nothing.
void one_instance(const Target &target, Json body, Response &response) {
    const std::shared_ptr<Plan> plan = plan_of(target, body);
    const std::string uri = target.path() + "/" + target.verb;
    const Answer answer = posted(uri, body);
    if (!answer.good()) {
        pass_on(answer, *plan, uri, response);
        return;
    }
    try {
        mask(*held().pool, bytes_of(answer.body.bytes()),
             {.patches = plan->last(), .marker = 0, .syntax = plan->syntax}, [&](Bytes made) {
                 response.bytes({reinterpret_cast<const char *>(made.data()), made.size()},
                                "application/dicom");
             });
    } catch (const pixels::Refusal &refusal) {
        throw HttpError(500, "the instance " + target.id + " cannot be masked: " + refusal.what() + ".");
    }
}

// Puts the mark into the request. The transfer syntax has the job ask for each instance: one that none has,
// so that it cannot be found to be there already.
void put_mark(Json &body, const Plan &plan, Mark mark) {
    const auto [replace, is_new] = body.emplace("Replace", Json::object());
    if (!replace->is_object()) {
        throw Error(OrthancPluginErrorCode_BadRequest, "Replace: an object is expected.");
    }
    mark.marker = plan.marker();
    (*replace)[tag_text(mark.marker)] = mark.text();
    for (const char *uid : {"1.2.840.10008.1.2.1", "1.2.840.10008.1.2.5", "1.2.840.10008.1.2.4.70",
                            "1.2.840.10008.1.2.4.80", "1.2.840.10008.1.2.4.90"}) {
        if (!plan.has_syntax(uid)) {
            body["Transcode"] = uid;
            return;
        }
    }
    body["Transcode"] = "1.2.840.10008.1.2.2";
}

// Forgets the plan of a job that is done, or notes which job does it.
void follow(const std::string &token, const Answer &answer) {
    const Json said = answer.good() ? parsed(answer.body.bytes(), "Orthanc's answer") : Json();
    const std::string path = said.is_object() ? said.value("Path", "") : "";
    if (!path.starts_with("/jobs/")) {
        held().plans.remove(token);
        return;
    }
    const std::string job = said.value("ID", "");
    held().plans.give_to(token, job);
    if (get_json(path).value("State", "") == "Success") { // it was quicker
        held().plans.remove(token);
    }
}

void several_instances(const Target &target, Json body, Response &response) {
    Json request = {{"Level", target.level}, {"ID", target.id}};
    for (const char *name : {"MaskPixelData", "Transcode"}) {
        if (body.is_object() && body.contains(name)) {
            request[name] = body[name];
        }
    }
    const std::shared_ptr<Plan> plan = plan_of(target, body);
    const std::string uri = target.path() + "/" + target.verb;
    const std::string token = held().plans.add(plan);
    try {
        put_mark(body, *plan, {.marker = 0, .token = token, .request = std::move(request)});
        const Answer answer = posted(uri, body);
        follow(token, answer);
        pass_on(answer, *plan, uri, response);
    } catch (const HttpError &) {
        throw;
    } catch (const Error &error) {
        const std::string reason = plan->failure();
        held().plans.remove(token);
        if (!reason.empty()) {
            throw HttpError(500, reason);
        }
        throw;
    }
}

void modify(const Request &request, Response &response) {
    if (request.method() != OrthancPluginHttpMethod_Post) {
        response.not_allowed("POST");
        return;
    }
    const Target target{.level = std::string(request.group(0)),
                        .id = std::string(request.group(1)),
                        .verb = std::string(request.group(2))};
    target.level == "instances" ? one_instance(target, request.json(), response)
                                : several_instances(target, request.json(), response);
}

void give(OrthancPluginMemoryBuffer *target, Bytes made) {
    if (made.size() > UINT32_MAX ||
        OrthancPluginCreateMemoryBuffer(host(), target, static_cast<std::uint32_t>(made.size())) !=
            OrthancPluginErrorCode_Success) {
        throw Error(OrthancPluginErrorCode_NotEnoughMemory, "there is no memory for a file");
    }
    std::memcpy(target->data, made.data(), made.size());
}

// Masks what carries a mark, and leaves all else to others.
OrthancPluginErrorCode transcode(OrthancPluginMemoryBuffer *target, const void *buffer, std::uint64_t size,
                                 const char *const *, std::uint32_t, std::uint8_t) noexcept {
    constexpr OrthancPluginErrorCode others = OrthancPluginErrorCode_Plugin;
    std::shared_ptr<Plan> plan;
    try {
        const Bytes file(static_cast<const std::uint8_t *>(buffer), size);
        std::vector<std::uint8_t> copy;
        pixels::Outline outline = pixels::outline_of(file);
        if ((outline.deflated || outline.bare) && !held().plans.empty()) {
            outline = pixels::outline_of(plain(*held().pool, file, copy));
        }
        const std::optional<Mark> mark = mark_of(outline);
        if (!mark) {
            return others;
        }
        plan = held().plans.find(mark->token);
        plan = plan == nullptr ? made_again(*mark) : plan;
        if (plan == nullptr) {
            return others;
        }
        mask(*held().pool, file,
             {.patches = plan->patches_for(outline), .marker = mark->marker, .syntax = plan->syntax},
             [&](Bytes made) { give(target, made); });
        return OrthancPluginErrorCode_Success;
    } catch (const pixels::Refusal &refusal) {
        if (plan != nullptr) {
            const std::string reason =
                std::string("An instance cannot be masked, and is not stored: ") + refusal.what() + ".";
            plan->fail(reason);
            log_error(reason);
        }
        return others;
    } catch (...) {
        return logged_failure(std::source_location::current());
    }
}

// Refuses what still carries a mark.
std::int32_t filter(const OrthancPluginDicomInstance *instance) noexcept {
    if (OrthancPluginGetInstanceOrigin(host(), instance) != OrthancPluginInstanceOrigin_Plugin) {
        return 1; // nobody but this plugin marks anything
    }
    return guarded_or(std::int32_t{0}, [&] {
        const auto *const data =
            static_cast<const std::uint8_t *>(OrthancPluginGetInstanceData(host(), instance));
        const std::int64_t size = OrthancPluginGetInstanceSize(host(), instance);
        try {
            std::vector<std::uint8_t> copy;
            const Bytes file(data, static_cast<std::size_t>(size));
            if (!mark_of(pixels::outline_of(plain(*held().pool, file, copy)))) {
                return 1;
            }
        } catch (const pixels::Refusal &) {
            return 1; // what Orthanc takes and this plugin cannot read was not made by a job with a mark
        }
        log_error(
            "An instance that was to be masked is not stored, since it was not. Send the request again.");
        return 0;
    });
}

OrthancPluginErrorCode changed(OrthancPluginChangeType change, OrthancPluginResourceType,
                               const char *resource) noexcept {
    return guarded([&] {
        if (change == OrthancPluginChangeType_JobSuccess && resource != nullptr) {
            held().plans.remove_job(resource);
        }
    });
}

} // namespace

} // namespace masker

void start() {
    const Configuration settings = Configuration::of("PixelsMasker");
    if (!settings.flag("Enable", false)) {
        log_warning("PixelsMasker.Enable is false: no pixels are masked.");
        return;
    }
    if (Configuration::whole().text("BuiltinDecoderTranscoderOrder", "After") == "Before") {
        throw Error(
            OrthancPluginErrorCode_IncompatibleConfigurations,
            "BuiltinDecoderTranscoderOrder: 'Before' leaves no image to PixelsMasker. Set it to 'After', "
            "or remove it.");
    }
    masker::held().pool =
        std::make_unique<pixels::Pool>(pixels::limits_of(Configuration::of("Gdcm"), PIXELS_WORKER));
    OrthancPluginRegisterTranscoderCallback(host(), masker::transcode);
    OrthancPluginRegisterIncomingDicomInstanceFilter(host(), masker::filter);
    OrthancPluginRegisterOnChangeCallback(host(), masker::changed);
    route<masker::modify>("/plugins/pixels-masker/(studies|series|instances)/([^/]+)/(modify|anonymize)");
}

void finish() {
    masker::held().pool.reset();
}

} // namespace orthanc_images
