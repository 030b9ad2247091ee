// Where worklists are: in a folder, or in the key-value store of Orthanc's index.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace orthanc_images::worklists {

struct Worklist {
    std::string id;
    std::string dicom;
    // When it was made, in UTC, such as 20261128T221500; empty for files.
    std::string created;
};

class Store {
  public:
    Store() = default;
    Store(const Store &) = delete;
    Store &operator=(const Store &) = delete;
    virtual ~Store() = default;

    // All of them, by their identifiers. What cannot be read is left out, and logged.
    virtual std::vector<Worklist> all() const = 0;

    // The one with this identifier.
    virtual std::optional<Worklist> find(const std::string &id) const = 0;

    // Keeps it, in place of one with its identifier.
    virtual void save(const Worklist &worklist) = 0;

    // Removes it; false when there is none.
    virtual bool remove(const std::string &id) = 0;
};

// The files *.wl of a folder.
std::unique_ptr<Store> folder_store(const std::string &folder);

// The index, under the key that the official plugin has: both find what the other one kept.
std::unique_ptr<Store> index_store();

} // namespace orthanc_images::worklists
