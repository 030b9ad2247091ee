// The schema of the section PostgreSQL: version 6, revision 10, which the official plugin of this name opens
// too.
#pragma once

#include "database/schema/schema.h"

#include <string>
#include <string_view>
#include <vector>

namespace orthanc_images::database {

// An array of texts as PostgreSQL reads it: {"one","two"}.
std::string array_of_texts(const std::vector<std::string_view> &texts);

} // namespace orthanc_images::database
