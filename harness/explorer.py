"""What the tests of the pages share: studies, a window that must not fail, and what axe finds in it."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pydicom

from builder.testing import pages
from harness import browser, viewers
from harness.browser import Browser
from harness.containers import Orthanc
from services.running import Service

ROOT = Path(__file__).resolve().parents[1]

ORIGIN = "http://orthanc:8042"

DESKTOP, PHONE = (1280, 800), (390, 844)

NAMES = ("Doe^Jane", "Yamada^Tarou=山田^太郎", "Müller^Jürgen", "Иванов^Иван")

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


def study(orthanc: Orthanc, name: str, number: int, patient: str = "") -> str:
    """Upload a study of one CT slice of a patient, and return its Orthanc identifier."""
    dataset = pydicom.dcmread(viewers.path())
    dataset.SpecificCharacterSet = "ISO_IR 192"
    dataset.PatientName, dataset.PatientID = name, patient or f"P{number}"
    dataset.StudyDate, dataset.StudyDescription = f"2026010{number % 9 + 1}", f"Study {number}"
    dataset.AccessionNumber = f"A{number}"
    for keyword in ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID"):
        dataset[keyword].value = f"{dataset[keyword].value[:40].rstrip('.')}.{number + 1}"
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    with io.BytesIO() as file:
        pydicom.dcmwrite(file, dataset, enforce_file_format=True)
        return str(orthanc.upload(file.getvalue())["ParentStudy"])


@contextmanager
def opened(
    chromium: Service, size: tuple[int, int] = DESKTOP, origin: str = ORIGIN, *, dark: bool = False
) -> Iterator[Browser]:
    """Yield a signed-in window of this size; nothing may have failed or gone elsewhere at its end."""
    with viewers.signed_in(chromium, origin) as window:
        window.look(size, dark=dark)
        yield window
        assert browser.wrong(window.requests(), origin) == []
        assert "SEVERE" not in window.said()


def text(window: Browser) -> str:
    """Return what the page says."""
    return str(window.run("return document.body.innerText"))


def shows(window: Browser, words: str) -> None:
    """Wait until the page says these words."""
    window.until(lambda: words in text(window), f"the words {words}")


def findings(window: Browser) -> list[str]:
    """Return what axe finds against WCAG 2.2 AA in the page that is open."""
    if not window.run("return 'axe' in window"):
        modules = pages.prepare(ROOT, os.environ)
        window.run((modules / "axe-core/axe.min.js").read_text(encoding="utf-8"))
    script = "const done = arguments[1]; axe.run({runOnly: arguments[0]}).then((all) => done(all.violations))"
    found = window.driver.execute_async_script(script, RULES)
    return [f"{one['id']}: {node['html'][:160]}" for one in found for node in one["nodes"]]
