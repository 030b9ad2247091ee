#include "pixels/outline.h"

#include "pixels/refusal.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace orthanc_images::pixels {

namespace {

constexpr std::uint32_t UNDEFINED = 0xFFFFFFFF;
constexpr Tag ITEM = 0xFFFEE000;
constexpr Tag ITEM_END = 0xFFFEE00D;
constexpr Tag SEQUENCE_END = 0xFFFEE0DD;
constexpr std::size_t PREAMBLE = 128;

// Nested deeper than this, no file is meant seriously.
constexpr std::size_t DEPTH = 128;

// The value representations whose length has four bytes, after two that are reserved.
constexpr std::array<std::string_view, 13> LONG = {"OB", "OD", "OF", "OL", "OV", "OW", "SQ",
                                                   "SV", "UC", "UN", "UR", "UT", "UV"};

// Reads the elements of a file, one after the other.
class Reader {
  public:
    explicit Reader(Bytes file) noexcept : file_(file) {}

    bool implicit = false;
    bool big_endian = false;

    std::size_t place() const noexcept {
        return place_;
    }

    bool at_end() const noexcept {
        return place_ >= file_.size();
    }

    std::size_t left() const noexcept {
        return file_.size() - place_;
    }

    void go_to(std::size_t place) {
        if (place > file_.size()) {
            throw Refusal("the file ends amid an element");
        }
        place_ = place;
    }

    Bytes take(std::size_t count) {
        if (count > left()) {
            throw Refusal("the file ends amid an element");
        }
        const Bytes taken = file_.subspan(place_, count);
        place_ += count;
        return taken;
    }

    std::uint32_t number(std::size_t width) {
        const Bytes bytes = take(width);
        std::uint32_t value = 0;
        for (std::size_t i = 0; i < width; ++i) {
            value = (value << 8U) | bytes[big_endian ? i : width - 1 - i];
        }
        return value;
    }

    Tag tag() {
        const Tag group = number(2);
        return (group << 16U) | number(2);
    }

    // Reads what stands between a tag and its value, and returns the length of the value.
    std::uint32_t length(Tag tag, std::string_view &representation) {
        const bool delimiter = (tag >> 16U) == 0xFFFE;
        representation = {};
        if (implicit || delimiter) {
            return number(4);
        }
        const Bytes letters = take(2);
        representation = {reinterpret_cast<const char *>(letters.data()), letters.size()};
        if (std::ranges::find(LONG, representation) == LONG.end()) {
            return number(2);
        }
        take(2);
        return number(4);
    }

    // Passes the items of a sequence whose length is not defined. Those of a value of the representation UN
    // are implicit, whatever the transfer syntax (PS3.5, 6.2.2).
    void pass_sequence(bool unknown) {
        struct Level {
            bool items;
            bool implicit;
        };

        const bool outside = implicit;
        std::vector<Level> levels = {{.items = true, .implicit = implicit || unknown}};
        while (!levels.empty()) {
            const Level level = levels.back();
            implicit = level.implicit;
            const Tag found = tag();
            std::string_view representation;
            const std::uint32_t size = length(found, representation);
            if (found == (level.items ? SEQUENCE_END : ITEM_END)) {
                levels.pop_back();
            } else if (level.items != (found == ITEM)) {
                throw Refusal("a sequence of the file is damaged");
            } else if (size != UNDEFINED) {
                take(size);
            } else if (levels.size() >= DEPTH) {
                throw Refusal("the sequences of the file are nested too deeply");
            } else {
                levels.push_back({.items = !level.items,
                                  .implicit = level.implicit || (!level.items && representation == "UN")});
            }
        }
        implicit = outside;
    }

  private:
    Bytes file_;
    std::size_t place_ = 0;
};

std::string text_of(Bytes value) {
    std::string text(value.begin(), value.end());
    while (!text.empty() && (text.back() == '\0' || text.back() == ' ')) {
        text.pop_back();
    }
    return text;
}

// Reads the meta header, whose encoding is the same everywhere, and returns the transfer syntax.
std::string read_header(Reader &reader) {
    std::string syntax;
    while (reader.left() >= 4) {
        const std::size_t before = reader.place();
        const Tag tag = reader.tag();
        if ((tag >> 16U) != 0x0002) {
            reader.go_to(before);
            break;
        }
        std::string_view representation;
        const std::uint32_t size = reader.length(tag, representation);
        const Bytes value = reader.take(size);
        if (tag == 0x00020010) {
            syntax = text_of(value);
        }
    }
    return syntax;
}

// Reads the items of encapsulated pixels.
void read_items(Reader &reader, Outline &outline) {
    outline.encapsulated = true;
    bool first = true;
    for (;;) {
        const Tag tag = reader.tag();
        const std::uint32_t size = reader.number(4);
        if (tag == SEQUENCE_END) {
            return;
        }
        if (tag != ITEM || size == UNDEFINED) {
            throw Refusal("the fragments of the pixels are damaged");
        }
        const Bytes item = reader.take(size);
        if (first) {
            outline.offsets = item;
            first = false;
        } else {
            outline.fragments.push_back(item);
        }
    }
}

bool is_pixels(Tag tag) noexcept {
    return tag == PIXEL_DATA || tag == FLOAT_PIXEL_DATA || tag == DOUBLE_PIXEL_DATA;
}

bool is_wanted(Tag tag) noexcept {
    const Tag group = tag >> 16U;
    return group == 0x0020 || group == 0x0028 || group == 0x7FE0 || tag == 0x00080016 || tag == 0x00080018;
}

} // namespace

Outline outline_of(Bytes file) {
    Reader reader(file);
    if (file.size() < PREAMBLE + 4 ||
        std::string_view(reinterpret_cast<const char *>(file.data()) + PREAMBLE, 4) != "DICM") {
        Outline unknown;
        unknown.bare = true;
        return unknown;
    }
    reader.go_to(PREAMBLE + 4);

    Outline outline;
    outline.transfer_syntax = read_header(reader);
    if (outline.transfer_syntax.empty()) {
        throw Refusal("the file names no transfer syntax");
    }
    outline.dataset = reader.place();
    outline.deflated = outline.transfer_syntax == "1.2.840.10008.1.2.1.99";
    if (outline.deflated) {
        return outline;
    }
    reader.implicit = outline.transfer_syntax == "1.2.840.10008.1.2";
    reader.big_endian = outline.big_endian = outline.transfer_syntax == "1.2.840.10008.1.2.2";

    while (!reader.at_end()) {
        const std::size_t begin = reader.place();
        const Tag tag = reader.tag();
        std::string_view representation;
        const std::uint32_t size = reader.length(tag, representation);
        if (is_pixels(tag) && outline.pixels == 0) {
            outline.pixels = tag;
            outline.begin = begin;
            outline.words = representation == "OW";
            if (size == UNDEFINED) {
                read_items(reader, outline);
            } else {
                outline.native = reader.take(size);
            }
            outline.end = reader.place();
        } else if (size == UNDEFINED) {
            reader.pass_sequence(representation == "UN");
        } else {
            const Bytes value = reader.take(size);
            if (is_wanted(tag)) {
                outline.values.emplace(tag, value);
            }
        }
    }
    return outline;
}

} // namespace orthanc_images::pixels
