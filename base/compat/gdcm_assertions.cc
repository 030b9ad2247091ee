/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Patch 6: an assertion of GDCM that fails ends the request, and not the server.
 *
 * Debian's GDCM is compiled with its assertions, the builds of Orthanc's authors without. Some fail
 * on sound images (colour to JPEG 2000 part 2, RLE), and what others test comes out of the file.
 * The functions below, all that Orthanc's plugins call that read or compute, answer false in such a
 * case, which the plugins take for what it is: GDCM could not do it. An exception cannot do this:
 * callers of __assert_fail are compiled for one that never returns nor throws. What GDCM had
 * allocated for the request is not freed, but for what patch 11 takes back. See docs/compat.md.
 */

#include "interpose.h"
#include "jpeg2000.h"

#include <csetjmp>
#include <cstdio>
#include <cstdlib>

/* The library that defines the functions; plugins load it, it is not linked to Orthanc. */
#define LIBRARY "libgdcmMSFF.so.3.0"

namespace {
using Function = bool(void *object, char *buffer);

__thread jmp_buf *exit_of_call = nullptr;

/* Says which call of GDCM a failed assertion ends, for as long as it lives. */
struct Call {
    explicit Call(jmp_buf *exit) {
        exit_of_call = exit;
    }

    Call(const Call &) = delete;
    Call &operator=(const Call &) = delete;

    ~Call() {
        exit_of_call = nullptr;
        take_back();
    }
};

bool run(Function *function, void *object, char *buffer) {
    jmp_buf exit;

    if (exit_of_call != nullptr) {
        return function(object, buffer);
    }
    const Call call(&exit);
    return _setjmp(exit) == 0 && function(object, buffer);
}
} // namespace

/* Members without arguments get a second one that they don't look at. */
#define GUARDED(symbol)                                                                                      \
    extern "C" bool symbol(void *object, char *buffer);                                                      \
    extern "C" bool symbol(void *object, char *buffer) {                                                     \
        static auto *const function = interpose::in_library<Function>(LIBRARY, #symbol);                     \
        return run(function, object, buffer);                                                                \
    }

GUARDED(_ZN4gdcm11ImageReader4ReadEv)
GUARDED(_ZN4gdcm11ImageWriter5WriteEv)
GUARDED(_ZN4gdcm18FileExplicitFilter6ChangeEv)
GUARDED(_ZN4gdcm21ImageApplyLookupTable5ApplyEv)
GUARDED(_ZN4gdcm25ImageChangeTransferSyntax6ChangeEv)
GUARDED(_ZN4gdcm30ImageChangePlanarConfiguration6ChangeEv)
GUARDED(_ZN4gdcm36ImageChangePhotometricInterpretation6ChangeEv)
GUARDED(_ZNK4gdcm6Bitmap9GetBufferEPc)

/* Stands before glibc's, which is called wherever no call of GDCM is under way. */
extern "C" void __assert_fail(const char *assertion, const char *file, unsigned int line,
                              const char *function) noexcept {
    static auto *const original = interpose::next<decltype(__assert_fail)>("__assert_fail");

    if (exit_of_call != nullptr) {
        fprintf(stderr, "GDCM gives up: %s:%u: %s: assertion `%s' failed\n", file, line, function, assertion);
        longjmp(*exit_of_call, 1);
    }
    original(assertion, file, line, function);
    abort();
}
