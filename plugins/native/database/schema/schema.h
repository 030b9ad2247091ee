// What differs between the schemas of PostgreSQL, MySQL and Odbc in more than the text of a statement: how
// they are made and upgraded, and the requests that triggers and functions take part in.
#pragma once

#include "database/catalogue.h"
#include "database/driver/backend.h"
#include "database/driver/connection.h"
#include "database/makers.h"

#include "OrthancDatabasePlugin.pb.h"

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace orthanc_images::database {

namespace messages = Orthanc::DatabasePluginMessages;

// What the index can do; the answer to GET_SYSTEM_INFORMATION.
struct Abilities {
    bool revisions = true;
    bool labels = true;
    bool custom_data = true;
    bool stores = true;
    bool queues = true;
};

// Patients, studies, series, instances, compressed and uncompressed size in bytes.
using Statistics = std::array<std::int64_t, 6>;

// One schema. It has no state that changes after install(): all threads share it. Each function that takes a
// connection runs within the caller's transaction, unless it says otherwise.
class Schema {
  public:
    Schema() = default;
    Schema(const Schema &) = delete;
    Schema &operator=(const Schema &) = delete;
    virtual ~Schema() = default;

    // Makes the schema, or upgrades it, or checks it only when `read_only`; runs transactions of its own,
    // under the set-up lock. Says in the log what it does. A revision that is not known is an Error with a
    // sentence.
    virtual void install(Connection &connection, bool read_only) = 0;

    virtual Abilities abilities() const noexcept = 0;

    // The version of the schema, 6, and its revision, as the database says; for `config check --connect` and
    // the log.
    virtual int revision(Connection &connection) = 0;

    // Takes the lock that keeps other Orthanc servers away ("Lock": true), for as long as the connection
    // lives; false where another has it.
    virtual bool lock(Connection &connection) = 0;

    virtual void create_instance(Connection &connection, const messages::CreateInstance_Request &request,
                                 messages::CreateInstance_Response &response) = 0;
    virtual void delete_resource(Connection &connection, std::int64_t id,
                                 messages::DeleteResource_Response &response) = 0;

    // Deletes one attachment and fills in what it was; false where there is none.
    virtual bool delete_attachment(Connection &connection, std::int64_t id, std::int32_t type,
                                   messages::FileInfo &deleted) = 0;

    // Inserts tags and metadata in as few statements as there can be. The latter overwrite, with revision 0.
    virtual void set_content(Connection &connection,
                             const messages::SetResourcesContent_Request &request) = 0;

    // The statistics as they are within this transaction. `update`: pending rows may be put together.
    virtual Statistics statistics(Connection &connection, bool update) = 0;
    virtual std::int64_t compressed_size(Connection &connection) = 0;
    virtual std::int64_t uncompressed_size(Connection &connection) = 0;
    virtual std::int64_t count(Connection &connection, messages::ResourceType level) = 0;

    virtual bool is_protected(Connection &connection, std::int64_t patient) = 0;
    virtual void set_protected(Connection &connection, std::int64_t patient, bool protect) = 0;

    // The patient that was not added to for the longest time, without the protected ones and `avoid`.
    virtual std::optional<std::int64_t> to_recycle(Connection &connection,
                                                   std::optional<std::int64_t> avoid) = 0;

    // How many children (steps = 1), grandchildren (2) or great-grandchildren (3) the resources have, as SQL
    // for a column; `id` is the SQL of the resource's internal id. Exact, whatever is pending.
    virtual std::string descendants(std::string_view id, int steps) const = 0;

    // What is to be done now and then, each in a transaction of its own. May do nothing.
    virtual void housekeeping(Connection &connection) = 0;
};

// The schema of a section. `catalogue` must live longer. Each plugin is linked to one of these:
// schema/postgresql.cc, schema/mysql.cc, schema/odbc.cc.
std::unique_ptr<Schema> postgresql_schema(const Catalogue &catalogue, const Backend &backend);
std::unique_ptr<Schema> mysql_schema(const Catalogue &catalogue, const Backend &backend);
std::unique_ptr<Schema> odbc_schema(const Catalogue &catalogue, const Backend &backend);
extern const SchemaChoice postgresql_schema_choice;
extern const SchemaChoice mysql_schema_choice;
extern const SchemaChoice odbc_schema_choice;

} // namespace orthanc_images::database
