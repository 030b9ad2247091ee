// Reading objects without Python.
//
// What is done here is the plain case: the object is there under its first name, and the store answers as it
// should. Whatever else happens is told by a false, and the caller hands the file on to Python, which tries
// again, looks elsewhere, and says what is wrong.
#pragma once

#include "storage/connections.h"
#include "storage/names.h"
#include "storage/sealed.h"
#include "storage/signer.h"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace orthanc_images::storage {

// Memory of C, which is what Orthanc takes over.
struct Free {
    void operator()(void *memory) const noexcept {
        std::free(memory); // NOLINT(cppcoreguidelines-no-malloc,cppcoreguidelines-owning-memory)
    }
};

using Memory = std::unique_ptr<void, Free>;

class Direct {
  public:
    // The settings are an object in JSON:
    //
    //   plugin                             what the log calls the plugin
    //   address, host                      of the bucket, without a final '/', and as the header Host has it
    //   slashes                            whether an address has the slashes of names as they are
    //   file, authorities                  certificates, as in Network
    //   connect, request                   how long to wait, in seconds
    //   pause                              how long Python reads alone after a fault that may last, in
    //   seconds connections                        how many are kept prefix, legacy, encrypted          as in
    //   Names keys, limit                        master keys by number, in hexadecimal, and the bytes of the
    //   Budget credentials                        as in signer_of
    //
    // An Error tells what is wrong with them, and shows no secret.
    explicit Direct(std::string_view settings);

    // Fills `target` with `size` bytes of a file in clear from `start` on.
    bool range(const char *uuid, std::int32_t type, std::uint64_t start, void *target, std::uint64_t size);

    // Decrypts a file, and puts it into memory of its size.
    bool whole(const char *uuid, std::int32_t type, Memory &memory, std::uint64_t &size);

    // Goes on with other credentials; an Error as above.
    void renew(std::string_view credentials);

    // How many bytes of encrypted files may be on their way, those of Python too.
    Budget &budget() {
        return budget_;
    }

    // How many files were read, and handed on.
    std::uint64_t done() const {
        return done_;
    }

    std::uint64_t handed_on() const {
        return handed_on_;
    }

  private:
    using Clock = std::chrono::steady_clock;

    // The settings as values.
    struct Parsed {
        const Json &settings;
    };

    explicit Direct(const Parsed &from);

    bool get(const char *uuid, std::int32_t type, const std::string &range, Receiver &receiver);
    Outcome asked(std::string_view uuid, std::int32_t type, const std::string &range, Receiver &receiver);
    std::shared_ptr<const Signer> signer();

    const std::string plugin_;
    const std::string path_;
    const std::string host_;
    const bool slashes_;
    const Names names_;
    const MasterKeys keys_;
    const std::chrono::milliseconds pause_;
    Budget budget_;
    Connections connections_;
    std::mutex mutex_;
    std::shared_ptr<const Signer> signer_;
    std::atomic<Clock::rep> paused_until_{Clock::time_point::min().time_since_epoch().count()};
    std::atomic<std::uint64_t> done_{0};
    std::atomic<std::uint64_t> handed_on_{0};
};

} // namespace orthanc_images::storage
