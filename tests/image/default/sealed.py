"""Encrypted objects, made and opened by the documented format, without a line of the plugin's own code.

The layout: `A1`, the number of the master key (4 bytes, little endian), the encrypted vector and
the encrypted data key (32 bytes each: AES-256 in counter mode from zero, with the master key), the content
(AES-256-GCM with that vector and that key; what stands before is authenticated too), the tag (16 bytes).
"""

from __future__ import annotations

import struct
from typing import NamedTuple

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR, GCM

HEAD = 70
TAG = 16

OFFICIAL = bytes.fromhex(
    "41310300000096f566d14220f5bbc59ef405ad5f05f3842800d932c0e59eda8be54ec843b4be3a59"
    "ca7de684511f792248b909fba1572884ac759664413a461779d2ac27d0dac0ee8972e9e448bc5b8d"
    "e0abd82356db769ffc130c3b504e9f573dbf091af9e7a369ebebc3fe762aebb4644af94e6fa6b089"
    "15"
)
"""A file that the official plugins' own class has written, with the key OFFICIAL_KEY of number 3."""

OFFICIAL_KEY = bytes(range(32))
OFFICIAL_TEXT = b"Orthanc object storage test vector\n"


class Opened(NamedTuple):
    """The number of the master key, and the content in clear."""

    number: int
    content: bytes


def opened(sealed: bytes, key: bytes) -> Opened:
    """Return the content of an encrypted object; raises InvalidTag when it is not what was written."""
    version, number = struct.unpack("<2sI", sealed[:6])
    assert version == b"A1"
    counter = Cipher(AES(key), CTR(bytes(16))).decryptor
    vector, data_key = counter().update(sealed[6:38]), counter().update(sealed[38:HEAD])
    gcm = Cipher(AES(data_key), GCM(vector, sealed[-TAG:])).decryptor()
    gcm.authenticate_additional_data(sealed[:HEAD])
    return Opened(number, gcm.update(sealed[HEAD:-TAG]) + gcm.finalize())
