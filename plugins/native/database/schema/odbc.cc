#include "database/driver/backend.h"
#include "database/query.h"
#include "database/schema/revisions.h"
#include "database/schema/rows.h"
#include "database/schema/schema.h"

#include "framework/log.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace orthanc_images::database {

namespace {

constexpr std::string_view setting = "Odbc.IndexConnectionString: ";

// How many rows, and how many ids, a statement has at most.
constexpr std::size_t most_rows = 64;
constexpr std::size_t most_listed = 500;

// How many characters an identifier may have where its column has no limit, but its index does.
constexpr std::size_t most_indexed = 2000;

[[noreturn]] void refuse_index(const std::string &what) {
    throw Error(OrthancPluginErrorCode_Database, std::string(setting) + what);
}

[[noreturn]] void try_again(const std::string &what) {
    throw StatementError(OrthancPluginErrorCode_DatabaseCannotSerialize, "Odbc: " + what, "40001");
}

// "IN (1, 2, 3)".
std::string one_of(std::span<const std::int64_t> ids) {
    return "IN (" + listed(ids) + ')';
}

template <typename Function> void by_lists(std::span<const std::int64_t> ids, const Function &function) {
    for (std::size_t from = 0; from < ids.size(); from += most_listed) {
        function(one_of(ids.subspan(from, std::min(most_listed, ids.size() - from))));
    }
}

// The text without what is behind its first `most` characters in UTF-8.
std::string_view shortened(std::string_view text, std::size_t most) {
    if (text.size() <= most) {
        return text;
    }
    std::size_t characters = 0;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if ((static_cast<unsigned char>(text[at]) & 0xc0U) != 0x80 && characters++ == most) {
            return text.substr(0, at);
        }
    }
    return text;
}

struct LockedResource {
    std::int64_t id = 0;
    std::int64_t level = 0;
    std::string public_id;
};

class OdbcSchema : public Schema {
  public:
    explicit OdbcSchema(const Catalogue &catalogue) : catalogue_(catalogue) {}

    void install(Connection &connection, bool read_only) override {
        if (read_only) {
            check(connection);
        } else if (connection.dialect() == Dialect::mysql) {
            // Each statement that makes a table is a transaction.
            if (number(*connection.query(catalogue_["lock-setup"])) != 1) {
                refuse_index(
                    "another server prepares the database and does not end. Start again when it has.");
            }
            make(connection);
            connection.query(catalogue_["unlock-setup"]);
        } else {
            connection.begin(Access::read_write);
            try {
                lock_setup(connection);
                make(connection);
                connection.commit();
            } catch (...) {
                connection.rollback();
                throw;
            }
        }
        counts_ = counts(connection);
        identifiers_limit_ = limit(connection, "DicomIdentifiers").value_or(most_indexed);
        tags_limit_ = limit(connection, "MainDicomTags");
    }

    Abilities abilities() const noexcept override {
        return {};
    }

    int revision(Connection &connection) override {
        return static_cast<int>(stored_number(connection, "patch-level"));
    }

    bool lock(Connection &connection) override {
        if (!catalogue_.has("lock-index")) {
            refuse_index(
                "SQLite cannot keep other Orthanc servers away. Give each server a file of its own.");
        }
        const auto taken = connection.query(catalogue_["lock-index"]);
        return number(catalogue_.has("has-index-lock") ? *connection.query(catalogue_["has-index-lock"])
                                                       : *taken) == 1;
    }

