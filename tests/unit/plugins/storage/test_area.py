"""The storage area: what Orthanc is told, and what stands in its log."""

import base64
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from orthanc_images.storage.area import Area, speed
from orthanc_images.storage.content import Content, MissingError, StorageError, Stored
from orthanc_images.storage.encryption import Keyring, MasterKey
from orthanc_images.storage.keys import Attachment, Keys
from orthanc_images.storage.place import Place
from tests.unit.plugins.storage.places import DICOM, UUID, Bucket, Bytes, Lines, disk
from tests.unit.plugins.storage.test_encryption import independently_opened

TEXT = b"text of a file"
OLD, NEW = MasterKey(1, bytes(32)), MasterKey(2, b"\1" * 32)


class Away:
    """A place that cannot be reached."""

    name = "object-storage"

    def write(self, attachment: Attachment, content: Content) -> None:
        raise StorageError("no connection")

    def read_into(self, attachment: Attachment, start: int, target: memoryview) -> None:
        raise StorageError("no connection")

    def open(self, attachment: Attachment) -> Stored:
        raise StorageError("no connection")

    def has(self, attachment: Attachment) -> bool:
        raise StorageError("no connection")

    def remove(self, attachment: Attachment) -> None:
        raise StorageError("no connection")


class Broken(Away):
    """A place with a fault of its own."""

    def write(self, attachment: Attachment, content: Content) -> None:
        raise ValueError("oops")


def area(*places: Place, keyring: Keyring | None = None) -> tuple[Area, list[str]]:
    lines = Lines()
    return Area("S3", places, lines, keyring), lines.lines


def read(found: Area, size: int = len(TEXT), start: int = 0) -> bytes | None:
    target = bytearray(size)
    return bytes(target) if found.read(UUID, 1, start, memoryview(target)) else None


def whole(found: Area) -> bytes | None:
    memory: list[bytearray] = []

    def allocate(size: int) -> memoryview:
        memory.append(bytearray(size))
        return memoryview(memory[-1])

    done = found.whole(UUID, 1, allocate)
    assert len(memory) <= 1, "Orthanc takes one memory"
    return bytes(memory[0]) if done else None


def timeless(lines: list[str]) -> list[str]:
    return [re.sub(r" in [\d.]+m?s = [\d.]+Mbps", " in T", line) for line in lines]


def test_a_file_is_stored_read_and_removed() -> None:
    bucket = Bucket()
    found, lines = area(bucket.place)
    assert found.create(UUID, 1, memoryview(TEXT))
    assert bucket.get(f"{UUID}.dcm") == TEXT
    assert read(found) == TEXT
    assert read(found, 4, 5) == b"of a"
    assert found.remove(UUID, 1)
    assert bucket.names() == []
    assert timeless(lines) == [
        f"I S3: creating attachment {UUID} of type 1",
        f"I S3: created attachment {UUID} (14bytes in T)",
        f"I S3: reading attachment {UUID} of type 1",
        f"I S3: read attachment {UUID} (14bytes in T)",
        f"I S3: reading attachment {UUID} of type 1",
        f"I S3: read attachment {UUID} (4bytes in T)",
        f"I S3: deleting attachment {UUID} of type 1",
    ]


@pytest.mark.parametrize(("place", "cause"), [(Away(), "no connection"), (Broken(), "ValueError: oops")])
def test_orthanc_hears_that_a_file_was_not_stored(place: Place, cause: str) -> None:
    found, lines = area(place)
    assert not found.create(UUID, 1, memoryview(TEXT))
    assert lines[-1] == f"E S3: error while creating object {UUID}: {cause}"


def test_orthanc_hears_that_a_file_was_neither_read_nor_removed() -> None:
    found, lines = area(Away())
    assert read(found) is None
    assert not found.remove(UUID, 1)
    assert [line for line in lines if line[0] != "I"] == [
        f"E S3: failed to read object {UUID}: no connection",
        f"E S3: failed to delete object {UUID}: no connection",
    ]


def test_encrypted_files_are_those_of_the_documented_format() -> None:
    bucket = Bucket(Keys(encrypted=True))
    found, _ = area(bucket.place, keyring=Keyring(NEW, {1: OLD.key, 2: NEW.key}))
    assert found.create(UUID, 1, memoryview(TEXT))
    assert bucket.names() == [f"{UUID}.dcm.enc"]
    assert independently_opened(bucket.get(f"{UUID}.dcm.enc"), NEW.key) == TEXT
    assert whole(found) == TEXT


def test_files_of_an_earlier_key_are_read_after_a_change_of_keys() -> None:
    bucket = Bucket(Keys(encrypted=True))
    before, _ = area(bucket.place, keyring=Keyring(OLD, {1: OLD.key}))
    assert before.create(UUID, 1, memoryview(TEXT))
    after, lines = area(bucket.place, keyring=Keyring(NEW, {1: OLD.key, 2: NEW.key}))
    assert whole(after) == TEXT
    without, lines = area(bucket.place, keyring=Keyring(NEW, {2: NEW.key}))
    assert whole(without) is None
    what = "it is encrypted with the master key 1, which is not configured"
    assert lines[-1] == f"E S3: failed to read object {UUID}: {what}"


def test_an_empty_encrypted_file_is_read() -> None:
    bucket = Bucket(Keys(encrypted=True))
    found, _ = area(bucket.place, keyring=Keyring(NEW, {2: NEW.key}))
    assert found.create(UUID, 1, memoryview(b""))
    assert whole(found) == b""


