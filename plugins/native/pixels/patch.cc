#include "pixels/patch.h"

#include "pixels/refusal.h"

#include <algorithm>
#include <array>
#include <limits>
#include <string>
#include <unordered_map>
#include <vector>

namespace orthanc_images::pixels {

namespace {

constexpr std::uint32_t PALETTE_BITS = 16;

// The samples of a frame as values, and values as samples.
class Cells {
  public:
    explicit Cells(const Description &image) noexcept
        : width_(image.bytes_of_sample()), allocated_(image.allocated == 1 ? 8 : image.allocated),
          stored_(image.stored), shift_(image.high + 1 - image.stored),
          signed_(image.is_signed && image.allocated > 1) {}

    std::int64_t get(const Frame &pixels, std::size_t index) const noexcept {
        const std::uint32_t value =
            with_sign(get_sample(pixels.data(), index, width_) >> shift_, stored_, signed_);
        return signed_ ? std::int64_t{static_cast<std::int32_t>(value)} : std::int64_t{value};
    }

    void put(Frame &pixels, std::size_t index, std::int64_t value) const noexcept {
        const std::uint32_t cut = with_sign(static_cast<std::uint32_t>(value), stored_, signed_);
        put_sample(pixels.data(), index, width_, with_sign(cut << shift_, allocated_, false));
    }

  private:
    std::size_t width_;
    std::uint32_t allocated_;
    std::uint32_t stored_;
    std::uint32_t shift_;
    bool signed_;
};

// The nearest whole number, upwards from the middle.
std::int64_t rounded_mean(std::int64_t sum, std::int64_t count) noexcept {
    const std::int64_t twice = 2 * sum + count;
    const std::int64_t divisor = 2 * count;
    const std::int64_t quotient = twice / divisor;
    return twice % divisor < 0 ? quotient - 1 : quotient;
}

// From where to where the square around a pixel reaches, within `size`.
struct Reach {
    std::size_t begin;
    std::size_t end;
};

Reach reach_of(std::size_t place, std::size_t width, std::size_t size) noexcept {
    const std::size_t before = width / 2;
    return {.begin = place - std::min(place, before), .end = std::min(size, place - before + width)};
}

// Calls `put(row, column, means)` for each pixel of the patch. `get(row, column, layer)` is one of `layers`
// values of a pixel. The sums slide, so that the width costs nothing.
template <typename Get, typename Put>
void filter(const Patch &patch, const Description &image, std::size_t layers, const Get &get,
            const Put &put) {
    const auto width = static_cast<std::size_t>(patch.value);
    const std::size_t left = reach_of(patch.left, width, image.columns).begin;
    const std::size_t right = reach_of(patch.right - 1, width, image.columns).end;
    std::vector<std::int64_t> sums((right - left) * layers);
    const auto add = [&](std::size_t row, std::int64_t factor) {
        for (std::size_t column = left; column < right; ++column) {
            for (std::size_t layer = 0; layer < layers; ++layer) {
                sums[(column - left) * layers + layer] += factor * get(row, column, layer);
            }
        }
    };
    Reach rows{.begin = 0, .end = 0};
    rows.begin = rows.end = reach_of(patch.top, width, image.rows).begin;
    for (std::size_t row = patch.top; row < patch.bottom; ++row) {
        const Reach wanted = reach_of(row, width, image.rows);
        for (; rows.end < wanted.end; ++rows.end) {
            add(rows.end, 1);
        }
        for (; rows.begin < wanted.begin; ++rows.begin) {
            add(rows.begin, -1);
        }
        std::array<std::int64_t, 4> running{};
        Reach columns{.begin = left, .end = left};
        for (std::size_t column = patch.left; column < patch.right; ++column) {
            const Reach next = reach_of(column, width, image.columns);
            for (; columns.end < next.end; ++columns.end) {
                for (std::size_t layer = 0; layer < layers; ++layer) {
                    running[layer] += sums[(columns.end - left) * layers + layer];
                }
            }
            for (; columns.begin < next.begin; ++columns.begin) {
                for (std::size_t layer = 0; layer < layers; ++layer) {
                    running[layer] -= sums[(columns.begin - left) * layers + layer];
                }
            }
            const auto count = static_cast<std::int64_t>((rows.end - rows.begin) * (next.end - next.begin));
            std::array<std::int64_t, 4> means{};
            for (std::size_t layer = 0; layer < layers; ++layer) {
                means[layer] = rounded_mean(running[layer], count);
            }
            put(row, column, means);
        }
    }
}

void put_mean(const Patch &patch, const Description &image, const Frame &before, Frame &pixels) {
    const Cells cells(image);
    const auto place = [&](std::size_t row, std::size_t column) {
        return (row * image.columns + column) * image.samples;
    };
    filter(
        patch, image, image.samples,
        [&](std::size_t row, std::size_t column, std::size_t layer) {
            return cells.get(before, place(row, column) + layer);
        },
        [&](std::size_t row, std::size_t column, const std::array<std::int64_t, 4> &means) {
            for (std::size_t layer = 0; layer < image.samples; ++layer) {
                cells.put(pixels, place(row, column) + layer, means[layer]);
            }
        });
}

using Colour = std::array<std::int64_t, 3>;

// The colours around a patch, from which a mean gets the nearest one, of several the one with the least
// value.
class Nearest {
  public:
    Nearest(const Patch &patch, const Description &image, const Palette &palette, const Frame &before) {
        const Cells cells(image);
        const auto width = static_cast<std::size_t>(patch.value);
        const Reach rows{.begin = reach_of(patch.top, width, image.rows).begin,
                         .end = reach_of(patch.bottom - 1, width, image.rows).end};
        const Reach columns{.begin = reach_of(patch.left, width, image.columns).begin,
                            .end = reach_of(patch.right - 1, width, image.columns).end};
        std::vector<std::int64_t> found;
        for (std::size_t row = rows.begin; row < rows.end; ++row) {
            for (std::size_t column = columns.begin; column < columns.end; ++column) {
                found.push_back(cells.get(before, row * image.columns + column));
            }
            std::ranges::sort(found);
            const auto rest = std::ranges::unique(found);
            found.erase(rest.begin(), rest.end());
        }
        for (const std::int64_t value : found) {
            choices_.push_back({value, colour_of(palette, value)});
        }
    }

