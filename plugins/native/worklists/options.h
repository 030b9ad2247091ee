// The section "Worklists" of the configuration.
#pragma once

#include "framework/configuration.h"

#include <chrono>
#include <string>

namespace orthanc_images::worklists {

struct Options {
    bool enabled = false;
    // Empty when the worklists are in the index.
    std::string folder;
    bool filter_by_caller = false;
    // 0: no limit.
    std::int64_t limit = 0;
    bool set_study = true;
    bool remove_with_study = true;
    std::chrono::seconds interval{60};
    // 0: never.
    std::chrono::hours age{0};
    bool log_matches = false;
    // Of Orthanc itself.
    bool case_sensitive_names = false;
};

// Reads the section. What is wrong with a setting is an Error that names it.
Options options_of(const Configuration &section, const Configuration &whole);

} // namespace orthanc_images::worklists
