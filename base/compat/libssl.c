/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Patch 1: the function that civetweb looks up in "libssl.so" and that OpenSSL 3 no longer exports.
 *
 * This library has the soname "libssl.so" and is loaded with Orthanc, so that civetweb's
 * dlopen("libssl.so") gets it whatever lies in the library folders; all other functions come from
 * libssl.so.3, to which it is linked. See docs/compat.md.
 */

#include <openssl/ssl.h>

#undef SSL_get_peer_certificate

/* Returns a certificate that the caller frees, as the function of OpenSSL 1.1 did. */
X509 *SSL_get_peer_certificate(const SSL *ssl);

X509 *SSL_get_peer_certificate(const SSL *ssl) {
    return SSL_get1_peer_certificate(ssl);
}
