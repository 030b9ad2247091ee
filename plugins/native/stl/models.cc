#include "stl/models.h"

#include "framework/errors.h"
#include "framework/host.h"
#include "framework/rest.h"
#include "stl/bytes.h"
#include "stl/tags.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cctype>
#include <chrono>
#include <ctime>
#include <utility>
#include <vector>

namespace orthanc_images::stl {

namespace {

constexpr std::array<std::pair<const char *, const char *>, 21> NUMBERS{{
    {"SOPClassUID", "00080016"},
    {"Modality", "00080060"},
    {"Manufacturer", "00080070"},
    {"SeriesDescription", "0008103e"},
    {"ManufacturerModelName", "00081090"},
    {"CreatorVersionUID", "00089123"},
    {"AcquisitionDateTime", "0008002a"},
    {"DeviceSerialNumber", "00181000"},
    {"SoftwareVersions", "00181020"},
    {"SeriesNumber", "00200011"},
    {"InstanceNumber", "00200013"},
    {"FrameOfReferenceUID", "00200052"},
    {"PositionReferenceIndicator", "00201040"},
    {"BurnedInAnnotation", "00280301"},
    {"MeasurementUnitsCodeSequence", "004008ea"},
    {"ConceptNameCodeSequence", "0040a043"},
    {"DocumentTitle", "00420010"},
    {"ContentDate", "00080023"},
    {"ContentTime", "00080033"},
    {"SeriesDate", "00080021"},
    {"SeriesTime", "00080031"},
}};

// Returns the number of a tag that has a default, or the name as it is.
std::string number_of(const std::string &name) {
    const auto *const found =
        std::ranges::find_if(NUMBERS, [&](const auto &one) { return one.first == name; });
    if (found != NUMBERS.end()) {
        return found->second;
    }
    std::string number;
    for (const char one : name) {
        if (one != ',' && one != '-') {
            number += static_cast<char>(std::tolower(static_cast<unsigned char>(one)));
        }
    }
    return number;
}

std::string utc_now() {
    using namespace std::chrono;
    const auto now = time_point_cast<microseconds>(system_clock::now());
    const auto whole = floor<seconds>(now);
    const std::time_t time = system_clock::to_time_t(whole);
    std::tm parts{};
    gmtime_r(&time, &parts);
    std::array<char, 32> text{};
    const std::size_t length = std::strftime(text.data(), text.size(), "%Y%m%d%H%M%S", &parts);
    std::string fraction = std::to_string((now - whole).count());
    fraction.insert(0, 6 - fraction.size(), '0');
    return std::string(text.data(), length) + "." + fraction;
}

} // namespace

Json tags_of(const std::string &instance) {
    return get_json("/instances/" + instance + "/tags?short&ignore-length=3006-0050");
}

std::unique_ptr<Axes> axes_of_image(const std::string &uid) {
    if (uid.empty()) {
        return nullptr;
    }
    const Answer answer = call({.method = OrthancPluginHttpMethod_Post, .uri = "/tools/lookup", .body = uid});
    if (!answer.good()) {
        return nullptr;
    }
    for (const Json &one : parsed(answer.body.bytes(), "POST /tools/lookup")) {
        if (one.value("Type", "") == "Instance") {
            const Json tags = get_json("/instances/" + one.value("ID", "") + "/tags?short");
            const std::string text = text_of(tags, IMAGE_ORIENTATION_PATIENT);
            return text.empty() ? nullptr : std::make_unique<Axes>(axes_in(text));
        }
    }
    return nullptr;
}

std::string model_of(const Placed &placed, bool smoothed) {
    constexpr float HALF = 0.5F;
    Mesh mesh = surface_of(*placed.volume, HALF, 0, MOST_TRIANGLES);
    if (mesh.triangles.empty()) {
        throw Error(OrthancPluginErrorCode_BadFileFormat,
                    "the model would be empty: what it shows falls between two samples. Give a greater "
                    "Resolution.");
    }
    if (smoothed) {
        smooth(mesh);
    }
    place(mesh, placed.placement);
    return encoded(mesh);
}

std::string new_uid() {
    const Answer answer = call({.uri = "/tools/generate-uid?level=instance"});
    return std::string(answer.body.bytes());
}

Json model_tags(const std::string &description, const std::string &frame_of_reference) {
    return {
        {"SeriesDescription", description},
        {"DocumentTitle", description},
        {"SeriesNumber", "1"},
        {"InstanceNumber", "1"},
        {"FrameOfReferenceUID", frame_of_reference},
        {"PositionReferenceIndicator", ""},
        {"BurnedInAnnotation", "NO"},
        {"Manufacturer", MANUFACTURER},
        {"ManufacturerModelName", MODEL_NAME},
        {"DeviceSerialNumber", identity.version},
        {"SoftwareVersions", identity.version},
        {"AcquisitionDateTime", utc_now()},
        {"ConceptNameCodeSequence", Json::array()},
        {"MeasurementUnitsCodeSequence",
         Json::array({{{"CodeValue", "mm"}, {"CodingSchemeDesignator", "UCUM"}, {"CodeMeaning", "mm"}}})}};
}

Json created(const std::string &parent, const Json &tags, const Json &defaults, std::string_view content) {
    Json all = tags;
    std::vector<std::string> given;
    for (const auto &[name, value] : tags.items()) {
        given.push_back(number_of(name));
    }
    for (const auto &[name, value] : defaults.items()) {
        if (std::ranges::find(given, number_of(name)) == given.end()) {
            all[name] = value;
        }
    }
    Json request{{"Tags", all}};
    if (!parent.empty()) {
        request["Parent"] = parent;
    }
    if (all.contains(NEXUS_TAG)) {
        request["PrivateCreator"] = NEXUS_CREATOR;
    }
    std::string body = written(request);
    if (!content.empty()) {
        // It is too large to be copied once more. Nothing in it needs an escape.
        body.pop_back();
        body.append(R"(,"Content":"data:)").append(STL_TYPE).append(";base64,");
        body.append(in_base64(content)).append("\"}");
    }
    const Answer answer =
        call({.method = OrthancPluginHttpMethod_Post, .uri = "/tools/create-dicom", .body = body});
    if (!answer.good()) {
        throw Error(OrthancPluginErrorCode_BadRequest,
                    "Orthanc does not make the instance (POST /tools/create-dicom answers " +
                        std::to_string(answer.status) + "). See its log, and the Tags that were given.");
    }
    return parsed(answer.body.bytes(), "POST /tools/create-dicom");
}

} // namespace orthanc_images::stl
