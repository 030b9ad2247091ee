// The schema of the section PostgreSQL: version 6, revision 10, which the official plugin of this name opens
// too.
#pragma once

#include "database/schema/schema.h"

#include <string>
#include <string_view>
#include <vector>

namespace orthanc_images::database {

// The version and the newest revision of the schema that is known here.
constexpr int postgresql_version = 6;
constexpr int postgresql_revision = 10;

// An array of texts as PostgreSQL reads it: {"one","two"}.
std::string array_of_texts(const std::vector<std::string_view> &texts);

} // namespace orthanc_images::database
