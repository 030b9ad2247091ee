#include "database/index/find.h"

#include "database/schema/rows.h"

#include <limits>
#include <unordered_map>
#include <utility>

namespace orthanc_images::database {

namespace {

constexpr int patient = 0;
constexpr int study = 1;
constexpr int series = 2;
constexpr int instance = 3;

[[noreturn]] void reject(const std::string &message) {
    throw Error(OrthancPluginErrorCode_ParameterOutOfRange, message);
}

int searched(messages::ResourceType level) {
    if (!messages::ResourceType_IsValid(level)) {
        reject("search: there is no level " + std::to_string(level) + ".");
    }
    return level;
}

std::string numbered(char letter, int number) {
    return letter + std::to_string(number);
}

// Tells whether a wildcard matches whatever there is.
bool matches_all(messages::ConstraintType type,
                 const google::protobuf::RepeatedPtrField<std::string> &values) {
    return type == messages::CONSTRAINT_WILDCARD && values.size() == 1 && values[0] == "*";
}

} // namespace

Selection::Selection(const Catalogue &statements, const messages::Find_Request &request, Ordered ordered)
    : statements_(statements), request_(request), ordered_(ordered), level_(searched(request.level())),
      highest_(level_) {
    conditions_.push_back(fragment("is-of-level", {std::to_string(level_)}));
    add_identifier();
    for (const messages::DatabaseConstraint &constraint : request.dicom_tag_constraints()) {
        add(constraint);
    }
    for (const messages::DatabaseMetadataConstraint &constraint : request.metadata_constraints()) {
        add(constraint);
    }
    add_labels();
}

std::string Selection::name(int level) const {
    return level == level_ ? "r" : numbered('p', level);
}

// Returns the name of the ancestor, once it is joined.
std::string Selection::joined(int level) {
    while (highest_ > level) {
        join(fragment("join-parent", {name(highest_ - 1), name(highest_)}));
        --highest_;
    }
    return name(level);
}

void Selection::join(const Query &join) {
    joins_ += joins_.empty() ? "" : " ";
    joins_ += join;
}

// The lowest identifier counts; below the level it says nothing.
void Selection::add_identifier() {
    const std::array<const std::string *, 4> identifiers = {
        &request_.orthanc_id_patient(), &request_.orthanc_id_study(), &request_.orthanc_id_series(),
        &request_.orthanc_id_instance()};
    for (int level = instance; level >= patient; --level) {
        const std::string &identifier = *identifiers.at(static_cast<std::size_t>(level));
        if (identifier.empty()) {
            continue;
        }
        if (level <= level_) {
            conditions_.push_back(fragment("is-resource", {joined(level), Query::value(identifier)}));
        }
        return;
    }
}

void Selection::add(const messages::DatabaseConstraint &constraint) {
    const int level = searched(constraint.level());
    const bool all = matches_all(constraint.type(), constraint.values());
    const bool mandatory = constraint.is_mandatory();
    if (all && (!mandatory || level > level_)) {
        return;
    }
    const std::string row = numbered('t', rows_++);
    const bool below = level > level_;
    const std::string owner = below ? numbered('c', level - level_) : joined(level);
    const Query tag =
        fragment(mandatory ? "join-tag" : "join-optional-tag",
                 {row, constraint.is_identifier_tag() ? "DicomIdentifiers" : "MainDicomTags", owner,
                  std::to_string(constraint.tag_group()), std::to_string(constraint.tag_element())});
    const Query column = fragment("joined-value", {row});
    Query condition;
    if (!all) {
        condition =
            comparison(column, constraint.type(), constraint.is_case_sensitive(), constraint.values());
        if (!mandatory) {
            condition = fragment("missing-or", {column, condition});
        }
    }
    if (below) {
        condition = fragment("exists-below",
                             {statements_["below-" + std::to_string(level - level_)], tag, condition});
    } else {
        join(tag);
    }
    if (!condition.empty()) {
        conditions_.push_back(std::move(condition));
    }
}

void Selection::add(const messages::DatabaseMetadataConstraint &constraint) {
    const bool all = matches_all(constraint.type(), constraint.values());
    const bool mandatory = constraint.is_mandatory();
    if (all && !mandatory) {
        return;
    }
    const std::string row = numbered('t', rows_++);
    join(fragment(mandatory ? "join-metadata" : "join-optional-metadata",
                  {row, "r", std::to_string(constraint.metadata())}));
    if (all) {
        return;
    }
    const Query column = fragment("joined-value", {row});
    Query condition =
        comparison(column, constraint.type(), constraint.is_case_sensitive(), constraint.values());
    conditions_.push_back(mandatory ? std::move(condition) : fragment("missing-or", {column, condition}));
}

void Selection::add_labels() {
    const std::vector<std::string> labels(request_.labels().begin(), request_.labels().end());
    switch (request_.labels_constraint()) {
    case messages::LABELS_CONSTRAINT_ALL:
        for (const std::string &label : labels) {
            conditions_.push_back(fragment("has-label", {"r.internalId", Query::values({label})}));
        }
        return;
    case messages::LABELS_CONSTRAINT_ANY:
        if (!labels.empty()) {
            conditions_.push_back(fragment("has-label", {"r.internalId", Query::values(labels)}));
        }
        return;
    case messages::LABELS_CONSTRAINT_NONE:
        conditions_.push_back(fragment(
            "not", {labels.empty() ? fragment("has-labels", {"r.internalId"})
                                   : fragment("has-label", {"r.internalId", Query::values(labels)})}));
        return;
    default:
        reject("search: there is no constraint of labels " + std::to_string(request_.labels_constraint()) +
               ".");
    }
}

Query Selection::comparison(const Query &column, messages::ConstraintType type, bool sensitive,
                            const Values &values) const {
    const auto as_compared = [this, sensitive](const Query &text) {
        return sensitive ? text : fragment("folded", {text});
    };
    const Query compared = as_compared(column);
    if (type == messages::CONSTRAINT_LIST) {
        std::vector<Query> list;
        for (const std::string &value : values) {
            list.push_back(as_compared(Query::value(value)));
        }
        return list.empty() ? Query(statements_["never"])
                            : fragment("among", {compared, Query::joined(list, ", ")});
    }
    if (values.size() != 1) {
        reject("search: a condition that compares with one value has " + std::to_string(values.size()) + ".");
    }
    switch (type) {
    case messages::CONSTRAINT_EQUAL:
        return fragment("equal", {compared, as_compared(Query::value(values[0]))});
    case messages::CONSTRAINT_SMALLER_OR_EQUAL:
        return fragment("at-most", {compared, as_compared(Query::value(values[0]))});
    case messages::CONSTRAINT_GREATER_OR_EQUAL:
        return fragment("at-least", {compared, as_compared(Query::value(values[0]))});
    case messages::CONSTRAINT_WILDCARD:
        return fragment("like", {compared, as_compared(pattern(values[0]))});
    default:
        reject("search: there is no condition of type " + std::to_string(type) + ".");
    }
}

Query Selection::pattern(const std::string &wildcards) const {
    const std::string &specials = statements_["specials"];
    std::string pattern;
    for (const char letter : wildcards) {
        if (letter == '*') {
            pattern += '%';
        } else if (letter == '?') {
            pattern += '_';
        } else {
            if (specials.find(letter) != std::string::npos) {
                pattern += '\\';
            }
            pattern += letter;
        }
    }
    return Query::value(std::move(pattern));
}

// `present`: only of what has the value.
Query Selection::order_of(const messages::Find_Request_Ordering &ordering, bool present) {
    const std::string row = numbered('t', rows_++);
    if (ordering.key_type() == messages::ORDERING_KEY_TYPE_METADATA) {
        join(fragment(present ? "join-metadata" : "join-optional-metadata",
                      {row, "r", std::to_string(ordering.metadata())}));
    } else {
        // Studies have copies of the tags of their patients.
        const int level =
            ordering.tag_level() == patient && level_ == study ? study : searched(ordering.tag_level());
        if (level > level_) {
            reject("search: resources cannot be ordered by a tag of what is under them.");
        }
        const std::string owner = joined(level);
        join(fragment(present ? "join-tag" : "join-optional-tag",
                      {row, ordering.is_identifier_tag() ? "DicomIdentifiers" : "MainDicomTags", owner,
                       std::to_string(ordering.tag_group()), std::to_string(ordering.tag_element())}));
    }
    const Query column = fragment("joined-value", {row});
    const char *cast = "by-bytes";
    if (ordering.cast() == messages::ORDERING_CAST_INT) {
        cast = "as-integer";
    } else if (ordering.cast() == messages::ORDERING_CAST_FLOAT) {
        cast = "as-float";
    }
    const Query direction = ordering.direction() == messages::ORDERING_DIRECTION_DESC ? "DESC" : "ASC";
    return present ? fragment("order-present", {fragment(cast, {column}), direction})
                   : fragment("order", {column, fragment(cast, {column}), direction});
}

// What is equal by the keys comes in the order in which it was made, so that pages do not overlap.
Query Selection::order() {
    std::vector<Query> keys;
    for (const messages::Find_Request_Ordering &ordering : request_.ordering()) {
        keys.push_back(order_of(ordering, keys.empty() && ordered_ == Ordered::present));
    }
    keys.push_back(keys.empty() ? fragment("by-bytes", {"r.publicId"}) : Query("r.internalId"));
    Query order("ORDER BY ");
    order += Query::joined(keys, ", ");
    return order;
}

Query Selection::resources() {
    Query last = order();
    if (request_.has_limits()) {
        const std::uint64_t count = request_.limits().count();
        constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
        last += " ";
        last += fragment("limits", {Query::value(count == 0 || count > static_cast<std::uint64_t>(most)
                                                     ? most
                                                     : static_cast<std::int64_t>(count)),
                                    Query::value(static_cast<std::int64_t>(request_.limits().since()))});
    }
    return fragment("find", {joins_, Query::joined(conditions_, " AND "), last});
}

Query Selection::count() const {
    return fragment("find-count", {joins_, Query::joined(conditions_, " AND ")});
}

namespace {

std::uint32_t unsigned_at(const Result &rows, std::size_t row, std::size_t column) {
    return static_cast<std::uint32_t>(rows.integer(row, column));
}

std::int32_t type_at(const Result &rows, std::size_t row, std::size_t column) {
    return static_cast<std::int32_t>(rows.integer(row, column));
}

// What is filled in for a resource, by its internal id; that of a parent is filled in for each of its
// children.
template <typename Target> using Targets = std::unordered_map<std::int64_t, std::vector<Target *>>;

template <typename Target> std::vector<std::int64_t> ids_of(const Targets<Target> &targets) {
    std::vector<std::int64_t> ids;
    ids.reserve(targets.size());
    for (const auto &[id, all] : targets) {
        ids.push_back(id);
    }
    return ids;
}

// Runs a statement whose {0} follows the column of the id and whose {1} … are `pieces`, and calls `fill` with
// each target, the rows and a row.
template <typename Target, typename Fill>
void fill_in(const Context &context, std::string_view name, const Targets<Target> &targets,
             const std::vector<Query> &pieces, const Fill &fill) {
    const std::vector<std::int64_t> ids = ids_of(targets);
    by_parts(context.connection.dialect(), ids, [&](std::span<const std::int64_t> part) {
        std::vector<Query> all{Query::one_of(context.connection.dialect(), part)};
        all.insert(all.end(), pieces.begin(), pieces.end());
        const std::unique_ptr<Result> rows =
            Query::fragment(context.statements, name, all).run(context.connection);
        for (std::size_t row = 0; row < rows->rows(); ++row) {
            const auto found = targets.find(rows->integer(row, 0));
            if (found != targets.end()) {
                for (Target *target : found->second) {
                    fill(*target, *rows, row);
                }
            }
        }
    });
}

// One search: what is asked for, and the answers that are filled in.
class Search {
    using Response = messages::Find_Response;
    using Content = messages::Find_Response_ResourceContent;

