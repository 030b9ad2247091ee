#include "pixels/cleaning.h"

#include <dcmtk/config/osconfig.h>

#include <dcmtk/dcmdata/dcdeftag.h>
#include <dcmtk/dcmdata/dcitem.h>
#include <dcmtk/dcmdata/dcsequen.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace orthanc_images::pixels {

namespace {

// The bits of an overlay, as bytes or as words.
class OverlayBits {
  public:
    explicit OverlayBits(DcmElement &element) {
        const std::size_t length = element.getLength();
        if (element.getUint8Array(bytes_).good() && bytes_ != nullptr) {
            count_ = length * 8;
        } else if (element.getUint16Array(words_).good() && words_ != nullptr) {
            count_ = length / 2 * 16;
        }
    }

    std::size_t count() const noexcept {
        return count_;
    }

    void clear(std::size_t place) noexcept {
        if (bytes_ != nullptr) {
            bytes_[place / 8] = static_cast<Uint8>(bytes_[place / 8] & ~(1U << (place % 8)));
        } else {
            words_[place / 16] = static_cast<Uint16>(words_[place / 16] & ~(1U << (place % 16)));
        }
    }

  private:
    Uint8 *bytes_ = nullptr;
    Uint16 *words_ = nullptr;
    std::size_t count_ = 0;
};

// An overlay: its size, and where its first pixel lies on the image, counted from 0.
struct Overlay {
    std::int64_t rows = 0;
    std::int64_t columns = 0;
    std::int64_t frames = 1;
    std::int64_t top = 0;
    std::int64_t left = 0;
};

bool read_overlay(DcmItem &dataset, Uint16 group, Overlay &overlay) {
    Uint16 rows = 0;
    Uint16 columns = 0;
    Sint16 top = 1;
    Sint16 left = 1;
    Sint32 frames = 1;
    if (dataset.findAndGetUint16(DcmTagKey(group, 0x0010), rows).bad() ||
        dataset.findAndGetUint16(DcmTagKey(group, 0x0011), columns).bad()) {
        return false;
    }
    dataset.findAndGetSint16(DcmTagKey(group, 0x0050), top, 0);
    dataset.findAndGetSint16(DcmTagKey(group, 0x0050), left, 1);
    if (dataset.tagExists(DcmTagKey(group, 0x0015)) &&
        dataset.findAndGetSint32(DcmTagKey(group, 0x0015), frames).bad()) {
        return false;
    }
    overlay = {.rows = rows, .columns = columns, .frames = frames, .top = top - 1, .left = left - 1};
    return rows != 0 && columns != 0 && frames > 0;
}

void clear(OverlayBits &bits, const Overlay &overlay, const Patch &patch) {
    const auto from = [](std::int64_t place, std::int64_t origin, std::int64_t size) {
        return std::clamp<std::int64_t>(place - origin, 0, size);
    };
    const std::int64_t top = from(patch.top, overlay.top, overlay.rows);
    const std::int64_t bottom = from(patch.bottom, overlay.top, overlay.rows);
    const std::int64_t left = from(patch.left, overlay.left, overlay.columns);
    const std::int64_t right = from(patch.right, overlay.left, overlay.columns);
    for (std::int64_t frame = 0; frame < overlay.frames; ++frame) {
        for (std::int64_t row = top; row < bottom; ++row) {
            for (std::int64_t column = left; column < right; ++column) {
                bits.clear(static_cast<std::size_t>((frame * overlay.rows + row) * overlay.columns + column));
            }
        }
    }
}

// Empties the overlays where something is masked, in any frame; one that makes no sense goes.
void clear_overlays(DcmItem &dataset, std::span<const Patch> patches) {
    constexpr Uint16 first = 0x6000;
    constexpr Uint16 last = 0x60FE;
    for (Uint16 group = first; group <= last; group = static_cast<Uint16>(group + 2)) {
        const DcmTagKey data(group, 0x3000);
        DcmElement *element = nullptr;
        if (dataset.findAndGetElement(data, element).bad() || element == nullptr) {
            continue;
        }
        Overlay overlay;
        OverlayBits bits(*element);
        if (!read_overlay(dataset, group, overlay) ||
            std::cmp_less(bits.count(), overlay.rows * overlay.columns * overlay.frames)) {
            dataset.findAndDeleteElement(data);
            continue;
        }
        for (const Patch &patch : patches) {
            clear(bits, overlay, patch);
        }
    }
}

bool has_pictures(DcmItem &item) {
    if (item.tagExists(DCM_PixelData) || item.tagExists(DCM_IconImageSequence)) {
        return true;
    }
    for (DcmObject *object = nullptr; (object = item.nextInContainer(object)) != nullptr;) {
        auto *const sequence = dynamic_cast<DcmSequenceOfItems *>(object);
        for (unsigned long i = 0; sequence != nullptr && i < sequence->card(); ++i) {
            if (has_pictures(*sequence->getItem(i))) {
                return true;
            }
        }
    }
    return false;
}

// Removes the sequences with a picture in one of their items.
void remove_pictures(DcmItem &dataset) {
    std::vector<DcmTagKey> going;
    for (DcmObject *object = nullptr; (object = dataset.nextInContainer(object)) != nullptr;) {
        auto *const sequence = dynamic_cast<DcmSequenceOfItems *>(object);
        if (sequence == nullptr || object->ident() != EVR_SQ) { // fragments of pixels are sequences, too
            continue;
        }
        bool shows = object->getTag() == DCM_IconImageSequence;
        for (unsigned long i = 0; !shows && i < sequence->card(); ++i) {
            shows = has_pictures(*sequence->getItem(i));
        }
        if (shows) {
            going.push_back(object->getTag());
        }
    }
    for (const DcmTagKey &tag : going) {
        dataset.findAndDeleteElement(tag);
    }
}

} // namespace

void clean(DcmItem &dataset, const Masking &masking) {
    if (masking.marker != 0) {
        dataset.findAndDeleteElement(DcmTagKey(static_cast<Uint16>(masking.marker >> 16U),
                                               static_cast<Uint16>(masking.marker & 0xFFFFU)));
    }
    if (masking.patches.empty()) {
        return;
    }
    clear_overlays(dataset, masking.patches);
    remove_pictures(dataset);
    for (const DcmTagKey &tag : {DCM_SmallestImagePixelValue, DCM_LargestImagePixelValue}) {
        dataset.findAndDeleteElement(tag);
    }
}

} // namespace orthanc_images::pixels
