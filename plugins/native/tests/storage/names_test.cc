// The names of objects, and signatures: those of Python, of its libraries, and of the stores' documentation.
#include "framework/errors.h"
#include "storage/names.h"
#include "storage/signer.h"
#include "tests/storage/vectors.h"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <cctype>
#include <map>
#include <string>

using namespace orthanc_images;
using namespace orthanc_images::storage;
using orthanc_images::tests::has;
using orthanc_images::tests::vectors;

namespace {

// Returns the headers by their names in small letters.
std::map<std::string, std::string> by_name(const Headers &headers) {
    std::map<std::string, std::string> found;
    for (const std::string &header : headers) {
        const std::size_t colon = header.find(": ");
        std::string name = header.substr(0, colon);
        std::ranges::transform(name, name.begin(),
                               [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
        found[name] = header.substr(colon + 2);
    }
    return found;
}

std::map<std::string, std::string> signed_by(const Json &credentials, const std::string &range) {
    Headers headers;
    signer_of(credentials, "h")->sign({"/p", range}, 0, headers);
    return by_name(headers);
}

} // namespace

TEST_CASE("objects have the names that Python gives them") {
    const std::string uuid = "4b1bc8f5-1f5b-4c36-a0b7-8e3d2a8a0a11";
    for (const Json &row : vectors("names.json")) {
        const Names names{row["prefix"], row["structure"] == "legacy", row["encrypted"]};
        const std::string name = names.name(uuid, row["type"]);
        CHECK(name == row["name"].get<std::string>());
        CHECK(encoded(name, true) == row["address"].get<std::string>());
    }
    CHECK(Names{}.name("abcd", 1).empty());
    CHECK(encoded("a/b.c", false) == "a%2Fb.c");
}

TEST_CASE("requests are signed as others sign them") {
    for (const Json &row : vectors("signed.json")) {
        Headers headers;
        signer_of(row["credentials"], row["host"])
            ->sign({row["path"], row["range"]}, row["time"].get<std::time_t>(), headers);
        std::map<std::string, std::string> expected = row["headers"];
        CHECK(by_name(headers) == expected);
    }
}

TEST_CASE("the key of a day is not that of the next one") {
    const Json row = vectors("signed.json").at(0);
    const auto signer = signer_of(row["credentials"], row["host"]);
    const auto at = [&](std::time_t time) {
        Headers headers;
        signer->sign({row["path"], row["range"]}, time, headers);
        return by_name(headers)["authorization"];
    };
    const auto time = row["time"].get<std::time_t>();
    const std::string first = at(time);
    CHECK(at(time + 86'400) != first);
    CHECK(at(time) == first);
}

TEST_CASE("tokens and signatures in the address") {
    using Found = std::map<std::string, std::string>;
    CHECK(signed_by({{"kind", "bearer"}, {"token", "t"}, {"until", 0}}, "bytes=0-1") ==
          Found{{"authorization", "Bearer t"}, {"range", "bytes=0-1"}});
    CHECK(signed_by({{"kind", "bearer"}, {"token", ""}, {"until", 0}}, "").empty());
    const Json query{{"kind", "query"}, {"query", "sv=1&sig=a%2Bb"}};
    CHECK(signed_by(query, "bytes=0-1") == Found{{"range", "bytes=0-1"}, {"x-ms-version", "2023-11-03"}});
    CHECK(signer_of(query, "h")->query() == "sv=1&sig=a%2Bb");
    CHECK(signer_of(query, "h")->valid(1));
    const auto bearer = signer_of({{"kind", "bearer"}, {"token", "t"}, {"until", 100}}, "h");
    CHECK(bearer->valid(99));
    CHECK_FALSE(bearer->valid(100));
    CHECK(bearer->query().empty());
}

TEST_CASE("credentials that are none are an error without secrets") {
    for (const Json &wrong :
         {Json(1), Json{{"kind", "s3"}, {"secret", "hidden"}}, Json{{"kind", "other"}, {"token", "hidden"}},
          Json{{"kind", "shared-key"}, {"account", "a"}, {"key", "hidden!"}},
          Json{{"kind", "shared-key"}, {"account", "a"}, {"key", "===="}},
          Json{{"kind", "bearer"}, {"token", "hidden"}}}) {
        try {
            signer_of(wrong, "h");
            FAIL("there is a signer");
        } catch (const Error &error) {
            const std::string what = error.what();
            CHECK(what.starts_with("credentials of a store: "));
            CHECK_FALSE(has(what, "hidden"));
        }
    }
}
