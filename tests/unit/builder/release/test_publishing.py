"""What was tested is what is published; every reason against it is told before anything is sent."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from builder.console import Console
from builder.errors import BuildError, ShellError, UsageError
from builder.image.oci import Layout
from builder.image.registry import Name, Registry
from builder.release import attestations, export, publishing, signing
from builder.release.publishing import PublishOptions
from builder.release.signing import Signer
from builder.shell import Completed
from builder.spec import model
from builder.testing.checks import Verdict
from tests.unit.builder.archives import layer
from tests.unit.builder.image.test_differences import image
from tests.unit.builder.registries import Held, serving
from tests.unit.builder.samples import DEFINITION

REVISION = "c0ffee" + "0" * 34
PLATFORMS = ("linux/amd64", "linux/arm64")
PARTS = "orthanc=1.13.0+dfsg-1 startup=26.11.0"
QUIET = Console(io.StringIO(), io.StringIO())
SIGNER = Signer("cosign.key")


class Cosign:
    """Signs and verifies by notes of its own."""

    def __init__(self) -> None:
        self.signed: list[str] = []

    def __call__(self, argv: Sequence[str | Path], **_: Any) -> Completed:
        words = [str(word) for word in argv]
        if words[1:] == ["sign", "--help"]:
            return Completed("--key", "", 0)
        if words[1] == "sign":
            self.signed.append(words[-1])
        elif words[-1] not in self.signed:
            raise ShellError("cosign: no signatures found", details=["no signatures found"])
        return Completed('Checked.\n[{"critical": {}}]', "", 0)


REBUILD = "Rebuild it with: ./inv build --reproducible --platform linux/amd64"


@pytest.fixture
def held() -> Iterator[Held]:
    with serving() as state:
        yield state


@pytest.fixture
def cosign(monkeypatch: pytest.MonkeyPatch) -> Cosign:
    made = Cosign()
    monkeypatch.setattr(signing, "run", made)
    monkeypatch.setattr(publishing._sign, "__defaults__", (made,))
    return made


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a repository whose images are all exported and tested."""
    (tmp_path / model.FILE).write_text(DEFINITION)
    for variant in ("default", "full"):
        for platform in PLATFORMS:
            put(tmp_path, variant, platform)
    return tmp_path


def put(root: Path, variant: str, platform: str, **changes: Any) -> Layout:
    """Export one image below `root` and say that it was tested; `changes` are of its labels."""
    version = "26.11.0" + ("-full" if variant == "full" else "")
    labels = {
        "org.opencontainers.image.version": version,
        "org.opencontainers.image.revision": REVISION,
        "org.opencontainers.image.title": "Orthanc",
        "org.orthanc-images.variant": variant,
        "org.orthanc-images.components": PARTS,
        **changes.get("labels", {}),
    }
    elsewhere = [{"name": "driver", "reason": "elsewhere"}] if variant == "default" else []
    listed = {
        "version": "26.11.0",
        "variant": variant,
        "components": [dict(zip(("name", "version"), one.split("="), strict=True)) for one in PARTS.split()],
        "missing": changes.get("missing", elsewhere),
    }
    own = {"usr/share/orthanc/components.json": json.dumps(listed)}
    files = own | {"platform": platform, "var/lib/dpkg/status": ""}
    folder = export.place(root, variant, platform)
    layout = image(folder / "image", [layer(files)], Labels=labels)
    for name in attestations.KINDS:
        origin = {"buildDefinition": {"resolvedDependencies": [{"digest": {"gitCommit": REVISION}}]}}
        (folder / name).write_text(json.dumps(origin if name == "provenance.json" else {"packages": []}))
    verdict = Verdict(variant, platform, "orthanc", layout.digest, 5, changes.get("failed", 0), 0)
    if changes.get("tested", True):
        export.note_tests(root, [verdict])
    return layout


def asking(held: Held, **more: Any) -> PublishOptions:
    return PublishOptions(f"{held.host}/some/orthanc", **more)


def published(root: Path, held: Held, **more: Any) -> list[publishing.Release]:
    return publishing.command(root, asking(held, **more), SIGNER, QUIET)


def test_a_release_has_an_index_of_all_platforms_under_all_its_tags(
    root: Path, held: Held, cosign: Cosign
) -> None:
    default, full = published(root, held)
    fixed = f"26.11.0-{REVISION[:12]}"
    assert (default.fixed, full.fixed) == (fixed, f"{fixed}-full")
    assert default.moving == ("26.11.0", "1.13.0", "26.11", "26", "latest")
    assert full.moving == ("26.11.0-full", "1.13.0-full", "26.11-full", "26-full", "latest-full")
    registry = Registry(Name(held.host, "some/orthanc"))
    for release in (default, full):
        assert {registry.resolve(tag) for tag in (release.fixed, *release.moving)} == {release.digest}
    index = json.loads(registry.manifest("latest"))
    assert [one["platform"] for one in index["manifests"]] == [
        {"architecture": "amd64", "os": "linux"},
        attestations.UNKNOWN,
        {"architecture": "arm64", "os": "linux"},
        attestations.UNKNOWN,
    ]
    assert index["annotations"]["org.opencontainers.image.revision"] == REVISION
    assert cosign.signed == [f"{held.host}/some/orthanc@{one.digest}" for one in (default, full)]


