"""Vulnerabilities are told as far as the data goes; what does not apply has a reason and a last day."""

from __future__ import annotations

import gzip
import io
import json
import random
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from builder.console import Console
from builder.errors import BuildError, Problems, UsageError
from builder.release import budget, export, scan, vex
from builder.release.scan import Vulnerability
from builder.release.vex import Statement
from builder.sbom import cyclonedx
from builder.spec import model
from tests.unit.builder.archives import layer
from tests.unit.builder.image.test_contents import BASE
from tests.unit.builder.image.test_differences import image
from tests.unit.builder.samples import DEFINITION, definition

TODAY = date(2026, 11, 24)
STATEMENT = """\
[[statement]]
vulnerability = "CVE-2026-1234"
packages = ["libx"]
status = "not_affected"
justification = "vulnerable_code_not_in_execute_path"
reason = "It is never called"
expires = "2027-03-31"
"""
COVERED = Statement(
    "CVE-2026-1234",
    ("libx",),
    "not_affected",
    "vulnerable_code_not_in_execute_path",
    "It is never called",
    "2027-03-31",
)


def package(name: str, source: str, version: str) -> dict[str, Any]:
    facts = {"provider": "debian", "source": source, "source-version": version}
    properties = [{"name": f"orthanc-images:{key}", "value": value} for key, value in facts.items()]
    return {
        "name": name,
        "version": version,
        "purl": f"pkg:deb/debian/{name}@{version}",
        "properties": properties,
    }


LIBX = package("libx", "x", "2.0-1")


def tracker(**here: str) -> dict[str, Any]:
    return {"x": {"CVE-2026-1234": {"releases": {"forky": here, "sid": {"status": "open"}}}}}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a repository with one exported image, in which libx is."""
    (tmp_path / model.FILE).write_text(DEFINITION)
    (tmp_path / vex.FILE).write_text(STATEMENT)
    folder = export.place(tmp_path, "default", "linux/amd64")
    folder.mkdir(parents=True)
    content = {
        "metadata": {"timestamp": "2026-10-30T08:08:01Z"},
        "components": [LIBX, {"name": "/entrypoint"}],
    }
    (folder / cyclonedx.FILE).write_text(json.dumps(content))
    return tmp_path


def said(root: Path, data: Path | None = None, today: date = TODAY) -> tuple[list[Vulnerability], str]:
    """Return the findings, and what is shown; without data, only the statements are written."""
    out = io.StringIO()
    console = Console(out, io.StringIO())
    found = scan.command(root, str(data or ""), console, today, statements_only=data is None)
    return found, out.getvalue()


@pytest.mark.parametrize(
    ("here", "expected"),
    [
        ({"status": "open", "urgency": "high"}, [("high", "", True)]),
        ({"status": "open", "urgency": "low"}, [("low", "", False)]),
        ({"status": "open", "urgency": "not yet assigned"}, [("not yet assigned", "", False)]),
        ({"status": "resolved", "fixed_version": "2.0-2", "urgency": "low"}, [("low", "2.0-2", True)]),
        ({"status": "resolved", "fixed_version": "1:1.0-1", "urgency": "low"}, [("low", "1:1.0-1", True)]),
        ({"status": "resolved", "fixed_version": "2.0-1", "urgency": "high"}, []),
        ({"status": "resolved", "fixed_version": "2.0~rc1-1", "urgency": "high"}, []),
        ({"status": "resolved", "fixed_version": "0", "urgency": "high"}, []),
    ],
)
def test_a_vulnerability_counts_when_this_version_has_it(
    here: dict[str, str], expected: list[tuple[str, str, bool]]
) -> None:
    """As Debian's tracker writes it: fixed_version 0 means that the suite never had it."""
    found = list(scan.findings([LIBX], tracker(**here), "forky"))
    assert [(one.urgency, one.fixed, one.serious) for one in found] == expected


def test_another_suite_or_package_does_not_count() -> None:
    assert list(scan.findings([LIBX], tracker(status="open"), "trixie")) == []
    assert list(scan.findings([package("liby", "y", "1")], tracker(status="open"), "forky")) == []


