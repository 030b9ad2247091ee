"""The facts in a shared library: its machine, what it needs, what it exports (ELF, System V ABI)."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from elftools.elf.elffile import ELFFile

MACHINES = {"amd64": "EM_X86_64", "arm64": "EM_AARCH64"}
"""The ELF machine of each Debian architecture."""

ENTRY_POINTS = (
    "OrthancPluginInitialize",
    "OrthancPluginFinalize",
    "OrthancPluginGetName",
    "OrthancPluginGetVersion",
)
"""The functions that every plugin exports, and that Orthanc looks for (OrthancCPlugin.h)."""

_DAMAGED = (ArithmeticError, AssertionError, AttributeError, LookupError, TypeError, ValueError)
"""What the reader raises on bytes that make no sense, beside its own ELFError: it trusts its input."""


@dataclass(frozen=True)
class Shared:
    """One ELF file: kind and machine in ELF's words, the libraries that it needs, what it exports."""

    kind: str
    machine: str
    needed: tuple[str, ...]
    exported: frozenset[str]


def read(content: bytes) -> Shared:
    """Return the facts in the ELF file with these bytes.

    Raises:
        ValueError: when it is not a complete ELF file; its text says why.
    """
    if not content.startswith(b"\x7fELF"):
        raise ValueError("is not an ELF file")
    from elftools.common.exceptions import ELFError  # noqa: PLC0415 # costs 0.04 s, and few builds have libraries
    from elftools.elf.elffile import ELFFile  # noqa: PLC0415 # as above

    try:
        elf = ELFFile(io.BytesIO(content))
        short = max(_ends(elf)) > len(content)
        found = None if short else Shared(elf["e_type"], elf["e_machine"], *_dynamic(elf))
    except (ELFError, *_DAMAGED) as error:
        raise ValueError("is a damaged ELF file") from error
    if found is None:
        raise ValueError("is truncated")
    return found


def fault(path: Path, name: str, architecture: str) -> str:
    """Return why the file at `path` is not a plugin for Orthanc on `architecture`; empty when it is one.

    It is only read, never run. `name` is the name of the library in the text, and `architecture` is
    Debian's name, such as amd64.
    """
    try:
        found = read(path.read_bytes())
    except ValueError as error:
        return f"{name} {error}"
    wanted, lacking = MACHINES[architecture], [one for one in ENTRY_POINTS if one not in found.exported]
    if found.machine != wanted:
        return f"{name} is for {_plain(found.machine)}, not for {_plain(wanted)}"
    if found.kind != "ET_DYN":
        return f"{name} is not a shared library"
    if lacking:
        return f"{name} is not a plugin for Orthanc: it does not export {', '.join(lacking)}"
    return ""


def _ends(elf: ELFFile) -> Iterator[int]:
    """Yield the places in the file at which its parts end."""
    yield elf["e_shoff"] + elf["e_shnum"] * elf["e_shentsize"]
    for segment in elf.iter_segments():
        yield segment["p_offset"] + segment["p_filesz"]


def _dynamic(elf: ELFFile) -> tuple[tuple[str, ...], frozenset[str]]:
    """Return the libraries that the loader would look for, and the symbols that it would find."""
    from elftools.elf.dynamic import DynamicSegment  # noqa: PLC0415 # as above

    needed: list[str] = []
    exported: set[str] = set()
    for segment in elf.iter_segments("PT_DYNAMIC"):
        if not isinstance(segment, DynamicSegment):
            continue
        needed += (str(tag.needed) for tag in segment.iter_tags("DT_NEEDED"))  # type: ignore[attr-defined] # tags of this kind have it
        exported |= {one.name for one in segment.iter_symbols() if one["st_shndx"] != "SHN_UNDEF"}
    return tuple(needed), frozenset(exported)


def _plain(machine: str) -> str:
    return str(machine).removeprefix("EM_").lower()
