// Who may do what: the one judge of requests, for the filter, for the routes and for `config authorization`.
#pragma once

#include "authorization/resources.h"
#include "authorization/service.h"
#include "authorization/settings.h"

#include <orthanc/OrthancCPlugin.h>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace orthanc_images::authorization {

// A request as it comes in: the path is decoded once, the names of headers are in small letters.
struct Asked {
    OrthancPluginHttpMethod method;
    std::string_view uri;
    Arguments headers;
    Arguments arguments;
};

// What the configuration alone says of a request.
struct Reading {
    // Empty: the path could be taken for another one.
    std::string path;
    // The unchecked resource or folder that lets it through; empty for none.
    std::string unchecked = {};
    // The number of the entry of the table that decides; as many as there are for none.
    std::size_t entry = 0;
};

// Reads a request; nothing is asked.
Reading read(const Settings &settings, OrthancPluginHttpMethod method, std::string_view uri);

// Returns the tokens of a request that have a value: those of headers first.
std::vector<Token> tokens_of(const Settings &settings, const Asked &asked);

// Returns the user whose name and password a request has, when both are right and "Users" knows the user.
const Profile *local_user(const Settings &settings, const Asked &asked);

struct Decision {
    bool granted = false;
    // Why, in words, without tokens.
    std::string why;
    // Something went wrong: what refuses it is not the table.
    bool trouble = false;
};

class Judge {
  public:
    // All of them must live longer.
    Judge(const Settings &settings, const Paths &paths, Resources &resources, Service &service)
        : settings_(settings), paths_(paths), resources_(resources), service_(service) {}

    // Decides; throws nothing.
    Decision decide(const Asked &asked) noexcept;

    // Returns the profiles of the user and of the tokens of a request; that of the anonymous when there are
    // none. What cannot be had is left out.
    std::vector<std::shared_ptr<const Profile>> profiles(const Asked &asked);

    // Tells whether the labels of a resource make it the user's. It is looked at by the levels that are
    // checked: at the resource and above, else below.
    bool owns(const Profile &profile, const Target &target);

    // Tells whether one of the tokens (or nobody in particular) opens a resource.
    bool opens(const std::vector<Token> &tokens, OrthancPluginHttpMethod method, const Access &access,
               const Deadline &deadline);

    // Whether the answers of searches are cut down, so that DICOMweb's may be let through.
    bool searches_are_cut = false;

  private:
    struct Identity {
        std::shared_ptr<const Profile> profile;
        Token token;
    };

    Decision decided(const Asked &asked, std::string &trouble);
    bool granted_by_entry(const Asked &asked, const Reading &reading, const Entry &entry,
                          std::vector<Token> &tokens, const Deadline &deadline, std::string &trouble);
    bool labels_fit(const Asked &asked, const Reading &reading, const Profile &profile);
    bool granted_by_tokens(const Asked &asked, const Reading &reading, const std::vector<Token> &tokens,
                           const Deadline &deadline);

    const Settings &settings_;
    const Paths &paths_;
    Resources &resources_;
    Service &service_;
};

} // namespace orthanc_images::authorization
