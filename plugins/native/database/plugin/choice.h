// Which driver a library has, and which schema where it keeps the index: choice.cc is compiled once for each.
#pragma once

namespace orthanc_images::database {

struct BackendChoice;
struct SchemaChoice;

extern const BackendChoice &chosen_backend;
extern const SchemaChoice &chosen_schema;

} // namespace orthanc_images::database
