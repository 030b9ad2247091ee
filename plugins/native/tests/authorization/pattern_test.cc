// Patterns, and what is told from their first letters alone.
#include "authorization/pattern.h"

#include "framework/errors.h"

#include <catch2/catch_test_macros.hpp>

#include <string>
#include <vector>

using orthanc_images::authorization::Pattern;

namespace {

bool fits(const std::string &pattern, const std::string &text) {
    return Pattern(pattern, "here").fits(text);
}

} // namespace

TEST_CASE("a text fits by the whole of a pattern, whatever that begins with") {
    CHECK(fits("^/studies$", "/studies"));
    CHECK_FALSE(fits("^/studies$", "/studie"));
    CHECK_FALSE(fits("^/studies$", "/studies/"));
    CHECK(fits("/studies", "/studies"));
    // The last letter may be left out, or come again.
    CHECK(fits("^/studies?$", "/studie"));
    CHECK(fits("^/studies*$", "/studiesss"));
    CHECK(fits("^/studies{0,1}$", "/studie"));
    CHECK(fits("^/studies+$", "/studiess"));
    // Alternatives, with and without parentheses, escaped, and in brackets.
    CHECK(fits("^/a$|^/b$", "/b"));
    CHECK(fits("^/(a|b)$", "/b"));
    CHECK(fits("^/a[|]b$", "/a|b"));
    CHECK(fits("^/a\\|b$", "/a|b"));
    CHECK(fits("^/a[(]$|^/b$", "/b"));
    CHECK(fits("^/a\\($|^/b$", "/b"));
    CHECK(fits("^/a\\Q(\\E$|^/b$", "/b"));
    // Options, before and behind the first letters.
    CHECK(fits("(?i)^/STUDIES$", "/studies"));
    CHECK(fits("^(?i)/STUDIES$", "/studies"));
    CHECK(fits("^/stu(?i)DIES$", "/studies"));
    CHECK_FALSE(fits("^/STU(?i)DIES$", "/studies"));
    CHECK(fits("^^/studies$", "/studies"));
    CHECK(fits("", ""));
    CHECK(fits("^$", ""));
    CHECK(fits(".*", "/anything"));
}

TEST_CASE("groups are those of the pattern, empty where they take no part") {
    const Pattern pattern("^/(patients|studies)/([a-f0-9-]+)(|/.*)$", "here");
    CHECK(pattern.groups("/studies/ab-1/series") == std::vector<std::string>{"studies", "ab-1", "/series"});
    CHECK(pattern.groups("/studies/ab-1") == std::vector<std::string>{"studies", "ab-1", ""});
    CHECK(pattern.groups("/series/ab-1").empty());
    CHECK(Pattern("^/(a)|/(b)$", "here").groups("/b") == std::vector<std::string>{"", "b"});
}

TEST_CASE("a path that takes too many steps is an error, and a long one is none") {
    const Pattern steps("^/(a+)+$", "here");
    CHECK_THROWS_AS(steps.fits("/" + std::string(60, 'a') + "!"), orthanc_images::Error);
    CHECK(Pattern("^/(.*)$", "here").fits("/" + std::string(1'000'000, 'x')));
    CHECK_THROWS_AS(Pattern("^/(a$", "here"), orthanc_images::Error);
}
