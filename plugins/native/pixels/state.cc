#include "pixels/state.h"

#include "pixels/fragments.h"

#include <algorithm>

namespace orthanc_images::pixels {

State &state() {
    static State held;
    return held;
}

void decode_frame(Bytes file, std::uint32_t frame, const std::function<void(const Result &, Bytes)> &take) {
    const Outline outline = outline_of(file);
    Assignment assignment{.task = Task::DECODE_FILE, .frame = frame, .size = file.size()};
    if (outline.deflated || outline.bare) {
        state().pool->run(
            assignment, [&](std::span<std::uint8_t> target) { std::ranges::copy(file, target.begin()); },
            take);
        return;
    }
    // The dataset up to its pixels, and the bytes of the frame: the others need not be copied.
    const Coded coded = coded_frame(outline, description_of(outline), frame);
    assignment.task = Task::DECODE_FRAME;
    assignment.head = outline.begin;
    assignment.size = outline.begin + coded.bytes.size();
    assignment.skipped_bits = coded.skipped;
    assignment.pixels = outline.pixels;
    assignment.encapsulated = outline.encapsulated;
    assignment.words = outline.words;
    state().pool->run(
        assignment,
        [&](std::span<std::uint8_t> target) {
            std::ranges::copy(file.first(outline.begin), target.begin());
            std::ranges::copy(coded.bytes, target.begin() + static_cast<std::ptrdiff_t>(outline.begin));
        },
        take);
}

} // namespace orthanc_images::pixels