    void create_instance(Connection &connection, const messages::CreateInstance_Request &request,
                         messages::CreateInstance_Response &response) override {
        const std::array<std::string_view, 4> ids = {request.patient(), request.study(), request.series(),
                                                     request.instance()};
        std::map<std::string, std::int64_t, std::less<>> found = known(connection, ids);
        std::array<std::int64_t, 4> numbers{};
        std::array<bool, 4> made{};
        if (const auto instance = found.find(ids[3]); instance != found.end()) {
            response.set_instance_id(instance->second);
            return;
        }
        for (std::size_t level = 0; level < ids.size(); ++level) {
            const auto there = found.find(ids[level]);
            if (there != found.end()) {
                numbers[level] = there->second;
                continue;
            }
            const auto id = insert(connection, level, ids[level], level == 0 ? 0 : numbers[level - 1]);
            made[level] = id.has_value();
            numbers[level] = id ? *id : made_by_others(connection, ids[level]);
        }
        response.set_instance_id(numbers[3]);
        if (!made[3]) {
            return;
        }
        response.set_is_new_instance(true);
        response.set_is_new_patient(made[0]);
        response.set_is_new_study(made[1]);
        response.set_is_new_series(made[2]);
        response.set_patient_id(numbers[0]);
        response.set_study_id(numbers[1]);
        response.set_series_id(numbers[2]);
        move_to_end(connection, numbers[0], made[0]);
    }

    void delete_resource(Connection &connection, std::int64_t id,
                         messages::DeleteResource_Response &response) override {
        std::optional<LockedResource> remaining;
        const std::vector<LockedResource> lost = locked(connection, id, remaining);
        std::vector<std::int64_t> ids;
        ids.reserve(lost.size());
        for (const LockedResource &resource : lost) {
            ids.push_back(resource.id);
            auto *deleted = response.add_deleted_resources();
            deleted->set_level(static_cast<messages::ResourceType>(resource.level));
            deleted->set_public_id(resource.public_id);
        }
        keep_last_change(connection, ids);
        by_lists(ids, [&](const std::string &list) {
            const auto files = connection.query(catalogue_.format("lost-attachments", {list}));
            for (std::size_t row = 0; row < files->rows(); ++row) {
                read_attachment(*files, row, 0, static_cast<std::int32_t>(files->integer(row, 8)),
                                *response.add_deleted_attachments());
            }
        });
        // Children first, should somebody have made a foreign key of parentId.
        std::ranges::reverse(ids);
        by_lists(ids, [&](const std::string &list) {
            connection.execute(catalogue_.format("delete-resources", {list}));
        });
        response.set_is_remaining_ancestor(remaining.has_value());
        if (remaining) {
            auto *ancestor = response.mutable_remaining_ancestor();
            ancestor->set_level(static_cast<messages::ResourceType>(remaining->level));
            ancestor->set_public_id(remaining->public_id);
        }
    }

    bool delete_attachment(Connection &connection, std::int64_t id, std::int32_t type,
                           messages::FileInfo &deleted) override {
        const std::int64_t kind = type;
        const auto file = query(connection, catalogue_.statement("attachment"), {id, kind});
        if (file->rows() == 0) {
            return false;
        }
        read_attachment(*file, 0, 0, type, deleted);
        connection.execute(catalogue_["delete-attachment"], {id, kind});
        return true;
    }

    void set_content(Connection &connection, const messages::SetResourcesContent_Request &request) override {
        std::vector<Parameter> identifiers;
        std::vector<Parameter> tags;
        for (const auto &tag : request.tags()) {
            if (tag.group() > 0xffff || tag.element() > 0xffff) {
                throw Error(OrthancPluginErrorCode_ParameterOutOfRange,
                            "tag: its group or element is above 0xffff. Send numbers of 16 bits.");
            }
            const auto most = tag.is_identifier() ? identifiers_limit_ : tags_limit_;
            const std::string_view value =
                most ? shortened(tag.value(), *most) : std::string_view(tag.value());
            auto &rows = tag.is_identifier() ? identifiers : tags;
            rows.insert(rows.end(), {std::int64_t{tag.resource_id()}, std::int64_t{tag.group()},
                                     std::int64_t{tag.element()}, value});
        }
        // A type that is there twice counts as the last says.
        std::map<std::pair<std::int64_t, std::int64_t>, std::string_view> last;
        for (const auto &entry : request.metadata()) {
            last.insert_or_assign({entry.resource_id(), entry.metadata()}, entry.value());
        }
        std::vector<Parameter> metadata;
        for (const auto &[key, value] : last) {
            metadata.insert(metadata.end(), {key.first, key.second, value});
        }
        insert_rows(connection, "insert-identifiers", "(?, ?, ?, ?)", 4, identifiers);
        insert_rows(connection, "insert-main-tags", "(?, ?, ?, ?)", 4, tags);
        insert_rows(connection, "set-metadata-rows", "(?, ?, ?, 0)", 3, metadata);
    }

