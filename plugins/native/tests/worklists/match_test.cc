// Matching by the rules of DICOM, on tags as Orthanc gives them.
#include "worklists/match.h"

#include <catch2/catch_test_macros.hpp>

#include <map>
#include <string>

using namespace orthanc_images;
using namespace orthanc_images::worklists;

namespace {

OrthancPluginValueRepresentation dictionary(const std::string &tag) {
    static const std::map<std::string, OrthancPluginValueRepresentation> known{
        {"0010,0010", OrthancPluginValueRepresentation_PN},
        {"0010,0020", OrthancPluginValueRepresentation_LO},
        {"0010,21c0", OrthancPluginValueRepresentation_US},
        {"0020,000d", OrthancPluginValueRepresentation_UI},
        {"0040,0002", OrthancPluginValueRepresentation_DA},
        {"0040,0003", OrthancPluginValueRepresentation_TM},
        {"0040,0006", OrthancPluginValueRepresentation_PN},
        {"0040,1400", OrthancPluginValueRepresentation_LT},
        {"0040,4005", OrthancPluginValueRepresentation_DT},
        {"0008,0060", OrthancPluginValueRepresentation_CS},
    };
    const auto found = known.find(tag);
    return found == known.end() ? OrthancPluginValueRepresentation_UN : found->second;
}

bool matched(const Json &query, const Json &given, bool case_sensitive = false) {
    return Query(query, dictionary, case_sensitive).matches(given);
}

bool one(const std::string &tag, const std::string &key, const std::string &value) {
    return matched({{tag, key}}, {{tag, value}});
}

bool step(const Json &key, const Json &value) {
    return matched({{"0040,0100", {key}}}, {{"0040,0100", {value}}});
}

} // namespace

TEST_CASE("keys without a value, of stars alone, or about the query itself restrict nothing") {
    for (const char *key : {"", "  ", "*", "**"}) {
        CHECK(matched({{"0010,0010", key}}, Json::object()));
    }
    CHECK(
        matched({{"0008,0005", "ISO_IR 100"}, {"0008,0201", "+0100"}, {"0040,0000", "12"}}, Json::object()));
    CHECK(matched({{"0010,0010", nullptr}, {"0040,0100", Json::array()}}, Json::object()));
    CHECK(matched({{"0040,0100", {1}}}, Json::object()));
    CHECK(matched({{"0040,0100", {{{"0008,0060", ""}}}}}, Json::object()));
}

TEST_CASE("a worklist that lacks what is asked for is not found") {
    CHECK_FALSE(matched({{"0010,0020", "A"}}, Json::object()));
    CHECK_FALSE(one("0010,0020", "A", ""));
    CHECK_FALSE(matched({{"0010,0020", "A"}}, {{"0010,0020", nullptr}}));
    CHECK_FALSE(matched({{"0040,0100", {{{"0008,0060", "CT"}}}}}, Json::object()));
    CHECK_FALSE(matched({{"0040,0100", {{{"0008,0060", "CT"}}}}}, {{"0040,0100", Json::array()}}));
    CHECK_FALSE(matched({{"0040,0100", {{{"0008,0060", "CT"}}}}}, {{"0040,0100", "text"}}));
}

TEST_CASE("wildcards stand for characters, not for bytes") {
    CHECK(one("0010,0020", "A*Z", "AZ"));
    CHECK(one("0010,0020", "A*M*Z", "A-M-M-Z"));
    CHECK(one("0010,0020", "A?Z", "AäZ"));
    CHECK(one("0010,0020", "??", "山田"));
    CHECK(one("0010,0020", "?", "😀"));
    CHECK_FALSE(one("0010,0020", "A?Z", "AZ"));
    CHECK_FALSE(one("0010,0020", "A*M", "AMZ"));
    CHECK_FALSE(one("0010,0020", "A", "a"));
    CHECK(one("0010,0020", " A ", "A"));
    CHECK(one("0010,0020", "A*", std::string("A\xc3", 2)));
    CHECK_FALSE(one("0010,0020", std::string(40, '*') + "b", std::string(5000, 'a')));
}

TEST_CASE("any value of several will do, on both sides") {
    CHECK(one("0008,0060", "MR", "CT\\MR"));
    CHECK(one("0008,0060", "US\\MR", "CT\\MR"));
    CHECK_FALSE(one("0008,0060", "US", "CT\\MR"));
    CHECK(one("0020,000d", "1.2\\1.3", "1.3"));
    CHECK_FALSE(one("0020,000d", "1.*", "1.3"));
    CHECK(one("0020,000d", "1.3", std::string("1.3\0", 4)));
    CHECK_FALSE(one("0040,1400", "b", "a\\b"));
    CHECK(one("0040,1400", "a\\*", "a\\b"));
}

