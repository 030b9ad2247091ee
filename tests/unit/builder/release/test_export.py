"""An image is exported: taken out of the engine, packed again, and given back for the tests."""

from __future__ import annotations

import io
import json
import tarfile
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from builder.build import pipeline, plugin_check
from builder.build.pipeline import BuildOptions, Built, Outcome
from builder.build.plugin_check import PluginVerdict
from builder.console import Console
from builder.engine import builders, installation
from builder.errors import BuildError
from builder.image import contents, layers
from builder.release import export
from builder.release.export import ExportedImage
from builder.shell import Completed
from builder.sources.store import Store
from builder.spec import lockfile, model, planning
from builder.spec.planning import Commit, Part, Plan
from tests.unit.builder.archives import LABELS, layer, saved
from tests.unit.builder.build.test_pipeline import ENGINE, session
from tests.unit.builder.samples import EPOCH, UPSTREAM, definition, lock, tree, upstream_lock

ONE = Built("default", "linux/amd64", ("orthanc:26.11.0", "orthanc:latest"), "sha256:old", 5)
FULL = Built("full", "linux/amd64", ("orthanc:26.11.0-full",), "sha256:old-full", 5)


class Engine:
    """Saves the layers that it was given, and says what was loaded into it."""

    def __init__(self, **layers: Sequence[bytes]) -> None:
        self.layers = layers
        self.compressed = False
        self.removed: list[str] = []
        self.loaded: dict[str, Any] = {}

    def __call__(self, argv: Sequence[str | Path], **_: Any) -> Completed:
        words = [str(word) for word in argv][1:]
        if words[:2] == ["image", "save"]:
            name = "full" if words[-1] == FULL.identifier else "default"
            saved(self.layers[name], Path(words[3]), compressed=self.compressed)
        elif words[:2] == ["image", "load"]:
            with tarfile.open(words[-1]) as archive:
                names = archive.getnames()
                listed = json.load(archive.extractfile("manifest.json"))[0]  # type: ignore[arg-type]
            assert {listed["Config"], *listed["Layers"], "oci-layout", "index.json"} < set(names)
            self.loaded |= dict.fromkeys(
                listed["RepoTags"], listed["Config"].replace("blobs/sha256/", "sha256:")
            )
        elif words[:2] == ["image", "inspect"]:
            return Completed(f"{self.loaded[words[-1]]} 7\n", "", 0)
        else:
            self.removed.append(" ".join(words))
        return Completed("", "", 0)


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    sample = definition(tmp_path)
    return planning.make(
        sample,
        lock(sample),
        variants=["full"],
        platform="linux/amd64",
        commit=Commit("c0ffee", 1790000000),
        root=tree(tmp_path),
    )


def exported_in(root: Path, plan: Plan, engine: Engine, *built: Built) -> list[ExportedImage]:
    root.mkdir(exist_ok=True)
    definition(root)
    here = session(root, Store(root / "store"), runner=engine)
    return export.export(here, Outcome(plan, built), EPOCH)


BASE, DEFAULT, FULL_LAYER, COMPILED, TOP = (
    layer({name: name}) for name in ("base", "default", "full", "compiled", "top")
)


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Return how often each step of a build is taken; those that need an engine or the network do nothing."""
    found: Counter[str] = Counter()

    def counted(module: ModuleType, name: str, act: Callable[..., object]) -> None:
        def call(*arguments: Any, **named: Any) -> object:
            found[name] += 1
            return act(*arguments, **named)

        monkeypatch.setattr(module, name, call)

    counted(installation, "ensure", lambda **_: ENGINE)
    for module, name in ((model, "load"), (lockfile, "current"), (planning, "make"), (pipeline, "commit")):
        counted(module, name, getattr(module, name))
    for name in ("fetch", "consent", "lay_out"):
        counted(pipeline, name, lambda *_, **__: None)
    counted(plugin_check, "verdict", lambda *_: PluginVerdict({}))
    counted(pipeline, "images", lambda *_, **__: [ONE, FULL])
    monkeypatch.setattr(pipeline, "chosen", lambda *_: builders.IN_USE)
    return found


def test_a_reproducible_build_is_exported_from_what_the_build_knows(
    tmp_path: Path, calls: Counter[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is read, planned, fetched or examined a second time."""
    locked = upstream_lock(definition(tmp_path, UPSTREAM), "database", "extra")
    (tree(tmp_path) / lockfile.FILE).write_text(lockfile.text(locked))
    calls.clear()  # what the lines above did
    given: list[Outcome] = []

    def exported(_: object, outcome: Outcome, moment: int, compressor: str) -> list[ExportedImage]:
        given.append(outcome)
        return []

    monkeypatch.setattr(export, "export", exported)
    export.command(tmp_path, BuildOptions(), {}, Console(io.StringIO(), io.StringIO()))
    steps = "ensure load current make commit fetch consent verdict lay_out images"
    assert calls == dict.fromkeys(steps.split(), 1)
    (outcome,) = given
    assert (outcome.built, [one.file for one in outcome.plan.doubtful]) == (
        (ONE, FULL),
        ["libIndex.so", "libStorage.so", "libExtra.so"],
    )


def test_an_image_becomes_a_layout_and_the_engine_holds_what_is_in_it(plan: Plan, tmp_path: Path) -> None:
    engine = Engine(default=[BASE, DEFAULT, TOP])
    (exported,) = exported_in(tmp_path, plan, engine, ONE)
    assert exported.layout.root == tmp_path / "out/release/default-amd64/image"
    exported.layout.check()
    config = exported.layout.manifest["config"]["digest"]
    assert engine.loaded == dict.fromkeys(ONE.tags, config)
    assert exported.built == Built("default", "linux/amd64", ONE.tags, config, 7)
    assert exported.digest == exported.layout.digest
    assert exported.compressed == sum(one["size"] for one in exported.layout.manifest["layers"])
    assert engine.removed == ["image rm sha256:old"]