    Statistics statistics(Connection &connection, bool) override {
        Statistics statistics{};
        if (counts_) {
            const auto sums = connection.query(catalogue_["statistics"]);
            for (std::size_t column = 0; column < statistics.size(); ++column) {
                statistics[column] = sums->integer(0, column);
            }
            return statistics;
        }
        const auto levels = connection.query(catalogue_["levels"]);
        for (std::size_t row = 0; row < levels->rows(); ++row) {
            const std::int64_t level = levels->integer(row, 0);
            if (level >= 0 && level < 4) {
                statistics[static_cast<std::size_t>(level)] = levels->integer(row, 1);
            }
        }
        const auto sizes = connection.query(catalogue_["sizes"]);
        statistics[4] = sizes->integer(0, 0);
        statistics[5] = sizes->integer(0, 1);
        return statistics;
    }

    std::int64_t compressed_size(Connection &connection) override {
        return counts_ ? statistics(connection, false)[4]
                       : connection.query(catalogue_["sizes"])->integer(0, 0);
    }

    std::int64_t uncompressed_size(Connection &connection) override {
        return counts_ ? statistics(connection, false)[5]
                       : connection.query(catalogue_["sizes"])->integer(0, 1);
    }

    std::int64_t count(Connection &connection, messages::ResourceType level) override {
        return counts_ && level >= messages::RESOURCE_PATIENT && level <= messages::RESOURCE_INSTANCE
                   ? statistics(connection, false)[static_cast<std::size_t>(level)]
                   : number(*connection.query(catalogue_["level"], {std::int64_t{level}}));
    }

    bool is_protected(Connection &connection, std::int64_t patient) override {
        return number(*connection.query(catalogue_["in-order"], {patient})) == 0;
    }

    void set_protected(Connection &connection, std::int64_t patient, bool protect) override {
        if (protect) {
            connection.execute(catalogue_["leave-order"], {patient});
        } else if (is_protected(connection, patient)) {
            connection.execute(catalogue_["enter-order"], {patient});
        }
    }

    std::optional<std::int64_t> to_recycle(Connection &connection,
                                           std::optional<std::int64_t> avoid) override {
        const auto first = avoid ? connection.query(catalogue_["first-in-order-but"], {*avoid})
                                 : connection.query(catalogue_["first-in-order"]);
        return first->rows() == 0 ? std::nullopt : std::optional(first->integer(0, 0));
    }

    std::string descendants(std::string_view id, int steps) const override {
        return catalogue_.format("descendants-" + std::to_string(steps), {id});
    }

    // The official plugin looks for the number of the last change nowhere but in a property.
    void housekeeping(Connection &connection) override {
        connection.begin(Access::read_write);
        const std::int64_t greatest = number(*connection.query(catalogue_["greatest-change"]));
        if (greatest > stored_number(connection, "stored-last-change")) {
            connection.execute(catalogue_["keep-last-change"]);
        }
        connection.commit();
    }

  private:
    static std::string dialect_name(Dialect dialect) {
        static constexpr const char *names[] = {"postgresql", "mysql", "sqlite", "mssql"};
        return names[static_cast<std::size_t>(dialect)];
    }

    bool has_table(Connection &connection, std::string_view name) const {
        return number(*connection.query(catalogue_["has-table"], {name})) > 0;
    }

