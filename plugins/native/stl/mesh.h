// Surfaces made of triangles, and files in the format STL.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace orthanc_images::stl {

using Point = std::array<float, 3>;
using Triangle = std::array<std::uint32_t, 3>;

// Triangles whose corners are numbers of points. Seen from outside, the corners run counter-clockwise.
struct Mesh {
    std::vector<Point> points;
    std::vector<Triangle> triangles;
};

// A map of places: a matrix of three rows, whose last column is added.
using Placement = std::array<std::array<double, 4>, 3>;

// Moves the points. What was outside stays outside, also where the map is a reflection.
void place(Mesh &mesh, const Placement &placement);

// Evens out the steps of a closed surface, and keeps its volume: each point goes a part of the way to the
// middle of its neighbours, and then somewhat more than that back (G. Taubin, 1995).
void smooth(Mesh &mesh);

// Returns the volume that a closed surface encloses.
double volume_of(const Mesh &mesh);

// Returns the mesh as binary STL.
std::string encoded(const Mesh &mesh);

} // namespace orthanc_images::stl