  public:
    Search(const Context &context, const messages::Find_Request &request,
           messages::TransactionResponse &response)
        : context_(context), request_(request), response_(response), level_(searched(request.level())) {}

    void run() {
        find_resources();
        if (found_.empty()) {
            return;
        }
        find_ancestors();
        fill_in_contents();
        if (request_.retrieve_labels()) {
            fill_in(context_, "find-labels", found_, {},
                    [](Response &answer, const Result &rows, std::size_t row) {
                        answer.add_labels(std::string(rows.text(row, 1)));
                    });
        }
        if (request_.retrieve_attachments()) {
            fill_in(context_, "find-attachments", found_, {},
                    [](Response &answer, const Result &rows, std::size_t row) {
                        read_attachment(rows, row, 2, type_at(rows, row, 1), *answer.add_attachments());
                        answer.add_attachments_revisions(rows.integer(row, 8));
                    });
        }
        fill_in_children(study, request_.children_studies(), &Response::mutable_children_studies_content);
        fill_in_children(series, request_.children_series(), &Response::mutable_children_series_content);
        fill_in_children(instance, request_.children_instances(),
                         &Response::mutable_children_instances_content);
        if (request_.retrieve_one_instance_metadata_and_attachments() && level_ != instance) {
            fill_in_one_instance();
        }
    }

