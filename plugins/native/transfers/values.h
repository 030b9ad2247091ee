// What travels: instances, the chunks of their files, and buckets of chunks, each of which is one HTTP
// request.
#pragma once

#include "framework/json.h"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace orthanc_images::transfers {

// A DICOM file at the sender, with the MD5 of its content.
struct Instance {
    std::string id;
    std::uint64_t size = 0;
    std::string md5;

    bool operator==(const Instance &) const = default;
};

// Some bytes of the file of an instance.
struct Chunk {
    std::string id;
    std::uint64_t offset = 0;
    std::uint64_t size = 0;

    bool operator==(const Chunk &) const = default;
};

using Bucket = std::vector<Chunk>;

// The most bytes that a bucket may have: each is in memory while it is sent or received.
constexpr std::uint64_t LARGEST_BUCKET = std::uint64_t{256} * 1024 * 1024;

// What a user wants to be sent or fetched. The resources stay as they came.
struct Query {
    Json resources;
    std::string peer;
    bool gzip = false;
    int priority = 0;
    std::string sender;
    std::optional<std::string> originator;
};

// Reads a query; an Error where it is none. Without a SenderTransferID it has none.
Query query_of(const Json &body);

// Returns a query as it is saved with its job: the priority is Orthanc's.
Json saved_query(const Query &query);

// Reads a list of instances, which must be of different ids, have a size that Orthanc can take in, and an
// MD5.
std::vector<Instance> instances_of(const Json &list);
Json described(const std::vector<Instance> &instances);

// Reads buckets, whose chunks must lie within instances of the list.
std::vector<Bucket> buckets_of(const Json &list, const std::vector<Instance> &instances);
Json described(const std::vector<Bucket> &buckets);

// Returns how many bytes they have together.
std::uint64_t total(const std::vector<Instance> &instances);
std::uint64_t total(const Bucket &bucket);

// Returns the size in MiB, rounded to the nearest.
std::uint64_t mebibytes(std::uint64_t size);

// Returns the path at a peer that answers the bucket.
std::string chunks_path(const Bucket &bucket, bool gzip);

// Divides the instances, which are in the order of their ids, into buckets of about `size` bytes. With the
// address of a peer, each bucket can be asked for with a URL that is not too long.
std::vector<Bucket> plan(const std::vector<Instance> &instances, std::uint64_t size,
                         const std::optional<std::string> &peer = {});

// Tells whether a text is an identifier that may stand in a path: of a resource, or of a transaction.
bool is_identifier(std::string_view text);

} // namespace orthanc_images::transfers
