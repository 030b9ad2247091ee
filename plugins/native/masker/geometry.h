// Where the pixels of an image are in the patient, and which of them lie in a region.
#pragma once

#include "framework/json.h"
#include "masker/region.h"

#include <cstdint>
#include <vector>

namespace orthanc_images::masker {

// A frame in the coordinates of the patient: the middle of its first pixel, and the way to the next column
// and the next row. Source: DICOM PS3.3, C.7.6.2.1.1.
struct Plane {
    Point origin{};
    Point column{};
    Point row{};
};

// Returns the planes of the frames, from the tags that Orthanc gives as `/instances/…/tags?short`; an Error,
// BadRequest, says what is absent.
std::vector<Plane> planes_of(const Json &tags, std::uint32_t frames);

// Returns the rectangles of pixels whose middle is in the box: rows that reach from the same to the same
// column are one.
std::vector<Rectangle> inside(const Box &box, const Plane &plane, std::uint32_t rows, std::uint32_t columns);

} // namespace orthanc_images::masker
