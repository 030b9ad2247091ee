#include "storage/signer.h"

#include "framework/errors.h"

#include <nlohmann/json.hpp>

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

#include <array>
#include <cstdint>
#include <mutex>
#include <string_view>
#include <utility>

namespace orthanc_images::storage {

namespace {

using Digest = std::array<unsigned char, SHA256_DIGEST_LENGTH>;

// SHA-256 of no content.
constexpr std::string_view NOTHING = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

// The version of Azure's interface that the client in Python speaks.
constexpr std::string_view AZURE_VERSION = "2023-11-03";

[[noreturn]] void refused(const std::string &what) {
    throw Error(OrthancPluginErrorCode_ParameterOutOfRange, "credentials of a store: " + what);
}

const unsigned char *bytes(std::string_view text) {
    return reinterpret_cast<const unsigned char *>(text.data());
}

std::string_view view(const Digest &digest) {
    return {reinterpret_cast<const char *>(digest.data()), digest.size()};
}

Digest hmac(std::string_view key, std::string_view text) {
    Digest found{};
    unsigned int size = 0;
    if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), bytes(text), text.size(), found.data(),
             &size) == nullptr ||
        size != found.size()) {
        throw Error(OrthancPluginErrorCode_InternalError, "OpenSSL has no HMAC");
    }
    return found;
}

std::string hexadecimal(const Digest &digest) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string found;
    found.reserve(2 * digest.size());
    for (const unsigned char byte : digest) {
        found += digits[byte >> 4U];
        found += digits[byte & 0xFU];
    }
    return found;
}

std::string base64(std::string_view content) {
    std::string found(4 * ((content.size() + 2) / 3) + 1, '\0');
    const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char *>(found.data()), bytes(content),
                                     static_cast<int>(content.size()));
    found.resize(static_cast<std::size_t>(size));
    return found;
}

std::string text_of(const Json &credentials, const char *name) {
    const auto found = credentials.find(name);
    if (found == credentials.end() || !found->is_string()) {
        refused(std::string("there is no text \"") + name + '"');
    }
    return found->get<std::string>();
}

std::tm in_utc(std::time_t now) {
    std::tm parts{};
    if (gmtime_r(&now, &parts) == nullptr) {
        throw Error(OrthancPluginErrorCode_InternalError, "the clock is wrong");
    }
    return parts;
}

// Signature Version 4 of Amazon:
// https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
class S3Signer : public Signer {
  public:
    S3Signer(const Json &credentials, std::string host)
        : host_(std::move(host)), region_(text_of(credentials, "region")),
          access_(text_of(credentials, "access")), secret_(text_of(credentials, "secret")),
          token_(text_of(credentials, "token")) {}

    void sign(const Question &question, std::time_t now, Headers &headers) const override {
        const std::tm parts = in_utc(now);
        std::array<char, 20> stamp{};
        const std::string_view time(stamp.data(),
                                    std::strftime(stamp.data(), stamp.size(), "%Y%m%dT%H%M%SZ", &parts));
        const std::string_view date = time.substr(0, 8);
        std::string canonical = "GET\n";
        std::string names = "host";
        canonical.append(question.path).append("\n\nhost:").append(host_).append("\n");
        const auto add = [&](std::string_view name, std::string_view value) {
            canonical.append(name).append(":").append(value).append("\n");
            names.append(";").append(name);
            headers.emplace_back(std::string(name).append(": ").append(value));
        };
        // In the order of the alphabet.
        if (!question.range.empty()) {
            add("range", question.range);
        }
        add("x-amz-content-sha256", NOTHING);
        add("x-amz-date", time);
        if (!token_.empty()) {
            add("x-amz-security-token", token_);
        }
        canonical.append("\n").append(names).append("\n").append(NOTHING);
        Digest hash{};
        SHA256(bytes(canonical), canonical.size(), hash.data());
        const std::string scope = std::string(date).append("/").append(region_).append("/s3/aws4_request");
        const std::string text = std::string("AWS4-HMAC-SHA256\n")
                                     .append(time)
                                     .append("\n")
                                     .append(scope)
                                     .append("\n")
                                     .append(hexadecimal(hash));
        headers.push_back("Authorization: AWS4-HMAC-SHA256 Credential=" + access_ + "/" + scope +
                          ", SignedHeaders=" + names +
                          ", Signature=" + hexadecimal(hmac(view(key(date)), text)));
    }

  private:
    // Returns the key of a day.
    Digest key(std::string_view date) const {
        const std::scoped_lock lock(mutex_);
        if (date != date_) {
            Digest made = hmac("AWS4" + secret_, date);
            for (const std::string_view part :
                 {std::string_view(region_), std::string_view("s3"), std::string_view("aws4_request")}) {
                made = hmac(view(made), part);
            }
            key_ = made;
            date_ = date;
        }
        return key_;
    }

