"""A build goes from the definition to images, step by step, and each step can be looked at."""

from __future__ import annotations

import io
import json
import os
import queue
import re
import shutil
import subprocess
import zipfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from builder.build import bake, pipeline, plugin_check, times
from builder.build.pipeline import BuildOptions, Built
from builder.build.plugin_check import PluginVerdict
from builder.build.session import Session
from builder.console import Console
from builder.engine import installation
from builder.engine.builders import Builder
from builder.engine.client import Engine
from builder.errors import BuildError, ConsentError, FetchError, StoreError, UsageError
from builder.shell import Completed, Runner
from builder.sources import debian, npm
from builder.sources.store import Store
from builder.spec import lockfile, model, planning
from builder.spec.component import Component
from builder.spec.lockfile import Lock
from builder.spec.model import Definition
from builder.spec.planning import Commit, Plan
from tests.unit.builder.build.test_contexts import kept
from tests.unit.builder.fakes import FakeRunner, said
from tests.unit.builder.samples import EPOCH, definition, library, lock, npm_bundle, sha256, tree
from tests.unit.builder.sources.test_pypi import Pip

ENGINE = Engine("/usr/bin/docker", "26.1.5", "0.13.1", "amd64", "unix:///var/run/docker.sock")
NOWHERE = "http://127.0.0.1:9/"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Person(Console):
    """A report whose words can be read, with a person at the keyboard or (without an answer) nobody."""

    def __init__(self, answer: str = "") -> None:
        self.results, self.words = io.StringIO(), Terminal() if answer else io.StringIO()
        super().__init__(self.results, self.words, keyboard=Terminal(answer))


def silent(*_: object) -> None:
    pass


def session(root: Path, store: Store, person: Console | None = None, runner: Runner | None = None) -> Session:
    """Return a session in the repository `root`, with what its build.toml says and an engine."""
    wanted = model.load(root / model.FILE)
    return Session(root, wanted, {}, person or Person(), store, ENGINE, runner or FakeRunner())


