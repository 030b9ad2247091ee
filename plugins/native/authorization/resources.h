// Which resources of Orthanc a request reaches, with their parents and labels.
#pragma once

#include "authorization/cache.h"
#include "authorization/table.h"

#include "framework/json.h"

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace orthanc_images::authorization {

// One resource, or with Level::system a path, as the service is asked about it.
struct Access {
    Level level = Level::system;
    // Orthanc's identifier; the path for Level::system.
    std::string id;
    std::string uid = {};
    std::set<std::string> labels = {};
};

// What a path says about a resource.
struct Target {
    Level level = Level::system;
    // Orthanc's identifier; the path for Level::system.
    std::string id = {};
    // In place of that: the UIDs of a study, a series and an instance, or a PatientID.
    std::vector<std::string> uids = {};
    // The level is not known: it is that of the first resource with this identifier.
    bool any_level = false;
};

// The arguments of a query.
using Arguments = std::vector<std::pair<std::string_view, std::string_view>>;

// Tells which resources a path reaches. Compiled once; for any number of threads.
class Paths {
  public:
    // `dicomweb` is a pattern without slashes around it.
    explicit Paths(const std::string &dicomweb);

    // Returns at least one, but for an archive of nothing; an Error for arguments that contradict each other.
    std::vector<Target> targets(std::string_view path, const Arguments &arguments) const;

    // Tells whether the path is a list of all patients, studies, series or instances.
    static bool is_list(std::string_view path) noexcept;

    // Tells whether the path is that of DICOMweb's search for studies.
    bool is_search_of_studies(std::string_view path) const;

    // Tells whether DICOMweb sends what the body of a request to this path names, which nobody here reads.
    bool sends(std::string_view path) const;

  private:
    std::vector<Pattern> singles_;
    Pattern archive_;
    Pattern search_;
    Pattern studies_;
    Pattern stow_;
};

// What Orthanc says of resources, kept. For any number of threads; an unknown resource is an Error.
class Resources {
  public:
    // Returns the resource and its parents, the patient first.
    std::vector<Access> lineage(const Target &target);

    // The same, without labels.
    std::vector<Access> line(const Target &target);

    // Tells whether a resource has one of these labels.
    bool has_label(Level level, const std::string &id, const std::set<std::string> &any);

    // Returns what is at this level below a resource, with labels.
    static std::vector<Access> below(const Access &access, Level level);

    // Returns the identifier of the one study with this UID.
    std::string study(const std::string &uid);

    // Forgets a resource.
    void forget(const std::string &id);

  private:
    struct Facts {
        Level level;
        std::string uid;
        std::string parent;
    };

    std::shared_ptr<const Facts> facts(Level level, const std::string &id);
    std::shared_ptr<const std::set<std::string>> labels(Level level, const std::string &id);
    std::vector<Access> line_of(Level level, const std::string &id);
    static std::vector<std::string> found(Level level, const std::string &uid);
    std::string located(const Target &target);
    std::pair<Level, std::string> of_any_level(const std::string &id);

    Cache<Facts> facts_;
    Cache<std::set<std::string>> labels_;
    Cache<std::string> places_;
};

} // namespace orthanc_images::authorization
