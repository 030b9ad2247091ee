"""A small definition and its lock, for tests of what is made from them."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import replace
from pathlib import Path

from builder.spec import lockfile, model, package_lock
from builder.spec.artifact import ANY, Absence, Artifact
from builder.spec.component import Component
from builder.spec.lockfile import Lock
from builder.spec.model import Definition, Npm

DEFINITION = """\
name = "orthanc"
title = "Orthanc"
description = "A server"
version = "26.11.0"
source = "https://example.org/orthanc"
licences = "GPL-3.0-or-later"
platforms = ["linux/amd64", "linux/arm64"]

[debian]
suite = "forky"
snapshot = "https://example.org/archive/debian/{timestamp}/"
base = ["python3"]
tools = ["mmdebstrap"]
compiler = ["g++"]

[components.orthanc]
summary = "the server"
provider = "debian"
packages = ["orthanc-data", "orthanc"]
versioned-by = "orthanc"
plugins = ["ServeFolders", "Worklists"]

[components.driver]
summary = "a driver"
provider = "pypi"
package = "some-driver"
version = "18.*"
licence = "driver/*/LICENSE.txt"

[components.startup]
summary = "start-up code"
provider = "tree"
files = ["startup"]

[variants.default]
summary = "for nearly everybody"
components = ["orthanc", "startup"]

[variants.full]
summary = "default, and a driver"
extends = "default"
suffix = "-full"
components = ["driver"]
"""

UPSTREAM = DEFINITION.replace(
    "[components.orthanc]",
    """\
[upstream]
base = "https://example.org/libraries/"
platforms = ["linux/amd64"]

[components.database]
summary = "a database"
provider = ["upstream", "debian"]
folder = "orthanc-database"
version = "5.2"
licence = "AGPL-3.0-or-later"
libraries = ["libIndex.so", "libStorage.so"]
packages = ["orthanc-database"]
plugins = ["MySQL"]

[components.extra]
summary = "an extra"
provider = "upstream"
folder = "orthanc-extra"
version = "1.2"
licence = "AGPL-3.0-or-later"
libraries = ["libExtra.so"]
plugins = ["STL"]

