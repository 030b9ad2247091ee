// The statements of sql/, for one schema on one server.
#pragma once

#include "database/driver/connection.h"

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace orthanc_images::database {

// Which tables there are: those of the plugin of this name.
enum class SchemaKind { postgresql, mysql, odbc };

// A block of a file in sql/.
struct Block {
    std::string_view name;
    std::string_view text;
};

// The blocks of the file sql/FILE.sql, in its order; an Error where there is no such file.
std::span<const Block> blocks(std::string_view file);

// A statement of the catalogue.
struct Statement {
    // With `?` for its values, as connections take it.
    std::string text;
    // Which value each `?` stands for, counted from 0, where the file counts them (?1, ?2 …); empty: in
    // order.
    std::vector<std::uint8_t> order;
    // What is to be run after it, with the same values: NAME:2 after NAME, NAME:3 after that.
    const Statement *next = nullptr;
};

// The most values that a statement of the catalogue has.
constexpr std::size_t most_values = 16;

class Catalogue {
  public:
    // Of common.sql, of the dialect, and of the files that begin with `part` and the schema.
    Catalogue(SchemaKind schema, Dialect dialect, std::string_view part = "schema");
    Catalogue(const Catalogue &) = delete;
    Catalogue &operator=(const Catalogue &) = delete;
    ~Catalogue() = default;

    // The statement of this name, for query(), execute() and change() of query.h; an Error (InternalError)
    // where there is none.
    const Statement &statement(std::string_view name) const;

    // The text of the statement of this name; an Error (InternalError) where there is none.
    const std::string &operator[](std::string_view name) const;

    bool has(std::string_view name) const noexcept;

    // A fragment whose {0}, {1} … are replaced.
    std::string format(std::string_view name, std::initializer_list<std::string_view> arguments) const;

  private:
    struct Hash {
        using is_transparent = void;

        std::size_t operator()(std::string_view text) const noexcept {
            return std::hash<std::string_view>{}(text);
        }
    };

    std::unordered_map<std::string, Statement, Hash, std::equal_to<>> statements_;
};

} // namespace orthanc_images::database
