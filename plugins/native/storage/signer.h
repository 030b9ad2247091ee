// What a request has to prove who asks, as each store wants it.
#pragma once

#include "framework/json.h"

#include <ctime>
#include <memory>
#include <string>
#include <vector>

namespace orthanc_images::storage {

// A GET of an object.
struct Question {
    // The path of the address, as it is sent.
    std::string path;
    // The header Range, or nothing.
    std::string range;
};

// Lines such as "Name: value".
using Headers = std::vector<std::string>;

class Signer {
  public:
    Signer() = default;
    Signer(const Signer &) = delete;
    Signer &operator=(const Signer &) = delete;
    virtual ~Signer() = default;

    // Adds the headers that prove who asks. May be called by several threads at once.
    virtual void sign(const Question &question, std::time_t now, Headers &headers) const = 0;

    // Returns what the address ends with.
    virtual std::string query() const {
        return {};
    }

    // Tells whether a store would still accept it.
    virtual bool valid(std::time_t /*now*/) const {
        return true;
    }
};

// Returns what signs with these credentials the requests to this host. They are an object with the member
// "kind":
//
//   s3           "region", "access", "secret", and "token" or an empty text: Signature Version 4
//   shared-key   "account", and "key" in base64: Azure's Shared Key
//   query        "query", which the address ends with: Azure's shared access signature
//   bearer       "token", or an empty text where none is needed, and "until", in seconds since 1970, or 0
//
// An Error is about the format; it shows no secret.
std::shared_ptr<const Signer> signer_of(const Json &credentials, const std::string &host);

} // namespace orthanc_images::storage
