"""Fixtures of the tests of one built image: `pytest tests/image/common --image orthanc:latest`."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import docker
import pytest
import testinfra
import testinfra.host

from builder.engine.client import Engine, find
from harness import containers
from harness.containers import SERVERS, CommandOutput, Logged, Orthanc
from harness.peers import Receiver
from services.fixtures import network, serve, services, started, tool

__all__ = ["network", "serve", "services", "started", "tool"]

Start = Callable[..., Orthanc]
Run = Callable[..., CommandOutput]


def steady(request: pytest.FixtureRequest, launched: Orthanc) -> Iterator[Orthanc]:
    """Yield the server of a module, which answers after the test, and is the same process."""
    request.node.stash.setdefault(SERVERS, []).append(launched)
    if not launched.running:
        launched.start_again()
    before = launched.process
    yield launched
    assert launched.exit_code is None, "the server has ended"
    assert launched.get("/system").status_code == 200
    assert launched.process == before


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add --image, --variant, --extends and --patience."""
    parser.addoption("--image", help="the image to test, for example orthanc:latest")
    parser.addoption("--variant", default="default", help="the variant that this image is: default or full")
    parser.addoption("--extends", default="", help="the image that it extends, if that has just been tested")
    parser.addoption("--patience", type=int, default=1, help="how often as long as usual anything may take")


def pytest_configure(config: pytest.Config) -> None:
    """Set how patient the tests are."""
    containers.patience = config.getoption("--patience", default=1)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what may take long, and give tests that have a limit of time more of it, to be patient.

    Otherwise one of two processes would often be left with a long file in the end.
    """
    files: dict[Path, list[pytest.Item]] = {}
    for item in items:
        files.setdefault(item.path, []).append(item)
    items[:] = [item for file in sorted(files.values(), key=soonest) for item in file]
    for item in items:
        if longest := limit(item):
            item.add_marker(pytest.mark.timeout(longest * containers.patience), append=False)


def soonest(file: list[pytest.Item]) -> tuple[float, int]:
    """Return the place of a file: first those with the longest limits, then those with the most tests."""
    return -max(map(limit, file)), -len(file)


def limit(item: pytest.Item) -> float:
    """Return the seconds that a test may take; 0 for one without a limit of its own."""
    mark = item.get_closest_marker("timeout")
    return float(mark.args[0]) if mark else 0


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave the tests of images out of a run that names no image."""
    return None if config.getoption("--image", default=None) else True


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show the log of each server that a failed test used."""
    report = yield
    if report.failed:
        for server in item.stash.get(SERVERS, []):
            with contextlib.suppress(docker.errors.APIError):
                report.sections.append((f"log of {server.container.name}", server.logs()))
    return report


@pytest.fixture(scope="session")
def image(request: pytest.FixtureRequest) -> str:
    """Return the image under test, as the engine knows it."""
    return str(request.config.getoption("--image"))


@pytest.fixture(scope="session")
def variant(request: pytest.FixtureRequest) -> str:
    """Return the variant that the image under test is."""
    return str(request.config.getoption("--variant"))


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    """Yield the engine that the toolkit builds with; its client comes first on the path, for testinfra."""
    found = find()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", str(Path(found.client).parent), prepend=os.pathsep)
        yield found


@pytest.fixture(scope="session")
def client(engine: Engine) -> Iterator[docker.DockerClient]:
    """Yield the engine, through the Docker SDK; DOCKER_HOST and what belongs to it go first."""
    by_address = engine.endpoint and "DOCKER_HOST" not in os.environ
    made = docker.DockerClient(base_url=engine.endpoint) if by_address else docker.from_env()
    yield made
    made.close()


@pytest.fixture(scope="session")
def facts(client: docker.DockerClient, image: str) -> dict[str, Any]:
    """Return the engine's words on the image: Config, RootFS, Architecture and more."""
    attributes: dict[str, Any] = client.images.get(image).attrs
    return attributes


@pytest.fixture(scope="session")
def asleep(client: docker.DockerClient, image: str) -> Iterator[str]:
    """Yield the id of a container of the image in which nothing runs but sleep."""
    container = containers.create(client, image, ["infinity"], {"entrypoint": ["sleep"], "init": True})
    container.start()
    yield container.id
    container.remove(force=True, v=True)


@pytest.fixture(scope="session")
def host(asleep: str) -> testinfra.host.Host:
    """Return the inside of a container, through testinfra, as the image's own user."""
    return testinfra.get_host(f"docker://{asleep}")


@pytest.fixture(scope="session")
def root_host(asleep: str) -> testinfra.host.Host:
    """Return the inside of a container, through testinfra, as root."""
    return testinfra.get_host(f"docker://root@{asleep}")


@pytest.fixture(scope="session")
def contents(host: testinfra.host.Host) -> dict[str, Any]:
    """Return the image's own list of what it holds, components.json."""
    held: dict[str, Any] = json.loads(host.file("/usr/share/orthanc/components.json").content_string)
    return held


@pytest.fixture
def run(client: docker.DockerClient, image: str) -> Run:
    """Return a function that is `docker run IMAGE arguments…` to its end; options (user, …) go to docker."""

    def output(*arguments: str, **options: Any) -> CommandOutput:
        return containers.output(client, image, arguments, **options)

    return output


@pytest.fixture
def start(request: pytest.FixtureRequest, client: docker.DockerClient, image: str) -> Iterator[Start]:
    """Yield a function that starts a server of this image; it is removed when the test ends.

    start(environment, arguments=…, user=…, files={path: content}, wait=False, …): files are put into the
    container before it starts; users=False leaves out the user demo; scheme="https" speaks TLS, with verify
    and cert as requests has them; what else is given goes to docker (cap_drop, read_only, tmpfs, volumes).
    """
    servers: list[Logged] = request.node.stash.setdefault(SERVERS, [])
    begun: list[Orthanc] = []

    def begin(
        environment: Mapping[str, str] | None = None,
        *,
        arguments: Sequence[str] = (),
        wait: bool = True,
        timeout: float = 30,
        verify: bool | str = True,
        cert: tuple[str, str] | None = None,
        **options: Any,
    ) -> Orthanc:
        server = containers.launch(
            client, options.pop("image", image), environment, arguments=arguments, **options
        )
        begun.append(server)
        servers.append(server)
        server.session.verify, server.session.cert = verify, cert
        if wait:
            server.wait_until_ready(timeout)
        return server

    yield begin
    for server in begun:
        server.remove()


@pytest.fixture(scope="session")
def receiver(client: docker.DockerClient) -> Iterator[Receiver]:
    """Yield a DICOM server of the tests, TESTER, that keeps what it is sent."""
    with Receiver.on(client) as listening:
        yield listening


@pytest.fixture(scope="session")
def one_server(client: docker.DockerClient, image: str, receiver: Receiver) -> Iterator[Orthanc]:
    """Yield one server for all tests that ask for `orthanc`."""
    server = containers.launch(
        client,
        image,
        {
            "DICOM_WEB_PLUGIN_ENABLED": "true",
            "ORTHANC__DICOM_MODALITIES": json.dumps({"tester": receiver.modality}),
        },
    )
    try:
        server.wait_until_ready()
        yield server
    finally:
        server.remove()


@pytest.fixture
def orthanc(request: pytest.FixtureRequest, one_server: Orthanc) -> Orthanc:
    """Return a running server, shared by the whole run, with DICOMweb, user demo and the modality TESTER."""
    request.node.stash.setdefault(SERVERS, []).append(one_server)
    return one_server
