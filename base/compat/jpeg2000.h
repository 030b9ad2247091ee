/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the patches of GDCM share: docs/compat.md, 6, 10 and 11.
 */

#ifndef ORTHANC_COMPAT_JPEG2000_H
#define ORTHANC_COMPAT_JPEG2000_H

/* Takes back what OpenJPEG has made for a call of GDCM on this thread that left it behind. */
void take_back();

/* A call of GDCM that borrows from OpenJPEG, for as long as it lives. */
struct Borrowed {
    Borrowed();
    Borrowed(const Borrowed &) = delete;
    Borrowed &operator=(const Borrowed &) = delete;
    ~Borrowed();
};

#endif