  private:
    const messages::Find_Request_ParentSpecification &parent(int level) const {
        switch (level) {
        case patient:
            return request_.parent_patient();
        case study:
            return request_.parent_study();
        default:
            return request_.parent_series();
        }
    }

    static Content &content(Response &answer, int level) {
        switch (level) {
        case patient:
            return *answer.mutable_patient_content();
        case study:
            return *answer.mutable_study_content();
        case series:
            return *answer.mutable_series_content();
        default:
            return *answer.mutable_instance_content();
        }
    }

    void find_resources() {
        const std::unique_ptr<Result> rows = select();
        response_.mutable_find()->Reserve(static_cast<int>(rows->rows()));
        found_.reserve(rows->rows());
        for (std::size_t row = 0; row < rows->rows(); ++row) {
            Response &answer = *response_.add_find();
            const std::int64_t id = rows->integer(row, 0);
            answer.set_internal_id(id);
            answer.set_public_id(std::string(rows->text(row, 1)));
            found_[id].push_back(&answer);
            note(answer, level_, id, request_.retrieve_main_dicom_tags(), request_.retrieve_metadata());
        }
    }

    // Finds those of the ancestors that something is asked of, once it is known whose they are.
    void find_ancestors() {
        const bool identify_parent = request_.retrieve_parent_identifier() && level_ != patient;
        std::vector<int> ancestors;
        Query columns;
        Query joins;
        int joined = level_;
        for (int level = level_ - 1; level >= patient; --level) {
            const messages::Find_Request_ParentSpecification &wanted = parent(level);
            const bool identified = identify_parent && level == level_ - 1;
            if (!wanted.retrieve_main_dicom_tags() && !wanted.retrieve_metadata() && !identified) {
                continue;
            }
            ancestors.push_back(level);
            for (; joined > level; --joined) {
                joins += " ";
                joins += context_.fragment("join-parent", {numbered('p', joined - 1),
                                                           joined == level_ ? "r" : numbered('p', joined)});
            }
            columns += context_.fragment("ancestor-columns", {numbered('p', level)});
        }
        if (ancestors.empty()) {
            return;
        }
        fill_in(context_, "find-ancestors", found_, {columns, joins},
                [&](Response &answer, const Result &rows, std::size_t row) {
                    for (std::size_t at = 0; at < ancestors.size(); ++at) {
                        const messages::Find_Request_ParentSpecification &wanted = parent(ancestors[at]);
                        note(answer, ancestors[at], rows.integer(row, 1 + 2 * at),
                             wanted.retrieve_main_dicom_tags(), wanted.retrieve_metadata());
                        if (identify_parent && ancestors[at] == level_ - 1) {
                            answer.set_parent_public_id(std::string(rows.text(row, 2 + 2 * at)));
                        }
                    }
                });
    }

