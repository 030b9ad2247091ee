// The schema of PostgreSQL, in schemas of its own on the server and in the database that TEST_POSTGRESQL
// names.
#include "database/driver/postgresql.h"
#include "database/query.h"
#include "database/schema/postgresql.h"

#include <catch2/catch_test_macros.hpp>

#include <atomic>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace orthanc_images::database {

namespace {

// A schema of the server, which goes at the end.
class Place {
  public:
    explicit Place(const std::string &name = "native_test", bool installed = true, bool inexact = false)
        : name_(name), catalogue_(SchemaKind::postgresql, Dialect::postgresql) {
        backend_.inexact_counts = inexact;
        schema_ = postgresql_schema(catalogue_, backend_);
        run("DROP SCHEMA IF EXISTS " + name + " CASCADE; CREATE SCHEMA " + name);
        connection_ = open();
        if (installed) {
            schema_->install(*connection_, false);
        }
    }

    Place(const Place &) = delete;
    Place &operator=(const Place &) = delete;

    ~Place() {
        connection_.reset();
        run("DROP SCHEMA " + name_ + " CASCADE");
    }

    std::unique_ptr<Connection> open(bool serializable = false) const {
        PostgresqlSettings settings = postgresql_settings(address());
        settings.schema = name_;
        settings.serializable = serializable;
        return postgresql_opener(settings)();
    }

    Connection &operator*() {
        return *connection_;
    }

    Connection *operator->() {
        return connection_.get();
    }

    Schema &schema() {
        return *schema_;
    }

    std::string text(const std::string &statement) {
        return std::string(connection_->query(statement)->text(0, 0));
    }

    std::int64_t number(const std::string &statement) {
        return connection_->query(statement)->integer(0, 0);
    }

    // All values of the first column, between commas.
    std::string texts(const std::string &statement) {
        return text("SELECT coalesce(string_agg(CAST(t.v AS TEXT), ',' ORDER BY t.v), '') FROM (" +
                    statement + ") AS t (v)");
    }

    messages::CreateInstance_Response create(const std::string &patient, const std::string &study,
                                             const std::string &series, const std::string &instance) {
        return create(*connection_, patient, study, series, instance);
    }

    messages::CreateInstance_Response create(Connection &connection, const std::string &patient,
                                             const std::string &study, const std::string &series,
                                             const std::string &instance) {
        messages::CreateInstance_Request request;
        request.set_patient(patient);
        request.set_study(study);
        request.set_series(series);
        request.set_instance(instance);
        messages::CreateInstance_Response response;
        connection.begin(Access::read_write);
        schema_->create_instance(connection, request, response);
        connection.commit();
        return response;
    }

    void attach(std::int64_t id, std::int64_t type, const std::string &uuid, std::int64_t size) {
        connection_->execute(
            "INSERT INTO AttachedFiles (id, fileType, uuid, compressedSize, uncompressedSize, "
            "compressionType, uncompressedHash, compressedHash, revision, customData) "
            "VALUES (?, ?, ?, ?, ?, 1, 'a', 'b', 0, 'x')",
            {id, type, uuid, size, 2 * size});
    }

    messages::DeleteResource_Response remove(Connection &connection, std::int64_t id) {
        messages::DeleteResource_Response response;
        connection.begin(Access::read_write);
        try {
            schema_->delete_resource(connection, id, response);
            connection.commit();
        } catch (...) {
            connection.rollback();
            throw;
        }
        return response;
    }

    std::int64_t id(const std::string &public_id) {
        return connection_->query("SELECT internalId FROM Resources WHERE publicId = ?", {public_id})
            ->integer(0, 0);
    }

    std::int64_t descendants(std::int64_t id, int steps) {
        return number("SELECT " + schema_->descendants("r.internalId", steps) +
                      " FROM Resources r WHERE r.internalId = " + std::to_string(id));
    }

    Statistics statistics() {
        return schema_->statistics(*connection_, true);
    }

    static std::string address() {
        const char *address =
            std::getenv("TEST_POSTGRESQL"); // NOLINT(concurrency-mt-unsafe): nobody changes it
        // Not an assertion of Catch2, which threads of a test must not make.
        if (address == nullptr) {
            throw std::runtime_error("TEST_POSTGRESQL: is not set. See test.sh.");
        }
        return address;
    }

    static void run(const std::string &script) {
        const auto connection = postgresql_opener(postgresql_settings(address()))();
        connection->script("SET client_min_messages = warning; " + script);
    }

