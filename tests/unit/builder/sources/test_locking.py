"""Making the lock asks every provider, and says what changed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from builder.errors import LockError, UsageError
from builder.sources import debian, locking, npm, pypi
from builder.sources.locking import LockOptions, LockOutcome
from builder.sources.store import Store
from builder.sources.upstream import DownloadSite
from builder.spec import lockfile, model
from builder.spec.artifact import Absence
from builder.spec.lockfile import Lock
from builder.spec.model import Definition
from tests.unit.builder.fakes import FakeRunner
from tests.unit.builder.samples import (
    SNAPSHOT,
    UPSTREAM,
    absence,
    definition,
    having,
    lock,
    npm_bundle,
    package,
    sha256,
    upstream_lock,
    wheel,
    with_viewer,
)

ROOT = Path(__file__).parents[4]


@pytest.fixture
def sample(tmp_path: Path) -> Definition:
    return definition(tmp_path)


def test_a_lock_is_what_the_providers_found(sample: Definition, monkeypatch: pytest.MonkeyPatch) -> None:
    sample = with_viewer(sample)
    one, runner, environment = lock(sample), FakeRunner(), {"ORTHANC_IMAGES_CACHE": "/cache"}
    asked: list[object] = []

    def mirrors(*arguments: object) -> tuple[str, ...]:
        asked.append(arguments)
        return ("http://mirror/debian/",)

    def packages(*arguments: object, **named: object) -> tuple[str, object]:
        asked.append((arguments, named))
        return SNAPSHOT, one.layers

    def wheels(*arguments: object) -> object:
        asked.append(arguments)
        return {name: held for name, held in one.components.items() if name != "any"}

    monkeypatch.setattr(debian, "mirrors", mirrors)
    monkeypatch.setattr(debian, "resolve", packages)

    def bundles(*arguments: Any) -> object:
        asked.append((arguments[0], arguments[1].root, arguments[2]))
        return one.components["any"]

    monkeypatch.setattr(pypi, "resolve", wheels)
    monkeypatch.setattr(npm, "resolve", bundles)
    outcome = locking.resolved(
        sample, environment, LockOptions(), old=None, store=Store(Path("/cache")), runner=runner
    )
    assert outcome == LockOutcome(one)
    assert asked == [
        (environment, runner),
        ((sample, ("http://mirror/debian/",)), {"runner": runner}),
        ((sample.components["driver"],), sample.platforms, runner),
        ((sample.components["viewer"],), Path("/cache"), environment),
    ]


@pytest.fixture
def nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody may be asked but upstream, whose site is closed."""

    def asked(*arguments: object, **__: object) -> dict[str, object]:
        assert arguments[0] == (), "somebody was asked"
        return {}

    for provider in (debian, pypi, npm):
        monkeypatch.setattr(provider, "resolve", asked)
    monkeypatch.setattr(DownloadSite, "fetch", lambda *_: "the site is closed")


def resolved(of: Definition, options: LockOptions, old: Lock | None) -> LockOutcome:
    return locking.resolved(
        of, {}, options, old=old, store=Store(Path("/nowhere")), today="2026-11-25", runner=FakeRunner()
    )


@pytest.fixture
def with_upstream(tmp_path: Path) -> Definition:
    return definition(tmp_path, UPSTREAM)


def test_offline_keeps_all_that_is_locked(with_upstream: Definition, nobody: None) -> None:
    old = upstream_lock(with_upstream, "database", "extra")
    assert resolved(with_upstream, LockOptions(offline=True), old) == LockOutcome(old)


def test_only_asks_for_what_it_names_and_the_rest_stays(with_upstream: Definition, nobody: None) -> None:
    """What the site does not give stays too, and is told."""
    old = replace(upstream_lock(with_upstream, "extra"), absent={"linux/amd64": (absence("database"),)})
    assert resolved(with_upstream, LockOptions(("extra",)), old) == LockOutcome(
        old, ("extra 1.2: the site is closed; the locked version is kept",)
    )
    assert resolved(with_upstream, LockOptions(("upstream",)), old) == LockOutcome(
        replace(old, absent={"linux/amd64": (Absence("database", "the site is closed", "2026-11-25"),)}),
        ("database 5.2: the site is closed", "extra 1.2: the site is closed; the locked version is kept"),
    )


