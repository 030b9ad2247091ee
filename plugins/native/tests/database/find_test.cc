// The statements of FIND, as they are put together.
#include "database/index/find.h"

#include <catch2/catch_test_macros.hpp>

#include <functional>
#include <string>
#include <variant>

namespace orthanc_images::database {

namespace {

// The SQL with its values in place of the question marks.
std::string shown(const Query &query) {
    std::string shown;
    std::size_t next = 0;
    for (const char letter : query.text()) {
        if (letter != '?') {
            shown += letter == '\n' ? ' ' : letter;
            continue;
        }
        const Query::Value &value = query.values().at(next++);
        if (const auto *number = std::get_if<std::int64_t>(&value)) {
            shown += std::to_string(*number);
        } else {
            shown += '<' + std::get<std::string>(value) + '>';
        }
    }
    CHECK(next == query.values().size());
    return shown;
}

std::string found(const messages::Find_Request &request, SchemaKind schema = SchemaKind::postgresql,
                  Dialect dialect = Dialect::postgresql) {
    const Catalogue catalogue(schema, dialect);
    return shown(Selection(catalogue, request).resources());
}

// Only what stands between the level and ORDER BY.
std::string conditions(const messages::Find_Request &request) {
    const std::string text = found(request);
    const std::string level = "WHERE r.resourceType = 1";
    const std::size_t from = text.find(level) + level.size();
    const std::string between = text.substr(from, text.find(" ORDER BY") - from);
    return between.empty() ? between : between.substr(std::string(" AND ").size());
}

std::string message_of(const messages::Find_Request &request) {
    try {
        found(request);
    } catch (const Error &error) {
        CHECK(error.code() == OrthancPluginErrorCode_ParameterOutOfRange);
        return error.what();
    }
    return "nothing was thrown";
}

messages::Find_Request studies() {
    messages::Find_Request request;
    request.set_level(messages::RESOURCE_STUDY);
    return request;
}

messages::DatabaseConstraint &constrain(messages::Find_Request &request, messages::ResourceType level,
                                        messages::ConstraintType type, const std::string &value) {
    messages::DatabaseConstraint &constraint = *request.add_dicom_tag_constraints();
    constraint.set_level(level);
    constraint.set_tag_group(16);
    constraint.set_tag_element(32);
    constraint.set_is_identifier_tag(true);
    constraint.set_is_case_sensitive(true);
    constraint.set_is_mandatory(true);
    constraint.set_type(type);
    constraint.add_values(value);
    return constraint;
}

} // namespace

TEST_CASE("all resources of a level come by their public ids", "[find]") {
    CHECK(found(studies()) == "SELECT r.internalId, r.publicId FROM Resources r  WHERE r.resourceType = 1 "
                              "ORDER BY r.publicId COLLATE \"C\"");
}

TEST_CASE("a page has a start and a length, and without a length all the rest", "[find]") {
    messages::Find_Request request = studies();
    request.mutable_limits()->set_since(20);
    request.mutable_limits()->set_count(10);
    CHECK(found(request).ends_with("LIMIT 10 OFFSET 20"));
    CHECK(
        found(request, SchemaKind::odbc, Dialect::mssql).ends_with("OFFSET 20 ROWS FETCH NEXT 10 ROWS ONLY"));
    request.mutable_limits()->set_count(0);
    CHECK(found(request).ends_with("LIMIT 9223372036854775807 OFFSET 20"));
}

TEST_CASE("the lowest identifier at or above the level counts", "[find]") {
    messages::Find_Request request = studies();
    request.set_orthanc_id_patient("patient");
    CHECK(found(request).find("JOIN Resources p0 ON p0.internalId = r.parentId") != std::string::npos);
    CHECK(conditions(request) == "p0.publicId = <patient>");
    request.set_orthanc_id_study("study");
    CHECK(conditions(request) == "r.publicId = <study>");
    request.set_orthanc_id_series("series");
    CHECK(conditions(request).empty());
}

TEST_CASE("an optional condition stands in parentheses, and takes resources without the tag", "[find]") {
    messages::Find_Request request = studies();
    constrain(request, messages::RESOURCE_STUDY, messages::CONSTRAINT_EQUAL, "A").set_is_mandatory(false);
    constrain(request, messages::RESOURCE_STUDY, messages::CONSTRAINT_SMALLER_OR_EQUAL, "B");
    CHECK(
        found(request).find("LEFT JOIN DicomIdentifiers t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND "
                            "t0.tagElement = 32 JOIN DicomIdentifiers t1") != std::string::npos);
    CHECK(conditions(request) == "(t0.value IS NULL OR t0.value = <A>) AND t1.value COLLATE \"C\" <= <B>");
}

TEST_CASE("wildcards become patterns, in which all else stands for itself", "[find]") {
    messages::Find_Request request = studies();
    constrain(request, messages::RESOURCE_STUDY, messages::CONSTRAINT_WILDCARD, R"(a*b?c%d_e\f[g])");
    CHECK(conditions(request) == R"(t0.value LIKE <a%b_c\%d\_e\\f[g]> ESCAPE '\')");
    CHECK(found(request, SchemaKind::odbc, Dialect::mssql).find(R"(<a%b_c\%d\_e\\f\[g\]>)") !=
          std::string::npos);
}

TEST_CASE("a wildcard for whatever there is demands the tag, or nothing where it is optional", "[find]") {
    messages::Find_Request request = studies();
    constrain(request, messages::RESOURCE_STUDY, messages::CONSTRAINT_WILDCARD, "*").set_is_mandatory(false);
    CHECK(found(request).find("JOIN") == std::string::npos);
    constrain(request, messages::RESOURCE_STUDY, messages::CONSTRAINT_WILDCARD, "*");
    CHECK(found(request).find("FROM Resources r JOIN DicomIdentifiers t0") != std::string::npos);
    CHECK(conditions(request).find("t0.value") == std::string::npos);
}

TEST_CASE("without regard to case, both sides are folded", "[find]") {
    messages::Find_Request request = studies();
    messages::DatabaseConstraint &constraint =
        constrain(request, messages::RESOURCE_STUDY, messages::CONSTRAINT_LIST, "A");
    constraint.add_values("B");
    constraint.set_is_case_sensitive(false);
    CHECK(conditions(request) ==
          R"(lower(t0.value COLLATE "C") IN (lower(<A> COLLATE "C"), lower(<B> COLLATE "C")))");
}

TEST_CASE("a list of no values matches nothing", "[find]") {
    messages::Find_Request request = studies();
    constrain(request, messages::RESOURCE_STUDY, messages::CONSTRAINT_LIST, "A").clear_values();
    CHECK(conditions(request) == "1 = 0");
}

TEST_CASE("a condition under the level asks whether one child meets it, at any depth", "[find]") {
    messages::Find_Request request = studies();
    constrain(request, messages::RESOURCE_SERIES, messages::CONSTRAINT_EQUAL, "CT");
    constrain(request, messages::RESOURCE_INSTANCE, messages::CONSTRAINT_EQUAL, "1");
    CHECK(conditions(request) ==
          "EXISTS (SELECT 1 FROM Resources c1 JOIN DicomIdentifiers t0 ON t0.id = c1.internalId AND "
          "t0.tagGroup = 16 AND "
          "t0.tagElement = 32 WHERE c1.parentId = r.internalId AND t0.value = <CT>) AND "
          "EXISTS (SELECT 1 FROM Resources c1 JOIN Resources c2 ON c2.parentId = c1.internalId "
          "JOIN DicomIdentifiers t1 ON t1.id = c2.internalId AND t1.tagGroup = 16 AND t1.tagElement = 32 "
          "WHERE c1.parentId = r.internalId AND t1.value = <1>)");
}

TEST_CASE("labels are all, any or none of them, and none at all", "[find]") {
    messages::Find_Request request = studies();
    CHECK(conditions(request).empty());
    request.set_labels_constraint(messages::LABELS_CONSTRAINT_NONE);
    CHECK(conditions(request) == "NOT EXISTS (SELECT 1 FROM Labels l WHERE l.id = r.internalId)");
    request.add_labels("a");
    request.add_labels("b");
    CHECK(conditions(request) ==
          "NOT EXISTS (SELECT 1 FROM Labels l WHERE l.id = r.internalId AND l.label IN (<a>, <b>))");
    request.set_labels_constraint(messages::LABELS_CONSTRAINT_ANY);
    CHECK(conditions(request) ==
          "EXISTS (SELECT 1 FROM Labels l WHERE l.id = r.internalId AND l.label IN (<a>, <b>))");
    request.set_labels_constraint(messages::LABELS_CONSTRAINT_ALL);
    CHECK(conditions(request) ==
          "EXISTS (SELECT 1 FROM Labels l WHERE l.id = r.internalId AND l.label IN (<a>)) AND "
          "EXISTS (SELECT 1 FROM Labels l WHERE l.id = r.internalId AND l.label IN (<b>))");
}

TEST_CASE("each key of an order puts what lacks it last, and equals stay in the order of their making",
          "[find]") {
    messages::Find_Request request;
    request.set_level(messages::RESOURCE_SERIES);
    messages::Find_Request_Ordering &by_tag = *request.add_ordering();
    by_tag.set_tag_level(messages::RESOURCE_PATIENT);
    by_tag.set_tag_group(16);
    by_tag.set_tag_element(16);
    by_tag.set_direction(messages::ORDERING_DIRECTION_DESC);
    messages::Find_Request_Ordering &by_metadata = *request.add_ordering();
    by_metadata.set_key_type(messages::ORDERING_KEY_TYPE_METADATA);
    by_metadata.set_metadata(1025);
    CHECK(found(request) ==
          "SELECT r.internalId, r.publicId FROM Resources r JOIN Resources p1 ON p1.internalId = r.parentId "
          "JOIN Resources p0 ON p0.internalId = p1.parentId "
          "LEFT JOIN MainDicomTags t0 ON t0.id = p0.internalId AND t0.tagGroup = 16 AND t0.tagElement = 16 "
          "LEFT JOIN Metadata t1 ON t1.id = r.internalId AND t1.type = 1025 "
          "WHERE r.resourceType = 2 ORDER BY t0.value COLLATE \"C\" DESC NULLS LAST, "
          "t1.value COLLATE \"C\" ASC NULLS LAST, r.internalId");
}

TEST_CASE("of what has the first key, the order is one that an index may have", "[find]") {
    messages::Find_Request request = studies();
    request.add_ordering()->set_tag_level(messages::RESOURCE_STUDY);
    request.mutable_ordering(0)->set_direction(messages::ORDERING_DIRECTION_DESC);
    request.add_ordering()->set_key_type(messages::ORDERING_KEY_TYPE_METADATA);
    const Catalogue catalogue(SchemaKind::postgresql, Dialect::postgresql);
    CHECK(shown(Selection(catalogue, request, Selection::Ordered::present).resources()) ==
          "SELECT r.internalId, r.publicId FROM Resources r "
          "JOIN MainDicomTags t0 ON t0.id = r.internalId AND t0.tagGroup = 0 AND t0.tagElement = 0 "
          "LEFT JOIN Metadata t1 ON t1.id = r.internalId AND t1.type = 0 "
          "WHERE r.resourceType = 1 ORDER BY t0.value COLLATE \"C\" DESC, t1.value COLLATE \"C\" ASC NULLS "
          "LAST, "
          "r.internalId");
}

TEST_CASE("studies are ordered by their own copy of a patient's tag", "[find]") {
    messages::Find_Request request = studies();
    request.add_ordering()->set_tag_level(messages::RESOURCE_PATIENT);
    CHECK(found(request).find("t0.id = r.internalId") != std::string::npos);
}

TEST_CASE("what no search has is refused", "[find]") {
    messages::Find_Request request = studies();
    request.add_ordering()->set_tag_level(messages::RESOURCE_SERIES);
    CHECK(message_of(request) == "search: resources cannot be ordered by a tag of what is under them.");
    request = studies();
    constrain(request, messages::RESOURCE_STUDY, messages::CONSTRAINT_EQUAL, "A").add_values("B");
    CHECK(message_of(request) == "search: a condition that compares with one value has 2.");
    request = studies();
    request.set_labels_constraint(static_cast<messages::LabelsConstraintType>(9));
    CHECK(message_of(request) == "search: there is no constraint of labels 9.");
}

TEST_CASE("a count has the conditions, and neither order nor page", "[find]") {
    messages::Find_Request request = studies();
    request.mutable_limits()->set_count(1);
    request.add_ordering()->set_tag_level(messages::RESOURCE_STUDY);
    constrain(request, messages::RESOURCE_STUDY, messages::CONSTRAINT_EQUAL, "A");
    const Catalogue catalogue(SchemaKind::postgresql, Dialect::postgresql);
    CHECK(shown(Selection(catalogue, request).count()) ==
          "SELECT COUNT(*) FROM Resources r JOIN DicomIdentifiers t0 ON t0.id = r.internalId AND t0.tagGroup "
          "= 16 AND "
          "t0.tagElement = 32 WHERE r.resourceType = 1 AND t0.value = <A>");
}

} // namespace orthanc_images::database
