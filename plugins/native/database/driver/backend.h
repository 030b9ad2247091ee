// What a section of the configuration asks for, in the terms of this plugin.
#pragma once

#include "database/catalogue.h"
#include "database/driver/pool.h"
#include "database/makers.h"

#include "framework/configuration.h"

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>

namespace orthanc_images::database {

struct Backend {
    SchemaKind schema = SchemaKind::postgresql;
    // Opens a connection for the index, or for the storage area.
    Opener opener;
    std::size_t connections = 1;
    bool dynamic = false;
    bool lock = true;
    Retries retries;
    std::chrono::seconds housekeeping{1};
    // AllowInconsistentChildCounts.
    bool inexact_counts = false;
    // The schema of PostgreSQL in which the tables are.
    std::string schema_name = "public";
};

// What a backend is for.
enum class Purpose { index, storage };

// The section's backend, where "EnableIndex" or "EnableStorage" is on; none where it is off or the section is
// missing, which is said in the log. What is wrong with a setting is an Error that names it. Each plugin is
// linked to one of these: driver/postgresql.cc, driver/mysql.cc, driver/odbc.cc.
std::optional<Backend> postgresql_backend(Purpose purpose, bool read_only);
std::optional<Backend> mysql_backend(Purpose purpose, bool read_only);
std::optional<Backend> odbc_backend(Purpose purpose, bool read_only);
extern const BackendChoice postgresql_choice;
extern const BackendChoice mysql_choice;
extern const BackendChoice odbc_choice;

} // namespace orthanc_images::database
