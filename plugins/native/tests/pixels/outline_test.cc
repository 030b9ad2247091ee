// Where things lie in files: sound ones, odd ones, and damaged ones.
#include "pixels/fragments.h"
#include "pixels/outline.h"
#include "pixels/refusal.h"
#include "pixels/samples.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>

#include <string>

using namespace orthanc_images::pixels;
using Catch::Matchers::Message;

namespace {

constexpr const char *JPEG = "1.2.840.10008.1.2.4.50";
constexpr const char *RLE = "1.2.840.10008.1.2.5";

Frame stream(std::uint8_t mark) {
    return {0xFF, 0xD8, mark, 0};
}

std::vector<std::size_t> fragments_of_each_frame(const Frame &file) {
    const Outline outline = outline_of(file);
    const Description image = description_of(outline);
    std::vector<std::size_t> counts;
    for (std::uint32_t frame = 0; frame < image.frames; ++frame) {
        counts.push_back(fragments_of(outline, image, frame).size());
    }
    return counts;
}

Description frames(std::uint32_t count) {
    Description image = samples::image(2, 2, 1, {.allocated = 8, .stored = 8, .is_signed = false});
    image.frames = count;
    return image;
}

} // namespace

TEST_CASE("the outline of a file has its syntax, its description and its pixels") {
    const Description made = samples::image(3, 5, 3, {.allocated = 16, .stored = 12, .is_signed = true});
    const Frame pixels = samples::frame(made, 1);
    const Frame file = samples::native_file(made, pixels);
    const Outline outline = outline_of(file);
    CHECK(outline.transfer_syntax == "1.2.840.10008.1.2.1");
    CHECK(outline.pixels == PIXEL_DATA);
    CHECK_FALSE(outline.encapsulated);
    CHECK(outline.native.size() == pixels.size());
    const Description image = description_of(outline);
    CHECK(image.rows == 3);
    CHECK(image.columns == 5);
    CHECK(image.samples == 3);
    CHECK(image.allocated == 16);
    CHECK(image.stored == 12);
    CHECK(image.is_signed);
    CHECK(image.photometric == "RGB");
}

TEST_CASE("what stands around pixels is passed, however it is nested") {
    using namespace std::string_literals;
    // A sequence without a length, in it an item without one, in it an element UN whose items are implicit.
    const std::string nested = "\x08\x00\x40\x11SQ\0\0\xff\xff\xff\xff"
                               "\xfe\xff\x00\xe0\xff\xff\xff\xff"
                               "\x09\x00\x01\x10UN\0\0\xff\xff\xff\xff"
                               "\xfe\xff\x00\xe0\xff\xff\xff\xff"
                               "\x09\x00\x02\x10\x02\x00\x00\x00"
                               "ab"
                               "\xfe\xff\x0d\xe0\0\0\0\0"
                               "\xfe\xff\xdd\xe0\0\0\0\0"
                               "\xfe\xff\x0d\xe0\0\0\0\0"
                               "\xfe\xff\xdd\xe0\0\0\0\0"s;
    samples::Elements dataset;
    dataset.raw(nested);
    const samples::Elements rest = samples::described(frames(1));
    dataset.raw({reinterpret_cast<const char *>(rest.all().data()), rest.all().size()});
    dataset.bytes(PIXEL_DATA, "OB", Frame{1, 2, 3, 4});
    const Frame file = samples::file("1.2.840.10008.1.2.1", dataset);
    const Outline outline = outline_of(file);
    CHECK(outline.native.size() == 4);
    CHECK(description_of(outline).rows == 2);

    std::string deep;
    for (int i = 0; i < 1000; ++i) {
        deep += "\x08\x00\x40\x11SQ\0\0\xff\xff\xff\xff\xfe\xff\x00\xe0\xff\xff\xff\xff"s;
    }
    samples::Elements bottomless;
    bottomless.raw(deep);
    CHECK_THROWS_MATCHES(outline_of(samples::file("1.2.840.10008.1.2.1", bottomless)), Refusal,
                         Message("the sequences of the file are nested too deeply"));
}

