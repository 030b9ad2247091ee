// The search for resources, and what is returned of those that are found.
#pragma once

#include "database/index/context.h"

#include "OrthancDatabasePlugin.pb.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace orthanc_images::database {

// The statement that finds the resources of a request, before it is run.
class Selection {
  public:
    // Which resources an order returns: all, or those only that have the value of its first key. They are the
    // first in any case.
    enum class Ordered { all, present };

    // What is wrong with the request is an Error, ParameterOutOfRange.
    Selection(const Catalogue &statements, const messages::Find_Request &request,
              Ordered ordered = Ordered::all);

    // The resources in their order: internal id, public id.
    Query resources();

    // How many there are, without the limits.
    Query count() const;

  private:
    using Values = google::protobuf::RepeatedPtrField<std::string>;

    Query fragment(std::string_view name, std::initializer_list<Query> pieces) const {
        return Query::fragment(statements_, name, pieces);
    }

    std::string name(int level) const;
    std::string joined(int level);
    void join(const Query &join);
    void add_identifier();
    void add(const messages::DatabaseConstraint &constraint);
    void add(const messages::DatabaseMetadataConstraint &constraint);
    void add_labels();
    Query comparison(const Query &column, messages::ConstraintType type, bool sensitive,
                     const Values &values) const;
    Query pattern(const std::string &wildcards) const;
    Query order_of(const messages::Find_Request_Ordering &ordering, bool present);
    Query order();

    const Catalogue &statements_;
    const messages::Find_Request &request_;
    const Ordered ordered_;
    const int level_;
    // The highest level whose resources have been joined.
    int highest_;
    // How many tags and metadata have been joined; their names are counted.
    int rows_ = 0;
    Query joins_;
    std::vector<Query> conditions_;
};

// FIND, COUNT_RESOURCES and LOOKUP_RESOURCES.
void find(const Context &context, const messages::Find_Request &request,
          messages::TransactionResponse &response);
std::uint64_t count(const Context &context, const messages::Find_Request &request);
void lookup(const Context &context, const messages::LookupResources_Request &request,
            messages::LookupResources_Response &response);

} // namespace orthanc_images::database
