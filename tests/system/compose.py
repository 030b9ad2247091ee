"""A compose file of examples/, started beside the others of this machine, with images that are there."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import requests

from builder.engine.client import Engine

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
STAGES: Mapping[str, tuple[str, list[str]]] = {
    "POSTGRESQL_IMAGE": ("postgresql", ["/service/start"]),
    "NGINX_IMAGE": ("nginx", ["nginx", "-g", "daemon off;"]),
    "MOTO_IMAGE": ("moto", ["/service/start"]),
    "AZURITE_IMAGE": ("azurite", ["/service/start"]),
    "GOOGLE_IMAGE": ("google", ["/service/start"]),
}
"""Variable of a compose file to the service of the tests that takes the place of a public image."""

PORTS = ("ORTHANC_PORT", "DICOM_PORT", "ARCHIVE_PORT")
CHANGING = ("up", "down", "start", "stop", "restart")
"""The words of `docker compose` after which a service may be published elsewhere."""
TIMEOUT = 240


class Project:
    """A running example: its services by name, and how to reach them."""

    def __init__(self, engine: Engine, name: str, folder: Path, variables: Mapping[str, str]) -> None:
        self.client = engine.client
        self.name = name
        self.folder = folder
        self.variables = {**os.environ, **dict.fromkeys(PORTS, "0"), **variables}
        self.files = [folder / "compose.yaml"]
        self._addresses: dict[tuple[str, int], tuple[str, int]] = {}

    def compose(self, *words: str, check: bool = True) -> str:
        """Return the output of `docker compose`; raises AssertionError with its errors when it fails."""
        if words[0] in CHANGING:
            self._addresses.clear()
        files = [word for file in self.files for word in ("--file", str(file))]
        done = subprocess.run(
            [self.client, "compose", "--project-name", self.name, *files, *words],
            cwd=self.folder, env=self.variables, capture_output=True, text=True, timeout=TIMEOUT, check=False,
        )  # fmt: skip
        if check:
            assert done.returncode == 0, (
                f"docker compose {' '.join(words)}:\n{done.stderr[-4000:]}\n{self.logs}"
            )
        return done.stdout

    @property
    def logs(self) -> str:
        """Return what its services have written."""
        return self.compose("logs", "--no-color", check=False)[-8000:]

    @property
    def services(self) -> dict[str, Any]:
        """Return its services, as compose reads them: the variables are in place."""
        found: dict[str, Any] = json.loads(self.compose("config", "--format", "json"))["services"]
        return found

    def address(self, service: str = "orthanc", port: int = 8042) -> tuple[str, int]:
        """Return where a port of a service is published on this machine."""
        place = (service, port)
        if place not in self._addresses:
            host, _, number = self.compose("port", service, str(port)).strip().rpartition(":")
            self._addresses[place] = host, int(number)
        return self._addresses[place]

    def request(
        self, method: str, path: str, *, service: str = "orthanc", port: int = 8042, scheme: str = "http",
        **options: Any,
    ) -> requests.Response:  # fmt: skip
        """Return the answer of a service to the user orthanc, whatever its status."""
        host, number = self.address(service, port)
        options = {"auth": ("orthanc", "change-me"), "timeout": 30, **options}
        return requests.request(method, f"{scheme}://{host}:{number}{path}", **options)


def override(project: Project, folder: Path) -> Path:
    """Return a file that starts the stand-ins as their public images are, and checks health often."""
    stages = {project.variables[name]: command for name, (_, command) in STAGES.items()}
    changes: dict[str, Any] = {}
    for name, service in project.services.items():
        if service["image"] in stages:
            changes[name] = {"command": stages[service["image"]]}
        elif not service.get("healthcheck", {}).get("disable"):
            changes[name] = {"healthcheck": {"interval": "1s", "start_interval": "1s"}}
    path = folder / "tests.json"
    path.write_text(json.dumps({"services": changes}))
    return path
