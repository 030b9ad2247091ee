"""Proving that a build is reproducible: two builds from scratch, in two folders, compared bit by bit."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from builder.build import pipeline, session
from builder.build.pipeline import OUT, BuildOptions
from builder.build.session import Session
from builder.checkout.tree import copied
from builder.console import Console
from builder.errors import BuildError
from builder.image import differences
from builder.image.oci import Layout
from builder.release import export
from builder.release.export import Memory
from builder.spec.model import Definition
from builder.spec.planning import Plan

KEPT = OUT / "reproducible"


def command(
    root: Path, options: BuildOptions, environment: Mapping[str, str], console: Console
) -> dict[str, str]:
    """Build what `options` asks for twice, without cached layers; return the digest of each variant.

    The second build runs in a copy of the repository whose files only their owner may read. Afterwards the
    names of the images in the engine belong to the second build.

    Raises:
        BuildError: with each file in each layer that differs.
    """
    here = session.opened(root, environment, console, yes=options.yes)
    plan = pipeline.planned(here, options)
    moment = export.epoch(plan.commit.seconds, environment)
    with tempfile.TemporaryDirectory() as place:
        copy = _elsewhere(root, Path(place) / "copy", here.definition)
        pairs = [
            _built(replace(here, root=tree), plan, root / KEPT / str(number), moment, options)
            for number, tree in enumerate((root, copy), 1)
        ]
    return compared(*pairs)


def compared(first: Mapping[str, Layout], second: Mapping[str, Layout]) -> dict[str, str]:
    """Return the digest of each variant; raises BuildError with the differences when there are any."""
    found = [
        f"{variant}: {line}"
        for variant, layout in first.items()
        for line in differences.between(layout, second[variant])
    ]
    if found:
        raise BuildError(
            "verify-reproducible: two builds of the same commit differ",
            details=found,
            remedy=f"Both are below {KEPT}; find which step depends on the time, the folder or chance",
        )
    return {variant: layout.digest for variant, layout in first.items()}


def _elsewhere(root: Path, target: Path, definition: Definition) -> Path:
    copied(root, target, definition.name)
    # Another umask must not change an image: some clones are private to their owner.
    for path in [target, *target.rglob("*")]:
        if not path.is_symlink():
            path.chmod(path.stat().st_mode & 0o700)
    return target


def _built(here: Session, plan: Plan, target: Path, moment: int, options: BuildOptions) -> dict[str, Layout]:
    """Build `plan` from the files of the lock alone, and return the layout of each variant."""
    memory: Memory = {}
    with (
        pipeline.alone(here.root / OUT, here.console.say),
        tempfile.TemporaryDirectory() as tools,
        here.console.stage(f"build {target.name} of 2"),
    ):
        pipeline.lay_out(plan, here.store, here.root, Path(tools))
        built = pipeline.images(here, plan, options=replace(options, fresh=True).options)
        return {
            one.variant: export.written_layout(
                here, plan, one, target / f"{one.variant}-{plan.architecture}", moment, memory
            )
            for one in built
        }
