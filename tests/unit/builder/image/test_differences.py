"""Two builds that differ say in which file of which layer."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest

from builder.errors import BuildError
from builder.image import differences, layers
from builder.image.oci import CONFIG, MANIFEST, Layout, emptied, encoded, manifest_of
from builder.release import reproducible
from tests.unit.builder.archives import entry, layer, tar


def image(root: Path, contents: list[bytes], **config: Any) -> Layout:
    """Return a layout of one image with the tars `contents` as layers."""
    layout = Layout(emptied(root))
    written = [layers.write(io.BytesIO(one), root / "blobs" / "sha256", 2000) for one in contents]
    history = [
        {"created_by": f"orthanc: {name}"} for name, _ in zip(("base", "startup"), contents, strict=False)
    ]
    content = {"created": "2026-10-30T08:08:01Z", "config": config, "history": history}
    described = layout.add(encoded(content), CONFIG)
    manifest = manifest_of(described, [one.descriptor for one in written])
    layout.write([layout.add(encoded(manifest), MANIFEST)])
    return layout


BASE = layer({"etc/a": "a", "etc/b": "b"})


@pytest.mark.parametrize(
    ("second", "config", "expected"),
    [
        ([BASE, layer({"top": "x"})], {}, []),
        (
            [BASE, layer({"top": "y"})],
            {},
            ["layer 2 (orthanc: startup): top: content: 2d711642b726b044 and a1fce4363854ff88"],
        ),
        (
            [layer({"etc/a": "a", "etc/c": "c"}), layer({"top": "x"})],
            {},
            [
                "layer 1 (orthanc: base): etc/b: only the first has it",
                "layer 1 (orthanc: base): etc/c: only the second has it",
            ],
        ),
        (
            [BASE, tar([(entry("top", content=b"x", mode=0o600, uid=5, mtime=900), b"x")])],
            {},
            [
                "layer 2 (orthanc: startup): top: mode: 0644 and 0600",
                "layer 2 (orthanc: startup): top: owner: 0:0 and 5:0",
                "layer 2 (orthanc: startup): top: time: 1000 and 900",
            ],
        ),
        ([BASE, layer({"top": "x"}), layer({"more": "x"})], {}, ["layer 3: only the second has it"]),
        (
            [BASE, layer({"top": "x"})],
            {"User": "1"},
            ["configuration.config.User: None and '1'"],
        ),
    ],
)
def test_each_difference_is_a_line(
    tmp_path: Path, second: list[bytes], config: dict[str, str], expected: list[str]
) -> None:
    first = image(tmp_path / "1", [BASE, layer({"top": "x"})])
    assert differences.between(first, image(tmp_path / "2", second, **config)) == expected


def test_many_differences_are_cut_short(tmp_path: Path) -> None:
    one, other = ({f"file{number}": text for number in range(60)} for text in ("a", "b"))
    found = differences.between(image(tmp_path / "1", [layer(one)]), image(tmp_path / "2", [layer(other)]))
    assert (len(found), found[-1]) == (41, "and 20 more")


def test_builds_that_are_alike_give_their_digest(tmp_path: Path) -> None:
    one, other = image(tmp_path / "1", [BASE]), image(tmp_path / "2", [BASE])
    assert reproducible.compared({"default": one}, {"default": other}) == {"default": one.digest}


def test_builds_that_differ_are_an_error(tmp_path: Path) -> None:
    one, other = image(tmp_path / "1", [BASE]), image(tmp_path / "2", [layer({"etc/a": "a"})])
    with pytest.raises(BuildError) as caught:
        reproducible.compared({"full": one}, {"full": other})
    assert str(caught.value) == (
        "verify-reproducible: two builds of the same commit differ:\n"
        "  full: layer 1 (orthanc: base): etc/b: only the first has it\n"
        "Both are below out/reproducible; find which step depends on the time, the folder or chance."
    )
