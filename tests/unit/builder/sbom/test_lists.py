"""The lists of what is inside an image hold everything, each with version, hash, licence and package URL."""

from __future__ import annotations

import io
import json
import tarfile
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from builder.errors import BuildError
from builder.image import contents
from builder.image.oci import Layout
from builder.sbom import cyclonedx, inventory, lists, provenance, spdx, subject
from builder.sbom.inventory import Inventory
from builder.sbom.subject import Subject
from builder.sources.item import Item, Licence
from builder.spec import planning
from builder.spec.component import Component
from builder.spec.model import Definition
from builder.spec.planning import Commit, Plan
from tests.unit.builder.archives import LABELS, layer
from tests.unit.builder.image.test_differences import image
from tests.unit.builder.samples import (
    definition,
    having,
    library,
    lock,
    node,
    npm_bundle,
    sha256,
    sha512,
    tree,
    with_viewer,
)

GPL = """\
Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/

Files: *
Copyright: somebody
License: GPL-3+
"""

FILES = {
    "var/lib/dpkg/status": """\
Package: orthanc
Status: install ok installed
Architecture: amd64
Version: 1.0-1
Source: orthanc-source (1.0)
Maintainer: Debian Med <med@example.org>
Homepage: https://example.org/
Built-Using: dcmtk (= 3.6.9-1)
Static-Built-Using: rust-ring (= 0.17.14-2), dcmtk (= 3.6.9-1)
""",
    "var/lib/dpkg/info/orthanc.list": "/usr/sbin/Orthanc\n/usr/share/doc/orthanc/copyright\n",
    "usr/share/doc/orthanc/copyright": GPL,
    "usr/sbin/Orthanc": "program",
    "usr/share/orthanc/components.json": "{}",
    "entrypoint": "own",
}

CRATES = {
    "bomFormat": "CycloneDX",
    "components": [
        {
            "name": "ring",
            "version": "0.17.14",
            "purl": "pkg:cargo/ring@0.17.14",
            "hashes": [{"alg": "SHA-256", "content": "aa" * 32}],
            "licenses": [{"expression": "Apache-2.0 AND ISC"}],
        },
        {"name": "nameless"},
    ],
}

Held = Callable[[str], Path]


@pytest.fixture
def sample(tmp_path: Path) -> Definition:
    found = with_viewer(definition(tmp_path))
    database = Component("database", "", ("upstream",), licence="AGPL-3.0-or-later")
    return replace(found, components={**found.components, "database": database})


@pytest.fixture
def plan(sample: Definition, tmp_path: Path) -> Plan:
    made = planning.make(
        sample,
        having(lock(sample), npm_bundle(), platform="any"),
        variants=["full"],
        platform="linux/amd64",
        commit=Commit("c0ffee", 1790000000),
        root=tree(tmp_path),
    )
    held = library("database", "5.2", "https://example.org/5.2/libIndex.so")
    return replace(made, layers={**made.layers, "default": (*made.layers["default"], held)})


@pytest.fixture
def held(tmp_path: Path) -> Held:
    """Return a store that has a wheel and a bundle."""
    archive = tmp_path / "wheel"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("driver/linux/LICENSE.txt", "Terms of the driver")
        file.writestr(
            "d-1.dist-info/METADATA", "Name: d\nAuthor: Somebody\nHome-page: https://example.org/d\n\nText"
        )
        file.writestr("d-1.dist-info/sboms/crates.json", json.dumps(CRATES))
        file.writestr("d-1.dist-info/sboms/other.json", "{}")
    manifest = {
        "license": "MIT",
        "author": {"name": "Them"},
        "dependencies": {"@s/a": "1.2.3", "b": "^2.0.0"},
    }
    npm(tmp_path / "bundle", {"package.json": manifest})
    return lambda digest: archive if digest.startswith("sha256") else tmp_path / "bundle"


