"""Archives are verified as a whole; whatever is wrong with one is told, and nothing of it is believed."""

from __future__ import annotations

import hashlib
import io
import struct
import zipfile
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orthanc_images.tcia import archive
from orthanc_images.tcia.archive import Archive, DamagedError, directory_size
from tests.unit.plugins.tcia.world import instance

GOOD = {"a.dcm": instance("1.2", 1), "b": instance("1.2", 2), "LICENSE": b"CC", "folder/": b""}
LIMIT = 1 << 20


def packed(files: Mapping[str, bytes], *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as made:
        for name, content in files.items():
            made.writestr(name, content)
    return buffer.getvalue()


def verified(content: bytes, limit: int = LIMIT) -> Archive:
    found = Archive(io.BytesIO(content), limit)
    for _ in found.verified():
        pass
    return found


def refused(content: bytes, limit: int = LIMIT) -> str:
    with pytest.raises(DamagedError) as raised:
        verified(content, limit)
    return str(raised.value)


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_instances_are_known_by_their_content(method: int) -> None:
    found = verified(packed(GOOD, method=method))
    assert found.instances == ["a.dcm", "b"]
    assert [found.content(name) for name in found.instances] == [GOOD["a.dcm"], GOOD["b"]]


def test_large_files_are_read_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "PIECE", 1000)
    files = {"a.dcm": instance("1.2", 1, spare=10_000)}
    found = Archive(io.BytesIO(packed(files)), LIMIT)
    assert sum(1 for _ in found.verified()) == 11
    assert found.content("a.dcm") == files["a.dcm"]


def test_hashes_are_checked() -> None:
    """Those that the archive knows; an empty value is none."""
    good = "Filename,MD5Hash\na.dcm,{}\nb,\n\n"
    right = hashlib.md5(GOOD["a.dcm"]).hexdigest()
    assert verified(packed({**GOOD, "md5hashes.csv": good.format(right.upper()).encode()})).instances
    wrong = packed({**GOOD, "md5hashes.csv": good.format("0" * 32).encode()})
    assert refused(wrong) == "'a.dcm' is not as md5hashes.csv says"
    more = packed({**GOOD, "md5hashes.csv": b"Filename,MD5Hash\nz.dcm,00\nc.dcm,00"})
    assert refused(more) == "it lacks 'c.dcm', which md5hashes.csv names"


@pytest.mark.parametrize("name", ["../x", "a/../../x", "/etc/passwd", "..\\x", "C:\\x", "\\\\host\\x"])
def test_names_outside_are_refused(name: str) -> None:
    assert refused(packed({**GOOD, name: b""})) == f"it has a file outside of itself, {name!r}"


def test_dots_in_names_are_no_folders() -> None:
    assert verified(packed({"1..2.dcm": GOOD["b"]})).instances == ["1..2.dcm"]


def test_what_is_cut_is_no_archive() -> None:
    content = packed(GOOD)
    expected = "it is no ZIP file, or not all of it has arrived"
    assert {refused(content[:size]) for size in range(0, len(content), 7)} == {expected}


def test_a_damaged_file_is_named() -> None:
    content = bytearray(packed(GOOD, method=zipfile.ZIP_STORED))
    content[150] ^= 1
    assert refused(bytes(content)) == "'a.dcm' in it is damaged"


def test_what_is_said_to_be_dicom_must_be() -> None:
    assert refused(packed({"A.DCM": b"text"})) == "'A.DCM' is no DICOM file"


def test_names_are_there_once() -> None:
    content = packed({"a1": b"1", "a2": b"2"}).replace(b"a2", b"a1")
    assert refused(content) == "it has 'a1' twice"


def test_encrypted_and_odd_files_are_told() -> None:
    content = bytearray(packed({"a": b"1"}))
    at = content.rindex(b"PK\x01\x02")
    content[at + 8] |= 1
    content[6] |= 1
    assert refused(bytes(content)) == "'a' in it is encrypted or packed unusually"


def test_sizes_have_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """A small file may unpack to a large one, and a list of files may be too long for the memory."""
    bomb = packed({"a": bytes(100_000)})
    assert len(bomb) < 1000
    assert refused(bomb, 50_000) == "its files have more than 50000 bytes, unpacked"
    monkeypatch.setattr(archive, "LARGEST_FILE", 99_999)
    assert refused(bomb) == "'a' has more than 99999 bytes"
    monkeypatch.setattr(archive, "LARGEST_DIRECTORY", 10)
    assert refused(bomb) == "its list of files is too long"


def test_the_list_of_hashes_has_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    content = packed({"md5hashes.csv": bytes(1000)})
    monkeypatch.setattr(archive, "LARGEST_DIRECTORY", 500)
    assert refused(content) == "its md5hashes.csv is too long"


def test_the_size_of_the_list_is_found_in_large_archives() -> None:
    """Beyond 4 GB it stands in a record of its own."""
    marks = b"\xff" * 4
    end = b"PK\x05\x06" + bytes(8) + marks + marks + bytes(2)
    large = b"PK\x06\x06" + bytes(36) + struct.pack("<Q", 1 << 40) + bytes(8)
    assert directory_size(io.BytesIO(large + bytes(20) + end)) == 1 << 40
    assert directory_size(io.BytesIO(end)) == 0xFFFFFFFF
    assert directory_size(io.BytesIO(b"")) == 0


@given(st.integers(0), st.integers(1, 255))
def test_a_byte_that_is_another_one_is_never_in_an_instance(at: int, change: int) -> None:
    content = bytearray(packed(GOOD))
    content[at % len(content)] ^= change
    try:
        found = verified(bytes(content))
    except DamagedError:
        return
    assert {found.content(name) for name in found.instances} <= {GOOD["a.dcm"], GOOD["b"]}
