#include "stl/contours.h"

#include "framework/errors.h"
#include "stl/tags.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <utility>

namespace orthanc_images::stl {

namespace {

// Contours are written with two decimals or so, in millimetres.
constexpr double FLAT = 0.05;
constexpr double SAME_HEIGHT = 0.01;
// The cosine beyond which two directions are not perpendicular.
constexpr double PERPENDICULAR = 1e-3;
// How far from a slice a contour may be, in distances of slices.
constexpr double NEAR = 0.1;
constexpr std::size_t MOST_HEIGHTS = 10'000;
constexpr double MOST_SLICES = 1e6;
constexpr double MOST_COLOUR = 255;
constexpr std::uint16_t NOT_PARALLEL = 501;
// No patient is farther from the origin than a kilometre.
constexpr double FARTHEST = 1e6;

[[noreturn]] void refuse_contours(const std::string &what) {
    throw Error(OrthancPluginErrorCode_BadFileFormat, "RT-STRUCT: " + what);
}

// --- what is in the file

void check_colour(const Json &item, const std::string &where) {
    const std::string text = text_of(item, ROI_DISPLAY_COLOR);
    if (text.empty()) {
        return;
    }
    const auto colour = numbers_in(text);
    const bool good = colour && colour->size() == 3 &&
                      std::ranges::all_of(*colour, [](double one) { return one >= 0 && one <= MOST_COLOUR; });
    if (!good) {
        refuse_contours(where + ": ROIDisplayColor is \"" + text +
                        "\", and not three numbers from 0 to 255.");
    }
}

std::string image_of(const Json &item, const std::string &where) {
    const Json &images = items_of(item, CONTOUR_IMAGE_SEQUENCE);
    if (images.size() > 1) {
        refuse_contours(where + ": ContourImageSequence names " + std::to_string(images.size()) +
                        " images. A contour in one plane lies on one image.");
    }
    return images.empty() ? std::string() : text_of(images.front(), REFERENCED_SOP_INSTANCE_UID);
}

Contour contour_in(const Json &item, const std::string &where) {
    const auto numbers = numbers_in(text_of(item, CONTOUR_DATA));
    if (!numbers || numbers->empty() || numbers->size() % 3 != 0) {
        refuse_contours(where + ": ContourData is no list of points with three coordinates each.");
    }
    if (std::ranges::any_of(*numbers, [](double one) { return std::abs(one) > FARTHEST; })) {
        refuse_contours(where + ": a point in ContourData is more than a kilometre from the origin.");
    }
    Contour contour;
    contour.image = image_of(item, where);
    for (std::size_t at = 0; at < numbers->size(); at += 3) {
        contour.points.push_back({(*numbers)[at], (*numbers)[at + 1], (*numbers)[at + 2]});
    }
    const std::string count = text_of(item, NUMBER_OF_CONTOUR_POINTS);
    if (!count.empty() && count != std::to_string(contour.points.size())) {
        refuse_contours(where + ": NumberOfContourPoints is " + count + ", but there are " +
                        std::to_string(contour.points.size()) + " points.");
    }
    return contour;
}

Region region_in(const Json &item, const std::string &name, bool wanted) {
    Region region{name, {}};
    const std::string whole = "the region \"" + name + "\"";
    check_colour(item, whole);
    std::size_t number = 0;
    for (const Json &one : items_of(item, CONTOUR_SEQUENCE)) {
        const std::string where = whole + ", contour " + std::to_string(++number);
        const std::string kind = text_of(one, CONTOUR_GEOMETRIC_TYPE);
        if (kind == "CLOSED_PLANAR") {
            region.contours.push_back(contour_in(one, where));
        } else if (wanted) {
            refuse_contours(where + ": is " + (kind.empty() ? "of no type" : kind) +
                            ", and only CLOSED_PLANAR encloses anything. Choose other regions.");
        }
    }
    if (wanted && region.contours.empty()) {
        refuse_contours(whole + ": has no contours. Choose other regions.");
    }
    return region;
}

std::map<std::string, std::string> names_by_number(const Json &tags) {
    const Json &items = items_of(tags, STRUCTURE_SET_ROI_SEQUENCE);
    if (items.empty()) {
        refuse_contours("there is no StructureSetROISequence: it is no RT-STRUCT, or it has no regions.");
    }
    std::map<std::string, std::string> names;
    for (const Json &item : items) {
        const std::string number = text_of(item, ROI_NUMBER);
        if (number.empty() || !names.emplace(number, text_of(item, ROI_NAME)).second) {
            refuse_contours("StructureSetROISequence: \"" + number +
                            "\" is not the number of one region. Each needs a ROINumber of its own.");
        }
    }
    return names;
}

// --- planes and slices

// Returns a vector that is perpendicular to the contour, and as long as twice its area.
Place normal_of(const std::vector<Place> &points) {
    Place sum{};
    for (std::size_t at = 1; at + 1 < points.size(); ++at) {
        const Place one = cross(minus(points[at], points[0]), minus(points[at + 1], points[0]));
        sum = {sum[0] + one[0], sum[1] + one[1], sum[2] + one[2]};
    }
    return sum;
}

bool flat(const std::vector<Place> &points, const Place &normal) {
    return std::ranges::all_of(
        points, [&](const Place &point) { return std::abs(dot(minus(point, points[0]), normal)) <= FLAT; });
}

double height_of(const Contour &contour, const Place &normal) {
    double sum = 0;
    for (const Place &point : contour.points) {
        sum += dot(point, normal);
    }
    return sum / static_cast<double>(contour.points.size());
}

// Returns the direction that all contours are perpendicular to.
Place common_normal(const std::vector<Region> &regions) {
    Place largest{};
    for (const Region &region : regions) {
        for (const Contour &contour : region.contours) {
            const Place normal = normal_of(contour.points);
            if (dot(normal, normal) > dot(largest, largest)) {
                largest = normal;
            }
        }
    }
    if (length_of(largest) < FLAT * FLAT) {
        refuse_contours("no contour encloses anything.");
    }
    const Place normal = unit(largest);
    for (const Region &region : regions) {
        std::size_t number = 0;
        for (const Contour &contour : region.contours) {
            const std::string where =
                "the region \"" + region.name + "\", closed contour " + std::to_string(++number);
            const Place own = normal_of(contour.points);
            if (flat(contour.points, normal)) {
                continue;
            }
            if (length_of(own) > 0 && flat(contour.points, unit(own))) {
                throw HttpError(NOT_PARALLEL, "RT-STRUCT: " + where +
                                                  ": is not parallel to the others. Only parallel contours "
                                                  "can be a model.");
            }
            refuse_contours(where + ": its points are not in one plane.");
        }
    }
    return normal;
}

// Where the slices are: at `origin` and at each `distance` from there, `count` of them.
struct Slices {
    double origin = 0;
    double distance = 1;
    std::size_t count = 1;

