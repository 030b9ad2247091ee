#include "transfers/codec.h"

#include "framework/errors.h"

#include <openssl/evp.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <limits>

namespace orthanc_images::transfers {

namespace {

// zlib's largest window, and a gzip header before it.
constexpr int GZIP_WINDOW = 15 + 16;
constexpr int MEMORY_LEVEL = 8;

// How much memory is taken for what is expanded before it is known that it is there.
constexpr std::uint64_t FIRST = 1024 * std::uint64_t{1024};

[[noreturn]] void refuse_bucket(const std::string &what) {
    throw Error(OrthancPluginErrorCode_NetworkProtocol, what);
}

uInt counted(std::uint64_t size) {
    if (size > std::numeric_limits<uInt>::max()) {
        refuse_bucket("a bucket has more than 4 GiB.");
    }
    return static_cast<uInt>(size);
}

// zlib takes the input without const.
void give(z_stream &stream, std::string_view content) {
    stream.next_in = const_cast<Bytef *>(reinterpret_cast<const Bytef *>(content.data()));
    stream.avail_in = counted(content.size());
}

void take(z_stream &stream, std::string &target) {
    stream.next_out = reinterpret_cast<Bytef *>(target.data());
    stream.avail_out = counted(target.size());
}

} // namespace

std::string compressed(std::string_view content) {
    z_stream stream{};
    // Files of images get hardly smaller at higher levels, which take several times as long.
    if (deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, GZIP_WINDOW, MEMORY_LEVEL, Z_DEFAULT_STRATEGY) !=
        Z_OK) {
        throw Error(OrthancPluginErrorCode_NotEnoughMemory, "gzip: there is not enough memory.");
    }
    const std::unique_ptr<z_stream, int (*)(z_streamp)> ended(&stream, deflateEnd);
    std::string target(deflateBound(&stream, counted(content.size())), '\0');
    give(stream, content);
    take(stream, target);
    if (deflate(&stream, Z_FINISH) != Z_STREAM_END) {
        throw Error(OrthancPluginErrorCode_InternalError, "gzip: a bucket cannot be compressed.");
    }
    target.resize(stream.total_out);
    return target;
}

std::string expanded(std::string_view content, std::uint64_t size) {
    z_stream stream{};
    if (inflateInit2(&stream, GZIP_WINDOW) != Z_OK) {
        throw Error(OrthancPluginErrorCode_NotEnoughMemory, "gzip: there is not enough memory.");
    }
    const std::unique_ptr<z_stream, int (*)(z_streamp)> ended(&stream, inflateEnd);
    give(stream, content);
    std::string target;
    int state = Z_OK;
    while (state == Z_OK && target.size() <= size) {
        const std::size_t before = target.size();
        // One byte more shows that there is too much.
        target.resize(std::min(size + 1, std::max<std::uint64_t>(2 * before, FIRST)));
        stream.next_out = reinterpret_cast<Bytef *>(target.data()) + before;
        stream.avail_out = counted(target.size() - before);
        state = inflate(&stream, Z_NO_FLUSH);
        if (state == Z_BUF_ERROR || (state == Z_OK && stream.avail_out != 0)) {
            break;
        }
    }
    if (state != Z_STREAM_END || stream.avail_in != 0 || stream.total_out != size) {
        refuse_bucket("gzip: a bucket is not one of " + std::to_string(size) + " bytes.");
    }
    target.resize(size);
    return target;
}

void Digest::Free::operator()(evp_md_ctx_st *context) const noexcept {
    EVP_MD_CTX_free(context);
}

Digest::Digest() : context_(EVP_MD_CTX_new()) {
    if (context_ == nullptr || EVP_DigestInit_ex(context_.get(), EVP_md5(), nullptr) != 1) {
        throw Error(OrthancPluginErrorCode_InternalError, "MD5: OpenSSL does not offer it.");
    }
}

void Digest::add(std::string_view content) {
    if (EVP_DigestUpdate(context_.get(), content.data(), content.size()) != 1) {
        throw Error(OrthancPluginErrorCode_InternalError, "MD5: OpenSSL fails.");
    }
}

std::string Digest::text() {
    static constexpr char DIGITS[] = "0123456789abcdef";
    std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
    unsigned int size = 0;
    if (EVP_DigestFinal_ex(context_.get(), bytes.data(), &size) != 1) {
        throw Error(OrthancPluginErrorCode_InternalError, "MD5: OpenSSL fails.");
    }
    std::string text;
    for (unsigned int i = 0; i < size; ++i) {
        text.append({DIGITS[bytes.at(i) >> 4U], DIGITS[bytes.at(i) & 15U]});
    }
    return text;
}

} // namespace orthanc_images::transfers
