#include "connectivity/metrics.h"

#include "framework/host.h"

#include <limits>

namespace orthanc_images::connectivity {

namespace {

constexpr float NO_NUMBER = std::numeric_limits<float>::quiet_NaN();

std::string_view label_of(std::string_view kind) {
    if (kind == MODALITIES) {
        return "modality";
    }
    return kind == PEERS ? "peer" : "dicom_web";
}

std::string escaped(std::string_view text) {
    std::string result;
    for (const char one : text) {
        if (one == '\\' || one == '"') {
            result += '\\';
        }
        result += one == '\n' ? std::string("\\n") : std::string(1, one);
    }
    return result;
}

void set(const Target &target, float up, float seconds) {
    OrthancPluginSetMetricsValue(host(), metric("up", target).c_str(), up, OrthancPluginMetricsType_Default);
    OrthancPluginSetMetricsValue(host(), metric("seconds", target).c_str(), seconds,
                                 OrthancPluginMetricsType_Default);
}

} // namespace

std::string metric(std::string_view what, const Target &target) {
    std::string text = "orthanc_connectivity_";
    text.append(what).append(R"({kind=")").append(label_of(target.first));
    text.append(R"(",name=")").append(escaped(target.second)).append(R"("})");
    return text;
}

void Metrics::tell(const Outcomes &outcomes) {
    const std::scoped_lock locked(mutex_);
    std::set<Target> now;
    for (const auto &[target, outcome] : outcomes) {
        if (outcome.known) {
            set(target, outcome.up ? 1 : 0, static_cast<float>(outcome.seconds));
            now.insert(target);
        }
    }
    for (const Target &target : told_) {
        if (!now.contains(target)) {
            set(target, NO_NUMBER, NO_NUMBER);
        }
    }
    told_ = std::move(now);
}

} // namespace orthanc_images::connectivity