    // The slice at a height, if there is one.
    std::optional<std::size_t> at(double height) const {
        const double number = std::round((height - origin) / distance);
        if (number < 0 || number >= static_cast<double>(count) ||
            std::abs(height - origin - (number * distance)) > NEAR * distance) {
            return {};
        }
        return static_cast<std::size_t>(number);
    }
};

std::vector<double> heights_of(const std::vector<Region> &regions, const Place &normal) {
    std::vector<double> all;
    for (const Region &region : regions) {
        for (const Contour &contour : region.contours) {
            all.push_back(height_of(contour, normal));
        }
    }
    std::ranges::sort(all);
    std::vector<double> unique;
    for (const double one : all) {
        if (unique.empty() || one - unique.back() > SAME_HEIGHT) {
            unique.push_back(one);
        }
    }
    if (unique.size() > MOST_HEIGHTS) {
        refuse_contours("its contours are at more than " + std::to_string(MOST_HEIGHTS) + " heights.");
    }
    return unique;
}

bool on_grid(double height, double origin, double distance) {
    const double number = (height - origin) / distance;
    return std::abs(number - std::round(number)) <= NEAR;
}

// Returns the slices that most heights lie on. The distance is that of neighbours, but for gaps, and but for
// contours in between.
Slices slices_of(const std::vector<double> &heights, bool strict) {
    if (heights.size() == 1) {
        return {heights.front(), 1, 1};
    }
    std::vector<double> apart;
    for (std::size_t at = 1; at < heights.size(); ++at) {
        apart.push_back(heights[at] - heights[at - 1]);
    }
    std::ranges::sort(apart);
    const double rough = apart[apart.size() / 10];
    std::vector<double> best;
    for (const double origin : heights) {
        std::vector<double> fitting;
        std::ranges::copy_if(heights, std::back_inserter(fitting),
                             [&](double one) { return on_grid(one, origin, rough); });
        if (fitting.size() > best.size()) {
            best = fitting;
        }
        if (best.size() == heights.size()) {
            break;
        }
    }
    if (strict && best.size() < heights.size()) {
        refuse_contours("of its contours, those at " + std::to_string(heights.size() - best.size()) + " of " +
                        std::to_string(heights.size()) +
                        " heights are not on slices of the same distance, which is " + std::to_string(rough) +
                        " mm. Give \"Strict\": false to leave them out.");
    }
    const double steps = std::round((best.back() - best.front()) / rough);
    if (steps >= MOST_SLICES) {
        refuse_contours("its contours lie too far apart for slices of " + std::to_string(rough) + " mm.");
    }
    // Rounding of the one distance would add up over all slices.
    const double distance = steps == 0 ? rough : (best.back() - best.front()) / steps;
    return {best.front(), distance, static_cast<std::size_t>(steps) + 1};
}

// --- axes

struct Frame {
    Place x;
    Place y;
    Place z;
};

Frame frame_of(const Place &normal, const std::unique_ptr<Axes> &axes) {
    Place x = axes ? axes->x : Axes().x;
    Place z = normal;
    if (axes &&
        (std::abs(dot(axes->x, normal)) > PERPENDICULAR || std::abs(dot(axes->y, normal)) > PERPENDICULAR)) {
        refuse_contours("its contours do not lie in the plane of the image that they were drawn on.");
    }
    if (axes && dot(cross(axes->x, axes->y), z) < 0) {
        z = scaled(z, -1);
    }
    if (!axes) {
        // The axis that is the farthest from the normal.
        const auto at = static_cast<std::size_t>(
            std::ranges::min_element(normal, {}, [](double one) { return std::abs(one); }) - normal.begin());
        x = {};
        x.at(at) = 1;
        const auto longest = static_cast<std::size_t>(
            std::ranges::max_element(normal, {}, [](double one) { return std::abs(one); }) - normal.begin());
        z = normal.at(longest) < 0 ? scaled(normal, -1) : normal;
    }
    x = unit(minus(x, scaled(z, dot(x, z))));
    return {x, cross(z, x), z};
}

// --- samples

// A place in a slice, counted in samples.
struct Spot {
    double x;
    double y;
};

using Outline = std::vector<Spot>;

// Between two slices, and between an outer one and the nothing beyond it, samples go from one to the other.
class Contoured : public Volume {
  public:
    Contoured(std::map<std::size_t, std::vector<Outline>> outlines, std::size_t slices,
              std::size_t resolution)
        : outlines_(std::move(outlines)), slices_(slices), resolution_(resolution) {}

