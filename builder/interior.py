"""What was found in an image, whether it is sealed or only in the engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from builder import contents, sealing, sizes
from builder import plan as planning
from builder.contents import Contents
from builder.engine import Engine
from builder.model import Definition
from builder.oci import Layout
from builder.plan import Missing, Part
from builder.saved import saved
from builder.shell import Runner, run
from builder.sizes import Piece

_LABELS = "org.opencontainers.image."


@dataclass(frozen=True)
class Layer:
    """One layer: its name, the bytes of its files that containers see, and (once sealed) those to pull."""

    name: str
    size: int
    files: int
    compressed: int | None


@dataclass(frozen=True)
class Inside:
    """What was found in an image: its labels, components, sizes, and what it lacks."""

    labels: Mapping[str, str]
    parts: tuple[Part, ...]
    missing: tuple[Missing, ...]
    layers: tuple[Layer, ...]
    pieces: tuple[Piece, ...]

    @property
    def size(self) -> int:
        """Return the bytes of all its files."""
        return sum(one.size for one in self.pieces)

    @property
    def revision(self) -> str:
        """Return the commit that it was built from."""
        return self.labels.get(f"{_LABELS}revision", "unknown")

    @property
    def created(self) -> str:
        """Return the time of that commit."""
        return self.labels.get(f"{_LABELS}created", "")


def sealed(definition: Definition, variant: str, layout: Layout) -> Inside:
    """Return what is in the image of `variant` in `layout`."""
    compressed = [int(layer["size"]) for layer in layout.manifest["layers"]]
    return _inside(definition, variant, layout.config, contents.read(layout), compressed)


def held(
    definition: Definition, variant: str, identifier: str, engine: Engine, runner: Runner = run
) -> Inside:
    """Return what is in the image of `variant` that `engine` has under `identifier`.

    Raises:
        ShellError: when it has it no more.
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
    known = variant in definition.variants  # build.toml may have changed since
    lineage = [one.name for one in definition.lineage(variant)] if known else []
    names = sealing.layer_names(lineage, len(compressed))
    parts, missing = planning.listed(found.text(contents.COMPONENTS))
    pieces = sizes.of(found, names, parts, definition)
    layers = [
        Layer(
            name,
            sum(piece.size for piece in pieces if piece.layer == name),
            sum(piece.files for piece in pieces if piece.layer == name),
            bytes_pulled,
        )
        for name, bytes_pulled in zip(names, compressed, strict=True)
    ]
    labels = config["config"].get("Labels") or {}
    return Inside(labels, parts, missing, tuple(layers), tuple(pieces))
