"""Release notes tell what changed between two states of the repository."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import pytest

from builder.console import Console
from builder.errors import UsageError
from builder.release import notes
from builder.release.notes import State
from builder.spec import lockfile
from tests.unit.builder.fakes import FakeRunner, said
from tests.unit.builder.samples import DEFINITION, definition, library, lock, npm_bundle, package, wheel

TABLE = "# a note\n[Orthanc]\nName | string |  | | 0.2.3 | A name\nDicomWeb.Root | string | | | 1 | Root\n"


def test_what_is_new_gone_or_changed_is_told() -> None:
    old = State(
        "26.10.0", {"a": "1", "b": "1", "c": "1"}, {"Ohif": "3.12.0 (npm)"}, frozenset({"Name", "Gone"})
    )
    new = State(
        "26.11.0", {"a": "1", "b": "2", "d": "1"}, {"Ohif": "3.13.2 (npm)"}, frozenset({"Name", "New"})
    )
    assert notes.text(old, new) == (
        "# 26.11.0, after 26.10.0\n\n"
        "## Plugins\n\n- Ohif 3.12.0 (npm) → 3.13.2 (npm)\n\n"
        "## Settings\n\n- gone: Gone\n- new: New\n\n"
        "## Packages\n\n- b 1 → 2\n- gone: c 1\n- new: d 1\n"
    )


def test_without_an_earlier_tag_it_is_the_first_release() -> None:
    new = State("26.11.0", {"a": "1"}, {"Wsi": "4.0", "Gdcm": "1.8"}, frozenset({"Name", "HttpPort"}))
    assert notes.text(State(), new) == (
        "# 26.11.0, first release\n\n## Plugins\n\n- Gdcm 1.8\n- Wsi 4.0\n\n"
        "Settings: 2. Packages: 1, each named in build.lock.\n"
    )


def test_nothing_changed_is_told_too() -> None:
    same = State("26.11.0", {"a": "1"})
    assert notes.text(same, same) == "# 26.11.0, changes\n\nNothing changed.\n"


def test_a_state_has_what_goes_into_images_and_not_what_only_builds(tmp_path: Path) -> None:
    sample = definition(tmp_path)
    locked = replace(
        lock(sample),
        components={
            **lock(sample).components,
            "any": (npm_bundle(),),
            "linux/amd64": (wheel(), library("x", "5.2", "https://example.org/libIndex.so")),
        },
    )
    other = {**locked.layers["linux/arm64"], "base": (package("python3", "2.0-1", "arm64"),)}
    found = notes.state(sample, replace(locked, layers={**locked.layers, "linux/arm64": other}), TABLE)
    assert found.packages == {
        "@some/viewer": "3.1.0",
        "libIndex.so": "5.2",
        "orthanc": "1.0-1",
        "orthanc-data": "1.0-1",
        "python3": "1.0-1, 2.0-1",
        "some-driver": "18.1",
    }
    assert found.plugins == {"ServeFolders": "1.0 (debian)", "Worklists": "1.0 (debian)"}
    assert found.settings == {"Name", "DicomWeb.Root"}


@pytest.fixture
def repository(tmp_path: Path) -> tuple[tuple[str, str], ...]:
    """Return the texts of a commit."""
    text = lockfile.text(lock(definition(tmp_path)))
    return (("build.toml", DEFINITION), ("build.lock", text), (notes.SETTINGS, TABLE))


def git(tag: str, files: tuple[tuple[str, str], ...]) -> FakeRunner:
    shown = ((f"git -C /r show {tag}:{name}", said(text)) for name, text in files)
    return FakeRunner(("describe", said(f"{tag}\n")), *shown)


def test_an_earlier_state_is_that_of_the_newest_tag(repository: tuple[tuple[str, str], ...]) -> None:
    found = notes.earlier(Path("/r"), "", git("26.10.0", repository))
    assert (found.version, found.packages["orthanc"]) == ("26.11.0", "1.0-1")


def test_a_commit_can_be_named(repository: tuple[tuple[str, str], ...]) -> None:
    assert notes.earlier(Path("/r"), "c0ffee", git("c0ffee", repository)).version == "26.11.0"


def test_without_a_tag_there_is_no_earlier_state() -> None:
    assert notes.earlier(Path("/r"), "", FakeRunner(("describe", said("", 128)))) == State()


def test_a_commit_that_is_not_there_is_told() -> None:
    runner = FakeRunner(
        ("describe", said("", 128)), ("show", said("", 128, "fatal: invalid object name 'x'"))
    )
    with pytest.raises(UsageError) as caught:
        notes.earlier(Path("/r"), "x", runner)
    assert str(caught.value) == (
        "notes: x has no build.toml:\n  fatal: invalid object name 'x'\nName a commit with --since."
    )


def test_a_lock_of_another_time_is_told(repository: tuple[tuple[str, str], ...]) -> None:
    (first, (name, text), last) = repository
    old = (first, (name, text.replace("format = 1", "format = 0")), last)
    with pytest.raises(UsageError, match=r"^notes: old: cannot be read: build\.lock: format: is 0"):
        notes.earlier(Path("/r"), "old", git("old", old))


def test_notes_are_shown_or_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    states = {"earlier": State("26.10.0", {"a": "1"}), "here": State("26.11.0", {"a": "2"})}
    monkeypatch.setattr(notes, "earlier", lambda *_: states["earlier"])
    monkeypatch.setattr(notes, "here", lambda _: states["here"])
    text, out = notes.text(states["earlier"], states["here"]), io.StringIO()
    notes.command(tmp_path, "v26.10.0", "", Console(out))
    notes.command(tmp_path, "v26.10.0", "out/notes.md", Console(out))
    assert (out.getvalue(), (tmp_path / "out/notes.md").read_text()) == (text, text)
