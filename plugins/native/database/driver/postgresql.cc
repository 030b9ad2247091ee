#include "database/driver/postgresql.h"

#include "framework/log.h"

#include <libpq-fe.h>

#include <poll.h>

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <optional>
#include <unordered_map>
#include <utility>

namespace orthanc_images::database {

namespace {

// Types of PostgreSQL, which have the same numbers everywhere.
enum Type : Oid {
    type_any = 0,
    type_bool = 16,
    type_bytea = 17,
    type_name = 19,
    type_int8 = 20,
    type_int2 = 21,
    type_int4 = 23,
    type_text = 25,
    type_oid = 26,
    type_varchar = 1043,
    type_int8_array = 1016
};

// How many statements a session keeps prepared.
constexpr std::size_t most_prepared = 400;

struct CloseConnection {
    void operator()(PGconn *connection) const noexcept {
        PQfinish(connection);
    }
};

struct ClearResult {
    void operator()(PGresult *result) const noexcept {
        PQclear(result);
    }
};

struct FreeOptions {
    void operator()(PQconninfoOption *options) const noexcept {
        PQconninfoFree(options);
    }
};

using Handle = std::unique_ptr<PGconn, CloseConnection>;
using Answer = std::unique_ptr<PGresult, ClearResult>;
using Options = std::unique_ptr<PQconninfoOption, FreeOptions>;

// The first line of a message, or several in one.
std::string first_line(const std::string &text) {
    return text.substr(0, text.find('\n'));
}

std::string in_one_line(std::string text) {
    while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) {
        text.pop_back();
    }
    std::ranges::replace(text, '\n', ' ');
    std::ranges::replace(text, '\t', ' ');
    return text;
}

// Numbers as PostgreSQL sends them in its binary format: the greatest byte first.
template <typename Number> Number from_network(std::string_view bytes) noexcept {
    std::make_unsigned_t<Number> number = 0;
    for (const char byte : bytes.substr(0, sizeof(Number))) {
        number = static_cast<decltype(number)>((number << 8) | static_cast<unsigned char>(byte));
    }
    return static_cast<Number>(number);
}

template <typename Number> void append_network(std::string &bytes, Number number) {
    const auto unsigned_number = static_cast<std::make_unsigned_t<Number>>(number);
    for (int shift = static_cast<int>(sizeof(Number) - 1) * 8; shift >= 0; shift -= 8) {
        bytes.push_back(static_cast<char>((unsigned_number >> shift) & 0xff));
    }
}

// Whether the driver reads values of this type in the binary format.
bool has_binary(Oid type) noexcept {
    switch (type) {
    case type_bool:
    case type_bytea:
    case type_name:
    case type_int8:
    case type_int2:
    case type_int4:
    case type_text:
    case type_oid:
    case type_varchar:
        return true;
    default:
        return false;
    }
}

int nibble(char digit) noexcept {
    if (digit >= '0' && digit <= '9') {
        return digit - '0';
    }
    return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : 0;
}

class PostgresqlResult final : public Result {
  public:
    explicit PostgresqlResult(Answer answer) : answer_(std::move(answer)) {}

    std::size_t rows() const noexcept override {
        return static_cast<std::size_t>(PQntuples(answer_.get()));
    }

    bool null(std::size_t row, std::size_t column) const override {
        return PQgetisnull(answer_.get(), static_cast<int>(row), static_cast<int>(column)) == 1;
    }

    std::int64_t integer(std::size_t row, std::size_t column) const override {
        const std::string_view value = raw(row, column);
        if (null(row, column)) {
            return 0;
        }
        if (PQfformat(answer_.get(), static_cast<int>(column)) == 1) {
            return binary_integer(type(column), value);
        }
        if (value == "t" || value == "f") {
            return value == "t" ? 1 : 0;
        }
        std::int64_t number = 0;
        const auto [end, code] = std::from_chars(value.data(), value.data() + value.size(), number);
        if (code != std::errc() || end != value.data() + value.size()) {
            not_a_number();
        }
        return number;
    }

    std::string_view text(std::size_t row, std::size_t column) const override {
        const std::string_view value = raw(row, column);
        const Oid kind = type(column);
        const bool binary = PQfformat(answer_.get(), static_cast<int>(column)) == 1;
        if (binary && kind != type_bytea && kind != type_text && kind != type_varchar && kind != type_name &&
            !null(row, column)) {
            return kept(std::to_string(binary_integer(kind, value)));
        }
        if (!binary && kind == type_bytea && value.starts_with("\\x")) {
            std::string bytes;
            bytes.reserve(value.size() / 2);
            for (std::size_t at = 2; at + 1 < value.size(); at += 2) {
                bytes.push_back(static_cast<char>((nibble(value[at]) << 4) | nibble(value[at + 1])));
            }
            return kept(std::move(bytes));
        }
        return value;
    }

  private:
    [[noreturn]] static void not_a_number() {
        throw Error(OrthancPluginErrorCode_Database, "PostgreSQL: a number was expected in an answer.");
    }

