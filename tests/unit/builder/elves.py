"""Small ELF files, written byte by byte, for tests of what reads them (System V ABI, chapters 4 and 5)."""

from __future__ import annotations

import struct
from collections.abc import Sequence

X86_64, AARCH64 = 62, 183
EXECUTABLE, SHARED = 2, 3

_BASE = 64 + 2 * 56
_NEEDED, _STRTAB, _SYMTAB, _STRSZ, _SYMENT, _HASH = 1, 5, 6, 10, 11, 4


def shared(
    exported: Sequence[str],
    *,
    needed: Sequence[str] = (),
    undefined: Sequence[str] = (),
    machine: int = X86_64,
    kind: int = SHARED,
) -> bytes:
    """Return a 64-bit ELF file with a table of dynamic symbols and nothing else, loaded at address 0."""
    strings, places = b"\0", {}
    for name in (*exported, *undefined, *needed):
        places[name] = len(strings)
        strings += name.encode() + b"\0"
    names = [*((name, 1) for name in exported), *((name, 0) for name in undefined)]
    symbols = bytes(24) + b"".join(
        struct.pack("<IBBHQQ", places[name], 0x12, 0, section, 0, 0) for name, section in names
    )
    count = len(names) + 1
    table = struct.pack(f"<{3 + count}I", 1, count, 0, *range(count))
    symbols_at, strings_at = _BASE, _BASE + len(symbols)
    table_at = strings_at + len(strings)
    dynamic_at = table_at + len(table)
    tags = [(_NEEDED, places[name]) for name in needed]
    tags += [(_STRTAB, strings_at), (_SYMTAB, symbols_at), (_STRSZ, len(strings)), (_SYMENT, 24)]
    tags += [(_HASH, table_at), (0, 0)]
    dynamic = b"".join(struct.pack("<QQ", *tag) for tag in tags)
    size = dynamic_at + len(dynamic)
    head = b"\x7fELF\x02\x01\x01" + bytes(9)
    head += struct.pack("<HHIQQQIHHHHHH", kind, machine, 1, 0, 64, 0, 0, 64, 56, 2, 64, 0, 0)
    head += struct.pack("<IIQQQQQQ", 1, 5, 0, 0, 0, size, size, 4096)
    head += struct.pack("<IIQQQQQQ", 2, 4, dynamic_at, dynamic_at, dynamic_at, len(dynamic), len(dynamic), 8)
    return head + symbols + strings + table + dynamic
