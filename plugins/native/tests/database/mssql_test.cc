// Every statement that SQL Server is sent, without one: mssql-statements.sql holds them, and the tests in
// Python read it with a parser of that language.
#include "database/catalogue.h"
#include "database/driver/backend.h"
#include "database/index/audit.h"
#include "database/index/transaction.h"
#include "database/schema/schema.h"
#include "database/storage/area.h"

#include "fake_orthanc.h"

#include <catch2/catch_test_macros.hpp>

#include <cstdlib>
#include <fstream>
#include <functional>
#include <iterator>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace orthanc_images::database {

namespace {

using Statements = std::set<std::string, std::less<>>;

// What the server has been sent, and whether it has the tables of an index by now.
struct Server {
    Statements statements;
    bool has_index = false;
    bool has_files = false;
};

bool has(std::string_view text, std::string_view piece) {
    return text.find(piece) != std::string_view::npos;
}

// As many rows as told, with the same number and text in each column.
class Rows : public Result {
  public:
    Rows(std::size_t rows, std::int64_t number, std::string_view text)
        : rows_(rows), number_(number), text_(text) {}

    std::size_t rows() const noexcept override {
        return rows_;
    }

    bool null(std::size_t, std::size_t) const override {
        return false;
    }

    std::int64_t integer(std::size_t, std::size_t) const override {
        return number_;
    }

    std::string_view text(std::size_t, std::size_t) const override {
        return text_;
    }

  private:
    std::size_t rows_;
    std::int64_t number_;
    std::string_view text_;
};

// A server that notes what it is sent, and answers so that everything is asked for.
class Recorder : public Connection {
  public:
    explicit Recorder(Server &server) : server_(server) {}

    Dialect dialect() const noexcept override {
        return Dialect::mssql;
    }

    std::string server() const override {
        return "Microsoft SQL Server 16";
    }

    void begin(Access) override {}

    void commit() override {}

    void rollback() noexcept override {}

    std::unique_ptr<Result> query(const std::string &statement, Parameters) override {
        server_.statements.insert(statement);
        if (has(statement, "OBJECT_ID(?)")) {
            return std::make_unique<Rows>(1, server_.has_index ? 1 : 0, "");
        }
        if (has(statement, "OBJECT_ID('StorageArea')")) {
            return std::make_unique<Rows>(1, server_.has_files ? 1 : 0, "");
        }
        if (has(statement, "sys.tables") || has(statement, "sys.indexes") ||
            has(statement, "SELECT MAX(seq) FROM P")) {
            return std::make_unique<Rows>(1, 0, "");
        }
        if (has(statement, "property = 4") || has(statement, "property = 10") ||
            has(statement, "HAVING COUNT(*) > 1")) {
            return std::make_unique<Rows>(0, 0, "");
        }
        if (has(statement, "COLUMN_NAME = 'content'")) {
            return std::make_unique<Rows>(1, 0, "varbinary");
        }
        if (statement == "SELECT 2147483647") {
            return std::make_unique<Rows>(1, 2147483647, "");
        }
        // A resource and those above it, all of which are locked.
        return std::make_unique<Rows>(has(statement, "(XLOCK, ROWLOCK) WHERE internalId") ? 4 : 1, 1, "6");
    }

    void execute(const std::string &statement, Parameters) override {
        server_.statements.insert(statement);
    }

    std::int64_t change(const std::string &statement, Parameters) override {
        server_.statements.insert(statement);
        return 1;
    }

    std::int64_t insert(const std::string &statement, std::string_view, Parameters) override {
        FAIL("insert() is not recorded: " << statement);
        return 0;
    }

    void script(const std::string &statement) override {
        server_.statements.insert(statement);
        server_.has_files = server_.has_files || has(statement, "CREATE TABLE StorageArea");
        server_.has_index = server_.has_index || has(statement, "INSERT INTO OrthancImagesRevision");
    }

    bool usable() noexcept override {
        return true;
    }

    bool alive() noexcept override {
        return true;
    }

