#include "database/index/adapter.h"

#include "framework/errors.h"
#include "framework/host.h"
#include "framework/log.h"

#include <google/protobuf/arena.h>

#include <atomic>
#include <climits>
#include <new>
#include <source_location>
#include <string>

namespace orthanc_images::database {

namespace {

Access access_of(messages::TransactionType type) {
    switch (type) {
    case messages::TRANSACTION_READ_ONLY:
        return Access::read_only;
    case messages::TRANSACTION_READ_WRITE:
        return Access::read_write;
    default:
        throw Error(OrthancPluginErrorCode_ParameterOutOfRange,
                    "request: there are no transactions of type " + std::to_string(type) + ".");
    }
}

void answer_database(Index &index, const messages::DatabaseRequest &request,
                     messages::DatabaseResponse &response) {
    switch (request.operation()) {
    case messages::OPERATION_GET_SYSTEM_INFORMATION:
        index.describe(*response.mutable_get_system_information());
        return;
    case messages::OPERATION_OPEN:
        index.open();
        return;
    case messages::OPERATION_CLOSE:
        index.close();
        return;
    case messages::OPERATION_START_TRANSACTION:
        response.mutable_start_transaction()->set_transaction(
            index.begin(access_of(request.start_transaction().type())));
        return;
    case messages::OPERATION_FINALIZE_TRANSACTION:
        index.finalize(request.finalize_transaction().transaction());
        return;
    case messages::OPERATION_MEASURE_LATENCY:
        response.mutable_measure_latency()->set_latency_us(index.latency().count());
        return;
    case messages::OPERATION_UPGRADE:
        throw Error(OrthancPluginErrorCode_NotImplemented,
                    "index: databases of before version 6 cannot be upgraded. Open it with Orthanc 0.9.5 to "
                    "1.12 first.");
    default:
        throw Error(OrthancPluginErrorCode_NotImplemented, "request: there is no operation " +
                                                               std::to_string(request.operation()) +
                                                               " of databases.");
    }
}

// Gives Orthanc the answer, in memory of its own. An empty one needs none.
void write(const messages::Response &response, OrthancPluginMemoryBuffer64 *target) {
    const std::size_t size = response.ByteSizeLong();
    if (size > INT_MAX) {
        throw Error(
            OrthancPluginErrorCode_NotEnoughMemory,
            R"(request: the answer has more than 2 GiB. Ask for less at once, with "Limit" and "Since".)");
    }
    if (size == 0) {
        return;
    }
    if (OrthancPluginCreateMemoryBuffer64(host(), target, size) != OrthancPluginErrorCode_Success) {
        throw std::bad_alloc();
    }
    response.SerializeWithCachedSizesToArray(static_cast<std::uint8_t *>(target->data));
}

void answer_any(Index &index, const void *raw, std::uint64_t size, OrthancPluginMemoryBuffer64 *target) {
    google::protobuf::Arena arena;
    auto &request = *google::protobuf::Arena::CreateMessage<messages::Request>(&arena);
    auto &response = *google::protobuf::Arena::CreateMessage<messages::Response>(&arena);
    if (size > INT_MAX || !request.ParseFromArray(raw, static_cast<int>(size))) {
        throw Error(OrthancPluginErrorCode_BadFileFormat, "request: it is not one of Orthanc's protocol.");
    }
    switch (request.type()) {
    case messages::REQUEST_DATABASE:
        answer_database(index, request.database_request(), *response.mutable_database_response());
        break;
    case messages::REQUEST_TRANSACTION:
        Index::transaction(request.transaction_request().transaction())
            .answer(request.transaction_request(), *response.mutable_transaction_response());
        break;
    default:
        throw Error(OrthancPluginErrorCode_NotImplemented,
                    "request: there is none of type " + std::to_string(request.type()) + ".");
    }
    write(response, target);
}

// What the core tries again, or asks to know, is no error to tell an administrator of.
bool ordinary(OrthancPluginErrorCode code) noexcept {
    return code == OrthancPluginErrorCode_DatabaseCannotSerialize ||
           code == OrthancPluginErrorCode_UnknownResource;
}

// The index that Orthanc has, for the events that it tells of.
std::atomic<Index *> current{nullptr};

OrthancPluginErrorCode notice(OrthancPluginChangeType change, OrthancPluginResourceType,
                              const char *) noexcept {
    if (Index *index = current) {
        if (change == OrthancPluginChangeType_OrthancStarted) {
            index->started();
        } else if (change == OrthancPluginChangeType_OrthancStopped) {
            index->stopped();
        }
    }
    return OrthancPluginErrorCode_Success;
}

void finalize(void *index) noexcept {
    current = nullptr;
    const std::unique_ptr<Index> ended(static_cast<Index *>(index));
}

} // namespace

OrthancPluginErrorCode answer(OrthancPluginMemoryBuffer64 *target, void *index, const void *request,
                              std::uint64_t size) noexcept {
    *target = {nullptr, 0};
    try {
        answer_any(*static_cast<Index *>(index), request, size, target);
        return OrthancPluginErrorCode_Success;
    } catch (...) {
        const Failure failure = current_failure();
        log(ordinary(failure.code) ? OrthancPluginLogLevel_Info : OrthancPluginLogLevel_Error,
            failure.details, std::source_location::current());
        return failure.code;
    }
}

void register_index(std::unique_ptr<Index> index, std::uint32_t retries) {
    OrthancPluginRegisterOnChangeCallback(host(), notice);
    current = index.get();
    if (OrthancPluginRegisterDatabaseBackendV4(host(), index.get(), retries, answer, finalize) !=
        OrthancPluginErrorCode_Success) {
        current = nullptr;
        throw Error(OrthancPluginErrorCode_DatabasePlugin,
                    "index: Orthanc has another index already. Enable the index of one plugin only.");
    }
    index.release(); // NOLINT(bugprone-unused-return-value): Orthanc ends it
}

} // namespace orthanc_images::database
