#include "database/driver/mysql.h"

#include "database/driver/backend.h"

#include "framework/configuration.h"
#include "framework/host.h"
#include "framework/log.h"
#include "framework/memory.h"

#include <mysql.h>
#include <mysqld_error.h>

// It needs the one before.
#include <ma_pvio.h>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <list>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

namespace orthanc_images::database {

namespace {

// Errors of the client, from errmsg.h and of servers, which the headers of Connector/C do not have.
constexpr unsigned SOCKET_FAILED = 2002;
constexpr unsigned HOST_FAILED = 2003;
constexpr unsigned UNKNOWN_HOST = 2005;
constexpr unsigned SERVER_GONE = 2006;
constexpr unsigned SERVER_LOST = 2013;
constexpr unsigned OUT_OF_SYNC = 2014;
constexpr unsigned TLS_FAILED = 2026;
constexpr unsigned PLUGIN_FAILED = 2059;
constexpr unsigned SERVER_LOST_EXTENDED = 2055;
constexpr unsigned DISCONNECTED_BY_SERVER = 4031;
constexpr unsigned LOCK_NOT_AT_ONCE = 3572;

// How many texts of statements are remembered that were seen once, while the cache is full.
constexpr std::size_t SEEN_ONCE = 1024;

// Longer values go in pieces of this length, before the statement.
constexpr std::size_t PIECE = 1U << 20U;

bool is_lost(unsigned error) noexcept {
    switch (error) {
    case SOCKET_FAILED:
    case HOST_FAILED:
    case SERVER_GONE:
    case SERVER_LOST:
    case SERVER_LOST_EXTENDED:
    case OUT_OF_SYNC:
    case DISCONNECTED_BY_SERVER:
    case ER_QUERY_INTERRUPTED:
    case ER_SERVER_SHUTDOWN:
    case ER_CON_COUNT_ERROR:
    case ER_TOO_MANY_USER_CONNECTIONS:
    case ER_NEW_ABORTING_CONNECTION:
    case ER_CONNECTION_KILLED:
        return true;
    default:
        return false;
    }
}

bool is_worth_a_replay(unsigned error) noexcept {
    switch (error) {
    case ER_LOCK_DEADLOCK:
    case ER_LOCK_WAIT_TIMEOUT:
    case LOCK_NOT_AT_ONCE:
    // MariaDB from 11.6 on: the row is newer than the snapshot.
    case ER_CHECKREAD:
        return true;
    default:
        return false;
    }
}

OrthancPluginErrorCode code_of(unsigned error) noexcept {
    if (is_lost(error)) {
        return OrthancPluginErrorCode_DatabaseUnavailable;
    }
    return is_worth_a_replay(error) ? OrthancPluginErrorCode_DatabaseCannotSerialize
                                    : OrthancPluginErrorCode_Database;
}

bool is_integer(enum_field_types type) noexcept {
    switch (type) {
    case MYSQL_TYPE_TINY:
    case MYSQL_TYPE_SHORT:
    case MYSQL_TYPE_INT24:
    case MYSQL_TYPE_LONG:
    case MYSQL_TYPE_LONGLONG:
    case MYSQL_TYPE_YEAR:
        return true;
    default:
        return false;
    }
}

// Types that the client makes a short text of.
bool is_converted(enum_field_types type) noexcept {
    switch (type) {
    case MYSQL_TYPE_FLOAT:
    case MYSQL_TYPE_DOUBLE:
    case MYSQL_TYPE_DATE:
    case MYSQL_TYPE_TIME:
    case MYSQL_TYPE_DATETIME:
    case MYSQL_TYPE_TIMESTAMP:
        return true;
    default:
        return false;
    }
}

// All rows, their content one after the other.
class MySQLResult : public Result {
  public:
    explicit MySQLResult(std::size_t columns) : columns_(columns) {}

    std::size_t rows() const noexcept override {
        return columns_ == 0 ? 0 : cells_.size() / columns_;
    }

    bool null(std::size_t row, std::size_t column) const override {
        return cell(row, column).null;
    }

