// Jobs: work that Orthanc does step by step, shows, pauses, cancels, and goes on with after a restart.
#pragma once

#include <orthanc/OrthancCPlugin.h>

#include <memory>
#include <optional>
#include <string>

namespace orthanc_images {

// One job. Orthanc calls it on a thread of its own, asks for progress and content on others at the same time,
// and destroys it in the end. What a function throws goes to the log, and ends the job with a failure.
class Job {
  public:
    enum class Step { more, done, failed };

    Job() = default;
    Job(const Job &) = delete;
    Job &operator=(const Job &) = delete;
    virtual ~Job() = default;

    // The type, which Orthanc shows, and gives back with what was saved.
    virtual const char *type() const noexcept = 0;

    // Does the next step. It should not take long: pausing and cancelling wait for it.
    virtual Step step() = 0;

    // Which share is done, from 0 to 1.
    virtual float progress() const = 0;

    // What a user sees of it, an object in JSON; nothing when that cannot be told.
    virtual std::optional<std::string> content() const = 0;

    // What goes into the database, to go on with after a restart, in JSON; nothing for a job that ends with
    // Orthanc.
    virtual std::optional<std::string> saved() const = 0;

    // Leaves the state of running: it was paused or cancelled, or has ended.
    virtual void stopped(OrthancPluginJobStopReason reason);

    // Goes back to the first step; a user wants a job that failed to be done again.
    virtual void reset() = 0;
};

// Gives the job to Orthanc, and returns the identifier that it has there; an Error when Orthanc takes none.
std::string submit(std::unique_ptr<Job> job, int priority);

// Makes a job of what was saved of one of this type; nothing when it is not one of ours.
using Restorer = std::unique_ptr<Job>(const std::string &type, const std::string &saved);

namespace jobs {

OrthancPluginJob *restored(Restorer *restorer, const char *type, const char *saved) noexcept;

void restore_by(OrthancPluginJobsUnserializer unserializer);

template <Restorer *restorer> OrthancPluginJob *unserializer(const char *type, const char *saved) noexcept {
    return restored(restorer, type, saved);
}

} // namespace jobs

// Lets Orthanc go on with jobs that it saved.
template <Restorer *restorer> void restore_jobs_by() {
    jobs::restore_by(jobs::unserializer<restorer>);
}

} // namespace orthanc_images
