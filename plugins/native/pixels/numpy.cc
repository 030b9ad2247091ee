#include "pixels/numpy.h"

#include "framework/errors.h"
#include "framework/http.h"
#include "framework/json.h"
#include "framework/memory.h"
#include "framework/rest.h"
#include "pixels/format.h"
#include "pixels/refusal.h"
#include "pixels/state.h"

#include <nlohmann/json.hpp>
#include <zlib.h>

#include <charconv>
#include <cstring>
#include <optional>
#include <string>
#include <vector>

namespace orthanc_images::pixels {

namespace {

constexpr Tag SOP_CLASS = 0x00080016;
constexpr std::string_view RT_DOSE = "1.2.840.10008.5.1.4.1.1.481.2";
constexpr std::string_view BINARY = "application/octet-stream";

// What values of grey are multiplied by, and what is added then.
struct Rescale {
    float slope = 1;
    float intercept = 0;
};

// Returns the first number of a value of the representation DS.
std::optional<float> number_in(std::string_view text) noexcept {
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    float value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() ? std::optional(value) : std::nullopt;
}

std::optional<float> number_at(const std::string &uri) {
    const Answer answer = call({.uri = uri});
    return answer.good() ? number_in(answer.body.bytes()) : std::nullopt;
}

// Returns how a frame is rescaled: as the image says, or else the functional groups of all frames or of its
// own. A dose never is.
Rescale rescale_of(const std::string &instance, const Outline &outline, std::uint32_t frame) {
    if (!outline.bare && !outline.deflated && text_of(outline, SOP_CLASS) == RT_DOSE) {
        return {};
    }
    const std::string content = "/instances/" + instance + "/content/";
    const std::string own = "5200-9230/" + std::to_string(frame) + "/0028-9145/0/";
    for (const std::string &place : {std::string(), std::string("5200-9229/0/0028-9145/0/"), own}) {
        const std::optional<float> slope = number_at(content + place + "0028-1053");
        const std::optional<float> intercept = number_at(content + place + "0028-1052");
        if (slope && intercept) {
            return {.slope = *slope, .intercept = *intercept};
        }
    }
    return {};
}

const char *type_of(Format format) noexcept {
    switch (format) {
    case Format::GRAY16:
    case Format::RGB48:
        return "<u2";
    case Format::SIGNED_GRAY16:
        return "<i2";
    case Format::GRAY32:
        return "<u4";
    case Format::FLOAT32:
        return "<f4";
    default:
        return "|u1";
    }
}

bool is_colour(Format format) noexcept {
    return format == Format::RGB24 || format == Format::RGB48;
}

template <typename Stored> void append_rescaled(Bytes pixels, Rescale rescale, std::string &target) {
    const std::size_t count = pixels.size() / sizeof(Stored);
    const std::size_t place = target.size();
    target.resize(place + count * sizeof(float));
    for (std::size_t i = 0; i < count; ++i) {
        Stored value{};
        std::memcpy(&value, pixels.data() + i * sizeof value, sizeof value);
        const float scaled = static_cast<float>(value) * rescale.slope + rescale.intercept;
        std::memcpy(target.data() + place + i * sizeof scaled, &scaled, sizeof scaled);
    }
}

// An array of frames that grows. Source: the format NPY 1.0 of NumPy.
class Array {
  public:
    Array(std::size_t depth, bool rescaled) : depth_(depth), rescaled_(rescaled) {}

    bool rescaled() const noexcept {
        return rescaled_;
    }

    void add(const Result &result, Bytes pixels, const Rescale &rescale) {
        const auto format = static_cast<Format>(result.format);
        if (pixels.size() != std::size_t{result.rows} * result.columns * bytes_of(format)) {
            throw Refusal("the worker gave an image of another size");
        }
        if (bytes_.empty()) {
            first_ = result;
            begin(format);
        } else if (result.rows != first_.rows || result.columns != first_.columns ||
                   result.format != first_.format) {
            throw Refusal("its size or kind of pixels is another than that of the first frame");
        }
        if (!rescaled_ || is_colour(format)) {
            bytes_.append(reinterpret_cast<const char *>(pixels.data()), pixels.size());
            return;
        }
        switch (format) {
        case Format::GRAY16:
            append_rescaled<std::uint16_t>(pixels, rescale, bytes_);
            break;
        case Format::SIGNED_GRAY16:
            append_rescaled<std::int16_t>(pixels, rescale, bytes_);
            break;
        case Format::GRAY32:
            append_rescaled<std::uint32_t>(pixels, rescale, bytes_);
            break;
        case Format::FLOAT32:
            append_rescaled<float>(pixels, rescale, bytes_);
            break;
        default:
            append_rescaled<std::uint8_t>(pixels, rescale, bytes_);
            break;
        }
    }

