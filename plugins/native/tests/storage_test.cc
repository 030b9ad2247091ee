// The library of a store: what Orthanc asks for arrives at Python's functions, and the reverse.
#include "framework/host.h"
#include "storage/storage.h"
#include "tests/fake_orthanc.h"

#include <catch2/catch_test_macros.hpp>

#include <array>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

using namespace orthanc_images;
using namespace orthanc_images::python;
using namespace orthanc_images::storage;
using orthanc_images::tests::FakeOrthanc;

namespace {

std::vector<std::string> asked;
std::int32_t result = DONE;
const void *content_seen = nullptr;
std::int64_t ended_job = 0;
std::int64_t stopped_job = 0;

void begin_again() {
    asked.clear();
    result = DONE;
    content_seen = nullptr;
    ended_job = 0;
    stopped_job = 0;
}

std::int32_t create(const char *uuid, std::int32_t type, const void *content, std::uint64_t size) {
    asked.push_back(std::string("create ") + uuid + " " + std::to_string(type) + " " + std::to_string(size));
    content_seen = content;
    return result;
}

std::int32_t read_range(const char *uuid, std::int32_t type, std::uint64_t start, void *target,
                        std::uint64_t size) {
    asked.push_back(std::string("range ") + uuid + " " + std::to_string(type) + " " + std::to_string(start));
    std::memset(target, 'z', size);
    return result;
}

std::int32_t read_whole(const char *, std::int32_t, Sink *sink) {
    std::memcpy(orthanc_images_allocate(sink, 3), "abc", 3);
    return result;
}

std::int32_t read_nothing(const char *, std::int32_t, Sink *) {
    return result;
}

std::int32_t remove(const char *uuid, std::int32_t type) {
    asked.push_back(std::string("remove ") + uuid + " " + std::to_string(type));
    return result;
}

void end_job(std::int64_t job) {
    ended_job = job;
}

void stop_job(std::int64_t job) {
    stopped_job = job;
}

float progress(std::int64_t) {
    return 0.25F;
}

std::int32_t describe(std::int64_t job, std::int32_t saved, OrthancPluginMemoryBuffer *answer) {
    const std::string text = (saved == 1 ? "saved " : "shown ") + std::to_string(job);
    return result == DONE
               ? orthanc_images_answer(answer, text.data(), static_cast<std::uint32_t>(text.size()))
               : 0;
}

std::int32_t answer_result(std::int64_t) {
    return result;
}

std::int64_t restore(const char *saved) {
    return std::string(saved) == "saved 7" ? 7 : 0;
}

void move() {
    orthanc_images_work_by("MoveStorage", end_job, progress, describe, answer_result, stop_job, answer_result,
                           restore);
}

} // namespace

TEST_CASE("nothing is registered before Orthanc has begun") {
    CHECK(orthanc_images_store_in_ranges(create, read_range, remove) == 0);
    CHECK(orthanc_images_store_whole(create, read_whole, remove) == 0);
    CHECK(orthanc_images_work_by("MoveStorage", end_job, progress, describe, answer_result, stop_job,
                                 answer_result, restore) == 0);
}

TEST_CASE("files are handed on without a copy, and read in ranges") {
    begin_again();
    const FakeOrthanc orthanc;
    REQUIRE(orthanc_images_store_in_ranges(create, read_range, remove) == DONE);
    const std::string content = "content";
    const auto type = OrthancPluginContentType_Dicom;
    CHECK(orthanc.area2.create("u", content.data(), 7, type) == OrthancPluginErrorCode_Success);
    CHECK(content_seen == content.data());
    std::string target = "1234";
    OrthancPluginMemoryBuffer64 buffer{target.data(), 3};
    CHECK(orthanc.area2.readRange(&buffer, "u", type, 5) == OrthancPluginErrorCode_Success);
    CHECK(target == "zzz4");
    CHECK(orthanc.area2.readWhole(&buffer, "u", type) == OrthancPluginErrorCode_NotImplemented);
    result = 0;
    CHECK(orthanc.area2.remove("u", type) == OrthancPluginErrorCode_StorageAreaPlugin);
    CHECK(orthanc.area2.create("u", content.data(), -1, type) == OrthancPluginErrorCode_StorageAreaPlugin);
    CHECK(asked == std::vector<std::string>{"create u 1 7", "range u 1 5", "remove u 1"});
    end();
    result = DONE;
    CHECK(orthanc.area2.create("u", content.data(), 7, type) == OrthancPluginErrorCode_StorageAreaPlugin);
    CHECK(orthanc.area2.readRange(&buffer, "u", type, 5) == OrthancPluginErrorCode_StorageAreaPlugin);
    CHECK(orthanc.area2.remove("u", type) == OrthancPluginErrorCode_StorageAreaPlugin);
    CHECK(asked.size() == 3);
}

