"""The sizes in an image as rows of a table and as a treemap, by component and by layer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from builder.image.sizes import GROUPS, Piece
from builder.page.interior import Inside
from builder.page.treemap import Group, Leaf, Map, laid_out

FINE = 0.0015
"""The smallest share of an image with a tile and a row of its own; smaller ones are combined."""


@dataclass(frozen=True)
class Row:
    """One row of a table of sizes: a group, or (with its name) a member of one; `note` is a remark on it."""

    group: str
    name: str
    kind: str
    size: int
    files: int
    note: str = ""


def by_component(inside: Inside) -> list[Row]:
    """Return the rows of the table of sizes by component: each group, followed by its members."""
    return _rows(inside, lambda piece: piece.group, _titled, lambda piece: piece.name)


def by_layer(inside: Inside) -> list[Row]:
    """Return the rows of the table of sizes by layer: each layer, followed by its components."""
    return _rows(inside, lambda piece: piece.layer, lambda piece: f"layer {piece.layer}", _titled)


def mapped(rows: Iterable[Row]) -> Map:
    """Return the treemap of the sizes in a table."""
    groups: dict[str, list[Leaf]] = {}
    for row in rows:
        if row.name:
            groups.setdefault(row.group, []).append(Leaf(row.name, row.kind, row.size))
    return laid_out(Group(name, tuple(leaves)) for name, leaves in groups.items())


def _titled(piece: Piece) -> str:
    return GROUPS.get(piece.group, piece.group)


def _rows(
    inside: Inside,
    grouped: Callable[[Piece], str],
    titled: Callable[[Piece], str],
    named: Callable[[Piece], str],
) -> list[Row]:
    groups: dict[str, list[Piece]] = {}
    for piece in inside.pieces:
        groups.setdefault(grouped(piece), []).append(piece)
    found = []
    for pieces in groups.values():
        title = titled(pieces[0])
        merged: dict[tuple[str, str], Row] = {}
        for piece in pieces:
            key = (named(piece), piece.kind)
            old = merged.get(key, Row(title, *key, 0, 0, _note(piece) if named(piece) == piece.name else ""))
            merged[key] = replace(old, size=old.size + piece.size, files=old.files + piece.files)
        rows = sorted(merged.values(), key=lambda row: (-row.size, row.name))
        found.append([_sum(title, "", rows), *_fine(title, rows, FINE * inside.size)])
    return [row for rows in sorted(found, key=lambda rows: (-rows[0].size, rows[0].group)) for row in rows]


def _note(piece: Piece) -> str:
    return f"needed by {', '.join(piece.wanted)}" if piece.wanted else ""


def _fine(title: str, rows: Sequence[Row], least: float) -> Iterator[Row]:
    """Yield the rows that are big enough, and one combined row for the others of each kind."""
    small: dict[str, list[Row]] = {}
    for row in rows:
        if row.size >= least:
            yield row
        else:
            small.setdefault(row.kind, []).append(row)
    for held in small.values():
        yield held[0] if len(held) == 1 else _sum(title, f"{len(held)} smaller ones", held)


def _sum(title: str, name: str, rows: Sequence[Row]) -> Row:
    return Row(title, name, rows[0].kind, sum(one.size for one in rows), sum(one.files for one in rows))