def test_the_digest_that_was_tested_is_the_one_that_is_published(
    root: Path, held: Held, cosign: Cosign
) -> None:
    published(root, held)
    index = json.loads(Registry(Name(held.host, "some/orthanc")).manifest("latest-full"))
    exported = [Layout(export.place(root, "full", platform) / "image").digest for platform in PLATFORMS]
    assert [one["digest"] for one in index["manifests"][::2]] == exported


def test_a_second_run_changes_nothing(root: Path, held: Held, cosign: Cosign) -> None:
    published(root, held)
    before, signed = dict(held.manifests), list(cosign.signed)
    held.asked.clear()
    published(root, held)
    assert (held.manifests, cosign.signed) == (before, signed)
    assert [line for line in held.changes if "/manifests/sha256:" not in line] == []


@pytest.mark.parametrize("survived", [*range(0, 22, 3), 22])
def test_an_interrupted_run_leaves_no_name_half_done_and_the_next_ends_the_same(
    root: Path, held: Held, cosign: Cosign, survived: int
) -> None:
    """The registry breaks down after some of 22 requests; a tag that is there names a whole, signed image."""
    clear = Registry(Name(held.host, "some/orthanc"), delays=())
    asked = Registry.put_manifest

    count = iter(range(survived))

    def failing(self: Registry, *arguments: Any) -> None:
        if next(count, None) is None:
            raise BuildError("the registry broke down")
        asked(self, *arguments)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Registry, "put_manifest", failing)
        with pytest.raises(BuildError) if survived < 22 else _nothing():
            published(root, held)
    for tag in [name for name in held.manifests if not name.startswith("sha256:")]:
        assert f"{held.host}/some/orthanc@{clear.resolve(tag)}" in cosign.signed
    releases = published(root, held)
    tags = {tag: one.digest for one in releases for tag in (one.fixed, *one.moving)}
    assert {tag: clear.resolve(tag) for tag in tags} == tags


class _nothing:  # noqa: N801 # a context like pytest.raises
    def __enter__(self) -> None:
        pass

    def __exit__(self, *_: object) -> None:
        pass


def refusal(root: Path, held: Held, **more: Any) -> list[str]:
    """Return why nothing is published, and see that nothing was sent."""
    with pytest.raises(BuildError) as caught:
        published(root, held, **more)
    assert (held.changes, held.manifests) == ([], {})
    return list(caught.value.details)


def test_what_is_not_tested_is_not_published(root: Path, held: Held) -> None:
    layout = put(root, "default", "linux/amd64", labels={"more": "x"}, tested=False)
    assert refusal(root, held) == [
        f"default for linux/amd64: {layout.digest} is not tested. Test it with: ./inv test --image"
    ]


def test_what_failed_is_not_published(root: Path, held: Held) -> None:
    put(root, "full", "linux/arm64", failed=2)
    assert refusal(root, held) == ["full for linux/arm64: 2 of its tests failed. Mend that"]


@pytest.mark.parametrize("revision", [f"{REVISION}-dirty", "unknown"])
def test_what_is_not_a_commit_is_not_published(root: Path, held: Held, revision: str) -> None:
    put(root, "default", "linux/amd64", labels={"org.opencontainers.image.revision": revision})
    assert refusal(root, held) == [
        f"default for linux/amd64: is built from {revision!r}, which is not a commit. "
        f"Commit your changes. {REBUILD}"
    ]


def test_what_is_of_another_version_is_not_published(root: Path, held: Held) -> None:
    put(root, "default", "linux/amd64", labels={"org.opencontainers.image.version": "26.10.0"})
    assert refusal(root, held) == [f"default for linux/amd64: is version '26.10.0'. {REBUILD}"]


def test_an_image_that_lacks_something_is_published_only_when_that_is_named(
    root: Path, held: Held, cosign: Cosign
) -> None:
    """What another variant has is not lacking here."""
    for platform in PLATFORMS:
        put(root, "full", platform, missing=[{"name": "driver", "reason": "the site is closed"}])
    reason = "driver is missing: the site is closed. Add it, or publish with --without driver"
    assert refusal(root, held) == [f"full for {platform}: {reason}" for platform in PLATFORMS]
    assert len(published(root, held, without=("driver",))) == 2


def test_naming_what_is_not_missing_is_refused(root: Path, held: Held) -> None:
    assert refusal(root, held, without=("driver", "other")) == [
        "--without: 'driver' is not missing",
        "--without: 'other' is not missing",
    ]


