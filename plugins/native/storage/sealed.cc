#include "storage/sealed.h"

#include <openssl/evp.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <utility>

namespace orthanc_images::storage {

namespace {

constexpr std::size_t NUMBER = 2;
constexpr std::size_t VECTOR = 6;
constexpr std::size_t KEY = VECTOR + KEY_SIZE;

// What OpenSSL takes at once.
constexpr std::size_t MOST = std::numeric_limits<int>::max() / 2;

unsigned char *raw(char *text) {
    return reinterpret_cast<unsigned char *>(text);
}

const unsigned char *raw(std::string_view text) {
    return reinterpret_cast<const unsigned char *>(text.data());
}

// Ciphers as OpenSSL's provider has them: looking one up takes longer than decrypting a small file.
EVP_CIPHER *fetched(const char *name) {
    return EVP_CIPHER_fetch(nullptr, name, nullptr);
}

EVP_CIPHER *counter_mode() {
    static EVP_CIPHER *const found = fetched("AES-256-CTR");
    return found;
}

EVP_CIPHER *galois_mode() {
    static EVP_CIPHER *const found = fetched("AES-256-GCM");
    return found;
}

// Decrypts a vector or a key in counter mode, from block zero.
bool unwrap(EVP_CIPHER_CTX *cipher, const std::string &master, const char *wrapped,
            std::array<unsigned char, KEY_SIZE> &target) {
    constexpr std::array<unsigned char, 16> zero{};
    int size = 0;
    return EVP_CIPHER_CTX_reset(cipher) == 1 &&
           EVP_DecryptInit_ex2(cipher, counter_mode(), raw(master), zero.data(), nullptr) == 1 &&
           EVP_DecryptUpdate(cipher, target.data(), &size, raw({wrapped, target.size()}),
                             static_cast<int>(target.size())) == 1 &&
           std::cmp_equal(size, target.size());
}

} // namespace

void Budget::take(std::uint64_t size) {
    const std::uint64_t wanted = std::min(size, limit_);
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return free_ >= wanted; });
    free_ -= wanted;
}

void Budget::give(std::uint64_t size) {
    {
        const std::scoped_lock lock(mutex_);
        free_ += std::min(size, limit_);
    }
    changed_.notify_all();
}

void Unsealing::Free::operator()(evp_cipher_ctx_st *context) const noexcept {
    EVP_CIPHER_CTX_free(context);
}

bool Unsealing::take(std::string_view piece, std::uint64_t size, unsigned char *target) {
    if (size < OVERHEAD || piece.size() > MOST || piece.size() > size - come_) {
        return false;
    }
    if (come_ < HEAD_SIZE) {
        const std::size_t count = std::min(piece.size(), static_cast<std::size_t>(HEAD_SIZE - come_));
        std::memcpy(head_.data() + come_, piece.data(), count);
        come_ += count;
        piece.remove_prefix(count);
        if (come_ < HEAD_SIZE) {
            return true;
        }
        if (!open()) {
            return false;
        }
    }
    const std::uint64_t end = size - TAG_SIZE;
    if (come_ < end && !piece.empty()) {
        const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(piece.size(), end - come_));
        int done = 0;
        if (EVP_DecryptUpdate(cipher_.get(), target + (come_ - HEAD_SIZE), &done, raw(piece),
                              static_cast<int>(count)) != 1 ||
            !std::cmp_equal(done, count)) {
            return false;
        }
        come_ += count;
        piece.remove_prefix(count);
    }
    if (!piece.empty()) {
        std::memcpy(tag_.data() + (come_ - end), piece.data(), piece.size());
        come_ += piece.size();
    }
    return come_ < size || close();
}

// Begins with what the head says; false when it is not the head of such a file, or its key is unknown.
bool Unsealing::open() {
    if (head_[0] != 'A' || head_[1] != '1') {
        return false;
    }
    std::uint32_t number = 0;
    for (std::size_t place = 0; place < 4; place++) {
        number |= static_cast<std::uint32_t>(static_cast<unsigned char>(head_.at(NUMBER + place)))
                  << (8 * place);
    }
    const auto master = keys_.find(number);
    if (master == keys_.end() || master->second.size() != KEY_SIZE) {
        return false;
    }
    cipher_.reset(EVP_CIPHER_CTX_new());
    std::array<unsigned char, KEY_SIZE> vector{};
    std::array<unsigned char, KEY_SIZE> key{};
    if (cipher_ == nullptr || !unwrap(cipher_.get(), master->second, head_.data() + VECTOR, vector) ||
        !unwrap(cipher_.get(), master->second, head_.data() + KEY, key)) {
        return false;
    }
    int size = 0;
    return EVP_CIPHER_CTX_reset(cipher_.get()) == 1 &&
           EVP_DecryptInit_ex2(cipher_.get(), galois_mode(), nullptr, nullptr, nullptr) == 1 &&
           EVP_CIPHER_CTX_ctrl(cipher_.get(), EVP_CTRL_AEAD_SET_IVLEN, static_cast<int>(vector.size()),
                               nullptr) == 1 &&
           EVP_DecryptInit_ex2(cipher_.get(), nullptr, key.data(), vector.data(), nullptr) == 1 &&
           EVP_DecryptUpdate(cipher_.get(), nullptr, &size, raw({head_.data(), head_.size()}),
                             static_cast<int>(head_.size())) == 1;
}

// Compares the tag.
bool Unsealing::close() {
    std::array<unsigned char, TAG_SIZE> rest{};
    int size = 0;
    proven_ = EVP_CIPHER_CTX_ctrl(cipher_.get(), EVP_CTRL_AEAD_SET_TAG, static_cast<int>(tag_.size()),
                                  raw(tag_.data())) == 1 &&
              EVP_DecryptFinal_ex(cipher_.get(), rest.data(), &size) == 1;
    return proven_;
}

} // namespace orthanc_images::storage