    const std::string &bytes() const noexcept {
        return bytes_;
    }

  private:
    void begin(Format format) {
        const std::string shape = (depth_ == 0 ? std::string() : std::to_string(depth_) + ", ") +
                                  std::to_string(first_.rows) + ", " + std::to_string(first_.columns) + ", " +
                                  (is_colour(format) ? "3" : "1");
        const char *const type = rescaled_ && !is_colour(format) ? "<f4" : type_of(format);
        std::string about =
            std::string("{'descr': '") + type + "', 'fortran_order': False, 'shape': (" + shape + "), }";
        constexpr std::size_t fixed = 10;
        constexpr std::size_t unit = 64;
        about.append(unit - (fixed + about.size() + 1) % unit, ' ');
        about += '\n';
        bytes_ = std::string("\x93NUMPY\x01\x00", 8);
        bytes_ += static_cast<char>(about.size() % 256);
        bytes_ += static_cast<char>(about.size() / 256);
        bytes_ += about;
    }

    std::size_t depth_;
    bool rescaled_;
    Result first_;
    std::string bytes_;
};

void put(std::string &target, std::uint64_t value, std::size_t width) {
    for (std::size_t i = 0; i < width; ++i) {
        target += static_cast<char>(value >> (8U * i));
    }
}

std::string deflated(const std::string &bytes) {
    z_stream state{};
    if (deflateInit2(&state, Z_DEFAULT_COMPRESSION, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
        throw Error(OrthancPluginErrorCode_NotEnoughMemory, "there is no memory to compress an array");
    }
    std::string target(deflateBound(&state, static_cast<uLong>(bytes.size())), '\0');
    // zlib reads only. NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast)
    state.next_in = reinterpret_cast<Bytef *>(const_cast<char *>(bytes.data()));
    state.avail_in = static_cast<uInt>(bytes.size());
    state.next_out = reinterpret_cast<Bytef *>(target.data());
    state.avail_out = static_cast<uInt>(target.size());
    const int result = deflate(&state, Z_FINISH);
    target.resize(state.total_out);
    deflateEnd(&state);
    if (result != Z_STREAM_END) {
        throw Error(OrthancPluginErrorCode_InternalError, "an array cannot be compressed");
    }
    return target;
}

// Returns an archive with one file, as numpy.savez_compressed() writes it. Source: the format ZIP,
// APPNOTE 6.3.
std::string archive(const std::string &array) {
    if (array.size() > UINT32_MAX) {
        throw Error(OrthancPluginErrorCode_ParameterOutOfRange,
                    "an array of 4 GiB and more cannot be compressed. Ask without compress.");
    }
    constexpr std::string_view name = "arr_0.npy";
    const std::string content = deflated(array);
    const uLong sum = crc32_z(0, reinterpret_cast<const Bytef *>(array.data()), array.size());
    std::string about;         // what both headers have
    put(about, 20, 2);         // the version that can read it
    put(about, 0, 2);          // flags
    put(about, Z_DEFLATED, 2); // method
    put(about, 0, 2);          // time
    put(about, 0x21, 2);       // date: 1980-01-01
    put(about, sum, 4);
    put(about, content.size(), 4);
    put(about, array.size(), 4);
    put(about, name.size(), 2);
    put(about, 0, 2); // nothing more
    std::string file = "PK\x03\x04" + about + std::string(name) + content;
    const std::size_t directory = file.size();
    file += "PK\x01\x02";
    put(file, 20, 2);
    file += about;
    file.append(14, '\0'); // no comment, first disk, no attributes, at the begin of the file
    file += name;
    const std::size_t size = file.size() - directory;
    file += std::string("PK\x05\x06\0\0\0\0", 8);
    put(file, 1, 2);
    put(file, 1, 2);
    put(file, size, 4);
    put(file, directory, 4);
    put(file, 0, 2);
    return file;
}

bool flag(const Request &request, std::string_view name, bool otherwise) {
    const std::optional<std::string_view> text = request.argument(name);
    if (!text || text->empty()) {
        return otherwise;
    }
    if (*text == "1" || *text == "true") {
        return true;
    }
    if (*text == "0" || *text == "false") {
        return false;
    }
    throw Error(OrthancPluginErrorCode_BadRequest,
                "the argument " + std::string(name) + " is neither true nor false. Write " +
                    std::string(name) + "=true or " + std::string(name) + "=false.");
}

// Adds frames of an instance: `count` from `first` on.
void add(Array &array, const std::string &instance, std::uint32_t first, std::uint32_t count) {
    Buffer buffer;
    const OrthancPluginErrorCode found =
        OrthancPluginGetDicomForInstance(host(), buffer.target(), instance.c_str());
    if (found != OrthancPluginErrorCode_Success) {
        throw Error(found, "there is no instance " + instance);
    }
    const std::string_view content = buffer.bytes();
    const Bytes file(reinterpret_cast<const std::uint8_t *>(content.data()), content.size());
    try {
        const Outline outline = outline_of(file);
        for (std::uint32_t frame = first; frame < first + count; ++frame) {
            const Rescale rescale = array.rescaled() ? rescale_of(instance, outline, frame) : Rescale();
            decode_frame(file, frame,
                         [&](const Result &result, Bytes pixels) { array.add(result, pixels, rescale); });
        }
    } catch (const Refusal &refusal) {
        throw Error(OrthancPluginErrorCode_BadFileFormat,
                    "the instance " + instance + " cannot be decoded: " + refusal.what());
    }
}

std::uint32_t frames_of(const std::string &instance) {
    return static_cast<std::uint32_t>(get_json("/instances/" + instance + "/frames").size());
}

void answer(const Request &request, Response &response, const Array &array) {
    response.bytes(flag(request, "compress", false) ? archive(array.bytes()) : array.bytes(),
                   std::string(BINARY));
}

bool is_get(const Request &request, Response &response) {
    if (request.method() == OrthancPluginHttpMethod_Get) {
        return true;
    }
    response.not_allowed("GET");
    return false;
}

void instance(const Request &request, Response &response) {
    if (!is_get(request, response)) {
        return;
    }
    const std::string id(request.group(0));
    const std::uint32_t frames = frames_of(id);
    Array array(frames, flag(request, "rescale", true));
    add(array, id, 0, frames);
    answer(request, response, array);
}

void frame(const Request &request, Response &response) {
    if (!is_get(request, response)) {
        return;
    }
    const std::string id(request.group(0));
    const std::string text(request.group(1));
    const std::uint32_t frames = frames_of(id);
    std::uint32_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size() || number >= frames) {
        throw Error(OrthancPluginErrorCode_UnknownResource, "there is no frame " + text +
                                                                ", counted from 0; the instance has " +
                                                                std::to_string(frames));
    }
    Array array(0, flag(request, "rescale", true));
    add(array, id, number, 1);
    answer(request, response, array);
}

void series(const Request &request, Response &response) {
    if (!is_get(request, response)) {
        return;
    }

    struct Piece {
        std::string instance;
        std::uint32_t first;
        std::uint32_t count;
    };

    std::vector<Piece> pieces;
    std::size_t depth = 0;
    const Json slices = get_json("/series/" + std::string(request.group(0)) + "/ordered-slices");
    for (const Json &slice : slices.at("SlicesShort")) {
        pieces.push_back({slice.at(0).get<std::string>(), slice.at(1).get<std::uint32_t>(),
                          slice.at(2).get<std::uint32_t>()});
        depth += pieces.back().count;
    }
    Array array(depth, flag(request, "rescale", true));
    for (const Piece &piece : pieces) {
        add(array, piece.instance, piece.first, piece.count);
    }
    answer(request, response, array);
}

} // namespace

void serve_numpy() {
    route<instance>("/instances/([^/]+)/numpy");
    route<frame>("/instances/([^/]+)/frames/([^/]+)/numpy");
    route<series>("/series/([^/]+)/numpy");
}

} // namespace orthanc_images::pixels
