#include "database/schema/rows.h"

namespace orthanc_images::database {

void read_attachment(const Result &rows, std::size_t row, std::size_t column, std::int32_t type,
                     Orthanc::DatabasePluginMessages::FileInfo &file) {
    file.set_content_type(type);
    file.set_uuid(std::string(rows.text(row, column)));
    file.set_compressed_size(static_cast<std::uint64_t>(rows.integer(row, column + 1)));
    file.set_uncompressed_size(static_cast<std::uint64_t>(rows.integer(row, column + 2)));
    file.set_compression_type(static_cast<std::int32_t>(rows.integer(row, column + 3)));
    file.set_uncompressed_hash(std::string(rows.text(row, column + 4)));
    file.set_compressed_hash(std::string(rows.text(row, column + 5)));
    file.set_custom_data(std::string(rows.text(row, column + 7)));
}

void read_deleted(const Result &rows, std::size_t row, std::size_t column,
                  Orthanc::DatabasePluginMessages::FileInfo &file) {
    file.set_uuid(std::string(rows.text(row, column)));
    file.set_content_type(static_cast<std::int32_t>(rows.integer(row, column + 1)));
    file.set_compressed_size(static_cast<std::uint64_t>(rows.integer(row, column + 2)));
    file.set_uncompressed_size(static_cast<std::uint64_t>(rows.integer(row, column + 3)));
    file.set_compression_type(static_cast<std::int32_t>(rows.integer(row, column + 4)));
    file.set_uncompressed_hash(std::string(rows.text(row, column + 5)));
    file.set_compressed_hash(std::string(rows.text(row, column + 6)));
    file.set_custom_data(std::string(rows.text(row, column + 7)));
}

} // namespace orthanc_images::database
