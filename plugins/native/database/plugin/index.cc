// The plugins that keep Orthanc's index in a database, each with its choice.
#include "database/index/index.h"
#include "database/driver/backend.h"
#include "database/index/adapter.h"
#include "database/index/audit.h"
#include "database/plugin/choice.h"
#include "database/schema/schema.h"

#include "framework/configuration.h"
#include "framework/plugin.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

namespace orthanc_images {

void start() {
    const bool read_only = Configuration::whole().flag("ReadOnly", false);
    std::optional<database::Backend> backend =
        database::chosen_backend.make(database::Purpose::index, read_only);
    if (!backend) {
        return;
    }
    database::register_audit_logs(backend->schema);
    const auto retries = static_cast<std::uint32_t>(backend->retries.most);
    database::register_index(
        std::make_unique<database::Index>(std::move(*backend), database::chosen_schema.make, read_only),
        retries);
}

// Orthanc ends the index by itself.
void finish() {}

} // namespace orthanc_images