    static std::int64_t binary_integer(Oid kind, std::string_view value) {
        switch (kind) {
        case type_bool:
            return value[0] != 0 ? 1 : 0;
        case type_int2:
            return from_network<std::int16_t>(value);
        case type_int4:
            return from_network<std::int32_t>(value);
        case type_oid:
            return from_network<std::uint32_t>(value);
        case type_int8:
            return from_network<std::int64_t>(value);
        default:
            break;
        }
        std::int64_t number = 0;
        const auto [end, code] = std::from_chars(value.data(), value.data() + value.size(), number);
        if (code != std::errc() || end != value.data() + value.size()) {
            not_a_number();
        }
        return number;
    }

    Oid type(std::size_t column) const noexcept {
        return PQftype(answer_.get(), static_cast<int>(column));
    }

    std::string_view raw(std::size_t row, std::size_t column) const {
        const char *value = PQgetvalue(answer_.get(), static_cast<int>(row), static_cast<int>(column));
        if (value == nullptr) {
            throw Error(OrthancPluginErrorCode_InternalError,
                        "PostgreSQL: an answer has no such row or column.");
        }
        return {value, static_cast<std::size_t>(
                           PQgetlength(answer_.get(), static_cast<int>(row), static_cast<int>(column)))};
    }

    std::string_view kept(std::string value) const {
        return decoded_.emplace_back(std::move(value));
    }

    Answer answer_;
    // What values became, for as long as this lives. A deque does not move what is in it.
    mutable std::deque<std::string> decoded_;
};

// A statement that a session has prepared, or is about to.
struct Prepared {
    std::string name;
    std::string text;
    std::vector<Oid> types;
    std::uint64_t used = 0;
    // Answers come in the binary format: some columns are bytes, and the others are of known types.
    bool binary = false;
    bool seen = false;
};

// The values of a statement, as libpq takes them.
class Values {
  public:
    explicit Values(Parameters parameters) {
        types.reserve(parameters.size());
        std::vector<std::size_t> offsets;
        offsets.reserve(parameters.size());
        for (const Parameter &parameter : parameters) {
            offsets.push_back(add(parameter));
        }
        pointers.resize(parameters.size());
        for (std::size_t at = 0; at < parameters.size(); ++at) {
            const Bytes *bytes = std::get_if<Bytes>(&parameters[at]);
            if (bytes != nullptr) {
                pointers[at] = bytes->content.empty() ? "" : bytes->content.data();
            } else if (!std::holds_alternative<std::monostate>(parameters[at])) {
                pointers[at] = buffer_.data() + offsets[at];
            }
        }
    }

    int size() const noexcept {
        return static_cast<int>(pointers.size());
    }

    std::vector<Oid> types;
    std::vector<const char *> pointers;
    std::vector<int> lengths;
    std::vector<int> formats;

  private:
    std::size_t add(const Parameter &parameter) {
        const std::size_t offset = buffer_.size();
        if (const auto *number = std::get_if<std::int64_t>(&parameter)) {
            append_network(buffer_, *number);
            describe(type_int8, sizeof(*number), 1);
        } else if (const auto *text = std::get_if<std::string_view>(&parameter)) {
            if (text->find('\0') != std::string_view::npos) {
                throw Error(
                    OrthancPluginErrorCode_BadFileFormat,
                    "PostgreSQL: a text has a character with the code 0, which it cannot store. Take it "
                    "out of the text.");
            }
            buffer_.append(*text).push_back('\0');
            describe(type_any, text->size(), 0);
        } else if (const auto *bytes = std::get_if<Bytes>(&parameter)) {
            describe(type_bytea, bytes->content.size(), 1);
        } else if (const auto *list = std::get_if<std::span<const std::int64_t>>(&parameter)) {
            append_list(*list);
            describe(type_int8_array, buffer_.size() - offset, 1);
        } else {
            describe(type_any, 0, 0);
        }
        return offset;
    }

    void describe(Oid type, std::size_t length, int format) {
        if (length > INT32_MAX) {
            throw Error(OrthancPluginErrorCode_ParameterOutOfRange,
                        "PostgreSQL: a value is larger than 2 GiB, which is the most that it can take.");
        }
        types.push_back(type);
        lengths.push_back(static_cast<int>(length));
        formats.push_back(format);
    }

    // Dimensions, whether there are NULLs, type, length, number of the first; then length and value of each.
    void append_list(std::span<const std::int64_t> list) {
        append_network<std::int32_t>(buffer_, list.empty() ? 0 : 1);
        append_network<std::int32_t>(buffer_, 0);
        append_network<std::uint32_t>(buffer_, type_int8);
        if (!list.empty()) {
            append_network(buffer_, static_cast<std::int32_t>(list.size()));
            append_network<std::int32_t>(buffer_, 1);
        }
        for (const std::int64_t number : list) {
            append_network<std::int32_t>(buffer_, sizeof(number));
            append_network(buffer_, number);
        }
    }

