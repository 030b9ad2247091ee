// What makes the backend and the schema of a section. Includes next to nothing: choice.cc is compiled for
// each library.
#pragma once

#include <memory>
#include <optional>

namespace orthanc_images::database {

struct Backend;
class Catalogue;
enum class Purpose;
class Schema;

using BackendMaker = std::optional<Backend> (*)(Purpose purpose, bool read_only);
using SchemaMaker = std::unique_ptr<Schema> (*)(const Catalogue &catalogue, const Backend &backend);

} // namespace orthanc_images::database
