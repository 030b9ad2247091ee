// Boxes in the patient, and the pixels that they contain.
#include "framework/errors.h"
#include "masker/geometry.h"

#include <catch2/catch_test_macros.hpp>
#include <nlohmann/json.hpp>

#include <cmath>
#include <random>
#include <set>
#include <string>
#include <utility>

using namespace orthanc_images;
using namespace orthanc_images::masker;

namespace {

using Pixels = std::set<std::pair<std::uint32_t, std::uint32_t>>;

Pixels pixels_of(const std::vector<Rectangle> &rectangles) {
    Pixels pixels;
    for (const Rectangle &one : rectangles) {
        for (std::uint32_t row = one.top; row < one.bottom; ++row) {
            for (std::uint32_t column = one.left; column < one.right; ++column) {
                CHECK(pixels.emplace(row, column).second);
            }
        }
    }
    return pixels;
}

// Looks at each pixel.
Pixels each(const Box &box, const Plane &plane, std::uint32_t rows, std::uint32_t columns) {
    Pixels pixels;
    for (std::uint32_t row = 0; row < rows; ++row) {
        for (std::uint32_t column = 0; column < columns; ++column) {
            bool in = true;
            for (std::size_t i = 0; i < 3; ++i) {
                const double place = plane.origin[i] + row * plane.row[i] + column * plane.column[i];
                in = in && place >= box.least[i] - 1e-6 && place <= box.greatest[i] + 1e-6;
            }
            if (in) {
                pixels.emplace(row, column);
            }
        }
    }
    return pixels;
}

std::string said(const Json &tags, std::uint32_t frames = 1) {
    try {
        planes_of(tags, frames);
    } catch (const Error &error) {
        return error.what();
    }
    return {};
}

const Json AXIAL = {
    {"0020,0032", "-10\\-20\\ 5.5"}, {"0020,0037", "1\\0\\0\\0\\1\\0"}, {"0028,0030", "2\\0.5 "}};

} // namespace

TEST_CASE("the first spacing is that of rows, the second that of columns") {
    const Plane plane = planes_of(AXIAL, 1).front();
    CHECK(plane.origin == Point{-10, -20, 5.5});
    CHECK(plane.column == Point{0.5, 0, 0});
    CHECK(plane.row == Point{0, 2, 0});
    const std::vector<Rectangle> found =
        inside({.least = {-9, -18, 5.5}, .greatest = {-8.1, -15, 7}}, plane, 10, 20);
    REQUIRE(found.size() == 1);
    CHECK(found[0].left == 2);
    CHECK(found[0].right == 4);
    CHECK(found[0].top == 1);
    CHECK(found[0].bottom == 3);
}

TEST_CASE("a slice beside the box has nothing of it") {
    const Plane plane = planes_of(AXIAL, 1).front();
    CHECK(inside({.least = {-99, -99, 6}, .greatest = {99, 99, 7}}, plane, 10, 20).empty());
    CHECK(inside({.least = {-99, -99, 5.5}, .greatest = {99, 99, 5.5}}, plane, 10, 20).size() == 1);
}

TEST_CASE("planes of any orientation have the pixels whose middle is in the box") {
    std::mt19937 dice(7);
    std::uniform_real_distribution<double> any(-1, 1);
    std::size_t hits = 0;
    for (int i = 0; i < 300; ++i) {
        const double turn = any(dice) * 3;
        const double tilt = i % 3 == 0 ? 0 : any(dice);
        Plane plane;
        const double spacing = 0.5 + std::abs(any(dice));
        plane.column = {std::cos(turn) * spacing, std::sin(turn) * spacing, 0};
        plane.row = {-std::sin(turn) * std::cos(tilt), std::cos(turn) * std::cos(tilt), std::sin(tilt)};
        plane.origin = {any(dice) * 10, any(dice) * 10, any(dice)};
        Box box;
        for (std::size_t axis = 0; axis < 3; ++axis) {
            const double one = any(dice) * 15;
            const double other = any(dice) * 15;
            box.least[axis] = std::min(one, other);
            box.greatest[axis] = std::max(one, other);
        }
        const Pixels expected = each(box, plane, 13, 17);
        hits += expected.empty() ? 0 : 1;
        CHECK(pixels_of(inside(box, plane, 13, 17)) == expected);
    }
    CHECK(hits > 50);
}

TEST_CASE("frames of an enhanced image have their own places, or share them") {
    const auto position = [](const char *text) { return Json{{"0020,9113", {{{"0020,0032", text}}}}}; };
    const Json tags = {
        {"5200,9230", {position("0\\0\\0"), position("0\\0\\2")}},
        {"5200,9229",
         {{{"0020,9116", {{{"0020,0037", "1\\0\\0\\0\\1\\0"}}}}, {"0028,9110", {{{"0028,0030", "1\\1"}}}}}}}};
    const std::vector<Plane> planes = planes_of(tags, 2);
    REQUIRE(planes.size() == 2);
    CHECK(planes[0].origin == Point{0, 0, 0});
    CHECK(planes[1].origin == Point{0, 0, 2});
    CHECK(planes[1].row == Point{0, 1, 0});
    CHECK(said(tags, 3) == "ImagePositionPatient is absent");
}

TEST_CASE("what is absent or senseless is told") {
    const auto without = [](const char *tag) {
        Json tags = AXIAL;
        tags.erase(tag);
        return said(tags);
    };
    CHECK(without("0020,0032") == "ImagePositionPatient is absent");
    CHECK(without("0020,0037") == "ImageOrientationPatient is absent");
    CHECK(without("0028,0030") == "PixelSpacing is absent");
    const auto with = [](const char *tag, const Json &value) {
        Json tags = AXIAL;
        tags[tag] = value;
        return said(tags);
    };
    for (const Json &value :
         {Json("1\\2"), Json("1\\2\\x"), Json("1\\2\\"), Json("1\\2\\nan"), Json(""), Json(1)}) {
        CHECK(with("0020,0032", value) == "ImagePositionPatient is not 3 numbers");
    }
    CHECK(with("0028,0030", "0\\1") == "PixelSpacing is not greater than 0");
    CHECK(said(AXIAL, 2) == "its 2 frames have no position each (functional groups)");
}
