"""Small real DICOM instances, the same bytes on every run."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import (
    MPEG4HP41,
    UID,
    CTImageStorage,
    EncapsulatedPDFStorage,
    ExplicitVRLittleEndian,
    JPEG2000Lossless,
    MRImageStorage,
    UltrasoundMultiFrameImageStorage,
    VideoEndoscopicImageStorage,
)

NAME = "Łukasiewicz^Zoë=山田^太郎"
"""A patient's name that only survives where UTF-8 does."""

CLIP = Path(__file__).with_name("clip.mp4")
"""H.264 in MPEG-4, 64 by 64, two seconds: in each of ten frames, a white bar from the left is a tenth wider.

Made with FFmpeg and x264: -f lavfi -i "color=black:s=64x64:r=5:d=2,format=yuv420p"
-vf "geq=lum='if(lt(X,6.4*(N+1)),235,16)':cb=128:cr=128" -profile:v high -preset veryslow -crf 30 -g 10 -bf 0
-bsf:v filter_units=remove_types=6 -movflags +faststart.
"""

REPORT = b"""%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]/Contents 4 0 R>>endobj
4 0 obj<</Length 25>>stream
1 0 0 rg 0 0 200 100 re f
endstream endobj
trailer<</Root 1 0 R>>
"""
"""A PDF file of one square page whose lower half is red."""


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


def video(sop_class: str = VideoEndoscopicImageStorage, *, patient: str = "ES-1") -> Dataset:
    """Return the clip as an instance, by default of endoscopy."""
    dataset = instance(sop_class, patient=patient, study="endoscopy", series="clip", number=1, modality="ES")
    dataset.Rows = dataset.Columns = 64
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 3, "YBR_PARTIAL_420"
    dataset.PlanarConfiguration, dataset.PixelRepresentation = 0, 0
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = 8, 8, 7
    dataset.NumberOfFrames, dataset.CineRate, dataset.FrameTime = 10, 5, 200
    dataset.LossyImageCompression = "01"
    dataset.PixelData = encapsulate([CLIP.read_bytes()], has_bot=False)
    dataset["PixelData"].VR, dataset["PixelData"].is_undefined_length = "OB", True
    dataset.file_meta.TransferSyntaxUID = MPEG4HP41
    return dataset


def pdf(*, patient: str = "DOC-1") -> Dataset:
    """Return the PDF file as an instance."""
    dataset = instance(
        EncapsulatedPDFStorage, patient=patient, study="report", series="report", number=1, modality="DOC"
    )
    dataset.MIMETypeOfEncapsulatedDocument, dataset.DocumentTitle = "application/pdf", "Report"
    dataset.BurnedInAnnotation, dataset.ConceptNameCodeSequence = "NO", []
    dataset.EncapsulatedDocument = REPORT + b"\0" * (len(REPORT) % 2)
    return dataset


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
