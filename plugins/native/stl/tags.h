// The tags of an instance as Orthanc's REST API gives them with "short": texts and sequences by number.
#pragma once

#include "framework/json.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace orthanc_images::stl {

inline constexpr char SOP_CLASS_UID[] = "0008,0016";
inline constexpr char SERIES_DESCRIPTION[] = "0008,103e";
inline constexpr char REFERENCED_SOP_INSTANCE_UID[] = "0008,1155";
inline constexpr char CREATOR_VERSION_UID[] = "0008,9123";
inline constexpr char FRAME_OF_REFERENCE_UID[] = "0020,0052";
inline constexpr char IMAGE_ORIENTATION_PATIENT[] = "0020,0037";
inline constexpr char MIME_TYPE[] = "0042,0012";
inline constexpr char STRUCTURE_SET_ROI_SEQUENCE[] = "3006,0020";
inline constexpr char ROI_NUMBER[] = "3006,0022";
inline constexpr char ROI_NAME[] = "3006,0026";
inline constexpr char ROI_DISPLAY_COLOR[] = "3006,002a";
inline constexpr char ROI_CONTOUR_SEQUENCE[] = "3006,0039";
inline constexpr char CONTOUR_IMAGE_SEQUENCE[] = "3006,0016";
inline constexpr char CONTOUR_SEQUENCE[] = "3006,0040";
inline constexpr char CONTOUR_GEOMETRIC_TYPE[] = "3006,0042";
inline constexpr char NUMBER_OF_CONTOUR_POINTS[] = "3006,0046";
inline constexpr char CONTOUR_DATA[] = "3006,0050";
inline constexpr char REFERENCED_ROI_NUMBER[] = "3006,0084";
inline constexpr char REFERENCED_FRAME_OF_REFERENCE_SEQUENCE[] = "3006,0010";

// Returns the text of a tag without blanks around it; nothing where there is none.
std::string text_of(const Json &tags, std::string_view tag);

// Returns the items of a sequence: an empty list where there is none.
const Json &items_of(const Json &tags, std::string_view tag);

// Returns the numbers between backslashes, or nothing if one of them is none.
std::optional<std::vector<double>> numbers_in(std::string_view text);

} // namespace orthanc_images::stl
