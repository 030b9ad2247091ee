"""The web pages are checked with packages of their lock, and what cannot be checked is said."""

from __future__ import annotations

import io
import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from builder.console import Console
from builder.errors import BuildError, FetchError
from builder.shell import Completed, run
from builder.sources.store import Store
from builder.spec.package_lock import FILE, FOLDER, NodeTarget
from builder.testing import pages
from tests.unit.builder.build.test_recipes import packed
from tests.unit.builder.fakes import FakeRunner, said

OWN = Path(__file__).parents[4]
PROGRAMS = {
    "@esbuild/here": "bin/esbuild",
    "@biomejs/cli-here": "biome",
    "@typescript/typescript-here": "lib/tsc",
}


class Programs(FakeRunner):
    """Runs recipes for real, and nothing else."""

    def __call__(self, argv: Sequence[str | Path], **options: Any) -> Completed:
        if "base/recipes" in str(argv[2:3]):
            self.ran.append(f"recipe {Path(argv[2]).name}")
            return run(argv, **{**options, "capture": True})
        return super().__call__(argv, **options)

    @property
    def called(self) -> list[str]:
        """Return what ran, by names without folders, with the words after them."""
        return [" ".join([Path(first).name, *rest]) for first, *rest in map(str.split, self.ran)]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a repository with a page, a test of it, and a store that has the programs."""
    root, held = tmp_path / "root", tmp_path / "held"
    held.mkdir()
    for name in (pages.UNPACK, pages.BUNDLE):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes((OWN / name).read_bytes())
    for name in ("src/main.ts", "tests/a/one.test.ts", "tests/two.test.tsx", "tests/shared.ts"):
        (root / FOLDER / name).parent.mkdir(parents=True, exist_ok=True)
        (root / FOLDER / name).write_text("")
    lines = []
    for name, program in PROGRAMS.items():
        integrity = packed(held, {program: b"#!/bin/sh\necho $0\n"}, 0o755)
        lines.append(
            f'"node_modules/{name}": {{"version": "1.0.0", "dev": true, "integrity": "{integrity}"}}'
        )
    (root / FILE).write_text(f'{{"packages": {{{", ".join(lines)}}}}}')
    store = Store(tmp_path / "store")
    for path in held.iterdir():
        store.add(path, f"sha512:{path.stem}")
    return root


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return {
        "ORTHANC_IMAGES_CACHE": str(tmp_path / "store"),
        "ORTHANC_IMAGES_NPM_REGISTRY": "http://127.0.0.1:9",
    }


@pytest.fixture
def words() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def console(words: io.StringIO) -> Console:
    return Console(words, words)


def damaged(root: Path) -> None:
    """Let the lock want what the store has not."""
    text = (root / FILE).read_text()
    (root / FILE).write_text(re.sub(r"sha512-....", "sha512-AAAA", text, count=1))


def test_what_programs_must_be_made_for_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr("platform.machine", lambda: "ARM64")
    assert pages.machine("glibc") == NodeTarget("darwin", "arm64", "glibc")
    assert pages.machine("") == NodeTarget("darwin", "arm64", "musl")


def test_packages_are_unpacked_once_for_a_lock(root: Path, environment: dict[str, str]) -> None:
    """And anew for another one; editors find them beside the pages."""
    runner = Programs()
    modules = pages.prepare(root, environment, runner)
    link = root / FOLDER / "node_modules"
    assert (link.is_symlink(), link.resolve()) == (True, modules.resolve())
    assert os.access(link / "@biomejs/cli-here/biome", os.X_OK)
    pages.prepare(root, environment, runner)
    assert runner.ran == ["recipe node_modules.py"]
    (root / FILE).write_text((root / FILE).read_text() + "\n")
    pages.prepare(root, environment, runner)
    assert len(runner.ran) == 2
    assert sorted(path.name for path in (root / pages.HOME).iterdir()) == ["node_modules"]


def test_what_npm_made_there_gives_way(root: Path, environment: dict[str, str]) -> None:
    (root / FOLDER / "node_modules/some").mkdir(parents=True)
    modules = pages.prepare(root, environment)
    assert (root / FOLDER / "node_modules").resolve() == modules.resolve()


def test_the_linter_then_the_types_of_pages_and_tests_are_checked(
    root: Path, environment: dict[str, str], console: Console, words: io.StringIO
) -> None:
    runner = Programs(("", said("fine")))
    assert pages.lint(root, environment, console, runner=runner)
    assert runner.called[1:] == [
        "biome check --error-on-warnings",
        "tsc --project .",
        "tsc --project tests",
    ]
    assert words.getvalue() == ""
    pages.lint(root, environment, console, fix=True, runner=runner)
    assert runner.called[4] == "biome check --error-on-warnings --write"


def test_all_that_complain_are_named_after_what_they_say(
    root: Path, environment: dict[str, str], console: Console, words: io.StringIO
) -> None:
    """The types of the tests are not checked when those of the pages are wrong, and tell the same again."""
    runner = Programs(("", said()), ("biome$|biome check", said("ugly", 1)), ("tsc", said("wrong", 2)))
    with pytest.raises(BuildError) as caught:
        pages.lint(root, environment, console, runner=runner)
    assert str(caught.value) == "plugins/web: biome, tsc reported problems. See above."
    assert (words.getvalue(), len(runner.ran)) == ("ugly\nwrong\n", 3)


def test_tests_are_bundled_and_run_by_node(root: Path, environment: dict[str, str], console: Console) -> None:
    runner = Programs(("", said()))
    assert pages.unit(root, environment, console, runner)
    assert runner.called[1].startswith("esbuild tests/a/one.test.ts tests/two.test.tsx --bundle")
    made = root / "out/web/tests/tests"
    assert runner.called[2] == (
        "node --enable-source-maps --test --test-isolation=none --test-reporter=dot "
        f"{made}/a/one.test.mjs {made}/two.test.mjs"
    )


@pytest.mark.parametrize("program", ["esbuild tests", "bin/node"])
def test_a_test_that_fails_or_cannot_be_bundled_is_told(
    root: Path, environment: dict[str, str], console: Console, program: str
) -> None:
    with pytest.raises(BuildError) as caught:
        pages.unit(root, environment, console, Programs(("", said()), (program, said(code=1))))
    assert str(caught.value) == "plugins/web: a test failed. See above."


def test_no_tests_at_all_are_no_success(root: Path, environment: dict[str, str], console: Console) -> None:
    for path in (root / FOLDER / "tests").rglob("*.test.*"):
        path.unlink()
    with pytest.raises(BuildError) as caught:
        pages.unit(root, environment, console, Programs())
    assert str(caught.value) == "plugins/web: has no tests. Write some, such as tests/page.test.ts."


@pytest.mark.parametrize(("step", "what"), [(pages.lint, "linter and type check"), (pages.unit, "tests")])
def test_without_a_network_and_packages_what_is_left_out_is_said(
    root: Path,
    environment: dict[str, str],
    console: Console,
    words: io.StringIO,
    monkeypatch: pytest.MonkeyPatch,
    step: Any,
    what: str,
) -> None:
    """But in a workflow it is a failure: nobody would read it there."""
    monkeypatch.setattr(
        "builder.testing.pages.Store", lambda path: Store(path, delays=(), timeout=(1.0, 1.0))
    )
    damaged(root)
    assert not step(root, environment, console, runner=Programs())
    (line,) = words.getvalue().splitlines()
    assert line.startswith(f"plugins/web: {what} left out: could not fetch esbuild-here-1.0.0.tgz: ")
    assert line.endswith("Run the same command again with a network.")
    with pytest.raises(FetchError):
        step(root, {**environment, "CI": "true"}, console, runner=Programs())


def test_a_machine_that_npm_has_no_program_for_is_told(
    root: Path, environment: dict[str, str], console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (root / FILE).read_text()
    (root / FILE).write_text(text.replace('"version"', '"os": ["other"], "version"', 1))
    monkeypatch.setattr(pages, "machine", lambda: NodeTarget("linux", "riscv64"))
    with pytest.raises(BuildError) as caught:
        pages.unit(root, environment, console, Programs())
    assert str(caught.value) == (
        "plugins/web: npm has no @esbuild/*/bin/esbuild for linux on riscv64. "
        "Check the pages on another machine."
    )


def test_pages_are_bundled_as_in_the_build(root: Path, environment: dict[str, str], console: Console) -> None:
    runner = Programs()
    pages.bundle(root, environment, console, runner=runner)
    assert runner.ran == ["recipe node_modules.py", "recipe web.py"]
    (root / FOLDER / "src/main.ts").unlink()
    with pytest.raises(BuildError) as caught:
        pages.bundle(root, environment, console, runner=runner)
    assert str(caught.value) == "plugins/web: cannot be bundled. See above."


def test_pages_are_bundled_at_each_change(root: Path, environment: dict[str, str], console: Console) -> None:
    """With what a browser needs to show the sources."""
    pages.prepare(root, environment)
    runner = FakeRunner(("", said()))
    pages.bundle(root, environment, console, watch=True, runner=runner)
    assert runner.ran[0].endswith("--watch=forever --sourcemap=inline")
