// The service of the tests, in place of a network.
#pragma once

#include "authorization/service.h"

#include "framework/errors.h"
#include "tests/fake_orthanc.h"

#include <nlohmann/json.hpp>

#include <functional>
#include <string>
#include <utility>

namespace orthanc_images::tests {

// Returns what asks `service` with the address and the body, as JSON; an empty answer stands for none.
inline std::function<std::string(const authorization::Question &, const authorization::Network &)>
through(std::function<std::string(const std::string &url, const Json &body)> service) {
    return [service = std::move(service)](const authorization::Question &question,
                                          const authorization::Network &) {
        std::string answer =
            service(question.url, question.body.empty() ? Json() : Json::parse(question.body));
        if (answer.empty()) {
            throw Error(OrthancPluginErrorCode_NetworkProtocol, "there is no answer");
        }
        return answer;
    };
}

} // namespace orthanc_images::tests