def test_what_nobody_asked_for_yet_is_absent_for_that_reason(with_upstream: Definition, nobody: None) -> None:
    outcome = resolved(with_upstream, LockOptions(offline=True), lock(with_upstream))
    reason = "it has not been asked for yet"
    assert outcome.lock.absent == {
        "linux/amd64": (
            Absence("database", reason, "2026-11-25"),
            Absence("extra", reason, "2026-11-25"),
        )
    }


def test_a_library_of_another_version_than_is_wanted_does_not_stay(
    with_upstream: Definition, nobody: None
) -> None:
    old = upstream_lock(with_upstream, "database", "extra")
    extra = replace(with_upstream.components["extra"], version="1.3")
    newer = replace(with_upstream, components={**with_upstream.components, "extra": extra})
    outcome = resolved(newer, LockOptions(("extra",)), old)
    assert outcome.failures == ("extra 1.3: the site is closed",)
    held = [one.component for one in outcome.lock.components["linux/amd64"]]
    assert held == ["driver", "database", "database"]


def test_nothing_can_stay_without_a_lock(with_upstream: Definition, nobody: None) -> None:
    with pytest.raises(LockError) as caught:
        resolved(with_upstream, LockOptions(("extra",)), None)
    assert str(caught.value) == "lock: there is no lock to keep yet. Run ./inv lock without options first."


def test_what_stays_must_fit_the_definition(with_upstream: Definition, nobody: None) -> None:
    old = upstream_lock(with_upstream, "database", "extra")
    driver = replace(with_upstream.components["driver"], version="19.*")
    other = replace(
        with_upstream,
        debian=replace(with_upstream.debian, base=("python3", "tzdata")),
        components={**with_upstream.components, "driver": driver},
    )
    with pytest.raises(LockError) as caught:
        resolved(other, LockOptions(offline=True), old)
    assert str(caught.value) == (
        "lock: the parts to keep do not match build.toml:\n"
        "  base: 'tzdata' is wanted but not locked\n"
        "  driver: 'some-driver 19.*' is wanted but not locked\n"
        "  driver: 'some-driver 18.*' is locked but no longer wanted\n"
        "Run ./inv lock without --only and --offline."
    )


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        (LockOptions(), {"debian", "orthanc", "database", "extra", "driver", "startup"}),
        (LockOptions(offline=True), set()),
        (LockOptions(("debian",)), {"debian"}),
        (LockOptions(("orthanc",)), {"debian"}),
        (LockOptions(("database", "driver")), {"database", "driver"}),
        (LockOptions(("upstream",)), {"database", "extra"}),
    ],
)
def test_a_request_names_components_and_providers(
    with_upstream: Definition, request_: LockOptions, expected: set[str]
) -> None:
    """A component from Debian alone stands for all packages, which are resolved together."""
    assert locking.asked(with_upstream, request_) == expected


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        (
            LockOptions(("extr",)),
            "lock: 'extr' is neither a component nor a provider. Perhaps you meant 'extra'.",
        ),
        (
            LockOptions(("extra",), offline=True),
            "lock: --only and --offline contradict each other. Leave one out.",
        ),
    ],
)
def test_a_request_that_makes_no_sense_is_told(
    with_upstream: Definition, request_: LockOptions, expected: str
) -> None:
    with pytest.raises(UsageError) as caught:
        locking.asked(with_upstream, request_)
    assert str(caught.value) == expected


def test_what_was_not_given_is_an_error_with_a_list(sample: Definition) -> None:
    assert locking.lacking(LockOutcome(lock(sample))) is None
    assert str(locking.lacking(LockOutcome(lock(sample), ("extra 1.2: the site is closed",)))) == (
        "lock: 1 component is not available upstream:\n"
        "  extra 1.2: the site is closed\n"
        "The lock was written, and records that. Run the same command where the site can be reached, "
        "name a mirror of it with --upstream-mirror, or accept the gaps with --allow-missing."
    )