  private:
    Server &server_;
};

using Find = messages::Find_Request;

// Conditions of each kind, for one level; other levels than that of studies differ by the joins only.
void search_by_tags(messages::ResourceType level, const std::function<void(const Find &)> &search) {
    for (int owner = 0; owner < 4; ++owner) {
        for (int type = 0; type <= messages::CONSTRAINT_LIST; ++type) {
            for (int bits = 0; bits < 8; ++bits) {
                if (level != messages::RESOURCE_STUDY &&
                    (type != messages::CONSTRAINT_EQUAL || bits % 5 != 0)) {
                    continue;
                }
                Find find;
                find.set_level(level);
                auto *constraint = find.add_dicom_tag_constraints();
                constraint->set_level(static_cast<messages::ResourceType>(owner));
                constraint->set_tag_group(16);
                constraint->set_tag_element(32);
                constraint->set_type(static_cast<messages::ConstraintType>(type));
                constraint->set_is_identifier_tag((bits & 1) != 0);
                constraint->set_is_case_sensitive((bits & 2) != 0);
                constraint->set_is_mandatory((bits & 4) != 0);
                constraint->add_values("A*[?");
                if (type == messages::CONSTRAINT_LIST) {
                    constraint->add_values("B");
                }
                search(find);
                if (type == messages::CONSTRAINT_WILDCARD) {
                    constraint->set_values(0, "*");
                    search(find);
                }
                if (owner == 0 && level == messages::RESOURCE_STUDY) {
                    find.clear_dicom_tag_constraints();
                    auto *metadata = find.add_metadata_constraints();
                    metadata->set_metadata(1024);
                    metadata->set_type(static_cast<messages::ConstraintType>(type));
                    metadata->set_is_case_sensitive((bits & 2) != 0);
                    metadata->set_is_mandatory((bits & 4) != 0);
                    metadata->add_values("value");
                    search(find);
                }
            }
        }
    }
}

void search_in_order(messages::ResourceType level, const std::function<void(const Find &)> &search) {
    for (int cast = 0; cast <= messages::ORDERING_CAST_FLOAT; ++cast) {
        for (int direction = 0; direction < 2; ++direction) {
            for (int owner = 0; owner <= level; ++owner) {
                if (level != messages::RESOURCE_STUDY && (cast != 0 || direction != 0)) {
                    continue;
                }
                Find find;
                find.set_level(level);
                for (const bool by_tag : {true, false}) {
                    auto *ordering = find.add_ordering();
                    ordering->set_key_type(by_tag ? messages::ORDERING_KEY_TYPE_DICOM_TAG
                                                  : messages::ORDERING_KEY_TYPE_METADATA);
                    ordering->set_direction(static_cast<messages::OrderingDirection>(direction));
                    ordering->set_cast(static_cast<messages::OrderingCast>(cast));
                    ordering->set_tag_group(16);
                    ordering->set_tag_element(32);
                    ordering->set_tag_level(static_cast<messages::ResourceType>(owner));
                    ordering->set_is_identifier_tag(owner == 0);
                    ordering->set_metadata(7);
                }
                search(find);
                find.mutable_limits()->set_since(5);
                find.mutable_limits()->set_count(10);
                search(find);
            }
        }
    }
}

void search_with_labels(const std::function<void(const Find &)> &search) {
    for (int constraint = 0; constraint <= messages::LABELS_CONSTRAINT_NONE; ++constraint) {
        Find find;
        find.set_level(messages::RESOURCE_STUDY);
        find.set_labels_constraint(static_cast<messages::LabelsConstraintType>(constraint));
        for (const char *label : {"a", "b", ""}) {
            search(find);
            find.add_labels(label);
        }
    }
}

void search_for_all(messages::ResourceType level, const std::function<void(const Find &)> &search) {
    Find find;
    find.set_level(level);
    find.set_orthanc_id_patient("p");
    find.set_retrieve_main_dicom_tags(true);
    find.set_retrieve_metadata(true);
    find.set_retrieve_labels(true);
    find.set_retrieve_attachments(true);
    find.set_retrieve_parent_identifier(true);
    find.set_retrieve_one_instance_metadata_and_attachments(true);
    for (auto *parent :
         {find.mutable_parent_patient(), find.mutable_parent_study(), find.mutable_parent_series()}) {
        parent->set_retrieve_main_dicom_tags(true);
        parent->set_retrieve_metadata(true);
    }
    for (const bool identifiers : {true, false}) {
        for (auto *children : {find.mutable_children_studies(), find.mutable_children_series(),
                               find.mutable_children_instances()}) {
            children->set_retrieve_identifiers(identifiers);
            children->set_retrieve_count(true);
            children->add_retrieve_metadata(1);
            auto *tag = children->add_retrieve_main_dicom_tags();
            tag->set_group(8);
            tag->set_element(96);
        }
        search(find);
    }
}

// A request with everything in it that some operation wants.
messages::TransactionRequest full_request() {
    messages::TransactionRequest request;
    request.mutable_create_instance()->set_patient("6");
    request.mutable_create_instance()->set_study("s");
    request.mutable_create_instance()->set_series("e");
    request.mutable_create_instance()->set_instance("i");
    for (const bool identifier : {true, false}) {
        auto *tag = request.mutable_set_resources_content()->add_tags();
        tag->set_is_identifier(identifier);
        tag->set_value("value");
    }
    request.mutable_set_resources_content()->add_metadata()->set_value("value");
    request.mutable_get_changes_extended()->set_since(3);
    request.mutable_get_changes_extended()->set_to(7);
    request.mutable_get_changes_extended()->add_change_type(1);
    request.mutable_get_changes_extended()->add_change_type(2);
    request.mutable_get_changes_extended()->set_limit(5);
    request.mutable_lookup_resources()->set_retrieve_instances_ids(true);
    request.mutable_list_keys_values()->set_limit(5);
    request.mutable_reserve_queue_value()->set_release_timeout(5);
    return request;
}

// What differs by what is asked for.
void vary(messages::TransactionRequest &request) {
    request.mutable_create_instance()->set_patient("p");
    request.mutable_set_protected_patient()->set_protected_patient(true);
    request.mutable_list_labels()->set_single_resource(true);
    request.mutable_lookup_global_property()->set_server_id("server");
    request.mutable_set_global_property()->set_server_id("server");
    request.mutable_increment_global_property()->set_server_id("server");
    request.mutable_list_keys_values()->set_from_first(true);
    request.mutable_dequeue_value()->set_origin(messages::QUEUE_ORIGIN_BACK);
    request.mutable_get_changes_extended()->set_since(0);
    request.mutable_get_changes_extended()->clear_change_type();
    request.mutable_lookup_resources()->set_limit(5);
}

void record_transactions(Pool &pool, const Catalogue &catalogue, Schema &schema) {
    messages::TransactionRequest request = full_request();
    for (int round = 0; round < 2; ++round) {
        for (int number = messages::OPERATION_ADD_ATTACHMENT;
             number < messages::TransactionOperation_ARRAYSIZE; ++number) {
            Transaction transaction(pool.take(), catalogue, schema, Access::read_write);
            INFO(number);
            request.set_operation(static_cast<messages::TransactionOperation>(number));
            messages::TransactionResponse response;
            CHECK_NOTHROW(transaction.answer(request, response));
        }
        vary(request);
    }
    const auto search = [&](const Find &find) {
        for (const auto operation : {messages::OPERATION_FIND, messages::OPERATION_COUNT_RESOURCES}) {
            Transaction transaction(pool.take(), catalogue, schema, Access::read_only);
            messages::TransactionRequest wanted;
            wanted.set_operation(operation);
            *wanted.mutable_find() = find;
            *wanted.mutable_count_resources() = find;
            messages::TransactionResponse response;
            CHECK_NOTHROW(transaction.answer(wanted, response));
        }
    };
    for (int level = 0; level < 4; ++level) {
        const auto wanted = static_cast<messages::ResourceType>(level);
        search_by_tags(wanted, search);
        search_in_order(wanted, search);
        search_for_all(wanted, search);
    }
    search_with_labels(search);
}

void record_audits(Pool &pool) {
    AuditLogs logs(SchemaKind::odbc, pool);
    logs.install();
    logs.add({});
    AuditQuery query;
    logs.find(query);
    query.user = "user";
    query.resource = "resource";
    query.action = "action";
    query.from = 1;
    query.to = 2;
    logs.find(query);
}

void record_files(const Backend &backend) {
    Area area(backend, false);
    area.create("uuid", 1, "content");
    std::string content;
    area.read("uuid", 1, [&](std::uint64_t size) {
        content.resize(size);
        return std::span(content);
    });
    std::string part(1, ' ');
    area.read_range("uuid", 1, 0, part);
    area.read_range("uuid", 1, 0, {});
    area.remove("uuid", 1);
    const Area again(backend, true);
}

std::string written(const Statements &statements) {
    std::string text = "-- Every statement that SQL Server is sent, as mssql_test.cc notes it. Where they "
                       "change, run the tests of the\n"
                       "-- databases with MSSQL_STATEMENTS set to the path of this file.\n";
    for (const std::string &statement : statements) {
        text += "\nGO\n" + statement + '\n';
    }
    return text;
}

} // namespace

