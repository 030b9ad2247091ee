"""Carts: the series that a user wants, from the files that the archive's web site makes, or from our page."""

from __future__ import annotations

import base64
import binascii
import csv
import hashlib
import io
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from orthanc_images.request import BAD, RefusedError

COLUMNS = {
    "Collection": "Collection Name",
    "PatientID": "Subject ID",
    "SeriesInstanceUID": "Series ID",
    "ImageCount": "Number of images",
    "FileSize": "File Size (Bytes)",
}
"""What the columns of a cart are called today, and in older ones."""

MANIFEST = "ListOfSeriesToDownload="
"""The line after which a manifest of the archive's own downloader has a series a line."""

MOST_PROBLEMS = 5
"""So many mistakes of a cart are told."""

UID = re.compile(r"[0-9.]{1,64}")


class Series(NamedTuple):
    """A series of the archive; where nobody told them, its numbers are 0, and its names are empty."""

    uid: str
    collection: str = ""
    patient: str = ""
    instances: int = 0
    size: int = 0

    def saved(self) -> dict[str, Any]:
        """Return it as the official plugin saves and shows it."""
        return {
            "Collection": self.collection,
            "PatientID": self.patient,
            "SeriesInstanceUID": self.uid,
            "InstancesCount": self.instances,
            "Size": str(self.size),
            "OrthancID": identifier(self.patient) if self.patient else "",
        }


def identifier(patient: str) -> str:
    """Return the identifier that Orthanc gives to a patient."""
    digest = hashlib.sha1(patient.encode(), usedforsecurity=False).hexdigest()
    return "-".join(digest[start : start + 8] for start in range(0, 40, 8))


def ordered(kind: object, content: object) -> tuple[Series, ...]:
    """Return the series that the members Type and Content of a request ask for, each once.

    Raises:
        RefusedError: they are not a cart.
    """
    if kind == "NbiaClientSpreadsheet":
        found = spreadsheet(decoded(content))
    elif kind == "Series":
        found = listed(content)
    else:
        raise RefusedError(BAD, 'Type is neither "NbiaClientSpreadsheet" nor "Series"')
    if not found:
        raise RefusedError(BAD, "Invalid TCIA cart: there is no series in it. Put some into it")
    return tuple({one.uid: one for one in found}.values())


def decoded(content: object) -> str:
    """Return the text of a file in base64.

    Raises:
        RefusedError: it is none.
    """
    try:
        return base64.b64decode(str(content), validate=True).decode("utf-8-sig")
    except (binascii.Error, ValueError) as error:
        how = "Send a file in UTF-8 as base64"
        raise RefusedError(BAD, f"Invalid TCIA cart: Content is not such a text. {how}") from error


def spreadsheet(text: str) -> list[Series]:
    """Return the series in a cart file: a table of either generation, or a manifest.

    Raises:
        RefusedError: with its mistakes and their lines.
    """
    if MANIFEST in text:
        return manifest(text)
    reader = csv.reader(io.StringIO(text, newline=""))
    problems: list[str] = []
    found: list[Series] = []
    try:
        header = [name.strip() for name in next(reader, [])]
        places = columns(header)
        for row in reader:
            if any(cell.strip() for cell in row):
                cells = [cell.strip() for cell in row]
                found += series_in(cells, places, len(header), f"line {reader.line_num}", problems)
    except csv.Error as error:
        problems.append(f"line {reader.line_num}: {error}")
    complain(problems)
    return found


def columns(header: list[str]) -> dict[str, int]:
    """Return where each column is.

    Raises:
        RefusedError: one is missing.
    """
    found = {}
    for name, former in COLUMNS.items():
        title = name if name in header else former
        if title not in header:
            how = "Export the cart again, as a spreadsheet (CSV)"
            raise RefusedError(BAD, f"Invalid TCIA cart, missing column: {name}. {how}")
        found[name] = header.index(title)
    return found


def series_in(
    cells: list[str], places: Mapping[str, int], width: int, place: str, problems: list[str]
) -> list[Series]:
    """Return the series of a row; none, after noting a problem, when the row has none."""
    if len(cells) != width:
        problems.append(f"{place}: it has {len(cells)} cells, where {width} are expected")
        return []
    uid = cells[places["SeriesInstanceUID"]]
    if not UID.fullmatch(uid):
        problems.append(f"{place}: {uid!r} is not the UID of a series")
        return []
    return [
        Series(
            uid,
            cells[places["Collection"]],
            cells[places["PatientID"]],
            number(cells[places["ImageCount"]]),
            number(cells[places["FileSize"]]),
        )
    ]


def manifest(text: str) -> list[Series]:
    """Return the series in a manifest, of which it says nothing else.

    Raises:
        RefusedError: with its mistakes and their lines.
    """
    lines = text.splitlines()
    begin = next((at for at, line in enumerate(lines) if line.strip().startswith(MANIFEST)), len(lines))
    problems: list[str] = []
    found = []
    for at, line in enumerate(lines[begin:], begin + 1):
        uid = line.strip().removeprefix(MANIFEST)
        if uid and UID.fullmatch(uid):
            found.append(Series(uid))
        elif uid:
            problems.append(f"line {at}: {uid!r} is not the UID of a series")
    complain(problems)
    return found


def complain(problems: list[str]) -> None:
    """Raise RefusedError with the first problems, if there are any."""
    if problems:
        more = len(problems) - MOST_PROBLEMS
        shown = "; ".join(problems[:MOST_PROBLEMS]) + (f"; and {more} more" if more > 0 else "")
        raise RefusedError(BAD, f"Invalid TCIA cart: {shown}. Correct it, or export it again")


def listed(content: object) -> list[Series]:
    """Return the series in a list of objects.

    Raises:
        RefusedError: with its mistakes and their places.
    """
    if not isinstance(content, list):
        raise RefusedError(BAD, "Content is not a list of series")
    problems: list[str] = []
    found = []
    for at, item in enumerate(content):
        one = series_of(item)
        if one is None:
            what = "is not a series, with Collection, PatientID, SeriesInstanceUID and InstancesCount"
            problems.append(f"Content[{at}] {what}")
        else:
            found.append(one)
    complain(problems)
    return found


def series_of(item: object) -> Series | None:
    """Return the series in an object of a request or of a saved job; None when it is none."""
    if not isinstance(item, dict):
        return None
    texts = [item.get(name) for name in ("SeriesInstanceUID", "Collection", "PatientID")]
    count = item.get("InstancesCount")
    if not all(isinstance(one, str) for one in texts) or not isinstance(count, int) or count < 0:
        return None
    uid, collection, patient = (str(one) for one in texts)
    return (
        Series(uid, collection, patient, int(count), number(item.get("Size"))) if UID.fullmatch(uid) else None
    )


def number(value: object) -> int:
    """Return a whole number from 0 on; 0 for all else, as the official plugin reads carts."""
    text = str(value)
    return int(text) if re.fullmatch(r"[0-9]{1,18}", text) else 0