    std::string buffer_;
};

OrthancPluginErrorCode code_of(std::string_view state, bool lost) noexcept {
    if (lost) {
        return OrthancPluginErrorCode_DatabaseUnavailable;
    }
    // Serialization failures, deadlocks, time-outs of locks; then rows that somebody else has just made or
    // taken away, which the next try finds (23505, 23503), and statements that were prepared for other
    // tables.
    constexpr std::array<std::string_view, 7> replayed{"40001", "40P01", "55P03", "23505",
                                                       "23503", "0A000", "26000"};
    return std::ranges::find(replayed, state) == replayed.end()
               ? OrthancPluginErrorCode_Database
               : OrthancPluginErrorCode_DatabaseCannotSerialize;
}

std::string field(const PGresult *result, int code) {
    const char *value = PQresultErrorField(result, code);
    return value == nullptr ? "" : value;
}

// Notices of the server go to the log.
void receive_notice(void *, const PGresult *result) {
    log_info("PostgreSQL: " + in_one_line(field(result, PG_DIAG_MESSAGE_PRIMARY)));
}

void process_notice(void *, const char *message) {
    log_info("PostgreSQL: " + in_one_line(message));
}

class PostgresqlConnection final : public Connection {
  public:
    PostgresqlConnection(Handle handle, const PostgresqlSettings &settings)
        : handle_(std::move(handle)), serializable_(settings.serializable), verbose_(settings.verbose) {
        PQsetNoticeReceiver(handle_.get(), receive_notice, nullptr);
        PQsetNoticeProcessor(handle_.get(), process_notice, nullptr);
        enter_pipeline();
    }

    Dialect dialect() const noexcept override {
        return Dialect::postgresql;
    }

    std::string server() const override {
        const char *version = PQparameterStatus(handle_.get(), "server_version");
        return std::string("PostgreSQL ") + (version == nullptr ? "of an unknown version" : version);
    }

    void begin(Access access) override {
        if (state_ != State::none) {
            throw Error(OrthancPluginErrorCode_BadSequenceOfCalls,
                        "PostgreSQL: a transaction is open already.");
        }
        access_ = access;
        state_ = State::begun;
    }

    void commit() override {
        const State before = state_;
        state_ = State::none;
        if (before == State::none || before == State::begun) {
            return;
        }
        if (before == State::failed) {
            state_ = before;
            rollback();
            throw Error(OrthancPluginErrorCode_BadSequenceOfCalls,
                        "PostgreSQL: a transaction that failed cannot be committed.");
        }
        state_ = before;
        static const std::string statement = "COMMIT";
        if (access_ == Access::read_only && !executed_) {
            // Nothing can go wrong that would matter.
            send(statement, {}, Keep::nothing);
            state_ = State::none;
            synchronize(Silent::yes);
            flush();
            return;
        }
        send(statement, {}, Keep::nothing);
        synchronize(Silent::no);
        try {
            drain();
        } catch (...) {
            if (state_ != State::none && PQtransactionStatus(handle_.get()) == PQTRANS_IDLE) {
                state_ = State::none;
            }
            throw;
        }
        state_ = State::none;
    }

    void rollback() noexcept override {
        const State before = state_;
        state_ = State::none;
        if (before == State::none || before == State::begun || !connected()) {
            return;
        }
        try {
            if (unsynchronized_) {
                // What fails makes the server skip all until here, what prepares statements too.
                synchronize(Silent::yes);
                doubtful_ = true;
            }
            static const std::string statement = "ROLLBACK";
            send(statement, {}, Keep::nothing);
            synchronize(Silent::yes);
            flush();
        } catch (...) {
            broken_ = true;
        }
    }

    std::unique_ptr<Result> query(const std::string &statement, Parameters parameters) override {
        return std::make_unique<PostgresqlResult>(run(statement, parameters));
    }

    void execute(const std::string &statement, Parameters parameters) override {
        if (state_ == State::none) {
            run(statement, parameters);
            return;
        }
        begin_now();
        send(statement, parameters, Keep::nothing);
        executed_ = true;
    }

    std::int64_t change(const std::string &statement, Parameters parameters) override {
        const Answer answer = run(statement, parameters);
        const std::string_view count = PQcmdTuples(answer.get());
        std::int64_t number = 0;
        std::from_chars(count.data(), count.data() + count.size(), number);
        return number;
    }

    std::int64_t insert(const std::string &statement, std::string_view key, Parameters parameters) override {
        const auto result = query(statement + " RETURNING " + std::string(key), parameters);
        return result->integer(0, 0);
    }

    void script(const std::string &statement) override {
        begin_now();
        if (unsynchronized_) {
            synchronize(Silent::no);
        }
        drain();
        note(statement);
        // The only way to send several statements at once.
        if (PQexitPipelineMode(handle_.get()) == 0) {
            fail_sending();
        }
        const Answer answer(PQexec(handle_.get(), statement.c_str()));
        const ExecStatusType status = PQresultStatus(answer.get());
        std::optional<StatementError> error;
        if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK && status != PGRES_EMPTY_QUERY) {
            error = failure(answer.get());
            failed();
        }
        if (connected()) {
            enter_pipeline();
        }
        if (error) {
            throw StatementError(*error);
        }
    }

