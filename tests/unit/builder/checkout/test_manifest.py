"""An unpacked bundle knows its commit and its files, as a clone does through git."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from builder.build import pipeline
from builder.checkout import manifest, tree
from builder.checkout.manifest import Manifest, ManifestEntry
from builder.errors import UsageError
from builder.spec.planning import Commit
from tests.unit.builder.samples import sha256

IGNORE = "/out/\n__pycache__/\n*.pyc\n"
FILES = {".gitignore": IGNORE, "inv": "#!/bin/sh\n", "base/main.py": "pass\n"}


def held(text: str, *, executable: bool = False) -> ManifestEntry:
    return ManifestEntry(sha256(text), len(text), executable)


CONTENTS = Manifest(
    name="orthanc",
    version="26.11.0",
    revision="c0ffee",
    seconds=1790000000,
    platforms=("linux/amd64",),
    variants=("default", "full"),
    pythons=("3.13",),
    services=("orthanc-services/moto:1-2",),
    files={path: held(text) for path, text in FILES.items()} | {"bundle/store/sha256/ab": held("package")},
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return the folder that a bundle was unpacked to, with what ./inv makes there."""
    ours = {".venv/bin/python": "", "out/plan.json": "{}", "base/__pycache__/main.pyc": ""}
    for path, text in {**FILES, **ours, manifest.FILE: manifest.text(CONTENTS)}.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    return tmp_path


def test_what_is_written_is_read_again(root: Path) -> None:
    assert manifest.find(root) == CONTENTS
    assert (CONTENTS.folder, list(CONTENTS.tree), list(CONTENTS.carried)) == (
        "orthanc-images-26.11.0",
        list(FILES),
        ["bundle/store/sha256/ab"],
    )


def test_a_clone_is_no_bundle(tmp_path: Path) -> None:
    assert manifest.find(tmp_path) is None


def written(**changes: object) -> bytes:
    """Return bundle.json with other values; None removes one."""
    data = {**json.loads(manifest.text(CONTENTS)), **changes}
    return json.dumps({key: value for key, value in data.items() if value is not None}).encode()


@pytest.mark.parametrize(
    "content",
    [
        b"\xff\xfe",
        b"[]",
        b"{}",
        written(files=None),
        written(seconds=None),
        written(extra=1),
        written(files={"a": {"sha256": "00"}}),
        written(files={"../a": {"sha256": "00", "size": 1}}),
        written(files={"/a": {"sha256": "00", "size": 1}}),
    ],
)
def test_what_is_no_list_of_ours_is_told(content: bytes) -> None:
    with pytest.raises(UsageError) as caught:
        manifest.read(content, "some.tar")
    assert str(caught.value) == (
        "some.tar: is not a bundle. Name a file that ./inv bundle wrote, or the folder it was unpacked to."
    )


def test_a_bundle_of_another_time_is_told() -> None:
    with pytest.raises(UsageError) as caught:
        manifest.read(written(format=7), "some.tar")
    assert str(caught.value) == (
        "some.tar: is a bundle of format 7, but this toolkit reads format 1. "
        "Unpack it, and run the ./inv inside it."
    )


def test_its_commit_is_that_of_the_clone_and_git_is_not_asked(root: Path) -> None:
    assert pipeline.commit(root) == Commit("c0ffee", 1790000000)


@pytest.mark.parametrize(
    "edit",
    [
        lambda root: (root / "inv").write_text("#!/bin/bash\n"),
        lambda root: (root / "base/main.py").unlink(),
        lambda root: (root / "base/new.py").write_text(""),
    ],
)
def test_files_that_differ_from_the_commit_mark_it(root: Path, edit: Callable[[Path], object]) -> None:
    edit(root)
    assert pipeline.commit(root) == Commit("c0ffee-dirty", 1790000000)


def test_a_bundle_of_files_that_were_no_commit_stays_one(root: Path) -> None:
    dirty = replace(CONTENTS, revision="c0ffee-dirty")
    (root / manifest.FILE).write_text(manifest.text(dirty))
    assert pipeline.commit(root) == Commit("c0ffee-dirty", 1790000000)
    (root / "inv").write_text("")
    assert pipeline.commit(root) == Commit("c0ffee-dirty", 1790000000)


def test_a_copy_has_the_files_of_the_repository_and_new_ones(root: Path) -> None:
    """What ./inv makes, and what came with the bundle, is not copied."""
    (root / "base/new.py").write_text("")
    assert tree.files(root) == [".gitignore", "base/main.py", "base/new.py", "inv"]
