"""A treemap shows sizes as areas: proportional, within their group, and none upon another."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builder.page.treemap import WHOLE, Box, Group, Leaf, Tile, laid_out

SIZES = st.lists(st.lists(st.integers(1, 10**9), min_size=1, max_size=12), min_size=1, max_size=8)


def grouped(sizes: list[list[int]]) -> list[Group]:
    return [
        Group(f"{number}", tuple(Leaf(f"{number}.{place}", "npm", size) for place, size in enumerate(held)))
        for number, held in enumerate(sizes)
    ]


def inside(inner: Box, outer: Box) -> bool:
    """Tell whether a box is within another, but for what numbers are rounded by."""
    return (
        inner.x >= outer.x - 1e-4
        and inner.y >= outer.y - 1e-4
        and inner.x + inner.width <= outer.x + outer.width + 1e-4
        and inner.y + inner.height <= outer.y + outer.height + 1e-4
    )


def shared(one: Box, other: Box) -> float:
    """Return the area that two boxes share."""
    width = min(one.x + one.width, other.x + other.width) - max(one.x, other.x)
    height = min(one.y + one.height, other.y + other.height) - max(one.y, other.y)
    return max(0.0, width) * max(0.0, height)


@given(SIZES)
def test_areas_are_proportional_and_each_leaf_lies_in_its_group(sizes: list[list[int]]) -> None:
    found, total = laid_out(grouped(sizes)), sum(map(sum, sizes))
    groups = {one.name: one for one in found.groups}
    for one in (*found.groups, *found.leaves):
        assert one.box.area == pytest.approx(one.size / total, rel=1e-4, abs=1e-9)
    for leaf in found.leaves:
        assert inside(leaf.box, groups[leaf.name.partition(".")[0]].box)
    for group in found.groups:
        assert inside(group.box, WHOLE)


@given(SIZES)
def test_no_tile_lies_upon_another(sizes: list[list[int]]) -> None:
    found = laid_out(grouped(sizes))
    for tiles in (found.groups, found.leaves):
        assert max((shared(one.box, other.box) for one, other in combinations(tiles, 2)), default=0.0) < 1e-3


def test_the_biggest_comes_first_and_nothing_has_no_tile() -> None:
    small = Group("small", (Leaf("a", "npm", 1), Leaf("empty", "npm", 0)))
    big = Group("big", (Leaf("b", "base", 3),))
    found = laid_out([Group("none", (Leaf("c", "npm", 0),)), small, big])
    assert found.groups == (
        Tile("big", "big", "base", 3, Box(0, 0, 75, 100)),
        Tile("small", "small", "npm", 1, Box(75, 0, 25, 100)),
    )
    assert [(one.name, one.title) for one in found.leaves] == [("b", "big: b"), ("a", "small: a")]
    assert laid_out([]).groups == ()


@pytest.mark.parametrize(
    ("width", "height", "expected"), [(20, 5, "big"), (10, 5, "wide"), (3, 50, ""), (50, 3, "")]
)
def test_a_name_is_shown_where_it_fits(width: float, height: float, expected: str) -> None:
    assert Tile("a", "a", "npm", 1, Box(0, 0, width, height)).room == expected
