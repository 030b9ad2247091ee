#include "pixels/transcoding.h"

#include "pixels/cleaning.h"
#include "pixels/frame.h"
#include "pixels/palette.h"
#include "pixels/refusal.h"
#include "pixels/syntaxes.h"

#include <dcmtk/config/osconfig.h>

#include <dcmtk/dcmdata/dcdeftag.h>
#include <dcmtk/dcmdata/dcdict.h>
#include <dcmtk/dcmdata/dcfilefo.h>
#include <dcmtk/dcmdata/dcistrmb.h>
#include <dcmtk/dcmdata/dcmetinf.h>
#include <dcmtk/dcmdata/dcostrmb.h>
#include <dcmtk/dcmdata/dcpixel.h>
#include <dcmtk/dcmdata/dcpixseq.h>
#include <dcmtk/dcmdata/dcpxitem.h>
#include <dcmtk/dcmdata/dcuid.h>
#include <dcmtk/dcmdata/dcxfer.h>
#include <dcmtk/oflog/oflog.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace orthanc_images::pixels {

namespace {

constexpr std::size_t ROOM_FOR_HEADER = 65536;

void check(const OFCondition &condition, const std::string &what) {
    if (condition.bad()) {
        throw Refusal(what + ": " + condition.text());
    }
}

std::unique_ptr<DcmFileFormat> read(Bytes bytes) {
    auto file = std::make_unique<DcmFileFormat>();
    DcmInputBufferStream stream;
    stream.setBuffer(bytes.data(), static_cast<offile_off_t>(bytes.size()));
    stream.setEos();
    file->transferInit();
    check(file->read(stream), "the file cannot be read");
    file->transferEnd();
    check(file->loadAllDataIntoMemory(), "the file cannot be read");
    return file;
}

std::size_t write(DcmFileFormat &file, E_TransferSyntax syntax, std::span<std::uint8_t> target) {
    DcmOutputBufferStream stream(target.data(), static_cast<offile_off_t>(target.size()));
    file.transferInit();
    const OFCondition written = file.write(stream, syntax, EET_ExplicitLength, nullptr, EGL_recalcGL,
                                           EPD_noChange, 0, 0, 0, EWM_updateMeta);
    file.transferEnd();
    if (written == EC_StreamNotifyClient) {
        throw Refusal("the file would become larger than " + std::to_string(target.size()) + " bytes");
    }
    check(written, "the file cannot be written");
    stream.flush(); // what is deflated, until its end
    void *begin = nullptr;
    offile_off_t length = 0;
    stream.flushBuffer(begin, length);
    offile_off_t rest = 0;
    stream.flush();
    stream.flushBuffer(begin, rest);
    if (rest != 0 || !stream.isFlushed()) {
        throw Refusal("the file would become larger than " + std::to_string(target.size()) + " bytes");
    }
    return static_cast<std::size_t>(length);
}

// An image in a transfer syntax: the bit stream of each frame, or the pixels of all.
struct Encoded {
    std::vector<Frame> frames;
    std::string photometric;
    bool lossless = true;
};

Frame encode(const Frame &pixels, const Description &image, const Syntax &syntax, Quality quality) {
    switch (syntax.coding) {
    case Coding::RLE:
        return encode_rle(pixels, image);
    case Coding::JPEG:
        if (image.stored > syntax.most) {
            throw Refusal("this JPEG holds samples of up to " + std::to_string(syntax.most) + " bits");
        }
        return encode_jpeg(pixels, image, quality);
    case Coding::JPEG_LOSSLESS:
        return encode_jpeg_lossless(pixels, image);
    case Coding::JPEG_LS:
        return encode_jpegls(pixels, image, quality);
    case Coding::JPEG_2000:
        return encode_jpeg2000(pixels, image, quality);
    case Coding::HTJ2K:
        return encode_htj2k(pixels, image, quality, syntax.uid == "1.2.840.10008.1.2.4.202");
    case Coding::NATIVE:
    case Coding::DEFLATED_FRAMES:
    case Coding::NOBODYS:
        break;
    }
    throw Refusal("nothing here encodes this transfer syntax");
}

// Returns the photometric interpretation that the samples have in the bit stream of a codec.
std::string photometric_in(const Syntax &syntax, const std::string &photometric, bool lossless) {
    if (photometric != "RGB") {
        return photometric;
    }
    switch (syntax.coding) {
    case Coding::JPEG:
        return "YBR_FULL_422";
    case Coding::JPEG_2000:
    case Coding::HTJ2K:
        return lossless ? "YBR_RCT" : "YBR_ICT";
    default:
        return photometric;
    }
}

Decoded decode_again(const Frame &stream, const Description &image, const Syntax &syntax) {
    Outline outline;
    outline.transfer_syntax = std::string(syntax.uid);
    outline.encapsulated = true;
    return decoded_frame(outline, image, {.joined = {}, .bytes = stream});
}

void check_fits(const Description &image, const Decoded &decoded, const Syntax &syntax) {
    if (image.floating) {
        throw Refusal("this transfer syntax holds no floating-point pixels");
    }
    if (image.allocated == 1) {
        throw Refusal("this transfer syntax holds no pixels of 1 bit");
    }
    const std::uint32_t wide = syntax.coding == Coding::JPEG ? image.stored : image.allocated;
    if (wide > syntax.most) {
        throw Refusal("this transfer syntax holds no samples of " + std::to_string(wide) + " bits");
    }
    if (decoded.photometric == "YBR_PARTIAL") {
        throw Refusal("this transfer syntax holds no " + image.photometric);
    }
    if (!syntax.lossless && (image.is_palette() || (image.samples == 3 && decoded.photometric != "RGB"))) {
        throw Refusal("lossy compression would change the colours of " + decoded.photometric);
    }
}

// What is done to each frame that was decoded.
class Mask {
  public:
    Mask(const Outline &outline, const Description &image, const Wish &wish) : image_(image) {
        if (wish.masking) {
            patches_ = wish.masking->patches;
            check_patches(patches_, image);
        }
        const auto is_mean = [](const Patch &patch) { return patch.filling == Filling::MEAN; };
        if (image.is_palette() && std::ranges::any_of(patches_, is_mean)) {
            palette_ = palette_of(outline, image);
        }
    }