  private:
    std::string name_;
    Catalogue catalogue_;
    Backend backend_;
    std::unique_ptr<Schema> schema_;
    std::unique_ptr<Connection> connection_;
};

std::string fixture(const std::string &name) {
    std::ifstream file(std::string(FIXTURES) + "/" + name);
    REQUIRE(file.good());
    return {std::istreambuf_iterator<char>(file), {}};
}

std::string message_of(const std::function<void()> &action) {
    try {
        action();
    } catch (const std::exception &error) {
        return error.what();
    }
    return "nothing was thrown";
}

// What the catalogue of the server says about a schema: columns, constraints, indexes, functions, triggers.
std::string described(Place &place) {
    std::ostringstream all;
    for (const std::string statement :
         {"SELECT table_name || '.' || column_name || ' ' || data_type || ' ' || "
          "coalesce(CAST(character_maximum_length AS TEXT), '') || ' ' || is_nullable "
          "FROM information_schema.columns WHERE table_schema = current_schema()",
          "SELECT c.conname || ' ' || pg_get_constraintdef(c.oid) FROM pg_constraint c "
          "JOIN pg_namespace n ON n.oid = c.connamespace WHERE n.nspname = current_schema() "
          "AND c.contype <> 'n'",
          "SELECT replace(indexdef, schemaname || '.', '') FROM pg_indexes WHERE schemaname = "
          "current_schema()",
          "SELECT p.proname || '(' || pg_get_function_arguments(p.oid) || ') ' || "
          "coalesce(pg_get_function_result(p.oid), '') || md5(p.prosrc) "
          "FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = current_schema()",
          "SELECT event_object_table || ' ' || trigger_name || ' ' || event_manipulation || ' ' || "
          "action_timing "
          "|| ' ' || action_orientation FROM information_schema.triggers "
          "WHERE trigger_schema = current_schema()",
          "SELECT sequencename FROM pg_sequences WHERE schemaname = current_schema()",
          "SELECT property || '=' || value FROM GlobalProperties"}) {
        const auto result =
            place->query("SELECT t.v FROM (" + statement + ") AS t (v) ORDER BY t.v COLLATE \"C\"");
        for (std::size_t row = 0; row < result->rows(); ++row) {
            all << result->text(row, 0) << '\n';
        }
    }
    return all.str();
}

} // namespace

TEST_CASE("An empty database gets the schema of the official plugin at revision 10") {
    Place place;
    CHECK(place.schema().revision(*place) == 10);
    CHECK(place.texts("SELECT property || '=' || value FROM GlobalProperties") ==
          "10=1,11=3,12=1,13=1,14=1,1=6,4=10,6=1");
    CHECK(place.texts("SELECT key || '=' || value FROM GlobalIntegers") == "0=0,1=0,2=0,3=0,4=0,5=0,6=0");
    CHECK(place.texts("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()") ==
          "attachedfiles,auditlogs,changes,dicomidentifiers,exportedresources,globalintegers,"
          "globalintegerschanges,"
          "globalproperties,invalidchildcounts,keyvaluestores,labels,maindicomtags,metadata,queues,resources,"
          "serverproperties");
    CHECK(place.texts("SELECT trigger_name FROM information_schema.triggers WHERE trigger_schema = "
                      "current_schema()") ==
          "attachedfiledecrementsize,attachedfiledeleted,attachedfileincrementsize,decrementchildcount,"
          "decrementresourcestracker,incrementchildcount,incrementresourcestracker,insertedchange");
    CHECK(place.number(
              "SELECT count(*) FROM pg_indexes WHERE schemaname = current_schema() AND indexname IN "
              "('childrenindex2', 'publicindex', 'resourcetypeindex', 'maindicomtagsindex', "
              "'dicomidentifiersindex1', 'dicomidentifiersindex2', 'dicomidentifiersindex3', "
              "'dicomidentifiersindexvalues', 'dicomidentifiersindexvalues2', 'changesindex', "
              "'labelsindex1', 'labelsindex2', 'queuesindex', 'auditlogsuserid', 'auditlogsresourceid', "
              "'auditlogsaction', 'auditlogssourceplugin', 'invalidchildcountsid')") == 18);
    const std::string before = described(place);
    place.schema().install(*place, false);
    place.schema().install(*place, true);
    CHECK(described(place) == before);
}

