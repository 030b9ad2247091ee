"""Take symbols and other sections that no program loads out of ELF libraries.

Usage: symbols.py LIBRARY...

What a library holds beyond its last segment is for linkers and debuggers, as the table of its sections is.
"""

from __future__ import annotations

import struct
import sys

HEADER, SEGMENT = struct.Struct("<16sHHIQQQIHHHHHH"), struct.Struct("<IIQQQQQQ")


def stripped(path: str, content: bytes) -> bytes:
    """Return the library without what lies beyond its last segment; SystemExit if it is none."""
    if content[:6] != b"\x7fELF\x02\x01":
        raise SystemExit(f"{path}: is no 64-bit ELF library. Leave it as it is.")
    head = list(HEADER.unpack_from(content))
    place, width, count = head[5], head[9], head[10]
    segments = [SEGMENT.unpack_from(content, place + number * width) for number in range(count)]
    end = max(place + width * count, *(offset + size for _, _, offset, _, _, size, _, _ in segments))
    head[6] = head[12] = head[13] = (
        0  # where its sections are described, how many they are, and which has names
    )
    return HEADER.pack(*head) + content[HEADER.size : end]


def main(*paths: str) -> None:
    """Make each of the libraries smaller."""
    for path in paths:
        with open(path, "rb") as file:
            content = stripped(path, file.read())
        with open(path, "wb") as file:
            file.write(content)


if __name__ == "__main__":
    main(*sys.argv[1:])
