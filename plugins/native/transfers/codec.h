// Compression of what travels, and hashes of what came.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

struct evp_md_ctx_st;

namespace orthanc_images::transfers {

// Returns the bytes as gzip.
std::string compressed(std::string_view content);

// Returns what was compressed; a NetworkProtocol Error unless that has exactly `size` bytes. No more memory
// is taken than for those, whatever the content would become.
std::string expanded(std::string_view content, std::uint64_t size);

// An MD5, bit by bit.
class Digest {
  public:
    Digest();
    Digest(const Digest &) = delete;
    Digest &operator=(const Digest &) = delete;
    Digest(Digest &&) noexcept = default;
    Digest &operator=(Digest &&) noexcept = default;
    ~Digest() = default;

    void add(std::string_view content);

    // Returns it in hexadecimal; nothing can be added then.
    std::string text();

  private:
    struct Free {
        void operator()(evp_md_ctx_st *context) const noexcept;
    };

    std::unique_ptr<evp_md_ctx_st, Free> context_;
};

} // namespace orthanc_images::transfers
