"""Fixtures of the tests of several containers: those of the images' tests, and the figures of a scenario."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import docker
import pytest

from harness import containers
from tests.image.conftest import (
    client,
    engine,
    image,
    network,
    pytest_addoption,
    pytest_ignore_collect,
    pytest_runtest_makereport,
    run,
    serve,
    services,
    start,
    started,
    tool,
    variant,
)

__all__ = [
    "client",
    "engine",
    "image",
    "network",
    "pytest_addoption",
    "pytest_ignore_collect",
    "pytest_runtest_makereport",
    "run",
    "serve",
    "services",
    "start",
    "started",
    "tool",
    "variant",
]

Figure = Callable[[str, object], None]


@pytest.fixture
def figure(record_property: Callable[[str, object], None]) -> Figure:
    """Return a function that notes a figure of the scenario for the report, by its name."""
    return record_property


@pytest.fixture
def volume(client: docker.DockerClient) -> Iterator[str]:
    """Yield the name of a volume that outlives containers; what uses it must be set up after it."""
    made = client.volumes.create(labels={containers.LABEL: "volume"})
    yield str(made.name)
    made.remove(force=True)
