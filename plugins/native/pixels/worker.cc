// The program that decodes and transcodes: it is started by the server with a socket as descriptor 3, reads
// the dictionary of DICOM, gives up everything else, and works until the socket is closed.
#include "pixels/codecs/codec.h"
#include "pixels/frame.h"
#include "pixels/refusal.h"
#include "pixels/sandbox.h"
#include "pixels/syntaxes.h"
#include "pixels/transcoding.h"
#include "pixels/wire.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <new>
#include <optional>
#include <string>
#include <utility>

#include <malloc.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

namespace orthanc_images::pixels {

namespace {

constexpr int SOCKET = 3;
constexpr time_t REST = 1; // seconds
constexpr std::uint64_t SOME = 16U << 20U;

// What a codec needs for each byte of pixels that it decodes: OpenJPEG has 4 bytes for each sample, twice.
constexpr std::uint64_t FACTOR = 10;

// How much larger a dataset usually is before it is deflated.
constexpr std::uint64_t DEFLATED = 16;

// Memory of the server that this process sees too.
class Window {
  public:
    Window() = default;
    Window(const Window &) = delete;
    Window &operator=(const Window &) = delete;

    ~Window() {
        leave();
    }

    // Takes another memory in its place, and closes its descriptor.
    void open(int descriptor) {
        leave();
        const off_t end = lseek(descriptor, 0, SEEK_END);
        void *const place = end <= 0 ? MAP_FAILED
                                     : mmap(nullptr, static_cast<std::size_t>(end), PROT_READ | PROT_WRITE,
                                            MAP_SHARED, descriptor, 0);
        close(descriptor);
        if (place == MAP_FAILED) {
            throw Refusal("the memory that is shared cannot be seen");
        }
        bytes_ = {static_cast<std::uint8_t *>(place), static_cast<std::size_t>(end)};
    }

    std::span<std::uint8_t> bytes() const noexcept {
        return bytes_;
    }

  private:
    void leave() noexcept {
        if (!bytes_.empty()) {
            munmap(bytes_.data(), bytes_.size());
            bytes_ = {};
        }
    }

