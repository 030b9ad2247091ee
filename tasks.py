"""The commands of this project. Each is thin: what it does stands in builder/."""

from __future__ import annotations

import os
import shlex
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from invoke.context import Context
from invoke.tasks import task

from bench import images
from builder import build as building
from builder import (
    bundling,
    checks,
    doctor,
    documents,
    locking,
    model,
    page,
    publishing,
    reproducible,
    scenarios,
    sealing,
    verifying,
    versions,
)
from builder import engine as engines
from builder import lock as locks
from builder import matrix as matrices
from builder import notes as noting
from builder import scan as scanning
from builder.build import Request
from builder.bundling import Wish as Wanted
from builder.engine import Engine
from builder.errors import BuildError, UsageError, told, writing
from builder.publishing import Wish
from builder.report import Report, table
from builder.signing import Signer
from builder.store import Store, folder

ROOT = Path(__file__).resolve().parent
REPORT = Report()

_VARIANT = "variant to build, with those that it extends; without it, all"
_YES = "agree to licences, and to installing an engine where there is none"


@task(
    help={
        "variant": _VARIANT,
        "platform": "such as linux/arm64",
        "yes": _YES,
        "no-cache": "use no earlier layer",
        "builder": "builder of buildx that does the work, such as a remote one",
        "reproducible": "write OCI layouts too, whose digests are the same on every run and machine",
        "cache": "image in a registry with layers of earlier builds, for builders that can use one",
        "write-cache": "image in a registry to put the layers of this build into",
        "from-bundle": "archive of ./inv bundle, or its unpacked folder: nothing else is asked for files",
    }
)
@told
def build(
    _: Context,
    variant: str = "",
    platform: str = "",
    yes: bool = False,
    no_cache: bool = False,
    builder: str = "",
    reproducible: bool = False,
    cache: str = "",
    write_cache: str = "",
    from_bundle: str = "",
) -> None:
    """Build the images into the local engine, which is brought up where there is none."""
    request = Request((variant,) if variant else (), platform, yes, no_cache, builder, cache, write_cache)
    if from_bundle:
        bundling.take(ROOT, Path(from_bundle), request, os.environ, REPORT)
    (sealing if reproducible else building).command(ROOT, request, os.environ, REPORT)


@task(
    help={
        "variant": "variant to build from it, with those that it extends; without it, all",
        "platform": "platform to build for, such as linux/arm64 (may be repeated; default: the engine's)",
        "python": "version of the other machine's Python, such as 3.13 (may be repeated; default: this one)",
        "output": "file to write (default: in out/)",
        "build-only": "leave out the services that tests need",
        "yes": "agree to licences",
    },
    iterable=["platform", "python"],
)
@told
def bundle(
    _: Context,
    variant: str = "",
    platform: Sequence[str] | None = None,
    python: Sequence[str] | None = None,
    output: str = "",
    build_only: bool = False,
    yes: bool = False,
) -> None:
    """Write one archive with all that building and testing need on a machine without a network."""
    platforms, pythons = (
        tuple(p for one in names or () for p in _parts(one)) for names in (platform, python)
    )
    wish = Wanted((variant,) if variant else (), platforms, pythons, output, yes, not build_only)
    written = bundling.command(ROOT, wish, os.environ, REPORT, _services)
    REPORT.table(bundling.summary(written))


def _services(engine: Engine) -> Sequence[str]:
    """Build the images of the tests' services on the first image that the last builds left in the engine."""
    from tests.services import images as serving  # noqa: PLC0415 # they need what only tests need

    try:
        first, *_ = checks.built(model.load(ROOT / model.FILE), ROOT, engine, building.native(engine))
    except UsageError as error:
        remedy = "Build first: ./inv build; or leave the services out: --build-only"
        raise UsageError(
            "bundle: the services of the tests rest on an image, and none is built", remedy=remedy
        ) from error
    with REPORT.stage("building the services of the tests"):
        return serving.everything(engine, first.tags[0])


@task(name="verify-reproducible", help={"variant": _VARIANT, "platform": "such as linux/arm64", "yes": _YES})
@told
def verify_reproducible(_: Context, variant: str = "", platform: str = "", yes: bool = False) -> None:
    """Build twice from nothing, and say which file in which layer differs, if any."""
    request = Request((variant,) if variant else (), platform, yes)
    REPORT.table(reproducible.command(ROOT, request, os.environ, REPORT).items(), ("variant", "digest"))


@task(
    name="test",
    help={
        "variant": "test this built image only",
        "platform": "test the images for this platform (default: the engine's)",
        "unit": "the linters and the unit tests only: no engine, no network",
        "build": "the tests of the build only",
        "image": "the suites of the images only",
        "system": "the tests of several containers only, with the image that has everything",
        "options": "further options for pytest, such as '-k odbc'",
    },
)
@told
def verify(
    _: Context,
    variant: str = "",
    platform: str = "",
    unit: bool = False,
    build: bool = False,
    image: bool = False,
    system: bool = False,
    options: str = "",
) -> None:
    """Run the linters, the unit tests, those of the build, of each image, and of several containers."""
    arguments, whole = _words(options), not (unit or build or image or system)
    ran = []
    if unit or whole:
        lint(_)
        ran.append(checks.unit(ROOT, arguments))
    if build or whole:
        ran.append(checks.builds(ROOT, arguments))
    if image or whole:
        ran.append(_images((variant,) if variant else (), platform, arguments))
    if system or whole:
        ran.append(_system(variant, platform, arguments, images=image or whole))
    if not any(ran):
        raise UsageError(f"test: no test fits the options {options!r}", remedy="Correct them")


