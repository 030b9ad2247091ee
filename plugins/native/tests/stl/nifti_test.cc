// From NIfTI to volumes; and files that are broken or hostile.
#include "framework/errors.h"
#include "stl/bytes.h"
#include "stl/nifti.h"
#include "tests/fake_orthanc.h"
#include "tests/stl/shapes.h"

#include <catch2/catch_approx.hpp>
#include <catch2/catch_test_macros.hpp>
#include <zlib.h>

#include <cmath>
#include <numbers>
#include <random>

using namespace orthanc_images;
using namespace orthanc_images::stl;
using namespace orthanc_images::tests;
using Catch::Approx;

namespace {

constexpr std::size_t MANY = 1'000'000;

std::string zipped(const std::string &bytes) {
    std::string packed(bytes.size() + 1024, '\0');
    z_stream stream{};
    REQUIRE(deflateInit2(&stream, 9, Z_DEFLATED, 31, 9, Z_DEFAULT_STRATEGY) == Z_OK);
    stream.next_in = reinterpret_cast<Bytef *>(const_cast<char *>(bytes.data()));
    stream.avail_in = static_cast<uInt>(bytes.size());
    stream.next_out = reinterpret_cast<Bytef *>(packed.data());
    stream.avail_out = static_cast<uInt>(packed.size());
    REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
    packed.resize(stream.total_out);
    deflateEnd(&stream);
    return packed;
}

template <typename Number>
NiftiFile ball(std::int16_t type, double inside, double outside, bool swapped = false) {
    NiftiFile file;
    file.columns = file.rows = file.planes = 24;
    file.type = type;
    file.bits = 8 * sizeof(Number);
    file.swapped = swapped;
    for (int z = 0; z < 24; ++z) {
        for (int y = 0; y < 24; ++y) {
            for (int x = 0; x < 24; ++x) {
                const double value = std::hypot(x - 11.5, y - 11.5, z - 11.5) <= 9.1 ? inside : outside;
                std::string one(sizeof(Number), '\0');
                file.put(one, 0, static_cast<Number>(value));
                file.voxels += one;
            }
        }
    }
    return file;
}

Mesh mesh_of(const std::string &bytes, std::size_t resolution = 48) {
    const Placed placed = volume_in(bytes, resolution);
    Mesh mesh = surface_of(*placed.volume, 0.5F, 0, MANY);
    place(mesh, placed.placement);
    return mesh;
}

std::string failure(const std::string &bytes) {
    try {
        mesh_of(bytes, 4);
    } catch (const Error &error) {
        return error.what();
    }
    return "nothing";
}

// The sizes of voxels are 1, 2 and 3.
const double EXPECTED = 6 * 4 * std::numbers::pi / 3 * 9.1 * 9.1 * 9.1;

} // namespace

TEST_CASE("a ball in each type of data and either order of bytes") {
    for (const bool swapped : {false, true}) {
        for (const NiftiFile &file :
             {ball<std::uint8_t>(2, 255, 0, swapped), ball<std::int8_t>(256, 100, -100, swapped),
              ball<std::int16_t>(4, 1000, -1000, swapped), ball<std::uint16_t>(512, 65535, 0, swapped),
              ball<std::int32_t>(8, 7, 6, swapped), ball<std::uint32_t>(768, 4e9, 0, swapped),
              ball<float>(16, 3e38, -3e38, swapped), ball<double>(64, 1e308, -1e308, swapped),
              ball<std::int64_t>(1024, 5, -5, swapped), ball<std::uint64_t>(1280, 5, 1, swapped)}) {
            const Mesh mesh = mesh_of(file.bytes());
            CHECK(is_closed(mesh));
            CHECK(volume_of(mesh) == Approx(EXPECTED).epsilon(0.01));
        }
    }
}

TEST_CASE("compressed is the same as not") {
    const std::string bytes = ball<std::uint8_t>(2, 1, 0).bytes();
    const Mesh plain = mesh_of(bytes);
    const Mesh unpacked = mesh_of(zipped(bytes));
    CHECK(plain.points == unpacked.points);
    CHECK(failure(zipped(bytes).substr(0, zipped(bytes).size() / 2)) ==
          "Nifti: is gzip that is broken or cut off.");
    CHECK(failure(zipped(bytes.substr(0, 1000))) == "Nifti: it is cut off: it has 1000 of 14176 bytes.");
    CHECK(failure("\x1f\x8b that is no gzip") == "Nifti: is gzip that is broken or cut off.");
}

