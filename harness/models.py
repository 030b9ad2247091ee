"""3D models: shapes as RT-STRUCT and as NIfTI, and meshes as others make and measure them."""

from __future__ import annotations

import io
import struct
from collections.abc import Mapping, Sequence
from typing import Any, cast

import numpy as np
import pydicom
import skimage.draw
import skimage.measure
import trimesh
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ImplicitVRLittleEndian

from harness import dicom
from harness.containers import Orthanc

Outline = Sequence[tuple[float, float]]
"""The corners of a polygon in a slice, in millimetres."""

Slices = Sequence[tuple[float, Sequence[Outline]]]
"""Heights, with the outlines there; one within another is a hole."""

RT_STRUCT = "1.2.840.10008.5.1.4.1.1.481.3"

SPACING = 2.0
"""The distance of the slices of a shape."""


def circle(radius: float, corners: int = 180) -> Outline:
    """Return a circle around the origin."""
    angles = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    return [(float(radius * np.cos(one)), float(radius * np.sin(one))) for one in angles]


def ball(radius: float) -> Slices:
    """Return the slices of a ball."""
    heights = np.arange(-radius + SPACING / 2, radius, SPACING)
    return [(float(z), [circle(float(np.sqrt(radius**2 - z**2)))]) for z in heights]


def torus(ring: float, tube: float) -> Slices:
    """Return the slices of a torus, which have a hole."""
    heights = np.arange(-tube + SPACING / 2, tube, SPACING)
    widths = [(float(z), float(np.sqrt(tube**2 - z**2))) for z in heights]
    return [(z, [circle(ring + width), circle(ring - width)]) for z, width in widths]


def area(outline: Outline) -> float:
    """Return what a polygon encloses."""
    x, y = np.array(outline).T
    return float(abs(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1))) / 2)


def volume(slices: Slices, spacing: float = SPACING) -> float:
    """Return what slices enclose, each as high as they are apart: the largest outline, without its holes."""
    total = 0.0
    for _, outlines in slices:
        areas = sorted(map(area, outlines))
        total += areas[-1] - sum(areas[:-1])
    return total * spacing


def contour(outline: Outline, height: float, image: str = "") -> Dataset:
    """Return a contour of an RT-STRUCT."""
    made = Dataset()
    made.ContourGeometricType = "CLOSED_PLANAR"
    made.NumberOfContourPoints = len(outline)
    made.ContourData = [f"{one:.3f}" for x, y in outline for one in (x, y, height)]
    if image:
        referenced = Dataset()
        referenced.ReferencedSOPClassUID = CTImageStorage
        referenced.ReferencedSOPInstanceUID = image
        made.ContourImageSequence = [referenced]
    return made


def structures(regions: Mapping[str, Slices], image: str = "") -> Dataset:
    """Return an RT-STRUCT with these regions, in the study of the CT slices of `dicom`."""
    made = dicom.instance(
        RT_STRUCT, patient="CT-1", study="head", series="Contours", number=1, modality="RTSTRUCT"
    )
    made.StructureSetLabel = "shapes"
    made.StructureSetROISequence, made.ROIContourSequence = [], []
    for number, (name, slices) in enumerate(regions.items(), 1):
        region, drawn = Dataset(), Dataset()
        region.ROINumber, region.ROIName = number, name
        region.ReferencedFrameOfReferenceUID = made.FrameOfReferenceUID
        region.ROIGenerationAlgorithm = ""
        drawn.ReferencedROINumber, drawn.ROIDisplayColor = number, [255, 64, 0]
        drawn.ContourSequence = [
            contour(one, height, image) for height, outlines in slices for one in outlines
        ]
        made.StructureSetROISequence.append(region)
        made.ROIContourSequence.append(drawn)
    return made


def real_structures() -> tuple[bytes, Slices]:
    """Return the RT-STRUCT that pydicom has among its test data, and the slices of its region "patient"."""
    found = pydicom.dcmread(str(get_testdata_file("rtstruct.dcm")), force=True)
    slices = []
    for one in found.ROIContourSequence[0].ContourSequence:
        points = np.array([float(each) for each in one.ContourData]).reshape(-1, 3)
        slices.append((float(points[0, 2]), [[(float(x), float(y)) for x, y, _ in points]]))
    # It is a dataset alone, as few servers take it.
    found.file_meta = FileMetaDataset()
    found.file_meta.MediaStorageSOPClassUID = found.SOPClassUID
    found.file_meta.MediaStorageSOPInstanceUID = found.SOPInstanceUID
    found.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian
    content = io.BytesIO()
    pydicom.dcmwrite(content, found, enforce_file_format=True)
    return content.getvalue(), slices


def nifti(voxels: np.ndarray[Any, Any], spacing: tuple[float, float, float] = (1, 1, 1)) -> bytes:
    """Return the bytes of a NIfTI file with these voxels of 8 bits, by planes, rows and columns."""
    header = bytearray(352)
    planes, rows, columns = voxels.shape
    struct.pack_into("<i", header, 0, 348)
    struct.pack_into("<8h", header, 40, 3, columns, rows, planes, 1, 1, 1, 1)
    struct.pack_into("<2h", header, 70, 2, 8)
    struct.pack_into("<4f", header, 76, 1, *spacing)
    struct.pack_into("<f", header, 108, 352)
    header[344:347] = b"n+1"
    return bytes(header) + voxels.astype(np.uint8).tobytes()


def model(orthanc: Orthanc, instance: str) -> trimesh.Trimesh:
    """Return the model of an instance, as trimesh reads it."""
    answer = orthanc.get(f"/instances/{instance}/stl")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "model/stl")
    return mesh(answer.content)


def mesh(stl: bytes) -> trimesh.Trimesh:
    """Return the mesh in a file, whose equal points are one."""
    return cast("trimesh.Trimesh", trimesh.load(io.BytesIO(stl), file_type="stl"))


def filled(outline: Outline, size: int) -> np.ndarray[Any, Any]:
    """Return a square of this many millimetres around the origin, in which a polygon is filled."""
    corners = np.array(outline) + size / 2 - 0.5
    mask: np.ndarray[Any, Any] = skimage.draw.polygon2mask((size, size), corners)  # type: ignore[no-untyped-call]
    return mask


def independent(voxels: np.ndarray[Any, Any], spacing: tuple[float, float, float]) -> float:
    """Return the volume of the mesh that scikit-image makes of voxels of 0 and 1."""
    padded = np.pad(voxels.astype(float), 1)
    made = skimage.measure.marching_cubes(padded, 0.5, spacing=spacing)  # type: ignore[no-untyped-call]
    points, faces = made[:2]
    return abs(float(trimesh.Trimesh(points, faces).volume))
