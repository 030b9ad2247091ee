// Files that are masked in a worker.
#pragma once

#include "masker/plan.h"
#include "pixels/pool.h"

#include <functional>
#include <string>
#include <vector>

namespace orthanc_images::masker {

// What is done to a file.
struct Order {
    std::vector<pixels::Patch> patches;

    // An element that goes; 0 for none.
    pixels::Tag marker = 0;

    // The transfer syntax that is wanted; the file's own where it is empty.
    std::string syntax;
};

// Returns a file that is not deflated: the one that is given, or what a worker made of it, which is then kept
// in `copy`.
pixels::Bytes plain(pixels::Pool &pool, pixels::Bytes file, std::vector<std::uint8_t> &copy);

// Masks a file, and hands on the new one; a Refusal says why it cannot be done. What was compressed with
// losses and what no encoder here takes becomes Explicit VR Little Endian, which is logged: nothing is lost
// twice.
void mask(pixels::Pool &pool, pixels::Bytes file, const Order &order,
          const std::function<void(pixels::Bytes)> &take);

} // namespace orthanc_images::masker
