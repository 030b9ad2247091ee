"""The toolkit is rooms in one direction: a room imports from those before it, and no two in a circle."""

from __future__ import annotations

import ast
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from builder.docs import rooms

ROOT = Path(__file__).parents[4]
GRAPH = rooms.imports(rooms.modules(ROOT))

ORDER = (
    *("errors", "hashing", "markdown", "reading", "shell", "console"),
    *("spec", "engine", "image", "sources", "checkout", "sbom", "build", "testing"),
    *("release", "offline", "page", "docs", "doctor", "command"),
)
"""Each room imports only from those before it."""


@pytest.mark.parametrize("name", ORDER)
def test_a_room_imports_only_from_those_before_it(name: str) -> None:
    assert rooms.rooms(GRAPH)[name] <= set(ORDER[: ORDER.index(name)])


def test_the_order_knows_every_room() -> None:
    assert sorted(ORDER) == sorted(rooms.rooms(GRAPH))


def test_no_modules_import_each_other_in_a_circle() -> None:
    assert len(list(TopologicalSorter(GRAPH).static_order())) == len(GRAPH)


@pytest.mark.parametrize("name", ORDER)
def test_no_room_is_crowded(name: str) -> None:
    """A room with more than fifteen modules is two rooms."""
    assert len([one for one in GRAPH if one.startswith(f"builder.{name}.")]) <= 15


def test_a_circle_is_an_error() -> None:
    with pytest.raises(CycleError):
        rooms.floors({"a": ["b"], "b": ["a"]})


def test_an_import_is_found_wherever_it_stands() -> None:
    """Also one within a function, of a module or of what is in one."""
    known = {
        "builder.a.one": ast.parse("def f():\n    from builder.b import two\n"),
        "builder.a.three": ast.parse("from builder.b.two import x\nimport builder.c\n"),
        "builder.b.two": ast.parse(""),
        "builder.c": ast.parse(""),
    }
    graph = rooms.imports(known)
    assert graph["builder.a.one"] == {"builder.b.two"}
    assert graph["builder.a.three"] == {"builder.b.two", "builder.c"}
    assert rooms.floors(rooms.rooms(graph)) == [("b", "c"), ("a",)]
