// The tables of the plugin Odbc, on three servers: how they are made, and what keeps them whole.
#include "odbc_servers.h"

#include "database/catalogue.h"
#include "database/driver/backend.h"
#include "database/query.h"
#include "database/schema/schema.h"

#include "fake_orthanc.h"

#include <algorithm>
#include <atomic>
#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace orthanc_images::database {

namespace {

using tests::Server;

constexpr const char *all_tables[] = {"OrthancImagesStatistics",
                                      "OrthancImagesRevision",
                                      "OrthancImagesQueues",
                                      "OrthancImagesKeyValueStores",
                                      "OrthancImagesCustomData",
                                      "OrthancImagesLabels",
                                      "DeletedResources",
                                      "DeletedFiles",
                                      "PatientRecyclingOrder",
                                      "ExportedResources",
                                      "Changes",
                                      "AttachedFiles",
                                      "Metadata",
                                      "DicomIdentifiers",
                                      "MainDicomTags",
                                      "Resources",
                                      "ServerProperties",
                                      "GlobalProperties"};

// One server with an index, which is made anew.
struct Index {
    explicit Index(const Server &which, bool installs = true)
        : server(which), connection(tests::open(which)), catalogue(SchemaKind::odbc, which.dialect),
          schema(odbc_schema(catalogue, {})) {
        for (const char *table : all_tables) {
            connection->script(std::string("DROP TABLE IF EXISTS ") + table);
        }
        if (installs) {
            schema->install(*connection, false);
        }
    }

    std::int64_t count(const std::string &table, const std::string &condition = "1 = 1") const {
        return connection->query("SELECT COUNT(*) FROM " + table + " WHERE " + condition)->integer(0, 0);
    }

    const Server &server;
    std::unique_ptr<Connection> connection;
    Catalogue catalogue;
    std::unique_ptr<Schema> schema;
};

// Runs a transaction, again while the server cannot serialize it.
template <typename Function> void transact(Connection &connection, const Function &function) {
    for (int tries = 1;; ++tries) {
        connection.begin(Access::read_write);
        try {
            function();
            connection.commit();
            return;
        } catch (const StatementError &error) {
            connection.rollback();
            if (error.code() != OrthancPluginErrorCode_DatabaseCannotSerialize || tries == 200) {
                throw;
            }
            std::this_thread::sleep_for(std::chrono::milliseconds(tries % 5));
        }
    }
}

messages::CreateInstance_Response create(Schema &schema, Connection &connection, const std::string &patient,
                                         const std::string &study, const std::string &series,
                                         const std::string &instance) {
    messages::CreateInstance_Request request;
    request.set_patient(patient);
    request.set_study(study);
    request.set_series(series);
    request.set_instance(instance);
    messages::CreateInstance_Response response;
    schema.create_instance(connection, request, response);
    return response;
}

void attach(const Index &index, std::int64_t id, std::int64_t type, const std::string &uuid,
            std::string_view custom_data) {
    execute(*index.connection, index.catalogue.statement("add-attachment"),
            {id, type, std::string_view(uuid), std::int64_t{10}, std::int64_t{20}, std::int64_t{2},
             std::string_view("hash1"), std::string_view("hash2"), std::int64_t{3},
             custom_data.empty() ? Parameter(std::monostate()) : Parameter(Bytes{custom_data})});
}

void log_change(const Index &index, std::int64_t id, std::int64_t level) {
    execute(*index.connection, index.catalogue.statement("log-change"),
            {std::int64_t{1}, id, level, std::string_view("20260101T000000")});
}

std::int64_t last_change(const Index &index) {
    return query(*index.connection, index.catalogue.statement("last-change-index"))->integer(0, 0);
}

// What the statistics should say.
Statistics counted(const Index &index) {
    const auto sizes = index.connection->query(index.catalogue["sizes"]);
    return {index.count("Resources", "resourceType = 0"),
            index.count("Resources", "resourceType = 1"),
            index.count("Resources", "resourceType = 2"),
            index.count("Resources", "resourceType = 3"),
            sizes->integer(0, 0),
            sizes->integer(0, 1)};
}

bool has_counters(const Index &index) {
    return index.connection->query(index.catalogue["counts"])->integer(0, 0) == 1;
}

std::string said(const std::function<void()> &function) {
    try {
        function();
    } catch (const Error &error) {
        return error.what();
    }
    return "";
}

void set_tag(messages::SetResourcesContent_Request &request, std::int64_t id, bool identifier,
             std::uint32_t element, const std::string &value) {
    auto *tag = request.add_tags();
    tag->set_resource_id(id);
    tag->set_is_identifier(identifier);
    tag->set_group(0x10);
    tag->set_element(element);
    tag->set_value(value);
}

void set_metadata(messages::SetResourcesContent_Request &request, std::int64_t id, std::int32_t type,
                  const std::string &value) {
    auto *entry = request.add_metadata();
    entry->set_resource_id(id);
    entry->set_metadata(type);
    entry->set_value(value);
}

} // namespace

