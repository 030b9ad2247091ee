"""Which DICOM tags OHIF wants to know with the data source dicom-json, and as what.

The names, the types and the cached form are those of Orthanc's own OHIF plugin, so that caches fit both.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

Value = str | int | float | list[str] | list[float]

VERSION = 2
"""Of the cached form; others are computed again."""

PHARMACY = "0054,0016"


class Tag(NamedTuple):
    """One tag: its name for OHIF, and what makes a value of Orthanc's text; None when that is not one."""

    name: str
    value: Callable[[str], Value | None]


def text(value: str) -> str:
    """Return the text itself."""
    return value


def integer(value: str) -> int | None:
    """Return the first whole number of a text; None when there is none."""
    try:
        return int(first(value))
    except ValueError:
        return None


def number(value: str) -> float | None:
    """Return the first number of a text; None when there is none that JSON knows."""
    try:
        found = float(first(value))
    except ValueError:
        return None
    return found if math.isfinite(found) else None


def texts(value: str) -> list[str]:
    """Return all values of a text."""
    return value.split("\\")


def numbers(value: str) -> list[float]:
    """Return all numbers of a text, without what is none."""
    return [found for found in map(number, value.split("\\")) if found is not None]


def first(value: str) -> str:
    """Return the first of several values."""
    return value.split("\\", maxsplit=1)[0].strip()


STUDY = {
    "0020,000d": Tag("StudyInstanceUID", text),
    "0008,0020": Tag("StudyDate", text),
    "0008,0030": Tag("StudyTime", text),
    "0008,1030": Tag("StudyDescription", text),
    "0010,0010": Tag("PatientName", text),
    "0010,0020": Tag("PatientID", text),
    "0008,0050": Tag("AccessionNumber", text),
    "0010,1010": Tag("PatientAge", text),
    "0010,0040": Tag("PatientSex", text),
}

SERIES = {
    "0020,000e": Tag("SeriesInstanceUID", text),
    "0020,0011": Tag("SeriesNumber", integer),
    "0008,103e": Tag("SeriesDescription", text),
    "0008,0060": Tag("Modality", text),
    "0018,0050": Tag("SliceThickness", number),
}

INSTANCE = {
    "0028,0011": Tag("Columns", integer),
    "0028,0010": Tag("Rows", integer),
    "0020,0013": Tag("InstanceNumber", integer),
    "0008,0016": Tag("SOPClassUID", text),
    "0028,0004": Tag("PhotometricInterpretation", text),
    "0028,0100": Tag("BitsAllocated", integer),
    "0028,0101": Tag("BitsStored", integer),
    "0028,0103": Tag("PixelRepresentation", integer),
    "0028,0002": Tag("SamplesPerPixel", integer),
    "0028,0030": Tag("PixelSpacing", numbers),
    "0028,0102": Tag("HighBit", integer),
    "0020,0037": Tag("ImageOrientationPatient", numbers),
    "0020,0032": Tag("ImagePositionPatient", numbers),
    "0020,0052": Tag("FrameOfReferenceUID", text),
    "0008,0008": Tag("ImageType", texts),
    "0008,0060": Tag("Modality", text),
    "0008,0018": Tag("SOPInstanceUID", text),
    "0020,000e": Tag("SeriesInstanceUID", text),
    "0020,000d": Tag("StudyInstanceUID", text),
    "0028,1050": Tag("WindowCenter", number),
    "0028,1051": Tag("WindowWidth", number),
    "0008,0021": Tag("SeriesDate", text),
    "0028,0008": Tag("NumberOfFrames", integer),
    "0028,1052": Tag("RescaleIntercept", number),
    "0028,1053": Tag("RescaleSlope", number),
    # What positron emission tomography needs:
    "0008,0022": Tag("AcquisitionDate", text),
    "0008,0032": Tag("AcquisitionTime", text),
    "0008,0031": Tag("SeriesTime", text),
    "0010,1020": Tag("PatientSize", number),
    "0010,1030": Tag("PatientWeight", number),
    "0018,1242": Tag("ActualFrameDuration", integer),
    "0028,0051": Tag("CorrectedImage", texts),
    "0054,1001": Tag("Units", text),
    "0054,1102": Tag("DecayCorrection", text),
    "0054,1300": Tag("FrameReferenceTime", number),
    "7053,1000": Tag("70531000", number),
    "7053,1009": Tag("70531009", number),
    "0009,100d": Tag("0009100d", text),
}

MEDICINE = {
    "0018,1075": Tag("RadionuclideHalfLife", number),
    "0018,1074": Tag("RadionuclideTotalDose", number),
}
STARTS = {
    "0018,1078": Tag("RadiopharmaceuticalStartDateTime", text),
    "0018,1072": Tag("RadiopharmaceuticalStartTime", text),
}


def cached(tags: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is kept of one instance: its values by tag, from Orthanc's tags in short form."""
    found: dict[str, Any] = {"Version": VERSION}
    for key, tag in {**STUDY, **SERIES, **INSTANCE}.items():
        value = valued(tag, tags.get(key))
        if value is not None:
            found[key] = value
    medicine = medicines(tags.get(PHARMACY))
    if medicine:
        found[PHARMACY] = [medicine]
    return found


def valued(tag: Tag, given: object) -> Value | None:
    """Return the value of a tag, from Orthanc's text of it; None for anything else."""
    return tag.value(given) if isinstance(given, str) else None


def medicines(sequence: object) -> dict[str, Value]:
    """Return what OHIF wants of the first radiopharmaceutical; nothing unless all of it is there."""
    if not isinstance(sequence, list) or not sequence or not isinstance(sequence[0], dict):
        return {}
    item = sequence[0]
    found = {tag.name: valued(tag, item.get(key)) for key, tag in MEDICINE.items()}
    starts = {tag.name: valued(tag, item.get(key)) for key, tag in STARTS.items()}
    start = next(((name, value) for name, value in starts.items() if value is not None), None)
    complete = {name: value for name, value in found.items() if value is not None}
    return {**complete, start[0]: start[1]} if start and len(complete) == len(MEDICINE) else {}


def named(tags: Mapping[str, Tag], values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of `tags` by their name for OHIF."""
    return {tag.name: values[key] for key, tag in tags.items() if key in values}
