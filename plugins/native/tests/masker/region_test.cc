// What a request may want to be masked, and what is said of the rest.
#include "framework/errors.h"
#include "masker/region.h"

#include <catch2/catch_test_macros.hpp>
#include <nlohmann/json.hpp>

#include <string>

using namespace orthanc_images;
using namespace orthanc_images::masker;

namespace {

const Json FILL = {{"MaskType", "Fill"},
                   {"FillValue", 0},
                   {"RegionType", "2D"},
                   {"Origin", {150, 100}},
                   {"End", {400, 200}}};

std::string said(const Json &mask) {
    try {
        regions_of(mask);
    } catch (const Error &error) {
        CHECK(error.code() == OrthancPluginErrorCode_BadRequest);
        return error.what();
    }
    return {};
}

std::string said_of(const std::string &name, const Json &value) {
    Json region = FILL;
    region[name] = value;
    return said({{"Regions", {region}}});
}

std::string said_without(const std::string &name) {
    Json region = FILL;
    region.erase(name);
    return said({{"Regions", {region}}});
}

} // namespace

TEST_CASE("the regions of the Orthanc Book are understood") {
    const Json mask = {{"Regions",
                        {{{"MaskType", "MeanFilter"},
                          {"FilterWidth", 20},
                          {"RegionType", "2D"},
                          {"Origin", {150, 100}},
                          {"End", {400, 200}},
                          {"TargetSeries", {"cd589a09"}},
                          {"TargetInstances", Json::array()}},
                         {{"MaskType", "Fill"},
                          {"FillValue", -3},
                          {"RegionType", "3D"},
                          {"Origin", {-150.5, -250.4, -811}},
                          {"End", {148.4, 220.7, -955}}}}}};
    const std::vector<Region> regions = regions_of(mask);
    REQUIRE(regions.size() == 2);
    CHECK(regions[0].place == "MaskPixelData.Regions[0]");
    CHECK(regions[0].width == 20);
    CHECK_FALSE(regions[0].fill);
    CHECK(regions[0].rectangle->right == 400);
    CHECK(regions[0].applies_to("one", "cd589a09"));
    CHECK_FALSE(regions[0].applies_to("one", "other"));
    CHECK(regions[1].fill == -3);
    CHECK(regions[1].box->least == Point{-150.5, -250.4, -955});
    CHECK(regions[1].box->greatest == Point{148.4, 220.7, -811});
    CHECK(regions[1].applies_to("one", "other"));
}

TEST_CASE("what is wrong with a region is told with its place and a remedy") {
    const std::string place = "MaskPixelData.Regions[0]";
    CHECK(said(1) == "MaskPixelData: an object is expected.");
    CHECK(said({{"Region", 1}}) == "MaskPixelData: 'Region' is not known. There are Regions.");
    CHECK(said(Json::object()) == "MaskPixelData.Regions: it is absent. Give a list of regions.");
    CHECK(said({{"Regions", Json::array()}}) ==
          "MaskPixelData.Regions: a list with one region or more is expected.");
    CHECK(said_of("Fill", 1) ==
          place +
              ": 'Fill' is not known. There are MaskType, FillValue, FilterWidth, RegionType, Origin, End, "
              "TargetSeries, TargetInstances.");
    CHECK(said_of("MaskType", "Blur") ==
          place + ".MaskType: \"Blur\" is neither of the two. Give \"Fill\" or \"MeanFilter\".");
    CHECK(said_without("RegionType") == place + ".RegionType: it is absent. Give \"2D\" or \"3D\".");
    CHECK(said_without("FillValue") ==
          place + ".FillValue: it is absent. Give the value to store, such as 0.");
    CHECK(said_of("FillValue", 1.5) ==
          place + ".FillValue: 1.5 is no whole number. Give the value to store, such as 0.");
    CHECK(said_of("FilterWidth", 3) ==
          place + ".FilterWidth: it does not belong to this MaskType. Remove it.");
    CHECK(
        said_of("Origin", {1, 2, 3}) ==
        place +
            ".Origin: [1,2,3] is not a list of 2 numbers. Give the column and the row, counted from 0, such "
            "as [150, 100].");
    CHECK(said_of("Origin", {1.5, 2})
              .starts_with(place + ": a column or row of Origin or End is no whole number"));
    CHECK(said_of("Origin", {-1, 2})
              .starts_with(place + ": a column or row of Origin or End is no whole number"));
    CHECK(said_of("End", {150, 200}).starts_with(place + ": there is nothing between Origin and End."));
    CHECK(said_of("TargetSeries", "one") ==
          place + ".TargetSeries: a list of Orthanc's identifiers is expected.");
    Json mean = FILL;
    mean.erase("FillValue");
    mean["MaskType"] = "MeanFilter";
    mean["FilterWidth"] = 1;
    CHECK(said({{"Regions", {FILL, mean}}}) == "MaskPixelData.Regions[1].FilterWidth: 1 is not possible. "
                                               "Give the width of the filter in pixels, from 2 "
                                               "to 4095, such as 20.");
}
