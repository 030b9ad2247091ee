/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Patch 2: no thread of Orthanc has a stack smaller than MINIMUM.
 *
 * civetweb asks for 100 KiB, less than what reading JSON of 256 levels takes. See docs/compat.md.
 */

#include "interpose.h"

#include <cstddef>
#include <pthread.h>

#ifndef MINIMUM
#define MINIMUM ((size_t)2 * 1024 * 1024)
#endif

/* Sets the stack size that a thread will have, at least MINIMUM; stands before glibc's. */
extern "C" int pthread_attr_setstacksize(pthread_attr_t *attributes, size_t size) noexcept {
    static auto *const original =
        interpose::next<decltype(pthread_attr_setstacksize)>("pthread_attr_setstacksize");

    return original(attributes, size < MINIMUM ? MINIMUM : size);
}

/* Threads that ask for no size get the soft limit of the process ("ulimit -s"), which may be small. */
__attribute__((constructor)) static void raise_default() {
    pthread_attr_t attributes;
    size_t size;

    if (pthread_getattr_default_np(&attributes) != 0) {
        return;
    }
    if (pthread_attr_getstacksize(&attributes, &size) == 0 && size < MINIMUM &&
        pthread_attr_setstacksize(&attributes, MINIMUM) == 0) {
        pthread_setattr_default_np(&attributes);
    }
    pthread_attr_destroy(&attributes);
}
