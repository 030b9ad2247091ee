/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Patch 3: DICOM sequences nested deeper than LIMIT are refused while they are read.
 *
 * DCMTK reads a sequence in a sequence by recursion, whatever the depth, until the stack is full.
 * DcmSequenceOfItems::read is virtual and exported; the definition below comes first because this
 * library is loaded before libdcmdata, counts the depth, and calls the original. LIMIT, what is
 * counted and the error are those of the patch that Orthanc's authors apply to DCMTK 3.7.0, so
 * that a file is accepted here if and only if their builds accept it. See docs/compat.md.
 */

#include "dcmtk/config/osconfig.h"
#include "dcmtk/dcmdata/dcsequen.h"

#include "interpose.h"

#ifndef LIMIT
#define LIMIT 64
#endif

/* build.sh checks that this is the symbol of the function defined below. */
#define READ "_ZN18DcmSequenceOfItems4readER14DcmInputStream16E_TransferSyntax16E_GrpLenEncodingj"

namespace {
using Reader = OFCondition(DcmSequenceOfItems *, DcmInputStream &, E_TransferSyntax, E_GrpLenEncoding,
                           Uint32);

makeOFConditionConst(tooDeep, OFM_dcmdata, 69, OF_error, "Maximum sequence nesting depth exceeded");

__thread unsigned int depth = 0;

/* One level deeper for as long as it lives, also when an exception passes. */
struct Level {
    Level() {
        ++depth;
    }

    Level(const Level &) = delete;
    Level &operator=(const Level &) = delete;

    ~Level() {
        --depth;
    }
};
} // namespace

OFCondition DcmSequenceOfItems::read(DcmInputStream &stream, const E_TransferSyntax syntax,
                                     const E_GrpLenEncoding groupLength, const Uint32 maxReadLength) {
    static auto *const original = interpose::next<Reader>(READ);
    const Level level;

    if (depth > LIMIT) {
        DCMDATA_ERROR("DcmSequenceOfItems: Maximum nesting depth ("
                      << LIMIT << ") exceeded while parsing sequence " << getTagName() << " " << getTag());
        errorFlag = tooDeep;
        return errorFlag;
    }
    return original(this, stream, syntax, groupLength, maxReadLength);
}