def _words(options: str) -> list[str]:
    try:
        return shlex.split(options)
    except ValueError as error:
        raise UsageError(
            f"test: the options {options!r} are no words: {error}", remedy="Correct them"
        ) from error


def _ready(engine: Engine, platform: str, arguments: Sequence[str]) -> None:
    """Build the services of all tests before they run: the time for that is not a test's."""
    if checks.whole(arguments) and platform in ("", building.native(engine)):
        _services(engine)


def _images(variants: Sequence[str], platform: str, arguments: Sequence[str]) -> bool:
    """Run the suites against the images; tell whether `arguments` left any test."""
    definition, engine = model.load(ROOT / model.FILE), engines.find()
    native = building.native(engine)
    found = checks.built(definition, ROOT, engine, platform or native, variants)
    _ready(engine, platform, arguments)
    verdicts = [
        checks.image(definition, one, ROOT, arguments, emulated=one.platform != native) for one in found
    ]
    checks.record(verdicts, ROOT)
    if checks.whole(arguments):
        sealing.tested(ROOT, verdicts)
    rows = [(one.tag, *map(str, one.counts)) for one in verdicts]
    REPORT.table(rows, ("image", "passed", "failed", "skipped"))
    if any(one.failed for one in verdicts):
        raise BuildError("test: an image did not pass", remedy="See above")
    return any(any(one.counts) for one in verdicts)


def _system(variant: str, platform: str, arguments: Sequence[str], images: bool) -> bool:
    """Run the tests of several containers with `variant` (none: the last built); tell whether any ran.

    With `images`, the report has the figures of the suites of the images too, which have just run.
    """
    definition, engine = model.load(ROOT / model.FILE), engines.find()
    wanted = (variant,) if variant else ()
    built = checks.built(definition, ROOT, engine, platform or building.native(engine), wanted)
    _ready(engine, platform, arguments)
    found = checks.system(built[-1], ROOT, arguments)
    rows = [*found, *checks.figures(built if images else (), ROOT)]
    rows += [scenarios.total(rows)] if found else []
    scenarios.write(rows, ROOT / building.OUT / scenarios.FILE)
    REPORT.table((scenario.row for scenario in rows), scenarios.HEAD)
    if any(scenario.verdict == "failed" for scenario in found):
        raise BuildError("test: a scenario failed", remedy="See above")
    return bool(found)


@task(help={"fix": "let ruff mend and format what it can"})
@told
def lint(_: Context, fix: bool = False) -> None:
    """Run the linters: ruff, mypy, shellcheck, hadolint."""
    if fix:
        checks.fix(ROOT)
    checks.lint(ROOT)
    docs(_, check=True)


@task(
    help={
        "check": "only tell whether build.lock is that of build.toml",
        "only": "ask for this component or provider, and leave the rest as it is (may be repeated)",
        "upstream-mirror": "address of a site with the layout of Orthanc's download site",
        "offline": "ask nobody: keep what is locked",
        "allow-missing": "end well even when a library could not be had",
    },
    iterable=["only"],
)
@told
def lock(
    _: Context,
    only: Sequence[str] | None = None,
    check: bool = False,
    upstream_mirror: str = "",
    offline: bool = False,
    allow_missing: bool = False,
) -> None:
    """Resolve build.toml into build.lock: exactly which files the images are made of."""
    definition, path = model.load(ROOT / model.FILE), ROOT / locks.FILE
    if check:
        locking.check(path, definition)
        REPORT.say(f"{path.name}: is that of {model.FILE}")
        return
    request = locking.Request(tuple(only or ()), upstream_mirror, offline)
    with REPORT.stage("resolving"):
        outcome = locking.resolved(definition, os.environ, request, old=locking.before(path), store=_store())
        changes = locking.write(path, outcome.lock)
    REPORT.show("\n".join(changes) or "nothing changed")
    error = locking.lacking(outcome)
    if error and not allow_missing:
        raise error
    if error:
        REPORT.say(str(error))


def _store() -> Store:
    return Store(folder(os.environ))


@task(
    name="versions",
    help={"markdown": "as in README.md", "json": "as a list of objects, one a plugin, variant and platform"},
)
@told
def show_versions(_: Context, markdown: bool = False, json: bool = False) -> None:
    """Say which plugin is in which variant on which platform, in which version, from whom, or why not."""
    definition = model.load(ROOT / model.FILE)
    found = versions.entries(definition, locks.current(ROOT / locks.FILE, definition))
    if markdown or json:
        REPORT.show(versions.markdown(found) if markdown else versions.as_json(found))
        return
    head, rows = versions.table(found)
    REPORT.table(rows, head)
    for reason, names in versions.absences(found).items():
        REPORT.show(f"{', '.join(names)}: {reason}")