    static Colour colour_of(const Palette &palette, std::int64_t value) noexcept {
        Colour colour{};
        for (std::size_t channel = 0; channel < colour.size(); ++channel) {
            colour[channel] = palette.at(channel, static_cast<std::int32_t>(value), PALETTE_BITS);
        }
        return colour;
    }

    std::int64_t to(const Colour &wanted) {
        const std::int64_t key = (wanted[0] << 32U) | (wanted[1] << 16U) | wanted[2];
        const auto [place, is_new] = known_.try_emplace(key, 0);
        if (is_new) {
            std::int64_t least = std::numeric_limits<std::int64_t>::max();
            for (const Choice &choice : choices_) {
                std::int64_t distance = 0;
                for (std::size_t channel = 0; channel < wanted.size(); ++channel) {
                    const std::int64_t apart = choice.colour[channel] - wanted[channel];
                    distance += apart * apart;
                }
                if (distance < least) {
                    least = distance;
                    place->second = choice.value;
                }
            }
        }
        return place->second;
    }

  private:
    struct Choice {
        std::int64_t value;
        Colour colour;
    };

    std::vector<Choice> choices_;
    std::unordered_map<std::int64_t, std::int64_t> known_;
};

void put_mean_of_palette(const Patch &patch, const Description &image, const Palette &palette,
                         const Frame &before, Frame &pixels) {
    const Cells cells(image);
    Nearest nearest(patch, image, palette, before);
    filter(
        patch, image, 3,
        [&](std::size_t row, std::size_t column, std::size_t layer) {
            const auto value = static_cast<std::int32_t>(cells.get(before, row * image.columns + column));
            return std::int64_t{palette.at(layer, value, PALETTE_BITS)};
        },
        [&](std::size_t row, std::size_t column, const std::array<std::int64_t, 4> &means) {
            cells.put(pixels, row * image.columns + column, nearest.to({means[0], means[1], means[2]}));
        });
}

void put_constant(const Patch &patch, const Description &image, Decoded &decoded) {
    const Cells cells(image);
    std::array<std::int64_t, 4> values{};
    values.fill(patch.value);
    if (image.samples == 3 && decoded.photometric.starts_with("YBR")) { // grey has no colour differences
        values[1] = values[2] = std::int64_t{1} << (image.stored - 1);
    }
    for (std::size_t row = patch.top; row < patch.bottom; ++row) {
        for (std::size_t column = patch.left; column < patch.right; ++column) {
            for (std::size_t sample = 0; sample < image.samples; ++sample) {
                cells.put(decoded.pixels, (row * image.columns + column) * image.samples + sample,
                          values[sample]);
            }
        }
    }
}

} // namespace

void check_patches(std::span<const Patch> patches, const Description &image) {
    if (patches.empty()) {
        return;
    }
    constexpr std::uint32_t widest = 32;
    if (image.floating || image.allocated > widest) {
        throw Refusal("floating-point numbers and samples of more than 32 bits cannot be masked");
    }
    for (const Patch &patch : patches) {
        const bool fits = patch.first_frame < patch.end_frame && patch.end_frame <= image.frames &&
                          patch.top < patch.bottom && patch.bottom <= image.rows &&
                          patch.left < patch.right && patch.right <= image.columns;
        if (!fits) {
            throw Refusal("a region is not within the image");
        }
        if (patch.filling == Filling::MEAN && (patch.value < 1 || patch.value > MOST_MEAN_WIDTH)) {
            throw Refusal("the width of a mean filter is " + std::to_string(patch.value));
        }
    }
}

void apply_patches(std::span<const Patch> patches, std::uint32_t frame, const Description &image,
                   const Palette *palette, Decoded &decoded) {
    Frame before;
    std::uint32_t operation = 0;
    for (const Patch &patch : patches) {
        if (frame < patch.first_frame || frame >= patch.end_frame) {
            continue;
        }
        if (patch.filling == Filling::CONSTANT) {
            put_constant(patch, image, decoded);
            continue;
        }
        if (before.empty() || patch.operation != operation) {
            before = decoded.pixels;
            operation = patch.operation;
        }
        if (!image.is_palette()) {
            put_mean(patch, image, before, decoded.pixels);
        } else if (palette != nullptr) {
            put_mean_of_palette(patch, image, *palette, before, decoded.pixels);
        }
    }
}

} // namespace orthanc_images::pixels
