// The outcomes as metrics of Orthanc.
#pragma once

#include "connectivity/checks.h"

#include <mutex>
#include <set>
#include <string>

namespace orthanc_images::connectivity {

// Returns a metric of a server with its labels, as Prometheus writes it, such as
// orthanc_connectivity_up{kind="modality",name="ct"}.
std::string metric(std::string_view what, const Target &target);

// What Orthanc was told of servers.
class Metrics {
  public:
    // Tells Orthanc what came of asking. Orthanc forgets no metric: one of a server that is gone is no number
    // from then on.
    void tell(const Outcomes &outcomes);

  private:
    std::mutex mutex_;
    std::set<Target> told_;
};

} // namespace orthanc_images::connectivity
