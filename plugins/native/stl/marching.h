// From a volume to the surface around what is in it: marching cubes (W. Lorensen and H. Cline, 1987).
//
// The triangles of each kind of cube are made by a rule, and not read from a table: where a face of a cube is
// crossed twice, the corners that are inside are kept apart. Both cubes at a face follow it, so that the
// surface is closed and no edge has more than two triangles, whatever the volume is.
#pragma once

#include "stl/mesh.h"

#include <cstddef>
#include <span>

namespace orthanc_images::stl {

// How many samples there are in each direction.
struct Size {
    std::size_t columns = 0;
    std::size_t rows = 0;
    std::size_t planes = 0;
};

// A volume, of which one plane after the other is looked at: it need not be in memory as a whole.
class Volume {
  public:
    Volume() = default;
    Volume(const Volume &) = delete;
    Volume &operator=(const Volume &) = delete;
    virtual ~Volume() = default;

    virtual Size size() const = 0;

    // Puts the values of a plane, row by row. Planes are asked for once, from the first to the last.
    virtual void fill(std::size_t plane, std::span<float> values) = 0;
};

// Returns the surface around the samples that are at the threshold or above it. All around the volume is one
// more sample, which is `outside`: the surface is closed there too. Places are counted in samples, from the
// first one of the volume. It is an Error if there would be more than `most` triangles.
Mesh surface_of(Volume &volume, float threshold, float outside, std::size_t most);

} // namespace orthanc_images::stl