    std::span<std::uint8_t> bytes_;
};

// What is being done: from the request to the result.
struct Work {
    Outline outline;
    Description image;
    Coded coded;
    std::optional<Frame> plain;
    std::vector<Patch> patches;
};

void read_head(const Assignment &request, Bytes input, Work &work) {
    work.outline = outline_of(input.first(request.head));
    work.outline.pixels = request.pixels;
    work.outline.encapsulated = request.encapsulated;
    work.outline.words = request.words;
    work.image = description_of(work.outline);
    work.coded.bytes = input.subspan(request.head);
    work.coded.skipped = request.skipped_bits;
}

std::vector<Patch> patches_of(const Assignment &request, Bytes input) {
    if (request.head > input.size() || request.patches > (input.size() - request.head) / sizeof(Patch)) {
        throw Refusal("the request is damaged");
    }
    std::vector<Patch> patches(request.patches);
    if (!patches.empty()) {
        std::memcpy(patches.data(), input.data() + request.head, patches.size() * sizeof(Patch));
    }
    return patches;
}

std::uint64_t all_pixels(const Work &work) noexcept {
    return std::uint64_t{work.image.bytes_of_frame()} * work.image.frames;
}

Claim claim_for(const Assignment &request, Bytes input, Work &work) {
    Claim claim;
    if (request.task == Task::MASK) {
        work.patches = patches_of(request, input);
        input = input.first(request.head);
    }
    if (request.task == Task::DECODE_FRAME) {
        read_head(request, input, work);
        claim.pixels = work.image.bytes_of_frame();
        claim.result = std::uint64_t{work.image.pixels()} * bytes_of(format_of(work.image));
        claim.memory = SOME + request.size + claim.pixels * FACTOR;
        return claim;
    }
    work.outline = outline_of(input);
    if (work.outline.deflated || work.outline.bare) {
        claim.unbounded = true;
        claim.pixels = request.size * DEFLATED;
        return claim;
    }
    if (work.outline.pixels != 0) {
        work.image = description_of(work.outline);
        claim.pixels = all_pixels(work);
    }
    if (request.task == Task::DECODE_FILE) {
        work.coded = coded_frame(work.outline, description_of(work.outline), request.frame);
        claim.pixels = work.image.bytes_of_frame();
        claim.result = std::uint64_t{work.image.pixels()} * bytes_of(format_of(work.image));
        claim.memory = SOME + request.size + claim.pixels * FACTOR;
        return claim;
    }
    claim.result = SOME + request.size + claim.pixels + claim.pixels / 8;
    claim.memory = SOME + request.size * 3 + claim.pixels * 3 + work.image.bytes_of_frame() * FACTOR;
    return claim;
}

std::vector<std::string> texts_of(const std::array<char, 3000> &zeros) {
    std::vector<std::string> texts;
    std::string_view left(zeros.data(), zeros.size());
    while (!left.empty() && left.front() != '\0') {
        const std::string_view text = left.substr(0, left.find('\0'));
        texts.emplace_back(text);
        left.remove_prefix(std::min(text.size() + 1, left.size()));
    }
    return texts;
}

Result result_of(const Assignment &request, Bytes input, std::span<std::uint8_t> output, Work &work) {
    Result result;
    if (request.task == Task::TRANSCODE || request.task == Task::MASK) {
        Wish wish{.syntaxes = texts_of(request.syntaxes),
                  .new_instance = request.new_instance,
                  .quality = request.quality};
        if (request.task == Task::MASK) {
            wish.masking = {.patches = work.patches, .marker = request.marker};
            input = input.first(request.head);
        }
        result.size = transcode(input, wish, output);
        return result;
    }
    if (work.outline.deflated || work.outline.bare) {
        work.plain = plain(input, work.outline);
        work.outline = outline_of(*work.plain);
        work.image = description_of(work.outline);
        work.coded = coded_frame(work.outline, work.image, request.frame);
    }
    const Format format = format_of(work.image);
    result.size = std::uint64_t{work.image.pixels()} * bytes_of(format);
    if (result.size > output.size()) {
        throw Refusal("the pixels need more memory than was granted");
    }
    const Decoded decoded = decoded_frame(work.outline, work.image, work.coded);
    show(work.outline, work.image, decoded, format, output.data());
    result.format = static_cast<std::uint32_t>(format);
    result.columns = work.image.columns;
    result.rows = work.image.rows;
    return result;
}

// Calls the function; what it throws becomes the reason of the message that it would have made.
template <typename Message, typename Function> Message or_reason(Function function) {
    Message message;
    try {
        return function();
    } catch (const Refusal &refusal) {
        put_text(message.reason, refusal.what());
    } catch (const std::bad_alloc &) {
        put_text(message.reason, "it takes more memory than its size allows for");
    } catch (const std::exception &error) {
        put_text(message.reason, error.what());
    }
    message.refused = true;
    return message;
}

// Has the socket tell when nothing has come for a while.
void set_rest() {
    const timeval rest{.tv_sec = REST, .tv_usec = 0};
    if (setsockopt(SOCKET, SOL_SOCKET, SO_RCVTIMEO, &rest, sizeof rest) != 0) {
        throw Refusal("the socket takes no time");
    }
}

// Waits for a message; false when the server is gone. Memory that is free goes back to the kernel meanwhile.
template <typename Message> bool await(Message &message, int &descriptor) {
    Received received = receive(SOCKET, message, &descriptor);
    if (received == Received::LATE) {
        malloc_trim(0);
    }
    while (received == Received::LATE) {
        received = receive(SOCKET, message, &descriptor);
    }
    return received == Received::MESSAGE;
}

// Does one thing; false when the server is gone.
bool serve(Window &input, Window &output) {
    Assignment request;
    int descriptor = -1;
    if (!await(request, descriptor)) {
        return false;
    }
    if (descriptor >= 0) {
        input.open(descriptor);
    }
    Work work;
    const Bytes bytes = input.bytes().first(std::min<std::size_t>(request.size, input.bytes().size()));
    const auto claim = or_reason<Claim>([&] { return claim_for(request, bytes, work); });
    Grant grant;
    if (!send(SOCKET, claim) || (!claim.refused && !await(grant, descriptor))) {
        return false;
    }
    if (claim.refused || !grant.granted) {
        return true;
    }
    if (descriptor >= 0) {
        output.open(descriptor);
    }
    use_threads(grant.threads);
    const auto result = or_reason<Result>([&] { return result_of(request, bytes, output.bytes(), work); });
    return send(SOCKET, result);
}

} // namespace

} // namespace orthanc_images::pixels

int main() {
    using namespace orthanc_images::pixels;
    try {
        prepare_transcoding();
        set_rest();
        enter_sandbox();
        Window input;
        Window output;
        if (!send(3, Result{})) {
            return EXIT_FAILURE;
        }
        while (serve(input, output)) {
        }
        return EXIT_SUCCESS;
    } catch (const std::exception &error) {
        Result last;
        last.refused = true;
        put_text(last.reason, error.what());
        send(3, last);
        return EXIT_FAILURE;
    }
}
