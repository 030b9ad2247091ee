// What the plugin does with worklists: it finds them for modalities, answers REST, and removes old ones.
#pragma once

#include "worklists/options.h"
#include "worklists/store.h"

#include "framework/http.h"
#include "framework/json.h"

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>

namespace orthanc_images::worklists {

// It is called by several threads at once.
class Server {
  public:
    Server(Options options, std::unique_ptr<Store> store)
        : options_(std::move(options)), store_(std::move(store)) {}

    const Options &options() const noexcept {
        return options_;
    }

    // Calls `answer` with each worklist that the query of a modality, with tags such as "0010,0010", asks
    // for; false when the limit was reached before the end.
    bool find(Json query, const std::string &caller,
              const std::function<void(const Worklist &)> &answer) const;

    // GET /worklists, POST /worklists/create, and GET, PUT, DELETE /worklists/{id}.
    void list(const Request &request, Response &response) const;
    void create(const Request &request, Response &response);
    void one(const Request &request, Response &response);

    // Removes what is too old, or has a stable study in Orthanc; returns how many.
    std::size_t tidy(std::chrono::system_clock::time_point now);

  private:
    std::string file_of(const Request &request) const;
    bool over(const Worklist &worklist, std::chrono::system_clock::time_point now) const;

    const Options options_;
    const std::unique_ptr<Store> store_;
    std::mutex mutex_;
    // Those that could not be removed: each one is told once.
    std::set<std::string> stuck_;
};

} // namespace orthanc_images::worklists
