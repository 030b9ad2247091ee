// A transaction that ends with its value.
#pragma once

#include "database/driver/connection.h"

namespace orthanc_images::database {

// A transaction that writes, and is rolled back unless it is committed.
class Writing {
  public:
    explicit Writing(Connection &connection) : connection_(connection) {
        connection.begin(Access::read_write);
    }

    Writing(const Writing &) = delete;
    Writing &operator=(const Writing &) = delete;

    ~Writing() {
        if (!committed_) {
            connection_.rollback();
        }
    }

    void commit() {
        connection_.commit();
        committed_ = true;
    }

  private:
    Connection &connection_;
    bool committed_ = false;
};

} // namespace orthanc_images::database
