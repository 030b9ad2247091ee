#include "stl/nifti.h"

#include "framework/errors.h"
#include "stl/bytes.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <optional>
#include <utility>
#include <variant>

namespace orthanc_images::stl {

namespace {

static_assert(std::endian::native == std::endian::little);

// Most voxels in one direction, and most bytes of all.
constexpr std::int64_t MOST_VOXELS = 4096;
constexpr std::size_t MOST_BYTES = std::size_t{512} << 20U;

constexpr std::size_t HEADER_1 = 348;
constexpr std::size_t HEADER_2 = 540;
// After the header, four bytes say whether extensions follow; where the data begin is in the header.
constexpr std::size_t FLAGS = 4;

constexpr double PER_METRE = 1000;
constexpr std::uint16_t NO_NUMBERS = 501;
constexpr double PER_MICRON = 0.001;

[[noreturn]] void refuse_nifti(const std::string &what) {
    throw Error(OrthancPluginErrorCode_BadFileFormat, "Nifti: " + what);
}

// --- the header

// Where the fields are in the two versions; both have the same ones.
struct Layout {
    std::size_t header;
    std::size_t type;
    std::size_t bits;
    std::size_t dimensions;
    std::size_t spacings;
    std::size_t offset;
    std::size_t slope;
    std::size_t units;
    std::size_t qform;
    std::size_t sform;
    std::size_t quaternion;
    std::size_t matrix;
    std::size_t magic;
    bool wide;
};

constexpr Layout VERSION_1{HEADER_1, 70, 72, 40, 76, 108, 112, 123, 252, 254, 256, 280, 344, false};
constexpr Layout VERSION_2{HEADER_2, 12, 14, 16, 104, 168, 176, 500, 344, 348, 352, 400, 4, true};

// Reads numbers of either order of bytes.
class Reader {
  public:
    Reader(std::string_view bytes, bool swapped) : bytes_(bytes), swapped_(swapped) {}

    template <typename Number> Number at(std::size_t place) const {
        std::array<char, sizeof(Number)> raw{};
        std::copy_n(bytes_.begin() + static_cast<std::ptrdiff_t>(place), raw.size(), raw.begin());
        if (swapped_) {
            std::ranges::reverse(raw);
        }
        return std::bit_cast<Number>(raw);
    }

  private:
    std::string_view bytes_;
    bool swapped_;
};

struct Header {
    std::array<std::size_t, 3> size{};
    std::int64_t type = 0;
    std::size_t width = 0;
    std::size_t offset = 0;
    double slope = 1;
    bool swapped = false;
    // From voxels to places in the patient.
    Placement placement{};

    std::size_t bytes() const {
        return size[0] * size[1] * size[2] * width;
    }
};

class Fields {
  public:
    Fields(std::string_view bytes, const Layout &layout, bool swapped)
        : reader_(bytes, swapped), layout_(layout) {}

    std::int64_t type() const {
        return reader_.at<std::int16_t>(layout_.type);
    }

    std::int64_t bits() const {
        return reader_.at<std::int16_t>(layout_.bits);
    }

    std::int64_t dimension(std::size_t at) const {
        return layout_.wide ? reader_.at<std::int64_t>(layout_.dimensions + (8 * at))
                            : reader_.at<std::int16_t>(layout_.dimensions + (2 * at));
    }

    double spacing(std::size_t at) const {
        return real(layout_.spacings, at);
    }

    double slope() const {
        return real(layout_.slope, 0);
    }

    double offset() const {
        return layout_.wide ? static_cast<double>(reader_.at<std::int64_t>(layout_.offset))
                            : double{reader_.at<float>(layout_.offset)};
    }

    std::int64_t units() const {
        return layout_.wide ? reader_.at<std::int32_t>(layout_.units)
                            : std::int64_t{reader_.at<std::uint8_t>(layout_.units)};
    }

    bool has_qform() const {
        return code(layout_.qform) > 0;
    }

    bool has_sform() const {
        return code(layout_.sform) > 0;
    }

    // The three parts of the quaternion, and then the place of the first voxel.
    double quaternion(std::size_t at) const {
        return real(layout_.quaternion, at);
    }

    double matrix(std::size_t row, std::size_t column) const {
        return real(layout_.matrix, (4 * row) + column);
    }

  private:
    std::int64_t code(std::size_t place) const {
        return layout_.wide ? reader_.at<std::int32_t>(place) : std::int64_t{reader_.at<std::int16_t>(place)};
    }

    double real(std::size_t place, std::size_t at) const {
        return layout_.wide ? reader_.at<double>(place + (8 * at))
                            : double{reader_.at<float>(place + (4 * at))};
    }

