"""Gives Orthanc, inside a container, configurations that the check lets pass; prints those that end it."""

import copy
import json
import subprocess
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, "/usr/lib/orthanc-image")

from startup import catalogue, configuration, plugins, write
from startup.errors import problems
from startup.sources import World

CATALOGUE = catalogue.load()

LEFT_OUT = ("PostgreSQL", "MySQL", "Odbc", "AwsS3Storage", "AzureBlobStorage", "GoogleCloudStorage")
"""Plugins that need a server of their own to start."""

WRONG: dict[str, tuple[object, ...]] = {
    "bool": ("maybe",),
    "int": (-1, 0, 2**31),
    "enum": ("nonsense",),
    "string": ("", "no such é/thing"),
    "list": (["nonsense"], [5], [{}]),
    "texts": (["nonsense"], [5]),
    "object": ({"a b./é": 5}, {"x": []}),
    "record": ([], {"x": "y"}),
    "any": (5, []),
}
PATIENCE = 10


def document(path: str, value: object) -> dict[str, object]:
    """Return a configuration with this value at this path."""
    tree = value
    for key in reversed(path.split(".")):
        tree = {"it" if key == "*" else key: tree}
    assert isinstance(tree, dict)
    return tree


def passed(path: str, value: object) -> dict[str, object] | None:
    """Return what Orthanc would get, or None when the check refuses it or the plugin is not here."""
    owner = CATALOGUE.components[path]
    variables = {
        "ORTHANC__AUTHENTICATION_ENABLED": "false",
        "ORTHANC_JSON": json.dumps(document(path, value)),
    }
    for plugin in plugins.PLUGINS:
        if plugin.name == owner:
            variables[plugin.switch] = "true"
    found = configuration.configuration(World(variables, ""), CATALOGUE)
    return None if problems(found.findings) else copy.deepcopy(found.tree)


def ends(tree: dict[str, object], number: int) -> str:
    """Return the exit code and last error of Orthanc with this configuration; empty when it starts."""
    folder = Path(f"/tmp/trial-{number}")
    folder.mkdir()
    tree = {**tree, "HttpPort": 20000 + number, "DicomPort": 30000 + number}
    tree.update(StorageDirectory=str(folder), IndexDirectory=str(folder))
    (folder / "orthanc.json").write_text(write.for_orthanc(tree))
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(["Orthanc", str(folder / "orthanc.json")], stderr=log)
    deadline = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < deadline:
        if "Orthanc has started" in (folder / "log").read_text(errors="replace"):
            time.sleep(0.1)
            break
        time.sleep(0.03)
    code = process.poll()
    process.kill()
    process.wait()
    said = [line for line in (folder / "log").read_text(errors="replace").splitlines() if line[:1] == "E"]
    return "" if code is None else f"{code} {said[-1] if said else ''}"


def work(cases: list[tuple[int, str, object]]) -> None:
    """Try the cases until there are none left."""
    while True:
        try:
            number, path, value = cases.pop()
        except IndexError:
            return
        tree = passed(path, value)
        said = "" if tree is None else ends(tree, number)
        state = "refused" if tree is None else "ended" if said else "started"
        sys.stdout.write(json.dumps([state, path, value, said]) + "\n")


paths = [path for path in CATALOGUE.lines if CATALOGUE.components[path] not in LEFT_OUT]
kinds = {path: setting.kind for path in paths if (setting := CATALOGUE.setting(path)) is not None}
wrong = [(path, value) for path, kind in kinds.items() for value in WRONG[kind]]
queue = [(number, path, value) for number, (path, value) in enumerate(wrong)]
threads = [threading.Thread(target=work, args=(queue,)) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
