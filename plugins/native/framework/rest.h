// Calling Orthanc's own REST API from within.
#pragma once

#include "framework/json.h"
#include "framework/memory.h"

#include <orthanc/OrthancCPlugin.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace orthanc_images {

// A call of the REST API, with all rights. `plugins` says whether routes of plugins answer too.
struct Call {
    OrthancPluginHttpMethod method = OrthancPluginHttpMethod_Get;
    std::string uri;
    std::string_view body = {};
    std::vector<std::pair<std::string, std::string>> headers = {};
    bool plugins = false;
};

// What Orthanc answered.
struct Answer {
    std::uint16_t status;
    Buffer body;

    bool good() const noexcept {
        return status >= 200 && status < 300;
    }
};

// Makes the call. It is an Error, with Orthanc's code, when Orthanc could not do what it asks for.
Answer call(const Call &call);

// Returns the value at `uri`; an Error, UnknownResource for 404, when there is none.
Json get_json(const std::string &uri, bool plugins = false);

} // namespace orthanc_images
