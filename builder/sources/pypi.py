"""Wheels from the Python index: found and fetched by pip, with the machine's own pip configuration."""

from __future__ import annotations

import json
import sys
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from email.message import Message
from email.parser import HeaderParser
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from builder.errors import DefinitionError, FetchError, LockError
from builder.hashing import SHA256, file_hash
from builder.shell import Runner, run
from builder.sources.item import Item, Licence, purl
from builder.sources.provider import Delivery, Listing, Provider, ProviderAnswer, Request, stated
from builder.sources.store import Store
from builder.spec.artifact import Artifact
from builder.spec.component import Component
from builder.spec.model import PLATFORMS

PYTHON = "3.14"

_MACHINES = {"amd64": "x86_64", "arm64": "aarch64"}
_CLASSES = {
    "MIT License": "MIT",
    "Apache Software License": "Apache-2.0",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
}
_GLIBC = ("2_34", "2_31", "2_28", "2_27", "2_24", "2_17")


def resolve(
    components: Sequence[Component], platforms: Iterable[str], runner: Runner = run
) -> dict[str, tuple[Artifact, ...]]:
    """Return the newest wheel that each of `components` may have, by platform.

    Raises:
        LockError: when the index has none that fits the platform.
    """
    return {
        platform: tuple(_newest(component, platform, runner) for component in components)
        for platform in platforms
    }


def licence(component: Component, wheel: Path) -> str:
    """Return the text of the licence file that `component` names in its wheel; empty when it names none."""
    if not component.licence:
        return ""
    with zipfile.ZipFile(wheel) as archive:
        for name in sorted(archive.namelist()):
            if fnmatch(name, component.licence):
                return archive.read(name).decode("utf-8", "replace")
    raise DefinitionError(
        f"components.{component.name}.licence: no file in {wheel.name} matches {component.licence!r}",
        remedy="Correct it in build.toml",
    )


def machine(platform: str) -> str:
    """Return the name of the platform's processor in the names of wheels, such as x86_64."""
    return _MACHINES[PLATFORMS[platform]]


def download(platform: str, python: str = PYTHON) -> list[str]:
    """Return the start of a pip command that downloads wheels for a `platform` and a `python`."""
    tags = [f"--platform=manylinux_{glibc}_{machine(platform)}" for glibc in _GLIBC]
    tags += [f"--platform=manylinux2014_{machine(platform)}", f"--python-version={python}"]
    options = ("--no-deps", "--only-binary=:all:", "--quiet", "--disable-pip-version-check")
    return [sys.executable, "-m", "pip", "download", *options, *tags]


def complaints(stderr: str) -> Iterator[str]:
    """Return the error messages of pip, a line each."""
    return (line for line in stderr.splitlines() if line.startswith("ERROR"))


def fetch(wheel: Artifact, platform: str, store: Store, runner: Runner = run) -> Path:
    """Return the path of `wheel` in `store`, after fetching it with pip.

    Raises:
        FetchError: when pip cannot get it, or gets another file than the lock says.
    """
    with tempfile.TemporaryDirectory(prefix="orthanc-images-pip-") as folder:
        pin = Path(folder) / "pin.txt"
        pin.write_text(f"{wheel.name}=={wheel.version} --hash={wheel.digest}\n")
        target = Path(folder) / "wheels"
        options = ["--dest", str(target), "--require-hashes", "--requirement", str(pin)]
        done = runner([*download(platform), *options], check=False)
        if done.code:
            raise FetchError(
                f"{wheel.file}: pip could not fetch it",
                details=complaints(done.stderr),
                remedy="Check that the Python index can be reached, then run the same command again",
            )
        return store.add(target / wheel.file, wheel.digest)


def _newest(component: Component, platform: str, runner: Runner) -> Artifact:
    version = "" if component.version == "*" else f"=={component.version}"
    requirement = f"{component.packages[0]}{version}"
    with tempfile.TemporaryDirectory(prefix="orthanc-images-pip-") as folder:
        done = runner([*download(platform), "--dest", folder, requirement], check=False)
        files = sorted(Path(folder).glob("*.whl"))
        if done.code or not files:
            raise LockError(
                f"components.{component.name}: the Python index has no {requirement} for {platform}",
                details=complaints(done.stderr),
                remedy="Correct the package or the version in build.toml, or the index: pip config list",
            )
        name, version = files[0].name.split("-")[:2]
        return Artifact(
            provider=PypiProvider.name,
            component=component.name,
            name=name.replace("_", "-"),
            version=version,
            file=files[0].name,
            size=files[0].stat().st_size,
            digest=f"{SHA256}:{file_hash(files[0])}",
        )