    bool usable() noexcept override {
        if (!connected()) {
            return false;
        }
        // What the server says when it goes is in the socket, in two or three pieces.
        pollfd ready{PQsocket(handle_.get()), POLLIN, 0};
        for (int piece = 0; piece < 4 && poll(&ready, 1, 0) > 0; ++piece) {
            if (PQconsumeInput(handle_.get()) == 0) {
                broken_ = true;
                return false;
            }
            if (pending_.empty()) {
                PQisBusy(handle_.get());
            }
        }
        return connected();
    }

    bool alive() noexcept override {
        try {
            synchronize(Silent::no);
            drain();
            return connected();
        } catch (...) {
            return false;
        }
    }

    using Connection::change;
    using Connection::execute;
    using Connection::query;

  private:
    // A transaction: none; begun, which the server does not know yet; open; failed, and to be rolled back.
    enum class State { none, begun, open, failed };

    enum class Keep { nothing, answer };
    enum class Silent { no, yes };

    // What an answer belongs to.
    struct Pending {
        enum class Kind { synchronize, prepare, run, forget } kind;
        std::shared_ptr<Prepared> prepared = nullptr;
        Keep keep = Keep::nothing;
        Silent silent = Silent::no;
    };

    bool connected() const noexcept {
        return !broken_ && PQstatus(handle_.get()) == CONNECTION_OK;
    }

    void enter_pipeline() {
        if (PQenterPipelineMode(handle_.get()) == 0) {
            fail_sending();
        }
    }

    void note(const std::string &statement) const {
        if (verbose_) {
            log_info("SQL: " + statement);
        }
    }

    // Sends what begins the transaction, before the first statement in it.
    void begin_now() {
        if (doubtful_) {
            doubtful_ = false;
            drain();
        }
        if (state_ != State::begun) {
            return;
        }
        static const std::string reading = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
        static const std::string writing = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE";
        static const std::string serializable = "BEGIN ISOLATION LEVEL SERIALIZABLE READ WRITE";
        const std::string &wanted = serializable_ ? serializable : writing;
        send(access_ == Access::read_only ? reading : wanted, {}, Keep::nothing);
        if (access_ == Access::read_write) {
            // Plans that were made while the tables had few rows would read all of them for each row that is
            // written, the server's own for foreign keys too.
            static const std::string by_index = "SET LOCAL enable_seqscan = off";
            send(by_index, {}, Keep::nothing);
        }
        state_ = State::open;
        executed_ = false;
    }

    Answer run(const std::string &statement, Parameters parameters) {
        begin_now();
        send(statement, parameters, Keep::answer);
        synchronize(Silent::no);
        return drain();
    }

    // Sends a statement, prepared if it is not yet.
    void send(const std::string &statement, Parameters parameters, Keep keep) {
        if (!connected()) {
            fail_sending();
        }
        note(statement);
        const Values values(parameters);
        std::shared_ptr<Prepared> form = prepared(statement, values);
        form->used = ++used_;
        if (PQsendQueryPrepared(handle_.get(), form->name.c_str(), values.size(), values.pointers.data(),
                                values.lengths.data(), values.formats.data(), form->binary ? 1 : 0) == 0) {
            fail_sending();
        }
        pending_.push_back({Pending::Kind::run, std::move(form), keep});
        unsynchronized_ = true;
    }

    std::shared_ptr<Prepared> prepared(const std::string &statement, const Values &values) {
        if (const auto found = prepared_.find(statement); found != prepared_.end()) {
            for (const auto &form : found->second) {
                if (form->types == values.types) {
                    return form;
                }
            }
        }
        if (count_ >= most_prepared) {
            forget_one();
        }
        auto form = std::make_shared<Prepared>();
        form->name = "s" + std::to_string(++names_);
        form->text = statement;
        form->types = values.types;
        const std::string text = numbered(statement);
        if (PQsendPrepare(handle_.get(), form->name.c_str(), text.c_str(), values.size(),
                          values.types.data()) == 0) {
            fail_sending();
        }
        ++count_;
        pending_.push_back({Pending::Kind::prepare, form});
        return prepared_[statement].emplace_back(std::move(form));
    }

    // Takes the statement out of the session that was not used for the longest time.
    void forget_one() {
        Prepared *oldest = nullptr;
        for (const auto &[text, forms] : prepared_) {
            for (const auto &form : forms) {
                if (oldest == nullptr || form->used < oldest->used) {
                    oldest = form.get();
                }
            }
        }
        if (oldest == nullptr) {
            return;
        }
        if (PQsendClosePrepared(handle_.get(), oldest->name.c_str()) == 0) {
            fail_sending();
        }
        pending_.push_back({Pending::Kind::forget});
        remove(*oldest);
    }

    void remove(const Prepared &gone) {
        const auto found = prepared_.find(gone.text);
        if (found == prepared_.end()) {
            return;
        }
        count_ -= std::erase_if(found->second, [&gone](const auto &form) { return form.get() == &gone; });
        if (found->second.empty()) {
            prepared_.erase(found);
        }
    }

