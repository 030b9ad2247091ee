"""Wheels come from pip, for the image's Python and platform, and only with the hash of the lock."""

from __future__ import annotations

import sys
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from builder.errors import DefinitionError, FetchError, LockError
from builder.shell import Completed
from builder.sources import pypi
from builder.sources.store import Store
from builder.spec.artifact import Artifact
from builder.spec.component import Component
from tests.unit.builder.fakes import FakeRunner, said
from tests.unit.builder.samples import definition, sha256, wheel

PLATFORMS = ("linux/amd64", "linux/arm64")
COMMON = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--quiet"]


class Pip(FakeRunner):
    """Downloads `content` as `file`, as pip does, unless a rule says otherwise; notes what it was asked."""

    def __init__(self, file: str, content: bytes = b"wheel", *rules: tuple[str, Completed]) -> None:
        super().__init__(("pip download", said()), *rules)
        self.file, self.content = file, content
        self.argv: list[list[str]] = []
        self.pins: list[str] = []

    def __call__(self, argv: Sequence[str | Path], **options: Any) -> Completed:
        words = [str(word) for word in argv]
        self.argv.append(words)
        if "--requirement" in words:
            self.pins.append(Path(words[words.index("--requirement") + 1]).read_text())
        done = super().__call__(argv, **options)
        if not done.code and self.file:
            target = Path(words[words.index("--dest") + 1])
            target.mkdir(exist_ok=True)
            (target / self.file).write_bytes(self.content)
        return done


@pytest.fixture
def driver(tmp_path: Path) -> Component:
    return definition(tmp_path).components["driver"]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


def tags(machine: str) -> list[str]:
    glibc = ["2_34", "2_31", "2_28", "2_27", "2_24", "2_17"]
    names = [*(f"manylinux_{one}" for one in glibc), "manylinux2014"]
    return [f"--platform={name}_{machine}" for name in names]


def test_each_platform_has_the_newest_wheel_that_fits(driver: Component) -> None:
    pip = Pip("some_driver-18.2.1-py3-none-manylinux2014_x86_64.whl")
    one = Artifact("pypi", "driver", "some-driver", "18.2.1", pip.file, 5, f"sha256:{sha256('wheel')}")
    assert pypi.resolve([driver], PLATFORMS, pip) == {"linux/amd64": (one,), "linux/arm64": (one,)}
    for words, machine in zip(pip.argv, ("x86_64", "aarch64"), strict=True):
        target = words[words.index("--dest") + 1]
        assert words == [
            *COMMON,
            "--disable-pip-version-check",
            *tags(machine),
            "--python-version=3.14",
            "--dest",
            target,
            "some-driver==18.*",
        ]
        assert not Path(target).exists()


def test_any_version_is_asked_for_in_a_way_that_pip_understands(driver: Component) -> None:
    pip = Pip("some_driver-1-py3-none-any.whl")
    pypi.resolve([replace(driver, version="*")], ["linux/amd64"], pip)
    assert pip.argv[0][-1] == "some-driver"


@pytest.mark.parametrize(
    ("code", "stderr"), [(1, "WARNING: x\nERROR: No matching distribution found\n"), (0, "")]
)
def test_a_wheel_that_the_index_lacks_is_told(driver: Component, code: int, stderr: str) -> None:
    pip = Pip("", b"", ("pip download", said("", code, stderr)))
    with pytest.raises(LockError) as caught:
        pypi.resolve([driver], PLATFORMS, pip)
    assert caught.value.message == (
        "components.driver: the Python index has no some-driver==18.* for linux/amd64"
    )
    assert caught.value.details == (("ERROR: No matching distribution found",) if code else ())
    assert caught.value.remedy == (
        "Correct the package or the version in build.toml, or the index: pip config list"
    )


def test_without_components_nobody_is_asked() -> None:
    assert pypi.resolve([], PLATFORMS, FakeRunner()) == {"linux/amd64": (), "linux/arm64": ()}


def test_a_wheel_is_fetched_by_its_hash_and_kept(store: Store) -> None:
    one = wheel()
    pip = Pip(one.file)
    path = store.path(one.digest)
    assert pypi.fetch(one, "linux/amd64", store, pip) == path
    assert path.read_bytes() == b"wheel"
    assert pip.pins == [f"some-driver==18.1 --hash={one.digest}\n"]
    assert "--require-hashes" in pip.argv[0]
    assert tags("x86_64")[0] in pip.argv[0]


def test_a_wheel_that_pip_cannot_get_is_told(store: Store) -> None:
    one = wheel()
    pip = Pip(one.file, b"", ("pip download", said("", 1, "WARNING: Retrying\nERROR: No network\n")))
    with pytest.raises(FetchError) as caught:
        pypi.fetch(one, "linux/amd64", store, pip)
    assert str(caught.value) == (
        f"{one.file}: pip could not fetch it:\n"
        "  ERROR: No network\n"
        "Check that the Python index can be reached, then run the same command again."
    )


def test_another_wheel_than_the_lock_says_is_refused(store: Store) -> None:
    """Pip checks the hash too; the store does not rely on it."""
    one = wheel()
    with pytest.raises(FetchError) as caught:
        pypi.fetch(one, "linux/amd64", store, Pip(one.file, b"another"))
    assert str(caught.value) == (f"{one.file}: is sha256:{sha256('another')} instead of {one.digest}.")
    assert not store.has(one.digest)


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    path = tmp_path / "some_driver-18.1.whl"
    with zipfile.ZipFile(path, "w") as content:
        content.writestr("driver/linux/lib.so", "")
        content.writestr("driver/linux/LICENSE.txt", "Terms für alle")
    return path


def test_the_licence_is_the_text_in_the_wheel(driver: Component, archive: Path) -> None:
    assert pypi.licence(driver, archive) == "Terms für alle"


def test_a_component_without_a_licence_of_its_own_has_no_text(driver: Component, archive: Path) -> None:
    assert pypi.licence(replace(driver, licence=""), archive) == ""


def test_a_licence_that_is_not_in_the_wheel_is_told(driver: Component, archive: Path) -> None:
    component = replace(driver, licence="*/TERMS")
    with pytest.raises(DefinitionError) as caught:
        pypi.licence(component, archive)
    assert str(caught.value) == (
        "components.driver.licence: no file in some_driver-18.1.whl matches '*/TERMS'. "
        "Correct it in build.toml."
    )
