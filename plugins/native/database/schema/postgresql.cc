#include "database/schema/postgresql.h"

#include "database/driver/writing.h"
#include "database/query.h"
#include "database/schema/revisions.h"
#include "database/schema/rows.h"

#include "framework/log.h"

#include <charconv>
#include <chrono>
#include <functional>
#include <map>
#include <thread>
#include <utility>

namespace orthanc_images::database {

namespace {

constexpr int tries_for_set_up = 10;
constexpr std::chrono::milliseconds pause_for_set_up{500};

// How many resources get a number of children in one transaction, and how many are there in one round.
constexpr std::int64_t counted_at_once = 500;
constexpr int most_counted = 20;

constexpr std::string_view mark = "/* orthanc-images 1 */";

// Lists of the same length, one for each column of rows that are inserted.
struct Tags {
    std::vector<std::int64_t> ids;
    std::vector<std::int64_t> groups;
    std::vector<std::int64_t> elements;
    std::vector<std::string_view> values;
};

Parameter list(const std::vector<std::int64_t> &numbers) {
    return std::span<const std::int64_t>(numbers);
}

class PostgresqlSchema final : public Schema {
  public:
    PostgresqlSchema(const Catalogue &catalogue, const Backend &backend)
        : catalogue_(catalogue), inexact_(backend.inexact_counts) {}

    void install(Connection &connection, bool read_only) override {
        if (read_only) {
            check(connection);
            return;
        }
        const SetUpLock lock(catalogue_, connection);
        try {
            make(connection);
        } catch (const StatementError &error) {
            if (error.state() == "42501") {
                throw Error(
                    OrthancPluginErrorCode_Database,
                    std::string("PostgreSQL.Username: the user may not make or change the tables: ") +
                        error.what() +
                        ". Use the user who owns them, or let an administrator GRANT CREATE ON SCHEMA.");
            }
            throw;
        }
        if (ask(connection, "has-trigrams")->integer(0, 0) == 0) {
            log_warning(
                "PostgreSQL: the extension pg_trgm is not installed, so searches with wildcards are slow. "
                "Let an administrator run CREATE EXTENSION pg_trgm, and restart Orthanc.");
        }
    }

    Abilities abilities() const noexcept override {
        return {};
    }

    int revision(Connection &connection) override {
        return properties(connection).revision;
    }

    bool lock(Connection &connection) override {
        return ask(connection, "index-lock")->integer(0, 0) != 0;
    }

    void create_instance(Connection &connection, const messages::CreateInstance_Request &request,
                         messages::CreateInstance_Response &response) override {
        const auto made = query(connection, catalogue_.statement("create-instance"),
                                {request.patient(), request.study(), request.series(), request.instance()});
        response.set_is_new_instance(made->integer(0, 0) != 0);
        response.set_instance_id(made->integer(0, 1));
        if (response.is_new_instance()) {
            response.set_is_new_patient(made->integer(0, 2) != 0);
            response.set_is_new_study(made->integer(0, 3) != 0);
            response.set_is_new_series(made->integer(0, 4) != 0);
            response.set_patient_id(made->integer(0, 5));
            response.set_study_id(made->integer(0, 6));
            response.set_series_id(made->integer(0, 7));
        }
    }

    void delete_resource(Connection &connection, std::int64_t id,
                         messages::DeleteResource_Response &response) override {
        const auto deleted = query(connection, catalogue_.statement("delete-resource"), {id});
        if (deleted->rows() == 0) {
            // The next try finds out what became of it.
            throw Error(OrthancPluginErrorCode_DatabaseCannotSerialize,
                        "PostgreSQL: somebody else has deleted a resource that was to be deleted.");
        }
        for (std::size_t row = 0; row < deleted->rows(); ++row) {
            switch (deleted->integer(row, 0)) {
            case 0:
                fill(*response.add_deleted_resources(), *deleted, row);
                break;
            case 1:
                read_deleted(*deleted, row, 3, *response.add_deleted_attachments());
                break;
            default:
                response.set_is_remaining_ancestor(true);
                fill(*response.mutable_remaining_ancestor(), *deleted, row);
            }
        }
    }