    Size size() const override {
        return {resolution_, resolution_, resolution_};
    }

    void fill(std::size_t plane, std::span<float> values) override {
        const double height = static_cast<double>(plane + 1) * step() - 1;
        const double below = std::floor(height);
        const auto share = static_cast<float>(height - below);
        // The slice -1 is number 0 here.
        const auto first = static_cast<std::size_t>(below + 1);
        hold(first);
        for (std::size_t at = 0; at < values.size(); ++at) {
            values[at] = (lower_[at] * (1 - share)) + (upper_[at] * share);
        }
    }

    // How far one plane is from the next, in distances of slices.
    double step() const {
        return static_cast<double>(slices_ + 1) / static_cast<double>(resolution_ + 1);
    }

  private:
    void hold(std::size_t first) {
        if (held_ == first) {
            return;
        }
        if (held_ && *held_ + 1 == first) {
            std::swap(lower_, upper_);
        } else {
            lower_ = mask(first);
        }
        upper_ = mask(first + 1);
        held_ = first;
    }

    // What the outlines of a slice enclose. At each row, an outline toggles all that is to the right of it.
    std::vector<float> mask(std::size_t number) const {
        std::vector<std::uint8_t> toggles(resolution_ * resolution_, 0);
        const auto found = number == 0 ? outlines_.end() : outlines_.find(number - 1);
        if (found != outlines_.end()) {
            for (const Outline &outline : found->second) {
                for (std::size_t at = 0; at < outline.size(); ++at) {
                    toggle(outline[at], outline[(at + 1) % outline.size()], toggles);
                }
            }
        }
        std::vector<float> values(toggles.size());
        for (std::size_t row = 0; row < resolution_; ++row) {
            std::uint8_t inside = 0;
            for (std::size_t at = row * resolution_; at < (row + 1) * resolution_; ++at) {
                inside ^= toggles[at];
                values[at] = inside;
            }
        }
        return values;
    }

    // Samples are in the middle between whole numbers.
    std::size_t first_after(double value) const {
        const double number = std::ceil(value - 0.5);
        return number <= 0 ? 0 : static_cast<std::size_t>(std::min(number, static_cast<double>(resolution_)));
    }

    void toggle(const Spot &from, const Spot &to, std::vector<std::uint8_t> &toggles) const {
        const Spot &low = from.y <= to.y ? from : to;
        const Spot &high = from.y <= to.y ? to : from;
        const std::size_t end = first_after(high.y);
        for (std::size_t row = first_after(low.y); row < end; ++row) {
            const double share = (static_cast<double>(row) + 0.5 - low.y) / (high.y - low.y);
            const std::size_t column = first_after(low.x + (share * (high.x - low.x)));
            if (column < resolution_) {
                toggles[(row * resolution_) + column] ^= 1U;
            }
        }
    }

    std::map<std::size_t, std::vector<Outline>> outlines_;
    std::size_t slices_;
    std::size_t resolution_;
    std::optional<std::size_t> held_;
    std::vector<float> lower_;
    std::vector<float> upper_;
};

// The least and the greatest coordinate in a direction.
struct Extent {
    double least = std::numeric_limits<double>::infinity();
    double most = -std::numeric_limits<double>::infinity();