@task(help={"check": "only tell whether they are up to date"})
@told
def docs(_: Context, check: bool = False) -> None:
    """Write the parts of the documents that are made from the definition, the lock and the start-up code."""
    definition = model.load(ROOT / model.FILE)
    found = documents.stale(ROOT, definition, locks.current(ROOT / locks.FILE, definition), write=not check)
    if check and found:
        raise BuildError(f"docs: {', '.join(found)}: not up to date", remedy="Write them with: ./inv docs")
    REPORT.say(f"docs: {', '.join(found) or 'nothing'} {'to write' if check else 'written'}")


@task(
    help={
        "to": "where to, such as ghcr.io/some/orthanc",
        "variant": "publish this variant only",
        "platform": "publish for this platform only (default: an index of all)",
        "without": "components that may be missing, with commas",
        "key": "key for cosign to sign with (default: keyless, as the workflow that this runs in)",
        "unsigned": "do not sign",
    }
)
@told
def publish(
    _: Context,
    to: str,
    variant: str = "",
    platform: str = "",
    without: str = "",
    key: str = "",
    unsigned: bool = False,
) -> None:
    """Copy the sealed and tested images to a registry, sign them, and give them their tags."""
    wish = Wish(to, _parts(variant), _parts(platform), _parts(without))
    releases = publishing.command(ROOT, wish, None if unsigned else Signer(key), REPORT)
    rows = [(one.variant, one.digest, " ".join((one.fixed, *one.moving))) for one in releases]
    REPORT.table(rows, ("variant", "digest", "tags"))


def _parts(words: str) -> tuple[str, ...]:
    return tuple(filter(None, words.split(",")))


@task(
    name="verify",
    help={
        "image": "such as ghcr.io/some/orthanc:26.11.0",
        "key": "public key of who signed it (default: the release workflow of this repository)",
        "identity": "regular expression for another workflow",
    },
)
@told
def inspect(_: Context, image: str, key: str = "", identity: str = "") -> None:
    """Check the signature of a published image, and that what is told of it is what is inside."""
    found = verifying.command(image, Signer(key, identity), model.load(ROOT / model.FILE), REPORT)
    REPORT.show(str(found))


@task(help={"data": "file of Debian's security tracker, as JSON"})
@told
def scan(_: Context, data: str = "") -> None:
    """Tell which vulnerabilities are known of the sealed images, and write OpenVEX of what does not apply."""
    scanning.command(ROOT, data, REPORT, datetime.now(UTC).date())


@task(name="report")
@told
def describe(_: Context) -> None:
    """Write out/report.html, a page about the last build: sizes, versions, plugins, test results, times."""
    page.command(ROOT, REPORT)


@task(help={"github": "as an output of a step in a workflow"})
@told
def matrix(_: Context, github: bool = False) -> None:
    """List the images to build: each variant on each platform."""
    definition = model.load(ROOT / model.FILE)
    rows = matrices.rows(definition)
    REPORT.show(
        matrices.output(definition)
        if github
        else table([tuple(row.values()) for row in rows], tuple(rows[0]))
    )


@task(
    help={
        "since": "commit to compare with (default: the newest tag before this commit)",
        "output": "file to write (default: the screen)",
    }
)
@told
def notes(_: Context, since: str = "", output: str = "") -> None:
    """Write what changed since an earlier release: plugins, settings and packages."""
    text = noting.text(noting.earlier(ROOT, since), noting.here(ROOT))
    if not output:
        REPORT.show(text.rstrip())
        return
    with writing(ROOT / output):
        (ROOT / output).parent.mkdir(parents=True, exist_ok=True)
        (ROOT / output).write_text(text, encoding="utf-8")


@task(
    help={
        "viewers": "the pages of the viewers only: bytes, and the first image in a browser",
        "storage": "the object stores only: files in and out, beside the file system and obstore alone",
        "memory": "memory only: after load and rest, with the allocators of glibc and jemalloc",
    }
)
@told
def bench(_: Context, viewers: bool = False, storage: bool = False, memory: bool = False) -> None:
    """Measure build times, sizes and start times, beside a plain Dockerfile of the same packages."""
    if viewers or storage or memory:
        from bench import memory as allocators  # noqa: PLC0415 # they need what only tests need
        from bench import storage as shelves  # noqa: PLC0415
        from bench import viewers as pages  # noqa: PLC0415

        chosen = allocators if memory else shelves if storage else pages
        chosen.command(ROOT, model.load(ROOT / model.FILE), REPORT)
    else:
        images.command(ROOT, engines.find(), os.environ, REPORT)


@task(name="doctor")
@told
def examine(_: Context) -> None:
    """Say what is there and what is missing on this machine, with the remedy."""
    found = doctor.examine(ROOT, os.environ, model.load(ROOT / model.FILE).platforms)
    REPORT.table((one.row for one in found), doctor.HEAD)
    if not doctor.healthy(found):
        raise BuildError("doctor: something that a build needs is missing", remedy="See the table")