    bool delete_attachment(Connection &connection, std::int64_t id, std::int32_t type,
                           messages::FileInfo &deleted) override {
        const auto result =
            query(connection, catalogue_.statement("delete-attachment"), {id, std::int64_t{type}});
        if (result->rows() == 0) {
            return false;
        }
        read_deleted(*result, 0, 0, deleted);
        return true;
    }

    void set_content(Connection &connection, const messages::SetResourcesContent_Request &request) override {
        Tags main;
        Tags identifiers;
        for (const auto &tag : request.tags()) {
            Tags &tags = tag.is_identifier() ? identifiers : main;
            tags.ids.push_back(tag.resource_id());
            tags.groups.push_back(tag.group());
            tags.elements.push_back(tag.element());
            tags.values.push_back(tag.value());
        }
        set_tags(connection, "set-main-tags", main);
        set_tags(connection, "set-identifiers", identifiers);
        set_metadata(connection, request);
    }

    Statistics statistics(Connection &connection, bool) override {
        // Housekeeping puts rows together; here nobody waits for the locks of that.
        const auto result = ask(connection, "statistics");
        // Sizes are 0 and 1, then come the levels.
        constexpr std::array<std::size_t, 6> places{4, 5, 0, 1, 2, 3};
        Statistics statistics{};
        for (std::size_t row = 0; row < result->rows(); ++row) {
            statistics.at(places.at(static_cast<std::size_t>(result->integer(row, 0)))) =
                result->integer(row, 1);
        }
        return statistics;
    }

    std::int64_t compressed_size(Connection &connection) override {
        return statistic(connection, 0);
    }

    std::int64_t uncompressed_size(Connection &connection) override {
        return statistic(connection, 1);
    }

    std::int64_t count(Connection &connection, messages::ResourceType level) override {
        return statistic(connection, static_cast<std::int64_t>(level) + 2);
    }

    bool is_protected(Connection &connection, std::int64_t patient) override {
        return query(connection, catalogue_.statement("is-protected"), {patient})->rows() != 0;
    }

    void set_protected(Connection &connection, std::int64_t patient, bool protect) override {
        execute(connection, catalogue_.statement(protect ? "protect" : "unprotect"), {patient});
    }

    std::optional<std::int64_t> to_recycle(Connection &connection,
                                           std::optional<std::int64_t> avoid) override {
        const auto found =
            query(connection, catalogue_.statement("patient-to-recycle"), {avoid.value_or(-1)});
        if (found->rows() == 0) {
            return {};
        }
        return found->integer(0, 0);
    }

    std::string descendants(std::string_view id, int steps) const override {
        return catalogue_.format((inexact_ ? "inexact-descendants-" : "descendants-") + std::to_string(steps),
                                 {id});
    }

    void housekeeping(Connection &connection) override {
        // Each of these is a transaction of its own: nobody shall wait long for what it locks.
        std::int64_t counted = counted_at_once;
        for (int times = 0; times < most_counted && counted == counted_at_once; ++times) {
            counted = query(connection, catalogue_.statement("count-missing-children"), {counted_at_once})
                          ->integer(0, 0);
        }
        connection.change(catalogue_["keep-last-change"]);
        ask(connection, "update-statistics");
        try {
            ask(connection, "count-noted-children");
        } catch (const StatementError &error) {
            if (error.code() != OrthancPluginErrorCode_DatabaseCannotSerialize) {
                throw;
            }
            // What was noted stays noted, until the next round.
        }
    }

  private:
    struct Properties {
        int version = 0;
        int revision = 0;
    };

