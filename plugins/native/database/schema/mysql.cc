#include "database/schema/schema.h"

#include "database/driver/mysql.h"
#include "database/query.h"
#include "database/schema/revisions.h"
#include "database/schema/rows.h"

#include "framework/log.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <ranges>
#include <span>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

namespace orthanc_images::database {

namespace {

constexpr std::int64_t PROPERTY_VERSION = 1;
constexpr std::int64_t PROPERTY_REVISION = 4;

// Rows of OrthancImagesStatistics; the triggers know the number too.
constexpr int SLOTS = 256;

// How many ids, and rows, a statement has.
constexpr std::size_t MOST_IDS = 500;
constexpr std::size_t MOST_ROWS = 64;

// Numbers of errors that say that a right is missing.
constexpr unsigned DATABASE_DENIED = 1044;
constexpr unsigned TABLE_DENIED = 1142;
constexpr unsigned NOT_ALLOWED = 1227;
constexpr unsigned ROUTINE_DENIED = 1370;
constexpr unsigned NEEDS_SUPER = 1419;
constexpr unsigned DUPLICATE = 1062;

[[noreturn]] void refuse(const std::string &message) {
    throw Error(OrthancPluginErrorCode_Database, message);
}

int small_number(std::string_view text) {
    int value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

template <typename Function> void by_parts(std::span<const std::int64_t> ids, const Function &function) {
    for (std::size_t from = 0; from < ids.size(); from += MOST_IDS) {
        function(ids.subspan(from, std::min(MOST_IDS, ids.size() - from)));
    }
}

// How many rows a statement for at least `wanted` of them has: few numbers, so that there are few texts to
// prepare.
std::size_t rows_for(std::size_t wanted) {
    for (const std::size_t rows : {1U, 2U, 3U, 4U, 6U, 8U, 12U, 16U, 24U, 32U, 48U}) {
        if (wanted <= rows) {
            return rows;
        }
    }
    return MOST_ROWS;
}

// The lock under which only one server makes or upgrades a schema.
class SetUpLock {
  public:
    SetUpLock(Connection &connection, const Catalogue &catalogue, std::string name)
        : connection_(connection), catalogue_(catalogue), name_(std::move(name)) {
        const std::int64_t seconds = 5;
        const auto result = connection_.query(catalogue_["schema-lock"], {std::string_view(name_), seconds});
        if (number(*result) != 1) {
            refuse(
                "MySQL.Database: another server prepares the database and does not end. Start again when it "
                "has.");
        }
    }

    SetUpLock(const SetUpLock &) = delete;
    SetUpLock &operator=(const SetUpLock &) = delete;

    ~SetUpLock() {
        try {
            connection_.query(catalogue_["schema-unlock"], {std::string_view(name_)});
        } catch (const std::exception &) {
            // It goes with the connection.
            log_info("MySQL: the connection was lost while the database was prepared.");
        }
    }

  private:
    Connection &connection_;
    const Catalogue &catalogue_;
    std::string name_;
};

// A row of Resources.
struct ResourceRow {
    std::int64_t id = 0;
    std::int64_t level = 0;
    std::string public_id;
    std::optional<std::int64_t> parent;
};

std::vector<ResourceRow> resources_of(const Result &result) {
    std::vector<ResourceRow> resources;
    for (std::size_t row = 0; row < result.rows(); ++row) {
        ResourceRow &resource = resources.emplace_back();
        resource.id = result.integer(row, 0);
        resource.level = result.integer(row, 1);
        resource.public_id = result.text(row, 2);
        if (!result.null(row, 3)) {
            resource.parent = result.integer(row, 3);
        }
    }
    return resources;
}

// A column whose texts are to compare by their bytes.
struct Column {
    std::string_view table;
    std::string_view name;
    std::int64_t length;
    std::string_view type;
};

constexpr Column COLUMNS[] = {
    {"Resources", "publicId", 64, "VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL"},
    {"DicomIdentifiers", "value", 256, "VARCHAR(256) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"},
    {"MainDicomTags", "value", 256, "VARCHAR(256) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"},
    {"Labels", "label", 64, "VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL"},
    {"Metadata", "value", 0, "LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"},
    {"AttachedFiles", "uuid", 64, "VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL"},
    {"ServerProperties", "server", 64, "VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL"},
};

// An index that finds and sorts what the official one does not.
struct WantedIndex {
    std::string_view table;
    std::string_view name;
    std::vector<std::string> columns;
    // How it is written.
    std::string_view definition;
};

class MySQLSchema : public Schema {
  public:
    explicit MySQLSchema(const Catalogue &catalogue) : catalogue_(catalogue) {}

    void install(Connection &connection, bool read_only) override;

    Abilities abilities() const noexcept override {
        return {};
    }

    int revision(Connection &connection) override {
        return static_cast<int>(property(connection, PROPERTY_REVISION).value_or(1));
    }

    bool lock(Connection &connection) override {
        const std::int64_t seconds = 0;
        const std::string name = lock_name(connection, "orthanc_index_lock");
        return number(*connection.query(catalogue_["schema-lock"], {std::string_view(name), seconds})) == 1;
    }

    void create_instance(Connection &connection, const messages::CreateInstance_Request &request,
                         messages::CreateInstance_Response &response) override;
    void delete_resource(Connection &connection, std::int64_t id,
                         messages::DeleteResource_Response &response) override;
    bool delete_attachment(Connection &connection, std::int64_t id, std::int32_t type,
                           messages::FileInfo &deleted) override;
    void set_content(Connection &connection, const messages::SetResourcesContent_Request &request) override;

    Statistics statistics(Connection &connection, bool update) override;

    std::int64_t compressed_size(Connection &connection) override {
        return statistics(connection, false)[4];
    }

    std::int64_t uncompressed_size(Connection &connection) override {
        return statistics(connection, false)[5];
    }

    std::int64_t count(Connection &connection, messages::ResourceType level) override;

    bool is_protected(Connection &connection, std::int64_t patient) override {
        return number(*connection.query(catalogue_["is-listed-for-recycling"], {patient})) == 0;
    }

    void set_protected(Connection &connection, std::int64_t patient, bool protect) override {
        connection.execute(catalogue_[protect ? "unlist-for-recycling" : "list-for-recycling"], {patient});
    }

    std::optional<std::int64_t> to_recycle(Connection &connection,
                                           std::optional<std::int64_t> avoid) override {
        const auto result = avoid ? connection.query(catalogue_["other-patient-to-recycle"], {*avoid})
                                  : connection.query(catalogue_["patient-to-recycle"]);
        return result->rows() == 0 ? std::nullopt : std::optional(result->integer(0, 0));
    }

    std::string descendants(std::string_view id, int steps) const override {
        return catalogue_.format("descendants-" + std::to_string(steps), {id});
    }

    void housekeeping(Connection &connection) override;

  private:
    using Names = std::unordered_set<std::string>;

    std::optional<std::int64_t> property(Connection &connection, std::int64_t number);
    void set_property(Connection &connection, std::int64_t number, int value);
    bool has_table(Connection &connection, std::string_view name);
    std::string lock_name(Connection &connection, std::string_view what);
    bool has_unique_ids(Connection &connection);

    void check_server(Connection &connection);
    void check(Connection &connection);
    void make(Connection &connection);
    void upgrade(Connection &connection);
    void extend(Connection &connection);
    void note_extension(Connection &connection, bool complete);
    bool is_extended(Connection &connection);
    bool has_programs(Connection &connection);
    void make_programs(Connection &connection);
    void convert_columns(Connection &connection);
    void make_indexes(Connection &connection);
    void count_all(Connection &connection);

    std::vector<ResourceRow> locked_tree(Connection &connection, std::int64_t id,
                                         std::optional<ResourceRow> &remaining);
    ResourceRow locked(Connection &connection, std::int64_t id);
    void insert_rows(Connection &connection, std::string_view statement, std::size_t columns,
                     std::span<const Parameter> values);

    const Catalogue &catalogue_;
    // Whether an index prevents that two resources have one public id.
    bool unique_ids_ = true;
};

// Makes and changes tables, and says which right is missing.
template <typename Function> void with_rights(const Function &function) {
    try {
        function();
    } catch (const MySQLError &error) {
        switch (error.number()) {
        case NEEDS_SUPER:
            refuse("MySQL.Username: the server does not let this user create triggers, since it keeps a "
                   "binary log. "
                   "Either SET GLOBAL log_bin_trust_function_creators = 1 on the server (and in its "
                   "configuration), or GRANT SUPER ON *.* to the user for the first start. (" +
                   std::string(error.what()) + ")");
        case DATABASE_DENIED:
        case TABLE_DENIED:
        case NOT_ALLOWED:
        case ROUTINE_DENIED:
            refuse(
                "MySQL.Username: the user lacks a right in MySQL.Database. It needs SELECT, INSERT, UPDATE, "
                "DELETE, CREATE, ALTER, DROP, INDEX, REFERENCES, TRIGGER, CREATE ROUTINE, ALTER ROUTINE, "
                "EXECUTE "
                "and CREATE TEMPORARY TABLES: GRANT ALL on the database. (" +
                std::string(error.what()) + ")");
        default:
            throw;
        }
    }
}

void MySQLSchema::install(Connection &connection, bool read_only) {
    check_server(connection);
    if (read_only) {
        check(connection);
    } else {
        const SetUpLock lock(connection, catalogue_, lock_name(connection, "orthanc_setup_lock"));
        with_rights([&] {
            make(connection);
            upgrade(connection);
            extend(connection);
        });
    }
    unique_ids_ = has_unique_ids(connection);
}

void MySQLSchema::check_server(Connection &connection) {
    const auto result = connection.query(catalogue_["schema-server"]);
    const std::string_view version = result->text(0, 0);
    const bool mariadb = version.find("MariaDB") != std::string_view::npos;
    const int major = small_number(version);
    const int minor = small_number(version.substr(std::min(version.find('.'), version.size() - 1) + 1));
    if (mariadb ? std::pair(major, minor) < std::pair(10, 6) : major < 8) {
        refuse("MySQL.Host: the server is " + connection.server() +
               ", and MariaDB 10.6 or MySQL 8.0 is needed. Upgrade the server.");
    }
}

bool MySQLSchema::has_table(Connection &connection, std::string_view name) {
    return number(*connection.query(catalogue_["schema-has-table"], {name})) != 0;
}

std::optional<std::int64_t> MySQLSchema::property(Connection &connection, std::int64_t number) {
    const auto result = connection.query(catalogue_["schema-property"], {number});
    return result->rows() == 0 || result->null(0, 0) ? std::nullopt : std::optional(result->integer(0, 0));
}

void MySQLSchema::set_property(Connection &connection, std::int64_t number, int value) {
    const std::string text = std::to_string(value);
    connection.execute(catalogue_["schema-set-property"], {number, std::string_view(text)});
}

// As the official plugin has it, so that both wait for one another.
std::string MySQLSchema::lock_name(Connection &connection, std::string_view what) {
    const auto result = connection.query(catalogue_["schema-server"]);
    return std::string(result->text(0, 1)).append(1, '.').append(what);
}

void MySQLSchema::check(Connection &connection) {
    constexpr const char *REMEDY = " Start a server that may write (\"ReadOnly\": false) once.";
    if (!has_table(connection, "Resources")) {
        refuse(std::string("MySQL.Database: has no tables of Orthanc, and this server is read-only.") +
               REMEDY);
    }
    const int found = revision(connection);
    if (found != mysql_revision || !is_extended(connection)) {
        refuse("MySQL.Database: has revision " + std::to_string(found) +
               " of the tables without what this version adds, and this server is read-only." + REMEDY);
    }
}

// Makes the tables of revision 8 where there are none, or goes on with that.
void MySQLSchema::make(Connection &connection) {
    const bool known =
        has_table(connection, "GlobalProperties") && property(connection, PROPERTY_VERSION).has_value();
    const bool used = has_table(connection, "Resources") &&
                      number(*connection.query(catalogue_["schema-has-resources"])) != 0;
    if (known) {
        return;
    }
    if (used) {
        // The official plugin does so too.
        log_warning("MySQL.Database: says no version of its tables, and is taken as revision 1.");
    } else {
        log_info("MySQL: the tables are made in an empty database.");
        for (const Block &block : blocks("install-mysql")) {
            connection.script(std::string(block.text));
        }
    }
    set_property(connection, PROPERTY_REVISION, used ? 1 : mysql_revision);
    set_property(connection, PROPERTY_VERSION, known_version);
}

void MySQLSchema::upgrade(Connection &connection) {
    const auto version = property(connection, PROPERTY_VERSION);
    if (version != known_version) {
        refuse("MySQL.Database: its tables have version " + std::to_string(version.value_or(0)) +
               ", and this version of the plugin knows " + std::to_string(known_version) +
               ". Use another database.");
    }
    int found = revision(connection);
    if (found > mysql_revision) {
        refuse("MySQL.Database: its tables have revision " + std::to_string(found) +
               ", and this version of the plugin knows those up to " + std::to_string(mysql_revision) +
               ". Use the newer one that made them, or restore a backup from before.");
    }
    if (!has_table(connection, "PatientRecyclingOrder")) {
        refuse("MySQL.Database: the table PatientRecyclingOrder is missing. Restore a complete backup.");
    }
    if (found < mysql_revision) {
        log_warning("MySQL: the tables are upgraded from revision " + std::to_string(found) + " to " +
                    std::to_string(mysql_revision) +
                    ". Do not stop the server; if it is stopped, the next start goes on from there.");
    }
    for (; found < mysql_revision; ++found) {
        const std::string step = "from-" + std::to_string(found);
        for (const Block &block : blocks("upgrade-mysql")) {
            if (block.name.substr(0, block.name.find('.')) == step) {
                connection.script(std::string(block.text));
            }
        }
        set_property(connection, PROPERTY_REVISION, found + 1);
    }
}

bool MySQLSchema::is_extended(Connection &connection) {
    return has_table(connection, "OrthancImagesSchema") &&
           number(*connection.query(catalogue_["schema-extension"])) == mysql_own_revision &&
           has_programs(connection);
}

// Adds what the official plugin does not have. Each step looks whether it is done, so that what was cut short
// goes on.
void MySQLSchema::extend(Connection &connection) {
    if (has_table(connection, "OrthancImagesSchema")) {
        const std::int64_t found = number(*connection.query(catalogue_["schema-extension"]));
        if (found > mysql_own_revision) {
            refuse("MySQL.Database: a newer version of this plugin has used it. Use that version.");
        }
        if (found == mysql_own_revision && has_programs(connection)) {
            // Where two resources have one public id, somebody may have repaired it.
            if (!has_unique_ids(connection)) {
                make_indexes(connection);
            }
            return;
        }
    }
    if (number(*connection.query(catalogue_["schema-has-resources"])) != 0) {
        log_warning(
            "MySQL: tables, indexes and triggers of this plugin are added to the database. In a large one "
            "this takes some minutes. The official plugin can still open it.");
    }
    for (const Block &block : blocks("extend-mysql")) {
        connection.script(std::string(block.text));
    }
    std::string slots = "INSERT IGNORE INTO OrthancImagesStatistics (slot) VALUES (-1)";
    for (int slot = 0; slot < SLOTS; ++slot) {
        slots.append(", (").append(std::to_string(slot)).append(")");
    }
    connection.script(slots);
    connection.execute(catalogue_["schema-last-change"]);
    make_programs(connection);
    convert_columns(connection);
    make_indexes(connection);
    count_all(connection);
    connection.execute(catalogue_["schema-set-extension"], {std::int64_t{mysql_own_revision}});
}

bool MySQLSchema::has_programs(Connection &connection) {
    const auto result = connection.query(catalogue_["schema-programs"]);
    Names names;
    for (std::size_t row = 0; row < result->rows(); ++row) {
        names.emplace(result->text(row, 0));
    }
    return std::ranges::all_of(blocks("programs-mysql"),
                               [&](const Block &block) { return names.contains(std::string(block.name)); });
}

void MySQLSchema::make_programs(Connection &connection) {
    for (const Block &block : blocks("programs-mysql")) {
        std::string drop = "DROP " + std::string(block.name);
        drop.insert(drop.find(' ', 5) + 1, "IF EXISTS ");
        connection.script(drop);
        connection.script(std::string(block.text));
    }
    if (!has_programs(connection)) {
        refuse("MySQL.Username: the user cannot see the triggers of MySQL.Database. GRANT ALL on the "
               "database to it.");
    }
}

void MySQLSchema::convert_columns(Connection &connection) {
    for (const Column &column : COLUMNS) {
        const auto found = connection.query(catalogue_["schema-column"], {column.table, column.name});
        if (found->rows() == 0) {
            refuse("MySQL.Database: the table " + std::string(column.table) + " has no column " +
                   std::string(column.name) + ". Restore a backup.");
        }
        if (found->text(0, 0) == "utf8mb4_bin" &&
            (column.length == 0 || found->integer(0, 1) >= column.length)) {
            continue;
        }
        connection.script("ALTER TABLE " + std::string(column.table) + " MODIFY " + std::string(column.name) +
                          ' ' + std::string(column.type));
    }
}

bool MySQLSchema::has_unique_ids(Connection &connection) {
    const auto found = connection.query(catalogue_["schema-index"],
                                        {std::string_view("Resources"), std::string_view("PublicIndex")});
    return found->rows() == 1 && found->integer(0, 1) == 0;
}

void MySQLSchema::make_indexes(Connection &connection) {
    const WantedIndex indexes[] = {
        {"Resources", "ResourceTypeIndex", {"resourcetype", "publicid"}, "INDEX {} (resourceType, publicId)"},
        {"DicomIdentifiers",
         "DicomIdentifiersIndex2",
         {"taggroup", "tagelement", "value"},
         "INDEX {} (tagGroup, tagElement, value)"},
        {"AttachedFiles", "OrthancImagesUuid", {"uuid"}, "INDEX {} (uuid(8))"},
        {"Resources", "PublicIndex", {"publicid"}, "UNIQUE INDEX {} (publicId)"},
    };
    for (const WantedIndex &index : indexes) {
        const auto found = connection.query(catalogue_["schema-index"], {index.table, index.name});
        std::vector<std::string> columns;
        columns.reserve(found->rows());
        for (std::size_t row = 0; row < found->rows(); ++row) {
            columns.emplace_back(found->text(row, 0));
        }
        const bool unique = index.definition.starts_with("UNIQUE");
        if (columns == index.columns && (!unique || found->integer(0, 1) == 0)) {
            continue;
        }
        std::string definition(index.definition);
        definition.replace(definition.find("{}"), 2, index.name);
        const std::string alter = "ALTER TABLE " + std::string(index.table) +
                                  (columns.empty() ? "" : " DROP INDEX " + std::string(index.name) + ',') +
                                  " ADD " + definition;
        try {
            connection.script(alter);
        } catch (const MySQLError &error) {
            if (!unique || error.number() != DUPLICATE) {
                throw;
            }
            const auto twice = connection.query(catalogue_["schema-duplicates"]);
            log_warning(
                "MySQL.Database: two resources have the id \"" +
                std::string(twice->rows() == 0 ? "" : twice->text(0, 0)) +
                "\", so there can be no unique index, and servers store one file after the other. Delete "
                "that resource, and start again.");
        }
    }
}

// Row -1 gets what is not counted by the triggers. Both are seen at one moment, so that others may write.
void MySQLSchema::count_all(Connection &connection) {
    connection.script(
        "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; START TRANSACTION WITH CONSISTENT SNAPSHOT");
    const auto resources = connection.query(catalogue_["schema-resources-counted"]);
    const auto sizes = connection.query(catalogue_["schema-sizes-counted"]);
    connection.execute(catalogue_["schema-set-statistics"],
                       {resources->integer(0, 1), resources->integer(0, 2), resources->integer(0, 3),
                        resources->integer(0, 4), sizes->integer(0, 0), sizes->integer(0, 1)});
    connection.commit();
}

void MySQLSchema::create_instance(Connection &connection, const messages::CreateInstance_Request &request,
                                  messages::CreateInstance_Response &response) {
    if (!unique_ids_) {
        connection.query(catalogue_["create-alone"]);
    }
    const auto created =
        connection.query(catalogue_["create-instance"],
                         {std::string_view(request.patient()), std::string_view(request.study()),
                          std::string_view(request.series()), std::string_view(request.instance())});
    if (created->rows() != 1 || created->null(0, 1)) {
        refuse("MySQL.Database: the procedure OrthancImagesCreateInstance does not answer. Restart Orthanc.");
    }
    response.set_is_new_instance(created->integer(0, 0) != 0);
    response.set_instance_id(created->integer(0, 1));
    if (response.is_new_instance()) {
        response.set_is_new_patient(created->integer(0, 2) != 0);
        response.set_is_new_study(created->integer(0, 3) != 0);
        response.set_is_new_series(created->integer(0, 4) != 0);
        response.set_patient_id(created->integer(0, 5));
        response.set_study_id(created->integer(0, 6));
        response.set_series_id(created->integer(0, 7));
    }
}

ResourceRow MySQLSchema::locked(Connection &connection, std::int64_t id) {
    auto found = resources_of(*connection.query(catalogue_["lock-resource"], {id}));
    if (found.empty()) {
        // Another session has deleted it in the meantime: whoever asked has to look again.
        throw StatementError(OrthancPluginErrorCode_DatabaseCannotSerialize,
                             "MySQL: the resource to be deleted is not there any more.", "40001");
    }
    return std::move(found.front());
}

// Locks what goes with the resource: its ancestors that have no other child, then what is under it, from the
// top, as all do; before them the ancestor that remains, so that nobody takes its other children away in the
// meantime, or adds one that would be overlooked.
std::vector<ResourceRow> MySQLSchema::locked_tree(Connection &connection, std::int64_t id,
                                                  std::optional<ResourceRow> &remaining) {
    const auto alone = [&](std::int64_t parent, std::int64_t child) {
        return number(*connection.query(catalogue_["has-sibling"], {parent, child})) == 0;
    };
    // The way up as it seems to be.
    std::vector<std::int64_t> way{id};
    for (std::int64_t at = id;;) {
        const auto found = resources_of(*connection.query(catalogue_["resource-by-id"], {at}));
        if (found.empty() || !found.front().parent) {
            break;
        }
        const std::int64_t parent = *found.front().parent;
        way.push_back(parent);
        if (!alone(parent, at)) {
            break;
        }
        at = parent;
    }
    std::vector<ResourceRow> path;
    for (const std::int64_t place : std::ranges::reverse_view(way)) {
        path.push_back(locked(connection, place));
    }
    // As it is, now that nobody can change it. The last of `path` is the resource itself.
    std::size_t top = path.size() - 1;
    while (top > 0 && alone(path[top - 1].id, path[top].id)) {
        --top;
    }
    std::vector<ResourceRow> tree(path.begin() + static_cast<std::ptrdiff_t>(top), path.end());
    if (top > 0) {
        remaining = path[top - 1];
    } else {
        // Ancestors that have lost their other children since.
        while (const std::optional<std::int64_t> above = tree.front().parent) {
            ResourceRow parent = locked(connection, *above);
            if (!alone(parent.id, tree.front().id)) {
                remaining = std::move(parent);
                break;
            }
            tree.insert(tree.begin(), std::move(parent));
        }
    }
    std::vector<std::int64_t> level{id};
    while (!level.empty()) {
        std::vector<std::int64_t> below;
        by_parts(level, [&](std::span<const std::int64_t> parents) {
            const std::string list = listed(parents);
            for (ResourceRow &child :
                 resources_of(*connection.query(catalogue_.format("lock-children", {list})))) {
                below.push_back(child.id);
                tree.push_back(std::move(child));
            }
        });
        level = std::move(below);
    }
    return tree;
}

void MySQLSchema::delete_resource(Connection &connection, std::int64_t id,
                                  messages::DeleteResource_Response &response) {
    std::optional<ResourceRow> remaining;
    const std::vector<ResourceRow> tree = locked_tree(connection, id, remaining);
    std::vector<std::int64_t> ids;
    std::array<std::int64_t, 4> resources{};
    for (const ResourceRow &resource : tree) {
        ids.push_back(resource.id);
        ++resources.at(static_cast<std::size_t>(resource.level));
        auto *deleted = response.add_deleted_resources();
        deleted->set_level(static_cast<messages::ResourceType>(resource.level));
        deleted->set_public_id(resource.public_id);
    }
    // The greatest number of a change must not be given again, nor forgotten.
    const auto newest = connection.query(catalogue_["newest-change"]);
    if (newest->rows() != 0 && std::ranges::find(ids, newest->integer(0, 1)) != ids.end()) {
        connection.execute(catalogue_["note-newest-change"], {newest->integer(0, 0)});
    }
    std::int64_t stored = 0;
    std::int64_t original = 0;
    by_parts(ids, [&](std::span<const std::int64_t> part) {
        const std::string list = listed(part);
        const auto files = connection.query(catalogue_.format("attachments-of", {list}));
        for (std::size_t row = 0; row < files->rows(); ++row) {
            read_deleted(*files, row, 0, *response.add_deleted_attachments());
            stored += files->integer(row, 2);
            original += files->integer(row, 3);
        }
        connection.execute(catalogue_.format("delete-resources", {list}));
    });
    connection.execute(catalogue_["count-deleted"],
                       {resources[0], resources[1], resources[2], resources[3], stored, original});
    response.set_is_remaining_ancestor(remaining.has_value());
    if (remaining) {
        response.mutable_remaining_ancestor()->set_level(
            static_cast<messages::ResourceType>(remaining->level));
        response.mutable_remaining_ancestor()->set_public_id(remaining->public_id);
    }
}

bool MySQLSchema::delete_attachment(Connection &connection, std::int64_t id, std::int32_t type,
                                    messages::FileInfo &deleted) {
    const std::int64_t kind = type;
    const auto file = connection.query(catalogue_["attachment-to-delete"], {id, kind});
    if (file->rows() == 0) {
        return false;
    }
    read_deleted(*file, 0, 0, deleted);
    connection.execute(catalogue_["delete-attachment-of"], {id, kind});
    return true;
}

// Inserts rows of `columns` values each. Where the statement has room for more, the last row is there again,
// which changes nothing.
void MySQLSchema::insert_rows(Connection &connection, std::string_view statement, std::size_t columns,
                              std::span<const Parameter> values) {
    while (!values.empty()) {
        const std::size_t given = std::min(values.size() / columns, MOST_ROWS);
        const std::size_t rows = rows_for(given);
        std::vector<Parameter> parameters(values.begin(),
                                          values.begin() + static_cast<std::ptrdiff_t>(given * columns));
        const std::string row = columns == 4 ? "(?, ?, ?, ?)" : "(?, ?, ?)";
        std::string places = row;
        for (std::size_t at = 1; at < rows; ++at) {
            places.append(", ").append(row);
        }
        for (std::size_t at = given; at < rows; ++at) {
            for (std::size_t column = 0; column < columns; ++column) {
                parameters.push_back(parameters[parameters.size() - columns]);
            }
        }
        connection.execute(catalogue_.format(statement, {places}), Parameters(parameters));
        values = values.subspan(given * columns);
    }
}

void MySQLSchema::set_content(Connection &connection, const messages::SetResourcesContent_Request &request) {
    std::vector<Parameter> identifiers;
    std::vector<Parameter> tags;
    for (const auto &tag : request.tags()) {
        if (tag.group() > 0xffff || tag.element() > 0xffff) {
            throw Error(OrthancPluginErrorCode_ParameterOutOfRange,
                        "tag: its group or element is too large.");
        }
        std::vector<Parameter> &values = tag.is_identifier() ? identifiers : tags;
        values.insert(values.end(), {tag.resource_id(), std::int64_t{tag.group()},
                                     std::int64_t{tag.element()}, std::string_view(tag.value())});
    }
    std::vector<Parameter> metadata;
    for (const auto &entry : request.metadata()) {
        metadata.insert(metadata.end(), {entry.resource_id(), std::int64_t{entry.metadata()},
                                         std::string_view(entry.value())});
    }
    insert_rows(connection, "set-identifiers", 4, identifiers);
    insert_rows(connection, "set-main-dicom-tags", 4, tags);
    insert_rows(connection, "set-metadata-rows", 3, metadata);
}

Statistics MySQLSchema::statistics(Connection &connection, bool) {
    const auto result = connection.query(catalogue_["statistics"]);
    Statistics statistics{};
    for (std::size_t column = 0; column < statistics.size(); ++column) {
        statistics[column] = result->integer(0, column);
    }
    return statistics;
}

std::int64_t MySQLSchema::count(Connection &connection, messages::ResourceType level) {
    if (level < messages::RESOURCE_PATIENT || level > messages::RESOURCE_INSTANCE) {
        throw Error(OrthancPluginErrorCode_ParameterOutOfRange, "level: there is none with this number.");
    }
    return statistics(connection, false)[static_cast<std::size_t>(level)];
}

// Notes the greatest number of a change, for the official plugin, which looks nowhere else.
void MySQLSchema::housekeeping(Connection &connection) {
    connection.begin(Access::read_write);
    const std::int64_t newest = number(*connection.query(catalogue_["newest-change"]));
    if (newest > number(*connection.query(catalogue_["newest-change-noted"]))) {
        connection.execute(catalogue_["note-newest-change"], {newest});
    }
    connection.commit();
}

} // namespace

std::unique_ptr<Schema> mysql_schema(const Catalogue &catalogue, const Backend &) {
    return std::make_unique<MySQLSchema>(catalogue);
}

const SchemaChoice mysql_schema_choice{mysql_schema};

} // namespace orthanc_images::database
