// Jobs: what Orthanc asks for arrives, and what it is given is owned once.
#include "framework/errors.h"
#include "framework/jobs.h"
#include "tests/fake_orthanc.h"

#include <catch2/catch_test_macros.hpp>

#include <stdexcept>

using namespace orthanc_images;
using orthanc_images::tests::FakeOrthanc;

namespace {

int living = 0;

class Counting : public Job {
  public:
    explicit Counting(int count) : count_(count) {
        ++living;
    }

    ~Counting() override {
        --living;
    }

    Counting(const Counting &) = delete;
    Counting &operator=(const Counting &) = delete;

    const char *type() const noexcept override {
        return "Counting";
    }

    Step step() override {
        if (count_ > 2) {
            throw std::runtime_error("too far");
        }
        return ++count_ == 2 ? Step::done : Step::more;
    }

    float progress() const override {
        return static_cast<float>(count_) / 2;
    }

    std::optional<std::string> content() const override {
        return "{\"Count\": " + std::to_string(count_) + "}";
    }

    std::optional<std::string> saved() const override {
        return count_ == 0 ? std::nullopt : std::optional(std::to_string(count_));
    }

    void stopped(OrthancPluginJobStopReason reason) override {
        if (reason == OrthancPluginJobStopReason_Canceled) {
            count_ = 9;
        }
    }

    void reset() override {
        count_ = 0;
    }

  private:
    int count_;
};

std::unique_ptr<Job> restored(const std::string &type, const std::string &saved) {
    return type == "Counting" ? std::make_unique<Counting>(std::stoi(saved)) : nullptr;
}

} // namespace

TEST_CASE("Orthanc runs a job") {
    FakeOrthanc orthanc;
    CHECK(submit(std::make_unique<Counting>(0), 3) == "job of priority 3");
    REQUIRE(orthanc.jobs.size() == 1);
    CHECK(orthanc.jobs[0].type == "Counting");
    const _OrthancPluginCreateJob &job = orthanc.jobs[0].functions;
    CHECK(job.getSerialized(job.job) == nullptr);
    CHECK(job.step(job.job) == OrthancPluginJobStepStatus_Continue);
    CHECK(job.getProgress(job.job) == 0.5F);
    CHECK(job.getContent(job.job) == std::string("{\"Count\": 1}"));
    CHECK(job.getSerialized(job.job) == std::string("1"));
    CHECK(job.step(job.job) == OrthancPluginJobStepStatus_Success);
    CHECK(job.stop(job.job, OrthancPluginJobStopReason_Canceled) == OrthancPluginErrorCode_Success);
    CHECK(job.step(job.job) == OrthancPluginJobStepStatus_Failure);
    CHECK(job.reset(job.job) == OrthancPluginErrorCode_Success);
    CHECK(job.getProgress(job.job) == 0);
    const auto lines = orthanc.lines();
    REQUIRE(lines.size() == 1);
    CHECK(lines[0].message == "too far");
}

TEST_CASE("a job is destroyed once, by Orthanc or here") {
    {
        FakeOrthanc orthanc;
        submit(std::make_unique<Counting>(0), 0);
        CHECK(living == 1);
    }
    CHECK(living == 0);
    {
        FakeOrthanc orthanc;
        orthanc.makes_jobs = false;
        CHECK_THROWS_AS(submit(std::make_unique<Counting>(0), 0), Error);
        CHECK(living == 0);
    }
    {
        FakeOrthanc orthanc;
        orthanc.takes_jobs = false;
        CHECK_THROWS_AS(submit(std::make_unique<Counting>(0), 0), Error);
    }
    CHECK(living == 0);
}

TEST_CASE("jobs that were saved go on") {
    FakeOrthanc orthanc;
    restore_jobs_by<restored>();
    CHECK(orthanc.unserializer("Other", "1") == nullptr);
    CHECK(orthanc.unserializer("Counting", "oops") == nullptr);
    REQUIRE(orthanc.unserializer("Counting", "1") != nullptr);
    const _OrthancPluginCreateJob &job = orthanc.jobs.at(0).functions;
    CHECK(job.getProgress(job.job) == 0.5F);
}
