#include "masker/plan.h"

#include "framework/errors.h"
#include "framework/host.h"
#include "framework/memory.h"
#include "masker/geometry.h"
#include "pixels/image.h"
#include "pixels/refusal.h"
#include "pixels/syntaxes.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <iterator>
#include <utility>

namespace orthanc_images::masker {

namespace {

using pixels::Bytes;
using pixels::Description;
using pixels::Filling;
using pixels::Outline;
using pixels::Patch;
using pixels::Tag;

// Plans of jobs that failed are kept, but no more than these.
constexpr std::size_t MOST_PLANS = 1000;

[[noreturn]] void reject(const std::string &message) {
    throw Error(OrthancPluginErrorCode_BadRequest, message);
}

// A hash of bytes, which come in pieces. It need not withstand anybody: instances with the same hash that are
// to be masked differently are refused.
class Hash {
  public:
    void add(Bytes bytes) noexcept {
        std::size_t place = 0;
        for (; place + sizeof(std::uint64_t) <= bytes.size(); place += sizeof(std::uint64_t)) {
            std::uint64_t word = 0;
            std::memcpy(&word, bytes.data() + place, sizeof word);
            add(word);
        }
        std::uint64_t rest = bytes.size() << 56U;
        for (unsigned shift = 0; place < bytes.size(); ++place, shift += 8) {
            rest ^= std::uint64_t{bytes[place]} << shift;
        }
        add(rest);
    }

    void add(std::uint64_t word) noexcept {
        constexpr std::uint64_t one = 0x9E3779B185EBCA87U;
        constexpr std::uint64_t other = 0xC2B2AE3D27D4EB4FU;
        state_ = (state_ ^ (word * one)) * other;
        state_ ^= state_ >> 29U;
    }

    std::uint64_t value() const noexcept {
        return state_;
    }

  private:
    std::uint64_t state_ = 0;
};

// An element has up to 65,534 bytes, of which a byte of the request takes two.
constexpr std::size_t MOST_OF_REQUEST = 30'000;

std::string hexadecimal(std::string_view text) {
    static constexpr char digits[] = "0123456789abcdef";
    std::string made;
    for (const char one : text) {
        const auto byte = static_cast<unsigned char>(one);
        made += digits[byte >> 4U];
        made += digits[byte & 15U];
    }
    return made;
}

// Returns the text of hexadecimal digits; an empty one where they are none.
std::string from_hexadecimal(std::string_view digits) {
    std::string text;
    for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
        unsigned byte = 0;
        const auto [rest, error] = std::from_chars(digits.data() + i, digits.data() + i + 2, byte, 16);
        if (error != std::errc() || rest != digits.data() + i + 2) {
            return {};
        }
        text += static_cast<char>(byte);
    }
    return text;
}

std::string remedy_of_targets() {
    return " Name what the region is for in TargetSeries or TargetInstances.";
}

// The values that a sample can have.
void check_fill(const Region &region, std::int64_t fill, const Description &image,
                const std::string &instance) {
    const std::uint32_t bits = image.stored;
    const bool is_signed = image.is_signed && image.allocated > 1;
    const std::int64_t least = is_signed ? -(std::int64_t{1} << (bits - 1)) : 0;
    const std::int64_t greatest = (std::int64_t{1} << (is_signed ? bits - 1 : bits)) - 1;
    if (fill < least || fill > greatest) {
        reject(region.place + ".FillValue: " + std::to_string(fill) + " is no value of the instance " +
               instance + ". Give one from " + std::to_string(least) + " to " + std::to_string(greatest) +
               ".");
    }
}

Patch patch_of(const Region &region, std::uint32_t operation, const Rectangle &place) {
    Patch patch;
    patch.operation = operation;
    patch.filling = region.fill ? Filling::CONSTANT : Filling::MEAN;
    patch.value = region.fill ? *region.fill : region.width;
    patch.top = place.top;
    patch.bottom = place.bottom;
    patch.left = place.left;
    patch.right = place.right;
    return patch;
}

void add_rectangle(const Region &region, Patch patch, const Description &image, const std::string &instance,
                   std::vector<Patch> &patches) {
    if (patch.left >= image.columns || patch.top >= image.rows) {
        reject(region.place + ": it is outside of the instance " + instance + ", which has " +
               std::to_string(image.columns) + " columns and " + std::to_string(image.rows) + " rows." +
               remedy_of_targets());
    }
    patch.right = std::min(patch.right, image.columns);
    patch.bottom = std::min(patch.bottom, image.rows);
    patch.end_frame = image.frames;
    patches.push_back(patch);
}

// Adds the pixels of all frames that are in the box; none is possible.
void add_box(const Region &region, const Box &box, std::uint32_t operation, const Description &image,
             const Source &source, std::vector<Patch> &patches) {
    std::vector<Plane> planes;
    try {
        planes = planes_of(source.tags(), image.frames);
    } catch (const Error &error) {
        if (error.code() != OrthancPluginErrorCode_BadRequest) {
            throw;
        }
        reject(region.place + ": the instance " + source.instance + " has no place in the patient: " +
               error.what() + ". Take a region of the RegionType \"2D\" for it." + remedy_of_targets());
    }
    for (std::uint32_t frame = 0; frame < image.frames; ++frame) {
        for (const Rectangle &one : inside(box, planes[frame], image.rows, image.columns)) {
            Patch patch = patch_of(region, operation, one);
            patch.first_frame = frame;
            patch.end_frame = frame + 1;
            patches.push_back(patch);
        }
    }
}

} // namespace