    // The lock under which only one server makes or upgrades the tables.
    class SetUpLock {
      public:
        SetUpLock(const Catalogue &catalogue, Connection &connection)
            : catalogue_(catalogue), connection_(connection) {
            for (int tries = 1; connection_.query(catalogue_["set-up-lock"])->integer(0, 0) == 0; ++tries) {
                if (tries == tries_for_set_up) {
                    throw Error(
                        OrthancPluginErrorCode_Database,
                        "PostgreSQL: another server is setting up or upgrading this database. Wait for it, "
                        "and start Orthanc again.");
                }
                std::this_thread::sleep_for(pause_for_set_up);
            }
        }

        SetUpLock(const SetUpLock &) = delete;
        SetUpLock &operator=(const SetUpLock &) = delete;

        ~SetUpLock() {
            try {
                connection_.query(catalogue_["set-up-unlock"]);
            } catch (const std::exception &) {
                // The lock ended with the connection.
                log_info("PostgreSQL: the lock for setting up the database was not given back.");
            }
        }

      private:
        const Catalogue &catalogue_;
        Connection &connection_;
    };

    std::unique_ptr<Result> ask(Connection &connection, std::string_view name) const {
        return connection.query(catalogue_[name]);
    }

    Properties properties(Connection &connection) const {
        Properties properties;
        const auto result = ask(connection, "schema-properties");
        for (std::size_t row = 0; row < result->rows(); ++row) {
            const std::string_view text = result->text(row, 1);
            int number = -1;
            std::from_chars(text.data(), text.data() + text.size(), number);
            (result->integer(row, 0) == 1 ? properties.version : properties.revision) = number;
        }
        return properties;
    }

    // Throws where the tables are of another version, or of a revision that is not known.
    static void refuse_others(const Properties &properties) {
        if (properties.version != known_version) {
            throw Error(
                OrthancPluginErrorCode_Database,
                "PostgreSQL.Database: the index has the version " + std::to_string(properties.version) +
                    " of Orthanc's schema; this plugin knows version " + std::to_string(known_version) +
                    ". Upgrade it with an earlier version of Orthanc first, or use another database.");
        }
        if (properties.revision < 0 || properties.revision > postgresql_revision) {
            throw Error(OrthancPluginErrorCode_Database,
                        "PostgreSQL.Database: the index has the revision " +
                            std::to_string(properties.revision) +
                            " of its schema; this plugin knows the revisions up to " +
                            std::to_string(postgresql_revision) +
                            ". A newer plugin has upgraded it: use that, or restore a backup from before.");
        }
    }

    // What a server does that must not change anything.
    void check(Connection &connection) const {
        if (ask(connection, "what-is-there")->integer(0, 0) == 0) {
            throw Error(OrthancPluginErrorCode_Database, "PostgreSQL.Database: the database has no index of "
                                                         "Orthanc in the schema, and ReadOnly forbids to "
                                                         "make one. Start Orthanc once with ReadOnly false.");
        }
        const Properties found = properties(connection);
        refuse_others(found);
        if (found.revision != postgresql_revision) {
            throw Error(OrthancPluginErrorCode_Database,
                        "PostgreSQL.Database: the index has the revision " + std::to_string(found.revision) +
                            " of its schema, and ReadOnly forbids to upgrade it to " +
                            std::to_string(postgresql_revision) +
                            ". Start Orthanc once with ReadOnly false.");
        }
        complete(connection);
    }

    void complete(Connection &connection) const {
        const auto missing = ask(connection, "missing-tables");
        if (!missing->null(0, 0)) {
            throw Error(OrthancPluginErrorCode_Database,
                        "PostgreSQL.Database: the index lacks " + std::string(missing->text(0, 0)) +
                            ": somebody has changed its schema. Restore a backup, or use an empty database.");
        }
    }

