"""Reduce ICU's data to what does not depend on a language, and English.

Usage: icu.py LIBRARY

LIBRARY is libicudata, which holds one symbol: an archive of items, sorted by name. All converters of
character sets stay, and all properties of characters; texts, formats and orders of other languages go, and so
do the dictionaries that tell words of languages without spaces apart. Where one is asked for, ICU takes those
of the root locale, as it does for a language that it does not know.

The result is a library of one symbol again, the same bytes on every machine: nothing of another architecture
is run for it.

https://unicode-org.github.io/icu/userguide/icu_data/
"""

from __future__ import annotations

import os
import re
import struct
import sys
from collections.abc import Iterator
from typing import NamedTuple

LEFT_OUT = re.compile(r".*\.dict|(?:.*/)?(?!en(?:_|\.)|res_index\.)[a-z]{2,3}(?:_\w*)?\.res")
"""The items that go, by their name in the archive: the file of a language is named by its code."""

SYMBOL = re.compile(rb"icudt\d+_dat")
PAGE = 0x10000
"""No system of the platforms has larger pages."""

HEADER, SEGMENT, SYMBOLS = (
    struct.Struct("<16sHHIQQQIHHHHHH"),
    struct.Struct("<IIQQQQQQ"),
    struct.Struct("<IBBHQQ"),
)
LOAD, DYNAMIC, STACK = 1, 2, 0x6474E551
HASH, STRTAB, SYMTAB, STRSZ, SYMENT, SONAME = 4, 5, 6, 10, 11, 14


class Library(NamedTuple):
    """A library that holds data under one name, for the machine with this number in ELF."""

    machine: int
    soname: bytes
    symbol: bytes
    data: bytes


def read(content: bytes) -> Library:
    """Return what an ELF library holds; SystemExit if it has no archive of ICU."""
    if content[:6] != b"\x7fELF\x02\x01":
        raise SystemExit(
            "libicudata: is no 64-bit ELF library. Leave its data as it is in base/recipes/reduce."
        )
    head = HEADER.unpack_from(content)
    segments = [SEGMENT.unpack_from(content, head[5] + number * head[9]) for number in range(head[10])]

    def place(address: int) -> int:
        offset, start = next(
            one[2:4] for one in segments if one[0] == LOAD and 0 <= address - one[3] < one[5]
        )
        return int(address - start + offset)

    start = next(one[2] for one in segments if one[0] == DYNAMIC)
    entries: dict[int, int] = {}
    while (entry := struct.unpack_from("<QQ", content, start))[0]:
        entries.setdefault(*entry)
        start += 16
    names = place(entries[STRTAB])
    for at in range(place(entries[SYMTAB]), names, SYMBOLS.size):  # the names follow the symbols
        name, _, _, _, value, size = SYMBOLS.unpack_from(content, at)
        symbol = text(content, names + name)
        if SYMBOL.fullmatch(symbol):
            first = place(value)
            return Library(
                head[2], text(content, names + entries[SONAME]), symbol, content[first : first + size]
            )
    raise SystemExit("libicudata: has no archive of ICU. See how Debian builds it now.")


def text(content: bytes, at: int) -> bytes:
    """Return the text that ends before the next zero."""
    return content[at : content.index(b"\0", at)]


def items(archive: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield name and content of each item of an archive."""
    base = struct.unpack_from("<H", archive)[0]
    count = struct.unpack_from("<I", archive, base)[0]
    table = [struct.unpack_from("<II", archive, base + 4 + 8 * number) for number in range(count)]
    ends = [start for _, start in table[1:]] + [len(archive) - base]
    for (name, start), end in zip(table, ends, strict=True):
        yield text(archive, base + name), archive[base + start : base + end]


def reduced(archive: bytes) -> bytes:
    """Return an archive without the items that go; the order of the others, and the header, stay."""
    base = struct.unpack_from("<H", archive)[0]
    kept = [
        (name, item)
        for name, item in items(archive)
        if not LEFT_OUT.fullmatch(name.decode().partition("/")[2])
    ]
    names = b"".join(name + b"\0" for name, _ in kept)
    below = 4 + 8 * len(kept)
    start = padded(base + below + len(names)) - base
    table, name_at, item_at = struct.pack("<I", len(kept)), below, start
    for name, item in kept:
        table += struct.pack("<II", name_at, item_at)
        name_at += len(name) + 1
        item_at += len(item)
    front = archive[:base] + table + names
    return front.ljust(base + start, b"\0") + b"".join(item for _, item in kept)


def padded(size: int) -> int:
    """Return the next size that ICU's items may begin at."""
    return -(-size // 16) * 16


def written(library: Library) -> bytes:
    """Return the ELF library: one segment to read, one for what the loader notes in it, and no program."""
    names = b"\0" + library.symbol + b"\0" + library.soname + b"\0"
    table = struct.pack("<IIIII", 1, 2, 1, 0, 0).ljust(24, b"\0")
    hash_at = HEADER.size + 4 * SEGMENT.size
    symbols_at = hash_at + len(table)
    names_at = symbols_at + 2 * SYMBOLS.size
    data_at = padded(names_at + len(names))
    notes_at = padded(data_at + len(library.data))
    entries = (
        (SONAME, len(library.symbol) + 2),
        (HASH, hash_at),
        (STRTAB, names_at),
        (SYMTAB, symbols_at),
        (STRSZ, len(names)),
        (SYMENT, SYMBOLS.size),
        (0, 0),
    )
    notes = b"".join(struct.pack("<QQ", *entry) for entry in entries)
    beyond = notes_at + PAGE
    segments = (
        (LOAD, 4, 0, 0, 0, notes_at, notes_at, PAGE),
        (LOAD, 6, notes_at, beyond, beyond, len(notes), len(notes), PAGE),
        (DYNAMIC, 6, notes_at, beyond, beyond, len(notes), len(notes), 8),
        (STACK, 6, 0, 0, 0, 0, 0, 16),
    )
    kind, version = 3, 1
    identity = b"\x7fELF\x02\x01\x01".ljust(16, b"\0")
    sizes = (HEADER.size, SEGMENT.size, len(segments), 64, 0, 0)
    head = HEADER.pack(identity, kind, library.machine, version, 0, HEADER.size, 0, 0, *sizes)
    front = head + b"".join(SEGMENT.pack(*one) for one in segments) + table + SYMBOLS.pack(0, 0, 0, 0, 0, 0)
    # A global object; the number of its section only has to be none of the reserved ones.
    front += SYMBOLS.pack(1, 0x11, 0, 1, data_at, len(library.data)) + names
    return (front.ljust(data_at, b"\0") + library.data).ljust(notes_at, b"\0") + notes


def main(path: str) -> None:
    """Reduce the library at `path`, which keeps its mode and owner."""
    with open(path, "rb") as file:
        before = read(file.read())
    partial = f"{path}.part"
    state = os.stat(path)
    with open(partial, "wb") as file:
        file.write(written(before._replace(data=reduced(before.data))))
    os.chown(partial, state.st_uid, state.st_gid)
    os.chmod(partial, state.st_mode & 0o7777)
    os.replace(partial, path)


if __name__ == "__main__":
    main(*sys.argv[1:])
