#include "database/driver/odbc.h"

#include "database/driver/backend.h"
#include "database/driver/wide.h"

#include "framework/configuration.h"
#include "framework/log.h"

#include <sql.h>
#include <sqlext.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <list>
#include <map>
#include <optional>
#include <string>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <vector>

namespace orthanc_images::database {

namespace {

// How many prepared statements a session keeps; the one that was not used for the longest time goes.
constexpr std::size_t most_statements = 400;

// What a value may have at most before SQL Server wants a type without a length.
constexpr std::size_t most_bytes = 8000;

bool good(SQLRETURN code) noexcept {
    return SQL_SUCCEEDED(code);
}

// A handle of unixODBC.
template <SQLSMALLINT kind> class Handle {
  public:
    explicit Handle(SQLHANDLE parent) {
        if (!good(SQLAllocHandle(kind, parent, &handle_))) {
            throw StatementError(OrthancPluginErrorCode_DatabaseUnavailable,
                                 "Odbc: unixODBC gives no more handles. Look for what keeps the memory.",
                                 "HY001");
        }
    }

    Handle(const Handle &) = delete;
    Handle &operator=(const Handle &) = delete;

    ~Handle() {
        SQLFreeHandle(kind, handle_);
    }

    SQLHANDLE get() const noexcept {
        return handle_;
    }

  private:
    SQLHANDLE handle_ = SQL_NULL_HANDLE;
};

using Environment = Handle<SQL_HANDLE_ENV>;
using StatementHandle = Handle<SQL_HANDLE_STMT>;

SQLWCHAR *wide(std::u16string &text) noexcept {
    static_assert(sizeof(SQLWCHAR) == sizeof(char16_t));
    return reinterpret_cast<SQLWCHAR *>(text.data());
}

// A number where the interface of ODBC wants a pointer.
SQLPOINTER as_pointer(std::uintptr_t number) noexcept {
    return reinterpret_cast<SQLPOINTER>(number); // NOLINT(performance-no-int-to-ptr)
}

// A message of a driver, which may have several lines, in one.
std::string in_one_line(std::string text) {
    std::ranges::replace_if(text, [](char letter) { return static_cast<unsigned char>(letter) < ' '; }, ' ');
    text.erase(text.find_last_not_of(' ') + 1);
    return text;
}

// A diagnostic of unixODBC or of a driver.
struct Diagnostic {
    std::string state;
    SQLINTEGER native = 0;
    std::string message;
};

std::vector<Diagnostic> diagnostics(SQLSMALLINT kind, SQLHANDLE handle) {
    std::vector<Diagnostic> found;
    std::u16string message(1024, u'\0');
    std::array<SQLWCHAR, 6> state{};
    for (SQLSMALLINT record = 1; record < 20; ++record) {
        SQLINTEGER native = 0;
        SQLSMALLINT length = 0;
        SQLRETURN code = SQLGetDiagRecW(kind, handle, record, state.data(), &native, wide(message),
                                        static_cast<SQLSMALLINT>(message.size()), &length);
        if (code == SQL_SUCCESS_WITH_INFO && static_cast<std::size_t>(length) >= message.size()) {
            message.resize(static_cast<std::size_t>(length) + 1);
            code = SQLGetDiagRecW(kind, handle, record, state.data(), &native, wide(message),
                                  static_cast<SQLSMALLINT>(message.size()), &length);
        }
        if (!good(code)) {
            break;
        }
        Diagnostic one;
        for (const SQLWCHAR letter : std::span(state).first(5)) {
            if (letter != 0) {
                one.state += static_cast<char>(letter);
            }
        }
        one.native = native;
        const auto size =
            std::min(static_cast<std::size_t>(std::max<SQLSMALLINT>(length, 0)), message.size());
        one.message = in_one_line(narrow(std::u16string_view(message).substr(0, size)));
        found.push_back(std::move(one));
    }
    return found;
}

// A connection string as its attributes; a value may stand in braces.
class Attributes {
  public:
    explicit Attributes(std::string_view text) {
        while (!text.empty()) {
            const std::size_t equals = text.find('=');
            if (equals == std::string_view::npos) {
                return;
            }
            std::string key = lower(trimmed(text.substr(0, equals)));
            text.remove_prefix(equals + 1);
            std::string value = taken(text);
            values_.emplace_back(std::move(key), std::move(value));
        }
    }

    std::string_view operator[](std::string_view key) const noexcept {
        for (const auto &[name, value] : values_) {
            if (name == key) {
                return value;
            }
        }
        return {};
    }

    static std::string lower(std::string_view text) {
        std::string lowered(text);
        for (char &letter : lowered) {
            letter = static_cast<char>(letter >= 'A' && letter <= 'Z' ? letter - 'A' + 'a' : letter);
        }
        return lowered;
    }

  private:
    static std::string_view trimmed(std::string_view text) {
        constexpr std::string_view blanks = " \t\r\n;";
        const std::size_t from = text.find_first_not_of(blanks);
        return from == std::string_view::npos ? std::string_view()
                                              : text.substr(from, text.find_last_not_of(blanks) - from + 1);
    }

    static std::string taken(std::string_view &text) {
        std::string value;
        const std::size_t start = text.find_first_not_of(" \t");
        if (start != std::string_view::npos && text[start] == '{') {
            std::size_t at = start + 1;
            for (; at < text.size(); ++at) {
                if (text[at] == '}') {
                    if (at + 1 >= text.size() || text[at + 1] != '}') {
                        break;
                    }
                    ++at;
                }
                value += text[at];
            }
            text.remove_prefix(std::min(at + 1, text.size()));
            const std::size_t end = text.find(';');
            text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
            return value;
        }
        const std::size_t end = text.find(';');
        value = trimmed(text.substr(0, end));
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        return value;
    }

