// From the contours of an RT-STRUCT to volumes, and what is refused.
#include "framework/errors.h"
#include "stl/contours.h"
#include "stl/tags.h"
#include "tests/fake_orthanc.h"
#include "tests/stl/shapes.h"

#include <catch2/catch_approx.hpp>
#include <catch2/catch_test_macros.hpp>
#include <nlohmann/json.hpp>

#include <cmath>
#include <numbers>

using namespace orthanc_images;
using namespace orthanc_images::stl;
using namespace orthanc_images::tests;
using Catch::Approx;

namespace {

constexpr std::size_t MANY = 2'000'000;

using Names = std::vector<std::string>;

std::string text(const std::vector<Place> &points) {
    std::string all;
    for (const Place &point : points) {
        for (const double one : point) {
            all += (all.empty() ? "" : "\\") + std::to_string(one);
        }
    }
    return all;
}

Json contour(const std::vector<Place> &points, const std::string &kind = "CLOSED_PLANAR") {
    return {{CONTOUR_GEOMETRIC_TYPE, kind}, {CONTOUR_DATA, text(points)}};
}

// A regular polygon around the axis of z.
std::vector<Place> polygon(double radius, double z, int corners = 90) {
    std::vector<Place> points;
    for (int at = 0; at < corners; ++at) {
        const double angle = 2 * std::numbers::pi * at / corners;
        points.push_back({radius * std::cos(angle), radius * std::sin(angle), z});
    }
    return points;
}

// A structure set with regions that are numbered from 1.
Json structures(const std::vector<std::pair<std::string, Json>> &regions) {
    Json names = Json::array();
    Json contours = Json::array();
    for (std::size_t at = 0; at < regions.size(); ++at) {
        const std::string number = std::to_string(at + 1);
        names.push_back({{ROI_NUMBER, number}, {ROI_NAME, regions[at].first}});
        contours.push_back({{REFERENCED_ROI_NUMBER, number},
                            {ROI_DISPLAY_COLOR, "255\\0\\0"},
                            {CONTOUR_SEQUENCE, regions[at].second}});
    }
    return {{STRUCTURE_SET_ROI_SEQUENCE, names}, {ROI_CONTOUR_SEQUENCE, contours}};
}

Mesh mesh_of(const Json &tags, const Names &wanted, bool strict = true,
             const std::unique_ptr<Axes> &axes = nullptr, std::size_t resolution = 64) {
    const Placed placed = enclosed(regions_in(tags, wanted), wanted, axes, resolution, strict);
    Mesh mesh = surface_of(*placed.volume, 0.5F, 0, MANY);
    place(mesh, placed.placement);
    return mesh;
}

std::string failure(const Json &tags, const Names &wanted = {"one"}, bool strict = true,
                    const std::unique_ptr<Axes> &axes = nullptr) {
    try {
        mesh_of(tags, wanted, strict, axes, 8);
    } catch (const Error &error) {
        return error.what();
    }
    return "nothing";
}

Json disks(double radius, const std::vector<double> &heights) {
    Json all = Json::array();
    for (const double height : heights) {
        all.push_back(contour(polygon(radius, height)));
    }
    return all;
}

} // namespace

TEST_CASE("disks become a cylinder where they are, of which each slice counts in full") {
    const Mesh mesh = mesh_of(structures({{"one", disks(20, {10, 13, 16, 19})}}), {"one"});
    CHECK(is_closed(mesh));
    CHECK(volume_of(mesh) == Approx(std::numbers::pi * 400 * 12).epsilon(0.01));
    float least = 1000;
    float most = -1000;
    for (const Point &point : mesh.points) {
        least = std::min(least, point[2]);
        most = std::max(most, point[2]);
        CHECK(std::hypot(point[0], point[1]) < 20.7);
    }
    CHECK(least == Approx(8.5).margin(0.2));
    CHECK(most == Approx(20.5).margin(0.2));
}

