"""Resets of a server whose Python script uses extension modules."""

from __future__ import annotations

import time

import pytest

from harness.containers import Orthanc
from tests.image.conftest import Start

pytestmark = pytest.mark.inherited

SCRIPT = """
import sys
sys.path.append("/usr/lib/orthanc-image/packages")
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from obstore.store import MemoryStore
import orthanc

STORE = MemoryStore()
KEY = bytes(32)

def answer(output, uri, **request):
    STORE.put("object", AESGCM(KEY).encrypt(bytes(12), request["get"]["text"].encode(), None))
    clear = AESGCM(KEY).decrypt(bytes(12), bytes(STORE.get("object").bytes()), None)
    output.AnswerBuffer(clear, "text/plain")

orthanc.RegisterRestCallback("/sealed", answer)
"""


def sealed(server: Orthanc, text: str) -> str:
    """Return what the script answers, which is what it was given, through both packages."""
    return server.get(f"/sealed?text={text}").text


def begun(server: Orthanc) -> int:
    """Return how often Orthanc has started in this container, by its log."""
    return server.logs().count("Orthanc has started")


@pytest.mark.timeout(120)
def test_reset_with_extension_modules(start: Start) -> None:
    """Three resets in a row: the script answers after each one, in a process of the same id."""
    server = start({"ORTHANC__PYTHON_SCRIPT": "/tmp/sealed.py"}, files={"/tmp/sealed.py": SCRIPT})
    process = server.state["Pid"]
    for number in range(1, 4):
        assert sealed(server, f"text{number}") == f"text{number}"
        server.post("/tools/reset", data="")
        end = time.monotonic() + 30
        while begun(server) == number and time.monotonic() < end:
            time.sleep(0.1)
        server.wait_until_ready()
        assert begun(server) == number + 1
    assert sealed(server, "last") == "last"
    assert server.state["Pid"] == process


def test_nothing_is_left_open_by_a_reset(start: Start) -> None:
    """After a reset no file or socket is open that was not open before."""
    server = start({"ORTHANC__PYTHON_SCRIPT": "/tmp/sealed.py"}, files={"/tmp/sealed.py": SCRIPT})
    before = server.run("ls", "/proc/1/fd").stdout
    server.post("/tools/reset", data="")
    end = time.monotonic() + 30
    while begun(server) == 1 and time.monotonic() < end:
        time.sleep(0.1)
    server.wait_until_ready()
    assert len(server.run("ls", "/proc/1/fd").stdout.split()) <= len(before.split())
