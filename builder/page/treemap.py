"""Treemaps: sizes as rectangles of proportional area, arranged in groups."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

import squarify

WIDTH, HEIGHT = 200.0, 100.0
"""The shape that rectangles are made for; they stay proportional in any other."""


@dataclass(frozen=True)
class Leaf:
    """Something with a size: its name, and its kind, which has a colour."""

    name: str
    kind: str
    size: int


@dataclass(frozen=True)
class Group:
    """Leaves shown together, under a name."""

    name: str
    leaves: tuple[Leaf, ...]

    @property
    def size(self) -> int:
        """Return the size of all its leaves."""
        return sum(one.size for one in self.leaves)


@dataclass(frozen=True)
class Box:
    """A rectangle, in percent of the width and height of the whole."""

    x: float
    y: float
    width: float
    height: float

    @property
    def area(self) -> float:
        """Return its share of the whole."""
        return self.width * self.height / 10_000


@dataclass(frozen=True)
class Tile:
    """One leaf or group in its place; `title` names the group of a leaf."""

    name: str
    title: str
    kind: str
    size: int
    box: Box

    @property
    def room(self) -> str:
        """Return where its name fits: `wide` for wide screens, `big` for any; empty for nowhere."""
        if self.box.width < 4 or self.box.height < 4:
            return ""
        return "big" if self.box.width >= 20 else "wide"


@dataclass(frozen=True)
class Map:
    """A treemap: the tiles of the groups, and on top of them those of their leaves."""

    groups: tuple[Tile, ...]
    leaves: tuple[Tile, ...]


WHOLE = Box(0, 0, 100, 100)

Sized = TypeVar("Sized", Leaf, Group)


def laid_out(groups: Iterable[Group]) -> Map:
    """Return the treemap of `groups`: the biggest first, from the upper left, and none without a size."""
    outer = _placed(groups, WHOLE)
    tiles = tuple(Tile(one.name, one.name, one.leaves[0].kind, one.size, box) for one, box in outer)
    return Map(tiles, tuple(tile for one, box in outer for tile in _leaves(one, box)))


def _leaves(group: Group, box: Box) -> Iterator[Tile]:
    for leaf, inner in _placed(group.leaves, box):
        yield Tile(leaf.name, f"{group.name}: {leaf.name}", leaf.kind, leaf.size, inner)


def _placed(items: Iterable[Sized], box: Box) -> list[tuple[Sized, Box]]:
    """Return each of `items` that has a size with its part of `box`."""
    held = sorted((one for one in items if one.size > 0), key=lambda one: -one.size)
    x, y, width, height = (
        value * side / 100
        for value, side in zip((box.x, box.y, box.width, box.height), (WIDTH, HEIGHT) * 2, strict=True)
    )
    sizes = squarify.normalize_sizes([one.size for one in held], width, height)
    return [
        (
            one,
            Box(
                100 * place["x"] / WIDTH,
                100 * place["y"] / HEIGHT,
                100 * place["dx"] / WIDTH,
                100 * place["dy"] / HEIGHT,
            ),
        )
        for one, place in zip(held, squarify.squarify(sizes, x, y, width, height), strict=True)
    ]
