"""The map of the toolkit, made from its code: the packages, what each is for, and what it imports."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from graphlib import TopologicalSorter
from pathlib import Path

from builder.markdown import markdown_table

PACKAGE = "builder"


def modules(root: Path) -> dict[str, ast.Module]:
    """Return the syntax tree of each module below `root`/builder, by its dotted name."""
    found = {}
    for path in sorted((root / PACKAGE).rglob("*.py")):
        parts = path.relative_to(root).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        found[name] = ast.parse(path.read_text(encoding="utf-8"))
    return found


def imports(known: Mapping[str, ast.Module]) -> dict[str, frozenset[str]]:
    """Return the modules among `known` that each of them imports, wherever in its code."""
    return {name: frozenset(_imported(tree, known)) - {name} for name, tree in known.items()}


def room(module: str) -> str:
    """Return the room of a module: its package below builder, or its own name where it has none."""
    return [*module.split("."), ""][1]


def rooms(graph: Mapping[str, Iterable[str]]) -> dict[str, frozenset[str]]:
    """Return what each room imports from other rooms."""
    found: dict[str, set[str]] = {room(name): set() for name in graph if name != PACKAGE}
    for name, targets in graph.items():
        if name != PACKAGE:
            found[room(name)] |= {room(one) for one in targets} - {room(name)}
    return {name: frozenset(targets) for name, targets in found.items()}


def floors(graph: Mapping[str, Iterable[str]]) -> list[tuple[str, ...]]:
    """Return the rooms floor by floor, each of which imports from lower floors only.

    Raises:
        graphlib.CycleError: when rooms import each other in a circle.
    """
    sorter = TopologicalSorter(graph)
    sorter.prepare()
    found = []
    while sorter.is_active():
        ready = tuple(sorted(sorter.get_ready()))
        sorter.done(*ready)
        found.append(ready)
    return found


def described(root: Path) -> str:
    """Return the map as a table in Markdown: the highest floor first."""
    known = modules(root)
    graph = rooms(imports(known))
    rows = []
    for level, names in reversed(list(enumerate(floors(graph)))):
        for name in names:
            inside = [one.rpartition(".")[2] for one in known if one.startswith(f"{PACKAGE}.{name}.")]
            purpose = (ast.get_docstring(known[f"{PACKAGE}.{name}"]) or "").partition("\n")[0].rstrip(".")
            place = f"`{name}/`" if inside else f"`{name}.py`"
            rows.append((str(level), place, purpose, ", ".join(inside), ", ".join(sorted(graph[name]))))
    return markdown_table(("floor", "room", "what it is for", "modules", "imports from"), rows)


def _imported(tree: ast.Module, known: Mapping[str, ast.Module]) -> Iterator[str]:
    for node in _statements(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                yield from [name for name in (full, node.module) if name in known][:1]
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in known)


def _statements(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield each statement of a module, nested ones too, and no expression: those are most of a tree."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.stmt | ast.excepthandler | ast.match_case):
            yield node
            yield from _statements(node)