TEST_CASE("frames find their fragments by either table, and by the begin of bit streams") {
    const std::vector<Frame> three = {stream(1), {1, 2}, stream(2)};
    // Item headers of 8 bytes: the second frame begins after 8 + 4 + 8 + 2.
    const Frame table = {0, 0, 0, 0, 22, 0, 0, 0};
    const Frame wide = {0, 0, 0, 0, 0, 0, 0, 0, 22, 0, 0, 0, 0, 0, 0, 0};
    const std::vector<std::size_t> expected = {2, 1};
    CHECK(fragments_of_each_frame(
              samples::file(RLE, samples::described(frames(2)).fragments(table, three))) == expected);
    CHECK(fragments_of_each_frame(samples::file(
              RLE, samples::described(frames(2)).bytes(0x7FE00001, "OV", wide).fragments({}, three))) ==
          expected);
    CHECK(fragments_of_each_frame(samples::file(JPEG, samples::described(frames(2)).fragments({}, three))) ==
          expected);
    CHECK(fragments_of_each_frame(samples::file(JPEG, samples::described(frames(1)).fragments({}, three))) ==
          std::vector<std::size_t>{3});
    // A table that does not fit is not believed.
    const Frame wrong = {0, 0, 0, 0, 23, 0, 0, 0};
    CHECK(fragments_of_each_frame(
              samples::file(JPEG, samples::described(frames(2)).fragments(wrong, three))) == expected);
    const std::vector<Frame> plain = {{1, 2}, {3, 4}, {5, 6}};
    const Frame unclear = samples::file(RLE, samples::described(frames(2)).fragments({}, plain));
    CHECK_THROWS_MATCHES(fragments_of_each_frame(unclear), Refusal,
                         Message("nothing says which of its 3 fragments are which of its 2 frames"));
}

TEST_CASE("a frame of 1-bit pixels may begin amid a byte") {
    Description image = samples::image(3, 3, 1, {.allocated = 1, .stored = 1, .is_signed = false});
    image.frames = 3;
    const Frame file = samples::native_file(image, Frame{0xFF, 0x01, 0xFE, 0x03});
    const Outline outline = outline_of(file);
    const NativeFrame second = native_frame(outline, image, 1);
    CHECK(second.skipped == 1);
    CHECK(second.bytes.size() == 2);
    CHECK(second.bytes[0] == 0x01);
    const NativeFrame third = native_frame(outline, image, 2);
    CHECK(third.skipped == 2);
    CHECK(third.bytes[0] == 0xFE);
    CHECK_THROWS_MATCHES(native_frame(outline, image, 3), Refusal,
                         Message("there is no frame 3, counted from 0; the image has 3"));
    const Frame cut = samples::native_file(image, Frame{1, 2});
    CHECK_THROWS_MATCHES(native_frame(outline_of(cut), image, 2), Refusal,
                         Message("PixelData has 2 bytes, and its frame 2 ends at byte 4"));
}

TEST_CASE("a file that is none, or ends amid an element, is refused") {
    const Frame whole = samples::native_file(frames(1), Frame{1, 2, 3, 4});
    CHECK(outline_of(Bytes(whole).first(100)).bare);
    CHECK_THROWS_MATCHES(outline_of(Bytes(whole).first(whole.size() - 1)), Refusal,
                         Message("the file ends amid an element"));
    Description image = frames(1);
    image.rows = 0;
    const Frame flat = samples::native_file(image, Frame{1, 2});
    CHECK_THROWS_MATCHES(description_of(outline_of(flat)), Refusal,
                         Message("Rows or Columns is absent or 0"));
    image = frames(1);
    image.allocated = 12;
    const Frame odd = samples::native_file(image, Frame{1, 2});
    CHECK_THROWS_MATCHES(description_of(outline_of(odd)), Refusal,
                         Message("BitsAllocated is 12, which no pixels can have"));
}

TEST_CASE("damage leads to an outline or to a refusal, and nowhere else") {
    samples::Dice dice(17);
    const Frame whole = samples::file(
        JPEG, samples::described(frames(3)).fragments({}, {stream(1), {1, 2}, stream(2), stream(3)}));
    std::size_t outlines = 0;
    std::size_t refusals = 0;
    for (int i = 0; i < 20'000; ++i) {
        const Frame broken = samples::damaged(whole, dice);
        try {
            const Outline outline = outline_of(broken);
            const Description image = description_of(outline);
            static_cast<void>(coded_frame(outline, image, 1));
            ++outlines;
        } catch (const Refusal &) {
            ++refusals;
        }
    }
    CHECK(outlines > 0);
    CHECK(refusals > 0);
}
