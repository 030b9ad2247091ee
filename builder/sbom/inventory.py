"""What an image is made of: each package, wheel, library and file, with version, hash and licence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from builder.image.contents import COMPONENTS, LISTS, Contents, File, installed, owners
from builder.sources import providers
from builder.sources.item import Item
from builder.sources.provider import Held, Listing
from builder.spec.model import Definition
from builder.spec.planning import Plan


@dataclass(frozen=True)
class Inventory:
    """Everything in one image, and the files that belong to no Debian package."""

    items: tuple[Item, ...]
    files: Mapping[str, File]


def of(plan: Plan, variant: str, definition: Definition, contents: Contents, held: Held) -> Inventory:
    """Return the inventory of the image of `variant`; `held` returns the locked files by digest."""
    listing = Listing(plan, variant, definition, contents, held)
    items = [item for provider in providers.every() for item in provider.items(listing)]
    brought = owners(contents, installed(contents))
    kept = {
        path: file
        for path, file in sorted(contents.files.items())
        if path not in brought and not path.startswith(LISTS) and path != COMPONENTS
    }
    unique = {one.purl: one for one in reversed(items)}  # of two, the one nearer to the image
    return Inventory(tuple(sorted(unique.values(), key=lambda one: (one.provider, one.name, one.purl))), kept)
