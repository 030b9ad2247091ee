// Statements that are put together from fragments of the catalogue, with their values.
#pragma once

#include "database/catalogue.h"
#include "database/driver/connection.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace orthanc_images::database {

// A piece of SQL with the values of its placeholders. It owns its texts; lists of numbers are referred to.
class Query {
  public:
    using Value = std::variant<std::int64_t, std::string, std::span<const std::int64_t>>;

    Query() = default;

    // SQL without placeholders.
    Query(std::string_view sql) : text_(sql) {}

    Query(std::string sql) : text_(std::move(sql)) {}

    Query(const char *sql) : text_(sql) {}

    // A placeholder, or several between commas, and what they stand for.
    static Query value(std::int64_t number);
    static Query value(std::string text);
    static Query values(const std::vector<std::string> &texts);
    static Query values(std::span<const std::int32_t> numbers);

    // Is one of these numbers, as what stands after a column: `= ANY(?)` where the server takes lists, else
    // the numbers themselves. `numbers` must live for as long as this value; it must not be empty.
    static Query one_of(Dialect dialect, std::span<const std::int64_t> numbers);

    // A fragment of the catalogue; {0} is the first of `pieces`, wherever and as often as it stands there.
    static Query fragment(const Catalogue &catalogue, std::string_view name, std::span<const Query> pieces);

    static Query fragment(const Catalogue &catalogue, std::string_view name,
                          std::initializer_list<Query> pieces) {
        return fragment(catalogue, name, std::span(pieces.begin(), pieces.size()));
    }

    Query &operator+=(const Query &more);

    // The pieces with `between` them.
    static Query joined(std::span<const Query> pieces, std::string_view between);

    bool empty() const noexcept {
        return text_.empty();
    }

    const std::string &text() const noexcept {
        return text_;
    }

    const std::vector<Value> &values() const noexcept {
        return values_;
    }

    // The values, as a connection takes them, for as long as this value lives.
    std::vector<Parameter> parameters() const;

    std::unique_ptr<Result> run(Connection &connection) const;

  private:
    std::string text_;
    std::vector<Value> values_;
};

// The largest number of ids that one_of() takes at once on servers without lists as values.
constexpr std::size_t most_ids = 1000;

// Calls `function` with parts of `ids` that one_of() takes.
template <typename Function>
void by_parts(Dialect dialect, std::span<const std::int64_t> ids, const Function &function) {
    const std::size_t most = dialect == Dialect::postgresql ? ids.size() : most_ids;
    for (std::size_t from = 0; from < ids.size(); from += most) {
        function(ids.subspan(from, std::min(most, ids.size() - from)));
    }
}

// Each runs a statement of the catalogue, whose values are counted from 1 in the order in which they are
// given.
std::unique_ptr<Result> query(Connection &connection, const Statement &statement,
                              std::initializer_list<Parameter> values = {});
void execute(Connection &connection, const Statement &statement,
             std::initializer_list<Parameter> values = {});
std::int64_t change(Connection &connection, const Statement &statement,
                    std::initializer_list<Parameter> values = {});

} // namespace orthanc_images::database
