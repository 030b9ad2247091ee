#include "database/query.h"

#include <array>
#include <charconv>

namespace orthanc_images::database {

namespace {

template <typename... Handlers> struct Overloaded : Handlers... {
    using Handlers::operator()...;
};

// The values in the order in which the text of the statement has them.
class Ordered {
  public:
    Ordered(const Statement &statement, std::initializer_list<Parameter> values) : values_(values) {
        if (statement.order.empty()) {
            given_ = Parameters(values.begin(), values.size());
            return;
        }
        for (std::size_t at = 0; at < statement.order.size(); ++at) {
            moved_[at] = values.begin()[statement.order[at]];
        }
        given_ = Parameters(moved_.data(), statement.order.size());
    }

    Parameters get() const noexcept {
        return given_;
    }

  private:
    std::initializer_list<Parameter> values_;
    std::array<Parameter, most_values> moved_;
    Parameters given_;
};

} // namespace

Query Query::value(std::int64_t number) {
    Query query("?");
    query.values_.emplace_back(number);
    return query;
}

Query Query::value(std::string text) {
    Query query("?");
    query.values_.emplace_back(std::move(text));
    return query;
}

Query Query::values(const std::vector<std::string> &texts) {
    Query query;
    for (const std::string &text : texts) {
        query.text_ += query.text_.empty() ? "?" : ", ?";
        query.values_.emplace_back(text);
    }
    return query;
}

Query Query::values(std::span<const std::int32_t> numbers) {
    Query query;
    for (const std::int32_t number : numbers) {
        query.text_ += query.text_.empty() ? "?" : ", ?";
        query.values_.emplace_back(std::int64_t{number});
    }
    return query;
}

Query Query::one_of(Dialect dialect, std::span<const std::int64_t> numbers) {
    if (dialect == Dialect::postgresql) {
        Query query("= ANY(?)");
        query.values_.emplace_back(numbers);
        return query;
    }
    Query query("IN (");
    for (std::size_t at = 0; at < numbers.size(); ++at) {
        query.text_.append(at == 0 ? "" : ", ").append(std::to_string(numbers[at]));
    }
    query.text_ += ')';
    return query;
}

Query Query::fragment(const Catalogue &catalogue, std::string_view name, std::span<const Query> pieces) {
    const std::string_view text = catalogue[name];
    Query query;
    std::size_t done = 0;
    for (std::size_t open = text.find('{'); open != std::string_view::npos; open = text.find('{', done)) {
        const std::size_t close = text.find('}', open);
        std::size_t number = pieces.size();
        if (close != std::string_view::npos) {
            std::from_chars(text.data() + open + 1, text.data() + close, number);
        }
        if (number >= pieces.size()) {
            throw Error(OrthancPluginErrorCode_InternalError,
                        "statement " + std::string(name) + ": it has a place that nothing is given for.");
        }
        query.text_.append(text, done, open - done);
        query += pieces[number];
        done = close + 1;
    }
    query.text_.append(text, done);
    return query;
}

Query &Query::operator+=(const Query &more) {
    text_ += more.text_;
    values_.insert(values_.end(), more.values_.begin(), more.values_.end());
    return *this;
}

Query Query::joined(std::span<const Query> pieces, std::string_view between) {
    Query query;
    for (const Query &piece : pieces) {
        if (!query.empty()) {
            query.text_ += between;
        }
        query += piece;
    }
    return query;
}

std::vector<Parameter> Query::parameters() const {
    std::vector<Parameter> parameters;
    parameters.reserve(values_.size());
    for (const Value &value : values_) {
        parameters.push_back(
            std::visit(Overloaded{[](std::int64_t number) -> Parameter { return number; },
                                  [](const std::string &text) -> Parameter { return std::string_view(text); },
                                  [](std::span<const std::int64_t> numbers) -> Parameter { return numbers; }},
                       value));
    }
    return parameters;
}

std::unique_ptr<Result> Query::run(Connection &connection) const {
    return connection.query(text_, parameters());
}

std::unique_ptr<Result> query(Connection &connection, const Statement &statement,
                              std::initializer_list<Parameter> values) {
    return connection.query(statement.text, Ordered(statement, values).get());
}

void execute(Connection &connection, const Statement &statement, std::initializer_list<Parameter> values) {
    for (const Statement *each = &statement; each != nullptr; each = each->next) {
        connection.execute(each->text, Ordered(*each, values).get());
    }
}

std::int64_t change(Connection &connection, const Statement &statement,
                    std::initializer_list<Parameter> values) {
    const std::int64_t changed = connection.change(statement.text, Ordered(statement, values).get());
    for (const Statement *each = statement.next; each != nullptr; each = each->next) {
        connection.execute(each->text, Ordered(*each, values).get());
    }
    return changed;
}

} // namespace orthanc_images::database
