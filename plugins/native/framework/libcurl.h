// What the plugins use of libcurl, which Orthanc itself is linked to.
//
// Orthanc's own client, as plugins may call it, either keeps an answer of any size before it hands it on, or
// sends questions in chunks, which the official plugins do not, and which not every service understands; and
// it keeps no connection for the next question. The headers of libcurl come with a package that needs 33
// others. The functions and numbers below are the binary interface of libcurl.so.4, which has been the same
// since 2006.
#pragma once

#include <cstddef>
#include <cstdint>

extern "C" {
struct curl_slist;

void *curl_easy_init();
void curl_easy_cleanup(void *handle);
int curl_easy_setopt(void *handle, int option, ...);
int curl_easy_getinfo(void *handle, int info, ...);
int curl_easy_perform(void *handle);
int curl_easy_recv(void *handle, void *target, std::size_t most, std::size_t *came);
int curl_easy_send(void *handle, const void *bytes, std::size_t size, std::size_t *sent);
const char *curl_easy_strerror(int code);
curl_slist *curl_slist_append(curl_slist *list, const char *text);
void curl_slist_free_all(curl_slist *list);
}

namespace orthanc_images::libcurl {

// Options: of numbers, of pointers, of functions, of a Blob.
constexpr int POST = 47;
constexpr int FOLLOW_LOCATION = 52;
constexpr int POST_FIELD_SIZE = 60;
constexpr int VERIFY_PEER = 64;
constexpr int VERIFY_HOST = 81;
constexpr int HTTP_VERSION = 84;
constexpr int BUFFER_SIZE = 98;
constexpr int NO_SIGNAL = 99;
constexpr int CONNECT_ONLY = 141;
constexpr int TIMEOUT_MS = 155;
constexpr int CONNECT_TIMEOUT_MS = 156;
constexpr int SSL_OPTIONS = 216;
constexpr int PATH_AS_IS = 234;
constexpr int WRITE_DATA = 10'001;
constexpr int URL = 10'002;
constexpr int PROXY = 10'004;
constexpr int POST_FIELDS = 10'015;
constexpr int HTTP_HEADER = 10'023;
constexpr int HEADER_DATA = 10'029;
constexpr int CUSTOM_REQUEST = 10'036;
constexpr int CA_INFO = 10'065;
constexpr int USERNAME = 10'173;
constexpr int PASSWORD = 10'174;
constexpr int PROTOCOLS = 10'318;
constexpr int REDIRECT_PROTOCOLS = 10'319;
constexpr int WRITE_FUNCTION = 20'011;
constexpr int HEADER_FUNCTION = 20'079;
constexpr int CA_INFO_BLOB = 40'309;

// Bytes in memory, which libcurl does not copy.
struct Blob {
    const void *data;
    std::size_t size;
    std::uint32_t flags;
};

// The system's certificates.
constexpr long NATIVE_CA = 16;

// HTTP 1.1.
constexpr long HTTP_1_1 = 2;

constexpr int RESPONSE_CODE = 0x200002;
constexpr int ACTIVE_SOCKET = 0x50002C;

// What a function returns.
constexpr int OK = 0;
constexpr int MALFORMED_URL = 3;
constexpr int NOT_CONNECTED = 7;
constexpr int WEIRD_ANSWER = 8;
constexpr int PARTIAL_CONTENT = 18;
constexpr int TIMED_OUT = 28;
constexpr int NOTHING_CAME = 52;
constexpr int AGAIN = 81;

} // namespace orthanc_images::libcurl
