"""The versions say which plugin is where, in which version and from whom, and why others are nowhere."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from builder.spec import planning, versions
from builder.spec.lockfile import Lock
from builder.spec.model import Definition
from builder.spec.planning import Commit
from builder.spec.versions import Entry
from tests.unit.builder.samples import UPSTREAM, absence, definition, tree, upstream_lock

GONE = "its library was not available when the lock was made (2026-11-24): the site is closed"
ELSEWHERE = "Orthanc's download site has it for linux/amd64 only"


@pytest.fixture
def sample(tmp_path: Path) -> Definition:
    return definition(tmp_path, UPSTREAM)


@pytest.fixture
def locked(sample: Definition) -> Lock:
    """MySQL is there from upstream on amd64 and from Debian on arm64, and STL is nowhere."""
    return replace(upstream_lock(sample, "database"), absent={"linux/amd64": (absence("extra"),)})


def of(plugin: str, sample: Definition, locked: Lock) -> list[Entry]:
    return [one for one in versions.entries(sample, locked) if one.plugin == plugin and one.variant == "full"]


def test_each_platform_has_its_own_provider(sample: Definition, locked: Lock) -> None:
    switch = "MYSQL_PLUGIN_ENABLED"
    assert of("MySQL", sample, locked) == [
        Entry("MySQL", switch, "full", "linux/amd64", "database", "5.2", "upstream"),
        Entry("MySQL", switch, "full", "linux/arm64", "database", "1.0", "debian"),
    ]


def test_what_is_absent_has_the_reason_of_its_platform(sample: Definition, locked: Lock) -> None:
    assert [one.reason for one in of("STL", sample, locked)] == [GONE, ELSEWHERE]
    assert [one.reason for one in of("Java", sample, locked)] == [versions.NOBODY] * 2


def test_every_plugin_variant_and_platform_has_its_entry(sample: Definition, locked: Lock) -> None:
    found = versions.entries(sample, locked)
    assert len(found) == len({(one.plugin, one.variant, one.platform) for one in found})
    assert {(one.variant, one.platform) for one in found if one.plugin == "STL"} == {
        (variant, platform) for variant in ("default", "full") for platform in sample.platforms
    }


def test_the_table_has_a_column_for_each_variant_and_platform(sample: Definition, locked: Lock) -> None:
    head, rows = versions.table(versions.entries(sample, locked))
    assert head == ("plugin", "default, amd64", "default, arm64", "full, amd64", "full, arm64")
    assert ("MySQL", *["5.2 (upstream)", "1.0 (debian)"] * 2) in rows
    assert ("STL", "—", "—", "—", "—") in rows


def test_markdown_has_a_row_for_each_plugin_and_the_reasons_below(sample: Definition, locked: Lock) -> None:
    lines = versions.markdown(versions.entries(sample, locked)).splitlines()
    assert (
        "| MySQL | `MYSQL_PLUGIN_ENABLED` | 5.2 (upstream) on amd64, 1.0 (debian) on arm64 | default, full |"
    ) in lines
    assert "| Worklists | `WORKLISTS_PLUGIN_ENABLED` | 1.0 (debian) | default, full |" in lines
    assert "| STL | `STL_PLUGIN_ENABLED` |  | none |" in lines
    assert f"- STL: on amd64, {GONE}; on arm64, {ELSEWHERE}" in lines


def test_a_plugin_of_one_platform_says_which(sample: Definition) -> None:
    lines = versions.markdown(
        versions.entries(sample, upstream_lock(sample, "extra", "database"))
    ).splitlines()
    assert "| STL | `STL_PLUGIN_ENABLED` | 1.2 (upstream) on amd64 | default, full |" in lines


def test_json_has_all_that_is_known_of_an_entry(sample: Definition, locked: Lock) -> None:
    found = json.loads(versions.as_json(of("MySQL", sample, locked)[:1]))
    assert found == [
        {
            "plugin": "MySQL",
            "switch": "MYSQL_PLUGIN_ENABLED",
            "variant": "full",
            "platform": "linux/amd64",
            "component": "database",
            "version": "5.2",
            "provider": "upstream",
            "reason": "",
        }
    ]


def test_a_plugin_of_a_higher_variant_is_absent_below_it(sample: Definition, locked: Lock) -> None:
    full = replace(sample.variants["full"], components=("driver", "database"))
    default = replace(sample.variants["default"], components=("orthanc", "extra", "startup"))
    moved = replace(sample, variants={"default": default, "full": full})
    found = [one for one in versions.entries(moved, locked) if one.plugin == "MySQL"]
    assert [one.reason for one in found if one.variant == "default"] == [
        "it comes with the variant 'full'"
    ] * 2
    assert [one.reason for one in found if one.variant == "full"] == ["", ""]


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ("1.13.0+dfsg-1", "1.13.0"),
        ("2:5.0+ds-1+b2", "5.0"),
        ("7.1+ds-1", "7.1"),
        ("10.3", "10.3"),
        ("26.11.0", "26.11.0"),
    ],
)
def test_a_released_version_is_without_debians_revision(version: str, expected: str) -> None:
    assert versions.released(version) == expected


def test_what_a_plan_lacks_is_told_by_plugin_one_line_a_reason(
    sample: Definition, locked: Lock, tmp_path: Path
) -> None:
    plan = planning.make(
        sample,
        locked,
        variants=("default",),
        platform="linux/amd64",
        commit=Commit("c0ffee", 1),
        root=tree(tmp_path / "tree"),
    )
    lines = versions.lacking(plan)
    assert f"STL: {GONE}" in lines
    assert "driver: it comes with the variant 'full'" in lines
    (others,) = (line for line in lines if line.endswith(f": {versions.NOBODY}"))
    assert ("Java" in others, "STL" in others, "MySQL" in others) == (True, False, False)
