"""The container clients and the engine on this machine, usable or not."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from builder.errors import BuildError, EngineError
from builder.shell import Runner, every, run

OLDEST = 23
"""The first version of the engine that builds with BuildKit throughout."""


@dataclass(frozen=True)
class Engine:
    """An engine that can build: the client to call, and what answers it."""

    client: str
    """The path of the first `docker` on the PATH that has the buildx plugin."""
    version: str
    """The version of the engine."""
    buildx: str
    """The version of the plugin."""
    architecture: str
    """The architecture of the engine, in Go's names: amd64, arm64."""
    endpoint: str
    """Where it listens, such as unix:///var/run/docker.sock; for the Docker SDK."""


@dataclass(frozen=True)
class DockerClient:
    """One `docker` on the PATH; `buildx` is the version of its plugin, empty without one."""

    path: str
    buildx: str


@dataclass(frozen=True)
class Found:
    """The engine and its clients as far as they exist, usable or not."""

    clients: tuple[DockerClient, ...] = ()
    version: str = ""
    architecture: str = ""
    context: str = "default"
    endpoint: str = ""
    trouble: str = ""
    """What the client said when no engine answered."""

    @property
    def client(self) -> DockerClient | None:
        """Return the first client with buildx, else the first one."""
        return next((client for client in self.clients if client.buildx), next(iter(self.clients), None))

    @property
    def recent(self) -> bool:
        """Tell whether an engine answers and is recent enough."""
        return _major(self.version) >= OLDEST

    @property
    def engine(self) -> Engine | None:
        """Return the engine when everything that a build needs exists."""
        client = self.client
        if client is None or not client.buildx or not self.recent:
            return None
        return Engine(client.path, self.version, client.buildx, self.architecture, self.endpoint)

    @property
    def lack(self) -> str:
        """Return what a build lacks, in a few words; empty when nothing."""
        if self.client is None:
            return "docker is not on the PATH"
        if not self.version:
            return f"no engine answers {self.client.path} ({self.trouble or 'without a message'})"
        if not self.recent:
            return f"the engine is version {self.version}, but at least {OLDEST} is needed"
        return "" if self.client.buildx else f"{self.client.path} lacks the buildx plugin"


def look(runner: Runner = run, *, path: str | None = None) -> Found:
    """Return the clients on `path` (default: PATH) and the engine that answers them."""
    clients = []
    for candidate in every("docker", path):
        clients.append(DockerClient(candidate, _buildx(candidate, runner)))
        if clients[-1].buildx:
            break
    client = Found(tuple(clients)).client
    if client is None:
        return Found()
    server, trouble = _server(client.path, runner)
    context, endpoint = _context(client.path, runner)
    return Found(
        clients=tuple(clients),
        version=server.get("Version", ""),
        architecture=server.get("Arch", ""),
        context=context,
        endpoint=endpoint,
        trouble=trouble,
    )


def find(runner: Runner = run, *, path: str | None = None) -> Engine:
    """Return the engine; raises EngineError when there is none that can build."""
    found = look(runner, path=path)
    if found.engine:
        return found.engine
    raise EngineError(f"engine: {found.lack}", remedy="List what is missing with: ./inv doctor")


def _buildx(client: str, runner: Runner) -> str:
    done = _asked([client, "buildx", "version"], runner)
    match = re.search(r"\d+\.\d+\S*", done[1]) if done[0] == 0 else None
    return match.group() if match else ""


def _server(client: str, runner: Runner) -> tuple[Mapping[str, Any], str]:
    """Return the engine's description of itself, or nothing and the client's error message."""
    code, output, errors = _asked([client, "version", "--format", "{{json .Server}}"], runner)
    try:
        server = json.loads(output) if code == 0 else None
    except ValueError:
        server = None
    return (
        (server, "")
        if isinstance(server, dict)
        else ({}, errors.strip().splitlines()[-1] if errors.strip() else "")
    )


def _context(client: str, runner: Runner) -> tuple[str, str]:
    form = "{{.Name}} {{.Endpoints.docker.Host}}"
    code, output, _ = _asked([client, "context", "inspect", "--format", form], runner)
    words = output.split()
    return (words[0], words[1]) if code == 0 and len(words) == 2 else ("default", "")


def _asked(argv: list[str], runner: Runner) -> tuple[int, str, str]:
    try:
        # A client may wait forever for a remote engine that cannot be reached.
        done = runner(argv, check=False, timeout=20)
    except BuildError as error:
        return 1, "", error.message
    return done.code, done.stdout, done.stderr


def _major(version: str) -> int:
    number = re.match(r"v?(\d+)\.", version)
    return int(number.group(1)) if number else 0
