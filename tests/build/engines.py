"""Engines of the tests, beside the one in use."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from builder.engine.client import find
from builder.shell import Completed, run

PATIENCE = 60.0


class Second(NamedTuple):
    """An engine of the tests, beside the one in use: its Docker context, its socket, and what it says."""

    context: str
    socket: Path
    log: Path

    def images(self) -> str:
        """Return the images that it keeps, a line each."""
        return docker("--context", self.context, "image", "ls", "--quiet").stdout


def docker(*words: str) -> Completed:
    """Call the client that the toolkit calls."""
    return run([find().client, *words])


@contextmanager
def started(dockerd: str) -> Iterator[Second]:
    """Yield a second dockerd with BuildKit's own exporters, in a folder of its own and without networks."""
    folder = Path(tempfile.mkdtemp(prefix="orthanc-second-"))
    settings = {
        "data-root": str(folder / "data"),
        "exec-root": str(folder / "exec"),
        "pidfile": str(folder / "pid"),
        "hosts": [f"unix://{folder}/socket"],
        "bridge": "none",
        "iptables": False,
        "ip6tables": False,
        "features": {"containerd-snapshotter": True},
    }
    (folder / "settings.json").write_text(json.dumps(settings), encoding="utf-8")
    found = Second(folder.name, folder / "socket", folder / "log")
    with found.log.open("wb") as log:
        process = subprocess.Popen(
            # In a network of its own: without a bridge, dockerd removes docker0, the bridge of the first one.
            ["unshare", "--net", dockerd, "--config-file", folder / "settings.json"],
            stdout=log,
            stderr=log,
            stdin=subprocess.DEVNULL,
        )
    try:
        docker("context", "create", found.context, "--docker", f"host=unix://{found.socket}")
        _answering(found, process)
        yield found
    finally:
        docker("context", "rm", "--force", found.context)
        process.terminate()
        try:
            process.wait(PATIENCE)
        finally:
            process.kill()
            shutil.rmtree(folder, ignore_errors=True)


def _answering(second: Second, process: subprocess.Popen[bytes]) -> None:
    """Wait until the second engine answers."""
    end = time.monotonic() + PATIENCE
    while run([find().client, "--context", second.context, "version"], check=False).code:
        assert process.poll() is None, second.log.read_text()
        assert time.monotonic() < end, second.log.read_text()
        time.sleep(0.2)
