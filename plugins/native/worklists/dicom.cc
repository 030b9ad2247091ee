#include "worklists/dicom.h"

#include "framework/errors.h"
#include "framework/memory.h"

#include <nlohmann/json.hpp>

#include <limits>

namespace orthanc_images::worklists {

std::optional<Json> tags_of(std::string_view dicom, OrthancPluginDicomToJsonFormat format) {
    if (dicom.empty() || dicom.size() > std::numeric_limits<std::uint32_t>::max()) {
        return {};
    }
    const Text text(OrthancPluginDicomBufferToJson(host(), dicom.data(),
                                                   static_cast<std::uint32_t>(dicom.size()), format,
                                                   OrthancPluginDicomToJsonFlags_SkipGroupLengths, 0));
    if (text == nullptr) {
        return {};
    }
    Json tags = Json::parse(text.get(), nullptr, false);
    return tags.is_object() ? std::optional(std::move(tags)) : std::nullopt;
}

std::string file_with(const Json &tags) {
    Buffer file;
    const OrthancPluginErrorCode code = OrthancPluginCreateDicom(host(), file.target(), written(tags).c_str(),
                                                                 nullptr, OrthancPluginCreateDicomFlags_None);
    if (code != OrthancPluginErrorCode_Success) {
        throw Error(
            OrthancPluginErrorCode_BadRequest,
            std::string("Tags: Orthanc makes no DICOM of them (") +
                OrthancPluginGetErrorDescription(host(), code) +
                "). Name them as DICOM does, with texts as values and lists of objects as sequences.");
    }
    return std::string(file.bytes());
}

OrthancPluginValueRepresentation representation(const std::string &tag) {
    OrthancPluginDictionaryEntry entry{};
    return OrthancPluginLookupDictionary(host(), &entry, tag.c_str()) == OrthancPluginErrorCode_Success
               ? entry.vr
               : OrthancPluginValueRepresentation_UN;
}

} // namespace orthanc_images::worklists