TEST_CASE("Functions that are not ours are replaced, in an index of this revision too") {
    Place place;
    const std::string before = described(place);
    place->script(
        "CREATE OR REPLACE FUNCTION ProtectPatient(IN patient_id BIGINT) RETURNS VOID LANGUAGE plpgsql "
        "AS $$ BEGIN END $$");
    CHECK(described(place) != before);
    place.schema().install(*place, false);
    CHECK(described(place) == before);
}

TEST_CASE("An index of Debian's 5.0 is upgraded, with all that is in it") {
    Place fresh("native_test_fresh");
    Place place("native_test", false);
    place->script(fixture("postgresql-revision-1.sql"));
    CHECK(place.schema().revision(*place) == 1);
    CHECK(message_of([&] { place.schema().install(*place, true); }) ==
          "PostgreSQL.Database: the index has the revision 1 of its schema, and ReadOnly forbids to upgrade "
          "it to 10. "
          "Start "
          "Orthanc once with ReadOnly false.");
    place.schema().install(*place, false);
    CHECK(described(place) == described(fresh));

    CHECK(place.statistics() == Statistics{2, 2, 2, 4, 3208, 3208});
    const std::int64_t one = place.id("bdaf1eca-33d4619e-80e8ca68-9a1b74a4-febbbb29");
    const std::int64_t two = place.id("f0b89ee9-977fb93b-f3a71343-d5a95ac5-8463bb40");
    CHECK_FALSE(place.schema().is_protected(*place, one));
    CHECK(place.schema().is_protected(*place, two));
    CHECK(place.schema().to_recycle(*place, {}) == one);
    CHECK(place.schema().to_recycle(*place, one) == std::nullopt);
    CHECK(place.texts("SELECT label FROM Labels") == "checked");
    CHECK(place.number("SELECT value FROM GlobalIntegers WHERE key = 6") == 16);
    CHECK(place.number("SELECT count(*) FROM Resources WHERE childCount IS NULL") == 10);
    CHECK(place.descendants(one, 3) == 2);
    place.schema().housekeeping(*place);
    CHECK(place.number("SELECT count(*) FROM Resources WHERE childCount IS NULL AND resourceType < 3") == 0);
    CHECK(place.descendants(one, 3) == 2);

    place.schema().set_protected(*place, two, false);
    CHECK(place.schema().to_recycle(*place, one) == two);
    CHECK(place.remove(*place, one).deleted_resources_size() == 5);
    CHECK(place.statistics() == Statistics{1, 1, 1, 2, 1604, 1604});
}

TEST_CASE("An upgrade can be repeated after a way back, which leaves some of it") {
    Place place;
    const std::int64_t patient = place.create("p", "s", "e", "i").patient_id();
    place->script(
        "ALTER TABLE InvalidChildCounts DROP COLUMN pk; ALTER TABLE GlobalIntegersChanges DROP COLUMN pk; "
        "UPDATE GlobalProperties SET value = '6' WHERE property = 4");
    place.schema().install(*place, false);
    CHECK(place.schema().revision(*place) == 10);
    CHECK(place.number("SELECT count(pk) FROM GlobalIntegersChanges") == 4);

    // And one to revision 5, where the order of recycling is a table.
    place->script(
        "CREATE TABLE PatientRecyclingOrder (seq BIGSERIAL NOT NULL PRIMARY KEY, patientId BIGINT "
        "REFERENCES Resources (internalId) ON DELETE CASCADE, CONSTRAINT UniquePatientId UNIQUE (patientId));"
        "DELETE FROM Metadata WHERE type IN (18, 19); DROP TABLE AuditLogs;"
        "ALTER TABLE Resources DROP CONSTRAINT resources_parentid_fkey;"
        "ALTER TABLE Resources ADD CONSTRAINT resources_parentid_fkey FOREIGN KEY (parentId) REFERENCES "
        "Resources (internalId) ON DELETE CASCADE;"
        "UPDATE GlobalProperties SET value = '5' WHERE property = 4");
    place.schema().install(*place, false);
    CHECK(place.schema().is_protected(*place, patient));
    Place fresh("native_test_fresh");
    CHECK(described(place) == described(fresh));
}

