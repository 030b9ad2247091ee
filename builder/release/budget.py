"""The size that an image may have, by build.toml, and what is big in one that is too big."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from builder.console import size
from builder.errors import BuildError
from builder.image import contents, sizes
from builder.image.oci import Layout
from builder.spec.model import Definition
from builder.spec.planning import Part

BIGGEST = 10


def check(
    definition: Definition, variant: str, layout: Layout, names: Sequence[str], parts: Iterable[Part]
) -> None:
    """Return when the image keeps to the budget of its variant, without its layers of precompiled plugins.

    How big those are is nothing that this repository decides, and whether they are there depends on what
    could be reached. `names` are those of the layers of the image, and `parts` the components in it.

    Raises:
        BuildError: with the biggest packages and folders in it, unpacked.
    """
    allowed = definition.variants[variant].budget * 1_000_000
    layers = zip(names, layout.manifest["layers"], strict=True)
    taken = sum(int(layer["size"]) for name, layer in layers if not name.endswith(sizes.PRECOMPILED))
    if not allowed or taken <= allowed:
        return
    held: Counter[str] = Counter()
    for piece in sizes.of(contents.read(layout), names, parts, definition):
        if not piece.layer.endswith(sizes.PRECOMPILED):
            held[piece.name] += piece.size
    raise BuildError(
        f"{variant}: takes {size(taken)} compressed, and variants.{variant}.budget is {size(allowed)}",
        details=[f"{name}: {size(count)}" for name, count in held.most_common(BIGGEST)],
        remedy="Remove something, or raise the budget in build.toml",
    )
