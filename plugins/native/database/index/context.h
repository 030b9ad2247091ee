// What a request is answered with: a connection within a transaction, and what to say to it.
#pragma once

#include "database/catalogue.h"
#include "database/driver/connection.h"
#include "database/query.h"
#include "database/schema/schema.h"

#include <initializer_list>
#include <memory>
#include <string_view>

namespace orthanc_images::database {

struct Context {
    Connection &connection;
    const Catalogue &statements;
    Schema &schema;

    // Each runs the statement of this name.
    std::unique_ptr<Result> query(std::string_view name, std::initializer_list<Parameter> values = {}) const {
        return database::query(connection, statements.statement(name), values);
    }

    void execute(std::string_view name, std::initializer_list<Parameter> values = {}) const {
        database::execute(connection, statements.statement(name), values);
    }

    std::int64_t change(std::string_view name, std::initializer_list<Parameter> values = {}) const {
        return database::change(connection, statements.statement(name), values);
    }

    Query fragment(std::string_view name, std::initializer_list<Query> pieces) const {
        return Query::fragment(statements, name, pieces);
    }
};

} // namespace orthanc_images::database