    Reader reader_;
    const Layout &layout_;
};

std::optional<std::size_t> width_of(std::int64_t type) {
    switch (type) {
    case 2:   // unsigned, 8 bits
    case 256: // signed, 8 bits
        return 1;
    case 4:   // signed, 16 bits
    case 512: // unsigned, 16 bits
        return 2;
    case 8:   // signed, 32 bits
    case 16:  // real, 32 bits
    case 768: // unsigned, 32 bits
        return 4;
    case 64:   // real, 64 bits
    case 1024: // signed, 64 bits
    case 1280: // unsigned, 64 bits
        return 8;
    default:
        return {};
    }
}

double scale_of(std::int64_t units) {
    switch (units & 7) {
    case 1:
        return PER_METRE;
    case 3:
        return PER_MICRON;
    default:
        return 1;
    }
}

// The matrix of a rotation, from the three parts of a quaternion whose length is 1.
Placement turned(const Fields &fields, const std::array<double, 3> &spacing) {
    const double b = fields.quaternion(0);
    const double c = fields.quaternion(1);
    const double d = fields.quaternion(2);
    const double a = std::sqrt(std::max(0.0, 1 - ((b * b) + (c * c) + (d * d))));
    const double z = fields.spacing(0) < 0 ? -spacing[2] : spacing[2];
    return {{{((a * a) + (b * b) - (c * c) - (d * d)) * spacing[0], 2 * ((b * c) - (a * d)) * spacing[1],
              2 * ((b * d) + (a * c)) * z, fields.quaternion(3)},
             {2 * ((b * c) + (a * d)) * spacing[0], ((a * a) + (c * c) - (b * b) - (d * d)) * spacing[1],
              2 * ((c * d) - (a * b)) * z, fields.quaternion(4)},
             {2 * ((b * d) - (a * c)) * spacing[0], 2 * ((c * d) + (a * b)) * spacing[1],
              ((a * a) + (d * d) - (c * c) - (b * b)) * z, fields.quaternion(5)}}};
}

Placement placement_of(const Fields &fields) {
    constexpr double MOST_MILLIMETRES = 1e7;
    std::array<double, 3> spacing{};
    for (std::size_t axis = 0; axis < 3; ++axis) {
        spacing.at(axis) = std::abs(fields.spacing(axis + 1));
        const bool sound = spacing.at(axis) > 0 && spacing.at(axis) < MOST_MILLIMETRES;
        if (!sound) {
            refuse_nifti("pixdim has a size of voxels that is no number above 0.");
        }
    }
    Placement placement{};
    if (fields.has_sform()) {
        for (std::size_t row = 0; row < 3; ++row) {
            for (std::size_t column = 0; column < 4; ++column) {
                placement.at(row).at(column) = fields.matrix(row, column);
            }
        }
    } else if (fields.has_qform()) {
        placement = turned(fields, spacing);
    } else {
        for (std::size_t axis = 0; axis < 3; ++axis) {
            placement.at(axis).at(axis) = spacing.at(axis);
        }
    }
    const double scale = scale_of(fields.units());
    for (std::size_t row = 0; row < 3; ++row) {
        // NIfTI counts to the right and to the front, DICOM to the left and to the back.
        const double sign = row < 2 ? -1 : 1;
        for (double &value : placement.at(row)) {
            value *= sign * scale;
            if (!(std::abs(value) < MOST_MILLIMETRES)) {
                refuse_nifti("its srow or its quaternion places voxels where nothing can be.");
            }
        }
    }
    return placement;
}

Header header_in(std::string_view bytes) {
    const auto size_at = [&](bool swapped) { return Reader(bytes, swapped).at<std::int32_t>(0); };
    constexpr std::string_view WHAT = "it is no NIfTI file in one piece (.nii or .nii.gz).";
    if (bytes.size() < HEADER_1) {
        refuse_nifti(std::string(WHAT));
    }
    Header header;
    const auto either = [&](std::size_t size) {
        header.swapped = size_at(true) == static_cast<std::int32_t>(size);
        return header.swapped || size_at(false) == static_cast<std::int32_t>(size);
    };
    const bool second = bytes.size() >= HEADER_2 && either(HEADER_2);
    const Layout &layout = second ? VERSION_2 : VERSION_1;
    const std::string_view magic(second ? "n+2" : "n+1");
    if ((!second && !either(HEADER_1)) || bytes.substr(layout.magic, magic.size()) != magic) {
        refuse_nifti(std::string(WHAT));
    }
    const Fields fields(bytes, layout, header.swapped);
    const std::int64_t count = fields.dimension(0);
    if (count < 1 || count > 7) {
        refuse_nifti("dim[0] is " + std::to_string(count) + ", and not from 1 to 7.");
    }
    for (std::int64_t at = 1; at <= count; ++at) {
        const std::int64_t one = fields.dimension(static_cast<std::size_t>(at));
        if (at > 3 && one > 1) {
            refuse_nifti("it has more than one volume. Take one of them out.");
        }
        if (one < 1 || one > MOST_VOXELS) {
            refuse_nifti("dim[" + std::to_string(at) + "] is " + std::to_string(one) +
                         ". There must be from 1 to " + std::to_string(MOST_VOXELS) +
                         " voxels in each direction.");
        }
    }
    for (std::int64_t at = 1; at <= 3; ++at) {
        header.size.at(static_cast<std::size_t>(at - 1)) =
            at <= count ? static_cast<std::size_t>(fields.dimension(static_cast<std::size_t>(at))) : 1;
    }
    header.type = fields.type();
    const auto width = width_of(header.type);
    if (!width) {
        throw HttpError(NO_NUMBERS, "Nifti: its data type " + std::to_string(header.type) +
                                        " is not one number for each voxel.");
    }
    header.width = *width;
    if (fields.bits() != static_cast<std::int64_t>(8 * header.width)) {
        refuse_nifti("bitpix is " + std::to_string(fields.bits()) + ", which does not fit its data type " +
                     std::to_string(header.type) + ".");
    }
    if (header.bytes() > MOST_BYTES) {
        refuse_nifti("it has more than " + std::to_string(MOST_BYTES >> 20U) +
                     " MiB of voxels. Give a coarser one.");
    }
    const double offset = fields.offset();
    const bool leads =
        offset >= static_cast<double>(layout.header + FLAGS) && offset <= static_cast<double>(MOST_BYTES);
    if (!leads) {
        refuse_nifti("vox_offset does not lead to its voxels.");
    }
    header.offset = static_cast<std::size_t>(offset);
    const double slope = fields.slope();
    header.slope = std::isfinite(slope) && slope != 0 ? slope : 1;
    header.placement = placement_of(fields);
    return header;
}

// --- the voxels

// What a voxel is where there is no number.
constexpr double NOTHING = std::numeric_limits<double>::quiet_NaN();

template <typename Number> class Voxels {
  public:
    Voxels(std::string_view bytes, bool swapped) : reader_(bytes, swapped) {}

    double operator()(std::size_t at) const {
        const auto value = static_cast<double>(reader_.template at<Number>(at * sizeof(Number)));
        return std::isinf(value) ? NOTHING : value;
    }

  private:
    Reader reader_;
};

using AnyVoxels = std::variant<Voxels<std::uint8_t>, Voxels<std::int8_t>, Voxels<std::int16_t>,
                               Voxels<std::uint16_t>, Voxels<std::int32_t>, Voxels<std::uint32_t>,
                               Voxels<float>, Voxels<double>, Voxels<std::int64_t>, Voxels<std::uint64_t>>;

AnyVoxels voxels_of(std::string_view bytes, const Header &header) {
    switch (header.type) {
    case 2:
        return Voxels<std::uint8_t>(bytes, header.swapped);
    case 256:
        return Voxels<std::int8_t>(bytes, header.swapped);
    case 4:
        return Voxels<std::int16_t>(bytes, header.swapped);
    case 512:
        return Voxels<std::uint16_t>(bytes, header.swapped);
    case 8:
        return Voxels<std::int32_t>(bytes, header.swapped);
    case 768:
        return Voxels<std::uint32_t>(bytes, header.swapped);
    case 16:
        return Voxels<float>(bytes, header.swapped);
    case 64:
        return Voxels<double>(bytes, header.swapped);
    case 1024:
        return Voxels<std::int64_t>(bytes, header.swapped);
    default:
        return Voxels<std::uint64_t>(bytes, header.swapped);
    }
}

// Where a sample is between two voxels, of which number 0 is the nothing before the first one.
struct Between {
    std::size_t first;
    float share;
};

// All samples of a direction: evenly from the nothing before the first voxel to that behind the last one.
std::vector<Between> samples_of(std::size_t voxels, std::size_t resolution) {
    std::vector<Between> samples;
    samples.reserve(resolution);
    const double step = static_cast<double>(voxels + 1) / static_cast<double>(resolution + 1);
    for (std::size_t at = 1; at <= resolution; ++at) {
        const double place = static_cast<double>(at) * step;
        const double first = std::min(std::floor(place), static_cast<double>(voxels));
        samples.push_back({static_cast<std::size_t>(first), static_cast<float>(place - first)});
    }
    return samples;
}

class Sampled : public Volume {
  public:
    Sampled(std::string bytes, const Header &header, std::size_t resolution)
        : bytes_(std::move(bytes)), header_(header),
          voxels_(voxels_of(std::string_view(bytes_).substr(header.offset), header)), resolution_(resolution),
          across_(samples_of(header.size[0], resolution)), down_(samples_of(header.size[1], resolution)),
          up_(samples_of(header.size[2], resolution)) {
        std::visit([this](const auto &voxels) { measure(voxels); }, voxels_);
    }

