// Models in the format Nexus, which a viewer reads in parts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace orthanc_images::stl {

// The tag that says who has made an instance of raw data has one of these values in those of the official
// plugin.
bool is_nexus_creator(std::string_view uid) noexcept;

// What the instances that are made here have there: that of its mainline.
inline constexpr char NEXUS_CREATOR_UID[] =
    "1.2.826.0.1.3680043.8.498.90514926286349109728701975613711986292";

// Tells whether the bytes begin as those of a Nexus model do.
bool is_nexus(std::string_view bytes) noexcept;

// The first and the last byte of a part of a model.
using Part = std::pair<std::size_t, std::size_t>;

// Returns the part that a header "Range" asks for, or nothing where it asks for none or for what is not
// there.
std::optional<Part> part_of(std::string_view range, std::size_t size);

using Model = std::shared_ptr<const std::string>;

// The models that were asked for last.
class Models {
  public:
    explicit Models(std::size_t most) : most_(most) {}

    // Returns the model of an instance, if it is here.
    Model find(const std::string &instance);

    // Keeps a model, and drops those that were not asked for the longest when there is no room.
    void add(const std::string &instance, const Model &model);

  private:
    std::mutex mutex_;
    std::list<std::pair<std::string, Model>> models_;
    std::size_t size_ = 0;
    const std::size_t most_;
};

} // namespace orthanc_images::stl
