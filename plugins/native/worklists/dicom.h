// DICOM files as JSON, and the reverse, by Orthanc.
#pragma once

#include "framework/json.h"

#include <orthanc/OrthancCPlugin.h>

#include <optional>
#include <string>
#include <string_view>

namespace orthanc_images::worklists {

// Returns the tags of a file, with texts in UTF-8; nothing when it is none.
std::optional<Json> tags_of(std::string_view dicom, OrthancPluginDicomToJsonFormat format);

// Returns a file with these tags; an Error when there is none.
std::string file_with(const Json &tags);

// Returns what the dictionary of DICOM says of a tag, such as "0010,0010", and UN when it does not know it.
OrthancPluginValueRepresentation representation(const std::string &tag);

} // namespace orthanc_images::worklists
