// What our storage plugins need of Orthanc, and its Python module does not offer.
//
// Python's RegisterStorageArea3 copies each file twice. This library is the plugin that Orthanc loads for
// each of the three stores. It hands the calls of the storage area on to the functions that
// plugins/orthanc_images/native.py gives it through ctypes, and those of the jobs (python/jobs.h). Content is
// neither copied nor kept here.
#include "storage/storage.h"

#include "framework/errors.h"
#include "framework/host.h"
#include "framework/plugin.h"
#include "storage/direct.h"

#include <cstdlib>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

namespace orthanc_images {

namespace {

using python::DONE;

// Functions of Python. They are set once, before Orthanc has the functions below, which call them.
struct {
    storage::Create *create;
    storage::ReadRange *range;
    storage::ReadWhole *whole;
    storage::Remove *remove;
} area;

// What reads without Python, if anything does.
class Holder {
  public:
    std::shared_ptr<storage::Direct> get() {
        const std::scoped_lock lock(mutex_);
        return direct_;
    }

    void set(std::shared_ptr<storage::Direct> direct) {
        const std::scoped_lock lock(mutex_);
        direct_.swap(direct);
    }

  private:
    std::mutex mutex_;
    std::shared_ptr<storage::Direct> direct_;
};

Holder &holder() {
    static Holder held;
    return held;
}

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
    const auto direct = [&] {
        const std::shared_ptr<storage::Direct> found = holder().get();
        return found != nullptr && found->range(uuid, type, start, target->data, target->size);
    };
    if (!ended() && guarded_or(false, direct)) {
        return OrthancPluginErrorCode_Success;
    }
    return verdict(ended() ? 0 : area.range(uuid, type, start, target->data, target->size));
}

// Orthanc reads ranges only where a storage area has them.
OrthancPluginErrorCode read_never(OrthancPluginMemoryBuffer64 *, const char *,
                                  OrthancPluginContentType) noexcept {
    return OrthancPluginErrorCode_NotImplemented;
}

OrthancPluginErrorCode read_whole(void **content, std::int64_t *size, const char *uuid,
                                  OrthancPluginContentType type) noexcept {
    storage::Memory memory;
    std::uint64_t found = 0;
    const auto direct = [&] {
        const std::shared_ptr<storage::Direct> reader = holder().get();
        return reader != nullptr && reader->whole(uuid, type, memory, found);
    };
    if (ended() || !guarded_or(false, direct)) {
        storage::Sink sink{nullptr, 0};
        const std::int32_t answer = ended() ? 0 : area.whole(uuid, type, &sink);
        memory.reset(sink.data);
        found = sink.size;
        if (answer != DONE || memory == nullptr) {
            return OrthancPluginErrorCode_StorageAreaPlugin;
        }
    }
    *size = static_cast<std::int64_t>(found);
    *content = memory.release();
    return OrthancPluginErrorCode_Success;
}

OrthancPluginErrorCode remove_file(const char *uuid, OrthancPluginContentType type) noexcept {
    return verdict(ended() ? 0 : area.remove(uuid, type));
}

void tell(const char *name, std::uint64_t value) {
    OrthancPluginSetMetricsIntegerValue(host(), name, static_cast<std::int64_t>(value),
                                        OrthancPluginMetricsType_Default);
}

void refresh_metrics() noexcept {
    if (const std::shared_ptr<storage::Direct> direct = holder().get(); direct != nullptr) {
        tell("orthanc_object_store_direct_reads", direct->done());
        tell("orthanc_object_store_reads_by_python", direct->handed_on());
    }
}

} // namespace

// Python registers, through the functions below.
void start() {}

void finish() {
    holder().set(nullptr);
}

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

std::int32_t orthanc_images_read_directly(const char *settings) {
    if (!begun()) {
        return 0;
    }
    return guarded_or(0, [&] {
        holder().set(std::make_shared<storage::Direct>(std::string_view(settings)));
        OrthancPluginRegisterRefreshMetricsCallback(host(), refresh_metrics);
        return DONE;
    });
}

std::int32_t orthanc_images_renew(const char *credentials) {
    return guarded_or(0, [&] {
        const std::shared_ptr<storage::Direct> direct = holder().get();
        if (direct == nullptr) {
            return 0;
        }
        direct->renew(credentials);
        return DONE;
    });
}

void orthanc_images_take(std::uint64_t size) {
    if (const std::shared_ptr<storage::Direct> direct = holder().get(); direct != nullptr) {
        direct->budget().take(size);
    }
}

void orthanc_images_give(std::uint64_t size) {
    if (const std::shared_ptr<storage::Direct> direct = holder().get(); direct != nullptr) {
        direct->budget().give(size);
    }
}
