// Connections to MySQL and MariaDB, through MariaDB Connector/C.
#pragma once

#include "database/driver/connection.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

namespace orthanc_images::database {

// Where a server is, and who we are there.
struct MySQLSettings {
    std::string host = "localhost";
    std::uint16_t port = 3306;
    // The socket of a server on "localhost"; none: TCP.
    std::string socket;
    std::string database;
    std::string user;
    std::string password;
    bool tls = false;
    // Whether the server's certificate is checked, against the authorities in the file `authorities`.
    bool verify = true;
    std::string authorities;
    std::chrono::seconds connect_timeout{10};
    // How long the server may think about a statement (scripts: for ever).
    std::chrono::seconds statement_timeout{600};
    // How many statements a session keeps prepared; a server has 16,382 places for all of its sessions.
    std::size_t prepared = 200;
};

// An error of the server, with its number.
class MySQLError : public StatementError {
  public:
    MySQLError(OrthancPluginErrorCode code, const std::string &message, std::string state, unsigned number)
        : StatementError(code, message, std::move(state)), number_(number) {}

    unsigned number() const noexcept {
        return number_;
    }

  private:
    unsigned number_;
};

// Opens a session: utf8mb4, strict, READ COMMITTED for those that write. What is wrong is an Error, or a
// StatementError, that names the setting.
std::unique_ptr<Connection> open_mysql(const MySQLSettings &settings);

} // namespace orthanc_images::database