    std::int64_t integer(std::size_t row, std::size_t column) const override {
        const Cell &found = cell(row, column);
        if (found.null) {
            return 0;
        }
        if (found.number) {
            return static_cast<std::int64_t>(found.at);
        }
        const std::string_view text(content_.data() + found.at, found.length);
        std::int64_t number = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
        // A sum is a decimal number, whose fraction is nothing.
        if (error != std::errc() ||
            std::string_view(end, text.data() + text.size()).find_first_not_of(".0") !=
                std::string_view::npos) {
            throw Error(OrthancPluginErrorCode_Database,
                        "MySQL: a number is expected in column " + std::to_string(column) + " of an answer.");
        }
        return number;
    }

    std::string_view text(std::size_t row, std::size_t column) const override {
        const Cell &found = cell(row, column);
        if (found.null) {
            return {};
        }
        if (found.number && found.length == 0) {
            std::string &written = numbers_.emplace_back(std::to_string(static_cast<std::int64_t>(found.at)));
            return written;
        }
        return {content_.data() + found.at, found.length};
    }

    void add_null() {
        cells_.push_back({0, 0, true, false});
    }

    void add_number(std::int64_t number) {
        cells_.push_back({static_cast<std::uint64_t>(number), 0, false, true});
    }

    void add_text(std::string_view text) {
        std::memcpy(add_space(text.size()), text.data(), text.size());
    }

    char *add_space(std::size_t length) {
        const std::size_t at = content_.size();
        content_.resize(at + length);
        cells_.push_back({at, length, false, false});
        return content_.data() + at;
    }

  private:
    struct Cell {
        // Where the content is, or the number itself.
        std::uint64_t at;
        std::size_t length;
        bool null;
        bool number;
    };

    const Cell &cell(std::size_t row, std::size_t column) const {
        if (column >= columns_ || row >= rows()) {
            throw Error(OrthancPluginErrorCode_InternalError, "MySQL: an answer has no such row or column.");
        }
        return cells_[row * columns_ + column];
    }

    std::size_t columns_;
    std::vector<Cell> cells_;
    std::string content_;
    // Numbers that somebody wanted as texts.
    mutable std::list<std::string> numbers_;
};

struct CloseStatement {
    void operator()(MYSQL_STMT *statement) const noexcept {
        mysql_stmt_close(statement);
    }
};

using PreparedStatement = std::unique_ptr<MYSQL_STMT, CloseStatement>;

struct FreeResult {
    void operator()(MYSQL_RES *result) const noexcept {
        mysql_free_result(result);
    }
};

struct CloseSession {
    void operator()(MYSQL *session) const noexcept {
        mysql_close(session);
    }
};

// Statements of one session that are prepared, those used last first. When there are more than have room, a
// new one takes the place of the oldest only if it is seen for the second time: texts that vary do not push
// out those that come again and again.
class Prepared {
  public:
    explicit Prepared(std::size_t most) : most_(most) {}

    MYSQL_STMT *find(const std::string &text) {
        const auto found = places_.find(text);
        if (found == places_.end()) {
            return nullptr;
        }
        statements_.splice(statements_.begin(), statements_, found->second);
        return found->second->second.get();
    }

    // Tells whether a new statement is to be kept, and makes room for it.
    bool admit(const std::string &text) {
        if (statements_.size() < most_) {
            return true;
        }
        std::size_t &seen = seen_[std::hash<std::string>{}(text) % seen_.size()];
        const std::size_t hash = std::hash<std::string>{}(text);
        if (most_ == 0 || std::exchange(seen, hash) != hash) {
            return false;
        }
        places_.erase(statements_.back().first);
        statements_.pop_back();
        return true;
    }

    void keep(const std::string &text, PreparedStatement statement) {
        statements_.emplace_front(text, std::move(statement));
        places_.emplace(statements_.front().first, statements_.begin());
    }

    void drop(const std::string &text) {
        if (const auto found = places_.find(text); found != places_.end()) {
            const auto place = found->second;
            places_.erase(found);
            statements_.erase(place);
        }
    }

    void clear() noexcept {
        places_.clear();
        statements_.clear();
    }

    std::size_t size() const noexcept {
        return statements_.size();
    }

