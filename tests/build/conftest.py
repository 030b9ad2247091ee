"""The second engine of the tests of the build, which all of them share."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from builder.shell import which
from tests.build import engines
from tests.build.engines import Second


@pytest.fixture(scope="session")
def second() -> Iterator[Second | None]:
    """Yield a second engine, whose cache is empty at first; None where none can be started."""
    dockerd = which("dockerd", os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin"]))
    if os.geteuid() != 0 or not dockerd:
        yield None
        return
    with engines.started(dockerd) as found:
        yield found
