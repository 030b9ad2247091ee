// What `config authorization` says, and what the check before the start finds.
#include "authorization/explained.h"

#include "framework/errors.h"

#include <catch2/catch_test_macros.hpp>
#include <nlohmann/json.hpp>

#include <string>

namespace orthanc_images::tests {

using namespace authorization;

namespace {

const std::string ID(40, 'a');

Json service() {
    return {{"Authorization",
             {{"WebServiceRootUrl", "http://service/"},
              {"TokenHttpHeaders", {"Token"}},
              {"UncheckedFolders", {"/open/"}},
              {"ExtraPermissions", {{"get", "^/mine$", "one|two"}}},
              {"CheckedLevel", "studies"}}}};
}

} // namespace

TEST_CASE("the entry that decides is named, and what is reached") {
    CHECK(explained(service(), "GET", "/%6dine/?a=b") ==
          Json::parse(R"({"path": "/mine", "users": [], "checked": ["study"], "search": false,
            "entry": {"place": "Authorization.ExtraPermissions[0]", "method": "GET", "pattern": "^/mine$",
                      "permissions": ["one", "two"]},
            "targets": [{"level": "system", "id": "/mine"}],
            "profile": "http://service/user/get-profile", "validation": "http://service/tokens/validate",
            "headers": ["Token"], "arguments": []})"));
    const Json study = explained(service(), "GET", "/studies/" + ID + "/archive");
    CHECK(study["entry"]["pattern"] == "SINGLE_RESOURCE_PATTERNS");
    CHECK(study["targets"] == Json{{{"level", "study"}, {"id", ID}}});
    CHECK(explained(service(), "GET", "/tools/create-archive?resources=1+2,%41&other")["targets"] ==
          Json::parse(R"([{"level": "any", "id": "1 2"}, {"level": "any", "id": "A"}])"));
    CHECK(explained(service(), "GET", "/dicom-web/studies?StudyInstanceUID=1.2")["targets"] ==
          Json::parse(R"([{"level": "study", "uids": ["1.2"]}])"));
    CHECK(explained(service(), "GET", "/dicom-web/studies")["search"] == true);
}

TEST_CASE("what no entry decides is said too") {
    CHECK(!explained(service(), "GET", "/a%2fb%2e").contains("entry"));
    CHECK(explained(service(), "GET", "/a//b").contains("path") == false);
    CHECK(explained(service(), "GET", "/open/x")["unchecked"] == "/open/");
    CHECK(!explained(service(), "POST", "/open/x").contains("unchecked"));
    CHECK_THROWS_AS(explained(service(), "HEAD", "/"), Error);
}

TEST_CASE("users of the configuration who have the permission are named") {
    const Json site{{"AuthenticationEnabled", true},
                    {"RegisteredUsers", {{"al", "pw"}, {"bo", "pw"}, {"cy", "pw"}}},
                    {"Authorization",
                     {{"Users",
                       {{"al", {{"Permissions", {"all"}}}},
                        {"bo", {{"Permissions", {"view"}}, {"AuthorizedLabels", {"A"}}}},
                        {"cy", {{"Permissions", {"send"}}}}}}}}};
    CHECK(explained(site, "GET", "/system")["users"] ==
          Json::parse(R"([{"name": "al", "labels": ["*"]}, {"name": "bo", "labels": ["A"]}])"));
}

TEST_CASE("each wrong entry is found") {
    const Json site{
        {"Authorization",
         {{"Permissions", {{"get", "^/a$", "x"}, {"get", "^/(b$", "x"}, {"got", "^/c$", "x"}, {"get"}}},
          {"ExtraPermissions", {{"get", "^/[a", "x"}}}}}};
    const Json wrong = wrong_entries(site);
    REQUIRE(wrong.size() == 4);
    CHECK(wrong[0][0] == "Permissions");
    CHECK(wrong[0][1] == 1);
    CHECK(
        wrong[0][2].get<std::string>().starts_with("is no regular expression (missing closing parenthesis"));
    CHECK(wrong[1][1] == 2);
    CHECK(wrong[2][1] == 3);
    CHECK(wrong[3][0] == "ExtraPermissions");
    CHECK(wrong_entries(Json::object()).empty());
}

} // namespace orthanc_images::tests
