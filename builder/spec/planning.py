"""What a build makes: every image with its tags, labels and components, decided before anything is done."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from builder.errors import DefinitionError, UsageError
from builder.reading import guess
from builder.spec import labels, package_lock
from builder.spec.choice import Choice
from builder.spec.lockfile import Bundle, Library, Lock, Package, Wheel
from builder.spec.model import BASE, COMPILER, PLATFORMS, TOOLS, Component, Definition
from builder.spec.package_lock import NodePackage

_MADE = {"__pycache__", "node_modules"}


@dataclass(frozen=True)
class Part:
    """One component as it is in an image: its version, and the hash of what it was made from.

    `files` has the sha256 of each file that was downloaded as it is, by name.
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
    """One image to make: a variant on a platform."""

    variant: str
    platform: str
    tags: tuple[str, ...]
    labels: Mapping[str, str]
    parts: tuple[Part, ...]
    missing: tuple[Missing, ...]


@dataclass(frozen=True)
class Plan:
    """Everything that one build makes, on one platform, and the files that it needs for that."""

    name: str
    version: str
    platform: str
    suite: str
    snapshot: str
    archive: str
    upstream: str
    epoch: int
    targets: tuple[str, ...]
    lineages: Mapping[str, tuple[str, ...]]
    images: tuple[PlannedImage, ...]
    packages: Mapping[str, tuple[Package, ...]]
    wheels: Mapping[str, tuple[Wheel, ...]]
    libraries: Mapping[str, tuple[Library, ...]]
    bundles: Mapping[str, tuple[Bundle, ...]]
    page_tools: tuple[NodePackage, ...]
    """What bundles our own pages, and is in no image."""
    page_packages: tuple[NodePackage, ...]
    """What is bundled into our own pages, in every image."""

    @property
    def architecture(self) -> str:
        """Return Debian's name of the platform, such as amd64."""
        return PLATFORMS[self.platform]

    def without(self, components: Container[str]) -> Plan:
        """Return this plan without the precompiled libraries of `components`."""
        libraries = {
            variant: tuple(one for one in group if one.component not in components)
            for variant, group in self.libraries.items()
        }
        return replace(self, libraries=libraries)

    def image(self, variant: str) -> PlannedImage:
        """Return the image of `variant`."""
        return next(one for one in self.images if one.variant == variant)


@dataclass(frozen=True)
class Commit:
    """The commit that is built: its hash (with a mark when files differ from it) and its time."""

    revision: str
    seconds: int


def make(
    definition: Definition,
    lock: Lock,
    *,
    variants: Sequence[str],
    platform: str,
    commit: Commit,
    root: Path,
    refused: Mapping[str, str] | None = None,
) -> Plan:
    """Return the plan that builds `variants` and what they extend on `platform`.

    `root` is the folder of the repository, whose files are parts of the images. `refused` has the reason why
    the locked upstream libraries of a component are not to be shipped, by the component's name.

    Raises:
        UsageError: when a variant or the platform is not in build.toml.
    """
    known(definition, variants, platform)
    choice = Choice(definition, lock, platform, refused or {})
    needed = tuple(dict.fromkeys(one.name for name in variants for one in definition.lineage(name)))
    layers = lock.packages[platform]
    page_tools, page_packages = _pages(definition, platform, root)
    return Plan(
        name=definition.name,
        version=definition.version,
        platform=platform,
        suite=lock.suite,
        snapshot=lock.snapshot,
        archive=definition.debian.archive(lock.snapshot),
        upstream=definition.upstream.base,
        epoch=lock.epoch,
        targets=needed,
        lineages={name: tuple(one.name for one in definition.lineage(name)) for name in needed},
        images=tuple(_image(choice, name, commit, root) for name in needed),
        packages={
            name: tuple(one for one in layers[name] if one.name not in choice.superseded)
            for name in (TOOLS, COMPILER, BASE, *needed)
        },
        wheels={name: tuple(choice.wheels(name)) for name in needed},
        libraries={name: tuple(choice.libraries(name)) for name in needed},
        bundles={name: tuple(choice.bundles(name)) for name in needed},
        page_tools=page_tools,
        page_packages=page_packages,
    )


def known(definition: Definition, variants: Iterable[str], platform: str) -> None:
    """Return when `variants` and `platform` are in `definition`; raises UsageError with a guess else."""
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
    """Return `plan` as JSON, to be looked at in out/plan.json."""
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


def _image(choice: Choice, variant: str, commit: Commit, root: Path) -> PlannedImage:
    definition, lock = choice.definition, choice.lock
    wanted = definition.components_of(variant)
    parts = (_system(lock, choice.platform), *_parts(choice, wanted, root))
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
    base = "".join(sorted(one.sha256 for one in lock.packages[platform][BASE]))
    digest, version = hashlib.sha256(base.encode()).hexdigest(), f"{lock.suite} {lock.snapshot}"
    return Part("debian", f"Debian {lock.suite}", "debian", version, f"sha256:{digest}", ())


def _pages(
    definition: Definition, platform: str, root: Path
) -> tuple[tuple[NodePackage, ...], tuple[NodePackage, ...]]:
    """Return what bundles our own pages on `platform`, and what is bundled into them."""
    if not definition.npm.tools:
        return (), ()
    packages = package_lock.read(root, package_lock.TARGETS[platform])
    package_lock.demand(root, definition.npm.tools)
    return package_lock.tools(packages, definition.npm.tools), package_lock.bundled(packages)


def _parts(choice: Choice, wanted: Sequence[Component], root: Path) -> Iterator[Part]:
    wheels = {one.component: one for one in choice.lock.wheels.get(choice.platform, ())}
    for component in wanted:
        provider, files, kind = choice.provider(component), dict[str, str](), "sha256"
        if not provider:
            continue
        if provider == "debian":
            package = choice.packages[component.versioned_by]
            version, digest = package.version, package.sha256
        elif provider == "pypi":
            version, digest = wheels[component.name].version, wheels[component.name].sha256
        elif provider == "npm":
            (bundle,) = (one for one in choice.lock.bundles if one.component == component.name)
            version, kind, digest = bundle.version, "sha512", bundle.sha512
        elif provider == "upstream":
            held = choice.lock.libraries_of(component.name, choice.platform)
            version, digest = component.version, _joint([one.sha256 for one in held])
            files = {one.file: f"sha256:{one.sha256}" for one in held}
        else:
            version, digest = choice.definition.version, _digest(root, component.files)
        summary, plugins = component.summary, component.plugins
        yield Part(component.name, summary, provider, version, f"{kind}:{digest}", plugins, files)


def _joint(digests: Sequence[str]) -> str:
    """Return the one digest, or that of several in their order."""
    return digests[0] if len(digests) == 1 else hashlib.sha256("".join(sorted(digests)).encode()).hexdigest()


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


def _digest(root: Path, files: Iterable[str]) -> str:
    """Return the sha256 of the names and bytes of the files below `files`, without what is made there.

    Raises:
        DefinitionError: when one of `files` is not there.
    """
    total = hashlib.sha256()
    for name in sorted(files):
        place = root / name
        if not place.exists():
            message = f"build.toml: {name!r} is not in the repository"
            raise DefinitionError(message, remedy="Correct the files of its component")
        found = sorted(place.rglob("*")) if place.is_dir() else [place]
        for path in found:
            if path.is_file() and not _MADE & {*path.relative_to(root).parts}:
                total.update(str(path.relative_to(root)).encode() + b"\0")
                total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()
