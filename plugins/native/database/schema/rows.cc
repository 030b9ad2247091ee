#include "database/schema/rows.h"

namespace orthanc_images::database {

namespace {

// `first`: the column of the compressed size, behind which are the other four.
void read(const Result &rows, std::size_t row, std::size_t column, std::size_t first, std::int32_t type,
          Orthanc::DatabasePluginMessages::FileInfo &file) {
    file.set_uuid(std::string(rows.text(row, column)));
    file.set_content_type(type);
    file.set_compressed_size(static_cast<std::uint64_t>(rows.integer(row, first)));
    file.set_uncompressed_size(static_cast<std::uint64_t>(rows.integer(row, first + 1)));
    file.set_compression_type(static_cast<std::int32_t>(rows.integer(row, first + 2)));
    file.set_uncompressed_hash(std::string(rows.text(row, first + 3)));
    file.set_compressed_hash(std::string(rows.text(row, first + 4)));
    file.set_custom_data(std::string(rows.text(row, column + 7)));
}

} // namespace

void read_attachment(const Result &rows, std::size_t row, std::size_t column, std::int32_t type,
                     Orthanc::DatabasePluginMessages::FileInfo &file) {
    read(rows, row, column, column + 1, type, file);
}

void read_deleted(const Result &rows, std::size_t row, std::size_t column,
                  Orthanc::DatabasePluginMessages::FileInfo &file) {
    read(rows, row, column, column + 2, static_cast<std::int32_t>(rows.integer(row, column + 1)), file);
}

} // namespace orthanc_images::database
