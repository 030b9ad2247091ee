"""The settings of Tcia, checked, with those of Orthanc for its calls of other servers."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from orthanc_images.section import Section

ARCHIVE = "https://nbia.cancerimagingarchive.net/nbia-api/services/v4"

PATIENCE = 60
"""Seconds that one wait for the archive may take when Orthanc's HttpTimeout says nothing, as for Orthanc."""


class TciaOptions(NamedTuple):
    """Where the archive is, and how it is reached.

    `base` has no slash at its end; `proxy` is empty for the one that the environment names; `folder` is where
    archives wait until they are imported, empty for the system's folder for such files.
    """

    enabled: bool
    base: str
    proxy: str
    trust: ssl.SSLContext
    patience: int
    folder: str


def read(configuration: Mapping[str, Any]) -> TciaOptions:
    """Return the options in Orthanc's configuration.

    Raises:
        PluginError: when some are wrong.
    """
    section = Section("Tcia", configuration.get("Tcia", {}))
    whole = Section("", configuration, section.problems)
    options = TciaOptions(
        enabled=section.flag("Enable", False),
        base=base(section),
        proxy=whole.text("HttpProxy"),
        trust=trust(whole),
        patience=whole.number("HttpTimeout", PATIENCE, least=0) or PATIENCE,
        folder=whole.text("TemporaryDirectory"),
    )
    section.check()
    return options


def base(section: Section) -> str:
    """Return the address of the archive, without slashes at its end."""
    value = section.text("BaseUrl", ARCHIVE).rstrip("/")
    try:
        parts = urlsplit(value)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if not good or parts.query or parts.fragment:
        what = f"{value!r} is not the address of an archive"
        section.wrong("BaseUrl", what, f"Write it as '{ARCHIVE}', or leave it out")
    return value


def trust(whole: Section) -> ssl.SSLContext:
    """Return which certificates of servers are good, as Orthanc's own settings say."""
    file, verify = whole.text("HttpsCACertificates"), whole.flag("HttpsVerifyPeers", True)
    context = ssl.create_default_context()
    if file:
        try:
            context = ssl.create_default_context(cafile=file)
        except (OSError, ssl.SSLError) as error:
            what = f"{file} cannot be read as certificates: {error.strerror or error}"
            whole.wrong("HttpsCACertificates", what, "Name a file in PEM format")
    if not verify:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context
