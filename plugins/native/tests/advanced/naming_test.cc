#include "advanced/naming.h"
#include "advanced/world.h"

#include "framework/errors.h"

#include <catch2/catch_test_macros.hpp>
#include <nlohmann/json.hpp>

#include <array>
#include <filesystem>
#include <random>
#include <string>

using namespace orthanc_images;
using namespace orthanc_images::advanced;

namespace {

const std::string UUID = "5f3936ea-95b6-4ad9-b0f1-4075be3e52d0";

bool any(const std::string &) {
    return true;
}

std::string path(const std::string &scheme, const Json &tags) {
    return Naming(scheme, false, any).path({.tags = tags, .uuid = UUID, .extension = ".dcm"});
}

std::string refusal(const std::string &scheme, bool overwrites = false) {
    try {
        const Naming naming(scheme, overwrites, [](const std::string &tag) { return tag != "Nothing"; });
    } catch (const Error &error) {
        return error.what();
    }
    return "";
}

} // namespace

TEST_CASE("files are named by tags, identifiers, padding and their extension") {
    const tests::World world;
    const Json tags = {{"PatientID", "1234"},     {"PatientName", "WHO^JOHN"},
                       {"StudyDate", "20241102"}, {"StudyDescription", "HEAD SCAN"},
                       {"SeriesNumber", "100"},   {"InstanceNumber", "7"}};
    CHECK(path("{PatientID} - {PatientName}/{StudyDate} - {StudyDescription}/{SeriesNumber}/"
               "{pad6(InstanceNumber)}-{UUID}{.ext}",
               tags) == "1234 - WHO^JOHN/20241102 - HEAD SCAN/100/000007-" + UUID + ".dcm");
    CHECK(path("{split(StudyDate)}/{UUID}", tags) == "2024/11/02/" + UUID);
    CHECK(path("{01(UUID)}/{23(UUID)}/{UUID}", tags) == "5f/39/" + UUID);
    CHECK(path("{pad4(SeriesNumber)}/{UUID}", tags) == "0100/" + UUID);
    CHECK(path("{PatientSex}/{split(PatientBirthDate)}/{UUID}", tags) ==
          "NO_PATIENT_SEX/NO_PATIENT_BIRTH_DATE/" + UUID);
    CHECK(path("{OrthancPatientID}/{UUID}", tags).starts_with("sum "));
    CHECK(Naming("OrthancDefault", true, any).standard());
}

TEST_CASE("what stands for a missing tag") {
    CHECK(missing("PatientID") == "NO_PATIENT_ID");
    CHECK(missing("StudyInstanceUID") == "NO_STUDY_INSTANCE_UID");
    CHECK(missing("SOPInstanceUID") == "NO_SOP_INSTANCE_UID");
}

TEST_CASE("a scheme with a mistake is refused, with a remedy") {
    CHECK(refusal("{PatientID}") ==
          "AdvancedStorage.NamingScheme: two files could get the same name. Add {UUID}, or "
          "the identifiers of patient, study, series and instance.");
    CHECK(refusal("{PatientID}/{StudyInstanceUID}/{OrthancSeriesID}/{SOPInstanceUID}").empty());
    CHECK(refusal("{PatientID}/{StudyInstanceUID}/{SeriesInstanceUID}/{SOPInstanceUID}", true) ==
          "AdvancedStorage.NamingScheme: two files could get the same name. Add {UUID}.");
    CHECK(refusal("{01(UUID)}").find("two files") != std::string::npos);
    CHECK(refusal("{Nothing}/{UUID}").find("there is no keyword {Nothing}") != std::string::npos);
    CHECK(refusal("{split(PatientID)}/{UUID}").find("does not fit") != std::string::npos);
    CHECK(refusal("{pad99(InstanceNumber)}/{UUID}").find("does not fit") != std::string::npos);
    CHECK(refusal("{UUID").find("not closed") != std::string::npos);
    for (const char *scheme :
         {"../{UUID}", "a//{UUID}", "./{UUID}", "a:b/{UUID}", "/{UUID}", "{UUID}/", ""}) {
        CHECK_FALSE(refusal(scheme).empty());
    }
}

TEST_CASE("no tag leads out of the storage, or to a name that is none") {
    const tests::World world;
    const Naming naming(
        "{PatientID}/{PatientName}{StudyDescription}/{split(StudyDate)}/{pad8(InstanceNumber)}/"
        "{AccessionNumber}{.ext}/{UUID}",
        false, any);
    constexpr std::array PIECES = {
        "..",   "/",        "\\",           ".",  "a", "=", "\x01", "\x7f", "é", "\xc3",
        "\xff", "\xc0\xaf", "\xe2\x80\xae", "日", ":", "*", " ",    "\n",   "~", "{UUID}"};
    std::mt19937 random(20261129); // NOLINT(cert-msc51-cpp): the same each time
    for (int round = 0; round < 2000; ++round) {
        Json tags = Json::object();
        for (const char *tag : {"PatientID", "PatientName", "StudyDescription", "StudyDate", "InstanceNumber",
                                "AccessionNumber"}) {
            std::string text;
            const std::size_t length = random() % 12 == 0 ? random() % 200 : random() % 9;
            for (std::size_t i = 0; i < length; ++i) {
                const std::size_t which = random() % (PIECES.size() + 1);
                text += which == PIECES.size() ? std::string(1, '\0') : std::string(PIECES.at(which));
            }
            tags[tag] = text;
        }
        const std::string found = naming.path({.tags = tags, .uuid = UUID, .extension = ".dcm"});
        const std::filesystem::path whole = std::filesystem::path("/storage/x") / found;
        REQUIRE(whole.lexically_normal() == whole);
        REQUIRE(whole.string().starts_with("/storage/x/"));
        REQUIRE(found.find_first_of(std::string("\\:*?\"<>|\n\x01\x7f", 11)) == std::string::npos);
        REQUIRE(found.find('\0') == std::string::npos);
        REQUIRE(found.ends_with(UUID));
        for (const auto &part : std::filesystem::path(found)) {
            REQUIRE((part != "." && part != ".." && !part.empty()));
        }
        // It is UTF-8, which JSON insists on.
        REQUIRE_NOTHROW(Json(found).dump());
    }
}

TEST_CASE("a date is split only when it is one") {
    const tests::World world;
    CHECK(path("{split(StudyDate)}/{UUID}", {{"StudyDate", "../../ab"}}) == "NO_STUDY_DATE/" + UUID);
    CHECK(path("{split(StudyDate)}/{UUID}", {{"StudyDate", nullptr}}) == "NO_STUDY_DATE/" + UUID);
}

TEST_CASE("names that file systems do not take are told apart") {
    CHECK(fits("a/" + std::string(255, 'b') + "/c"));
    CHECK_FALSE(fits("a/" + std::string(256, 'b') + "/c"));
    CHECK_THROWS_AS(standard_path("../../../../../../etc/passwd/xxxxxxxx"), Error);
    CHECK(standard_path(UUID) == "5f/39/" + UUID);
}
