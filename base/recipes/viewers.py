"""Lay out the web pages of the viewers, from their archives of the npm registry.

Usage: viewers.py ARCHIVES TARGET

ARCHIVES holds one <component>.tgz each. TARGET gets usr/share/orthanc/viewers/<viewer>, with every file
compressed once and for all where that pays, and an index.json of them; and the licences. What browsers never
ask for stays out: source maps, samples, programs that no script names, what only other hosts of the pages
use. Addresses in the pages become relative, so that they work at any path, and none leads to another host.

The same archives give the same bytes. A bundle in which an edit finds no place stops the build.
"""

from __future__ import annotations

import fnmatch
import gzip
import hashlib
import json
import os
import re
import sys
import tarfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

try:
    from compression import zstd  # the container of tools has it
except ImportError:
    zstd = None

HOME = "usr/share/orthanc/viewers"

TYPES = {
    "css": "text/css; charset=utf-8",
    "html": "text/html; charset=utf-8",
    "ico": "image/x-icon",
    "jpg": "image/jpeg",
    "js": "text/javascript; charset=utf-8",
    "json": "application/json",
    "jsonc": "application/json",
    "png": "image/png",
    "svg": "image/svg+xml",
    "txt": "text/plain; charset=utf-8",
    "wasm": "application/wasm",
    "webapp": "application/manifest+json",
    "woff2": "font/woff2",
    "xml": "application/xml",
    "zst": "application/zstd",
}

EFFORT = 9
"""The level of zstd for the programs that VolView loads: a tenth smaller than as they come, in a second."""

HASHED = re.compile(r"(?:.*[.-]|(?:.*/)?)(?:[0-9a-f]{16}|[0-9a-f]{8})\.[a-z0-9]+")
"""A file whose name changes with its content, so that browsers may keep it for good."""

SMALLER = 0.95
"""What is compressed by less than this is stored as it is."""

COMPRESSED = (".jpg", ".woff2", ".zst")
"""The endings of what is compressed already, which is not tried."""

# What leads to index.html is the list of studies, which OHIF knows by the folder alone.
BEGIN = (
    '<head><script>history.replaceState(null,"",location.href.replace(/index\\.html(?=$|[?#])/,""))</script>'
)

# The folder of the page, wherever it is: OHIF's page is at ohif/ and at ohif/viewer.
FOLDER = 'window.PUBLIC_URL=new URL(".",location.href).pathname'

# The folder of the script that runs, in a page or in a worker.
OWN = 'new URL(".", self.document ? document.currentScript.src : self.location.href).href'

SERVICE_WORKER = '<script rel="preload" as="script" type="module" src="/init-service-worker.js"></script>'

# Without that, a browser asks for it without the user's password.
MANIFEST = '<link rel="manifest" href="/manifest.json">'

ICONS = "https://cdn.jsdelivr.net/npm/@mdi/font@latest/css/materialdesignicons.min.css"
LETTERS = (
    '<link rel="stylesheet" href="https://fonts.googleapis.com/css?family=Roboto:100,300,400,500,700,900"/>'
)

# How a script calls a program of ITK-Wasm: after its name in a variable come the arguments, then where it is.
CALL = re.compile(
    rb'\b(\w+)="([a-z0-9-]+)"(?:(?!\bfunction\b).)*?\(\1(?:,\w+)+,\{pipelineBaseUrl:', re.DOTALL
)

Edited = tuple[bytes, bool]
"""The content of a file, and whether it is as it came."""


class Part:
    """What a viewer has from one archive: `keep` of its files, but none that fits `without`.

    `programs` are the folders whose files stay only if a script names them. `edits` are rules: the files that
    they are for, what is replaced, and by what.
    """

    def __init__(
        self,
        archive: str,
        prefix: str,
        into: str = "",
        keep: Sequence[str] = ("*",),
        without: Sequence[str] = (),
        programs: Sequence[str] = (),
        edits: Sequence[tuple[str, str, str]] = (),
    ) -> None:
        self.archive, self.prefix, self.into = archive, prefix, into
        self.keep, self.without, self.programs, self.edits = keep, without, programs, edits


VIEWERS = {
    "ohif": (
        Part(
            "ohif",
            "package/dist/",
            without=(
                "*.map",
                "ort/*",  # onnxruntime, for one tool: more than twice the size of all the rest
                "_headers",
                "_redirects",
                "app-config.js",
                "google.js",
                "init-service-worker.js",
                "serve.json",
                "sw.js",
            ),
            edits=(
                ("index.html", "<head>", BEGIN),
                ("index.html", SERVICE_WORKER, ""),
                ("index.html", MANIFEST, MANIFEST.replace(" href", ' crossorigin="use-credentials" href')),
                ("index.html", 'window.PUBLIC_URL="/"', FOLDER),
                ("index.html", '="/', '="./'),
                ("manifest.json", '"/assets/', '"./assets/'),
                ("*.css", "url(/", "url("),
                ("*.js", '__webpack_require__.p = "/";', f"__webpack_require__.p = {OWN};"),
                (
                    "app.bundle.*.js",
                    "'/dicom-microscopy-viewer/",
                    "window.PUBLIC_URL + 'dicom-microscopy-viewer/",
                ),
            ),
        ),
    ),
    "volview": (
        Part(
            "volview",
            "package/dist/",
            without=(
                "*.map",
                "itk/pipelines/dicom.wasm",
                "itk/pipelines/resample.wasm",
            ),  # .zst is what it loads
            programs=("itk/image-io/", "itk/pipelines/"),
            edits=(
                ("index.html", ICONS, "./icons/css/materialdesignicons.min.css"),
                ("index.html", LETTERS, ""),
            ),
        ),
        Part(
            "volview-icons",
            "package/",
            into="icons/",
            keep=("css/materialdesignicons.min.css", "fonts/*.woff2"),
        ),
    ),
}


