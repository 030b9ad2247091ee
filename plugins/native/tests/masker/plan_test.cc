// Plans: what is masked of which instance, and how that is found again.
#include "framework/errors.h"
#include "masker/plan.h"
#include "pixels/refusal.h"
#include "pixels/samples.h"
#include "tests/fake_orthanc.h"

#include <catch2/catch_test_macros.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <string>

using namespace orthanc_images;
using namespace orthanc_images::masker;
using pixels::Frame;
using pixels::Patch;

namespace {

Region region(std::set<std::string> instances = {}) {
    Region made;
    made.place = "MaskPixelData.Regions[0]";
    made.rectangle = {.left = 2, .top = 1, .right = 50, .bottom = 4};
    made.fill = 0;
    made.instances = std::move(instances);
    return made;
}

Region box() {
    Region made = region();
    made.rectangle.reset();
    made.box = {.least = {0, 0, -1}, .greatest = {2, 2, 1}};
    return made;
}

// A file with these pixels, in the place `number` of its series.
Frame file(std::uint32_t seed, const std::string &number = "1", const std::string &more = {}) {
    const pixels::Description image =
        pixels::samples::image(6, 9, 1, {.allocated = 8, .stored = 8, .is_signed = false});
    pixels::samples::Elements dataset;
    dataset.text(0x00080018, "UI", "2.25." + number).text(0x00200013, "IS", number);
    if (!more.empty()) {
        dataset.text(0x00203406, "LO", more);
    }
    dataset.raw({reinterpret_cast<const char *>(pixels::samples::described(image).all().data()),
                 pixels::samples::described(image).all().size()});
    dataset.bytes(pixels::PIXEL_DATA, "OB", pixels::samples::frame(image, seed));
    return pixels::samples::file("1.2.840.10008.1.2.1", dataset);
}

const auto NO_TAGS = [] { return Json::object(); };

void add(Plan &plan, const std::string &instance, const Frame &file) {
    plan.add({.instance = instance, .series = "series", .file = file, .tags = NO_TAGS});
}

template <typename Function> std::string said(Function function) {
    try {
        function();
    } catch (const Error &error) {
        CHECK(error.code() == OrthancPluginErrorCode_BadRequest);
        return error.what();
    } catch (const pixels::Refusal &refusal) {
        return refusal.what();
    }
    return {};
}

} // namespace

TEST_CASE("a region is cut at the border of an image, and applies to its targets") {
    Plan plan({region({"one"})});
    add(plan, "one", file(1));
    REQUIRE(plan.last().size() == 1);
    CHECK(plan.last()[0].right == 9);
    CHECK(plan.last()[0].bottom == 4);
    CHECK(plan.last()[0].end_frame == 1);
    add(plan, "two", file(2));
    CHECK(plan.last().empty());
    plan.check();
    CHECK(plan.patches_for(pixels::outline_of(file(1))).size() == 1);
    CHECK(plan.patches_for(pixels::outline_of(file(2, "9"))).empty());
    CHECK(said([&] {
              plan.patches_for(pixels::outline_of(file(3)));
          }).starts_with("what Orthanc has made of it"));
}

TEST_CASE("images with the same pixels are told apart by their place, or refused") {
    Plan plan({region({"one"})});
    add(plan, "one", file(1, "1"));
    add(plan, "two", file(1, "2"));
    plan.check();
    CHECK(plan.patches_for(pixels::outline_of(file(1, "1"))).size() == 1);
    CHECK(plan.patches_for(pixels::outline_of(file(1, "2"))).empty());
    CHECK_FALSE(said([&] { plan.patches_for(pixels::outline_of(file(1, "3"))); }).empty());
    add(plan, "three", file(1, "1"));
    CHECK(said([&] { plan.check(); }) == "MaskPixelData: the instances one and three have the same pixels "
                                         "and the same place, and are to be masked "
                                         "differently, so that they cannot be told apart when they are "
                                         "modified. Mask them in requests of their "
                                         "own.");
}

