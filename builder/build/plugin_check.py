"""Looking at precompiled libraries before they enter an image: read here, then tried in the image itself."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

from builder.build import bake, contexts
from builder.build.contexts import Held
from builder.errors import writing
from builder.sources import elf
from builder.spec.planning import Plan

VERDICTS = Path("out/verdicts")

Baked = Callable[[Path], object]
"""Lets BuildKit make the targets of the bake file at a path."""


def rejected(plan: Plan, held: Held, cache: Path, root: Path, folders: Path, baked: Baked) -> dict[str, str]:
    """Return why libraries of `plan` are not to be shipped, by the name of their component.

    What is no plugin for the platform is refused without running it. The others are each tried alone by the
    Orthanc of their variant, in a container without network, as the image's own user. `held` returns the
    file of a digest; the folders are those of `contexts.lay_out`, and `folders` is relative to `root`.
    """
    found = _unfit(plan, held)
    rest = plan.without(found)
    if not any(rest.libraries.values()):
        return found
    file = _laid_out(rest, held, cache, root, folders)
    baked(file)
    components = {one.file: one.component for group in rest.libraries.values() for one in group}
    for variant in (name for name in rest.targets if rest.libraries[name]):
        for library, fault in _verdicts(root / VERDICTS / variant).items():
            if fault:
                found.setdefault(components[library], f"{library} {fault}")
    return found


def _unfit(plan: Plan, held: Held) -> dict[str, str]:
    """Return what can be seen without running a library."""
    found: dict[str, str] = {}
    for one in (library for group in plan.libraries.values() for library in group):
        fault = elf.fault(held(f"sha256:{one.sha256}"), one.file, plan.architecture)
        if fault:
            found.setdefault(one.component, fault)
    return found


def _laid_out(plan: Plan, held: Held, cache: Path, root: Path, folders: Path) -> Path:
    """Lay out the contexts of `plan`, and return the path of the bake file of the examination."""
    contexts.lay_out(plan, held, cache, root / folders)
    shared, template = ((root / name).read_text(encoding="utf-8") for name in (bake.SHARED, bake.TEMPLATE))
    dockerfile = bake.dockerfile(plan, shared, template, examined=False)
    content = bake.examination(plan, folders.as_posix(), "../../../examine.Dockerfile", VERDICTS.as_posix())
    out = root / VERDICTS.parent
    file = out / "examine.json"
    with writing(out):
        (out / "examine.Dockerfile").write_text(dockerfile, encoding="utf-8")
        file.write_text(bake.text(content), encoding="utf-8")
    return file


def _verdicts(folder: Path) -> Mapping[str, str]:
    found: dict[str, str] = json.loads((folder / "verdicts.json").read_text(encoding="utf-8"))
    return found
