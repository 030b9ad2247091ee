"""What is inside an image is read from its layers, as containers see it."""

from __future__ import annotations

import tarfile
from pathlib import Path

import pytest

from builder.errors import BuildError
from builder.image import contents
from builder.image.contents import File, Installed
from tests.unit.builder.archives import entry, layer, tar
from tests.unit.builder.image.test_differences import image
from tests.unit.builder.samples import sha256

STATUS = """\
Package: orthanc
Status: install ok installed
Architecture: amd64
Version: 1.13.0-1+b1
Source: orthanc (1.13.0-1)
Maintainer: Debian Med <med@example.org>
Pre-Depends: libc6 (>= 2.43)
Depends: libx:any (>= 1) | liby, libc6
Provides: dicom-server (= 1.13.0)
Homepage: https://example.org/

Package: gone
Status: deinstall ok config-files
Architecture: amd64
Version: 1

Package: libx
Status: install ok installed
Architecture: amd64
Version: 2-1
"""

BASE = {
    "var/lib/dpkg/status": STATUS,
    "var/lib/dpkg/info/orthanc.list": "/.\n/usr\n/bin/Orthanc\n/usr/lib/a.py\n"
    "/usr/share/doc/orthanc/copyright\n",
    "var/lib/dpkg/info/libx:amd64.list": "/usr/lib/libx.so\n",
    "usr/bin/Orthanc": "program",
    "usr/lib/a.py": "",
    "usr/lib/__pycache__/a.cpython-314.pyc": "",
    "usr/lib/__pycache__/b.cpython-314.pyc": "",
    "usr/lib/libx.so": "x",
    "usr/share/doc/orthanc/copyright": "Mine",
}


@pytest.fixture
def found(tmp_path: Path) -> contents.Contents:
    links = tar(
        [
            (entry("bin", tarfile.SYMTYPE, linkname="usr/bin"), b""),
            (entry("usr/share/doc/libx", tarfile.SYMTYPE, linkname="../doc/orthanc"), b""),
            (entry("loop", tarfile.SYMTYPE, linkname="/loop"), b""),
        ]
    )
    upper = layer({"usr/lib/libx.so": "new", "etc/own": "own"})
    return contents.read(image(tmp_path / "image", [layer(BASE), links, upper]))


def test_an_upper_layer_hides_what_lies_below(found: contents.Contents) -> None:
    assert found.files["usr/lib/libx.so"] == File(
        2, 3, 0o644, "c2a6b03f190dfb2b4aa91f8af8d477a9bc3401dc", sha256("new")
    )


def test_packages_are_those_that_dpkg_has_installed(found: contents.Contents) -> None:
    libx, orthanc = contents.installed(found)
    assert libx == Installed("libx", "2-1", "amd64", "libx", "2-1", "", "", ("usr/lib/libx.so",))
    assert (orthanc.name, orthanc.version, orthanc.source, orthanc.source_version) == (
        "orthanc",
        "1.13.0-1+b1",
        "orthanc",
        "1.13.0-1",
    )
    assert orthanc.homepage == "https://example.org/"


def test_a_package_names_what_it_needs_and_provides(found: contents.Contents) -> None:
    libx, orthanc = contents.installed(found)
    assert (libx.needs, libx.provides) == ((), ())
    assert (orthanc.needs, orthanc.provides) == (("libc6", "libx", "liby"), ("dicom-server",))


def test_files_belong_to_packages_through_links_and_bytecode_to_its_source(
    found: contents.Contents,
) -> None:
    assert contents.owners(found, contents.installed(found)) == {
        "usr/bin/Orthanc": "orthanc",
        "usr/lib/a.py": "orthanc",
        "usr/lib/__pycache__/a.cpython-314.pyc": "orthanc",
        "usr/share/doc/orthanc/copyright": "orthanc",
        "usr/lib/libx.so": "libx",
    }


def test_texts_are_read_through_links(found: contents.Contents) -> None:
    assert found.text("usr/share/doc/libx/copyright") == "Mine"


def test_links_that_go_round_end(found: contents.Contents) -> None:
    with pytest.raises(BuildError):
        found.text("loop/file")


def test_what_is_not_there_is_told(found: contents.Contents) -> None:
    with pytest.raises(BuildError) as caught:
        found.text("usr/share/orthanc/components.json")
    assert (
        str(caught.value)
        == "the image has no /usr/share/orthanc/components.json. Rebuild it with: ./inv build."
    )


def test_texts_that_were_asked_for_are_kept(tmp_path: Path) -> None:
    held = image(tmp_path / "image", [layer({"etc/a": "a", "etc/b": "b"})])
    assert contents.read(held, lambda path: path == "etc/a").texts == {"etc/a": b"a"}


def test_what_an_upper_layer_deletes_is_gone(tmp_path: Path) -> None:
    held = image(tmp_path / "image", [layer({"etc/a/b": "b", "etc/ab": "c"}), layer({"etc/.wh.a": ""})])
    assert list(contents.read(held).files) == ["etc/ab"]
