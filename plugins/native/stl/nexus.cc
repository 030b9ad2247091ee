#include "stl/nexus.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace orthanc_images::stl {

namespace {

constexpr std::string_view CREATORS = "1.2.826.0.1.3680043.8.498.";

std::optional<std::size_t> number_in(std::string_view text) {
    std::size_t number = 0;
    const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (text.empty() || error != std::errc() || rest != text.data() + text.size()) {
        return {};
    }
    return number;
}

} // namespace

bool is_nexus_creator(std::string_view uid) noexcept {
    static constexpr std::array<std::string_view, 3> VERSIONS{"90514926286349109728701975613711986292",
                                                              "13468660186379895313063577332103681503",
                                                              "69380801008493335183088431949117714013"};
    return uid.starts_with(CREATORS) &&
           std::ranges::find(VERSIONS, uid.substr(CREATORS.size())) != VERSIONS.end();
}

bool is_nexus(std::string_view bytes) noexcept {
    return bytes.starts_with(" sxN");
}

std::optional<Part> part_of(std::string_view range, std::size_t size) {
    constexpr std::string_view UNIT = "bytes=";
    const std::size_t dash = range.find('-');
    if (!range.starts_with(UNIT) || dash == std::string_view::npos) {
        return {};
    }
    const auto first = number_in(range.substr(UNIT.size(), dash - UNIT.size()));
    const auto last = number_in(range.substr(dash + 1));
    if (!first || !last || *first > *last || *last >= size) {
        return {};
    }
    return Part{*first, *last};
}

Model Models::find(const std::string &instance) {
    const std::scoped_lock locked(mutex_);
    const auto found = std::ranges::find_if(models_, [&](const auto &one) { return one.first == instance; });
    if (found == models_.end()) {
        return nullptr;
    }
    models_.splice(models_.begin(), models_, found);
    return found->second;
}

void Models::add(const std::string &instance, const Model &model) {
    const std::scoped_lock locked(mutex_);
    const auto same = std::ranges::find_if(models_, [&](const auto &one) { return one.first == instance; });
    if (same != models_.end() || model->size() > most_) {
        return;
    }
    models_.emplace_front(instance, model);
    size_ += model->size();
    while (size_ > most_) {
        size_ -= models_.back().second->size();
        models_.pop_back();
    }
}

} // namespace orthanc_images::stl