TEST_CASE("Another version, and a revision of the future, are refused") {
    Place place;
    place->execute("UPDATE GlobalProperties SET value = '11' WHERE property = 4", {});
    const std::string newer =
        "PostgreSQL.Database: the index has the revision 11 of its schema; this plugin knows the "
        "revisions up to 10. A newer plugin has upgraded it: use that, or restore a backup from "
        "before.";
    CHECK(message_of([&] { place.schema().install(*place, false); }) == newer);
    CHECK(message_of([&] { place.schema().install(*place, true); }) == newer);
    place->execute("UPDATE GlobalProperties SET value = '5' WHERE property = 1", {});
    CHECK(message_of([&] { place.schema().install(*place, false); }) ==
          "PostgreSQL.Database: the index has the version 5 of Orthanc's schema; this plugin knows version "
          "6. Upgrade "
          "it with "
          "an earlier version of Orthanc first, or use another database.");
}

TEST_CASE("A schema that somebody has changed, and one that is not there, are refused") {
    Place place;
    place->script("DROP TABLE Labels; DROP TABLE Queues");
    CHECK(message_of([&] { place.schema().install(*place, false); }) ==
          "PostgreSQL.Database: the index lacks labels, queues: somebody has changed its schema. Restore a "
          "backup, or "
          "use an "
          "empty database.");
    Place empty("native_test_empty", false);
    CHECK(message_of([&] { empty.schema().install(*empty, true); }) ==
          "PostgreSQL.Database: the database has no index of Orthanc in the schema, and ReadOnly forbids to "
          "make one. "
          "Start "
          "Orthanc once with ReadOnly false.");
    PostgresqlSettings settings = postgresql_settings(Place::address());
    settings.schema = "nowhere";
    CHECK(message_of([&] { postgresql_opener(settings)(); }) ==
          "PostgreSQL.Schema: the database has no schema \"nowhere\". Create it with CREATE SCHEMA, or write "
          "the name "
          "of one that exists.");
}

TEST_CASE("A user without rights is told so") {
    Place place("native_test", false);
    Place::run("DROP ROLE IF EXISTS native_guest; CREATE ROLE native_guest LOGIN");
    PostgresqlSettings settings = postgresql_settings(Place::address());
    settings.parameters["user"] = "native_guest";
    settings.schema = "native_test";
    CHECK(message_of([&] { postgresql_opener(settings)(); }) ==
          "PostgreSQL.Schema: the user may not use the schema \"native_test\". Let its owner GRANT USAGE, "
          "CREATE ON "
          "SCHEMA.");
    Place::run("GRANT USAGE ON SCHEMA native_test TO native_guest");
    const auto guest = postgresql_opener(settings)();
    CHECK(message_of([&] { place.schema().install(*guest, false); }) ==
          "PostgreSQL.Username: the user \"native_guest\" may not make tables in the schema \"native_test\". "
          "Let its "
          "owner GRANT USAGE, CREATE ON SCHEMA.");
    Place::run("GRANT CREATE ON SCHEMA native_test TO native_guest");
    place.schema().install(*guest, false);
    CHECK(place.schema().revision(*place) == 10);
    CHECK(guest->usable());
    Place::run("DROP OWNED BY native_guest; DROP ROLE native_guest");
}

TEST_CASE("Two servers that start at once make one schema") {
    for (int time = 0; time < 3; ++time) {
        Place place("native_test", false);
        std::vector<std::jthread> servers;
        std::atomic<int> ready = 0;
        for (int server = 0; server < 3; ++server) {
            servers.emplace_back([&place, &ready] {
                const auto connection = place.open();
                place.schema().install(*connection, false);
                ++ready;
            });
        }
        servers.clear();
        CHECK(ready == 3);
        CHECK(place.schema().revision(*place) == 10);
    }
}

TEST_CASE("Only one server has the lock") {
    Place place;
    const auto other = place.open();
    CHECK(place.schema().lock(*place));
    CHECK_FALSE(place.schema().lock(*other));
}

TEST_CASE("An instance is made with its parents, once") {
    Place place;
    const auto first = place.create("p", "s", "e", "i");
    CHECK(first.is_new_instance());
    CHECK(first.is_new_series());
    CHECK(first.is_new_study());
    CHECK(first.is_new_patient());
    const auto again = place.create("p", "s", "e", "i");
    CHECK_FALSE(again.is_new_instance());
    CHECK(again.instance_id() == first.instance_id());
    const auto second = place.create("p", "s", "e", "j");
    CHECK(second.is_new_instance());
    CHECK_FALSE(second.is_new_series());
    CHECK(second.series_id() == first.series_id());
    CHECK(second.study_id() == first.study_id());
    CHECK(second.patient_id() == first.patient_id());
    const auto third = place.create("p", "s", "f", "k");
    CHECK(third.is_new_series());
    CHECK_FALSE(third.is_new_study());
    CHECK(place.statistics() == Statistics{1, 1, 2, 3, 0, 0});
    CHECK(place.schema().count(*place, messages::RESOURCE_SERIES) == 2);
}

