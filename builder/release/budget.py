"""The size that an image may have, by build.toml, and what is big in one that is too big."""

from __future__ import annotations

from collections import Counter

from builder.console import size
from builder.errors import BuildError
from builder.image import contents
from builder.image.contents import Contents
from builder.image.oci import Layout
from builder.spec.model import Definition

BIGGEST = 10
OTHERS = "of no package"

_FOLDERS = ("usr/share/orthanc/viewers/", "usr/lib/orthanc-image/", "opt/")


def check(definition: Definition, variant: str, layout: Layout) -> None:
    """Return when the image keeps to the budget of its variant.

    Raises:
        BuildError: with the biggest parts of it, unpacked.
    """
    allowed = definition.variants[variant].budget * 1_000_000
    taken = sum(int(layer["size"]) for layer in layout.manifest["layers"])
    if not allowed or taken <= allowed:
        return
    parts = Counter(shares(contents.read(layout))).most_common(BIGGEST)
    raise BuildError(
        f"{variant}: takes {size(taken)} compressed, and variants.{variant}.budget is {size(allowed)}",
        details=[f"{name}: {size(count)}" for name, count in parts],
        remedy="Leave something out, or raise the budget in build.toml",
    )


def shares(inside: Contents) -> dict[str, int]:
    """Return the bytes, unpacked, of each Debian package, and of each folder of ours."""
    owners = contents.owners(inside, contents.installed(inside))
    found: Counter[str] = Counter()
    for path, file in inside.files.items():
        found[owners.get(path) or _part(path)] += file.size
    return dict(found)


def _part(path: str) -> str:
    """Return the name of what a file belongs to that no package brought."""
    for folder in _FOLDERS:
        if path.startswith(folder):
            return "/" + "/".join(path.split("/")[: folder.count("/") + 1])
    return OTHERS