    void add(double value) {
        least = std::min(least, value);
        most = std::max(most, value);
    }

    double step(std::size_t samples) const {
        return (most - least) / static_cast<double>(samples);
    }
};

bool chosen(const std::vector<std::string> &wanted, const Region &region) {
    return std::ranges::find(wanted, region.name) != wanted.end();
}

} // namespace

std::vector<std::string> names_in(const Json &tags) {
    std::set<std::string> names;
    for (const auto &[number, name] : names_by_number(tags)) {
        names.insert(name);
    }
    return {names.begin(), names.end()};
}

std::vector<Region> regions_in(const Json &tags, const std::vector<std::string> &wanted) {
    const std::map<std::string, std::string> names = names_by_number(tags);
    for (const std::string &name : wanted) {
        if (std::ranges::none_of(names, [&](const auto &one) { return one.second == name; })) {
            throw Error(OrthancPluginErrorCode_ParameterOutOfRange,
                        "RoiNames: there is no region \"" + name +
                            "\" in this RT-STRUCT. GET /stl/rt-struct/{id} lists them.");
        }
    }
    std::set<std::string> seen;
    std::vector<Region> regions;
    for (const Json &item : items_of(tags, ROI_CONTOUR_SEQUENCE)) {
        const std::string number = text_of(item, REFERENCED_ROI_NUMBER);
        const auto found = names.find(number);
        if (found == names.end()) {
            refuse_contours("ROIContourSequence has contours of a region number \"" + number +
                            "\", which StructureSetROISequence lacks.");
        }
        const bool is_wanted = std::ranges::find(wanted, found->second) != wanted.end();
        regions.push_back(region_in(item, found->second, is_wanted));
        seen.insert(found->second);
    }
    for (const std::string &name : wanted) {
        if (!seen.contains(name)) {
            refuse_contours("the region \"" + name + "\": has no contours. Choose other regions.");
        }
    }
    return regions;
}

Axes axes_in(const std::string &text) {
    const auto numbers = numbers_in(text);
    Axes axes;
    if (numbers && numbers->size() == 6) {
        const std::vector<double> &all = *numbers;
        axes = {{all[0], all[1], all[2]}, {all[3], all[4], all[5]}};
        const double x = length_of(axes.x);
        const double y = length_of(axes.y);
        if (std::abs(x - 1) < PERPENDICULAR && std::abs(y - 1) < PERPENDICULAR &&
            std::abs(dot(axes.x, axes.y)) < PERPENDICULAR) {
            return axes;
        }
    }
    refuse_contours("the image of its contours has the ImageOrientationPatient \"" + text +
                    "\", which is not two directions at a right angle.");
}

Placed enclosed(const std::vector<Region> &regions, const std::vector<std::string> &wanted,
                const std::unique_ptr<Axes> &axes, std::size_t resolution, bool strict) {
    const Frame frame = frame_of(common_normal(regions), axes);
    const Slices slices = slices_of(heights_of(regions, frame.z), strict);
    Extent across;
    Extent down;
    for (const Region &region : regions) {
        for (const Contour &contour : region.contours) {
            for (const Place &point : contour.points) {
                across.add(dot(point, frame.x));
                down.add(dot(point, frame.y));
            }
        }
    }
    const double x_step = across.step(resolution);
    const double y_step = down.step(resolution);
    std::map<std::size_t, std::vector<Outline>> outlines;
    for (const Region &region : regions) {
        if (!chosen(wanted, region)) {
            continue;
        }
        for (const Contour &contour : region.contours) {
            const auto slice = slices.at(height_of(contour, frame.z));
            if (!slice) {
                continue;
            }
            Outline &outline = outlines[*slice].emplace_back();
            for (const Place &point : contour.points) {
                outline.push_back({(dot(point, frame.x) - across.least) / x_step,
                                   (dot(point, frame.y) - down.least) / y_step});
            }
        }
    }
    auto volume = std::make_unique<Contoured>(std::move(outlines), slices.count, resolution);
    const double z_step = slices.distance * volume->step();
    const double x_origin = across.least + (x_step / 2);
    const double y_origin = down.least + (y_step / 2);
    const double z_origin = slices.origin - slices.distance + z_step;
    Placement placement{};
    for (std::size_t axis = 0; axis < 3; ++axis) {
        placement.at(axis) = {frame.x.at(axis) * x_step, frame.y.at(axis) * y_step, frame.z.at(axis) * z_step,
                              (frame.x.at(axis) * x_origin) + (frame.y.at(axis) * y_origin) +
                                  (frame.z.at(axis) * z_origin)};
    }
    return {std::move(volume), placement};
}

} // namespace orthanc_images::stl
