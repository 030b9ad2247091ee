"""Documents and videos, which OHIF does not read as images: which instances these are, and where they lie."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

SOP_CLASS = "0008,0016"

PDF = "1.2.840.10008.5.1.4.1.1.104.1"

VIDEOS = frozenset(
    f"1.2.840.10008.5.1.4.1.1.{end}" for end in ("7", "7.4", "77.1.1.1", "77.1.2.1", "77.1.4.1")
)
"""The SOP classes that OHIF looks for videos in: secondary capture, endoscopy, microscopy, photography."""

STREAMS = frozenset(f"1.2.840.10008.1.2.4.{number}" for number in range(102, 109))
"""The transfer syntaxes of H.264 and H.265, which OHIF gives to the browser; no browser plays MPEG-2."""


def stream(orthanc: Any, identifier: str, values: Mapping[str, Any]) -> str:
    """Return the transfer syntax of an instance that is a video; empty for anything else."""
    if values.get(SOP_CLASS) not in VIDEOS:
        return ""
    try:
        syntax = orthanc.RestApiGet(f"/instances/{identifier}/metadata/TransferSyntax").decode()
    except orthanc.OrthancException:
        return ""
    return syntax if syntax in STREAMS else ""


def document(identifier: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what leads OHIF to the document in an instance; nothing when there is none.

    OHIF takes the address from the value of the element that holds the document (its getDirectURL).
    """
    if values.get(SOP_CLASS) != PDF:
        return {}
    return {"EncapsulatedDocument": {"DirectRetrieveURL": f"../instances/{identifier}/ohif-pdf"}}


def document_in(orthanc: Any, identifier: str) -> bytes:
    """Return the PDF file in an instance.

    Raises:
        orthanc.OrthancException: when there is no such instance, or no document in it.
    """
    found: bytes = orthanc.RestApiGet(f"/instances/{identifier}/pdf")
    return found


def video_in(orthanc: Any, identifier: str) -> bytes:
    """Return the video in an instance.

    Raises:
        orthanc.OrthancException: when there is no such instance, or no pixel data in it.
    """
    found: bytes = orthanc.RestApiGet(f"/instances/{identifier}/frames/0/raw")
    return found


def part(header: str, size: int) -> range | None:
    """Return which of `size` bytes a browser asks for by this header Range; None for all of them.

    It is one range, since browsers ask for no more (RFC 9110, 14.1.2). An empty one cannot be answered.
    """
    asked = re.fullmatch(r"bytes=(\d{1,18})?-(\d{1,18})?", header.strip())
    if not asked or asked.groups() == (None, None):
        return None
    first, last = asked.groups()
    if first is None:
        return range(max(size - int(last), 0), size)
    return range(int(first), size if last is None else min(int(last) + 1, size))


def address(identifier: str, syntax: str) -> str:
    """Return where OHIF finds an instance: a video as the browser plays it, any other as a DICOM file."""
    place = f"../instances/{identifier}"
    return f"{place}/ohif-video" if syntax else f"dicomweb:{place}/file"
