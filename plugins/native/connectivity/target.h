// One server that this one knows, and whether it answers.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace orthanc_images::connectivity {

// The kinds of servers, as the answer names them.
inline constexpr std::string_view MODALITIES = "Modalities";
inline constexpr std::string_view PEERS = "Peers";
inline constexpr std::string_view DICOM_WEB = "DicomWebServers";

inline constexpr std::string_view KINDS[] = {MODALITIES, PEERS, DICOM_WEB};

// A server, by its kind and its name.
using Target = std::pair<std::string, std::string>;

// What came of asking one server. `seconds` is how long that took.
struct Outcome {
    bool known = false;
    bool up = false;
    double seconds = 0;
    std::string error = {};
};

// Returns the names of the servers of a kind, or nothing, after a line in the log, where they cannot be read.
std::optional<std::vector<std::string>> names_of(std::string_view kind) noexcept;

// Asks one server. It throws nothing: what goes wrong is the outcome's error.
Outcome ask(const Target &target) noexcept;

} // namespace orthanc_images::connectivity
