// What makes the backend and the schema of a section.
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

// Makers as objects, which plugin/choice.cc names without knowing their types.
struct BackendChoice {
    BackendMaker make;
};

struct SchemaChoice {
    SchemaMaker make;
};

} // namespace orthanc_images::database
