#include "pixels/state.h"

#include "pixels/fragments.h"

#include <algorithm>
#include <thread>

namespace orthanc_images::pixels {

namespace {

// How many workers there are at most where there are fewer processors.
constexpr std::int64_t USUAL = 4;

} // namespace

State &state() {
    static State held;
    return held;
}

Limits limits_of(const Configuration &settings, const std::string &program) {
    constexpr std::int64_t megabyte = 1 << 20;
    Limits limits;
    limits.program = program;
    const auto cores = static_cast<std::int64_t>(std::thread::hardware_concurrency());
    limits.workers =
        static_cast<std::size_t>(settings.integer("Throttling", {1, 1000}, std::max(cores, USUAL)));
    limits.processors = static_cast<std::size_t>(std::max<std::int64_t>(cores, 1));
    limits.memory =
        static_cast<std::uint64_t>(settings.integer("WorkerMemory", {64, 1 << 20}, 2048) * megabyte);
    limits.time = std::chrono::seconds(settings.integer("WorkerTime", {1, 3600}, 10));
    return limits;
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
