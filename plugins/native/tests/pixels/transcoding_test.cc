// Files from one transfer syntax into others: what stays, what changes, and what is refused.
#include "pixels/codecs/codec.h"
#include "pixels/frame.h"
#include "pixels/refusal.h"
#include "pixels/samples.h"
#include "pixels/syntaxes.h"
#include "pixels/transcoding.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <array>
#include <string>

using namespace orthanc_images::pixels;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;

namespace {

constexpr std::array LOSSLESS = {
    "1.2.840.10008.1.2",       "1.2.840.10008.1.2.1",     "1.2.840.10008.1.2.1.99", "1.2.840.10008.1.2.2",
    "1.2.840.10008.1.2.4.57",  "1.2.840.10008.1.2.4.70",  "1.2.840.10008.1.2.4.80", "1.2.840.10008.1.2.4.90",
    "1.2.840.10008.1.2.4.201", "1.2.840.10008.1.2.4.202", "1.2.840.10008.1.2.5",
};

Frame transcoded(const Frame &file, const std::string &syntax, bool new_instance = false) {
    static const bool prepared = [] {
        prepare_transcoding();
        return true;
    }();
    static_cast<void>(prepared);
    Frame target(file.size() * 3 + 100'000);
    target.resize(transcode(file, {.syntaxes = {syntax}, .new_instance = new_instance}, target));
    return target;
}

// All pixels of a file, one frame after the other.
Frame pixels_of(Frame file) {
    Outline outline = outline_of(file);
    if (outline.deflated) {
        file = plain(file, outline);
        outline = outline_of(file);
    }
    const Description image = description_of(outline);
    Frame all;
    for (std::uint32_t frame = 0; frame < image.frames; ++frame) {
        const Decoded decoded = decoded_frame(outline, image, coded_frame(outline, image, frame));
        all.insert(all.end(), decoded.pixels.begin(), decoded.pixels.end());
    }
    return all;
}

Frame frames_of(const Description &image) {
    Frame all;
    for (std::uint32_t number = 0; number < image.frames; ++number) {
        const Frame one = samples::frame(image, number + 1);
        all.insert(all.end(), one.begin(), one.end());
    }
    return all;
}

} // namespace

TEST_CASE("pixels come through each pair of lossless transfer syntaxes") {
    for (const std::uint32_t count : {1U, 3U}) {
        Description image =
            samples::image(9, 11, count, {.allocated = 16, .stored = 12, .is_signed = count == 1});
        image.frames = 2;
        const Frame pixels = frames_of(image);
        const Frame file = samples::native_file(image, pixels);
        for (const char *source : LOSSLESS) {
            const Frame first = transcoded(file, source);
            CHECK(outline_of(first).transfer_syntax == source);
            for (const char *target : LOSSLESS) {
                INFO(source << " to " << target);
                const Frame second = transcoded(first, target);
                CHECK(outline_of(second).transfer_syntax == target);
                CHECK(pixels_of(second) == pixels);
            }
        }
    }
}

TEST_CASE("a lossy file is another instance, and only where that is allowed") {
    const Description image = samples::image(16, 16, 1, {.allocated = 8, .stored = 8, .is_signed = false});
    const Frame file = samples::native_file(image, samples::frame(image, 1));
    CHECK_THROWS_MATCHES(transcoded(file, "1.2.840.10008.1.2.4.50"), Refusal,
                         MessageMatches(ContainsSubstring("a new SOP instance UID is not allowed")));
    const Frame made = transcoded(file, "1.2.840.10008.1.2.4.50", true);
    const Outline outline = outline_of(made);
    CHECK(outline.transfer_syntax == "1.2.840.10008.1.2.4.50");
    CHECK(text_of(outline, 0x00080018) != "2.25.1");
    CHECK(text_of(outline, 0x00282110) == "01");
    CHECK(text_of(outline, 0x00282114) == "ISO_10918_1");
    CHECK_FALSE(text_of(outline, 0x00282112).empty());
}

TEST_CASE("what a transfer syntax cannot hold is refused, with the reason") {
    const Description wide = samples::image(4, 4, 1, {.allocated = 32, .stored = 32, .is_signed = false});
    const Frame file = samples::native_file(wide, samples::frame(wide, 1));
    CHECK_THROWS_MATCHES(transcoded(file, "1.2.840.10008.1.2.4.90"), Refusal,
                         MessageMatches(ContainsSubstring("holds no samples of 32 bits")));
    CHECK(pixels_of(transcoded(file, "1.2.840.10008.1.2.5")) == samples::frame(wide, 1));
    CHECK_THROWS_MATCHES(transcoded(file, "1.2.840.10008.1.2.4.100"), Refusal,
                         MessageMatches(ContainsSubstring("nothing here encodes this transfer syntax")));
}

TEST_CASE("a damaged file is transcoded or refused") {
    Description image = samples::image(9, 11, 1, {.allocated = 16, .stored = 12, .is_signed = false});
    image.frames = 2;
    const Frame file = samples::native_file(image, frames_of(image));
    samples::Dice dice(3);
    for (const char *source : {"1.2.840.10008.1.2.1", "1.2.840.10008.1.2.1.99", "1.2.840.10008.1.2.4.90",
                               "1.2.840.10008.1.2.4.70", "1.2.840.10008.1.2.5"}) {
        const Frame whole = transcoded(file, source);
        std::size_t refused = 0;
        for (int i = 0; i < 200; ++i) {
            const Frame broken = samples::damaged(whole, dice);
            try {
                static_cast<void>(transcoded(broken, "1.2.840.10008.1.2.5"));
            } catch (const Refusal &) {
                ++refused;
            }
        }
        INFO(source);
        CHECK(refused > 0);
    }
}
