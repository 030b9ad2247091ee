"""Bundle the scripts and pages of plugins/web with esbuild's own program.

Usage: web.py SOURCE MODULES TARGET [OPTION ...]

SOURCE is plugins/web; MODULES is the folder node_modules of its packages, SOURCE's own or one beside it,
where esbuild looks for them. Each main.ts or main.tsx below SOURCE/src becomes one script at the same place
below TARGET/pages, with a style sheet beside it where it imports one, and each index.html is copied there.
The licence of each package that may be in a bundle goes to TARGET/doc/npm-<package>/copyright. OPTION is one
more of esbuild, such as --watch.

The same files give the same bytes on each platform.
"""

from __future__ import annotations

import glob
import json
import os
import subprocess
import sys

ENTRIES = ("main.ts", "main.tsx", "index.html")

OPTIONS = (
    "--bundle",
    "--minify",
    "--format=iife",
    "--target=es2020",
    "--loader:.html=copy",
    "--entry-names=[dir]/[name]",
    "--outbase=src",
    "--log-level=warning",
    # Orthanc Explorer puts scripts one after the other: "use strict" of one must not hold for those after it.
    "--banner:js=;",
)


def main(source: str, modules: str, target: str, *further: str) -> None:
    """Bundle everything, then lay out the licences of what can be in it."""
    program = esbuild(modules)
    pages = os.path.abspath(os.path.join(target, "pages"))
    licences(source, modules, os.path.join(target, "doc"))
    ended = subprocess.run(
        [program, *entries(source), *OPTIONS, f"--outdir={pages}", *further], cwd=source, check=False
    )
    sys.exit(ended.returncode)


def esbuild(modules: str) -> str:
    """Return the path of esbuild's program, of which there is one for the platform that this runs on."""
    found = glob.glob(os.path.join(os.path.abspath(modules), "@esbuild", "*", "bin", "esbuild"))
    if len(found) != 1:
        what = f"{modules}: has {len(found)} programs of esbuild, and not one"
        raise SystemExit(f"{what}. See npm.tools in build.toml.")
    return found[0]


def entries(source: str) -> list[str]:
    """Return what is bundled, from `source`."""
    found = []
    for folder, _, names in os.walk(os.path.join(source, "src")):
        found += [os.path.relpath(os.path.join(folder, name), source) for name in names if name in ENTRIES]
    if not found:
        raise SystemExit(f"{source}: has no src/**/main.ts. Add one, or leave the step out.")
    return sorted(found)


def licences(source: str, modules: str, target: str) -> None:
    """Write the licence of each package that is not for development only."""
    with open(os.path.join(source, "package-lock.json"), encoding="utf-8") as file:
        packages = json.load(file)["packages"]
    for place in sorted(one for one, package in packages.items() if one and not package.get("dev")):
        folder = os.path.join(modules, place.removeprefix("node_modules/"))
        if os.path.isdir(folder):
            name = place.rpartition("node_modules/")[2].removeprefix("@").replace("/", "-")
            write(os.path.join(target, f"npm-{name}", "copyright"), licence(folder))


def licence(folder: str) -> bytes:
    """Return the text of the licence of a package."""
    names = [one for one in sorted(os.listdir(folder)) if one.lower().startswith(("licen", "copying"))]
    if not names:
        raise SystemExit(f"{folder}: has no LICENSE. See what its licence is, and whether it may be used.")
    with open(os.path.join(folder, names[0]), "rb") as file:
        return file.read()


def write(path: str, content: bytes) -> None:
    """Write one file, and the folders that it needs."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(content)


if __name__ == "__main__":
    main(*sys.argv[1:])