TEST_CASE("what a region wants in vain is told") {
    Region outside = region();
    outside.rectangle->left = 9;
    CHECK(said([&] {
              Plan plan({outside});
              add(plan, "one", file(1));
          }) ==
          "MaskPixelData.Regions[0]: it is outside of the instance one, which has 9 columns and 6 rows. Name "
          "what the region is for in TargetSeries or TargetInstances.");
    Region wide = region();
    wide.fill = 256;
    CHECK(said([&] {
              Plan plan({wide});
              add(plan, "one", file(1));
          }) ==
          "MaskPixelData.Regions[0].FillValue: 256 is no value of the instance one. Give one from 0 to 255.");
    CHECK(
        said([&] {
            Plan plan({box()});
            add(plan, "one", file(1));
        }) ==
        "MaskPixelData.Regions[0]: the instance one has no place in the patient: ImagePositionPatient is "
        "absent. Take a region of the RegionType \"2D\" for it. Name what the region is for in TargetSeries "
        "or TargetInstances.");
    const Frame report = pixels::samples::file("1.2.840.10008.1.2.1",
                                               pixels::samples::Elements().text(0x00080018, "UI", "2.25.1"));
    CHECK(said([&] {
              Plan plan({region()});
              add(plan, "one", report);
              plan.check();
          }) ==
          "MaskPixelData.Regions[0]: no pixel of what is modified is in it. Correct Origin and End, or the "
          "targets.");
    CHECK(
        said([&] {
            Plan plan({region({"one"})});
            add(plan, "one", report);
        }) ==
        "MaskPixelData.Regions[0]: the instance one cannot be masked: the instance has no pixels. Name what "
        "the region is for in TargetSeries or TargetInstances.");
}

TEST_CASE("a box is masked where it cuts a slice") {
    Plan plan({box()});
    const auto slice = [&](const char *position) {
        const Json tags = {{"0020,0032", position}, {"0020,0037", "1\\0\\0\\0\\1\\0"}, {"0028,0030", "1\\1"}};
        plan.add({.instance = "one", .series = "series", .file = file(1), .tags = [=] { return tags; }});
        return plan.last();
    };
    CHECK(slice("0\\0\\5").empty());
    const std::vector<Patch> patches = slice("-1\\0\\0");
    REQUIRE(patches.size() == 1);
    CHECK(patches[0].left == 1);
    CHECK(patches[0].right == 4);
    CHECK(patches[0].top == 0);
    CHECK(patches[0].bottom == 3);
}

TEST_CASE("a mark is in an element that is free, and is found") {
    Plan plan({region()});
    add(plan, "one", file(1));
    CHECK(plan.marker() == 0x00203406);
    add(plan, "two", file(2, "2", "rotated"));
    CHECK(plan.marker() == 0x00203404);
    CHECK(plan.has_syntax("1.2.840.10008.1.2.1"));
    CHECK_FALSE(plan.has_syntax("1.2.840.10008.1.2"));
    CHECK_FALSE(mark_of(pixels::outline_of(file(2, "2", "rotated"))));
    const auto mark = mark_of(pixels::outline_of(file(2, "2", std::string(MARK) + "token")));
    REQUIRE(mark);
    CHECK(mark->marker == 0x00203406);
    CHECK(mark->token == "token");
    CHECK(mark->request.is_null());
}

TEST_CASE("the request travels with the mark, as far as it has room") {
    const auto read = [](const std::string &text) { return mark_of(pixels::outline_of(file(1, "1", text))); };
    Mark mark{.marker = 0x00203406, .token = "token", .request = {{"ID", "one"}, {"Name", "Zoë\\"}}};
    CHECK(read(mark.text())->request == mark.request);
    CHECK(read(mark.text())->token == "token");
    mark.request["ID"] = std::string(40'000, 'x');
    CHECK(read(mark.text())->request.is_null());
    CHECK(read(std::string(MARK) + "token:7z")->request.is_null());
    CHECK(read(std::string(MARK) + "token:7")->request.is_null());
    CHECK(read(std::string(MARK) + ":")->token.empty());
}

TEST_CASE("plans are kept until their job is done") {
    tests::FakeOrthanc orthanc;
    Plans plans;
    CHECK(plans.empty());
    const std::string token = plans.add(std::make_shared<Plan>(std::vector{region()}));
    CHECK(plans.find(token) != nullptr);
    CHECK(plans.find("other") == nullptr);
    plans.give_to(token, "job");
    plans.remove_job("another");
    CHECK_FALSE(plans.empty());
    plans.remove_job("job");
    CHECK(plans.empty());
    plans.remove(plans.add(std::make_shared<Plan>(std::vector{region()})));
    CHECK(plans.empty());
}