  private:
    std::size_t most_;
    std::list<std::pair<std::string, PreparedStatement>> statements_;
    std::unordered_map<std::string_view, std::list<std::pair<std::string, PreparedStatement>>::iterator>
        places_;
    std::array<std::size_t, SEEN_ONCE> seen_{};
};

// The values of a statement as Connector/C wants them. They refer to the parameters.
class Bound {
  public:
    explicit Bound(Parameters parameters) : binds_(parameters.size()), numbers_(parameters.size()) {
        for (std::size_t i = 0; i < parameters.size(); ++i) {
            bind(binds_[i], numbers_[i], parameters[i]);
        }
    }

    MYSQL_BIND *data() noexcept {
        return binds_.data();
    }

    const std::vector<MYSQL_BIND> &all() const noexcept {
        return binds_;
    }

  private:
    static void bind(MYSQL_BIND &bind, long long &number, const Parameter &parameter) {
        if (std::holds_alternative<std::monostate>(parameter)) {
            bind.buffer_type = MYSQL_TYPE_NULL;
        } else if (const auto *integer = std::get_if<std::int64_t>(&parameter)) {
            number = *integer;
            bind.buffer_type = MYSQL_TYPE_LONGLONG;
            bind.buffer = &number;
        } else if (const auto *text = std::get_if<std::string_view>(&parameter)) {
            bind_content(bind, MYSQL_TYPE_STRING, *text);
        } else if (const auto *bytes = std::get_if<Bytes>(&parameter)) {
            bind_content(bind, MYSQL_TYPE_BLOB, bytes->content);
        } else {
            throw Error(OrthancPluginErrorCode_InternalError, "MySQL: a statement has a list as a value.");
        }
    }

    static void bind_content(MYSQL_BIND &bind, enum_field_types type, std::string_view content) {
        bind.buffer_type = type;
        // Connector/C reads from it only.
        bind.buffer = const_cast<char *>(content.empty() ? "" : content.data());
        bind.buffer_length = content.size();
        bind.length_value = content.size();
    }

    std::vector<MYSQL_BIND> binds_;
    std::vector<long long> numbers_;
};

// The columns of an answer, and where the values of a row go.
class Columns {
  public:
    explicit Columns(MYSQL_STMT *statement)
        : count_(mysql_stmt_field_count(statement)), binds_(count_), columns_(count_) {
        const MYSQL_FIELD *fields = mariadb_stmt_fetch_fields(statement);
        for (std::size_t i = 0; i < count_; ++i) {
            Column &column = columns_[i];
            MYSQL_BIND &bind = binds_[i];
            bind.is_null = &column.null;
            bind.length = &column.length;
            bind.error = &column.cut;
            if (is_integer(fields[i].type)) {
                column.integer = true;
                bind.buffer_type = MYSQL_TYPE_LONGLONG;
                bind.buffer = &column.number;
                bind.is_unsigned = (fields[i].flags & UNSIGNED_FLAG) != 0 ? 1 : 0;
            } else if (is_converted(fields[i].type)) {
                bind.buffer_type = MYSQL_TYPE_STRING;
                bind.buffer = column.short_text.data();
                bind.buffer_length = column.short_text.size();
                column.converted = true;
            } else {
                // The length comes first, then the content, to where it stays.
                bind.buffer_type = MYSQL_TYPE_BLOB;
            }
        }
    }

    MYSQL_BIND *data() noexcept {
        return binds_.data();
    }

    void add_row(MYSQL_STMT *statement, MySQLResult &result) {
        for (std::size_t i = 0; i < count_; ++i) {
            const Column &column = columns_[i];
            if (column.null != 0) {
                result.add_null();
            } else if (column.integer) {
                result.add_number(column.number);
            } else if (column.converted) {
                result.add_text({column.short_text.data(),
                                 std::min<std::size_t>(column.length, column.short_text.size())});
            } else {
                add_content(statement, i, column.length, result);
            }
        }
    }

  private:
    struct Column {
        bool integer = false;
        bool converted = false;
        long long number = 0;
        unsigned long length = 0;
        my_bool null = 0;
        my_bool cut = 0;
        std::array<char, 64> short_text{};
    };