    // A number that is stored as a text; 0 where there is none.
    std::int64_t stored_number(Connection &connection, std::string_view statement) const {
        const auto result = connection.query(catalogue_[statement]);
        const std::string_view text = result->rows() == 0 ? std::string_view() : result->text(0, 0);
        std::int64_t value = 0;
        std::from_chars(text.data(), text.data() + text.size(), value);
        return value;
    }

    void lock_setup(Connection &connection) const {
        if (catalogue_.has("lock-setup")) {
            connection.query(catalogue_["lock-setup"]);
        }
        if (catalogue_.has("has-setup-lock") &&
            number(*connection.query(catalogue_["has-setup-lock"])) != 1) {
            refuse_index("another server prepares the database and does not end. Start again when it has.");
        }
    }

    // Refuses the tables of another version than those that are known.
    void check_version(Connection &connection) const {
        const std::int64_t version = stored_number(connection, "schema-version");
        const std::int64_t patch_level = stored_number(connection, "patch-level");
        if (version != known_version) {
            refuse_index("the index has version " + std::to_string(version) +
                         " of the tables, and this plugin knows version " + std::to_string(known_version) +
                         ". Use the plugin that made it, or another database.");
        }
        if (patch_level > odbc_revision) {
            refuse_index("the index has revision " + std::to_string(patch_level) +
                         " of the tables, which is newer than this plugin knows (" +
                         std::to_string(odbc_revision) + "). Use a newer image, or another database.");
        }
    }

    // The revision of our tables; 0 where there are none.
    std::int64_t own_revision(Connection &connection) const {
        if (!has_table(connection, "OrthancImagesRevision")) {
            return 0;
        }
        const std::int64_t revision = number(*connection.query(catalogue_["own-revision"]));
        if (revision > odbc_own_revision) {
            refuse_index("the index has revision " + std::to_string(revision) +
                         " of the tables OrthancImages…, which is newer than this plugin knows (" +
                         std::to_string(odbc_own_revision) + "). Use a newer image, or another database.");
        }
        return revision;
    }

    // Checks what a server finds that may not write.
    void check(Connection &connection) const {
        if (!has_table(connection, "Resources") || !has_table(connection, "GlobalProperties")) {
            refuse_index(
                "the database has no index yet, and ReadOnly is true. Start once with ReadOnly false.");
        }
        check_version(connection);
        if (own_revision(connection) != odbc_own_revision) {
            refuse_index(
                "the index lacks the tables OrthancImages…, and ReadOnly is true. Start once with ReadOnly "
                "false.");
        }
    }

    // Makes what is missing.
    void make(Connection &connection) const {
        const std::string dialect = dialect_name(connection.dialect());
        const bool has_properties = has_table(connection, "GlobalProperties");
        const bool complete = has_properties && connection.query(catalogue_["schema-version"])->rows() != 0;
        if (!complete) {
            // MySQL may have ended amid it, and goes on.
            if (connection.dialect() != Dialect::mysql &&
                (has_properties || has_table(connection, "Resources"))) {
                refuse_index(
                    "the database has some tables of an index, but GlobalProperties does not tell their "
                    "version. "
                    "Use an empty database.");
            }
            log_info("Odbc: makes the tables of the index.");
            run(connection, "install-odbc-" + dialect);
        }
        check_version(connection);
        if (own_revision(connection) != odbc_own_revision) {
            if (complete) {
                log_warning(
                    "Odbc: adds tables of its own, OrthancImages…, to the index; the official plugin can "
                    "still open it.");
            }
            run(connection, "extend-odbc-" + dialect);
        }
        make_unique(connection);
        make_counters(connection, complete);
    }

    // Whether triggers keep the statistics; else they are counted each time.
    bool counts(Connection &connection) const {
        return catalogue_.has("counts") && has_table(connection, "OrthancImagesStatistics") &&
               number(*connection.query(catalogue_["counts"])) == 1;
    }

