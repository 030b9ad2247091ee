"""Every byte of an image belongs to one component, to the base, or to what several need."""

from __future__ import annotations

import runpy
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from builder.image import contents, sizes
from builder.image.sizes import Piece
from builder.spec.component import Component
from builder.spec.model import Definition
from builder.spec.planning import Part
from tests.unit.builder.archives import layer
from tests.unit.builder.image.test_differences import image
from tests.unit.builder.samples import UPSTREAM, definition, with_viewer

ROOT = Path(__file__).parents[4]


def status(*packages: tuple[str, str]) -> str:
    """Return what dpkg notes of packages with these names and further fields."""
    return "\n".join(
        f"Package: {name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1\n{fields}"
        for name, fields in packages
    )


BASE = {
    "var/lib/dpkg/info/python3.list": "/usr/bin/python3\n",
    "usr/bin/python3": "p" * 100,
    "usr/lib/locale/en": "l" * 7,
}

DEFAULT = {
    "var/lib/dpkg/status": status(
        ("python3", ""),
        ("orthanc", "Pre-Depends: libc\nDepends: virtual (>= 1) | other, python3\n"),
        ("orthanc-database", "Depends: orthanc, libown, libboth\n"),
        ("libown", ""),
        ("libprovider", "Provides: virtual (= 2)\nDepends: libinner\n"),
        ("libinner", ""),
        ("libboth", ""),
        ("tool", "Depends: libboth\n"),
        ("stray", ""),
    ),
    **{
        f"var/lib/dpkg/info/{name}.list": f"/usr/lib/{name}.so\n"
        for name in (
            "orthanc",
            "orthanc-database",
            "libown",
            "libprovider",
            "libinner",
            "libboth",
            "tool",
            "stray",
        )
    },
    "usr/lib/orthanc.so": "o" * 50,
    "usr/lib/orthanc-database.so": "d" * 10,
    "usr/lib/libown.so": "w" * 11,
    "usr/lib/libprovider.so": "v" * 12,
    "usr/lib/libinner.so": "i" * 13,
    "usr/lib/libboth.so": "b" * 14,
    "usr/lib/tool.so": "t" * 15,
    "usr/lib/stray.so": "s" * 16,
    "usr/lib/orthanc-image/packages/some_driver/a.py": "a" * 20,
    "usr/lib/orthanc-image/packages/some_driver-18.1.dist-info/RECORD": "r" * 21,
    "usr/share/orthanc/viewers/viewer/index.html": "h" * 30,
    "usr/share/orthanc/plugins-available/libExtra.so": "e" * 31,
}

TOP = {"usr/lib/orthanc-image/startup/main.py": "m" * 40, "entrypoint": "y" * 41, "viewer/odd": "z"}
COMPILED = {
    "usr/lib/orthanc-image/native/libOurs.so": "o" * 50,
    "usr/lib/orthanc-image/native/libOrthancDATABASE.so": "d" * 51,
    "usr/lib/orthanc-image/native/libNamed.so": "n" * 52,
    "usr/lib/orthanc-image/native/database-check": "c" * 53,
    "usr/lib/orthanc-image/web/tool/assets/main.js": "t" * 54,
    "usr/lib/orthanc-image/web/tool/index.html": "i" * 55,
    "usr/lib/orthanc-image/web/shared/index.html": "s" * 56,
}


def part(name: str, provider: str, version: str = "1", files: Mapping[str, str] | None = None) -> Part:
    return Part(name, "", provider, version, "sha256:0", (), files or {})


PARTS = (
    part("debian", "debian"),
    part("orthanc", "debian"),
    part("database", "debian"),
    part("tool", "debian"),
    part("driver", "pypi", "18.1"),
    part("viewer", "npm"),
    part("extra", "upstream", files={"libExtra.so": "sha256:0"}),
    part("startup", "tree"),
)


@pytest.fixture
def sample(tmp_path: Path) -> Definition:
    made = with_viewer(definition(tmp_path, UPSTREAM))
    tool = Component("tool", "a tool", ("debian",), ("tool",), libraries=("libNamed.so",), plugins=("Tool",))
    database = replace(made.components["database"], plugins=("Database",))
    return replace(made, components={**made.components, "tool": tool, "database": database})


@pytest.fixture
def pieces(sample: Definition, tmp_path: Path) -> list[Piece]:
    inside = contents.read(
        image(tmp_path / "image", [layer(BASE), layer(DEFAULT), layer(COMPILED), layer(TOP)])
    )
    return sizes.of(inside, ("base", "default", "compiled", "startup"), PARTS, sample)


