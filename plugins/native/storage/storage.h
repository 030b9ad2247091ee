// What the library of a store offers to Python (plugins/orthanc_images/native.py), in C.
#pragma once

#include "python/jobs.h"

#include <orthanc/OrthancCPlugin.h>

#include <cstdint>

namespace orthanc_images::storage {

// Where the content of a file goes that is read as a whole; memory of C.
struct Sink {
    void *data;
    std::uint64_t size;
};

using Create = std::int32_t(const char *uuid, std::int32_t type, const void *content, std::uint64_t size);
using ReadRange = std::int32_t(const char *uuid, std::int32_t type, std::uint64_t start, void *target,
                               std::uint64_t size);
using ReadWhole = std::int32_t(const char *uuid, std::int32_t type, Sink *sink);
using Remove = std::int32_t(const char *uuid, std::int32_t type);

} // namespace orthanc_images::storage

extern "C" {

// Returns memory for the content that a call of ReadWhole found, which becomes Orthanc's; nullptr when there
// is none.
ORTHANC_PLUGINS_API void *orthanc_images_allocate(orthanc_images::storage::Sink *sink, std::uint64_t size);

// Registers the storage area, whose files are read in ranges. Returns DONE, else Orthanc has not begun.
ORTHANC_PLUGINS_API std::int32_t orthanc_images_store_in_ranges(orthanc_images::storage::Create *creates,
                                                                orthanc_images::storage::ReadRange *reads,
                                                                orthanc_images::storage::Remove *removes);

// The same for files that are read as a whole.
ORTHANC_PLUGINS_API std::int32_t orthanc_images_store_whole(orthanc_images::storage::Create *creates,
                                                            orthanc_images::storage::ReadWhole *reads,
                                                            orthanc_images::storage::Remove *removes);

// Has the library read files itself before it asks Python, by settings in JSON (direct.h). Returns DONE, else
// the log says what is wrong with them, or Orthanc has not begun.
ORTHANC_PLUGINS_API std::int32_t orthanc_images_read_directly(const char *settings);

// Has it go on with other credentials, in JSON. Returns DONE, else the log says what is wrong with them, or
// it does not read files itself.
ORTHANC_PLUGINS_API std::int32_t orthanc_images_renew(const char *credentials);

// Waits until so many bytes of encrypted files may be on their way, and gives them back.
ORTHANC_PLUGINS_API void orthanc_images_take(std::uint64_t size);
ORTHANC_PLUGINS_API void orthanc_images_give(std::uint64_t size);
}
