// The program behind `config check --connect`: looks at the database of one plugin, with the same settings
// and the same drivers, and without Orthanc.
//
//   database-check SECTION PURPOSE SECONDS < configuration
//
// SECTION is PostgreSQL, MySQL or Odbc, PURPOSE is index or storage, and the configuration is that of
// Orthanc. Writes one line of JSON: what check.h says, or {"error": …}. After SECONDS the system ends it
// (SIGALRM): a library that waits for a server may not ask whether it should.
#include "database/check.h"
#include "database/driver/backend.h"

#include "framework/errors.h"
#include "framework/host.h"
#include "framework/json.h"

#include <nlohmann/json.hpp>
#include <orthanc/OrthancCPlugin.h>

#include <unistd.h>

#include <charconv>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <iostream>
#include <iterator>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace orthanc_images {

const Identity identity{"database-check", "1.0", "Looks at the database of a plugin."};

namespace {

constexpr int exit_usage = 64;

// Orthanc, as far as the drivers need one: it has a configuration.
OrthancPluginErrorCode serve(OrthancPluginContext *context, _OrthancPluginService service,
                             const void *parameters) {
    if (service == _OrthancPluginService_GetConfiguration) {
        const auto &text = *static_cast<const std::string *>(context->pluginsManager);
        const auto *asked = static_cast<const _OrthancPluginRetrieveDynamicString *>(parameters);
        *asked->result =
            ::strdup(text.c_str()); // NOLINT(cppcoreguidelines-no-malloc): Orthanc's Free takes it
        return *asked->result == nullptr ? OrthancPluginErrorCode_NotEnoughMemory
                                         : OrthancPluginErrorCode_Success;
    }
    return OrthancPluginErrorCode_NotImplemented;
}

std::optional<database::Backend> backend_of(std::string_view section, database::Purpose purpose,
                                            bool read_only) {
    if (section == "PostgreSQL") {
        return database::postgresql_backend(purpose, read_only);
    }
    if (section == "MySQL") {
        return database::mysql_backend(purpose, read_only);
    }
    return database::odbc_backend(purpose, read_only);
}

Json looked_at(const std::string &configuration, std::string_view section, database::Purpose purpose) {
    try {
        const Json all = parsed(configuration, "The configuration");
        const bool read_only = all.is_object() && all.value("ReadOnly", Json(false)) == Json(true);
        const std::optional<database::Backend> backend = backend_of(section, purpose, read_only);
        if (!backend.has_value()) {
            return {{"error", std::string(section) + ": is off."}};
        }
        return database::looked_at(*backend, purpose);
    } catch (const std::exception &error) {
        return {{"error", error.what()}};
    }
}

int run(std::span<char *> arguments) {
    const std::string_view section = arguments.size() == 4 ? arguments[1] : "";
    const std::string_view purpose = arguments.size() == 4 ? arguments[2] : "";
    const std::string_view limit = arguments.size() == 4 ? arguments[3] : "";
    unsigned seconds = 0;
    std::from_chars(limit.data(), limit.data() + limit.size(), seconds);
    if ((section != "PostgreSQL" && section != "MySQL" && section != "Odbc") ||
        (purpose != "index" && purpose != "storage") || seconds == 0) {
        std::cerr << "database-check: a section, a purpose and a number of seconds are expected. Call it as: "
                     "database-check PostgreSQL index 20\n";
        return exit_usage;
    }
    ::alarm(seconds);
    std::string configuration{std::istreambuf_iterator<char>(std::cin), {}};
    OrthancPluginContext context{&configuration, "mainline", std::free, serve};
    begin(&context);
    const auto wanted = purpose == "index" ? database::Purpose::index : database::Purpose::storage;
    std::cout << written(looked_at(configuration, section, wanted)) << '\n' << std::flush;
    return EXIT_SUCCESS;
}

} // namespace

} // namespace orthanc_images

int main(int count, char **arguments) {
    return orthanc_images::run({arguments, static_cast<std::size_t>(count)});
}
