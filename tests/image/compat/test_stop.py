"""Stops and resets of a server with clients: it takes nothing more, and waits for nobody long."""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Iterator

import pytest
import requests
from pynetdicom.association import Association
from pynetdicom.sop_class import CTImageStorage, Verification  # type: ignore[attr-defined]

from harness import dicom, peers
from harness.containers import DICOM_PORT, LOGIN, Orthanc
from tests.image.conftest import Start

pytestmark = pytest.mark.inherited

GRACE = 10
"""The seconds that Docker gives by default."""

SLOW = """
function Finalize()
  print("finalizing")
  local last = os.time() + 4
  while os.time() < last do end
end
"""
"""A script that makes the stop last some seconds, as plugins may."""

CONTEXTS = [(Verification, None), (CTImageStorage, None)]


@pytest.fixture
def associations() -> Iterator[contextlib.ExitStack]:
    """Yield a stack of associations, which are released in the end where the server has not aborted them."""
    with contextlib.ExitStack() as stack:
        yield stack


def echoed(link: Association) -> bool:
    """Tell whether the association is still there, and answers."""
    return bool(link.is_established and link.send_c_echo().get("Status") == 0)


def begun(server: Orthanc) -> int:
    """Return how often Orthanc has started in this container, by its log."""
    return server.logs().count("Orthanc has started")


def reset(server: Orthanc) -> None:
    """Reset the server, and return once it serves again."""
    number = begun(server)
    server.post("/tools/reset", data="")
    end = time.monotonic() + 30
    while begun(server) == number and time.monotonic() < end:
        time.sleep(0.1)
    assert begun(server) == number + 1


def halted(link: Association) -> None:
    """Let a client send the beginning of a message, and no more of it."""
    transport = link.dul.socket
    assert transport is not None
    assert transport.socket is not None
    transport.socket.sendall(b"\x04\x00" + (4096).to_bytes(4, "big") + bytes(100))


def cut(server: Orthanc) -> socket.socket:
    """Return a connection that has begun an association request, and goes no further."""
    link = socket.create_connection(server.address(DICOM_PORT), 10)
    link.sendall(b"\x01\x00\x00\x00\x00\xcd\x00\x01\x00\x00")
    return link


@pytest.mark.timeout(60)
def test_idle_clients(start: Start, associations: contextlib.ExitStack) -> None:
    """Neither open associations nor clients that halt in the middle of a message delay a stop."""
    server = start()
    for _ in range(6):
        link = associations.enter_context(peers.association(server, CONTEXTS))
        assert echoed(link)
    halted(link)
    associations.enter_context(cut(server))
    assert server.stop(timeout=20) < GRACE
    assert server.exit_code == 0


@pytest.mark.timeout(60)
@pytest.mark.parametrize("way", ["SIGTERM", "SIGINT", "shutdown"])
def test_no_more_is_taken(way: str, start: Start, associations: contextlib.ExitStack) -> None:
    """From the stop on, requests get 503, associations end, and none is accepted; then it ends with 0."""
    server = start(files={"/tmp/slow.lua": SLOW}, environment={"ORTHANC__LUA_SCRIPTS": '["/tmp/slow.lua"]'})
    link = associations.enter_context(peers.association(server, CONTEXTS))
    url, address = server.url, server.dicom_address
    if way == "shutdown":
        server.post("/tools/shutdown", data="")
    else:
        server.container.kill(way)
    server.wait_for_log("finalizing")
    time.sleep(1)
    answer = requests.post(f"{url}/instances", dicom.encoded(dicom.ct()), auth=LOGIN, timeout=5)
    assert (answer.status_code, answer.text) == (503, "Orthanc is stopping\n")
    assert answer.headers["Retry-After"] == "10"
    link.dimse_timeout = 3
    assert not echoed(link)
    with socket.create_connection(address, 5) as late:
        late.settimeout(1)
        with contextlib.suppress(TimeoutError):
            assert late.recv(1) == b""
    assert server.wait_for_exit(GRACE + 4) == 0


@pytest.mark.timeout(60)
def test_a_reset_ends_service_for_a_while(start: Start, associations: contextlib.ExitStack) -> None:
    """A reset does not wait for idle associations either, and the server serves again: twice."""
    server = start()
    process = server.state["Pid"]
    for _ in range(2):
        link = associations.enter_context(peers.association(server, CONTEXTS))
        began = time.monotonic()
        reset(server)
        assert time.monotonic() - began < GRACE
        assert not echoed(link)
        assert server.get("/system").status_code == 200
        assert peers.store(server, [dicom.ct()]) == [0]
    assert server.state["Pid"] == process


@pytest.mark.timeout(60)
def test_a_reload_without_changes_disturbs_nobody(start: Start, associations: contextlib.ExitStack) -> None:
    """SIGHUP with the same configuration leaves associations open, and answers every request."""
    server = start()
    link = associations.enter_context(peers.association(server, CONTEXTS))
    server.container.kill("SIGHUP")
    end, codes = time.monotonic() + 2, set()
    while time.monotonic() < end:
        codes.add(server.get("/system").status_code)
        assert echoed(link)
    server.wait_for_log("SIGHUP signal has been received, but is ignored")
    assert codes == {200}
