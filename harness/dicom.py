"""Small real DICOM instances, the same bytes on every run."""

from __future__ import annotations

import hashlib
import io
from typing import Any

import numpy as np
import pydicom
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import (
    UID,
    CTImageStorage,
    ExplicitVRLittleEndian,
    JPEG2000Lossless,
    MRImageStorage,
    UltrasoundMultiFrameImageStorage,
)

NAME = "Łukasiewicz^Zoë=山田^太郎"
"""A patient's name that only survives where UTF-8 does."""


def uid(*words: object) -> UID:
    """Return the UID of these words: always the same one."""
    digest = hashlib.sha256("/".join(map(str, words)).encode()).digest()
    return UID(f"2.25.{int.from_bytes(digest[:15], 'big')}")


def instance(
    sop_class: str, *, patient: str, study: str, series: str, number: int, modality: str, name: str = NAME
) -> Dataset:
    """Return an instance without pixels: identifiers, dates, meta information (explicit little endian)."""
    dataset = Dataset()
    dataset.SpecificCharacterSet = "ISO_IR 192"
    dataset.SOPClassUID = sop_class
    dataset.SOPInstanceUID = uid(patient, study, series, number)
    dataset.SeriesInstanceUID = uid(patient, study, series)
    dataset.StudyInstanceUID = uid(patient, study)
    dataset.FrameOfReferenceUID = uid(patient, study, "frame")
    dataset.PatientID, dataset.PatientName = patient, name
    dataset.PatientBirthDate, dataset.PatientSex = "19700101", "O"
    dataset.StudyDate, dataset.StudyTime, dataset.StudyID = "20240229", "101500", study[:16]
    dataset.StudyDescription, dataset.SeriesDescription = study, series
    dataset.AccessionNumber, dataset.ReferringPhysicianName = "A1", ""
    dataset.Modality, dataset.SeriesNumber, dataset.InstanceNumber = modality, 1, number
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.MediaStorageSOPClassUID = UID(sop_class)
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    return dataset


def add_pixels(dataset: Dataset, pixels: np.ndarray[Any, Any], stored: int | None = None) -> Dataset:
    """Return the dataset with these pixels: rows x columns, or frames x rows x columns x 3 for colour."""
    bits = pixels.dtype.itemsize * 8
    colour = pixels.ndim > 2 and pixels.shape[-1] == 3
    shape = pixels.shape[:-1] if colour else pixels.shape
    dataset.Rows, dataset.Columns = shape[-2:]
    if len(shape) == 3:
        dataset.NumberOfFrames = shape[0]
    dataset.SamplesPerPixel = 3 if colour else 1
    dataset.PhotometricInterpretation = "RGB" if colour else "MONOCHROME2"
    if colour:
        dataset.PlanarConfiguration = 0
    dataset.BitsAllocated, dataset.BitsStored = bits, stored or bits
    dataset.HighBit = dataset.BitsStored - 1
    dataset.PixelRepresentation = 1 if pixels.dtype.kind == "i" else 0
    dataset.PixelData = pixels.tobytes()
    dataset["PixelData"].VR = "OW" if bits > 8 else "OB"
    return dataset


def ct(
    number: int = 1, *, patient: str = "CT-1", study: str = "head", series: str = "thin", size: int = 64
) -> Dataset:
    """Return an uncompressed CT slice of 16 bits: a ball whose grey value and place depend on the number."""
    rows, columns = np.mgrid[0:size, 0:size]
    distance = np.hypot(rows - size / 2, columns - size / 2 - number)
    pixels = np.where(distance < size / 3, 1000 + 10 * number + distance, 24).astype("<i2")
    dataset = instance(
        CTImageStorage, patient=patient, study=study, series=series, number=number, modality="CT"
    )
    dataset.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
    dataset.PixelSpacing, dataset.SliceThickness = [0.5, 0.5], 2
    dataset.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    dataset.ImagePositionPatient = [0, 0, 2 * number]
    dataset.RescaleIntercept, dataset.RescaleSlope = -1024, 1
    dataset.WindowCenter, dataset.WindowWidth = 40, 400
    return add_pixels(dataset, pixels)


def mr(number: int = 1, *, patient: str = "MR-1", study: str = "knee", series: str = "t1") -> Dataset:
    """Return an MR slice of 12 bits in 16."""
    rows, columns = np.mgrid[0:32, 0:48]
    pixels = ((rows * 61 + columns * 17 + number * 101) % 4096).astype("<u2")
    dataset = instance(
        MRImageStorage, patient=patient, study=study, series=series, number=number, modality="MR"
    )
    dataset.PixelSpacing, dataset.SliceThickness = [1, 1], 3
    dataset.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    dataset.ImagePositionPatient = [0, 0, 3 * number]
    return add_pixels(dataset, pixels, stored=12)


def ultrasound(frames: int = 3, *, patient: str = "US-1", study: str = "heart", size: int = 32) -> Dataset:
    """Return a colour loop of 8 bits: several frames of a gradient that moves."""
    time, rows, columns = np.mgrid[0:frames, 0:size, 0:size]
    pixels = np.stack([rows * 7, columns * 7, time * 80 + rows + columns], axis=-1).astype("u1")
    dataset = instance(
        UltrasoundMultiFrameImageStorage,
        patient=patient, study=study, series="loop", number=1, modality="US",
    )  # fmt: skip
    dataset.FrameTime = 40
    return add_pixels(dataset, pixels)


def jpeg2000(dataset: Dataset) -> Dataset:
    """Return the same instance under a UID of its own, its pixels compressed with JPEG 2000 without loss."""
    copy = pydicom.dcmread(io.BytesIO(encoded(dataset)))
    copy.compress(JPEG2000Lossless, encoding_plugin="pylibjpeg", generate_instance_uid=False)
    copy.SOPInstanceUID = uid(dataset.SOPInstanceUID, "jpeg2000")
    copy.SeriesInstanceUID = uid(dataset.SeriesInstanceUID, "jpeg2000")
    copy.file_meta.MediaStorageSOPInstanceUID = copy.SOPInstanceUID
    return copy


def encoded(dataset: Dataset) -> bytes:
    """Return the instance as a DICOM file."""
    buffer = io.BytesIO()
    dataset.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()


def decoded(content: bytes) -> Dataset:
    """Return the instance that a DICOM file holds."""
    return pydicom.dcmread(io.BytesIO(content))
