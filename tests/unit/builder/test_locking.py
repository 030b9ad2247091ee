"""Making the lock asks every provider, and says what changed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from builder import lock as locks
from builder import locking, model
from builder.errors import LockError
from builder.lock import Lock
from builder.model import Definition
from builder.providers import debian, npm, pypi
from tests.unit.builder.fakes import FakeRunner
from tests.unit.builder.samples import SNAPSHOT, bundle, definition, lock, package, wheel, with_viewer

ROOT = Path(__file__).parents[3]


@pytest.fixture
def sample(tmp_path: Path) -> Definition:
    return definition(tmp_path)


def test_a_lock_is_what_the_providers_found(sample: Definition, monkeypatch: pytest.MonkeyPatch) -> None:
    sample = with_viewer(sample)
    one, runner, environment = lock(sample), FakeRunner(), {"ORTHANC_IMAGES_CACHE": "/cache"}
    asked: list[object] = []

    def mirrors(*arguments: object) -> tuple[str, ...]:
        asked.append(arguments)
        return ("http://mirror/debian/",)

    def packages(*arguments: object, **named: object) -> tuple[str, object]:
        asked.append((arguments, named))
        return SNAPSHOT, one.packages

    def wheels(*arguments: object, **named: object) -> object:
        asked.append((arguments, named))
        return one.wheels

    monkeypatch.setattr(debian, "mirrors", mirrors)
    monkeypatch.setattr(debian, "resolve", packages)

    def bundles(*arguments: Any) -> object:
        asked.append((arguments[0], arguments[1].root, arguments[2]))
        return one.bundles

    monkeypatch.setattr(pypi, "resolve", wheels)
    monkeypatch.setattr(npm, "resolve", bundles)
    assert locking.resolved(sample, environment, runner=runner) == one
    assert asked == [
        (environment, runner),
        ((sample, ("http://mirror/debian/",)), {"runner": runner}),
        ((sample,), {"runner": runner}),
        (sample, Path("/cache"), environment),
    ]


def newer(old: Lock) -> Lock:
    """Return `old` with one package added, one gone, one of another version, and a newer wheel, on amd64."""
    layers = dict(old.packages["linux/amd64"])
    layers["base"] = (package("libnew"), package("python3", "2.0-1"))
    layers["compiler"] = ()
    return replace(
        old,
        packages={**old.packages, "linux/amd64": layers},
        wheels={**old.wheels, "linux/amd64": (wheel("18.2"),)},
    )


CHANGED = [
    "linux/amd64  g++  1.0-1 → —",
    "linux/amd64  libnew  — → 1.0-1",
    "linux/amd64  python3  1.0-1 → 2.0-1",
    "linux/amd64  some-driver  18.1 → 18.2",
]


def test_changes_are_a_line_a_package(sample: Definition) -> None:
    old = lock(sample)
    assert locking.changes(old, newer(old)) == CHANGED
    assert locking.changes(old, old) == []


def test_a_bundle_is_the_same_on_all_platforms_and_told_once(sample: Definition) -> None:
    old = lock(with_viewer(sample))
    new = replace(old, bundles=(replace(bundle(), version="3.2.0"),))
    assert locking.changes(old, new) == ["@some/viewer  3.1.0 → 3.2.0"]
    assert locking.changes(None, old)[-1] == "@some/viewer  — → 3.1.0"
    assert locking.changes(old, replace(old, bundles=())) == ["@some/viewer  3.1.0 → —"]


def test_without_an_old_lock_everything_is_new(sample: Definition) -> None:
    assert [line for line in locking.changes(None, lock(sample)) if line.startswith("linux/arm64")] == [
        "linux/arm64  g++  — → 1.0-1",
        "linux/arm64  mmdebstrap  — → 1.0-1",
        "linux/arm64  orthanc  — → 1.0-1",
        "linux/arm64  orthanc-data  — → 1.0-1",
        "linux/arm64  python3  — → 1.0-1",
        "linux/arm64  some-driver  — → 18.1",
    ]


def test_a_platform_that_is_gone_is_told(sample: Definition) -> None:
    old = lock(sample)
    assert "linux/amd64  g++  1.0-1 → —" in locking.changes(old, replace(old, packages={}, wheels={}))


def test_writing_replaces_the_file_and_returns_what_changed(sample: Definition, tmp_path: Path) -> None:
    path, old = tmp_path / "build.lock", lock(sample)
    assert len(locking.write(path, old)) == 12
    assert locking.write(path, newer(old)) == CHANGED
    assert locks.load(path) == newer(old)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["build.lock", "build.toml"]


def test_a_damaged_lock_is_written_anew(sample: Definition, tmp_path: Path) -> None:
    path, new = tmp_path / "build.lock", lock(sample)
    path.write_text("damaged")
    assert len(locking.write(path, new)) == 12
    assert locks.load(path) == new


def test_the_repositorys_own_lock_passes_the_check() -> None:
    locking.check(ROOT / locks.FILE, model.load(ROOT / model.FILE))


def test_an_edited_lock_does_not_pass_the_check(sample: Definition, tmp_path: Path) -> None:
    path = tmp_path / "build.lock"
    locking.write(path, lock(sample))
    locking.check(path, sample)
    path.write_text(path.read_text() + "# mine\n")
    with pytest.raises(LockError) as caught:
        locking.check(path, sample)
    assert str(caught.value) == "build.lock: was edited by hand. Write it anew with: ./inv lock."


def test_a_stale_lock_does_not_pass_the_check(sample: Definition, tmp_path: Path) -> None:
    path = tmp_path / "build.lock"
    locking.write(path, lock(sample))
    with pytest.raises(LockError, match=r"^build.lock: does not fit build.toml"):
        locking.check(path, replace(sample, debian=replace(sample.debian, suite="sid")))
