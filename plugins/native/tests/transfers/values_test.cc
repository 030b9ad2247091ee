// What travels: how it is written, read and divided, and what of it is refused.
#include "framework/errors.h"
#include "tests/fake_orthanc.h"
#include "transfers/codec.h"
#include "transfers/reception.h"
#include "transfers/values.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <thread>

using namespace orthanc_images;
using namespace orthanc_images::transfers;
using orthanc_images::tests::FakeOrthanc;

namespace {

std::string md5(std::string_view content) {
    Digest digest;
    digest.add(content);
    return digest.text();
}

Instance instance(const std::string &id, const std::string &content) {
    return {id, content.size(), md5(content)};
}

const std::string FOLDER = std::filesystem::temp_directory_path().string();

// Notes what is stored.
void storing(FakeOrthanc &orthanc, std::vector<std::string> &stored) {
    orthanc.api = [&stored](const _OrthancPluginCallRestApi &call, std::string &body) {
        CHECK(call.method == OrthancPluginHttpMethod_Post);
        CHECK(call.uri == std::string("/instances"));
        const std::string content(static_cast<const char *>(call.body), call.bodySize);
        *call.httpStatus = content == "bad" ? 400 : 200;
        stored.push_back(content);
        body = "{}";
        return OrthancPluginErrorCode_Success;
    };
}

} // namespace

TEST_CASE("small instances share buckets, larger ones have their own, and large ones several") {
    const std::vector<Bucket> expected{{{"a", 0, 40}, {"b", 0, 70}},
                                       {{"c", 0, 150}},
                                       {{"d", 0, 166}},
                                       {{"d", 166, 166}},
                                       {{"d", 332, 168}},
                                       {{"e", 0, 1}}};
    CHECK(plan({{"a", 40, ""}, {"b", 70, ""}, {"c", 150, ""}, {"d", 500, ""}, {"e", 1, ""}}, 100) ==
          expected);
    CHECK(plan({}, 100).empty());
}

TEST_CASE("a bucket that is asked for has a short address") {
    std::vector<Instance> instances;
    for (int i = 0; i < 100; ++i) {
        instances.push_back({std::string(42, 'a') + std::to_string(10 + i % 90), 10, ""});
    }
    const std::string peer = "http://peer:8042/";
    CHECK(plan(instances, 1000000).size() == 1);
    const std::vector<Bucket> buckets = plan(instances, 1000000, peer);
    CHECK(buckets.size() == 3);
    for (const Bucket &bucket : buckets) {
        CHECK(peer.size() + chunks_path(bucket, true).size() < 2000);
    }
}

TEST_CASE("the address of a bucket names its instances and its place") {
    CHECK(chunks_path({{"a1", 5, 10}, {"b2", 0, 20}}, true) ==
          "/transfers/chunks/a1.b2?offset=5&size=30&compression=gzip");
    CHECK(chunks_path({{"a1", 0, 10}}, false) == "/transfers/chunks/a1?offset=0&size=10&compression=none");
}

TEST_CASE("instances and buckets survive being written") {
    const std::vector<Instance> instances{instance("a1", "one"), instance("b2", "three")};
    CHECK(instances_of(described(instances)) == instances);
    const std::vector<Bucket> buckets = plan(instances, 4);
    CHECK(buckets_of(described(buckets), instances) == buckets);
    CHECK(described(instances)[0].at("Size") == "3");
}