TEST_CASE("names are compared by their groups, and without regard to case unless that is wanted") {
    CHECK(one("0010,0010", "miller^anna", "MILLER^Anna"));
    CHECK(one("0010,0010", "MÜLLER*", "Müller^Jörg"));
    CHECK(one("0010,0010", "иванов*", "ИВАНОВ^Пётр"));
    CHECK(one("0010,0010", "ёлкин", "Ёлкин"));
    CHECK(one("0010,0010", "łukasiewicz^ŻOË", "Łukasiewicz^żoë"));
    CHECK(one("0010,0010", "παπα", "ΠΑΠΑ"));
    CHECK(one("0010,0010", "šŇ", "Šň"));
    CHECK(one("0010,0010", "Jones^Alan", "Jones^Alan^^^"));
    CHECK(one("0010,0010", "山田*", "Yamada^Tarou=山田^太郎=やまだ^たろう"));
    CHECK_FALSE(one("0010,0010", "x=山田*", "Yamada^Tarou=山田^太郎"));
    CHECK_FALSE(matched({{"0010,0010", "miller"}}, {{"0010,0010", "Miller"}}, true));
    CHECK(matched({{"0010,0010", "Mill*"}}, {{"0010,0010", "Miller"}}, true));
}

TEST_CASE("dates and times have ranges, of which one side may be open") {
    CHECK(one("0040,0002", "20261201", "20261201"));
    CHECK(one("0040,0002", "20261201-20261203", "20261203"));
    CHECK(one("0040,0002", "-20261203", "20261203"));
    CHECK(one("0040,0002", "20261203-", "20270101"));
    CHECK(one("0040,0002", "20261203", "2026.12.03"));
    CHECK_FALSE(one("0040,0002", "20261201-20261203", "20261204"));
    CHECK_FALSE(one("0040,0002", "20261203-", "20261202"));
    CHECK_FALSE(one("0040,0002", "20261203-", "soon"));
    CHECK(one("0040,0003", "0930", "093000.000"));
    CHECK(one("0040,0003", "09:30", "093059"));
    CHECK(one("0040,0003", "08-10", "100000"));
    CHECK_FALSE(one("0040,0003", "08-10", "100001"));
    CHECK(one("0040,4005", "202612", "20261224180000+0100") == false);
    CHECK(one("0040,4005", "202612", "20261224180000"));
    CHECK(one("0040,4005", "2026120108-20261201", "20261201235959"));
    // What is none is compared as text.
    CHECK(one("0040,0002", "2026*", "20261201"));
    CHECK_FALSE(one("0040,0002", "202612011", "20261201"));
}

TEST_CASE("a range of dates and one of times are one period") {
    const Json night{{"0040,0002", "20261201-20261202"}, {"0040,0003", "1800-0600"}};
    CHECK(step(night, {{"0040,0002", "20261201"}, {"0040,0003", "2330"}}));
    CHECK(step(night, {{"0040,0002", "20261202"}, {"0040,0003", "0600"}}));
    CHECK_FALSE(step(night, {{"0040,0002", "20261201"}, {"0040,0003", "0600"}}));
    CHECK_FALSE(step(night, {{"0040,0002", "20261202"}, {"0040,0003", "0700"}}));
    CHECK_FALSE(step(night, {{"0040,0003", "2330"}}));
    const Json since{{"0040,0002", "20261201-"}, {"0040,0003", "1800-"}};
    CHECK(step(since, {{"0040,0002", "20261202"}}));
    CHECK_FALSE(step(since, {{"0040,0002", "20261201"}}));
    // One end without its time: two ranges.
    const Json both{{"0040,0002", "20261201-20261202"}, {"0040,0003", "1800-"}};
    CHECK_FALSE(step(both, {{"0040,0002", "20261202"}, {"0040,0003", "0600"}}));
    CHECK(step(both, {{"0040,0002", "20261202"}, {"0040,0003", "1900"}}));
    const Json wrong{{"0040,0002", "x-y"}, {"0040,0003", "1800-1900"}};
    CHECK_FALSE(step(wrong, {{"0040,0002", "20261202"}, {"0040,0003", "1830"}}));
}

TEST_CASE("numbers are compared as such") {
    CHECK(one("0010,21c0", "4", "4"));
    CHECK(one("0010,21c0", "4", " 4.0 "));
    CHECK_FALSE(one("0010,21c0", "4", "3"));
    CHECK_FALSE(one("0010,21c0", "4x", "4"));
}

TEST_CASE("one item of a sequence must have all that is asked of it") {
    const Json given{{"0040,0100", {{{"0008,0060", "CT"}, {"0040,0006", "A"}}, {{"0008,0060", "MR"}}}}};
    CHECK(matched({{"0040,0100", {{{"0008,0060", "MR"}}}}}, given));
    CHECK(matched({{"0040,0100", {{{"0008,0060", "CT"}, {"0040,0006", "a"}}}}}, given));
    CHECK_FALSE(matched({{"0040,0100", {{{"0008,0060", "MR"}, {"0040,0006", "A"}}}}}, given));
}
