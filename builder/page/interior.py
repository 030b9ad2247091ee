"""The contents of an image, whether it is exported or only in the engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from builder.engine.installation import Engine
from builder.engine.saved import saved
from builder.image import contents, sizes
from builder.image.contents import Contents
from builder.image.oci import Layout
from builder.image.sizes import Piece
from builder.release import export
from builder.shell import Runner, run
from builder.spec import planning
from builder.spec.labels import CREATED, REVISION
from builder.spec.model import Definition
from builder.spec.planning import Missing, Part


@dataclass(frozen=True)
class LayerSummary:
    """One layer: its name, the size of its visible files, and (once exported) the size to pull, in bytes."""

    name: str
    size: int
    files: int
    compressed: int | None


@dataclass(frozen=True)
class Inside:
    """The contents of an image: its labels, components and sizes, and the components that it lacks."""

    labels: Mapping[str, str]
    parts: tuple[Part, ...]
    missing: tuple[Missing, ...]
    layers: tuple[LayerSummary, ...]
    pieces: tuple[Piece, ...]

    @property
    def size(self) -> int:
        """Return the size of all its files, in bytes."""
        return sum(one.size for one in self.pieces)

    @property
    def revision(self) -> str:
        """Return the commit that it was built from."""
        return self.labels.get(REVISION, "unknown")

    @property
    def created(self) -> str:
        """Return the time of that commit."""
        return self.labels.get(CREATED, "")


def exported(definition: Definition, variant: str, layout: Layout) -> Inside:
    """Return the contents of the image of `variant` in `layout`."""
    compressed = [int(layer["size"]) for layer in layout.manifest["layers"]]
    return _inside(definition, variant, layout.config, contents.read(layout), compressed)


def held(
    definition: Definition, variant: str, identifier: str, engine: Engine, runner: Runner = run
) -> Inside:
    """Return the contents of the image of `variant` that `engine` has under `identifier`.

    Raises:
        ShellError: when the engine no longer has it.
    """
    with saved(engine, identifier, runner=runner) as kept:
        inside = contents.unpacked(kept.opened(name) for name in kept.layers)
        return _inside(definition, variant, kept.config, inside, [None] * len(kept.layers))


def _inside(
    definition: Definition,
    variant: str,
    config: Mapping[str, Any],
    found: Contents,
    compressed: Sequence[int | None],
) -> Inside:
    parts, missing = planning.listed(found.text(contents.COMPONENTS))
    names = export.layer_names(definition, variant, parts, len(compressed))
    pieces = sizes.of(found, names, parts, definition)
    layers = [
        LayerSummary(
            name,
            sum(piece.size for piece in pieces if piece.layer == name),
            sum(piece.files for piece in pieces if piece.layer == name),
            bytes_pulled,
        )
        for name, bytes_pulled in zip(names, compressed, strict=True)
    ]
    labels = config["config"].get("Labels") or {}
    return Inside(labels, parts, missing, tuple(layers), tuple(pieces))
