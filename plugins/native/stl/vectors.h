// Vectors of three numbers.
#pragma once

#include <array>
#include <cmath>

namespace orthanc_images::stl {

using Place = std::array<double, 3>;

inline Place cross(const Place &a, const Place &b) {
    return {(a[1] * b[2]) - (a[2] * b[1]), (a[2] * b[0]) - (a[0] * b[2]), (a[0] * b[1]) - (a[1] * b[0])};
}

inline double dot(const Place &a, const Place &b) {
    return (a[0] * b[0]) + (a[1] * b[1]) + (a[2] * b[2]);
}

inline Place minus(const Place &a, const Place &b) {
    return {a[0] - b[0], a[1] - b[1], a[2] - b[2]};
}

inline Place scaled(const Place &a, double by) {
    return {a[0] * by, a[1] * by, a[2] * by};
}

inline double length_of(const Place &a) {
    return std::sqrt(dot(a, a));
}

inline Place unit(const Place &a) {
    return scaled(a, 1 / length_of(a));
}

} // namespace orthanc_images::stl
