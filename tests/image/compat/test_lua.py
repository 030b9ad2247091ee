"""Nested sequences handed to a Lua script, on Lua's own stack."""

from __future__ import annotations

import time

import pytest

from harness.containers import Orthanc
from tests.image.compat import nested

pytestmark = pytest.mark.inherited

SCRIPT = """
function OnStoredInstance(instanceId, tags, metadata)
  local count, inner = 0, tags
  while inner["ContentSequence"] do
    inner = inner["ContentSequence"][1]
    count = count + 1
  end
  print("nested " .. count .. " in JSON " .. #DumpJson(tags))
end
"""


@pytest.fixture(scope="module")
def environment() -> dict[str, str]:
    return {"ORTHANC__LUA_SCRIPTS": '["/tmp/nested.lua"]'}


@pytest.fixture(scope="module")
def files() -> dict[str, bytes | str]:
    return {"/tmp/nested.lua": SCRIPT}


def log_with(server: Orthanc, words: str, timeout: float = 10) -> str:
    """Return the server's log, once the words stand in it or the time is up or the server has ended."""
    end = time.monotonic() + timeout
    while words not in server.logs() and time.monotonic() < end and server.running:
        time.sleep(0.1)
    return server.logs()


@pytest.mark.parametrize("depth", [5, 14, 40, 63])
def test_depth(server: Orthanc, depth: int) -> None:
    """A script sees all levels of a file, up to the deepest one that Orthanc keeps."""
    _, content = nested.file(depth, nested.ENCODINGS[0], "lua")
    server.upload(content)
    words = f"Lua says: nested {depth} in JSON "
    assert words in log_with(server, words)