    std::vector<std::pair<std::string, std::string>> values_;
};

// What a message must not show.
class Secrets {
  public:
    explicit Secrets(const Attributes &attributes) {
        for (const char *key : {"pwd", "password"}) {
            if (!attributes[key].empty()) {
                secrets_.emplace_back(attributes[key]);
            }
        }
    }

    std::string without(std::string message) const {
        for (const std::string &secret : secrets_) {
            for (std::size_t at = message.find(secret); at != std::string::npos;
                 at = message.find(secret, at)) {
                message.replace(at, secret.size(), "(password)");
                at += std::string_view("(password)").size();
            }
        }
        return message;
    }

  private:
    std::vector<std::string> secrets_;
};

// The drivers, or the data sources, that unixODBC knows: "A, B", or "none".
std::string known(SQLHANDLE environment, bool drivers) {
    std::string names;
    std::array<SQLCHAR, 256> name{};
    std::array<SQLCHAR, 1024> other{};
    SQLSMALLINT length = 0;
    SQLSMALLINT ignored = 0;
    SQLUSMALLINT direction = SQL_FETCH_FIRST;
    while (good(drivers ? SQLDrivers(environment, direction, name.data(), name.size(), &length, other.data(),
                                     other.size(), &ignored)
                        : SQLDataSources(environment, direction, name.data(), name.size(), &length,
                                         other.data(), other.size(), &ignored))) {
        direction = SQL_FETCH_NEXT;
        if (!names.empty()) {
            names += ", ";
        }
        names.append(reinterpret_cast<const char *>(name.data()),
                     std::min(static_cast<std::size_t>(std::max<SQLSMALLINT>(length, 0)), name.size() - 1));
    }
    return names.empty() ? "none" : names;
}

// All that a server answered. The texts stand one behind the other.
class OdbcResult : public Result {
  public:
    std::size_t rows() const noexcept override {
        return columns_ == 0 ? 0 : cells_.size() / columns_;
    }

    bool null(std::size_t row, std::size_t column) const override {
        return cell(row, column).kind == Kind::null;
    }

    std::int64_t integer(std::size_t row, std::size_t column) const override {
        const Cell &found = cell(row, column);
        if (found.kind == Kind::null) {
            return 0;
        }
        if (found.kind == Kind::number) {
            return found.number;
        }
        const std::string_view text = std::string_view(texts_).substr(found.at, found.length);
        std::int64_t number = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
        // A sum may come as a decimal.
        const std::string_view rest(end, text.data() + text.size());
        if (error != std::errc() ||
            (!rest.empty() && (rest[0] != '.' || rest.find_first_not_of('0', 1) != std::string_view::npos))) {
            throw Error(
                OrthancPluginErrorCode_Database,
                "Odbc: a column has a text where a number is expected. Look for who changed the schema.");
        }
        return number;
    }

    std::string_view text(std::size_t row, std::size_t column) const override {
        const Cell &found = cell(row, column);
        if (found.kind == Kind::number) {
            numbers_.push_back(std::to_string(found.number));
            return numbers_.back();
        }
        return std::string_view(texts_).substr(found.at, found.length);
    }

    void columns(std::size_t count) {
        columns_ = count;
    }

    void add_null() {
        cells_.push_back({});
    }

    void add(std::int64_t number) {
        cells_.push_back({Kind::number, 0, 0, number});
    }

    void add(std::string_view text) {
        cells_.push_back({Kind::text, texts_.size(), text.size(), 0});
        texts_.append(text);
    }

    void add(std::u16string_view text) {
        const std::size_t at = texts_.size();
        append_narrow(texts_, text);
        cells_.push_back({Kind::text, at, texts_.size() - at, 0});
    }

  private:
    enum class Kind { null, number, text };

    struct Cell {
        Kind kind = Kind::null;
        std::size_t at = 0;
        std::size_t length = 0;
        std::int64_t number = 0;
    };

    const Cell &cell(std::size_t row, std::size_t column) const {
        if (column >= columns_ || row >= rows()) {
            throw Error(OrthancPluginErrorCode_InternalError,
                        "Odbc: a row or column is asked for that is not there.");
        }
        return cells_[(row * columns_) + column];
    }

    std::size_t columns_ = 0;
    std::vector<Cell> cells_;
    std::string texts_;
    mutable std::list<std::string> numbers_;
};

// How texts go to a driver and come from it.
enum class Texts {
    // UTF-8 as it is.
    bytes,
    // UTF-16, and ASCII as it is.
    wide
};

// A value as it is bound, for as long as the statement runs.
struct Bound {
    std::int64_t number = 0;
    SQLLEN length = 0;
    std::u16string text;
    std::string list;
};

class OdbcConnection : public Connection {
  public:
    OdbcConnection(const OdbcConnection &) = delete;
    OdbcConnection &operator=(const OdbcConnection &) = delete;

