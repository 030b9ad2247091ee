"""Libraries of upstream are looked at before they enter an image, and bad ones are refused with a reason."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from builder.build import bake, plugin_check
from builder.build.plugin_check import PluginVerdict
from builder.errors import BuildError
from builder.sources.elf import ENTRY_POINTS
from builder.sources.store import Store
from builder.spec import planning
from builder.spec.artifact import Artifact
from builder.spec.planning import Commit, Plan
from tests.unit.builder.elves import shared
from tests.unit.builder.samples import UPSTREAM, definition, sha256, tree, upstream_lock

GOOD, BAD = shared(ENTRY_POINTS), shared(ENTRY_POINTS[:1])
CONTEXTS = Path("out/context/amd64")


class Kitchen:
    """Stands for BuildKit: notes which targets it was to make, and leaves the faults that it was told."""

    def __init__(self, root: Path, faults: dict[str, str], versions: dict[str, str] | None = None) -> None:
        self.root, self.faults, self.versions = root, faults, versions or {}
        self.targets: list[str] = []
        self.held: list[str] = []

    def __call__(self, file: Path) -> None:
        for variant, target in json.loads(file.read_text())["target"].items():
            self.targets.append(target["target"])
            folder = self.root / target["context"] / variant / "upstream"
            self.held += sorted(path.name for path in folder.iterdir())
            place = self.root / target["output"][0].partition("dest=")[2]
            place.mkdir(parents=True, exist_ok=True)
            faults = {name: self.faults.get(name, "") for name in self.held}
            (place / "faults.json").write_text(json.dumps(faults))
            (place / "versions.json").write_text(json.dumps(self.versions))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    tree(tmp_path)
    for name, text in (
        (bake.SHARED, "FROM scratch AS base-root\n"),
        (bake.TEMPLATE, "FROM @below@-root AS @variant@-root\nCOPY --from=@variant@-libraries /layer/ /\n"),
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "cache")


def planned(root: Path, store: Store, contents: dict[str, bytes]) -> Plan:
    """Return a plan with the libraries that upstream has for the sample, with these contents."""
    sample = definition(root, UPSTREAM)
    plan = planning.make(
        sample,
        upstream_lock(sample, "database", "extra"),
        variants=("default",),
        platform="linux/amd64",
        commit=Commit("c0ffee", 1),
        root=root,
    )

    def filled(one: Artifact) -> Artifact:
        content = contents[one.file]
        digest = f"sha256:{sha256(content)}"
        store.add(content, digest)
        return replace(one, size=len(content), digest=digest)

    return replace(
        plan,
        layers={**dict.fromkeys(plan.layers, ()), "default": tuple(map(filled, plan.precompiled("default")))},
    )


def refused(plan: Plan, store: Store, root: Path, kitchen: Kitchen) -> dict[str, str]:
    return dict(judged(plan, store, root, kitchen).refused)


def judged(plan: Plan, store: Store, root: Path, kitchen: Kitchen) -> PluginVerdict:
    return plugin_check.verdict(plan, store.path, store.root / "tools", root, CONTEXTS, kitchen)


ALL_GOOD = dict.fromkeys(("libIndex.so", "libStorage.so", "libExtra.so"), GOOD)


def test_good_libraries_are_tried_and_nothing_is_refused(root: Path, store: Store) -> None:
    kitchen = Kitchen(root, {})
    assert refused(planned(root, store, ALL_GOOD), store, root, kitchen) == {}
    assert kitchen.targets == ["default-plugin-faults"]
    assert kitchen.held == ["libExtra.so", "libIndex.so", "libStorage.so"]


def test_the_image_in_which_they_are_tried_has_none_of_them(root: Path, store: Store) -> None:
    refused(planned(root, store, ALL_GOOD), store, root, Kitchen(root, {}))
    text = (root / "out/plugin-check.Dockerfile").read_text()
    assert text == "FROM scratch AS base-root\nFROM base-root AS default-root\n"


def test_what_is_no_plugin_is_refused_without_being_tried(root: Path, store: Store) -> None:
    """The other library of its component is not tried either."""
    kitchen = Kitchen(root, {})
    found = refused(planned(root, store, {**ALL_GOOD, "libStorage.so": BAD}), store, root, kitchen)
    reason = (
        "libStorage.so is not a plugin for Orthanc: it does not export "
        "OrthancPluginFinalize, OrthancPluginGetName, OrthancPluginGetVersion"
    )
    assert (found, kitchen.held) == ({"database": reason}, ["libExtra.so"])


def test_nothing_is_tried_when_nothing_is_left(root: Path, store: Store) -> None:
    kitchen = Kitchen(root, {})
    found = refused(planned(root, store, dict.fromkeys(ALL_GOOD, b"<html>")), store, root, kitchen)
    assert (found, kitchen.targets) == (
        {"database": "libIndex.so is not an ELF file", "extra": "libExtra.so is not an ELF file"},
        [],
    )


def test_a_fault_of_one_library_refuses_its_component(root: Path, store: Store) -> None:
    kitchen = Kitchen(root, {"libIndex.so": "needs libmagic.so.1, which is not in the image"})
    found = refused(planned(root, store, ALL_GOOD), store, root, kitchen)
    assert found == {"database": "libIndex.so needs libmagic.so.1, which is not in the image"}


def test_a_failure_of_buildkit_is_no_verdict(root: Path, store: Store) -> None:
    def broken(_: Path) -> None:
        raise BuildError("build: BuildKit failed")

    with pytest.raises(BuildError, match="BuildKit failed"):
        plugin_check.verdict(
            planned(root, store, ALL_GOOD), store.path, store.root / "tools", root, CONTEXTS, broken
        )


def test_a_version_that_a_library_gives_is_told_where_it_is_another_one(root: Path, store: Store) -> None:
    """The first library of a component speaks for it; what is refused has no version."""
    versions = {"libIndex.so": "5.1", "libStorage.so": "5.0", "libExtra.so": "1.2"}
    kitchen = Kitchen(root, {}, versions)
    plan = planned(root, store, ALL_GOOD)
    assert judged(plan, store, root, kitchen) == PluginVerdict({}, {"database": "5.1"})
    kitchen = Kitchen(root, {"libStorage.so": "is bad"}, versions)
    assert judged(plan, store, root, kitchen) == PluginVerdict({"database": "libStorage.so is bad"})