    // A page is looked for first among the resources that have what they are ordered by, which an index may
    // serve. They come first: a full page is complete.
    std::unique_ptr<Result> select() const {
        const std::uint64_t wanted = request_.limits().count();
        if (!request_.ordering().empty() && wanted != 0) {
            std::unique_ptr<Result> rows =
                Selection(context_.statements, request_, Selection::Ordered::present)
                    .resources()
                    .run(context_.connection);
            if (rows->rows() == wanted) {
                return rows;
            }
        }
        return Selection(context_.statements, request_).resources().run(context_.connection);
    }

    // Notes that the tags or the metadata of a resource are wanted.
    void note(Response &answer, int level, std::int64_t id, bool tags, bool metadata) {
        if (tags) {
            tags_[id].push_back(&content(answer, level));
        }
        if (metadata) {
            metadata_[id].push_back(&content(answer, level));
        }
    }

    void fill_in_contents() {
        fill_in(context_, "find-tags", tags_, {}, [](Content &target, const Result &rows, std::size_t row) {
            messages::Find_Response_Tag &tag = *target.add_main_dicom_tags();
            tag.set_group(unsigned_at(rows, row, 1));
            tag.set_element(unsigned_at(rows, row, 2));
            tag.set_value(std::string(rows.text(row, 3)));
        });
        fill_in(context_, "find-metadata", metadata_, {},
                [](Content &target, const Result &rows, std::size_t row) {
                    read_metadata(rows, row, *target.add_metadata());
                });
    }