def test_a_file_that_both_places_have_damaged_is_not_given_out(tmp_path: Path) -> None:
    """Nor is that of the other place, when it has another size."""
    bucket, files = Bucket(Keys(encrypted=True)), disk(tmp_path)
    bucket.put(f"{UUID}.dcm.enc", b"A1\x02\0\0\0" + bytes(200))
    files.write(DICOM, Bytes(b"A1\x02\0\0\0" + bytes(300)))
    found, lines = area(bucket.place, files, keyring=Keyring(NEW, {2: NEW.key}))
    assert whole(found) is None
    what = "it would have 220 bytes, where 120 were announced before"
    assert lines[-1] == f"E S3 (Secondary: file-system): failed to read object {UUID}: {what}"


Make = Callable[[Bucket, Path], tuple[Place, Place]]


@pytest.fixture(params=["objects first", "files first"])
def pair(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Place, Place]:
    bucket, files = Bucket().place, disk(tmp_path)
    return (bucket, files) if request.param == "objects first" else (files, bucket)


def test_files_are_written_to_the_first_place_and_read_from_either(pair: tuple[Place, Place]) -> None:
    found, _ = area(*pair)
    assert found.create(UUID, 1, memoryview(TEXT))
    assert [place.has(DICOM) for place in pair] == [True, False]
    assert read(found) == TEXT
    pair[0].remove(DICOM)
    pair[1].write(DICOM, Bytes(TEXT))
    assert read(found) == TEXT
    assert found.remove(UUID, 1)
    assert [place.has(DICOM) for place in pair] == [False, False]


def test_a_file_in_the_second_place_is_no_warning(tmp_path: Path) -> None:
    bucket, files = Bucket(), disk(tmp_path)
    bucket.put(f"{UUID}.dcm", TEXT)
    found, lines = area(files, bucket.place)
    assert read(found) == TEXT
    where = f"{tmp_path}/3f/a1/{UUID}"
    assert timeless(lines) == [
        f"I S3 (Primary: file-system): reading attachment {UUID} of type 1",
        f"I S3 (Primary: file-system): failed to read object {UUID}: there is no file {where}",
        f"I S3 (Secondary: object-storage): reading attachment {UUID} of type 1",
        f"I S3 (Secondary: object-storage): read attachment {UUID} (14bytes in T)",
    ]


def test_the_second_place_helps_while_the_first_is_away(tmp_path: Path) -> None:
    files = disk(tmp_path)
    files.write(DICOM, Bytes(TEXT))
    found, lines = area(Away(), files)
    assert read(found) == TEXT
    assert [line for line in lines if line[0] != "I"] == [
        f"W S3 (Primary: object-storage): failed to read object {UUID}: no connection"
    ]
    assert not found.create(UUID, 1, memoryview(TEXT))
    assert not found.remove(UUID, 1)


def test_a_file_that_moves_while_it_is_looked_for_is_found(tmp_path: Path) -> None:
    """It was still in the second place when the first was asked, and no longer when the second was."""
    bucket = Bucket()

    class Leaving(Away):
        name = "file-system"

        def read_into(self, attachment: Attachment, start: int, target: memoryview) -> None:
            bucket.put(f"{UUID}.dcm", TEXT)
            raise MissingError("it has just left")

    found, lines = area(bucket.place, Leaving())
    assert read(found) == TEXT
    assert not [line for line in lines if line[0] != "I"]


def test_a_file_that_is_nowhere_is_an_error(tmp_path: Path) -> None:
    found, lines = area(Bucket().place, disk(tmp_path))
    assert read(found) is None
    assert [line[:2] for line in lines if line[0] != "I"] == ["E "]


@pytest.mark.parametrize(
    ("size", "seconds", "text"),
    [
        (26_450_000, 2.25, "26.45MB in 2.25s = 94.04Mbps"),
        (1500, 0.003, "1.50kB in 3.00ms = 4.00Mbps"),
        (0, 0.0, "0bytes in 0.00ms = 0.00Mbps"),
    ],
)
def test_speed(size: int, seconds: float, text: str) -> None:
    assert speed(size, seconds) == text


def test_large_files_are_encrypted_in_parts() -> None:
    """Twenty megabytes through parts of eight, and back."""
    bucket, large = Bucket(Keys(encrypted=True)), os.urandom(20 * 1024 * 1024 + 3)
    found, _ = area(bucket.place, keyring=Keyring(NEW, {2: NEW.key}, limit=1))
    assert found.create(UUID, 1, memoryview(large))
    assert whole(found) == large
    assert base64.b64encode(bucket.get(f"{UUID}.dcm.enc")[:6]) == b"QTECAAAA"


def test_what_is_handed_on_is_told_and_another_budget_is_used() -> None:
    taken: list[int] = []

    class Limit:
        @contextmanager
        def taken(self, size: int) -> Iterator[None]:
            taken.append(size)
            yield

    bucket, told = Bucket(Keys(encrypted=True)), []
    keyring = Keyring(NEW, {NEW.number: NEW.key})
    found = Area("S3", (bucket.place,), Lines(), keyring, limit=Limit(), handed_on=lambda: told.append(1))
    assert found.create(UUID, 1, memoryview(TEXT))
    assert whole(found) == TEXT
    assert (len(taken), len(told)) == (2, 1)
