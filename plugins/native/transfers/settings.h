// The section "Transfers" of the configuration.
#pragma once

#include <cstdint>
#include <string>

namespace orthanc_images::transfers {

struct Settings {
    unsigned int threads = 4;
    // In bytes.
    std::uint64_t bucket = 4096 * std::uint64_t{1024};
    std::uint64_t cache = std::uint64_t{512} * 1024 * 1024;
    std::size_t pushes = 4;
    unsigned int retries = 0;
    // In seconds.
    std::uint32_t connectivity_timeout = 2;
    std::uint32_t commit_timeout = 600;
    unsigned int commit_threads = 1;
    // Where what is received waits.
    std::string folder;
};

} // namespace orthanc_images::transfers