    OdbcConnection(const std::string &connection_string, std::string setting)
        : setting_(std::move(setting)), attributes_(connection_string), secrets_(attributes_),
          environment_(SQL_NULL_HANDLE) {
        SQLSetEnvAttr(environment_.get(), SQL_ATTR_ODBC_VERSION, as_pointer(SQL_OV_ODBC3), 0);
        session_ = std::make_unique<Handle<SQL_HANDLE_DBC>>(environment_.get());
        const std::optional<Dialect> expected = expected_dialect(attributes_["driver"]);
        connect(completed(connection_string, expected));
        try {
            dialect_ = recognized();
            if (dialect_ != expected && completed(connection_string, dialect_) != connection_string) {
                SQLDisconnect(session());
                connect(completed(connection_string, dialect_));
            }
            prepare_session();
        } catch (const StatementError &error) {
            SQLDisconnect(session());
            if (dialect_ == Dialect::sqlite && error.code() == OrthancPluginErrorCode_Database) {
                refuse_file(error.what());
            }
            throw;
        } catch (...) {
            SQLDisconnect(session());
            throw;
        }
    }

    ~OdbcConnection() override {
        if (in_transaction_) {
            OdbcConnection::rollback();
        }
        cache_.clear();
        order_.clear();
        SQLDisconnect(session());
    }

    Dialect dialect() const noexcept override {
        return dialect_;
    }

    std::string server() const override {
        return server_;
    }

    void begin(Access access) override {
        if (in_transaction_) {
            throw Error(OrthancPluginErrorCode_InternalError, "Odbc: a transaction has begun already.");
        }
        const bool reads = access == Access::read_only;
        if (dialect_ == Dialect::mysql || dialect_ == Dialect::mssql) {
            const char *reading = snapshots_ ? "isolation-snapshot" : "isolation-read";
            isolate(reads ? reading : "isolation-write");
        }
        in_transaction_ = true;
        try {
            if (!by_statement()) {
                autocommit(false);
            }
            if (dialect_ != Dialect::mssql) {
                direct(own(reads ? "read" : "write"));
            }
        } catch (...) {
            rollback();
            throw;
        }
    }

    void commit() override {
        if (!in_transaction_) {
            throw Error(OrthancPluginErrorCode_InternalError, "Odbc: there is no transaction to commit.");
        }
        if (by_statement()) {
            direct("COMMIT");
            in_transaction_ = false;
            return;
        }
        if (!good(SQLEndTran(SQL_HANDLE_DBC, session(), SQL_COMMIT))) {
            fail(SQL_HANDLE_DBC, session(), "COMMIT");
        }
        in_transaction_ = false;
        autocommit(true);
    }

    void rollback() noexcept override {
        if (!in_transaction_) {
            return;
        }
        in_transaction_ = false;
        try {
            if (by_statement()) {
                direct("ROLLBACK");
                return;
            }
            if (!good(SQLEndTran(SQL_HANDLE_DBC, session(), SQL_ROLLBACK))) {
                fail(SQL_HANDLE_DBC, session(), "ROLLBACK");
            }
            autocommit(true);
        } catch (const StatementError &) {
            // A server may have ended the transaction itself, as SQLite does at some errors: then there is
            // none.
            if (dialect_ != Dialect::sqlite) {
                lost_ = true;
            }
        } catch (...) {
            lost_ = true;
        }
    }

    std::unique_ptr<Result> query(const std::string &statement, Parameters parameters) override {
        auto result = std::make_unique<OdbcResult>();
        run(statement, parameters, [&](SQLHSTMT handle) { fetch(handle, statement, *result); });
        return result;
    }

    void execute(const std::string &statement, Parameters parameters) override {
        run(statement, parameters, [](SQLHSTMT) {});
    }

    std::int64_t change(const std::string &statement, Parameters parameters) override {
        SQLLEN rows = 0;
        run(statement, parameters, [&](SQLHSTMT handle) { SQLRowCount(handle, &rows); });
        return rows < 0 ? 0 : rows;
    }

    std::int64_t insert(const std::string &statement, std::string_view key, Parameters parameters) override {
        switch (dialect_) {
        case Dialect::postgresql:
            return only(*query(statement + " RETURNING " + std::string(key), parameters));
        case Dialect::mssql: {
            // Behind the names of the columns.
            const std::size_t at = statement.find(')') + 1;
            return only(*query(statement.substr(0, at) + " OUTPUT INSERTED." + std::string(key) +
                                   statement.substr(at),
                               parameters));
        }
        case Dialect::mysql:
        case Dialect::sqlite:
            break;
        }
        execute(statement, parameters);
        return only(*Connection::query(own("last-id")));
    }

    void script(const std::string &statement) override {
        direct(statement);
    }

    bool usable() noexcept override {
        return !lost_;
    }

    bool alive() noexcept override {
        try {
            return !lost_ && only(*Connection::query("SELECT 1")) == 1;
        } catch (...) {
            lost_ = true;
            return false;
        }
    }

  private:
    struct Prepared {
        Prepared(SQLHANDLE session, std::list<const std::string *>::iterator place)
            : handle(session), used(place) {}

        StatementHandle handle;
        std::list<const std::string *>::iterator used;
    };

    SQLHANDLE session() const noexcept {
        return session_->get();
    }

    // Transactions of these begin and end by statements, since their drivers know one kind of them only.
    bool by_statement() const noexcept {
        return dialect_ == Dialect::sqlite || dialect_ == Dialect::mysql;
    }

    static std::int64_t only(const Result &result) {
        if (result.rows() != 1) {
            throw Error(OrthancPluginErrorCode_Database, "Odbc: the server does not answer with one number.");
        }
        return result.integer(0, 0);
    }

