/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Patch 9: a server that is asked to stop takes nothing more, and so comes to its end under load.
 *
 * Orthanc goes on serving until its queue of events for Lua was empty for 100 ms, which it never is while
 * clients send. It then drops its associations, and waits 180 s for each peer to hang up. From the end of its
 * time of service on, HTTP requests are answered 503 here, associations are aborted between two messages, and
 * no wait for a DICOM client lasts longer than a second. What was begun is finished and acknowledged. See
 * docs/compat.md.
 */

#include "dcmtk/config/osconfig.h"
#include "dcmtk/dcmnet/assoc.h"
#include "dcmtk/dcmnet/dcmtrans.h"
#include "dcmtk/dcmnet/dimse.h"
#include "dcmtk/dcmnet/dulstruc.h"
#include "dcmtk/dcmtls/tlstrans.h"

#include "interpose.h"

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <ctime>
#include <unistd.h>

/* build.sh checks that these are the symbols of the functions defined below, and that DCMTK has them. */
// clang-format off: a symbol on its line
#define ACCEPT "_Z22ASC_receiveAssociationP13T_ASC_NetworkPP17T_ASC_AssociationlPPvPmb16DUL_BLOCKOPTIONSiRK34T_ASC_ImplementationIdentification"
#define DROP "_Z22ASC_dropSCPAssociationP17T_ASC_Associationi"
#define RECEIVE "_Z20DIMSE_receiveCommandP17T_ASC_Association20T_DIMSE_BlockingModeiPhP15T_DIMSE_MessagePP10DcmDatasetS7_"
#define READ_TCP "_ZN16DcmTCPConnection4readEPvm"
#define READ_TLS "_ZN16DcmTLSConnection4readEPvm"
#define WAIT_TCP "_ZN16DcmTCPConnection20networkDataAvailableEi"
#define WAIT_TLS "_ZN16DcmTLSConnection20networkDataAvailableEi"
// clang-format on

/* The first member of civetweb's struct, and the functions that answer a request. */
struct mg_connection;

struct mg_callbacks {
    int (*begin_request)(mg_connection *connection);
};

extern "C" int mg_write(mg_connection *connection, const void *text, size_t length);

namespace {
using Accept = OFCondition(T_ASC_Network *, T_ASC_Association **, long, void **, unsigned long *, OFBool,
                           DUL_BLOCKOPTIONS, int, const T_ASC_ImplementationIdentification &);
using Drop = OFCondition(T_ASC_Association *, int);
using Receive = OFCondition(T_ASC_Association *, T_DIMSE_BlockingMode, int, T_ASC_PresentationContextID *,
                            T_DIMSE_Message *, DcmDataset **, DcmDataset **);
using Read = ssize_t(DcmTransportConnection *, void *, size_t);
using Wait = OFBool(DcmTransportConnection *, int);
using Start = struct mg_context *(const mg_callbacks *, void *, const char **);

makeOFConditionConst(stopped, OFM_dcmnet, 0x1900, OF_error, "Orthanc is stopping");

const char REFUSAL[] = "HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nRetry-After: 10\r\n"
                       "Content-Type: text/plain\r\nContent-Length: 20\r\n\r\nOrthanc is stopping\n";

/* A SIGHUP that changes nothing ends the time of service as well, but for a few milliseconds only. */
const long PAUSE = 200;

/* When the time of service ended, in milliseconds; 0 while it lasts. */
std::atomic<long> ended(0);

/* Whether this thread works for DICOM clients, and not for a job, which may need longer. */
__thread bool serves_clients = false;

int (*begin_request)(mg_connection *connection) = nullptr;

long now() {
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

bool stopping() {
    const long end = ended;

    return end != 0 && now() - end >= PAUSE;
}

bool is_of_client(const T_ASC_Association *association) {
    const PRIVATE_ASSOCIATIONKEY *key =
        association == nullptr ? nullptr
                               : reinterpret_cast<PRIVATE_ASSOCIATIONKEY *>(association->DULassociation);

    return key != nullptr && (key->applicationFunction & DICOM_APPLICATION_ACCEPTOR) != 0;
}

/* Whether data arrives within so many seconds, and before the stop. */
bool wait(Wait *function, DcmTransportConnection *connection, int seconds) {
    if (!serves_clients || seconds <= 1) {
        return function(connection, seconds);
    }
    for (; seconds > 0; --seconds) {
        if (function(connection, 1)) {
            return true;
        }
        if (stopping()) {
            return false;
        }
    }
    return false;
}

/* The same within DCMTK's time for the rest of a message, which it waits for in recv() otherwise. */
bool arrives(Wait *function, DcmTransportConnection *connection) {
    const int seconds = dcmSocketReceiveTimeout.get();

    if (!serves_clients || seconds <= 0 || wait(function, connection, seconds)) {
        return true;
    }
    errno = EAGAIN;
    return false;
}

Wait *wait_tcp() {
    static auto *const function = interpose::next<Wait>(WAIT_TCP);

    return function;
}

Wait *wait_tls() {
    static auto *const function = interpose::next<Wait>(WAIT_TLS);

    return function;
}

int answer(mg_connection *connection) {
    if (!stopping()) {
        return begin_request(connection);
    }
    mg_write(connection, REFUSAL, strlen(REFUSAL));
    return 503;
}
} // namespace

/* Orthanc sets its handler for SIGTERM when its service begins, and takes it away when that ends, for any
 * reason. */
extern "C" sighandler_t signal(int number, sighandler_t handler) noexcept {
    static auto *const function = interpose::next<decltype(signal)>("signal");

    if (number == SIGTERM) {
        ended = handler == SIG_DFL ? now() : 0;
    }
    return function(number, handler);
}

/* Orthanc's HTTP server starts. After a reset, this is where its time of service begins again. */
extern "C" struct mg_context *mg_start(mg_callbacks *callbacks, void *data, const char **options);

struct mg_context *mg_start(mg_callbacks *callbacks, void *data, const char **options) {
    static auto *const function = interpose::next<Start>("mg_start");