    static void add_content(MYSQL_STMT *statement, std::size_t column, unsigned long length,
                            MySQLResult &result) {
        char *space = result.add_space(length);
        if (length == 0) {
            return;
        }
        MYSQL_BIND bind{};
        my_bool null = 0;
        my_bool cut = 0;
        unsigned long written = 0;
        bind.buffer_type = MYSQL_TYPE_BLOB;
        bind.buffer = space;
        bind.buffer_length = length;
        bind.length = &written;
        bind.is_null = &null;
        bind.error = &cut;
        if (mysql_stmt_fetch_column(statement, &bind, static_cast<unsigned>(column), 0) != 0 || cut != 0) {
            throw Error(OrthancPluginErrorCode_Database, "MySQL: a value of an answer cannot be read.");
        }
    }

    std::size_t count_;
    std::vector<MYSQL_BIND> binds_;
    std::vector<Column> columns_;
};

class MySQLConnection : public Connection {
  public:
    explicit MySQLConnection(const MySQLSettings &settings)
        : statement_timeout_(static_cast<int>(settings.statement_timeout.count())),
          prepared_(settings.prepared) {
        static std::once_flag begun;
        std::call_once(begun, [] { mysql_server_init(0, nullptr, nullptr); });
        session_.reset(mysql_init(nullptr));
        if (session_ == nullptr) {
            throw Error(OrthancPluginErrorCode_NotEnoughMemory,
                        "MySQL: there is no memory for a connection.");
        }
        open(settings);
    }

    ~MySQLConnection() override {
        prepared_.clear();
    }

    MySQLConnection(const MySQLConnection &) = delete;
    MySQLConnection &operator=(const MySQLConnection &) = delete;

    Dialect dialect() const noexcept override {
        return Dialect::mysql;
    }

    std::string server() const override {
        const std::string version = mysql_get_server_info(session_.get());
        const bool mariadb = version.find("MariaDB") != std::string::npos;
        return (mariadb ? "MariaDB " : "MySQL ") + version.substr(0, version.find('-'));
    }

    void begin(Access access) override {
        // What a transaction reads is one snapshot. What it writes it has locked, or found by a unique key;
        // so each of its statements sees what is committed, and no gaps are locked.
        send(access == Access::read_only ? "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; "
                                           "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY"
                                         : "START TRANSACTION READ WRITE");
        finish();
    }

    void commit() override {
        send("COMMIT");
        finish();
    }

    void rollback() noexcept override {
        if (usable() && mysql_rollback(session_.get()) != 0) {
            lost_ = true;
        }
    }

    std::unique_ptr<Result> query(const std::string &statement, Parameters parameters) override {
        if (parameters.empty()) {
            send(statement);
            auto result = text_rows();
            finish();
            return result;
        }
        return run(statement, parameters, [this](MYSQL_STMT *prepared) { return rows_of(prepared); });
    }

    void execute(const std::string &statement, Parameters parameters) override {
        change(statement, parameters);
    }

    std::int64_t change(const std::string &statement, Parameters parameters) override {
        if (parameters.empty()) {
            send(statement);
            const auto rows = static_cast<std::int64_t>(mysql_affected_rows(session_.get()));
            finish();
            return rows;
        }
        return run(statement, parameters, [this](MYSQL_STMT *prepared) {
            const auto rows = static_cast<std::int64_t>(mysql_stmt_affected_rows(prepared));
            finish(prepared);
            return rows;
        });
    }

    std::int64_t insert(const std::string &statement, std::string_view, Parameters parameters) override {
        return run(statement, parameters, [](MYSQL_STMT *prepared) {
            return static_cast<std::int64_t>(mysql_stmt_insert_id(prepared));
        });
    }

    void script(const std::string &statement) override {
        // Changing a large table takes its time.
        const Patience patience(session_.get(), statement_timeout_);
        send(statement);
        finish();
    }

    bool usable() noexcept override {
        return !lost_;
    }

    bool alive() noexcept override {
        if (usable() && mysql_ping(session_.get()) != 0) {
            lost_ = true;
        }
        return usable();
    }

  private:
    // Waits for answers without a limit, for as long as this value lives.
    class Patience {
      public:
        Patience(MYSQL *session, int otherwise) noexcept : session_(session), otherwise_(otherwise) {
            wait_for(0);
        }

