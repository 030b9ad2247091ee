// The index as Orthanc's core sees it: messages in both directions, on each server.
#include "tests/database/servers.h"
#include "tests/fake_orthanc.h"

#include "database/index/adapter.h"
#include "database/schema/schema.h"

#include "framework/host.h"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <functional>
#include <mutex>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace orthanc_images::database::tests {

namespace {

using orthanc_images::tests::FakeOrthanc;

// Takes away all that other tests have left.
void empty(const Backend &backend) {
    const std::unique_ptr<Connection> connection = backend.opener();
    switch (connection->dialect()) {
    case Dialect::postgresql:
        connection->script("DROP SCHEMA public CASCADE");
        connection->script("CREATE SCHEMA public");
        return;
    case Dialect::mysql: {
        connection->script("SET FOREIGN_KEY_CHECKS = 0");
        const auto tables = connection->query(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE()");
        for (std::size_t row = 0; row < tables->rows(); ++row) {
            connection->script("DROP TABLE `" + std::string(tables->text(row, 0)) + "`");
        }
        const auto routines =
            connection->query("SELECT routine_type, routine_name FROM information_schema.routines "
                              "WHERE routine_schema = DATABASE()");
        for (std::size_t row = 0; row < routines->rows(); ++row) {
            connection->script("DROP " + std::string(routines->text(row, 0)) + " `" +
                               std::string(routines->text(row, 1)) + "`");
        }
        return;
    }
    default: {
        connection->script("PRAGMA foreign_keys = OFF");
        const auto tables = connection->query(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'");
        for (std::size_t row = 0; row < tables->rows(); ++row) {
            connection->script("DROP TABLE \"" + std::string(tables->text(row, 0)) + "\"");
        }
        return;
    }
    }
}

SchemaMaker schema_of(SchemaKind kind) {
    return kind == SchemaKind::postgresql ? postgresql_schema
           : kind == SchemaKind::mysql    ? mysql_schema
                                          : odbc_schema;
}

struct Outcome {
    OrthancPluginErrorCode code;
    messages::Response response;
};

// An index, from the point of view of the core.
class Core {
    // Several threads call what begins and ends a transaction, and only one may make assertions of Catch2.
    static void must(bool holds, const char *otherwise) {
        if (!holds) {
            throw std::logic_error(otherwise);
        }
    }

  public:
    explicit Core(const Backend &backend, bool read_only = false)
        : index_(backend, schema_of(backend.schema), read_only) {}

    Outcome call(const messages::Request &request) {
        const std::string bytes = request.SerializeAsString();
        OrthancPluginMemoryBuffer64 buffer{};
        Outcome outcome{answer(&buffer, &index_, bytes.data(), bytes.size()), {}};
        if (buffer.size != 0) {
            must(outcome.response.ParseFromArray(buffer.data, static_cast<int>(buffer.size)),
                 "an answer is no message");
            OrthancPluginFreeMemoryBuffer64(host(), &buffer);
        }
        return outcome;
    }

    Outcome database(messages::DatabaseOperation operation,
                     const std::function<void(messages::DatabaseRequest &)> &fill = {}) {
        messages::Request request;
        request.set_type(messages::REQUEST_DATABASE);
        request.mutable_database_request()->set_operation(operation);
        if (fill) {
            fill(*request.mutable_database_request());
        }
        return call(request);
    }

    void open() {
        REQUIRE(database(messages::OPERATION_OPEN).code == OrthancPluginErrorCode_Success);
    }

    void close() {
        CHECK(database(messages::OPERATION_CLOSE).code == OrthancPluginErrorCode_Success);
    }

    std::int64_t begin(messages::TransactionType type) {
        const Outcome outcome =
            database(messages::OPERATION_START_TRANSACTION, [type](messages::DatabaseRequest &request) {
                request.mutable_start_transaction()->set_type(type);
            });
        must(outcome.code == OrthancPluginErrorCode_Success, "a transaction does not begin");
        return outcome.response.database_response().start_transaction().transaction();
    }

    void finalize(std::int64_t transaction) {
        const Outcome outcome = database(
            messages::OPERATION_FINALIZE_TRANSACTION, [transaction](messages::DatabaseRequest &request) {
                request.mutable_finalize_transaction()->set_transaction(transaction);
            });
        must(outcome.code == OrthancPluginErrorCode_Success, "a transaction does not end");
    }

    Index &index() {
        return index_;
    }

  private:
    Index index_;
};

// A transaction that ends, and is committed unless something else is asked for.
class Work {
  public:
    using Fill = std::function<void(messages::TransactionRequest &)>;

    explicit Work(Core &core, messages::TransactionType type = messages::TRANSACTION_READ_WRITE)
        : core_(core), transaction_(core.begin(type)) {}

    Work(const Work &) = delete;
    Work &operator=(const Work &) = delete;

    ~Work() {
        core_.finalize(transaction_);
    }

    OrthancPluginErrorCode attempt(messages::TransactionOperation operation, const Fill &fill = {}) {
        messages::Request request;
        request.set_type(messages::REQUEST_TRANSACTION);
        request.mutable_transaction_request()->set_transaction(transaction_);
        request.mutable_transaction_request()->set_operation(operation);
        if (fill) {
            fill(*request.mutable_transaction_request());
        }
        Outcome outcome = core_.call(request);
        response_ = std::move(outcome.response);
        return outcome.code;
    }

    const messages::TransactionResponse &ask(messages::TransactionOperation operation,
                                             const Fill &fill = {}) {
        INFO("operation " << operation);
        REQUIRE(attempt(operation, fill) == OrthancPluginErrorCode_Success);
        return response_.transaction_response();
    }

    // The answer to the last request.
    const messages::TransactionResponse &answered() const {
        return response_.transaction_response();
    }

    void commit() {
        ask(messages::OPERATION_COMMIT);
    }

    void rollback() {
        ask(messages::OPERATION_ROLLBACK);
    }

    messages::CreateInstance_Response create(const std::string &patient, const std::string &study,
                                             const std::string &series, const std::string &instance) {
        return ask(messages::OPERATION_CREATE_INSTANCE,
                   [&](messages::TransactionRequest &request) {
                       messages::CreateInstance_Request &wanted = *request.mutable_create_instance();
                       wanted.set_patient(patient);
                       wanted.set_study(study);
                       wanted.set_series(series);
                       wanted.set_instance(instance);
                   })
            .create_instance();
    }

    void label(std::int64_t id, const std::string &label) {
        ask(messages::OPERATION_ADD_LABEL, [&](messages::TransactionRequest &request) {
            request.mutable_add_label()->set_id(id);
            request.mutable_add_label()->set_label(label);
        });
    }

    void set_metadata(std::int64_t id, int type, const std::string &value, std::int64_t revision = 0) {
        ask(messages::OPERATION_SET_METADATA, [&](messages::TransactionRequest &request) {
            request.mutable_set_metadata()->set_id(id);
            request.mutable_set_metadata()->set_metadata_type(type);
            request.mutable_set_metadata()->set_value(value);
            request.mutable_set_metadata()->set_revision(revision);
        });
    }

    void log_change(std::int64_t id, int type) {
        ask(messages::OPERATION_LOG_CHANGE, [&](messages::TransactionRequest &request) {
            request.mutable_log_change()->set_change_type(type);
            request.mutable_log_change()->set_resource_id(id);
            request.mutable_log_change()->set_resource_type(messages::RESOURCE_INSTANCE);
            request.mutable_log_change()->set_date("20261128T120000");
        });
    }

    void attach(std::int64_t id, int type, const std::string &uuid, const std::string &custom = "") {
        ask(messages::OPERATION_ADD_ATTACHMENT, [&](messages::TransactionRequest &request) {
            messages::AddAttachment_Request &wanted = *request.mutable_add_attachment();
            wanted.set_id(id);
            wanted.set_revision(3);
            messages::FileInfo &file = *wanted.mutable_attachment();
            file.set_uuid(uuid);
            file.set_content_type(type);
            file.set_compressed_size(10);
            file.set_uncompressed_size(20);
            file.set_compression_type(1);
            file.set_compressed_hash("compressed");
            file.set_uncompressed_hash("uncompressed");
            file.set_custom_data(custom);
        });
    }

    std::vector<messages::Find_Response> find(const messages::Find_Request &wanted) {
        const auto &found = ask(messages::OPERATION_FIND, [&](messages::TransactionRequest &request) {
                                *request.mutable_find() = wanted;
                            }).find();
        return {found.begin(), found.end()};
    }

  private:
    Core &core_;
    std::int64_t transaction_;
    messages::Response response_;
};

// Two patients: "p1" with the studies "s1" (series "e1" with instances "i1", "i2", and "e2" with "i3") and
// "s2"
// ("e3" with "i4"), and "p2" with "s3", "e4" and "i5".
struct Content {
    std::int64_t p1 = 0, p2 = 0, s1 = 0, s2 = 0, s3 = 0, e1 = 0, e2 = 0, e3 = 0, e4 = 0;
    std::int64_t i1 = 0, i2 = 0, i3 = 0, i4 = 0, i5 = 0;
};

messages::SetResourcesContent_Request_Tag tag(std::int64_t id, std::uint32_t group, std::uint32_t element,
                                              const std::string &value, bool identifier = false) {
    messages::SetResourcesContent_Request_Tag tag;
    tag.set_resource_id(id);
    tag.set_group(group);
    tag.set_element(element);
    tag.set_value(value);
    tag.set_is_identifier(identifier);
    return tag;
}

Content filled(Core &core) {
    Content content;
    Work work(core);
    const auto first = work.create("p1", "s1", "e1", "i1");
    content.p1 = first.patient_id(), content.s1 = first.study_id(), content.e1 = first.series_id();
    content.i1 = first.instance_id();
    content.i2 = work.create("p1", "s1", "e1", "i2").instance_id();
    const auto third = work.create("p1", "s1", "e2", "i3");
    content.e2 = third.series_id(), content.i3 = third.instance_id();
    const auto fourth = work.create("p1", "s2", "e3", "i4");
    content.s2 = fourth.study_id(), content.e3 = fourth.series_id(), content.i4 = fourth.instance_id();
    const auto fifth = work.create("p2", "s3", "e4", "i5");
    content.p2 = fifth.patient_id(), content.s3 = fifth.study_id(), content.e4 = fifth.series_id();
    content.i5 = fifth.instance_id();
    work.ask(messages::OPERATION_SET_RESOURCES_CONTENT, [&](messages::TransactionRequest &request) {
        auto &tags = *request.mutable_set_resources_content()->mutable_tags();
        *tags.Add() = tag(content.p1, 16, 16, "Müller^Jörg");
        *tags.Add() = tag(content.p1, 16, 32, "ID1", true);
        *tags.Add() = tag(content.p2, 16, 16, "doe");
        *tags.Add() = tag(content.s1, 8, 4144, "9");
        *tags.Add() = tag(content.s2, 8, 4144, "10 of them");
        *tags.Add() = tag(content.e1, 8, 96, "CT");
        *tags.Add() = tag(content.e2, 8, 96, "MR");
        *tags.Add() = tag(content.e3, 8, 96, "CT");
        *tags.Add() = tag(content.i1, 32, 19, "1");
        auto &metadata = *request.mutable_set_resources_content()->mutable_metadata();
        for (const auto &[id, value] : {std::pair{content.i1, "x"}, std::pair{content.i3, "y"}}) {
            messages::SetResourcesContent_Request_Metadata &each = *metadata.Add();
            each.set_resource_id(id);
            each.set_metadata(1030);
            each.set_value(value);
        }
    });
    work.commit();
    return content;
}

std::vector<std::string> ids(const std::vector<messages::Find_Response> &found) {
    std::vector<std::string> ids;
    for (const messages::Find_Response &each : found) {
        ids.push_back(each.public_id());
    }
    return ids;
}

std::set<std::string> values(const google::protobuf::RepeatedPtrField<messages::Find_Response_Tag> &tags) {
    std::set<std::string> values;
    for (const messages::Find_Response_Tag &each : tags) {
        values.insert(each.value());
    }
    return values;
}

using Ids = std::vector<std::string>;
using Texts = std::set<std::string>;

struct Opened {
    FakeOrthanc orthanc;
    Core core;

    explicit Opened(Backend backend) : core((empty(backend), backend.connections = 3, backend)) {
        core.open();
    }

    Opened(const Opened &) = delete;
    Opened &operator=(const Opened &) = delete;

    ~Opened() {
        core.close();
    }
};

} // namespace

TEST_CASE("the index says what it can do, and how quick the server is", "[index]") {
    Opened opened(each_server());
    const auto told = opened.core.database(messages::OPERATION_GET_SYSTEM_INFORMATION)
                          .response.database_response()
                          .get_system_information();
    CHECK(told.database_version() == 6);
    CHECK(told.supports_labels());
    CHECK(told.supports_revisions());
    CHECK(told.supports_find());
    CHECK(told.has_extended_changes());
    CHECK(told.supports_key_value_stores());
    CHECK(told.supports_queues());
    CHECK(told.supports_reserve_queue_value());
    CHECK(told.has_attachment_custom_data());
    CHECK(told.has_measure_latency());
    CHECK_FALSE(told.supports_flush_to_disk());
    CHECK(opened.core.database(messages::OPERATION_MEASURE_LATENCY)
              .response.database_response()
              .measure_latency()
              .latency_us() >= 0);
}

TEST_CASE("resources are found with all that is asked for", "[index]") {
    Opened opened(each_server());
    const Content content = filled(opened.core);
    Work work(opened.core);
    work.label(content.s1, "b");
    work.label(content.s1, "a");
    work.label(content.s1, "a");
    work.set_metadata(content.s1, 1025, "value", 7);
    work.attach(content.s1, 1, "uuid-1", std::string("\0custom", 7));
    work.attach(content.i1, 1, "uuid-2");
    messages::Find_Request request;
    request.set_level(messages::RESOURCE_STUDY);
    request.set_orthanc_id_study("s1");
    request.set_retrieve_main_dicom_tags(true);
    request.set_retrieve_metadata(true);
    request.set_retrieve_labels(true);
    request.set_retrieve_attachments(true);
    request.set_retrieve_parent_identifier(true);
    request.set_retrieve_one_instance_metadata_and_attachments(true);
    request.mutable_parent_patient()->set_retrieve_main_dicom_tags(true);
    request.mutable_children_series()->set_retrieve_identifiers(true);
    messages::Find_Request_Tag &modality = *request.mutable_children_series()->add_retrieve_main_dicom_tags();
    modality.set_group(8);
    modality.set_element(96);
    request.mutable_children_instances()->set_retrieve_count(true);
    request.mutable_children_instances()->add_retrieve_metadata(1030);
    const auto found = work.find(request);
    REQUIRE(ids(found) == Ids{"s1"});
    const messages::Find_Response &study = found[0];
    CHECK(study.internal_id() == content.s1);
    CHECK(study.parent_public_id() == "p1");
    CHECK(values(study.patient_content().main_dicom_tags()) == Texts{"Müller^Jörg"});
    CHECK(values(study.study_content().main_dicom_tags()) == Texts{"9"});
    REQUIRE(study.study_content().metadata_size() == 1);
    CHECK(study.study_content().metadata(0).value() == "value");
    CHECK(study.study_content().metadata(0).revision() == 7);
    CHECK(Texts(study.labels().begin(), study.labels().end()) == Texts{"a", "b"});
    CHECK(study.labels_size() == 2);
    REQUIRE(study.attachments_size() == 1);
    CHECK(study.attachments(0).uuid() == "uuid-1");
    CHECK(study.attachments(0).compressed_size() == 10);
    CHECK(study.attachments(0).uncompressed_size() == 20);
    CHECK(study.attachments(0).compression_type() == 1);
    CHECK(study.attachments(0).compressed_hash() == "compressed");
    CHECK(study.attachments(0).uncompressed_hash() == "uncompressed");
    CHECK(study.attachments(0).custom_data() == std::string("\0custom", 7));
    CHECK(study.attachments_revisions(0) == 3);
    const auto &series = study.children_series_content();
    CHECK(Texts(series.identifiers().begin(), series.identifiers().end()) == Texts{"e1", "e2"});
    CHECK(series.count() == 2);
    CHECK(values(series.main_dicom_tags()) == Texts{"CT", "MR"});
    CHECK(study.children_instances_content().count() == 3);
    CHECK(study.children_instances_content().metadata_size() == 2);
    CHECK(study.one_instance_public_id() == "i1");
    CHECK(study.one_instance_metadata_size() == 1);
    REQUIRE(study.one_instance_attachments_size() == 1);
    CHECK(study.one_instance_attachments(0).uuid() == "uuid-2");
}

TEST_CASE("an instance has all of its ancestors, and a patient all that is under it", "[index]") {
    Opened opened(each_server());
    filled(opened.core);
    Work work(opened.core, messages::TRANSACTION_READ_ONLY);
    messages::Find_Request request;
    request.set_level(messages::RESOURCE_INSTANCE);
    request.set_orthanc_id_patient("p1");
    request.mutable_parent_patient()->set_retrieve_main_dicom_tags(true);
    request.mutable_parent_study()->set_retrieve_main_dicom_tags(true);
    request.mutable_parent_series()->set_retrieve_main_dicom_tags(true);
    const auto instances = work.find(request);
    REQUIRE(ids(instances) == Ids{"i1", "i2", "i3", "i4"});
    CHECK(values(instances[3].patient_content().main_dicom_tags()) == Texts{"Müller^Jörg"});
    CHECK(values(instances[3].study_content().main_dicom_tags()) == Texts{"10 of them"});
    CHECK(values(instances[2].series_content().main_dicom_tags()) == Texts{"MR"});

    messages::Find_Request patients;
    patients.set_level(messages::RESOURCE_PATIENT);
    patients.mutable_children_studies()->set_retrieve_count(true);
    patients.mutable_children_series()->set_retrieve_count(true);
    patients.mutable_children_instances()->set_retrieve_count(true);
    patients.mutable_children_instances()->add_retrieve_metadata(1030);
    messages::Find_Request_Tag &number =
        *patients.mutable_children_instances()->add_retrieve_main_dicom_tags();
    number.set_group(32);
    number.set_element(19);
    const auto found = work.find(patients);
    REQUIRE(ids(found) == Ids{"p1", "p2"});
    CHECK(found[0].children_studies_content().count() == 2);
    CHECK(found[0].children_series_content().count() == 3);
    CHECK(found[0].children_instances_content().count() == 4);
    CHECK(found[0].children_instances_content().metadata_size() == 2);
    CHECK(values(found[0].children_instances_content().main_dicom_tags()) == Texts{"1"});
    CHECK(found[1].children_instances_content().count() == 1);
    patients.mutable_children_instances()->set_retrieve_identifiers(true);
    CHECK(work.find(patients)[0].children_instances_content().identifiers_size() == 4);
}

TEST_CASE("an order by numbers takes what begins the text, and never fails", "[index]") {
    Opened opened(each_server());
    const Content content = filled(opened.core);
    Work work(opened.core);
    const std::vector<std::pair<std::int64_t, std::string>> given = {
        {content.e1, "12.5e1abc"}, {content.e2, "-3"}, {content.e3, "none"}, {content.e4, "7"}};
    for (const auto &[id, value] : given) {
        work.set_metadata(id, 1025, value);
    }
    messages::Find_Request request;
    request.set_level(messages::RESOURCE_SERIES);
    messages::Find_Request_Ordering &order = *request.add_ordering();
    order.set_key_type(messages::ORDERING_KEY_TYPE_METADATA);
    order.set_metadata(1025);
    order.set_cast(messages::ORDERING_CAST_FLOAT);
    CHECK(ids(work.find(request)) == Ids{"e2", "e3", "e4", "e1"});
    order.set_cast(messages::ORDERING_CAST_INT);
    order.set_direction(messages::ORDERING_DIRECTION_DESC);
    CHECK(ids(work.find(request)) == Ids{"e1", "e4", "e3", "e2"});
    order.set_cast(messages::ORDERING_CAST_STRING);
    CHECK(ids(work.find(request)) == Ids{"e3", "e4", "e1", "e2"});
    work.ask(messages::OPERATION_DELETE_METADATA, [&](messages::TransactionRequest &asked) {
        asked.mutable_delete_metadata()->set_id(content.e3);
        asked.mutable_delete_metadata()->set_type(1025);
    });
    CHECK(ids(work.find(request)) == Ids{"e4", "e1", "e2", "e3"});
    order.set_direction(messages::ORDERING_DIRECTION_ASC);
    CHECK(ids(work.find(request)) == Ids{"e2", "e1", "e4", "e3"});
    request.mutable_limits()->set_since(1);
    request.mutable_limits()->set_count(2);
    CHECK(ids(work.find(request)) == Ids{"e1", "e4"});
}

TEST_CASE("conditions compare by bytes, with or without regard to case", "[index]") {
    Opened opened(each_server());
    filled(opened.core);
    Work work(opened.core);
    const auto found = [&](messages::ConstraintType type, bool sensitive, const std::string &value) {
        messages::Find_Request request;
        request.set_level(messages::RESOURCE_PATIENT);
        messages::DatabaseConstraint &constraint = *request.add_dicom_tag_constraints();
        constraint.set_level(messages::RESOURCE_PATIENT);
        constraint.set_tag_group(16);
        constraint.set_tag_element(16);
        constraint.set_is_mandatory(true);
        constraint.set_is_case_sensitive(sensitive);
        constraint.set_type(type);
        constraint.add_values(value);
        const Ids result = ids(work.find(request));
        CHECK(work.ask(messages::OPERATION_COUNT_RESOURCES,
                       [&](messages::TransactionRequest &asked) { *asked.mutable_find() = request; })
                  .count_resources()
                  .count() == result.size());
        return result;
    };
    CHECK(found(messages::CONSTRAINT_EQUAL, true, "DOE").empty());
    CHECK(found(messages::CONSTRAINT_EQUAL, false, "DOE") == Ids{"p2"});
    CHECK(found(messages::CONSTRAINT_EQUAL, true, "doe ").empty());
    CHECK(found(messages::CONSTRAINT_LIST, true, "Doe").empty());
    CHECK(found(messages::CONSTRAINT_LIST, false, "Doe") == Ids{"p2"});
    CHECK(found(messages::CONSTRAINT_WILDCARD, true, "D*").empty());
    CHECK(found(messages::CONSTRAINT_WILDCARD, false, "D?E") == Ids{"p2"});
    CHECK(found(messages::CONSTRAINT_WILDCARD, true, "M?ller*") == Ids{"p1"});
    CHECK(found(messages::CONSTRAINT_EQUAL, true, "Muller^Jorg").empty());
    // Only A to Z are folded.
    CHECK(found(messages::CONSTRAINT_EQUAL, false, "MÜLLER^JÖRG").empty());
    CHECK(found(messages::CONSTRAINT_EQUAL, false, "MüLLER^JöRG") == Ids{"p1"});
    CHECK(found(messages::CONSTRAINT_GREATER_OR_EQUAL, true, "Z") == Ids{"p2"});
    CHECK(found(messages::CONSTRAINT_SMALLER_OR_EQUAL, true, "Z") == Ids{"p1"});
}

TEST_CASE("changes are found by number and type, from either end", "[index]") {
    Opened opened(each_server());
    const Content content = filled(opened.core);
    Work work(opened.core);
    for (int type = 1; type <= 6; ++type) {
        work.log_change(content.i1, type);
    }
    const auto index = [&work] {
        return work.ask(messages::OPERATION_GET_LAST_CHANGE_INDEX).get_last_change_index().result();
    };
    const std::int64_t last = index();
    const std::int64_t before = last - 6;
    const auto changes = [&work](std::int64_t since, std::int64_t to, std::uint32_t limit,
                                 const std::vector<int> &types) {
        const auto answer = work.ask(messages::OPERATION_GET_CHANGES_EXTENDED,
                                     [&](messages::TransactionRequest &request) {
                                         request.mutable_get_changes_extended()->set_since(since);
                                         request.mutable_get_changes_extended()->set_to(to);
                                         request.mutable_get_changes_extended()->set_limit(limit);
                                         request.mutable_get_changes_extended()->mutable_change_type()->Add(
                                             types.begin(), types.end());
                                     })
                                .get_changes_extended();
        std::vector<int> found;
        for (const messages::ServerIndexChange &change : answer.changes()) {
            CHECK(change.public_id() == "i1");
            CHECK(change.date() == "20261128T120000");
            found.push_back(change.change_type());
        }
        return std::pair(found, answer.done());
    };
    using Found = std::pair<std::vector<int>, bool>;
    CHECK(changes(before, -1, 10, {}) == Found({1, 2, 3, 4, 5, 6}, true));
    CHECK(changes(0, -1, 2, {}) == Found({1, 2}, false));
    CHECK(changes(0, last - 1, 2, {}) == Found({4, 5}, false));
    CHECK(changes(before + 1, last - 1, 2, {}) == Found({2, 3}, false));
    CHECK(changes(0, -1, 10, {2, 5}) == Found({2, 5}, true));
    CHECK(work.ask(messages::OPERATION_GET_LAST_CHANGE).get_last_change().change().change_type() == 6);
    work.ask(messages::OPERATION_CLEAR_CHANGES);
    CHECK_FALSE(work.ask(messages::OPERATION_GET_LAST_CHANGE).get_last_change().found());
    CHECK(index() == last);
    work.log_change(content.i1, 9);
    CHECK(index() == last + 1);
}

TEST_CASE("exports are kept as they were logged", "[index]") {
    Opened opened(each_server());
    Work work(opened.core);
    for (const char *modality : {"A", "B", "C"}) {
        work.ask(messages::OPERATION_LOG_EXPORTED_RESOURCE, [&](messages::TransactionRequest &request) {
            messages::LogExportedResource_Request &wanted = *request.mutable_log_exported_resource();
            wanted.set_resource_type(messages::RESOURCE_SERIES);
            wanted.set_public_id("public");
            wanted.set_modality(modality);
            wanted.set_date("date");
            wanted.set_patient_id("patient");
            wanted.set_study_instance_uid("study");
            wanted.set_series_instance_uid("series");
            wanted.set_sop_instance_uid("instance");
        });
    }
    const auto last = work.ask(messages::OPERATION_GET_LAST_EXPORTED_RESOURCE).get_last_exported_resource();
    REQUIRE(last.found());
    CHECK(last.resource().modality() == "C");
    CHECK(last.resource().resource_type() == messages::RESOURCE_SERIES);
    CHECK(last.resource().public_id() == "public");
    CHECK(last.resource().date() == "date");
    CHECK(last.resource().patient_id() == "patient");
    CHECK(last.resource().study_instance_uid() == "study");
    CHECK(last.resource().series_instance_uid() == "series");
    CHECK(last.resource().sop_instance_uid() == "instance");
    const auto first = work.ask(messages::OPERATION_GET_EXPORTED_RESOURCES,
                                [](messages::TransactionRequest &request) {
                                    request.mutable_get_exported_resources()->set_limit(2);
                                })
                           .get_exported_resources();
    CHECK(first.resources_size() == 2);
    CHECK(first.resources(0).modality() == "A");
    CHECK_FALSE(first.done());
    work.ask(messages::OPERATION_CLEAR_EXPORTED_RESOURCES);
    CHECK_FALSE(
        work.ask(messages::OPERATION_GET_LAST_EXPORTED_RESOURCE).get_last_exported_resource().found());
}

TEST_CASE("properties are those of all servers or of one, of any length", "[index]") {
    Opened opened(each_server());
    Work work(opened.core);
    const auto set = [&work](const std::string &server, const std::string &value) {
        work.ask(messages::OPERATION_SET_GLOBAL_PROPERTY, [&](messages::TransactionRequest &request) {
            request.mutable_set_global_property()->set_server_id(server);
            request.mutable_set_global_property()->set_property(20);
            request.mutable_set_global_property()->set_value(value);
        });
    };
    const auto get = [&work](const std::string &server) {
        return work
            .ask(messages::OPERATION_LOOKUP_GLOBAL_PROPERTY,
                 [&](messages::TransactionRequest &request) {
                     request.mutable_lookup_global_property()->set_server_id(server);
                     request.mutable_lookup_global_property()->set_property(20);
                 })
            .lookup_global_property();
    };
    const auto increment = [&work](const std::string &server, std::int64_t by) {
        return work
            .ask(messages::OPERATION_INCREMENT_GLOBAL_PROPERTY,
                 [&](messages::TransactionRequest &request) {
                     request.mutable_increment_global_property()->set_server_id(server);
                     request.mutable_increment_global_property()->set_property(20);
                     request.mutable_increment_global_property()->set_increment(by);
                 })
            .increment_global_property()
            .new_value();
    };
    CHECK_FALSE(get("").found());
    CHECK(increment("", 5) == 5);
    CHECK(increment("", -7) == -2);
    CHECK(increment("one", 3) == 3);
    CHECK(increment("one", 3) == 6);
    CHECK(get("").value() == "-2");
    const std::string large(4 << 20, 'x');
    set("one", large);
    set("", "");
    CHECK(get("one").value() == large);
    CHECK(get("").found());
    CHECK(get("").value().empty());
    CHECK_FALSE(get("ONE").found());
}

TEST_CASE("labels differ in case, and are listed once", "[index]") {
    Opened opened(each_server());
    const Content content = filled(opened.core);
    Work work(opened.core);
    work.label(content.p1, "a");
    work.label(content.p1, "A");
    work.label(content.s1, "a");
    const auto listed = [&work](std::int64_t id) {
        const auto &labels = work.ask(messages::OPERATION_LIST_LABELS,
                                      [&](messages::TransactionRequest &request) {
                                          request.mutable_list_labels()->set_single_resource(id != 0);
                                          request.mutable_list_labels()->set_id(id);
                                      })
                                 .list_labels()
                                 .labels();
        std::multiset<std::string> texts(labels.begin(), labels.end());
        return texts;
    };
    using All = std::multiset<std::string>;
    CHECK(listed(content.p1) == All{"A", "a"});
    CHECK(listed(0) == All{"A", "a"});
    for (int times = 0; times < 2; ++times) {
        work.ask(messages::OPERATION_REMOVE_LABEL, [&](messages::TransactionRequest &request) {
            request.mutable_remove_label()->set_id(content.p1);
            request.mutable_remove_label()->set_label("a");
        });
    }
    CHECK(listed(content.p1) == All{"A"});
    CHECK(listed(content.s1) == All{"a"});
}

TEST_CASE("stores keep bytes under keys that are ordered by bytes", "[index]") {
    Opened opened(each_server());
    Work work(opened.core);
    const auto store = [&work](const std::string &key, const std::string &value) {
        work.ask(messages::OPERATION_STORE_KEY_VALUE, [&](messages::TransactionRequest &request) {
            request.mutable_store_key_value()->set_store_id("store");
            request.mutable_store_key_value()->set_key(key);
            request.mutable_store_key_value()->set_value(value);
        });
    };
    const auto keys = [&work](const std::string &from, std::uint64_t limit) {
        Ids listed;
        for (const auto &pair : work.ask(messages::OPERATION_LIST_KEY_VALUES,
                                         [&](messages::TransactionRequest &request) {
                                             request.mutable_list_keys_values()->set_store_id("store");
                                             request.mutable_list_keys_values()->set_from_first(from.empty());
                                             request.mutable_list_keys_values()->set_from_key(from);
                                             request.mutable_list_keys_values()->set_limit(limit);
                                         })
                                    .list_keys_values()
                                    .keys_values()) {
            listed.push_back(pair.key());
        }
        return listed;
    };
    const auto get = [&work](const std::string &key) {
        return work
            .ask(messages::OPERATION_GET_KEY_VALUE,
                 [&](messages::TransactionRequest &request) {
                     request.mutable_get_key_value()->set_store_id("store");
                     request.mutable_get_key_value()->set_key(key);
                 })
            .get_key_value();
    };
    const std::string bytes("\0\xff'\\", 4);
    for (const char *key : {"b", "B", "a", "é", "_", "Z"}) {
        store(key, std::string("value of ") + key);
    }
    store("a", bytes);
    store("b", "");
    CHECK(keys("", 0) == Ids{"B", "Z", "_", "a", "b", "é"});
    CHECK(keys("Z", 2) == Ids{"_", "a"});
    CHECK(get("a").value() == bytes);
    CHECK(get("b").found());
    CHECK(get("b").value().empty());
    CHECK(get("B").value() == "value of B");
    CHECK_FALSE(get("c").found());
    work.ask(messages::OPERATION_DELETE_KEY_VALUE, [](messages::TransactionRequest &request) {
        request.mutable_delete_key_value()->set_store_id("store");
        request.mutable_delete_key_value()->set_key("b");
    });
    CHECK(keys("", 3) == Ids{"B", "Z", "_"});
    CHECK_FALSE(get("b").found());
}

TEST_CASE("queues have two ends, and what is reserved is passed over until its time", "[index]") {
    Opened opened(each_server());
    Work work(opened.core);
    const auto enqueue = [&work](const std::string &value) {
        work.ask(messages::OPERATION_ENQUEUE_VALUE, [&](messages::TransactionRequest &request) {
            request.mutable_enqueue_value()->set_queue_id("queue");
            request.mutable_enqueue_value()->set_value(value);
        });
    };
    const auto dequeue = [&work](messages::QueueOrigin origin) {
        const auto answer = work.ask(messages::OPERATION_DEQUEUE_VALUE,
                                     [&](messages::TransactionRequest &request) {
                                         request.mutable_dequeue_value()->set_queue_id("queue");
                                         request.mutable_dequeue_value()->set_origin(origin);
                                     })
                                .dequeue_value();
        return answer.found() ? answer.value() : "(nothing)";
    };
    const auto reserve = [&work](std::uint32_t seconds) {
        return work
            .ask(messages::OPERATION_RESERVE_QUEUE_VALUE,
                 [&](messages::TransactionRequest &request) {
                     request.mutable_reserve_queue_value()->set_queue_id("queue");
                     request.mutable_reserve_queue_value()->set_release_timeout(seconds);
                 })
            .reserve_queue_value();
    };
    const auto acknowledge = [&work](std::uint64_t id) {
        return work.attempt(messages::OPERATION_ACKNOWLEDGE_QUEUE_VALUE,
                            [&](messages::TransactionRequest &request) {
                                request.mutable_acknowledge_queue_value()->set_queue_id("queue");
                                request.mutable_acknowledge_queue_value()->set_value_id(id);
                            });
    };
    const auto size = [&work] {
        return work
            .ask(messages::OPERATION_GET_QUEUE_SIZE,
                 [](messages::TransactionRequest &request) {
                     request.mutable_get_queue_size()->set_queue_id("queue");
                 })
            .get_queue_size()
            .size();
    };
    const std::string bytes("\0\x01\xff", 3);
    for (const std::string &value :
         {bytes, std::string("2"), std::string("3"), std::string("4"), std::string()}) {
        enqueue(value);
    }
    CHECK(dequeue(messages::QUEUE_ORIGIN_FRONT) == bytes);
    CHECK(dequeue(messages::QUEUE_ORIGIN_BACK).empty());
    const auto reserved = reserve(1000);
    CHECK(reserved.value() == "2");
    CHECK(reserve(1000).value() == "3");
    CHECK(size() == 3);
    CHECK(dequeue(messages::QUEUE_ORIGIN_FRONT) == "4");
    CHECK(dequeue(messages::QUEUE_ORIGIN_FRONT) == "(nothing)");
    CHECK(acknowledge(reserved.value_id()) == OrthancPluginErrorCode_Success);
    CHECK(acknowledge(reserved.value_id()) == OrthancPluginErrorCode_UnknownResource);
    CHECK(size() == 1);
    enqueue("5");
    // A reservation of no time is over at once.
    const auto expired = reserve(0);
    CHECK(expired.value() == "5");
    CHECK(acknowledge(expired.value_id()) == OrthancPluginErrorCode_UnknownResource);
    CHECK(dequeue(messages::QUEUE_ORIGIN_FRONT) == "5");
}

TEST_CASE("what belongs to an attachment follows it by its UUID", "[index]") {
    Opened opened(each_server());
    const Content content = filled(opened.core);
    Work work(opened.core);
    work.attach(content.i1, 1, "uuid");
    const auto get = [&work](const std::string &uuid) {
        return work.attempt(messages::OPERATION_GET_ATTACHMENT_CUSTOM_DATA,
                            [&](messages::TransactionRequest &request) {
                                request.mutable_get_attachment_custom_data()->set_uuid(uuid);
                            });
    };
    const auto set = [&work](const std::string &uuid, const std::string &data) {
        work.ask(messages::OPERATION_SET_ATTACHMENT_CUSTOM_DATA, [&](messages::TransactionRequest &request) {
            request.mutable_set_attachment_custom_data()->set_uuid(uuid);
            request.mutable_set_attachment_custom_data()->set_custom_data(data);
        });
    };
    const auto lookup = [&] {
        return work
            .ask(messages::OPERATION_LOOKUP_ATTACHMENT,
                 [&](messages::TransactionRequest &request) {
                     request.mutable_lookup_attachment()->set_id(content.i1);
                     request.mutable_lookup_attachment()->set_content_type(1);
                 })
            .lookup_attachment();
    };
    CHECK(get("nothing") == OrthancPluginErrorCode_UnknownResource);
    set("nothing", "data");
    const std::string bytes("\0\xfe", 2);
    set("uuid", bytes);
    CHECK(lookup().attachment().custom_data() == bytes);
    CHECK(lookup().revision() == 3);
    set("uuid", "");
    CHECK(lookup().attachment().custom_data().empty());
    const auto deleted = work.ask(messages::OPERATION_DELETE_ATTACHMENT,
                                  [&](messages::TransactionRequest &request) {
                                      request.mutable_delete_attachment()->set_id(content.i1);
                                      request.mutable_delete_attachment()->set_type(1);
                                  })
                             .delete_attachment()
                             .deleted_attachment();
    CHECK(deleted.uuid() == "uuid");
    CHECK(deleted.compressed_size() == 10);
    CHECK_FALSE(lookup().found());
}

TEST_CASE("a deletion reports what goes and what stays, and the numbers follow", "[index]") {
    Opened opened(each_server());
    const Content content = filled(opened.core);
    Work work(opened.core);
    work.attach(content.i1, 1, "uuid-1", "custom");
    work.attach(content.i4, 1, "uuid-4");
    const auto statistics = [&work] {
        return work.ask(messages::OPERATION_UPDATE_AND_GET_STATISTICS).update_and_get_statistics();
    };
    CHECK(statistics().instances_count() == 5);
    CHECK(statistics().total_compressed_size() == 20);
    CHECK(statistics().total_uncompressed_size() == 40);
    const auto remove = [&work](std::int64_t id) {
        return work
            .ask(
                messages::OPERATION_DELETE_RESOURCE,
                [&](messages::TransactionRequest &request) { request.mutable_delete_resource()->set_id(id); })
            .delete_resource();
    };
    const auto first = remove(content.e1);
    CHECK(first.deleted_resources_size() == 3);
    REQUIRE(first.deleted_attachments_size() == 1);
    CHECK(first.deleted_attachments(0).uuid() == "uuid-1");
    CHECK(first.deleted_attachments(0).custom_data() == "custom");
    REQUIRE(first.is_remaining_ancestor());
    CHECK(first.remaining_ancestor().public_id() == "s1");
    CHECK(first.remaining_ancestor().level() == messages::RESOURCE_STUDY);
    const auto second = remove(content.i5);
    std::set<std::string> gone;
    for (const auto &resource : second.deleted_resources()) {
        gone.insert(resource.public_id());
    }
    CHECK(gone == Texts{"i5", "e4", "s3", "p2"});
    CHECK_FALSE(second.is_remaining_ancestor());
    CHECK(statistics().patients_count() == 1);
    CHECK(statistics().studies_count() == 2);
    CHECK(statistics().series_count() == 2);
    CHECK(statistics().instances_count() == 2);
    CHECK(statistics().total_compressed_size() == 10);
    const auto above = [&work](std::uint64_t threshold) {
        return work
            .ask(messages::OPERATION_IS_DISK_SIZE_ABOVE,
                 [&](messages::TransactionRequest &request) {
                     request.mutable_is_disk_size_above()->set_threshold(threshold);
                 })
            .is_disk_size_above()
            .result();
    };
    CHECK(above(9));
    CHECK_FALSE(above(10));
}

TEST_CASE("resources are looked up by their ids, and unknown ones say so", "[index]") {
    Opened opened(each_server());
    const Content content = filled(opened.core);
    Work work(opened.core, messages::TRANSACTION_READ_ONLY);
    const auto lookup = [&work](const std::string &id) {
        return work
            .ask(messages::OPERATION_LOOKUP_RESOURCE_AND_PARENT,
                 [&](messages::TransactionRequest &request) {
                     request.mutable_lookup_resource_and_parent()->set_public_id(id);
                 })
            .lookup_resource_and_parent();
    };
    CHECK(lookup("e2").id() == content.e2);
    CHECK(lookup("e2").type() == messages::RESOURCE_SERIES);
    CHECK(lookup("e2").parent_public_id() == "s1");
    CHECK(lookup("p1").parent_public_id().empty());
    CHECK_FALSE(lookup("E2").found());
    const auto parent = [&work](std::int64_t id) {
        return work
            .ask(messages::OPERATION_LOOKUP_PARENT,
                 [&](messages::TransactionRequest &request) { request.mutable_lookup_parent()->set_id(id); })
            .lookup_parent();
    };
    CHECK(parent(content.i1).parent() == content.e1);
    CHECK_FALSE(parent(content.p1).found());
    CHECK_FALSE(parent(1000000).found());
    CHECK(work.attempt(messages::OPERATION_GET_PUBLIC_ID, [](messages::TransactionRequest &request) {
        request.mutable_get_public_id()->set_id(1000000);
    }) == OrthancPluginErrorCode_UnknownResource);
    const auto page = [&work](std::int64_t since, std::uint32_t limit) {
        const auto &found = work.ask(messages::OPERATION_GET_ALL_PUBLIC_IDS_WITH_LIMITS,
                                     [&](messages::TransactionRequest &request) {
                                         auto &asked = *request.mutable_get_all_public_ids_with_limits();
                                         asked.set_resource_type(messages::RESOURCE_INSTANCE);
                                         asked.set_since(since);
                                         asked.set_limit(limit);
                                     })
                                .get_all_public_ids_with_limits()
                                .ids();
        return Ids(found.begin(), found.end());
    };
    CHECK(page(1, 2) == Ids{"i2", "i3"});
    CHECK(page(3, 0) == Ids{"i4", "i5"});
    const auto found =
        work.ask(messages::OPERATION_LOOKUP_RESOURCES,
                 [](messages::TransactionRequest &request) {
                     request.mutable_lookup_resources()->set_query_level(messages::RESOURCE_STUDY);
                     request.mutable_lookup_resources()->set_retrieve_instances_ids(true);
                     request.mutable_lookup_resources()->set_limit(2);
                 })
            .lookup_resources();
    CHECK(Ids(found.resources_ids().begin(), found.resources_ids().end()) == Ids{"s1", "s2"});
    CHECK(Ids(found.instances_ids().begin(), found.instances_ids().end()) == Ids{"i1", "i4"});
}

namespace {

// A request of each kind can be made of this: of a patient, and of what each kind needs beside it.
void fill(messages::TransactionRequest &request, std::int64_t patient) {
    const auto of_patient = [patient](auto *...parts) { (parts->set_id(patient), ...); };
    of_patient(request.mutable_add_attachment(), request.mutable_add_label(),
               request.mutable_clear_main_dicom_tags(), request.mutable_delete_attachment(),
               request.mutable_delete_metadata(), request.mutable_delete_resource(),
               request.mutable_get_all_metadata(), request.mutable_get_children_internal_id(),
               request.mutable_get_children_metadata(), request.mutable_get_children_public_id(),
               request.mutable_get_main_dicom_tags(), request.mutable_get_public_id(),
               request.mutable_get_resource_type(), request.mutable_list_available_attachments(),
               request.mutable_list_labels(), request.mutable_lookup_attachment(),
               request.mutable_lookup_metadata(), request.mutable_lookup_parent(),
               request.mutable_remove_label(), request.mutable_set_metadata());
    request.mutable_add_attachment()->mutable_attachment()->set_uuid("u");
    request.mutable_add_label()->set_label("label");
    request.mutable_delete_attachment()->set_type(7);
    request.mutable_log_change()->set_resource_id(patient);
    request.mutable_is_protected_patient()->set_patient_id(patient);
    request.mutable_set_protected_patient()->set_patient_id(patient);
    request.mutable_set_protected_patient()->set_protected_patient(true);
    request.mutable_select_patient_to_recycle_with_avoid()->set_patient_id_to_avoid(patient);
    *request.mutable_set_resources_content()->add_tags() = tag(patient, 16, 4096, "new");
    request.mutable_create_instance()->set_patient("p9");
    request.mutable_create_instance()->set_study("s9");
    request.mutable_create_instance()->set_series("e9");
    request.mutable_create_instance()->set_instance("i9");
    request.mutable_reserve_queue_value()->set_release_timeout(1000);
    request.mutable_get_attachment_custom_data()->set_uuid("held");
    request.mutable_set_attachment_custom_data()->set_uuid("held");
    request.mutable_lookup_resource()->set_public_id("p1");
    request.mutable_lookup_resource_and_parent()->set_public_id("p1");
}

} // namespace

TEST_CASE("every request of the protocol reaches every server", "[index]") {
    Opened opened(each_server());
    const Content content = filled(opened.core);
    for (int number = 2; number < messages::TransactionOperation_ARRAYSIZE; ++number) {
        const auto operation = static_cast<messages::TransactionOperation>(number);
        CAPTURE(number);
        Work work(opened.core);
        work.attach(content.p1, 7, "held", "custom");
        const Work::Fill one = [&](messages::TransactionRequest &request) { fill(request, content.p1); };
        work.ask(messages::OPERATION_ENQUEUE_VALUE, one);
        work.ask(messages::OPERATION_ENQUEUE_VALUE, one);
        const std::uint64_t reserved =
            work.ask(messages::OPERATION_RESERVE_QUEUE_VALUE, one).reserve_queue_value().value_id();
        CHECK(work.attempt(operation, [&](messages::TransactionRequest &request) {
            fill(request, content.p1);
            request.mutable_acknowledge_queue_value()->set_value_id(reserved);
        }) == OrthancPluginErrorCode_Success);
        work.rollback();
    }
}

TEST_CASE("what is not committed is undone, also where the core forgets it", "[index]") {
    Opened opened(each_server());
    {
        Work work(opened.core);
        work.create("p", "s", "e", "i");
    }
    {
        Work work(opened.core);
        work.create("p", "s", "e", "i");
        work.rollback();
    }
    Work work(opened.core);
    CHECK(work.create("p", "s", "e", "i").is_new_patient());
    CHECK_FALSE(work.create("p", "s", "e", "i").is_new_instance());
}

TEST_CASE("each value of a queue goes to one consumer", "[index]") {
    Opened opened(each_server());
    {
        Work work(opened.core);
        for (int value = 0; value < 30; ++value) {
            work.ask(messages::OPERATION_ENQUEUE_VALUE, [value](messages::TransactionRequest &request) {
                request.mutable_enqueue_value()->set_queue_id("queue");
                request.mutable_enqueue_value()->set_value(std::to_string(value));
            });
        }
        work.commit();
    }
    std::mutex mutex;
    std::multiset<std::string> taken;
    std::vector<std::jthread> consumers;
    for (int consumer = 0; consumer < 3; ++consumer) {
        consumers.emplace_back([&] {
            for (int failures = 0; failures < 200;) {
                Work work(opened.core);
                messages::DequeueValue_Response value;
                const bool done = work.attempt(messages::OPERATION_DEQUEUE_VALUE,
                                               [](messages::TransactionRequest &request) {
                                                   request.mutable_dequeue_value()->set_queue_id("queue");
                                               }) == OrthancPluginErrorCode_Success;
                value = work.answered().dequeue_value();
                if (done && !value.found()) {
                    return;
                }
                if (done && work.attempt(messages::OPERATION_COMMIT) == OrthancPluginErrorCode_Success) {
                    const std::scoped_lock lock(mutex);
                    taken.insert(value.value());
                } else {
                    ++failures;
                }
            }
        });
    }
    consumers.clear();
    CHECK(taken.size() == 30);
    CHECK(std::set<std::string>(taken.begin(), taken.end()).size() == 30);
}

TEST_CASE("the index needs the version of Orthanc that it knows", "[index]") {
    FakeOrthanc orthanc;
    orthanc.database_version = 7;
    Core core(postgresql_server());
    CHECK(core.database(messages::OPERATION_OPEN).code == OrthancPluginErrorCode_Plugin);
    CHECK(orthanc.lines().back().message.starts_with("index: Orthanc expects a database of version 7"));
}

TEST_CASE("an index whose tables somebody has changed is refused in words", "[index]") {
    FakeOrthanc orthanc;
    const Backend server = each_server();
    empty(server);
    {
        Core core(server);
        core.open();
        core.close();
    }
    const bool is_mysql = server.schema == SchemaKind::mysql;
    server.opener()->script(std::string("ALTER TABLE ") +
                            (is_mysql ? "Changes DROP COLUMN date" : "Metadata DROP COLUMN revision"));
    Core core(server);
    CHECK(core.database(messages::OPERATION_OPEN).code == OrthancPluginErrorCode_Database);
    const std::string line = orthanc.lines().back().message;
    INFO(line);
    CHECK(line.starts_with(server.schema == SchemaKind::postgresql ? "PostgreSQL.Database: "
                           : is_mysql                              ? "MySQL.Database: "
                                                                   : "Odbc.IndexConnectionString: "));
    CHECK(line.find("are not those of Orthanc (") != std::string::npos);
    CHECK(line.find(is_mysql ? "date" : "revision") != std::string::npos);
    CHECK(line.ends_with("if somebody has changed the tables, restore a backup."));
    empty(server);
}

TEST_CASE("a second Orthanc is kept away by the lock, until the first ends", "[index]") {
    Backend backend = postgresql_server();
    backend.lock = true;
    FakeOrthanc orthanc;
    empty(backend);
    Core first(backend);
    Core second(backend);
    first.open();
    CHECK(second.database(messages::OPERATION_OPEN).code == OrthancPluginErrorCode_Database);
    CHECK(
        orthanc.lines().back().message.starts_with("index: another Orthanc server has locked the database."));
    first.close();
    second.open();
    second.close();
    Core reader(backend, true);
    CHECK(reader.database(messages::OPERATION_OPEN).code == OrthancPluginErrorCode_BadParameterType);
}

TEST_CASE("sessions that the server has ended are opened again, with the lock", "[index]") {
    Backend backend = postgresql_server();
    backend.lock = true;
    backend.housekeeping = std::chrono::seconds(1);
    backend.connections = 2;
    Opened opened(backend);
    opened.core.index().started();
    {
        Work work(opened.core);
        work.create("p", "s", "e", "i");
        const std::unique_ptr<Connection> other = backend.opener();
        other->query(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() "
            "AND pid <> pg_backend_pid()");
        // Nothing is done yet: the core is to begin again.
        CHECK(work.attempt(messages::OPERATION_UPDATE_AND_GET_STATISTICS) ==
              OrthancPluginErrorCode_DatabaseCannotSerialize);
    }
    const auto stored = [&opened] {
        Work work(opened.core);
        return work.attempt(messages::OPERATION_CREATE_INSTANCE,
                            [](messages::TransactionRequest &request) {
                                request.mutable_create_instance()->set_patient("p");
                                request.mutable_create_instance()->set_study("s");
                                request.mutable_create_instance()->set_series("e");
                                request.mutable_create_instance()->set_instance("i");
                            }) == OrthancPluginErrorCode_Success &&
               work.attempt(messages::OPERATION_COMMIT) == OrthancPluginErrorCode_Success;
    };
    int tries = 0;
    while (!stored()) {
        REQUIRE(++tries < 5);
    }
    const auto taken_again = [&opened] {
        const auto lines = opened.orthanc.lines();
        return std::ranges::any_of(
            lines, [](const auto &line) { return line.message.ends_with("The lock is taken again."); });
    };
    for (int waits = 0; waits < 100 && !taken_again(); ++waits) {
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
    CHECK(taken_again());
    CHECK(opened.orthanc.metric("orthanc_index_active_connections") >= 1);
}

TEST_CASE("what is no request is refused", "[index]") {
    FakeOrthanc orthanc;
    Core core(postgresql_server());
    OrthancPluginMemoryBuffer64 buffer{};
    CHECK(answer(&buffer, &core.index(), "\xff\xff", 2) == OrthancPluginErrorCode_BadFileFormat);
    CHECK(core.database(messages::OPERATION_CLOSE).code == OrthancPluginErrorCode_BadSequenceOfCalls);
    CHECK(core.database(messages::OPERATION_START_TRANSACTION).code ==
          OrthancPluginErrorCode_BadSequenceOfCalls);
    CHECK(core.database(messages::OPERATION_FLUSH_TO_DISK).code == OrthancPluginErrorCode_NotImplemented);
    CHECK(core.database(messages::OPERATION_UPGRADE).code == OrthancPluginErrorCode_NotImplemented);
}

TEST_CASE("Orthanc has one index, and tells it of its start", "[index]") {
    FakeOrthanc orthanc;
    const Backend backend = postgresql_server();
    register_index(std::make_unique<Index>(backend, postgresql_schema, true), 12);
    CHECK(orthanc.database.maxDatabaseRetries == 12);
    CHECK(orthanc.changed(OrthancPluginChangeType_OrthancStarted, OrthancPluginResourceType_None, nullptr) ==
          OrthancPluginErrorCode_Success);
    CHECK_THROWS_AS(register_index(std::make_unique<Index>(backend, postgresql_schema, true), 12), Error);
    orthanc.database.finalize(orthanc.database.backend);
    CHECK(orthanc.changed(OrthancPluginChangeType_OrthancStopped, OrthancPluginResourceType_None, nullptr) ==
          OrthancPluginErrorCode_Success);
}

} // namespace orthanc_images::database::tests