def npm(target: Path, files: dict[str, Any]) -> None:
    """Write an archive as npm has them."""
    with tarfile.open(target, "w:gz") as archive:
        for name, content in files.items():
            text = json.dumps(content).encode()
            entry = tarfile.TarInfo(f"package/{name}")
            entry.size = len(text)
            archive.addfile(entry, io.BytesIO(text))


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return image(tmp_path / "release/image", [layer(FILES)], Labels=LABELS)


@pytest.fixture
def found(plan: Plan, sample: Definition, layout: Layout, held: Held) -> Inventory:
    return inventory.of(plan, "full", sample, contents.read(layout), held)


def by_name(found: Inventory) -> dict[str, Item]:
    return {one.name: one for one in found.items}


def test_everything_is_in_the_inventory(found: Inventory) -> None:
    assert {(one.provider, one.purl) for one in found.items} == {
        ("debian", "pkg:deb/debian/orthanc@1.0-1?arch=amd64&distro=forky&upstream=orthanc-source%401.0"),
        ("pypi", "pkg:pypi/some-driver@18.1?file_name=some_driver-18.1-py3-none-manylinux2014_x86_64.whl"),
        ("debian", "pkg:deb/debian/dcmtk@3.6.9-1?arch=source&distro=forky"),
        ("debian", "pkg:deb/debian/rust-ring@0.17.14-2?arch=source&distro=forky"),
        ("cargo", "pkg:cargo/ring@0.17.14"),
        ("npm", "pkg:npm/%40some/viewer@3.1.0"),
        ("npm", "pkg:npm/%40s/a@1.2.3"),
        ("npm", "pkg:npm/b"),
        (
            "upstream",
            "pkg:generic/libIndex.so@5.2?checksum=sha256:"
            + sha256("libIndex.so")
            + "&download_url=https://example.org/5.2/libIndex.so",
        ),
        (
            "tree",
            "pkg:generic/orthanc-images/startup@26.11.0?vcs_url=git%2Bhttps://example.org/orthanc%40c0ffee",
        ),
    }


def test_what_is_bundled_into_our_pages_is_in_the_inventory_and_what_bundles_it_is_not(
    plan: Plan, sample: Definition, layout: Layout, held: Held
) -> None:
    """Provenance names both."""
    part, tool = node("@some/part", "1.2.3"), node("tool", "1.2.3")
    paged = replace(plan, layers={**plan.layers, "web-tools": (tool,), "web": (part,)})
    found = by_name(inventory.of(paged, "full", sample, contents.read(layout), held))
    item = found["@some/part"]
    assert (item.purl, item.hash, item.licence, dict(item.facts)) == (
        "pkg:npm/%40some/part@1.2.3",
        f"sha512:{sha512('@some/part')}",
        Licence("MIT"),
        {"bundled-into": "plugins/web"},
    )
    assert "tool" not in found
    layers = {one["uri"]: one["annotations"]["layer"] for one in provenance._files(paged, "full")}
    assert layers["pkg:npm/tool@1.2.3"] == "web-tools"
    assert layers["pkg:npm/%40some/part@1.2.3"] == "web"


def test_files_that_no_package_brought_are_in_the_inventory(found: Inventory) -> None:
    assert {path: one.sha256 for path, one in found.files.items()} == {
        "entrypoint": sha256("own"),
        "var/lib/dpkg/status": sha256(FILES["var/lib/dpkg/status"]),
    }


def test_hashes_are_those_of_the_lock(found: Inventory, plan: Plan) -> None:
    hashes = {name: one.hash for name, one in by_name(found).items() if one.hash}
    assert hashes == {
        "orthanc": f"sha256:{sha256('orthanc')}",
        "some-driver": f"sha256:{sha256('wheel')}",
        "ring": "sha256:" + "aa" * 32,
        "@some/viewer": npm_bundle().digest,
        "libIndex.so": f"sha256:{sha256('libIndex.so')}",
        "startup": next(one.hash for one in plan.image("full").parts if one.name == "startup"),
    }


