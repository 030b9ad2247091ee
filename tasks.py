"""The commands of the project. Each is thin: the work is done in builder/.

A task imports what it needs itself, so that no command waits for the libraries of another.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from invoke.context import Context

from builder.command import task
from builder.console import Console
from builder.errors import UsageError

if TYPE_CHECKING:
    from builder.engine.client import Engine

ROOT = Path(__file__).resolve().parent
CONSOLE = Console()

_VARIANT = "variant to build, with those that it extends (default: all)"
_PLATFORM = "platform to build for, such as linux/arm64 (default: the engine's)"
_YES = "accept licences, and install an engine if there is none"


def _parts(words: str) -> tuple[str, ...]:
    return tuple(filter(None, words.split(",")))


@task(
    help={
        "variant": _VARIANT,
        "platform": _PLATFORM,
        "yes": _YES,
        "no-cache": "do not use layers of earlier builds",
        "builder": "buildx builder that does the work, such as a remote one",
        "reproducible": "also write OCI layouts, with the same digests in every run and on every machine",
        "zstd": "with --reproducible: compress the layers with zstd, which old engines cannot read",
        "cache": "image in a registry to take cached layers from, for builders that support it",
        "write-cache": "image in a registry to store the layers of this build in",
        "from-bundle": "archive from ./inv bundle, or its unpacked folder, to use instead of the network",
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
    zstd: bool = False,
    cache: str = "",
    write_cache: str = "",
    from_bundle: str = "",
) -> None:
    """Build the images into the local engine, which is installed and started if there is none."""
    from builder.build import pipeline

    options = pipeline.BuildOptions(_parts(variant), platform, yes, no_cache, builder, cache, write_cache)
    if zstd and not reproducible:
        raise UsageError(
            "--zstd: the engine keeps layers as it likes",
            remedy="Add --reproducible, which writes OCI images",
        )
    if from_bundle:
        from builder.offline import bundle

        bundle.take(ROOT, Path(from_bundle), options, os.environ, CONSOLE)
    if reproducible:
        from builder.image import layers
        from builder.release import export

        compressor = layers.ZSTD if zstd else layers.GZIP
        export.command(ROOT, options, os.environ, CONSOLE, compressor)
    else:
        pipeline.command(ROOT, options, os.environ, CONSOLE)


@task(
    help={
        "variant": "variant to build from it, with those that it extends (default: all)",
        "platform": "platform to build for, such as linux/arm64 (may be repeated; default: the engine's)",
        "python": "Python version of the other machine, such as 3.13 (may be repeated; default: this one's)",
        "output": "file to write (default: in out/)",
        "build-only": "leave out the services that the tests need",
        "yes": "accept licences",
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
    """Write one archive with everything to build and test on a machine without a network."""
    from builder.offline.bundle import BundleOptions, command, summary

    platforms, pythons = (
        tuple(part for one in names or () for part in _parts(one)) for names in (platform, python)
    )
    options = BundleOptions(_parts(variant), platforms, pythons, output, yes, not build_only)
    CONSOLE.table(summary(command(ROOT, options, os.environ, CONSOLE, _services)))


def _services(engine: Engine) -> Sequence[str]:
    """Build the images of the test services on the first image of the last builds."""
    from services import images

    return images.prepared(engine, ROOT, CONSOLE)


@task("verify-reproducible", help={"variant": _VARIANT, "platform": _PLATFORM, "yes": _YES})
def verify_reproducible(_: Context, variant: str = "", platform: str = "", yes: bool = False) -> None:
    """Build twice from scratch, and report which file in which layer differs, if any."""
    from builder.build.pipeline import BuildOptions
    from builder.release import reproducible

    options = BuildOptions(_parts(variant), platform, yes)
    CONSOLE.table(reproducible.command(ROOT, options, os.environ, CONSOLE).items(), ("variant", "digest"))


@task(
    "test",
    help={
        "variant": "only test the image of this variant",
        "platform": "test the images for this platform (default: the engine's)",
        "unit": "only run the linters and the unit tests, which need no engine and no network",
        "build": "only run the tests of the build",
        "image": "only run the suites of the images",
        "system": "only run the tests of several containers, with the image that has everything",
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
    """Run the linters and all tests: of units, of the build, of each image, and of several containers."""
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


@task(help={"fix": "let ruff, clang-format and Biome fix and format what they can"})
def lint(context: Context, fix: bool = False) -> None:
    """Run the linters: ruff, mypy, clang-format, shellcheck, hadolint, and those of the web pages."""
    from builder.testing import checks, pages

    if fix:
        checks.fix(ROOT)
    checks.lint(ROOT, say=CONSOLE.say)
    pages.lint(ROOT, os.environ, CONSOLE, fix=fix)
    docs(context, check=True)


@task(help={"watch": "only bundle them into out/web/pages, and again after each change"})
def web(_: Context, watch: bool = False) -> None:
    """Check, test and bundle the web pages of plugins/web."""
    from builder.testing import pages

    if not watch:
        pages.lint(ROOT, os.environ, CONSOLE)
        pages.unit(ROOT, os.environ, CONSOLE)
    pages.bundle(ROOT, os.environ, CONSOLE, watch=watch)


@task(
    help={
        "check": "only check that build.lock matches build.toml",
        "only": "only resolve this component or provider, and keep the rest (may be repeated)",
        "upstream-mirror": "address of a site with the layout of Orthanc's download site",
        "offline": "ask no provider: keep everything that is locked",
        "allow-missing": "succeed even if a library is not available",
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
    help={
        "markdown": "print as in README.md",
        "json": "print a list of objects, one per plugin, variant and platform",
    },
)
def show_versions(_: Context, markdown: bool = False, json: bool = False) -> None:
    """List the plugins in each variant and platform with version and provider, or why they are missing."""
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


@task(help={"check": "only check that they are up to date"})
def docs(_: Context, check: bool = False) -> None:
    """Write the parts of the documents that are generated from the definition, the lock and the code."""
    from builder.docs import documents

    documents.command(ROOT, CONSOLE, check=check)


@task(
    help={
        "to": "repository to publish to, such as ghcr.io/some/orthanc",
        "variant": "only publish this variant",
        "platform": "only publish for this platform (default: an index of all)",
        "without": "components that may be missing, separated by commas",
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
        "image": "image to verify, such as ghcr.io/some/orthanc:26.11.0",
        "key": "public key of the signer (default: the release workflow of this repository)",
        "identity": "regular expression for the identity of another workflow",
    },
)
def inspect(_: Context, image: str, key: str = "", identity: str = "") -> None:
    """Verify the signature of a published image, and that its labels and attestations match its contents."""
    from builder.release import verifying
    from builder.release.signing import Signer
    from builder.spec import model

    found = verifying.command(image, Signer(key, identity), model.load(ROOT / model.FILE), CONSOLE)
    CONSOLE.show(str(found))


@task(
    help={
        "data": "file with the JSON data of Debian's security tracker",
        "statements-only": "only check vex.toml and write OpenVEX, without scanning",
    }
)
def scan(_: Context, data: str = "", statements_only: bool = False) -> None:
    """List the known vulnerabilities of the exported images, and write the others as OpenVEX."""
    from datetime import UTC, datetime

    from builder.release.scan import command

    command(ROOT, data, CONSOLE, datetime.now(UTC).date(), statements_only=statements_only)


@task("report")
def describe(_: Context) -> None:
    """Write out/report.html, a page about the last build: sizes, versions, plugins, test results, times."""
    from builder.page import report

    report.command(ROOT, CONSOLE)


@task(help={"github": "print it as an output of a workflow step"})
def matrix(_: Context, github: bool = False) -> None:
    """List the images to build: each variant on each platform."""
    from builder.spec import model
    from builder.spec.matrix import described, output

    definition = model.load(ROOT / model.FILE)
    CONSOLE.show(output(definition) if github else described(definition))


@task(
    help={
        "since": "commit to compare with (default: the newest tag before this commit)",
        "output": "file to write (default: print them)",
    }
)
def notes(_: Context, since: str = "", output: str = "") -> None:
    """Write what changed since an earlier release: plugins, settings and packages."""
    from builder.release.notes import command

    command(ROOT, since, output, CONSOLE)


@task(
    help={
        "viewers": "only the pages of the viewers: bytes, and the first image in a browser",
        "storage": "only the object stores: files in and out, compared with the file system and obstore",
        "memory": "only memory: after load and at rest, with the allocators of glibc and jemalloc",
        "mixed": "only half an hour of mixed load: rate and memory with the allocators of glibc and jemalloc",
        "database": "only the index in PostgreSQL and MariaDB, compared with Debian's plugins 5.0",
        "index": "only the index in SQLite as it grows, compared with Debian's plain Orthanc",
        "explorer": "only the web pages: the first list, the next page, memory, and what a start costs",
        "transfers": "only the plugin Transfers over long lines, compared with Orthanc's own store to a peer",
        "authorization": "only the plugin Authorization: the same requests with it and without it",
        "stores": "only an object store that answers late, with the defaults for a store and for a disk",
        "pixels": "only images decoded and transcoded, compared with Debian's Orthanc with GDCM",
    }
)
def bench(
    _: Context,
    viewers: bool = False,
    storage: bool = False,
    memory: bool = False,
    mixed: bool = False,
    database: bool = False,
    index: bool = False,
    explorer: bool = False,
    transfers: bool = False,
    authorization: bool = False,
    pixels: bool = False,
    stores: bool = False,
) -> None:
    """Measure build times, sizes and start times, compared with a plain Dockerfile of the same packages."""
    from bench.run import command

    given = {
        "memory": memory,
        "mixed": mixed,
        "storage": storage,
        "viewers": viewers,
        "database": database,
        "index": index,
        "explorer": explorer,
        "transfers": transfers,
        "authorization": authorization,
        "pixels": pixels,
        "stores": stores,
    }
    command(ROOT, [name for name, on in given.items() if on] or ["images"], os.environ, CONSOLE)


@task("doctor")
def examine(_: Context) -> None:
    """List what a build needs on this machine, what is missing, and how to get it."""
    from builder import doctor
    from builder.errors import BuildError
    from builder.spec import model

    found = doctor.examine(ROOT, os.environ, model.load(ROOT / model.FILE).platforms)
    CONSOLE.table((one.row for one in found), doctor.HEAD)
    if not doctor.healthy(found):
        raise BuildError("doctor: something that a build needs is missing", remedy="See the table above")
