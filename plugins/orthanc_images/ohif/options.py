"""The settings of OHIF, checked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from orthanc_images.errors import PluginError

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
        PluginError: when one is wrong, or the user's file cannot be used.
    """
    section = configuration.get("OHIF", {})
    if not isinstance(section, dict):
        raise PluginError('OHIF: is no object. Write it as "OHIF": {}.')
    source, preload = section.get("DataSource", DICOM_WEB), section.get("Preload", True)
    if source not in (DICOM_WEB, DICOM_JSON):
        raise PluginError(f"OHIF.DataSource: {source!r} is not known. Write {DICOM_WEB!r} or {DICOM_JSON!r}.")
    if not isinstance(preload, bool):
        raise PluginError(f"OHIF.Preload: {preload!r} is neither true nor false. Write true or false.")
    return OhifOptions(
        source=source,
        basename=basename(section.get("RouterBasename", "")),
        dicom_web=dicom_web(configuration.get("DicomWeb", {})),
        preload=preload,
        user=user_part(section.get("UserConfiguration", "")),
    )


def basename(value: object) -> str:
    """Return the path of OHIF with a slash at its end; empty when none is given."""
    if value == "":
        return ""
    if not isinstance(value, str) or not re.fullmatch(r"/[\w./~%+-]*", value):
        what = f"OHIF.RouterBasename: {value!r} is no path as browsers see it"
        raise PluginError(f"{what}. Write it as '/ohif/', or leave it out.")
    return value.rstrip("/") + "/"


def dicom_web(section: object) -> str:
    """Return the path of DICOMweb from Orthanc's own root, without slashes around it."""
    root = section.get("Root", "/dicom-web/") if isinstance(section, dict) else "/dicom-web/"
    return str(root).strip("/")


def user_part(value: object) -> str:
    """Return the JavaScript in the user's file, or ours when none is named."""
    if not isinstance(value, str):
        raise PluginError("OHIF.UserConfiguration: is no text. Name a file of JavaScript.")
    path = Path(value) if value else DEFAULT_USER_PART
    try:
        script = path.read_text(encoding="utf-8")
    except OSError as error:
        what = f"OHIF.UserConfiguration: {path} cannot be read: {error.strerror}"
        raise PluginError(f"{what}. Mount it, and let user 999 or group 0 read it.") from error
    except UnicodeDecodeError as error:
        raise PluginError(f"OHIF.UserConfiguration: {path} is no text in UTF-8. Save it as such.") from error
    if "window.config" not in script:
        what = f"OHIF.UserConfiguration: {path} sets no window.config"
        raise PluginError(f"{what}. Begin it with: window.config = {{ … }};")
    return script