TEST_CASE("a contour in another is a hole, also one of another region") {
    Json both = disks(20, {0, 1, 2});
    for (const Json &hole : disks(10, {0, 1, 2})) {
        both.push_back(hole);
    }
    const double ring = std::numbers::pi * 300 * 3;
    CHECK(volume_of(mesh_of(structures({{"one", both}}), {"one"})) == Approx(ring).epsilon(0.01));
    const Json two = structures({{"one", disks(20, {0, 1, 2})}, {"two", disks(10, {0, 1, 2})}});
    CHECK(volume_of(mesh_of(two, {"one", "two"})) == Approx(ring).epsilon(0.01));
    CHECK(volume_of(mesh_of(two, {"two"})) == Approx(std::numbers::pi * 100 * 3).epsilon(0.02));
}

TEST_CASE("one slice is a millimetre high") {
    CHECK(volume_of(mesh_of(structures({{"one", disks(20, {7})}}), {"one"})) ==
          Approx(std::numbers::pi * 400).epsilon(0.01));
}

TEST_CASE("slices may be oblique") {
    // Turned around x, and with the axes of the image on which they were drawn.
    const double turn = 0.4;
    Json all = Json::array();
    for (const double height : {0.0, 2.5, 5.0, 7.5}) {
        std::vector<Place> points = polygon(15, height);
        for (Place &point : points) {
            point = {point[0], (point[1] * std::cos(turn)) - (point[2] * std::sin(turn)),
                     (point[1] * std::sin(turn)) + (point[2] * std::cos(turn))};
        }
        all.push_back(contour(points));
    }
    const Json tags = structures({{"one", all}});
    const auto axes = std::make_unique<Axes>(Axes{{1, 0, 0}, {0, std::cos(turn), std::sin(turn)}});
    const double expected = std::numbers::pi * 225 * 10;
    CHECK(volume_of(mesh_of(tags, {"one"}, true, axes)) == Approx(expected).epsilon(0.01));
    CHECK(volume_of(mesh_of(tags, {"one"})) == Approx(expected).epsilon(0.01));
    CHECK(failure(tags, {"one"}, true, std::make_unique<Axes>()) ==
          "RT-STRUCT: its contours do not lie in the plane of the image that they were drawn on.");
}

TEST_CASE("the names of regions are sorted, and each is told once") {
    CHECK(names_in(structures({{"b", {}}, {"a", {}}, {"b", {}}})) == Names{"a", "b"});
    CHECK_THROWS_AS(names_in(Json::object()), Error);
}

TEST_CASE("slices need one distance, unless those that do not fit are left out") {
    const Json tags = structures({{"one", disks(20, {0, 2, 4, 6, 8, 10, 12, 15.1})}});
    CHECK(failure(tags) == "RT-STRUCT: of its contours, those at 1 of 8 heights are not on slices of the "
                           "same distance, which is "
                           "2.000000 mm. Give \"Strict\": false to leave them out.");
    CHECK(volume_of(mesh_of(tags, {"one"}, false)) == Approx(std::numbers::pi * 400 * 14).epsilon(0.01));
    // A gap is no outlier.
    CHECK(volume_of(mesh_of(structures({{"one", disks(20, {0, 2, 4, 10, 12})}}), {"one"})) ==
          Approx(std::numbers::pi * 400 * 10).epsilon(0.01));
}