def placed(pieces: list[Piece]) -> dict[str, tuple[str, str, str]]:
    return {one.name: (one.group, one.kind, one.layer) for one in pieces}


def test_debian_packages_belong_to_what_needs_them(pieces: list[Piece]) -> None:
    """What a plugin needs beside Orthanc, which it needs too, is Orthanc's; also through others."""
    found = {one.name: (one.group, one.kind, one.wanted) for one in pieces if not one.name.startswith("/")}
    assert found == {
        "python3": ("base", "base", ()),
        "orthanc": ("orthanc", "debian", ()),
        "libprovider": ("orthanc", "debian", ()),
        "libinner": ("orthanc", "debian", ()),
        "orthanc-database": ("database", "debian", ()),
        "libown": ("database", "debian", ()),
        "tool": ("tool", "debian", ()),
        "libboth": ("shared", "shared", ("database", "tool")),
        "stray": ("shared", "shared", ()),
    }


def test_other_files_belong_to_the_component_that_their_folder_is_named_after(pieces: list[Piece]) -> None:
    """A compiled plugin, its program and its page too.

    All in the layer of the start-up code is its own, whatever the folder is called.
    """
    found = {name: where for name, where in placed(pieces).items() if name.startswith("/")}
    assert found == {
        "/usr/lib/orthanc-image/packages/some_driver": ("driver", "pypi", "default"),
        "/usr/lib/orthanc-image/packages/some_driver-18.1.dist-info": ("driver", "pypi", "default"),
        "/usr/share/orthanc/viewers/viewer": ("viewer", "npm", "default"),
        "/usr/share/orthanc/plugins-available/libExtra.so": ("extra", "upstream", "default"),
        "/usr/lib/orthanc-image/native": ("startup", "tree", "compiled"),
        "/usr/lib/orthanc-image/native/libOrthancDATABASE.so": ("database", "debian", "compiled"),
        "/usr/lib/orthanc-image/native/libNamed.so": ("tool", "debian", "compiled"),
        "/usr/lib/orthanc-image/native/database-check": ("database", "debian", "compiled"),
        "/usr/lib/orthanc-image/web/tool": ("tool", "debian", "compiled"),
        "/usr/lib/orthanc-image/web": ("startup", "tree", "compiled"),
        "/usr/lib/orthanc-image/startup": ("startup", "tree", "startup"),
        "/": ("startup", "tree", "startup"),
        "/viewer": ("startup", "tree", "startup"),
        "/usr/lib/locale": ("other", "other", "base"),
        "/var/lib/dpkg": ("other", "other", "default"),
    }


def test_every_byte_and_file_counts_once_the_biggest_first(pieces: list[Piece]) -> None:
    files = BASE | DEFAULT | COMPILED | TOP
    assert sum(one.size for one in pieces) == sum(map(len, files.values()))
    assert sum(one.files for one in pieces) == len(files)
    assert [one.size for one in pieces] == sorted((one.size for one in pieces), reverse=True)
    assert {one.kind for one in pieces} <= set(sizes.KINDS)


def test_what_dpkg_keeps_of_a_package_belongs_to_it(pieces: list[Piece]) -> None:
    (found,) = (one for one in pieces if one.name == "libown")
    assert (found.size, found.files) == (11 + len("/usr/lib/libown.so\n"), 2)


def test_folders_without_the_name_of_their_component_are_those_of_the_recipe() -> None:
    recipe = runpy.run_path(str(ROOT / "base/recipes/viewers.py"))
    assert {
        f"{recipe['HOME']}/{viewer}/{one.into}".rstrip("/"): one.archive
        for viewer, parts in recipe["VIEWERS"].items()
        for one in parts
        if one.archive != viewer
    } == sizes.NESTED


def test_an_icon_belongs_to_the_icons(sample: Definition, tmp_path: Path) -> None:
    files = {"usr/share/orthanc/viewers/volview/icons/a": "a", "usr/share/orthanc/viewers/volview/b": "b"}
    inside = contents.read(image(tmp_path / "image", [layer({"var/lib/dpkg/status": "", **files})]))
    found = sizes.of(inside, ("layer 1",), (part("volview", "npm"), part("volview-icons", "npm")), sample)
    assert {one.name: one.group for one in found if one.size} == {
        "/usr/share/orthanc/viewers/volview": "volview",
        "/usr/share/orthanc/viewers/volview/icons": "volview-icons",
    }