    void operator()(Decoded &decoded, std::uint32_t frame) const {
        apply_patches(patches_, frame, image_, palette_ ? &*palette_ : nullptr, decoded);
    }

  private:
    const Description &image_;
    std::span<const Patch> patches_;
    std::optional<Palette> palette_;
};

Encoded encoded(const Outline &outline, const Description &image, const Syntax &syntax, const Wish &wish) {
    Encoded made;
    made.lossless = syntax.lossless;
    const Mask mask(outline, image, wish);
    for (std::uint32_t number = 0; number < image.frames; ++number) {
        try {
            const Coded coded = coded_frame(outline, image, number);
            Decoded decoded = decoded_frame(outline, image, coded);
            mask(decoded, number);
            made.photometric = decoded.photometric;
            if (syntax.coding == Coding::NATIVE) {
                made.frames.push_back(std::move(decoded.pixels));
                continue;
            }
            check_fits(image, decoded, syntax);
            Description flat = image;
            flat.planar = false;
            flat.photometric = decoded.photometric;
            Frame stream =
                encode(decoded.pixels, flat, syntax, {.lossless = syntax.lossless, .percent = wish.quality});
            made.photometric = flat.photometric =
                photometric_in(syntax, decoded.photometric, syntax.lossless);
            if (syntax.lossless && decode_again(stream, flat, syntax).pixels != decoded.pixels) {
                throw Refusal("what the encoder made is not the same when it is decoded");
            }
            made.frames.push_back(std::move(stream));
        } catch (const Refusal &refusal) {
            if (image.frames == 1) {
                throw;
            }
            throw Refusal("frame " + std::to_string(number) + ": " + refusal.what());
        }
    }
    return made;
}

// Puts the frames into the dataset as they are, in the form of each VR that pixels may have.
void put_native(DcmDataset &dataset, const Encoded &made, const Description &image, E_TransferSyntax target) {
    Frame all;
    if (image.allocated == 1) {
        std::size_t bit = 0;
        for (const Frame &frame : made.frames) {
            for (const std::uint8_t value : frame) {
                if (bit % 8 == 0) {
                    all.push_back(0);
                }
                all.back() = static_cast<std::uint8_t>(all.back() | value << (bit % 8));
                ++bit;
            }
        }
    } else {
        for (const Frame &frame : made.frames) {
            all.insert(all.end(), frame.begin(), frame.end());
        }
    }
    if (all.size() % 2 != 0) {
        all.push_back(0);
    }
    if (target == EXS_BigEndianExplicit &&
        image.bytes_of_sample() > 2) { // each word is turned when it is written
        auto *const words = reinterpret_cast<Uint16 *>(all.data());
        const std::size_t width = image.bytes_of_sample() / 2;
        for (std::size_t i = 0; i + width <= all.size() / 2; i += width) {
            std::reverse(words + i, words + i + width);
        }
    }
    auto pixels = std::make_unique<DcmPixelData>(DCM_PixelData);
    if (image.allocated <= 8) {
        pixels->setVR(EVR_OB);
        check(pixels->putUint8Array(all.data(), static_cast<unsigned long>(all.size())),
              "the pixels cannot be kept");
    } else {
        pixels->setVR(EVR_OW);
        check(pixels->putUint16Array(reinterpret_cast<const Uint16 *>(all.data()),
                                     static_cast<unsigned long>(all.size() / 2)),
              "the pixels cannot be kept");
    }
    check(dataset.insert(pixels.release(), OFTrue), "the pixels cannot be kept");
}

void put_encapsulated(DcmDataset &dataset, Encoded &made, E_TransferSyntax syntax) {
    auto sequence = std::make_unique<DcmPixelSequence>(DCM_PixelSequenceTag);
    auto table = std::make_unique<DcmPixelItem>(DCM_PixelItemTag);
    DcmPixelItem *const offsets = table.get();
    check(sequence->insert(table.release()), "the pixels cannot be kept");
    DcmOffsetList list;
    for (Frame &frame : made.frames) {
        check(sequence->storeCompressedFrame(list, frame.data(), static_cast<Uint32>(frame.size()), 0),
              "the pixels cannot be kept");
    }
    if (made.frames.size() > 1) {
        check(offsets->createOffsetTable(list), "the pixels cannot be kept");
    }
    auto pixels = std::make_unique<DcmPixelData>(DCM_PixelData);
    pixels->putOriginalRepresentation(syntax, nullptr, sequence.release());
    check(dataset.insert(pixels.release(), OFTrue), "the pixels cannot be kept");
}

void append(DcmDataset &dataset, const DcmTagKey &tag, const std::string &value) {
    OFString before;
    dataset.findAndGetOFStringArray(tag, before);
    const std::string all =
        before.empty() ? value : std::string(before.c_str(), before.size()) + "\\" + value;
    check(dataset.putAndInsertString(tag, all.c_str()), "the attributes cannot be kept");
}

const char *method_of(const Syntax &syntax) noexcept {
    switch (syntax.coding) {
    case Coding::JPEG_LS:
        return "ISO_14495_1";
    case Coding::JPEG_2000:
        return "ISO_15444_1";
    case Coding::HTJ2K:
        return "ISO_15444_15";
    default:
        return "ISO_10918_1";
    }
}

// Says in the attributes what a lossy compression did. Source: DICOM PS3.3, C.7.6.1.1.5.
void note_loss(DcmDataset &dataset, const Encoded &made, const Description &image, const Syntax &syntax) {
    std::size_t bytes = 0;
    for (const Frame &frame : made.frames) {
        bytes += frame.size();
    }
    const double before =
        static_cast<double>(image.pixels() * image.samples * made.frames.size()) * image.stored / 8.0;
    std::array<char, 17> ratio{};
    std::snprintf(ratio.data(), ratio.size(), "%.4g", before / static_cast<double>(bytes == 0 ? 1 : bytes));
    check(dataset.putAndInsertString(DCM_LossyImageCompression, "01"), "the attributes cannot be kept");
    append(dataset, DCM_LossyImageCompressionRatio, ratio.data());
    append(dataset, DCM_LossyImageCompressionMethod, method_of(syntax));
    std::array<char, 100> uid{};
    dcmGenerateUniqueIdentifier(uid.data());
    check(dataset.putAndInsertString(DCM_SOPInstanceUID, uid.data()), "the attributes cannot be kept");
}

void put_pixels(DcmDataset &dataset, Encoded &made, const Description &image, const Syntax &syntax,
                E_TransferSyntax target) {
    for (const DcmTagKey &tag : {DCM_ExtendedOffsetTable, DCM_ExtendedOffsetTableLengths, DCM_PixelData}) {
        dataset.findAndDeleteElement(tag);
    }
    if (syntax.coding == Coding::NATIVE) {
        put_native(dataset, made, image, target);
    } else {
        put_encapsulated(dataset, made, target);
    }
    if (image.planar) {
        check(dataset.putAndInsertUint16(DCM_PlanarConfiguration, 0), "the attributes cannot be kept");
    }
    if (made.photometric != image.photometric) {
        check(dataset.putAndInsertString(DCM_PhotometricInterpretation, made.photometric.c_str()),
              "the attributes cannot be kept");
    }
    if (!made.lossless) {
        note_loss(dataset, made, image, syntax);
    }
}

std::size_t copied(Bytes file, std::span<std::uint8_t> target) {
    if (file.size() > target.size()) {
        throw Refusal("the file is larger than " + std::to_string(target.size()) + " bytes");
    }
    std::ranges::copy(file, target.begin());
    return file.size();
}

std::size_t attempt(Bytes file, const Outline &outline, const Syntax &syntax, const Wish &wish,
                    std::span<std::uint8_t> target) {
    const DcmXfer xfer{std::string(syntax.uid).c_str()};
    const bool masks = wish.masking && !wish.masking->patches.empty();
    const bool same = wish.masking && !masks && syntax.uid == outline.transfer_syntax;
    if ((!syntax.encodes && !same) || xfer.getXfer() == EXS_Unknown) {
        throw Refusal("nothing here encodes this transfer syntax");
    }
    if (!syntax.lossless && !wish.new_instance && !same) {
        throw Refusal("it is lossy, and a new SOP instance UID is not allowed");
    }
    const std::unique_ptr<DcmFileFormat> made = read(file);
    if (wish.masking) {
        clean(*made->getDataset(), *wish.masking);
    }
    if (same) {
        return write(*made, xfer.getXfer(), target);
    }
    // Of samples with more than 16 bits, more than the bytes of each word are in another order.
    const bool turned = outline.pixels == PIXEL_DATA &&
                        outline.big_endian != (xfer.getXfer() == EXS_BigEndianExplicit) &&
                        number_of(outline, 0x00280100, 0) > 16;
    if (outline.pixels == 0 ||
        (!outline.encapsulated && syntax.coding == Coding::NATIVE && !turned && !masks)) {
        if (syntax.coding != Coding::NATIVE) {
            throw Refusal("the instance has no pixels");
        }
        return write(*made, xfer.getXfer(), target);
    }
    const Description image = description_of(outline);
    Encoded pixels = encoded(outline, image, syntax, wish);
    put_pixels(*made->getDataset(), pixels, image, syntax, xfer.getXfer());
    return write(*made, xfer.getXfer(), target);
}

} // namespace

