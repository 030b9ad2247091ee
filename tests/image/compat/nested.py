"""DICOM files whose sequences are nested to any depth, made without recursion."""

from __future__ import annotations

import struct
from typing import NamedTuple

import numpy as np
from pydicom.uid import UID, ExplicitVRLittleEndian, ImplicitVRLittleEndian

from harness import dicom

SEQUENCE = (0x0040, 0xA730)
"""The tag of each sequence: Content Sequence, the one that nests in real structured reports."""

ITEM, ITEM_END, SEQUENCE_END = (struct.pack("<HH", 0xFFFE, end) for end in (0xE000, 0xE00D, 0xE0DD))
UNDEFINED = b"\xff\xff\xff\xff"
EMPTY = b"\0\0\0\0"


DEEPEST = 63
"""The most nested sequences that Orthanc 1.13.0 keeps, here and in its authors' own builds."""


class Encoding(NamedTuple):
    """One of the four ways to write a sequence in little endian."""

    explicit_vr: bool
    explicit_length: bool

    @property
    def syntax(self) -> UID:
        """Return the transfer syntax of the file."""
        return ExplicitVRLittleEndian if self.explicit_vr else ImplicitVRLittleEndian

    def __str__(self) -> str:
        """Return the name of this encoding in a report."""
        vr = "explicit" if self.explicit_vr else "implicit"
        length = "explicit" if self.explicit_length else "undefined"
        return f"{vr}-vr-{length}-length"


ENCODINGS = [Encoding(vr, length) for vr in (True, False) for length in (True, False)]


def element(tag: tuple[int, int], vr: bytes, value: bytes, encoding: Encoding) -> bytes:
    """Return a data element whose VR has a length of four bytes."""
    return header(tag, vr, encoding) + struct.pack("<I", len(value)) + value


def header(tag: tuple[int, int], vr: bytes, encoding: Encoding) -> bytes:
    """Return the beginning of a data element, up to its length."""
    return struct.pack("<HH", *tag) + (vr + b"\0\0" if encoding.explicit_vr else b"")


def sequences(depth: int, leaf: bytes, encoding: Encoding) -> bytes:
    """Return a sequence of one item that holds a sequence of one item … that holds the leaf."""
    opening = header(SEQUENCE, b"SQ", encoding)
    if not encoding.explicit_length:
        closing = ITEM_END + EMPTY + SEQUENCE_END + EMPTY
        return (opening + UNDEFINED + ITEM + UNDEFINED) * depth + leaf + closing * depth
    level = len(opening) + 4 + len(ITEM) + 4
    begin = np.frombuffer((opening + EMPTY + ITEM + EMPTY) * depth, dtype="u1").reshape(depth, level).copy()
    inside = level * np.arange(depth - 1, -1, -1, dtype="u4") + len(leaf)
    begin[:, len(opening) : len(opening) + 4] = (inside + 8).astype("<u4").view("u1").reshape(depth, 4)
    begin[:, -4:] = inside.astype("<u4").view("u1").reshape(depth, 4)
    return begin.tobytes() + leaf


def file(depth: int, encoding: Encoding, purpose: str) -> tuple[str, bytes]:
    """Return SOP instance UID and content of a small CT image with that many nested sequences."""
    dataset = dicom.ct(1, patient=f"{purpose}-{depth}", study=str(encoding), size=8)
    dataset.file_meta.TransferSyntaxUID = encoding.syntax
    pixels = dataset.PixelData
    del dataset.PixelData
    leaf = element((0x0040, 0xA160), b"UT", b"leaf", encoding)
    content = (
        dicom.encoded(dataset)
        + sequences(depth, leaf, encoding)
        + element((0x7FE0, 0x0010), b"OW", pixels, encoding)
    )
    return str(dataset.SOPInstanceUID), content
