"""The commands of a person. Each is thin: what it does stands in builder/.

A task imports what it needs itself, so that none waits for the libraries of another.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from invoke.context import Context

from builder.command import task
from builder.console import Console

if TYPE_CHECKING:
    from builder.engine.client import Engine

ROOT = Path(__file__).resolve().parent
CONSOLE = Console()

_VARIANT = "variant to build, with those that it extends; without it, all"
_YES = "agree to licences, and to installing an engine where there is none"


def _parts(words: str) -> tuple[str, ...]:
    return tuple(filter(None, words.split(",")))


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
    from builder.build import pipeline

    options = pipeline.BuildOptions(_parts(variant), platform, yes, no_cache, builder, cache, write_cache)
    if from_bundle:
        from builder.offline import bundle

        bundle.take(ROOT, Path(from_bundle), options, os.environ, CONSOLE)
    if reproducible:
        from builder.release import export

        export.command(ROOT, options, os.environ, CONSOLE)
    else:
        pipeline.command(ROOT, options, os.environ, CONSOLE)


@task(
    help={
        "variant": "variant to build from it, with those that it extends; without it, all",
        "platform": "platform to build for, such as linux/arm64 (may be repeated; default: the engine's)",
        "python": "version of the other machine's Python, such as 3.13 (may be repeated; default: this one)",
        "output": "file to write (default: in out/)",
        "build-only": "leave out the services that tests need",
        "yes": "agree to licences",
    },
    iterable=("platform", "python"),
)
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
    from builder.offline.bundle import BundleOptions, command, summary

    platforms, pythons = (
        tuple(part for one in names or () for part in _parts(one)) for names in (platform, python)
    )
    options = BundleOptions(_parts(variant), platforms, pythons, output, yes, not build_only)
    CONSOLE.table(summary(command(ROOT, options, os.environ, CONSOLE, _services)))


def _services(engine: Engine) -> Sequence[str]:
    """Build the images of the services of tests on the first image that the last builds left."""
    from services import images

    return images.prepared(engine, ROOT, CONSOLE)


@task("verify-reproducible", help={"variant": _VARIANT, "platform": "such as linux/arm64", "yes": _YES})
def verify_reproducible(_: Context, variant: str = "", platform: str = "", yes: bool = False) -> None:
    """Build twice from nothing, and say which file in which layer differs, if any."""
    from builder.build.pipeline import BuildOptions
    from builder.release import reproducible

    options = BuildOptions(_parts(variant), platform, yes)
    CONSOLE.table(reproducible.command(ROOT, options, os.environ, CONSOLE).items(), ("variant", "digest"))


@task(
    "test",
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
def verify(
    context: Context,
    variant: str = "",
    platform: str = "",
    unit: bool = False,
    build: bool = False,
    image: bool = False,
    system: bool = False,
    options: str = "",
) -> None:
    """Run the linters, the unit tests, those of the build, of each image, and of several containers."""
    from builder.release import export
    from builder.testing import pages
    from builder.testing.run import SelectedTests, command

    selected = SelectedTests(variant, platform, unit, build, image, system, options)
    command(
        ROOT,
        selected,
        CONSOLE,
        lint=lambda: lint(context),
        pages=lambda: pages.unit(ROOT, os.environ, CONSOLE),
        services=_services,
        passed=export.note_tests,
    )


@task(help={"fix": "let ruff, clang-format and Biome mend and format what they can"})
def lint(context: Context, fix: bool = False) -> None:
    """Run the linters: ruff, mypy, clang-format, shellcheck, hadolint, and those of the web pages."""
    from builder.testing import checks, pages

    if fix:
        checks.fix(ROOT)
    checks.lint(ROOT)
    pages.lint(ROOT, os.environ, CONSOLE, fix=fix)
    docs(context, check=True)


@task(help={"watch": "only bundle them into out/web/pages, again at each change"})
def web(_: Context, watch: bool = False) -> None:
    """Check, test and bundle the web pages of plugins/web."""
    from builder.testing import pages

    if not watch:
        pages.lint(ROOT, os.environ, CONSOLE)
        pages.unit(ROOT, os.environ, CONSOLE)
    pages.bundle(ROOT, os.environ, CONSOLE, watch=watch)


@task(
    help={
        "check": "only tell whether build.lock is that of build.toml",
        "only": "ask for this component or provider, and leave the rest as it is (may be repeated)",
        "upstream-mirror": "address of a site with the layout of Orthanc's download site",
        "offline": "ask nobody: keep what is locked",
        "allow-missing": "end well even when a library could not be had",
    },
    iterable=("only",),
)
def lock(
    _: Context,
    only: Sequence[str] | None = None,
    check: bool = False,
    upstream_mirror: str = "",
    offline: bool = False,
    allow_missing: bool = False,
) -> None:
    """Resolve build.toml into build.lock: exactly which files the images are made of."""
    from builder.sources import locking

    options = locking.LockOptions(tuple(only or ()), upstream_mirror, offline)
    locking.command(ROOT, options, os.environ, CONSOLE, check=check, allow_missing=allow_missing)


@task(
    "versions",
    help={"markdown": "as in README.md", "json": "as a list of objects, one a plugin, variant and platform"},
)
def show_versions(_: Context, markdown: bool = False, json: bool = False) -> None:
    """Say which plugin is in which variant on which platform, in which version, from whom, or why not."""
    from builder.spec import lockfile, model, versions

    definition = model.load(ROOT / model.FILE)
    found = versions.entries(definition, lockfile.current(ROOT / lockfile.FILE, definition))
    CONSOLE.show(
        versions.markdown(found)
        if markdown
        else versions.as_json(found)
        if json
        else versions.described(found)
    )


@task(help={"check": "only tell whether they are up to date"})
def docs(_: Context, check: bool = False) -> None:
    """Write the parts of the documents that are made from the definition, the lock and the start-up code."""
    from builder.docs import documents

    documents.command(ROOT, CONSOLE, check=check)


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
def publish(
    _: Context,
    to: str,
    variant: str = "",
    platform: str = "",
    without: str = "",
    key: str = "",
    unsigned: bool = False,
) -> None:
    """Copy the exported and tested images to a registry, sign them, and give them their tags."""
    from builder.release import publishing
    from builder.release.signing import Signer

    options = publishing.PublishOptions(to, _parts(variant), _parts(platform), _parts(without))
    releases = publishing.command(ROOT, options, None if unsigned else Signer(key), CONSOLE)
    CONSOLE.table((one.row for one in releases), publishing.HEAD)


@task(
    "verify",
    help={
        "image": "such as ghcr.io/some/orthanc:26.11.0",
        "key": "public key of who signed it (default: the release workflow of this repository)",
        "identity": "regular expression for another workflow",
    },
)
def inspect(_: Context, image: str, key: str = "", identity: str = "") -> None:
    """Check the signature of a published image, and that what is told of it is what is inside."""
    from builder.release import verifying
    from builder.release.signing import Signer
    from builder.spec import model

    found = verifying.command(image, Signer(key, identity), model.load(ROOT / model.FILE), CONSOLE)
    CONSOLE.show(str(found))


@task(
    help={
        "data": "file of Debian's security tracker, as JSON",
        "statements-only": "only check vex.toml and write OpenVEX: look for nothing",
    }
)
def scan(_: Context, data: str = "", statements_only: bool = False) -> None:
    """Say which vulnerabilities the exported images are known to have, and write OpenVEX of the others."""
    from datetime import UTC, datetime

    from builder.release.scan import command

    command(ROOT, data, CONSOLE, datetime.now(UTC).date(), statements_only=statements_only)


@task("report")
def describe(_: Context) -> None:
    """Write out/report.html, a page about the last build: sizes, versions, plugins, test results, times."""
    from builder.page import report

    report.command(ROOT, CONSOLE)


@task(help={"github": "as an output of a step in a workflow"})
def matrix(_: Context, github: bool = False) -> None:
    """List the images to build: each variant on each platform."""
    from builder.spec import model
    from builder.spec.matrix import described, output

    definition = model.load(ROOT / model.FILE)
    CONSOLE.show(output(definition) if github else described(definition))


@task(
    help={
        "since": "commit to compare with (default: the newest tag before this commit)",
        "output": "file to write (default: the screen)",
    }
)
def notes(_: Context, since: str = "", output: str = "") -> None:
    """Write what changed since an earlier release: plugins, settings and packages."""
    from builder.release.notes import command

    command(ROOT, since, output, CONSOLE)


@task(
    help={
        "viewers": "the pages of the viewers only: bytes, and the first image in a browser",
        "storage": "the object stores only: files in and out, beside the file system and obstore alone",
        "memory": "memory only: after load and rest, with the allocators of glibc and jemalloc",
    }
)
def bench(_: Context, viewers: bool = False, storage: bool = False, memory: bool = False) -> None:
    """Measure build times, sizes and start times, beside a plain Dockerfile of the same packages."""
    from bench.run import command

    chosen = [name for name, on in (("memory", memory), ("storage", storage), ("viewers", viewers)) if on]
    command(ROOT, chosen or ["images"], os.environ, CONSOLE)


@task("doctor")
def examine(_: Context) -> None:
    """Say what is there and what is missing on this machine, with the remedy."""
    from builder import doctor
    from builder.errors import BuildError
    from builder.spec import model

    found = doctor.examine(ROOT, os.environ, model.load(ROOT / model.FILE).platforms)
    CONSOLE.table((one.row for one in found), doctor.HEAD)
    if not doctor.healthy(found):
        raise BuildError("doctor: something that a build needs is missing", remedy="See the table above")
