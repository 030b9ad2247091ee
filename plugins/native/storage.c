/* What our storage plugins need of Orthanc, and its Python module does not offer.
 *
 * Python's RegisterStorageArea3 copies each file twice, and its module has no function that creates a job.
 * This library is the plugin that Orthanc loads for each of the three stores. It keeps Orthanc's context,
 * and hands the calls of the storage area and of the jobs on to the functions that
 * plugins/orthanc_images/storage/native.py gives it through ctypes. Content is neither copied nor kept here.
 *
 * NAME and VERSION are given by build.sh.
 */
#include <orthanc/OrthancCPlugin.h>

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define EXPORTED ORTHANC_PLUGINS_API

/* What a function of Python returns when it did its work. Not 0, which is what ctypes returns when Python fails. */
#define DONE 1

#define JOB "MoveStorage"

struct sink {
    void *data;
    uint64_t size;
};

typedef int32_t create_function(const char *uuid, int32_t type, const void *content, uint64_t size);
typedef int32_t range_function(const char *uuid, int32_t type, uint64_t start, void *target, uint64_t size);
typedef int32_t whole_function(const char *uuid, int32_t type, struct sink *sink);
typedef int32_t remove_function(const char *uuid, int32_t type);

typedef void end_function(int64_t job);
typedef float progress_function(int64_t job);
typedef int32_t describe_function(int64_t job, int32_t saved, OrthancPluginMemoryBuffer *answer);
typedef int32_t step_function(int64_t job);
typedef int32_t reset_function(int64_t job);
typedef int64_t restore_function(const char *saved);

static OrthancPluginContext *context;
static atomic_bool ended;

static struct {
    create_function *create;
    range_function *range;
    whole_function *whole;
    remove_function *remove;
} area;

static struct {
    end_function *end;
    progress_function *progress;
    describe_function *describe;
    step_function *step;
    reset_function *reset;
    restore_function *restore;
} jobs;

/* --- the storage area ---------------------------------------------------------------------------------- */

static OrthancPluginErrorCode verdict(int32_t answer) {
    return answer == DONE ? OrthancPluginErrorCode_Success : OrthancPluginErrorCode_StorageAreaPlugin;
}

static OrthancPluginErrorCode create(const char *uuid, const void *content, int64_t size,
                                     OrthancPluginContentType type) {
    return verdict(ended || size < 0 ? 0 : area.create(uuid, (int32_t)type, content, (uint64_t)size));
}

static OrthancPluginErrorCode read_range(OrthancPluginMemoryBuffer64 *target, const char *uuid,
                                         OrthancPluginContentType type, uint64_t start) {
    return verdict(ended ? 0 : area.range(uuid, (int32_t)type, start, target->data, target->size));
}

/* Orthanc reads ranges only where a storage area has them. */
static OrthancPluginErrorCode read_never(OrthancPluginMemoryBuffer64 *target, const char *uuid,
                                         OrthancPluginContentType type) {
    (void)target, (void)uuid, (void)type;
    return OrthancPluginErrorCode_NotImplemented;
}

static OrthancPluginErrorCode read_whole(void **content, int64_t *size, const char *uuid,
                                         OrthancPluginContentType type) {
    struct sink sink = {NULL, 0};
    if (ended || area.whole(uuid, (int32_t)type, &sink) != DONE || sink.data == NULL) {
        free(sink.data);
        return OrthancPluginErrorCode_StorageAreaPlugin;
    }
    *content = sink.data;
    *size = (int64_t)sink.size;
    return OrthancPluginErrorCode_Success;
}

static OrthancPluginErrorCode remove_file(const char *uuid, OrthancPluginContentType type) {
    return verdict(ended ? 0 : area.remove(uuid, (int32_t)type));
}

/* Returns memory for the content that a call of `whole` found, which becomes Orthanc's; NULL when there is none. */
EXPORTED void *orthanc_images_allocate(struct sink *sink, uint64_t size) {
    sink->data = malloc(size ? size : 1);
    sink->size = size;
    return sink->data;
}

/* Registers the storage area, whose files are read in ranges. Returns DONE, else Orthanc has not begun. */
EXPORTED int32_t orthanc_images_store_in_ranges(create_function *creates, range_function *reads,
                                                remove_function *removes) {
    if (context == NULL) {
        return 0;
    }
    area.create = creates, area.range = reads, area.remove = removes;
    OrthancPluginRegisterStorageArea2(context, create, read_never, read_range, remove_file);
    return DONE;
}

/* The same for files that are read as a whole. */
EXPORTED int32_t orthanc_images_store_whole(create_function *creates, whole_function *reads,
                                            remove_function *removes) {
    if (context == NULL) {
        return 0;
    }
    area.create = creates, area.whole = reads, area.remove = removes;
    OrthancPluginRegisterStorageArea(context, create, read_whole, remove_file);
    return DONE;
}

/* --- jobs ---------------------------------------------------------------------------------------------- */

