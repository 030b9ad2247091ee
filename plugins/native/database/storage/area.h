// The files of Orthanc in a database: one row of the table StorageArea for each.
#pragma once

#include "database/catalogue.h"
#include "database/driver/backend.h"
#include "database/driver/connection.h"
#include "database/driver/pool.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>

namespace orthanc_images::database {

class Area {
  public:
    // Connects with the retries of the backend, makes the table where it is missing, and takes the lock. When
    // `read_only`, it checks the table only. What is wrong is an Error with a sentence.
    Area(Backend backend, bool read_only);
    Area(const Area &) = delete;
    Area &operator=(const Area &) = delete;
    ~Area();

    // Gives memory for a file of this size.
    using Allocate = std::function<std::span<char>(std::uint64_t size)>;

    void create(const std::string &uuid, std::int64_t type, std::string_view content);

    // Reads a file; UnknownResource where there is none with this type.
    void read(const std::string &uuid, std::int64_t type, const Allocate &allocate);

    // Reads what is from `start` on into all of `target`; BadRange where the file ends before.
    void read_range(const std::string &uuid, std::int64_t type, std::uint64_t start, std::span<char> target);

    // Deletes a file, if there is one.
    void remove(const std::string &uuid, std::int64_t type);

    // The largest file that the server takes, in bytes; none where nothing limits it.
    std::optional<std::uint64_t> limit() const noexcept {
        return limit_;
    }

  private:
    // A file, as the statements know it.
    struct File {
        const std::string &uuid;
        std::int64_t type;
    };

    void install(Connection &connection, bool read_only) const;
    void make_table(Connection &connection) const;
    void check_table(Connection &connection) const;
    bool holds(Connection &connection, std::string_view name) const;
    void tidy(const std::stop_token &stopping, bool locked);
    void keep_lock();
    void take_lock(const char *taken);

    void insert(Connection &connection, const File &file, std::string_view content) const;
    void fill(Connection &connection, const File &file, std::uint64_t start, std::span<char> target) const;
    std::uint64_t size(Connection &connection, const File &file) const;

    // Runs what may fail for a moment, on a connection of the pool, once or more often; it is told whether a
    // connection was lost before.
    void replayed(const std::function<void(Connection &, bool)> &work);

    const Backend backend_;
    Pool pool_;
    const Catalogue statements_;
    // The connection that has the lock, if there is one.
    std::unique_ptr<Connection> keeper_;
    std::optional<std::uint64_t> limit_;
    std::size_t piece_;
    std::jthread thread_;
};

} // namespace orthanc_images::database
