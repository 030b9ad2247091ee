"""Running services: which there are, and a container of one on a network of the tests."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import docker
import docker.errors

from harness import containers
from harness.containers import LABEL, CommandOutput, NotReadyError


class ServiceKind(NamedTuple):
    """A service that can be started: its port, and how long it may take."""

    port: int
    seconds: float = 60


KINDS: Mapping[str, ServiceKind] = {
    "azurite": ServiceKind(10000),
    "chromium": ServiceKind(4444),
    "dcmtk": ServiceKind(4242),
    "earlier": ServiceKind(8042),
    "google": ServiceKind(9023),
    "haproxy": ServiceKind(80),
    "mariadb": ServiceKind(3306),
    "moto": ServiceKind(5000),
    "nginx": ServiceKind(80),
    "oidc": ServiceKind(3000),
    "postgresql": ServiceKind(5432),
    "registry": ServiceKind(5000),
}


class Service:
    """A service in a container, which Orthanc reaches by its name, and the tests on the loopback."""

    def __init__(self, container: Any, kind: ServiceKind, name: str) -> None:
        self.container = container
        self.kind = kind
        self.name = name

    @property
    def inside(self) -> str:
        """Return host and port for a container on the same network: "moto:5000"."""
        return f"{self.name}:{self.kind.port}"

    @property
    def address(self) -> tuple[str, int]:
        """Return host and port on this machine."""
        self.container.reload()
        published = self.container.ports.get(f"{self.kind.port}/tcp")
        if not published:
            raise NotReadyError(f"{self.container.name} has ended.\n{self.logs()}")
        return published[0]["HostIp"], int(published[0]["HostPort"])

    @property
    def url(self) -> str:
        """Return the service's address on this machine, for HTTP, without a slash at its end."""
        host, port = self.address
        return f"http://{host}:{port}"

    def run(self, *argv: str, user: str = "") -> CommandOutput:
        """Run a command inside this running container; return its output and exit code."""
        code, (out, err) = self.container.exec_run(list(argv), user=user, demux=True)
        return CommandOutput(
            code, (out or b"").decode(errors="replace"), (err or b"").decode(errors="replace")
        )

    def logs(self) -> str:
        """Return everything that the container has written to standard output and standard error."""
        return str(self.container.logs().decode(errors="replace"))

    def stop(self, timeout: int = 5) -> None:
        """End the service; its clients find the port closed."""
        self.container.stop(timeout=timeout)

    def start_again(self) -> None:
        """Start the stopped service, and return once it answers."""
        self.container.start()
        self.wait_until_ready()

    def pause(self) -> None:
        """Freeze the service: its clients wait."""
        self.container.pause()

    def unpause(self) -> None:
        """Let the service continue after a pause."""
        self.container.unpause()

    def wait_until_ready(self) -> None:
        """Wait until the service answers; raises NotReadyError when it ends first, or its time is up."""
        end = time.monotonic() + self.kind.seconds
        while True:
            try:
                if self.run("/service/ready").code == 0:
                    return
            except docker.errors.APIError as error:
                raise NotReadyError(f"{self.container.name} has ended.\n{self.logs()}") from error
            if time.monotonic() > end:
                raise NotReadyError(f"{self.container.name} does not answer.\n{self.logs()}")
            time.sleep(0.1)

    def remove(self) -> None:
        """End the container, and remove it with its volumes."""
        self.container.remove(force=True, v=True)


def on(client: docker.DockerClient, network: str, *names: str) -> dict[str, Any]:
    """Return the options of a container that others on this network find by these names."""
    config = client.api.create_endpoint_config(aliases=list(names))
    return {"network": network, "networking_config": {network: config}}


def launch(
    client: docker.DockerClient,
    tag: str,
    network: str,
    stage: str,
    *,
    name: str = "",
    arguments: Sequence[str] = (),
    files: Mapping[str, bytes | str] | None = None,
    environment: Mapping[str, str] | None = None,
    **options: Any,
) -> Service:
    """Start the container of a service on the network, under its name (default: its kind), and return it.

    `files` are put into the container before it starts, `arguments` go to the service's own start script.
    """
    kind, name = KINDS[stage], name or stage
    ports: dict[str, Any] = {f"{kind.port}/tcp": ("127.0.0.1", None)}
    container = client.containers.create(
        tag,
        ["/service/start", *arguments],
        labels={LABEL: "service"},
        environment=dict(environment or {}),
        ports=ports,
        **on(client, network, name),
        **options,
    )
    try:
        if files:
            container.put_archive("/", containers.archive(files))
        container.start()
    except docker.errors.APIError:
        container.remove(force=True, v=True)
        raise
    return Service(container, kind, name)
