"""The plan of a build: every image with its tags, labels and components, decided before anything is done."""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from builder.errors import DefinitionError, UsageError
from builder.reading import guess
from builder.spec import labels, package_lock
from builder.spec.artifact import Artifact
from builder.spec.choice import Choice
from builder.spec.component import PROVIDERS, SYSTEM, Component
from builder.spec.lockfile import SHA256, Lock
from builder.spec.model import BASE, CHECKER, COMPILER, PLATFORMS, TOOLS, WEB, WEB_TOOLS, Definition

Listed = Callable[[str], bytes]
"""What gives the names and hashes of the files below a name in the repository, which is read once a plan."""

_MADE = {"__pycache__", "node_modules"}


@dataclass(frozen=True)
class Part:
    """One component as it is in an image: its version, and the hash of its sources.

    `files` has the sha256 of each file that is in the image as it was downloaded, by name.
    """

    name: str
    summary: str
    provider: str
    version: str
    hash: str
    plugins: tuple[str, ...]
    files: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Missing:
    """One component that is not in an image, and why."""

    name: str
    plugins: tuple[str, ...]
    reason: str


@dataclass(frozen=True)
class PlannedImage:
    """One image to build: a variant on a platform."""

    variant: str
    platform: str
    tags: tuple[str, ...]
    labels: Mapping[str, str]
    parts: tuple[Part, ...]
    missing: tuple[Missing, ...]


@dataclass(frozen=True)
class Commit:
    """The commit that is built: its hash (with a mark when files differ from it) and its time."""

    revision: str
    seconds: int


@dataclass(frozen=True)
class Plan:
    """Everything that one build makes on one platform, and the files that it needs for that.

    `layers` has those files by layer: a variant, the base, our own pages (WEB, in every image), or tools that
    only the build needs.
    """

    name: str
    version: str
    platform: str
    suite: str
    snapshot: str
    archive: str
    upstream: str
    epoch: int
    commit: Commit
    targets: tuple[str, ...]
    lineages: Mapping[str, tuple[str, ...]]
    images: tuple[PlannedImage, ...]
    layers: Mapping[str, tuple[Artifact, ...]]

    @property
    def architecture(self) -> str:
        """Return Debian's name of the platform, such as amd64."""
        return PLATFORMS[self.platform]

    @property
    def needed(self) -> tuple[Artifact, ...]:
        """Return every file that the build needs, once."""
        return tuple(dict.fromkeys(one for held in self.layers.values() for one in held))

    def artifacts(self, layer: str, provider: str = "") -> tuple[Artifact, ...]:
        """Return the files of `layer` alone, such as a variant: all, or those of `provider`."""
        return tuple(one for one in self.layers.get(layer, ()) if provider in ("", one.provider))

    def precompiled(self, variant: str) -> tuple[Artifact, ...]:
        """Return the files of `variant` alone that are checked before they are shipped."""
        return tuple(one for one in self.layers[variant] if PROVIDERS[one.provider].precompiled)

    @property
    def doubtful(self) -> tuple[Artifact, ...]:
        """Return the files of all variants that are checked before they are shipped."""
        return tuple(one for variant in self.targets for one in self.precompiled(variant))

    def without(self, components: Container[str]) -> Plan:
        """Return this plan without the precompiled files of `components`."""
        refused = {one for one in self.doubtful if one.component in components}
        layers = {
            name: tuple(one for one in held if one not in refused) for name, held in self.layers.items()
        }
        return replace(self, layers=layers)

    def image(self, variant: str) -> PlannedImage:
        """Return the image of `variant`."""
        return next(one for one in self.images if one.variant == variant)


