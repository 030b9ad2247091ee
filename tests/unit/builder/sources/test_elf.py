"""A library is read without running it, and what is no plugin for the machine is told."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builder.sources import elf
from builder.sources.elf import ENTRY_POINTS, Shared
from tests.unit.builder.elves import AARCH64, EXECUTABLE, shared

GOOD = shared(ENTRY_POINTS, needed=("libc.so.6", "libmagic.so.1"), undefined=("puts",))


def held(folder: Path, content: bytes) -> Path:
    path = folder / "libExtra.so"
    path.write_bytes(content)
    return path


def test_a_library_says_what_it_needs_and_exports() -> None:
    assert elf.read(GOOD) == Shared(
        "ET_DYN", "EM_X86_64", ("libc.so.6", "libmagic.so.1"), frozenset(ENTRY_POINTS)
    )


def test_a_plugin_for_the_machine_has_no_fault(tmp_path: Path) -> None:
    assert elf.fault(held(tmp_path, GOOD), "libExtra.so", "amd64") == ""


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"<html>please log in</html>", "is not an ELF file"),
        (b"", "is not an ELF file"),
        (GOOD[:-1], "is truncated"),
        (GOOD[:40], "is a damaged ELF file"),
        (
            shared(ENTRY_POINTS, machine=AARCH64),
            "is for aarch64, not for x86_64",
        ),
        (shared(ENTRY_POINTS, kind=EXECUTABLE), "is not a shared library"),
        (
            shared(ENTRY_POINTS[:2]),
            "is not a plugin for Orthanc: it does not export OrthancPluginGetName, OrthancPluginGetVersion",
        ),
        (
            shared(ENTRY_POINTS[1:], undefined=ENTRY_POINTS[:1]),
            "is not a plugin for Orthanc: it does not export OrthancPluginInitialize",
        ),
    ],
)
def test_what_is_no_plugin_is_told(tmp_path: Path, content: bytes, fault: str) -> None:
    assert elf.fault(held(tmp_path, content), "libExtra.so", "amd64") == f"libExtra.so {fault}"


def test_the_machine_is_that_of_the_platform(tmp_path: Path) -> None:
    path = held(tmp_path, shared(ENTRY_POINTS, machine=AARCH64))
    assert elf.fault(path, "libExtra.so", "arm64") == ""


@given(st.integers(0, len(GOOD) - 1), st.binary(min_size=1, max_size=9))
def test_damage_anywhere_is_no_surprise(place: int, damage: bytes) -> None:
    """Whatever the bytes are, the answer is a text, and never another error."""
    with tempfile.TemporaryDirectory() as folder:
        path = held(Path(folder), GOOD[:place] + damage + GOOD[place + len(damage) :])
        assert elf.fault(path, "libExtra.so", "amd64") == "" or elf.fault(
            path, "libExtra.so", "amd64"
        ).startswith("libExtra.so is ")
