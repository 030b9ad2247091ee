"""What the tests of the viewers share: a study of real DICOM, and a browser that is signed in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
from pydicom.data import get_testdata_file

from harness import browser
from harness.browser import Browser
from harness.containers import LOGIN, Orthanc
from services.running import Service

FILE = "CT_small.dcm"
"""A slice of a real CT of a spine, 128 by 128, which pydicom has among its test data."""

OUT = Path(__file__).resolve().parents[1] / "out/screenshots"

ALIKE = 0.9
"""The least likeness of what is drawn and the file; text on the image takes a little from one."""


def path() -> str:
    """Return the path of the file."""
    return str(get_testdata_file(FILE))


def pixels() -> np.ndarray[Any, Any]:
    """Return the pixels of the file."""
    return pydicom.dcmread(path()).pixel_array


def study_uid() -> str:
    """Return the StudyInstanceUID of the file."""
    return str(pydicom.dcmread(path()).StudyInstanceUID)


def uploaded(orthanc: Orthanc) -> str:
    """Return the Orthanc identifier of the study, after its upload."""
    return str(orthanc.upload(Path(path()).read_bytes())["ParentStudy"])


@contextmanager
def signed_in(chromium: Service, origin: str) -> Iterator[Browser]:
    """Yield a window that has given user and password to the origin, as a person does once."""
    with browser.browser(chromium.url, origin) as window:
        window.driver.get(origin.replace("://", f"://{':'.join(LOGIN)}@") + "/system")
        window.requests()
        yield window


def drawn(window: Browser) -> None:
    """Wait until a view shows the image of the file."""
    image = pixels()
    window.until(
        lambda: max((browser.likeness(one, image) for one in window.canvases()), default=-1.0) > ALIKE,
        "a view shows the image",
    )


def kept(window: Browser, name: str) -> None:
    """Keep what the window shows, for people."""
    OUT.mkdir(parents=True, exist_ok=True)
    (OUT / f"{name}.png").write_bytes(window.screenshot())
