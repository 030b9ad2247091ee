"""An OCI image layout is written as the specification says, and read with care."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from builder.errors import BuildError
from builder.image.oci import CONFIG, LAYER, MANIFEST, Layout, emptied, encoded, manifest_of, platform_of
from tests.unit.builder.samples import sha256


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    """Return a layout of one image with one layer."""
    made = Layout(emptied(tmp_path / "layout"))
    config, layer = made.add(b'{"os":"linux"}', CONFIG), made.add(b"layer", LAYER)
    made.write([made.add(encoded(manifest_of(config, [layer], {"a": "b"})), MANIFEST)])
    return made


def test_a_layout_is_a_folder_of_blobs_with_an_index(layout: Layout) -> None:
    """See https://github.com/opencontainers/image-spec/blob/main/image-layout.md."""
    index = json.loads((layout.root / "index.json").read_text())
    manifest = layout.path(index["manifests"][0]["digest"])
    assert json.loads((layout.root / "oci-layout").read_text()) == {"imageLayoutVersion": "1.0.0"}
    assert index == {
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.index.v1+json",
        "manifests": [
            {
                "mediaType": MANIFEST,
                "digest": f"sha256:{sha256(manifest.read_bytes())}",
                "size": manifest.stat().st_size,
            }
        ],
    }
    assert manifest.parent == layout.root / "blobs" / "sha256"


def test_the_image_in_a_layout_is_found(layout: Layout) -> None:
    layout.check()
    assert layout.digest == layout.index()[0]["digest"]
    assert layout.config == {"os": "linux"}
    assert layout.manifest["layers"] == [
        {"mediaType": LAYER, "digest": f"sha256:{sha256(b'layer')}", "size": 5}
    ]
    assert layout.manifest["annotations"] == {"a": "b"}


def test_a_damaged_blob_is_noticed(layout: Layout) -> None:
    digest = layout.manifest["layers"][0]["digest"]
    layout.path(digest).write_bytes(b"other")
    with pytest.raises(BuildError) as caught:
        layout.check()
    assert (
        str(caught.value)
        == f"{layout.root}: {digest} is missing or damaged. Rebuild it with: ./inv build --reproducible."
    )


def test_a_damaged_manifest_is_noticed(layout: Layout) -> None:
    path = layout.path(layout.digest)
    path.write_bytes(path.read_bytes() + b" ")
    with pytest.raises(BuildError) as caught:
        layout.check()
    assert str(caught.value) == f"{path}: is damaged. Rebuild it with: ./inv build --reproducible."


def test_a_folder_that_is_no_layout_is_told(tmp_path: Path) -> None:
    with pytest.raises(BuildError) as caught:
        Layout(tmp_path).index()
    where = tmp_path / "index.json"
    assert str(caught.value) == (
        f"{where}: cannot be read: [Errno 2] No such file or directory: '{where}'. "
        "Rebuild it with: ./inv build --reproducible."
    )


def test_a_layout_of_several_images_is_told(layout: Layout) -> None:
    one = layout.add(b"{}", MANIFEST)
    layout.write([one, one])
    with pytest.raises(BuildError) as caught:
        _ = layout.digest
    assert (
        str(caught.value)
        == f"{layout.root}: holds 2 images instead of one. Rebuild it with: ./inv build --reproducible."
    )


def test_the_bytes_of_a_document_do_not_depend_on_the_order_of_its_keys() -> None:
    assert encoded({"b": "é", "a": [1]}) == '{"a":[1],"b":"é"}'.encode()


def test_a_platform_is_written_as_in_an_index() -> None:
    assert platform_of("linux/arm64") == {"architecture": "arm64", "os": "linux"}
