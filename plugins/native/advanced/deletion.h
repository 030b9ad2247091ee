// Files that are deleted later, from a queue in Orthanc's index.
#pragma once

#include "advanced/settings.h"

#include <cstdint>
#include <set>
#include <stop_token>
#include <string>
#include <thread>

namespace orthanc_images::advanced {

class Deletion {
  public:
    // Begins to delete what is in the queue.
    explicit Deletion(const Settings &settings);

    // Puts a file into the queue.
    static void add(const std::string &path);

    // How many files are to be deleted.
    static std::uint64_t waiting();

  private:
    void run(const std::stop_token &stopping);
    bool remove_next();

    const Settings &settings_;
    const Deleting deleting_;
    // What could not be deleted, which is said once.
    std::set<std::string> refused_;
    std::jthread thread_;
};

} // namespace orthanc_images::advanced
