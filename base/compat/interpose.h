/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How the patches stand before functions of libraries: each defines one by its name, and calls the original.
 *
 * A static variable keeps what is found; C++ sets it once, whichever thread comes first. What is not found
 * ends the process, and says so: build.sh and apply.sh have looked for it before.
 */

#ifndef ORTHANC_COMPAT_INTERPOSE_H
#define ORTHANC_COMPAT_INTERPOSE_H

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

namespace interpose {

inline void *demanded(void *found, const char *symbol) {
    if (found == nullptr) {
        fprintf(stderr, "liborthanc-compat: there is no function %s. See docs/compat.md.\n", symbol);
        abort();
    }
    return found;
}

/* The definition of a function that comes after ours, in the libraries that Orthanc is linked to. */
template <typename Function> Function *next(const char *symbol) {
    return reinterpret_cast<Function *>(demanded(dlsym(RTLD_NEXT, symbol), symbol));
}

} // namespace interpose

#endif
