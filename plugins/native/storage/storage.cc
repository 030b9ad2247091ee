// What our storage plugins need of Orthanc, and its Python module does not offer.
//
// Python's RegisterStorageArea3 copies each file twice, and its module has no function that creates a job.
// This library is the plugin that Orthanc loads for each of the three stores. It hands the calls of the
// storage area and of the jobs on to the functions that plugins/orthanc_images/storage/native.py gives it
// through ctypes. Content is neither copied nor kept here.
#include "storage/storage.h"

#include "framework/errors.h"
#include "framework/host.h"
#include "framework/jobs.h"
#include "framework/memory.h"
#include "framework/plugin.h"

#include <cstdlib>
#include <cstring>
#include <memory>

namespace orthanc_images {

namespace {

using storage::DONE;

constexpr char JOB[] = "MoveStorage";

// Functions of Python. They are set once, before Orthanc has the functions below, which call them.
struct {
    storage::Create *create;
    storage::ReadRange *range;
    storage::ReadWhole *whole;
    storage::Remove *remove;
} area;

struct {
    storage::End *end;
    storage::Progress *progress;
    storage::Describe *describe;
    storage::Step *step;
    storage::Reset *reset;
    storage::Restore *restore;
} moves;

OrthancPluginErrorCode verdict(std::int32_t answer) noexcept {
    return answer == DONE ? OrthancPluginErrorCode_Success : OrthancPluginErrorCode_StorageAreaPlugin;
}

OrthancPluginErrorCode create(const char *uuid, const void *content, std::int64_t size,
                              OrthancPluginContentType type) noexcept {
    return verdict(ended() || size < 0 ? 0
                                       : area.create(uuid, type, content, static_cast<std::uint64_t>(size)));
}

OrthancPluginErrorCode read_range(OrthancPluginMemoryBuffer64 *target, const char *uuid,
                                  OrthancPluginContentType type, std::uint64_t start) noexcept {
    return verdict(ended() ? 0 : area.range(uuid, type, start, target->data, target->size));
}

// Orthanc reads ranges only where a storage area has them.
OrthancPluginErrorCode read_never(OrthancPluginMemoryBuffer64 *, const char *,
                                  OrthancPluginContentType) noexcept {
    return OrthancPluginErrorCode_NotImplemented;
}

// Memory of C, which is what Orthanc takes over.
struct Free {
    void operator()(void *memory) const noexcept {
        std::free(memory); // NOLINT(cppcoreguidelines-no-malloc,cppcoreguidelines-owning-memory)
    }
};

OrthancPluginErrorCode read_whole(void **content, std::int64_t *size, const char *uuid,
                                  OrthancPluginContentType type) noexcept {
    storage::Sink sink{nullptr, 0};
    const std::int32_t answer = ended() ? 0 : area.whole(uuid, type, &sink);
    std::unique_ptr<void, Free> memory(sink.data);
    if (answer != DONE || memory == nullptr) {
        return OrthancPluginErrorCode_StorageAreaPlugin;
    }
    *size = static_cast<std::int64_t>(sink.size);
    *content = memory.release();
    return OrthancPluginErrorCode_Success;
}

OrthancPluginErrorCode remove_file(const char *uuid, OrthancPluginContentType type) noexcept {
    return verdict(ended() ? 0 : area.remove(uuid, type));
}

// A job of Python's, which knows it by a number above 0.
class Move : public Job {
  public:
    explicit Move(std::int64_t number) noexcept : number_(number) {}

    ~Move() override {
        if (!ended()) {
            moves.end(number_);
        }
    }

    Move(const Move &) = delete;
    Move &operator=(const Move &) = delete;

    const char *type() const noexcept override {
        return JOB;
    }

    Step step() override {
        switch (ended() ? 0 : moves.step(number_)) {
        case DONE:
            return Step::done;
        case storage::MORE:
            return Step::more;
        default:
            return Step::failed;
        }
    }

    float progress() const override {
        return ended() ? 0 : moves.progress(number_);
    }

    std::optional<std::string> content() const override {
        return described(0);
    }

    std::optional<std::string> saved() const override {
        return described(1);
    }

    void reset() override {
        if (ended() || moves.reset(number_) != DONE) {
            throw Error(OrthancPluginErrorCode_Plugin, "the job cannot be done again. See the log above.");
        }
    }

  private:
    std::optional<std::string> described(std::int32_t saved) const {
        Buffer answer;
        if (ended() || moves.describe(number_, saved, answer.target()) != DONE) {
            return {};
        }
        return std::string(answer.bytes());
    }

    std::int64_t number_;
};

std::unique_ptr<Job> restored(const std::string &type, const std::string &saved) {
    const std::int64_t number = type == JOB && !ended() ? moves.restore(saved.c_str()) : 0;
    return number > 0 ? std::make_unique<Move>(number) : nullptr;
}

} // namespace

// Python registers, through the functions below.
void start() {}

void finish() {}

} // namespace orthanc_images

using namespace orthanc_images;

void *orthanc_images_allocate(storage::Sink *sink, std::uint64_t size) {
    // NOLINTNEXTLINE(cppcoreguidelines-no-malloc,cppcoreguidelines-owning-memory)
    sink->data = std::malloc(size == 0 ? 1 : size);
    sink->size = size;
    return sink->data;
}

std::int32_t orthanc_images_store_in_ranges(storage::Create *creates, storage::ReadRange *reads,
                                            storage::Remove *removes) {
    if (!begun()) {
        return 0;
    }
    area = {creates, reads, nullptr, removes};
    OrthancPluginRegisterStorageArea2(host(), create, read_never, read_range, remove_file);
    return DONE;
}

std::int32_t orthanc_images_store_whole(storage::Create *creates, storage::ReadWhole *reads,
                                        storage::Remove *removes) {
    if (!begun()) {
        return 0;
    }
    area = {creates, nullptr, reads, removes};
    // Files that are read as a whole need the first form of the storage area, which Orthanc calls deprecated.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
    OrthancPluginRegisterStorageArea(host(), create, read_whole, remove_file);
#pragma GCC diagnostic pop
    return DONE;
}

std::int32_t orthanc_images_answer(OrthancPluginMemoryBuffer *answer, const char *text, std::uint32_t size) {
    if (OrthancPluginCreateMemoryBuffer(host(), answer, size) != OrthancPluginErrorCode_Success) {
        return 0;
    }
    std::memcpy(answer->data, text, size);
    return DONE;
}

std::int32_t orthanc_images_move_by(storage::End *ends, storage::Progress *progresses,
                                    storage::Describe *describes, storage::Step *steps,
                                    storage::Reset *resets, storage::Restore *restores) {
    if (!begun()) {
        return 0;
    }
    moves = {ends, progresses, describes, steps, resets, restores};
    restore_jobs_by<restored>();
    return DONE;
}

std::int32_t orthanc_images_submit(std::int64_t job, std::int32_t priority, char *identifier,
                                   std::uint64_t size) {
    return guarded_or(0, [&] {
        const std::string given = submit(std::make_unique<Move>(job), priority);
        if (given.size() >= size) {
            return 0;
        }
        std::memcpy(identifier, given.c_str(), given.size() + 1);
        return DONE;
    });
}