[components.orthanc]""",
).replace('["orthanc", "startup"]', '["orthanc", "database", "extra", "startup"]')

SNAPSHOT = "20261030T080801Z"
EPOCH = 1793347681


def sha256(content: str | bytes) -> str:
    return hashlib.sha256(content if isinstance(content, bytes) else content.encode()).hexdigest()


def definition(folder: Path, text: str = DEFINITION) -> Definition:
    """Return the definition in `text`, as it is read from a file."""
    path = folder / "build.toml"
    path.write_text(text)
    return model.load(path)


def package(name: str, version: str = "1.0-1", architecture: str = "amd64", sum_of: str = "") -> Artifact:
    """Return a package whose file is `sum_of`, or the name where that is not said."""
    file = f"{name}_{version.rpartition(':')[2]}_{architecture}.deb"
    content = sum_of or name
    digest, path = f"sha256:{sha256(content)}", f"pool/main/{name[:1]}/{name}/{file}"
    return Artifact("debian", "", name, version, file, len(content), digest, path, architecture)


def wheel(version: str = "18.1", machine: str = "x86_64") -> Artifact:
    file = f"some_driver-{version}-py3-none-manylinux2014_{machine}.whl"
    return Artifact("pypi", "driver", "some-driver", version, file, 5, f"sha256:{sha256('wheel')}")


def npm_bundle() -> Artifact:
    digest = f"sha512:{hashlib.sha512(b'bundle').hexdigest()}"
    return Artifact("npm", "viewer", "@some/viewer", "3.1.0", "some-viewer-3.1.0.tgz", 6, digest)


def with_viewer(sample: Definition) -> Definition:
    """Return `sample` with a component from npm in the variant default."""
    packages, plugins = ("@some/viewer",), ("Ohif",)
    component = Component("viewer", "a viewer", ("npm",), packages, version="3.*", plugins=plugins)
    default = sample.variants["default"]
    default = replace(default, components=(*default.components, "viewer"))
    return replace(
        sample,
        components={**sample.components, "viewer": component},
        variants={**sample.variants, "default": default},
    )


ESBUILD = ("@esbuild/linux-x64", "@esbuild/linux-arm64")


def with_pages(sample: Definition, root: Path) -> Definition:
    """Return `sample` with pages of our own, and write their lock below `root`."""
    text = {"dev": True, "version": "0.2.0"}
    packages = {
        "": {"name": "pages"},
        "node_modules/@esbuild/linux-x64": {**text, "integrity": sri("x64"), "os": ["linux"], "cpu": ["x64"]},
        "node_modules/@esbuild/linux-arm64": {
            **text,
            "integrity": sri("arm64"),
            "os": ["linux"],
            "cpu": ["arm64"],
        },
        "node_modules/checker": {**text, "integrity": sri("checker")},
        "node_modules/@some/part": {"version": "1.2.3", "integrity": sri("part")},
    }
    path = root / package_lock.FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"lockfileVersion": 3, "packages": packages}))
    return replace(sample, npm=Npm(ESBUILD))


def node(name: str, version: str = "1.0.0", sum_of: str = "") -> Artifact:
    """Return a package of our pages whose archive is `sum_of`, or its name where that is not said."""
    file = f"{name.removeprefix('@').replace('/', '-')}-{version}.tgz"
    return Artifact("npm", "", name, version, file, 0, f"sha512:{sha512(sum_of or name)}")


def sri(content: str) -> str:
    """Return the sha512 of `content` as npm writes it."""
    return f"sha512-{base64.b64encode(hashlib.sha512(content.encode()).digest()).decode()}"


def sha512(content: str) -> str:
    return hashlib.sha512(content.encode()).hexdigest()


def lock(wanted: Definition) -> Lock:
    """Return a lock of the definition above, with the packages that it names and no others."""
    return Lock(
        suite="forky",
        snapshot=SNAPSHOT,
        wanted=lockfile.wanted(wanted),
        layers={
            platform: {
                layer: tuple(sorted(package(name, architecture=short) for name in names))
                for layer, names in wanted.layers().items()
            }
            for platform, short in model.PLATFORMS.items()
        },
        components={
            "linux/amd64": (wheel(),),
            "linux/arm64": (wheel(machine="aarch64"),),
            **({ANY: (npm_bundle(),)} if "viewer" in wanted.components else {}),
        },
    )


def having(held: Lock, *artifacts: Artifact, platform: str = "linux/amd64") -> Lock:
    """Return `held` with these files of components for `platform`, and no others."""
    others = {name: files for name, files in held.components.items() if name != platform}
    return replace(held, components={**others, **({platform: tuple(sorted(artifacts))} if artifacts else {})})


def library(component: str, version: str, url: str) -> Artifact:
    """Return a library whose file is its own name."""
    file = url.rpartition("/")[2]
    digest = f"sha256:{sha256(file)}"
    return Artifact("upstream", component, file, version, file, len(file), digest, url, date="2026-11-24")


def absence(component: str, reason: str = "the site is closed") -> Absence:
    return Absence(component, reason, "2026-11-24")


def upstream_lock(wanted: Definition, *held: str) -> Lock:
    """Return a lock of `wanted`, with the upstream libraries of the components `held`."""
    components = [wanted.components[name] for name in held]
    found = [
        library(one.name, one.version, url)
        for one in components
        for url in wanted.upstream.addresses(one).values()
    ]
    return having(lock(wanted), *lock(wanted).components["linux/amd64"], *found)


def tree(root: Path) -> Path:
    """Make the files that the definition names below `root`."""
    (root / "startup").mkdir(parents=True)
    (root / "startup/main.py").write_text("print()\n")
    return root
