// The index: from OPEN to CLOSE.
#pragma once

#include "database/catalogue.h"
#include "database/driver/backend.h"
#include "database/driver/pool.h"
#include "database/index/transaction.h"
#include "database/makers.h"
#include "database/schema/schema.h"

#include "OrthancDatabasePlugin.pb.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>

namespace orthanc_images::database {

class Index {
  public:
    Index(Backend backend, SchemaMaker make_schema, bool read_only);
    Index(const Index &) = delete;
    Index &operator=(const Index &) = delete;
    ~Index();

    // Connects, takes the lock, makes or upgrades the schema, and begins to keep house once started() is
    // called.
    void open();

    // Ends what open() began; an Error where transactions are still open.
    void close();

    // Notes that Orthanc has started, and that it is about to stop: it takes no more metrics then.
    void started() noexcept;
    void stopped() noexcept;

    void describe(messages::GetSystemInformation_Response &response);

    // The median of what some trivial statements take.
    std::chrono::microseconds latency();

    // Begins a transaction, and returns what the core names it by, which is never 0.
    std::int64_t begin(Access access);

    // The transaction of this name.
    static Transaction &transaction(std::int64_t name) noexcept;

    // Ends the transaction of this name, and undoes what it has not committed.
    void finalize(std::int64_t name) noexcept;

  private:
    // What there is while the index is open; the later ends first.
    struct Opened {
        std::unique_ptr<Pool> pool;
        std::unique_ptr<Catalogue> statements;
        std::unique_ptr<Schema> schema;
        // The session that has the lock, if there is one.
        std::unique_ptr<Connection> lock;
    };

    Opened &opened();
    std::unique_ptr<Connection> take_lock(Schema &schema) const;
    void keep_lock();
    void keep_house(const std::stop_token &stopping);
    void clean();
    void measure();

    const Backend backend_;
    const SchemaMaker make_schema_;
    const bool read_only_;
    std::optional<Opened> opened_;
    std::atomic<std::int64_t> transactions_ = 0;
    // Whether another server has the lock that this one has lost.
    std::atomic<bool> locked_out_ = false;
    std::mutex mutex_;
    std::condition_variable_any changed_;
    bool started_ = false;
    bool stopped_ = false;
    std::jthread housekeeping_;
};

} // namespace orthanc_images::database