def test_the_configuration_keeps_what_containers_get_and_nothing_accidental(
    plan: Plan, tmp_path: Path
) -> None:
    (exported,) = exported_in(tmp_path, plan, Engine(default=[BASE, DEFAULT, COMPILED, TOP]), ONE)
    config = exported.layout.config
    assert len(config.pop("rootfs")["diff_ids"]) == 4
    assert config == {
        "architecture": "amd64",
        "os": "linux",
        "created": "2026-10-30T08:08:01Z",
        "config": {"User": "999:999", "Labels": LABELS},
        "history": [
            {"created": "2026-10-30T08:08:01Z", "created_by": f"orthanc: {name}"}
            for name in ("base", "default", "compiled", "startup")
        ],
    }
    assert exported.layout.manifest["annotations"] == {
        "org.opencontainers.image.title": "Orthanc",
        "org.opencontainers.image.revision": "c0ffee",
    }


def test_the_digest_depends_neither_on_the_engine_nor_on_when_it_built(plan: Plan, tmp_path: Path) -> None:
    """An engine that compresses what it saves, and files that are newer than the image, change nothing."""
    other = Engine(
        default=[layer({name: name}, EPOCH + number) for number, name in enumerate(("base", "top"))]
    )
    other.compressed = True
    engine = Engine(default=[layer({name: name}, EPOCH) for name in ("base", "top")])
    (first,) = exported_in(tmp_path / "1", plan, engine, ONE)
    (second,) = exported_in(tmp_path / "2", plan, other, ONE)
    assert first.digest == second.digest


def test_layers_can_be_in_zstd(plan: Plan, tmp_path: Path) -> None:
    """The image is another one, of the same files."""
    sample = tmp_path / "made"
    engine = Engine(default=[BASE, DEFAULT, COMPILED, TOP])
    (plain,) = exported_in(sample, plan, engine, ONE)
    here = session(sample, Store(sample / "store"), runner=engine)
    (exported,) = export.export(here, Outcome(plan, (ONE,)), EPOCH, layers.ZSTD)
    kinds = {layer["mediaType"] for layer in exported.layout.manifest["layers"]}
    assert kinds == {"application/vnd.oci.image.layer.v1.tar+zstd"}
    assert exported.digest != plain.digest
    exported.layout.check()
    assert set(contents.read(exported.layout).files) == {"base", "default", "compiled", "top"}


def test_layers_that_the_engine_names_otherwise_are_numbered(plan: Plan, tmp_path: Path) -> None:
    (exported,) = exported_in(tmp_path, plan, Engine(default=[BASE, TOP]), ONE)
    names = [step["created_by"] for step in exported.layout.config["history"]]
    assert names == ["orthanc: layer 1", "orthanc: layer 2"]


def test_the_variants_share_their_layers(plan: Plan, tmp_path: Path) -> None:
    engine = Engine(default=[BASE, DEFAULT, TOP], full=[BASE, DEFAULT, FULL_LAYER, TOP])
    one, full = exported_in(tmp_path, plan, engine, ONE, FULL)
    full.layout.check()
    shared = [layer["digest"] for layer in one.layout.manifest["layers"]]
    assert [
        layer["digest"] for layer in full.layout.manifest["layers"] if layer["digest"] in shared
    ] == shared


def test_sealing_again_leaves_only_the_new_image(plan: Plan, tmp_path: Path) -> None:
    exported_in(tmp_path, plan, Engine(default=[BASE, TOP]), ONE)
    (again,) = exported_in(tmp_path, plan, Engine(default=[BASE, DEFAULT, TOP]), ONE)
    files = [path for path in (tmp_path / "out/release").rglob("*") if path.is_file()]
    assert len(files) == len(["oci-layout", "index.json", "manifest", "config"]) + 3
    again.layout.check()


@pytest.mark.parametrize(
    ("environment", "expected"), [({}, 5), ({"SOURCE_DATE_EPOCH": ""}, 5), ({"SOURCE_DATE_EPOCH": "7"}, 7)]
)
def test_the_time_is_that_of_the_commit_unless_one_is_given(
    environment: dict[str, str], expected: int
) -> None:
    assert export.epoch(5, environment) == expected


def test_a_time_that_is_none_is_refused() -> None:
    with pytest.raises(BuildError) as caught:
        export.epoch(5, {"SOURCE_DATE_EPOCH": "today"})
    assert str(caught.value) == (
        "SOURCE_DATE_EPOCH: 'today' is not a number of seconds. Correct it, or unset it."
    )


def test_precompiled_plugins_are_in_a_layer_of_their_own(tmp_path: Path) -> None:
    """It has a name where there is one, and no layer has a name where their number is another one."""
    sample = definition(tmp_path, UPSTREAM)
    own = Part("startup", "", "tree", "1", "", ())
    theirs = Part("extra", "", "upstream", "1.2", "", ("STL",))
    shared = ("base", "default", "full", "compiled", "startup")
    with_theirs = ("base", "default", "default-libraries", "full", "compiled", "startup")
    assert export.layer_names(sample, "full", [own], 5) == shared
    assert export.layer_names(sample, "full", [own, theirs], 6) == with_theirs
    assert export.layer_names(sample, "full", [own, theirs], 2) == ("layer 1", "layer 2")
    assert export.layer_names(sample, "gone", [own], 3) == ("base", "compiled", "startup")