    ended = 0;
    begin_request = callbacks->begin_request;
    callbacks->begin_request = answer; /* Orthanc's own variable, of which civetweb keeps a copy */
    return function(callbacks, data, options);
}

OFCondition ASC_receiveAssociation(T_ASC_Network *network, T_ASC_Association **association,
                                   long maxReceivePDUSize, void **associatePDU,
                                   unsigned long *associatePDUlength, OFBool useSecureLayer,
                                   DUL_BLOCKOPTIONS block, int timeout,
                                   const T_ASC_ImplementationIdentification &identification) {
    static auto *const function = interpose::next<Accept>(ACCEPT);

    serves_clients = true;
    if (stopping()) {
        *association = nullptr;
        usleep(100000);
        return DUL_NOASSOCIATIONREQUEST;
    }
    return function(network, association, maxReceivePDUSize, associatePDU, associatePDUlength, useSecureLayer,
                    block, timeout, identification);
}

/* Orthanc's main thread drops the associations that nobody worked for, one after the other. */
OFCondition ASC_dropSCPAssociation(T_ASC_Association *association, int timeout) {
    static auto *const function = interpose::next<Drop>(DROP);

    return function(association, stopping() ? 0 : timeout);
}

OFCondition DIMSE_receiveCommand(T_ASC_Association *association, T_DIMSE_BlockingMode blocking, int timeout,
                                 T_ASC_PresentationContextID *context, T_DIMSE_Message *message,
                                 DcmDataset **statusDetail, DcmDataset **commandSet) {
    static auto *const function = interpose::next<Receive>(RECEIVE);

    if (is_of_client(association)) {
        serves_clients = true;
        if (stopping()) {
            return stopped;
        }
    }
    return function(association, blocking, timeout, context, message, statusDetail, commandSet);
}

OFBool DcmTCPConnection::networkDataAvailable(int timeout) {
    return wait(wait_tcp(), this, timeout);
}

OFBool DcmTLSConnection::networkDataAvailable(int timeout) {
    return wait(wait_tls(), this, timeout);
}

ssize_t DcmTCPConnection::read(void *buffer, size_t size) {
    static auto *const function = interpose::next<Read>(READ_TCP);

    return arrives(wait_tcp(), this) ? function(this, buffer, size) : -1;
}

ssize_t DcmTLSConnection::read(void *buffer, size_t size) {
    static auto *const function = interpose::next<Read>(READ_TLS);

    return arrives(wait_tls(), this) ? function(this, buffer, size) : -1;
}
