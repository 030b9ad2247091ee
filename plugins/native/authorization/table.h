// The table of permissions: which request needs which of them. The first entry that fits a request decides.
#pragma once

#include "authorization/pattern.h"

#include "framework/json.h"

#include <nlohmann/json.hpp>
#include <orthanc/OrthancCPlugin.h>

#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace orthanc_images::authorization {

// The usual table, in JSON.
extern const char *const default_permissions;

// What the patterns of single resources find: their level, and where their identifier is.
enum class Level { patient, study, series, instance, system };

// Returns "patient", … as the service reads it.
const char *level_name(Level level) noexcept;

// Returns "patients", … as Orthanc's paths have it; not for system.
const char *folder_of(Level level) noexcept;

// Returns the level of a name in any of the forms that Orthanc takes, such as Study, STUDIES or "series"; an
// Error that begins with `where` otherwise.
Level level_of(std::string_view name, const std::string &where);

// Returns the patterns for which SINGLE_RESOURCE_PATTERNS stands. `dicomweb` has no slashes around it.
std::vector<std::string> single_patterns(const std::string &dicomweb);

// One line.
struct Entry {
    OrthancPluginHttpMethod method;
    // As it is written in the table, and where.
    std::string written;
    std::string place;
    // SINGLE_RESOURCE_PATTERNS stands for several.
    std::vector<Pattern> patterns;
    // Empty: everybody.
    std::set<std::string> permissions;

    bool fits(OrthancPluginHttpMethod asked, std::string_view path) const;
};

// Returns an entry as the table has it; an Error that names `where` when it is wrong.
Entry entry_of(const Json &row, const std::string &where, const std::string &dicomweb);

class Table {
  public:
    Table() = default;

    // Adds the entries of a list; an Error that names `where` when one of them is wrong.
    void add(const Json &list, const std::string &where, const std::string &dicomweb);

    // Returns the number of the entry that decides, from 0; as many as there are when none does.
    std::size_t find(OrthancPluginHttpMethod method, std::string_view path) const;

    const std::vector<Entry> &entries() const noexcept {
        return entries_;
    }

  private:
    std::vector<Entry> entries_;
};

} // namespace orthanc_images::authorization
