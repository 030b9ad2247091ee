"""Statements on vulnerabilities that do not apply: vex.toml, and OpenVEX made from it.

https://github.com/openvex/spec/blob/main/OPENVEX-SPEC.md
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from builder.errors import Problem, Problems
from builder.reading import Notes, Table, document

FILE = "vex.toml"
CONTEXT = "https://openvex.dev/ns/v0.2.0"
STATUSES = ("not_affected", "fixed", "under_investigation")
JUSTIFICATIONS = (
    "component_not_present",
    "vulnerable_code_not_present",
    "vulnerable_code_not_in_execute_path",
    "vulnerable_code_cannot_be_controlled_by_adversary",
    "inline_mitigations_already_exist",
)

_NAME = re.compile(r"(?:CVE-\d{4}-\d{4,}|TEMP-\d+-[0-9A-F]+|GHSA(?:-[0-9a-z]{4}){3}|RUSTSEC-\d{4}-\d{4})")


@dataclass(frozen=True)
class Statement:
    """What one vulnerability means for some packages of the images, why, and until when this holds."""

    vulnerability: str
    packages: tuple[str, ...]
    status: str
    justification: str
    reason: str
    expires: str


def load(path: Path) -> tuple[Statement, ...]:
    """Return the statements in the file at `path`; raises Problems with every mistake in it."""
    notes = Notes(path.name)
    root = document(path, notes)
    if root is not None:
        found = tuple(_statement(row) for row in root.rows("statement"))
        root.done()
        if not notes.problems:
            return found
    raise Problems(notes.problems)


def stale(statements: Sequence[Statement], packages: Iterable[str], today: date) -> list[Problem]:
    """Return a problem for each statement that has expired, or that names no package of any image."""
    known, found = set(packages), []
    for number, one in enumerate(statements):
        place = f"{FILE}: statement[{number}]"
        if date.fromisoformat(one.expires) < today:
            remedy = "Review it, then renew or remove it"
            found.append(Problem(f"{place}.expires", f"{one.vulnerability} expired on {one.expires}", remedy))
        found += [
            Problem(f"{place}.packages", f"{name!r} is not in any image", "Remove it")
            for name in one.packages
            if name not in known
        ]
    return found


def openvex(
    statements: Sequence[Statement], purls: Mapping[str, str], author: str, created: str
) -> dict[str, Any]:
    """Return the statements on an image as OpenVEX; `purls` has the package URLs of its packages by name."""
    return {
        "@context": CONTEXT,
        "@id": f"{author}/vex/{created}",
        "author": author,
        "timestamp": created,
        "version": 1,
        "statements": [
            _said(one, [purls[name] for name in one.packages if name in purls])
            for one in statements
            if any(name in purls for name in one.packages)
        ],
    }


def _said(one: Statement, products: Sequence[str]) -> dict[str, Any]:
    found: dict[str, Any] = {
        "vulnerability": {"name": one.vulnerability},
        "products": [{"@id": url} for url in products],
        "status": one.status,
        "status_notes": f"{one.reason} (until {one.expires})",
    }
    if one.status == "not_affected":
        found |= {"justification": one.justification, "impact_statement": one.reason}
    return found


def _statement(row: Table) -> Statement:
    one = Statement(
        vulnerability=row.text("vulnerability"),
        packages=row.texts("packages"),
        status=row.choice("status", STATUSES),
        justification=row.choice("justification", JUSTIFICATIONS, "")
        if row.text("status", "") != "not_affected"
        else row.choice("justification", JUSTIFICATIONS),
        reason=row.text("reason"),
        expires=row.text("expires"),
    )
    if one.vulnerability and not _NAME.fullmatch(one.vulnerability):
        what = f"{one.vulnerability!r} is not the name of a vulnerability"
        row.notes.add(row.at("vulnerability"), what, "Write it as CVE-2026-0000")
    if one.expires and not _is_day(one.expires):
        row.notes.add(row.at("expires"), f"{one.expires!r} is not a day", "Write it as 2027-03-31")
    row.done()
    return one


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