def driver() -> bytes:
    """Return a wheel with a licence of its own."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr(zipfile.ZipInfo("driver/linux/LICENSE.txt"), "Terms")
    return content.getvalue()


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "cache", delays=(), timeout=(2.0, 2.0))


@pytest.fixture
def sample(tmp_path: Path) -> Definition:
    return definition(tmp_path)


@pytest.fixture
def filled(sample: Definition, store: Store) -> Lock:
    """Return a lock whose files are all in the store."""
    one = lock(sample)
    store.add(driver(), f"sha256:{sha256(driver())}")
    layers = {
        platform: {layer: tuple(kept(deb, store) for deb in held) for layer, held in layers.items()}
        for platform, layers in one.layers.items()
    }
    wheels = {
        platform: tuple(replace(wheel, digest=f"sha256:{sha256(driver())}") for wheel in held)
        for platform, held in one.components.items()
    }
    return replace(one, layers=layers, components=wheels)


@pytest.fixture
def root(tmp_path: Path, filled: Lock) -> Path:
    """Return a small repository."""
    tree(tmp_path)
    (tmp_path / lockfile.FILE).write_text(lockfile.text(filled))
    for name, text in ((bake.SHARED, "FROM scratch AS base-root\n"), (bake.TEMPLATE, "FROM @below@-root\n")):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    (tmp_path / "out").mkdir()
    return tmp_path


@pytest.fixture
def plan(sample: Definition, filled: Lock, root: Path) -> Plan:
    made = planning.make(
        sample,
        filled,
        variants=["full"],
        platform="linux/amd64",
        commit=Commit("c0ffee", EPOCH),
        root=root,
    )
    return replace(made, archive=NOWHERE)


def test_the_commit_has_a_mark_when_files_differ_from_it() -> None:
    log = ("git -C /r log -1 --format=%H %ct", said("c0ffee 1790000000\n"))
    clean = FakeRunner(log, ("git -C /r status --porcelain", said("")))
    dirty = FakeRunner(log, ("git -C /r status --porcelain", said(" M build.toml\n")))
    assert pipeline.commit(Path("/r"), clean) == Commit("c0ffee", 1790000000)
    assert pipeline.commit(Path("/r"), dirty) == Commit("c0ffee-dirty", 1790000000)


def test_without_a_repository_the_commit_is_unknown() -> None:
    assert pipeline.commit(Path("/r"), FakeRunner(("git", said("", 128)))) == Commit("unknown", 0)


@pytest.mark.skipif(not shutil.which("git"), reason="git is not on this machine")
def test_git_itself_is_understood(tmp_path: Path) -> None:
    author = ["-c", "user.name=n", "-c", "user.email=n@example.org"]
    date = {"GIT_COMMITTER_DATE": "1790000000 +0000", "GIT_CONFIG_GLOBAL": os.devnull}
    environment = {**os.environ, **date}
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    assert pipeline.commit(tmp_path) == Commit("unknown", 0)
    commit = ["git", *author, "-C", str(tmp_path), "commit", "-q", "--allow-empty", "-m", "first"]
    subprocess.run(commit, check=True, env=environment)
    found = pipeline.commit(tmp_path)
    assert (len(found.revision), found.seconds) == (40, 1790000000)
    (tmp_path / "new").write_text("")
    assert pipeline.commit(tmp_path) == Commit(f"{found.revision}-dirty", 1790000000)


def test_a_plan_is_for_the_engines_platform_and_all_variants(root: Path, sample: Definition) -> None:
    git = FakeRunner(("git", said("", 128)))
    plan = pipeline.prepare(root, sample, BuildOptions(), "linux/amd64", git)
    assert (plan.targets, plan.platform) == (("default", "full"), "linux/amd64")
    assert plan.image("full").tags[0] == "orthanc:26.11.0-full"
    assert plan.image("full").labels["org.opencontainers.image.revision"] == "unknown"
    assert plan.image("full").labels["org.opencontainers.image.created"] == "2026-10-30T08:08:01Z"


def test_a_plan_may_be_for_another_platform_and_some_variants(root: Path, sample: Definition) -> None:
    git = FakeRunner(("git .*log", said("c0ffee 1790000000")), ("git .*status", said()))
    plan = pipeline.prepare(root, sample, BuildOptions(("default",), "linux/arm64"), "linux/amd64", git)
    assert (plan.targets, plan.platform) == (("default",), "linux/arm64")
    assert plan.image("default").tags[0] == "orthanc:26.11.0-arm64"
    with pytest.raises(UsageError, match=r"variant: 'nothing' is not in build\.toml"):
        pipeline.prepare(root, sample, BuildOptions(("nothing",)), "linux/amd64", git)


@pytest.mark.parametrize(
    ("architecture", "platform"),
    [("amd64", "linux/amd64"), ("arm64", "linux/arm64"), ("s390x", "linux/s390x")],
)
def test_the_platform_of_an_engine(architecture: str, platform: str) -> None:
    assert pipeline.native(replace(ENGINE, architecture=architecture)) == platform


def test_with_a_filled_store_nothing_is_run_and_nothing_is_asked_of_the_network(
    plan: Plan, store: Store
) -> None:
    pipeline.fetch(plan, store, {debian.MIRROR: NOWHERE}, silent, FakeRunner())


def test_what_the_store_lacks_comes_from_the_mirrors(
    plan: Plan, store: Store, web: tuple[Path, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, address = web
    monkeypatch.setattr(debian, "mirrors", lambda *_: (f"{address}/",))
    (one,) = plan.artifacts("base")
    held = store.path(one.digest)
    (folder / one.origin).parent.mkdir(parents=True)
    held.rename(folder / one.origin)
    pipeline.fetch(plan, store, {}, silent, FakeRunner())
    assert held.read_bytes() == (folder / one.origin).read_bytes()


def test_a_damaged_file_in_the_store_comes_from_the_mirrors_too(
    plan: Plan, store: Store, web: tuple[Path, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, address = web
    monkeypatch.setattr(debian, "mirrors", lambda *_: (f"{address}/",))
    (one,) = plan.artifacts("base")
    held = store.path(one.digest)
    right = held.read_bytes()
    (folder / one.origin).parent.mkdir(parents=True)
    (folder / one.origin).write_bytes(right)
    held.chmod(0o644)
    held.write_bytes(b"damaged")
    pipeline.fetch(plan, store, {}, silent, FakeRunner())
    assert held.read_bytes() == right


def test_a_wheel_that_the_store_lacks_comes_from_pip(plan: Plan, store: Store) -> None:
    (wheel,) = plan.artifacts("full", "pypi")
    held = store.path(wheel.digest)
    held.unlink()
    pipeline.fetch(plan, store, {}, silent, Pip(wheel.file, driver()))
    assert held.read_bytes() == driver()


def test_a_bundle_that_the_store_lacks_comes_from_the_registry(
    plan: Plan, store: Store, web: tuple[Path, str]
) -> None:
    folder, url = web
    (folder / "@some/viewer/-").mkdir(parents=True)
    (folder / "@some/viewer/-/viewer-3.1.0.tgz").write_bytes(b"bundle")
    wanted = replace(plan, layers={**plan.layers, "default": (npm_bundle(),)})
    pipeline.fetch(wanted, store, {npm.REGISTRY: url}, silent, FakeRunner())
    assert store.path(npm_bundle().digest).read_bytes() == b"bundle"
    pipeline.fetch(wanted, store, {npm.REGISTRY: NOWHERE}, silent, FakeRunner())


def test_what_nobody_has_stops_the_build(plan: Plan, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(debian, "mirrors", lambda *_: (NOWHERE,))
    (one,) = plan.artifacts("base")
    store.path(one.digest).unlink()
    with pytest.raises(FetchError, match=re.escape(f"could not fetch {one.file}: 127.0.0.1:9 cannot")):
        pipeline.fetch(plan, store, {}, silent, FakeRunner())


@pytest.fixture
def terms(store: Store) -> Path:
    return store.root / "licences" / f"driver-{sha256('Terms')[:16]}.txt"


def test_a_licence_is_shown_and_asked_for_once(
    sample: Definition, plan: Plan, store: Store, terms: Path
) -> None:
    person = Person("y\n")
    pipeline.consent(sample, plan, store, {}, yes=False, console=person)
    assert terms.read_text() == "Terms"
    assert person.words.getvalue() == (
        f"a driver has its own licence: {terms}\nAccept the licence of driver? [y/N] "
    )
    again = Person()
    pipeline.consent(sample, plan, store, {}, yes=False, console=again)
    assert again.words.getvalue() == ""


def test_a_licence_that_the_store_cannot_hold_is_told(
    sample: Definition, plan: Plan, store: Store, terms: Path
) -> None:
    terms.parent.write_text("")
    with pytest.raises(StoreError, match=r"/licences: cannot be used: File exists"):
        pipeline.consent(sample, plan, store, {}, yes=True, console=Person())


@pytest.mark.parametrize("answer", ["n\n", "\n", ""])
def test_without_a_yes_nothing_is_built(
    sample: Definition, plan: Plan, store: Store, terms: Path, answer: str
) -> None:
    """An empty answer here is nobody at the keyboard."""
    with pytest.raises(ConsentError) as caught:
        pipeline.consent(sample, plan, store, {"ACCEPT_EULA": "N"}, yes=False, console=Person(answer))
    assert str(caught.value) == (
        f"driver: its licence was not accepted. Read {terms}, "
        "then build with --yes or ACCEPT_EULA=Y, or build another variant."
    )
    assert caught.value.exit_code == 77
    asked = Person("y\n")
    pipeline.consent(sample, plan, store, {}, yes=False, console=asked)
    assert "Accept the licence" in asked.words.getvalue()


@pytest.mark.parametrize(
    ("environment", "yes"), [({}, True), ({"ACCEPT_EULA": "Y"}, False), ({"ACCEPT_EULA": "yes"}, False)]
)
def test_yes_may_be_said_before(
    sample: Definition, plan: Plan, store: Store, terms: Path, environment: dict[str, str], yes: bool
) -> None:
    person = Person()
    pipeline.consent(sample, plan, store, environment, yes=yes, console=person)
    assert person.words.getvalue() == f"a driver has its own licence: {terms}\n"
    assert terms.with_suffix(".accepted").exists()


def test_a_variant_without_licences_of_its_own_asks_nothing(
    sample: Definition, plan: Plan, store: Store
) -> None:
    default = replace(plan, targets=("default",))
    pipeline.consent(sample, default, store, {}, yes=False, console=Person())
    free = replace(sample.components["driver"], licence="")
    components = {**sample.components, "driver": free}
    pipeline.consent(replace(sample, components=components), plan, store, {}, yes=False, console=Person())
    assert not (store.root / "licences").exists()


def test_what_is_decided_can_be_looked_at(plan: Plan, store: Store, root: Path) -> None:
    path = pipeline.lay_out(plan, store, root)
    assert path == root / "out/bake.json"
    bakery = json.loads(path.read_text())
    assert sorted(bakery["target"]) == ["default", "full"]
    assert (root / "out/Dockerfile").read_text() == (
        "FROM scratch AS base-root\nFROM base-root\nFROM default-root\n"
    )
    assert json.loads((root / "out/plan.json").read_text())["targets"] == ["default", "full"]
    target = bakery["target"]["full"]
    assert (root / target["context"] / target["dockerfile"]).resolve() == root / "out/Dockerfile"
    ours = [place for place in target["contexts"].values() if place.startswith("out/")]
    assert [place for place in ours if not (root / place).is_dir()] == []


def test_two_builds_of_one_repository_take_turns(tmp_path: Path) -> None:
    """They share out/, and each would lay out its files over those that the other is about to read."""
    said: queue.SimpleQueue[str] = queue.SimpleQueue()
    order: list[str] = []

    def second() -> None:
        with pipeline.alone(tmp_path / "out", said.put):
            order.append("second")

    with ThreadPoolExecutor() as pool:
        with pipeline.alone(tmp_path / "out", order.append):
            waiting = pool.submit(second)
            assert said.get(timeout=10) == "waiting for another build in this folder to finish"
            order.append("first")
        waiting.result(10)
    assert order == ["first", "second"]


@pytest.mark.parametrize("name", ["plan.json", "Dockerfile", "bake.json"])
def test_a_decision_that_cannot_be_written_is_told(plan: Plan, store: Store, root: Path, name: str) -> None:
    """A folder in the place of a file stops root too."""
    (root / "out" / name).mkdir(parents=True)
    with pytest.raises(StoreError) as caught:
        pipeline.lay_out(plan, store, root)
    assert str(caught.value) == (
        f"{root}/out/{name}: cannot be written: Is a directory. Free some space, or correct its permissions."
    )


def test_a_log_that_cannot_be_written_is_told(plan: Plan, store: Store, root: Path) -> None:
    (root / "out/build.log").mkdir(parents=True)
    with pytest.raises(StoreError, match=r"/out/build\.log: cannot be written: Is a directory"):
        pipeline.images(session(root, store, runner=BuildKit()), plan)


def test_what_was_built_and_cannot_be_recorded_is_told(root: Path) -> None:
    (root / "out/built.part").mkdir(parents=True)
    with pytest.raises(StoreError, match=r"/out/built\.part: cannot be written: Is a directory"):
        pipeline.record(BUILT, root)


class BuildKit(FakeRunner):
    """Says `lines` and ends with `code`, as docker buildx bake does, and knows two images."""

    def __init__(self, *lines: str, code: int = 0) -> None:
        super().__init__(
            ("buildx bake", said(code=code)),
            ("image inspect .* orthanc:26.11.0$", said("sha256:aa 100\n")),
            ("image inspect .* orthanc:26.11.0-full$", said("sha256:bb 200\n")),
        )
        self.lines = lines

    def __call__(self, argv: Sequence[str | Path], **options: Any) -> Completed:
        on_line = options.get("on_line")
        if on_line:
            for line in self.lines:
                on_line(line)
        return super().__call__(argv, **options)


BUILT = [
    Built("default", "linux/amd64", ("orthanc:26.11.0", "orthanc:latest"), "sha256:aa", 100),
    Built("full", "linux/amd64", ("orthanc:26.11.0-full", "orthanc:latest-full"), "sha256:bb", 200),
]


def test_images_are_built_and_each_stage_is_said_once(plan: Plan, store: Store, root: Path) -> None:
    lines = (
        "#1 [internal] load local bake definitions",
        "#7 [full base-root 1/1] RUN sh /recipe/bootstrap",
        "#7 0.1 text",
        "#8 [linux/amd64 default-root 1/2] RUN",
        "#9 [default-root 2/2] RUN",
        "#10 [startup  3/12] RUN",
    )
    buildkit, person = BuildKit(*lines), Person()
    assert pipeline.images(session(root, store, person, buildkit), plan) == BUILT
    assert person.words.getvalue().splitlines() == [
        "building base-root",
        "building default-root",
        "building startup",
    ]
    assert (root / "out/build.log").read_text().splitlines() == list(lines)
    assert buildkit.ran[0] == (
        f"/usr/bin/docker buildx bake --file {root}/out/bake.json --progress plain"
        f" --metadata-file {root}/out/metadata.json"
    )


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        (BuildOptions(), ""),
        (BuildOptions(fresh=True), "--no-cache"),
        (BuildOptions(cache="ghcr.io/o/cache"), "--set *.cache-from=type=registry,ref=ghcr.io/o/cache"),
        (
            BuildOptions(cache="ghcr.io/o/cache", write_cache="ghcr.io/o/new"),
            "--set *.cache-from=type=registry,ref=ghcr.io/o/cache"
            " --set *.cache-to=type=registry,ref=ghcr.io/o/new,mode=max",
        ),
        (
            BuildOptions(write_cache="ghcr.io/o/new"),
            "--set *.cache-to=type=registry,ref=ghcr.io/o/new,mode=max",
        ),
    ],
)
def test_what_a_person_asks_for_becomes_options_of_buildkit(
    plan: Plan, store: Store, root: Path, request_: BuildOptions, expected: str
) -> None:
    buildkit = BuildKit()
    pipeline.images(session(root, store, runner=buildkit), plan, options=request_.options)
    assert buildkit.ran[0].partition("/out/metadata.json")[2].strip() == expected


def test_an_engine_elsewhere_builds_under_names_that_pass(plan: Plan, store: Store, root: Path) -> None:
    buildkit, far = BuildKit(), Builder("far", "far", elsewhere=True)
    buildkit.rules.append(("image (save|load|tag|rm)", said()))
    assert pipeline.images(session(root, store, runner=buildkit), plan, builder=far) == BUILT
    words = buildkit.ran[0].split()
    assert words[:5] == ["/usr/bin/docker", "--context", "far", "buildx", "bake"]
    assert words[words.index("--builder") + 1] == "far"
    assert [word.partition("=")[0] for word in words if ".tags=" in word] == ["default.tags", "full.tags"]


@pytest.mark.parametrize(
    ("request_", "environment", "name"),
    [
        (BuildOptions(), {}, ""),
        (BuildOptions(builder="far"), {"BUILDX_BUILDER": "near"}, "far"),
        (BuildOptions(), {"BUILDX_BUILDER": "near"}, "near"),
    ],
)
def test_a_builder_is_that_of_the_command_line_or_of_buildxs_variable(
    root: Path, store: Store, request_: BuildOptions, environment: dict[str, str], name: str
) -> None:
    runner = FakeRunner(("buildx inspect", said("Driver: remote\nPlatforms: linux/amd64\n")))
    here = replace(session(root, store, runner=runner), environment=environment)
    assert pipeline.chosen(here, request_) == Builder(name)


def test_a_build_that_fails_shows_buildkits_lines_of_the_step(plan: Plan, store: Store, root: Path) -> None:
    step = ["------", " > [base-root 1/1] RUN sh:", "0.5 E: no space", "------", "ERROR: failed to solve"]
    with pytest.raises(BuildError) as caught:
        pipeline.images(session(root, store, runner=BuildKit("#1 [base-root 1/1] RUN", *step, code=1)), plan)
    assert str(caught.value) == (
        "build: BuildKit failed:\n"
        "  ------\n"
        "   > [base-root 1/1] RUN sh:\n"
        "  0.5 E: no space\n"
        "  ------\n"
        "  ERROR: failed to solve\n"
        "The full log is in out/build.log."
    )


def test_a_build_that_fails_by_buildkits_own_fault_is_tried_once_more(
    plan: Plan, store: Store, root: Path
) -> None:
    codes, person = iter((1, 0)), Person()
    buildkit = BuildKit("ERROR: failed to solve: failed to get edge: inconsistent graph state")
    buildkit.rules.append(("buildx bake", lambda: said(code=next(codes))))
    assert pipeline.images(session(root, store, person, buildkit), plan) == BUILT
    assert person.words.getvalue().splitlines() == [
        "BuildKit failed with an internal error that is known to be temporary; trying once more"
    ]
    assert buildkit.ran[0] == buildkit.ran[1]
    assert len((root / "out/build.log").read_text().splitlines()) == 2


def test_buildkits_own_fault_is_told_when_it_comes_again(plan: Plan, store: Store, root: Path) -> None:
    fault = "ERROR: failed to solve: failed to get edge: inconsistent graph state"
    buildkit = BuildKit(fault, code=1)
    with pytest.raises(BuildError, match="failed") as caught:
        pipeline.images(session(root, store, runner=buildkit), plan)
    assert [line.split()[1:3] for line in buildkit.ran] == [["buildx", "bake"]] * 2
    assert fault in caught.value.details


def test_a_build_that_fails_before_any_step_shows_the_last_lines(
    plan: Plan, store: Store, root: Path
) -> None:
    lines = [f"line {number}" for number in range(50)]
    with pytest.raises(BuildError) as caught:
        pipeline.images(session(root, store, runner=BuildKit(*lines, code=1)), plan)
    assert caught.value.details == tuple(lines[-20:])


def test_what_was_built_is_recorded_beside_other_platforms(root: Path) -> None:
    path, arm64 = root / "out/built.json", [replace(one, platform="linux/arm64") for one in BUILT]
    pipeline.record(arm64, root)
    pipeline.record(BUILT, root)
    newer = replace(BUILT[0], identifier="sha256:cc")
    pipeline.record([newer], root)
    expected = [newer, BUILT[1], *arm64]
    assert json.loads(path.read_text()) == json.loads(json.dumps([asdict(one) for one in expected]))
    assert [one.name for one in path.parent.iterdir()] == ["built.json"]


def test_a_build_ends_with_a_table(root: Path, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installation, "ensure", lambda **_: ENGINE)
    monkeypatch.setattr(pipeline, "images", lambda *_, **__: BUILT)
    person = Person()
    environment = {"ORTHANC_IMAGES_CACHE": str(store.root), "ACCEPT_EULA": "Y"}
    assert pipeline.command(root, BuildOptions(), environment, person).built == tuple(BUILT)
    table = [line.split() for line in person.results.getvalue().splitlines()]
    assert ["orthanc:26.11.0", "100", "B"] in table
    assert ["driver", "-", "18.1"] in table
    assert [
        row[0] for row in table if row and row[0] in ("start", "engine", "plan", "fetch", "lay", "build")
    ] == [
        "start",
        "engine",
        "plan",
        "fetch",
        "lay",
        "build",
    ]
    assert person.results.getvalue().splitlines()[-3] == "not in the images"
    assert person.results.getvalue().endswith(", Education: no provider of these images has it\n")
    assert (root / "out/bake.json").exists()
    assert pipeline.recorded(root) == BUILT
    kept = times.read(root / "out/times.json")
    assert kept is not None
    assert list(kept.stages) == ["start", "engine", "plan", "fetch", "lay out", "build"]


BAD = replace(library("extra", "1.2", f"{NOWHERE}libExtra.so"), size=4, digest=f"sha256:{sha256('text')}")


def test_a_library_that_is_not_fit_is_told_and_left_out(
    plan: Plan, root: Path, store: Store, sample: Definition, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The plan is made again without it, and what that needs is fetched."""
    store.add(b"text", BAD.digest)
    refusals: list[object] = []

    def prepare(*arguments: object) -> Plan:
        refused = arguments[-1]
        refusals.append(refused)
        return plan if refused else replace(plan, layers={**plan.layers, "default": (BAD,)})

    monkeypatch.setattr(pipeline, "prepare", prepare)
    person, environment = Person(), {"ACCEPT_EULA": "Y"}
    wanted = replace(sample, components={**sample.components, "extra": Component("extra", "", ("upstream",))})
    here = replace(session(root, store, person), definition=wanted, environment=environment)
    made = pipeline.planned(here, BuildOptions())
    assert (made, refusals) == (plan, [None, PluginVerdict({"extra": "libExtra.so is not an ELF file"})])
    assert "extra is left out: libExtra.so is not an ELF file" in person.words.getvalue()