def make(
    definition: Definition,
    lock: Lock,
    *,
    variants: Sequence[str],
    platform: str,
    commit: Commit,
    root: Path,
    refused: Mapping[str, str] | None = None,
    told: Mapping[str, str] | None = None,
    checking: bool = False,
) -> Plan:
    """Return the plan that builds `variants` and what they extend on `platform`.

    `root` is the folder of the repository, whose files are parts of the images. `refused` has the reason why
    the locked upstream libraries of a component must not be shipped, by the component's name, and `told` the
    version that such a library gives, where it is another one. `checking` adds what the tests of native code
    need.

    Raises:
        UsageError: when a variant or the platform is not in build.toml.
    """
    known(definition, variants, platform)
    choice = Choice(definition, lock, platform, refused or {}, told)
    needed = tuple(dict.fromkeys(one.name for name in variants for one in definition.lineage(name)))
    listed = functools.cache(lambda name: _listed(root, name))
    shared = (TOOLS, COMPILER, *((CHECKER,) if checking and definition.debian.checker else ()), BASE)
    return Plan(
        name=definition.name,
        version=definition.version,
        platform=platform,
        suite=lock.suite,
        snapshot=lock.snapshot,
        archive=definition.debian.archive(lock.snapshot),
        upstream=definition.upstream.base,
        epoch=lock.epoch,
        commit=commit,
        targets=needed,
        lineages={name: tuple(one.name for one in definition.lineage(name)) for name in needed},
        images=tuple(_image(choice, name, commit, listed) for name in needed),
        layers={
            **{name: tuple(choice.artifacts(name)) for name in (*shared, *needed)},
            **_pages(definition, platform, root),
        },
    )


def known(definition: Definition, variants: Iterable[str], platform: str) -> None:
    """Check that `variants` and `platform` are in `definition`; raises UsageError with a guess otherwise."""
    asked = [("variant", name, definition.variants) for name in variants]
    for kind, name, names in (*asked, ("platform", platform, definition.platforms)):
        if name not in names:
            raise UsageError(f"{kind}: {name!r} is not in build.toml", remedy=guess(name, names))


def marked(plan: Plan) -> Plan:
    """Return `plan` with the architecture in every tag, for an engine whose own images have plain ones."""
    images = (
        replace(image, tags=tuple(f"{tag}-{plan.architecture}" for tag in image.tags))
        for image in plan.images
    )
    return replace(plan, images=tuple(images))


def text(plan: Plan) -> str:
    """Return `plan` as JSON, for out/plan.json."""
    return json.dumps(asdict(plan), indent=2) + "\n"


def manifest(plan: Plan, variant: str) -> str:
    """Return the text of /usr/share/orthanc/components.json in the image of `variant`."""
    image = plan.image(variant)
    content = {
        "name": plan.name,
        "variant": variant,
        "version": plan.version,
        "platform": plan.platform,
        "components": [asdict(part) for part in image.parts],
        "missing": [asdict(one) for one in image.missing],
    }
    return json.dumps(content, indent=1) + "\n"


def listed(text: str) -> tuple[tuple[Part, ...], tuple[Missing, ...]]:
    """Return what an image has and lacks, from the text of its components.json."""
    content = json.loads(text)
    parts = (Part(**{**row, "plugins": tuple(row["plugins"])}) for row in content["components"])
    missing = (Missing(**{**row, "plugins": tuple(row["plugins"])}) for row in content["missing"])
    return tuple(parts), tuple(missing)


def tags(definition: Definition, variant: str) -> tuple[str, ...]:
    """Return the names that the image of `variant` has in the local engine, the exact one first."""
    suffix = definition.variants[variant].suffix
    return tuple(f"{definition.name}:{one}{suffix}" for one in (definition.version, "latest"))


def _image(choice: Choice, variant: str, commit: Commit, listed: Listed) -> PlannedImage:
    definition, lock = choice.definition, choice.lock
    wanted = definition.components_of(variant)
    parts = (_system(lock, choice.platform), *_parts(choice, wanted, listed))
    missing = tuple(_missing(choice, variant))
    return PlannedImage(
        variant=variant,
        platform=choice.platform,
        tags=tags(definition, variant),
        labels=_labels(definition, lock, variant, parts, missing, commit),
        parts=parts,
        missing=missing,
    )


