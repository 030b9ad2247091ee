"""A build that changes nothing is recognized, and one that changes anything never is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from builder.build import pipeline, unchanged
from builder.build.pipeline import BuildOptions
from builder.build.session import Session
from builder.errors import BuildError
from builder.sources.store import Store
from tests.unit.builder.build.test_pipeline import (
    BUILT,
    BuildKit,
    Person,
    filled,
    root,
    sample,
    session,
    store,
)
from tests.unit.builder.fakes import FakeRunner, said

__all__ = ["filled", "root", "sample", "store"]

IMAGES = {tag: one.identifier for one in BUILT for tag in one.tags}
CLIENT = "/usr/bin/docker"


def change(root: Path) -> None:
    (root / "base/startup/main.py").write_text("changed\n")


def add(root: Path) -> None:
    (root / "base/startup/more.py").write_text("")


def rename(root: Path) -> None:
    (root / "base/startup/main.py").rename(root / "base/startup/other.py")


def allow(root: Path) -> None:
    (root / "base/startup/main.py").chmod(0o755)


def remove(root: Path) -> None:
    (root / "base/startup/main.py").unlink()


def link(root: Path) -> None:
    (root / "base/link").unlink()
    (root / "base/link").symlink_to("elsewhere")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "base/startup").mkdir(parents=True)
    (tmp_path / "base/startup/main.py").write_text("first\n")
    (tmp_path / "base/startup/main.py").chmod(0o644)
    (tmp_path / "base/link").symlink_to("startup")
    return tmp_path


@pytest.mark.parametrize("act", [change, add, rename, allow, remove, link])
def test_any_change_of_a_file_changes_the_mark(folder: Path, act: Callable[[Path], None]) -> None:
    before = unchanged.mark(folder, ["plan"])
    act(folder)
    assert unchanged.mark(folder, ["plan"]) != before


def test_the_mark_is_that_of_what_is_read(folder: Path) -> None:
    """Times, compiled Python and what a build does not read do not matter; the plan does."""
    before = unchanged.mark(folder, ["plan"])
    (folder / "base/startup/main.py").touch()
    (folder / "base/__pycache__").mkdir()
    (folder / "base/__pycache__/main.pyc").write_text("")
    (folder / "README.md").write_text("")
    assert unchanged.mark(folder, ["plan"]) == before
    assert unchanged.mark(folder, ["plans"]) != before
    assert unchanged.mark(folder, ["pl", "an"]) != before


def engine(identifiers: str, code: int = 0) -> FakeRunner:
    return FakeRunner(("image inspect", said(identifiers, code)))


def test_the_images_of_the_last_build_are_the_same(tmp_path: Path) -> None:
    unchanged.remember(tmp_path, "mark", {"orthanc:1": "sha256:aa", "orthanc:latest": "sha256:aa"})
    there = engine("sha256:aa\nsha256:aa\n")
    assert unchanged.same(tmp_path, "mark", CLIENT, there) == {
        "orthanc:1": "sha256:aa",
        "orthanc:latest": "sha256:aa",
    }
    assert there.ran == [f"{CLIENT} image inspect --format {{{{.Id}}}} orthanc:1 orthanc:latest"]


@pytest.mark.parametrize(
    ("made", "identifiers", "code"),
    [
        ("other mark", "sha256:aa\nsha256:aa\n", 0),
        ("mark", "sha256:aa\n", 1),  # one was removed
        ("mark", "sha256:aa\nsha256:bb\n", 0),  # one tag is another image's now
    ],
)
def test_else_there_is_something_to_do(tmp_path: Path, made: str, identifiers: str, code: int) -> None:
    unchanged.remember(tmp_path, "mark", {"orthanc:1": "sha256:aa", "orthanc:latest": "sha256:aa"})
    assert unchanged.same(tmp_path, made, CLIENT, engine(identifiers, code)) is None


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"mark": "mark"}', "null"])
def test_a_damaged_note_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / unchanged.FILE).write_text(text)
    assert unchanged.same(tmp_path, "mark", CLIENT, FakeRunner()) is None


def test_what_is_forgotten_is_not_the_same(tmp_path: Path) -> None:
    unchanged.remember(tmp_path, "mark", {"orthanc:1": "sha256:aa"})
    unchanged.forget(tmp_path)
    assert unchanged.same(tmp_path, "mark", CLIENT, FakeRunner()) is None


class Known(BuildKit):
    """An engine that has the images once BuildKit has built them."""

    def __init__(self) -> None:
        super().__init__()
        identifiers = "\n".join(IMAGES.values())
        self.rules.append((r"image inspect --format \{\{.Id\}\} orthanc", said(identifiers)))

    @property
    def builds(self) -> int:
        return sum("buildx bake" in line for line in self.ran)


@pytest.fixture
def here(root: Path, store: Store) -> Callable[[BuildKit], Session]:
    """Return what opens a session of its own, as each command does."""

    def opened(runner: BuildKit) -> Session:
        runner.rules.append(("git", said("", 128)))
        return replace(session(root, store, Person(), runner), environment={"ACCEPT_EULA": "Y"})

    return opened


def test_the_second_build_does_nothing(here: Callable[[BuildKit], Session], root: Path) -> None:
    runner, one, again = Known(), BuildOptions(), []
    first = pipeline.build(here(runner), one)
    again.append(pipeline.build(here(runner), one))
    assert runner.builds == 1
    assert again == [first]
    (root / "base/new").write_text("")
    pipeline.build(here(runner), one)
    assert runner.builds == 2


@pytest.mark.parametrize(
    "options",
    [
        BuildOptions(fresh=True),
        BuildOptions(write_cache="registry.example.org/cache"),
        BuildOptions(variants=("default",)),
        BuildOptions(cache="registry.example.org/cache"),
    ],
)
def test_another_kind_of_build_does_its_work(
    here: Callable[[BuildKit], Session], options: BuildOptions
) -> None:
    runner = Known()
    pipeline.build(here(runner), BuildOptions())
    pipeline.build(here(runner), options)
    assert runner.builds == 2


def test_what_was_edited_during_a_build_is_built_next(
    here: Callable[[BuildKit], Session], root: Path
) -> None:
    """BuildKit may have seen the file before or after."""

    class Edited(Known):
        def __call__(self, argv, **options):  # type: ignore[no-untyped-def]
            if "bake" in argv:
                (root / "base/new").write_text(str(len(self.ran)))
            return super().__call__(argv, **options)

    runner = Edited()
    pipeline.build(here(runner), BuildOptions())
    pipeline.build(here(runner), BuildOptions())
    assert runner.builds == 2


def test_a_build_that_fails_is_not_remembered(here: Callable[[BuildKit], Session], root: Path) -> None:
    runner = Known()
    pipeline.build(here(runner), BuildOptions())
    (root / "base/new").write_text("")
    failing = BuildKit(code=1)
    with pytest.raises(BuildError):
        pipeline.build(here(failing), BuildOptions())
    (root / "base/new").unlink()
    pipeline.build(here(runner), BuildOptions())
    assert runner.builds == 2