TEST_CASE("what is no model is refused with its place") {
    const Json good = contour(polygon(5, 0));
    const auto with = [&](const char *tag, const Json &value) {
        Json one = good;
        one[tag] = value;
        return failure(structures({{"one", Json::array({good, one})}}));
    };
    const std::string where = "RT-STRUCT: the region \"one\", contour 2: ";
    CHECK(with(CONTOUR_GEOMETRIC_TYPE, "POINT") ==
          where + "is POINT, and only CLOSED_PLANAR encloses anything. Choose other regions.");
    const std::string list = where + "ContourData is no list of points with three coordinates each.";
    CHECK(with(CONTOUR_DATA, "1\\2\\3\\4") == list);
    CHECK(with(CONTOUR_DATA, "1\\2\\x") == list);
    CHECK(with(CONTOUR_DATA, "1\\2\\nan") == list);
    CHECK(with(CONTOUR_DATA, nullptr) == list);
    CHECK(with(CONTOUR_DATA, "1\\2\\1e9") ==
          where + "a point in ContourData is more than a kilometre from the origin.");
    CHECK(with(NUMBER_OF_CONTOUR_POINTS, "7") ==
          where + "NumberOfContourPoints is 7, but there are 90 points.");
    CHECK(with(CONTOUR_IMAGE_SEQUENCE, Json::array({Json::object(), Json::object()})) ==
          where + "ContourImageSequence names 2 images. A contour in one plane lies on one image.");
    CHECK(with(CONTOUR_DATA, "0\\0\\0\\5\\0\\0\\5\\5\\3\\0\\5\\0")
              .ends_with("its points are not in one plane."));
    CHECK(with(CONTOUR_DATA, "0\\0\\0\\5\\0\\0\\5\\0\\5\\0\\0\\5").find("is not parallel to the others") !=
          std::string::npos);
    CHECK(failure(structures({{"one", Json::array({contour({{0, 0, 0}, {1, 1, 0}, {2, 2, 0}})})}})) ==
          "RT-STRUCT: no contour encloses anything.");
}

TEST_CASE("regions must be there, and have contours") {
    Json tags = structures({{"one", disks(5, {0})}, {"none", Json::array()}});
    CHECK(failure(tags, {"two"}) ==
          "RoiNames: there is no region \"two\" in this RT-STRUCT. GET /stl/rt-struct/{id} lists them.");
    CHECK(failure(tags, {"none"}) ==
          "RT-STRUCT: the region \"none\": has no contours. Choose other regions.");
    tags[ROI_CONTOUR_SEQUENCE].erase(std::size_t{1});
    CHECK(failure(tags, {"none"}) ==
          "RT-STRUCT: the region \"none\": has no contours. Choose other regions.");
    tags[ROI_CONTOUR_SEQUENCE][0][REFERENCED_ROI_NUMBER] = "9";
    CHECK(failure(tags) == "RT-STRUCT: ROIContourSequence has contours of a region number \"9\", which "
                           "StructureSetROISequence lacks.");
    tags = structures({{"one", disks(5, {0})}});
    tags[ROI_CONTOUR_SEQUENCE][0][ROI_DISPLAY_COLOR] = "1\\2\\256";
    CHECK(failure(tags) ==
          "RT-STRUCT: the region \"one\": ROIDisplayColor is \"1\\2\\256\", and not three numbers "
          "from 0 to 255.");
    tags[STRUCTURE_SET_ROI_SEQUENCE].push_back({{ROI_NUMBER, "1"}, {ROI_NAME, "again"}});
    CHECK(failure(tags) ==
          "RT-STRUCT: StructureSetROISequence: \"1\" is not the number of one region. Each needs "
          "a ROINumber of its own.");
}

TEST_CASE("what is not chosen need not be closed") {
    const Json point = contour({{0, 0, 0}}, "POINT");
    CHECK(volume_of(mesh_of(structures({{"one", disks(20, {0})}, {"two", Json::array({point})}}), {"one"})) >
          0);
}

TEST_CASE("an image has two directions at a right angle") {
    CHECK(axes_in("0\\1\\0\\0\\0\\-1").y == Place{0, 0, -1});
    for (const char *text : {"", "1\\0\\0", "1\\0\\0\\1\\0\\0", "2\\0\\0\\0\\1\\0", "1\\0\\0\\0\\x\\0"}) {
        CHECK_THROWS_AS(axes_in(text), Error);
    }
}