    void make_counters(Connection &connection, bool complete) const {
        if (!catalogue_.has("counts") || counts(connection)) {
            return;
        }
        if (complete) {
            log_warning("Odbc: counts what is in the index, and adds triggers that go on with it. In a large "
                        "one this takes some minutes. The official plugin can still open it.");
        }
        try {
            run(connection, "count-odbc-" + dialect_name(connection.dialect()));
        } catch (const StatementError &error) {
            // A server with a binary log has it done by administrators.
            if (connection.dialect() != Dialect::mysql || error.code() != OrthancPluginErrorCode_Database) {
                throw;
            }
            const std::string said = error.what();
            log_warning(
                "Odbc.IndexConnectionString: the server does not let this user create triggers (" +
                said.substr(0, said.find('\n')) +
                "), so statistics are counted each time, which takes long in a large index. Set "
                "log_bin_trust_function_creators = 1 in the server, or let an administrator GRANT ALL "
                "on the database to the user, and start again.");
        }
    }

    void run(Connection &connection, const std::string &file) const {
        for (const Block &block : blocks(file)) {
            // On MySQL, indexes have no IF NOT EXISTS.
            if (block.text.starts_with("CREATE INDEX") && catalogue_.has("has-index") &&
                number(*connection.query(catalogue_["has-index"], {block.name})) > 0) {
                continue;
            }
            connection.script(std::string(block.text));
        }
    }

    // No two resources may have one public id, or two servers that meet a new patient would make it twice.
    void make_unique(Connection &connection) const {
        if (number(*connection.query(catalogue_["has-unique-index"])) > 0) {
            return;
        }
        const auto twins = connection.query(catalogue_["has-twins"]);
        if (twins->rows() != 0) {
            log_warning(
                "Odbc: the index has some resources twice, such as " + std::string(twins->text(0, 0)) +
                ", which two servers made at the same time. Delete them and send them again, so that this "
                "cannot happen any more.");
            return;
        }
        connection.script(catalogue_["unique-index"]);
    }

    // How many characters the values of a table may have; none where there is no limit.
    std::optional<std::size_t> limit(Connection &connection, std::string_view table) const {
        if (!catalogue_.has("value-limit")) {
            return {};
        }
        const auto result = connection.query(catalogue_["value-limit"], {table});
        if (result->rows() == 0 || result->null(0, 0) || result->integer(0, 0) <= 0) {
            return {};
        }
        return static_cast<std::size_t>(result->integer(0, 0));
    }

    std::map<std::string, std::int64_t, std::less<>> known(Connection &connection,
                                                           const std::array<std::string_view, 4> &ids) const {
        const auto rows = connection.query(catalogue_["known-resources"], {ids[0], ids[1], ids[2], ids[3]});
        std::map<std::string, std::int64_t, std::less<>> found;
        for (std::size_t row = 0; row < rows->rows(); ++row) {
            found.try_emplace(std::string(rows->text(row, 1)), rows->integer(row, 0));
        }
        return found;
    }

    // Inserts a resource; nothing where it is there already, or where its parent is not.
    std::optional<std::int64_t> insert(Connection &connection, std::size_t level, std::string_view public_id,
                                       std::int64_t parent) const {
        const std::array<Parameter, 3> all = {static_cast<std::int64_t>(level), public_id, parent};
        const Parameters values = level == 0 ? Parameters(all).subspan(1, 1) : Parameters(all);
        const std::string &statement = catalogue_[level == 0 ? "insert-patient" : "insert-resource"];
        if (level > 0 && catalogue_.has("lock-parent") &&
            connection.query(catalogue_["lock-parent"], {parent})->rows() == 0) {
            return {};
        }
        if (!catalogue_.has("last-id")) {
            const auto made = connection.query(statement, values);
            return made->rows() == 0 ? std::nullopt : std::optional(made->integer(0, 0));
        }
        if (connection.change(statement, values) == 0) {
            return {};
        }
        return number(*connection.query(catalogue_["last-id"]));
    }

