// Volumes and files that the tests of models are made of.
#pragma once

#include "stl/marching.h"
#include "stl/mesh.h"

#include <cstdint>
#include <cstring>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace orthanc_images::tests {

// A volume whose values are those of a function of the place.
class Field : public stl::Volume {
  public:
    using Function = std::function<double(double, double, double)>;

    Field(stl::Size size, Function function) : size_(size), function_(std::move(function)) {}

    stl::Size size() const override {
        return size_;
    }

    void fill(std::size_t plane, std::span<float> values) override {
        std::size_t at = 0;
        for (std::size_t row = 0; row < size_.rows; ++row) {
            for (std::size_t column = 0; column < size_.columns; ++column) {
                values[at++] = static_cast<float>(function_(
                    static_cast<double>(column), static_cast<double>(row), static_cast<double>(plane)));
            }
        }
    }

  private:
    stl::Size size_;
    Function function_;
};

// How often a surface has each edge, with its direction.
inline std::map<std::pair<std::uint32_t, std::uint32_t>, int> edges_of(const stl::Mesh &mesh) {
    std::map<std::pair<std::uint32_t, std::uint32_t>, int> edges;
    for (const stl::Triangle &triangle : mesh.triangles) {
        for (std::size_t corner = 0; corner < 3; ++corner) {
            ++edges[{triangle.at(corner), triangle.at((corner + 1) % 3)}];
        }
    }
    return edges;
}

// Tells whether each edge has two triangles, of which one has it in each direction.
inline bool is_closed(const stl::Mesh &mesh) {
    const auto edges = edges_of(mesh);
    for (const auto &[edge, count] : edges) {
        if (count != 1 || !edges.contains({edge.second, edge.first})) {
            return false;
        }
    }
    return true;
}

// A file in the first version of NIfTI.
struct NiftiFile {
    std::int16_t columns = 4;
    std::int16_t rows = 4;
    std::int16_t planes = 4;
    std::int16_t type = 2;
    std::int16_t bits = 8;
    float slope = 0;
    bool swapped = false;
    std::string voxels;

    std::string bytes() const {
        std::string file(352, '\0');
        put(file, 0, std::int32_t{348});
        put(file, 40, std::int16_t{3});
        put(file, 42, columns);
        put(file, 44, rows);
        put(file, 46, planes);
        put(file, 70, type);
        put(file, 72, bits);
        put(file, 80, 1.0F);
        put(file, 84, 2.0F);
        put(file, 88, 3.0F);
        put(file, 108, 352.0F);
        put(file, 112, slope);
        file.replace(344, 3, "n+1");
        return file + voxels;
    }

    template <typename Number> void put(std::string &file, std::size_t at, Number value) const {
        std::string raw(sizeof value, '\0');
        std::memcpy(raw.data(), &value, sizeof value);
        if (swapped) {
            raw = std::string(raw.rbegin(), raw.rend());
        }
        file.replace(at, raw.size(), raw);
    }
};

} // namespace orthanc_images::tests
