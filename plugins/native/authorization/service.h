// The service that says who a user is and what a token opens. Whatever goes wrong with it is an Error.
#pragma once

#include "authorization/cache.h"
#include "authorization/resources.h"
#include "authorization/settings.h"
#include "authorization/wire.h"

#include "framework/json.h"

#include <orthanc/OrthancCPlugin.h>

#include <functional>
#include <memory>
#include <string>

namespace orthanc_images::authorization {

// A token of a request, from a header or from an argument of the query. Both texts are empty for a request
// without any: it is that of the anonymous.
struct Token {
    bool header = false;
    std::string key = {};
    std::string value = {};

    bool anonymous() const noexcept {
        return value.empty();
    }

    // What a cache finds it by.
    std::string cached() const;
};

// When a request must have been judged.
class Deadline {
  public:
    Deadline() : end_(Clock::now() + LIMIT) {}

    // Returns what is left; an Error when nothing is.
    std::chrono::milliseconds left() const;

  private:
    static constexpr std::chrono::seconds LIMIT{10};

    Clock::time_point end_;
};

class Service {
  public:
    // `settings` must live longer.
    explicit Service(const Settings &settings) : settings_(settings) {}

    // Returns who the token belongs to.
    std::shared_ptr<const Profile> profile(const Token &token, const Deadline &deadline);

    // Tells whether the token opens the resource.
    bool opens(const Token &token, OrthancPluginHttpMethod method, const Access &access,
               const Deadline &deadline);

    // Returns the name of a user, or the identifier where the service knows none.
    std::string name_of(const std::string &id);

    // Makes a token: the body and the answer are those of the service.
    Json create(const std::string &type, const Json &body);

    // Reads a token: the answer is the service's.
    Json decode(const std::string &key, const std::string &value);

    // How it is asked; tests put something else here.
    std::function<std::string(const Question &, const Network &)> transport = answered;

    Json roles();
    Json set_roles(Json roles);

  private:
    Json ask(OrthancPluginHttpMethod method, const std::string &url, const Json &body,
             const Deadline &deadline, const Token &forwarded = {});

    const Settings &settings_;
    Cache<Profile> profiles_;
    Cache<bool> answers_;
    Cache<std::string> names_;
};

} // namespace orthanc_images::authorization
