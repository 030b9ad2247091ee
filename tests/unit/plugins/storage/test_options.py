"""The options that the stores share."""

import base64
from pathlib import Path
from typing import Any

import pytest

from orthanc_images.section import Section
from orthanc_images.storage import options
from orthanc_images.storage.keys import Keys
from orthanc_images.storage.options import Disks, Options

WRITE = 'Write it as [1, "/run/secrets/master.key"], with a number of its own and the file of the key.'
MAKE = "Make a key with: openssl rand -base64 32."


@pytest.fixture
def keys(tmp_path: Path) -> list[str]:
    """The files of three keys: of 32 bytes 0, of 32 bytes 1, and of 8 bytes."""
    for name, key in (("a", bytes(32)), ("b", b"\1" * 32), ("short", bytes(8))):
        (tmp_path / name).write_bytes(base64.b64encode(key))
    return [str(tmp_path / name) for name in ("a", "b", "short")]


def read(content: dict[str, Any]) -> Options:
    section = Section("S", content)
    found = options.read(section)
    assert section.problems == []
    return found


def problems(content: dict[str, Any]) -> list[str]:
    section = Section("S", content)
    options.read(section)
    return section.problems


def test_defaults() -> None:
    assert read({}) == Options(Keys(), "Disabled", None)


def test_names_are_chosen() -> None:
    content = {"RootPath": "a/b", "StorageStructure": "legacy", "EnableLegacyUnknownFiles": True}
    assert read(content).keys == Keys("a/b", "legacy", encrypted=False, legacy_unknown=True)


def test_all_that_is_wrong_is_said_at_once() -> None:
    content = {"RootPath": "/a", "StorageStructure": "Flat", "HybridMode": "WriteToDisk"}
    assert problems(content) == [
        "S.RootPath: it begins with '/', and names in a store do not. Leave the '/' out.",
        "S.StorageStructure: 'Flat' is none of flat, legacy. Did you mean 'flat'?",
        "S.HybridMode: 'WriteToDisk' is none of Disabled, WriteToFileSystem, WriteToObjectStorage."
        " Did you mean 'WriteToFileSystem'?",
    ]


@pytest.mark.parametrize(
    ("given", "mode"),
    [("Disabled", "WriteToObjectStorage"), (None, "WriteToObjectStorage"), ("WriteToFileSystem",) * 2],
)
def test_the_former_name_of_the_hybrid_mode_counts(given: str | None, mode: str) -> None:
    found = read({"HybridMode": given, "MigrationFromFileSystemEnabled": True})
    assert found.hybrid == mode
    assert found.notes == (
        "S.MigrationFromFileSystemEnabled: a former name. Set HybridMode to WriteToObjectStorage instead.",
    )


def test_keys_are_read(keys: list[str]) -> None:
    encryption = {
        "MasterKey": [2, keys[1]],
        "PreviousMasterKeys": [[1, keys[0]]],
        "MaxConcurrentInputSize": 5,
    }
    found = read({"StorageEncryption": encryption})
    assert found.keyring is not None
    assert found.keyring.current == (2, b"\1" * 32)
    assert found.keyring.all == {1: bytes(32), 2: b"\1" * 32}
    assert found.keyring.limit == 5 * 1024 * 1024
    assert found.keys.encrypted


def test_encryption_can_be_switched_off(keys: list[str]) -> None:
    assert read({"StorageEncryption": {"Enable": False, "MasterKey": [1, "/nowhere"]}}).keyring is None


@pytest.mark.parametrize("key", [None, [], [1], ["1", "/k"], [1, 2], [-1, "/k"], [2**32, "/k"], [True, "/k"]])
def test_a_malformed_key_is_never_no_encryption(key: object) -> None:
    found = problems({"StorageEncryption": {"MasterKey": key}})
    assert found == [f"S.StorageEncryption.MasterKey: not a number and the path of a file. {WRITE}"]


def test_every_key_is_looked_at(keys: list[str]) -> None:
    encryption = {"MasterKey": [1, keys[2]], "PreviousMasterKeys": [[2, "/nowhere"], 5], "MasterKeys": 1}
    place = "S.StorageEncryption"
    assert problems({"StorageEncryption": encryption}) == [
        f"{place}.MasterKey: the file {keys[2]} holds 8 bytes in base64, where a key has 32. {MAKE}",
        f"{place}.PreviousMasterKeys[0]: the file /nowhere cannot be read (No such file or directory)."
        f" {MAKE}",
        f"{place}.PreviousMasterKeys[1]: not a number and the path of a file. {WRITE}",
        f"{place}.MasterKeys: there is no such setting. Did you mean MasterKey?",
    ]


def test_one_number_is_one_key(keys: list[str]) -> None:
    encryption = {"MasterKey": [1, keys[1]], "PreviousMasterKeys": [[1, keys[0]]]}
    assert problems({"StorageEncryption": encryption}) == [
        "S.StorageEncryption.MasterKey: its number 1 is also that of another key in PreviousMasterKeys."
        " Give each key a number of its own."
    ]


def test_the_folder_is_that_of_the_core() -> None:
    given = {"StorageDirectory": "/d", "SyncStorageArea": False}
    assert options.disks(given) == Disks(Path("/d"), sync=False)
    assert options.disks({}) == Disks(Path("OrthancStorageNotDefined"), sync=True)