    // The kind of server that a driver is for, by its name or file; a data source does not tell.
    static std::optional<Dialect> expected_dialect(std::string_view driver) {
        const std::string lowered = Attributes::lower(driver);
        const auto has = [&](std::string_view word) { return lowered.find(word) != std::string::npos; };
        if (has("postgres") || has("psqlodbc")) {
            return Dialect::postgresql;
        }
        if (has("maria") || has("mysql") || has("maodbc") || has("myodbc")) {
            return Dialect::mysql;
        }
        return {};
    }

    // The connection string with the options of drivers that this program depends on, unless it has them.
    std::string completed(const std::string &connection_string, std::optional<Dialect> dialect) const {
        const auto lacks = [&](std::string_view key) { return attributes_[key].empty(); };
        std::string more;
        if (dialect == Dialect::postgresql && lacks("protocol") && lacks("a1")) {
            // No savepoint before each statement of a transaction, which doubles the round trips; a
            // transaction is given up as a whole here.
            more = "Protocol=7.4-0";
        } else if (dialect == Dialect::mysql && lacks("option") && lacks("options")) {
            // Rows that are found count as changed, even if they have the new values already.
            more = "OPTION=2";
        } else {
            return connection_string;
        }
        return connection_string + (connection_string.ends_with(';') ? "" : ";") + more;
    }

    void connect(const std::string &connection_string) {
        SQLSetConnectAttr(session(), SQL_ATTR_LOGIN_TIMEOUT, as_pointer(10), 0);
        std::u16string text = widened(connection_string);
        std::u16string completed(4096, u'\0');
        SQLSMALLINT length = 0;
        if (good(SQLDriverConnectW(session(), nullptr, wide(text), static_cast<SQLSMALLINT>(text.size()),
                                   wide(completed), static_cast<SQLSMALLINT>(completed.size()), &length,
                                   SQL_DRIVER_NOPROMPT))) {
            return;
        }
        const auto found = diagnostics(SQL_HANDLE_DBC, session());
        refuse(found);
    }

    // Throws why there is no connection, by what the driver says.
    [[noreturn]] void refuse(const std::vector<Diagnostic> &found) const {
        std::string said;
        bool unknown = false;
        bool useless = false;
        bool denied = false;
        bool missing = false;
        for (const Diagnostic &one : found) {
            said += (said.empty() ? "" : "; ") + one.message;
            const auto has = [&](std::string_view words) {
                return one.message.find(words) != std::string::npos;
            };
            unknown =
                unknown || one.state == "IM002" || has("Can't open lib") || has("data source name not found");
            // The driver gives no handles: it is another library, or for another version of unixODBC.
            useless = useless || one.state == "IM003" || one.state == "IM004" || one.state == "IM005";
            denied = denied || one.state.starts_with("28") || one.native == 18456 || one.native == 1045 ||
                     one.native == 1698 || has("authentication failed") || has("no password supplied");
            missing = missing || one.state == "3D000" || one.native == 4060 || one.native == 1049 ||
                      one.native == 1044 || (has("database \"") && has("does not exist"));
        }
        said = secrets_.without(said);
        const std::string where = setting_ + ": ";
        if (unknown) {
            throw Error(OrthancPluginErrorCode_Database,
                        where + "unixODBC does not know its driver or data source (" + said +
                            "). Known drivers: " + known(environment_.get(), true) +
                            "; known data sources: " + known(environment_.get(), false) +
                            ". Name one of these, or register yours in /etc/odbcinst.ini or /etc/odbc.ini.");
        }
        if (useless) {
            throw Error(OrthancPluginErrorCode_Database, where + "its driver does not work (" + said +
                                                             "). Name a driver of unixODBC. Known drivers: " +
                                                             known(environment_.get(), true) + '.');
        }
        if (denied) {
            throw Error(OrthancPluginErrorCode_Database, where + "the server refuses the user (" + said +
                                                             "). Correct UID and PWD, or allow the user.");
        }
        if (missing) {
            throw Error(OrthancPluginErrorCode_Database,
                        where + "the server does not have the database, or not for this user (" + said +
                            "). Create it, or correct its name.");
        }
        if (Attributes::lower(attributes_["driver"]).find("sqlite") != std::string::npos) {
            refuse_file(said);
        }
        throw StatementError(OrthancPluginErrorCode_DatabaseUnavailable,
                             where + "no connection (" + said +
                                 "). Check the server's address, and that the server is up.",
                             found.empty() ? "" : found.front().state);
    }

    // SQLite: there is no server that would come back.
    [[noreturn]] void refuse_file(const std::string &said) const {
        throw Error(OrthancPluginErrorCode_Database,
                    setting_ + ": the file of the database cannot be used (" + said +
                        "). Database names a file of SQLite, or a new one in a folder that exists; Orthanc "
                        "must have the right to write both.");
    }

    std::string information(SQLUSMALLINT kind) const {
        std::u16string text(256, u'\0');
        SQLSMALLINT bytes = 0;
        if (!good(SQLGetInfoW(session(), kind, wide(text),
                              static_cast<SQLSMALLINT>(text.size() * sizeof(char16_t)), &bytes))) {
            return {};
        }
        // Some drivers count the bytes of the text in one byte letters.
        return narrow(std::u16string_view(text).substr(0, text.find(u'\0')));
    }

