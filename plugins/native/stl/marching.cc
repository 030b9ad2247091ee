#include "stl/marching.h"

#include "framework/errors.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace orthanc_images::stl {

namespace {

// The corners of a cube are numbered by their places: bit 0 for x, 1 for y, 2 for z. An edge begins at the
// corner where the bit of its axis is 0.
constexpr std::size_t CORNERS = 8;
constexpr std::size_t EDGES = 12;
constexpr std::size_t KINDS = 256;
constexpr std::uint16_t TOO_LARGE = 413;

// No point is nearer to a corner than this part of an edge, so that no two points are at one place.
constexpr float NEAREST = 1.0F / 64;

constexpr std::uint32_t NONE = std::numeric_limits<std::uint32_t>::max();

struct Edge {
    std::size_t corner = 0;
    std::size_t axis = 0;
};

using Edges = std::array<Edge, EDGES>;
using Loop = std::vector<std::size_t>;
using Pieces = std::vector<std::array<std::uint8_t, 3>>;

std::size_t bit(std::size_t axis) {
    return std::size_t{1} << axis;
}

Edges all_edges() {
    Edges edges;
    std::size_t next = 0;
    for (std::size_t axis = 0; axis < 3; ++axis) {
        for (std::size_t corner = 0; corner < CORNERS; ++corner) {
            if ((corner & bit(axis)) == 0) {
                edges.at(next++) = {corner, axis};
            }
        }
    }
    return edges;
}

// Makes the triangles for each kind of cube: for each set of corners that are inside, as a number.
class Rule {
  public:
    std::array<Pieces, KINDS> pieces;
    Edges edges = all_edges();

    Rule() {
        for (std::size_t kind = 0; kind < KINDS; ++kind) {
            for (const Loop &loop : loops_of(kind)) {
                Pieces some;
                if (!cut(loop, 0, loop.size() - 1, some)) {
                    throw Error(OrthancPluginErrorCode_InternalError, "a kind of cube has no triangles");
                }
                pieces.at(kind).insert(pieces.at(kind).end(), some.begin(), some.end());
            }
        }
    }

  private:
    // The corners around a face, counter-clockwise as seen from outside of the cube.
    static std::array<std::size_t, 4> around(std::size_t axis, bool far) {
        const std::size_t u = bit((axis + 1) % 3);
        const std::size_t v = bit((axis + 2) % 3);
        const std::size_t base = far ? bit(axis) : 0;
        return far ? std::array{base, base | u, base | u | v, base | v}
                   : std::array{base, base | v, base | u | v, base | u};
    }

    std::size_t edge_between(std::size_t a, std::size_t b) const {
        const auto *const found = std::ranges::find_if(
            edges, [&](const Edge &one) { return one.corner == (a & b) && bit(one.axis) == (a ^ b); });
        return static_cast<std::size_t>(found - edges.begin());
    }

    // Tells whether two edges lie on one face: a line between them would be on it too, where the next cube
    // may have the same one.
    bool share_a_face(std::size_t a, std::size_t b) const {
        for (std::size_t axis = 0; axis < 3; ++axis) {
            const Edge &one = edges.at(a);
            const Edge &other = edges.at(b);
            if (one.axis != axis && other.axis != axis &&
                (one.corner & bit(axis)) == (other.corner & bit(axis))) {
                return true;
            }
        }
        return false;
    }

    // Returns the closed lines in which the surface meets the faces of the cube. On each face, a line leads
    // from where its outline comes inside to where it leaves.
    std::vector<Loop> loops_of(std::size_t kind) const {
        const auto inside = [&](std::size_t corner) { return (kind & (std::size_t{1} << corner)) != 0; };
        std::array<std::size_t, EDGES> next{};
        next.fill(EDGES);
        for (std::size_t face = 0; face < 6; ++face) {
            const auto corners = around(face / 2, face % 2 == 1);
            for (std::size_t at = 0; at < 4; ++at) {
                if (inside(corners.at(at)) || !inside(corners.at((at + 1) % 4))) {
                    continue;
                }
                std::size_t end = (at + 1) % 4;
                while (inside(corners.at((end + 1) % 4))) {
                    end = (end + 1) % 4;
                }
                next.at(edge_between(corners.at(at), corners.at((at + 1) % 4))) =
                    edge_between(corners.at(end), corners.at((end + 1) % 4));
            }
        }
        std::vector<Loop> loops;
        for (std::size_t edge = 0; edge < EDGES; ++edge) {
            Loop loop;
            for (std::size_t at = edge; next.at(at) != EDGES;) {
                loop.push_back(at);
                at = std::exchange(next.at(at), EDGES);
            }
            if (!loop.empty()) {
                loops.push_back(loop);
            }
        }
        return loops;
    }

    bool may_join(const Loop &loop, std::size_t first, std::size_t last) const {
        const std::size_t apart = last - first;
        return apart == 1 || apart == loop.size() - 1 || !share_a_face(loop[first], loop[last]);
    }