    void synchronize(Silent silent) {
        if (PQsendPipelineSync(handle_.get()) == 0) {
            fail_sending();
        }
        pending_.push_back({.kind = Pending::Kind::synchronize, .silent = silent});
        unsynchronized_ = false;
    }

    void flush() {
        if (PQflush(handle_.get()) < 0) {
            fail_sending();
        }
    }

    // Takes the answers of all that was sent, and returns the one that is to be kept; the first error is
    // thrown.
    Answer drain() {
        Answer kept;
        std::optional<StatementError> error;
        bool stale = false;
        while (!pending_.empty()) {
            const Pending pending = pending_.front();
            pending_.pop_front();
            if (pending.kind == Pending::Kind::synchronize) {
                const Answer answer(PQgetResult(handle_.get()));
                if (PQresultStatus(answer.get()) != PGRES_PIPELINE_SYNC) {
                    lost(error, answer.get());
                    break;
                }
                if (pending.silent == Silent::yes) {
                    error.reset();
                }
                continue;
            }
            for (Answer answer(PQgetResult(handle_.get())); answer != nullptr;
                 answer.reset(PQgetResult(handle_.get()))) {
                if (!take(pending, answer, error)) {
                    stale = stale || (error && (error->state() == "26000" || error->state() == "0A000"));
                }
                if (pending.keep == Keep::answer && answer != nullptr && !error) {
                    kept = std::move(answer);
                }
                if (!connected()) {
                    break;
                }
            }
            if (!connected()) {
                lost(error, nullptr);
                break;
            }
        }
        if (stale) {
            forget_all();
        }
        if (error) {
            failed();
            throw StatementError(*error);
        }
        return kept;
    }

    // Takes one answer; false where it is an error.
    bool take(const Pending &pending, const Answer &answer, std::optional<StatementError> &error) {
        switch (PQresultStatus(answer.get())) {
        case PGRES_COMMAND_OK:
        case PGRES_EMPTY_QUERY:
            return true;
        case PGRES_TUPLES_OK:
            learn(*pending.prepared, answer.get());
            return true;
        case PGRES_PIPELINE_ABORTED:
            break;
        default:
            if (!error) {
                error = failure(answer.get());
            }
            break;
        }
        if (pending.kind == Pending::Kind::prepare) {
            remove(*pending.prepared);
        }
        return false;
    }

    // Looks at the columns of the first answer to a statement: bytes are to come as bytes from now on.
    static void learn(Prepared &prepared, const PGresult *answer) {
        if (prepared.seen) {
            return;
        }
        prepared.seen = true;
        bool bytes = false;
        for (int column = 0; column < PQnfields(answer); ++column) {
            const Oid type = PQftype(answer, column);
            if (!has_binary(type)) {
                return;
            }
            bytes = bytes || type == type_bytea;
        }
        prepared.binary = bytes;
    }

    void lost(std::optional<StatementError> &error, const PGresult *answer) {
        broken_ = true;
        pending_.clear();
        unsynchronized_ = false;
        if (!error || error->code() != OrthancPluginErrorCode_DatabaseUnavailable) {
            error = failure(answer);
        }
    }

    StatementError failure(const PGresult *result) {
        const std::string state = field(result, PG_DIAG_SQLSTATE);
        std::string message = in_one_line(field(result, PG_DIAG_MESSAGE_PRIMARY));
        if (message.empty()) {
            message = first_line(PQerrorMessage(handle_.get()));
        }
        // The server goes (57P01 to 57P05), or is one that does not take changes any more, since another took
        // over.
        const bool demoted = state == "25006" && access_ == Access::read_write && state_ != State::none;
        if (state.starts_with("57P") || state.starts_with("08") || demoted) {
            broken_ = true;
        }
        return {code_of(state, !connected()),
                "PostgreSQL: " + message + (state.empty() ? "" : " [" + state + "]"), state};
    }

    // The transaction cannot go on.
    void failed() noexcept {
        if (state_ == State::open) {
            state_ = State::failed;
        }
    }

    void forget_all() {
        prepared_.clear();
        count_ = 0;
    }

    [[noreturn]] void fail_sending() {
        const std::string message = first_line(PQerrorMessage(handle_.get()));
        const bool gone = !connected();
        broken_ = true;
        throw StatementError(gone ? OrthancPluginErrorCode_DatabaseUnavailable
                                  : OrthancPluginErrorCode_Database,
                             "PostgreSQL: " + (message.empty() ? "the connection is lost" : message), {});
    }

    Handle handle_;
    const bool serializable_;
    const bool verbose_;
    State state_ = State::none;
    Access access_ = Access::read_write;
    bool executed_ = false;
    bool broken_ = false;
    bool unsynchronized_ = false;
    bool doubtful_ = false;
    std::deque<Pending> pending_;
    std::unordered_map<std::string, std::vector<std::shared_ptr<Prepared>>> prepared_;
    std::size_t count_ = 0;
    std::uint64_t names_ = 0;
    std::uint64_t used_ = 0;
};