@pytest.mark.parametrize(("status", "count"), [("not_affected", 0), ("fixed", 0), ("under_investigation", 1)])
def test_a_statement_covers_a_finding_unless_it_is_still_looked_into(status: str, count: int) -> None:
    found = scan.findings([LIBX], tracker(status="open"), "forky", [replace(COVERED, status=status)])
    assert len(list(found)) == count


def test_statements_become_openvex_beside_the_image(root: Path) -> None:
    assert said(root) == ([], "")
    assert json.loads((export.place(root, "default", "linux/amd64") / scan.VEX).read_text()) == {
        "@context": "https://openvex.dev/ns/v0.2.0",
        "@id": "https://example.org/orthanc/vex/2026-10-30T08:08:01Z",
        "author": "https://example.org/orthanc",
        "timestamp": "2026-10-30T08:08:01Z",
        "version": 1,
        "statements": [
            {
                "vulnerability": {"name": "CVE-2026-1234"},
                "products": [{"@id": "pkg:deb/debian/libx@2.0-1"}],
                "status": "not_affected",
                "status_notes": "It is never called (until 2027-03-31)",
                "justification": "vulnerable_code_not_in_execute_path",
                "impact_statement": "It is never called",
            }
        ],
    }


def test_without_data_nothing_was_looked_for_which_is_an_error(root: Path) -> None:
    """The statements are written all the same."""
    with pytest.raises(UsageError) as caught:
        scan.command(root, "", Console(io.StringIO(), io.StringIO()), TODAY)
    assert str(caught.value) == (
        "scan: no data to scan with. "
        f"Download {scan.TRACKER} as tracker.json, then run: ./inv scan --data tracker.json; "
        "or write the statements of vex.toml alone: ./inv scan --statements-only."
    )
    assert (export.place(root, "default", "linux/amd64") / scan.VEX).exists()


@pytest.mark.parametrize("packed", [False, True])
def test_what_is_serious_and_not_covered_is_an_error(root: Path, packed: bool) -> None:
    (root / vex.FILE).write_text("")
    data = json.dumps(tracker(status="open", urgency="medium")).encode()
    (root / "data").write_bytes(gzip.compress(data) if packed else data)
    with pytest.raises(BuildError) as caught:
        said(root, root / "data")
    assert str(caught.value) == (
        "scan: some vulnerabilities need attention:\n  CVE-2026-1234 in libx 2.0-1\n"
        "Lock newer packages with ./inv lock, or state in vex.toml why they do not apply."
    )


def test_what_is_harmless_is_only_shown(root: Path) -> None:
    (root / vex.FILE).write_text("")
    (root / "data").write_text(json.dumps(tracker(status="open", urgency="low**")))
    found, shown = said(root, root / "data")
    assert found == [Vulnerability("libx", "2.0-1", "CVE-2026-1234", "low", "")]
    assert shown.splitlines()[-1].split() == ["CVE-2026-1234", "libx", "2.0-1", "low", "not", "yet"]


def test_a_statement_that_expired_or_names_nothing_is_an_error(root: Path) -> None:
    (root / vex.FILE).write_text(STATEMENT.replace('["libx"]', '["libx", "gone"]'))
    with pytest.raises(Problems) as caught:
        said(root, today=date(2027, 4, 1))
    assert [str(one) for one in caught.value.problems] == [
        "vex.toml: statement[0].expires: CVE-2026-1234 expired on 2027-03-31."
        " Review it, then renew or remove it.",
        "vex.toml: statement[0].packages: 'gone' is not in any image. Remove it.",
    ]


def test_the_last_day_still_counts(root: Path) -> None:
    assert said(root, today=date(2027, 3, 31)) == ([], "")


