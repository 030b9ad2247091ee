// The files of sql/, as embed.cmake writes them into statements.cc.
#pragma once

#include "database/catalogue.h"

#include <span>
#include <string_view>

namespace orthanc_images::database {

struct File {
    std::string_view name;
    std::span<const Block> blocks;
};

std::span<const File> files() noexcept;

} // namespace orthanc_images::database