    static void read_metadata(const Result &rows, std::size_t row,
                              messages::Find_Response_Metadata &metadata) {
        metadata.set_key(type_at(rows, row, 1));
        metadata.set_value(std::string(rows.text(row, 2)));
        metadata.set_revision(rows.integer(row, 3));
    }

    using Children = messages::Find_Response_ChildrenContent;

    void fill_in_children(int level, const messages::Find_Request_ChildrenSpecification &wanted,
                          Children *(Response::*content_of)()) {
        if (level <= level_) {
            return;
        }
        const int steps = level - level_;
        const Query below(context_.statements["below-" + std::to_string(steps)]);
        const Query child(numbered('c', steps));
        if (wanted.retrieve_identifiers()) {
            fill_in(context_, "find-children", found_, {below, child},
                    [content_of](Response &answer, const Result &rows, std::size_t row) {
                        Children &children = *(answer.*content_of)();
                        children.add_identifiers(std::string(rows.text(row, 1)));
                        children.set_count(children.count() + 1);
                    });
        } else if (wanted.retrieve_count()) {
            fill_in(context_, "find-counts", found_, {context_.schema.descendants("r.internalId", steps)},
                    [content_of](Response &answer, const Result &rows, std::size_t row) {
                        (answer.*content_of)()->set_count(static_cast<std::uint64_t>(rows.integer(row, 1)));
                    });
        }
        const Dialect dialect = context_.connection.dialect();
        if (!wanted.retrieve_metadata().empty()) {
            const std::vector<std::int64_t> types(wanted.retrieve_metadata().begin(),
                                                  wanted.retrieve_metadata().end());
            fill_in(context_, "find-children-metadata", found_, {below, child, Query::one_of(dialect, types)},
                    [content_of](Response &answer, const Result &rows, std::size_t row) {
                        messages::Find_Response_Metadata &metadata = *(answer.*content_of)()->add_metadata();
                        metadata.set_key(type_at(rows, row, 1));
                        metadata.set_value(std::string(rows.text(row, 2)));
                    });
        }
        if (!wanted.retrieve_main_dicom_tags().empty()) {
            std::vector<std::int64_t> tags;
            for (const messages::Find_Request_Tag &tag : wanted.retrieve_main_dicom_tags()) {
                tags.push_back(std::int64_t{tag.group()} * 65536 + tag.element());
            }
            fill_in(context_, "find-children-tags", found_, {below, child, Query::one_of(dialect, tags)},
                    [content_of](Response &answer, const Result &rows, std::size_t row) {
                        messages::Find_Response_Tag &tag = *(answer.*content_of)()->add_main_dicom_tags();
                        tag.set_group(unsigned_at(rows, row, 1));
                        tag.set_element(unsigned_at(rows, row, 2));
                        tag.set_value(std::string(rows.text(row, 3)));
                    });
        }
    }

