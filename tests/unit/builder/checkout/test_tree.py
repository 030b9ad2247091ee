"""A copy of the repository has the files that are there, and its images another name."""

from __future__ import annotations

from pathlib import Path

import pytest

from builder.checkout import tree
from builder.errors import BuildError
from builder.shell import run
from builder.spec import model
from tests.unit.builder.samples import DEFINITION


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A repository with a file of each kind: committed, removed, new, and ignored."""
    root = tmp_path / "clone"
    root.mkdir()
    files = {model.FILE: DEFINITION, ".gitignore": "/out/\n", "base/a b": "committed", "gone": "removed"}
    for path, text in files.items():
        (root / path).parent.mkdir(exist_ok=True)
        (root / path).write_text(text)
    run(["git", "init", "--quiet"], cwd=root)
    run(["git", "add", "."], cwd=root)
    (root / "gone").unlink()
    (root / "new").write_text("new")
    (root / "out").mkdir()
    (root / "out/log").write_text("ignored")
    return root


def test_a_copy_has_the_files_that_are_there(clone: Path, tmp_path: Path) -> None:
    (clone / "base/a b").chmod(0o700)
    copy = tree.copied(clone, tmp_path / "copy", "orthanc-copy")
    found = [path.relative_to(copy).as_posix() for path in copy.rglob("*") if path.is_file()]
    assert sorted(found) == tree.files(clone) == [".gitignore", "base/a b", model.FILE, "new"]
    assert (copy / "base/a b").stat().st_mode & 0o777 == 0o700
    assert (model.load(copy / model.FILE).name, model.load(clone / model.FILE).name) == (
        "orthanc-copy",
        "orthanc",
    )


def test_a_name_that_is_written_in_another_way_is_told(clone: Path, tmp_path: Path) -> None:
    (clone / model.FILE).write_text(DEFINITION.replace('name = "orthanc"', "name = 'orthanc'", 1))
    with pytest.raises(BuildError) as caught:
        tree.copied(clone, tmp_path / "copy", "orthanc-copy")
    assert 'name = "orthanc"' in str(caught.value)