def _url(wheel: Artifact) -> str:
    return purl("pypi", wheel.name.lower().replace("_", "-"), wheel.version, file_name=wheel.file)


def _listed(document: Mapping[str, Any], own: str) -> Iterator[Item]:
    """Yield what a list in CycloneDX, which came with a wheel, says that the wheel is made of."""
    for one in document.get("components", ()):
        if one.get("purl"):
            terms = " AND ".join(f"({words})" if " " in words else words for words in _terms(one))
            sums = {value["alg"]: value["content"] for value in one.get("hashes", ())}
            digest = f"sha256:{sums['SHA-256']}" if "SHA-256" in sums else ""
            licensed = stated(terms, str(one["name"]))
            version, summary = str(one.get("version", "")), str(one.get("description", ""))
            kind = str(one["purl"]).partition("/")[0].removeprefix("pkg:")
            yield Item(kind, one["name"], version, one["purl"], digest, licensed, summary.strip(), inside=own)


def _terms(component: Mapping[str, Any]) -> list[str]:
    choices = component.get("licenses", ())
    named = (one.get("expression") or one.get("license", {}).get("id") for one in choices)
    return [str(one) for one in named if one]


def _metadata(wheel: zipfile.ZipFile) -> Message:
    """Return the core metadata of a wheel."""
    names = [name for name in wheel.namelist() if name.endswith(".dist-info/METADATA")]
    return HeaderParser().parsestr(wheel.read(names[0]).decode("utf-8", "replace") if names else "")


def _lists(wheel: zipfile.ZipFile) -> list[dict[str, Any]]:
    """Return the lists in CycloneDX that came with a wheel: https://peps.python.org/pep-0770/."""
    names = [name for name in wheel.namelist() if ".dist-info/sboms/" in name and name.endswith(".json")]
    found = [json.loads(wheel.read(name)) for name in sorted(names)]
    return [one for one in found if one.get("bomFormat") == "CycloneDX"]


def _named(described: Message, package: str) -> Licence:
    words = described.get("License-Expression") or described.get("License") or ""
    classed = (_CLASSES.get(one.rpartition(" :: ")[2], "") for one in described.get_all("Classifier", ()))
    return stated(words or next(filter(None, classed), ""), package)


class PypiProvider(Provider):
    """The Python index."""

    name = "pypi"
    folder = "inputs/wheels"

    def resolve(self, request: Request) -> ProviderAnswer:
        """Return the newest wheel of each component that is asked for."""
        asked = request.components(self.name)
        return ProviderAnswer(resolve(asked, request.definition.platforms, request.runner))

    def fetch(self, artifacts: Sequence[Artifact], delivery: Delivery) -> None:
        """Fetch wheels with pip, which knows where the index is and how to be let in."""
        for one in artifacts:
            fetch(one, delivery.plan.platform, delivery.store, delivery.runner)

    def licence(self, component: Component, path: Path) -> str:
        """Return the text of the licence that `component` names inside its wheel; empty for none."""
        return licence(component, path)

    def uri(self, artifact: Artifact) -> str:
        """Return the package URL of a wheel."""
        return _url(artifact)

    def items(self, listing: Listing) -> Iterator[Item]:
        """Yield the wheels in an image, and what each says that it is made of."""
        for wheel in listing.artifacts(self.name):
            path, component = listing.held(wheel.digest), listing.definition.components[wheel.component]
            with zipfile.ZipFile(path) as archive:
                described, lists = _metadata(archive), _lists(archive)
            terms, name = licence(component, path), f"LicenseRef-{component.name}"
            yield Item(
                self.name,
                wheel.name,
                wheel.version,
                _url(wheel),
                wheel.digest,
                Licence(name, {name: terms}) if terms else _named(described, wheel.name),
                component.summary,
                described.get("Author", "") or described.get("Author-email", ""),
                described.get("Home-page", ""),
                facts={"component": component.name},
            )
            yield from (item for one in lists for item in _listed(one, _url(wheel)))


PROVIDER: Provider = PypiProvider()
