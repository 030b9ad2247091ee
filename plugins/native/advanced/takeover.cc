#include "advanced/takeover.h"

#include "advanced/adoption.h"
#include "advanced/place.h"
#include "advanced/stores.h"

#include "framework/errors.h"
#include "framework/log.h"

#include <filesystem>
#include <string_view>
#include <utility>

namespace orthanc_images::advanced {

namespace {

// A statement with its answer, row by row.
class Rows {
  public:
    Rows(sqlite3 *database, const char *sql, const std::string &argument = {}) : database_(database) {
        if (sqlite3_prepare_v2(database, sql, -1, &statement_, nullptr) != sqlite::OK) {
            fail();
        }
        // SQLite reads it while this value lives.
        argument_ = argument;
        if (!argument_.empty()) {
            sqlite3_bind_text(statement_, 1, argument_.data(), static_cast<int>(argument_.size()), nullptr);
        }
    }

    Rows(const Rows &) = delete;
    Rows &operator=(const Rows &) = delete;

    ~Rows() {
        sqlite3_finalize(statement_);
    }

    bool next() {
        const int code = sqlite3_step(statement_);
        if (code != sqlite::ROW && code != sqlite::DONE) {
            fail();
        }
        return code == sqlite::ROW;
    }

    std::string text(int column) const {
        const unsigned char *found = sqlite3_column_text(statement_, column);
        return found == nullptr
                   ? std::string()
                   : std::string(reinterpret_cast<const char *>(found), // NOLINT
                                 static_cast<std::size_t>(sqlite3_column_bytes(statement_, column)));
    }

    long long integer(int column) const {
        return sqlite3_column_int64(statement_, column);
    }

  private:
    [[noreturn]] void fail() {
        throw Error(OrthancPluginErrorCode_Database,
                    std::string("the file of the plugin Indexer cannot be read (") +
                        sqlite3_errmsg(database_) + "). Start once without it if it is damaged: rename it.");
    }

    sqlite3 *database_;
    sqlite3_stmt *statement_ = nullptr;
    std::string argument_;
};

} // namespace

Takeover::Takeover(std::string file) : file_(std::move(file)) {
    sqlite3 *opened = nullptr;
    const int code =
        sqlite3_open_v2(file_.c_str(), &opened, sqlite::OPEN_READ_WRITE | sqlite::OPEN_FULL_MUTEX, nullptr);
    database_.reset(opened);
    if (code != sqlite::OK) {
        throw Error(OrthancPluginErrorCode_Database,
                    file_ +
                        ": this file of the plugin Indexer cannot be opened. Make it writable for Orthanc.");
    }
    Rows(opened, "SELECT path, time, size, isDicom, instanceId FROM Files LIMIT 1").next();
    Rows(opened, "SELECT uuid, instanceId FROM Attachments LIMIT 1").next();
}

std::optional<std::string> Takeover::path_of(const std::string &uuid) {
    const std::scoped_lock lock(mutex_);
    if (database_ == nullptr) {
        return {};
    }
    Rows rows(database_.get(),
              "SELECT path FROM Files WHERE isDicom AND instanceId = "
              "(SELECT instanceId FROM Attachments WHERE uuid = ?1) ORDER BY path",
              uuid);
    std::optional<std::string> first;
    while (rows.next()) {
        std::string path = rows.text(0);
        std::error_code ignored;
        if (std::filesystem::is_regular_file(path, ignored)) {
            return path;
        }
        first = first ? first : std::optional(std::move(path));
    }
    return first;
}

std::size_t Takeover::link_attachments(const std::stop_token &stopping) {
    std::size_t count = 0;
    Rows rows(database_.get(), "SELECT uuid, instanceId FROM Attachments");
    while (!stopping.stop_requested() && rows.next()) {
        const std::string uuid = rows.text(0);
        const std::optional<std::string> path = path_of(uuid);
        // An attachment that is gone, or that has been taken over, needs nothing.
        const std::optional<std::string> custom = path ? custom_data_of(uuid) : std::nullopt;
        if (custom && custom->empty()) {
            set_custom_data_of(uuid, custom_data({.owned = false, .path = *path, .storage = {}}));
            adopted_paths().set(*path, owner_text(rows.text(1)));
            ++count;
        }
    }
    return count;
}

std::size_t Takeover::copy_files(const std::stop_token &stopping) {
    std::size_t count = 0;
    Rows rows(database_.get(), "SELECT path, time, size, isDicom, instanceId FROM Files");
    while (!stopping.stop_requested() && rows.next()) {
        const std::string path = rows.text(0);
        Indexed indexed;
        indexed.time = rows.integer(1);
        indexed.size = static_cast<std::uint64_t>(rows.integer(2));
        indexed.instance = rows.text(4);
        indexed.dicom = rows.integer(3) != 0 && adopted_paths().get(path).has_value();
        indexed_paths().set(path, indexed_text(indexed));
        ++count;
    }
    return count;
}

void Takeover::run(const std::stop_token &stopping) {
    const std::size_t links = link_attachments(stopping);
    const std::size_t files = copy_files(stopping);
    if (stopping.stop_requested()) {
        return;
    }
    retire();
    log_warning("Indexer: its file " + file_ + " has been taken over into Orthanc's index: " +
                std::to_string(links) + " instances and " + std::to_string(files) + " files. It is kept as " +
                file_ + ".taken-over, and no longer needed.");
}

void Takeover::retire() {
    const std::scoped_lock lock(mutex_);
    // All is in the one file then, and not in the one beside it.
    sqlite3_exec(database_.get(), "PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode = DELETE", nullptr,
                 nullptr, nullptr);
    database_.reset();
    std::error_code error;
    std::filesystem::rename(file_, file_ + ".taken-over", error);
    if (error) {
        log_warning("Indexer: its file " + file_ + " cannot be renamed (" + error.message() +
                    "), and is read again at the next start. Rename it.");
    }
}

} // namespace orthanc_images::advanced
