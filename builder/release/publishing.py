"""Publishing: what was tested is copied to a registry with its attestations, signed, and tagged last.

Everything is decided before anything is sent. Blobs and manifests are sent first, under their digests, then
the signature, and the tags last. So an interrupted run leaves no tag half-done, and the next run continues.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from builder.console import Console
from builder.errors import BuildError, ShellError, UsageError
from builder.image import contents
from builder.image.oci import INDEX, REBUILD, Descriptor, Layout, emptied, encoded, index_of, platform_of
from builder.image.registry import Name, Registry, named
from builder.release import attestations, signing
from builder.release.export import RELEASE, TESTED, place
from builder.release.signing import Signer
from builder.sbom import subject
from builder.shell import Runner, run
from builder.spec import model
from builder.spec.labels import COMPONENTS, REVISION, VERSION, standard
from builder.spec.model import Definition

LENGTH = 12
"""Of the revision in an immutable tag, in hexadecimal digits."""


HEAD = ("variant", "digest", "tags")


@dataclass(frozen=True)
class Release:
    """One variant to publish: its index, the tags it gets, and the layouts that hold its blobs."""

    variant: str
    index: bytes
    digest: str
    fixed: str
    moving: tuple[str, ...]
    layouts: tuple[Layout, ...]

    @property
    def row(self) -> tuple[str, str, str]:
        """Return variant, digest and tags."""
        return self.variant, self.digest, " ".join((self.fixed, *self.moving))


@dataclass(frozen=True)
class PublishOptions:
    """What a person wants published: where to, which variants and platforms, and what may be missing."""

    to: str
    variants: tuple[str, ...] = ()
    platforms: tuple[str, ...] = ()
    without: tuple[str, ...] = ()


def command(root: Path, options: PublishOptions, signer: Signer | None, console: Console) -> list[Release]:
    """Publish what `options` asks for from the release folders of `root`, unsigned without a `signer`.

    Raises:
        BuildError: before anything is sent, with every reason why something must not be published.
    """
    definition = model.load(root / model.FILE)
    repository = named(options.to)
    if repository.tag or repository.digest:
        raise UsageError(
            f"publish: {options.to!r} names a version", remedy="Leave it out: publishing adds the tags"
        )
    releases = prepare(root, definition, options)
    registry = Registry(repository)
    _demand_free(registry, releases)
    for release in releases:
        with console.stage(f"publishing {release.variant}"):
            send(registry, release, console)
            if signer is not None:
                _sign(replace(repository, digest=release.digest), signer)
            name(registry, release, console)
    return releases


def prepare(root: Path, definition: Definition, options: PublishOptions) -> list[Release]:
    """Return the releases that `options` asks for; raises BuildError with every reason against them."""
    variants = options.variants or tuple(definition.variants)
    platforms = options.platforms or definition.platforms
    wrong = [
        reason
        for variant in variants
        for platform in platforms
        for reason in _reasons(root, definition, variant, platform, options.without)
    ]
    wrong += [f"--without: {name!r} is not missing" for name in _needless(root, definition, options)]
    if wrong:
        raise BuildError("publish: not everything may be published", details=dict.fromkeys(wrong))
    return [_release(root, definition, variant, platforms) for variant in variants]


def tags(definition: Definition, variant: str, server: str, revision: str) -> tuple[str, tuple[str, ...]]:
    """Return the immutable tag of an image, and those that move: `server` is the version of Orthanc."""
    suffix, (year, month, _) = definition.variants[variant].suffix, definition.version.split(".")
    moving = (definition.version, server, f"{year}.{month}", year, "latest")
    fixed = f"{definition.version}-{revision[:LENGTH]}{suffix}"
    return fixed, tuple(f"{tag}{suffix}" for tag in dict.fromkeys(moving))


def send(registry: Registry, release: Release, console: Console) -> None:
    """Put every blob and manifest of `release` into the registry, under their digests."""
    sent = 0
    for layout, digest, pointer in _needed(release):
        if pointer is None:
            registry.put_manifest(digest, layout.path(digest).read_bytes(), layout.json(digest)["mediaType"])
        else:
            sent += registry.put_blob(digest, layout.path(digest))
    registry.put_manifest(release.digest, release.index, INDEX)
    console.say(f"{release.variant}: {sent} blobs sent, {release.digest}")


def name(registry: Registry, release: Release, console: Console) -> None:
    """Give `release` its tags, but move none that already names a newer version."""
    for tag in (release.fixed, *release.moving):
        there = registry.resolve(tag)
        if there == release.digest:
            continue
        if there and _newer(registry, there, release):
            console.say(f"{tag}: already names a newer version, and stays there")
            continue
        registry.put_manifest(tag, release.index, INDEX)
        console.say(f"{replace(registry.name, tag=tag)}")


def _sign(image: Name, signer: Signer, runner: Runner = run) -> None:
    """Sign `image` unless it is signed already, so that a repeated run adds nothing."""
    try:
        signing.signed(image, signer, runner)
    except ShellError:
        raise  # cosign is not installed: signing would fail in the same way
    except BuildError:
        signing.sign(image, signer, runner)


def _demand_free(registry: Registry, releases: Iterable[Release]) -> None:
    """Check that no immutable tag would move; raises BuildError otherwise."""
    found = [(one, registry.resolve(one.fixed)) for one in releases]
    wrong = [
        f"{one.fixed}: is already {there}, and would become {one.digest}"
        for one, there in found
        if there not in ("", one.digest)
    ]
    if wrong:
        remedy = "It never moves. Publish the image that it names, or commit your changes and build them"
        raise BuildError("publish: an immutable tag is already taken", details=wrong, remedy=remedy)


def _newer(registry: Registry, digest: str, release: Release) -> bool:
    there = json.loads(registry.manifest(digest)).get("annotations", {}).get(VERSION, "")
    ours = json.loads(release.index)["annotations"][VERSION]
    return _numbers(there) > _numbers(ours)


def _numbers(version: str) -> list[int]:
    return [int(one) for one in re.findall(r"\d+", version)]


def _reasons(
    root: Path, definition: Definition, variant: str, platform: str, without: Sequence[str]
) -> Iterator[str]:
    """Yield each reason why the image of `variant` for `platform` must not be published."""
    folder, where = place(root, variant, platform), f"{variant} for {platform}"
    rebuild = f"Rebuild it with: ./inv build --reproducible --platform {platform}"
    if not (folder / "image" / "index.json").exists():
        yield f"{where}: is not in {RELEASE}. {rebuild.replace('Rebuild', 'Build')}"
        return
    layout = Layout(folder / "image")
    layout.check()
    labels = layout.config["config"].get("Labels", {})
    revision = labels.get(REVISION, "unknown")
    if not re.fullmatch(r"[0-9a-f]{40}", revision):
        yield f"{where}: is built from {revision!r}, which is not a commit. Commit your changes. {rebuild}"
    if labels.get(VERSION) != f"{definition.version}{definition.variants[variant].suffix}":
        yield f"{where}: is version {labels.get(VERSION)!r}. {rebuild}"
    absent = [name for name in attestations.KINDS if not (folder / name).exists()]
    yield from (f"{where}: has no {name}. {rebuild}" for name in absent)
    yield from _untested(folder, layout, where)
    for name, reason in missing(layout, definition, variant, platform).items():
        if name not in without:
            yield f"{where}: {name} is missing: {reason}. Add it, or publish with --without {name}"


def _untested(folder: Path, layout: Layout, where: str) -> Iterator[str]:
    path = folder / TESTED
    tested = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    if tested.get("digest") != layout.digest:
        yield f"{where}: {layout.digest} is not tested. Test it with: ./inv test --image"
    elif tested.get("failed") or not tested.get("passed"):
        yield f"{where}: {tested['failed']} of its tests failed. Mend that"


def missing(layout: Layout, definition: Definition, variant: str, platform: str) -> dict[str, str]:
    """Return the components that an image should have and has not, with the reason it gives.

    What `definition` has nowhere for a platform, such as libraries that upstream makes for others only, is
    no lack of the image.
    """
    wanted = {
        one.name
        for one in definition.components_of(variant)
        if any(definition.serves(provider, platform) for provider in one.providers)
    }
    listed = json.loads(contents.read(layout).text(contents.COMPONENTS))
    return {one["name"]: one["reason"] for one in listed["missing"] if one["name"] in wanted}


def _needless(root: Path, definition: Definition, options: PublishOptions) -> list[str]:
    if not options.without:
        return []
    found: set[str] = set()
    for variant in options.variants or tuple(definition.variants):
        for platform in options.platforms or definition.platforms:
            layout = Layout(place(root, variant, platform) / "image")
            if (layout.root / "index.json").exists():
                found |= set(missing(layout, definition, variant, platform))
    return sorted(set(options.without) - found)


def _release(root: Path, definition: Definition, variant: str, platforms: Sequence[str]) -> Release:
    """Return the release of `variant`, whose index and attached documents lie in out/release/<variant>."""
    gathered = Layout(emptied(root / RELEASE / variant))
    layouts, entries = [gathered], list[Descriptor]()
    labels: Mapping[str, str] = {}
    for platform in platforms:
        folder = place(root, variant, platform)
        layout = Layout(folder / "image")
        entry = layout.index()[0]
        about = subject.of(definition, variant, platform, layout)
        entries.append(Descriptor(entry["mediaType"], entry["digest"], entry["size"], platform_of(platform)))
        entries.append(attestations.attach(folder, about, gathered))
        layouts.append(layout)
        labels = layout.config["config"]["Labels"]
    index = encoded(index_of(entries, standard(labels)))
    whole = gathered.add(index, INDEX)
    gathered.write([whole])
    revision = labels[REVISION]
    fixed, moving = tags(definition, variant, server(labels), revision)
    return Release(variant, index, whole.digest, fixed, moving, tuple(layouts))


def server(labels: Mapping[str, str]) -> str:
    """Return the version of Orthanc that the labels of an image name, such as 1.13.0."""
    found = re.search(r"(?:^| )orthanc=(\d+\.\d+\.\d+)", labels.get(COMPONENTS, ""))
    if not found:
        raise BuildError("publish: the labels do not name the version of Orthanc", remedy=REBUILD)
    return found[1]


def _needed(release: Release) -> Iterator[tuple[Layout, str, Any]]:
    """Yield each blob of `release` with its descriptor, then each manifest with None."""
    for entry in json.loads(release.index)["manifests"]:
        digest = entry["digest"]
        layout = next(one for one in release.layouts if one.path(digest).exists())
        manifest = layout.json(digest)
        for pointer in (manifest["config"], *manifest["layers"]):
            yield layout, pointer["digest"], pointer
        yield layout, digest, None
