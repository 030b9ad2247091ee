#include "storage/names.h"

#include <orthanc/OrthancCPlugin.h>

namespace orthanc_images::storage {

namespace {

// The characters of an identifier that name its two folders.
constexpr std::size_t FOLDERS = 4;

const char *ending(std::int32_t type) {
    switch (type) {
    case OrthancPluginContentType_Dicom:
        return ".dcm";
    case OrthancPluginContentType_DicomAsJson:
        return ".json";
    case OrthancPluginContentType_DicomUntilPixelData:
        return ".dcm.head";
    default:
        return ".unk";
    }
}

// Tells whether an address may have the character as it is, whatever the locale.
bool unreserved(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

} // namespace

std::string Names::name(std::string_view uuid, std::int32_t type) const {
    if (uuid.size() <= FOLDERS) {
        return {};
    }
    std::string name = prefix;
    if (legacy) {
        name.append(uuid.substr(0, 2)).append("/").append(uuid.substr(2, 2)).append("/").append(uuid);
    } else {
        name.append(uuid).append(ending(type)).append(encrypted ? ".enc" : "");
    }
    return name;
}

std::string encoded(std::string_view text, bool slashes) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string found;
    found.reserve(text.size() + 16);
    for (const char c : text) {
        if (unreserved(c) || (slashes && c == '/')) {
            found += c;
        } else {
            const auto byte = static_cast<unsigned char>(c);
            found += '%';
            found += digits[byte >> 4U];
            found += digits[byte & 0xFU];
        }
    }
    return found;
}

} // namespace orthanc_images::storage
