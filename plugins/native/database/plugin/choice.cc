// Compiled once for each library, with its BACKEND and, where it keeps the index, its SCHEMA; all else is
// compiled once.
#include "database/plugin/choice.h"

namespace orthanc_images::database {

extern const BackendChoice BACKEND;
const BackendChoice &chosen_backend = BACKEND;

#ifdef SCHEMA
extern const SchemaChoice SCHEMA;
const SchemaChoice &chosen_schema = SCHEMA;
#endif

} // namespace orthanc_images::database