        Patience(const Patience &) = delete;
        Patience &operator=(const Patience &) = delete;

        ~Patience() {
            wait_for(otherwise_);
        }

      private:
        void wait_for(int seconds) const noexcept {
            // None once the connection is lost.
            if (MARIADB_PVIO *way = session_->net.pvio) {
                way->methods->set_timeout(way, PVIO_READ_TIMEOUT, seconds);
            }
        }

        MYSQL *session_;
        int otherwise_;
    };

    template <typename Value> void set(mysql_option option, const Value &value) {
        mysql_optionsv(session_.get(), option, &value);
    }

    void set(mysql_option option, const std::string &value) {
        mysql_optionsv(session_.get(), option, value.c_str());
    }

    void open(const MySQLSettings &settings);
    [[noreturn]] void refuse(const MySQLSettings &settings);
    void keep_alive() const noexcept;

    [[noreturn]] void fail(unsigned error, const char *message, const char *state) {
        if (is_lost(error)) {
            lost_ = true;
        }
        throw MySQLError(code_of(error),
                         "MySQL: " + std::string(message) + " (" + std::to_string(error) + ")", state, error);
    }

    [[noreturn]] void fail() {
        fail(mysql_errno(session_.get()), mysql_error(session_.get()), mysql_sqlstate(session_.get()));
    }

    [[noreturn]] void fail(MYSQL_STMT *statement) {
        fail(mysql_stmt_errno(statement), mysql_stmt_error(statement), mysql_stmt_sqlstate(statement));
    }

    void check() const {
        if (lost_) {
            throw StatementError(OrthancPluginErrorCode_DatabaseUnavailable, "MySQL: the connection is lost.",
                                 "08006");
        }
    }

    // Sends a text, and waits for the first answer.
    void send(std::string_view text) {
        check();
        if (mysql_real_query(session_.get(), text.data(), text.size()) != 0) {
            fail();
        }
    }

    // Takes what is left of the answers to a text.
    void finish() {
        for (;;) {
            if (mysql_field_count(session_.get()) != 0) {
                const std::unique_ptr<MYSQL_RES, FreeResult> left(mysql_use_result(session_.get()));
            }
            const int next = mysql_next_result(session_.get());
            if (next < 0) {
                return;
            }
            if (next > 0) {
                fail();
            }
        }
    }

    std::unique_ptr<Result> text_rows() {
        auto rows = std::make_unique<MySQLResult>(mysql_field_count(session_.get()));
        const std::unique_ptr<MYSQL_RES, FreeResult> result(mysql_use_result(session_.get()));
        if (result == nullptr) {
            if (mysql_errno(session_.get()) != 0) {
                fail();
            }
            return rows;
        }
        const unsigned columns = mysql_num_fields(result.get());
        while (const MYSQL_ROW row = mysql_fetch_row(result.get())) {
            const unsigned long *lengths = mysql_fetch_lengths(result.get());
            for (unsigned i = 0; i < columns; ++i) {
                if (row[i] == nullptr) {
                    rows->add_null();
                } else {
                    rows->add_text({row[i], lengths[i]});
                }
            }
        }
        if (mysql_errno(session_.get()) != 0) {
            fail();
        }
        return rows;
    }

    std::unique_ptr<Result> rows_of(MYSQL_STMT *statement) {
        auto rows = std::make_unique<MySQLResult>(mysql_stmt_field_count(statement));
        if (mysql_stmt_field_count(statement) == 0) {
            return rows;
        }
        Columns columns(statement);
        if (mysql_stmt_bind_result(statement, columns.data()) != 0) {
            fail(statement);
        }
        for (;;) {
            const int fetched = mysql_stmt_fetch(statement);
            if (fetched == MYSQL_NO_DATA) {
                break;
            }
            if (fetched != 0 && fetched != MYSQL_DATA_TRUNCATED) {
                fail(statement);
            }
            columns.add_row(statement, *rows);
        }
        finish(statement);
        return rows;
    }

    // Takes what is left of the answers to a prepared statement: a CALL has several.
    void finish(MYSQL_STMT *statement) {
        mysql_stmt_free_result(statement);
        while (mysql_stmt_more_results(statement) != 0) {
            if (mysql_stmt_next_result(statement) > 0) {
                fail(statement);
            }
            mysql_stmt_free_result(statement);
        }
    }

