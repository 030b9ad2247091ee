#include "database/index/index.h"

#include "database/index/audit.h"
#include "database/schema/revisions.h"

#include "framework/errors.h"
#include "framework/host.h"
#include "framework/log.h"
#include "framework/threads.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <utility>

namespace orthanc_images::database {

namespace {

void check_core() {
    const std::uint32_t expected = OrthancPluginGetExpectedDatabaseVersion(host());
    if (expected != known_version) {
        throw Error(OrthancPluginErrorCode_Plugin,
                    "index: Orthanc expects a database of version " + std::to_string(expected) +
                        ", and this plugin knows version " + std::to_string(known_version) +
                        ". Take a version of Orthanc that fits.");
    }
}

std::string tables_of(SchemaKind schema) {
    switch (schema) {
    case SchemaKind::postgresql:
        return "tables-postgresql";
    case SchemaKind::mysql:
        return "tables-mysql";
    default:
        return "tables-odbc";
    }
}

std::string setting_of(SchemaKind schema) {
    switch (schema) {
    case SchemaKind::postgresql:
        return "PostgreSQL.Database";
    case SchemaKind::mysql:
        return "MySQL.Database";
    default:
        return "Odbc.IndexConnectionString";
    }
}

void check_tables(Connection &connection, SchemaKind schema) {
    connection.begin(Access::read_only);
    for (const std::string &file : {std::string("tables"), tables_of(schema)}) {
        for (const Block &block : blocks(file)) {
            connection.query(std::string(block.text));
        }
    }
    connection.rollback();
}

// Makes, upgrades and checks the tables. What the server itself says of them, in its own words, gets a
// setting.
void prepare(Schema &schema, Connection &connection, SchemaKind kind, bool read_only) {
    try {
        schema.install(connection, read_only);
        check_tables(connection, kind);
    } catch (const StatementError &error) {
        const std::string said = error.what();
        const std::string setting = setting_of(kind);
        if (error.code() != OrthancPluginErrorCode_Database ||
            said.starts_with(setting.substr(0, setting.find('.') + 1))) {
            throw;
        }
        throw Error(
            OrthancPluginErrorCode_Database,
            setting + ": the tables of the index cannot be made, or are not those of Orthanc (" +
                said.substr(0, said.find('\n')) +
                "). Give the user all rights in the database; if somebody has changed the tables, restore a "
                "backup.");
    }
}

} // namespace

Index::Index(Backend backend, SchemaMaker make_schema, bool read_only)
    : backend_(std::move(backend)), make_schema_(make_schema), read_only_(read_only) {}

Index::~Index() {
    housekeeping_ = {};
    close_audit_logs();
}

Index::Opened &Index::opened() {
    if (!opened_) {
        throw Error(OrthancPluginErrorCode_BadSequenceOfCalls, "index: it is not open.");
    }
    return *opened_;
}

void Index::open() {
    if (opened_) {
        throw Error(OrthancPluginErrorCode_BadSequenceOfCalls, "index: it is open already.");
    }
    check_core();
    Opened opened;
    opened.pool =
        std::make_unique<Pool>(backend_.opener, backend_.connections, backend_.dynamic, backend_.retries);
    opened.pool->open();
    {
        const Pool::Lease connection = opened.pool->take();
        log_info("Connected to " + connection->server() + ".");
        opened.statements = std::make_unique<Catalogue>(backend_.schema, connection->dialect());
        opened.schema = make_schema_(*opened.statements, backend_);
        if (backend_.lock) {
            opened.lock = take_lock(*opened.schema);
        }
        prepare(*opened.schema, *connection, backend_.schema, read_only_);
        connection->begin(Access::read_only);
        const int revision = opened.schema->revision(*connection);
        connection->rollback();
        log_info("The index is of version " + std::to_string(known_version) + ", revision " +
                 std::to_string(revision) + ".");
    }
    open_audit_logs(backend_.schema, *opened.pool, read_only_);
    opened_.emplace(std::move(opened));
    if (!read_only_) {
        housekeeping_ =
            background("DB HOUSEKEEPING", [this](const std::stop_token &stopping) { keep_house(stopping); });
    }
}

void Index::close() {
    opened();
    housekeeping_ = {};
    if (const std::int64_t remaining = transactions_; remaining != 0) {
        throw Error(OrthancPluginErrorCode_BadSequenceOfCalls,
                    "index: " + std::to_string(remaining) + " transactions are still open.");
    }
    close_audit_logs();
    opened_.reset();
}

void Index::started() noexcept {
    {
        const std::scoped_lock lock(mutex_);
        started_ = true;
    }
    changed_.notify_all();
}

void Index::stopped() noexcept {
    const std::scoped_lock lock(mutex_);
    stopped_ = true;
    if (opened_) {
        opened_->pool->end();
    }
}

void Index::describe(messages::GetSystemInformation_Response &response) {
    const Pool::Lease connection = opened().pool->take();
    connection->begin(Access::read_only);
    const std::unique_ptr<Result> rows =
        query(*connection, opened().statements->statement("database-version"));
    const std::string_view text = rows->rows() == 0 ? std::string_view() : rows->text(0, 0);
    std::uint32_t version = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), version);
    if (error != std::errc() || end != text.data() + text.size()) {
        throw Error(
            OrthancPluginErrorCode_Database,
            "index: the database does not say its version (property 1 in GlobalProperties). Restore it.");
    }
    const Abilities abilities = opened().schema->abilities();
    response.set_database_version(version);
    response.set_supports_revisions(abilities.revisions);
    response.set_supports_labels(abilities.labels);
    response.set_supports_increment_global_property(true);
    response.set_has_update_and_get_statistics(true);
    response.set_has_measure_latency(true);
    response.set_supports_find(true);
    response.set_has_extended_changes(true);
    response.set_supports_key_value_stores(abilities.stores);
    response.set_supports_queues(abilities.queues);
    response.set_has_attachment_custom_data(abilities.custom_data);
    response.set_supports_reserve_queue_value(abilities.queues);
}

