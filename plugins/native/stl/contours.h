// The contours of an RT-STRUCT, and the volume that those of some regions enclose.
#pragma once

#include "framework/json.h"
#include "stl/marching.h"
#include "stl/mesh.h"
#include "stl/vectors.h"

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace orthanc_images::stl {

// The directions of the rows and the columns of an image.
struct Axes {
    Place x{1, 0, 0};
    Place y{0, 1, 0};
};

// A closed line in one plane.
struct Contour {
    std::vector<Place> points;
    // The SOP instance UID of the image on which it was drawn, or nothing.
    std::string image;
};

struct Region {
    std::string name;
    std::vector<Contour> contours;
};

// Returns the names of the regions, sorted, each once; an Error unless the tags, as Orthanc gives them with
// "short", have any.
std::vector<std::string> names_in(const Json &tags);

// Returns the regions with their closed contours. Whatever is wrong with one is an Error that names it; what
// is not closed or not flat matters for the `wanted` regions only. Each of those must be there.
std::vector<Region> regions_in(const Json &tags, const std::vector<std::string> &wanted);

// Returns the directions in the text of ImageOrientationPatient.
Axes axes_in(const std::string &text);

// A volume, and where its samples are: the first one has the place (0, 0, 0).
struct Placed {
    std::unique_ptr<Volume> volume;
    Placement placement;
};

// Returns what the contours of the wanted regions enclose, as samples of 0 and 1, in `resolution` samples for
// each direction of the box around all contours. What is within two contours is not enclosed. Without axes,
// any that fit the contours are taken. `strict` refuses contours between the slices, which else are left out.
Placed enclosed(const std::vector<Region> &regions, const std::vector<std::string> &wanted,
                const std::unique_ptr<Axes> &axes, std::size_t resolution, bool strict);

} // namespace orthanc_images::stl
