#include "stl/mesh.h"

#include "stl/vectors.h"

#include <bit>
#include <cstring>
#include <utility>

namespace orthanc_images::stl {

namespace {

// What is written is what the processor has: both platforms of the images are little-endian.
static_assert(std::endian::native == std::endian::little);

// Half of the way to the neighbours and slightly more back: what is rougher than about a dozen triangles
// goes, and the rest stays. As many rounds as the official plugin smooths.
constexpr int ROUNDS = 15;
constexpr float FORWARD = 0.5F;
constexpr float BACK = -0.51F;

constexpr std::size_t HEADER = 80;
constexpr std::size_t RECORD = 50;

Place between(const Point &from, const Point &to) {
    return {double{to[0]} - from[0], double{to[1]} - from[1], double{to[2]} - from[2]};
}

double determinant(const Placement &placement) {
    const auto column = [&](std::size_t at) {
        return Place{placement[0].at(at), placement[1].at(at), placement[2].at(at)};
    };
    return dot(column(0), cross(column(1), column(2)));
}

// Moves each point by a share of the way to the middle of its neighbours. In a closed surface, each edge runs
// once in each direction: so each neighbour is counted once.
void relax(Mesh &mesh, float share, std::vector<Point> &sums, std::vector<std::uint32_t> &counts) {
    sums.assign(mesh.points.size(), Point{});
    counts.assign(mesh.points.size(), 0);
    for (const Triangle &triangle : mesh.triangles) {
        for (std::size_t corner = 0; corner < 3; ++corner) {
            const std::uint32_t from = triangle.at(corner);
            const Point &neighbour = mesh.points[triangle.at((corner + 1) % 3)];
            for (std::size_t axis = 0; axis < 3; ++axis) {
                sums[from].at(axis) += neighbour.at(axis);
            }
            ++counts[from];
        }
    }
    for (std::size_t at = 0; at < mesh.points.size(); ++at) {
        if (counts[at] == 0) {
            continue;
        }
        for (std::size_t axis = 0; axis < 3; ++axis) {
            float &value = mesh.points[at].at(axis);
            value += share * ((sums[at].at(axis) / static_cast<float>(counts[at])) - value);
        }
    }
}

void append(std::string &bytes, const void *value, std::size_t size) {
    bytes.append(static_cast<const char *>(value), size);
}

} // namespace

void place(Mesh &mesh, const Placement &placement) {
    for (Point &point : mesh.points) {
        const Point before = point;
        for (std::size_t axis = 0; axis < 3; ++axis) {
            const auto &row = placement.at(axis);
            point.at(axis) = static_cast<float>((row[0] * double{before[0]}) + (row[1] * double{before[1]}) +
                                                (row[2] * double{before[2]}) + row[3]);
        }
    }
    if (determinant(placement) < 0) {
        for (Triangle &triangle : mesh.triangles) {
            std::swap(triangle[1], triangle[2]);
        }
    }
}

void smooth(Mesh &mesh) {
    std::vector<Point> sums;
    std::vector<std::uint32_t> counts;
    for (int round = 0; round < ROUNDS; ++round) {
        relax(mesh, FORWARD, sums, counts);
        relax(mesh, BACK, sums, counts);
    }
}

double volume_of(const Mesh &mesh) {
    double six_times = 0;
    for (const Triangle &triangle : mesh.triangles) {
        const Point &apex = mesh.points.front();
        const Place a = between(apex, mesh.points[triangle[0]]);
        const Place b = between(apex, mesh.points[triangle[1]]);
        const Place c = between(apex, mesh.points[triangle[2]]);
        six_times += dot(a, cross(b, c));
    }
    return six_times / 6;
}

std::string encoded(const Mesh &mesh) {
    std::string bytes;
    bytes.reserve(HEADER + sizeof(std::uint32_t) + (RECORD * mesh.triangles.size()));
    bytes.append(HEADER, '\0');
    const auto count = static_cast<std::uint32_t>(mesh.triangles.size());
    append(bytes, &count, sizeof count);
    for (const Triangle &triangle : mesh.triangles) {
        const Point &a = mesh.points[triangle[0]];
        const Place across =
            cross(between(a, mesh.points[triangle[1]]), between(a, mesh.points[triangle[2]]));
        const double length = length_of(across);
        Point normal{};
        for (std::size_t axis = 0; axis < 3 && length > 0; ++axis) {
            normal.at(axis) = static_cast<float>(across.at(axis) / length);
        }
        append(bytes, &normal, sizeof normal);
        for (const std::uint32_t corner : triangle) {
            append(bytes, &mesh.points[corner], sizeof(Point));
        }
        bytes.append(2, '\0');
    }
    return bytes;
}

} // namespace orthanc_images::stl
