"""Fixtures of the tests of object stores: a bucket of its own for each test, and servers that use it."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterator
from typing import Any

import docker
import pytest

from harness import containers, definition, stores
from harness.containers import SERVERS, Orthanc
from harness.gateway import Gateway
from harness.stores import AnyBucket
from services.fixtures import Services
from tests.image.conftest import Start

FOLDER = "/var/lib/orthanc/db"
Volume = dict[str, dict[str, str]]
Keep = Callable[..., Orthanc]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run each test that asks for a store with every store whose plugin is in the image."""
    if "store" in metafunc.fixturenames:
        variant = metafunc.config.getoption("--variant")
        there = [
            pytest.param(each, id=each.title, marks=[pytest.mark.inherited] if each in below(variant) else [])
            for each in stores.of(definition.plugins(definition.components(variant)))
        ]
        metafunc.parametrize("store", there, scope="session")


def below(variant: str) -> list[type[AnyBucket]]:
    """Return the stores whose plugins are in the image that this variant extends, too."""
    extended = definition.extended(variant)
    return list(stores.of(definition.plugins(definition.components(extended)))) if extended else []


def bucket_of(store: type[AnyBucket], started: Services) -> AnyBucket:
    """Return a new bucket in the emulator that the whole run shares."""
    made = store(started(store.kind), f"tests-{secrets.token_hex(5)}")
    made.make()
    return made


@pytest.fixture
def bucket(store: type[AnyBucket], services: Services) -> AnyBucket:
    """Return a bucket of this test alone."""
    return bucket_of(store, services)


@pytest.fixture
def gateway(client: docker.DockerClient, bucket: AnyBucket) -> Iterator[Gateway]:
    """Yield a gateway to the bucket's service, which the bucket's settings name from now on."""
    with Gateway.on(client, bucket.service.address) as made:
        bucket.via = made.inside
        yield made


def configuration(bucket: AnyBucket, settings: dict[str, Any], more: dict[str, Any]) -> dict[str, str]:
    """Return the environment of a server with its files in the bucket; settings go to the plugin's section.

    Its cache of files is off, so that what is read comes from the store.
    """
    section = {bucket.plugin: {**bucket.settings, **settings}}
    return {"ORTHANC_JSON": json.dumps({"MaximumStorageCacheSize": 0, **section, **more})}


@pytest.fixture
def volume(client: docker.DockerClient) -> Iterator[Volume]:
    """Yield Docker's option for a volume that several servers of a test have as Orthanc's folder, in turn."""
    made = client.volumes.create(f"orthanc-tests-{secrets.token_hex(5)}")
    yield {made.name: {"bind": FOLDER, "mode": "rw"}}
    made.remove()


@pytest.fixture
def keep(volume: Volume, start: Start, network: str) -> Keep:
    """Return a function from a bucket, settings of the plugin and more to a server of the image that uses it.

    What has a small first letter goes to `start`, the rest to Orthanc's configuration. The servers end
    before the volume does.
    """

    def begin(bucket: AnyBucket, settings: dict[str, Any] | None = None, **given: Any) -> Orthanc:
        more = {key: value for key, value in given.items() if key[0].isupper()}
        options = {key: value for key, value in given.items() if not key[0].isupper()}
        files = {**bucket.files, **options.pop("files", {})}
        environment = {**configuration(bucket, settings or {}, more), **options.pop("environment", {})}
        return start(environment, files=files, **{"network": network, **options})

    return begin


@pytest.fixture(scope="module")
def shared(
    client: docker.DockerClient, image: str, network: str, started: Services, store: type[AnyBucket]
) -> Iterator[tuple[Orthanc, AnyBucket]]:
    """Yield one server with a bucket, for all tests of a module that change neither."""
    bucket = bucket_of(store, started)
    environment = configuration(bucket, {}, {})
    server = containers.launch(client, image, environment, files=bucket.files, network=network)
    try:
        server.wait_until_ready()
        yield server, bucket
    finally:
        server.remove()


@pytest.fixture
def kept(
    request: pytest.FixtureRequest, shared: tuple[Orthanc, AnyBucket], started: Services
) -> tuple[Orthanc, AnyBucket]:
    """Return the shared server and its bucket; both logs are shown when the test fails."""
    server, bucket = shared
    request.node.stash.setdefault(SERVERS, []).extend([server, started(bucket.kind)])
    return shared