Key key_of(const Outline &outline) {
    constexpr Tag described[] = {0x00280002, 0x00280004, 0x00280006, 0x00280008, 0x00280010,
                                 0x00280011, 0x00280100, 0x00280101, 0x00280102, 0x00280103};
    constexpr Tag placed[] = {0x00200011, 0x00200012, 0x00200013, 0x00200032,
                              0x00200037, 0x00200100, 0x00201041};
    Hash hash;
    for (const Tag tag : described) {
        const std::string text = pixels::text_of(outline, tag);
        hash.add(Bytes(reinterpret_cast<const std::uint8_t *>(text.data()), text.size()));
    }
    if (outline.encapsulated) {
        for (const Bytes fragment : outline.fragments) {
            hash.add(fragment);
        }
    } else {
        // Without what makes the length even.
        Bytes native = outline.native;
        try {
            const Description image = pixels::description_of(outline);
            const std::uint64_t bits = std::uint64_t{image.bits_of_frame()} * image.frames;
            native = native.first(std::min<std::uint64_t>(native.size(), (bits + 7) / 8));
        } catch (const pixels::Refusal &) {
            native = native.first(native.size() / 2 * 2);
        }
        hash.add(native);
    }
    Key key{.pixels = hash.value(), .place = {}};
    for (const Tag tag : placed) {
        key.place += pixels::text_of(outline, tag) + "|";
    }
    return key;
}

std::string Mark::text() const {
    const std::string whole = request.is_null() ? std::string() : written(request);
    return std::string(MARK) + token + ":" +
           (whole.size() > MOST_OF_REQUEST ? std::string() : hexadecimal(whole));
}

std::optional<Mark> mark_of(const Outline &outline) {
    for (const Tag tag : MARKERS) {
        const std::string text = pixels::text_of(outline, tag);
        if (!text.starts_with(MARK)) {
            continue;
        }
        const std::string_view rest = std::string_view(text).substr(MARK.size());
        const std::size_t end = std::min(rest.find(':'), rest.size());
        Mark mark{.marker = tag, .token = std::string(rest.substr(0, end)), .request = {}};
        mark.request =
            Json::parse(from_hexadecimal(rest.substr(std::min(end + 1, rest.size()))), nullptr, false);
        if (mark.request.is_discarded()) {
            mark.request = nullptr;
        }
        return mark;
    }
    return {};
}

void Plan::add(const Source &source) {
    Entry entry{.instance = source.instance, .key = {}, .patches = {}};
    const Outline outline = pixels::outline_of(source.file);
    entry.key = key_of(outline);
    syntaxes_.insert(outline.transfer_syntax);
    for (const Tag tag : MARKERS) {
        if (outline.values.contains(tag)) {
            taken_.insert(tag);
        }
    }
    for (std::size_t i = 0; i < regions_.size(); ++i) {
        const Region &region = regions_[i];
        if (!region.applies_to(source.instance, source.series) ||
            (outline.pixels == 0 && !region.instances.contains(source.instance))) {
            continue;
        }
        const auto operation = static_cast<std::uint32_t>(i);
        const std::size_t before = entry.patches.size();
        try {
            const Description image = pixels::description_of(outline);
            if (outline.encapsulated &&
                pixels::syntax_of(outline.transfer_syntax).coding == pixels::Coding::NOBODYS) {
                throw pixels::Refusal("nothing here decodes the transfer syntax " + outline.transfer_syntax);
            }
            if (region.fill) {
                check_fill(region, *region.fill, image, source.instance);
            }
            if (region.rectangle) {
                add_rectangle(region, patch_of(region, operation, *region.rectangle), image, source.instance,
                              entry.patches);
            } else if (region.box) {
                add_box(region, *region.box, operation, image, source, entry.patches);
            }
            pixels::check_patches(entry.patches, image);
        } catch (const pixels::Refusal &refusal) {
            reject(region.place + ": the instance " + source.instance +
                   " cannot be masked: " + refusal.what() + "." + remedy_of_targets());
        }
        used_[i] = used_[i] || entry.patches.size() > before;
    }
    entries_.push_back(std::move(entry));
}

