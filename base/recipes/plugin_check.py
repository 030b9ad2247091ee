"""Try libraries as plugins of the Orthanc of this image, each alone, and write down what is wrong with them.

Usage: plugin_check.py LIBRARIES RESULTS

RESULTS gets faults.json: the fault of each library by its file name, empty for a good one.
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

PATIENCE = 60.0
STARTED = "Orthanc has started"
REGISTERED = re.compile(r"Registering plugin '")
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
    faults = {name: fault(os.path.join(folder, name)) for name in sorted(os.listdir(folder))}
    with open(os.path.join(target, "faults.json"), "w", encoding="utf-8") as file:
        json.dump(faults, file, indent=1)
        file.write("\n")


def fault(library: str) -> str:
    """Return what is wrong with a library, as words that follow its name; empty when it is a good plugin."""
    return unresolved(linked(library)) or refused(*tried(library))


def linked(library: str) -> str:
    """Return what the loader says of a library: where each library that it needs is, and what it lacks."""
    said = subprocess.run(["ldd", "-r", library], capture_output=True, text=True, check=False)
    return said.stdout + said.stderr


def unresolved(said: str) -> str:
    """Return which library, else which function, the loader did not find."""
    libraries = re.findall(r"^\s*(\S+) => not found", said, re.MULTILINE)
    if libraries:
        return f"needs {', '.join(dict.fromkeys(libraries))}, which is not in the image"
    versions = re.findall(r"version `(\S+)' not found", said)
    if versions:
        return f"needs {', '.join(dict.fromkeys(versions))}, which the libraries of the image do not have"
    symbols = re.findall(r"undefined symbol: ([^\s,]+)", said)
    if symbols:
        return f"needs the symbol {', '.join(dict.fromkeys(symbols))}, which nothing in the image has"
    return ""


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
