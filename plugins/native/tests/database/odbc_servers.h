// The servers of the tests over ODBC.
#pragma once

#include "database/driver/odbc.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <cstdlib>
#include <memory>
#include <string>

namespace orthanc_images::tests {

using database::Connection;
using database::Dialect;

struct Server {
    const char *variable;
    Dialect dialect;
    const char *bytes;
    const char *text;
    const char *key;
};

inline constexpr Server servers[] = {
    {"TEST_ODBC_POSTGRESQL", Dialect::postgresql, "BYTEA", "TEXT", "BIGSERIAL PRIMARY KEY"},
    {"TEST_ODBC_MYSQL", Dialect::mysql, "LONGBLOB", "LONGTEXT", "BIGINT AUTO_INCREMENT PRIMARY KEY"},
    {"TEST_ODBC_SQLITE", Dialect::sqlite, "BLOB", "TEXT", "INTEGER PRIMARY KEY AUTOINCREMENT"}};

inline std::string connection_string(const Server &server) {
    const char *text = std::getenv(server.variable); // NOLINT(concurrency-mt-unsafe)
    if (text == nullptr) {
        FAIL(server.variable << ": is not set. Write the ODBC connection string of an empty database.");
    }
    return text;
}

inline std::unique_ptr<Connection> open(const Server &server) {
    return database::open_odbc(connection_string(server), "Odbc.IndexConnectionString");
}

// Each of them in turn: a test runs once for each.
inline const Server &server() {
    return servers[GENERATE(0, 1, 2)];
}

} // namespace orthanc_images::tests