    Size size() const override {
        return {resolution_, resolution_, resolution_};
    }

    void fill(std::size_t plane, std::span<float> values) override {
        const Between &up = up_[plane];
        hold(up.first);
        for (std::size_t row = 0; row < resolution_; ++row) {
            const Between &down = down_[row];
            for (std::size_t column = 0; column < resolution_; ++column) {
                const Between &across = across_[column];
                const auto in = [&](const std::vector<float> &voxels) {
                    const std::size_t at = (down.first * (header_.size[0] + 2)) + across.first;
                    const std::size_t next = at + header_.size[0] + 2;
                    return mixed(mixed(voxels[at], voxels[at + 1], across.share),
                                 mixed(voxels[next], voxels[next + 1], across.share), down.share);
                };
                values[(row * resolution_) + column] = mixed(in(lower_), in(upper_), up.share);
            }
        }
    }

  private:
    static float mixed(float from, float to, float share) {
        return (from * (1 - share)) + (to * share);
    }

    template <typename Some> void measure(const Some &voxels) {
        double least = std::numeric_limits<double>::infinity();
        double most = -least;
        const std::size_t count = header_.bytes() / header_.width;
        for (std::size_t at = 0; at < count; ++at) {
            // No comparison is true for what is no number.
            const double value = voxels(at);
            least = value < least ? value : least;
            most = value > most ? value : most;
        }
        if (!(most > least)) {
            refuse_nifti("all of its voxels have the same value: there is no surface.");
        }
        // Of a negative slope, the least number is the greatest value.
        zero_ = header_.slope < 0 ? most : least;
        // Halves, since the difference of two numbers may be none.
        half_range_ = (most / 2 - least / 2) * (header_.slope < 0 ? -1 : 1);
    }