TEST_CASE("Many that store into the same patient at once make each resource once") {
    Place place;
    constexpr int threads = 8;
    constexpr int instances = 25;
    std::atomic<int> patients = 0;
    std::atomic<int> studies = 0;
    std::atomic<int> series = 0;
    std::atomic<int> failures = 0;
    std::vector<std::jthread> clients;
    for (int thread = 0; thread < threads; ++thread) {
        clients.emplace_back([&, thread] {
            const auto connection = place.open();
            for (int number = 0; number < instances; ++number) {
                try {
                    const auto made =
                        place.create(*connection, "p" + std::to_string(number / 5),
                                     "s" + std::to_string(number / 5), "e" + std::to_string(number / 5),
                                     "i" + std::to_string(thread) + "." + std::to_string(number));
                    patients += made.is_new_patient() ? 1 : 0;
                    studies += made.is_new_study() ? 1 : 0;
                    series += made.is_new_series() ? 1 : 0;
                    failures += made.is_new_instance() ? 0 : 1;
                } catch (const std::exception &) {
                    ++failures;
                    connection->rollback();
                }
            }
        });
    }
    clients.clear();
    CHECK(failures == 0);
    CHECK(patients == 5);
    CHECK(studies == 5);
    CHECK(series == 5);
    CHECK(place.statistics() == Statistics{5, 5, 5, threads * instances, 0, 0});
    CHECK(place.descendants(place.id("p0"), 3) == threads * 5);
    place.schema().housekeeping(*place);
    CHECK(place.number("SELECT count(*) FROM InvalidChildCounts") == 0);
    CHECK(place.number("SELECT count(*) FROM GlobalIntegersChanges") == 0);
    CHECK(place.statistics() == Statistics{5, 5, 5, threads * instances, 0, 0});
    CHECK(place.descendants(place.id("p0"), 3) == threads * 5);
    CHECK(place.number("SELECT childCount FROM Resources WHERE publicId = 'e0'") == threads * 5);
}

TEST_CASE("A resource goes with what is under it, and with the parents that have nothing else") {
    Place place;
    const auto one = place.create("p", "s", "e", "i");
    const auto two = place.create("p", "s", "f", "j");
    place.attach(one.instance_id(), 1, "one", 10);
    place.attach(two.instance_id(), 1, "two", 100);
    place.attach(two.study_id(), 5, "study", 1000);
    place->execute("INSERT INTO Changes (changeType, internalId, resourceType, date) VALUES (1, ?, 3, 'now')",
                   {two.instance_id()});
    CHECK(place.schema().compressed_size(*place) == 1110);
    CHECK(place.schema().uncompressed_size(*place) == 2220);

    const auto first = place.remove(*place, one.instance_id());
    REQUIRE(first.deleted_resources_size() == 2);
    CHECK(first.is_remaining_ancestor());
    CHECK(first.remaining_ancestor().public_id() == "s");
    CHECK(first.remaining_ancestor().level() == messages::RESOURCE_STUDY);
    REQUIRE(first.deleted_attachments_size() == 1);
    const messages::FileInfo &file = first.deleted_attachments(0);
    CHECK(file.uuid() == "one");
    CHECK(file.content_type() == 1);
    CHECK(file.compressed_size() == 10);
    CHECK(file.uncompressed_size() == 20);
    CHECK(file.compression_type() == 1);
    CHECK(file.uncompressed_hash() == "a");
    CHECK(file.compressed_hash() == "b");
    CHECK(file.custom_data() == "x");

    const auto rest = place.remove(*place, two.series_id());
    CHECK_FALSE(rest.is_remaining_ancestor());
    CHECK(rest.deleted_attachments_size() == 2);
    std::set<std::string> gone;
    for (const auto &resource : rest.deleted_resources()) {
        gone.insert(std::to_string(resource.level()) + resource.public_id());
    }
    CHECK(gone == std::set<std::string>{"0p", "1s", "2f", "3j"});
    CHECK(place.statistics() == Statistics{});
    for (const std::string table :
         {"Resources", "AttachedFiles", "Metadata", "Changes", "InvalidChildCounts"}) {
        CHECK(place.number("SELECT count(*) FROM " + table) == 0);
    }
    Catalogue catalogue(SchemaKind::postgresql, Dialect::postgresql);
    CHECK(place.number(catalogue["last-change-index"]) == 1);
    CHECK(message_of([&] { place.remove(*place, two.series_id()); }) ==
          "PostgreSQL: somebody else has deleted a resource that was to be deleted.");
}

