// Compiled once for each library, with its BACKEND and, where it keeps the index, its SCHEMA; all else is
// compiled once.
#include "database/plugin/choice.h"

#include "database/makers.h"

#include <memory>
#include <optional>

namespace orthanc_images::database {

std::optional<Backend> BACKEND(Purpose purpose, bool read_only);
const BackendMaker chosen_backend = BACKEND;

#ifdef SCHEMA
std::unique_ptr<Schema> SCHEMA(const Catalogue &catalogue, const Backend &backend);
const SchemaMaker chosen_schema = SCHEMA;
#endif

} // namespace orthanc_images::database
