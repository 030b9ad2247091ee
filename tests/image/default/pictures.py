"""Images of every kind for the tests of pixels, and how they are read without Orthanc."""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pydicom
from pydicom.dataset import Dataset
from pydicom.pixels.utils import pack_bits
from pydicom.uid import (
    ParametricMapStorage,
    SecondaryCaptureImageStorage,
    SegmentationStorage,
)

from harness import dicom

NATIVE = {
    "implicit": "1.2.840.10008.1.2",
    "explicit": "1.2.840.10008.1.2.1",
    "deflated": "1.2.840.10008.1.2.1.99",
    "big-endian": "1.2.840.10008.1.2.2",
}
LOSSLESS = {
    **NATIVE,
    "jpeg-lossless": "1.2.840.10008.1.2.4.57",
    "jpeg-lossless-first": "1.2.840.10008.1.2.4.70",
    "jpeg-ls": "1.2.840.10008.1.2.4.80",
    "jpeg-2000": "1.2.840.10008.1.2.4.90",
    "htj2k": "1.2.840.10008.1.2.4.201",
    "htj2k-by-resolution": "1.2.840.10008.1.2.4.202",
    "rle": "1.2.840.10008.1.2.5",
}
LOSSY = {
    "jpeg-baseline": "1.2.840.10008.1.2.4.50",
    "jpeg-extended": "1.2.840.10008.1.2.4.51",
    "jpeg-ls-near": "1.2.840.10008.1.2.4.81",
    "jpeg-2000-lossy": "1.2.840.10008.1.2.4.91",
    "htj2k-lossy": "1.2.840.10008.1.2.4.203",
}
RESTING = {
    "jpeg-2000-part-2-lossless": "1.2.840.10008.1.2.4.92",
    "jpeg-2000-part-2": "1.2.840.10008.1.2.4.93",
    "mpeg-4": "1.2.840.10008.1.2.4.102",
}
"""Which nothing here writes."""


def secondary(name: str, sop_class: str = SecondaryCaptureImageStorage) -> Dataset:
    """Return a secondary capture of this name, without pixels."""
    return dicom.instance(sop_class, patient=name, study="pixels", series="one", number=1, modality="OT")


def values(shape: tuple[int, ...], dtype: str, stored: int) -> np.ndarray[Any, Any]:
    """Return a ramp with noise over all values of so many bits, the least and the greatest among them."""
    dice = np.random.default_rng(sum(shape) + stored)
    count = int(np.prod(shape))
    low = -(1 << (stored - 1)) if dtype[-2] == "i" else 0
    ramp = low + np.linspace(0, (1 << stored) - 1, count).astype("i8")
    noisy = np.clip(ramp + dice.integers(-3, 4, count), low, low + (1 << stored) - 1)
    noisy[0], noisy[-1] = low, low + (1 << stored) - 1
    return noisy.reshape(shape).astype(dtype)


def grey(name: str, dtype: str, stored: int, rows: int = 19, columns: int = 23, frames: int = 0) -> Dataset:
    """Return an image of grey, with frames where there are any."""
    shape = (frames, rows, columns) if frames else (rows, columns)
    return dicom.add_pixels(secondary(name), values(shape, dtype, stored), stored)


def colour(name: str, dtype: str, stored: int, size: int = 17, frames: int = 0, planar: int = 0) -> Dataset:
    """Return a colour image, by pixel or by plane."""
    shape = (frames, size, size, 3) if frames else (size, size, 3)
    pixels = values(shape, dtype, stored)
    dataset = dicom.add_pixels(secondary(name), pixels, stored)
    dataset.PlanarConfiguration = planar
    if planar:
        dataset.PixelData = even(np.moveaxis(pixels, -1, -3).tobytes())
    return dataset


def even(content: bytes) -> bytes:
    """Return the bytes with one for padding where their number is odd."""
    return content + b"\0" * (len(content) % 2)


def bits(name: str, size: int, frames: int) -> Dataset:
    """Return a segmentation of one bit, whose frames need not end with a byte."""
    pixels = (np.random.default_rng(size).random((frames, size, size)) < 0.4).astype("u1")
    dataset = secondary(name, SegmentationStorage)
    dataset.Rows = dataset.Columns = size
    dataset.NumberOfFrames = frames
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    dataset.BitsAllocated = dataset.BitsStored = 1
    dataset.HighBit = dataset.PixelRepresentation = 0
    dataset.PixelData = pack_bits(pixels.ravel())
    dataset["PixelData"].VR = "OB"
    return dataset


def floats(name: str, frames: int) -> Dataset:
    """Return a parametric map."""
    dataset = secondary(name, ParametricMapStorage)
    pixels = np.random.default_rng(frames).normal(size=(frames, 9, 7)).astype("<f4")
    dataset.Rows, dataset.Columns, dataset.NumberOfFrames = 9, 7, frames
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    dataset.BitsAllocated = 32
    dataset.FloatPixelData = pixels.tobytes()
    return dataset


def palette(name: str) -> Dataset:
    """Return an image of 8 bits whose values are colours of a table."""
    dataset = grey(name, "u1", 8)
    dataset.PhotometricInterpretation = "PALETTE COLOR"
    for number, word in enumerate(("Red", "Green", "Blue")):
        setattr(dataset, f"{word}PaletteColorLookupTableDescriptor", [256, 0, 16])
        table = ((np.arange(256) * (number + 3)) % 256 * 257).astype("<u2")
        setattr(dataset, f"{word}PaletteColorLookupTableData", table.tobytes())
    return dataset


KINDS: dict[str, Callable[[], Dataset]] = {
    "8 bits": lambda: grey("8", "u1", 8),
    "8 bits with sign": lambda: grey("8s", "|i1", 8),
    "5 of 8 bits, odd": lambda: grey("5", "u1", 5, rows=3, columns=3),
    "12 of 16 bits": lambda: grey("12", "<u2", 12, frames=2),
    "12 of 16 bits with sign": lambda: grey("12s", "<i2", 12),
    "16 bits": lambda: grey("16", "<u2", 16),
    "16 bits with sign": lambda: grey("16s", "<i2", 16, frames=3),
    "one pixel": lambda: grey("1x1", "<u2", 16, rows=1, columns=1),
    "a row": lambda: grey("1x40", "u1", 8, rows=1, columns=40),
    "32 bits": lambda: grey("32", "<u4", 32, frames=2),
    "colour": lambda: colour("rgb", "u1", 8, frames=2),
    "colour of 3 by 3": lambda: colour("rgb3", "u1", 8, size=3),
    "colour by plane": lambda: colour("planes", "u1", 8, size=9, frames=2, planar=1),
    "colour of 16 bits": lambda: colour("rgb16", "<u2", 16),
    "palette": lambda: palette("palette"),
    "1 bit": lambda: bits("bits", 13, 5),
    "numbers": lambda: floats("floats", 2),
}


def reading(content: bytes) -> Dataset:
    """Return the instance; what pydicom finds odd about it is expected."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pydicom.dcmread(io.BytesIO(content))


def pixels_of(content: bytes) -> np.ndarray[Any, Any]:
    """Return the pixels as they are stored: no colours are converted, but planes are put together."""
    dataset = reading(content)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        dataset.pixel_array_options(raw=True)
        return dataset.pixel_array
