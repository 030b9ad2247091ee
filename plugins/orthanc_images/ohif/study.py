"""What OHIF is told of a study with the data source dicom-json, from what is kept of each instance.

Each instance has a metadata of its own for that, computed at the first need or as it arrives: the JSON of
`tags.cached`, compressed by gzip, in base64.
"""

from __future__ import annotations

import base64
import binascii
import gzip
import json
from collections.abc import Mapping
from typing import Any

from orthanc_images.ohif import media, tags

METADATA = 4202


def description(orthanc: Any, study: str) -> bytes:
    """Return the JSON that OHIF reads for a study by its Orthanc identifier.

    Raises:
        orthanc.OrthancException: when Orthanc has no such study.
    """
    listed = json.loads(orthanc.RestApiGet(f"/studies/{study}/instances"))
    instances = {one["ID"]: kept(orthanc, one["ID"]) for one in listed}
    streams = {name: media.stream(orthanc, name, values) for name, values in instances.items()}
    studies = [described(instances, streams)] if instances else []
    return json.dumps({"studies": studies}, separators=(",", ":")).encode()


def described(instances: Mapping[str, Mapping[str, Any]], streams: Mapping[str, str]) -> dict[str, Any]:
    """Return the members of a study, from what is kept of its instances by their Orthanc identifiers.

    `streams` has the transfer syntax of those that are videos.
    """
    series: dict[str, dict[str, Mapping[str, Any]]] = {}
    for identifier, values in instances.items():
        series.setdefault(str(values.get("0020,000e", "")), {})[identifier] = values
    modalities = {values["0008,0060"] for values in instances.values() if "0008,0060" in values}
    return {
        **tags.named(tags.STUDY, next(iter(instances.values()))),
        "NumInstances": len(instances),
        "Modalities": ",".join(sorted(modalities)),
        "series": [described_series(series[uid], streams) for uid in sorted(series)],
    }


def described_series(
    instances: Mapping[str, Mapping[str, Any]], streams: Mapping[str, str]
) -> dict[str, Any]:
    """Return the members of a series."""
    return {
        **tags.named(tags.SERIES, next(iter(instances.values()))),
        "instances": [
            {
                "metadata": {**metadata(values, streams[name]), **media.document(name, values)},
                "url": media.address(name, streams[name]),
            }
            for name, values in instances.items()
        ],
    }


def metadata(values: Mapping[str, Any], stream: str) -> dict[str, Any]:
    """Return what OHIF is told of an instance; `stream` is the transfer syntax of a video."""
    found = tags.named(tags.INSTANCE, values)
    if stream:
        found["TransferSyntaxUID"] = stream
    if tags.PHARMACY in values:
        found["RadiopharmaceuticalInformationSequence"] = values[tags.PHARMACY]
    return found


def kept(orthanc: Any, instance: str) -> dict[str, Any]:
    """Return what is kept of an instance, after computing and keeping it where that was not done yet."""
    try:
        found = unpacked(orthanc.RestApiGet(place(instance)))
    except orthanc.OrthancException:
        found = None
    return found if found is not None else computed(orthanc, instance)


def computed(orthanc: Any, instance: str) -> dict[str, Any]:
    """Return what is to be kept of an instance, from its tags, after keeping it."""
    values = tags.cached(json.loads(orthanc.RestApiGet(f"/instances/{instance}/tags?short")))
    orthanc.RestApiPut(place(instance), packed(values))
    return values


def place(instance: str) -> str:
    """Return the route of the metadata of an instance."""
    return f"/instances/{instance}/metadata/{METADATA}"


def packed(values: Mapping[str, Any]) -> bytes:
    """Return the metadata that holds `values`."""
    content = json.dumps(values, separators=(",", ":")).encode()
    return base64.b64encode(gzip.compress(content, mtime=0))


def unpacked(content: bytes) -> dict[str, Any] | None:
    """Return the values in a metadata; None when it is damaged, or of another version."""
    try:
        values = json.loads(gzip.decompress(base64.b64decode(content, validate=True)))
    except (binascii.Error, OSError, EOFError, ValueError):
        return None
    return values if isinstance(values, dict) and values.get("Version") == tags.VERSION else None