// What connects, and what is said where that fails.
class Connector {
  public:
    explicit Connector(PostgresqlSettings settings) : settings_(std::move(settings)) {
        for (const auto &[keyword, value] : settings_.parameters) {
            keywords_.push_back(keyword.c_str());
            values_.push_back(value.c_str());
        }
        keywords_.push_back(nullptr);
        values_.push_back(nullptr);
    }

    Connector(const Connector &) = delete;
    Connector &operator=(const Connector &) = delete;
    ~Connector() = default;

    std::unique_ptr<Connection> open() const {
        Handle handle(PQconnectdbParams(keywords_.data(), values_.data(), 0));
        if (handle == nullptr) {
            throw Error(OrthancPluginErrorCode_NotEnoughMemory, "PostgreSQL: there is not enough memory.");
        }
        if (PQstatus(handle.get()) != CONNECTION_OK) {
            refuse(first_line(PQerrorMessage(handle.get())));
        }
        PQsetNoticeReceiver(handle.get(), receive_notice, nullptr);
        PQsetNoticeProcessor(handle.get(), process_notice, nullptr);
        prepare(handle.get());
        return std::make_unique<PostgresqlConnection>(std::move(handle), settings_);
    }

  private:
    // Makes the session what all expect, and checks the database.
    void prepare(PGconn *handle) const {
        const std::string statement(blocks("session-postgresql").front().text);
        const std::array<const char *, 1> values{settings_.schema.c_str()};
        Answer answer(
            PQexecParams(handle, statement.c_str(), 1, nullptr, values.data(), nullptr, nullptr, 0));
        if (PQresultStatus(answer.get()) != PGRES_TUPLES_OK) {
            throw Error(OrthancPluginErrorCode_DatabaseUnavailable,
                        place("Host") + ": the session cannot be set up: " +
                            first_line(PQerrorMessage(handle)) + ". See the server's log.");
        }
        const PostgresqlResult result(std::move(answer));
        if (result.integer(0, 0) < 90500) {
            throw Error(OrthancPluginErrorCode_Database, place("Host") + ": the server is PostgreSQL " +
                                                             PQparameterStatus(handle, "server_version") +
                                                             ". Use 9.5 or a later version.");
        }
        if (result.text(0, 1) != "UTF8") {
            throw Error(OrthancPluginErrorCode_Database,
                        place("Database") + ": the database has the encoding " +
                            std::string(result.text(0, 1)) +
                            ". Make one with CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0.");
        }
        if (result.integer(0, 2) == 0) {
            throw Error(OrthancPluginErrorCode_Database,
                        "PostgreSQL.Schema: the database has no schema \"" + settings_.schema +
                            "\". Create it with CREATE SCHEMA, or write the name of one that exists.");
        }
        if (result.integer(0, 3) == 0) {
            throw Error(OrthancPluginErrorCode_Database,
                        "PostgreSQL.Schema: the user may not use the schema \"" + settings_.schema +
                            "\". Let its owner GRANT USAGE, CREATE ON SCHEMA.");
        }
        if (result.integer(0, 4) != 0 && !settings_.read_only) {
            throw Error(OrthancPluginErrorCode_DatabaseUnavailable,
                        place("Host") +
                            ": the server is a standby and takes no changes. Write the name of the "
                            "primary server, or set ReadOnly to true.");
        }
    }

    // The setting that says so, for a message.
    std::string place(const std::string &setting) const {
        return "PostgreSQL." + (settings_.uri ? "ConnectionUri" : setting);
    }

    [[noreturn]] void refuse(const std::string &said) const {
        const PGPing answer = PQpingParams(keywords_.data(), values_.data(), 0);
        if (answer == PQPING_NO_ATTEMPT || said.starts_with("invalid ")) {
            throw Error(OrthancPluginErrorCode_BadParameterType,
                        place("Host") + ": the parameters of the connection are wrong: " + said +
                            ". Correct the settings of PostgreSQL.");
        }
        if (said.find("SSL") != std::string::npos || said.find("certificate") != std::string::npos) {
            throw Error(OrthancPluginErrorCode_SslInitialization,
                        place("EnableSsl") + ": the server does not encrypt as it is asked for: " + said +
                            ". Set up TLS in the server, or turn it off here.");
        }
        if (answer == PQPING_OK) {
            refuse_by(refusal(), said);
        }
        throw Error(OrthancPluginErrorCode_DatabaseUnavailable,
                    place("Host") + ": the server cannot be reached: " + said +
                        ". Check that it runs, and PostgreSQL.Host and PostgreSQL.Port.");
    }