/* A job is a number above 0, which Orthanc carries about as if it were a pointer. */
static void *as_pointer(int64_t job) {
    return (void *)(intptr_t)job;
}

static int64_t as_number(void *job) {
    return (int64_t)(intptr_t)job;
}

static void end_job(void *job) {
    if (!ended) {
        jobs.end(as_number(job));
    }
}

static float job_progress(void *job) {
    return ended ? 0 : jobs.progress(as_number(job));
}

/* Returns what Python says of a job, as a text that is valid until this thread asks again; NULL when it fails. */
static const char *described(void *job, int32_t saved) {
    static _Thread_local char *text;
    OrthancPluginMemoryBuffer answer = {NULL, 0};
    free(text);
    text = NULL;
    if (!ended && jobs.describe(as_number(job), saved, &answer) == DONE) {
        text = strndup(answer.data, answer.size);
        OrthancPluginFreeMemoryBuffer(context, &answer);
    }
    return text;
}

static const char *job_content(void *job) {
    return described(job, 0);
}

static const char *saved_job(void *job) {
    return described(job, 1);
}

static OrthancPluginJobStepStatus job_step(void *job) {
    switch (ended ? 0 : jobs.step(as_number(job))) {
        case DONE:
            return OrthancPluginJobStepStatus_Success;
        case DONE + 1:
            return OrthancPluginJobStepStatus_Continue;
        default:
            return OrthancPluginJobStepStatus_Failure;
    }
}

/* Every step ends by itself: a job that is cancelled or paused is merely not asked for the next one. */
static OrthancPluginErrorCode stop_job(void *job, OrthancPluginJobStopReason reason) {
    (void)job, (void)reason;
    return OrthancPluginErrorCode_Success;
}

static OrthancPluginErrorCode reset_job(void *job) {
    return !ended && jobs.reset(as_number(job)) == DONE ? OrthancPluginErrorCode_Success : OrthancPluginErrorCode_Plugin;
}

/* Orthanc asks a job of the newer OrthancPluginCreateJob2 for its content when it wants to save it, and then saves
 * nothing (PluginsJob::Serialize, up to 1.13.0 at least): such a job does not outlive the server. */
static OrthancPluginJob *orthanc_job(int64_t job) {
    return OrthancPluginCreateJob(context, as_pointer(job), end_job, JOB, job_progress, job_content, saved_job, job_step,
                                  stop_job, reset_job);
}

static OrthancPluginJob *restored_job(const char *type, const char *saved) {
    int64_t job = strcmp(type, JOB) == 0 && !ended ? jobs.restore(saved) : 0;
    return job > 0 ? orthanc_job(job) : NULL;
}

/* Gives the text to Orthanc, which asked for it by a call of `describe`. Returns DONE, else there is no memory. */
EXPORTED int32_t orthanc_images_answer(OrthancPluginMemoryBuffer *answer, const char *text, uint32_t size) {
    if (OrthancPluginCreateMemoryBuffer(context, answer, size) != OrthancPluginErrorCode_Success) {
        return 0;
    }
    memcpy(answer->data, text, size);
    return DONE;
}

/* Registers what moves files, so that Orthanc can go on after a restart with the jobs that it saved. */
EXPORTED int32_t orthanc_images_move_by(end_function *ends, progress_function *progresses,
                                        describe_function *describes, step_function *steps,
                                        reset_function *resets, restore_function *restores) {
    if (context == NULL) {
        return 0;
    }
    jobs.end = ends, jobs.progress = progresses, jobs.describe = describes;
    jobs.step = steps, jobs.reset = resets, jobs.restore = restores;
    OrthancPluginRegisterJobsUnserializer(context, restored_job);
    return DONE;
}

/* Submits the job to Orthanc and writes its identifier, with its final zero byte, to `identifier` of `size` bytes. */
EXPORTED int32_t orthanc_images_submit(int64_t job, int32_t priority, char *identifier, uint64_t size) {
    OrthancPluginJob *submitted = orthanc_job(job);
    char *given = submitted == NULL ? NULL : OrthancPluginSubmitJob(context, submitted, priority);
    if (given == NULL) {
        return 0;
    }
    int32_t answer = strlen(given) < size ? DONE : 0;
    if (answer == DONE) {
        strcpy(identifier, given);
    }
    OrthancPluginFreeString(context, given);
    return answer;
}

/* --- the plugin ---------------------------------------------------------------------------------------- */

EXPORTED int32_t OrthancPluginInitialize(OrthancPluginContext *given) {
    if (OrthancPluginCheckVersion(given) == 0) {
        OrthancPluginLogError(given, NAME ": this version of Orthanc is older than the plugin needs. Update it.");
        return -1;
    }
    context = given;
    OrthancPluginSetDescription2(given, NAME, "Keeps the files of Orthanc in an object store.");
    return 0;
}

EXPORTED void OrthancPluginFinalize(void) {
    ended = 1;
}

EXPORTED const char *OrthancPluginGetName(void) {
    return NAME;
}

EXPORTED const char *OrthancPluginGetVersion(void) {
    return VERSION;
}
