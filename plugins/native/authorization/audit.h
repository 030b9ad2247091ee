// Audit logs: who did what. The index keeps them, where it is one of the databases that can.
#pragma once

#include "authorization/resources.h"

#include "framework/http.h"

#include <string>
#include <vector>

namespace orthanc_images::authorization {

// Reports what the user of a request has done; nothing while audit logs are off.
void audit(const Request &request, Level level, const std::string &id, const char *action,
           const std::string &data = {});

// Reports what a request that was let through takes away from here.
void audit_download(const std::string &user, const std::string &path, const std::vector<Target> &targets);

// Returns who makes a request, as the audit logs name users.
std::string user_of(const Request &request);

// One deletion: what is there before it, to be reported after it.
class Deletion {
  public:
    Deletion(Level level, const std::string &id, const Request &request);

    // Reports that the resource is gone.
    void done() const;

  private:
    std::string user_;
    std::vector<Access> line_;
};

} // namespace orthanc_images::authorization