    Dialect recognized() {
        const std::string name = information(SQL_DBMS_NAME);
        server_ = name + ' ' + information(SQL_DBMS_VER);
        static constexpr std::pair<std::string_view, Dialect> names[] = {
            {"PostgreSQL", Dialect::postgresql},
            {"MySQL", Dialect::mysql},
            {"MariaDB", Dialect::mysql},
            {"SQLite", Dialect::sqlite},
            {"Microsoft SQL Server", Dialect::mssql}};
        for (const auto &[known_name, dialect] : names) {
            if (name.starts_with(known_name)) {
                return dialect;
            }
        }
        throw Error(OrthancPluginErrorCode_Database,
                    setting_ + ": the database is " +
                        (name.empty() ? "of a kind that it does not tell" : name) +
                        ". Use PostgreSQL, MySQL, MariaDB, SQLite or Microsoft SQL Server.");
    }

    // A statement of session-odbc-….sql.
    const std::string &own(std::string_view name) const {
        const auto found = own_.find(name);
        if (found == own_.end()) {
            throw Error(OrthancPluginErrorCode_InternalError,
                        "Odbc: there is no statement " + std::string(name) + '.');
        }
        return found->second;
    }

    void prepare_session() {
        static constexpr const char *files[] = {"session-odbc-postgresql", "session-odbc-mysql",
                                                "session-odbc-sqlite", "session-odbc-mssql"};
        texts_ = dialect_ == Dialect::sqlite ? Texts::bytes : Texts::wide;
        for (const Block &block : blocks(files[static_cast<std::size_t>(dialect_)])) {
            own_.emplace(block.name, block.text);
            if (block.name.starts_with("session-")) {
                direct(std::string(block.text));
            }
        }
        snapshots_ = dialect_ == Dialect::mssql && only(*Connection::query(own("snapshots"))) == 1;
        probe();
    }

    // Tries whether texts outside ASCII arrive and come back as they are.
    void probe() {
        static constexpr std::string_view text = "\xce\xa9\xe4\xb8\xad\xf0\x9f\xa9\xbb";
        std::string said;
        for (const Texts way : {texts_, texts_ == Texts::wide ? Texts::bytes : Texts::wide}) {
            texts_ = way;
            try {
                const auto answer = Connection::query(own("probe"), {text});
                if (answer->rows() == 1 && answer->text(0, 0) == text) {
                    return;
                }
            } catch (const StatementError &error) {
                if (lost_) {
                    throw;
                }
                said = std::string(" (") + error.what() + ')';
            }
        }
        throw Error(OrthancPluginErrorCode_Database,
                    setting_ + ": texts outside ASCII do not come back from the database as they were" +
                        said + ". Use the Unicode driver, and a database in UTF-8.");
    }

    void autocommit(bool on) {
        if (!good(SQLSetConnectAttr(session(), SQL_ATTR_AUTOCOMMIT,
                                    as_pointer(on ? SQL_AUTOCOMMIT_ON : SQL_AUTOCOMMIT_OFF),
                                    SQL_IS_UINTEGER))) {
            fail(SQL_HANDLE_DBC, session(), "autocommit");
        }
    }

    // Sets the isolation level of the session, unless it has it.
    void isolate(std::string_view level) {
        if (isolation_ != level) {
            direct(own(level));
            isolation_ = level;
        }
    }

    // Runs a statement without values.
    void direct(const std::string &statement) {
        run(statement, {}, [](SQLHSTMT) {});
    }

    template <typename Then> void run(const std::string &statement, Parameters parameters, const Then &then) {
        if (lost_) {
            throw StatementError(OrthancPluginErrorCode_DatabaseUnavailable,
                                 "Odbc: the connection to the database is lost. Try again.", "08003");
        }
        if (parameters.empty()) {
            const StatementHandle handle(session());
            std::u16string text = widened(statement);
            const SQLRETURN code =
                SQLExecDirectW(handle.get(), wide(text), static_cast<SQLINTEGER>(text.size()));
            if (!good(code) && code != SQL_NO_DATA) {
                fail(SQL_HANDLE_STMT, handle.get(), statement);
            }
            then(handle.get());
            drain(handle.get(), statement);
            return;
        }
        SQLHSTMT handle = prepared(statement);
        try {
            std::vector<Bound> bound(parameters.size());
            bind(handle, statement, parameters, bound);
            const SQLRETURN code = SQLExecute(handle);
            if (!good(code) && code != SQL_NO_DATA) {
                fail(SQL_HANDLE_STMT, handle, statement);
            }
            then(handle);
            drain(handle, statement);
            SQLFreeStmt(handle, SQL_CLOSE);
            SQLFreeStmt(handle, SQL_RESET_PARAMS);
        } catch (...) {
            forget(statement);
            throw;
        }
    }

    // Goes through the results that are left: an error of a batch stands in the last one.
    void drain(SQLHSTMT handle, const std::string &statement) {
        if (dialect_ != Dialect::mssql) {
            return;
        }
        SQLRETURN code = SQL_SUCCESS;
        while (good(code = SQLMoreResults(handle))) {
        }
        if (code != SQL_NO_DATA) {
            fail(SQL_HANDLE_STMT, handle, statement);
        }
    }

