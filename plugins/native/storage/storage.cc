// What our storage plugins need of Orthanc, and its Python module does not offer.
//
// Python's RegisterStorageArea3 copies each file twice. This library is the plugin that Orthanc loads for
// each of the three stores. It hands the calls of the storage area on to the functions that
// plugins/orthanc_images/native.py gives it through ctypes, and those of the jobs (python/jobs.h). Content is
// neither copied nor kept here.
#include "storage/storage.h"

#include "framework/host.h"
#include "framework/plugin.h"

#include <cstdlib>
#include <memory>

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
