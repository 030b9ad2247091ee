#include "database/storage/area.h"

#include "database/driver/writing.h"

#include "framework/log.h"
#include "framework/threads.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <utility>

namespace orthanc_images::database {

namespace {

using namespace std::chrono_literals;

// What is held of a file beside the memory of Orthanc: enough that the time of a piece is that of its
// transfer. A server that takes whole rows looks at all of a row for each piece of it, so that these are
// larger.
constexpr std::size_t PIECE_OF_OBJECT = std::size_t{8} << 20;
constexpr std::size_t PIECE_OF_ROW = std::size_t{64} << 20;

// A server has a limited number of connections, and more of them do not move more bytes.
constexpr std::size_t MOST_CONNECTIONS = 10;
constexpr std::size_t LEAST_CONNECTIONS = 4;

constexpr auto TIDY_INTERVAL = 30s;
constexpr int SETUP_TRIES = 10;
constexpr auto SETUP_PAUSE = 500ms;

const char *section_of(SchemaKind schema) noexcept {
    switch (schema) {
    case SchemaKind::postgresql:
        return "PostgreSQL";
    case SchemaKind::mysql:
        return "MySQL";
    default:
        return "Odbc";
    }
}

// Opens a pool, and returns what its server speaks.
Dialect opened(Pool &pool) {
    pool.open();
    return pool.take()->dialect();
}

std::int64_t number(Connection &connection, const std::string &statement) {
    const auto answer = connection.query(statement);
    return answer->rows() == 0 || answer->null(0, 0) ? 0 : answer->integer(0, 0);
}

[[noreturn]] void unknown(const std::string &uuid, std::int64_t type) {
    throw Error(OrthancPluginErrorCode_UnknownResource,
                "file " + uuid + ": the database has none with the type " + std::to_string(type) + ".");
}

[[noreturn]] void beyond(const std::string &uuid, std::uint64_t start, std::uint64_t size) {
    throw Error(OrthancPluginErrorCode_BadRange, "file " + uuid + ": it ends before the " +
                                                     std::to_string(size) + " bytes from " +
                                                     std::to_string(start) + " on.");
}

// Tells whether somebody else has just deleted the large object ("does not exist", "concurrently deleted").
bool of_deleted(const StatementError &error) noexcept {
    return error.state() == "42704" || error.state() == "XX000";
}

// Waits as long as Orthanc itself does before another try, and differently for each thread.
void pause(std::size_t attempt) {
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    std::this_thread::sleep_for(attempt * 100ms +
                                std::chrono::duration_cast<std::chrono::microseconds>(now) % 45ms);
}

} // namespace

Area::Area(Backend backend, bool read_only)
    : backend_(std::move(backend)),
      pool_(backend_.opener, std::clamp(backend_.connections, LEAST_CONNECTIONS, MOST_CONNECTIONS), true,
            backend_.retries),
      statements_(backend_.schema, opened(pool_), "storage"),
      piece_(statements_.has("append") ? PIECE_OF_OBJECT : PIECE_OF_ROW) {
    const auto connection = pool_.take();
    install(*connection, read_only);
    if (statements_.has("limit")) {
        limit_ =
            static_cast<std::uint64_t>(std::max<std::int64_t>(number(*connection, statements_["limit"]), 0));
        piece_ =
            static_cast<std::size_t>(std::min<std::uint64_t>(piece_, std::max<std::uint64_t>(*limit_, 1)));
    }
    log_info("files are kept in " + connection->server() +
             (limit_ ? ", of up to " + std::to_string(*limit_) + " bytes." : "."));
    const bool locked = backend_.lock && !read_only && statements_.has("lock");
    if (locked) {
        take_lock("another Orthanc keeps its files in this database. Stop it, or set Lock to false for all "
                  "that share "
                  "it.");
    }
    thread_ =
        background("STORAGE", [this, locked](const std::stop_token &stopping) { tidy(stopping, locked); });
}

Area::~Area() = default;

void Area::tidy(const std::stop_token &stopping, bool locked) {
    std::mutex mutex;
    std::condition_variable_any never;
    std::unique_lock held(mutex);
    while (!never.wait_for(held, stopping, TIDY_INTERVAL, [&] { return stopping.stop_requested(); })) {
        if (locked) {
            guarded([this] { keep_lock(); });
        }
        pool_.tidy();
    }
}

void Area::take_lock(const char *taken) {
    keeper_.reset();
    auto connection = backend_.opener();
    if (number(*connection, statements_["lock"]) != 1) {
        throw Error(OrthancPluginErrorCode_Database,
                    std::string(section_of(backend_.schema)) + ".Lock: " + taken);
    }
    keeper_ = std::move(connection);
}

// The lock belongs to its session: a server that restarts, or that ends idle sessions, forgets it.
void Area::keep_lock() {
    if (keeper_ == nullptr || !keeper_->usable() || !keeper_->alive()) {
        take_lock("another Orthanc has taken the lock of this database while the connection was lost. Stop "
                  "one of the "
                  "two, or set Lock to false for both.");
    }
}

bool Area::holds(Connection &connection, std::string_view name) const {
    return number(connection, statements_[name]) > 0;
}

void Area::install(Connection &connection, bool read_only) const {
    const std::string where = std::string(section_of(backend_.schema)) + ", table StorageArea: ";
    const bool made = holds(connection, "installed");
    if (!made && read_only) {
        throw Error(OrthancPluginErrorCode_Database,
                    where +
                        "it is missing, and ReadOnly keeps it from being made. Start without ReadOnly once.");
    }
    if (made) {
        check_table(connection);
    }
    const bool ruled = made && (!statements_.has("rule-installed") || holds(connection, "rule-installed"));
    if (!read_only && (!made || !ruled)) {
        try {
            make_table(connection);
        } catch (const StatementError &error) {
            if (error.code() != OrthancPluginErrorCode_Database) {
                throw;
            }
            throw Error(error.code(), where + "it cannot be made: " + error.what() +
                                          " Give the user of the database the right to make tables.");
        }
    }
}

void Area::make_table(Connection &connection) const {
    if (statements_.has("lock-setup")) {
        for (int tries = 1; number(connection, statements_["lock-setup"]) != 1; ++tries) {
            if (tries == SETUP_TRIES) {
                throw Error(
                    OrthancPluginErrorCode_Plugin,
                    std::string(section_of(backend_.schema)) +
                        ": another Orthanc is setting up this database. Start again once it is done.");
            }
            std::this_thread::sleep_for(SETUP_PAUSE);
        }
    }
    // Another server may have been faster.
    const bool made = holds(connection, "installed");
    {
        Writing transaction(connection);
        if (!made) {
            connection.script(statements_["install"]);
        }
        if (statements_.has("install-rule") &&
            (!made || (statements_.has("rule-installed") && !holds(connection, "rule-installed")))) {
            if (made) {
                log_warning("the rule StorageAreaDelete was missing, as after a restore without rules: files "
                            "that were "
                            "deleted meanwhile still take space. vacuumlo frees it.");
            }
            connection.script(statements_["install-rule"]);
        }
        transaction.commit();
    }
    if (statements_.has("unlock-setup")) {
        number(connection, statements_["unlock-setup"]);
    }
}

void Area::check_table(Connection &connection) const {
    const auto answer = connection.query(statements_["content-type"]);
    const std::string &expected = statements_["expected-type"];
    if (answer->rows() == 0 || answer->text(0, 0) != expected) {
        const std::string found =
            answer->rows() == 0 ? "is missing" : "is " + std::string(answer->text(0, 0));
        throw Error(OrthancPluginErrorCode_Database,
                    std::string(section_of(backend_.schema)) + ", table StorageArea: its column content " +
                        found + " and not " + expected +
                        ". It belongs to another plugin: take the section of that one, or "
                        "another database.");
    }
}

void Area::replayed(const std::function<void(Connection &, bool)> &work) {
    std::size_t lost = 0;
    bool deleted = false;
    for (std::size_t attempt = 1;; ++attempt) {
        std::optional<Pool::Lease> connection(pool_.take());
        try {
            work(**connection, lost > 0);
            return;
        } catch (const StatementError &error) {
            // After a restart of the server, all that are idle are lost, and found out one by one.
            const bool passes = error.code() == OrthancPluginErrorCode_DatabaseUnavailable
                                    ? ++lost <= MOST_CONNECTIONS
                                    : error.code() == OrthancPluginErrorCode_DatabaseCannotSerialize ||
                                          (of_deleted(error) && !std::exchange(deleted, true));
            if (!passes || attempt > backend_.retries.most + lost) {
                throw;
            }
        }
        connection.reset();
        if (attempt > lost) {
            pause(attempt - lost);
        }
    }
}

void Area::create(const std::string &uuid, std::int64_t type, std::string_view content) {
    const File file{uuid, type};
    if (limit_ && content.size() > *limit_) {
        throw Error(OrthancPluginErrorCode_Database,
                    "file " + uuid + ": it has " + std::to_string(content.size()) +
                        " bytes, and the server takes " + std::to_string(*limit_) + " for one." +
                        (statements_.has("limit-remedy")
                             ? " " + statements_["limit-remedy"]
                             : " Keep files elsewhere: set EnableStorage to false."));
    }
    replayed([&](Connection &connection, bool lost) {
        try {
            insert(connection, file, content);
        } catch (const StatementError &error) {
            if (!error.duplicate()) {
                throw;
            }
            // An attempt may have been done when its connection was lost.
            if (!lost || size(connection, file) != content.size()) {
                throw Error(OrthancPluginErrorCode_Database,
                            "file " + uuid + ": the database has another one.");
            }
        }
    });
}

void Area::insert(Connection &connection, const File &file, std::string_view content) const {
    const std::string_view first = content.substr(0, statements_.has("append") ? piece_ : content.size());
    if (first.size() == content.size()) {
        connection.change(statements_["create"], {file.uuid, Bytes{first}, file.type});
        return;
    }
    Writing transaction(connection);
    connection.change(statements_["create"], {file.uuid, Bytes{first}, file.type});
    for (std::size_t done = first.size(); done < content.size(); done += piece_) {
        connection.query(statements_["append"], {static_cast<std::int64_t>(done),
                                                 Bytes{content.substr(done, piece_)}, file.uuid, file.type});
    }
    transaction.commit();
}

void Area::read(const std::string &uuid, std::int64_t type, const Allocate &allocate) {
    const File file{uuid, type};
    std::optional<std::span<char>> target;
    replayed([&](Connection &connection, bool) {
        std::size_t done = 0;
        {
            const auto first = connection.query(statements_["read-first"],
                                                {static_cast<std::int64_t>(piece_), file.uuid, file.type});
            if (first->rows() == 0) {
                unknown(uuid, type);
            }
            if (!target) {
                target = allocate(static_cast<std::uint64_t>(first->integer(0, 0)));
            }
            const std::string_view content = first->text(0, 1);
            if (content.size() != std::min(piece_, target->size())) {
                beyond(uuid, 0, target->size());
            }
            std::ranges::copy(content, target->begin());
            done = content.size();
        }
        if (done < target->size()) {
            fill(connection, file, done, target->subspan(done));
        }
    });
}

void Area::read_range(const std::string &uuid, std::int64_t type, std::uint64_t start,
                      std::span<char> target) {
    const File file{uuid, type};
    if (start > INT64_MAX) {
        beyond(uuid, start, target.size());
    }
    replayed([&](Connection &connection, bool) {
        if (!target.empty()) {
            fill(connection, file, start, target);
        } else if (size(connection, file) < start) {
            beyond(uuid, start, 0);
        }
    });
}

void Area::fill(Connection &connection, const File &file, std::uint64_t start, std::span<char> target) const {
    for (std::size_t done = 0; done < target.size(); done += piece_) {
        const std::span<char> part = target.subspan(done, std::min(piece_, target.size() - done));
        const auto answer = connection.query(statements_["read"],
                                             {static_cast<std::int64_t>(start + done),
                                              static_cast<std::int64_t>(part.size()), file.uuid, file.type});
        if (answer->rows() == 0) {
            unknown(file.uuid, file.type);
        }
        const std::string_view content = answer->text(0, 0);
        if (content.size() != part.size()) {
            beyond(file.uuid, start, target.size());
        }
        std::ranges::copy(content, part.begin());
    }
}

std::uint64_t Area::size(Connection &connection, const File &file) const {
    const auto answer = connection.query(statements_["size"], {file.uuid, file.type});
    if (answer->rows() == 0) {
        unknown(file.uuid, file.type);
    }
    return static_cast<std::uint64_t>(answer->integer(0, 0));
}

void Area::remove(const std::string &uuid, std::int64_t type) {
    replayed([&](Connection &connection, bool) { connection.change(statements_["remove"], {uuid, type}); });
}

} // namespace orthanc_images::database
