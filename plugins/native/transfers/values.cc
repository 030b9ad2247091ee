#include "transfers/values.h"

#include "framework/errors.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <unordered_map>
#include <utility>

namespace orthanc_images::transfers {

namespace {

// Some servers refuse addresses beyond 2,000 bytes; this leaves room for one more identifier.
constexpr std::size_t LONGEST_URL = 2000 - 44;

[[noreturn]] void refuse(const std::string &what) {
    throw Error(OrthancPluginErrorCode_BadFileFormat, what);
}

const Json &field(const Json &object, const char *name) {
    if (!object.is_object()) {
        refuse("an object is expected, with the field " + std::string(name) + ".");
    }
    const auto found = object.find(name);
    if (found == object.end()) {
        refuse(std::string(name) + ": is missing.");
    }
    return *found;
}

std::string text(const Json &object, const char *name) {
    const Json &value = field(object, name);
    if (!value.is_string()) {
        refuse(std::string(name) + ": is not a text.");
    }
    return value.get<std::string>();
}

void demand_list(const Json &value, const char *name) {
    if (!value.is_array()) {
        refuse(std::string(name) + ": is not a list.");
    }
}

// Sizes and offsets travel as texts, since JSON's numbers are not exact everywhere.
std::uint64_t number(const Json &object, const char *name) {
    const std::string digits = text(object, name);
    std::uint64_t value = 0;
    const char *end = digits.data() + digits.size();
    const auto [stop, error] = std::from_chars(digits.data(), end, value);
    if (error != std::errc() || stop != end) {
        refuse(std::string(name) + ": is not a whole number.");
    }
    return value;
}

bool is_hexadecimal(std::string_view value) {
    return value.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

std::string identifier(const Json &object) {
    std::string id = text(object, "ID");
    if (!is_identifier(id)) {
        refuse("ID: is not an identifier of Orthanc.");
    }
    return id;
}

Instance instance_of(const Json &object) {
    Instance instance{identifier(object), number(object, "Size"), text(object, "MD5")};
    if (instance.size == 0 || instance.size > std::numeric_limits<std::uint32_t>::max()) {
        refuse("Size: instance " + instance.id + " has " + std::to_string(instance.size) +
               " bytes. Orthanc takes from 1 byte to 4 GiB.");
    }
    if (instance.md5.size() != 32 || !is_hexadecimal(instance.md5)) {
        refuse("MD5: is not one, for instance " + instance.id + ".");
    }
    return instance;
}

// Adds the buckets of an instance that gets buckets of its own.
void divide(const Instance &instance, std::uint64_t most, std::vector<Bucket> &buckets) {
    const std::uint64_t count = (instance.size + most - 1) / most;
    const std::uint64_t part = instance.size / count;
    for (std::uint64_t i = 0; i < count; ++i) {
        const std::uint64_t size = i + 1 == count ? instance.size - i * part : part;
        buckets.push_back({{instance.id, i * part, size}});
    }
}

} // namespace

bool is_identifier(std::string_view text) {
    return !text.empty() && text.size() <= 64 &&
           text.find_first_not_of("0123456789abcdef-") == std::string_view::npos;
}

Query query_of(const Json &body) {
    Query query;
    query.resources = field(body, "Resources");
    demand_list(query.resources, "Resources");
    query.peer = text(body, "Peer");
    const std::string compression = text(body, "Compression");
    if (compression != "gzip" && compression != "none") {
        refuse(R"(Compression: write "gzip" or "none".)");
    }
    query.gzip = compression == "gzip";
    if (body.contains("Priority")) {
        const Json &priority = body.at("Priority");
        if (!priority.is_number_integer() || priority < std::numeric_limits<int>::min() ||
            priority > std::numeric_limits<int>::max()) {
            refuse("Priority: is not a whole number.");
        }
        query.priority = priority.get<int>();
    }
    if (body.contains("SenderTransferID")) {
        query.sender = text(body, "SenderTransferID");
    }
    if (body.contains("Originator")) {
        query.originator = text(body, "Originator");
    }
    for (const Json &resource : query.resources) {
        const std::string level = text(resource, "Level");
        if (level != "Patient" && level != "Study" && level != "Series" && level != "Instance") {
            refuse(R"(Level: write "Patient", "Study", "Series" or "Instance".)");
        }
        identifier(resource);
    }
    return query;
}

Json saved_query(const Query &query) {
    Json saved{{"Peer", query.peer},
               {"Resources", query.resources},
               {"Compression", query.gzip ? "gzip" : "none"},
               {"SenderTransferID", query.sender}};
    if (query.originator) {
        saved["Originator"] = *query.originator;
    }
    return saved;
}

std::vector<Instance> instances_of(const Json &list) {
    std::vector<Instance> instances;
    std::unordered_map<std::string, bool> known;
    demand_list(list, "Instances");
    for (const Json &one : list) {
        instances.push_back(instance_of(one));
        if (!known.emplace(instances.back().id, true).second) {
            refuse("Instances: " + instances.back().id + " is there twice.");
        }
    }
    return instances;
}

Json described(const std::vector<Instance> &instances) {
    Json all = Json::array();
    for (const Instance &one : instances) {
        all.push_back({{"ID", one.id}, {"Size", std::to_string(one.size)}, {"MD5", one.md5}});
    }
    return all;
}

std::vector<Bucket> buckets_of(const Json &list, const std::vector<Instance> &instances) {
    std::unordered_map<std::string_view, std::uint64_t> sizes;
    for (const Instance &one : instances) {
        sizes.emplace(one.id, one.size);
    }
    std::vector<Bucket> buckets;
    demand_list(list, "Buckets");
    for (const Json &chunks : list) {
        demand_list(chunks, "Buckets");
        Bucket bucket;
        std::uint64_t all = 0;
        for (const Json &one : chunks) {
            Chunk chunk{identifier(one), number(one, "Offset"), number(one, "Size")};
            const auto size = sizes.find(chunk.id);
            if (size == sizes.end() || chunk.offset > size->second ||
                chunk.size > size->second - chunk.offset) {
                refuse("Buckets: a chunk of " + chunk.id + " lies beyond the instances.");
            }
            all += chunk.size;
            bucket.push_back(std::move(chunk));
        }
        if (all > LARGEST_BUCKET) {
            refuse("Buckets: one has more than 256 MiB. Set Transfers.BucketSize of the sender to less.");
        }
        buckets.push_back(std::move(bucket));
    }
    return buckets;
}

Json described(const std::vector<Bucket> &buckets) {
    Json all = Json::array();
    for (const Bucket &bucket : buckets) {
        Json chunks = Json::array();
        for (const Chunk &one : bucket) {
            chunks.push_back(
                {{"ID", one.id}, {"Offset", std::to_string(one.offset)}, {"Size", std::to_string(one.size)}});
        }
        all.push_back(std::move(chunks));
    }
    return all;
}

std::uint64_t total(const std::vector<Instance> &instances) {
    std::uint64_t all = 0;
    for (const Instance &one : instances) {
        all += one.size;
    }
    return all;
}

std::uint64_t total(const Bucket &bucket) {
    std::uint64_t all = 0;
    for (const Chunk &one : bucket) {
        all += one.size;
    }
    return all;
}

std::uint64_t mebibytes(std::uint64_t size) {
    constexpr std::uint64_t ONE = 1024 * std::uint64_t{1024};
    return (size + ONE / 2) / ONE;
}

std::string chunks_path(const Bucket &bucket, bool gzip) {
    std::string path = "/transfers/chunks/";
    for (std::size_t i = 0; i < bucket.size(); ++i) {
        path += (i == 0 ? "" : ".") + bucket[i].id;
    }
    return path + "?offset=" + std::to_string(bucket.empty() ? 0 : bucket.front().offset) +
           "&size=" + std::to_string(total(bucket)) + "&compression=" + (gzip ? "gzip" : "none");
}

std::vector<Bucket> plan(const std::vector<Instance> &instances, std::uint64_t size,
                         const std::optional<std::string> &peer) {
    std::vector<Bucket> buckets;
    Bucket group;
    std::uint64_t grouped = 0;
    for (const Instance &one : instances) {
        if (one.size >= size) {
            divide(one, 2 * size, buckets);
            continue;
        }
        group.push_back({one.id, 0, one.size});
        grouped += one.size;
        if (grouped >= size || (peer && peer->size() + chunks_path(group, true).size() >= LONGEST_URL)) {
            buckets.push_back(std::exchange(group, {}));
            grouped = 0;
        }
    }
    if (!group.empty()) {
        buckets.push_back(std::move(group));
    }
    return buckets;
}

} // namespace orthanc_images::transfers