std::size_t transcode(Bytes file, const Wish &wish, std::span<std::uint8_t> target) {
    Outline outline = outline_of(file);
    std::vector<std::uint8_t> copy;
    if (outline.deflated || outline.bare) {
        copy = plain(file, outline);
        file = copy;
        outline = outline_of(file);
    }
    std::string reasons;
    for (const std::string &uid : wish.syntaxes) {
        try {
            if (uid == outline.transfer_syntax && !wish.masking) {
                return copied(file, target);
            }
            return attempt(file, outline, syntax_of(uid), wish, target);
        } catch (const Refusal &refusal) {
            reasons += (reasons.empty() ? "" : "; ") + uid + ": " + refusal.what();
        }
    }
    throw Refusal(reasons.empty() ? "no transfer syntax is wanted" : reasons);
}

std::vector<std::uint8_t> plain(Bytes file, const Outline &outline) {
    if (outline.bare) {
        std::vector<std::uint8_t> made(file.size() * 2 + ROOM_FOR_HEADER);
        made.resize(write(*read(file), EXS_LittleEndianExplicit, made));
        return made;
    }
    constexpr std::string_view deflated = "1.2.840.10008.1.2.1.99";
    constexpr std::string_view rest = ".99";
    std::vector<std::uint8_t> made(file.begin(), file.begin() + static_cast<std::ptrdiff_t>(outline.dataset));
    const auto uid = std::ranges::search(made, deflated);
    if (uid.empty()) {
        throw Refusal("the file names no transfer syntax");
    }
    // Of the same length, so that nothing else moves: zeros are padding.
    std::fill(uid.end() - rest.size(), uid.end(), std::uint8_t{0});
    inflate_to(file.subspan(outline.dataset), made);
    return made;
}

void prepare_transcoding() {
    OFLog::configure(OFLogger::OFF_LOG_LEVEL);
    if (!dcmDataDict.isDictionaryLoaded()) {
        throw Refusal("the dictionary of DICOM cannot be read");
    }
}

} // namespace orthanc_images::pixels
