#include "pixels/wire.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace orthanc_images::pixels {

namespace {

// Room for one descriptor beside a message.
union Control {
    cmsghdr header;
    char bytes[CMSG_SPACE(sizeof(int))];
};

} // namespace

std::string printable(std::string_view text) {
    std::string shown(text);
    std::ranges::replace_if(shown, [](unsigned char one) { return one < ' ' || one == 0x7F; }, '?');
    return shown;
}

bool send_message(int socket, const void *message, std::size_t size, int descriptor) noexcept {
    iovec part{.iov_base = const_cast<void *>(message), .iov_len = size};
    msghdr header{};
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    Control control{};
    if (descriptor >= 0) {
        header.msg_control = control.bytes;
        header.msg_controllen = sizeof control.bytes;
        cmsghdr *const beside = CMSG_FIRSTHDR(&header);
        beside->cmsg_level = SOL_SOCKET;
        beside->cmsg_type = SCM_RIGHTS;
        beside->cmsg_len = CMSG_LEN(sizeof descriptor);
        std::memcpy(CMSG_DATA(beside), &descriptor, sizeof descriptor);
    }
    ssize_t sent = 0;
    do {
        sent = sendmsg(socket, &header, MSG_NOSIGNAL);
    } while (sent < 0 && errno == EINTR);
    return std::cmp_equal(sent, size);
}

Received receive_message(int socket, void *message, std::size_t size, int *descriptor, int timeout) noexcept {
    if (descriptor != nullptr) {
        *descriptor = -1;
    }
    if (timeout >= 0) {
        pollfd waiting{.fd = socket, .events = POLLIN, .revents = 0};
        int ready = 0;
        do {
            ready = poll(&waiting, 1, timeout);
        } while (ready < 0 && errno == EINTR);
        if (ready != 1) {
            return ready == 0 ? Received::LATE : Received::GONE;
        }
    }
    iovec part{.iov_base = message, .iov_len = size};
    msghdr header{};
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    Control control{};
    if (descriptor != nullptr) {
        header.msg_control = control.bytes;
        header.msg_controllen = sizeof control.bytes;
    }
    ssize_t received = 0;
    do {
        received = recvmsg(socket, &header, MSG_CMSG_CLOEXEC);
    } while (received < 0 && errno == EINTR);
    if (received < 0 && errno == EAGAIN) { // the socket has a time of its own
        return Received::LATE;
    }
    const cmsghdr *const beside = descriptor == nullptr ? nullptr : CMSG_FIRSTHDR(&header);
    if (beside != nullptr && beside->cmsg_type == SCM_RIGHTS && beside->cmsg_len == CMSG_LEN(sizeof(int))) {
        std::memcpy(descriptor, CMSG_DATA(beside), sizeof(int));
    }
    const bool whole = std::cmp_equal(received, size) && (header.msg_flags & MSG_TRUNC) == 0;
    return whole ? Received::MESSAGE : Received::GONE;
}

} // namespace orthanc_images::pixels
