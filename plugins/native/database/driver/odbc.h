// Connections over unixODBC, to the four kinds of servers of section "Odbc".
#pragma once

#include "database/driver/connection.h"

#include <memory>
#include <string>

namespace orthanc_images::database {

// Opens a session. `setting` is the setting that the connection string is from, such as
// "Odbc.IndexConnectionString": it stands in each message about it. What the string says is never shown.
std::unique_ptr<Connection> open_odbc(const std::string &connection_string, const std::string &setting);

} // namespace orthanc_images::database
