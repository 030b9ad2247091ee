"""Fixtures that start services; conftest.py of each suite that wants them imports them from here."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from typing import Any

import docker
import pytest

from builder.engine.client import Engine
from harness.containers import LABEL, SERVERS
from services import images, running
from services.running import Service

Services = Callable[[str], Service]
Serve = Callable[..., Service]
Tool = Callable[[str], str]


@pytest.fixture(scope="session")
def network(client: docker.DockerClient) -> Iterator[str]:
    """Yield the name of a network of this run, on which containers find each other by name."""
    made = client.networks.create(f"orthanc-tests-{secrets.token_hex(4)}", labels={LABEL: "network"})
    yield str(made.name)
    made.remove()


@pytest.fixture(scope="session")
def tool(engine: Engine, client: docker.DockerClient, image: str) -> Tool:
    """Return a function from a stage of services/Dockerfile to the tag of its image, built if needed."""
    return lambda stage: images.built(engine, client, image, stage)


@pytest.fixture(scope="session")
def started(client: docker.DockerClient, network: str, tool: Tool) -> Iterator[Services]:
    """Yield a function that starts a service once for the whole run; tests ask for `services`."""
    running_: dict[str, Service] = {}

    def begin(stage: str) -> Service:
        if stage not in running_:
            running_[stage] = running.launch(client, tool(stage), network, stage)
            running_[stage].wait_until_ready()
        return running_[stage]

    yield begin
    for service in running_.values():
        service.remove()


@pytest.fixture
def services(request: pytest.FixtureRequest, started: Services) -> Services:
    """Return a function from the kind of a service, such as "postgresql", to the one that all tests share."""

    def found(stage: str) -> Service:
        service = started(stage)
        request.node.stash.setdefault(SERVERS, []).append(service)
        return service

    return found


@pytest.fixture
def serve(
    request: pytest.FixtureRequest, client: docker.DockerClient, network: str, tool: Tool
) -> Iterator[Serve]:
    """Yield a function that starts a service such as "moto" for this test alone, with options of `launch`."""
    begun: list[Service] = []

    def begin(stage: str, *, name: str = "", **options: Any) -> Service:
        alias = name or f"{stage}-{secrets.token_hex(3)}"
        service = running.launch(client, tool(stage), network, stage, name=alias, **options)
        begun.append(service)
        request.node.stash.setdefault(SERVERS, []).append(service)
        service.wait_until_ready()
        return service

    yield begin
    for service in begun:
        service.remove()
