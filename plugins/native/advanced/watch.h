// What changes in folders, told by the kernel (inotify) where it can.
#pragma once

#include "advanced/files.h"

#include <chrono>
#include <set>
#include <stop_token>
#include <string>
#include <unordered_map>

namespace orthanc_images::advanced {

class Watch {
  public:
    Watch();

    // Watches a folder, but none below it.
    void add(const std::string &folder);

    // Waits for changes, for so long at most, and returns the paths that have changed.
    std::set<std::string> wait(std::chrono::milliseconds longest, const std::stop_token &stopping);

    // Whether every change is told: no folder is on a network, none was left out because there are too many,
    // and no change was lost. What was lost is forgotten with `forget`, once all was looked at.
    bool complete() const noexcept {
        return complete_ && !lost_;
    }

    bool lost() const noexcept {
        return lost_;
    }

    void forget() noexcept {
        lost_ = false;
    }

  private:
    void read_changes(std::set<std::string> &changed);

    Descriptor descriptor_;
    std::unordered_map<int, std::string> folders_;
    bool complete_ = true;
    bool lost_ = false;
};

} // namespace orthanc_images::advanced
