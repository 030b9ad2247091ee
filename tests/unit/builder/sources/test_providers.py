"""A provider is a module and one line: what reads build.toml, locks, fetches, builds and lists finds it."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest

from builder.build import contexts, pipeline
from builder.sbom import provenance
from builder.sources import locking, providers
from builder.sources.item import Item
from builder.sources.locking import LockOptions
from builder.sources.provider import Delivery, Listing, Provider, ProviderAnswer, Request
from builder.sources.store import Store
from builder.spec import lockfile, planning
from builder.spec.artifact import Artifact
from builder.spec.component import PROVIDERS, Terms
from builder.spec.lockfile import Lock
from builder.spec.model import Definition
from builder.spec.planning import Commit, Part, Plan
from tests.unit.builder.fakes import FakeRunner
from tests.unit.builder.samples import DEFINITION, definition, lock, sha256, tree

CONTENT = b"statistics"
STATS = Artifact(
    "cran", "stats", "stats", "1.2", "stats-1.2.tar.gz", len(CONTENT), f"sha256:{sha256(CONTENT)}"
)
WITH_STATS = DEFINITION.replace('components = ["driver"]', 'components = ["driver", "stats"]').replace(
    "[variants.default]",
    '[components.stats]\nsummary = "statistics"\nprovider = "cran"\npackage = "stats"\nversion = "1.*"\n\n'
    "[variants.default]",
)


class Cran(Provider):
    """A provider that exists only here."""

    name = "cran"
    folder = "inputs/cran"

    def resolve(self, request: Request) -> ProviderAnswer:
        asked = request.components(self.name)
        return ProviderAnswer(dict.fromkeys(request.definition.platforms, [STATS] if asked else []))

    def fetch(self, artifacts: Sequence[Artifact], delivery: Delivery) -> None:
        for one in artifacts:
            delivery.store.add(CONTENT, one.digest)

    def uri(self, artifact: Artifact) -> str:
        return f"pkg:cran/{artifact.name}@{artifact.version}"

    def items(self, listing: Listing) -> Iterator[Item]:
        yield from (
            Item(self.name, one.name, one.version, self.uri(one)) for one in listing.artifacts(self.name)
        )


@pytest.fixture
def sample(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Definition:
    """Return a definition with a component of the new provider, which has its line and its module."""
    like = PROVIDERS["npm"]
    terms = Terms("a package", "packages of CRAN", like.read, like.requests)
    monkeypatch.setitem(PROVIDERS, "cran", terms)
    module = ModuleType("builder.sources.cran")
    vars(module)["PROVIDER"] = Cran()
    monkeypatch.setitem(sys.modules, module.__name__, module)
    return definition(tmp_path, WITH_STATS)


@pytest.fixture
def locked(sample: Definition, tmp_path: Path) -> Lock:
    """Return a lock for which the new provider alone was asked."""
    options, store = LockOptions(("cran",)), Store(tmp_path / "store")
    return locking.resolved(sample, {}, options, old=lock(sample), store=store, runner=FakeRunner()).lock


@pytest.fixture
def plan(sample: Definition, locked: Lock, tmp_path: Path) -> Plan:
    root, commit = tree(tmp_path / "tree"), Commit("c0ffee", 1)
    return planning.make(sample, locked, variants=["full"], platform="linux/amd64", commit=commit, root=root)


@pytest.mark.parametrize("name", PROVIDERS)
def test_each_provider_of_the_definition_has_its_module(name: str) -> None:
    assert providers.of(name).name == name


def test_a_new_provider_is_locked_beside_the_others(sample: Definition, locked: Lock, tmp_path: Path) -> None:
    assert lockfile.text(locked).endswith(
        '[cran]\n"linux/amd64" = [\n'
        '    { component = "stats", name = "stats", version = "1.2", file = "stats-1.2.tar.gz", size = 10, '
        f'sha256 = "{sha256(CONTENT)}" }},\n]\n"linux/arm64" = [\n'
        '    { component = "stats", name = "stats", version = "1.2", file = "stats-1.2.tar.gz", size = 10, '
        f'sha256 = "{sha256(CONTENT)}" }},\n]\n'
    )
    (tmp_path / "build.lock").write_text(lockfile.text(locked))
    assert lockfile.current(tmp_path / "build.lock", sample) == locked
    assert locking.changes(lock(sample), locked) == [
        "linux/amd64  stats  — → 1.2",
        "linux/arm64  stats  — → 1.2",
    ]


def test_a_lock_without_it_is_stale(sample: Definition, locked: Lock) -> None:
    assert lockfile.stale(replace(locked, components=lock(sample).components), sample) == [
        "linux/amd64: a package for components.stats is wanted but not locked",
        "linux/arm64: a package for components.stats is wanted but not locked",
    ]


def test_it_is_part_of_the_image_that_has_its_component(plan: Plan) -> None:
    assert Part("stats", "statistics", "cran", "1.2", STATS.digest, ()) in plan.image("full").parts
    assert "stats=1.2" in plan.image("full").labels["org.orthanc-images.components"]


def test_its_files_are_fetched_and_laid_out(
    plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, alone = Store(tmp_path / "store"), replace(plan, layers={"default": (), "full": (STATS,)})
    for name in ("_tools", "_base"):
        monkeypatch.setattr(contexts, name, lambda *_: None)
    pipeline.fetch(alone, store, {}, lambda *_: None, FakeRunner())
    contexts.lay_out(alone, store.path, tmp_path / "tools", tmp_path / "out")
    assert (tmp_path / "out/full/inputs/cran/stats-1.2.tar.gz").read_bytes() == CONTENT


def test_it_is_in_the_provenance(plan: Plan) -> None:
    assert {
        "uri": "pkg:cran/stats@1.2",
        "digest": {"sha256": sha256(CONTENT)},
        "annotations": {"layer": "full"},
    } in list(provenance._files(plan, "full"))