    SQLHSTMT prepared(const std::string &statement) {
        const auto found = cache_.find(statement);
        if (found != cache_.end()) {
            order_.splice(order_.begin(), order_, found->second.used);
            return found->second.handle.get();
        }
        if (cache_.size() >= most_statements) {
            forget(*order_.back());
        }
        const auto made = cache_.try_emplace(statement, session(), order_.end()).first;
        order_.push_front(&made->first);
        made->second.used = order_.begin();
        SQLHSTMT handle = made->second.handle.get();
        std::u16string text = widened(statement);
        if (!good(SQLPrepareW(handle, wide(text), static_cast<SQLINTEGER>(text.size())))) {
            try {
                fail(SQL_HANDLE_STMT, handle, statement);
            } catch (...) {
                forget(statement);
                throw;
            }
        }
        return handle;
    }

    void forget(const std::string &statement) noexcept {
        const auto found = cache_.find(statement);
        if (found != cache_.end()) {
            order_.erase(found->second.used);
            cache_.erase(found);
        }
    }

    void bind(SQLHSTMT handle, const std::string &statement, Parameters parameters,
              std::vector<Bound> &bound) {
        for (std::size_t index = 0; index < parameters.size(); ++index) {
            Bound &value = bound[index];
            const SQLRETURN code = std::visit(
                [&](const auto &given) {
                    return bind_one(handle, static_cast<SQLUSMALLINT>(index + 1), given, value);
                },
                parameters[index]);
            if (!good(code)) {
                fail(SQL_HANDLE_STMT, handle, statement);
            }
        }
    }

    static SQLRETURN bind_one(SQLHSTMT handle, SQLUSMALLINT number, std::monostate, Bound &value) {
        value.length = SQL_NULL_DATA;
        return SQLBindParameter(handle, number, SQL_PARAM_INPUT, SQL_C_CHAR, SQL_VARCHAR, 1, 0, &value.number,
                                0, &value.length);
    }

    static SQLRETURN bind_one(SQLHSTMT handle, SQLUSMALLINT number, std::int64_t given, Bound &value) {
        value.number = given;
        value.length = sizeof(value.number);
        return SQLBindParameter(handle, number, SQL_PARAM_INPUT, SQL_C_SBIGINT, SQL_BIGINT, 0, 0,
                                &value.number, 0, &value.length);
    }

    SQLRETURN bind_one(SQLHSTMT handle, SQLUSMALLINT number, std::string_view given, Bound &value) const {
        if (texts_ == Texts::bytes || is_ascii(given)) {
            const SQLSMALLINT type = given.size() > most_bytes ? SQL_LONGVARCHAR : SQL_VARCHAR;
            return bind_bytes(handle, number, SQL_C_CHAR, type, given, value);
        }
        value.text = widened(given);
        const std::size_t bytes = value.text.size() * sizeof(char16_t);
        value.length = static_cast<SQLLEN>(bytes);
        const SQLSMALLINT type = bytes > most_bytes ? SQL_WLONGVARCHAR : SQL_WVARCHAR;
        return SQLBindParameter(handle, number, SQL_PARAM_INPUT, SQL_C_WCHAR, type,
                                declared(bytes) / (dialect_ == Dialect::mssql ? sizeof(char16_t) : 1), 0,
                                value.text.data(), static_cast<SQLLEN>(bytes), &value.length);
    }

    SQLRETURN bind_one(SQLHSTMT handle, SQLUSMALLINT number, Bytes given, Bound &value) const {
        const SQLSMALLINT type = given.content.size() > most_bytes ? SQL_LONGVARBINARY : SQL_VARBINARY;
        return bind_bytes(handle, number, SQL_C_BINARY, type, given.content, value);
    }

    SQLRETURN bind_one(SQLHSTMT handle, SQLUSMALLINT number, std::span<const std::int64_t> given,
                       Bound &value) const {
        if (dialect_ != Dialect::postgresql) {
            throw Error(OrthancPluginErrorCode_InternalError,
                        "Odbc: only PostgreSQL takes lists. Write the numbers in the statement.");
        }
        value.list = '{';
        for (const std::int64_t each : given) {
            value.list.append(value.list.size() == 1 ? "" : ",").append(std::to_string(each));
        }
        value.list += '}';
        return bind_one(handle, number, std::string_view(value.list), value);
    }

    SQLRETURN bind_bytes(SQLHSTMT handle, SQLUSMALLINT number, SQLSMALLINT here, SQLSMALLINT there,
                         std::string_view given, Bound &value) const {
        value.length = static_cast<SQLLEN>(given.size());
        // No driver writes to what is an input.
        auto *content = const_cast<char *>(given.data() == nullptr ? "" : given.data());
        return SQLBindParameter(handle, number, SQL_PARAM_INPUT, here, there, declared(given.size()), 0,
                                content, static_cast<SQLLEN>(given.size()), &value.length);
    }

    // The length that a parameter is declared with. On SQL Server it stays the same, so that one plan serves
    // all.
    SQLULEN declared(std::size_t length) const noexcept {
        if (dialect_ == Dialect::mssql) {
            return length > most_bytes ? 0 : most_bytes;
        }
        return std::max<std::size_t>(length, 1);
    }

    void fetch(SQLHSTMT handle, const std::string &statement, OdbcResult &result) {
        SQLSMALLINT count = 0;
        SQLNumResultCols(handle, &count);
        if (count <= 0) {
            return;
        }
        result.columns(static_cast<std::size_t>(count));
        std::vector<SQLSMALLINT> types(static_cast<std::size_t>(count));
        for (std::size_t column = 0; column < types.size(); ++column) {
            SQLLEN type = 0;
            if (!good(SQLColAttributeW(handle, static_cast<SQLUSMALLINT>(column + 1), SQL_DESC_CONCISE_TYPE,
                                       nullptr, 0, nullptr, &type))) {
                fail(SQL_HANDLE_STMT, handle, statement);
            }
            types[column] = conversion(static_cast<SQLSMALLINT>(type));
        }
        for (;;) {
            const SQLRETURN code = SQLFetch(handle);
            if (code == SQL_NO_DATA) {
                return;
            }
            if (!good(code)) {
                fail(SQL_HANDLE_STMT, handle, statement);
            }
            for (std::size_t column = 0; column < types.size(); ++column) {
                read(handle, static_cast<SQLUSMALLINT>(column + 1), types[column], statement, result);
            }
        }
    }

