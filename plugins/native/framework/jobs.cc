#include "framework/jobs.h"

#include "framework/errors.h"
#include "framework/host.h"
#include "framework/memory.h"

#include <utility>

namespace orthanc_images {

namespace {

Job &job_of(void *job) noexcept {
    return *static_cast<Job *>(job);
}

void finalize(void *job) noexcept {
    const std::unique_ptr<Job> owned(static_cast<Job *>(job));
}

float progress(void *job) noexcept {
    return guarded_or(0.0F, [job] { return job_of(job).progress(); });
}

// Returns a text that is valid until this thread asks again; nullptr for none.
template <typename Function> const char *kept(Function &&function) noexcept {
    thread_local std::optional<std::string> text;
    text = guarded_or(std::optional<std::string>(), std::forward<Function>(function));
    return text ? text->c_str() : nullptr;
}

const char *content(void *job) noexcept {
    return kept([job] { return job_of(job).content(); });
}

const char *saved(void *job) noexcept {
    return kept([job] { return job_of(job).saved(); });
}

OrthancPluginJobStepStatus step(void *job) noexcept {
    switch (guarded_or(Job::Step::failed, [job] { return job_of(job).step(); })) {
    case Job::Step::done:
        return OrthancPluginJobStepStatus_Success;
    case Job::Step::more:
        return OrthancPluginJobStepStatus_Continue;
    default:
        return OrthancPluginJobStepStatus_Failure;
    }
}

OrthancPluginErrorCode stop(void *job, OrthancPluginJobStopReason reason) noexcept {
    return guarded([job, reason] { job_of(job).stopped(reason); });
}

OrthancPluginErrorCode reset(void *job) noexcept {
    return guarded([job] { job_of(job).reset(); });
}

// Makes a job of Orthanc's, which owns the other one from then on; nullptr when Orthanc makes none.
OrthancPluginJob *orthancs(std::unique_ptr<Job> job) noexcept {
    // Orthanc asks a job of the newer OrthancPluginCreateJob2 for its content when it wants to save it, and
    // then saves nothing (PluginsJob::Serialize, up to 1.13.0 at least): such a job does not outlive the
    // server.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
    OrthancPluginJob *made = OrthancPluginCreateJob(host(), job.get(), finalize, job->type(), progress,
                                                    content, saved, step, stop, reset);
#pragma GCC diagnostic pop
    if (made != nullptr) {
        std::ignore = job.release();
    }
    return made;
}

} // namespace

void Job::stopped(OrthancPluginJobStopReason) {}

std::string submit(std::unique_ptr<Job> job, int priority) {
    const std::string type = job->type();
    OrthancPluginJob *made = orthancs(std::move(job));
    // A job that was submitted is Orthanc's, whatever came of it.
    const Text identifier(made == nullptr ? nullptr : OrthancPluginSubmitJob(host(), made, priority));
    if (identifier == nullptr) {
        throw Error(OrthancPluginErrorCode_Plugin, type + ": Orthanc did not take the job. See its log.");
    }
    return identifier.get();
}

namespace jobs {

OrthancPluginJob *restored(Restorer *restorer, const char *type, const char *saved) noexcept {
    std::unique_ptr<Job> job = guarded_or(std::unique_ptr<Job>(), [&] { return restorer(type, saved); });
    return job == nullptr ? nullptr : orthancs(std::move(job));
}

void restore_by(OrthancPluginJobsUnserializer unserializer) {
    OrthancPluginRegisterJobsUnserializer(host(), unserializer);
}

} // namespace jobs

} // namespace orthanc_images