TEST_CASE("an index is made once and then opened", "[odbc]") {
    const tests::FakeOrthanc orthanc;
    const Index index(tests::server());
    CHECK(index.count("GlobalProperties", "property = 1 AND value = '6'") == 1);
    for (const char *table : all_tables) {
        INFO(table);
        CHECK(index.count(table) >= 0);
    }
    transact(*index.connection, [&] { create(*index.schema, *index.connection, "p", "s", "e", "i"); });
    index.schema->install(*index.connection, false);
    index.schema->install(*index.connection, true);
    CHECK(index.count("Resources") == 4);
    CHECK(index.count("OrthancImagesRevision", "revision = 1") == 1);
    CHECK(index.schema->revision(*index.connection) == 0);
}

TEST_CASE("an index that is not there, or of another version, is refused in words", "[odbc]") {
    const tests::FakeOrthanc orthanc;
    const Index index(tests::server(), false);
    const auto refusal = [&](bool read_only) {
        return said([&] { index.schema->install(*index.connection, read_only); });
    };
    CHECK(refusal(true) ==
          "Odbc.IndexConnectionString: the database has no index yet, and ReadOnly is true. Start "
          "once with ReadOnly false.");
    CHECK(refusal(false).empty());
    index.connection->script("UPDATE OrthancImagesRevision SET revision = 2");
    for (const bool read_only : {false, true}) {
        CHECK(refusal(read_only) == "Odbc.IndexConnectionString: the index has revision 2 of the tables "
                                    "OrthancImages…, which is newer "
                                    "than this plugin knows (1). Use a newer image, or another database.");
    }
    index.connection->script("INSERT INTO GlobalProperties(property, value) VALUES(4, '9')");
    for (const bool read_only : {false, true}) {
        CHECK(refusal(read_only) == "Odbc.IndexConnectionString: the index has revision 9 of the tables, "
                                    "which is newer than this plugin "
                                    "knows (1). Use a newer image, or another database.");
    }
    index.connection->script("UPDATE GlobalProperties SET value = '5' WHERE property = 1");
    for (const bool read_only : {false, true}) {
        CHECK(refusal(read_only) == "Odbc.IndexConnectionString: the index has version 5 of the tables, and "
                                    "this plugin knows version 6. "
                                    "Use the plugin that made it, or another database.");
    }
    index.connection->script("DELETE FROM GlobalProperties");
    if (index.server.dialect != Dialect::mysql) {
        CHECK(refusal(false) == "Odbc.IndexConnectionString: the database has some tables of an index, but "
                                "GlobalProperties does not tell their version. Use an empty database.");
    }
}

