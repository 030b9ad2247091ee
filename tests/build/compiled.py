"""Small plugins, good and bad, compiled in a container against Orthanc's SDK."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

import docker

from builder.engine.client import Engine
from harness import machine
from services import images

FOLDER = Path(__file__).resolve().parent / "plugins"
MACHINE = slice(18, 20)
"""Where an ELF file names its machine, as a little-endian number."""

AARCH64 = (183).to_bytes(2, "little")


def plugins(engine: Engine, client: docker.DockerClient, image: str) -> dict[str, bytes]:
    """Return the libraries by their names in plugins/build, and one for another machine; `image` is ours.

    Raises:
        AssertionError: with the engine's words, when they cannot be compiled.
    """
    machine.demand_network("compiling plugins against the SDK, a package of Debian")
    with tempfile.TemporaryDirectory(prefix="orthanc-plugins-") as name:
        folder = Path(name)
        done = subprocess.run(
            [engine.client, "buildx", "build", "--builder", "default", "--progress", "plain",
             "--build-arg", f"BASE={images.base(client, image)}",
             "--build-context", f"services={images.FOLDER}", "--output", f"type=local,dest={folder / 'out'}",
             *machine.secrets(folder), str(FOLDER)],
            capture_output=True, text=True, timeout=images.TIMEOUT, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"the plugins cannot be compiled:\n{done.stderr[-4000:]}"
        found = {path.stem: path.read_bytes() for path in sorted((folder / "out").glob("*.so"))}
    foreign = bytearray(found["good"])
    foreign[MACHINE] = AARCH64
    return found | {"foreign": bytes(foreign)}
