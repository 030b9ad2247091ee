// A connection to a database server, whatever its kind: statements, transactions, and what goes wrong.
#pragma once

#include "framework/errors.h"

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace orthanc_images::database {

// The language that a server speaks.
enum class Dialect { postgresql, mysql, sqlite, mssql };

// What a transaction does.
enum class Access { read_only, read_write };

// Bytes, where a text would be converted.
struct Bytes {
    std::string_view content;
};

// A value for a placeholder: NULL, a number, a text in UTF-8, bytes, or a list of numbers (PostgreSQL only).
// Nothing is copied; what it refers to must live for as long as the call that it is given to.
using Parameter =
    std::variant<std::monostate, std::int64_t, std::string_view, Bytes, std::span<const std::int64_t>>;
using Parameters = std::span<const Parameter>;

// What a server answers, with all of its rows. Rows and columns are counted from 0.
class Result {
  public:
    Result() = default;
    Result(const Result &) = delete;
    Result &operator=(const Result &) = delete;
    virtual ~Result() = default;

    virtual std::size_t rows() const noexcept = 0;
    virtual bool null(std::size_t row, std::size_t column) const = 0;

    // A number; an Error where the value is none. NULL is 0.
    virtual std::int64_t integer(std::size_t row, std::size_t column) const = 0;

    // A text in UTF-8, or bytes, for as long as this value lives. NULL is empty.
    virtual std::string_view text(std::size_t row, std::size_t column) const = 0;
};

// A statement that failed. The code is DatabaseCannotSerialize where the transaction is worth another try
// (serialization failures, deadlocks, time-outs of locks), DatabaseUnavailable where the connection is lost,
// else Database.
class StatementError : public Error {
  public:
    // `state` is the SQLSTATE of five characters, or empty.
    StatementError(OrthancPluginErrorCode code, const std::string &message, std::string state)
        : Error(code, message), state_(std::move(state)) {}

    const std::string &state() const noexcept {
        return state_;
    }

    // Tells whether a row with this key was there already.
    bool duplicate() const noexcept {
        return state_ == "23505" || state_ == "23000";
    }

  private:
    std::string state_;
};

// One session. To be used by one thread at a time.
//
// Placeholders in statements are `?`, whatever the dialect. Statements with placeholders are prepared once
// for each session and text; a text must therefore not hold values that vary.
class Connection {
  public:
    Connection() = default;
    Connection(const Connection &) = delete;
    Connection &operator=(const Connection &) = delete;
    virtual ~Connection() = default;

    virtual Dialect dialect() const noexcept = 0;

    // The server's name and version, for people, such as "PostgreSQL 18.1".
    virtual std::string server() const = 0;

    // Begins a transaction, with the isolation that the configuration asks for. It may be sent with the first
    // statement.
    virtual void begin(Access access) = 0;

    virtual void commit() = 0;
    virtual void rollback() noexcept = 0;

    // Runs a statement and returns its rows.
    virtual std::unique_ptr<Result> query(const std::string &statement, Parameters parameters) = 0;

    // Runs a statement without rows. Within a transaction a driver may send it and not wait: what goes wrong
    // is then thrown by the next function that waits, at the latest by commit().
    virtual void execute(const std::string &statement, Parameters parameters) = 0;

    // Runs a statement and returns how many rows it changed.
    virtual std::int64_t change(const std::string &statement, Parameters parameters) = 0;

    // Runs an INSERT of one row into a table whose key the server makes, and returns that key. `key` is the
    // name of its column.
    virtual std::int64_t insert(const std::string &statement, std::string_view key,
                                Parameters parameters) = 0;

    // Runs statements that are not prepared and have no values, such as those that make a schema. One call,
    // one statement, except where the server takes several.
    virtual void script(const std::string &statement) = 0;

    // Tells whether it can still be used: false once the server is gone.
    virtual bool usable() noexcept = 0;

    // Asks the server for the shortest possible answer; false where there is none.
    virtual bool alive() noexcept = 0;

    std::unique_ptr<Result> query(const std::string &statement,
                                  std::initializer_list<Parameter> parameters = {}) {
        return query(statement, Parameters(parameters.begin(), parameters.size()));
    }

    void execute(const std::string &statement, std::initializer_list<Parameter> parameters = {}) {
        execute(statement, Parameters(parameters.begin(), parameters.size()));
    }

    std::int64_t change(const std::string &statement, std::initializer_list<Parameter> parameters = {}) {
        return change(statement, Parameters(parameters.begin(), parameters.size()));
    }
};

} // namespace orthanc_images::database
