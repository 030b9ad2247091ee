"""Try libraries as plugins of the Orthanc of this image, each alone, and write down what is wrong with them.

Usage: plugin_check.py LIBRARIES RESULTS

RESULTS gets faults.json, the fault of each library by its file name, empty for a good one; and versions.json,
the version that each good one gives.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable

PATIENCE = 60.0
STARTED = "Orthanc has started"
REGISTERED = re.compile(r"Registering plugin '[^']*' \(version (?P<version>[^)]+)\)")
ERROR = re.compile(r"^E\S* .*?\] (?P<text>.+)$", re.MULTILINE)

SETTINGS = {
    "Name": "plugin check",
    "HttpServerEnabled": False,
    "DicomServerEnabled": False,
    "LuaScripts": [],
}


def main(folder: str, target: str) -> None:
    """Check every library in `folder`."""
    os.makedirs(target, exist_ok=True)
    found = {name: checked(os.path.join(folder, name)) for name in sorted(os.listdir(folder))}
    write(os.path.join(target, "faults.json"), {name: fault for name, (fault, _) in found.items()})
    write(os.path.join(target, "versions.json"), {name: told for name, (_, told) in found.items() if told})


def write(path: str, content: dict[str, str]) -> None:
    """Write a file in JSON."""
    with open(path, "w", encoding="utf-8") as file:
        json.dump(content, file, indent=1)
        file.write("\n")


def checked(library: str) -> tuple[str, str]:
    """Return what is wrong with a library, as words that follow its name, and the version that it gives.

    The first is empty when it is a good plugin, the second when it is not.
    """
    fault = unresolved(linked(library))
    if fault:
        return fault, ""
    code, log = tried(library)
    fault = refused(code, log)
    return fault, "" if fault else version(log)


def linked(library: str) -> str:
    """Return what the loader says of a library: where each library that it needs is, and what it lacks."""
    said = subprocess.run(["ldd", "-r", library], capture_output=True, text=True, check=False)
    return said.stdout + said.stderr


def unresolved(said: str) -> str:
    """Return which library, else which function, the loader did not find."""
    libraries = dict.fromkeys(re.findall(r"^\s*(\S+) => not found", said, re.MULTILINE))
    if libraries:
        return f"needs {listed(libraries)}, which {'is' if len(libraries) == 1 else 'are'} not in the image"
    versions = dict.fromkeys(re.findall(r"version `(\S+)' not found", said))
    if versions:
        return f"needs {listed(versions)}, which the libraries of the image do not have"
    symbols = dict.fromkeys(re.findall(r"undefined symbol: ([^\s,]+)", said))
    if symbols:
        what = "symbol" if len(symbols) == 1 else "symbols"
        return f"needs the {what} {listed(symbols)}, which nothing in the image has"
    return ""


def listed(names: Iterable[str]) -> str:
    """Return names as a sentence lists them: "a, b and c"."""
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


def version(log: str) -> str:
    """Return the version that Orthanc logs for the one library that it has loaded."""
    found = REGISTERED.search(log)
    return found["version"] if found else ""


def tried(library: str) -> tuple[int | None, str]:
    """Start Orthanc with the library as its only plugin, end it, and return its exit code and its log.

    The code is None when it neither started nor ended in time.
    """
    with tempfile.TemporaryDirectory() as folder:
        configuration = os.path.join(folder, "orthanc.json")
        with open(configuration, "w", encoding="utf-8") as file:
            json.dump(
                {**SETTINGS, "StorageDirectory": os.path.join(folder, "db"), "Plugins": [library]}, file
            )
        with open(os.path.join(folder, "log"), "w+", encoding="utf-8", errors="replace") as log:
            server = subprocess.Popen(["Orthanc", configuration], stdout=log, stderr=log, cwd=folder)
            began = wait(server, log.name)
            if began:
                server.send_signal(signal.SIGTERM)
            code = ended(server) if began or server.poll() is not None else None
            if server.poll() is None:
                server.kill()
                server.wait()
            return code, words(log.name)


def wait(server: subprocess.Popen[bytes], log: str) -> bool:
    """Wait until Orthanc has started, or ended, or the time is up; tell whether it has started."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and server.poll() is None:
        if STARTED in words(log):
            return True
        time.sleep(0.05)
    return STARTED in words(log)


def ended(server: subprocess.Popen[bytes]) -> int | None:
    """Return the exit code of Orthanc, None when it does not end."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        return server.wait(PATIENCE)
    return None


def words(path: str) -> str:
    """Return the text of a log."""
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read()


def refused(code: int | None, log: str) -> str:
    """Return why Orthanc did not take a library, from its exit code and its log."""
    if STARTED in log and not REGISTERED.search(log):
        return "is not taken for a plugin by Orthanc"
    if STARTED in log and code == 0:
        return ""
    errors = [match["text"].strip() for match in ERROR.finditer(log)]
    reason = f": {errors[0]}" if errors else ""
    if code is None:
        return (
            f"keeps Orthanc from {'ending' if STARTED in log else 'starting'} within {PATIENCE:g} s{reason}"
        )
    how = f"with signal {-code}" if code < 0 else f"with exit code {code}"
    return f"makes Orthanc end {how} {'when it is stopped' if STARTED in log else 'at once'}{reason}"


if __name__ == "__main__":
    main(*sys.argv[1:])