    PreparedStatement prepare(const std::string &text) {
        PreparedStatement statement(mysql_stmt_init(session_.get()));
        if (statement == nullptr) {
            throw Error(OrthancPluginErrorCode_NotEnoughMemory, "MySQL: there is no memory for a statement.");
        }
        if (mysql_stmt_prepare(statement.get(), text.data(), text.size()) == 0) {
            return statement;
        }
        if (mysql_stmt_errno(statement.get()) != ER_MAX_PREPARED_STMT_COUNT_REACHED ||
            prepared_.size() == 0) {
            fail(statement.get());
        }
        // Others have taken all places of the server.
        prepared_.clear();
        if (mysql_stmt_prepare(statement.get(), text.data(), text.size()) != 0) {
            fail(statement.get());
        }
        return statement;
    }

    void send_long(MYSQL_STMT *statement, const Bound &values) {
        for (unsigned place = 0; place < values.all().size(); ++place) {
            const MYSQL_BIND &bind = values.all()[place];
            if (bind.buffer_length > largest_) {
                throw Error(OrthancPluginErrorCode_Database,
                            "MySQL: a value has " + std::to_string(bind.buffer_length) +
                                " bytes, and the server takes " + std::to_string(largest_) +
                                ". Raise max_allowed_packet there.");
            }
            const char *content = static_cast<const char *>(bind.buffer);
            for (std::size_t from = 0; bind.buffer_length > PIECE && from < bind.buffer_length;
                 from += PIECE) {
                if (mysql_stmt_send_long_data(statement, place, content + from,
                                              std::min<std::size_t>(PIECE, bind.buffer_length - from)) != 0) {
                    fail(statement);
                }
            }
        }
    }

    template <typename Answer>
    auto run(const std::string &text, Parameters parameters, const Answer &answer)
        -> decltype(answer(std::declval<MYSQL_STMT *>())) {
        check();
        PreparedStatement own;
        MYSQL_STMT *statement = prepared_.find(text);
        if (statement == nullptr) {
            own = prepare(text);
            statement = own.get();
            if (prepared_.admit(text)) {
                prepared_.keep(text, std::move(own));
            }
        }
        if (mysql_stmt_param_count(statement) != parameters.size()) {
            throw Error(OrthancPluginErrorCode_InternalError,
                        "MySQL: a statement has " + std::to_string(mysql_stmt_param_count(statement)) +
                            " places for values, and gets " + std::to_string(parameters.size()) + ".");
        }
        Bound values(parameters);
        if (!parameters.empty() && mysql_stmt_bind_param(statement, values.data()) != 0) {
            fail(statement);
        }
        try {
            send_long(statement, values);
            if (mysql_stmt_execute(statement) != 0) {
                fail(statement);
            }
            return answer(statement);
        } catch (...) {
            // One that has failed may have rows that nobody has taken, or be of a table that has changed.
            prepared_.drop(text);
            throw;
        }
    }