def test_without_libraries_of_upstream_nothing_is_checked(
    plan: Plan, root: Path, store: Store, sample: Definition, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "prepare", lambda *_, **__: plan)
    monkeypatch.setattr(plugin_check, "verdict", lambda *_: pytest.fail("it was checked"))
    here = replace(session(root, store), environment={"ACCEPT_EULA": "Y"})
    assert pipeline.planned(here, BuildOptions()) == plan


def test_a_library_of_another_version_is_told(
    plan: Plan, root: Path, store: Store, sample: Definition, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The plan is made again with that version."""
    store.add(b"text", BAD.digest)
    verdict = PluginVerdict({}, {"extra": "1.1"})
    given: list[object] = []

    def prepare(*arguments: object) -> Plan:
        given.append(arguments[-1])
        return replace(plan, layers={**plan.layers, "default": (BAD,)})

    monkeypatch.setattr(pipeline, "prepare", prepare)
    monkeypatch.setattr(plugin_check, "verdict", lambda *_: verdict)
    component = Component("extra", "", ("upstream",), version="1.2")
    wanted = replace(sample, components={**sample.components, "extra": component})
    person = Person()
    here = replace(session(root, store, person), definition=wanted, environment={"ACCEPT_EULA": "Y"})
    pipeline.planned(here, BuildOptions())
    assert given == [None, verdict]
    assert "extra is 1.1: so its library says, and build.toml says 1.2" in person.words.getvalue()
