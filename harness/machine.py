"""The settings of this machine's apt, pip and npm, as secrets of an image build."""

from __future__ import annotations

import configparser
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from builder.checkout import manifest
from builder.sources import debian
from harness.definition import DEFINITION

AUTHORITY = "/run/secrets/ca"
"""Where a build finds the certificate authority that the settings name."""


def demand_network(what: str) -> None:
    """Skip a test that installs something, in the folder of a bundle: no network is expected there."""
    if manifest.find(Path(__file__).parents[1]):
        pytest.skip(f"{what}: needs a network, which the folder of a bundle is without")


def sources() -> str:
    """Return apt's sources for the suite of the images, from this machine's mirror; empty without one."""
    mirrors, suite = debian.mirrors(os.environ), DEFINITION["debian"]["suite"]
    return "".join(
        f"Types: deb\nURIs: {mirror}\nSuites: {suite}\nComponents: main\nCheck-Valid-Until: no\n"
        "Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg\n"
        for mirror in mirrors[:1]
    )


def pip_settings() -> dict[str, str]:
    """Return pip's settings of index and certificates on this machine: environment, then files."""
    said = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"], check=True, capture_output=True, text=True
    ).stdout
    found: dict[str, str] = {}
    for line in sorted(said.splitlines(), key=lambda line: line.startswith(":env:")):
        name, _, value = line.partition("=")
        found[name.rpartition(".")[2]] = value.strip("'\"")
    return {key: found[key] for key in ("cert", "index-url", "trusted-host", "proxy") if key in found}


def npm_settings() -> dict[str, str]:
    """Return npm's settings of registry and certificates on this machine: files, then its own answer."""
    found = {}
    file = Path(os.environ.get("NPM_CONFIG_USERCONFIG", Path.home() / ".npmrc"))
    for line in file.read_text(encoding="utf-8").splitlines() if file.exists() else []:
        name, equals, value = line.partition("=")
        if equals:
            found[name.strip()] = value.strip()
    if shutil.which("npm"):
        said = subprocess.run(["npm", "config", "list", "--json"], check=True, capture_output=True, text=True)
        found |= {name: str(value) for name, value in json.loads(said.stdout).items() if value}
    wanted = re.compile(r"//.*:_|(@[^:]+:)?registry$|cafile$|(https-)?proxy$|noproxy$|strict-ssl$")
    return {name: value for name, value in found.items() if wanted.match(name) and value != "(protected)"}


def secrets(folder: Path) -> list[str]:
    """Return the options of docker build that pass on these settings; their files go to the folder."""
    pip, npm, options = pip_settings(), npm_settings(), []
    authority = pip.get("cert") or npm.get("cafile")
    if authority:
        options += ["--secret", f"id=ca,src={authority}"]
    if pip:
        parser = configparser.RawConfigParser()
        parser["global"] = pip | ({"cert": AUTHORITY} if "cert" in pip else {})
        with (folder / "pip.conf").open("w") as file:
            parser.write(file)
        options += ["--secret", f"id=pip-conf,src={folder / 'pip.conf'}"]
    if npm:
        lines = npm | ({"cafile": AUTHORITY} if "cafile" in npm else {})
        (folder / "npmrc").write_text("".join(f"{name}={value}\n" for name, value in lines.items()))
        options += ["--secret", f"id=npmrc,src={folder / 'npmrc'}"]
    if sources():
        (folder / "apt.sources").write_text(sources())
        options += ["--secret", f"id=apt-sources,src={folder / 'apt.sources'}"]
    return options