def test_all_platforms_are_needed_unless_some_are_named(root: Path, held: Held, cosign: Cosign) -> None:
    (export.place(root, "full", "linux/arm64") / "image/index.json").unlink()
    (export.place(root, "default", "linux/arm64") / "sbom.cdx.json").unlink()
    assert refusal(root, held) == [
        "default for linux/arm64: has no sbom.cdx.json. "
        "Rebuild it with: ./inv build --reproducible --platform linux/arm64",
        "full for linux/arm64: is not in out/release."
        " Build it with: ./inv build --reproducible --platform linux/arm64",
    ]
    assert [one.variant for one in published(root, held, platforms=("linux/amd64",))] == ["default", "full"]


def test_a_damaged_layout_is_not_published(root: Path, held: Held) -> None:
    layout = Layout(export.place(root, "default", "linux/amd64") / "image")
    digest = layout.manifest["layers"][0]["digest"]
    layout.path(digest).write_bytes(b"other")
    with pytest.raises(BuildError) as caught:
        published(root, held)
    assert (
        str(caught.value)
        == f"{layout.root}: {digest} is missing or damaged. Rebuild it with: ./inv build --reproducible."
    )


def test_an_immutable_tag_never_moves(root: Path, held: Held, cosign: Cosign) -> None:
    (before, _) = published(root, held)
    held.asked.clear()
    put(root, "default", "linux/amd64", labels={"more": "x"})
    with pytest.raises(BuildError) as caught:
        published(root, held)
    fixed = f"26.11.0-{REVISION[:12]}"
    (reason,) = caught.value.details
    assert caught.value.message == "publish: an immutable tag is already taken"
    assert reason.startswith(f"{fixed}: is already {before.digest}, and would become sha256:")
    assert held.changes == []


def test_moving_tags_do_not_go_back(root: Path, held: Held, cosign: Cosign) -> None:
    """A release of an older line leaves the names of the newer one where they are."""
    published(root, held)
    registry = Registry(Name(held.host, "some/orthanc"))
    newer = registry.resolve("latest")
    older = DEFINITION.replace('version = "26.11.0"', 'version = "26.10.3"')
    (root / model.FILE).write_text(older)
    for platform in PLATFORMS:
        put(root, "default", platform, labels={"org.opencontainers.image.version": "26.10.3"})
    (release,) = published(root, held, variants=("default",))
    found = {tag: registry.resolve(tag) for tag in ("latest", "26", "1.13.0", "26.10", "26.10.3")}
    assert found == {
        **dict.fromkeys(("latest", "26", "1.13.0"), newer),
        **dict.fromkeys(("26.10", "26.10.3"), release.digest),
    }


def test_a_name_with_a_version_is_refused(root: Path, held: Held) -> None:
    with pytest.raises(UsageError) as caught:
        publishing.command(root, PublishOptions("ghcr.io/o:1"), None, QUIET)
    assert (
        str(caught.value) == "publish: 'ghcr.io/o:1' names a version. Leave it out: publishing adds the tags."
    )


def test_a_partial_run_of_the_tests_does_not_count(root: Path) -> None:
    """What was tested is noted for the image that the engine has, and for no other."""
    layout = put(root, "default", "linux/amd64", labels={"more": "x"}, tested=False)
    other = Verdict("default", "linux/amd64", "orthanc", "sha256:other", 5, 0, 0)
    export.note_tests(root, [other, replace(other, variant="absent")])
    noted = json.loads((export.place(root, "default", "linux/amd64") / export.TESTED).read_text())
    assert noted["digest"] != layout.digest
    export.note_tests(root, [replace(other, identifier=layout.manifest["config"]["digest"])])
    noted = json.loads((export.place(root, "default", "linux/amd64") / export.TESTED).read_text())
    assert (noted["digest"], noted["passed"], noted["failed"]) == (layout.digest, 5, 0)


def test_libraries_that_upstream_makes_for_other_platforms_only_are_no_lack(tmp_path: Path) -> None:
    text = DEFINITION.replace(
        "[components.orthanc]",
        '[upstream]\nbase = "https://example.org/"\nplatforms = ["linux/amd64"]\n\n'
        '[components.extra]\nsummary = "more"\nprovider = "upstream"\nfolder = "extra"\nversion = "1.0"\n'
        'licence = "AGPL-3.0-or-later"\nlibraries = ["libExtra.so"]\n\n[components.orthanc]',
    ).replace('components = ["orthanc", "startup"]', 'components = ["orthanc", "startup", "extra"]')
    (tmp_path / model.FILE).write_text(text)
    sample = model.load(tmp_path / model.FILE)
    absent = [{"name": "extra", "reason": "the site is closed"}]
    found = {
        platform: publishing.missing(
            put(tmp_path, "default", platform, missing=absent), sample, "default", platform
        )
        for platform in PLATFORMS
    }
    assert found == {"linux/amd64": {"extra": "the site is closed"}, "linux/arm64": {}}
