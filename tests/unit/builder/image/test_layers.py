"""The bytes of a layer depend on the files in it, and on nothing else."""

from __future__ import annotations

import gzip
import io
import tarfile
from pathlib import Path

import pytest

from builder.image import layers
from tests.unit.builder.archives import entry, tar
from tests.unit.builder.samples import sha256

TEXT = b"text"
FILE = (entry("b/file", content=TEXT, mode=0o640, uid=999, gid=0), TEXT)
FOLDER = (entry("b", tarfile.DIRTYPE, mode=0o755), b"")
LINK = (entry("a", tarfile.SYMTYPE, linkname="b/file"), b"")
HARD = (entry("b/other", tarfile.LNKTYPE, linkname="b/file"), b"")


def written(folder: Path, content: bytes, epoch: int = 2000) -> tuple[str, list[tuple[str, str, int]]]:
    """Return digest, and name, kind and time of the entries, of the layer that `content` becomes."""
    layer = layers.write(io.BytesIO(content), folder, epoch)
    blob = (folder / layer.descriptor.digest.removeprefix("sha256:")).read_bytes()
    assert (f"sha256:{sha256(blob)}", len(blob)) == (layer.descriptor.digest, layer.descriptor.size)
    assert f"sha256:{sha256(gzip.decompress(blob))}" == layer.diff
    with tarfile.open(fileobj=io.BytesIO(blob)) as archive:
        return layer.descriptor.digest, [(one.name, one.type.decode(), int(one.mtime)) for one in archive]


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(tar([LINK, FILE, FOLDER, HARD]), id="order"),
        pytest.param(tar([FOLDER, FILE, HARD, LINK], tarfile.GNU_FORMAT), id="format"),
        pytest.param(gzip.compress(tar([FOLDER, FILE, HARD, LINK])), id="compression"),
        pytest.param(
            tar(
                [FOLDER, (entry("./b/file", content=TEXT, mode=0o640, uid=999, uname="me"), TEXT), HARD, LINK]
            ),
            id="names",
        ),
        pytest.param(
            tar(
                [
                    FOLDER,
                    (entry("b/other", content=TEXT, mode=0o640, uid=999), TEXT),
                    (entry("b/file", tarfile.LNKTYPE, linkname="b/other"), b""),
                    LINK,
                ]
            ),
            id="links",
        ),
    ],
)
def test_the_same_files_give_the_same_bytes(tmp_path: Path, other: bytes) -> None:
    """Whatever the order, the format, the compression, the names of users, and which name has the content."""
    assert written(tmp_path, other) == written(tmp_path, tar([FOLDER, FILE, HARD, LINK]))


def test_the_bytes_are_those_of_every_machine(tmp_path: Path) -> None:
    """The compressor comes with the toolkit; it spans several of its chunks here."""
    text = b"".join(f"{number * number} ".encode() for number in range(400_000))
    digest, _ = written(tmp_path, tar([(entry("file", content=text), text)]))
    assert digest == "sha256:542a91f83ecb5887924c1fb4d5066493da323c08da977af707edad894f600a6f"


def test_zstd_gives_the_bytes_of_every_machine_too(tmp_path: Path) -> None:
    """The same tar, with a media type of its own, which is read as one in gzip is."""
    text = b"".join(f"{number * number} ".encode() for number in range(400_000))
    content = tar([(entry("file", content=text), text)])
    plain = layers.write(io.BytesIO(content), tmp_path, 2000)
    layer = layers.write(io.BytesIO(content), tmp_path, 2000, layers.ZSTD)
    assert layer.diff == plain.diff
    assert layer.descriptor.media_type == "application/vnd.oci.image.layer.v1.tar+zstd"
    assert layer.descriptor.size < plain.descriptor.size
    assert (
        layer.descriptor.digest == "sha256:46daef9fd0143d0e73352b50f5e5ec2684c79f6bb6bb5138f1394858ae9955dd"
    )
    blob = tmp_path / layer.descriptor.digest.removeprefix("sha256:")
    with blob.open("rb") as file, layers.opened(file) as archive:
        (only,) = archive
        kept = archive.extractfile(only)
        assert kept
        assert kept.read() == text
    with blob.open("rb") as file:
        assert layers.write(file, tmp_path, 2000) == plain


def test_no_time_is_later_than_that_of_the_image(tmp_path: Path) -> None:
    content = tar([(entry("new", mtime=3000), b""), (entry("old", mtime=1000.7), b"")])
    assert written(tmp_path, content)[1] == [("new", "0", 2000), ("old", "0", 1000)]


def test_entries_come_in_order_of_name_and_content_before_links_to_it(tmp_path: Path) -> None:
    content = tar([(entry("z", content=TEXT), TEXT), (entry("a", tarfile.LNKTYPE, linkname="z"), b"")])
    layer = layers.write(io.BytesIO(content), tmp_path, 2000)
    with tarfile.open(tmp_path / layer.descriptor.digest.removeprefix("sha256:")) as archive:
        found = {one.name: (one.type, one.linkname, one.size) for one in archive}
        assert archive.extractfile("a").read() == TEXT  # type: ignore[union-attr]
    assert found == {"a": (tarfile.REGTYPE, "", 4), "z": (tarfile.LNKTYPE, "a", 0)}


def test_attributes_of_files_are_kept_and_notes_of_the_packer_are_not(tmp_path: Path) -> None:
    """A capability of a file is part of what it is; the time it was read is not."""
    headers = {"SCHILY.xattr.security.capability": "x", "atime": "5", "comment": "packed by hand"}
    content = tar([(entry("file", pax_headers=headers), b"")])
    layer = layers.write(io.BytesIO(content), tmp_path, 2000)
    with tarfile.open(tmp_path / layer.descriptor.digest.removeprefix("sha256:")) as archive:
        assert archive.getmember("file").pax_headers == {"SCHILY.xattr.security.capability": "x"}


def test_a_layer_that_cannot_be_read_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(tarfile.ReadError):
        layers.write(io.BytesIO(b"no tar" * 200), tmp_path, 2000)
    assert list(tmp_path.iterdir()) == []
