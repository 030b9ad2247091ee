#include "database/catalogue.h"

#include "database/statements.h"

#include <charconv>

namespace orthanc_images::database {

namespace {

const char *name_of(SchemaKind schema) {
    switch (schema) {
    case SchemaKind::postgresql:
        return "postgresql";
    case SchemaKind::mysql:
        return "mysql";
    case SchemaKind::odbc:
        return "odbc";
    }
    throw Error(OrthancPluginErrorCode_ParameterOutOfRange, "schema: there is none with this number.");
}

const char *name_of(Dialect dialect) {
    switch (dialect) {
    case Dialect::postgresql:
        return "postgresql";
    case Dialect::mysql:
        return "mysql";
    case Dialect::sqlite:
        return "sqlite";
    case Dialect::mssql:
        return "mssql";
    }
    throw Error(OrthancPluginErrorCode_ParameterOutOfRange, "dialect: there is none with this number.");
}

const File *file_named(std::string_view name) noexcept {
    for (const File &file : files()) {
        if (file.name == name) {
            return &file;
        }
    }
    return nullptr;
}

// Replaces ?1, ?2 … by ?, and notes which value each stands for.
Statement read(std::string_view name, std::string_view text) {
    Statement statement;
    for (std::size_t at = 0; at < text.size(); ++at) {
        statement.text += text[at];
        if (text[at] != '?') {
            continue;
        }
        std::size_t number = 0;
        const auto [end, error] = std::from_chars(text.data() + at + 1, text.data() + text.size(), number);
        if (error != std::errc()) {
            continue;
        }
        if (number < 1 || number > most_values || statement.order.size() == most_values) {
            throw Error(OrthancPluginErrorCode_InternalError,
                        "statement " + std::string(name) + ": it has too many values.");
        }
        statement.order.push_back(static_cast<std::uint8_t>(number - 1));
        at = static_cast<std::size_t>(end - text.data()) - 1;
    }
    return statement;
}

} // namespace

std::span<const Block> blocks(std::string_view file) {
    if (const File *found = file_named(file)) {
        return found->blocks;
    }
    throw Error(OrthancPluginErrorCode_InternalError,
                "sql/" + std::string(file) + ".sql: there is no such file.");
}

Catalogue::Catalogue(SchemaKind schema, Dialect dialect, std::string_view part) {
    const std::string start = std::string(part) + '-';
    const std::string of_schema = start + name_of(schema);
    for (const std::string &name :
         {std::string("common"), std::string("dialect-") + name_of(dialect),
          schema == SchemaKind::postgresql ? std::string() : start + "images",
          start + "on-" + name_of(dialect), of_schema, of_schema + '-' + name_of(dialect)}) {
        if (const File *file = file_named(name)) {
            for (const Block &block : file->blocks) {
                statements_.insert_or_assign(std::string(block.name), read(block.name, block.text));
            }
        }
    }
    for (auto &[name, statement] : statements_) {
        const std::size_t colon = name.find(':');
        const int number = colon == std::string::npos ? 1 : std::stoi(name.substr(colon + 1));
        const auto next = statements_.find(name.substr(0, colon) + ':' + std::to_string(number + 1));
        statement.next = next == statements_.end() ? nullptr : &next->second;
    }
}

const Statement &Catalogue::statement(std::string_view name) const {
    const auto found = statements_.find(name);
    if (found == statements_.end()) {
        throw Error(OrthancPluginErrorCode_InternalError,
                    "statement " + std::string(name) + ": the catalogue of this schema and server lacks it.");
    }
    return found->second;
}

const std::string &Catalogue::operator[](std::string_view name) const {
    return statement(name).text;
}

bool Catalogue::has(std::string_view name) const noexcept {
    return statements_.find(name) != statements_.end();
}

std::string Catalogue::format(std::string_view name,
                              std::initializer_list<std::string_view> arguments) const {
    const std::string_view text = (*this)[name];
    std::string formatted;
    std::size_t done = 0;
    for (std::size_t open = text.find('{'); open != std::string_view::npos; open = text.find('{', done)) {
        const std::size_t close = text.find('}', open);
        std::size_t number = arguments.size();
        if (close != std::string_view::npos) {
            std::from_chars(text.data() + open + 1, text.data() + close, number);
        }
        if (number >= arguments.size()) {
            throw Error(OrthancPluginErrorCode_InternalError,
                        "statement " + std::string(name) + ": it has a place that nothing is given for.");
        }
        formatted.append(text, done, open - done).append(arguments.begin()[number]);
        done = close + 1;
    }
    return formatted.append(text, done);
}

} // namespace orthanc_images::database