TEST_CASE("files that are read as a whole become Orthanc's") {
    begin_again();
    const FakeOrthanc orthanc;
    REQUIRE(orthanc_images_store_whole(create, read_whole, remove) == DONE);
    void *content = nullptr;
    std::int64_t size = 0;
    const auto type = OrthancPluginContentType_Dicom;
    REQUIRE(orthanc.area.read(&content, &size, "u", type) == OrthancPluginErrorCode_Success);
    CHECK(std::string(static_cast<const char *>(content), static_cast<std::size_t>(size)) == "abc");
    std::free(content);
    result = 0;
    content = nullptr;
    CHECK(orthanc.area.read(&content, &size, "u", type) == OrthancPluginErrorCode_StorageAreaPlugin);
    CHECK(content == nullptr);
    result = DONE;
    REQUIRE(orthanc_images_store_whole(create, read_nothing, remove) == DONE);
    CHECK(orthanc.area.read(&content, &size, "u", type) == OrthancPluginErrorCode_StorageAreaPlugin);
}

TEST_CASE("an empty file has memory too") {
    Sink sink{nullptr, 1};
    void *memory = orthanc_images_allocate(&sink, 0);
    CHECK(memory != nullptr);
    CHECK(memory == sink.data);
    CHECK(sink.size == 0);
    std::free(memory);
}

TEST_CASE("a job of Python's is submitted, described, stepped and done again") {
    begin_again();
    {
        FakeOrthanc orthanc;
        move();
        std::array<char, 64> identifier{};
        REQUIRE(orthanc_images_submit(7, -2, identifier.data(), identifier.size()) == DONE);
        CHECK(identifier.data() == std::string("job of priority -2"));
        const _OrthancPluginCreateJob &job = orthanc.jobs.at(0).functions;
        CHECK(orthanc.jobs.at(0).type == "MoveStorage");
        CHECK(job.getContent(job.job) == std::string("shown 7"));
        CHECK(job.getSerialized(job.job) == std::string("saved 7"));
        CHECK(job.getProgress(job.job) == 0.25F);
        CHECK(job.step(job.job) == OrthancPluginJobStepStatus_Success);
        CHECK(job.reset(job.job) == OrthancPluginErrorCode_Success);
        result = MORE;
        CHECK(job.step(job.job) == OrthancPluginJobStepStatus_Continue);
        result = 0;
        CHECK(job.step(job.job) == OrthancPluginJobStepStatus_Failure);
        CHECK(job.reset(job.job) == OrthancPluginErrorCode_Plugin);
        CHECK(job.getContent(job.job) == nullptr);
        CHECK(job.stop(job.job, OrthancPluginJobStopReason_Paused) == OrthancPluginErrorCode_Success);
        CHECK(stopped_job == 7);
        CHECK(ended_job == 0);
    }
    CHECK(ended_job == 7);
}

TEST_CASE("a job that Orthanc does not take is forgotten, and an identifier that is too long is not cut") {
    begin_again();
    FakeOrthanc orthanc;
    move();
    std::array<char, 8> identifier{};
    CHECK(orthanc_images_submit(7, 0, identifier.data(), identifier.size()) == 0);
    CHECK(identifier[0] == '\0');
    orthanc.makes_jobs = false;
    CHECK(orthanc_images_submit(8, 0, identifier.data(), identifier.size()) == 0);
    CHECK(ended_job == 8);
}

TEST_CASE("jobs that were saved go on, unless Python does not know them") {
    begin_again();
    FakeOrthanc orthanc;
    move();
    CHECK(orthanc.unserializer("Other", "saved 7") == nullptr);
    CHECK(orthanc.unserializer("MoveStorage", "saved 8") == nullptr);
    CHECK(orthanc.unserializer("MoveStorage", "saved 7") != nullptr);
    end();
    CHECK(orthanc.unserializer("MoveStorage", "saved 7") == nullptr);
}

TEST_CASE("after the end, Python is not called any more") {
    begin_again();
    FakeOrthanc orthanc;
    move();
    std::array<char, 64> identifier{};
    REQUIRE(orthanc_images_submit(7, 0, identifier.data(), identifier.size()) == DONE);
    const _OrthancPluginCreateJob &job = orthanc.jobs.at(0).functions;
    end();
    CHECK(job.getProgress(job.job) == 0);
    CHECK(job.getContent(job.job) == nullptr);
    CHECK(job.step(job.job) == OrthancPluginJobStepStatus_Failure);
    CHECK(job.reset(job.job) == OrthancPluginErrorCode_Plugin);
    CHECK(job.stop(job.job, OrthancPluginJobStopReason_Canceled) == OrthancPluginErrorCode_Success);
    CHECK(stopped_job == 0);
}

TEST_CASE("without memory there is no answer") {
    FakeOrthanc orthanc;
    orthanc.has_memory = false;
    OrthancPluginMemoryBuffer answer{nullptr, 0};
    CHECK(orthanc_images_answer(&answer, "x", 1) == 0);
}
