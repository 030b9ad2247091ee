// What the schemas and the index read from rows alike.
#pragma once

#include "database/driver/connection.h"

#include "OrthancDatabasePlugin.pb.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace orthanc_images::database {

// The number in the first row; 0 where there is none.
inline std::int64_t number(const Result &rows, std::size_t column = 0) {
    return rows.rows() == 0 ? 0 : rows.integer(0, column);
}

// Numbers between commas.
inline std::string listed(std::span<const std::int64_t> ids) {
    std::string text;
    for (const std::int64_t id : ids) {
        text.append(text.empty() ? "" : ", ").append(std::to_string(id));
    }
    return text;
}

// Reads an attachment, whose columns begin with this one: uuid, compressed size, uncompressed size,
// compression type, uncompressed hash, compressed hash, revision, custom data.
void read_attachment(const Result &rows, std::size_t row, std::size_t column, std::int32_t type,
                     Orthanc::DatabasePluginMessages::FileInfo &file);

// Reads an attachment that is gone, whose columns begin with this one: uuid, type, compressed size,
// uncompressed size, compression type, uncompressed hash, compressed hash, custom data.
void read_deleted(const Result &rows, std::size_t row, std::size_t column,
                  Orthanc::DatabasePluginMessages::FileInfo &file);

} // namespace orthanc_images::database