def _system(lock: Lock, platform: str) -> Part:
    digest, version = _joint(lock.layers[platform][BASE]), f"{lock.suite} {lock.snapshot}"
    return Part(SYSTEM, f"Debian {lock.suite}", SYSTEM, version, digest, ())


def _pages(definition: Definition, platform: str, root: Path) -> dict[str, tuple[Artifact, ...]]:
    """Return what bundles our own pages on `platform`, and what is bundled into them, as layers."""
    if not definition.npm.tools:
        return {WEB_TOOLS: (), WEB: ()}
    packages = package_lock.read(root, package_lock.TARGETS[platform])
    package_lock.demand(root, definition.npm.tools)
    return {
        WEB_TOOLS: package_lock.tools(packages, definition.npm.tools),
        WEB: package_lock.bundled(packages),
    }


def _parts(choice: Choice, wanted: Sequence[Component], listed: Listed) -> Iterator[Part]:
    for component in wanted:
        provider = choice.provider(component)
        if provider:
            held = choice.held(component)
            whole = held if PROVIDERS[provider].precompiled else ()
            yield Part(
                component.name,
                component.summary,
                provider,
                choice.version(component),
                _hash(held) if held else f"{SHA256}:{_digest(listed, component.files)}",
                component.plugins,
                {one.file: one.digest for one in whole},
            )


def _hash(artifacts: Sequence[Artifact]) -> str:
    """Return the digest of one file, or a digest of several that does not depend on their order."""
    return artifacts[0].digest if len(artifacts) == 1 else _joint(artifacts)


def _joint(artifacts: Iterable[Artifact]) -> str:
    sums = "".join(sorted(one.hashed[1] for one in artifacts))
    return f"{SHA256}:{hashlib.sha256(sums.encode()).hexdigest()}"


def _missing(choice: Choice, variant: str) -> Iterator[Missing]:
    for component in choice.definition.components.values():
        reason = choice.lack(component, variant)
        if reason:
            yield Missing(component.name, component.plugins, reason)


def _labels(
    definition: Definition,
    lock: Lock,
    variant: str,
    parts: Iterable[Part],
    missing: Iterable[Missing],
    commit: Commit,
) -> dict[str, str]:
    suffix = definition.variants[variant].suffix
    created = datetime.fromtimestamp(commit.seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {
        labels.TITLE: f"{definition.title}{f' ({variant})' if suffix else ''}",
        labels.DESCRIPTION: definition.description,
        labels.VERSION: f"{definition.version}{suffix}",
        labels.REVISION: commit.revision,
        labels.CREATED: created,
        labels.SOURCE: definition.source,
        labels.URL: definition.source,
        labels.DOCUMENTATION: f"{definition.source}/blob/main/README.md",
        labels.LICENCES: definition.licences,
        labels.BASE_NAME: "scratch",
        labels.DEBIAN: f"{lock.suite} {lock.snapshot}",
        labels.VARIANT: variant,
        labels.COMPONENTS: labels.components((one.name, one.version) for one in parts),
        labels.MISSING: " ".join(one.name for one in missing),
    }


def _digest(listed: Listed, files: Iterable[str]) -> str:
    """Return the sha256 of what is `listed` of `files`."""
    return hashlib.sha256(b"".join(listed(name) for name in sorted(files))).hexdigest()


def _listed(root: Path, name: str) -> bytes:
    """Return the names and hashes of the files at or below `name`, without generated ones.

    Raises:
        DefinitionError: when it does not exist.
    """
    place = root / name
    if not place.exists():
        message = f"build.toml: {name!r} is not in the repository"
        raise DefinitionError(message, remedy="Correct the files of its component")
    lines = []
    for path in sorted(place.rglob("*")) if place.is_dir() else [place]:
        relative = path.relative_to(root)
        if not _MADE & {*relative.parts} and path.is_file():
            lines.append(str(relative).encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return b"".join(lines)
