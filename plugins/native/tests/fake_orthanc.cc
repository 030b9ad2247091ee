#include "tests/fake_orthanc.h"

#include "framework/host.h"

#include <catch2/catch_test_macros.hpp>

#include <atomic>
#include <cstdlib>
#include <cstring>

namespace orthanc_images::tests {

namespace {

std::atomic<int> allocated{0};

void *allocate(std::size_t size) {
    ++allocated;
    return std::malloc(size == 0 ? 1 : size);
}

void release(void *memory) {
    if (memory != nullptr) {
        --allocated;
        std::free(memory);
    }
}

char *copied(const std::string &text) {
    char *copy = static_cast<char *>(allocate(text.size() + 1));
    std::memcpy(copy, text.c_str(), text.size() + 1);
    return copy;
}

template <typename Parameters> const Parameters &as(const void *parameters) {
    return *static_cast<const Parameters *>(parameters);
}

} // namespace

FakeOrthanc::FakeOrthanc(const std::string &version, bool begins)
    : version_(version), context_{this, version_.c_str(), release, invoke} {
    allocated = 0;
    if (begins) {
        begin(&context_);
    }
}

FakeOrthanc::~FakeOrthanc() {
    for (const OrthancJob &job : jobs) {
        job.functions.finalize(job.functions.job);
    }
    end();
    begin(nullptr);
    CHECK(allocated == 0);
}

std::vector<Line> FakeOrthanc::lines() {
    const std::scoped_lock lock(mutex_);
    return lines_;
}

std::int64_t FakeOrthanc::metric(const std::string &name) {
    const std::scoped_lock lock(mutex_);
    return metrics_.at(name);
}

std::pair<OrthancPluginErrorCode, Answered>
FakeOrthanc::request(const std::string &pattern, const OrthancPluginHttpRequest &request, const char *uri) {
    answered_ = {};
    const OrthancPluginErrorCode code =
        routes.at(pattern)(reinterpret_cast<OrthancPluginRestOutput *>(this), uri, &request);
    return {code, answered_};
}

OrthancPluginErrorCode FakeOrthanc::invoke(OrthancPluginContext *context, _OrthancPluginService service,
                                           const void *parameters) {
    auto *fake = static_cast<FakeOrthanc *>(context->pluginsManager);
    if (service == _OrthancPluginService_ChunkedHttpClient) {
        return fake->fetch(as<_OrthancPluginChunkedHttpClient>(parameters));
    }
    if (fake->extra) {
        if (const auto code = fake->extra(service, parameters)) {
            return *code;
        }
    }
    const std::scoped_lock lock(fake->mutex_);
    return fake->serve(service, parameters);
}

OrthancPluginErrorCode FakeOrthanc::serve(_OrthancPluginService service, const void *parameters) {
    switch (service) {
    case _OrthancPluginService_LogError:
        lines_.push_back({OrthancPluginLogLevel_Error, {}, {}, static_cast<const char *>(parameters)});
        return OrthancPluginErrorCode_Success;
    case _OrthancPluginService_LogMessage: {
        const auto &said = as<_OrthancPluginLogMessage>(parameters);
        lines_.push_back({said.level, said.plugin, said.file, said.message});
        return OrthancPluginErrorCode_Success;
    }
    case _OrthancPluginService_GetConfiguration:
        *as<_OrthancPluginRetrieveDynamicString>(parameters).result =
            configuration.empty() ? nullptr : copied(configuration);
        return OrthancPluginErrorCode_Success;
    case _OrthancPluginService_SetPluginProperty: {
        const auto &set = as<_OrthancPluginSetPluginProperty>(parameters);
        properties[set.property] = set.value;
        description = properties[_OrthancPluginProperty_Description];
        return OrthancPluginErrorCode_Success;
    }
    case _OrthancPluginService_GetErrorDescription: {
        const auto &asked = as<_OrthancPluginGetErrorDescription>(parameters);
        *asked.target =
            asked.error == OrthancPluginErrorCode_UnknownResource ? "Unknown resource" : "Other error";
        return OrthancPluginErrorCode_Success;
    }
    case _OrthancPluginService_SetCurrentThreadName:
        threads.emplace_back(static_cast<const char *>(parameters));
        return OrthancPluginErrorCode_Success;
    case _OrthancPluginService_ClearCurrentThreadName:
        threads.emplace_back("(end)");
        return OrthancPluginErrorCode_Success;
    case _OrthancPluginService_CallRestApi:
        return call(as<_OrthancPluginCallRestApi>(parameters));
    default:
        return serve_http(service, parameters);
    }
}

OrthancPluginErrorCode FakeOrthanc::serve_http(_OrthancPluginService service, const void *parameters) {
    switch (service) {
    case _OrthancPluginService_RegisterRestCallbackNoLock: {
        const auto &route = as<_OrthancPluginRestCallback>(parameters);
        routes[route.pathRegularExpression] = route.callback;
        return OrthancPluginErrorCode_Success;
    }
    case _OrthancPluginService_AnswerBuffer: {
        const auto &given = as<_OrthancPluginAnswerBuffer>(parameters);
        answered_.status = 200;
        answered_.type = given.mimeType;
        answered_.body.assign(static_cast<const char *>(given.answer), given.answerSize);
        return OrthancPluginErrorCode_Success;
    }
    case _OrthancPluginService_SetHttpHeader: {
        const auto &header = as<_OrthancPluginSetHttpHeader>(parameters);
        answered_.headers.emplace_back(header.key, header.value);
        return OrthancPluginErrorCode_Success;
    }
    case _OrthancPluginService_SendHttpStatus: {
        const auto &given = as<_OrthancPluginSendHttpStatus>(parameters);
        answered_.status = given.status;
        answered_.body.assign(static_cast<const char *>(given.body), given.bodySize);
        return OrthancPluginErrorCode_Success;
    }
    case _OrthancPluginService_SendMethodNotAllowed:
        answered_.status = 405;
        answered_.headers.emplace_back("Allow", as<_OrthancPluginOutputPlusArgument>(parameters).argument);
        return OrthancPluginErrorCode_Success;
    case _OrthancPluginService_SetHttpErrorDetails:
        answered_.details = as<_OrthancPluginSetHttpErrorDetails>(parameters).details;
        return OrthancPluginErrorCode_Success;
    case _OrthancPluginService_Redirect:
        answered_.status = 307;
        answered_.headers.emplace_back("Location", as<_OrthancPluginOutputPlusArgument>(parameters).argument);
        return OrthancPluginErrorCode_Success;
    default:
        return serve_tools(service, parameters);
    }
}

// The sum of a text is its length, and what is compressed is in parentheses.
OrthancPluginErrorCode FakeOrthanc::serve_tools(_OrthancPluginService service, const void *parameters) {
    switch (service) {
    case _OrthancPluginService_ComputeMd5: {
        const auto &asked = as<_OrthancPluginComputeHash>(parameters);
        *asked.result = copied("md5 of " + std::to_string(asked.size));
        return OrthancPluginErrorCode_Success;
    }
    case _OrthancPluginService_BufferCompression: {
        const auto &asked = as<_OrthancPluginBufferCompression>(parameters);
        const std::string source(static_cast<const char *>(asked.source), asked.size);
        if (asked.uncompress == 0 || source.size() < 2 || source.front() != '(') {
            return OrthancPluginErrorCode_BadFileFormat;
        }
        return fill(*asked.target, source.substr(1, source.rfind(')') - 1));
    }
    case _OrthancPluginService_CallHttpClient2: {
        const auto &asked = as<_OrthancPluginCallHttpClient2>(parameters);
        std::string body;
        const OrthancPluginErrorCode code = web(asked, body);
        if (code != OrthancPluginErrorCode_Success) {
            return code;
        }
        *asked.httpStatus = 200;
        fill(*asked.answerHeaders, R"({"Content-Type": "text/html"})");
        return fill(*asked.answerBody, body);
    }
    default:
        return serve_jobs(service, parameters);
    }
}

OrthancPluginErrorCode FakeOrthanc::serve_jobs(_OrthancPluginService service, const void *parameters) {
    switch (service) {
    case _OrthancPluginService_CreateJob: {
        const auto &wanted = as<_OrthancPluginCreateJob>(parameters);
        if (!makes_jobs) {
            return OrthancPluginErrorCode_NotEnoughMemory;
        }
        jobs.push_back({wanted, wanted.type});
        *wanted.target = reinterpret_cast<OrthancPluginJob *>(wanted.job);
        return OrthancPluginErrorCode_Success;
    }
    case _OrthancPluginService_SubmitJob: {
        const auto &submitted = as<_OrthancPluginSubmitJob>(parameters);
        if (!takes_jobs) {
            return OrthancPluginErrorCode_BadSequenceOfCalls;
        }
        *submitted.resultId = copied("job of priority " + std::to_string(submitted.priority));
        return OrthancPluginErrorCode_Success;
    }
    case _OrthancPluginService_RegisterJobsUnserializer:
        unserializer = as<_OrthancPluginJobsUnserializer>(parameters).unserializer;
        return OrthancPluginErrorCode_Success;
    default:
        return serve_storage(service, parameters);
    }
}

OrthancPluginErrorCode FakeOrthanc::serve_storage(_OrthancPluginService service, const void *parameters) {
    switch (service) {
    case _OrthancPluginService_RegisterStorageArea:
        area = as<_OrthancPluginRegisterStorageArea>(parameters);
        return OrthancPluginErrorCode_Success;
    case _OrthancPluginService_RegisterStorageArea2:
        area2 = as<_OrthancPluginRegisterStorageArea2>(parameters);
        return OrthancPluginErrorCode_Success;
    case _OrthancPluginService_CreateMemoryBuffer64: {
        const auto &wanted = as<_OrthancPluginCreateMemoryBuffer64>(parameters);
        if (!has_memory) {
            return OrthancPluginErrorCode_NotEnoughMemory;
        }
        *wanted.target = {allocate(wanted.size), wanted.size};
        return OrthancPluginErrorCode_Success;
    }
    case _OrthancPluginService_RegisterAuditLogHandler:
        audit = as<_OrthancPluginAuditLogHandler>(parameters).handler;
        return OrthancPluginErrorCode_Success;
    case _OrthancPluginService_CreateMemoryBuffer: {
        const auto &wanted = as<_OrthancPluginCreateMemoryBuffer>(parameters);
        if (!has_memory) {
            return OrthancPluginErrorCode_NotEnoughMemory;
        }
        *wanted.target = {allocate(wanted.size), wanted.size};
        return OrthancPluginErrorCode_Success;
    }
    default:
        return serve_database(service, parameters);
    }
}

OrthancPluginErrorCode FakeOrthanc::serve_database(_OrthancPluginService service, const void *parameters) {
    switch (service) {
    case _OrthancPluginService_RegisterDatabaseBackendV4:
        if (database.operations != nullptr) {
            return OrthancPluginErrorCode_DatabaseBackendAlreadyRegistered;
        }
        database = as<_OrthancPluginRegisterDatabaseBackendV4>(parameters);
        return OrthancPluginErrorCode_Success;
    case _OrthancPluginService_RegisterOnChangeCallback:
        changed = as<_OrthancPluginOnChangeCallback>(parameters).callback;
        return OrthancPluginErrorCode_Success;
    case _OrthancPluginService_GetExpectedDatabaseVersion:
        *as<_OrthancPluginReturnSingleValue>(parameters).resultUint32 = database_version;
        return OrthancPluginErrorCode_Success;
    case _OrthancPluginService_SetMetricsValue: {
        const auto &metric = as<_OrthancPluginSetMetricsValue>(parameters);
        measures[metric.name] = metric.value;
        return OrthancPluginErrorCode_Success;
    }
    case _OrthancPluginService_SetMetricsIntegerValue: {
        const auto &metric = as<_OrthancPluginSetMetricsIntegerValue>(parameters);
        metrics_[metric.name] = metric.value;
        return OrthancPluginErrorCode_Success;
    }
    case _OrthancPluginService_CreateMemoryBuffer64: {
        const auto &wanted = as<_OrthancPluginCreateMemoryBuffer64>(parameters);
        if (!has_memory) {
            return OrthancPluginErrorCode_NotEnoughMemory;
        }
        *wanted.target = {allocate(wanted.size), wanted.size};
        return OrthancPluginErrorCode_Success;
    }
    default:
        return serve_peers(service, parameters);
    }
}

OrthancPluginErrorCode FakeOrthanc::serve_peers(_OrthancPluginService service, const void *parameters) {
    switch (service) {
    case _OrthancPluginService_GetPeers:
        *as<_OrthancPluginGetPeers>(parameters).peers = reinterpret_cast<OrthancPluginPeers *>(this);
        return OrthancPluginErrorCode_Success;
    case _OrthancPluginService_FreePeers:
        return OrthancPluginErrorCode_Success;
    case _OrthancPluginService_GetPeersCount:
        *as<_OrthancPluginGetPeersCount>(parameters).target = static_cast<std::uint32_t>(peers.size());
        return OrthancPluginErrorCode_Success;
    case _OrthancPluginService_GetPeerName: {
        const auto &asked = as<_OrthancPluginGetPeerProperty>(parameters);
        *asked.target = peers.at(asked.peerIndex).c_str();
        return OrthancPluginErrorCode_Success;
    }
    case _OrthancPluginService_CallPeerApi: {
        const auto &asked = as<_OrthancPluginCallPeerApi>(parameters);
        const Answered answer = peer_web({.method = std::to_string(asked.method),
                                          .url = peers.at(asked.peerIndex) + asked.uri,
                                          .headers = {},
                                          .body = {static_cast<const char *>(asked.body), asked.bodySize},
                                          .user = {}});
        *asked.httpStatus = static_cast<std::uint16_t>(answer.status);
        return fill(*asked.answerBody, answer.body);
    }
    case _OrthancPluginService_GenerateUuid:
        *as<_OrthancPluginRetrieveDynamicString>(parameters).result =
            copied("00000000-0000-0000-0000-" + std::to_string(++uuids_));
        return OrthancPluginErrorCode_Success;
    case _OrthancPluginService_RegisterChunkedRestCallback: {
        const auto &route = as<_OrthancPluginChunkedRestCallback>(parameters);
        uploads[route.pathRegularExpression] = route;
        return OrthancPluginErrorCode_Success;
    }
    case _OrthancPluginService_RegisterRefreshMetricsCallback:
        refresh = as<_OrthancPluginRegisterRefreshMetricsCallback>(parameters).callback;
        return OrthancPluginErrorCode_Success;
    default:
        return OrthancPluginErrorCode_UnknownPluginService;
    }
}

OrthancPluginErrorCode FakeOrthanc::fetch(const _OrthancPluginChunkedHttpClient &wanted) const {
    Sent sent{.method = std::to_string(wanted.method),
              .url = wanted.url,
              .headers = {},
              .body = {},
              .user = wanted.username == nullptr ? "" : wanted.username,
              .timeout = wanted.timeout};
    constexpr const char *METHODS[] = {"?", "GET", "POST", "PUT", "DELETE"};
    sent.method = METHODS[wanted.method];
    for (std::uint32_t i = 0; i < wanted.headersCount; ++i) {
        sent.headers[wanted.headersKeys[i]] = wanted.headersValues[i];
    }
    while (wanted.requestIsDone(wanted.request) == 0) {
        sent.body.append(static_cast<const char *>(wanted.requestChunkData(wanted.request)),
                         wanted.requestChunkSize(wanted.request));
        if (wanted.requestNext(wanted.request) != OrthancPluginErrorCode_Success) {
            return OrthancPluginErrorCode_NetworkProtocol;
        }
    }
    const Answered answer = peer_web(sent);
    *wanted.httpStatus = static_cast<std::uint16_t>(answer.status);
    for (const auto &[name, value] : answer.headers) {
        wanted.answerAddHeader(wanted.answer, name.c_str(), value.c_str());
    }
    const std::size_t half = answer.body.size() / 2;
    for (const std::string &piece : {answer.body.substr(0, half), answer.body.substr(half)}) {
        if (wanted.answerAddChunk(wanted.answer, piece.data(), static_cast<std::uint32_t>(piece.size())) !=
            OrthancPluginErrorCode_Success) {
            return OrthancPluginErrorCode_NetworkProtocol;
        }
    }
    return answer.status == 0 || answer.status >= 400 ? OrthancPluginErrorCode_NetworkProtocol
                                                      : OrthancPluginErrorCode_Success;
}

std::pair<OrthancPluginErrorCode, Answered> FakeOrthanc::put(const std::string &pattern,
                                                             const OrthancPluginHttpRequest &request,
                                                             const std::string &body) {
    answered_ = {};
    const _OrthancPluginChunkedRestCallback &route = uploads.at(pattern);
    OrthancPluginServerChunkedRequestReader *reader = nullptr;
    OrthancPluginErrorCode code = route.putHandler(&reader, "/uri", &request);
    if (code != OrthancPluginErrorCode_Success) {
        return {code, answered_};
    }
    const std::size_t half = body.size() / 2;
    for (const std::string &piece : {body.substr(0, half), body.substr(half)}) {
        // Orthanc 1.13.0 does not look at what this returns.
        route.addChunk(reader, piece.data(), static_cast<std::uint32_t>(piece.size()));
    }
    code = route.execute(reader, reinterpret_cast<OrthancPluginRestOutput *>(this));
    route.finalize(reader);
    return {code, answered_};
}

OrthancPluginErrorCode FakeOrthanc::call(const _OrthancPluginCallRestApi &call) {
    std::string body;
    const OrthancPluginErrorCode code = api(call, body);
    return code == OrthancPluginErrorCode_Success ? fill(*call.answerBody, body) : code;
}

OrthancPluginErrorCode FakeOrthanc::fill(OrthancPluginMemoryBuffer &target, const std::string &content) {
    target = {allocate(content.size()), static_cast<std::uint32_t>(content.size())};
    std::memcpy(target.data, content.data(), content.size());
    return OrthancPluginErrorCode_Success;
}

char *FakeOrthanc::text(const std::string &content) {
    return copied(content);
}

} // namespace orthanc_images::tests