TEST_CASE("The official plugin's way of deleting works with our functions") {
    Place place;
    const auto one = place.create("p", "s", "e", "i");
    const auto two = place.create("p", "s", "e", "j");
    place.attach(one.instance_id(), 1, "one", 10);
    place.attach(one.instance_id(), 2, "more", 10);
    place.attach(two.instance_id(), 1, "two", 10);
    place->begin(Access::read_write);
    place->query("SELECT DeleteAttachment(?, CAST(? AS INTEGER))", {one.instance_id(), std::int64_t{2}});
    CHECK(place.texts("SELECT uuid FROM DeletedFiles") == "more");
    const auto left = place->query("SELECT * FROM DeleteResource(?)", {one.instance_id()});
    CHECK(left->integer(0, 0) == 2);
    CHECK(left->text(0, 1) == "e");
    CHECK(place.texts("SELECT uuid FROM DeletedFiles") == "one");
    CHECK(place.texts("SELECT publicId FROM DeletedResources") == "i");
    const auto none = place->query("SELECT * FROM DeleteResource(?)", {two.patient_id()});
    CHECK(none->null(0, 0));
    CHECK(none->null(0, 1));
    CHECK(place.texts("SELECT resourceType || publicId FROM DeletedResources") == "0p,1s,2e,3j");
    place->commit();
    place->query("SELECT * FROM UpdateStatistics()");
    CHECK(place.texts("SELECT key || '=' || value FROM GlobalIntegers WHERE key < 6") ==
          "0=0,1=0,2=0,3=0,4=0,5=0");
}

TEST_CASE("Two servers that delete the last two children leave no empty parent") {
    Place place;
    std::atomic<int> unfinished = 0;
    std::atomic<int> again = 0;
    for (int time = 0; time < 20; ++time) {
        place.create("p", "s", "e", "i");
        place.create("p", "s", "f", "j");
        const std::vector<std::int64_t> ids{place.id("e"), place.id("f"), place.id("s"), place.id("i")};
        std::vector<std::jthread> servers;
        for (const std::int64_t id : ids) {
            servers.emplace_back([&, id] {
                const std::string sought = "SELECT 1 FROM Resources WHERE internalId = ?";
                for (int tries = 0; tries < 10; ++tries) {
                    try {
                        const auto connection = place.open();
                        if (connection->query(sought, {id})->rows() != 0) {
                            place.remove(*connection, id);
                        }
                        return;
                    } catch (const Error &) {
                        ++again; // Another server was first.
                    }
                }
                ++unfinished;
            });
        }
        servers.clear();
        CHECK(place.number("SELECT count(*) FROM Resources") == 0);
    }
    INFO(again << " times, another server was first");
    CHECK(unfinished == 0);
    CHECK(place.statistics() == Statistics{});
}

TEST_CASE("Storing into a study that another server deletes loses nothing and leaves no orphans") {
    Place place;
    std::atomic<bool> done = false;
    std::atomic<int> strange = 0;
    std::vector<std::jthread> clients;
    for (int client = 0; client < 3; ++client) {
        clients.emplace_back([&, client] {
            const auto connection = place.open();
            for (int number = 0; number < 60; ++number) {
                try {
                    place.create(*connection, "p", "s", "e" + std::to_string(number % 3),
                                 "i" + std::to_string(client) + "." + std::to_string(number));
                } catch (const Error &error) {
                    connection->rollback();
                    strange += error.code() == OrthancPluginErrorCode_DatabaseCannotSerialize ? 0 : 1;
                }
            }
        });
    }
    {
        std::jthread deleter([&] {
            const auto connection = place.open();
            while (!done) {
                const auto found = connection->query("SELECT internalId FROM Resources WHERE publicId = 's'");
                try {
                    if (found->rows() != 0) {
                        place.remove(*connection, found->integer(0, 0));
                    }
                } catch (const Error &error) {
                    strange += error.code() == OrthancPluginErrorCode_DatabaseCannotSerialize ? 0 : 1;
                }
            }
        });
        clients.clear();
        done = true;
    }
    CHECK(strange == 0);
    CHECK(place.number("SELECT count(*) FROM Resources r WHERE r.resourceType < 3 AND NOT EXISTS "
                       "(SELECT 1 FROM Resources c WHERE c.parentId = r.internalId)") == 0);
    const Statistics statistics = place.statistics();
    CHECK(statistics[0] == place.number("SELECT count(*) FROM Resources WHERE resourceType = 0"));
    CHECK(statistics[3] == place.number("SELECT count(*) FROM Resources WHERE resourceType = 3"));
}