TEST_CASE("an index of the official plugin is opened as it is", "[odbc]") {
    tests::FakeOrthanc orthanc;
    const Index index(tests::server(), false);
    // Its columns that are narrower, and its index that is not unique.
    for (const Block &block : blocks(index.server.dialect == Dialect::postgresql ? "install-odbc-postgresql"
                                     : index.server.dialect == Dialect::mysql    ? "install-odbc-mysql"
                                                                                 : "install-odbc-sqlite")) {
        std::string text(block.text);
        for (const char *wide :
             {"value TEXT COLLATE \"C\"", "value VARCHAR(700)", "value LONGTEXT", "value TEXT"}) {
            const std::size_t at = text.find(wide);
            if (block.name.ends_with("Tags") || block.name.ends_with("Identifiers")) {
                if (at != std::string::npos) {
                    text.replace(at, std::string_view(wide).size(), "value VARCHAR(255)");
                }
            }
        }
        if (const std::size_t at = text.find("UNIQUE INDEX"); at != std::string::npos) {
            text.erase(at, 7);
        }
        index.connection->script(text);
    }
    const bool twins = GENERATE(false, true);
    index.connection->script("INSERT INTO Resources(internalId, resourceType, publicId) VALUES(100, 0, 'p')");
    if (twins) {
        index.connection->script(
            "INSERT INTO Resources(internalId, resourceType, publicId) VALUES(101, 0, 'p')");
    }
    CHECK(said([&] { index.schema->install(*index.connection, true); }) ==
          "Odbc.IndexConnectionString: the index lacks the tables OrthancImages…, and ReadOnly is true. "
          "Start once "
          "with ReadOnly false.");
    index.schema->install(*index.connection, false);
    index.schema->install(*index.connection, false);
    index.schema->install(*index.connection, true);
    const auto lines = orthanc.lines();
    CHECK(std::ranges::count_if(lines, [](const auto &line) {
              return line.message.find("the index has some resources twice, such as p,") != std::string::npos;
          }) == (twins ? 2 : 0));
    CHECK(query(*index.connection, index.catalogue.statement("has-unique-index"))->integer(0, 0) ==
          (twins ? 0 : 1));

    // What is too long for its columns is cut, and the first of twins gets the study.
    messages::CreateInstance_Response made;
    std::string text;
    for (int letter = 0; letter < 300; ++letter) {
        text += "Ω";
    }
    transact(*index.connection, [&] {
        made = create(*index.schema, *index.connection, "p", "s", "e", "i");
        messages::SetResourcesContent_Request request;
        set_tag(request, made.instance_id(), true, 1, std::string(300, 'I'));
        set_tag(request, made.instance_id(), false, 1, text);
        index.schema->set_content(*index.connection, request);
    });
    CHECK(made.patient_id() == 100);
    CHECK(!made.is_new_patient());
    const std::size_t kept = index.server.dialect == Dialect::sqlite ? 300 : 255;
    CHECK(index.connection->query("SELECT value FROM DicomIdentifiers")->text(0, 0) ==
          std::string(kept, 'I'));
    CHECK(index.connection->query("SELECT value FROM MainDicomTags")->text(0, 0) == text.substr(0, kept * 2));
}

