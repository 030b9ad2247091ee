#include "worklists/server.h"

#include "worklists/dicom.h"
#include "worklists/match.h"

#include "framework/errors.h"
#include "framework/log.h"
#include "framework/memory.h"
#include "framework/rest.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <ctime>

namespace orthanc_images::worklists {

namespace {

constexpr char STEPS[] = "0040,0100";
constexpr char STATION[] = "0040,0001";
constexpr char STUDY[] = "0020,000d";
// The class of worklist files, which DCMTK has given them.
constexpr char CLASS[] = "1.2.276.0.7230010.3.1.0.1";

using Clock = std::chrono::system_clock;

std::string written_time(Clock::time_point time) {
    const std::time_t seconds = Clock::to_time_t(time);
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    std::array<char, 20> text{};
    return {text.data(), std::strftime(text.data(), text.size(), "%Y%m%dT%H%M%S", &parts)};
}

OrthancPluginDicomToJsonFormat format_of(const Request &request) {
    const std::string_view format = request.argument("format").value_or("Simplify");
    if (format == "Full") {
        return OrthancPluginDicomToJsonFormat_Full;
    }
    if (format == "Short") {
        return OrthancPluginDicomToJsonFormat_Short;
    }
    // Orthanc's own routes say "Simplify", and the documentation of this one "Simplified" too.
    if (format == "Simplify" || format == "Simplified" || format == "Human") {
        return OrthancPluginDicomToJsonFormat_Human;
    }
    throw Error(OrthancPluginErrorCode_ParameterOutOfRange,
                "format: is none of Simplify, Short and Full. Take one of them.");
}

Json shown(const Worklist &worklist, Json tags) {
    Json value{{"ID", worklist.id}, {"Tags", std::move(tags)}};
    if (!worklist.created.empty()) {
        value["CreationDate"] = worklist.created;
    }
    return value;
}

Error unknown(const std::string &id) {
    return {OrthancPluginErrorCode_UnknownResource, "there is no worklist " + id + "."};
}

void warn_of(const Worklist &worklist) {
    log_warning("the worklist " + worklist.id + " is no DICOM file. Delete it.");
}

bool has(const Json &tags, const char *name, const char *number) {
    return tags.contains(name) || tags.contains(number);
}

// Tells whether a text, in UTF-8, has characters that Latin-1 has not.
bool beyond_latin(const Json &value) {
    if (value.is_structured()) {
        return std::ranges::any_of(value, beyond_latin);
    }
    return value.is_string() && std::ranges::any_of(value.get_ref<const std::string &>(), [](char one) {
               return static_cast<unsigned char>(one) > 0xc3U;
           });
}

std::string new_study() {
    const Answer answer = call({.uri = "/tools/generate-uid?level=study"});
    if (!answer.good()) {
        throw Error(OrthancPluginErrorCode_Plugin, "Orthanc makes no StudyInstanceUID. See its log.");
    }
    return std::string(answer.body.bytes());
}

// What a modality needs to show a worklist at all.
void check_steps(const Json &tags) {
    const auto at = tags.find(tags.contains(STEPS) ? STEPS : "ScheduledProcedureStepSequence");
    const std::string remedy = " Add it, or say \"Force\": true.";
    if (at == tags.end() || !at->is_array() || at->empty() || !at->front().is_object()) {
        throw Error(OrthancPluginErrorCode_BadRequest,
                    "Tags: has no ScheduledProcedureStepSequence with an item." + remedy);
    }
    if (!has(at->front(), "Modality", "0008,0060")) {
        throw Error(OrthancPluginErrorCode_BadRequest,
                    "Tags: ScheduledProcedureStepSequence has no Modality." + remedy);
    }
    if (!has(at->front(), "ScheduledProcedureStepStartDate", "0040,0002")) {
        throw Error(OrthancPluginErrorCode_BadRequest,
                    "Tags: ScheduledProcedureStepSequence has no ScheduledProcedureStepStartDate." + remedy);
    }
}

// Lets the query ask for what is meant for the modality that asks, unless it names a station itself.
void restrict_to(Json &query, const std::string &caller) {
    Json &steps = query[STEPS];
    if (!steps.is_array() || steps.empty() || !steps.front().is_object()) {
        steps = Json::array({Json::object()});
    }
    Json &station = steps.front()[STATION];
    if (!station.is_string() ||
        station.get_ref<const std::string &>().find_first_not_of(" *") == std::string::npos) {
        station = caller;
    }
}

bool study_is_stable(const std::string &study) {
    const Answer answer =
        call({.method = OrthancPluginHttpMethod_Post, .uri = "/tools/lookup", .body = study});
    if (!answer.good()) {
        return false;
    }
    const Json found = parsed(answer.body.bytes(), "POST /tools/lookup");
    return std::ranges::any_of(found, [](const Json &one) {
        return one.value("Type", "") == "Study" &&
               get_json("/studies/" + one.at("ID").get<std::string>()).value("IsStable", false);
    });
}

} // namespace

bool Server::find(Json query, const std::string &caller,
                  const std::function<void(const Worklist &)> &answer) const {
    if (options_.filter_by_caller) {
        restrict_to(query, caller);
    }
    const Query wanted(query, representation, options_.case_sensitive_names);
    std::int64_t count = 0;
    for (const Worklist &one : store_->all()) {
        const auto tags = tags_of(one.dicom, OrthancPluginDicomToJsonFormat_Short);
        if (!tags) {
            warn_of(one);
        } else if (wanted.matches(*tags)) {
            if (options_.limit > 0 && count >= options_.limit) {
                return false;
            }
            answer(one);
            ++count;
            if (options_.log_matches) {
                log_warning(caller + " is answered with the worklist " + one.id);
            }
        }
    }
    return true;
}

void Server::list(const Request &request, Response &response) const {
    if (request.method() != OrthancPluginHttpMethod_Get) {
        response.not_allowed("GET");
        return;
    }
    const auto format = format_of(request);
    Json all = Json::array();
    for (const Worklist &one : store_->all()) {
        if (auto tags = tags_of(one.dicom, format)) {
            all.push_back(shown(one, std::move(*tags)));
        } else {
            warn_of(one);
        }
    }
    response.json(all);
}

std::string Server::file_of(const Request &request) const {
    const Json body = request.json();
    const auto at = body.is_object() ? body.find("Tags") : body.end();
    if (at == body.end() || !at->is_object()) {
        throw Error(OrthancPluginErrorCode_BadRequest,
                    R"(the body has no object "Tags". Send {"Tags": {...}} with the tags of the worklist.)");
    }
    Json tags = *at;
    const auto force = body.find("Force");
    if (force == body.end() || *force != true) {
        check_steps(tags);
    }
    if (!has(tags, "SOPClassUID", "0008,0016")) {
        tags["SOPClassUID"] = CLASS;
    }
    if (!has(tags, "SpecificCharacterSet", "0008,0005") && beyond_latin(tags)) {
        tags["SpecificCharacterSet"] = "ISO_IR 192";
    }
    const char *name = tags.contains(STUDY) ? STUDY : "StudyInstanceUID";
    const auto study = tags.find(name);
    if (options_.set_study && (study == tags.end() || *study == Json(""))) {
        tags[name] = new_study();
    }
    return file_with(tags);
}

void Server::create(const Request &request, Response &response) {
    if (request.method() != OrthancPluginHttpMethod_Post) {
        response.not_allowed("POST");
        return;
    }
    const std::string file = file_of(request);
    const Text id(OrthancPluginGenerateUuid(host()));
    if (id == nullptr) {
        throw Error(OrthancPluginErrorCode_Plugin, "Orthanc makes no identifier. See its log.");
    }
    store_->save({id.get(), file, written_time(Clock::now())});
    response.json({{"ID", id.get()}, {"Path", std::string("/worklists/") + id.get()}});
}

void Server::one(const Request &request, Response &response) {
    const std::string id(request.group(0));
    if (request.method() == OrthancPluginHttpMethod_Delete) {
        if (!store_->remove(id)) {
            throw unknown(id);
        }
        response.json(Json::object());
        return;
    }
    if (request.method() != OrthancPluginHttpMethod_Get && request.method() != OrthancPluginHttpMethod_Put) {
        response.not_allowed("DELETE,GET,PUT");
        return;
    }
    const auto found = store_->find(id);
    if (!found) {
        throw unknown(id);
    }
    if (request.method() == OrthancPluginHttpMethod_Put) {
        store_->save({id, file_of(request), found->created});
        response.json({{"ID", id}, {"Path", "/worklists/" + id}});
        return;
    }
    auto tags = tags_of(found->dicom, format_of(request));
    if (!tags) {
        throw Error(OrthancPluginErrorCode_BadFileFormat,
                    "the worklist " + id + " is no DICOM file. Delete it.");
    }
    response.json(shown(*found, std::move(*tags)));
}

bool Server::over(const Worklist &worklist, Clock::time_point now) const {
    // These times sort as texts.
    if (options_.age.count() > 0 && !worklist.created.empty() &&
        worklist.created < written_time(now - options_.age)) {
        return true;
    }
    if (!options_.remove_with_study) {
        return false;
    }
    const auto tags = tags_of(worklist.dicom, OrthancPluginDicomToJsonFormat_Short);
    const std::string study = tags && tags->contains(STUDY) && tags->at(STUDY).is_string()
                                  ? tags->at(STUDY).get<std::string>()
                                  : std::string();
    return !study.empty() && study_is_stable(study);
}

std::size_t Server::tidy(Clock::time_point now) {
    const std::scoped_lock locked(mutex_);
    std::size_t count = 0;
    for (const Worklist &one : store_->all()) {
        // One that cannot be judged or removed must not keep the others.
        try {
            if (over(one, now) && store_->remove(one.id)) {
                log_info("the worklist " + one.id + " is done with, and was removed");
                stuck_.erase(one.id);
                ++count;
            }
        } catch (const std::exception &error) {
            if (stuck_.insert(one.id).second) {
                log_warning("the worklist " + one.id + " stays: " + error.what());
            }
        }
    }
    return count;
}

} // namespace orthanc_images::worklists
