"""Take out of a root file system what dpkg's path-exclude rules leave out.

Usage: leave_out.py RULES ROOT [LIST]

LIST gets what was left out of packages that are installed: in each line, the name of the package, a
tabulator, and the path.

mmdebstrap unpacks every package once before dpkg does, and by then nobody applies the rules. As in dpkg, a
star matches slashes too, and the last rule that matches a path decides (dpkg(1), --path-exclude).
"""

from __future__ import annotations

import fnmatch
import os
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence

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


def left_out(text: str, root: str) -> list[str]:
    """Remove what the rules exclude, then the folders that hold nothing any more because of that.

    Return the absolute paths of the files.
    """
    known = rules(text)
    gone = []
    for folder, _, files in os.walk(root, topdown=False):
        for name in files:  # and not links to folders: a package may have its licence through one
            path = os.path.join(folder, name)
            seen = "/" + os.path.relpath(path, root)
            if excluded(seen, known):
                os.remove(path)
                gone.append(seen)
        if excluded("/" + os.path.relpath(folder, root), known) and not os.listdir(folder):
            os.rmdir(folder)
    return gone


def owners(root: str) -> dict[str, str]:
    """Return the package of each path of installed packages, and of dpkg's own files about them."""
    found = {}
    info = os.path.join(root, "var/lib/dpkg/info")
    for name in os.listdir(info):
        package = name.rpartition(".")[0].partition(":")[0]
        found[f"/var/lib/dpkg/info/{name}"] = package
        if name.endswith(".list"):
            with open(os.path.join(info, name), encoding="utf-8") as file:
                found.update(dict.fromkeys(file.read().splitlines(), package))
    return found


def written(gone: Iterable[str], known: Mapping[str, str], path: str) -> None:
    """Write the list of what is gone; what no package owns was made from what one does."""
    with open(path, "w", encoding="utf-8") as file:
        file.writelines(f"{known[one]}\t{one}\n" for one in sorted(gone) if one in known)


def main(rules_of: str, root: str, listing: str = "") -> None:
    """Leave out what the rules in a file exclude, and list it when there is a place for the list."""
    with open(rules_of, encoding="utf-8") as file:
        text = file.read()
    belongings = owners(root) if listing else {}
    gone = left_out(text, root)
    if listing:
        written(gone, belongings, listing)


if __name__ == "__main__":
    main(*sys.argv[1:])
