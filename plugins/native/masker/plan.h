// What is done to each instance of a request, from before Orthanc begins to modify until it is done.
#pragma once

#include "framework/json.h"
#include "masker/region.h"
#include "pixels/outline.h"
#include "pixels/patch.h"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace orthanc_images::masker {

// An instance that is to be modified, as it is stored.
struct Source {
    // Orthanc's identifiers.
    std::string instance;
    std::string series;

    // Its file, not deflated, for as long as it is looked at.
    pixels::Bytes file;

    // Asked for its tags as `/instances/…/tags?short` has them, where a region needs them.
    std::function<Json()> tags;
};

// What an instance is known by after Orthanc has modified it: identifiers are others then, and pixels are
// not.
struct Key {
    std::uint64_t pixels = 0;

    // Number and place in the series, which tell images with the same pixels apart.
    std::string place;

    auto operator<=>(const Key &) const = default;
};

// Returns by what the file is known.
Key key_of(const pixels::Outline &outline);

// The text that an instance carries from the request to where it is masked, and where it may be: elements
// that are retired, and do not occur in what is modified.
inline constexpr std::string_view MARK = "orthanc-images-mask:";
inline constexpr pixels::Tag MARKERS[] = {0x00203406, 0x00203404, 0x00203401, 0x00203402};

struct Mark {
    pixels::Tag marker = 0;

    // Which plan it is.
    std::string token;

    // The request, from which the plan can be made again after a restart; null where it was too long.
    Json request;

    std::string text() const;
};

// Returns the mark of a file; nothing where there is none.
std::optional<Mark> mark_of(const pixels::Outline &outline);

class Plan {
  public:
    // Regions that want what is not there are Errors, BadRequest.
    explicit Plan(std::vector<Region> regions) : regions_(std::move(regions)) {}

    // Adds an instance.
    void add(const Source &source);

    // Checks that each region has masked something, and that no two instances that are known by the same
    // differ in what is masked.
    void check() const;

    // Returns what is masked of an instance that Orthanc has modified; a Refusal when it is not of the plan.
    std::vector<pixels::Patch> patches_for(const pixels::Outline &modified) const;

    // Returns what is masked of the instance that was added last.
    const std::vector<pixels::Patch> &last() const {
        return entries_.back().patches;
    }

    // The element that carries the mark: one that no instance has.
    pixels::Tag marker() const;

    // Tells whether an instance has this transfer syntax.
    bool has_syntax(std::string_view uid) const;

    // The transfer syntax that the request wants, or an empty text.
    std::string syntax;

    // The first reason why an instance was not masked, for the answer.
    void fail(const std::string &reason);
    std::string failure() const;

  private:
    struct Entry {
        std::string instance;
        Key key;
        std::vector<pixels::Patch> patches;
    };

    std::vector<Region> regions_;
    std::vector<Entry> entries_;
    std::vector<bool> used_ = std::vector<bool>(regions_.size());
    std::set<pixels::Tag> taken_;
    std::set<std::string> syntaxes_;
    mutable std::mutex mutex_;
    std::string failure_;
};

// The plans of what Orthanc is doing.
class Plans {
  public:
    // Keeps a plan, and returns its token.
    std::string add(std::shared_ptr<Plan> plan);

    // Keeps a plan that was made again.
    void add(std::shared_ptr<Plan> plan, const std::string &token);

    std::shared_ptr<Plan> find(const std::string &token) const;

    // Notes the job that does it. What a job has done is forgotten; a failed one may be submitted again.
    void give_to(const std::string &token, const std::string &job);
    void remove(const std::string &token);
    void remove_job(const std::string &job);

    bool empty() const;

  private:
    struct Held {
        std::string token;
        std::string job;
        std::shared_ptr<Plan> plan;
    };

    mutable std::mutex mutex_;
    std::vector<Held> held_;
};

} // namespace orthanc_images::masker