    // Cuts a part of a loop into triangles, none of which has a line of its own on a face of the cube.
    bool cut(const Loop &loop, std::size_t first, std::size_t last, Pieces &some) const {
        if (last - first < 2) {
            return true;
        }
        const std::size_t before = some.size();
        for (std::size_t middle = first + 1; middle < last; ++middle) {
            if (may_join(loop, first, middle) && may_join(loop, middle, last) &&
                cut(loop, first, middle, some) && cut(loop, middle, last, some)) {
                some.push_back({static_cast<std::uint8_t>(loop[first]),
                                static_cast<std::uint8_t>(loop[middle]),
                                static_cast<std::uint8_t>(loop[last])});
                return true;
            }
            some.resize(before);
        }
        return false;
    }
};

const Rule &rule() {
    static const Rule one;
    return one;
}

// A plane of samples with one more all around, and the numbers of the points on the edges that begin there.
struct Plane {
    explicit Plane(std::size_t samples, float outside)
        : values(samples, outside), inside(samples),
          points({{std::vector<std::uint32_t>(samples, NONE), std::vector<std::uint32_t>(samples, NONE),
                   std::vector<std::uint32_t>(samples, NONE)}}) {}

    std::vector<float> values;
    std::vector<std::uint8_t> inside;
    std::array<std::vector<std::uint32_t>, 3> points;
};

class March {
  public:
    March(Volume &volume, float threshold, float outside, std::size_t most)
        : volume_(volume), size_(volume.size()), threshold_(threshold), outside_(outside), most_(most),
          width_(size_.columns + 2), height_(size_.rows + 2), lower_(width_ * height_, outside),
          upper_(width_ * height_, outside), values_(size_.columns * size_.rows) {}

    Mesh run() {
        for (layer_ = 0; layer_ <= size_.planes; ++layer_) {
            load();
            walk();
            std::swap(lower_, upper_);
        }
        return std::move(mesh_);
    }

  private:
    // Loads the upper plane of the layer of cubes.
    void load() {
        if (layer_ == size_.planes) {
            std::ranges::fill(upper_.values, outside_);
        } else {
            volume_.fill(layer_, values_);
            for (std::size_t row = 0; row < size_.rows; ++row) {
                const auto from = values_.begin() + static_cast<std::ptrdiff_t>(row * size_.columns);
                const auto to = upper_.values.begin() + static_cast<std::ptrdiff_t>(((row + 1) * width_) + 1);
                std::copy_n(from, size_.columns, to);
            }
        }
        std::ranges::transform(upper_.values, upper_.inside.begin(), [this](float value) {
            return static_cast<std::uint8_t>(value >= threshold_ ? 1 : 0);
        });
        for (auto &points : upper_.points) {
            std::ranges::fill(points, NONE);
        }
    }

    void walk() {
        for (std::size_t row = 0; row + 1 < height_; ++row) {
            const std::size_t line = row * width_;
            std::size_t left = side(line);
            for (std::size_t column = 0; column + 1 < width_; ++column) {
                const std::size_t right = side(line + column + 1);
                // The corners with x = 0 have even numbers.
                const std::size_t kind = left | (right << 1U);
                left = right;
                if (kind != 0 && kind != KINDS - 1) {
                    add(column, row, kind);
                }
            }
        }
    }

    // Which of the four corners of a cube with this x are inside.
    std::size_t side(std::size_t at) const {
        const auto flag = [](std::uint8_t value, unsigned int to) { return std::size_t{value} << to; };
        return flag(lower_.inside[at], 0) | flag(lower_.inside[at + width_], 2) | flag(upper_.inside[at], 4) |
               flag(upper_.inside[at + width_], 6);
    }

    void add(std::size_t column, std::size_t row, std::size_t kind) {
        const Pieces &pieces = rule().pieces.at(kind);
        if (mesh_.triangles.size() + pieces.size() > most_) {
            throw HttpError(TOO_LARGE, "the model would have more than " + std::to_string(most_) +
                                           " triangles. Give a smaller Resolution.");
        }
        for (const auto &piece : pieces) {
            Triangle &triangle = mesh_.triangles.emplace_back();
            std::ranges::transform(piece, triangle.begin(), [&](std::size_t edge) {
                return point_on(column, row, rule().edges.at(edge));
            });
        }
    }

    std::uint32_t point_on(std::size_t column, std::size_t row, const Edge &edge) {
        column += edge.corner & 1U;
        row += (edge.corner >> 1U) & 1U;
        const bool above = (edge.corner & 4U) != 0;
        Plane &plane = above ? upper_ : lower_;
        const std::size_t at = (row * width_) + column;
        std::uint32_t &number = plane.points.at(edge.axis)[at];
        if (number == NONE) {
            number = static_cast<std::uint32_t>(mesh_.points.size());
            const float from = plane.values[at];
            const float to = edge.axis == 2 ? upper_.values[at]
                                            : plane.values[at + (edge.axis == 0 ? std::size_t{1} : width_)];
            // The first sample of the volume is the second one here.
            Point point{static_cast<float>(column) - 1, static_cast<float>(row) - 1,
                        static_cast<float>(layer_ + (above ? 1U : 0U)) - 1};
            point.at(edge.axis) += std::clamp((threshold_ - from) / (to - from), NEAREST, 1 - NEAREST);
            mesh_.points.push_back(point);
        }
        return number;
    }

    Volume &volume_;
    const Size size_;
    const float threshold_;
    const float outside_;
    const std::size_t most_;
    const std::size_t width_;
    const std::size_t height_;
    std::size_t layer_ = 0;
    Plane lower_;
    Plane upper_;
    std::vector<float> values_;
    Mesh mesh_;
};

} // namespace

Mesh surface_of(Volume &volume, float threshold, float outside, std::size_t most) {
    return March(volume, threshold, outside, most).run();
}

} // namespace orthanc_images::stl
