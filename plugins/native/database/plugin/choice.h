// Which driver a library has, and which schema where it keeps the index: choice.cc is compiled once for each.
#pragma once

#include "database/makers.h"

namespace orthanc_images::database {

extern const BackendMaker chosen_backend;
extern const SchemaMaker chosen_schema;

} // namespace orthanc_images::database
