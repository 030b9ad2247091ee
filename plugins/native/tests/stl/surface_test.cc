// From volumes to surfaces: closed ones, of the right size, whatever the volume is.
#include "framework/errors.h"
#include "stl/mesh.h"
#include "tests/fake_orthanc.h"
#include "tests/stl/shapes.h"

#include <catch2/catch_approx.hpp>
#include <catch2/catch_test_macros.hpp>

#include <cmath>
#include <numbers>
#include <random>

using namespace orthanc_images;
using namespace orthanc_images::stl;
using namespace orthanc_images::tests;
using Catch::Approx;

namespace {

constexpr std::size_t MANY = 1'000'000;
constexpr double PI = std::numbers::pi;

Mesh surface(Field field) {
    return surface_of(field, 0.5F, 0, MANY);
}

Field ball(std::size_t size, double radius) {
    const double middle = static_cast<double>(size - 1) / 2;
    return {{size, size, size}, [=](double x, double y, double z) {
                return std::hypot(x - middle, y - middle, z - middle) <= radius ? 1 : 0;
            }};
}

// How far its points are from the radius on average.
double roughness(const Mesh &mesh, double middle, double radius) {
    double sum = 0;
    for (const Point &point : mesh.points) {
        sum += std::abs(std::hypot(point[0] - middle, point[1] - middle, point[2] - middle) - radius);
    }
    return sum / static_cast<double>(mesh.points.size());
}

} // namespace

TEST_CASE("the surface of a ball is closed and has its volume") {
    for (const double radius : {8.0, 20.0, 28.0}) {
        const Mesh mesh = surface(ball(64, radius));
        CHECK(is_closed(mesh));
        CHECK(volume_of(mesh) == Approx(4 * PI / 3 * std::pow(radius, 3)).epsilon(0.01));
    }
}

TEST_CASE("the surface of a torus has a hole, which the formula of Euler counts") {
    const Mesh mesh = surface({{80, 80, 40}, [](double x, double y, double z) {
                                   const double ring = std::hypot(x - 39.5, y - 39.5) - 24;
                                   return 10 - std::hypot(ring, z - 19.5) + 0.5;
                               }});
    CHECK(is_closed(mesh));
    CHECK(volume_of(mesh) == Approx(2 * PI * PI * 24 * 100).epsilon(0.01));
    const auto edges = static_cast<long>(mesh.triangles.size() / 2 * 3);
    CHECK(static_cast<long>(mesh.points.size()) - edges + static_cast<long>(mesh.triangles.size()) == 0);
}

TEST_CASE("whatever the volume is, each edge has two triangles") {
    for (unsigned int seed = 0; seed < 50; ++seed) {
        std::mt19937 random(seed);
        std::uniform_int_distribution<int> values(0, static_cast<int>(seed % 3) + 1);
        const Mesh mesh = surface({{9, 8, 7}, [&](double, double, double) { return 0.5 * values(random); }});
        CHECK(is_closed(mesh));
        CHECK(volume_of(mesh) > 0);
        for (const Triangle &triangle : mesh.triangles) {
            CHECK((triangle[0] != triangle[1] && triangle[1] != triangle[2] && triangle[2] != triangle[0]));
        }
    }
}

TEST_CASE("what fills the volume is closed by what is around it") {
    const Mesh mesh = surface({{2, 3, 4}, [](double, double, double) { return 1; }});
    CHECK(is_closed(mesh));
    // A box, whose edges and corners are cut off half a sample around.
    CHECK(volume_of(mesh) == Approx(24 - (4 * (1 + 2 + 3) * 0.125) - (8.0 * 5 / 48)).epsilon(0.02));
    CHECK(surface({{2, 2, 2}, [](double, double, double) { return 0; }}).triangles.empty());
    CHECK(volume_of({}) == 0);
}

TEST_CASE("a surface of too many triangles is refused") {
    Field field = ball(32, 12);
    try {
        surface_of(field, 0.5F, 0, 100);
        FAIL("it was made");
    } catch (const HttpError &error) {
        CHECK(error.status() == 413);
        CHECK(std::string(error.what()) ==
              "the model would have more than 100 triangles. Give a smaller Resolution.");
    }
}

TEST_CASE("smoothing evens out steps, and keeps the volume") {
    for (const double radius : {4.0, 8.0, 20.0}) {
        Mesh mesh = surface(ball(64, radius));
        const double before = volume_of(mesh);
        const double rough = roughness(mesh, 31.5, radius);
        smooth(mesh);
        CHECK(is_closed(mesh));
        CHECK(volume_of(mesh) == Approx(before).epsilon(0.01));
        CHECK(roughness(mesh, 31.5, radius) < rough);
    }
}

TEST_CASE("a reflection leaves outside what was there") {
    Mesh mesh = surface(ball(16, 6));
    const double before = volume_of(mesh);
    place(mesh, {{{-2, 0, 0, 5}, {0, 3, 0, 0}, {0, 0, 1, -7}}});
    CHECK(volume_of(mesh) == Approx(6 * before).epsilon(1e-4));
}

TEST_CASE("STL has a normal and three points for each triangle") {
    const Mesh mesh{{{0, 0, 0}, {2, 0, 0}, {0, 2, 0}}, {{0, 1, 2}, {0, 0, 1}}};
    const std::string bytes = encoded(mesh);
    REQUIRE(bytes.size() == 84 + (2 * 50));
    CHECK(bytes.substr(0, 84) == std::string(80, '\0') + std::string("\2\0\0\0", 4));
    std::array<float, 12> numbers{};
    std::memcpy(numbers.data(), &bytes[84], sizeof numbers);
    CHECK(numbers == std::array<float, 12>{0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 2, 0});
    // One without an area has no normal.
    std::memcpy(numbers.data(), &bytes[134], sizeof numbers);
    CHECK((numbers[0] == 0 && numbers[1] == 0 && numbers[2] == 0));
}
