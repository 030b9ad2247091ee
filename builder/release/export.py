"""Export: from an image in the engine to an OCI layout whose digest is the same in every run and machine."""

from __future__ import annotations

import json
import shutil
import tarfile
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from builder.build import pipeline, session, times
from builder.build.pipeline import OUT, BuildOptions, Built, Outcome
from builder.build.session import Session
from builder.console import Clock, Console, size
from builder.engine.saved import Saved, saved
from builder.errors import BuildError, writing
from builder.image import layers, sizes
from builder.image.layers import ImageLayer
from builder.image.oci import CONFIG, MANIFEST, Layout, emptied, encoded, manifest_of, platform_of
from builder.release import budget
from builder.sbom import lists, provenance, subject
from builder.spec.component import PROVIDERS
from builder.spec.labels import REFERENCE, standard
from builder.spec.model import BASE, PLATFORMS, Definition
from builder.spec.planning import Part, Plan
from builder.testing.checks import Verdict

RELEASE = OUT / "release"
TESTED = "tested.json"
TIME = "%Y-%m-%dT%H:%M:%SZ"

_PROCESS = ("Cmd", "Entrypoint", "Env", "Healthcheck", "StopSignal", "User", "WorkingDir")
_KEYS = (*_PROCESS, "ExposedPorts", "Labels", "Volumes")

Memory = dict[str, tuple[ImageLayer, Path]]
"""Layers written so far, by their digest in the engine, with the folder of their blob."""


@dataclass(frozen=True)
class ExportedImage:
    """One image as it is released: its OCI layout, and its names and identifier in the engine."""

    built: Built
    layout: Layout
    digest: str
    compressed: int
    """The size of the layers in bytes, as they are pulled."""


def place(root: Path, variant: str, platform: str) -> Path:
    """Return the folder for everything that the release of one image needs."""
    return root / RELEASE / f"{variant}-{PLATFORMS[platform]}"


def command(
    root: Path,
    options: BuildOptions,
    environment: Mapping[str, str],
    console: Console,
    compressor: str = layers.GZIP,
) -> list[ExportedImage]:
    """Build what `options` asks for, export it, and report on it; the engine then holds what was exported."""
    here = session.opened(root, environment, console, yes=options.yes)
    outcome, clock = pipeline.build(here, options), Clock()
    with pipeline.alone(root / OUT, console.say), console.stage("exporting"), clock.stage("export"):
        moment = epoch(outcome.plan.commit.seconds, environment)
        exported = export(here, outcome, moment, compressor)
        pipeline.record([one.built for one in exported], root)
    with console.stage("listing what is inside"), clock.stage("list what is inside"):
        for one in exported:
            _described(here, outcome.plan, one)
    times.add(clock.stages, root / OUT / times.FILE)
    rows = [(one.built.tags[0], one.digest, size(one.compressed)) for one in exported]
    console.table(rows, ("image", "digest", "compressed"))
    for one in exported:
        image = outcome.plan.image(one.built.variant)
        names = layer_names(here.definition, image.variant, image.parts, len(one.layout.manifest["layers"]))
        budget.check(here.definition, image.variant, one.layout, names, image.parts)
    return exported


def epoch(seconds: int, environment: Mapping[str, str]) -> int:
    """Return the time of a reproducible image: SOURCE_DATE_EPOCH of `environment`, else that of the commit.

    https://reproducible-builds.org/specs/source-date-epoch/
    """
    given = environment.get("SOURCE_DATE_EPOCH", "")
    if given and not given.isdecimal():
        raise BuildError(
            f"SOURCE_DATE_EPOCH: {given!r} is not a number of seconds", remedy="Correct it, or unset it"
        )
    return int(given) if given else seconds


def export(
    here: Session, outcome: Outcome, moment: int, compressor: str = layers.GZIP
) -> list[ExportedImage]:
    """Write each image of `outcome` as an OCI layout below out/release, and load it in place of that.

    So the tests run against exactly what is released. `moment` is the time of the images and the latest time
    of any file in them, in seconds since 1970, and `compressor` that of their layers.
    """
    memory: Memory = {}
    found = []
    for one in outcome.built:
        folder = emptied(place(here.root, one.variant, one.platform))
        layout = written_layout(here, outcome.plan, one, folder / "image", moment, memory, compressor)
        found.append(_loaded(here, one, layout))
    return found


def written_layout(
    here: Session,
    plan: Plan,
    one: Built,
    target: Path,
    moment: int,
    memory: Memory,
    compressor: str = layers.GZIP,
) -> Layout:
    """Write the image `one` of the engine as an OCI layout to `target`, and return it.

    `memory` holds the layers written so far by their earlier digest: the images of one build share them.
    """
    layout = Layout(emptied(target))
    with writing(target), saved(here.engine, one.identifier, target.parent, here.runner) as image:
        before = image.config
        written = [
            _layer(image, name, diff, layout, memory, moment, compressor)
            for name, diff in zip(image.layers, before["rootfs"]["diff_ids"], strict=True)
        ]
        parts = plan.image(one.variant).parts
        names = layer_names(here.definition, one.variant, parts, len(written))
        config = layout.add(encoded(config_of(before, written, names, plan, moment)), CONFIG)
        labels = before["config"].get("Labels") or {}
        manifest = manifest_of(config, [layer.descriptor for layer in written], standard(labels))
        described = layout.add(encoded(manifest), MANIFEST, platform=platform_of(one.platform))
        reference = {REFERENCE: one.tags[0].rpartition(":")[2]}
        layout.write([replace(described, annotations=reference)])
    return layout


