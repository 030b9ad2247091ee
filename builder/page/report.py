"""The page about a build: what the images contain, in which versions, test results and build times.

It is one file, made from the files below out/ and from the images themselves. Where something does not exist
yet, the page says so and names the command that makes it.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from builder.build import pipeline, times
from builder.build.pipeline import OUT, Built
from builder.console import Console, duration, size
from builder.engine import installation
from builder.engine.installation import Engine
from builder.errors import EngineError, ShellError, UsageError, writing
from builder.image.oci import Layout
from builder.image.sizes import KINDS
from builder.page import interior
from builder.page.breakdown import by_component, by_layer, mapped
from builder.page.interior import Inside
from builder.release import export
from builder.release.scan import VEX
from builder.shell import Runner, run
from builder.spec import lockfile, model, versions
from builder.spec.model import PLATFORMS, Definition
from builder.spec.planning import Part
from builder.spec.versions import Entry
from builder.testing import checks, results, scenarios
from builder.testing.checks import Verdict
from builder.testing.results import CaseResult, RunResult
from builder.testing.scenarios import Scenario

FILE = "report.html"
TEMPLATE = "report.html"

Find = Callable[[], Engine]


@dataclass(frozen=True)
class Suite:
    """One suite, as it ran against one image."""

    name: str
    passed: int
    failed: int
    skipped: int
    seconds: float


@dataclass(frozen=True)
class Tested:
    """The results of the tests for an image: the verdict on exactly this image (if any), and the last run."""

    verdict: Verdict | None
    run: RunResult | None
    suites: tuple[Suite, ...]

    @property
    def failed(self) -> tuple[CaseResult, ...]:
        """Return the tests that failed."""
        return self._ended("failed")

    @property
    def skipped(self) -> tuple[CaseResult, ...]:
        """Return the tests that were skipped."""
        return self._ended("skipped")

    def _ended(self, verdict: str) -> tuple[CaseResult, ...]:
        return tuple(one for one in (self.run.cases if self.run else ()) if one.verdict == verdict)


@dataclass(frozen=True)
class ImageReport:
    """One image of the build, and everything known about it."""

    built: Built
    budget: int
    """The largest compressed size allowed, in bytes; 0 for no limit."""
    inside: Inside | None
    """None if the image is no longer available."""
    digest: str
    """Empty if it is not exported."""
    attestations: tuple[str, ...]
    """The files beside its layout, once it is exported."""
    whole: bool
    """Whether a verdict of all of its suites is recorded, as a release requires."""
    tested: Tested
    statements: tuple[Mapping[str, Any], ...] | None
    """The statements of vex.toml on it, as OpenVEX; None if no scan has been made."""

    @property
    def compressed(self) -> int | None:
        """Return the size of its layers as they are pulled, in bytes; None if it is not exported."""
        found = [one.compressed for one in self.inside.layers] if self.inside else [None]
        return None if None in found else sum(one or 0 for one in found)

    @property
    def anchor(self) -> str:
        """Return the anchor of its section on the page."""
        return f"{self.built.variant}-{PLATFORMS[self.built.platform]}"


@dataclass(frozen=True)
class Version:
    """One component, with the names of the images that have it."""

    part: Part
    images: tuple[str, ...]


def command(root: Path, console: Console, find: Find = installation.find, runner: Runner = run) -> Path:
    """Write the page about the last build in `root`, and return its path.

    Raises:
        UsageError: when nothing has been built.
    """
    definition = model.load(root / model.FILE)
    path = root / OUT / FILE
    images = [image(root, definition, one, console, find, runner) for one in _recorded(root)]
    text = page(root, definition, images)
    with writing(path):
        path.write_text(text, encoding="utf-8")
    console.say(
        f"{OUT / FILE}: {size(len(text.encode()))}, on {', '.join(one.built.tags[0] for one in images)}"
    )
    return path


def page(root: Path, definition: Definition, images: Sequence[ImageReport]) -> str:
    """Return the page on `images`, with the results of the last build and tests below out/ of `root`."""
    log = root / OUT / pipeline.LOG
    locked = lockfile.current(root / lockfile.FILE, definition)
    found = plugins(versions.entries(definition, locked), images)
    return rendered(
        definition=definition,
        images=images,
        kinds=KINDS,
        versions=components(images),
        plugins=versions.table(found),
        absences=absences(found),
        scenarios=_scenarios(root),
        system=_failed(root / OUT / checks.SYSTEM),
        times=times.read(root / OUT / times.FILE),
        steps=times.steps(log.read_text(encoding="utf-8", errors="replace")) if log.exists() else [],
    )


def rendered(**values: Any) -> str:
    """Return the page: its template filled with `values`, all of which are escaped."""
    return _environment().get_template(TEMPLATE).render(**values).lstrip()


@functools.cache
def _environment() -> Environment:
    """Return what renders pages; it keeps what it has made of the template."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {name: _unbroken(each) for name, each in FILTERS.items()}
    environment.globals |= {"by_component": by_component, "by_layer": by_layer, "mapped": mapped}
    return environment


def share(part: float, whole: float) -> str:
    """Return the share of `part` in `whole`, as a percentage."""
    return f"{100 * part / whole:.1f} %" if whole else "—"


