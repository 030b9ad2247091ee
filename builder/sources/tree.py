"""What this repository holds: start-up code, probes, plugins and patches, which no lock has to pin."""

from __future__ import annotations

from collections.abc import Iterator

from builder.sources.item import Item, Licence, purl
from builder.sources.provider import Listing, Provider
from builder.spec.labels import REVISION
from builder.spec.model import Definition
from builder.spec.planning import Part

OWNER = "orthanc-images"


class TreeProvider(Provider):
    """The repository itself: its files are contexts of the build as they are."""

    name = "tree"

    def items(self, listing: Listing) -> Iterator[Item]:
        """Yield each component of this repository that is in the image, with its place in it."""
        definition, image = listing.definition, listing.plan.image(listing.variant)
        source = f"git+{definition.source}@{image.labels[REVISION]}"
        for part in image.parts:
            if part.provider == self.name:
                yield self._item(part, definition, source)

    def _item(self, part: Part, definition: Definition, source: str) -> Item:
        component = definition.components[part.name]
        return Item(
            self.name,
            part.name,
            part.version,
            purl("generic", part.name, part.version, OWNER, vcs_url=source),
            part.hash,
            Licence(definition.licences.split(" AND ", maxsplit=1)[0]),
            component.summary,
            f"Organization: {OWNER}",
            definition.source,
            facts={"files": " ".join(component.files), "component": part.name},
            kind="application",
        )


PROVIDER: Provider = TreeProvider()