def main(archives: str, target: str) -> None:
    """Lay out every viewer whose archives are all there."""
    for viewer, parts in VIEWERS.items():
        paths = [os.path.join(archives, f"{part.archive}.tgz") for part in parts]
        if all(map(os.path.exists, paths)):
            files: dict[str, Edited] = {}
            for part, path in zip(parts, paths, strict=True):
                content, licence = unpacked(path, part)
                files.update(edited(part, repacked(named(part, content))))
                written(target, f"usr/share/doc/{part.archive}/copyright", licence)
            lay_out(os.path.join(target, HOME, viewer), files)


def unpacked(path: str, part: Part) -> tuple[dict[str, bytes], bytes]:
    """Return the files of `part` in the archive at `path`, by their name below `prefix`, and its licence."""
    files: dict[str, bytes] = {}
    licence = b""
    with tarfile.open(path) as archive:
        for entry in archive:
            name = entry.name.removeprefix(part.prefix)
            file = archive.extractfile(entry) if entry.isreg() else None
            if file and entry.name == "package/LICENSE":
                licence = file.read()
            elif file and entry.name.startswith(part.prefix) and wanted(name, part):
                files[name] = file.read()
    if not files or not licence:
        raise SystemExit(f"{path}: has no {part.prefix} or no LICENSE. See what the package is made of now.")
    return files, licence


def wanted(name: str, part: Part) -> bool:
    """Tell whether a file is one of `part`."""
    fits = [any(fnmatch.fnmatchcase(name, rule) for rule in rules) for rules in (part.keep, part.without)]
    return fits == [True, False]


def named(part: Part, files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return `files` without the programs of `part` that no script names; the others must all be there."""
    if not part.programs:
        return dict(files)
    folders = tuple(part.programs)
    scripts = b"\n".join(
        content for name, content in files.items() if name.endswith(".js") and not name.startswith(folders)
    )
    words = {word.decode() for word in re.findall(rb"""(?<=["'`])[a-z0-9-]+(?=["'`])""", scripts)}
    called = {name.decode() for _, name in CALL.findall(scripts)}
    kept = {
        name: content
        for name, content in files.items()
        if not name.startswith(folders) or program(name) in words
    }
    absent = called - {program(name) for name in kept if name.endswith(".wasm.zst")}
    if absent or (not called and any(name.startswith(folders) for name in files)):
        what = ", ".join(sorted(absent)) or "no program of ITK-Wasm"
        raise SystemExit(f"{part.archive}: its scripts call {what}. See what the package is made of now.")
    return kept


def repacked(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return `files` with each program in zstd compressed better; without a zstd, as they are."""
    names = [name for name in files if zstd and name.endswith(".wasm.zst")]
    with ThreadPoolExecutor() as pool:
        packed = pool.map(lambda name: zstd.compress(zstd.decompress(files[name]), EFFORT), names)
        return {**files, **dict(zip(names, packed, strict=True))}


def program(name: str) -> str:
    """Return the name of the program that a file belongs to."""
    return name.rpartition("/")[2].partition(".")[0]


def edited(part: Part, files: Mapping[str, bytes]) -> dict[str, Edited]:
    """Return name, content and whether it is as it came, of each file, after the edits of `part`."""
    done: dict[str, Edited] = {name: (content, True) for name, content in files.items()}
    for rule, old, new in part.edits:
        found = [
            name
            for name, (content, _) in done.items()
            if fnmatch.fnmatchcase(name, rule) and old.encode() in content
        ]
        for name in found:
            done[name] = (done[name][0].replace(old.encode(), new.encode()), False)
        if not found:
            raise SystemExit(
                f"{part.archive}: {rule} has no {old!r} any more. See how the page says that now."
            )
    return {part.into + name: value for name, value in done.items()}


def lay_out(folder: str, files: Mapping[str, Edited]) -> None:
    """Write `files` into `folder`, compressed where that pays, and their index."""
    with ThreadPoolExecutor() as pool:
        packed = list(pool.map(smaller, files, (content for content, _ in files.values())))
    index = {}
    for (name, (content, same)), small in sorted(zip(files.items(), packed, strict=True)):
        pays = len(small) < SMALLER * len(content)
        written(folder, f"{name}.gz" if pays else name, small if pays else content)
        ending = name.rpartition(".")[2]
        if ending not in TYPES:
            raise SystemExit(f"{name}: has no known type. Name it in TYPES, or leave the file out.")
        index[name] = {
            "type": TYPES[ending],
            "size": len(content),
            "sha256": hashlib.sha256(content).hexdigest(),
            "gzip": pays,
            "lasting": same and HASHED.fullmatch(name) is not None,
        }
    written(folder, "index.json", (json.dumps(index, indent=1) + "\n").encode())


def smaller(name: str, content: bytes) -> bytes:
    """Return the content of the file `name` in gzip; as it is, when it is compressed already."""
    return content if name.endswith(COMPRESSED) else gzip.compress(content, 9, mtime=0)


def written(folder: str, name: str, content: bytes) -> None:
    """Write one file, and the folders that it needs."""
    path = os.path.join(folder, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(content)


if __name__ == "__main__":
    main(*sys.argv[1:])
