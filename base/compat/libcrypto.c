/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Patch 1, other half: a library with the soname "libcrypto.so" and nothing in it but its link to
 * libcrypto.so.3, for civetweb's dlopen("libcrypto.so"). See docs/compat.md.
 */

typedef int orthanc_compat_nothing;