def test_licences_are_those_that_each_states(found: Inventory) -> None:
    assert {name: one.licence for name, one in by_name(found).items()} == {
        "orthanc": Licence("GPL-3.0-or-later"),
        "dcmtk": Licence("NOASSERTION"),
        "rust-ring": Licence("NOASSERTION"),
        "some-driver": Licence("LicenseRef-driver", {"LicenseRef-driver": "Terms of the driver"}),
        "ring": Licence("Apache-2.0 AND ISC"),
        "@some/viewer": Licence("MIT"),
        "@s/a": Licence("NOASSERTION"),
        "b": Licence("NOASSERTION"),
        "libIndex.so": Licence("AGPL-3.0-or-later"),
        "startup": Licence("GPL-3.0-or-later"),
    }


def test_what_came_inside_something_says_so(found: Inventory) -> None:
    outer = {one.name: one.inside for one in found.items if one.inside}
    assert outer == {
        "dcmtk": by_name(found)["orthanc"].purl,
        "rust-ring": by_name(found)["orthanc"].purl,
        "ring": by_name(found)["some-driver"].purl,
        "@s/a": "pkg:npm/%40some/viewer@3.1.0",
        "b": "pkg:npm/%40some/viewer@3.1.0",
    }
    assert by_name(found)["b"].facts == {"asked-for": "^2.0.0"}


def test_a_package_that_is_not_that_of_the_lock_has_no_hash(
    plan: Plan, sample: Definition, held: Held, tmp_path: Path
) -> None:
    """The hash would be of another file."""
    other = FILES | {"var/lib/dpkg/status": FILES["var/lib/dpkg/status"].replace("1.0-1", "1.0-2")}
    read = contents.read(image(tmp_path / "other", [layer(other)]))
    assert by_name(inventory.of(plan, "full", sample, read, held))["orthanc"].hash == ""


def test_the_own_lock_of_a_bundle_is_believed(
    plan: Plan, sample: Definition, layout: Layout, held: Held, tmp_path: Path
) -> None:
    locked = {"packages": {"": {}, "node_modules/a/node_modules/@s/b": {"version": "1.0.0"}}}
    npm(
        tmp_path / "bundle", {"package.json": {"dependencies": {"c": "1.0.0"}}, "npm-shrinkwrap.json": locked}
    )
    found = inventory.of(plan, "full", sample, contents.read(layout), held)
    assert [one.name for one in found.items if one.provider == "npm"] == ["@s/b", "@some/viewer"]


@pytest.mark.parametrize(
    ("metadata", "expected"),
    [
        ("License-Expression: MIT OR Apache-2.0", Licence("MIT OR Apache-2.0")),
        ("License: MIT", Licence("MIT")),
        ("Classifier: License :: OSI Approved :: MIT License", Licence("MIT")),
        (
            "License: See the site",
            Licence("LicenseRef-some-driver", {"LicenseRef-some-driver": "See the site"}),
        ),
        ("Author: Nobody", Licence("NOASSERTION")),
    ],
)
def test_a_wheel_states_its_licence_in_its_metadata(
    plan: Plan,
    sample: Definition,
    layout: Layout,
    tmp_path: Path,
    held: Held,
    metadata: str,
    expected: Licence,
) -> None:
    component = replace(sample.components["driver"], licence="")
    free = replace(sample, components={**sample.components, "driver": component})
    with zipfile.ZipFile(tmp_path / "wheel", "w") as file:
        file.writestr("d-1.dist-info/METADATA", f"Name: d\n{metadata}\n")
    found = inventory.of(plan, "full", free, contents.read(layout), held)
    assert by_name(found)["some-driver"].licence == expected


ABOUT = Subject(
    name="orthanc",
    variant="full",
    version="26.11.0-full",
    platform="linux/amd64",
    digest="sha256:" + "ab" * 32,
    created="2026-10-30T08:08:01Z",
    revision="c0ffee",
    source="https://example.org/orthanc",
    licences="GPL-3.0-or-later",
    tool="orthanc-images-26.11.0",
)


def test_the_list_in_spdx_says_where_a_library_of_orthancs_site_is_from(found: Inventory) -> None:
    """Its address, which is the same for everybody; a mirror's name is in no list."""
    packages = {one["name"]: one for one in spdx.document(found, ABOUT)["packages"]}
    one = packages["libIndex.so"]
    assert (one["downloadLocation"], one["licenseDeclared"]) == (
        "https://example.org/5.2/libIndex.so",
        "AGPL-3.0-or-later",
    )
    assert packages["some-driver"]["downloadLocation"] == "NOASSERTION"


