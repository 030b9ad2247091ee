"""Wheels from the Python index: found and fetched by pip, with the machine's own configuration of it."""

from __future__ import annotations

import sys
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from fnmatch import fnmatch
from pathlib import Path

from builder.errors import DefinitionError, FetchError, LockError
from builder.hashing import file_hash
from builder.shell import Runner, run
from builder.sources.store import Store
from builder.spec.lockfile import Wheel
from builder.spec.model import PLATFORMS, Component, Definition

PYTHON = "3.14"

_MACHINES = {"amd64": "x86_64", "arm64": "aarch64"}
_GLIBC = ("2_34", "2_31", "2_28", "2_27", "2_24", "2_17")


def components(definition: Definition) -> tuple[Component, ...]:
    """Return the components whose files are wheels."""
    return definition.components_from("pypi")


def resolve(definition: Definition, *, runner: Runner = run) -> dict[str, tuple[Wheel, ...]]:
    """Return the wheel of each component that comes from the Python index, by platform.

    Raises:
        LockError: when the index has none that fits the platform.
    """
    return {
        platform: tuple(sorted(_newest(component, platform, runner) for component in components(definition)))
        for platform in definition.platforms
    }


def fetch(wheels: Iterable[Wheel], platform: str, store: Store, *, runner: Runner = run) -> dict[str, Path]:
    """Return the path of each wheel by its file name, fetching with pip what the store lacks.

    Raises:
        FetchError: when pip cannot get a file, or gets another one than the lock says.
    """
    return {wheel.file: _held(wheel, platform, store, runner) for wheel in wheels}


def licence(component: Component, wheel: Path) -> str:
    """Return the text of the licence that `component` names inside its wheel; empty when it names none."""
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
    """Return the first words of a call of pip that downloads wheels for a `platform` and a `python`."""
    tags = [f"--platform=manylinux_{glibc}_{machine(platform)}" for glibc in _GLIBC]
    tags += [f"--platform=manylinux2014_{machine(platform)}", f"--python-version={python}"]
    options = ("--no-deps", "--only-binary=:all:", "--quiet", "--disable-pip-version-check")
    return [sys.executable, "-m", "pip", "download", *options, *tags]


def complaints(stderr: str) -> Iterator[str]:
    """Return what pip says is wrong, a line each."""
    return (line for line in stderr.splitlines() if line.startswith("ERROR"))


def _held(wheel: Wheel, platform: str, store: Store, runner: Runner) -> Path:
    digest = f"sha256:{wheel.sha256}"
    if store.has(digest) and file_hash(store.path(digest)) == wheel.sha256:
        return store.path(digest)
    with tempfile.TemporaryDirectory(prefix="orthanc-images-pip-") as folder:
        pin = Path(folder) / "pin.txt"
        pin.write_text(f"{wheel.name}=={wheel.version} --hash={digest}\n")
        target = Path(folder) / "wheels"
        options = ["--dest", str(target), "--require-hashes", "--requirement", str(pin)]
        done = runner([*download(platform), *options], check=False)
        if done.code:
            raise FetchError(
                f"{wheel.file}: pip could not fetch it",
                details=complaints(done.stderr),
                remedy="Check that the Python index can be reached, then run the same command again",
            )
        return store.add(target / wheel.file, digest)


def _newest(component: Component, platform: str, runner: Runner) -> Wheel:
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
        return Wheel(
            component=component.name,
            name=name.replace("_", "-"),
            version=version,
            file=files[0].name,
            size=files[0].stat().st_size,
            sha256=file_hash(files[0]),
        )