    void make(Connection &connection) const {
        Writing transaction(connection);
        const auto found = ask(connection, "what-is-there");
        const std::string schema(found->text(0, 2));
        const bool exists = found->integer(0, 0) != 0;
        if (exists) {
            const Properties before = properties(connection);
            refuse_others(before);
            if (before.revision == postgresql_revision) {
                complete(connection);
                if (ask(connection, "own-functions")->integer(0, 0) == expected_functions()) {
                    transaction.commit();
                    return;
                }
                log_info("PostgreSQL: the functions of the index are replaced by those of this plugin.");
            } else {
                log_warning(
                    "PostgreSQL: the index is upgraded from revision " + std::to_string(before.revision) +
                    " to " + std::to_string(postgresql_revision) +
                    " of its schema. This can take minutes, or hours for many millions of instances; do not "
                    "stop Orthanc.");
            }
        } else {
            log_info("PostgreSQL: the tables of the index are made.");
        }
        if (found->integer(0, 1) == 0 || found->integer(0, 4) == 0) {
            throw Error(OrthancPluginErrorCode_Database,
                        "PostgreSQL.Username: the user \"" + std::string(found->text(0, 3)) +
                            (found->integer(0, 1) == 0
                                 ? "\" may not make tables in the schema \"" + schema +
                                       "\". Let its owner GRANT USAGE, CREATE ON SCHEMA."
                                 : "\" does not own the tables in the schema \"" + schema +
                                       "\". Use the user who owns them."));
        }
        for (const Block &block : blocks("install-postgresql")) {
            connection.script(std::string(block.text));
        }
        const Properties after = properties(connection);
        if (after.version != known_version || after.revision != postgresql_revision) {
            throw Error(OrthancPluginErrorCode_Database,
                        "PostgreSQL.Database: the index could not be upgraded.");
        }
        transaction.commit();
    }

    // How many functions install-postgresql.sql makes.
    static std::int64_t expected_functions() {
        std::int64_t number = 0;
        for (const Block &block : blocks("install-postgresql")) {
            for (std::size_t at = block.text.find(mark); at != std::string_view::npos;
                 at = block.text.find(mark, at + 1)) {
                ++number;
            }
        }
        return number;
    }

    static void fill(messages::DeleteResource_Response_Resource &resource, const Result &result,
                     std::size_t row) {
        resource.set_level(static_cast<messages::ResourceType>(result.integer(row, 1)));
        resource.set_public_id(std::string(result.text(row, 2)));
    }

    void set_tags(Connection &connection, std::string_view statement, const Tags &tags) const {
        if (tags.ids.empty()) {
            return;
        }
        const std::string values = array_of_texts(tags.values);
        execute(connection, catalogue_.statement(statement),
                {list(tags.ids), list(tags.groups), list(tags.elements), values});
    }

    void set_metadata(Connection &connection, const messages::SetResourcesContent_Request &request) const {
        // One statement cannot change a row twice: the last value counts.
        std::map<std::pair<std::int64_t, std::int64_t>, std::string_view> last;
        for (const auto &metadata : request.metadata()) {
            last[{metadata.resource_id(), metadata.metadata()}] = metadata.value();
        }
        if (last.empty()) {
            return;
        }
        std::vector<std::int64_t> ids;
        std::vector<std::int64_t> types;
        std::vector<std::string_view> values;
        for (const auto &[key, value] : last) {
            ids.push_back(key.first);
            types.push_back(key.second);
            values.push_back(value);
        }
        const std::string texts = array_of_texts(values);
        execute(connection, catalogue_.statement("set-many-metadata"), {list(ids), list(types), texts});
    }

    std::int64_t statistic(Connection &connection, std::int64_t key) const {
        return query(connection, catalogue_.statement("statistic"), {key})->integer(0, 0);
    }

    const Catalogue &catalogue_;
    const bool inexact_;
};

} // namespace

std::string array_of_texts(const std::vector<std::string_view> &texts) {
    std::string array("{");
    for (const std::string_view text : texts) {
        array += array.size() == 1 ? "\"" : ",\"";
        for (const char character : text) {
            if (character == '"' || character == '\\') {
                array += '\\';
            }
            array += character;
        }
        array += '"';
    }
    return array += '}';
}

std::unique_ptr<Schema> postgresql_schema(const Catalogue &catalogue, const Backend &backend) {
    return std::make_unique<PostgresqlSchema>(catalogue, backend);
}

const SchemaChoice postgresql_schema_choice{postgresql_schema};

} // namespace orthanc_images::database