TEST_CASE("Tags and metadata are set at once, whatever they hold") {
    Place place;
    const auto made = place.create("p", "s", "e", "i");
    messages::SetResourcesContent_Request request;
    const std::vector<std::string> values{"",   "NULL", "a,b",       "{\"x\"}", "\\",
                                          "\"", "'",    "漢字 \n\t", " blank "};
    for (std::size_t at = 0; at < values.size(); ++at) {
        auto *tag = request.add_tags();
        tag->set_resource_id(made.instance_id());
        tag->set_is_identifier(at % 2 == 0);
        tag->set_group(0x7fe0);
        tag->set_element(static_cast<std::uint32_t>(0xff00 + at));
        tag->set_value(values[at]);
        auto *metadata = request.add_metadata();
        metadata->set_resource_id(made.series_id());
        metadata->set_metadata(static_cast<std::int32_t>(100 + at));
        metadata->set_value(values[at]);
    }
    auto *twice = request.add_metadata();
    twice->set_resource_id(made.series_id());
    twice->set_metadata(100);
    twice->set_value("last");
    place->execute(
        "INSERT INTO Metadata (id, type, value, revision) VALUES (?, 101, 'before', 7), (?, 102, 'a,b', 7)",
        {made.series_id(), made.series_id()});
    place->begin(Access::read_write);
    place.schema().set_content(*place, request);
    place->commit();
    for (std::size_t at = 0; at < values.size(); ++at) {
        const std::string table = at % 2 == 0 ? "DicomIdentifiers" : "MainDicomTags";
        CHECK(place.text("SELECT value FROM " + table + " WHERE tagGroup = 32736 AND tagElement = " +
                         std::to_string(0xff00 + at)) == values[at]);
        CHECK(place.text("SELECT value FROM Metadata WHERE revision = 0 AND type = " +
                         std::to_string(100 + at)) == (at == 0 ? "last" : values[at]));
    }
    place->begin(Access::read_write);
    place.schema().set_content(*place, {});
    place->commit();
}

