"""The image that a document is about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from builder.image.oci import Layout
from builder.sources.item import purl
from builder.spec.labels import REVISION
from builder.spec.model import PLATFORMS, Definition


@dataclass(frozen=True)
class Subject:
    """One image: its name, version (with the suffix of the variant), platform and digest, and its source."""

    name: str
    variant: str
    version: str
    platform: str
    digest: str
    created: str
    revision: str
    source: str
    licences: str
    tool: str

    @property
    def purl(self) -> str:
        """Return its package URL."""
        return purl("oci", self.name, self.digest, arch=PLATFORMS[self.platform], tag=self.version)


def of(definition: Definition, variant: str, platform: str, layout: Layout) -> Subject:
    """Return the subject for the image in `layout`, whose time and revision it has."""
    config = layout.config
    labels: Mapping[str, str] = config["config"].get("Labels", {})
    return Subject(
        name=definition.name,
        variant=variant,
        version=f"{definition.version}{definition.variants[variant].suffix}",
        platform=platform,
        digest=layout.digest,
        created=config["created"],
        revision=labels.get(REVISION, "unknown"),
        source=definition.source,
        licences=definition.licences,
        tool=f"orthanc-images-{definition.version}",
    )
