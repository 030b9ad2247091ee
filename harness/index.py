"""Orthanc's index in SQLite with any number of instances, whose rows are written directly."""

from __future__ import annotations

import hashlib
import io
import sqlite3
import tarfile
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

from harness import dicom

FOLDER = "/var/lib/orthanc/db"
"""Where the images keep index and files."""

INDEX = f"{FOLDER}/index"

IN_SERIES, IN_STUDY = 50, 100
"""How many instances there are in a series, and in a study, which is the only one of its patient."""

UUID = "60a1fd76-4351-43f5-95ca-5ec3b5d45572"
"""The name of the one stored file that all instances share."""

SIGNATURES = {
    1: "0010,0010;0010,0020;0010,0030;0010,0040;0010,1000",
    2: "0008,0020;0008,0030;0008,0050;0008,0080;0008,0090;0008,0201;0008,1030;0020,000d;0020,0010;0032,1032;"
    "0032,1060",
    3: "0008,0021;0008,0031;0008,0060;0008,0070;0008,0201;0008,1010;0008,103e;0008,1070;0018,0010;0018,0015;"
    "0018,0024;0018,1030;0018,1090;0018,1400;0020,000e;0020,0011;0020,0037;0020,0105;0020,1002;0040,0244;"
    "0040,0245;0040,0254;0040,0275;0054,0081;0054,0101;0054,1000",
    4: "0008,0012;0008,0013;0008,0018;0020,0012;0020,0013;0020,0032;0020,0037;0020,0100;0020,4000;0028,0008;"
    "0054,1330",
}
"""The main DICOM tags of each level, as Orthanc notes them; without them it would read the files."""

INSTANCE = 4
"""The level of instances."""

MOMENT = "20260101T080000"

ARRIVAL = {
    1: "0", 2: MOMENT, 3: "", 8: "RestApi", 9: "1.2.840.10008.1.2.1", 10: "1.2.840.10008.5.1.4.1.1.2",
    11: "172.17.0.1", 13: "orthanc",
}  # fmt: skip
"""The metadata of an instance, by number: when, whence and how it came."""

INSERTS = {
    "Resources": "VALUES (?, ?, ?, ?)",
    "MainDicomTags": "VALUES (?, ?, ?, ?)",
    "DicomIdentifiers": "VALUES (?, ?, ?, ?)",
    "Metadata": "VALUES (?, ?, ?, 0)",
    "AttachedFiles": "VALUES (?, 1, ?, ?, ?, 1, ?, ?, 0, NULL)",
    "Changes": "VALUES (NULL, ?, ?, ?, ?)",
}

NEW = {4: 2, 3: 4, 2: 5, 1: 3}
"""The number of the change that tells of a new resource, by its level."""

Rows = dict[str, list[tuple[Any, ...]]]
Tags = dict[tuple[int, int], str]

IDENTIFIERS = ((8, 0x18), (8, 0x20), (8, 0x50), (8, 0x1030), (0x10, 0x10), (0x10, 0x20), (0x10, 0x30),
               (0x20, 0xD), (0x20, 0xE))  # fmt: skip
"""The tags that Orthanc looks up in a table of their own."""


class DicomNames(NamedTuple):
    """What an instance and the resources above it are called in DICOM."""

    patient: str
    study: str
    series: str
    instance: str

    def public(self, level: int) -> str:
        """Return Orthanc's identifier of the patient (1), the study, the series or the instance (4)."""
        name = hashlib.sha1("|".join(self[:level]).encode(), usedforsecurity=False).hexdigest()
        return "-".join(name[at : at + 8] for at in range(0, 40, 8))


def named(number: int) -> DicomNames:
    """Return the names of an instance, counted from 0."""
    study = f"1.2.826.0.1.3680043.10.1.{number // IN_STUDY}"
    series = f"{study}.{number % IN_STUDY // IN_SERIES}"
    return DicomNames(f"P{number // IN_STUDY:07}", study, series, f"{series}.{number % IN_SERIES}")


def file() -> bytes:
    """Return the content of the stored file, that of the first instance."""
    dataset, names = dicom.ct(0), named(0)
    dataset.PatientID, dataset.StudyInstanceUID = names.patient, names.study
    dataset.SeriesInstanceUID, dataset.SOPInstanceUID = names.series, names.instance
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    return dicom.encoded(dataset)


class SharedFile:
    """What the index says of the stored file: name, size, hash, and where its pixels begin."""

    def __init__(self, content: bytes) -> None:
        digest = hashlib.md5(content, usedforsecurity=False).hexdigest()
        self.columns = (UUID, len(content), len(content), digest, digest)
        self.pixels = str(content.index(b"\xe0\x7f\x10\x00"))


def taken(container: Any, folder: str = FOLDER) -> bytes:
    """Return the index of a server that has ended."""
    stream, _ = container.get_archive(f"{folder}/index")
    with tarfile.open(fileobj=io.BytesIO(b"".join(stream))) as archive:
        found = archive.extractfile("index")
        assert found is not None
        return found.read()