TEST_CASE("the statements for SQL Server are those that the parser of its language reads", "[mssql]") {
    const tests::FakeOrthanc orthanc;
    Server server;
    Backend backend;
    backend.schema = SchemaKind::odbc;
    backend.lock = false;
    backend.opener = [&] { return std::make_unique<Recorder>(server); };
    {
        const Catalogue catalogue(SchemaKind::odbc, Dialect::mssql);
        const auto schema = odbc_schema(catalogue, backend);
        Pool pool(backend.opener, 1, false, {});
        pool.open();
        schema->install(*pool.take(), false);
        schema->install(*pool.take(), true);
        schema->lock(*pool.take());
        schema->revision(*pool.take());
        schema->housekeeping(*pool.take());
        schema->count(*pool.take(), messages::RESOURCE_STUDY);
        record_transactions(pool, catalogue, *schema);
        record_audits(pool);
    }
    record_files(backend);

    const std::string text = written(server.statements);
    if (const char *path = std::getenv("MSSQL_STATEMENTS")) { // NOLINT(concurrency-mt-unsafe)
        std::ofstream(path) << text;
    }
    std::ifstream file(std::string(FIXTURES) + "/mssql-statements.sql");
    const std::string expected{std::istreambuf_iterator<char>(file), {}};
    INFO("the statements have changed: run the tests with MSSQL_STATEMENTS set to the path of "
         "mssql-statements.sql");
    CHECK((text == expected));
}

} // namespace orthanc_images::database
