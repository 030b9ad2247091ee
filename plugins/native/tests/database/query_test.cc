// Statements by name, and statements that are put together.
#include "database/query.h"

#include <catch2/catch_test_macros.hpp>

#include <functional>
#include <set>
#include <string>
#include <vector>

namespace orthanc_images::database {

namespace {

// A connection that notes what it is told.
class Notes : public Connection {
  public:
    Dialect dialect() const noexcept override {
        return Dialect::sqlite;
    }

    std::string server() const override {
        return "Notes";
    }

    void begin(Access) override {}

    void commit() override {}

    void rollback() noexcept override {}

    std::unique_ptr<Result> query(const std::string &statement, Parameters parameters) override {
        note(statement, parameters);
        return nullptr;
    }

    void execute(const std::string &statement, Parameters parameters) override {
        note(statement, parameters);
    }

    std::int64_t change(const std::string &statement, Parameters parameters) override {
        note(statement, parameters);
        return 7;
    }

    std::int64_t insert(const std::string &, std::string_view, Parameters) override {
        return 0;
    }

    void script(const std::string &) override {}

    bool usable() noexcept override {
        return true;
    }

    bool alive() noexcept override {
        return true;
    }

    std::vector<std::string> said;

  private:
    void note(const std::string &statement, Parameters parameters) {
        std::string line = statement;
        for (const Parameter &parameter : parameters) {
            line += " | ";
            if (const auto *number = std::get_if<std::int64_t>(&parameter)) {
                line += std::to_string(*number);
            } else if (const auto *text = std::get_if<std::string_view>(&parameter)) {
                line += *text;
            } else if (const auto *numbers = std::get_if<std::span<const std::int64_t>>(&parameter)) {
                line += std::to_string(numbers->size()) + " numbers";
            }
        }
        said.push_back(line);
    }
};

constexpr Dialect dialects[] = {Dialect::postgresql, Dialect::mysql, Dialect::sqlite, Dialect::mssql};

std::string message_of(const std::function<void()> &action) {
    try {
        action();
    } catch (const Error &error) {
        return error.what();
    }
    return "nothing was thrown";
}

} // namespace

TEST_CASE("the later file of a schema takes the place of the earlier", "[query]") {
    const Catalogue postgresql(SchemaKind::postgresql, Dialect::postgresql);
    const Catalogue mysql(SchemaKind::mysql, Dialect::mysql);
    CHECK(postgresql["ping"] == "SELECT 1");
    CHECK(postgresql["limits"] == "LIMIT {0} OFFSET {1}");
    CHECK(Catalogue(SchemaKind::odbc, Dialect::mssql)["limits"] ==
          "OFFSET {1} ROWS FETCH NEXT {0} ROWS ONLY");
    CHECK(postgresql["metadata"] != mysql["metadata"]);
    CHECK(message_of([&] { postgresql.statement("nonsense"); }) ==
          "statement nonsense: the catalogue of this schema and server lacks it.");
}

TEST_CASE("values that a statement counts come in its order, and some not at all", "[query]") {
    const Catalogue catalogue(SchemaKind::postgresql, Dialect::postgresql);
    Notes notes;
    execute(notes, catalogue.statement("set-custom-data"),
            {std::string_view("uuid"), std::string_view("data")});
    CHECK(notes.said ==
          std::vector<std::string>{"UPDATE AttachedFiles SET customData = ? WHERE uuid = ? | data | uuid"});
}

TEST_CASE("what takes several statements is run as such, with the same values", "[query]") {
    const Catalogue catalogue(SchemaKind::postgresql, Dialect::postgresql);
    Notes notes;
    execute(notes, catalogue.statement("clear-tags"), {std::int64_t{5}});
    CHECK(change(notes, catalogue.statement("clear-tags"), {std::int64_t{6}}) == 7);
    CHECK(notes.said == std::vector<std::string>{"DELETE FROM MainDicomTags WHERE id = ? | 5",
                                                 "DELETE FROM DicomIdentifiers WHERE id = ? | 5",
                                                 "DELETE FROM MainDicomTags WHERE id = ? | 6",
                                                 "DELETE FROM DicomIdentifiers WHERE id = ? | 6"});
}

TEST_CASE("a value is bound as often as a fragment names it", "[query]") {
    const Catalogue catalogue(SchemaKind::odbc, Dialect::mssql);
    Notes notes;
    Query query = Query::fragment(catalogue, "equal", {"t.value", Query::value("text")});
    query += " ";
    query +=
        Query::fragment(catalogue, "limits", {Query::value(std::int64_t{10}), Query::value(std::int64_t{3})});
    query.run(notes);
    REQUIRE(notes.said.size() == 1);
    // The offset comes first there.
    CHECK(notes.said[0].ends_with(" | 3 | 10"));
    const Catalogue postgresql(SchemaKind::postgresql, Dialect::postgresql);
    CHECK(Query::fragment(postgresql, "among", {"x", Query::values({"a", "b"})}).text() == "x IN (?, ?)");
    CHECK(message_of([&] { Query::fragment(postgresql, "among", {"x"}); }) ==
          "statement among: it has a place that nothing is given for.");
}

TEST_CASE("numbers are one value where the server takes lists, and text elsewhere", "[query]") {
    const std::vector<std::int64_t> numbers{4, 5, 6};
    CHECK(Query::one_of(Dialect::postgresql, numbers).text() == "= ANY(?)");
    CHECK(Query::one_of(Dialect::postgresql, numbers).parameters().size() == 1);
    CHECK(Query::one_of(Dialect::mysql, numbers).text() == "IN (4, 5, 6)");
    CHECK(Query::one_of(Dialect::mysql, numbers).parameters().empty());
}

TEST_CASE("long lists of numbers are taken in parts where they are text", "[query]") {
    const std::vector<std::int64_t> numbers(2500, 1);
    const auto sizes = [&numbers](Dialect dialect) {
        std::vector<std::size_t> all;
        by_parts(dialect, numbers,
                 [&all](std::span<const std::int64_t> part) { all.push_back(part.size()); });
        return all;
    };
    CHECK(sizes(Dialect::postgresql) == std::vector<std::size_t>{2500});
    CHECK(sizes(Dialect::sqlite) == std::vector<std::size_t>{1000, 1000, 500});
}

TEST_CASE("every dialect has every fragment and statement of the others", "[query]") {
    std::vector<std::set<std::string>> names;
    for (const char *dialect : {"postgresql", "mysql", "sqlite", "mssql"}) {
        std::set<std::string> those;
        for (const Block &block : blocks(std::string("dialect-") + dialect)) {
            those.emplace(block.name);
        }
        names.push_back(those);
    }
    for (const Dialect dialect : dialects) {
        const Catalogue catalogue(SchemaKind::odbc, dialect);
        for (const std::string &name : names[0]) {
            INFO(name);
            CHECK(catalogue.has(name));
        }
        CHECK(catalogue.has("last-change-index"));
    }
}

} // namespace orthanc_images::database