TEST_CASE("values of any length fit in an index of ours", "[odbc]") {
    const tests::FakeOrthanc orthanc;
    const Index index(tests::server());
    const std::string text(100'000, 'x');
    transact(*index.connection, [&] {
        const auto made = create(*index.schema, *index.connection, "p", "s", "e", "i");
        messages::SetResourcesContent_Request request;
        for (std::uint32_t element = 0; element < 150; ++element) {
            set_tag(request, made.instance_id(), false, element,
                    element == 7 ? text : std::to_string(element));
        }
        set_tag(request, made.instance_id(), true, 1, text);
        set_metadata(request, made.instance_id(), 1, "first");
        set_metadata(request, made.instance_id(), 2, text);
        set_metadata(request, made.instance_id(), 1, "second");
        index.schema->set_content(*index.connection, request);
    });
    CHECK(index.count("MainDicomTags") == 150);
    CHECK((index.connection->query("SELECT value FROM MainDicomTags WHERE tagElement = 7")->text(0, 0) ==
           text));
    CHECK(index.connection->query("SELECT value FROM MainDicomTags WHERE tagElement = 149")->text(0, 0) ==
          "149");
    CHECK(text.starts_with(index.connection->query("SELECT value FROM DicomIdentifiers")->text(0, 0)));
    CHECK(index.connection->query("SELECT value FROM Metadata WHERE type = 1")->text(0, 0) == "second");
    CHECK((index.connection->query("SELECT value FROM Metadata WHERE type = 2")->text(0, 0) == text));
    messages::SetResourcesContent_Request wrong;
    set_tag(wrong, 1, false, 0x10000, "value");
    CHECK(said([&] { index.schema->set_content(*index.connection, wrong); }) ==
          "tag: its group or element is above 0xffff. Send numbers of 16 bits.");
}

TEST_CASE("an instance brings those above it, once", "[odbc]") {
    const tests::FakeOrthanc orthanc;
    const Index index(tests::server());
    const auto add = [&](const char *patient, const char *study, const char *series, const char *instance) {
        messages::CreateInstance_Response response;
        transact(*index.connection, [&] {
            response = create(*index.schema, *index.connection, patient, study, series, instance);
        });
        return response;
    };
    const auto first = add("p", "s", "e", "i1");
    CHECK(first.is_new_instance());
    CHECK(first.is_new_patient());
    CHECK(first.is_new_study());
    CHECK(first.is_new_series());
    const auto second = add("p", "s", "e", "i2");
    CHECK(second.is_new_instance());
    CHECK(!second.is_new_patient());
    CHECK(!second.is_new_study());
    CHECK(!second.is_new_series());
    CHECK(second.patient_id() == first.patient_id());
    CHECK(second.study_id() == first.study_id());
    CHECK(second.series_id() == first.series_id());
    const auto again = add("p", "s", "e", "i1");
    CHECK(!again.is_new_instance());
    CHECK(again.instance_id() == first.instance_id());
    const auto other = add("p", "s2", "e2", "i3");
    CHECK(!other.is_new_patient());
    CHECK(other.is_new_study());
    CHECK(index.count("Resources") == 8);
    CHECK(index.schema->statistics(*index.connection, false) == Statistics{1, 2, 2, 3, 0, 0});
    attach(index, first.instance_id(), 1, "u1", "");
    attach(index, first.instance_id(), 2, "u2", "");
    CHECK(index.schema->statistics(*index.connection, true) == Statistics{1, 2, 2, 3, 20, 40});
    CHECK(index.schema->compressed_size(*index.connection) == 20);
    CHECK(index.schema->uncompressed_size(*index.connection) == 40);
    CHECK(index.schema->count(*index.connection, messages::RESOURCE_SERIES) == 2);
    const auto below = [&](int steps) {
        return index.connection
            ->query("SELECT " + index.schema->descendants(std::to_string(first.patient_id()), steps))
            ->integer(0, 0);
    };
    CHECK(below(1) == 2);
    CHECK(below(2) == 2);
    CHECK(below(3) == 3);
}

TEST_CASE("a resource goes with what belongs to it", "[odbc]") {
    const tests::FakeOrthanc orthanc;
    const Index index(tests::server());
    std::vector<messages::CreateInstance_Response> made;
    transact(*index.connection, [&] {
        made = {create(*index.schema, *index.connection, "p", "s", "e", "i1"),
                create(*index.schema, *index.connection, "p", "s", "e", "i2"),
                create(*index.schema, *index.connection, "p", "s2", "e2", "i3")};
        for (const auto &each : made) {
            messages::SetResourcesContent_Request request;
            set_tag(request, each.instance_id(), true, 1, "A");
            set_tag(request, each.instance_id(), false, 1, "a");
            set_metadata(request, each.instance_id(), 1, "m");
            index.schema->set_content(*index.connection, request);
            attach(index, each.instance_id(), 1, "u" + std::to_string(each.instance_id()),
                   std::string_view("\0\xff custom", 9));
            log_change(index, each.instance_id(), 3);
            execute(*index.connection, index.catalogue.statement("add-label"),
                    {each.instance_id(), std::string_view("label")});
            execute(*index.connection, index.catalogue.statement("add-label"),
                    {each.instance_id(), std::string_view("label")});
        }
    });
    CHECK(index.count("OrthancImagesLabels") == 3);
    const auto remove = [&](std::int64_t id) {
        messages::DeleteResource_Response response;
        transact(*index.connection, [&] {
            response.Clear();
            index.schema->delete_resource(*index.connection, id, response);
        });
        return response;
    };
    const auto ids = [](const messages::DeleteResource_Response &response) {
        std::vector<std::string> found;
        for (const auto &each : response.deleted_resources()) {
            found.push_back(std::to_string(each.level()) + each.public_id());
        }
        std::ranges::sort(found);
        return found;
    };
    const auto one = remove(made[0].instance_id());
    CHECK(ids(one) == std::vector<std::string>{"3i1"});
    REQUIRE(one.is_remaining_ancestor());
    CHECK(one.remaining_ancestor().level() == messages::RESOURCE_SERIES);
    CHECK(one.remaining_ancestor().public_id() == "e");
    REQUIRE(one.deleted_attachments_size() == 1);
    const auto &file = one.deleted_attachments(0);
    CHECK(file.uuid() == "u" + std::to_string(made[0].instance_id()));
    CHECK(file.content_type() == 1);
    CHECK(file.compressed_size() == 10);
    CHECK(file.uncompressed_size() == 20);
    CHECK(file.compression_type() == 2);
    CHECK(file.uncompressed_hash() == "hash1");
    CHECK(file.compressed_hash() == "hash2");
    CHECK(file.custom_data() == std::string("\0\xff custom", 9));

    // The series and the study have nothing else.
    const auto two = remove(made[1].instance_id());
    CHECK(ids(two) == std::vector<std::string>{"1s", "2e", "3i2"});
    CHECK(two.remaining_ancestor().public_id() == "p");
    for (const char *table : {"DicomIdentifiers", "MainDicomTags", "Metadata", "AttachedFiles", "Changes",
                              "OrthancImagesLabels", "OrthancImagesCustomData"}) {
        INFO(table);
        CHECK(index.count(table) == 1);
    }
    CHECK(last_change(index) == 3);
    const auto all = remove(made[2].patient_id());
    CHECK(ids(all) == std::vector<std::string>{"0p", "1s2", "2e2", "3i3"});
    CHECK(!all.is_remaining_ancestor());
    for (const char *table :
         {"DicomIdentifiers", "MainDicomTags", "Metadata", "AttachedFiles", "Changes", "OrthancImagesLabels",
          "OrthancImagesCustomData", "Resources", "PatientRecyclingOrder"}) {
        INFO(table);
        CHECK(index.count(table) == 0);
    }
    CHECK(last_change(index) == 3);
    messages::DeleteResource_Response response;
    index.connection->begin(Access::read_write);
    try {
        index.schema->delete_resource(*index.connection, made[2].patient_id(), response);
        FAIL("a resource went twice");
    } catch (const StatementError &error) {
        CHECK(error.code() == OrthancPluginErrorCode_DatabaseCannotSerialize);
    }
    index.connection->rollback();
}

TEST_CASE("an attachment goes with its custom data", "[odbc]") {
    const tests::FakeOrthanc orthanc;
    const Index index(tests::server());
    const std::int64_t id = create(*index.schema, *index.connection, "p", "s", "e", "i").instance_id();
    attach(index, id, 1, "u1", "custom");
    attach(index, id, 2, "u2", "");
    const auto custom = [&](std::string_view uuid) {
        const auto result = query(*index.connection, index.catalogue.statement("custom-data"), {uuid});
        return result->rows() == 0 ? "none" : std::string(result->text(0, 0));
    };
    CHECK(custom("u1") == "custom");
    CHECK(custom("u2").empty());
    CHECK(custom("u3") == "none");
    for (const std::string_view value : {"other", "again", ""}) {
        execute(*index.connection, index.catalogue.statement("set-custom-data"), {"u2", Bytes{value}});
        CHECK(custom("u2") == value);
    }
    execute(*index.connection, index.catalogue.statement("set-custom-data"), {"u2", std::monostate()});
    CHECK(custom("u2").empty());
    execute(*index.connection, index.catalogue.statement("set-custom-data"), {"u3", Bytes{"nothing"}});
    CHECK_THROWS_AS(attach(index, id, 1, "u4", ""), StatementError);
    messages::FileInfo file;
    CHECK(index.schema->delete_attachment(*index.connection, id, 1, file));
    CHECK(file.uuid() == "u1");
    CHECK(file.content_type() == 1);
    CHECK(file.custom_data() == "custom");
    CHECK(!index.schema->delete_attachment(*index.connection, id, 1, file));
    execute(*index.connection, index.catalogue.statement("set-custom-data"), {"u2", Bytes{"more"}});
    CHECK(index.count("OrthancImagesCustomData") == 1);
    // As the official plugin does.
    index.connection->execute("DELETE FROM AttachedFiles WHERE id = ?", {id});
    CHECK(index.count("OrthancImagesCustomData") == 0);
}

TEST_CASE("patients are recycled in the order of their last instance", "[odbc]") {
    const tests::FakeOrthanc orthanc;
    const Index index(tests::server());
    const auto add = [&](const std::string &patient, const std::string &instance) {
        std::int64_t id = 0;
        transact(*index.connection, [&] {
            id = create(*index.schema, *index.connection, patient, "s" + patient, "e" + patient, instance)
                     .patient_id();
        });
        return id;
    };
    CHECK(!index.schema->to_recycle(*index.connection, {}));
    const std::int64_t first = add("p1", "i1");
    const std::int64_t second = add("p2", "i2");
    CHECK(index.schema->to_recycle(*index.connection, {}) == first);
    CHECK(index.schema->to_recycle(*index.connection, first) == second);
    add("p1", "i3");
    CHECK(index.schema->to_recycle(*index.connection, {}) == second);
    CHECK(!index.schema->is_protected(*index.connection, second));
    index.schema->set_protected(*index.connection, second, true);
    index.schema->set_protected(*index.connection, second, true);
    CHECK(index.schema->is_protected(*index.connection, second));
    CHECK(index.schema->to_recycle(*index.connection, {}) == first);
    add("p2", "i4");
    CHECK(index.schema->is_protected(*index.connection, second));
    index.schema->set_protected(*index.connection, second, false);
    index.schema->set_protected(*index.connection, first, false);
    CHECK(!index.schema->is_protected(*index.connection, second));
    CHECK(index.schema->to_recycle(*index.connection, {}) == first);
    CHECK(index.count("PatientRecyclingOrder") == 2);
}

TEST_CASE("the number of the last change is never given again", "[odbc]") {
    const tests::FakeOrthanc orthanc;
    const Index index(tests::server());
    CHECK(last_change(index) == 0);
    index.schema->housekeeping(*index.connection);
    CHECK(index.count("GlobalProperties", "property = 10") == 0);
    std::int64_t id = 0;
    transact(*index.connection,
             [&] { id = create(*index.schema, *index.connection, "p", "s", "e", "i").patient_id(); });
    log_change(index, id, 0);
    log_change(index, id, 0);
    CHECK(last_change(index) == 2);
    index.schema->housekeeping(*index.connection);
    CHECK(index.count("GlobalProperties", "property = 10 AND value = '2'") == 1);
    log_change(index, id, 0);
    execute(*index.connection, index.catalogue.statement("clear-changes"));
    CHECK(index.count("Changes") == 0);
    CHECK(last_change(index) == 3);
    execute(*index.connection, index.catalogue.statement("clear-changes"));
    CHECK(last_change(index) == 3);
    log_change(index, id, 0);
    CHECK(last_change(index) == 4);
    CHECK(index.count("GlobalProperties", "property = 10 AND value = '3'") == 1);
}

TEST_CASE("servers that meet the same patient make it once", "[odbc]") {
    const tests::FakeOrthanc orthanc;
    const Index index(tests::server());
    constexpr int threads = 6;
    constexpr int instances = 12;
    std::atomic<int> patients = 0;
    std::atomic<int> studies = 0;
    std::vector<std::string> failures(threads);
    std::vector<std::thread> workers;
    for (int thread = 0; thread < threads; ++thread) {
        workers.emplace_back([&, thread] {
            try {
                const auto connection = tests::open(index.server);
                for (int instance = 0; instance < instances; ++instance) {
                    messages::CreateInstance_Response made;
                    // Each instance is sent by two of them.
                    const std::string name = std::to_string(thread / 2) + '-' + std::to_string(instance);
                    const std::string study = "s" + std::to_string(instance / 4);
                    transact(*connection, [&] {
                        made = create(*index.schema, *connection, "p", study, study + "e", name);
                    });
                    patients += made.is_new_patient() ? 1 : 0;
                    studies += made.is_new_study() ? 1 : 0;
                }
            } catch (const std::exception &error) {
                failures[static_cast<std::size_t>(thread)] = error.what();
            }
        });
    }
    for (std::thread &worker : workers) {
        worker.join();
    }
    CHECK(failures == std::vector<std::string>(threads));
    CHECK(patients == 1);
    CHECK(studies == 3);
    CHECK(index.schema->statistics(*index.connection, false) ==
          Statistics{1, 3, 3, threads / 2 * instances, 0, 0});
    CHECK(index.count("PatientRecyclingOrder") == 1);
}

TEST_CASE("servers that add and delete at the same time leave no orphan", "[odbc]") {
    const tests::FakeOrthanc orthanc;
    const Index index(tests::server());
    constexpr int threads = 4;
    std::vector<std::string> failures(threads);
    std::vector<std::thread> workers;
    for (int thread = 0; thread < threads; ++thread) {
        workers.emplace_back([&, thread] {
            try {
                const auto connection = tests::open(index.server);
                for (int round = 0; round < 25; ++round) {
                    const std::string name = std::to_string(thread) + '-' + std::to_string(round);
                    const std::string study = "s" + std::to_string(round % 2);
                    std::int64_t id = 0;
                    transact(*connection, [&] {
                        const auto made = create(*index.schema, *connection, "p", study, study + "e", name);
                        id = round % 5 == 4 ? made.study_id() : made.instance_id();
                    });
                    bool there = true;
                    transact(*connection, [&] {
                        const auto found = query(*connection, index.catalogue.statement("public-id"), {id});
                        there = found->rows() != 0;
                        if (there) {
                            messages::DeleteResource_Response response;
                            index.schema->delete_resource(*connection, id, response);
                        }
                    });
                }
            } catch (const std::exception &error) {
                failures[static_cast<std::size_t>(thread)] = error.what();
            }
        });
    }
    for (std::thread &worker : workers) {
        worker.join();
    }
    CHECK(failures == std::vector<std::string>(threads));
    CHECK(index.count("Resources") == 0);
    CHECK(index.count("PatientRecyclingOrder") == 0);
    CHECK(index.schema->statistics(*index.connection, false) == Statistics{});
}

TEST_CASE("statistics follow what anybody writes to the index", "[odbc]") {
    tests::FakeOrthanc orthanc;
    const Index index(tests::server(), false);
    const std::string dialect = index.server.dialect == Dialect::postgresql ? "postgresql"
                                : index.server.dialect == Dialect::mysql    ? "mysql"
                                                                            : "sqlite";
    for (const Block &block : blocks("install-odbc-" + dialect)) {
        index.connection->script(std::string(block.text));
    }
    const auto resource = [&](std::int64_t id, int level, const std::string &parent) {
        index.connection->script(
            "INSERT INTO Resources(internalId, resourceType, publicId, parentId) VALUES(" +
            std::to_string(id) + ", " + std::to_string(level) + ", 'r" + std::to_string(id) + "', " + parent +
            ")");
    };
    const auto file = [&](std::int64_t id, int type, const std::string &sizes) {
        index.connection->script("INSERT INTO AttachedFiles VALUES(" + std::to_string(id) + ", " +
                                 std::to_string(type) + ", 'u', " + sizes + ", 1, 'h', 'h', 0)");
    };
    const auto check = [&](const Statistics &expected) {
        CHECK(index.schema->statistics(*index.connection, false) == expected);
        CHECK(counted(index) == expected);
        CHECK(index.schema->compressed_size(*index.connection) == expected[4]);
        CHECK(index.schema->uncompressed_size(*index.connection) == expected[5]);
        CHECK(index.schema->count(*index.connection, messages::RESOURCE_INSTANCE) == expected[3]);
    };
    // What was there before, and what comes after, of which nothing is ours.
    resource(100, 0, "NULL");
    resource(101, 1, "100");
    file(101, 1, "1000, 2000");
    index.schema->install(*index.connection, false);
    CHECK(has_counters(index));
    check({1, 1, 0, 0, 1000, 2000});
    resource(102, 2, "101");
    resource(103, 3, "102");
    file(103, 1, "10, 20");
    file(103, 2, "NULL, NULL");
    file(103, 3, "30, 40");
    check({1, 1, 1, 1, 1040, 2060});
    index.connection->script("DELETE FROM AttachedFiles WHERE id = 103 AND fileType = 3");
    check({1, 1, 1, 1, 1010, 2020});
    index.connection->begin(Access::read_write);
    create(*index.schema, *index.connection, "p", "s", "e", "i");
    index.connection->rollback();
    check({1, 1, 1, 1, 1010, 2020});
    index.connection->script("DELETE FROM Resources WHERE internalId = 103");
    check({1, 1, 1, 0, 1000, 2000});
    transact(*index.connection, [&] {
        for (int type = 1000; type < 2100; ++type) {
            attach(index, 102, type, "u", "");
        }
    });
    check({1, 1, 1, 0, 12000, 24000});
    CHECK(index.count("OrthancImagesStatistics") < 300);

    // Somebody takes a trigger away, or the server does not let them be made.
    const std::string of_table = index.server.dialect == Dialect::postgresql ? " ON AttachedFiles" : "";
    index.connection->script("DROP TRIGGER OrthancImagesStatistics3" + of_table);
    file(102, 1, "1, 2");
    index.schema->install(*index.connection, true);
    check({1, 1, 1, 0, 12001, 24002});
    CHECK(!has_counters(index));
    index.schema->install(*index.connection, false);
    CHECK(has_counters(index));
    file(102, 2, "1, 2");
    check({1, 1, 1, 0, 12002, 24004});
    const auto lines = orthanc.lines();
    CHECK(std::ranges::count_if(lines, [](const auto &line) {
              return line.message.starts_with("Odbc: counts what is in the index");
          }) == 2);
}

TEST_CASE("statistics are counted each time where a user may not create triggers", "[odbc]") {
    tests::FakeOrthanc orthanc;
    const Index index(tests::servers[1]);
    for (const char *right : {"", "GRANT ALL ON odbc.* TO odbc_trial@localhost",
                              "REVOKE TRIGGER ON odbc.* FROM odbc_trial@localhost"}) {
        index.connection->script(right[0] == '\0' ? "CREATE OR REPLACE USER odbc_trial@localhost" : right);
    }
    index.connection->script("DROP TRIGGER OrthancImagesStatistics3");
    std::string address = tests::connection_string(index.server);
    address.replace(address.find("User=tests"), 10, "User=odbc_trial");
    const auto connection = open_odbc(address, "Odbc.IndexConnectionString");
    const auto schema = odbc_schema(index.catalogue, {});
    schema->install(*connection, false);
    transact(*connection, [&] { create(*schema, *connection, "p", "s", "e", "i"); });
    CHECK(schema->statistics(*connection, false) == Statistics{1, 1, 1, 1, 0, 0});
    const auto lines = orthanc.lines();
    CHECK(std::ranges::count_if(lines, [](const auto &line) {
              return line.message.find("log_bin_trust_function_creators") != std::string::npos;
          }) == 1);
    index.schema->install(*index.connection, false);
    CHECK(has_counters(index));
    CHECK(index.schema->statistics(*index.connection, false) == Statistics{1, 1, 1, 1, 0, 0});
    index.connection->script("DROP USER odbc_trial@localhost");
}

TEST_CASE("stores and queues keep bytes", "[odbc]") {
    const tests::FakeOrthanc orthanc;
    const Index index(tests::server());
    const auto run = [&](std::string_view name, std::initializer_list<Parameter> values) {
        return query(*index.connection, index.catalogue.statement(name), values);
    };
    const std::string bytes("\0\x01\xff\xfe", 4);
    for (const std::string_view value : {std::string_view("old"), std::string_view(bytes)}) {
        execute(*index.connection, index.catalogue.statement("store-value"), {"store", "Key", Bytes{value}});
    }
    execute(*index.connection, index.catalogue.statement("store-value"), {"store", "key", Bytes{"lower"}});
    execute(*index.connection, index.catalogue.statement("store-value"), {"Store", "key", Bytes{""}});
    CHECK(run("stored-value", {"store", "Key"})->text(0, 0) == bytes);
    CHECK(run("stored-value", {"store", "key"})->text(0, 0) == "lower");
    CHECK(run("stored-value", {"Store", "key"})->rows() == 1);
    execute(*index.connection, index.catalogue.statement("delete-value"), {"store", "key"});
    CHECK(run("stored-value", {"store", "key"})->rows() == 0);
    CHECK(run("stored-value", {"store", "Key"})->rows() == 1);

    const auto &enqueue = index.catalogue.statement("enqueue");
    execute(*index.connection, enqueue, {"queue", Bytes{bytes}});
    execute(*index.connection, enqueue, {"queue", Bytes{"second"}});
    execute(*index.connection, enqueue, {"Queue", Bytes{"other"}});
    const std::int64_t now = 1000;
    CHECK(run("queue-size", {"queue"})->integer(0, 0) == 2);
    const auto front = run("queue-front", {"queue", now});
    CHECK(front->text(0, 1) == bytes);
    CHECK(run("queue-back", {"queue", now})->text(0, 1) == "second");
    execute(*index.connection, index.catalogue.statement("reserve-queue-value"),
            {"queue", front->integer(0, 0), std::int64_t{2000}});
    CHECK(run("queue-front", {"queue", now})->text(0, 1) == "second");
    CHECK(run("queue-front", {"queue", std::int64_t{2000}})->text(0, 1) == bytes);
    const auto &acknowledge = index.catalogue.statement("acknowledge-queue-value");
    CHECK(change(*index.connection, acknowledge, {"queue", front->integer(0, 0), std::int64_t{2000}}) == 0);
    CHECK(change(*index.connection, acknowledge, {"queue", front->integer(0, 0), now}) == 1);
    CHECK(run("queue-size", {"queue"})->integer(0, 0) == 1);
}

} // namespace orthanc_images::database
