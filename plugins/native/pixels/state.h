// What the plugin holds while Orthanc runs, and how it has a frame decoded.
#pragma once

#include "framework/configuration.h"
#include "pixels/outline.h"
#include "pixels/pool.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#ifndef PIXELS_WORKER
#define PIXELS_WORKER "/usr/lib/orthanc-image/native/pixels-worker"
#endif

namespace orthanc_images::pixels {

struct State {
    std::unique_ptr<Pool> pool;

    // Of what is lossy, from 1 to 100.
    std::uint32_t quality = 90;
};

State &state();

// Returns what the section Gdcm allows to workers, which are this program.
Limits limits_of(const Configuration &settings, const std::string &program);

// Has a worker decode a frame of a file, counted from 0, and hands the pixels on; a Refusal says why it
// cannot be done.
void decode_frame(Bytes file, std::uint32_t frame, const std::function<void(const Result &, Bytes)> &take);

} // namespace orthanc_images::pixels
