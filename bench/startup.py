"""What the start-up code and the probe cost, beside a bare interpreter in the same image and run."""

from __future__ import annotations

import json
import time
from typing import Any

import docker
from docker.models.containers import Container

from bench.figures import Figure
from builder.errors import BuildError

ROUNDS = 40

ENVIRONMENT = {
    "ORTHANC__NAME": "Bench",
    "ORTHANC__DICOM_AET": "BENCH",
    "ORTHANC__STABLE_AGE": "30",
    "ORTHANC__DICOM_MODALITIES": '{"pacs": ["PACS", "pacs.example.org", 104]}',
    "ORTHANC__REGISTERED_USERS": '{"bench": "bench"}',
    "ORTHANC__POSTGRESQL__HOST": "db",
    "ORTHANC__POSTGRESQL__PASSWORD": "secret",
    "ORTHANC__DICOM_WEB__ROOT": "/dicom-web/",
    "ORTHANC__OVERWRITE_INSTANCES": "Always",
    "HOUSEKEEPER_PLUGIN_ENABLED": "true",
}
"""A typical configuration: ten variables, beside one file."""

# Runs in a container of the image with commands by name, and prints the median time of each in seconds.
_MEDIANS = """
import json, statistics, subprocess, sys, time
rounds, commands = json.loads(sys.argv[1])
times = {name: [] for name in commands}
for _ in range(rounds):
    for name, command in commands.items():
        begun = time.perf_counter()
        subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
        times[name].append(time.perf_counter() - begun)
print(json.dumps({name: statistics.median(found) for name, found in times.items()}))
"""

# Orthanc is another program here, found first, that ends at once: what is measured lasts from the start of
# the process to the exec.
_PREPARED = """
import json, os, shutil
os.makedirs("/tmp/bin")
shutil.copy("/bin/true", "/tmp/bin/Orthanc")
os.environ["PATH"] = "/tmp/bin:" + os.environ["PATH"]
with open("/etc/orthanc/orthanc.json", "w") as file:
    json.dump({"StorageDirectory": "/var/lib/orthanc/db", "HttpPort": 8042}, file)
"""

_BARE = ["/usr/bin/python3", "-IS", "-c", "pass"]


def figures(tag: str) -> list[Figure]:
    """Return what a start costs, and a probe of a running server, in seconds, in the image `tag`."""
    client = docker.from_env()
    program = _program(_PREPARED + _MEDIANS, start=["/entrypoint"])
    start = _read(client.containers.run(tag, program, environment=ENVIRONMENT, remove=True))
    server = client.containers.run(tag, detach=True, environment={"ORTHANC_PASSWORD": "bench"})
    try:
        probe = _probe(server)
    finally:
        server.remove(force=True, v=True)
    return [
        Figure("start-up code, from process to exec", start["start"], start["bare"], "≤ 15 ms more", _text),
        Figure("probe of a running server", probe["probe"], probe["bare"], "ratio ≤ 2", _text),
    ]


def _probe(server: Container) -> dict[str, float]:
    """Return the medians for the probe, once the server answers it."""
    for _ in range(100):
        if server.exec_run(["/probes/test-aliveness.py"]).exit_code == 0:
            program = _program(_MEDIANS, probe=["/probes/test-aliveness.py"])
            return _read(server.exec_run(program).output)
        time.sleep(0.1)
    raise BuildError("bench: the server did not answer its probe", details=[server.logs().decode()])


def _program(text: str, **commands: list[str]) -> list[str]:
    return ["python3", "-c", text, json.dumps([ROUNDS, {"bare": _BARE, **commands}])]


def _read(output: Any) -> dict[str, float]:
    found: dict[str, float] = json.loads(output.decode().splitlines()[-1])
    return found


def _text(seconds: float) -> str:
    return f"{1000 * seconds:.1f} ms"