TEST_CASE("An attachment is deleted once, and its size with it") {
    Place place;
    const auto made = place.create("p", "s", "e", "i");
    place.attach(made.instance_id(), 1, "one", INT64_C(5'000'000'000));
    CHECK(place.schema().compressed_size(*place) == 5'000'000'000);
    messages::FileInfo file;
    place->begin(Access::read_write);
    CHECK(place.schema().delete_attachment(*place, made.instance_id(), 1, file));
    CHECK(file.uuid() == "one");
    CHECK(file.compressed_size() == 5'000'000'000);
    CHECK(file.custom_data() == "x");
    CHECK_FALSE(place.schema().delete_attachment(*place, made.instance_id(), 1, file));
    CHECK(place.schema().compressed_size(*place) == 0);
    place->rollback();
    CHECK(place.schema().compressed_size(*place) == 5'000'000'000);
}

TEST_CASE("Patients are recycled in the order in which they last grew, the protected ones never") {
    Place place;
    Schema &schema = place.schema();
    CHECK(schema.to_recycle(*place, {}) == std::nullopt);
    const std::int64_t a = place.create("a", "a1", "a2", "a3").patient_id();
    const std::int64_t b = place.create("b", "b1", "b2", "b3").patient_id();
    const std::int64_t c = place.create("c", "c1", "c2", "c3").patient_id();
    CHECK(schema.to_recycle(*place, {}) == a);
    CHECK(schema.to_recycle(*place, a) == b);
    place.create("a", "a1", "a2", "a4");
    CHECK(schema.to_recycle(*place, {}) == b);
    place.create("b", "b1", "b2", "b3");
    CHECK(schema.to_recycle(*place, {}) == b);
    schema.set_protected(*place, b, true);
    schema.set_protected(*place, b, true);
    CHECK(schema.is_protected(*place, b));
    CHECK(schema.to_recycle(*place, {}) == c);
    CHECK(schema.to_recycle(*place, c) == a);
    schema.set_protected(*place, b, false);
    CHECK_FALSE(schema.is_protected(*place, b));
    schema.set_protected(*place, c, false);
    CHECK(schema.to_recycle(*place, {}) == c);
    CHECK(schema.to_recycle(*place, c) == a);
    // Numbers have 64 bits.
    place->script("SELECT setval('patientrecyclingordersequence', 5000000000)");
    place.create("c", "c1", "c2", "c4");
    CHECK(schema.to_recycle(*place, {}) == a);
    CHECK(place.text("SELECT value FROM Metadata WHERE type = 19 AND id = " + std::to_string(c)) ==
          "5000000001");
}

TEST_CASE("Who stores into a patient does not wait for another who does") {
    Place place;
    place.create("p", "s", "e", "i0");
    place.create("q", "t", "f", "i1");
    const auto slow = place.open();
    messages::CreateInstance_Request request;
    request.set_patient("p");
    request.set_study("s");
    request.set_series("e");
    messages::CreateInstance_Response response;
    slow->begin(Access::read_write);
    request.set_instance("i2");
    place.schema().create_instance(*slow, request, response);
    slow->execute("INSERT INTO Changes (changeType, internalId, resourceType, date) VALUES (1, ?, 3, 'now')",
                  {response.instance_id()});
    slow->query("SELECT 1");
    place->script("SET lock_timeout = 2000");
    place->begin(Access::read_write);
    request.set_instance("i3");
    place.schema().create_instance(*place, request, response);
    place->execute("INSERT INTO Changes (changeType, internalId, resourceType, date) VALUES (1, ?, 3, 'now')",
                   {response.instance_id()});
    place->commit();
    Catalogue catalogue(SchemaKind::postgresql, Dialect::postgresql);
    CHECK(place.number(catalogue["last-change-index"]) == 2);
    slow->commit();
    CHECK(place.number(catalogue["last-change-index"]) == 2);
    place->change("DELETE FROM Changes WHERE seq = 1", {});
    place->begin(Access::read_write);
    change(*place, catalogue.statement("clear-changes"));
    place->commit();
    CHECK(place.number("SELECT count(*) FROM Changes") == 0);
    CHECK(place.number(catalogue["last-change-index"]) == 2);
}

TEST_CASE("The numbers of children are exact, before and after they are counted") {
    Place place;
    for (int number = 0; number < 12; ++number) {
        place.create("p", "s" + std::to_string(number % 2), "e" + std::to_string(number % 4),
                     "i" + std::to_string(number));
    }
    const auto check = [&place](std::int64_t children, std::int64_t grandchildren, std::int64_t instances) {
        CHECK(place.descendants(place.id("p"), 1) == children);
        CHECK(place.descendants(place.id("p"), 2) == grandchildren);
        CHECK(place.descendants(place.id("p"), 3) == instances);
    };
    check(2, 4, 12);
    place.schema().housekeeping(*place);
    check(2, 4, 12);
    CHECK(place.descendants(place.id("i0"), 1) == 0);
    place.create("p", "s1", "e1", "more");
    place.remove(*place, place.id("e0"));
    check(2, 3, 10);
    place.schema().housekeeping(*place);
    check(2, 3, 10);
    CHECK(place.number("SELECT sum(childCount) FROM Resources") == 15);
}

TEST_CASE("With AllowInconsistentChildCounts, the numbers of children are those of the last round") {
    Place place("native_test", true, true);
    place.create("p", "s", "e", "i");
    CHECK(place.descendants(place.id("p"), 1) == 0);
    CHECK(place.descendants(place.id("p"), 3) == 0);
    place.schema().housekeeping(*place);
    CHECK(place.descendants(place.id("p"), 1) == 1);
    CHECK(place.descendants(place.id("p"), 2) == 1);
    CHECK(place.descendants(place.id("p"), 3) == 1);
}

TEST_CASE("Everything works with serializable transactions too") {
    Place place;
    const auto connection = place.open(true);
    const auto made = place.create(*connection, "p", "s", "e", "i");
    CHECK(made.is_new_instance());
    CHECK(place.remove(*connection, made.patient_id()).deleted_resources_size() == 4);
    CHECK(place.statistics() == Statistics{});
}

} // namespace orthanc_images::database
