"""The table and the treemap of an image have the same figures, and leave nothing out."""

from __future__ import annotations

import pytest

from builder.image.sizes import Piece
from builder.page.breakdown import Row, by_component, by_layer, mapped
from builder.page.interior import Inside

PIECES = (
    Piece("base", "base", "python3", "base", 6000, 60),
    Piece("shared", "shared", "libicu", "default", 2500, 5, ("orthanc", "wsi")),
    Piece("orthanc", "debian", "orthanc", "default", 900, 9),
    Piece("orthanc", "debian", "orthanc", "base", 100, 1),
    Piece("base", "base", "perl", "base", 480, 4),
    Piece("base", "base", "tiny", "base", 10, 1),
    Piece("base", "base", "empty", "base", 0, 1),
    Piece("startup", "tree", "/probes", "startup", 10, 1),
)
INSIDE = Inside({}, (), (), (), PIECES)


def test_components_come_with_what_is_in_them_the_biggest_first() -> None:
    """A package in two layers is one row; what is small is put together, unless it is alone."""
    assert by_component(INSIDE) == [
        Row("the base system", "", "base", 6490, 66),
        Row("the base system", "python3", "base", 6000, 60),
        Row("the base system", "perl", "base", 480, 4),
        Row("the base system", "2 smaller ones", "base", 10, 2),
        Row("shared by several", "", "shared", 2500, 5),
        Row("shared by several", "libicu", "shared", 2500, 5, "needed by orthanc, wsi"),
        Row("orthanc", "", "debian", 1000, 10),
        Row("orthanc", "orthanc", "debian", 1000, 10),
        Row("startup", "", "tree", 10, 1),
        Row("startup", "/probes", "tree", 10, 1),
    ]


def test_layers_come_with_the_components_in_them() -> None:
    assert by_layer(INSIDE) == [
        Row("layer base", "", "base", 6590, 67),
        Row("layer base", "the base system", "base", 6490, 66),
        Row("layer base", "orthanc", "debian", 100, 1),
        Row("layer default", "", "shared", 3400, 14),
        Row("layer default", "shared by several", "shared", 2500, 5),
        Row("layer default", "orthanc", "debian", 900, 9),
        Row("layer startup", "", "tree", 10, 1),
        Row("layer startup", "startup", "tree", 10, 1),
    ]


@pytest.mark.parametrize("rows", [by_component(INSIDE), by_layer(INSIDE)], ids=["component", "layer"])
def test_the_treemap_has_the_figures_of_the_table(rows: list[Row]) -> None:
    found = mapped(rows)
    assert [(one.name, one.size) for one in found.groups] == [
        (row.group, row.size) for row in rows if not row.name
    ]
    assert sorted((one.title, one.size) for one in found.leaves) == sorted(
        (f"{row.group}: {row.name}", row.size) for row in rows if row.name
    )
    assert sum(row.size for row in rows if not row.name) == INSIDE.size
    assert sum(row.files for row in rows if row.name) == sum(one.files for one in PIECES)


def test_an_image_without_anything_has_an_empty_table() -> None:
    empty = Inside({}, (), (), (), ())
    assert (by_component(empty), mapped(by_layer(empty)).groups) == ([], ())
