"""package-lock.json: the packages of npm that our pages are made of and with, each by its sha512."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from builder.errors import DefinitionError, LockError
from builder.spec.artifact import Artifact

FOLDER = "plugins/web"
FILE = f"{FOLDER}/package-lock.json"
PROVIDER = "npm"

_REMEDY = "Regenerate it with npm, as described in plugins/web/README.md"


@dataclass(frozen=True)
class NodePackage:
    """One package of npm at its place below node_modules.

    `development` tells that it is only used to work on the pages, and is never part of one.
    """

    place: str
    artifact: Artifact
    development: bool


def archive_name(name: str, version: str) -> str:
    """Return the file name of the archive of a package of npm."""
    return f"{name.removeprefix('@').replace('/', '-')}-{version}.tgz"


@dataclass(frozen=True)
class NodeTarget:
    """The target of packages with programs, in npm's terms."""

    system: str
    processor: str
    library: str = "glibc"


TARGETS = {"linux/amd64": NodeTarget("linux", "x64"), "linux/arm64": NodeTarget("linux", "arm64")}
"""The target of each platform of the images, and of the containers that they are made in."""


def read(root: Path, target: NodeTarget) -> tuple[NodePackage, ...]:
    """Return the packages in the lock of the pages of the repository `root` that are meant for `target`.

    Raises:
        LockError: when it is missing or damaged, or pins a package without a sha512.
    """
    try:
        text = (root / FILE).read_text(encoding="utf-8")
        packages: Mapping[str, Any] = json.loads(text)["packages"]
        found = ((place, entry) for place, entry in packages.items() if place and _fits(entry, target))
        return tuple(_package(place, entry) for place, entry in sorted(found))
    except OSError as error:
        raise LockError(f"{FILE}: cannot be read: {error.strerror}", remedy=_REMEDY) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise LockError(f"{FILE}: is not a package-lock.json of version 3", remedy=_REMEDY) from error


def tools(packages: Iterable[NodePackage], names: Iterable[str]) -> tuple[Artifact, ...]:
    """Return those of `packages` that have one of `names`."""
    wanted = set(names)
    return tuple(one.artifact for one in packages if one.artifact.name in wanted)


def bundled(packages: Iterable[NodePackage]) -> tuple[Artifact, ...]:
    """Return those of `packages` that may be a part of a page."""
    return tuple(one.artifact for one in packages if not one.development)


def demand(root: Path, names: Iterable[str]) -> None:
    """Check that the lock has every package in `names`, for any target.

    Raises:
        DefinitionError: with the first that it lacks.
    """
    packages = json.loads((root / FILE).read_text(encoding="utf-8"))["packages"]
    known = {_name(place, entry) for place, entry in packages.items()}
    for name in names:
        if name not in known:
            what = f"build.toml: npm.tools: {name!r} is not in {FILE}"
            raise DefinitionError(what, remedy="Correct it, or add the package there")


def _package(place: str, entry: Mapping[str, Any]) -> NodePackage:
    name, digest = _name(place, entry), _sha512(str(entry.get("integrity", "")))
    if not digest:
        raise LockError(f"{FILE}: {place} has no sha512", remedy=_REMEDY)
    version, below = str(entry["version"]), place.removeprefix("node_modules/")
    found = Artifact(PROVIDER, "", name, version, archive_name(name, version), 0, f"sha512:{digest}")
    return NodePackage(below, found, bool(entry.get("dev", False)))


def _name(place: str, entry: Mapping[str, Any]) -> str:
    """Return the name of a package, which says itself when it lies at the place of another."""
    return str(entry.get("name") or place.rpartition("node_modules/")[2])


def _sha512(integrity: str) -> str:
    """Return the sha512 among hashes as npm writes them, in hexadecimal digits; empty without one."""
    words = [word.removeprefix("sha512-") for word in integrity.split() if word.startswith("sha512-")]
    try:
        digest = base64.b64decode(words[0], validate=True) if words else b""
    except binascii.Error:
        return ""
    return digest.hex() if len(digest) == hashlib.sha512().digest_size else ""


def _fits(entry: Mapping[str, Any], target: NodeTarget) -> bool:
    """Tell whether a package is meant for `target`: its lists name what it is for, or with ! what not."""
    pairs = (("os", target.system), ("cpu", target.processor), ("libc", target.library))
    return all(_allows(entry.get(key) or (), value) for key, value in pairs)


def _allows(listed: Iterable[str], value: str) -> bool:
    names = [one for one in listed if not one.startswith("!")]
    return (not names or value in names) and f"!{value}" not in listed