    // As what a column is read.
    SQLSMALLINT conversion(SQLSMALLINT type) const noexcept {
        if (dialect_ == Dialect::sqlite) {
            // Each row may have a type of its own; so come all as their bytes are, numbers as texts.
            return SQL_C_BINARY;
        }
        switch (type) {
        case SQL_BIT:
        case SQL_TINYINT:
        case SQL_SMALLINT:
        case SQL_INTEGER:
        case SQL_BIGINT:
            return SQL_C_SBIGINT;
        case SQL_BINARY:
        case SQL_VARBINARY:
        case SQL_LONGVARBINARY:
            return SQL_C_BINARY;
        default:
            return texts_ == Texts::wide ? SQL_C_WCHAR : SQL_C_CHAR;
        }
    }

    void read(SQLHSTMT handle, SQLUSMALLINT column, SQLSMALLINT type, const std::string &statement,
              OdbcResult &result) {
        if (type == SQL_C_SBIGINT) {
            std::int64_t number = 0;
            SQLLEN length = 0;
            if (!good(SQLGetData(handle, column, type, &number, sizeof(number), &length))) {
                fail(SQL_HANDLE_STMT, handle, statement);
            }
            length == SQL_NULL_DATA ? result.add_null() : result.add(number);
            return;
        }
        // What a driver ends a text with.
        std::size_t end = type == SQL_C_CHAR ? 1 : 0;
        if (type == SQL_C_WCHAR) {
            end = sizeof(char16_t);
        }
        if (scratch_.size() < 4096) {
            scratch_.resize(4096);
        }
        std::size_t have = 0;
        for (;;) {
            SQLLEN length = 0;
            const std::size_t space = scratch_.size() - have;
            const SQLRETURN code =
                SQLGetData(handle, column, type, scratch_.data() + have, static_cast<SQLLEN>(space), &length);
            if (code == SQL_NO_DATA) {
                break;
            }
            if (!good(code)) {
                fail(SQL_HANDLE_STMT, handle, statement);
            }
            if (length == SQL_NULL_DATA) {
                result.add_null();
                return;
            }
            if (length != SQL_NO_TOTAL && static_cast<std::size_t>(length) + end <= space) {
                have += static_cast<std::size_t>(length);
                break;
            }
            have += space - end;
            // Even, for UTF-16.
            const std::size_t left = length == SQL_NO_TOTAL
                                         ? scratch_.size()
                                         : (static_cast<std::size_t>(length) - (space - end) + 1) / 2 * 2;
            scratch_.resize((have + 1) / 2 * 2 + left + sizeof(char16_t));
        }
        if (type == SQL_C_WCHAR) {
            std::u16string text(have / sizeof(char16_t), u'\0');
            std::memcpy(text.data(), scratch_.data(), text.size() * sizeof(char16_t));
            result.add(std::u16string_view(text));
        } else {
            result.add(std::string_view(scratch_.data(), have));
        }
        if (scratch_.size() > 1U << 20U) {
            scratch_.clear();
            scratch_.shrink_to_fit();
        }
    }

    // What a diagnostic means, with the state that tells it.
    std::pair<OrthancPluginErrorCode, std::string> meaning(const Diagnostic &one) const {
        constexpr auto again = OrthancPluginErrorCode_DatabaseCannotSerialize;
        constexpr auto away = OrthancPluginErrorCode_DatabaseUnavailable;
        const auto has = [&](std::string_view words) { return one.message.find(words) != std::string::npos; };
        const auto is = [&](std::initializer_list<SQLINTEGER> numbers) {
            return std::ranges::find(numbers, one.native) != numbers.end();
        };
        switch (dialect_) {
        case Dialect::sqlite:
            // Busy, locked; also "database schema has changed".
            if ((one.native & 0xff) == 5 || (one.native & 0xff) == 6 || one.native == 17 ||
                has("database is locked") || has("database table is locked")) {
                return {again, "40001"};
            }
            if (has("UNIQUE constraint failed") || has("PRIMARY KEY must be unique")) {
                return {OrthancPluginErrorCode_Database, "23505"};
            }
            break;
        case Dialect::mysql:
            // Deadlock, time-out of a lock, a record that has changed since it was read, no lock for a
            // counter.
            if (is({1213, 1205, 1020, 1467})) {
                return {again, "40001"};
            }
            if (is({1062, 1169, 1586})) {
                return {OrthancPluginErrorCode_Database, "23505"};
            }
            if (is({2006, 2013, 2055, 1053, 1927, 4031})) {
                return {away, "08S01"};
            }
            break;
        case Dialect::mssql:
            // Deadlock, time-out of a lock, conflicts of snapshots.
            if (is({1205, 1222, 3960, 3961, 3962})) {
                return {again, "40001"};
            }
            if (is({2601, 2627})) {
                return {OrthancPluginErrorCode_Database, "23505"};
            }
            break;
        case Dialect::postgresql:
            if (one.state == "55P03") {
                return {again, one.state};
            }
            break;
        }
        if (one.state == "23000") {
            return {OrthancPluginErrorCode_Database, "23503"};
        }
        if (one.state.starts_with("40") || one.state == "HYT00") {
            return {again, one.state};
        }
        if (one.state.starts_with("08") || one.state == "HYT01" || one.state.starts_with("57P0") ||
            has("server closed the connection") || has("terminating connection")) {
            return {away, one.state};
        }
        return {OrthancPluginErrorCode_Database, one.state};
    }

