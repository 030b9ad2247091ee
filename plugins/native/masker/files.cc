#include "masker/files.h"

#include "framework/log.h"
#include "pixels/outline.h"
#include "pixels/refusal.h"
#include "pixels/syntaxes.h"

#include <algorithm>
#include <cstring>
#include <string_view>

namespace orthanc_images::masker {

namespace {

using pixels::Assignment;
using pixels::Bytes;
using pixels::Patch;
using pixels::Task;

constexpr const char *EXPLICIT = "1.2.840.10008.1.2.1";
constexpr pixels::Tag SOP_INSTANCE = 0x00080018;

void put_syntaxes(Assignment &request, const std::vector<std::string> &uids) {
    std::size_t place = 0;
    for (const std::string &uid : uids) {
        if (place + uid.size() + 2 > request.syntaxes.size()) {
            throw pixels::Refusal("too many transfer syntaxes are wanted");
        }
        uid.copy(request.syntaxes.data() + place, uid.size());
        place += uid.size() + 1;
    }
}

// Returns the transfer syntaxes that would do, the best first.
std::vector<std::string> choices(const Order &order, const std::string &own) {
    std::vector<std::string> uids;
    if (!order.syntax.empty()) {
        uids.push_back(order.syntax);
    }
    const pixels::Syntax syntax = pixels::syntax_of(own);
    if (order.patches.empty() || (syntax.encodes && syntax.lossless)) {
        uids.push_back(own);
    }
    uids.emplace_back(EXPLICIT);
    return uids;
}

// Says when a file got another transfer syntax than was to be expected.
void note_syntax(const Order &order, const std::string &own, Bytes made) {
    const pixels::Outline outline = pixels::outline_of(made);
    const std::string &wanted = order.syntax.empty() ? own : order.syntax;
    if (outline.transfer_syntax != wanted) {
        log_warning("The instance " + pixels::printable(pixels::text_of(outline, SOP_INSTANCE)) +
                    " is stored in the transfer syntax " + outline.transfer_syntax +
                    " now that it is masked: " + wanted + " is lossy, or does not hold it.");
    }
}

} // namespace

Bytes plain(pixels::Pool &pool, Bytes file, std::vector<std::uint8_t> &copy) {
    const pixels::Outline outline = pixels::outline_of(file);
    if (!outline.deflated && !outline.bare) {
        return file;
    }
    Assignment request{.task = Task::TRANSCODE, .size = file.size()};
    put_syntaxes(request, {EXPLICIT});
    pool.run(
        request, [&](std::span<std::uint8_t> input) { std::ranges::copy(file, input.begin()); },
        [&](const pixels::Result &, Bytes made) { copy.assign(made.begin(), made.end()); });
    return copy;
}

void mask(pixels::Pool &pool, Bytes file, const Order &order, const std::function<void(Bytes)> &take) {
    const std::string own = pixels::outline_of(file).transfer_syntax;
    const std::size_t patches = order.patches.size() * sizeof(Patch);
    Assignment request{.task = Task::MASK,
                       .size = file.size() + patches,
                       .head = file.size(),
                       .patches = order.patches.size(),
                       .marker = order.marker,
                       .new_instance = true};
    put_syntaxes(request, choices(order, own));
    pool.run(
        request,
        [&](std::span<std::uint8_t> input) {
            std::ranges::copy(file, input.begin());
            if (patches != 0) {
                std::memcpy(input.data() + file.size(), order.patches.data(), patches);
            }
        },
        [&](const pixels::Result &, Bytes made) {
            note_syntax(order, own, made);
            take(made);
        });
}

} // namespace orthanc_images::masker