    const std::string host_;
    const std::string region_;
    const std::string access_;
    const std::string secret_;
    const std::string token_;
    mutable std::mutex mutex_;
    mutable std::string date_;
    mutable Digest key_{};
};

// Shared Key of Azure:
// https://learn.microsoft.com/en-us/rest/api/storageservices/authorize-with-shared-key
class SharedKeySigner : public Signer {
  public:
    explicit SharedKeySigner(const Json &credentials) : account_(text_of(credentials, "account")) {
        const std::string key = text_of(credentials, "key");
        std::string decoded(key.size() + 3, '\0');
        const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char *>(decoded.data()), bytes(key),
                                         static_cast<int>(key.size()));
        const std::size_t last = key.find_last_not_of('=');
        if (size < 3 || last == std::string::npos || key.size() - last > 3) {
            refused("\"key\" is not base64");
        }
        const std::size_t padding = key.size() - last - 1;
        key_ = decoded.substr(0, static_cast<std::size_t>(size) - padding);
    }

    void sign(const Question &question, std::time_t now, Headers &headers) const override {
        const std::string date = written_date(in_utc(now));
        // Eleven headers, of which a GET has two, each in a line; then those of Azure, then what is asked
        // for.
        std::string text = "GET\n\n\n\n\n\n";
        text.append(date)
            .append("\n\n\n\n\n")
            .append(question.range)
            .append("\nx-ms-version:")
            .append(AZURE_VERSION)
            .append("\n/")
            .append(account_)
            .append(question.path);
        headers.push_back("Date: " + date);
        headers.push_back(std::string("x-ms-version: ").append(AZURE_VERSION));
        if (!question.range.empty()) {
            headers.push_back("Range: " + question.range);
        }
        headers.push_back("Authorization: SharedKey " + account_ + ":" + base64(view(hmac(key_, text))));
    }

  private:
    // Returns a date as HTTP has it, whatever the locale.
    static std::string written_date(const std::tm &parts) {
        constexpr std::array<const char *, 7> days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
        constexpr std::array<const char *, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
        std::array<char, 24> rest{};
        std::array<char, 8> day{};
        std::strftime(day.data(), day.size(), "%d", &parts);
        std::strftime(rest.data(), rest.size(), "%Y %H:%M:%S GMT", &parts);
        return std::string(days.at(static_cast<std::size_t>(parts.tm_wday))) + ", " + day.data() + " " +
               months.at(static_cast<std::size_t>(parts.tm_mon)) + " " + rest.data();
    }

    const std::string account_;
    std::string key_;
};

void add_range(const Question &question, Headers &headers) {
    if (!question.range.empty()) {
        headers.push_back("Range: " + question.range);
    }
}

// A shared access signature of Azure, which is a part of the address.
class QuerySigner : public Signer {
  public:
    explicit QuerySigner(const Json &credentials) : query_(text_of(credentials, "query")) {}

    void sign(const Question &question, std::time_t /*now*/, Headers &headers) const override {
        headers.push_back(std::string("x-ms-version: ").append(AZURE_VERSION));
        add_range(question, headers);
    }

    std::string query() const override {
        return query_;
    }

  private:
    const std::string query_;
};

class BearerSigner : public Signer {
  public:
    explicit BearerSigner(const Json &credentials) : token_(text_of(credentials, "token")) {
        const auto until = credentials.find("until");
        if (until == credentials.end() || !until->is_number_integer()) {
            refused("there is no number \"until\"");
        }
        until_ = until->get<std::int64_t>();
    }

    void sign(const Question &question, std::time_t /*now*/, Headers &headers) const override {
        add_range(question, headers);
        if (!token_.empty()) {
            headers.push_back("Authorization: Bearer " + token_);
        }
    }

    bool valid(std::time_t now) const override {
        return until_ == 0 || now < until_;
    }

  private:
    const std::string token_;
    std::int64_t until_ = 0;
};

} // namespace

std::shared_ptr<const Signer> signer_of(const Json &credentials, const std::string &host) {
    if (!credentials.is_object()) {
        refused("they are no object");
    }
    const std::string kind = text_of(credentials, "kind");
    if (kind == "s3") {
        return std::make_shared<S3Signer>(credentials, host);
    }
    if (kind == "shared-key") {
        return std::make_shared<SharedKeySigner>(credentials);
    }
    if (kind == "query") {
        return std::make_shared<QuerySigner>(credentials);
    }
    if (kind == "bearer") {
        return std::make_shared<BearerSigner>(credentials);
    }
    refused("their kind '" + kind + "' is not known");
}

} // namespace orthanc_images::storage
