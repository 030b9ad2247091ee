// A gate for work that takes much memory: one after the other, and not many in the queue.
#pragma once

#include "framework/errors.h"

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <utility>

namespace orthanc_images::stl {

class Gate {
  public:
    explicit Gate(std::size_t waiting) : most_(waiting + 1) {}

    // Runs the work when its turn has come; an Error, of status 503, when too many wait already.
    template <typename Work> auto pass(Work &&work) {
        const Turn turn(*this);
        const std::scoped_lock working(working_);
        return std::forward<Work>(work)();
    }

  private:
    class Turn {
      public:
        explicit Turn(Gate &gate) : gate_(gate) {
            const std::scoped_lock locked(gate_.mutex_);
            if (gate_.count_ == gate_.most_) {
                constexpr std::uint16_t UNAVAILABLE = 503;
                throw HttpError(UNAVAILABLE, "too many models are being made. Try again later.");
            }
            ++gate_.count_;
        }

        Turn(const Turn &) = delete;
        Turn &operator=(const Turn &) = delete;

        ~Turn() {
            const std::scoped_lock locked(gate_.mutex_);
            --gate_.count_;
        }

      private:
        Gate &gate_;
    };

    std::mutex mutex_;
    std::mutex working_;
    std::size_t count_ = 0;
    const std::size_t most_;
};

} // namespace orthanc_images::stl
