#include "database/index/transaction.h"

#include "database/index/find.h"
#include "database/schema/rows.h"

#include <array>
#include <chrono>
#include <limits>
#include <string>
#include <utility>

namespace orthanc_images::database {

namespace {

using Request = messages::TransactionRequest;
using Response = messages::TransactionResponse;
using Handler = void (*)(const Context &, const Request &, Response &);

[[noreturn]] void unknown(const std::string &what) {
    throw Error(OrthancPluginErrorCode_UnknownResource, what);
}

std::int64_t checked(messages::ResourceType level) {
    if (!messages::ResourceType_IsValid(level)) {
        throw Error(OrthancPluginErrorCode_ParameterOutOfRange,
                    "request: there is no level " + std::to_string(level) + ".");
    }
    return level;
}

messages::ResourceType level_at(const Result &rows, std::size_t row, std::size_t column) {
    return static_cast<messages::ResourceType>(rows.integer(row, column));
}

std::string text_at(const Result &rows, std::size_t row, std::size_t column) {
    return std::string(rows.text(row, column));
}

std::int32_t number_at(const Result &rows, std::size_t row, std::size_t column) {
    return static_cast<std::int32_t>(rows.integer(row, column));
}

// Bytes, or NULL where there are none.
Parameter bytes_or_null(const std::string &bytes) {
    return bytes.empty() ? Parameter(std::monostate()) : Parameter(Bytes{bytes});
}

Query limits(const Context &context, std::uint64_t count, std::int64_t since = 0) {
    constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
    return context.fragment("limits", {Query::value(count == 0 || count > static_cast<std::uint64_t>(most)
                                                        ? most
                                                        : static_cast<std::int64_t>(count)),
                                       Query::value(since)});
}

std::int64_t seconds_now() {
    return std::chrono::duration_cast<std::chrono::seconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
}

// Attachments.

void add_attachment(const Context &context, const Request &request, Response &) {
    const messages::AddAttachment_Request &given = request.add_attachment();
    const messages::FileInfo &file = given.attachment();
    context.execute("add-attachment",
                    {given.id(), std::int64_t{file.content_type()}, std::string_view(file.uuid()),
                     static_cast<std::int64_t>(file.compressed_size()),
                     static_cast<std::int64_t>(file.uncompressed_size()),
                     std::int64_t{file.compression_type()}, std::string_view(file.uncompressed_hash()),
                     std::string_view(file.compressed_hash()), given.revision(),
                     bytes_or_null(file.custom_data())});
}

void delete_attachment(const Context &context, const Request &request, Response &response) {
    const messages::DeleteAttachment_Request &given = request.delete_attachment();
    if (!context.schema.delete_attachment(
            context.connection, given.id(), given.type(),
            *response.mutable_delete_attachment()->mutable_deleted_attachment())) {
        unknown("attachment: there is none of type " + std::to_string(given.type()) + " to delete.");
    }
}

void list_available_attachments(const Context &context, const Request &request, Response &response) {
    const auto rows = context.query("attachments-types", {request.list_available_attachments().id()});
    for (std::size_t row = 0; row < rows->rows(); ++row) {
        response.mutable_list_available_attachments()->add_attachments(number_at(*rows, row, 0));
    }
}

void lookup_attachment(const Context &context, const Request &request, Response &response) {
    const messages::LookupAttachment_Request &given = request.lookup_attachment();
    messages::LookupAttachment_Response &answer = *response.mutable_lookup_attachment();
    const auto rows = context.query("attachment", {given.id(), std::int64_t{given.content_type()}});
    answer.set_found(rows->rows() != 0);
    if (answer.found()) {
        read_attachment(*rows, 0, 0, given.content_type(), *answer.mutable_attachment());
        answer.set_revision(rows->integer(0, 6));
    }
}

void get_custom_data(const Context &context, const Request &request, Response &response) {
    const auto rows =
        context.query("custom-data", {std::string_view(request.get_attachment_custom_data().uuid())});
    if (rows->rows() == 0) {
        unknown("attachment: there is none with the UUID that its custom data is asked for.");
    }
    response.mutable_get_attachment_custom_data()->set_custom_data(text_at(*rows, 0, 0));
}

void set_custom_data(const Context &context, const Request &request, Response &) {
    const messages::SetAttachmentCustomData_Request &given = request.set_attachment_custom_data();
    context.execute("set-custom-data", {std::string_view(given.uuid()), bytes_or_null(given.custom_data())});
}

// Changes and exports.

void log_change(const Context &context, const Request &request, Response &) {
    const messages::LogChange_Request &given = request.log_change();
    context.execute("log-change", {std::int64_t{given.change_type()}, given.resource_id(),
                                   checked(given.resource_type()), std::string_view(given.date())});
}

void clear_changes(const Context &context, const Request &, Response &) {
    context.execute("clear-changes");
}

void read_change(const Result &rows, std::size_t row, messages::ServerIndexChange &change) {
    change.set_seq(rows.integer(row, 0));
    change.set_change_type(number_at(rows, row, 1));
    change.set_public_id(text_at(rows, row, 2));
    change.set_resource_type(level_at(rows, row, 3));
    change.set_date(text_at(rows, row, 4));
}

// Calls `add` with the numbers of the rows to return, of which one more than `limit` was asked for, in
// ascending order, and returns whether there were no more than those.
template <typename Add> bool take(const Result &rows, std::uint32_t limit, bool descending, const Add &add) {
    const std::size_t taken = std::min<std::size_t>(rows.rows(), limit);
    for (std::size_t at = 0; at < taken; ++at) {
        add(descending ? taken - 1 - at : at);
    }
    return rows.rows() <= limit;
}

constexpr std::int64_t no_end = -1;

// Puts those of the changes that are asked for into the answer, which is of one of two kinds. With an end
// only, it is the last ones before that.
template <typename Answer>
void find_changes(const Context &context, std::int64_t since, std::int64_t to,
                  const google::protobuf::RepeatedField<std::int32_t> &types, std::uint32_t limit,
                  Answer &answer) {
    std::vector<Query> conditions;
    if (since > 0) {
        conditions.push_back(context.fragment("changes-since", {Query::value(since)}));
    }
    if (to != no_end) {
        conditions.push_back(context.fragment("changes-to", {Query::value(to)}));
    }
    if (!types.empty()) {
        conditions.push_back(context.fragment(
            "changes-of", {Query::values(std::span(types.data(), static_cast<std::size_t>(types.size())))}));
    }
    const bool descending = to != no_end && since <= 0;
    Query where(conditions.empty() ? "" : "WHERE ");
    where += Query::joined(conditions, " AND ");
    const auto rows = context
                          .fragment("changes", {where, descending ? "DESC" : "ASC",
                                                limits(context, std::uint64_t{limit} + 1)})
                          .run(context.connection);
    answer.set_done(take(*rows, limit, descending,
                         [&](std::size_t row) { read_change(*rows, row, *answer.add_changes()); }));
}

void get_changes(const Context &context, const Request &request, Response &response) {
    find_changes(context, request.get_changes().since(), no_end, {}, request.get_changes().limit(),
                 *response.mutable_get_changes());
}

void get_changes_extended(const Context &context, const Request &request, Response &response) {
    const messages::GetChangesExtended_Request &given = request.get_changes_extended();
    find_changes(context, given.since(), given.to(), given.change_type(), given.limit(),
                 *response.mutable_get_changes_extended());
}

void get_last_change(const Context &context, const Request &, Response &response) {
    messages::GetLastChange_Response &answer = *response.mutable_get_last_change();
    const auto rows = context.fragment("changes", {"", "DESC", limits(context, 1)}).run(context.connection);
    answer.set_found(rows->rows() != 0);
    if (answer.found()) {
        read_change(*rows, 0, *answer.mutable_change());
    }
}

void get_last_change_index(const Context &context, const Request &, Response &response) {
    const auto rows = context.query("last-change-index");
    response.mutable_get_last_change_index()->set_result(rows->rows() == 0 ? 0 : rows->integer(0, 0));
}

void log_exported_resource(const Context &context, const Request &request, Response &) {
    const messages::LogExportedResource_Request &given = request.log_exported_resource();
    context.execute("log-export",
                    {checked(given.resource_type()), std::string_view(given.public_id()),
                     std::string_view(given.modality()), std::string_view(given.patient_id()),
                     std::string_view(given.study_instance_uid()),
                     std::string_view(given.series_instance_uid()),
                     std::string_view(given.sop_instance_uid()), std::string_view(given.date())});
}

void clear_exported_resources(const Context &context, const Request &, Response &) {
    context.execute("clear-exports");
}

void read_export(const Result &rows, std::size_t row, messages::ExportedResource &resource) {
    resource.set_seq(rows.integer(row, 0));
    resource.set_resource_type(level_at(rows, row, 1));
    resource.set_public_id(text_at(rows, row, 2));
    resource.set_modality(text_at(rows, row, 3));
    resource.set_patient_id(text_at(rows, row, 4));
    resource.set_study_instance_uid(text_at(rows, row, 5));
    resource.set_series_instance_uid(text_at(rows, row, 6));
    resource.set_sop_instance_uid(text_at(rows, row, 7));
    resource.set_date(text_at(rows, row, 8));
}

void get_exported_resources(const Context &context, const Request &request, Response &response) {
    const messages::GetExportedResources_Request &given = request.get_exported_resources();
    messages::GetExportedResources_Response &answer = *response.mutable_get_exported_resources();
    const auto rows = context
                          .fragment("exports", {Query::value(given.since()), "ASC",
                                                limits(context, std::uint64_t{given.limit()} + 1)})
                          .run(context.connection);
    answer.set_done(take(*rows, given.limit(), false,
                         [&](std::size_t row) { read_export(*rows, row, *answer.add_resources()); }));
}

void get_last_exported_resource(const Context &context, const Request &, Response &response) {
    messages::GetLastExportedResource_Response &answer = *response.mutable_get_last_exported_resource();
    const auto rows =
        context.fragment("exports", {Query::value(std::int64_t{-1}), "DESC", limits(context, 1)})
            .run(context.connection);
    answer.set_found(rows->rows() != 0);
    if (answer.found()) {
        read_export(*rows, 0, *answer.mutable_resource());
    }
}

// Metadata.

void get_all_metadata(const Context &context, const Request &request, Response &response) {
    const auto rows = context.query("all-metadata", {request.get_all_metadata().id()});
    for (std::size_t row = 0; row < rows->rows(); ++row) {
        messages::GetAllMetadata_Response_Metadata &metadata =
            *response.mutable_get_all_metadata()->add_metadata();
        metadata.set_type(number_at(*rows, row, 0));
        metadata.set_value(text_at(*rows, row, 1));
    }
}

void get_children_metadata(const Context &context, const Request &request, Response &response) {
    const messages::GetChildrenMetadata_Request &given = request.get_children_metadata();
    const auto rows = context.query("children-metadata", {given.id(), std::int64_t{given.metadata()}});
    for (std::size_t row = 0; row < rows->rows(); ++row) {
        response.mutable_get_children_metadata()->add_values(text_at(*rows, row, 0));
    }
}

void lookup_metadata(const Context &context, const Request &request, Response &response) {
    const messages::LookupMetadata_Request &given = request.lookup_metadata();
    messages::LookupMetadata_Response &answer = *response.mutable_lookup_metadata();
    const auto rows = context.query("metadata", {given.id(), std::int64_t{given.metadata_type()}});
    answer.set_found(rows->rows() != 0);
    if (answer.found()) {
        answer.set_value(text_at(*rows, 0, 0));
        answer.set_revision(rows->integer(0, 1));
    }
}

void set_metadata(const Context &context, const Request &request, Response &) {
    const messages::SetMetadata_Request &given = request.set_metadata();
    context.execute("set-metadata", {given.id(), std::int64_t{given.metadata_type()},
                                     std::string_view(given.value()), given.revision()});
}

void delete_metadata(const Context &context, const Request &request, Response &) {
    const messages::DeleteMetadata_Request &given = request.delete_metadata();
    context.execute("delete-metadata", {given.id(), std::int64_t{given.type()}});
}

// Properties.

std::unique_ptr<Result> property(const Context &context, const std::string &server, std::int32_t number) {
    return server.empty()
               ? context.query("global-property", {std::int64_t{number}})
               : context.query("server-property", {std::string_view(server), std::int64_t{number}});
}

void lookup_global_property(const Context &context, const Request &request, Response &response) {
    const messages::LookupGlobalProperty_Request &given = request.lookup_global_property();
    messages::LookupGlobalProperty_Response &answer = *response.mutable_lookup_global_property();
    const auto rows = property(context, given.server_id(), given.property());
    answer.set_found(rows->rows() != 0 && !rows->null(0, 0));
    if (answer.found()) {
        answer.set_value(text_at(*rows, 0, 0));
    }
}

void set_global_property(const Context &context, const Request &request, Response &) {
    const messages::SetGlobalProperty_Request &given = request.set_global_property();
    const std::int64_t number = given.property();
    if (given.server_id().empty()) {
        context.execute("set-global-property", {number, std::string_view(given.value())});
    } else {
        context.execute("set-server-property",
                        {std::string_view(given.server_id()), number, std::string_view(given.value())});
    }
}

// The row is locked from its change on.
void increment_global_property(const Context &context, const Request &request, Response &response) {
    const messages::IncrementGlobalProperty_Request &given = request.increment_global_property();
    const std::int64_t number = given.property();
    if (given.server_id().empty()) {
        context.execute("increment-global-property", {number, given.increment()});
    } else {
        context.execute("increment-server-property",
                        {std::string_view(given.server_id()), number, given.increment()});
    }
    const auto rows = property(context, given.server_id(), given.property());
    response.mutable_increment_global_property()->set_new_value(rows->integer(0, 0));
}

// Resources.

void create_instance(const Context &context, const Request &request, Response &response) {
    context.schema.create_instance(context.connection, request.create_instance(),
                                   *response.mutable_create_instance());
}

void delete_resource(const Context &context, const Request &request, Response &response) {
    context.schema.delete_resource(context.connection, request.delete_resource().id(),
                                   *response.mutable_delete_resource());
}

void set_resources_content(const Context &context, const Request &request, Response &) {
    for (const messages::SetResourcesContent_Request_Tag &tag : request.set_resources_content().tags()) {
        if (tag.group() > 0xffff || tag.element() > 0xffff) {
            throw Error(OrthancPluginErrorCode_ParameterOutOfRange,
                        "tag: a group and an element have 16 bits each.");
        }
    }
    context.schema.set_content(context.connection, request.set_resources_content());
}

void clear_main_dicom_tags(const Context &context, const Request &request, Response &) {
    context.execute("clear-tags", {request.clear_main_dicom_tags().id()});
}

void get_main_dicom_tags(const Context &context, const Request &request, Response &response) {
    const auto rows = context.query("main-tags", {request.get_main_dicom_tags().id()});
    for (std::size_t row = 0; row < rows->rows(); ++row) {
        messages::GetMainDicomTags_Response_Tag &tag = *response.mutable_get_main_dicom_tags()->add_tags();
        tag.set_group(static_cast<std::uint32_t>(rows->integer(row, 0)));
        tag.set_element(static_cast<std::uint32_t>(rows->integer(row, 1)));
        tag.set_value(text_at(*rows, row, 2));
    }
}

void get_all_public_ids(const Context &context, const Request &request, Response &response) {
    const auto rows = context.query("public-ids", {checked(request.get_all_public_ids().resource_type())});
    for (std::size_t row = 0; row < rows->rows(); ++row) {
        response.mutable_get_all_public_ids()->add_ids(text_at(*rows, row, 0));
    }
}

void get_all_public_ids_with_limits(const Context &context, const Request &request, Response &response) {
    const messages::GetAllPublicIdsWithLimits_Request &given = request.get_all_public_ids_with_limits();
    const auto rows = context
                          .fragment("public-ids-page", {Query::value(checked(given.resource_type())),
                                                        context.fragment("by-bytes", {"r.publicId"}),
                                                        limits(context, given.limit(), given.since())})
                          .run(context.connection);
    for (std::size_t row = 0; row < rows->rows(); ++row) {
        response.mutable_get_all_public_ids_with_limits()->add_ids(text_at(*rows, row, 0));
    }
}

void get_children_internal_id(const Context &context, const Request &request, Response &response) {
    const auto rows = context.query("children-ids", {request.get_children_internal_id().id()});
    for (std::size_t row = 0; row < rows->rows(); ++row) {
        response.mutable_get_children_internal_id()->add_ids(rows->integer(row, 0));
    }
}

void get_children_public_id(const Context &context, const Request &request, Response &response) {
    const auto rows = context.query("children-public-ids", {request.get_children_public_id().id()});
    for (std::size_t row = 0; row < rows->rows(); ++row) {
        response.mutable_get_children_public_id()->add_ids(text_at(*rows, row, 0));
    }
}

void get_public_id(const Context &context, const Request &request, Response &response) {
    const auto rows = context.query("public-id", {request.get_public_id().id()});
    if (rows->rows() == 0) {
        unknown("resource: there is none whose public id is asked for.");
    }
    response.mutable_get_public_id()->set_id(text_at(*rows, 0, 0));
}

void get_resource_type(const Context &context, const Request &request, Response &response) {
    const auto rows = context.query("resource-type", {request.get_resource_type().id()});
    if (rows->rows() == 0) {
        unknown("resource: there is none whose level is asked for.");
    }
    response.mutable_get_resource_type()->set_type(level_at(*rows, 0, 0));
}

void lookup_parent(const Context &context, const Request &request, Response &response) {
    messages::LookupParent_Response &answer = *response.mutable_lookup_parent();
    const auto rows = context.query("parent", {request.lookup_parent().id()});
    answer.set_found(rows->rows() != 0 && !rows->null(0, 0));
    if (answer.found()) {
        answer.set_parent(rows->integer(0, 0));
    }
}

void lookup_resource(const Context &context, const Request &request, Response &response) {
    messages::LookupResource_Response &answer = *response.mutable_lookup_resource();
    const auto rows = context.query("resource", {std::string_view(request.lookup_resource().public_id())});
    answer.set_found(rows->rows() != 0);
    if (answer.found()) {
        answer.set_internal_id(rows->integer(0, 0));
        answer.set_type(level_at(*rows, 0, 1));
    }
}

void lookup_resource_and_parent(const Context &context, const Request &request, Response &response) {
    messages::LookupResourceAndParent_Response &answer = *response.mutable_lookup_resource_and_parent();
    const auto rows = context.query("resource-and-parent",
                                    {std::string_view(request.lookup_resource_and_parent().public_id())});
    answer.set_found(rows->rows() != 0);
    if (answer.found()) {
        answer.set_id(rows->integer(0, 0));
        answer.set_type(level_at(*rows, 0, 1));
        answer.set_parent_public_id(text_at(*rows, 0, 2));
    }
}

void lookup_resources(const Context &context, const Request &request, Response &response) {
    lookup(context, request.lookup_resources(), *response.mutable_lookup_resources());
}

void find_resources(const Context &context, const Request &request, Response &response) {
    find(context, request.find(), response);
}

// Orthanc 1.13.0 puts what is to be counted where FIND has its request.
void count_resources(const Context &context, const Request &request, Response &response) {
    response.mutable_count_resources()->set_count(
        count(context, request.has_count_resources() ? request.count_resources() : request.find()));
}

// Statistics, and what is recycled.

void get_resources_count(const Context &context, const Request &request, Response &response) {
    checked(request.get_resources_count().type());
    response.mutable_get_resources_count()->set_count(static_cast<std::uint64_t>(
        context.schema.count(context.connection, request.get_resources_count().type())));
}

void get_total_compressed_size(const Context &context, const Request &, Response &response) {
    response.mutable_get_total_compressed_size()->set_size(
        static_cast<std::uint64_t>(context.schema.compressed_size(context.connection)));
}

void get_total_uncompressed_size(const Context &context, const Request &, Response &response) {
    response.mutable_get_total_uncompressed_size()->set_size(
        static_cast<std::uint64_t>(context.schema.uncompressed_size(context.connection)));
}

void is_disk_size_above(const Context &context, const Request &request, Response &response) {
    response.mutable_is_disk_size_above()->set_result(
        static_cast<std::uint64_t>(context.schema.compressed_size(context.connection)) >
        request.is_disk_size_above().threshold());
}

void update_and_get_statistics(const Context &context, const Request &, Response &response) {
    const auto [patients, studies, series, instances, compressed, uncompressed] =
        context.schema.statistics(context.connection, true);
    messages::UpdateAndGetStatistics_Response &answer = *response.mutable_update_and_get_statistics();
    answer.set_patients_count(patients);
    answer.set_studies_count(studies);
    answer.set_series_count(series);
    answer.set_instances_count(instances);
    answer.set_total_compressed_size(compressed);
    answer.set_total_uncompressed_size(uncompressed);
}

void is_protected_patient(const Context &context, const Request &request, Response &response) {
    response.mutable_is_protected_patient()->set_protected_patient(
        context.schema.is_protected(context.connection, request.is_protected_patient().patient_id()));
}

void set_protected_patient(const Context &context, const Request &request, Response &) {
    context.schema.set_protected(context.connection, request.set_protected_patient().patient_id(),
                                 request.set_protected_patient().protected_patient());
}

template <typename Answer>
void select_patient(const Context &context, std::optional<std::int64_t> avoid, Answer &answer) {
    const std::optional<std::int64_t> patient = context.schema.to_recycle(context.connection, avoid);
    answer.set_found(patient.has_value());
    answer.set_patient_id(patient.value_or(0));
}

void select_patient_to_recycle(const Context &context, const Request &, Response &response) {
    select_patient(context, {}, *response.mutable_select_patient_to_recycle());
}

void select_patient_to_recycle_with_avoid(const Context &context, const Request &request,
                                          Response &response) {
    select_patient(context, request.select_patient_to_recycle_with_avoid().patient_id_to_avoid(),
                   *response.mutable_select_patient_to_recycle_with_avoid());
}

// Labels.

void add_label(const Context &context, const Request &request, Response &) {
    context.execute("add-label", {request.add_label().id(), std::string_view(request.add_label().label())});
}

void remove_label(const Context &context, const Request &request, Response &) {
    context.execute("remove-label",
                    {request.remove_label().id(), std::string_view(request.remove_label().label())});
}

void list_labels(const Context &context, const Request &request, Response &response) {
    const auto rows = request.list_labels().single_resource()
                          ? context.query("labels", {request.list_labels().id()})
                          : context.query("all-labels");
    for (std::size_t row = 0; row < rows->rows(); ++row) {
        response.mutable_list_labels()->add_labels(text_at(*rows, row, 0));
    }
}

// Stores and queues.

void store_key_value(const Context &context, const Request &request, Response &) {
    const messages::StoreKeyValue_Request &given = request.store_key_value();
    context.execute("store-value", {std::string_view(given.store_id()), std::string_view(given.key()),
                                    Bytes{given.value()}});
}

void delete_key_value(const Context &context, const Request &request, Response &) {
    const messages::DeleteKeyValue_Request &given = request.delete_key_value();
    context.execute("delete-value", {std::string_view(given.store_id()), std::string_view(given.key())});
}

void get_key_value(const Context &context, const Request &request, Response &response) {
    const messages::GetKeyValue_Request &given = request.get_key_value();
    messages::GetKeyValue_Response &answer = *response.mutable_get_key_value();
    const auto rows =
        context.query("stored-value", {std::string_view(given.store_id()), std::string_view(given.key())});
    answer.set_found(rows->rows() != 0);
    if (answer.found()) {
        answer.set_value(text_at(*rows, 0, 0));
    }
}

void list_keys_values(const Context &context, const Request &request, Response &response) {
    const messages::ListKeysValues_Request &given = request.list_keys_values();
    const Query key = context.fragment("by-bytes", {context.statements["store-key"]});
    const Query after = given.from_first()
                            ? Query()
                            : context.fragment("stored-after", {key, Query::value(given.from_key())});
    const auto rows = context
                          .fragment("stored-values", {Query::value(given.store_id()), key, after,
                                                      limits(context, given.limit())})
                          .run(context.connection);
    for (std::size_t row = 0; row < rows->rows(); ++row) {
        messages::ListKeysValues_Response_KeyValue &pair =
            *response.mutable_list_keys_values()->add_keys_values();
        pair.set_key(text_at(*rows, row, 0));
        pair.set_value(text_at(*rows, row, 1));
    }
}

void enqueue_value(const Context &context, const Request &request, Response &) {
    const messages::EnqueueValue_Request &given = request.enqueue_value();
    context.execute("enqueue", {std::string_view(given.queue_id()), Bytes{given.value()}});
}

// The value at an end of a queue, locked: its id and itself, or no row.
std::unique_ptr<Result> at_end(const Context &context, const std::string &queue,
                               messages::QueueOrigin origin) {
    if (!messages::QueueOrigin_IsValid(origin)) {
        throw Error(OrthancPluginErrorCode_ParameterOutOfRange,
                    "queue: it has no end " + std::to_string(origin) + ".");
    }
    return context.query(origin == messages::QUEUE_ORIGIN_FRONT ? "queue-front" : "queue-back",
                         {std::string_view(queue), seconds_now()});
}

void dequeue_value(const Context &context, const Request &request, Response &response) {
    const messages::DequeueValue_Request &given = request.dequeue_value();
    messages::DequeueValue_Response &answer = *response.mutable_dequeue_value();
    const auto rows = at_end(context, given.queue_id(), given.origin());
    answer.set_found(rows->rows() != 0);
    if (answer.found()) {
        answer.set_value(text_at(*rows, 0, 1));
        context.execute("delete-queue-value", {std::string_view(given.queue_id()), rows->integer(0, 0)});
    }
}

void reserve_queue_value(const Context &context, const Request &request, Response &response) {
    const messages::ReserveQueueValue_Request &given = request.reserve_queue_value();
    messages::ReserveQueueValue_Response &answer = *response.mutable_reserve_queue_value();
    const auto rows = at_end(context, given.queue_id(), given.origin());
    answer.set_found(rows->rows() != 0);
    if (answer.found()) {
        answer.set_value_id(static_cast<std::uint64_t>(rows->integer(0, 0)));
        answer.set_value(text_at(*rows, 0, 1));
        context.execute("reserve-queue-value", {std::string_view(given.queue_id()), rows->integer(0, 0),
                                                seconds_now() + std::int64_t{given.release_timeout()}});
    }
}

void acknowledge_queue_value(const Context &context, const Request &request, Response &) {
    const messages::AcknowledgeQueueValue_Request &given = request.acknowledge_queue_value();
    if (context.change("acknowledge-queue-value",
                       {std::string_view(given.queue_id()), static_cast<std::int64_t>(given.value_id()),
                        seconds_now()}) == 0) {
        unknown("queue: the reservation of the value is over, or there has been none.");
    }
}

void get_queue_size(const Context &context, const Request &request, Response &response) {
    const auto rows = context.query("queue-size", {std::string_view(request.get_queue_size().queue_id())});
    response.mutable_get_queue_size()->set_size(static_cast<std::uint64_t>(rows->integer(0, 0)));
}

// By the number of the operation; the first two are not here.
constexpr std::array<Handler, 64> handlers = {
    nullptr,
    nullptr,
    add_attachment,
    clear_changes,
    clear_exported_resources,
    delete_attachment,
    delete_metadata,
    delete_resource,
    get_all_metadata,
    get_all_public_ids,
    get_all_public_ids_with_limits,
    get_changes,
    get_children_internal_id,
    get_children_public_id,
    get_exported_resources,
    get_last_change,
    get_last_exported_resource,
    get_main_dicom_tags,
    get_public_id,
    get_resources_count,
    get_resource_type,
    get_total_compressed_size,
    get_total_uncompressed_size,
    is_protected_patient,
    list_available_attachments,
    log_change,
    log_exported_resource,
    lookup_attachment,
    lookup_global_property,
    lookup_metadata,
    lookup_parent,
    lookup_resource,
    select_patient_to_recycle,
    select_patient_to_recycle_with_avoid,
    set_global_property,
    clear_main_dicom_tags,
    set_metadata,
    set_protected_patient,
    is_disk_size_above,
    lookup_resources,
    create_instance,
    set_resources_content,
    get_children_metadata,
    get_last_change_index,
    lookup_resource_and_parent,
    add_label,
    remove_label,
    list_labels,
    increment_global_property,
    update_and_get_statistics,
    find_resources,
    get_changes_extended,
    count_resources,
    store_key_value,
    delete_key_value,
    get_key_value,
    list_keys_values,
    enqueue_value,
    dequeue_value,
    get_queue_size,
    get_custom_data,
    set_custom_data,
    reserve_queue_value,
    acknowledge_queue_value,
};
static_assert(handlers.size() == messages::TransactionOperation_ARRAYSIZE);

} // namespace

Transaction::Transaction(Pool::Lease lease, const Catalogue &statements, Schema &schema, Access access)
    : lease_(std::move(lease)), context_{*lease_, statements, schema} {
    context_.connection.begin(access);
}

Transaction::~Transaction() {
    if (open_) {
        context_.connection.rollback();
    }
}

void Transaction::commit() {
    context_.connection.commit();
    open_ = false;
}

void Transaction::answer(const Request &request, Response &response) {
    const messages::TransactionOperation operation = request.operation();
    if (!messages::TransactionOperation_IsValid(operation)) {
        throw Error(OrthancPluginErrorCode_NotImplemented,
                    "request: there is no operation " + std::to_string(operation) + ".");
    }
    switch (operation) {
    case messages::OPERATION_COMMIT:
        commit();
        return;
    case messages::OPERATION_ROLLBACK:
        context_.connection.rollback();
        open_ = false;
        return;
    default:
        break;
    }
    try {
        handlers.at(static_cast<std::size_t>(operation))(context_, request, response);
    } catch (const StatementError &error) {
        if (error.code() == OrthancPluginErrorCode_DatabaseUnavailable) {
            throw StatementError(OrthancPluginErrorCode_DatabaseCannotSerialize, error.what(), error.state());
        }
        throw;
    }
}

} // namespace orthanc_images::database
