"""Known vulnerabilities of the packages in the exported images."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from debian.debian_support import Version

from builder.console import Console
from builder.errors import BuildError, Problems, UsageError, writing
from builder.release import vex
from builder.release.export import RELEASE
from builder.release.vex import Statement
from builder.sbom import cyclonedx
from builder.spec import model

VEX = "vex.json"
TRACKER = "https://security-tracker.debian.org/tracker/data/json"
WHENCE = (
    f"Download {TRACKER} as tracker.json, then run: ./inv scan --data tracker.json; "
    "or write the statements of vex.toml alone: ./inv scan --statements-only"
)
HARMLESS = ("unimportant", "not yet assigned", "low", "end-of-life")


@dataclass(frozen=True)
class Vulnerability:
    """One vulnerability in one Debian package: its urgency for Debian, and the version that fixes it."""

    package: str
    version: str
    vulnerability: str
    urgency: str
    fixed: str

    @property
    def row(self) -> tuple[str, str, str, str, str]:
        """Return it as a row of a table."""
        return self.vulnerability, self.package, self.version, self.urgency, self.fixed or "not yet"

    @property
    def serious(self) -> bool:
        """Tell whether it needs attention: there is a fixed version, or Debian rates it as urgent."""
        return bool(self.fixed) or self.urgency not in HARMLESS


def command(
    root: Path, data: str, console: Console, today: date, *, statements_only: bool = False
) -> list[Vulnerability]:
    """Write the OpenVEX document of each exported image, and return the vulnerabilities in `data`.

    `data` is a file with the data of Debian's security tracker (JSON, plain or gzip). With `statements_only`,
    vex.toml is only checked and turned into OpenVEX.

    Raises:
        UsageError: without data, since nothing was scanned.
        Problems: for statements that have expired, or that name packages that no image has.
        BuildError: when a finding is serious and no statement covers it.
    """
    definition = model.load(root / model.FILE)
    statements = vex.load(root / vex.FILE)
    images = dict(_images(root))
    packages = {one["name"]: one for content in images.values() for one in _packages(content)}
    stale = vex.stale(statements, packages, today)
    if stale:
        raise Problems(stale)
    for folder, content in images.items():
        created = content["metadata"]["timestamp"]
        purls = {one["name"]: one["purl"] for one in _packages(content)}
        document = vex.openvex(statements, purls, definition.source, created)
        with writing(folder / VEX):
            (folder / VEX).write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
        console.say(f"{folder.name}: {len(document['statements'])} statements in {VEX}")
    if statements_only:
        return []
    if not data:
        raise UsageError("scan: no data to scan with", remedy=WHENCE)
    found = list(findings(list(packages.values()), _tracker(Path(data)), definition.debian.suite, statements))
    console.table([one.row for one in found], ("vulnerability", "package", "version", "urgency", "fixed in"))
    serious = [f"{one.vulnerability} in {one.package} {one.version}" for one in found if one.serious]
    if serious:
        remedy = f"Lock newer packages with ./inv lock, or state in {vex.FILE} why they do not apply"
        raise BuildError("scan: some vulnerabilities need attention", details=serious, remedy=remedy)
    return found


def findings(
    packages: Sequence[Mapping[str, Any]],
    tracker: Mapping[str, Any],
    suite: str,
    statements: Sequence[Statement] = (),
) -> Iterator[Vulnerability]:
    """Yield the vulnerabilities of `packages` in the data of Debian's tracker that no statement covers."""
    covered = {
        (one.vulnerability, name)
        for one in statements
        if one.status != "under_investigation"
        for name in one.packages
    }
    for package in packages:
        facts = {one["name"].partition(":")[2]: one["value"] for one in package.get("properties", ())}
        known = tracker.get(facts.get("source", ""), {})
        for vulnerability, said in sorted(known.items()):
            here = said.get("releases", {}).get(suite)
            if here is None or (vulnerability, package["name"]) in covered:
                continue
            fixed = here.get("fixed_version", "")
            if fixed == "0" or (fixed and Version(facts["source-version"]) >= Version(fixed)):
                continue
            if here.get("status") == "open" or fixed:
                urgency = here.get("urgency", "").rstrip("*")
                yield Vulnerability(package["name"], package["version"], vulnerability, urgency, fixed)


def _images(root: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    found = sorted((root / RELEASE).glob(f"*/{cyclonedx.FILE}"))
    if not found:
        raise UsageError("scan: no image has been exported", remedy="Build with: ./inv build --reproducible")
    for path in found:
        yield path.parent, json.loads(path.read_text(encoding="utf-8"))


def _packages(content: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the packages that have a version, sources first: of two with one name, the last one counts."""
    found = [one for one in content["components"] if one.get("purl") and one.get("version")]
    return sorted(found, key=lambda one: "arch=source" not in one["purl"])


def _tracker(path: Path) -> dict[str, Any]:
    try:
        content = path.read_bytes()
        text = gzip.decompress(content) if content.startswith(b"\x1f\x8b") else content
        found: dict[str, Any] = json.loads(text)
    except (OSError, ValueError, EOFError) as error:
        remedy = "Download the JSON data of Debian's security tracker"
        raise UsageError(f"scan: {path}: cannot be read: {error}", remedy=remedy) from error
    return found
