// The files of this folder with what others have made: names, signatures, encrypted files.
#pragma once

#include <nlohmann/json.hpp>

#include <fstream>
#include <stdexcept>
#include <string>

namespace orthanc_images::tests {

inline nlohmann::json vectors(const std::string &file) {
    std::ifstream stream(std::string(STORAGE_VECTORS) + "/" + file);
    nlohmann::json rows = nlohmann::json::parse(stream).at("rows");
    if (rows.empty()) {
        throw std::runtime_error(file + " has no rows");
    }
    return rows;
}

inline bool has(const std::string &text, const std::string &part) {
    return text.find(part) != std::string::npos;
}

inline std::string from_hexadecimal(const std::string &text) {
    std::string found;
    for (std::size_t place = 0; place + 1 < text.size(); place += 2) {
        found += static_cast<char>(std::stoi(text.substr(place, 2), nullptr, 16));
    }
    return found;
}

} // namespace orthanc_images::tests
