#include "authorization/wire.h"

#include "framework/client.h"
#include "framework/errors.h"
#include "framework/http.h"
#include "framework/libcurl.h"

#include <memory>
#include <utility>

namespace orthanc_images::authorization {

namespace {

struct FreeHandle {
    void operator()(void *handle) const noexcept {
        curl_easy_cleanup(handle);
    }
};

struct FreeList {
    void operator()(curl_slist *list) const noexcept {
        curl_slist_free_all(list);
    }
};

using List = std::unique_ptr<curl_slist, FreeList>;

// An answer as it comes.
struct Coming {
    std::string body;
    std::size_t most;
    bool too_much = false;
};

// Called by libcurl for each piece; a number that is not the size of the piece ends the transfer.
std::size_t add(const char *data, std::size_t size, std::size_t count, void *user) noexcept {
    auto &coming = *static_cast<Coming *>(user);
    const std::size_t bytes = size * count;
    if (bytes > coming.most - coming.body.size()) {
        coming.too_much = true;
        return bytes + 1;
    }
    try {
        coming.body.append(data, bytes);
        return bytes;
    } catch (...) {
        return bytes + 1;
    }
}

class Transfer {
  public:
    Transfer() : handle_(curl_easy_init()) {
        check(handle_ == nullptr ? -1 : libcurl::OK);
    }

    void number(int option, long value) {
        check(curl_easy_setopt(handle_.get(), option, value));
    }

    // libcurl copies texts.
    void text(int option, const std::string &value) {
        check(curl_easy_setopt(handle_.get(), option, value.c_str()));
    }

    void pointer(int option, const void *value) {
        check(curl_easy_setopt(handle_.get(), option, value));
    }

    void function(int option, std::size_t (*value)(const char *, std::size_t, std::size_t, void *)) {
        check(curl_easy_setopt(handle_.get(), option, value));
    }

    void header(const std::string &name, const std::string &value) {
        curl_slist *longer = curl_slist_append(headers_.get(), (name + ": " + value).c_str());
        check(longer == nullptr ? -1 : libcurl::OK);
        // The first one makes the list; the others are put at its end.
        if (headers_.get() != longer) {
            headers_.reset(longer);
        }
    }

    int perform() {
        pointer(libcurl::HTTP_HEADER, headers_.get());
        return curl_easy_perform(handle_.get());
    }

    long status() {
        long value = 0;
        curl_easy_getinfo(handle_.get(), libcurl::RESPONSE_CODE, &value);
        return value;
    }

  private:
    static void check(int code) {
        if (code != libcurl::OK) {
            throw Error(OrthancPluginErrorCode_InternalError,
                        "the authorization service cannot be asked: libcurl is not as expected");
        }
    }

    std::unique_ptr<void, FreeHandle> handle_;
    List headers_;
};

void set_network(Transfer &transfer, const Network &network) {
    transfer.number(libcurl::NO_SIGNAL, 1);
    transfer.text(libcurl::PROTOCOLS, "http,https");
    transfer.text(libcurl::REDIRECT_PROTOCOLS, "http,https");
    transfer.number(libcurl::FOLLOW_LOCATION, 1);
    if (!network.proxy.empty()) {
        transfer.text(libcurl::PROXY, network.proxy);
    }
    if (!network.verify) {
        transfer.number(libcurl::VERIFY_PEER, 0);
        transfer.number(libcurl::VERIFY_HOST, 0);
    } else if (network.certificates.empty()) {
        transfer.number(libcurl::SSL_OPTIONS, libcurl::NATIVE_CA);
    } else {
        transfer.text(libcurl::CA_INFO, network.certificates);
    }
}

} // namespace

std::string answered(const Question &question, const Network &network) {
    Transfer transfer;
    set_network(transfer, network);
    transfer.text(libcurl::URL, question.url);
    transfer.number(libcurl::TIMEOUT_MS, static_cast<long>(question.limit.count()));
    if (question.method != OrthancPluginHttpMethod_Get) {
        transfer.number(libcurl::POST, 1);
        transfer.number(libcurl::POST_FIELD_SIZE, static_cast<long>(question.body.size()));
        transfer.pointer(libcurl::POST_FIELDS, question.body.data());
        transfer.text(libcurl::CUSTOM_REQUEST, method_name(question.method));
    }
    for (const auto &[name, value] : question.headers) {
        transfer.header(name, value);
    }
    if (!question.user.empty()) {
        transfer.text(libcurl::USERNAME, question.user);
        transfer.text(libcurl::PASSWORD, question.password);
    }
    Coming coming{{}, question.most};
    transfer.function(libcurl::WRITE_FUNCTION, add);
    transfer.pointer(libcurl::WRITE_DATA, &coming);
    const int code = transfer.perform();
    const std::string what = std::string(method_name(question.method)) + ' ' + shown(question.url) + ": ";
    if (coming.too_much) {
        throw Error(OrthancPluginErrorCode_NetworkProtocol,
                    what + "the answer has more than " + std::to_string(question.most) + " bytes");
    }
    if (code != libcurl::OK) {
        throw Error(OrthancPluginErrorCode_NetworkProtocol,
                    what + "there is no answer (" + curl_easy_strerror(code) +
                        "). See that the address is right and that the service runs.");
    }
    if (const long status = transfer.status(); status < 200 || status > 299) {
        throw Error(OrthancPluginErrorCode_NetworkProtocol,
                    what + "the answer has the status " + std::to_string(status) + ".");
    }
    return std::move(coming.body);
}

} // namespace orthanc_images::authorization
