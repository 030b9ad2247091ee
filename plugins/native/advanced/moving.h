// The job that moves files from one storage to another.
#pragma once

#include "framework/http.h"
#include "framework/jobs.h"

#include <memory>
#include <string>

namespace orthanc_images::advanced {

// POST /plugins/advanced-storage/move-storage
void move_storage(const Request &request, Response &response);

// Goes on with a job that Orthanc saved.
std::unique_ptr<Job> restored_move(const std::string &type, const std::string &saved);

} // namespace orthanc_images::advanced