void Plan::check() const {
    for (std::size_t i = 0; i < regions_.size(); ++i) {
        if (!used_[i]) {
            reject(regions_[i].place +
                   ": no pixel of what is modified is in it. Correct Origin and End, or the targets.");
        }
    }
    std::map<Key, const Entry *> known;
    for (const Entry &entry : entries_) {
        const auto [place, is_new] = known.try_emplace(entry.key, &entry);
        if (!is_new && place->second->patches != entry.patches) {
            reject("MaskPixelData: the instances " + place->second->instance + " and " + entry.instance +
                   " have the same pixels and the same place, and are to be masked differently, so that they "
                   "cannot "
                   "be told apart when they are modified. Mask them in requests of their own.");
        }
    }
}

std::vector<Patch> Plan::patches_for(const Outline &modified) const {
    const Key key = key_of(modified);
    std::vector<const Entry *> found;
    for (const Entry &entry : entries_) {
        if (entry.key.pixels == key.pixels) {
            found.push_back(&entry);
        }
    }
    const auto differs = [&](const Entry *entry) { return entry->patches != found.front()->patches; };
    if (std::ranges::any_of(found, differs)) { // their place tells which it is
        std::erase_if(found, [&](const Entry *entry) { return entry->key.place != key.place; });
    }
    if (found.empty()) {
        throw pixels::Refusal(
            "what Orthanc has made of it has other pixels, or is at another place in its series, "
            "than what was to be masked");
    }
    return found.front()->patches;
}

Tag Plan::marker() const {
    const auto *const found = std::ranges::find_if(MARKERS, [&](Tag tag) { return !taken_.contains(tag); });
    if (found == std::end(MARKERS)) {
        reject(
            "MaskPixelData: no retired element of group 0020 is free in all instances. Mask them in several "
            "requests.");
    }
    return *found;
}

bool Plan::has_syntax(std::string_view uid) const {
    return syntaxes_.contains(std::string(uid));
}

void Plan::fail(const std::string &reason) {
    const std::scoped_lock lock(mutex_);
    if (failure_.empty()) {
        failure_ = reason;
    }
}

std::string Plan::failure() const {
    const std::scoped_lock lock(mutex_);
    return failure_;
}

std::string Plans::add(std::shared_ptr<Plan> plan) {
    const Text uuid(OrthancPluginGenerateUuid(host()));
    if (uuid == nullptr) {
        throw Error(OrthancPluginErrorCode_InternalError, "Orthanc makes no UUID.");
    }
    add(std::move(plan), uuid.get());
    return uuid.get();
}

void Plans::add(std::shared_ptr<Plan> plan, const std::string &token) {
    const std::scoped_lock lock(mutex_);
    if (held_.size() >= MOST_PLANS) {
        held_.erase(held_.begin());
    }
    held_.push_back({.token = token, .job = {}, .plan = std::move(plan)});
}

std::shared_ptr<Plan> Plans::find(const std::string &token) const {
    const std::scoped_lock lock(mutex_);
    const auto found = std::ranges::find(held_, token, &Held::token);
    return found == held_.end() ? nullptr : found->plan;
}

void Plans::give_to(const std::string &token, const std::string &job) {
    const std::scoped_lock lock(mutex_);
    const auto found = std::ranges::find(held_, token, &Held::token);
    if (found != held_.end()) {
        found->job = job;
    }
}

void Plans::remove(const std::string &token) {
    const std::scoped_lock lock(mutex_);
    std::erase_if(held_, [&](const Held &one) { return one.token == token; });
}

void Plans::remove_job(const std::string &job) {
    const std::scoped_lock lock(mutex_);
    std::erase_if(held_, [&](const Held &one) { return one.job == job; });
}

bool Plans::empty() const {
    const std::scoped_lock lock(mutex_);
    return held_.empty();
}

} // namespace orthanc_images::masker
