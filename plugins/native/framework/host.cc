#include "framework/host.h"

#include <atomic>

namespace orthanc_images {

namespace {

std::atomic<OrthancPluginContext *> known{nullptr};
std::atomic<bool> over{false};

} // namespace

void begin(OrthancPluginContext *context) noexcept {
    known = context;
    over = false;
}

void end() noexcept {
    over = true;
}

bool begun() noexcept {
    return known != nullptr;
}

bool ended() noexcept {
    return over;
}

OrthancPluginContext *host() noexcept {
    return known;
}

} // namespace orthanc_images