    [[noreturn]] void refuse_by(std::string_view state, const std::string &said) const {
        if (state == "28P01") {
            throw Error(OrthancPluginErrorCode_Database,
                        place("Password") + ": the server does not take the user's name or password: " +
                            said + ". Correct PostgreSQL.Username and PostgreSQL.Password.");
        }
        if (state == "28000") {
            throw Error(OrthancPluginErrorCode_Database,
                        place("Username") + ": the server does not let this user in: " + said +
                            ". Create the user, or allow the connection in the server's pg_hba.conf.");
        }
        if (state == "3D000") {
            throw Error(OrthancPluginErrorCode_Database,
                        place("Database") + ": the server has no such database: " + said +
                            ". Create it, or write the name of one that exists.");
        }
        if (state == "42501") {
            throw Error(OrthancPluginErrorCode_Database,
                        place("Username") + ": the user lacks rights: " + said +
                            ". Let an administrator GRANT CONNECT ON DATABASE.");
        }
        if (state.empty() && said.find("no password supplied") != std::string::npos) {
            throw Error(OrthancPluginErrorCode_Database,
                        place("Password") + ": the server asks for a password, and there is none. Write it.");
        }
        if (state == "53300") {
            throw Error(OrthancPluginErrorCode_DatabaseUnavailable,
                        "PostgreSQL.IndexConnectionsCount: the server takes no more connections: " + said +
                            ". Lower the number, or raise max_connections of the server.");
        }
        throw Error(OrthancPluginErrorCode_DatabaseUnavailable,
                    place("Host") + ": the server refuses the connection: " + said +
                        ". See the server's log.");
    }

    // Connects once more, and returns the SQLSTATE of the refusal: messages are in the server's language.
    std::string refusal() const {
        const Handle handle(PQconnectStartParams(keywords_.data(), values_.data(), 0));
        if (handle == nullptr) {
            return {};
        }
        PQsetErrorVerbosity(handle.get(), PQERRORS_VERBOSE);
        PostgresPollingStatusType wanted = PGRES_POLLING_WRITING;
        while (PQstatus(handle.get()) != CONNECTION_BAD && wanted != PGRES_POLLING_OK &&
               wanted != PGRES_POLLING_FAILED) {
            pollfd ready{PQsocket(handle.get()),
                         static_cast<short>(wanted == PGRES_POLLING_READING ? POLLIN : POLLOUT), 0};
            if (poll(&ready, 1, 5000) <= 0) {
                return {};
            }
            wanted = PQconnectPoll(handle.get());
        }
        const std::string said = PQerrorMessage(handle.get());
        // FATAL:  28P01: password authentication failed
        for (std::size_t at = said.find(":  "); at != std::string::npos; at = said.find(":  ", at + 1)) {
            if (said.size() > at + 8 && said[at + 8] == ':') {
                return said.substr(at + 3, 5);
            }
        }
        return {};
    }

    const PostgresqlSettings settings_;
    std::vector<const char *> keywords_;
    std::vector<const char *> values_;
};

// What is set where the user did not say anything: a server that vanishes must be noticed.
void add_defaults(std::map<std::string, std::string> &parameters) {
    if (std::getenv("PGCONNECT_TIMEOUT") == nullptr) { // NOLINT(concurrency-mt-unsafe): nobody changes it
        parameters.try_emplace("connect_timeout", "10");
    }
    parameters.try_emplace("keepalives_idle", "30");
    parameters.try_emplace("keepalives_interval", "10");
    parameters.try_emplace("keepalives_count", "3");
    parameters.try_emplace("tcp_user_timeout", "60000");
    parameters.try_emplace("fallback_application_name", "Orthanc");
    parameters["client_encoding"] = "UTF8";
}

// The message without what stands between quotes, which may be a part of a password.
std::string without_quoted(const std::string &message) {
    std::string kept;
    bool quoted = false;
    for (const char character : message) {
        if (character == '"') {
            quoted = !quoted;
            kept += quoted ? "\"…" : "\"";
        } else if (!quoted) {
            kept += character;
        }
    }
    return kept;
}

std::map<std::string, std::string> parsed_parameters(const std::string &connection_string) {
    char *wrong = nullptr;
    const Options options(PQconninfoParse(connection_string.c_str(), &wrong));
    if (options == nullptr) {
        const std::string said =
            wrong == nullptr ? "there is not enough memory" : without_quoted(in_one_line(wrong));
        PQfreemem(wrong);
        throw Error(OrthancPluginErrorCode_BadParameterType,
                    "PostgreSQL.ConnectionUri: " + said +
                        ". Write postgresql://USER:PASSWORD@HOST:PORT/DATABASE, or keywords of libpq.");
    }
    std::map<std::string, std::string> parameters;
    for (const PQconninfoOption *option = options.get(); option->keyword != nullptr; ++option) {
        if (option->val != nullptr && *option->val != '\0') {
            parameters.emplace(option->keyword, option->val);
        }
    }
    return parameters;
}

void add(std::map<std::string, std::string> &parameters, const char *keyword, std::string value) {
    if (!value.empty()) {
        parameters.emplace(keyword, std::move(value));
    }
}

std::string lower(std::string text) {
    std::ranges::transform(text, text.begin(), [](char letter) {
        return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
    });
    return text;
}

