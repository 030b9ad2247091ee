"""Names: one class has one name, and is imported under it."""

import ast
import functools
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]

CLASSES = ("builder", "base/startup", "plugins", "probes", "harness", "services", "bench")
"""The folders in which no two classes have one name."""

IMPORTS = ("builder", "base/startup", "plugins", "probes", "harness", "services", "bench", "tests")
"""The folders in which nothing is imported under another name."""

CONVENTIONS = {("numpy", "np"), ("hypothesis.strategies", "st")}
"""What everybody imports under another name, and that name."""


def modules(folders: tuple[str, ...]) -> Iterator[tuple[str, ast.Module]]:
    """Yield the path of each module below the folders, and its syntax tree."""
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield str(path.relative_to(ROOT)), parsed(path)


@functools.cache
def parsed(path: Path) -> ast.Module:
    """Return the syntax tree of a module."""
    return ast.parse(path.read_text(encoding="utf-8"))


def aliases(tree: ast.Module) -> Iterator[str]:
    """Yield each import under another name that is not a convention."""
    for node in ast.walk(tree):
        if not isinstance(node, (ast.Import, ast.ImportFrom)):
            continue
        module = f"{node.module}." if isinstance(node, ast.ImportFrom) else ""
        for name in node.names:
            if name.asname and (module + name.name, name.asname) not in CONVENTIONS:
                yield f"{module}{name.name} as {name.asname}"


def test_no_two_classes_have_one_name() -> None:
    """Whoever reads or searches for a name finds one class."""
    places: dict[str, list[str]] = {}
    for path, tree in modules(CLASSES):
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                places.setdefault(node.name, []).append(path)
    assert {name: found for name, found in places.items() if len(found) > 1} == {}
    assert len(places) > 200


def test_nothing_is_imported_under_another_name() -> None:
    """A thing has the same name wherever it is used."""
    found = {path: list(aliases(tree)) for path, tree in modules(IMPORTS)}
    assert {path: names for path, names in found.items() if names} == {}


def test_aliases_are_found() -> None:
    """Both forms of an import are seen, and conventions are let through."""
    lines = (
        "import a.b as c",
        "from d import e as f, g",
        "import numpy as np",
        "from hypothesis import strategies as st",
    )
    assert list(aliases(ast.parse("\n".join(lines)))) == ["a.b as c", "d.e as f"]
