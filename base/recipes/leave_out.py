"""Take out of a root file system what dpkg's path-exclude rules leave out.

Usage: leave_out.py RULES ROOT

mmdebstrap unpacks every package once before dpkg does, and by then nobody applies the rules. As in dpkg, a
star matches slashes too, and the last rule that matches a path decides (dpkg(1), --path-exclude).
"""

from __future__ import annotations

import fnmatch
import os
import re
import sys
from collections.abc import Callable, Sequence

Rule = tuple[bool, Callable[[str], object]]
"""Whether a rule excludes, and what tells whether it matches a path."""


def rules(text: str) -> list[Rule]:
    """Return the rules in the text of a dpkg.cfg, each as whether it excludes and a matcher of paths."""
    found = re.findall(r"^path-(exclude|include)=(.+)$", text, re.MULTILINE)
    return [(kind == "exclude", re.compile(fnmatch.translate(pattern)).fullmatch) for kind, pattern in found]


def excluded(path: str, known: Sequence[Rule]) -> bool:
    """Tell whether the absolute `path` is left out."""
    verdict = False
    for excludes, matches in known:
        if excludes != verdict and matches(path):
            verdict = excludes
    return verdict


def main(text: str, root: str) -> None:
    """Remove what the rules exclude, then the folders that hold nothing any more because of that."""
    known = rules(text)
    for folder, _, files in os.walk(root, topdown=False):
        for name in files:  # and not links to folders: a package may have its licence through one
            path = os.path.join(folder, name)
            if excluded("/" + os.path.relpath(path, root), known):
                os.remove(path)
        if excluded("/" + os.path.relpath(folder, root), known) and not os.listdir(folder):
            os.rmdir(folder)


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as file:
        main(file.read(), sys.argv[2])
