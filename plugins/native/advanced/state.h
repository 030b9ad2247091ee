// What the plugin is while it runs: its settings, and its threads.
#pragma once

#include "advanced/deletion.h"
#include "advanced/indexer.h"
#include "advanced/naming.h"
#include "advanced/settings.h"
#include "advanced/takeover.h"

#include <atomic>
#include <memory>
#include <mutex>
#include <stop_token>
#include <thread>

namespace orthanc_images::advanced {

struct State {
    explicit State(Settings given);

    const Settings settings;
    const Naming naming;
    // The file of Indexer, where there is one.
    std::unique_ptr<Takeover> takeover;
    // Set for as long as Orthanc runs, and destroyed first.
    std::unique_ptr<Deletion> deletion;
    std::unique_ptr<Indexer> indexer;
    std::jthread thread;
    // Whether the index keeps what this plugin needs.
    std::atomic<bool> capable{true};
    std::atomic<bool> stopping{false};
    std::mutex mutex;

    // Begins and ends what runs in the background.
    void begin();
    void stop();

  private:
    void background_work(const std::stop_token &stop) const;
};

// The state, from the start of the plugin to its end.
std::unique_ptr<State> &state_holder();
State &state();

} // namespace orthanc_images::advanced
