"""The settings of OHIF, checked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from orthanc_images.section import Section

DICOM_WEB, DICOM_JSON = "dicom-web", "dicom-json"

DEFAULT_USER_PART = Path(__file__).with_name("app-config.js")


class OhifOptions(NamedTuple):
    """What `OHIF` and `DicomWeb` say, as far as it matters here.

    `basename` is the path of OHIF as browsers see it, empty for wherever its page lies; `dicom_web` is the
    path of DICOMweb without slashes around it; `user` is the user's JavaScript.
    """

    source: str
    basename: str
    dicom_web: str
    preload: bool
    user: str


def read(configuration: Mapping[str, Any]) -> OhifOptions:
    """Return the options in Orthanc's configuration.

    Raises:
        PluginError: when some are wrong, or the user's file cannot be used.
    """
    section = Section("OHIF", configuration.get("OHIF", {}))
    options = OhifOptions(
        source=section.choice("DataSource", (DICOM_WEB, DICOM_JSON), DICOM_WEB),
        basename=basename(section),
        dicom_web=dicom_web(configuration.get("DicomWeb", {})),
        preload=section.flag("Preload", True),
        user=user_part(section),
    )
    section.check()
    return options


def basename(section: Section) -> str:
    """Return the path of OHIF with a slash at its end; empty when none is given."""
    value = section.text("RouterBasename")
    if value and not re.fullmatch(r"/[\w./~%+-]*", value):
        what = f"{value!r} is not the path of a page"
        section.wrong("RouterBasename", what, "Write it as '/ohif/', or leave it out")
    return value and value.rstrip("/") + "/"


def dicom_web(section: object) -> str:
    """Return the path of DICOMweb from Orthanc's own root, without slashes around it."""
    root = section.get("Root", "/dicom-web/") if isinstance(section, dict) else "/dicom-web/"
    return str(root).strip("/")


def user_part(section: Section) -> str:
    """Return the JavaScript in the user's file, or the default when none is named."""
    name = section.text("UserConfiguration")
    path = Path(name) if name else DEFAULT_USER_PART
    try:
        script = path.read_text(encoding="utf-8")
    except OSError as error:
        what = f"{path} cannot be read: {error.strerror}"
        section.wrong("UserConfiguration", what, "Mount it, and let user 999 or group 0 read it")
        return ""
    except UnicodeDecodeError:
        section.wrong("UserConfiguration", f"{path} is not text in UTF-8", "Save it as such")
        return ""
    if "window.config" not in script:
        what = f"{path} does not set window.config"
        section.wrong("UserConfiguration", what, "Begin it with window.config = { … }")
    return script
