// Masked frames and files: what changes, and what stays bit for bit.
#include "pixels/codecs/codec.h"
#include "pixels/frame.h"
#include "pixels/patch.h"
#include "pixels/refusal.h"
#include "pixels/samples.h"
#include "pixels/syntaxes.h"
#include "pixels/transcoding.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

using namespace orthanc_images::pixels;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;

namespace {

Patch patch(Filling filling, std::int64_t value, std::uint32_t frames = 1) {
    Patch made;
    made.filling = filling;
    made.value = value;
    made.end_frame = frames;
    made.left = 2;
    made.right = 7;
    made.top = 1;
    made.bottom = 4;
    return made;
}

bool is_in(const Patch &patch, std::size_t pixel, std::size_t columns) {
    const std::size_t row = pixel / columns;
    const std::size_t column = pixel % columns;
    return row >= patch.top && row < patch.bottom && column >= patch.left && column < patch.right;
}

std::int64_t value_at(const Frame &pixels, std::size_t index, const Description &image) {
    const std::uint32_t value =
        with_sign(get_sample(pixels.data(), index, image.bytes_of_sample()), image.stored, image.is_signed);
    return image.is_signed ? std::int64_t{static_cast<std::int32_t>(value)} : std::int64_t{value};
}

// The mean of the square around a pixel, one by one.
std::int64_t mean_at(const Frame &pixels, const Description &image, std::int64_t width, std::int64_t row,
                     std::int64_t column, std::size_t sample) {
    std::int64_t sum = 0;
    std::int64_t count = 0;
    for (std::int64_t y = row - width / 2; y < row - width / 2 + width; ++y) {
        for (std::int64_t x = column - width / 2; x < column - width / 2 + width; ++x) {
            if (y >= 0 && x >= 0 && y < image.rows && x < image.columns) {
                sum += value_at(
                    pixels, static_cast<std::size_t>(y * image.columns + x) * image.samples + sample, image);
                ++count;
            }
        }
    }
    return static_cast<std::int64_t>(std::floor(static_cast<double>(sum) / static_cast<double>(count) + 0.5));
}

struct Kind {
    std::uint32_t samples;
    samples::Depth depth;
};

const std::vector<Kind> KINDS = {
    {1, {8, 8, false}},   {1, {8, 8, true}},   {1, {16, 12, false}},
    {1, {16, 12, true}},  {1, {16, 16, true}}, {1, {32, 32, true}},
    {1, {32, 32, false}}, {3, {8, 8, false}},  {3, {16, 16, false}},
};

Frame masked(const Frame &file, const std::string &syntax, std::span<const Patch> patches, Tag marker = 0) {
    static const bool prepared = [] {
        prepare_transcoding();
        return true;
    }();
    static_cast<void>(prepared);
    Frame target(file.size() * 3 + 100'000);
    const Wish wish{.syntaxes = {syntax}, .masking = Masking{.patches = patches, .marker = marker}};
    target.resize(transcode(file, wish, target));
    return target;
}

} // namespace

TEST_CASE("a constant fills the patch, and nothing else changes") {
    for (const Kind &kind : KINDS) {
        const Description image = samples::image(6, 9, kind.samples, kind.depth);
        const Frame before = samples::frame(image, 3);
        Decoded decoded{.pixels = before, .photometric = image.photometric};
        const std::int64_t value = image.is_signed ? -5 : 100;
        const Patch one = patch(Filling::CONSTANT, value);
        apply_patches({&one, 1}, 0, image, nullptr, decoded);
        for (std::size_t i = 0; i < image.pixels() * image.samples; ++i) {
            const bool in = is_in(one, i / image.samples, image.columns);
            CHECK(value_at(decoded.pixels, i, image) == (in ? value : value_at(before, i, image)));
        }
    }
}

TEST_CASE("a mean is that of the square around each pixel, as it was before") {
    for (const Kind &kind : KINDS) {
        for (const std::int64_t width : {2, 3, 5, 30}) {
            const Description image = samples::image(6, 9, kind.samples, kind.depth);
            const Frame before = samples::frame(image, 4);
            Decoded decoded{.pixels = before, .photometric = image.photometric};
            const Patch one = patch(Filling::MEAN, width);
            apply_patches({&one, 1}, 0, image, nullptr, decoded);
            for (std::size_t i = 0; i < image.pixels() * image.samples; ++i) {
                const std::size_t pixel = i / image.samples;
                const std::int64_t expected =
                    is_in(one, pixel, image.columns)
                        ? mean_at(before, image, width, static_cast<std::int64_t>(pixel / image.columns),
                                  static_cast<std::int64_t>(pixel % image.columns), i % image.samples)
                        : value_at(before, i, image);
                CHECK(value_at(decoded.pixels, i, image) == expected);
            }
        }
    }
}

TEST_CASE("grey has no colour differences") {
    const Description image = samples::image(6, 9, 3, {.allocated = 8, .stored = 8, .is_signed = false});
    Decoded decoded{.pixels = samples::frame(image, 1), .photometric = "YBR_FULL"};
    const Patch one = patch(Filling::CONSTANT, 0);
    apply_patches({&one, 1}, 0, image, nullptr, decoded);
    const std::size_t place = (2 * 9 + 3) * 3;
    CHECK(std::vector<int>{decoded.pixels[place], decoded.pixels[place + 1], decoded.pixels[place + 2]} ==
          std::vector{0, 128, 128});
}

TEST_CASE("values keep their place in a sample, and an overlay beside them is gone where it is masked") {
    Description image = samples::image(6, 9, 1, {.allocated = 16, .stored = 12, .is_signed = false});
    image.high = 15;
    Decoded decoded{.pixels = Frame(image.bytes_of_frame(), 0xFF), .photometric = "MONOCHROME2"};
    const Patch one = patch(Filling::CONSTANT, 0x123);
    apply_patches({&one, 1}, 0, image, nullptr, decoded);
    CHECK(get_sample(decoded.pixels.data(), 2 * 9 + 3, 2) == 0x1230);
    CHECK(get_sample(decoded.pixels.data(), 0, 2) == 0xFFFF);
}

TEST_CASE("the mean of a palette is the nearest of its colours around") {
    Description image = samples::image(1, 3, 1, {.allocated = 8, .stored = 8, .is_signed = false});
    image.photometric = "PALETTE COLOR";
    const Palette::Channel grey{.first = 0, .bits = 16, .values = {0, 100, 250, 120}};
    const Palette palette({grey, grey, grey});
    Decoded decoded{.pixels = {0, 1, 2}, .photometric = image.photometric};
    Patch one = patch(Filling::MEAN, 3);
    one.left = 0;
    one.right = 3;
    one.top = 0;
    one.bottom = 1;
    apply_patches({&one, 1}, 0, image, &palette, decoded);
    CHECK(decoded.pixels == Frame{0, 1, 1}); // 50 (of two as near the least), 117, and 175
}

TEST_CASE("only frames of the patch are masked") {
    const Description image = samples::image(6, 9, 1, {.allocated = 8, .stored = 8, .is_signed = false});
    const Frame before = samples::frame(image, 1);
    Patch one = patch(Filling::CONSTANT, 0, 5);
    one.first_frame = 4;
    for (const std::uint32_t frame : {3U, 4U, 5U}) {
        Decoded decoded{.pixels = before, .photometric = image.photometric};
        apply_patches({&one, 1}, frame, image, nullptr, decoded);
        CHECK((decoded.pixels == before) == (frame != 4));
    }
}

TEST_CASE("patches outside of an image are refused") {
    Description image = samples::image(6, 9, 1, {.allocated = 8, .stored = 8, .is_signed = false});
    Patch one = patch(Filling::CONSTANT, 0);
    CHECK_NOTHROW(check_patches({&one, 1}, image));
    one.right = 10;
    CHECK_THROWS_MATCHES(check_patches({&one, 1}, image), Refusal,
                         MessageMatches(ContainsSubstring("not within the image")));
    one = patch(Filling::MEAN, MOST_MEAN_WIDTH + 1);
    CHECK_THROWS_AS(check_patches({&one, 1}, image), Refusal);
    one = patch(Filling::CONSTANT, 0, 2);
    CHECK_THROWS_AS(check_patches({&one, 1}, image), Refusal);
    image.floating = true;
    one = patch(Filling::CONSTANT, 0);
    CHECK_THROWS_AS(check_patches({&one, 1}, image), Refusal);
}

TEST_CASE("a file is masked in each lossless transfer syntax, all frames of it") {
    for (const Kind &kind : KINDS) {
        Description image = samples::image(6, 9, kind.samples, kind.depth);
        image.frames = 2;
        Frame pixels = samples::frame(image, 1);
        const Frame second = samples::frame(image, 2);
        pixels.insert(pixels.end(), second.begin(), second.end());
        const Frame file = samples::native_file(image, pixels);
        const std::vector<Patch> patches = {patch(Filling::CONSTANT, 7, 2)};
        Frame expected;
        for (const std::uint32_t seed : {1U, 2U}) {
            Decoded decoded{.pixels = samples::frame(image, seed), .photometric = image.photometric};
            apply_patches(patches, seed - 1, image, nullptr, decoded);
            expected.insert(expected.end(), decoded.pixels.begin(), decoded.pixels.end());
        }
        for (const char *syntax :
             {"1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2", "1.2.840.10008.1.2.4.70",
              "1.2.840.10008.1.2.4.80", "1.2.840.10008.1.2.4.90", "1.2.840.10008.1.2.4.201",
              "1.2.840.10008.1.2.5"}) {
            if (image.allocated == 32 && syntax_of(syntax).most < 32) {
                continue;
            }
            INFO(syntax << " " << image.allocated << " " << image.samples);
            const Frame made = masked(file, syntax, patches);
            const Outline outline = outline_of(made);
            CHECK(outline.transfer_syntax == syntax);
            CHECK(text_of(outline, 0x00080018) == "2.25.1");
            const Description described = description_of(outline);
            Frame all;
            for (std::uint32_t frame = 0; frame < described.frames; ++frame) {
                const Decoded decoded =
                    decoded_frame(outline, described, coded_frame(outline, described, frame));
                all.insert(all.end(), decoded.pixels.begin(), decoded.pixels.end());
            }
            CHECK(all == expected);
        }
    }
}

TEST_CASE("bits of frames that do not end with a byte are masked") {
    Description image = samples::image(3, 7, 1, {.allocated = 1, .stored = 1, .is_signed = false});
    image.frames = 2;
    const Frame file = samples::native_file(image, Frame(6, 0xFF));
    Patch one = patch(Filling::CONSTANT, 0, 2);
    one.first_frame = 1;
    one.bottom = 3;
    const Outline outline = outline_of(masked(file, "1.2.840.10008.1.2.1", {&one, 1}));
    // 21 bits of frame 0, then those of frame 1: columns 2 to 6 of its rows 1 and 2.
    Frame expected(6, 0);
    for (std::size_t bit = 0; bit < 42; ++bit) {
        const bool in = bit >= 21 && is_in(one, bit - 21, 7);
        expected[bit / 8] = static_cast<std::uint8_t>(expected[bit / 8] | (in ? 0U : 1U << (bit % 8)));
    }
    const Frame made = masked(file, "1.2.840.10008.1.2.1", {&one, 1});
    const Bytes native = outline_of(made).native;
    CHECK(Frame(native.begin(), native.end()) == expected);
}

TEST_CASE("overlays are emptied, icons go, and a marker too; without patches only that") {
    const Description image = samples::image(6, 9, 1, {.allocated = 8, .stored = 8, .is_signed = false});
    samples::Elements dataset;
    dataset.text(0x00080016, "UI", "1.2.840.10008.5.1.4.1.1.7").text(0x00080018, "UI", "2.25.1");
    dataset.text(0x00203406, "LO", "orthanc-images-mask:one");
    dataset.number(0x00280002, 1).text(0x00280004, "CS", "MONOCHROME2");
    dataset.number(0x00280010, 6).number(0x00280011, 9).number(0x00280100, 8).number(0x00280101, 8);
    dataset.number(0x00280102, 7).number(0x00280103, 0).number(0x00280106, 0);
    samples::Elements icon;
    icon.bytes(PIXEL_DATA, "OB", Frame(4, 9));
    samples::Elements item;
    item.raw(std::string_view("\xFE\xFF\x00\xE0", 4));
    item.raw(std::string_view("\x10\x00\x00\x00", 4))
        .raw({reinterpret_cast<const char *>(icon.all().data()), icon.all().size()});
    dataset.bytes(0x00880200, "SQ", item.all());
    dataset.number(0x60000010, 6).number(0x60000011, 9).text(0x60000040, "CS", "G");
    dataset.bytes(0x60000050, "SS", Frame{1, 0, 1, 0}).number(0x60000100, 1).number(0x60000102, 0);
    dataset.bytes(0x60003000, "OW", Frame(8, 0xFF));
    dataset.bytes(PIXEL_DATA, "OB", samples::frame(image, 1));
    const Frame file = samples::file("1.2.840.10008.1.2.1", dataset);
    const auto holds = [](const Frame &made, std::string_view bytes) {
        return !std::ranges::search(made, bytes, [](std::uint8_t one, char other) {
                    return one == static_cast<std::uint8_t>(other);
                }).empty();
    };
    constexpr std::string_view icons("\x88\x00\x00\x02SQ", 6);
    constexpr std::string_view full("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 8);

    const Frame unmasked = masked(file, "1.2.840.10008.1.2.1", {}, 0x00203406);
    CHECK_FALSE(holds(unmasked, "orthanc-images-mask"));
    CHECK(holds(unmasked, icons));
    CHECK(holds(unmasked, full));

    const Patch one = patch(Filling::CONSTANT, 0);
    const Frame made = masked(file, "1.2.840.10008.1.2.1", {&one, 1}, 0x00203406);
    CHECK_FALSE(holds(made, "orthanc-images-mask"));
    CHECK_FALSE(holds(made, icons));
    CHECK_FALSE(outline_of(made).values.contains(0x00280106));
    std::string overlay(8, '\0');
    for (std::size_t bit = 0; bit < 64; ++bit) {
        const bool in = bit < 54 && is_in(one, bit, 9);
        overlay[bit / 8] =
            static_cast<char>(static_cast<unsigned char>(overlay[bit / 8]) | (in ? 0U : 1U << (bit % 8)));
    }
    CHECK(holds(made, overlay));
}

TEST_CASE("a damaged file is masked or refused") {
    Description image = samples::image(9, 11, 1, {.allocated = 16, .stored = 12, .is_signed = false});
    image.frames = 2;
    Frame pixels = samples::frame(image, 1);
    pixels.insert(pixels.end(), pixels.begin(),
                  pixels.begin() + static_cast<std::ptrdiff_t>(image.bytes_of_frame()));
    const Frame file = samples::native_file(image, pixels);
    const std::vector<Patch> patches = {patch(Filling::MEAN, 5, 2)};
    samples::Dice dice(5);
    for (const char *syntax : {"1.2.840.10008.1.2.1", "1.2.840.10008.1.2.5", "1.2.840.10008.1.2.4.90"}) {
        const Frame whole = masked(file, syntax, {});
        std::size_t refused = 0;
        for (int i = 0; i < 150; ++i) {
            try {
                masked(samples::damaged(whole, dice), syntax, patches);
            } catch (const Refusal &) {
                ++refused;
            }
        }
        CHECK(refused > 10);
    }
}