def layer_names(definition: Definition, variant: str, parts: Iterable[Part], count: int) -> tuple[str, ...]:
    """Return the names of the `count` layers of an image with these components, the lowest first.

    What was precompiled is in a layer of its own above that of the variant which brings it.
    """
    held = {one.name for one in parts if PROVIDERS[one.provider].precompiled}
    known = variant in definition.variants  # build.toml may have changed since
    lineage: list[str] = []
    for one in definition.lineage(variant) if known else ():
        lineage += [one.name, *((one.name + sizes.PRECOMPILED,) if held & {*one.components} else ())]
    names = (BASE, *lineage, sizes.COMPILED, sizes.TOP)
    return names if len(names) == count else tuple(f"layer {number}" for number in range(1, count + 1))


def config_of(
    before: Mapping[str, Any], written: Sequence[ImageLayer], names: Sequence[str], plan: Plan, moment: int
) -> dict[str, Any]:
    """Return the configuration of an image: what containers need from `before`, and nothing accidental.

    Each layer has the name that this toolkit gives it, so that `docker history` shows what it is.
    """
    created = datetime.fromtimestamp(moment, UTC).strftime(TIME)
    return {
        "architecture": plan.architecture,
        "os": plan.platform.split("/")[0],
        "created": created,
        "config": {key: before["config"][key] for key in _KEYS if before["config"].get(key)},
        "rootfs": {"type": "layers", "diff_ids": [layer.diff for layer in written]},
        "history": [{"created": created, "created_by": f"{plan.name}: {name}"} for name in names],
    }


def _described(here: Session, plan: Plan, exported: ExportedImage) -> None:
    """Write beside the layout of an image what is inside, and where it comes from."""
    folder, variant = exported.layout.root.parent, exported.built.variant
    lists.write(plan, variant, here.definition, folder, here.store.path)
    about = subject.of(here.definition, variant, plan.platform, exported.layout)
    path = here.root / OUT / "metadata.json"
    told = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    engine = told.get(variant, {}).get("buildx.build.provenance", {})
    content = provenance.predicate(plan, about, here.root, here.environment, engine)
    (folder / provenance.FILE).write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def note_tests(root: Path, verdicts: Iterable[Verdict]) -> None:
    """Record the verdict on each exported image beside it; images that are not exported are skipped."""
    for one in verdicts:
        layout = of(root, one.variant, one.platform, one.identifier)
        if layout:
            content = {"digest": layout.digest, **asdict(one)}
            path = layout.root.parent / TESTED
            path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def of(root: Path, variant: str, platform: str, identifier: str) -> Layout | None:
    """Return the layout of the image that the engine calls `identifier`; None if it is not exported."""
    layout = Layout(place(root, variant, platform) / "image")
    if not (layout.root / "index.json").exists():
        return None
    return layout if identifier in (layout.digest, layout.manifest["config"]["digest"]) else None


def _layer(
    image: Saved, name: str, diff: str, layout: Layout, memory: Memory, moment: int, compressor: str
) -> ImageLayer:
    """Write one layer of the saved `image` to `layout`, or copy it from an earlier one."""
    blobs = layout.root / "blobs" / "sha256"
    if diff not in memory:
        with image.opened(name) as content:
            memory[diff] = layers.write(content, blobs, moment, compressor), blobs
    layer, home = memory[diff]
    if home != blobs:
        blobs.mkdir(parents=True, exist_ok=True)
        file = layout.path(layer.descriptor.digest).name
        shutil.copy2(home / file, blobs / file)
    return layer


def _loaded(here: Session, one: Built, layout: Layout) -> ExportedImage:
    """Load `layout` into the engine under the names of `one`, and return what it is there."""
    client = here.engine.client
    with tempfile.TemporaryDirectory(dir=layout.root.parent) as folder:
        archive = Path(folder) / "image.tar"
        bundled(layout, one.tags, archive)
        here.runner([client, "image", "load", "--quiet", "--input", archive])
    told = here.runner([client, "image", "inspect", "--format", "{{.Id}} {{.Size}}", one.tags[0]])
    identifier, bytes_there = told.stdout.split()
    if identifier != one.identifier:
        here.runner([client, "image", "rm", one.identifier], check=False)  # it has no name any more
    compressed = sum(int(layer["size"]) for layer in layout.manifest["layers"])
    built = replace(one, identifier=identifier, size=int(bytes_there))
    return ExportedImage(built, layout, layout.digest, compressed)


def bundled(layout: Layout, tags: Sequence[str], target: Path) -> None:
    """Write `layout` as an archive that every engine can load, under the names `tags`."""
    manifest = layout.manifest
    listed = [
        {
            "Config": _blob(manifest["config"]["digest"]),
            "RepoTags": list(tags),
            "Layers": [_blob(layer["digest"]) for layer in manifest["layers"]],
        }
    ]
    with tarfile.open(target, "w", format=tarfile.PAX_FORMAT) as archive:
        for path in sorted(layout.root.rglob("*")):
            if path.is_file():
                archive.add(path, path.relative_to(layout.root).as_posix())
        extra = layout.root.parent / f"{target.stem}.manifest.json"
        extra.write_bytes(encoded(listed))
        archive.add(extra, "manifest.json")
        extra.unlink()


def _blob(digest: str) -> str:
    return f"blobs/{digest.replace(':', '/')}"
