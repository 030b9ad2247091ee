"""What a build needs on this machine: what is installed, what is missing, and how to get it."""

from __future__ import annotations

import platform
import re
import shutil
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from builder.console import size
from builder.engine import emulation
from builder.engine.client import OLDEST, Found, look
from builder.engine.host import Host, host
from builder.engine.installation import installation
from builder.errors import EngineError
from builder.shell import Runner, run
from builder.sources.debian import KEYRING, MIRROR, mirrors
from builder.sources.store import CACHE, folder

GOOD, OPTIONAL, MISSING = "ok", "optional", "missing"

PYTHON = (3, 11)
LOCKS = ("requirements.lock", "requirements.build.lock")
"""What ./inv makes .venv from: all of it, and what a build needs."""

ROOM = 8_000_000_000
"""The most bytes that a first build of both variants takes, in the store and in the engine together."""


@dataclass(frozen=True)
class Check:
    """One thing that was checked: its state, what was found, and the remedy if it is missing."""

    name: str
    state: str
    found: str
    remedy: str = ""

    @property
    def row(self) -> tuple[str, str, str]:
        """Return the check as a row of a table."""
        return self.name, self.state, f"{self.found}\n→ {self.remedy}" if self.remedy else self.found


HEAD = ("part", "state", "found")


def examine(
    root: Path, environment: Mapping[str, str], platforms: Sequence[str], runner: Runner = run
) -> tuple[Check, ...]:
    """Return all checks for the project in the folder `root`, which builds for `platforms`."""
    found, machine = look(runner, path=environment.get("PATH")), host(runner)
    able = emulation.platforms(found.engine, runner=runner) if found.engine else frozenset()
    return (
        python(sys.version_info[:3], sys.executable),
        environment_of(root, Path(sys.prefix)),
        client(found),
        buildx(found),
        engine(found, machine, environment),
        *(other(name, able, machine) for name in platforms),
        cache(folder(environment)),
        room("space in the store", folder(environment)),
        *([room("space in the engine", _root(found, runner))] if _root(found, runner) else []),
        mirror(mirrors(environment, runner), environment),
        apt(machine, KEYRING.exists()),
    )


def healthy(checks: Iterable[Check]) -> bool:
    """Tell whether nothing that a build needs is missing."""
    return all(check.state != MISSING for check in checks)


def python(version: Sequence[int], path: str) -> Check:
    """Return whether Python is recent enough."""
    text = f"{'.'.join(map(str, version))} at {path}"
    oldest = ".".join(map(str, PYTHON))
    if tuple(version[:2]) >= PYTHON:
        return Check("Python", GOOD, text)
    return Check("Python", MISSING, text, f"Install Python {oldest} or later, and run ./inv")


def environment_of(root: Path, prefix: Path) -> Check:
    """Return whether this runs in the environment of ./inv, and that matches its lock."""
    name = "environment"
    stamp = next(filter(Path.exists, (prefix / one for one in LOCKS)), None)
    if stamp is None:
        found = f"{prefix}, which ./inv did not create"
        return Check(name, OPTIONAL, found, "Run ./inv instead of invoke to use the locked versions")
    if stamp.read_bytes() != (root / stamp.name).read_bytes():
        return Check(name, OPTIONAL, f"{prefix}, older than {stamp.name}", "Run ./inv, which recreates it")
    return Check(name, GOOD, f"{prefix}, for builds" if stamp.name != LOCKS[0] else str(prefix))


def client(found: Found) -> Check:
    """Return whether there is a `docker` on the PATH."""
    if found.client is None:
        return Check("client", MISSING, "no docker on the PATH", "See the engine below")
    others = [one.path for one in found.clients if one != found.client]
    passed = f" (passed over, since without buildx: {', '.join(others)})" if others else ""
    return Check("client", GOOD, found.client.path + passed)


def buildx(found: Found) -> Check:
    """Return whether the client has the plugin that builds."""
    if found.client and found.client.buildx:
        return Check("buildx", GOOD, found.client.buildx)
    remedy = "See the engine below"
    if found.client and found.recent:
        remedy = "Install the package docker-buildx, or docker-buildx-plugin where Docker's own packages are"
    return Check("buildx", MISSING, "no client has the plugin", remedy)


def engine(found: Found, machine: Host, environment: Mapping[str, str]) -> Check:
    """Return whether a recent enough engine answers; the remedy is what the build would do."""
    if found.recent:
        return Check(
            "engine", GOOD, f"{found.version}, {found.architecture}, {found.endpoint or found.context}"
        )
    try:
        installation(found, machine, environment)
    except EngineError as error:
        remedy = error.remedy or f"Install Docker Engine {OLDEST} or later with the buildx plugin"
    else:
        remedy = "Run ./inv build, which offers to install what is missing and starts the engine"
    return Check("engine", MISSING, found.lack, remedy)


def other(target: str, able: frozenset[str], machine: Host) -> Check:
    """Return whether the builder can run programs for the platform `target`."""
    name = f"builds for {target}"
    if target in able:
        return Check(name, GOOD, "the builder supports it")
    if not able:
        return Check(name, OPTIONAL, "no builder answers", "See the engine above")
    return Check(name, OPTIONAL, f"the builder supports {', '.join(sorted(able))}", emulation.remedy(machine))


def cache(place: Path) -> Check:
    """Return whether the store's folder can be written, by writing there."""
    try:
        place.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=place):
            pass
    except OSError as error:
        found = f"{place} cannot be written: {error.strerror or error}"
        return Check("store", MISSING, found, f"Correct its permissions, or name another folder in {CACHE}")
    return Check("store", GOOD, str(place))


def room(name: str, place: Path | None) -> Check:
    """Return whether the disk of `place` has enough space for a first build."""
    there = next((one for one in (place, *place.parents) if one.exists()), Path("/")) if place else Path("/")
    free = shutil.disk_usage(there).free
    found = f"{size(free)} free at {there}"
    if free >= ROOM:
        return Check(name, GOOD, found)
    return Check(
        name, OPTIONAL, found, f"A first build of both variants takes up to {size(ROOM)}: free some space"
    )


def mirror(known: Sequence[str], environment: Mapping[str, str]) -> Check:
    """Return whether a Debian mirror is configured on this machine."""
    if known:
        return Check("Debian mirror", GOOD, re.sub(r"//[^/@]*@", "//", ", ".join(known)))
    remedy = f"Name one in {MIRROR}; otherwise all packages come from the snapshot archive"
    if environment.get("http_proxy") or environment.get("https_proxy"):
        remedy += ", through the proxy of http_proxy"
    return Check("Debian mirror", OPTIONAL, "none is configured on this machine", remedy)


def apt(machine: Host, keyring: bool) -> Check:
    """Return whether ./inv lock can resolve packages here."""
    name = "apt, for ./inv lock"
    if shutil.which("apt-get") and keyring:
        return Check(name, GOOD, "with Debian's keyring")
    if machine.distribution == "ubuntu":
        return Check(
            name,
            OPTIONAL,
            "Debian's keyring is not installed",
            "Run: sudo apt-get install debian-archive-keyring",
        )
    return Check(
        name, OPTIONAL, f"not on {machine.distribution or platform.system()}", "Run it on Debian or Ubuntu"
    )


def _root(found: Found, runner: Runner) -> Path | None:
    """Return the engine's data folder if it is on this machine, else None."""
    if found.engine is None or not found.endpoint.startswith("unix:"):
        return None
    done = runner([found.engine.client, "info", "--format", "{{.DockerRootDir}}"], check=False, timeout=30)
    place = Path(done.stdout.strip() or "/nowhere")
    return place if place.is_dir() else None
