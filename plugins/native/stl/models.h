// Models as DICOM: making instances with a model, and reading the model of one.
#pragma once

#include "framework/json.h"
#include "stl/contours.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace orthanc_images::stl {

inline constexpr char STL_TYPE[] = "model/stl";
inline constexpr char STL_CLASS[] = "1.2.840.10008.5.1.4.1.1.104.3";
inline constexpr char MANUFACTURER[] = "orthanc-images";
inline constexpr char MODEL_NAME[] = "STL plugin of orthanc-images";
// Where the official plugin keeps a Nexus model and whose tag that is, as Orthanc's REST API names them.
inline constexpr char NEXUS_TAG[] = "4205,1001";
inline constexpr char NEXUS_OWNER_TAG[] = "4205,0010";
inline constexpr char NEXUS_CREATOR[] = "OrthancSTL";
inline constexpr std::int64_t LEAST_RESOLUTION = 2;
inline constexpr std::int64_t MOST_RESOLUTION = 1024;
inline constexpr std::int64_t USUAL_RESOLUTION = 256;

// Models have no more triangles than this: 250 MB of STL, of which there are several copies while the
// instance is made.
inline constexpr std::size_t MOST_TRIANGLES = 5'000'000;

// Returns the tags of an instance by number; an Error, of status 404, when there is none of this identifier.
Json tags_of(const std::string &instance);

// Returns the directions of the image with this UID, or nothing where Orthanc lacks it.
std::unique_ptr<Axes> axes_of_image(const std::string &uid);

// Returns the surface in the volume as STL.
std::string model_of(const Placed &placed, bool smoothed);

// Makes an instance with the content, of this type; each default that `tags` has by name or number is left
// out. Returns what Orthanc answers.
Json created(const std::string &parent, const Json &tags, const Json &defaults, std::string_view content);

// Returns the defaults of a model's tags.
Json model_tags(const std::string &description, const std::string &frame_of_reference);

// Returns a new UID.
std::string new_uid();

} // namespace orthanc_images::stl