    // Throws what a driver says about a handle.
    [[noreturn]] void fail(SQLSMALLINT kind, SQLHANDLE handle, const std::string &statement) {
        const auto found = diagnostics(kind, handle);
        OrthancPluginErrorCode code = OrthancPluginErrorCode_Database;
        std::string state;
        std::string said;
        for (const Diagnostic &one : found) {
            const auto [what, refined] = meaning(one);
            if (state.empty() || what != OrthancPluginErrorCode_Database) {
                if (code == OrthancPluginErrorCode_Database) {
                    code = what;
                    state = refined;
                }
            }
            said += (said.empty() ? "" : "; ") + one.message + " [" + one.state + ", " +
                    std::to_string(one.native) + ']';
        }
        if (code == OrthancPluginErrorCode_Database && dead()) {
            code = OrthancPluginErrorCode_DatabaseUnavailable;
        }
        if (code == OrthancPluginErrorCode_DatabaseUnavailable) {
            lost_ = true;
        }
        if (said.empty()) {
            said = "the driver says nothing about it";
        }
        throw StatementError(code, "Odbc: " + secrets_.without(said) + ", in: " + statement.substr(0, 300),
                             state);
    }

    // Tells whether the driver knows that its server is gone.
    bool dead() const noexcept {
        SQLUINTEGER gone = SQL_CD_FALSE;
        return dialect_ != Dialect::sqlite &&
               good(SQLGetConnectAttrW(session(), SQL_ATTR_CONNECTION_DEAD, &gone, SQL_IS_UINTEGER,
                                       nullptr)) &&
               gone == SQL_CD_TRUE;
    }

    std::string setting_;
    Attributes attributes_;
    Secrets secrets_;
    Environment environment_;
    std::unique_ptr<Handle<SQL_HANDLE_DBC>> session_;
    Dialect dialect_ = Dialect::postgresql;
    Texts texts_ = Texts::wide;
    std::string server_;
    std::string isolation_;
    std::map<std::string, std::string, std::less<>> own_;
    bool snapshots_ = false;
    bool in_transaction_ = false;
    bool lost_ = false;
    std::string scratch_;
    std::list<const std::string *> order_;
    std::unordered_map<std::string, Prepared> cache_;
};

} // namespace

std::unique_ptr<Connection> open_odbc(const std::string &connection_string, const std::string &setting) {
    // PostgreSQL's driver would ask setlocale() which encoding this is, and so change it below other threads.
    // glibc's getenv() may be called meanwhile.
    // NOLINTNEXTLINE(concurrency-mt-unsafe)
    [[maybe_unused]] static const int told = setenv("PGCLIENTENCODING", "UTF8", 0);
    return std::make_unique<OdbcConnection>(connection_string, setting);
}

std::optional<Backend> odbc_backend(Purpose purpose, bool /*read_only*/) {
    const Configuration section = Configuration::of("Odbc");
    const bool index = purpose == Purpose::index;
    if (!section.flag(index ? "EnableIndex" : "EnableStorage", false)) {
        log_info(index ? "Odbc.EnableIndex is off: Orthanc keeps its index elsewhere."
                       : "Odbc.EnableStorage is off: Orthanc keeps its files elsewhere.");
        return {};
    }
    const std::string name = index ? "IndexConnectionString" : "StorageConnectionString";
    const std::string text = section.text(name, "");
    const std::string setting = "Odbc." + name;
    if (text.empty()) {
        throw Error(
            OrthancPluginErrorCode_BadParameterType,
            setting + ": is empty. Write an ODBC connection string, such as "
                      "\"Driver={PostgreSQL Unicode};Server=database;Database=orthanc;UID=orthanc;PWD=…\".");
    }
    // A file of SQLite has one writer; a data source does not tell what it is.
    const std::string driver = Attributes::lower(Attributes(text)["driver"]);
    const bool shared = !driver.empty() && driver.find("sqlite") == std::string::npos;
    Backend backend;
    backend.schema = SchemaKind::odbc;
    backend.opener = [text, setting] { return open_odbc(text, setting); };
    backend.connections =
        static_cast<std::size_t>(section.integer("IndexConnectionsCount", {1, 1000}, shared ? 50 : 1));
    backend.dynamic = shared && !section.has("IndexConnectionsCount");
    backend.lock = false;
    // The storage of the official plugin has a spelling of its own.
    const char *retries =
        !index && section.has("MaxConnectionRetries") ? "MaxConnectionRetries" : "MaximumConnectionRetries";
    backend.retries.most = static_cast<std::size_t>(section.integer(retries, {0, 1'000'000}, 10));
    backend.retries.pause = std::chrono::seconds(section.integer("ConnectionRetryInterval", {1, 86'400}, 5));
    backend.housekeeping = std::chrono::seconds(5);
    return backend;
}

const BackendChoice odbc_choice{odbc_backend};

} // namespace orthanc_images::database
