// Jobs of Python's: Orthanc's calls are handed on to the functions that Python gives through ctypes.
#include "python/jobs.h"

#include "framework/errors.h"
#include "framework/host.h"
#include "framework/jobs.h"
#include "framework/memory.h"

#include <cstring>
#include <memory>
#include <string>

namespace orthanc_images {

namespace {

using python::DONE;

// What Python gave. It is set once, before Orthanc has the functions below, which call it.
struct Functions {
    std::string type;
    python::End *end = nullptr;
    python::Progress *progress = nullptr;
    python::Describe *describe = nullptr;
    python::Step *step = nullptr;
    python::Stop *stop = nullptr;
    python::Reset *reset = nullptr;
    python::Restore *restore = nullptr;
};

Functions &functions() {
    static Functions given;
    return given;
}

// A job of Python's, which knows it by a number above 0.
class Work : public Job {
  public:
    explicit Work(std::int64_t number) noexcept : number_(number) {}

    ~Work() override {
        if (!ended()) {
            functions().end(number_);
        }
    }

    Work(const Work &) = delete;
    Work &operator=(const Work &) = delete;

    const char *type() const noexcept override {
        return functions().type.c_str();
    }

    Step step() override {
        switch (ended() ? 0 : functions().step(number_)) {
        case DONE:
            return Step::done;
        case python::MORE:
            return Step::more;
        default:
            return Step::failed;
        }
    }

    float progress() const override {
        return ended() ? 0 : functions().progress(number_);
    }

    std::optional<std::string> content() const override {
        return described(0);
    }

    std::optional<std::string> saved() const override {
        return described(1);
    }

    void stopped(OrthancPluginJobStopReason /*reason*/) override {
        if (!ended()) {
            functions().stop(number_);
        }
    }

    void reset() override {
        if (ended() || functions().reset(number_) != DONE) {
            throw Error(OrthancPluginErrorCode_Plugin, "the job cannot be done again. See the log above.");
        }
    }

  private:
    std::optional<std::string> described(std::int32_t saved) const {
        Buffer answer;
        if (ended() || functions().describe(number_, saved, answer.target()) != DONE) {
            return {};
        }
        return std::string(answer.bytes());
    }

    std::int64_t number_;
};

std::unique_ptr<Job> restored(const std::string &type, const std::string &saved) {
    const std::int64_t number = type == functions().type && !ended() ? functions().restore(saved.c_str()) : 0;
    return number > 0 ? std::make_unique<Work>(number) : nullptr;
}

} // namespace

} // namespace orthanc_images

using namespace orthanc_images;

std::int32_t orthanc_images_answer(OrthancPluginMemoryBuffer *answer, const char *text, std::uint32_t size) {
    if (OrthancPluginCreateMemoryBuffer(host(), answer, size) != OrthancPluginErrorCode_Success) {
        return 0;
    }
    std::memcpy(answer->data, text, size);
    return DONE;
}

std::int32_t orthanc_images_work_by(const char *type, python::End *ends, python::Progress *progresses,
                                    python::Describe *describes, python::Step *steps, python::Stop *stops,
                                    python::Reset *resets, python::Restore *restores) {
    if (!begun()) {
        return 0;
    }
    functions() = {type, ends, progresses, describes, steps, stops, resets, restores};
    restore_jobs_by<restored>();
    return DONE;
}

std::int32_t orthanc_images_submit(std::int64_t job, std::int32_t priority, char *identifier,
                                   std::uint64_t size) {
    return guarded_or(0, [&] {
        const std::string given = submit(std::make_unique<Work>(job), priority);
        if (given.size() >= size) {
            return 0;
        }
        std::memcpy(identifier, given.c_str(), given.size() + 1);
        return DONE;
    });
}