// Returns where a quoted text, a name or a comment that begins here ends; `at` where none does.
std::size_t past_quoted(std::string_view text, std::size_t at) {
    const auto after = [text, at](std::string_view end, std::size_t from) {
        const std::size_t found = text.find(end, at + from);
        return found == std::string_view::npos ? text.size() : found + end.size();
    };
    if (text[at] == '\'' || text[at] == '"') {
        return after(text.substr(at, 1), 1);
    }
    if (text.substr(at, 2) == "--") {
        return after("\n", 2);
    }
    if (text.substr(at, 2) == "/*") {
        return after("*/", 2);
    }
    if (text[at] == '$') {
        const std::size_t close = text.find('$', at + 1);
        if (close != std::string_view::npos) {
            return after(text.substr(at, close + 1 - at), close + 1 - at);
        }
    }
    return at;
}

} // namespace

std::string numbered(std::string_view statement) {
    std::string text;
    text.reserve(statement.size() + 16);
    int number = 0;
    for (std::size_t at = 0; at < statement.size();) {
        const std::size_t end = past_quoted(statement, at);
        if (end != at) {
            text.append(statement.substr(at, end - at));
            at = end;
        } else if (statement[at] == '?') {
            text.append("$").append(std::to_string(++number));
            ++at;
        } else {
            text.push_back(statement[at++]);
        }
    }
    return text;
}

PostgresqlSettings postgresql_settings(const std::string &connection_string) {
    PostgresqlSettings settings;
    settings.parameters = parsed_parameters(connection_string);
    settings.uri = true;
    add_defaults(settings.parameters);
    return settings;
}

PostgresqlSettings postgresql_settings(const Configuration &section, bool read_only) {
    PostgresqlSettings settings;
    if (const std::string uri = section.text("ConnectionUri", ""); !uri.empty()) {
        settings.parameters = parsed_parameters(uri);
        settings.uri = true;
    } else {
        add(settings.parameters, "host", section.text("Host", "localhost"));
        add(settings.parameters, "port", std::to_string(section.integer("Port", {1, 65534}, 5432)));
        add(settings.parameters, "dbname", section.text("Database", ""));
        add(settings.parameters, "user", section.text("Username", ""));
        add(settings.parameters, "password", section.text("Password", ""));
        add(settings.parameters, "application_name", section.text("ApplicationName", ""));
        add(settings.parameters, "sslmode", section.flag("EnableSsl", false) ? "require" : "disable");
    }
    add_defaults(settings.parameters);
    settings.schema = lower(section.text("Schema", "public"));
    if (settings.schema.empty()) {
        throw Error(OrthancPluginErrorCode_BadParameterType,
                    "PostgreSQL.Schema: is empty. Write the name of a schema, such as public.");
    }
    const std::string mode = section.text("TransactionMode", "ReadCommitted");
    if (mode != "ReadCommitted" && mode != "Serializable") {
        throw Error(
            OrthancPluginErrorCode_BadParameterType,
            "PostgreSQL.TransactionMode: is a text that is neither. Write ReadCommitted or Serializable.");
    }
    settings.serializable = mode == "Serializable";
    settings.verbose = section.flag("EnableVerboseLogs", false);
    settings.read_only = read_only;
    return settings;
}

Opener postgresql_opener(PostgresqlSettings settings) {
    return [connector = std::make_shared<const Connector>(std::move(settings))] { return connector->open(); };
}

std::optional<Backend> postgresql_backend(Purpose purpose, bool read_only) {
    const Configuration section = Configuration::of("PostgreSQL");
    const std::string enabling = purpose == Purpose::index ? "EnableIndex" : "EnableStorage";
    if (!section.flag(enabling, false)) {
        log_warning("PostgreSQL." + enabling + ": is not true, so this plugin does nothing.");
        return {};
    }
    Backend backend;
    backend.schema = SchemaKind::postgresql;
    PostgresqlSettings settings = postgresql_settings(section, read_only);
    backend.schema_name = settings.schema;
    backend.opener = postgresql_opener(std::move(settings));
    backend.connections = static_cast<std::size_t>(section.integer("IndexConnectionsCount", {1, 10000}, 50));
    backend.dynamic = section.flag("UseDynamicConnectionPool", false);
    if (purpose == Purpose::storage) {
        // The server's default is 100 connections, and the index has its own.
        backend.connections = std::min<std::size_t>(backend.connections, 10);
        backend.dynamic = true;
    }
    backend.lock = section.flag("Lock", true);
    backend.retries.most =
        static_cast<std::size_t>(section.integer("MaximumConnectionRetries", {0, 1000000}, 10));
    backend.retries.pause = std::chrono::seconds(section.integer("ConnectionRetryInterval", {0, 86400}, 5));
    backend.housekeeping =
        std::chrono::seconds(section.integer("HousekeepingInterval", {read_only ? 0 : 1, 86400}, 1));
    backend.inexact_counts = section.flag("AllowInconsistentChildCounts", false);
    return backend;
}

const BackendChoice postgresql_choice{postgresql_backend};

} // namespace orthanc_images::database
