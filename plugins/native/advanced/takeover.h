// The SQLite file of the plugin Indexer (indexer-plugin.db), which is taken over into Orthanc's index once.
#pragma once

#include "advanced/sqlite.h"

#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>

namespace orthanc_images::advanced {

class Takeover {
  public:
    // Opens the file; an Error where it is none of Indexer's.
    explicit Takeover(std::string file);

    // The path that an attachment was linked to; nothing where it was none, or all has been taken over.
    std::optional<std::string> path_of(const std::string &uuid);

    // Copies all into Orthanc's index, and renames the file. What was copied before is copied again, so that
    // it may be interrupted at any time.
    void run(const std::stop_token &stopping);

  private:
    struct Close {
        void operator()(sqlite3 *database) const noexcept {
            sqlite3_close(database);
        }
    };

    std::size_t link_attachments(const std::stop_token &stopping);
    std::size_t copy_files(const std::stop_token &stopping);
    void retire();

    const std::string file_;
    std::mutex mutex_;
    std::unique_ptr<sqlite3, Close> database_;
};

} // namespace orthanc_images::advanced
