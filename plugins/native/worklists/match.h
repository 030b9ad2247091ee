// Matching of worklists by what a modality asks for (DICOM PS3.4, C.2.2.2).
#pragma once

#include "framework/json.h"

#include <nlohmann/json.hpp>
#include <orthanc/OrthancCPlugin.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace orthanc_images::worklists {

// Returns the value representation of a tag, such as "0010,0010".
using Dictionary = std::function<OrthancPluginValueRepresentation(const std::string &tag)>;

// A condition for one value of a tag.
using Condition = std::function<bool(const std::string &value)>;

// A condition for an item with a date and a time, or nothing.
using Period = std::function<bool(const Json &item)>;

// The keys of a query that restrict what is found. Those without a value do not.
class Query {
  public:
    // `dataset` has tags such as "0010,0010"; a text for each, and a list of items for a sequence. Names of
    // persons are compared without regard to case unless `case_sensitive`.
    Query(const Json &dataset, const Dictionary &dictionary, bool case_sensitive);

    // Tells whether a worklist, in the same form, has what the query asks for.
    bool matches(const Json &dataset) const;

  private:
    bool restricts() const noexcept {
        return !values_.empty() || !sequences_.empty() || period_;
    }

    std::vector<std::pair<std::string, std::vector<Condition>>> values_;
    std::vector<std::pair<std::string, Query>> sequences_;
    Period period_;
};

} // namespace orthanc_images::worklists
