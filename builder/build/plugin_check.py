"""The plugin check: precompiled libraries are read here, then tried in the image, before they are in it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from builder.build import bake, contexts
from builder.errors import writing
from builder.sources import elf
from builder.sources.provider import Held
from builder.spec.planning import Plan

RESULTS = Path("out/plugin-check")

Baked = Callable[[Path], object]
"""Lets BuildKit make the targets of the bake file at a path."""


@dataclass(frozen=True)
class PluginVerdict:
    """What came of the check, by component: why its libraries must not be shipped, or the version they give.

    A version is that of the first library, where it is another one than build.toml says.
    """

    refused: Mapping[str, str]
    versions: Mapping[str, str] = field(default_factory=dict)


def verdict(plan: Plan, held: Held, cache: Path, root: Path, folders: Path, baked: Baked) -> PluginVerdict:
    """Return which libraries of `plan` must not be shipped, and the versions of the others.

    A file that is not a plugin for the platform is refused without running it. The Orthanc of the variant
    loads each of the others alone, in a container without network, as the image's own user. `held` returns
    the file of a digest; the folders are those of `contexts.lay_out`, and `folders` is relative to `root`.
    """
    found = _unfit(plan, held)
    rest = plan.without(found)
    if not rest.doubtful:
        return PluginVerdict(found)
    file = _laid_out(rest, held, cache, root, folders)
    baked(file)
    libraries = {one.file: one for one in rest.doubtful}
    versions: dict[str, str] = {}
    for variant in (name for name in rest.targets if rest.precompiled(name)):
        for library, fault in _read(root / RESULTS / variant / "faults.json").items():
            if fault:
                found.setdefault(libraries[library].component, f"{library} {fault}")
        for library, version in sorted(_read(root / RESULTS / variant / "versions.json").items()):
            versions.setdefault(libraries[library].component, version)
    told = {one.component: one.version for one in rest.doubtful}
    other = {name: one for name, one in versions.items() if name not in found and one != told[name]}
    return PluginVerdict(found, other)


def _unfit(plan: Plan, held: Held) -> dict[str, str]:
    """Return the faults that can be seen without running a library, by the name of its component."""
    found: dict[str, str] = {}
    for one in plan.doubtful:
        fault = elf.fault(held(one.digest), one.file, plan.architecture)
        if fault:
            found.setdefault(one.component, fault)
    return found


def _laid_out(plan: Plan, held: Held, cache: Path, root: Path, folders: Path) -> Path:
    """Lay out the contexts of `plan`, and return the path of the bake file of the check."""
    contexts.lay_out(plan, held, cache, root / folders)
    dockerfile = bake.dockerfile(plan, root, checked=False)
    content = bake.plugin_check(plan, folders.as_posix(), "../../plugin-check.Dockerfile", RESULTS.as_posix())
    out = root / RESULTS.parent
    file = out / "plugin-check.json"
    with writing(out):
        (out / "plugin-check.Dockerfile").write_text(dockerfile, encoding="utf-8")
        file.write_text(bake.text(content), encoding="utf-8")
    return file


def _read(path: Path) -> Mapping[str, str]:
    found: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return found
