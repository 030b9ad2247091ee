// PostgreSQL, through libpq in its pipeline mode: what returns nothing is sent and not waited for.
#pragma once

#include "database/driver/backend.h"
#include "database/driver/pool.h"

#include "framework/configuration.h"

#include <map>
#include <string>
#include <string_view>

namespace orthanc_images::database {

struct PostgresqlSettings {
    // Parameters of libpq by their keywords.
    std::map<std::string, std::string> parameters;
    // The only schema that names are looked up in.
    std::string schema = "public";
    // TransactionMode: what writes is serializable, else read committed.
    bool serializable = false;
    // EnableVerboseLogs: each statement goes to the log, without its values.
    bool verbose = false;
    bool read_only = false;
    // The parameters are from ConnectionUri, which messages then name.
    bool uri = false;
};

// What the section `PostgreSQL` says about connections.
PostgresqlSettings postgresql_settings(const Configuration &section, bool read_only);

// The same of a connection string of libpq.
PostgresqlSettings postgresql_settings(const std::string &connection_string);

Opener postgresql_opener(PostgresqlSettings settings);

// The statement with $1, $2 … for its placeholders.
std::string numbered(std::string_view statement);

} // namespace orthanc_images::database
