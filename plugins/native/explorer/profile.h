// What the pages are told at their start: the plugins, the options, and what the user may do.
#pragma once

#include "explorer/options.h"

#include "framework/http.h"
#include "framework/json.h"

#include <nlohmann/json.hpp>

#include <string>
#include <utility>
#include <vector>

namespace orthanc_images::explorer {

// The headers of a request, to be passed on to routes that judge by them.
using Headers = std::vector<std::pair<std::string, std::string>>;

// Returns what each plugin says of itself, with whether it is enabled. `root` is that of the pages: addresses
// lead from there. Orthanc must have started.
Json plugins_of(const Json &configuration, const std::string &root);

// Returns the options as they hold for a user of this profile, {"permissions": [...]}: an option stays only
// where one of the permissions that allow it is there.
Json allowed(Json ui, const Json &profile);

// Returns the options as they hold on a server that cannot be written to.
Json unchanging(Json ui);

// Returns the way from the pages, which are one folder below this root, to the server's own root: "../../"
// for "/ui/".
std::string way_up(const std::string &root);

// The answer to GET api/configuration.
Json configuration_answer(const Options &options, const Json &configuration, const Json &plugins,
                          const Headers &headers);

// The answer to GET api/pre-login-configuration.
Json public_answer(const Options &options);

// What a page needs to ask for the first studies before it knows anything else. Whoever sees the page sees
// it, so nothing of a user is in it. `system` is the answer of GET /system.
Json hints(const Options &options, const Json &configuration, const Json &system);

} // namespace orthanc_images::explorer
