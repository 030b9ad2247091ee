"""Licences of Debian packages are told in the words of SPDX, and never guessed."""

from __future__ import annotations

import pytest

from builder.sources.copyrights import expression, licence, spdx
from builder.sources.item import Licence

FORMAT = "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("GPL-2+", "GPL-2.0-or-later"),
        ("GPL-2", "GPL-2.0-only"),
        ("LGPL-2.1+", "LGPL-2.1-or-later"),
        ("AGPL-3+", "AGPL-3.0-or-later"),
        ("Expat", "MIT"),
        ("Apache-2.0", "Apache-2.0"),
        ("Apache-2", "Apache-2.0"),
        ("BSD-3-clause", "BSD-3-Clause"),
        ("zlib/libpng", "Zlib"),
        ("Boost-1.0", "BSL-1.0"),
        ("public-domain", ""),
        ("GPL", ""),
        ("Libtool-exception", ""),
    ],
)
def test_short_names_become_those_of_spdx(name: str, expected: str) -> None:
    assert spdx(name) == expected


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("MIT", "MIT"),
        ("MIT OR Apache-2.0", "MIT OR Apache-2.0"),
        ("MIT/Apache-2.0", "MIT OR Apache-2.0"),
        ("Apache-2.0 WITH LLVM-exception", "Apache-2.0 WITH LLVM-exception"),
        ("see LICENSE", ""),
        ("MIT AND", ""),
    ],
)
def test_expressions_of_packages_are_recognised(words: str, expected: str) -> None:
    assert expression(words) == expected


def files(*licences: str) -> str:
    """Return a copyright file whose paragraphs have `licences`."""
    paragraphs = (
        f"\nFiles: {number}/*\nCopyright: me\nLicense: {one}\n" for number, one in enumerate(licences)
    )
    return FORMAT + "".join(paragraphs)


@pytest.mark.parametrize(
    ("licences", "expected"),
    [
        (["GPL-2+"], "GPL-2.0-or-later"),
        (["GPL-2+", "Expat", "GPL-2+"], "GPL-2.0-or-later AND MIT"),
        (["GPL-2+ or Artistic"], "GPL-2.0-or-later OR Artistic-1.0-Perl"),
        (["Expat and BSD-2-clause"], "MIT AND BSD-2-Clause"),
        (["Expat", "GPL-2 or Artistic"], "(GPL-2.0-only OR Artistic-1.0-Perl) AND MIT"),
        (["GPL-2+ or Artistic, and Expat"], "(GPL-2.0-or-later OR Artistic-1.0-Perl) AND MIT"),
    ],
)
def test_the_licences_of_all_files_count(licences: list[str], expected: str) -> None:
    assert licence("some", files(*licences)) == Licence(expected)


def test_a_name_that_spdx_does_not_have_keeps_its_text() -> None:
    text = files("public-domain\n No rights are kept.", "odd-1")
    text += "\nLicense: odd-1\n An odd text.\n"
    assert licence("lib+x", text) == Licence(
        "LicenseRef-lib-x-odd-1 AND LicenseRef-lib-x-public-domain",
        {
            "LicenseRef-lib-x-public-domain": "No rights are kept.",
            "LicenseRef-lib-x-odd-1": "An odd text.",
        },
    )


@pytest.mark.parametrize("text", ["Copyright: as you like\n\nUnder the GPL, version 2.\n", "", FORMAT])
def test_a_file_for_people_stands_for_the_licence_as_a_whole(text: str) -> None:
    """That it mentions the GPL does not make the package GPL."""
    assert licence("old", text) == Licence("LicenseRef-old-copyright", {"LicenseRef-old-copyright": text})