std::chrono::microseconds Index::latency() {
    using Clock = std::chrono::steady_clock;
    std::array<Clock::duration, 11> taken{};
    const Pool::Lease connection = opened().pool->take();
    const Statement &ping = opened().statements->statement("ping");
    for (Clock::duration &each : taken) {
        const Clock::time_point begun = Clock::now();
        query(*connection, ping);
        each = Clock::now() - begun;
    }
    auto *const median = taken.begin() + taken.size() / 2;
    std::ranges::nth_element(taken, median);
    return std::chrono::duration_cast<std::chrono::microseconds>(*median);
}

std::int64_t Index::begin(Access access) {
    if (locked_out_) {
        throw Error(
            OrthancPluginErrorCode_DatabaseUnavailable,
            "index: another Orthanc server has taken the lock of the database while the connection was "
            R"(lost. End one of them, or set "Lock" to false in all.)");
    }
    Opened &opened = this->opened();
    auto transaction =
        std::make_unique<Transaction>(opened.pool->take(), *opened.statements, *opened.schema, access);
    ++transactions_;
    return reinterpret_cast<std::intptr_t>(transaction.release());
}

Transaction &Index::transaction(std::int64_t name) noexcept {
    // NOLINTNEXTLINE(performance-no-int-to-ptr)
    return *reinterpret_cast<Transaction *>(static_cast<std::intptr_t>(name));
}

void Index::finalize(std::int64_t name) noexcept {
    const std::unique_ptr<Transaction> ended(&transaction(name));
    --transactions_;
}

std::unique_ptr<Connection> Index::take_lock(Schema &schema) const {
    if (read_only_) {
        throw Error(OrthancPluginErrorCode_BadParameterType,
                    R"(index: "Lock" is true, and "ReadOnly" too: a lock writes. Set "Lock" to false.)");
    }
    std::unique_ptr<Connection> connection = backend_.opener();
    if (!schema.lock(*connection)) {
        throw Error(
            OrthancPluginErrorCode_Database,
            "index: another Orthanc server has locked the database. End it, or set \"Lock\" to false in "
            "all that share the database.");
    }
    return connection;
}

// The lock ends with its session: takes it again in a new one.
void Index::keep_lock() {
    if (!backend_.lock) {
        return;
    }
    std::unique_ptr<Connection> &lock = opened().lock;
    if (lock != nullptr && lock->usable() && lock->alive()) {
        return;
    }
    lock.reset();
    std::unique_ptr<Connection> connection = backend_.opener();
    if (!opened().schema->lock(*connection)) {
        if (!locked_out_.exchange(true)) {
            log_error(
                "The connection that had the lock of the database was lost, and another Orthanc server has "
                "the lock now. Nothing is read or written until this one has it again.");
        }
        return;
    }
    lock = std::move(connection);
    locked_out_ = false;
    log_warning("The connection that had the lock of the database was lost. The lock is taken again.");
}

void Index::keep_house(const std::stop_token &stopping) {
    std::unique_lock lock(mutex_);
    if (!changed_.wait(lock, stopping, [this] { return started_; })) {
        return;
    }
    while (!stopping.stop_requested()) {
        lock.unlock();
        guarded([this] { clean(); });
        lock.lock();
        changed_.wait_for(lock, stopping, backend_.housekeeping, [] { return false; });
    }
}

void Index::clean() {
    keep_lock();
    Pool &pool = *opened().pool;
    {
        const Pool::Lease connection = pool.take();
        opened().schema->housekeeping(*connection);
    }
    pool.tidy();
    measure();
}

void Index::measure() {
    const std::scoped_lock lock(mutex_);
    if (!stopped_) {
        OrthancPluginSetMetricsIntegerValue(host(), "orthanc_index_active_connections",
                                            static_cast<std::int64_t>(opened().pool->active()),
                                            OrthancPluginMetricsType_Default);
    }
}

} // namespace orthanc_images::database
