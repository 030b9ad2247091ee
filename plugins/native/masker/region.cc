#include "masker/region.h"

#include "framework/errors.h"
#include "pixels/patch.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <span>
#include <string_view>

namespace orthanc_images::masker {

namespace {

constexpr std::int64_t MOST_PLACE = UINT16_MAX; // rows and columns of an image

[[noreturn]] void refuse(const std::string &place, const std::string &wrong) {
    throw Error(OrthancPluginErrorCode_BadRequest, place + ": " + wrong);
}

void check_names(const Json &object, const std::string &place, std::span<const std::string_view> names) {
    if (!object.is_object()) {
        refuse(place, "an object is expected.");
    }
    for (const auto &[name, value] : object.items()) {
        if (std::ranges::find(names, name) == names.end()) {
            std::string known;
            for (const std::string_view one : names) {
                known += (known.empty() ? "" : ", ") + std::string(one);
            }
            refuse(place,
                   std::string("'").append(name).append("' is not known. There are ").append(known) + ".");
        }
    }
}

const Json &member(const Json &object, const std::string &place, const char *name,
                   const std::string &remedy) {
    const auto found = object.find(name);
    if (found == object.end()) {
        refuse(place + "." + name, "it is absent. " + remedy);
    }
    return *found;
}

std::string choice_of(const Json &object, const std::string &place, const char *name, const char *one,
                      const char *other) {
    const std::string remedy = "Give \"" + std::string(one) + "\" or \"" + other + "\".";
    const Json &value = member(object, place, name, remedy);
    if (value != one && value != other) {
        refuse(place + "." + name, written(value) + " is neither of the two. " + remedy);
    }
    return value.get<std::string>();
}

std::vector<double> numbers_of(const Json &region, const std::string &place, const char *name,
                               std::size_t count, const char *what) {
    const std::string remedy = "Give the " + std::string(what) + ", such as " +
                               (count == 2 ? "[150, 100]." : "[-150.5, -250.4, -811].");
    const Json &value = member(region, place, name, remedy);
    const auto is_number = [](const Json &one) {
        return one.is_number() && std::isfinite(one.get<double>());
    };
    if (!value.is_array() || value.size() != count || !std::ranges::all_of(value, is_number)) {
        refuse(place + "." + name,
               written(value) + " is not a list of " + std::to_string(count) + " numbers. " + remedy);
    }
    return value.get<std::vector<double>>();
}

Rectangle rectangle_of(const Json &region, const std::string &place) {
    constexpr const char *what = "column and the row, counted from 0";
    std::array<std::vector<double>, 2> corners = {numbers_of(region, place, "Origin", 2, what),
                                                  numbers_of(region, place, "End", 2, what)};
    for (const double one : {corners[0][0], corners[0][1], corners[1][0], corners[1][1]}) {
        if (one < 0 || one > static_cast<double>(MOST_PLACE) || one != std::floor(one)) {
            refuse(place, "a column or row of Origin or End is no whole number from 0 to " +
                              std::to_string(MOST_PLACE) +
                              ". A place in millimetres needs the RegionType \"3D\".");
        }
    }
    if (corners[0][0] >= corners[1][0] || corners[0][1] >= corners[1][1]) {
        refuse(place,
               "there is nothing between Origin and End. End is the first column and row that is outside: "
               "it is greater than Origin in both.");
    }
    return {.left = static_cast<std::uint32_t>(corners[0][0]),
            .top = static_cast<std::uint32_t>(corners[0][1]),
            .right = static_cast<std::uint32_t>(corners[1][0]),
            .bottom = static_cast<std::uint32_t>(corners[1][1])};
}

Box box_of(const Json &region, const std::string &place) {
    constexpr const char *what = "x, y and z of a corner, in millimetres";
    const std::vector<double> one = numbers_of(region, place, "Origin", 3, what);
    const std::vector<double> other = numbers_of(region, place, "End", 3, what);
    Box box;
    for (std::size_t i = 0; i < one.size(); ++i) {
        box.least[i] = std::min(one[i], other[i]);
        box.greatest[i] = std::max(one[i], other[i]);
    }
    return box;
}

std::set<std::string> targets_of(const Json &region, const std::string &place, const char *name) {
    const auto found = region.find(name);
    if (found == region.end()) {
        return {};
    }
    const auto is_text = [](const Json &one) { return one.is_string(); };
    if (!found->is_array() || !std::ranges::all_of(*found, is_text)) {
        refuse(place + "." + name, "a list of Orthanc's identifiers is expected.");
    }
    return found->get<std::set<std::string>>();
}

void read_type(const Json &json, Region &region) {
    const bool fills = choice_of(json, region.place, "MaskType", "Fill", "MeanFilter") == "Fill";
    const char *name = fills ? "FillValue" : "FilterWidth";
    const char *other = fills ? "FilterWidth" : "FillValue";
    const std::string remedy = fills ? "Give the value to store, such as 0."
                                     : "Give the width of the filter in pixels, from 2 to " +
                                           std::to_string(pixels::MOST_MEAN_WIDTH) + ", such as 20.";
    const Json &value = member(json, region.place, name, remedy);
    if (!value.is_number_integer() ||
        (value.is_number_unsigned() && value.get<std::uint64_t>() > UINT32_MAX)) {
        refuse(region.place + "." + name, written(value) + " is no whole number. " + remedy);
    }
    const auto number = value.get<std::int64_t>();
    if (json.contains(other)) {
        refuse(region.place + "." + other, "it does not belong to this MaskType. Remove it.");
    }
    if (fills) {
        region.fill = number;
    } else if (number < 2 || number > pixels::MOST_MEAN_WIDTH) {
        refuse(region.place + "." + name, written(value) + " is not possible. " + remedy);
    } else {
        region.width = number;
    }
}

Region region_of(const Json &json, std::string place) {
    constexpr std::array<std::string_view, 8> names = {"MaskType",     "FillValue",      "FilterWidth",
                                                       "RegionType",   "Origin",         "End",
                                                       "TargetSeries", "TargetInstances"};
    check_names(json, place, names);
    Region region;
    region.place = std::move(place);
    read_type(json, region);
    if (choice_of(json, region.place, "RegionType", "2D", "3D") == "2D") {
        region.rectangle = rectangle_of(json, region.place);
    } else {
        region.box = box_of(json, region.place);
    }
    region.series = targets_of(json, region.place, "TargetSeries");
    region.instances = targets_of(json, region.place, "TargetInstances");
    return region;
}

} // namespace

std::vector<Region> regions_of(const Json &mask) {
    constexpr std::array<std::string_view, 1> names = {"Regions"};
    check_names(mask, "MaskPixelData", names);
    const std::string place = "MaskPixelData";
    const std::string remedy = "Give a list of regions.";
    const Json &list = member(mask, place, "Regions", remedy);
    if (!list.is_array() || list.empty()) {
        refuse("MaskPixelData.Regions", "a list with one region or more is expected.");
    }
    std::vector<Region> regions;
    for (const Json &one : list) {
        regions.push_back(region_of(one, "MaskPixelData.Regions[" + std::to_string(regions.size()) + "]"));
    }
    return regions;
}

} // namespace orthanc_images::masker
