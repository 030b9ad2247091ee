#include "database/check.h"

#include "database/catalogue.h"
#include "database/driver/connection.h"
#include "database/schema/revisions.h"

#include <nlohmann/json.hpp>

#include <charconv>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace orthanc_images::database {

namespace {

// The properties that have version and revision of the schema; the same in all of them.
constexpr std::int64_t property_version = 1;
constexpr std::int64_t property_revision = 4;

int newest(SchemaKind schema) {
    switch (schema) {
    case SchemaKind::postgresql:
        return postgresql_revision;
    case SchemaKind::mysql:
        return mysql_revision;
    case SchemaKind::odbc:
        return odbc_revision;
    }
    throw Error(OrthancPluginErrorCode_ParameterOutOfRange, "schema: there is none with this number.");
}

std::string file_of(Dialect dialect) {
    switch (dialect) {
    case Dialect::postgresql:
        return "check-postgresql";
    case Dialect::mysql:
        return "check-mysql";
    case Dialect::sqlite:
        return "check-sqlite";
    case Dialect::mssql:
        return "check-mssql";
    }
    throw Error(OrthancPluginErrorCode_ParameterOutOfRange, "dialect: there is none with this number.");
}

std::string block(Dialect dialect, std::string_view name) {
    for (const Block &one : blocks(file_of(dialect))) {
        if (one.name == name) {
            return std::string(one.text);
        }
    }
    throw Error(OrthancPluginErrorCode_InternalError, "statement " + std::string(name) + ": is not there.");
}

int number(std::string_view text) {
    int value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

// Runs one of the statements in a transaction of its own: one that fails is not to spoil others.
std::unique_ptr<Result> asked(Connection &connection, std::string_view name) {
    connection.begin(Access::read_only);
    try {
        std::unique_ptr<Result> result = connection.query(block(connection.dialect(), name));
        connection.commit();
        return result;
    } catch (...) {
        connection.rollback();
        throw;
    }
}

// The same for what a server may refuse to tell.
std::unique_ptr<Result> told(Connection &connection, std::string_view name) {
    try {
        return asked(connection, name);
    } catch (const StatementError &) {
        return nullptr;
    }
}

void add_version(Json &found, Connection &connection, SchemaKind schema) {
    const std::unique_ptr<Result> properties = asked(connection, "properties");
    for (std::size_t row = 0; row < properties->rows(); ++row) {
        const std::int64_t property = properties->integer(row, 0);
        if (property == property_version) {
            found["version"] = number(properties->text(row, 1));
        } else if (property == property_revision) {
            found["revision"] = number(properties->text(row, 1));
        }
    }
    found["newest"] = newest(schema);
}

// Tells whether a start would make or change tables.
bool changes(const Json &found, Purpose purpose) {
    if (!found["tables"].get<bool>()) {
        return true;
    }
    return purpose == Purpose::index && (found.value("version", 0) != known_version ||
                                         found.value("revision", 0) < found["newest"].get<int>());
}

void add_lacking(Json &found, Connection &connection, std::string_view name) {
    if (const std::unique_ptr<Result> rights = told(connection, name)) {
        Json &lacking = found["lacking"];
        if (lacking.is_null()) {
            lacking = Json::array();
        }
        for (std::size_t row = 0; row < rights->rows(); ++row) {
            lacking.push_back(rights->text(row, 0));
        }
    }
}

// Adds version and revision; false where the user may not read them, which is among the rights that lack.
bool could_add_version(Json &found, Connection &connection, SchemaKind schema) {
    try {
        add_version(found, connection, schema);
        return true;
    } catch (const StatementError &) {
        if (found.value("lacking", Json::array()).empty()) {
            throw;
        }
        return false;
    }
}

// Tells whether a start adds what the official plugin for MySQL lacks.
bool extends(Connection &connection) {
    const std::unique_ptr<Result> extended = told(connection, "extended");
    return extended != nullptr && extended->integer(0, 0) == 0;
}

} // namespace

Json looked_at(const Backend &backend, Purpose purpose) {
    const std::unique_ptr<Connection> connection = backend.opener();
    Json found = Json::object();
    found["server"] = connection->server();
    const bool index = purpose == Purpose::index;
    const std::unique_ptr<Result> tables = asked(*connection, index ? "index" : "storage");
    found["tables"] = tables->integer(0, 0) != 0;
    add_lacking(found, *connection, "rights-to-work");
    const bool known =
        !index || !found["tables"].get<bool>() || could_add_version(found, *connection, backend.schema);
    const bool of_mysql = index && backend.schema == SchemaKind::mysql;
    if (known && (changes(found, purpose) || (of_mysql && extends(*connection)))) {
        add_lacking(found, *connection, "rights-to-make");
        if (of_mysql) {
            add_lacking(found, *connection, "rights-beside-a-log");
        }
    }
    if (const std::unique_ptr<Result> size = told(*connection, "size")) {
        found["size"] = size->integer(0, 0);
    }
    return found;
}

} // namespace orthanc_images::database