TEST_CASE("what has no number, and what is beyond the file, is outside") {
    NiftiFile file = ball<float>(16, 1, NAN);
    file.voxels.replace(0, 4, std::string(4, '\0'));
    CHECK(volume_of(mesh_of(file.bytes())) == Approx(EXPECTED).epsilon(0.01));
    file = ball<float>(16, 1, -std::numeric_limits<float>::infinity());
    file.voxels.replace(0, 4, std::string(4, '\0'));
    CHECK(volume_of(mesh_of(file.bytes())) == Approx(EXPECTED).epsilon(0.01));
}

TEST_CASE("a negative slope turns the values around") {
    NiftiFile file = ball<std::uint8_t>(2, 0, 9);
    file.slope = -2;
    CHECK(volume_of(mesh_of(file.bytes())) == Approx(EXPECTED).epsilon(0.01));
}

TEST_CASE("places are those of the patient, as DICOM counts them") {
    NiftiFile file = ball<std::uint8_t>(2, 1, 0);
    const auto middle = [](const Mesh &mesh) {
        std::array<double, 3> sum{};
        for (const Point &point : mesh.points) {
            for (std::size_t axis = 0; axis < 3; ++axis) {
                sum.at(axis) += point.at(axis) / static_cast<double>(mesh.points.size());
            }
        }
        return sum;
    };
    auto at = middle(mesh_of(file.bytes()));
    CHECK(at[0] == Approx(-11.5).margin(0.1));
    CHECK(at[1] == Approx(-23).margin(0.1));
    CHECK(at[2] == Approx(34.5).margin(0.1));

    std::string bytes = file.bytes();
    file.put(bytes, 254, std::int16_t{1});
    const std::array<float, 12> matrix{0, 2, 0, 10, 1, 0, 0, 20, 0, 0, 3, 30};
    for (std::size_t one = 0; one < matrix.size(); ++one) {
        file.put(bytes, 280 + (4 * one), matrix.at(one));
    }
    Mesh mesh = mesh_of(bytes);
    at = middle(mesh);
    CHECK(at[0] == Approx(-33).margin(0.1));
    CHECK(at[1] == Approx(-31.5).margin(0.1));
    CHECK(at[2] == Approx(64.5).margin(0.1));
    CHECK(volume_of(mesh) == Approx(EXPECTED).epsilon(0.01));

    // A half turn around z, and places in metres.
    bytes = file.bytes();
    file.put(bytes, 252, std::int16_t{1});
    file.put(bytes, 264, 1.0F);
    bytes[123] = 1;
    at = middle(mesh_of(bytes));
    CHECK(at[0] == Approx(11500).margin(100));
    CHECK(at[1] == Approx(23000).margin(100));
    CHECK(at[2] == Approx(34500).margin(100));
}

TEST_CASE("the second version has the same fields elsewhere") {
    const NiftiFile file = ball<std::uint8_t>(2, 1, 0);
    std::string bytes(544, '\0');
    file.put(bytes, 0, std::int32_t{540});
    bytes.replace(4, 3, "n+2");
    file.put(bytes, 12, std::int16_t{2});
    file.put(bytes, 14, std::int16_t{8});
    file.put(bytes, 16, std::int64_t{3});
    for (std::size_t axis = 0; axis < 3; ++axis) {
        file.put(bytes, 24 + (8 * axis), std::int64_t{24});
        file.put(bytes, 112 + (8 * axis), static_cast<double>(axis + 1));
    }
    file.put(bytes, 168, std::int64_t{544});
    CHECK(volume_of(mesh_of(bytes + file.voxels)) == Approx(EXPECTED).epsilon(0.01));
    file.put(bytes, 24, std::int64_t{1} << 62U);
    CHECK(failure(bytes) ==
          "Nifti: dim[1] is 4611686018427387904. There must be from 1 to 4096 voxels in each "
          "direction.");
}

