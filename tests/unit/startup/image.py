"""A root folder that looks like the image's, and what a start in it leads to."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from startup import catalogue, configuration, main
from startup.sources import World

FOLDERS = (
    "dev/shm",
    "etc/orthanc",
    "run/secrets",
    "tmp",
    "usr/share/orthanc/plugins",
    "usr/share/orthanc/plugins-available",
    "var/lib/orthanc/db",
    "var/lib/orthanc/worklists",
)

ALL_FOLDERS = sorted({str(above) for one in FOLDERS for above in (Path(one), *Path(one).parents[:-1])})

LIBRARIES = (
    "libDelayedDeletion.so",
    "libHousekeeper.so",
    "libMultitenantDicom.so",
    "libOrthancDicomWeb.so",
    "libOrthancGdcm.so",
    "libOrthancMySQLIndex.so",
    "libOrthancMySQLStorage.so",
    "libOrthancNeuro.so",
    "libOrthancPostgreSQLIndex.so",
    "libOrthancPostgreSQLStorage.so",
    "libOrthancPython.so",
    "libOrthancWSI.so",
    "libOrthancWebViewer.so",
    "libOrthancWorklists.so",
    "libServeFolders.so",
)

AVAILABLE = "/usr/share/orthanc/plugins-available"

CATALOGUE = catalogue.load()

LOCAL = {"ORTHANC__REMOTE_ACCESS_ALLOWED": "false"}
"""No user is needed, and nothing is said of that, where no other machine reaches the server."""


class Executed:
    """What took the place of exec: the command line and the environment of the last program."""

    def __init__(self) -> None:
        self.line: list[str] = []
        self.environment: Mapping[str, str] = {}

    def __call__(self, _program: str, line: list[str], environment: Mapping[str, str]) -> None:
        self.line = line
        self.environment = environment


class Image:
    """The root folder of a container."""

    def __init__(self, root: Path) -> None:
        self.path = root
        self.root = str(root)
        root.mkdir(parents=True, exist_ok=True)
        for folder in ALL_FOLDERS:
            os.mkdir(f"{root}/{folder}")  # noqa: PTH102 # there are a thousand roots, and pathlib takes its time
        for library in LIBRARIES:
            os.close(os.open(f"{root}{AVAILABLE}/{library}", os.O_CREAT | os.O_WRONLY))

    def file(self, path: str, content: object) -> str:
        """Write a file (JSON, unless it is text) and give its path in the container."""
        target = self.path / path.removeprefix("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, bytes):
            target.write_bytes(content)
        else:
            target.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
        return path

    def secret(self, name: str, content: object) -> str:
        """Write a secret."""
        return self.file(f"/run/secrets/{name}", content)

    def found(
        self, environment: Mapping[str, str] | None = None, *arguments: str
    ) -> configuration.Configuration:
        """The configuration that these variables give here, without remote access unless they say."""
        world = World({**LOCAL, **(environment or {})}, self.root, list(arguments))
        return configuration.configuration(world, CATALOGUE)

    def tree(self, environment: Mapping[str, str] | None = None, *arguments: str) -> dict[str, Any]:
        """The settings, when there is nothing wrong with them."""
        found = self.found(environment, *arguments)
        assert [str(finding) for finding in found.findings] == []
        return found.tree

    def problems(self, environment: Mapping[str, str] | None = None, *arguments: str) -> list[str]:
        """The problems, as they are printed."""
        return [str(each) for each in self.found(environment, *arguments).findings if each.fatal]

    def warnings(self, environment: Mapping[str, str] | None = None, *arguments: str) -> list[str]:
        """The warnings, as they are printed."""
        return [str(each) for each in self.found(environment, *arguments).findings if not each.fatal]

    def start(self, environment: Mapping[str, str], *arguments: str) -> tuple[int, Executed]:
        """The exit code of a start, and what was executed."""
        executed = Executed()
        return main.start(list(arguments), environment, self.root, executed), executed

    def written(self) -> dict[str, Any]:
        """The configuration that was written for Orthanc."""
        found: dict[str, Any] = json.loads((self.path / "tmp/orthanc.json").read_text())
        return found
