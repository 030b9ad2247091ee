// What a library offers to Python (plugins/orthanc_images/native.py) for jobs, in C: Orthanc's Python module
// has no function that makes one.
#pragma once

#include <orthanc/OrthancCPlugin.h>

#include <cstdint>

namespace orthanc_images::python {

// What a function returns that did its work. Not 0, which is what ctypes returns when Python fails.
constexpr std::int32_t DONE = 1;

// What the step of a job returns that has further ones.
constexpr std::int32_t MORE = 2;

using End = void(std::int64_t job);
using Progress = float(std::int64_t job);
using Describe = std::int32_t(std::int64_t job, std::int32_t saved, OrthancPluginMemoryBuffer *answer);
using Step = std::int32_t(std::int64_t job);
using Stop = void(std::int64_t job);
using Reset = std::int32_t(std::int64_t job);
using Restore = std::int64_t(const char *saved);

} // namespace orthanc_images::python

extern "C" {

// Gives the text to Orthanc, which asked for it by a call of Describe. Returns DONE, else there is no memory.
ORTHANC_PLUGINS_API std::int32_t orthanc_images_answer(OrthancPluginMemoryBuffer *answer, const char *text,
                                                       std::uint32_t size);

// Registers what does the jobs of this type, so that Orthanc can go on after a restart with those that it
// saved. Returns DONE, else Orthanc has not begun.
ORTHANC_PLUGINS_API std::int32_t orthanc_images_work_by(const char *type, orthanc_images::python::End *ends,
                                                        orthanc_images::python::Progress *progresses,
                                                        orthanc_images::python::Describe *describes,
                                                        orthanc_images::python::Step *steps,
                                                        orthanc_images::python::Stop *stops,
                                                        orthanc_images::python::Reset *resets,
                                                        orthanc_images::python::Restore *restores);

// Submits the job to Orthanc and writes its identifier, with its final zero byte, to `identifier` of `size`
// bytes.
ORTHANC_PLUGINS_API std::int32_t orthanc_images_submit(std::int64_t job, std::int32_t priority,
                                                       char *identifier, std::uint64_t size);
}
