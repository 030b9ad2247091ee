"""Bundle the scripts and pages of plugins/web with esbuild's own program.

Usage: web.py SOURCE MODULES TARGET [OPTION ...]

SOURCE is plugins/web; MODULES is the folder node_modules of its packages, SOURCE's own or one beside it,
where esbuild looks for them. Each main.ts or main.tsx below SOURCE/src becomes one script at the same place
below TARGET/pages, with a style sheet beside it where it imports one.
The licence of each package that may be in a bundle goes to TARGET/doc/npm-<package>/copyright. OPTION is one
more of esbuild; it does not concern sites, but for --watch.

What has an index.html of its own is a site, made of modules that load one another: its scripts go to assets/,
and its files are compressed, with an index that says what each is (index.json).

The same files give the same bytes on each platform.
"""

from __future__ import annotations

import contextlib
import glob
import gzip
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable

ENTRIES = ("main.ts", "main.tsx")

PAGE = "index.html"

WATCH = "--watch"

PAUSE = 0.3
"""The seconds between two looks at the sources of sites."""

TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
}

OPTIONS = (
    "--bundle",
    "--minify",
    "--format=iife",
    "--target=es2020",
    "--entry-names=[dir]/[name]",
    "--outbase=src",
    "--log-level=warning",
    # Orthanc Explorer puts scripts one after the other: "use strict" of one must not hold for those after it.
    "--banner:js=;",
)


SITE_OPTIONS = (
    "--bundle",
    "--minify",
    "--format=esm",
    "--splitting",
    "--target=es2022",
    "--entry-names=[name]",
    "--chunk-names=part-[hash]",
    "--log-level=warning",
)


def main(source: str, modules: str, target: str, *further: str) -> None:
    """Bundle everything, then lay out the licences of what can be in it."""
    program = esbuild(modules)
    pages = os.path.abspath(os.path.join(target, "pages"))
    licences(source, modules, os.path.join(target, "doc"))
    sites = [os.path.dirname(one) for one in files(source, (PAGE,))]
    scripts = [one for one in files(source, ENTRIES) if os.path.dirname(one) not in sites]
    if not scripts and not sites:
        raise SystemExit(f"{source}: has no src/**/main.ts. Add one, or leave the step out.")
    seen = {site: state(source, site) for site in sites}
    for site in sites:
        lay_out(program, source, site, place(pages, site))
    command = [program, *scripts, *OPTIONS, f"--outdir={pages}", *further]
    if any(one.partition("=")[0] == WATCH for one in further):
        watch(command, source, seen, lambda site: lay_out(program, source, site, place(pages, site)))
    else:
        run(command, source)


def place(pages: str, site: str) -> str:
    """Return the folder of a site's files."""
    return os.path.join(pages, os.path.relpath(site, "src"))


def watch(
    command: list[str],
    source: str,
    seen: dict[str, dict[str, int]],
    bundle: Callable[[str], None],
) -> None:
    """Have esbuild watch the scripts, and bundle each site again at a change, until esbuild ends."""
    with subprocess.Popen(command, cwd=source) as scripts:
        while scripts.poll() is None:
            for site, before in seen.items():
                now = state(source, site)
                if now != before:
                    seen[site] = now
                    # What is wrong is on the screen; the next change may mend it.
                    with contextlib.suppress(SystemExit):
                        bundle(site)
            time.sleep(PAUSE)
    if scripts.returncode != 0:
        sys.exit(scripts.returncode)


def state(source: str, site: str) -> dict[str, int]:
    """Return the files of a site with the times of their last changes."""
    found = {}
    for folder, _, names in os.walk(os.path.join(source, site)):
        for path in (os.path.join(folder, name) for name in names):
            # An editor may just be putting another one in its place.
            with contextlib.suppress(FileNotFoundError):
                found[path] = os.stat(path).st_mtime_ns
    return found


def run(command: list[str], folder: str) -> None:
    """Run a command in a folder, and end with its code when it fails."""
    ended = subprocess.run(command, cwd=folder, check=False)
    if ended.returncode != 0:
        sys.exit(ended.returncode)


def lay_out(program: str, source: str, site: str, target: str) -> None:
    """Bundle a site into `target`, beside its page, and write the index of its files."""
    shutil.rmtree(target, ignore_errors=True)
    os.makedirs(target)
    entry = next(one for one in files(source, ENTRIES) if os.path.dirname(one) == site)
    graph = os.path.join(target, "graph.json")
    options = [f"--outdir={os.path.join(target, 'assets')}", f"--metafile={graph}"]
    run([program, entry, *SITE_OPTIONS, *options], source)
    parts = first_parts(graph)
    os.remove(graph)
    for name in os.listdir(os.path.join(source, site)):
        if name.endswith(".svg"):
            shutil.copyfile(os.path.join(source, site, name), os.path.join(target, name))
    with open(os.path.join(source, site, PAGE), encoding="utf-8") as file:
        write(os.path.join(target, PAGE), with_links(file.read(), parts).encode())
    index = {}
    for folder, _, names in os.walk(target):
        for name in sorted(names):
            path = os.path.join(folder, name)
            index[os.path.relpath(path, target)] = compress(path)
    write(os.path.join(target, "index.json"), json.dumps(index, indent=1, sort_keys=True).encode())


def first_parts(graph: str) -> list[str]:
    """Return the names of the parts that the script needs before it runs, by esbuild's graph of them."""
    with open(graph, encoding="utf-8") as file:
        outputs = json.load(file)["outputs"]
    found = [name for name in outputs if os.path.basename(name) == "main.js"]
    for name in found:
        imports = [one["path"] for one in outputs[name]["imports"] if one["kind"] == "import-statement"]
        found += [one for one in imports if one not in found]
    return [os.path.basename(name) for name in found[1:]]


def with_links(page: str, parts: list[str]) -> str:
    """Return a page that has these parts loaded with its script, not only when that has come."""
    script = '<script type="module"'
    links = [f'<link rel="modulepreload" href="assets/{name}" />\n    ' for name in parts]
    return page.replace(script, "".join(links) + script)


def compress(path: str) -> dict[str, object]:
    """Compress a file, but for the page, which is filled in when it is sent, and return what it is."""
    with open(path, "rb") as file:
        content = file.read()
    name = os.path.basename(path)
    zipped = name != PAGE
    if zipped:
        write(f"{path}.gz", gzip.compress(content, 9, mtime=0))
        os.remove(path)
    return {
        "type": TYPES[os.path.splitext(name)[1]],
        "gzip": zipped,
        "sha256": hashlib.sha256(content).hexdigest(),
        # Its name has the hash of what is in it.
        "lasting": name.startswith("part-"),
    }


def esbuild(modules: str) -> str:
    """Return the path of esbuild's program, of which there is one for the platform that this runs on."""
    found = glob.glob(os.path.join(os.path.abspath(modules), "@esbuild", "*", "bin", "esbuild"))
    if len(found) != 1:
        what = f"{modules}: has {len(found)} programs of esbuild, and not one"
        raise SystemExit(f"{what}. See npm.tools in build.toml.")
    return found[0]


def files(source: str, wanted: tuple[str, ...]) -> list[str]:
    """Return the files of these names below src, from `source`."""
    found = []
    for folder, _, names in os.walk(os.path.join(source, "src")):
        found += [os.path.relpath(os.path.join(folder, name), source) for name in names if name in wanted]
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
