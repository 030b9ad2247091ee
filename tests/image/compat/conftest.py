"""Fixtures of the crash tests: a server that must be the same process after each test."""

from __future__ import annotations

from collections.abc import Iterator

import docker
import pytest

from harness import containers
from harness.containers import Orthanc
from tests.image.conftest import steady


@pytest.fixture(scope="module")
def environment() -> dict[str, str]:
    """Return the variables that the server of a test module starts with; a module may give its own."""
    return {"DICOM_WEB_PLUGIN_ENABLED": "true"}


@pytest.fixture(scope="module")
def files() -> dict[str, bytes | str]:
    """Return the files that are put into the container before it starts; a module may give its own."""
    return {}


@pytest.fixture(scope="module")
def memory() -> str | None:
    """Return the memory that the server may take: all there is."""
    return None


@pytest.fixture(scope="module")
def launched(
    client: docker.DockerClient,
    image: str,
    environment: dict[str, str],
    files: dict[str, bytes | str],
    memory: str | None,
) -> Iterator[Orthanc]:
    """Yield the server that the tests of a module share."""
    server = containers.launch(
        client, image, environment, files=files, mem_limit=memory, memswap_limit=memory
    )
    try:
        server.wait_until_ready()
        yield server
    finally:
        server.remove()


@pytest.fixture
def server(request: pytest.FixtureRequest, launched: Orthanc) -> Iterator[Orthanc]:
    """Yield the module's server, which answers after the test, and has not been restarted."""
    yield from steady(request, launched)