def absences(found: Sequence[Entry]) -> list[tuple[str, str, list[str]]]:
    """Return where plugins are missing, why, and which; those missing from all images come first."""
    present = {one.plugin for one in found if one.version}
    grouped: dict[tuple[str, str], list[str]] = {}
    for one in found:
        if one.plugin in present and not one.version:
            where = f"{one.variant}, {PLATFORMS[one.platform]}"
            grouped.setdefault((where, one.reason), []).append(one.plugin)
    nowhere = [("everywhere", reason, names) for reason, names in versions.absences(found).items()]
    return nowhere + [(*key, names) for key, names in grouped.items()]


FILTERS: Mapping[str, Callable[..., str]] = {"size": size, "duration": duration, "share": share}


def _unbroken(function: Callable[..., str]) -> Callable[..., str]:
    """Return `function`, with no-break spaces in its result."""
    return lambda *values: function(*values).replace(" ", "\N{NO-BREAK SPACE}")


def image(
    root: Path,
    definition: Definition,
    one: Built,
    console: Console,
    find: Find = installation.find,
    runner: Runner = run,
) -> ImageReport:
    """Return what is known about the image `one`: from its layout if it is exported, else from the engine."""
    layout = export.of(root, one.variant, one.platform, one.identifier)
    folder = layout.root.parent if layout else None
    known = definition.variants.get(one.variant)
    with console.stage(f"reading {one.tags[0]}"):
        if layout:
            inside: Inside | None = interior.exported(definition, one.variant, layout)
        else:
            inside = _held(definition, one, console, find, runner)
    return ImageReport(
        built=one,
        budget=known.budget * 1_000_000 if known else 0,
        inside=inside,
        digest=layout.digest if layout else "",
        attestations=tuple(sorted(path.name for path in folder.glob("*.json"))) if folder else (),
        whole=_whole(folder / export.TESTED, layout) if folder and layout else False,
        tested=tested(root, one),
        statements=_statements(folder / VEX) if folder else None,
    )


def tested(root: Path, one: Built) -> Tested:
    """Return the results of the tests for the image `one`."""
    verdicts = (verdict for verdict in checks.recorded(root) if verdict.identifier == one.identifier)
    path = checks.file(root, one)
    found = results.read(path) if path.exists() else None
    return Tested(next(verdicts, None), found, suites(found.cases) if found else ())


def suites(cases: Iterable[CaseResult]) -> tuple[Suite, ...]:
    """Return the suites that `cases` belong to, in the order in which they began."""
    found: dict[str, Suite] = {}
    for case in cases:
        words = case.place.split(".")
        name = words[2] if words[:2] == ["tests", "image"] and len(words) > 2 else case.place or "no suite"
        one = found.get(name, Suite(name, 0, 0, 0, 0.0))
        count = getattr(one, case.verdict) + 1
        found[name] = replace(one, **{case.verdict: count, "seconds": one.seconds + case.seconds})
    return tuple(found.values())


def components(images: Iterable[ImageReport]) -> list[Version]:
    """Return every component with the images that have it; one with two versions appears twice."""
    found: dict[tuple[str, str, str], Version] = {}
    for one in images:
        for part in one.inside.parts if one.inside else ():
            key = (part.name, part.version, part.hash)
            before = found.get(key, Version(part, ()))
            found[key] = replace(before, images=(*before.images, one.anchor))
    return list(found.values())


def plugins(found: Iterable[Entry], images: Iterable[ImageReport]) -> list[Entry]:
    """Return `found` with the plugins that images of this build lack marked as missing, with the reason."""
    lacking = {
        (plugin, one.built.variant, one.built.platform): missing.reason
        for one in images
        for missing in (one.inside.missing if one.inside else ())
        for plugin in missing.plugins
    }
    return [
        replace(one, version="", provider="", reason=lacking[key])
        if (key := (one.plugin, one.variant, one.platform)) in lacking
        else one
        for one in found
    ]


def _recorded(root: Path) -> list[Built]:
    found = pipeline.recorded(root)
    if not found:
        raise UsageError("report: nothing has been built", remedy="Build first: ./inv build")
    return found


def _held(definition: Definition, one: Built, console: Console, find: Find, runner: Runner) -> Inside | None:
    """Return what is in an image of the engine; None if the engine no longer has it, or does not answer."""
    try:
        return interior.held(definition, one.variant, one.identifier, find(), runner)
    except (EngineError, ShellError) as error:
        console.say(f"{one.tags[0]}: cannot be inspected: {error.message}")
        return None


def _whole(path: Path, layout: Layout) -> bool:
    """Tell whether all suites have run against the image in `layout`."""
    return path.exists() and json.loads(path.read_text(encoding="utf-8"))["digest"] == layout.digest


def _statements(path: Path) -> tuple[Mapping[str, Any], ...] | None:
    return tuple(json.loads(path.read_text(encoding="utf-8"))["statements"]) if path.exists() else None


def _scenarios(root: Path) -> list[Scenario]:
    """Return the scenarios of several containers: from pytest's own file, else from the report."""
    path = root / OUT / checks.SYSTEM
    return scenarios.read(path) if path.exists() else scenarios.load(root / OUT / scenarios.FILE)


def _failed(path: Path) -> list[CaseResult]:
    """Return the tests in the results at `path` that failed; none without results."""
    return [one for one in results.read(path).cases if one.verdict == "failed"] if path.exists() else []
