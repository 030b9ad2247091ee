// The plugins that keep Orthanc's files in a database, each with its choice.
#include "database/driver/backend.h"
#include "database/plugin/choice.h"
#include "database/storage/area.h"
#include "database/storage/callbacks.h"

#include "framework/configuration.h"
#include "framework/plugin.h"

#include <memory>
#include <optional>
#include <utility>

namespace orthanc_images {

void start() {
    const bool read_only = Configuration::whole().flag("ReadOnly", false);
    std::optional<database::Backend> backend =
        database::chosen_backend.make(database::Purpose::storage, read_only);
    if (!backend) {
        return;
    }
    database::register_area(std::make_unique<database::Area>(std::move(*backend), read_only));
}

void finish() {
    database::end_area();
}

} // namespace orthanc_images
