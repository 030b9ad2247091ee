"""The options that the three stores share, from a section of the configuration."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from orthanc_images.section import Section
from orthanc_images.storage.content import MEGABYTE
from orthanc_images.storage.encryption import Keyring, MasterKey, master_key
from orthanc_images.storage.keys import FLAT, LEGACY, Keys

DISABLED, TO_FILES, TO_OBJECTS = "Disabled", "WriteToFileSystem", "WriteToObjectStorage"

_LARGEST_NUMBER = 2**32 - 1


class Options(NamedTuple):
    """The shared options: names, hybrid mode, master keys if files are encrypted, and notes for the log."""

    keys: Keys
    hybrid: str
    keyring: Keyring | None
    notes: tuple[str, ...] = ()


class Disks(NamedTuple):
    """What the core says of its own storage: its folder, and whether it waits for the disk."""

    folder: Path
    sync: bool


def disks(configuration: Mapping[str, Any]) -> Disks:
    """Return where Orthanc's own storage is; `OrthancStorageNotDefined` is the folder without a setting."""
    folder = configuration.get("StorageDirectory") or "OrthancStorageNotDefined"
    return Disks(Path(str(folder)), configuration.get("SyncStorageArea") is not False)


def read(section: Section) -> Options:
    """Return the shared options in `section`, which notes the problems."""
    notes: list[str] = []
    root = section.text("RootPath")
    if root.startswith("/"):
        section.wrong("RootPath", "it begins with '/', and names in a store do not", "Leave the '/' out")
    structure = section.choice("StorageStructure", (FLAT, LEGACY), FLAT)
    legacy_unknown = section.flag("EnableLegacyUnknownFiles", False)
    hybrid = _hybrid(section, notes)
    keyring = _keyring(section)
    keys = Keys(root, structure, keyring is not None, legacy_unknown)
    return Options(keys, hybrid, keyring, tuple(notes))


def _hybrid(section: Section, notes: list[str]) -> str:
    hybrid = section.choice("HybridMode", (DISABLED, TO_FILES, TO_OBJECTS), DISABLED)
    if section.flag("MigrationFromFileSystemEnabled", False):
        place = f"{section.place}.MigrationFromFileSystemEnabled"
        notes.append(f"{place}: a former name. Set HybridMode to {TO_OBJECTS} instead.")
        return TO_OBJECTS if hybrid == DISABLED else hybrid
    return hybrid


def _keyring(section: Section) -> Keyring | None:
    """Return the master keys; None only when nobody asks for encryption."""
    found = section.section("StorageEncryption")
    if found is None:
        return None
    wanted = found.flag("Enable", True)
    limit = found.number("MaxConcurrentInputSize", 1024)
    item, items = found.items("MasterKey"), found.items("PreviousMasterKeys")
    current = _master(found, "MasterKey", item) if wanted else None
    previous = [_master(found, f"PreviousMasterKeys[{n}]", item) for n, item in enumerate(items) if wanted]
    section.problems.extend(found.unknown())
    if current is None:
        return None
    keys = {item.number: item.key for item in previous if item is not None}
    if current.number in keys and keys[current.number] != current.key:
        what = f"its number {current.number} is also that of another key in PreviousMasterKeys"
        found.wrong("MasterKey", what, "Give each key a number of its own")
    return Keyring(current, {**keys, current.number: current.key}, limit * MEGABYTE)


def _master(section: Section, name: str, item: object) -> MasterKey | None:
    """Return a master key, which is written as [number, file]."""
    match item:
        case [int(number), str(path)] if 0 <= number <= _LARGEST_NUMBER and not isinstance(number, bool):
            pass
        case _:
            how = (
                'Write it as [1, "/run/secrets/master.key"], with a number of its own and the file of the key'
            )
            section.wrong(name, "not a number and the path of a file", how)
            return None
    try:
        return MasterKey(number, master_key(Path(path)))
    except ValueError as error:
        how = "Make a key with: openssl rand -base64 32"
        section.wrong(name, str(error), how)
        return None
