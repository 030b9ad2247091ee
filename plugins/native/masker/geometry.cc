#include "masker/geometry.h"

#include "framework/errors.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string>
#include <string_view>

namespace orthanc_images::masker {

namespace {

constexpr const char *POSITION = "0020,0032";
constexpr const char *ORIENTATION = "0020,0037";
constexpr const char *SPACING = "0028,0030";
constexpr const char *FRAMES = "5200,9230";
constexpr const char *SHARED = "5200,9229";
constexpr const char *POSITIONS = "0020,9113";
constexpr const char *ORIENTATIONS = "0020,9116";
constexpr const char *MEASURES = "0028,9110";

// What is not more than this outside of a box, in millimetres, is in it: positions are decimal numbers.
constexpr double TOLERANCE = 1e-6;

[[noreturn]] void refuse_plane(const std::string &what) {
    throw Error(OrthancPluginErrorCode_BadRequest, what);
}

// Returns the numbers of a text such as "0.5\0.5"; none where it is something else.
std::vector<double> numbers_in(const Json &text) {
    std::vector<double> numbers;
    if (!text.is_string()) {
        return numbers;
    }
    std::string_view left = text.get_ref<const std::string &>();
    while (true) {
        const std::string_view part = left.substr(0, left.find('\\'));
        const std::size_t begin = std::min(part.find_first_not_of(" +"), part.size());
        const std::size_t end = part.find_last_not_of(std::string_view(" \0", 2)) + 1;
        const std::string_view digits = part.substr(begin, std::max(end, begin) - begin);
        double number = 0;
        const auto [rest, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
        if (error != std::errc() || rest != digits.data() + digits.size() || !std::isfinite(number)) {
            return {};
        }
        numbers.push_back(number);
        if (part.size() == left.size()) {
            return numbers;
        }
        left.remove_prefix(part.size() + 1);
    }
}

// Returns the only item of a sequence, or nullptr.
const Json *item_of(const Json &item, const char *sequence) {
    const auto found = item.find(sequence);
    return found == item.end() || !found->is_array() || found->empty() ? nullptr : &found->front();
}

// Returns what a frame says in one of its functional groups, or what all frames share.
const Json *group_of(const Json &tags, std::size_t frame, const char *sequence) {
    const auto frames = tags.find(FRAMES);
    if (frames != tags.end() && frames->is_array() && frame < frames->size()) {
        if (const Json *const own = item_of((*frames)[frame], sequence)) {
            return own;
        }
    }
    const Json *const shared = item_of(tags, SHARED);
    return shared == nullptr ? nullptr : item_of(*shared, sequence);
}

std::vector<double> attribute(const Json *item, const char *tag, std::size_t count, const char *name) {
    const auto found = item == nullptr ? Json::const_iterator() : item->find(tag);
    if (item == nullptr || found == item->end()) {
        refuse_plane(std::string(name) + " is absent");
    }
    std::vector<double> numbers = numbers_in(*found);
    if (numbers.size() != count) {
        refuse_plane(std::string(name) + " is not " + std::to_string(count) + " numbers");
    }
    return numbers;
}

Plane plane_of(const Json *position, const Json *orientation, const Json *measures) {
    const std::vector<double> origin = attribute(position, POSITION, 3, "ImagePositionPatient");
    const std::vector<double> cosines = attribute(orientation, ORIENTATION, 6, "ImageOrientationPatient");
    const std::vector<double> spacing = attribute(measures, SPACING, 2, "PixelSpacing");
    if (spacing[0] <= 0 || spacing[1] <= 0) {
        refuse_plane("PixelSpacing is not greater than 0");
    }
    Plane plane;
    for (std::size_t i = 0; i < 3; ++i) {
        plane.origin[i] = origin[i];
        plane.column[i] = cosines[i] * spacing[1]; // the second is the distance of columns
        plane.row[i] = cosines[3 + i] * spacing[0];
    }
    return plane;
}

struct Interval {
    std::uint32_t begin = 0;
    std::uint32_t end = 0;

    bool operator==(const Interval &) const = default;
};

// Returns the columns of a row that are in the box.
Interval columns_in(const Box &box, const Plane &plane, std::uint32_t row, std::uint32_t columns) {
    double least = 0;
    double greatest = static_cast<double>(columns) - 1;
    for (std::size_t i = 0; i < 3; ++i) {
        const double begin = plane.origin[i] + row * plane.row[i];
        const double low = box.least[i] - TOLERANCE - begin;
        const double high = box.greatest[i] + TOLERANCE - begin;
        const double step = plane.column[i];
        if (std::abs(step) * columns < TOLERANCE) { // the whole row has this coordinate
            if (low > 0 || high < 0) {
                return {};
            }
            continue;
        }
        least = std::max(least, std::min(low / step, high / step));
        greatest = std::min(greatest, std::max(low / step, high / step));
    }
    least = std::ceil(least);
    greatest = std::floor(greatest);
    if (least > greatest) {
        return {};
    }
    return {.begin = static_cast<std::uint32_t>(least), .end = static_cast<std::uint32_t>(greatest) + 1};
}

} // namespace

std::vector<Plane> planes_of(const Json &tags, std::uint32_t frames) {
    std::vector<Plane> planes;
    if (tags.contains(FRAMES) || tags.contains(SHARED)) {
        for (std::uint32_t frame = 0; frame < frames; ++frame) {
            planes.push_back(plane_of(group_of(tags, frame, POSITIONS), group_of(tags, frame, ORIENTATIONS),
                                      group_of(tags, frame, MEASURES)));
        }
        return planes;
    }
    if (frames > 1) {
        refuse_plane("its " + std::to_string(frames) + " frames have no position each (functional groups)");
    }
    planes.push_back(plane_of(&tags, &tags, &tags));
    return planes;
}

std::vector<Rectangle> inside(const Box &box, const Plane &plane, std::uint32_t rows, std::uint32_t columns) {
    std::vector<Rectangle> found;
    Interval before;
    for (std::uint32_t row = 0; row < rows; ++row) {
        const Interval now = columns_in(box, plane, row, columns);
        if (now.begin != now.end && now == before) {
            ++found.back().bottom;
        } else if (now.begin != now.end) {
            found.push_back({.left = now.begin, .top = row, .right = now.end, .bottom = row + 1});
        }
        before = now;
    }
    return found;
}

} // namespace orthanc_images::masker
