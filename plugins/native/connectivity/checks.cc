#include "connectivity/checks.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace orthanc_images::connectivity {

namespace {

using Clock = std::chrono::steady_clock;

// Servers that wait for a thread. More than that are asked in a later round.
constexpr std::size_t ROOM = 4096;

double seconds(Clock::duration time) {
    return std::chrono::duration<double>(time).count();
}

// Adds the servers of a kind; where they cannot be read, those that were known.
template <typename States> void add(std::string_view kind, const States &states, std::set<Target> &targets) {
    if (const auto names = names_of(kind)) {
        for (const std::string &name : *names) {
            targets.emplace(kind, name);
        }
        return;
    }
    for (const auto &[target, state] : states) {
        if (target.first == kind) {
            targets.insert(target);
        }
    }
}

} // namespace

Json described(const Outcomes &outcomes) {
    Json all = Json::object();
    for (const std::string_view kind : KINDS) {
        all[std::string(kind)] = Json::object();
    }
    for (const auto &[target, outcome] : outcomes) {
        Json one = {{"Up", nullptr}, {"Seconds", nullptr}, {"Error", outcome.error}};
        if (outcome.known) {
            one["Up"] = outcome.up;
            one["Seconds"] = outcome.seconds;
        }
        all[target.first][target.second] = one;
    }
    return all;
}

Checks::Checks(Limits limits) : limits_(limits), workers_("CONNECTIVITY", limits.threads, ROOM) {}

void Checks::begin() {
    const std::scoped_lock locked(mutex_);
    const Time now = Clock::now();
    if (!listing_ && (!round_ || now - *round_ >= limits_.pause)) {
        round_ = now;
        listing_ = workers_.offer([this](const std::stop_token &) { ask_all(); });
    }
}

void Checks::ask_all() {
    std::map<Target, State> before;
    {
        const std::scoped_lock locked(mutex_);
        before = states_;
    }
    std::set<Target> wanted;
    for (const std::string_view kind : KINDS) {
        add(kind, before, wanted);
    }
    std::vector<Target> idle;
    {
        const std::scoped_lock locked(mutex_);
        std::erase_if(states_,
                      [&](const auto &one) { return !one.second.asking && !wanted.contains(one.first); });
        for (const Target &target : wanted) {
            State &state = states_[target];
            if (!state.asking) {
                state.asking = true;
                idle.push_back(target);
            }
        }
        asking_ += idle.size();
        listing_ = false;
    }
    changed_.notify_all();
    for (const Target &target : idle) {
        const bool offered = workers_.offer([this, target](const std::stop_token &) {
            begun(target);
            ended(target, ask(target));
        });
        if (!offered) {
            ended(target, {.error = "too many servers wait to be asked. Ask again later."});
        }
    }
}

void Checks::begun(const Target &target) {
    const std::scoped_lock locked(mutex_);
    states_[target].since = Clock::now();
}

void Checks::ended(const Target &target, Outcome outcome) {
    {
        const std::scoped_lock locked(mutex_);
        states_[target] = {.last = std::move(outcome)};
        --asking_;
    }
    changed_.notify_all();
}

void Checks::wait(std::chrono::milliseconds most, std::size_t room) {
    std::unique_lock locked(mutex_);
    if (waiting_ >= room) {
        return;
    }
    ++waiting_;
    changed_.wait_for(locked, most, [this] { return !listing_ && asking_ == 0; });
    --waiting_;
}

Outcomes Checks::outcomes() {
    const std::scoped_lock locked(mutex_);
    const Time now = Clock::now();
    Outcomes all;
    for (const auto &[target, state] : states_) {
        Outcome outcome = state.last;
        const Clock::duration waited = state.since ? now - *state.since : Clock::duration::zero();
        if (waited >= limits_.longest) {
            outcome = {.known = true, .seconds = seconds(waited)};
        }
        if (state.asking && (waited >= limits_.longest || !outcome.known)) {
            outcome.error = "it has not answered yet";
        }
        all.emplace(target, std::move(outcome));
    }
    return all;
}

void Checks::stop() noexcept {
    workers_.stop();
}

} // namespace orthanc_images::connectivity
