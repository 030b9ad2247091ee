// What the library of a store offers to Python (plugins/orthanc_images/storage/native.py), in C.
#pragma once

#include <orthanc/OrthancCPlugin.h>

#include <cstdint>

namespace orthanc_images::storage {

// What a function returns that did its work. Not 0, which is what ctypes returns when Python fails.
constexpr std::int32_t DONE = 1;

// What the step of a job returns that has further ones.
constexpr std::int32_t MORE = 2;

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

using End = void(std::int64_t job);
using Progress = float(std::int64_t job);
using Describe = std::int32_t(std::int64_t job, std::int32_t saved, OrthancPluginMemoryBuffer *answer);
using Step = std::int32_t(std::int64_t job);
using Reset = std::int32_t(std::int64_t job);
using Restore = std::int64_t(const char *saved);

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

// Gives the text to Orthanc, which asked for it by a call of Describe. Returns DONE, else there is no memory.
ORTHANC_PLUGINS_API std::int32_t orthanc_images_answer(OrthancPluginMemoryBuffer *answer, const char *text,
                                                       std::uint32_t size);

// Registers what moves files, so that Orthanc can go on after a restart with the jobs that it saved.
ORTHANC_PLUGINS_API std::int32_t
orthanc_images_move_by(orthanc_images::storage::End *ends, orthanc_images::storage::Progress *progresses,
                       orthanc_images::storage::Describe *describes, orthanc_images::storage::Step *steps,
                       orthanc_images::storage::Reset *resets, orthanc_images::storage::Restore *restores);

// Submits the job to Orthanc and writes its identifier, with its final zero byte, to `identifier` of `size`
// bytes.
ORTHANC_PLUGINS_API std::int32_t orthanc_images_submit(std::int64_t job, std::int32_t priority,
                                                       char *identifier, std::uint64_t size);
}
