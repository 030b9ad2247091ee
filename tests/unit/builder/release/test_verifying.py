"""A published image is believed only when its signature, documents and labels agree with what is inside."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from builder.console import Console
from builder.errors import BuildError
from builder.image import contents
from builder.image.registry import Name
from builder.release import export, publishing, verifying
from builder.release.publishing import PublishOptions
from builder.release.signing import Signer
from builder.release.verifying import PublishedImage
from builder.sbom import cyclonedx, lists, provenance, spdx
from builder.sbom.inventory import Inventory
from builder.spec import model, planning
from builder.spec.planning import Commit, Plan
from tests.unit.builder.registries import Held, serving
from tests.unit.builder.release.test_publishing import REVISION, SIGNER, Cosign, put
from tests.unit.builder.samples import (
    EPOCH,
    definition,
    having,
    library,
    lock,
    npm_bundle,
    sha256,
    tree,
    with_viewer,
)
from tests.unit.builder.sbom.test_lists import ABOUT

QUIET = Console(io.StringIO(), io.StringIO())


@pytest.fixture
def held() -> Iterator[Held]:
    with serving() as state:
        yield state


@pytest.fixture
def cosign(monkeypatch: pytest.MonkeyPatch) -> Cosign:
    made = Cosign()
    monkeypatch.setattr(publishing._sign, "__defaults__", (made,))
    return made


@pytest.fixture
def wanted(tmp_path: Path) -> model.Definition:
    return definition(tmp_path)


def publish(root: Path, held: Held) -> None:
    """Publish the image default for one platform."""
    options = PublishOptions(f"{held.host}/some/orthanc", ("default",), ("linux/amd64",))
    publishing.command(root, options, SIGNER, QUIET)


def documents(root: Path, digest: str) -> None:
    """Put lists beside the exported image that are valid, and hold nothing as the image does."""
    folder = export.place(root, "default", "linux/amd64")

    about = replace(ABOUT, digest=digest)
    for form in lists.FORMS:
        (folder / form.FILE).write_text(json.dumps(form.document(Inventory((), {}), about)))


def verified(text: str, wanted: model.Definition, cosign: Cosign) -> Name:
    return verifying.command(text, Signer("my.pub"), wanted, QUIET, cosign)


def test_what_was_published_is_verified(
    tmp_path: Path, held: Held, cosign: Cosign, wanted: model.Definition
) -> None:
    layout = put(tmp_path, "default", "linux/amd64")
    documents(tmp_path, layout.digest)
    publish(tmp_path, held)
    found = verified(f"{held.host}/some/orthanc:latest", wanted, cosign)
    assert str(found) == cosign.signed[0]


def test_what_nobody_signed_is_refused(
    tmp_path: Path, held: Held, cosign: Cosign, wanted: model.Definition
) -> None:
    put(tmp_path, "default", "linux/amd64")
    publish(tmp_path, held)
    cosign.signed.clear()
    with pytest.raises(BuildError, match=r"has no valid signature of my\.pub"):
        verified(f"{held.host}/some/orthanc:latest", wanted, cosign)


def test_a_tag_that_is_not_there_is_told(held: Held, wanted: model.Definition, cosign: Cosign) -> None:
    with pytest.raises(BuildError) as caught:
        verified(f"{held.host}/some/orthanc:gone", wanted, cosign)
    assert str(caught.value) == f"{held.host}/some/orthanc:gone: does not exist. Check the name."


def test_everything_that_does_not_agree_is_told(
    tmp_path: Path, held: Held, cosign: Cosign, wanted: model.Definition
) -> None:
    layout = put(tmp_path, "default", "linux/amd64", labels={"org.orthanc-images.variant": "full"})
    documents(tmp_path, layout.digest)
    publish(tmp_path, held)
    with pytest.raises(BuildError) as caught:
        verified(f"{held.host}/some/orthanc:latest", wanted, cosign)
    assert caught.value.message == f"{cosign.signed[0]}: does not match its description"
    assert caught.value.details == (
        "linux/amd64: org.orthanc-images.variant: the label says 'full', but the image holds 'default'",
    )


DPKG = "Package: orthanc\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1-1\n"
LABELS = {
    "org.opencontainers.image.version": "26.11.0",
    "org.opencontainers.image.revision": REVISION,
    "org.orthanc-images.variant": "default",
    "org.orthanc-images.components": "orthanc=1.13.0",
}
INSIDE = {
    "version": "26.11.0",
    "variant": "default",
    "components": [{"name": "orthanc", "version": "1.13.0"}],
    "missing": [],
}


@pytest.fixture
def told() -> PublishedImage:
    """Return what an image tells of which everything is right."""
    origin = {"buildDefinition": {"resolvedDependencies": [{"digest": {"gitCommit": REVISION}}]}}
    component = {"type": "library", "name": "orthanc", "version": "1-1", "purl": "pkg:deb/debian/orthanc@1-1"}
    bom = {"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "components": [component]}
    texts = {contents.COMPONENTS: json.dumps(INSIDE).encode(), contents.STATUS: DPKG.encode()}
    kinds: dict[str, dict[str, Any]] = {cyclonedx.PREDICATE: bom, provenance.PREDICATE: origin}
    statements = {kind: provenance.statement(ABOUT, kind, one) for kind, one in kinds.items()}
    inside = contents.Contents({}, {}, texts)
    return PublishedImage(ABOUT.digest, {"config": {"Labels": LABELS}}, inside, statements)


INDEX = {"annotations": LABELS}


def changed(told: PublishedImage, kind: str, change: Callable[[Any], Any]) -> PublishedImage:
    statement = json.loads(json.dumps(told.statements[kind]))
    change(statement)
    return replace(told, statements={**told.statements, kind: statement})


def reasons(told: PublishedImage, index: Mapping[str, Any] = INDEX) -> list[str]:
    return [one for one in verifying.reasons(told, index) if one != f"{spdx.PREDICATE}: is not attached"]


def test_an_image_of_which_everything_agrees_is_right(told: PublishedImage) -> None:
    assert reasons(told) == []


def test_an_absent_document_is_told(told: PublishedImage) -> None:
    assert list(verifying.reasons(told, INDEX)) == [f"{spdx.PREDICATE}: is not attached"]


def test_a_document_about_another_image_is_told(told: PublishedImage) -> None:
    other = changed(told, cyclonedx.PREDICATE, lambda one: one["subject"][0]["digest"].update(sha256="00"))
    assert reasons(other) == [f"{cyclonedx.PREDICATE}: describes another image"]


def test_a_list_that_does_not_name_what_is_inside_is_told(told: PublishedImage) -> None:
    def change(one: Any) -> None:
        one["predicate"]["components"][0]["version"] = "2-1"

    assert reasons(changed(told, cyclonedx.PREDICATE, change)) == [
        f"{cyclonedx.PREDICATE}: orthanc 1-1: is in the image but not listed",
        f"{cyclonedx.PREDICATE}: orthanc 2-1: is listed but not in the image",
    ]


def test_a_list_that_is_not_valid_is_told(told: PublishedImage) -> None:
    other = changed(told, cyclonedx.PREDICATE, lambda one: one["predicate"].update(version="x"))
    (reason,) = reasons(other)
    assert reason.startswith(f"{cyclonedx.PREDICATE}: ")


def test_provenance_of_another_commit_is_told(told: PublishedImage) -> None:
    def change(one: Any) -> None:
        one["predicate"]["buildDefinition"]["resolvedDependencies"][0]["digest"]["gitCommit"] = "other"

    assert reasons(changed(told, provenance.PREDICATE, change)) == [
        f"{provenance.PREDICATE}: names commit 'other', but the label says {REVISION!r}"
    ]


def test_an_index_that_says_another_version_is_told(told: PublishedImage) -> None:
    key = "org.opencontainers.image.version"
    assert reasons(told, {"annotations": {**LABELS, key: "26.12.0"}}) == [
        f"{key}: the index says '26.12.0', the image '26.11.0'"
    ]


@pytest.mark.parametrize(
    ("key", "value", "inside"),
    [
        ("org.orthanc-images.components", "orthanc=1.12.0", "orthanc=1.13.0"),
        ("org.opencontainers.image.version", "26.12.0", "26.11.0"),
    ],
)
def test_labels_that_do_not_fit_what_is_inside_are_told(
    told: PublishedImage, key: str, value: str, inside: str
) -> None:
    labels = {**LABELS, key: value}
    other = replace(told, config={"config": {"Labels": labels}})
    assert reasons(other, {"annotations": labels}) == [
        f"{key}: the label says {value!r}, but the image holds {inside!r}"
    ]


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    sample = with_viewer(definition(tmp_path))
    made = planning.make(
        sample,
        having(lock(sample), npm_bundle(), platform="any"),
        variants=["full"],
        platform="linux/amd64",
        commit=Commit("c0ffee", EPOCH),
        root=tree(tmp_path),
    )
    (tmp_path / "build.lock").write_text("lock")
    held = library("database", "5.2", "https://example.org/libIndex.so")
    return replace(made, layers={**made.layers, "full": (*made.layers["full"], held)})


def test_provenance_names_the_commit_and_every_file_that_went_in(plan: Plan, tmp_path: Path) -> None:
    found = provenance.predicate(plan, ABOUT, tmp_path, {}, {})
    sources = found["buildDefinition"]["resolvedDependencies"]
    assert sources[:2] == [
        {"uri": "git+https://example.org/orthanc@c0ffee", "digest": {"gitCommit": "c0ffee"}},
        {"uri": "build.lock", "digest": {"sha256": sha256("lock")}},
    ]
    assert [(one["uri"].partition("?")[0], one["annotations"]["layer"]) for one in sources[2:]] == [
        ("pkg:deb/debian/mmdebstrap@1.0-1", "tools"),
        ("pkg:deb/debian/g%2B%2B@1.0-1", "compiler"),
        ("pkg:deb/debian/python3@1.0-1", "base"),
        ("pkg:deb/debian/orthanc@1.0-1", "default"),
        ("pkg:deb/debian/orthanc-data@1.0-1", "default"),
        ("pkg:npm/%40some/viewer@3.1.0", "default"),
        ("pkg:pypi/some-driver@18.1", "full"),
        ("https://example.org/libIndex.so", "full"),
    ]
    assert all(next(iter(one["digest"].values())) for one in sources)
    assert found["runDetails"] == {"builder": {"id": "https://example.org/orthanc#built-by-hand"}}


def test_provenance_names_the_workflow_that_built_and_what_buildkit_tells(plan: Plan, tmp_path: Path) -> None:
    environment = {
        "GITHUB_SERVER_URL": "https://github.com",
        "GITHUB_WORKFLOW_REF": "some/orthanc/.github/workflows/release.yml@refs/tags/26.11.0",
    }
    details = provenance.predicate(plan, ABOUT, tmp_path, environment, {"buildType": "x"})["runDetails"]
    assert details == {
        "builder": {"id": "https://github.com/some/orthanc/.github/workflows/release.yml@refs/tags/26.11.0"},
        "byproducts": [{"name": "buildkit-provenance.json", "content": "eyJidWlsZFR5cGUiOiAieCJ9"}],
    }
