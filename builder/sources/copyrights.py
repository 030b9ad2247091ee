"""Licences of Debian packages as SPDX expressions, from their copyright files.

https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/ describes their format.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from typing import cast

from debian.copyright import Copyright, Error, License
from license_expression import ExpressionError, ExpressionParseError, get_spdx_licensing

from builder.sources.item import Licence

_NAMES = {
    "expat": "MIT",
    "mit": "MIT",
    "x11": "X11",
    "isc": "ISC",
    "zlib": "Zlib",
    "zlib/libpng": "Zlib",
    "bsd-2-clause": "BSD-2-Clause",
    "bsd-3-clause": "BSD-3-Clause",
    "bsd-4-clause": "BSD-4-Clause",
    "cc0": "CC0-1.0",
    "cc0-1.0": "CC0-1.0",
    "mpl-1.1": "MPL-1.1",
    "mpl-2.0": "MPL-2.0",
    "psf-2": "PSF-2.0",
    "artistic": "Artistic-1.0-Perl",
    "perl": "Artistic-1.0-Perl OR GPL-1.0-or-later",
    "curl": "curl",
    "openssl": "OpenSSL",
    "bzip2": "bzip2-1.0.6",
    "0bsd": "0BSD",
    "unicode": "Unicode-DFS-2016",
    "ofl-1.1": "OFL-1.1",
    "boost-1.0": "BSL-1.0",
    "bsl-1.0": "BSL-1.0",
}
_FAMILY = re.compile(
    r"(?P<name>a?gpl|lgpl|gfdl|apache|artistic)-?v?(?P<version>\d(?:\.\d)?)?(?P<later>\+)?", re.IGNORECASE
)
_GNU = {"gpl": "GPL", "agpl": "AGPL", "lgpl": "LGPL", "gfdl": "GFDL"}
_LICENSING = get_spdx_licensing()
_KNOWN: dict[str, str] = {
    name.lower(): name
    for name, symbol in _LICENSING.known_symbols.items()
    if not (name.startswith("LicenseRef") or symbol.is_exception)
}


def licence(package: str, text: str) -> Licence:
    """Return the licence that the copyright file with `text` gives `package`.

    If the file is not machine-readable, its whole text is the licence, under a name of its own, as are the
    texts of licences that SPDX has no name for. Nothing is guessed.
    """
    # Warnings about the format of a file are of no use here.
    logging.getLogger("debian.copyright").setLevel(logging.ERROR)
    try:
        document = Copyright(text.splitlines(True), strict=False)
        stated = dict(_stated(document))
    except (Error, ValueError):
        stated = {}
    if not stated:
        name = _reference(package, "copyright")
        return Licence(name, {name: text})
    parts, texts = set(), {}
    for synopsis, words in stated.items():
        expression, unknown = _expression(package, synopsis)
        parts.add(f"({expression})" if " OR " in expression and len(stated) > 1 else expression)
        texts.update(dict.fromkeys(unknown, words or synopsis))
    return Licence(str(_LICENSING.dedup(" AND ".join(sorted(parts)))), texts)


def _stated(document: Copyright) -> Iterator[tuple[str, str]]:
    """Yield each licence that some files have, with its text if the document has it."""
    alone = [cast("License", one.license) for one in document.all_license_paragraphs()]
    texts = {one.synopsis: one.text for one in alone if one}
    for paragraph in document.all_files_paragraphs():
        found = cast("License | None", paragraph.license)
        if found and found.synopsis:
            yield found.synopsis, found.text or texts.get(found.synopsis, "")


def _expression(package: str, synopsis: str) -> tuple[str, list[str]]:
    """Return `synopsis` as an SPDX expression, and the names in it that only this package knows."""
    unknown: list[str] = []

    def either(words: str) -> str:
        return " OR ".join(both(part) for part in re.split(r"\s+or\s+", words, flags=re.I))

    def both(words: str) -> str:
        return " AND ".join(one(part) for part in re.split(r"\s+and\s+", words, flags=re.I))

    def one(words: str) -> str:
        known = spdx(words.strip(" ,()"))
        if not known:
            known = _reference(package, words)
            unknown.append(known)
        return f"({known})" if " OR " in known and known != words else known

    groups = [either(part) for part in re.split(r",\s*and\s+", synopsis, flags=re.I) if part.strip()]
    joined = " AND ".join(f"({group})" if " OR " in group and len(groups) > 1 else group for group in groups)
    return joined, unknown


def spdx(name: str) -> str:
    """Return Debian's short name of a licence as SPDX names it; empty when SPDX has no name for it."""
    lowered = name.lower()
    if lowered in _NAMES:
        return _NAMES[lowered]
    match = _FAMILY.fullmatch(name)
    if match and match["version"]:
        version = match["version"] if "." in match["version"] else f"{match['version']}.0"
        family = match["name"].lower()
        if family in _GNU:
            candidate = f"{_GNU[family]}-{version}-{'or-later' if match['later'] else 'only'}"
        else:
            candidate = f"{family}-{version}"
        return _KNOWN.get(candidate.lower(), "")
    return _KNOWN.get(lowered, "")


def expression(words: str) -> str:
    """Return `words` when they are an expression of SPDX or Debian's short name for one; empty otherwise."""
    if spdx(words):
        return spdx(words)
    try:
        return str(_LICENSING.parse(words.replace("/", " OR "), validate=True, strict=True))
    except (ExpressionError, ExpressionParseError):
        return ""


def _reference(package: str, words: str) -> str:
    return f"LicenseRef-{_plain(package)}-{_plain(words)}"


def _plain(words: str) -> str:
    return re.sub(r"[^A-Za-z0-9.-]+", "-", words).strip("-")
