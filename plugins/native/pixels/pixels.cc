// Decodes and transcodes images for Orthanc, in processes of their own.
#include "framework/configuration.h"
#include "framework/errors.h"
#include "framework/host.h"
#include "framework/log.h"
#include "framework/plugin.h"
#include "pixels/format.h"
#include "pixels/numpy.h"
#include "pixels/refusal.h"
#include "pixels/state.h"

#include <orthanc/OrthancCPlugin.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace orthanc_images {

namespace pixels {

namespace {

constexpr Tag SOP_INSTANCE = 0x00080018;

std::string name_of(Bytes file) noexcept {
    constexpr std::size_t longest = 64; // of a UID
    try {
        return printable(text_of(outline_of(file), SOP_INSTANCE).substr(0, longest));
    } catch (const std::exception &) {
        return {};
    }
}

OrthancPluginPixelFormat pixel_format(std::uint32_t format) {
    switch (static_cast<Format>(format)) {
    case Format::GRAY8:
        return OrthancPluginPixelFormat_Grayscale8;
    case Format::GRAY16:
        return OrthancPluginPixelFormat_Grayscale16;
    case Format::SIGNED_GRAY16:
        return OrthancPluginPixelFormat_SignedGrayscale16;
    case Format::RGB24:
        return OrthancPluginPixelFormat_RGB24;
    case Format::RGB48:
        return OrthancPluginPixelFormat_RGB48;
    case Format::GRAY32:
        return OrthancPluginPixelFormat_Grayscale32;
    case Format::FLOAT32:
        return OrthancPluginPixelFormat_Float32;
    }
    throw Refusal("the worker gave a format that is not known");
}

// What could not be decoded last: Orthanc then asks for the same image in another transfer syntax, for the
// same reason in vain, which need not be said twice.
class LastRefusal {
  public:
    void note(const std::string &instance, std::string_view reason) {
        const std::scoped_lock lock(mutex_);
        instance_ = instance;
        reason_ = reason;
    }

    bool is_known(const std::string &instance, std::string_view reason) const {
        const std::scoped_lock lock(mutex_);
        return instance == instance_ && !reason_.empty() && reason.ends_with(reason_);
    }

  private:
    mutable std::mutex mutex_;
    std::string instance_;
    std::string reason_;
};

LastRefusal &refused() {
    static LastRefusal held;
    return held;
}

// Makes an image of Orthanc of what a worker gave.
OrthancPluginImage *image_of(const Result &result, Bytes pixels) {
    const OrthancPluginPixelFormat format = pixel_format(result.format);
    const std::size_t row = std::size_t{result.columns} * bytes_of(static_cast<Format>(result.format));
    if (row * result.rows != pixels.size()) {
        throw Refusal("the worker gave an image of another size");
    }
    OrthancPluginImage *const image = OrthancPluginCreateImage(host(), format, result.columns, result.rows);
    if (image == nullptr) {
        throw Error(OrthancPluginErrorCode_NotEnoughMemory, "there is no memory for an image");
    }
    auto *target = static_cast<std::uint8_t *>(OrthancPluginGetImageBuffer(host(), image));
    const std::size_t pitch = OrthancPluginGetImagePitch(host(), image);
    for (std::size_t y = 0; y < result.rows; ++y) {
        std::memcpy(target + y * pitch, pixels.data() + y * row, row);
    }
    return image;
}

OrthancPluginImage *decoded(Bytes file, std::uint32_t frame) {
    OrthancPluginImage *image = nullptr;
    decode_frame(file, frame, [&](const Result &result, Bytes pixels) { image = image_of(result, pixels); });
    return image;
}

OrthancPluginErrorCode decode(OrthancPluginImage **target, const void *dicom, const std::uint32_t size,
                              std::uint32_t frame) {
    const Bytes file(static_cast<const std::uint8_t *>(dicom), size);
    try {
        *target = decoded(file, frame);
        return OrthancPluginErrorCode_Success;
    } catch (const Refusal &refusal) {
        const std::string instance = name_of(file);
        refused().note(instance, refusal.what());
        log_warning("Frame " + std::to_string(frame) + " of the instance " + instance +
                    " cannot be decoded: " + refusal.what() + ".");
        return OrthancPluginErrorCode_BadFileFormat;
    } catch (...) {
        return logged_failure(std::source_location::current());
    }
}

void transcode(OrthancPluginMemoryBuffer *target, Bytes file, std::span<const char *const> syntaxes,
               bool new_instance) {
    Assignment request{.task = Task::TRANSCODE,
                       .size = file.size(),
                       .new_instance = new_instance,
                       .quality = state().quality};
    std::size_t place = 0;
    for (const std::string_view uid : syntaxes) {
        if (place + uid.size() + 2 > request.syntaxes.size()) {
            throw Refusal("too many transfer syntaxes are wanted");
        }
        uid.copy(request.syntaxes.data() + place, uid.size());
        place += uid.size() + 1;
    }
    state().pool->run(
        request, [&](std::span<std::uint8_t> input) { std::ranges::copy(file, input.begin()); },
        [&](const Result &, Bytes made) {
            if (made.size() > UINT32_MAX ||
                OrthancPluginCreateMemoryBuffer(host(), target, static_cast<std::uint32_t>(made.size())) !=
                    OrthancPluginErrorCode_Success) {
                throw Error(OrthancPluginErrorCode_NotEnoughMemory, "there is no memory for a file");
            }
            std::memcpy(target->data, made.data(), made.size());
        });
}

OrthancPluginErrorCode transcode(OrthancPluginMemoryBuffer *target, const void *buffer, std::uint64_t size,
                                 const char *const *syntaxes, std::uint32_t count,
                                 std::uint8_t new_instance) {
    const Bytes file(static_cast<const std::uint8_t *>(buffer), size);
    try {
        transcode(target, file, {syntaxes, count}, new_instance != 0);
        return OrthancPluginErrorCode_Success;
    } catch (const Refusal &refusal) {
        const std::string instance = name_of(file);
        const std::string line =
            "The instance " + instance + " cannot be transcoded: " + refusal.what() + ".";
        refused().is_known(instance, refusal.what()) ? log_info(line) : log_warning(line);
        return OrthancPluginErrorCode_Plugin; // which is how Orthanc is told that it is not done
    } catch (...) {
        return logged_failure(std::source_location::current());
    }
}

} // namespace

} // namespace pixels

void start() {
    const Configuration settings = Configuration::of("Gdcm");
    if (!settings.flag("Enable", true)) {
        log_warning("Gdcm.Enable is false: images are decoded by the server itself.");
        return;
    }
    if (settings.has("RestrictTransferSyntaxes")) {
        log_warning("Gdcm.RestrictTransferSyntaxes has no meaning here: every transfer syntax is decoded "
                    "outside of the "
                    "server. Remove it.");
    }
    pixels::State &held = pixels::state();
    held.quality = static_cast<std::uint32_t>(
        Configuration::whole().integer("DicomLossyTranscodingQuality", {1, 100}, 90));
    held.pool = std::make_unique<pixels::Pool>(pixels::limits_of(settings, PIXELS_WORKER));
    OrthancPluginRegisterDecodeImageCallback(host(), pixels::decode);
    OrthancPluginRegisterTranscoderCallback(host(), pixels::transcode);
    pixels::serve_numpy();
}

void finish() {
    pixels::state().pool.reset();
}

} // namespace orthanc_images
