// Audit logs: what other plugins report, kept in the database, and read through the REST API.
#pragma once

#include "database/catalogue.h"
#include "database/driver/connection.h"
#include "database/driver/pool.h"

#include "framework/json.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace orthanc_images::database {

// What a plugin reports. `time` is in microseconds since 1970, in UTC.
struct AuditLog {
    std::int64_t time = 0;
    std::string_view source;
    std::string_view user;
    std::int64_t resource_type = 0;
    std::string_view resource;
    std::string_view action;
    std::string_view data;
};

// Which audit logs are asked for: those of `from` on, before `to`, without the first `since`, at most
// `limit`.
struct AuditQuery {
    std::optional<std::string_view> user;
    std::optional<std::string_view> resource;
    std::optional<std::string_view> action;
    std::optional<std::int64_t> from;
    std::optional<std::int64_t> to;
    std::int64_t since = 0;
    std::int64_t limit = INT64_MAX;
    bool json = false;
};

class AuditLogs {
  public:
    // `pool` must live longer.
    AuditLogs(SchemaKind schema, Pool &pool);

    // Makes the table or the index that the schema lacks.
    void install();

    // Keeps one. What passes soon, such as a connection that is lost, is tried again.
    void add(const AuditLog &entry);

    // Returns those that are asked for, the oldest first, as a list of objects.
    Json find(const AuditQuery &query);

  private:
    const Catalogue statements_;
    Pool &pool_;
};

// Returns microseconds since 1970 for a time of ISO 8601 with a zone, such as 2026-11-28T18:30:00.5+01:00.
std::int64_t microseconds(std::string_view time, const std::string &where);

// Returns a time in UTC with milliseconds, such as 2026-11-28T17:30:00.500Z.
std::string instant(std::int64_t microseconds);

// Registers what takes audit logs, and the route that reads them, /plugins/postgresql/audit-logs or that of
// the other schema; to be called while the plugin starts.
void register_audit_logs(SchemaKind schema);

// Begins to keep audit logs; to be called once the index is open. When `read_only`, they can only be read.
void open_audit_logs(SchemaKind schema, Pool &pool, bool read_only);

// Waits for those who use them, and stops; to be called before the pool ends.
void close_audit_logs() noexcept;

} // namespace orthanc_images::database