TEST_CASE("what cannot be is refused") {
    const std::string md = md5("x");
    const auto refused = [](const Json &list, const std::string &what) {
        CHECK_THROWS_WITH(instances_of(list), Catch::Matchers::ContainsSubstring(what));
    };
    refused({{{"ID", "../a"}, {"Size", "1"}, {"MD5", md}}}, "ID");
    refused({{{"ID", "a"}, {"Size", "0"}, {"MD5", md}}}, "Size");
    refused({{{"ID", "a"}, {"Size", "4294967296"}, {"MD5", md}}}, "Size");
    refused({{{"ID", "a"}, {"Size", "-1"}, {"MD5", md}}}, "Size");
    refused({{{"ID", "a"}, {"Size", 1}, {"MD5", md}}}, "Size");
    refused({{{"ID", "a"}, {"Size", "99999999999999999999999"}, {"MD5", md}}}, "Size");
    refused({{{"ID", "a"}, {"Size", "1"}, {"MD5", "short"}}}, "MD5");
    refused({{{"ID", "a"}, {"Size", "1"}, {"MD5", md}}, {{"ID", "a"}, {"Size", "1"}, {"MD5", md}}}, "twice");
    refused(Json::object(), "list");
    refused({1}, "object");
    const std::vector<Instance> known{instance("a", "four")};
    const auto beyond = [&](const char *id, const char *offset, const char *size) {
        CHECK_THROWS_AS(buckets_of({{{{"ID", id}, {"Offset", offset}, {"Size", size}}}}, known), Error);
    };
    beyond("b", "0", "1");
    beyond("a", "5", "0");
    beyond("a", "1", "4");
    beyond("a", "18446744073709551615", "2");
}

TEST_CASE("a query has what it must have") {
    const Json good{
        {"Resources", {{{"Level", "Study"}, {"ID", "ab"}}}}, {"Compression", "gzip"}, {"Peer", "p"}};
    const Query query = query_of(good);
    CHECK(query.gzip);
    CHECK(query.peer == "p");
    CHECK(query.priority == 0);
    for (const char *field : {"Resources", "Compression", "Peer"}) {
        Json bad = good;
        bad.erase(field);
        CHECK_THROWS_AS(query_of(bad), Error);
        bad[field] = 1;
        CHECK_THROWS_AS(query_of(bad), Error);
    }
    const auto refused = [&](const char *field, const Json &value) {
        Json bad = good;
        bad[field] = value;
        CHECK_THROWS_AS(query_of(bad), Error);
    };
    refused("Compression", "zip");
    refused("Priority", "high");
    refused("Resources", {{{"Level", "Frame"}, {"ID", "ab"}}});
    refused("Resources", {{{"Level", "Study"}, {"ID", "../.."}}});
    CHECK_THROWS_AS(query_of({1, 2}), Error);
    Json full = good;
    full["Priority"] = -3;
    full["SenderTransferID"] = "s";
    full["Originator"] = "o";
    CHECK(query_of(full).priority == -3);
    full.erase("Priority");
    CHECK(saved_query(query_of(full)) == full);
}

TEST_CASE("gzip gives back what it was given, and never more than expected") {
    const std::string content = std::string(3000000, 'a') + "end";
    const std::string small = compressed(content);
    CHECK(small.size() < 20000);
    CHECK(expanded(small, content.size()) == content);
    CHECK(expanded(compressed(""), 0).empty());
    CHECK_THROWS_AS(expanded(small, content.size() - 1), Error);
    CHECK_THROWS_AS(expanded(small, content.size() + 1), Error);
    CHECK_THROWS_AS(expanded(small + "x", content.size()), Error);
    CHECK_THROWS_AS(expanded(small.substr(0, small.size() / 2), content.size()), Error);
    CHECK_THROWS_AS(expanded("no gzip", 7), Error);
    CHECK_THROWS_AS(expanded("", 7), Error);
    CHECK(md5("") == "d41d8cd98f00b204e9800998ecf8427e");
}