    void fill_in_one_instance() {
        const int steps = instance - level_;
        const std::string child = numbered('c', steps);
        Targets<Response> instances;
        fill_in(context_, "find-one-instance", found_,
                {context_.statements["below-" + std::to_string(steps)], child},
                [&instances](Response &answer, const Result &rows, std::size_t row) {
                    answer.set_one_instance_public_id(std::string(rows.text(row, 2)));
                    instances[rows.integer(row, 1)].push_back(&answer);
                });
        fill_in(context_, "find-metadata", instances, {},
                [](Response &answer, const Result &rows, std::size_t row) {
                    read_metadata(rows, row, *answer.add_one_instance_metadata());
                });
        fill_in(context_, "find-attachments", instances, {},
                [](Response &answer, const Result &rows, std::size_t row) {
                    read_attachment(rows, row, 2, type_at(rows, row, 1),
                                    *answer.add_one_instance_attachments());
                });
    }

    const Context &context_;
    const messages::Find_Request &request_;
    messages::TransactionResponse &response_;
    const int level_;
    Targets<Response> found_;
    Targets<Content> tags_;
    Targets<Content> metadata_;
};

} // namespace

void find(const Context &context, const messages::Find_Request &request,
          messages::TransactionResponse &response) {
    Search(context, request, response).run();
}

std::uint64_t count(const Context &context, const messages::Find_Request &request) {
    const std::unique_ptr<Result> rows =
        Selection(context.statements, request).count().run(context.connection);
    return static_cast<std::uint64_t>(rows->integer(0, 0));
}

void lookup(const Context &context, const messages::LookupResources_Request &request,
            messages::LookupResources_Response &response) {
    messages::Find_Request search;
    search.set_level(request.query_level());
    *search.mutable_dicom_tag_constraints() = request.lookup();
    *search.mutable_labels() = request.labels();
    search.set_labels_constraint(request.labels_constraint());
    if (request.limit() != 0) {
        search.mutable_limits()->set_count(request.limit());
    }
    search.set_retrieve_one_instance_metadata_and_attachments(request.retrieve_instances_ids());
    messages::TransactionResponse answers;
    find(context, search, answers);
    for (const messages::Find_Response &answer : answers.find()) {
        const std::string &one = request.query_level() == messages::RESOURCE_INSTANCE
                                     ? answer.public_id()
                                     : answer.one_instance_public_id();
        if (!request.retrieve_instances_ids()) {
            response.add_resources_ids(answer.public_id());
        } else if (!one.empty()) {
            response.add_resources_ids(answer.public_id());
            response.add_instances_ids(one);
        }
    }
}

} // namespace orthanc_images::database