def put(container: Any, index: Path, folder: str = FOLDER, uid: int = 999) -> None:
    """Give a container that has not begun an index, and the file that its instances share."""
    content = file()
    stored = f"{UUID[:2]}/{UUID[2:4]}/{UUID}"
    with tempfile.TemporaryFile() as packed:
        with tarfile.open(fileobj=packed, mode="w") as archive:
            for name in (UUID[:2], f"{UUID[:2]}/{UUID[2:4]}"):
                archive.addfile(_owned(tarfile.TarInfo(name), uid, tarfile.DIRTYPE))
            entry = _owned(tarfile.TarInfo(stored), uid)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
            archive.add(index, "index", filter=lambda one: _owned(one, uid))
        packed.seek(0)
        container.put_archive(folder, packed)


def _owned(entry: tarfile.TarInfo, uid: int, kind: bytes = tarfile.REGTYPE) -> tarfile.TarInfo:
    entry.type, entry.uid, entry.gid, entry.mode = kind, uid, uid, 0o755
    return entry


def fill(path: Path, instances: int) -> None:
    """Write so many instances (hundreds, whole studies) into the index of a server that has none.

    A million takes a minute, and 1.3 GB.
    """
    stored = SharedFile(file())
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute("PRAGMA synchronous = OFF")
        database.execute("PRAGMA journal_mode = OFF")
        database.execute("PRAGMA cache_size = -200000")
        database.execute("BEGIN")
        identifier = 1
        for number in range(instances // IN_STUDY):
            rows = of_study(number, identifier, stored)
            for table, found in rows.items():
                database.executemany(f"INSERT INTO {table} {INSERTS[table]}", found)
            identifier += len(rows["Resources"])
        database.execute("COMMIT")


def of_study(number: int, identifier: int, stored: SharedFile) -> Rows:
    """Return the rows of a study and all below it, with internal identifiers from `identifier` on."""
    rows: Rows = {table: [] for table in INSERTS}
    first = number * IN_STUDY
    patient = {
        (0x10, 0x10): f"NAME{number}^{('ANNA', 'PETER', 'MARIA', 'JOHN')[number % 4]}",
        (0x10, 0x20): named(first).patient,
        (0x10, 0x30): f"{1930 + number % 90}0615",
        (0x10, 0x40): "O",
    }
    study = {
        **patient,
        (8, 0x20): f"{2010 + number % 15}{1 + number % 12:02}{1 + number % 28:02}",
        (8, 0x30): "101500",
        (8, 0x50): f"A{number:07}",
        (8, 0x90): "",
        (8, 0x1030): f"STUDY {number % 50}",
        (0x20, 0xD): named(first).study,
        (0x20, 0x10): str(number),
    }
    add(rows, 1, identifier, named(first), None, patient)
    add(rows, 2, identifier + 1, named(first), identifier, study)
    parent, identifier = identifier + 1, identifier + 2
    for at in range(first, first + IN_STUDY, IN_SERIES):
        add(rows, 3, identifier, named(at), parent, of_series(number, at))
        for index in range(at, at + IN_SERIES):
            own = identifier + 1 + index - at
            add(rows, 4, own, named(index), identifier, of_instance(index))
            rows["AttachedFiles"].append((own, *stored.columns))
            rows["Metadata"].append((own, 14, stored.pixels))
        identifier += 1 + IN_SERIES
    return rows


def of_series(study: int, first: int) -> Tags:
    """Return the main tags of the series of a study that begins with an instance."""
    return {
        (8, 0x60): "CT" if study % 3 else "MR",
        (8, 0x103E): "thin",
        (0x20, 0xE): named(first).series,
        (0x20, 0x11): str(first % IN_STUDY // IN_SERIES + 1),
    }


def of_instance(number: int) -> Tags:
    """Return the main tags of an instance."""
    return {
        (8, 0x18): named(number).instance,
        (0x20, 0x13): str(number % IN_SERIES),
        (0x20, 0x32): f"0.0\\0.0\\{2 * (number % IN_SERIES)}.0",
        (0x20, 0x37): "1.0\\0.0\\0.0\\0.0\\1.0\\0.0",
    }


def add(rows: Rows, level: int, identifier: int, names: DicomNames, parent: int | None, tags: Tags) -> None:
    """Add a resource to the rows: itself, its main tags, its metadata, and that it is new."""
    rows["Resources"].append((identifier, level, names.public(level), parent))
    for (group, element), value in tags.items():
        rows["MainDicomTags"].append((identifier, group, element, value))
        if (group, element) in IDENTIFIERS:
            rows["DicomIdentifiers"].append((identifier, group, element, value))
    metadata = {15: SIGNATURES[level], **(ARRIVAL if level == INSTANCE else {7: MOMENT})}
    rows["Metadata"] += [(identifier, kind, value) for kind, value in metadata.items()]
    rows["Changes"].append((NEW[level], identifier, level, MOMENT))
