// What a request wants to be masked: its MaskPixelData.
#pragma once

#include "framework/json.h"

#include <array>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace orthanc_images::masker {

// Columns and rows of an image, counted from 0. The end is the first column and row that is outside.
struct Rectangle {
    std::uint32_t left = 0;
    std::uint32_t top = 0;
    std::uint32_t right = 0;
    std::uint32_t bottom = 0;
};

using Point = std::array<double, 3>;

// A box in the coordinates of the patient, in millimetres; its faces belong to it.
struct Box {
    Point least{};
    Point greatest{};
};

struct Region {
    // Such as "MaskPixelData.Regions[0]", for messages.
    std::string place;

    // One of them is there.
    std::optional<Rectangle> rectangle;
    std::optional<Box> box;

    // The value to fill with, or the width of the mean filter.
    std::optional<std::int64_t> fill;
    std::int64_t width = 0;

    // Orthanc's identifiers; all series, or instances, where they are empty.
    std::set<std::string> series;
    std::set<std::string> instances;

    bool applies_to(const std::string &instance, const std::string &parent) const {
        return (series.empty() || series.contains(parent)) &&
               (instances.empty() || instances.contains(instance));
    }
};

// Returns the regions of a value of MaskPixelData; an Error, BadRequest, names the place and the remedy.
std::vector<Region> regions_of(const Json &mask);

} // namespace orthanc_images::masker
