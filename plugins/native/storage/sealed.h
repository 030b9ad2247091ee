// Encrypted files, as plugins/orthanc_images/storage/encryption.py describes and makes them.
#pragma once

#include <array>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

// As OpenSSL declares it.
struct evp_cipher_ctx_st;

namespace orthanc_images::storage {

// The master keys by their numbers, each of KEY_SIZE bytes.
using MasterKeys = std::map<std::uint32_t, std::string>;

constexpr std::size_t KEY_SIZE = 32;
constexpr std::size_t TAG_SIZE = 16;
// "A1", the number of the master key, the wrapped vector, and the wrapped key of the file.
constexpr std::size_t HEAD_SIZE = 2 + 4 + KEY_SIZE + KEY_SIZE;
constexpr std::size_t OVERHEAD = HEAD_SIZE + TAG_SIZE;

// So many bytes at once: who wants more waits for others; what is larger than all of it goes alone.
class Budget {
  public:
    explicit Budget(std::uint64_t limit) : limit_(limit), free_(limit) {}

    void take(std::uint64_t size);
    void give(std::uint64_t size);

  private:
    const std::uint64_t limit_;
    std::uint64_t free_;
    std::mutex mutex_;
    std::condition_variable changed_;
};

// Decrypts a file as it comes, piece by piece.
class Unsealing {
  public:
    explicit Unsealing(const MasterKeys &keys) : keys_(keys) {}

    // Takes the next piece of a file of `size` bytes, and puts what is in it to `target`, which has room for
    // size - OVERHEAD bytes; false when it cannot be such a file. What is in `target` is not to be believed
    // before `proven`.
    bool take(std::string_view piece, std::uint64_t size, unsigned char *target);

    // Tells whether all of it has come, and is what was encrypted.
    bool proven() const {
        return proven_;
    }

  private:
    struct Free {
        void operator()(evp_cipher_ctx_st *context) const noexcept;
    };

    bool open();
    bool close();

    const MasterKeys &keys_;
    std::unique_ptr<evp_cipher_ctx_st, Free> cipher_;
    std::array<char, HEAD_SIZE> head_{};
    std::array<char, TAG_SIZE> tag_{};
    // How many bytes of the file have come.
    std::uint64_t come_ = 0;
    bool proven_ = false;
};

} // namespace orthanc_images::storage
