"""The parts of the documents that are made."""

import re
from pathlib import Path

import pytest

from builder.build import bake
from builder.docs import documents
from builder.errors import BuildError
from builder.spec import lockfile, model, planning
from builder.spec.planning import Commit

ROOT = Path(__file__).resolve().parents[4]
DEFINITION = model.load(ROOT / model.FILE)
LOCK = lockfile.load(ROOT / lockfile.FILE)


def test_the_documents_in_the_tree_are_up_to_date() -> None:
    assert documents.stale(ROOT, DEFINITION, LOCK) == []


def test_a_document_that_is_out_of_date_is_told_and_mended(tmp_path: Path) -> None:
    """A page that is not there yet counts too; what stands outside the marks is left as it is."""
    readme = tmp_path / "README.md"
    readme.write_text("# Ours\n<!-- made by ./inv docs: plugins -->\nold\n<!-- end -->\nours\n")
    assert documents.stale(tmp_path, DEFINITION, LOCK) == [
        "README.md",
        "docs/configuration.md",
        "variants/Dockerfile",
    ]
    assert "old" in readme.read_text()
    documents.stale(tmp_path, DEFINITION, LOCK, write=True)
    assert documents.stale(tmp_path, DEFINITION, LOCK) == []
    lines = readme.read_text().splitlines()
    assert (lines[0], "old" in lines, lines[-1]) == ("# Ours", False, "ours")


def test_the_dockerfile_in_the_tree_is_that_of_a_build(tmp_path: Path) -> None:
    """Below its header it is what a build of all variants for the first platform writes to out/Dockerfile."""
    plan = planning.make(
        DEFINITION,
        LOCK,
        variants=tuple(DEFINITION.variants),
        platform=DEFINITION.platforms[0],
        commit=Commit("c0ffee", 1),
        root=ROOT,
    )
    header, _, rest = (ROOT / bake.RENDERED).read_text(encoding="utf-8").partition("\n\n")
    assert rest == bake.dockerfile(plan, ROOT)
    assert header.startswith(
        "# Made by ./inv docs from base/Dockerfile and variants/Dockerfile.in, for linux/amd64"
    )
    assert [f"FROM {name}-content AS {name}\n" in rest for name in DEFINITION.variants] == [True, True]


def test_a_mark_of_an_unknown_part_is_told() -> None:
    with pytest.raises(BuildError) as caught:
        documents.filled("<!-- made by ./inv docs: plugin -->\n<!-- end -->", {"plugins": ""}, "README.md")
    assert str(caught.value) == "README.md: no part is called 'plugin'. Known parts: plugins."


def test_the_plugins_table_says_what_is_in_which_variant() -> None:
    rows = documents.plugins(DEFINITION, LOCK).splitlines()
    (row,) = (one for one in rows if one.startswith("| DicomWeb "))
    pattern = r"\| DicomWeb \| `DICOM_WEB_PLUGIN_ENABLED` \| \d+\.\d+ \(debian\) \| default, full \|"
    assert re.fullmatch(pattern, row)
    assert "| Java | `JAVA_PLUGIN_ENABLED` |  | none |" in rows