TEST_CASE("buckets in any order, from several threads, become the instances") {
    FakeOrthanc orthanc;
    std::vector<std::string> stored;
    storing(orthanc, stored);
    std::vector<Instance> instances;
    std::vector<std::string> contents;
    std::string all;
    for (int i = 0; i < 20; ++i) {
        contents.push_back(std::string(static_cast<std::size_t>(i == 7 ? 50000 : 100 + i), 'a' + char(i)) +
                           "!");
        all += contents.back();
        instances.push_back(instance(std::to_string(100 + i), contents.back()));
    }
    const std::vector<Bucket> buckets = plan(instances, 1000);
    REQUIRE(buckets.size() > 20);
    std::vector<std::string> bodies;
    for (const Bucket &bucket : buckets) {
        std::string body;
        for (const Chunk &chunk : bucket) {
            body += contents[std::stoul(chunk.id) - 100].substr(chunk.offset, chunk.size);
        }
        bodies.push_back(body);
    }
    Reception reception(instances, buckets, FOLDER);
    CHECK_THROWS_AS(reception.check(), Error);
    std::atomic<std::size_t> next{0};
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 4; ++i) {
            threads.emplace_back([&] {
                for (std::size_t one = next++; one < bodies.size(); one = next++) {
                    const std::size_t number = bodies.size() - 1 - one;
                    reception.receive(number, compressed(bodies[number]), true);
                }
            });
        }
    }
    reception.receive(0, bodies[0], false);
    reception.check();
    reception.store(3, {});
    CHECK(reception.stored() == 20);
    std::ranges::sort(stored);
    std::ranges::sort(contents);
    CHECK(stored == contents);
    reception.store(3, {});
    CHECK(stored.size() == 20);
}

TEST_CASE("nothing is stored of what is not what it should be") {
    FakeOrthanc orthanc;
    std::vector<std::string> stored;
    storing(orthanc, stored);
    const std::vector<Instance> instances{instance("a", "one"), instance("b", "two")};
    Reception reception(instances, {{{"a", 0, 3}}, {{"b", 0, 3}}}, FOLDER);
    CHECK_THROWS_AS(reception.receive(2, "one", false), Error);
    CHECK_THROWS_AS(reception.receive(0, "on", false), Error);
    CHECK_THROWS_AS(reception.receive(0, "ones", false), Error);
    reception.receive(0, "one", false);
    CHECK_THROWS_WITH(reception.check(), "bucket 1 of 2 has not come");
    reception.receive(1, "tow", false);
    CHECK_THROWS_WITH(reception.check(),
                      Catch::Matchers::ContainsSubstring("instance b is not what its sender has"));
    CHECK(stored.empty());
}

TEST_CASE("buckets that leave a part out do not pass") {
    const FakeOrthanc orthanc;
    Reception reception({instance("a", "12345678")}, {{{"a", 0, 2}}, {{"a", 6, 2}}}, FOLDER);
    reception.receive(1, "78", false);
    reception.receive(0, "12", false);
    CHECK_THROWS_WITH(reception.check(), Catch::Matchers::ContainsSubstring("a part of it is missing"));
}

TEST_CASE("an instance that Orthanc refuses is an error after the others") {
    FakeOrthanc orthanc;
    std::vector<std::string> stored;
    storing(orthanc, stored);
    Reception reception({instance("a", "bad"), instance("b", "two")}, {{{"a", 0, 3}, {"b", 0, 3}}}, FOLDER);
    reception.receive(0, "badtwo", false);
    reception.check();
    CHECK_THROWS_WITH(reception.store(1, {}),
                      "1 of 2 instances are not stored: instance a: Orthanc answers 400");
    CHECK(stored == std::vector<std::string>{"bad", "two"});
}

TEST_CASE("more than the disk has is refused at once") {
    const FakeOrthanc orthanc;
    std::vector<Instance> instances;
    for (int i = 0; i < 20000; ++i) {
        instances.push_back({std::to_string(i), 4000000000, md5("")});
    }
    CHECK_THROWS_WITH(Reception(instances, {}, FOLDER), Catch::Matchers::ContainsSubstring("has no room"));
    CHECK_THROWS_WITH(Reception({instance("a", "x")}, {}, "/no/folder"),
                      Catch::Matchers::ContainsSubstring("TemporaryDirectory"));
}
