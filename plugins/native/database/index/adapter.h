// Where Orthanc's core asks the index: protocol V4, messages of protobuf in both directions.
#pragma once

#include "database/index/index.h"

#include <orthanc/OrthancCPlugin.h>

#include <cstdint>
#include <memory>

namespace orthanc_images::database {

// Answers a request of the core; what it throws goes no further. `index` is an Index.
OrthancPluginErrorCode answer(OrthancPluginMemoryBuffer64 *target, void *index, const void *request,
                              std::uint64_t size) noexcept;

// Makes the index that of Orthanc, which ends it.
void register_index(std::unique_ptr<Index> index, std::uint32_t retries);

} // namespace orthanc_images::database
