// A transaction of Orthanc's core: one connection, and the requests that are answered over it.
#pragma once

#include "database/index/context.h"

#include "database/driver/pool.h"

#include "OrthancDatabasePlugin.pb.h"

namespace orthanc_images::database {

class Transaction {
  public:
    Transaction(Pool::Lease lease, const Catalogue &statements, Schema &schema, Access access);
    Transaction(const Transaction &) = delete;
    Transaction &operator=(const Transaction &) = delete;

    // Undoes what has not been committed, and gives the connection back.
    ~Transaction();

    // Answers a request. A connection that is lost before COMMIT is DatabaseCannotSerialize: nothing has been
    // done yet, and the core begins again, over another connection.
    void answer(const messages::TransactionRequest &request, messages::TransactionResponse &response);

  private:
    void commit();

    Pool::Lease lease_;
    const Context context_;
    bool open_ = true;
};

} // namespace orthanc_images::database
