// The settings of a plugin: its section of Orthanc's configuration, with types.
#pragma once

#include "framework/json.h"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace orthanc_images {

// The whole numbers from `least` to `most`.
struct Range {
    std::int64_t least = 0;
    std::int64_t most = INT64_MAX;
};

// One section. Whatever is wrong with a setting is an Error that names it, and never shows a text: it may be
// secret.
class Configuration {
  public:
    // All that Orthanc has.
    static Configuration whole();

    // The section, which Orthanc has or which is empty, such as "Authorization".
    static Configuration of(const std::string &section);

    // The section `path` with this content, an object.
    Configuration(std::string path, Json content);

    bool has(const std::string &name) const;

    // Each returns a setting, or `otherwise` where it is absent; without that, an absent one is an Error.
    std::string text(const std::string &name, const std::optional<std::string> &otherwise = {}) const;
    std::int64_t integer(const std::string &name, Range range,
                         std::optional<std::int64_t> otherwise = {}) const;
    bool flag(const std::string &name, std::optional<bool> otherwise = {}) const;
    std::vector<std::string> texts(const std::string &name,
                                   const std::optional<std::vector<std::string>> &otherwise = {}) const;

    // Returns the texts of a list that may be a mere text too.
    std::vector<std::string> one_or_more(const std::string &name,
                                         const std::optional<std::vector<std::string>> &otherwise = {}) const;

    // Returns the texts of an object, which is empty where it is absent.
    std::map<std::string, std::string> table(const std::string &name) const;

    // Returns a section within this one, which is empty where it is absent.
    Configuration section(const std::string &name) const;

  private:
    const Json *found(const std::string &name, bool optional, const std::string &remedy) const;
    std::string place(const std::string &name) const;

    std::string path_;
    Json content_;
};

} // namespace orthanc_images