def test_a_library_that_was_replaced_at_its_address_is_a_change(with_upstream: Definition) -> None:
    """Nothing promises that a released file is never replaced, so its hash is part of what is compared."""
    old = upstream_lock(with_upstream, "extra")
    one, driver = old.components["linux/amd64"][::-1]
    new = having(old, driver, replace(one, digest=f"sha256:{sha256('another')}"))
    assert locking.changes(old, new) == [
        f"linux/amd64  libExtra.so  1.2 {sha256('libExtra.so')[:12]} → 1.2 {sha256('another')[:12]}"
    ]


def newer(old: Lock) -> Lock:
    """Return `old` with one package added, one gone, one of another version, and a newer wheel, on amd64."""
    layers = dict(old.layers["linux/amd64"])
    layers["base"] = (package("libnew"), package("python3", "2.0-1"))
    layers["compiler"] = ()
    return having(replace(old, layers={**old.layers, "linux/amd64": layers}), wheel("18.2"))


CHANGED = [
    "linux/amd64  g++  1.0-1 → —",
    "linux/amd64  libnew  — → 1.0-1",
    "linux/amd64  python3  1.0-1 → 2.0-1",
    "linux/amd64  some-driver  18.1 → 18.2",
]


def test_changes_are_a_line_a_package(sample: Definition) -> None:
    old = lock(sample)
    assert locking.changes(old, newer(old)) == CHANGED
    assert locking.changes(old, old) == []


def test_a_bundle_is_the_same_on_all_platforms_and_told_once(sample: Definition) -> None:
    old = lock(with_viewer(sample))
    new = having(old, replace(npm_bundle(), version="3.2.0"), platform="any")
    assert locking.changes(old, new) == ["@some/viewer  3.1.0 → 3.2.0"]
    assert locking.changes(None, old)[-1] == "@some/viewer  — → 3.1.0"
    assert locking.changes(old, having(old, platform="any")) == ["@some/viewer  3.1.0 → —"]


def test_without_an_old_lock_everything_is_new(sample: Definition) -> None:
    assert [line for line in locking.changes(None, lock(sample)) if line.startswith("linux/arm64")] == [
        "linux/arm64  g++  — → 1.0-1",
        "linux/arm64  mmdebstrap  — → 1.0-1",
        "linux/arm64  orthanc  — → 1.0-1",
        "linux/arm64  orthanc-data  — → 1.0-1",
        "linux/arm64  python3  — → 1.0-1",
        "linux/arm64  some-driver  — → 18.1",
    ]


def test_a_platform_that_is_gone_is_told(sample: Definition) -> None:
    old = lock(sample)
    assert "linux/amd64  g++  1.0-1 → —" in locking.changes(old, replace(old, layers={}, components={}))


def test_writing_replaces_the_file_and_returns_what_changed(sample: Definition, tmp_path: Path) -> None:
    path, old = tmp_path / "build.lock", lock(sample)
    assert len(locking.write(path, old)) == 12
    assert locking.write(path, newer(old)) == CHANGED
    assert lockfile.load(path) == newer(old)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["build.lock", "build.toml"]


def test_a_damaged_lock_is_written_anew(sample: Definition, tmp_path: Path) -> None:
    path, new = tmp_path / "build.lock", lock(sample)
    path.write_text("damaged")
    assert len(locking.write(path, new)) == 12
    assert lockfile.load(path) == new


def test_the_repositorys_own_lock_passes_the_check() -> None:
    locking.demand_current(ROOT / lockfile.FILE, model.load(ROOT / model.FILE))


def test_an_edited_lock_does_not_pass_the_check(sample: Definition, tmp_path: Path) -> None:
    path = tmp_path / "build.lock"
    locking.write(path, lock(sample))
    locking.demand_current(path, sample)
    path.write_text(path.read_text() + "# mine\n")
    with pytest.raises(LockError) as caught:
        locking.demand_current(path, sample)
    assert str(caught.value) == "build.lock: was edited by hand. Rewrite it with: ./inv lock."


def test_a_stale_lock_does_not_pass_the_check(sample: Definition, tmp_path: Path) -> None:
    path = tmp_path / "build.lock"
    locking.write(path, lock(sample))
    with pytest.raises(LockError, match=r"^build.lock: does not match build.toml"):
        locking.demand_current(path, replace(sample, debian=replace(sample.debian, suite="sid")))