def test_the_list_in_spdx_holds_it_all_and_is_valid(found: Inventory) -> None:
    content = spdx.document(found, ABOUT)
    assert spdx.problems(content) == []
    packages = {one["name"]: one for one in content["packages"]}
    assert set(packages) == {*by_name(found), "orthanc", "files that no package brought"}
    assert len(content["packages"]) == len(found.items) + 2
    assert packages["some-driver"]["checksums"] == [{"algorithm": "SHA256", "checksumValue": sha256("wheel")}]
    assert content["packages"][0]["externalRefs"][0]["referenceLocator"] == ABOUT.purl
    assert [one["fileName"] for one in content["files"]] == ["./entrypoint", "./var/lib/dpkg/status"]
    assert content["hasExtractedLicensingInfos"] == [
        {"licenseId": "LicenseRef-driver", "extractedText": "Terms of the driver"}
    ]
    assert len(content["relationships"]) == 1 + len(found.items) + 1 + len(found.files)


def test_the_list_in_cyclonedx_holds_it_all_and_is_valid(found: Inventory) -> None:
    content = cyclonedx.document(found, ABOUT)
    assert cyclonedx.problems(content) == []
    components = {one["bom-ref"]: one for one in content["components"]}
    assert set(components) == {*(one.purl for one in found.items), *(f"file:/{path}" for path in found.files)}
    assert content["metadata"]["component"]["purl"] == ABOUT.purl
    bundled = next(one for one in content["dependencies"] if one["ref"] == "pkg:npm/%40some/viewer@3.1.0")
    assert bundled["dependsOn"] == ["pkg:npm/%40s/a@1.2.3", "pkg:npm/b"]


@pytest.mark.parametrize(
    ("form", "break_it"),
    [
        (spdx, lambda content: content["packages"][1].pop("SPDXID")),
        (spdx, lambda content: content["packages"][2].update(licenseDeclared="No Such Licence")),
        (cyclonedx, lambda content: content["components"][0].pop("name")),
        (cyclonedx, lambda content: content["components"][0].update(hashes=[{"alg": "MD0", "content": "x"}])),
    ],
)
def test_the_checks_find_what_is_not_valid(
    found: Inventory, form: Any, break_it: Callable[[dict[str, Any]], Any]
) -> None:
    content = form.document(found, ABOUT)
    break_it(content)
    assert len(form.problems(content)) > 0


def test_the_lists_are_written_beside_the_image_and_are_the_same_each_time(
    plan: Plan, sample: Definition, layout: Layout, held: Held
) -> None:
    folder = layout.root.parent
    texts = []
    for _ in range(2):
        lists.write(plan, "full", sample, folder, held)
        texts.append([(folder / name).read_text() for name in ("sbom.spdx.json", "sbom.cdx.json")])
    assert texts[0] == texts[1]
    assert json.loads(texts[0][0])["packages"][0]["checksums"] == [
        {"algorithm": "SHA256", "checksumValue": layout.digest.removeprefix("sha256:")}
    ]


def test_a_list_that_is_not_valid_is_not_written(monkeypatch: pytest.MonkeyPatch, found: Inventory) -> None:
    monkeypatch.setattr(cyclonedx, "problems", lambda _: ["a fault"])
    with pytest.raises(BuildError) as caught:
        lists.documents(found, ABOUT)
    assert str(caught.value) == (
        "sbom.cdx.json: is not valid:\n  a fault\nThis is a bug in the toolkit: please report it."
    )


def test_the_subject_of_a_list_is_the_image(sample: Definition, layout: Layout) -> None:
    expected = replace(ABOUT, digest=layout.digest)
    assert subject.of(sample, "full", "linux/amd64", layout) == expected
    assert expected.purl == f"pkg:oci/orthanc@{layout.digest}?arch=amd64&tag=26.11.0-full"
