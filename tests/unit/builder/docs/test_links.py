"""The documents lead to files and headings that are there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[4]
LINK = re.compile(r"\]\((?!https?:|mailto:)(?P<path>[^)#\s]*)#?(?P<heading>[^)\s]*)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
CODE = re.compile(r"^( *)```.*?^\1```$", re.MULTILINE | re.DOTALL)


def documents() -> Iterator[Path]:
    for pattern in ("*.md", "docs/**/*.md", "variants/*/*.md", "examples/**/*.md"):
        yield from ROOT.glob(pattern)


def anchors(path: Path) -> set[str]:
    """Return the names that GitHub gives the headings of a document."""
    found = HEADING.findall(CODE.sub("", path.read_text(encoding="utf-8")))
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in found}


def test_every_link_leads_somewhere() -> None:
    broken = []
    for document in documents():
        for link in LINK.finditer(CODE.sub("", document.read_text(encoding="utf-8"))):
            target = document.parent / link["path"] if link["path"] else document
            if not target.exists() or (link["heading"] and link["heading"] not in anchors(target)):
                broken.append(f"{document.relative_to(ROOT)}: {link[0]}")
    assert broken == []


def test_every_decision_is_listed_once() -> None:
    folder = ROOT / "docs/decisions"
    listed = re.findall(r"\((\d{4}-[\w-]+\.md)\)", (folder / "README.md").read_text(encoding="utf-8"))
    assert listed == sorted(path.name for path in folder.glob("[0-9]*.md"))