TEST_CASE("what is no volume is refused") {
    const NiftiFile good = ball<std::uint8_t>(2, 1, 0);
    const auto with = [&](std::size_t at, auto value) {
        std::string bytes = good.bytes();
        good.put(bytes, at, value);
        return failure(bytes);
    };
    const std::string none = "Nifti: it is no NIfTI file in one piece (.nii or .nii.gz).";
    CHECK(failure("") == none);
    CHECK(failure(std::string(400, 'x')) == none);
    CHECK(with(344, 'x') == none);
    CHECK(with(0, std::int32_t{349}) == none);
    CHECK(with(40, std::int16_t{0}) == "Nifti: dim[0] is 0, and not from 1 to 7.");
    CHECK(with(40, std::int16_t{4}) ==
          "Nifti: dim[4] is 0. There must be from 1 to 4096 voxels in each direction.");
    CHECK(with(42, std::int16_t{-3}).starts_with("Nifti: dim[1] is -3."));
    CHECK(with(42, std::int16_t{5000}).starts_with("Nifti: dim[1] is 5000."));
    CHECK(with(70, std::int16_t{128}) == "Nifti: its data type 128 is not one number for each voxel.");
    CHECK(with(72, std::int16_t{16}) == "Nifti: bitpix is 16, which does not fit its data type 2.");
    CHECK(with(80, 0.0F) == "Nifti: pixdim has a size of voxels that is no number above 0.");
    CHECK(with(84, NAN) == "Nifti: pixdim has a size of voxels that is no number above 0.");
    CHECK(with(108, 0.0F) == "Nifti: vox_offset does not lead to its voxels.");
    CHECK(with(108, INFINITY) == "Nifti: vox_offset does not lead to its voxels.");
    CHECK(with(108, 353.0F).starts_with("Nifti: it is cut off: "));
    std::string bytes = good.bytes();
    good.put(bytes, 254, std::int16_t{1});
    good.put(bytes, 280, NAN);
    CHECK(failure(bytes) == "Nifti: its srow or its quaternion places voxels where nothing can be.");
    bytes = good.bytes();
    good.put(bytes, 40, std::int16_t{4});
    good.put(bytes, 48, std::int16_t{2});
    CHECK(failure(bytes) == "Nifti: it has more than one volume. Take one of them out.");
    CHECK(failure(NiftiFile{.voxels = std::string(64, 'x')}.bytes()) ==
          "Nifti: all of its voxels have the same value: there is no surface.");
}

TEST_CASE("a file that says it is large takes no memory before it is there") {
    NiftiFile file;
    file.columns = file.rows = 4096;
    file.planes = 32;
    CHECK(failure(file.bytes()) == "Nifti: it is cut off: it has 352 of 536871264 bytes.");
    file.planes = 33;
    CHECK(failure(file.bytes()) == "Nifti: it has more than 512 MiB of voxels. Give a coarser one.");
    // Much more in gzip than the header says is not unpacked.
    NiftiFile bomb = ball<std::uint8_t>(2, 1, 0);
    bomb.voxels += std::string(64U << 20U, '\0');
    CHECK(failure(zipped(bomb.bytes())) == "nothing");
}

TEST_CASE("bytes that were changed at random are read or refused") {
    NiftiFile file;
    file.voxels = std::string(63, 'x') + "y";
    const std::string good = file.bytes();
    const std::string packed = zipped(good);
    std::mt19937 random(1);
    for (int round = 0; round < 3000; ++round) {
        std::string bytes = round % 4 == 0 ? packed : good;
        for (int change = 0; change < 1 + (round % 5); ++change) {
            bytes[random() % bytes.size()] = static_cast<char>(random());
        }
        bytes.resize(bytes.size() - (round % 3 == 0 ? random() % bytes.size() : 0));
        try {
            mesh_of(bytes, 3);
        } catch (const Error &) {
            continue;
        }
    }
}

TEST_CASE("base64 is read strictly, and written") {
    for (const std::string bytes : {"", "a", "ab", "abc", "abcd"}) {
        CHECK(decoded(in_base64(bytes), "It") == bytes);
    }
    CHECK(in_base64("\xff\xfe") == "//4=");
    for (const char *text : {"a", "ab", "abc", "ab=c", "a===", "ab c", "abc\n", "====", "ab-_"}) {
        CHECK_THROWS_AS(decoded(text, "It"), Error);
    }
    CHECK(content_of("data:application/gzip;base64,YWI=", "It") == "ab");
    CHECK(content_of("data:;base64,", "It").empty());
    for (const char *text : {"", "YWI=", "data:YWI=", "data:text/plain,YWI=", "http:;base64,YWI="}) {
        CHECK_THROWS_AS(content_of(text, "It"), Error);
    }
}
