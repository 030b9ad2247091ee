#include "authorization/audit.h"

#include "authorization/state.h"

#include "framework/errors.h"
#include "framework/host.h"
#include "framework/log.h"
#include "framework/rest.h"

#include <nlohmann/json.hpp>
#include <orthanc/OrthancCPlugin.h>

#include <algorithm>
#include <array>

namespace orthanc_images::authorization {

namespace {

constexpr char SOURCE[] = "authorization";

OrthancPluginResourceType type_of(Level level) {
    switch (level) {
    case Level::patient:
        return OrthancPluginResourceType_Patient;
    case Level::study:
        return OrthancPluginResourceType_Study;
    case Level::series:
        return OrthancPluginResourceType_Series;
    case Level::instance:
        return OrthancPluginResourceType_Instance;
    default:
        return OrthancPluginResourceType_None;
    }
}

void emit(const std::string &user, Level level, const std::string &id, const std::string &action,
          const std::string &data = {}) {
    OrthancPluginEmitAuditLog(host(), SOURCE, user.c_str(), type_of(level), id.c_str(), action.c_str(),
                              data.data(), static_cast<std::uint32_t>(data.size()));
}

// What is uploaded: Orthanc's answer is one object, or a list for an archive.
void report_upload(const std::string &user, const Json &answer) {
    const Json list = answer.is_array() ? answer : Json::array({answer});
    for (const Json &one : list) {
        if (one.is_object() && one.contains("ParentStudy") && one.contains("ID")) {
            emit(user, Level::study, one["ParentStudy"].get<std::string>(), "uploaded-instance",
                 one["ID"].get<std::string>());
        }
    }
}

void upload(const Request &request, Response &response) {
    if (request.method() == OrthancPluginHttpMethod_Get) {
        // The list of instances, which this route is in the way of.
        pass_on(forwarded(request, {}, request.query()), response);
        return;
    }
    const Answer answer = forwarded(request, request.body());
    if (answer.good()) {
        report_upload(user_of(request), parsed(answer.body.bytes(), "POST /instances"));
    }
    pass_on(answer, response);
}

// Returns a switch of a body.
bool flag_of(const Json &body, const char *name, bool otherwise) {
    const auto found = body.find(name);
    if (found == body.end()) {
        return otherwise;
    }
    if (!found->is_boolean()) {
        throw Error(OrthancPluginErrorCode_BadRequest,
                    std::string("\"") + name + "\" in the body of the request must be true or false.");
    }
    return found->get<bool>();
}

// Of modifications, only jobs can be reported: those that answer when they are done say nothing of what they
// made. An instance that is modified is only answered, and nothing of it is kept.
void modify(const Request &request, Response &response) {
    const bool anonymize = request.group(2) == "anonymize";
    const Level level = level_of(request.group(0), "the path");
    if (request.method() != OrthancPluginHttpMethod_Post || level == Level::instance) {
        pass_on(forwarded(request, request.body(), request.query()), response);
        return;
    }
    Json body = request.json();
    if (!body.is_object()) {
        throw Error(OrthancPluginErrorCode_BadRequest, "the body of the request is no object.");
    }
    // Orthanc's own order: "Synchronous" is looked at first.
    if (flag_of(body, "Synchronous", !flag_of(body, "Asynchronous", false))) {
        throw HttpError(501,
                        "with EnableAuditLogs, a modification must be asynchronous. Add \"Asynchronous\": "
                        "true to the body of the request.");
    }
    const std::string id(request.group(1));
    const std::string user = user_of(request);
    Json before = Json::object();
    if (level == Level::study) {
        before = get_json("/studies/" + id).value("MainDicomTags", Json::object());
    }
    const Json told{{"Payload", body}, {"TagsBeforeModification", before}};
    if (!body.contains("UserData") || !body["UserData"].is_object()) {
        body["UserData"] = Json::object();
    }
    body["UserData"]["AuditLogsUserId"] = user;
    const Answer answer = forwarded(request, written(body));
    if (answer.good()) {
        emit(user, level, id, anonymize ? "start-anonymization-job" : "start-modification-job",
             written(told));
    }
    pass_on(answer, response);
}

std::string text(const Json &object, const char *name) {
    const auto found = object.find(name);
    return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

// The plugins that keep audit logs, and where they are read.
constexpr std::array KEEPERS{"/plugins/postgresql/audit-logs", "/plugins/mysql/audit-logs",
                             "/plugins/odbc/audit-logs"};

Json kept(const std::string &query) {
    for (const char *keeper : KEEPERS) {
        try {
            const Answer answer = call({.uri = keeper + query, .plugins = true});
            if (answer.good()) {
                return parsed(answer.body.bytes(), keeper);
            }
            if (answer.status != 404) {
                throw HttpError(answer.status, "the index refuses to give the audit logs");
            }
        } catch (const HttpError &) {
            throw;
        } catch (const Error &error) {
            if (error.code() != OrthancPluginErrorCode_UnknownResource) {
                throw;
            }
        }
    }
    throw HttpError(
        501, "no index here keeps audit logs. Take the index of the plugin PostgreSQL, MySQL or Odbc, or "
             "set Authorization.EnableAuditLogs to false.");
}

std::string quoted(const std::string &cell) {
    if (cell.find_first_of(";\"\r\n") == std::string::npos) {
        return cell;
    }
    std::string quoted = "\"";
    for (const char one : cell) {
        quoted += one == '"' ? std::string("\"\"") : std::string(1, one);
    }
    return quoted + '"';
}

std::string as_csv(const Json &logs) {
    std::string csv = "Timestamp;UserId;UserName;ResourceId;Action;JsonLogData;Base64LogData\n";
    for (const Json &log : logs) {
        const auto json = log.find("JsonLogData");
        csv += quoted(text(log, "Timestamp")) + ';' + quoted(text(log, "UserId")) + ';' +
               quoted(text(log, "UserName")) + ';' + quoted(text(log, "ResourceId")) + ';' +
               quoted(text(log, "Action")) + ';' +
               quoted(json == log.end() || json->is_null() ? std::string() : written(*json)) + ';' +
               quoted(text(log, "Base64LogData")) + '\n';
    }
    return csv;
}

void logs(const Request &request, Response &response) {
    if (request.method() != OrthancPluginHttpMethod_Get) {
        response.not_allowed("GET");
        return;
    }
    Json found = kept(request.query());
    for (Json &log : found) {
        log["UserName"] = state().service.name_of(text(log, "UserId"));
    }
    const bool csv = request.argument("format") == "csv" ||
                     request.header("accept").value_or("").find("text/csv") != std::string_view::npos;
    if (csv) {
        response.header("Content-Disposition", "attachment; filename=\"audit-logs.csv\"");
        response.bytes(as_csv(found), "text/csv");
    } else {
        response.json(found);
    }
}

// A job that has ended well: of it and of the study that it has made.
void report_job(const std::string &id) {
    const Json job = get_json("/jobs/" + id);
    const Json content = job.value("Content", Json::object());
    const Json data = job.contains("UserData") ? job["UserData"] : content.value("UserData", Json::object());
    const std::string user = data.is_object() ? text(data, "AuditLogsUserId") : std::string();
    const std::string source = content.contains("ParentResources") && !content["ParentResources"].empty()
                                   ? content["ParentResources"][0].get<std::string>()
                                   : std::string();
    const std::string made = text(content, "ID");
    if (user.empty() || made.empty() || job.value("Type", "") != "ResourceModification") {
        return;
    }
    const std::string what = content.value("IsAnonymization", false) ? "anonymization" : "modification";
    const std::string type = text(content, "Type");
    const Level level = type.empty() ? Level::study : level_of(type, "the job");
    emit(user, level, source, "success-" + what + "-job",
         written(Json{{"ModifiedResourceId", made}, {"ModifiedResourceType", type}}));
    emit(user, level, made, "new-study-from-" + what + "-job",
         written(Json{{"SourceResourceId", source}, {"SourceResourceType", type}}));
}

} // namespace

std::string user_of(const Request &request) {
    // Of several tokens, the one that lets the request through says who it is.
    std::shared_ptr<const Profile> profile = permitted(request, request.method(), {request.uri()});
    if (profile == nullptr) {
        profile = first_profile(request);
    }
    if (profile == nullptr) {
        return {};
    }
    return profile->id.empty() ? profile->name : profile->id;
}

void audit(const Request &request, Level level, const std::string &id, const char *action,
           const std::string &data) {
    if (state().settings.audit) {
        emit(user_of(request), level, id, action, data);
    }
}

void audit_download(const std::string &user, const std::string &path, const std::vector<Target> &targets) {
    if (!path.ends_with("/archive") && !path.ends_with("/media") && !path.starts_with("/tools/create-")) {
        return;
    }
    for (const Target &target : targets) {
        const std::vector<Access> line = state().resources.line(target);
        if (line.back().level == Level::patient) {
            for (const Access &study : Resources::below(line.back(), Level::study)) {
                emit(user, Level::study, study.id, "download");
            }
        } else if (line.size() > 1) {
            emit(user, Level::study, line[1].id, "download");
        }
    }
}

Deletion::Deletion(Level level, const std::string &id, const Request &request) {
    if (state().settings.audit) {
        user_ = user_of(request);
        try {
            line_ = state().resources.line({.level = level, .id = id});
        } catch (const Error &) {
            // Orthanc will say that there is none.
            line_.clear();
        }
    }
}

void Deletion::done() const {
    if (line_.empty()) {
        return;
    }
    const Access &gone = line_.back();
    emit(user_, gone.level, gone.id, std::string("deleted-") + level_name(gone.level));
    if (gone.level == Level::series || gone.level == Level::instance) {
        emit(user_, Level::study, line_[1].id, std::string("deleted-child-") + level_name(gone.level),
             gone.id);
    }
    if (gone.level != Level::patient) {
        try {
            get_json("/patients/" + line_[0].id);
        } catch (const Error &) {
            emit(user_, Level::patient, line_[0].id, "deleted-parent-patient");
        }
    }
}

namespace {

OrthancPluginErrorCode changed(OrthancPluginChangeType type, OrthancPluginResourceType, const char *id) {
    return guarded([&] {
        if (type == OrthancPluginChangeType_Deleted && id != nullptr) {
            state().resources.forget(id);
        } else if (type == OrthancPluginChangeType_JobSuccess && state().settings.audit && id != nullptr) {
            report_job(id);
        }
    });
}

} // namespace

void register_audit() {
    OrthancPluginRegisterOnChangeCallback(host(), changed);
    if (!state().settings.audit) {
        return;
    }
    route<upload>("/instances");
    route<modify>("/(patients|studies|series|instances)/([a-f0-9-]+)/(modify|anonymize)");
    if (state().settings.profiles()) {
        route<logs>("/auth/audit-logs");
    }
}

} // namespace orthanc_images::authorization