    std::unique_ptr<MYSQL, CloseSession> session_;
    int statement_timeout_;
    // The longest value that the server takes.
    std::size_t largest_ = 0;
    bool lost_ = false;
    Prepared prepared_;
};

void MySQLConnection::open(const MySQLSettings &settings) {
    set(MYSQL_SET_CHARSET_NAME, std::string("utf8mb4"));
    set(MYSQL_OPT_CONNECT_TIMEOUT, static_cast<unsigned>(settings.connect_timeout.count()));
    set(MYSQL_OPT_WRITE_TIMEOUT, static_cast<unsigned>(settings.statement_timeout.count()));
    set(MYSQL_OPT_READ_TIMEOUT, static_cast<unsigned>(settings.statement_timeout.count()));
    set(MYSQL_OPT_RECONNECT, my_bool{0});
    // The largest that there is; the server has a limit of its own.
    set(MYSQL_OPT_MAX_ALLOWED_PACKET, 1UL << 30U);
    set(MYSQL_OPT_SSL_ENFORCE, static_cast<my_bool>(settings.tls));
    set(MYSQL_OPT_SSL_VERIFY_SERVER_CERT, static_cast<my_bool>(settings.tls && settings.verify));
    if (settings.tls && !settings.authorities.empty()) {
        set(MYSQL_OPT_SSL_CA, settings.authorities);
    }
    if (settings.socket.empty()) {
        set(MYSQL_OPT_PROTOCOL, static_cast<unsigned>(MYSQL_PROTOCOL_TCP));
    }
    // Rows that an UPDATE has found count, whether they had the value or not, as elsewhere.
    constexpr unsigned long FLAGS = CLIENT_FOUND_ROWS | CLIENT_MULTI_STATEMENTS;
    if (mysql_real_connect(session_.get(), settings.host.c_str(), settings.user.c_str(),
                           settings.password.c_str(), settings.database.c_str(), settings.port,
                           settings.socket.empty() ? nullptr : settings.socket.c_str(), FLAGS) == nullptr) {
        refuse(settings);
    }
    if (settings.tls && mysql_get_ssl_cipher(session_.get()) == nullptr) {
        throw Error(OrthancPluginErrorCode_Database,
                    "MySQL.EnableSsl: the server has not encrypted the connection. Enable TLS on it.");
    }
    keep_alive();
    // Whatever the server's own defaults are: backslashes escape, what does not fit is an error. A connection
    // may be idle for as long as a hospital sleeps, and has a lock for as long.
    send("SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION,NO_AUTO_VALUE_ON_ZERO', "
         "wait_timeout = 31536000, innodb_lock_wait_timeout = 20, group_concat_max_len = 1048576, "
         "@orthanc_images = 1; "
         "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED");
    finish();
    largest_ = static_cast<std::size_t>(query("SELECT @@max_allowed_packet", {})->integer(0, 0));
}

// Finds out within a minute and a half that a host is gone, rather than in two hours.
void MySQLConnection::keep_alive() const noexcept {
    const int socket = static_cast<int>(mysql_get_socket(session_.get()));
    const int on = 1;
    const int idle = 45;
    const int interval = 15;
    const int probes = 3;
    const unsigned unanswered = 90'000;
    // Sockets that are no TCP refuse most of this, and do not need it.
    setsockopt(socket, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
    setsockopt(socket, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof(idle));
    setsockopt(socket, IPPROTO_TCP, TCP_KEEPINTVL, &interval, sizeof(interval));
    setsockopt(socket, IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof(probes));
    setsockopt(socket, IPPROTO_TCP, TCP_USER_TIMEOUT, &unanswered, sizeof(unanswered));
}

// Says which setting is wrong.
void MySQLConnection::refuse(const MySQLSettings &settings) {
    const unsigned error = mysql_errno(session_.get());
    const std::string said = std::string(" (") + mysql_error(session_.get()) + ")";
    const std::string port = std::to_string(settings.port);
    std::string what;
    OrthancPluginErrorCode code = code_of(error);
    switch (error) {
    case SOCKET_FAILED:
    case HOST_FAILED:
    case SERVER_LOST:
    case UNKNOWN_HOST:
        code = OrthancPluginErrorCode_DatabaseUnavailable;
        what =
            settings.socket.empty() || settings.host != "localhost"
                ? "MySQL.Host, MySQL.Port: no server answers at \"" + settings.host + "\", port " + port +
                      said + ". Start it, or correct these settings."
                : "MySQL.UnixSocket: no server answers at \"" + settings.socket + "\"" + said +
                      ". Start it, or write its socket there, or \"\" to reach a server through MySQL.Host.";
        break;
    case ER_ACCESS_DENIED_ERROR:
    case PLUGIN_FAILED:
        what = "MySQL.Username, MySQL.Password: the server does not let the user \"" + settings.user +
               "\" in" + said + ". Correct these settings, or the account on the server.";
        break;
    case ER_DBACCESS_DENIED_ERROR:
        what = "MySQL.Database: the user \"" + settings.user + "\" has no rights in \"" + settings.database +
               "\"" + said + ". GRANT ALL ON " + settings.database + ".* to it.";
        break;
    case ER_BAD_DB_ERROR:
        what = "MySQL.Database: the server has no database \"" + settings.database +
               "\". Create it, or correct "
               "this setting.";
        break;
    case TLS_FAILED:
        what = "MySQL.EnableSsl: the connection cannot be encrypted" + said +
               ". Enable TLS on the server, and compare MySQL.SslCACertificates with the issuer of its "
               "certificate and MySQL.Host with its name.";
        break;
    case ER_CON_COUNT_ERROR:
    case ER_TOO_MANY_USER_CONNECTIONS:
        what = "MySQL.IndexConnectionsCount: the server takes no more connections" + said +
               ". Raise max_connections there, or lower this setting.";
        break;
    default:
        what = "MySQL: the connection fails" + said + ". See the log of the server.";
        break;
    }
    throw MySQLError(code, what, mysql_sqlstate(session_.get()), error);
}

} // namespace

std::unique_ptr<Connection> open_mysql(const MySQLSettings &settings) {
    return std::make_unique<MySQLConnection>(settings);
}

namespace {

// The option of Orthanc itself of this name.
std::string global_text(const std::string &name) {
    const Text text(OrthancPluginGetConfiguration(host()));
    if (text == nullptr) {
        throw Error(OrthancPluginErrorCode_Plugin, "Orthanc does not give its configuration. See its log.");
    }
    return Configuration({}, parsed(text.get(), "Orthanc's configuration")).text(name, "");
}

std::string database_of(const Configuration &section) {
    std::string database = section.text("Database", "");
    if (database.empty()) {
        throw Error(OrthancPluginErrorCode_ParameterOutOfRange,
                    "MySQL.Database: is missing. Write the name of a database on the server.");
    }
    constexpr std::string_view ALLOWED = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789$_";
    if (database.find_first_not_of(ALLOWED) != std::string::npos) {
        throw Error(
            OrthancPluginErrorCode_ParameterOutOfRange,
            R"(MySQL.Database: has other signs than letters, digits, "$" and "_". Rename the database.)");
    }
    return database;
}

MySQLSettings settings_of(const Configuration &section) {
    MySQLSettings settings;
    settings.host = section.text("Host", settings.host);
    settings.port = static_cast<std::uint16_t>(section.integer("Port", {0, 65534}, settings.port));
    settings.socket = section.text("UnixSocket", "/var/run/mysqld/mysqld.sock");
    settings.database = database_of(section);
    settings.user = section.text("Username", "");
    settings.password = section.text("Password", "");
    settings.tls = section.flag("EnableSsl", false);
    settings.verify = section.flag("SslVerifyServerCertificates", true);
    settings.authorities = section.has("SslCACertificates") ? section.text("SslCACertificates")
                                                            : global_text("HttpsCACertificates");
    if (settings.tls && settings.verify && settings.authorities.empty()) {
        throw Error(
            OrthancPluginErrorCode_ParameterOutOfRange,
            "MySQL.SslCACertificates: is missing, and MySQL.EnableSsl is true. Write the file with the "
            "certificates of the authorities that are trusted.");
    }
    return settings;
}

} // namespace

std::optional<Backend> mysql_backend(Purpose purpose, bool) {
    const Configuration section = Configuration::of("MySQL");
    const std::string enable = purpose == Purpose::index ? "EnableIndex" : "EnableStorage";
    if (!section.flag(enable, false)) {
        log_warning("MySQL." + enable + ": is not true, so this plugin does nothing.");
        return std::nullopt;
    }
    const MySQLSettings settings = settings_of(section);
    Backend backend;
    backend.schema = SchemaKind::mysql;
    backend.opener = [settings] { return open_mysql(settings); };
    backend.connections = static_cast<std::size_t>(section.integer("IndexConnectionsCount", {1, 65535}, 50));
    backend.dynamic = !section.has("IndexConnectionsCount");
    backend.lock = section.flag("Lock", true);
    backend.retries.most =
        static_cast<std::size_t>(section.integer("MaximumConnectionRetries", {0, UINT32_MAX}, 10));
    backend.retries.pause =
        std::chrono::seconds(section.integer("ConnectionRetryInterval", {1, INT32_MAX}, 5));
    return backend;
}

const BackendChoice mysql_choice{mysql_backend};

} // namespace orthanc_images::database
