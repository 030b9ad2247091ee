"""The places where files can lie: an object store (in memory), and the file system."""

import os
from pathlib import Path

import obstore
import pytest

from orthanc_images.storage.content import Clear, MissingError, StorageError, Stored
from orthanc_images.storage.disk import Disk
from orthanc_images.storage.keys import Attachment, Keys
from orthanc_images.storage.objects import STREAMED, Objects
from orthanc_images.storage.store import Transfer
from tests.unit.plugins.storage.places import DICOM, UUID, Bucket, Bytes, content

TEXT = bytes(range(256)) * 4


@pytest.fixture(params=["objects", "files"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Objects | Disk:
    return Bucket().place if request.param == "objects" else Disk(tmp_path)


def test_what_was_written_is_read(place: Objects | Disk) -> None:
    assert not place.has(DICOM)
    place.write(DICOM, Bytes(TEXT))
    assert place.has(DICOM)
    assert content(place) == TEXT
    target = bytearray(20)
    place.read_into(DICOM, 5, memoryview(target))
    assert target == TEXT[5:25]


def test_an_empty_file_is_a_file(place: Objects | Disk) -> None:
    place.write(DICOM, Bytes(b""))
    assert place.has(DICOM)
    assert (content(place), place.open(DICOM).size) == (b"", 0)


def test_what_was_removed_is_gone(place: Objects | Disk) -> None:
    """To remove it again is no error."""
    place.write(DICOM, Bytes(TEXT))
    place.remove(DICOM)
    place.remove(DICOM)
    assert not place.has(DICOM)
    with pytest.raises(MissingError):
        place.open(DICOM)
    with pytest.raises(MissingError):
        place.read_into(DICOM, 0, memoryview(bytearray(1)))


@pytest.mark.parametrize(("start", "size"), [(0, 1025), (1000, 25), (0, STREAMED)])
def test_too_few_bytes_are_an_error(place: Objects | Disk, start: int, size: int) -> None:
    place.write(DICOM, Bytes(TEXT))
    with pytest.raises(StorageError) as error:
        place.read_into(DICOM, start, memoryview(bytearray(size)))
    assert str(error.value) == f"{1024 - start} bytes came, where {size} were asked for"


def test_a_start_behind_the_end_is_an_error(place: Objects | Disk) -> None:
    place.write(DICOM, Bytes(TEXT))
    with pytest.raises(StorageError):
        place.read_into(DICOM, 2000, memoryview(bytearray(5)))


def test_a_large_range_comes_as_a_stream() -> None:
    """It is the same as the bytes that were written, from any start."""
    bucket, large = Bucket(), os.urandom(STREAMED + 1000)
    bucket.place.write(DICOM, Bytes(large))
    target = bytearray(STREAMED + 500)
    bucket.place.read_into(DICOM, 300, memoryview(target))
    assert target == large[300 : 300 + len(target)]


@pytest.mark.parametrize("size", [0, 1, 99, 100, 101, 350])
def test_files_larger_than_a_part_go_in_parts(size: int) -> None:
    bucket = Bucket(transfer=Transfer(part=100, at_once=2))
    bucket.place.write(DICOM, Bytes(TEXT[:size]))
    assert bucket.get(f"{UUID}.dcm") == TEXT[:size]


def test_a_content_that_fails_midway_leaves_no_object() -> None:
    bucket = Bucket(transfer=Transfer(part=100))
    with pytest.raises(StorageError):
        bucket.place.write(DICOM, Stored(300, iter([TEXT[:150]])))
    assert bucket.names() == []


def test_objects_have_the_names_of_their_types() -> None:
    bucket = Bucket(Keys("root"))
    for kind in (1, 2, 3, 1024):
        bucket.place.write(Attachment(UUID, kind), Bytes(b"x"))
    endings = ("dcm", "dcm.head", "json", "unk")
    assert bucket.names() == [f"root/{UUID}.{ending}" for ending in endings]


def test_old_headers_are_read_and_removed_under_their_old_name() -> None:
    bucket, header = Bucket(Keys(legacy_unknown=True)), Attachment(UUID, 3)
    bucket.put(f"{UUID}.unk", TEXT)
    target = bytearray(10)
    bucket.place.read_into(header, 2, memoryview(target))
    assert target == TEXT[2:12]
    assert bucket.place.has(header)
    assert content(bucket.place, header) == TEXT
    bucket.place.remove(header)
    assert bucket.names() == []


def test_files_lie_where_orthanc_itself_has_them(tmp_path: Path) -> None:
    """Without an ending, and without a draft beside them; empty folders go with the last file."""
    disk, other = Disk(tmp_path), Attachment("3fa2" + UUID[4:], 3)
    disk.write(DICOM, Bytes(TEXT))
    disk.write(other, Bytes(TEXT))
    files = sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file())
    assert files == [f"3f/a1/{UUID}", f"3f/a2/{other.uuid}"]
    disk.remove(DICOM)
    assert sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*")) == [
        "3f",
        "3f/a2",
        f"3f/a2/{other.uuid}",
    ]
    disk.remove(other)
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    """Half of it is not left behind either."""
    disk = Disk(tmp_path)
    (tmp_path / "3f" / "a1" / UUID).mkdir(parents=True)
    with pytest.raises(StorageError) as error:
        disk.write(DICOM, Bytes(TEXT))
    assert str(error.value) == f"{tmp_path}/3f/a1/{UUID}: Is a directory"
    assert [path.name for path in (tmp_path / "3f" / "a1").iterdir()] == [UUID]
    with pytest.raises(StorageError) as error:
        disk.open(DICOM)
    assert str(error.value) == f"{tmp_path}/3f/a1/{UUID}: Is a directory"
    with pytest.raises(StorageError):
        disk.remove(DICOM)


def test_a_start_before_the_beginning_is_an_error(tmp_path: Path) -> None:
    disk = Disk(tmp_path)
    disk.write(DICOM, Bytes(TEXT))
    with pytest.raises(StorageError) as error:
        disk.read_into(DICOM, -1, memoryview(bytearray(5)))
    assert str(error.value) == f"{disk.path(DICOM)}: Invalid argument"


def test_folders_that_are_always_removed_are_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody who removes the last file of a folder may be faster once, and not each time."""
    monkeypatch.setattr(Path, "mkdir", lambda *_, **__: None)
    with pytest.raises(StorageError) as error:
        Disk(tmp_path).write(DICOM, Bytes(TEXT))
    assert str(error.value) == f"{tmp_path}/3f/a1/{UUID}: No such file or directory"


def test_more_bytes_than_asked_for_are_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """Orthanc's memory is not written beyond its end."""
    monkeypatch.setattr(obstore, "get_range", lambda *_, **__: b"12345")
    target = bytearray(8)
    with pytest.raises(StorageError) as error:
        Bucket().place.read_into(DICOM, 0, memoryview(target)[:4])
    assert str(error.value) == "5 bytes came, where 4 were asked for"
    assert target == bytes(8)


def test_a_source_that_fails_leaves_no_file(tmp_path: Path) -> None:
    with pytest.raises(StorageError):
        Disk(tmp_path).write(DICOM, Stored(10, iter([b"12345"])))
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_memory_of_others_is_copied_before_it_is_sent() -> None:
    """A network library may look at what it was given after Orthanc took its memory back."""
    memory = bytearray(TEXT)
    parts = list(Clear(memoryview(memory)).parts(1000))
    memory[:] = bytes(len(memory))
    assert b"".join(parts) == TEXT
