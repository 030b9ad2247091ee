"""The labels of an image by their keys: those of the OCI image specification, and our own.

https://github.com/opencontainers/image-spec/blob/main/annotations.md
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

_STANDARD = "org.opencontainers."
_OWN = "org.orthanc-images."

TITLE = f"{_STANDARD}image.title"
DESCRIPTION = f"{_STANDARD}image.description"
VERSION = f"{_STANDARD}image.version"
REVISION = f"{_STANDARD}image.revision"
CREATED = f"{_STANDARD}image.created"
SOURCE = f"{_STANDARD}image.source"
URL = f"{_STANDARD}image.url"
DOCUMENTATION = f"{_STANDARD}image.documentation"
LICENCES = f"{_STANDARD}image.licenses"
BASE_NAME = f"{_STANDARD}image.base.name"
REFERENCE = f"{_STANDARD}image.ref.name"
"""An annotation only: the tag of an image in a layout."""

DEBIAN = f"{_OWN}debian"
VARIANT = f"{_OWN}variant"
COMPONENTS = f"{_OWN}components"
MISSING = f"{_OWN}missing"


def standard(labels: Mapping[str, str]) -> dict[str, str]:
    """Return those of `labels` that are annotations of the manifest and the index too: the standard ones."""
    return {key: value for key, value in labels.items() if key.startswith(_STANDARD)}


def components(versions: Iterable[tuple[str, str]]) -> str:
    """Return the value of COMPONENTS for components with their versions: `orthanc=1.13.0 full=forky@2026`."""
    return " ".join(f"{name}={version}".replace(" ", "@") for name, version in versions)