    // The number of a resource that another server has made since we looked.
    std::int64_t made_by_others(Connection &connection, std::string_view public_id) const {
        const auto found = known(connection, {public_id, public_id, public_id, public_id});
        if (found.empty()) {
            try_again("a resource went away while an instance was added to it.");
        }
        return found.begin()->second;
    }

    // Moves a patient that got an instance to the end of the order of recycling, unless it is protected.
    void move_to_end(Connection &connection, std::int64_t patient, bool is_new) const {
        const bool moves =
            is_new || (number(*connection.query(catalogue_["last-in-order"], {patient})) == 0 &&
                       connection.change(catalogue_["leave-order"], {patient}) > 0);
        if (moves) {
            connection.execute(catalogue_["enter-order"], {patient});
        }
    }

    // The resource and what goes with it: those above it that have no other child, and those below it. All of
    // them, and those above, are locked from the top down, so that nobody adds a child to them.
    std::vector<LockedResource> locked(Connection &connection, std::int64_t id,
                                       std::optional<LockedResource> &remaining) const {
        const auto line = connection.query(catalogue_["line"], {id});
        std::vector<LockedResource> path;
        std::vector<std::int64_t> ids;
        for (std::size_t column = 0; line->rows() != 0 && column < 12 && !line->null(0, column);
             column += 3) {
            path.push_back({line->integer(0, column), line->integer(0, column + 1),
                            std::string(line->text(0, column + 2))});
            ids.push_back(path.back().id);
        }
        if (path.empty() ||
            connection.query(catalogue_.format("lock-resources", {one_of(ids)}))->rows() != path.size()) {
            try_again("the resource to be deleted went away.");
        }
        std::size_t top = 0;
        while (top + 1 < path.size() && number(*connection.query(catalogue_["other-children"],
                                                                 {path[top + 1].id, path[top].id})) == 0) {
            ++top;
        }
        if (top + 1 < path.size()) {
            remaining = path[top + 1];
        }
        std::vector<LockedResource> lost;
        for (std::size_t at = top + 1; at-- > 0;) {
            lost.push_back(path[at]);
        }
        std::vector<std::int64_t> parents{id};
        for (std::int64_t level = path.front().level; level < 3 && !parents.empty(); ++level) {
            std::vector<std::int64_t> children;
            by_lists(parents, [&](const std::string &list) {
                const auto rows = connection.query(catalogue_.format("lock-children", {list}));
                for (std::size_t row = 0; row < rows->rows(); ++row) {
                    lost.push_back(
                        {rows->integer(row, 0), rows->integer(row, 1), std::string(rows->text(row, 2))});
                    children.push_back(lost.back().id);
                }
            });
            parents = std::move(children);
        }
        return lost;
    }

    // Keeps the number of the last change, if it goes with one of these resources.
    void keep_last_change(Connection &connection, std::span<const std::int64_t> ids) const {
        bool goes = false;
        by_lists(ids, [&](const std::string &list) {
            goes = goes || number(*connection.query(catalogue_.format("loses-last-change", {list}))) > 0;
        });
        if (goes) {
            connection.execute(catalogue_["keep-last-change"]);
        }
    }

    void insert_rows(Connection &connection, std::string_view statement, std::string_view row,
                     std::size_t columns, Parameters values) const {
        while (!values.empty()) {
            const std::size_t rows = std::min(values.size() / columns, most_rows);
            std::string places(row);
            for (std::size_t at = 1; at < rows; ++at) {
                places.append(", ").append(row);
            }
            connection.execute(catalogue_.format(statement, {places}), values.first(rows * columns));
            values = values.subspan(rows * columns);
        }
    }

    const Catalogue &catalogue_;
    bool counts_ = false;
    std::optional<std::size_t> identifiers_limit_;
    std::optional<std::size_t> tags_limit_;
};

} // namespace

std::unique_ptr<Schema> odbc_schema(const Catalogue &catalogue, const Backend &) {
    return std::make_unique<OdbcSchema>(catalogue);
}

const SchemaChoice odbc_schema_choice{odbc_schema};

} // namespace orthanc_images::database
