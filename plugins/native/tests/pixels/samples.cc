#include "pixels/samples.h"

#include "pixels/codecs/codec.h"

#include <algorithm>

namespace orthanc_images::pixels::samples {

Description image(std::uint32_t rows, std::uint32_t columns, std::uint32_t samples, Depth depth) {
    Description made;
    made.rows = rows;
    made.columns = columns;
    made.samples = samples;
    made.allocated = depth.allocated;
    made.stored = depth.stored;
    made.high = depth.stored - 1;
    made.is_signed = depth.is_signed;
    made.photometric = samples == 1 ? "MONOCHROME2" : "RGB";
    return made;
}

Frame frame(const Description &image, std::uint32_t seed) {
    Dice dice(seed);
    Frame pixels = empty_frame(image);
    const std::size_t count = image.pixels() * image.samples;
    const std::uint64_t range = std::uint64_t{1} << image.stored;
    for (std::size_t i = 0; i < count; ++i) {
        const std::uint64_t ramp = count < 2 ? 0 : i * (range - 1) / (count - 1);
        const std::uint64_t value = (ramp + dice.below(std::min<std::uint64_t>(range, 7))) % range;
        put_sample(pixels.data(), i, image.bytes_of_sample(),
                   with_sign(static_cast<std::uint32_t>(value), image.stored, image.is_signed));
    }
    return pixels;
}

void Elements::little_endian(std::uint32_t value, std::size_t width) {
    for (std::size_t i = 0; i < width; ++i) {
        bytes_.push_back(static_cast<std::uint8_t>(value >> (8U * i)));
    }
}

void Elements::begin(Tag tag, std::string_view representation, std::uint32_t size) {
    little_endian(tag >> 16U, 2);
    little_endian(tag & 0xFFFFU, 2);
    bytes_.insert(bytes_.end(), representation.begin(), representation.end());
    if (representation == "OB" || representation == "OW" || representation == "SQ" ||
        representation == "UN" || representation == "OV") {
        little_endian(0, 2);
        little_endian(size, 4);
    } else {
        little_endian(size, 2);
    }
}

Elements &Elements::number(Tag tag, std::uint32_t value) {
    begin(tag, "US", 2);
    little_endian(value, 2);
    return *this;
}

Elements &Elements::text(Tag tag, std::string_view representation, std::string_view value) {
    begin(tag, representation, static_cast<std::uint32_t>(value.size() + value.size() % 2));
    raw(value);
    if (value.size() % 2 != 0) {
        bytes_.push_back(representation == "UI" ? 0 : ' ');
    }
    return *this;
}

Elements &Elements::bytes(Tag tag, std::string_view representation, Bytes value) {
    begin(tag, representation, static_cast<std::uint32_t>(value.size() + value.size() % 2));
    bytes_.insert(bytes_.end(), value.begin(), value.end());
    if (value.size() % 2 != 0) {
        bytes_.push_back(0);
    }
    return *this;
}

Elements &Elements::raw(std::string_view bytes) {
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
    return *this;
}

Elements &Elements::fragments(Bytes offsets, const std::vector<Frame> &fragments) {
    constexpr std::uint32_t undefined = 0xFFFFFFFF;
    begin(PIXEL_DATA, "OB", undefined);
    const auto item = [this](Bytes content) {
        little_endian(0xFFFE, 2);
        little_endian(0xE000, 2);
        little_endian(static_cast<std::uint32_t>(content.size()), 4);
        bytes_.insert(bytes_.end(), content.begin(), content.end());
    };
    item(offsets);
    for (const Frame &fragment : fragments) {
        item(fragment);
    }
    little_endian(0xFFFE, 2);
    little_endian(0xE0DD, 2);
    little_endian(0, 4);
    return *this;
}

Elements described(const Description &image) {
    Elements made;
    made.text(0x00080016, "UI", "1.2.840.10008.5.1.4.1.1.7").text(0x00080018, "UI", "2.25.1");
    made.number(0x00280002, image.samples).text(0x00280004, "CS", image.photometric);
    if (image.samples > 1) {
        made.number(0x00280006, image.planar ? 1 : 0);
    }
    if (image.frames > 1) {
        made.text(0x00280008, "IS", std::to_string(image.frames));
    }
    made.number(0x00280010, image.rows).number(0x00280011, image.columns);
    made.number(0x00280100, image.allocated).number(0x00280101, image.stored).number(0x00280102, image.high);
    made.number(0x00280103, image.is_signed ? 1 : 0);
    return made;
}

Frame file(std::string_view syntax, const Elements &dataset) {
    Elements header;
    header.text(0x00020002, "UI", "1.2.840.10008.5.1.4.1.1.7").text(0x00020003, "UI", "2.25.1");
    header.text(0x00020010, "UI", syntax);
    Frame made(132);
    std::ranges::copy(std::string_view("DICM"), made.begin() + 128);
    made.insert(made.end(), header.all().begin(), header.all().end());
    made.insert(made.end(), dataset.all().begin(), dataset.all().end());
    return made;
}

Frame native_file(const Description &image, Bytes pixels) {
    return file("1.2.840.10008.1.2.1",
                described(image).bytes(PIXEL_DATA, image.allocated > 8 ? "OW" : "OB", pixels));
}

Frame damaged(Bytes whole, Dice &dice) {
    Frame copy(whole.begin(), whole.end());
    if (copy.empty()) {
        return copy;
    }
    if (dice.below(4) == 0) {
        copy.resize(dice.below(copy.size()));
        return copy;
    }
    const std::uint32_t changes = 1 + dice.below(8);
    for (std::uint32_t i = 0; i < changes; ++i) {
        copy[dice.below(copy.size())] = static_cast<std::uint8_t>(dice.below(256));
    }
    return copy;
}

} // namespace orthanc_images::pixels::samples