def test_without_a_sealed_image_there_is_nothing_to_scan(tmp_path: Path) -> None:
    (tmp_path / model.FILE).write_text(DEFINITION)
    (tmp_path / vex.FILE).write_text("")
    with pytest.raises(UsageError) as caught:
        said(tmp_path)
    assert str(caught.value) == "scan: no image has been exported. Build with: ./inv build --reproducible."


def test_data_that_cannot_be_read_is_told(root: Path) -> None:
    (root / "data").write_text("<html>")
    with pytest.raises(
        UsageError, match=r"/data: cannot be read: Expecting value.*\. Download the JSON data of"
    ):
        said(root, root / "data")


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            '"CVE-2026-1234"',
            '"heartbleed"',
            "vulnerability: 'heartbleed' is not the name of a vulnerability. Write it as CVE-2026-0000.",
        ),
        ('"2027-03-31"', '"soon"', "expires: 'soon' is not a day. Write it as 2027-03-31."),
        (
            '"not_affected"',
            '"not-affected"',
            "status: 'not-affected' is not known. Perhaps you meant 'not_affected'.",
        ),
        (
            'justification = "vulnerable_code_not_in_execute_path"\n',
            "",
            "justification: is missing. Add it: a text.",
        ),
        ('reason = "It is never called"\n', "", "reason: is missing. Add it: a text."),
        ("reason =", "why =", "why: is not a known key. "),
    ],
)
def test_mistakes_in_the_file_are_told(tmp_path: Path, old: str, new: str, expected: str) -> None:
    path = tmp_path / vex.FILE
    path.write_text(STATEMENT.replace(old, new))
    with pytest.raises(Problems) as caught:
        vex.load(path)
    lines = [str(one) for one in caught.value.problems]
    assert any(line.startswith(f"vex.toml: statement[0].{expected}") for line in lines), lines


def test_the_repositorys_own_statements_are_well_formed() -> None:
    vex.load(Path(__file__).parents[4] / vex.FILE)


def test_an_image_within_its_budget_is_right(tmp_path: Path) -> None:
    layout = image(tmp_path / "image", [layer(BASE)])
    budget.check(definition(tmp_path), "default", layout, ["base"], ())
    budget.check(definition(tmp_path, with_budget(1)), "default", layout, ["base"], ())


def with_budget(megabytes: int) -> str:
    return DEFINITION.replace("[variants.default]", f"[variants.default]\nbudget = {megabytes}")


def test_what_comes_from_orthancs_site_does_not_count(tmp_path: Path) -> None:
    """Neither in the sum, nor among what is big."""
    big = {"usr/share/theirs.so": random.Random(1).randbytes(1_500_000).hex()}
    layout = image(tmp_path / "image", [layer(BASE), layer(big)])
    names = ["base", "default-libraries"]
    budget.check(definition(tmp_path, with_budget(1)), "default", layout, names, ())
    own = {"usr/share/ours.so": random.Random(2).randbytes(1_500_000).hex()}
    layout = image(tmp_path / "other", [layer(BASE), layer(big), layer(own)])
    with pytest.raises(BuildError) as caught:
        budget.check(definition(tmp_path, with_budget(1)), "default", layout, [*names, "startup"], ())
    assert caught.value.message.startswith("default: takes 1.7 MB compressed")
    assert sum(1 for line in caught.value.details if line.endswith(": 3.0 MB")) == 1


def test_an_image_over_its_budget_tells_what_is_big(tmp_path: Path) -> None:
    noise = random.Random(1).randbytes(1_500_000).hex()
    files = {**BASE, "usr/lib/libx.so": noise, "opt/driver/lib/driver.so": "0123456789", "etc/own": "12345"}
    layout = image(tmp_path / "image", [layer(files)])
    taken = layout.manifest["layers"][0]["size"]
    assert taken > 1_000_000
    with pytest.raises(BuildError) as caught:
        budget.check(definition(tmp_path, with_budget(1)), "default", layout, ["base"], ())
    assert caught.value.message.endswith("compressed, and variants.default.budget is 1.0 MB")
    assert caught.value.details[0].startswith("libx: ")
    assert "/opt/driver/lib: 10 B" in caught.value.details
