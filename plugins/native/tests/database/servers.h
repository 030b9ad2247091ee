// The servers of the tests that concern all of them.
#pragma once

#include "database/catalogue.h"
#include "database/driver/backend.h"
#include "database/driver/mysql.h"
#include "database/driver/odbc.h"
#include "database/driver/postgresql.h"

#include <catch2/generators/catch_generators.hpp>

#include <cstdlib>
#include <stdexcept>
#include <string>

namespace orthanc_images::database::tests {

inline std::string variable(const char *name) {
    const char *text = std::getenv(name); // NOLINT(concurrency-mt-unsafe)
    if (text == nullptr) {
        throw std::runtime_error(std::string(name) + ": is not set. See test.sh.");
    }
    return text;
}

// What stands behind a key in "key=value;key=value".
inline std::string part(const std::string &text, const std::string &key) {
    const std::size_t at = text.find(key + '=');
    if (at == std::string::npos) {
        throw std::runtime_error(text + ": has no " + key + ". See test.sh.");
    }
    const std::size_t start = at + key.size() + 1;
    return text.substr(start, text.find(';', start) - start);
}

inline Backend postgresql_server() {
    Backend backend;
    backend.schema = SchemaKind::postgresql;
    backend.opener = postgresql_opener(postgresql_settings(variable("TEST_POSTGRESQL")));
    return backend;
}

inline Backend mysql_server() {
    const std::string text = variable("TEST_MYSQL");
    MySQLSettings settings;
    settings.socket = part(text, "socket");
    settings.user = part(text, "user");
    settings.database = part(text, "database");
    Backend backend;
    backend.schema = SchemaKind::mysql;
    backend.opener = [settings] { return open_mysql(settings); };
    return backend;
}

inline Backend odbc_server(const char *name) {
    Backend backend;
    backend.schema = SchemaKind::odbc;
    backend.opener = [text = variable(name)] { return open_odbc(text, "Odbc.StorageConnectionString"); };
    backend.lock = false;
    return backend;
}

// Each server, one after the other: a test case that calls this runs once for each.
inline Backend each_server() {
    Backend backend;
    switch (GENERATE(0, 1, 2, 3, 4)) {
    case 0:
        backend = postgresql_server();
        break;
    case 1:
        backend = mysql_server();
        break;
    case 2:
        backend = odbc_server("TEST_ODBC_POSTGRESQL");
        break;
    case 3:
        backend = odbc_server("TEST_ODBC_MYSQL");
        break;
    default:
        backend = odbc_server("TEST_ODBC_SQLITE");
        break;
    }
    backend.retries.most = 3;
    return backend;
}

} // namespace orthanc_images::database::tests
