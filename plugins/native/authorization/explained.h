// What the configuration alone says of requests: for people, and for the check before the start.
#pragma once

#include "framework/json.h"

#include <string>
#include <string_view>

namespace orthanc_images::authorization {

// Returns which entry of the table decides about a request, and who is asked what, as an object:
//
//   path       as the entries see it; missing where it could be taken for another one
//   unchecked  what lets it through without any check, if anything
//   entry      {place, method, pattern, permissions}, if any
//   users      [{name, labels}] of "Users" who have one of the permissions
//   targets    [{level, id or uids}] of the resources that it reaches
//   checked    the levels that are checked
//   profile, validation    where the service is asked; empty: nowhere
//   headers, arguments     where a token may be
//   search     whether its answer is cut down to what a token opens
//
// The path may have a query. An Error when the configuration or the method is wrong.
Json explained(const Json &configuration, std::string_view method, std::string_view path);

// Returns the entries of Permissions and ExtraPermissions that are wrong: [[setting, number, what]].
Json wrong_entries(const Json &configuration);

} // namespace orthanc_images::authorization