    void hold(std::size_t first) {
        if (held_ == first) {
            return;
        }
        if (held_ && *held_ + 1 == first) {
            std::swap(lower_, upper_);
        } else {
            load(first, lower_);
        }
        load(first + 1, upper_);
        held_ = first;
    }

    // Loads a plane of voxels with nothing all around; number 0 is the nothing before the first plane.
    void load(std::size_t number, std::vector<float> &plane) const {
        const auto &[columns, rows, planes] = header_.size;
        plane.assign((columns + 2) * (rows + 2), 0);
        if (number == 0 || number > planes) {
            return;
        }
        std::visit(
            [&, width = columns, height = rows](const auto &voxels) {
                std::size_t at = (number - 1) * width * height;
                for (std::size_t row = 1; row <= height; ++row) {
                    for (std::size_t column = 1; column <= width; ++column) {
                        const double value = voxels(at++);
                        plane[(row * (width + 2)) + column] =
                            std::isnan(value) ? 0.0F
                                              : static_cast<float>((value / 2 - zero_ / 2) / half_range_);
                    }
                }
            },
            voxels_);
    }

    std::string bytes_;
    Header header_;
    AnyVoxels voxels_;
    std::size_t resolution_;
    std::vector<Between> across_;
    std::vector<Between> down_;
    std::vector<Between> up_;
    double zero_ = 0;
    double half_range_ = 1;
    std::optional<std::size_t> held_;
    std::vector<float> lower_;
    std::vector<float> upper_;
};

} // namespace

Placed volume_in(std::string file, std::size_t resolution) {
    const bool zipped = is_gzip(file);
    const Header header = header_in(zipped ? unzipped(file, HEADER_2, "Nifti") : file);
    const std::size_t needed = header.offset + header.bytes();
    if (zipped) {
        file = unzipped(file, needed, "Nifti");
    }
    if (file.size() < needed) {
        refuse_nifti("it is cut off: it has " + std::to_string(file.size()) + " of " +
                     std::to_string(needed) + " bytes.");
    }
    Placement placement = header.placement;
    for (auto &row : placement) {
        for (std::size_t axis = 0; axis < 3; ++axis) {
            const double step =
                static_cast<double>(header.size.at(axis) + 1) / static_cast<double>(resolution + 1);
            // The first sample is a step behind the nothing before the first voxel.
            row[3] += row.at(axis) * (step - 1);
            row.at(axis) *= step;
        }
    }
    return {std::make_unique<Sampled>(std::move(file), header, resolution), placement};
}

} // namespace orthanc_images::stl
