"""Containers of the image under test, and Orthanc servers that run in them."""

from __future__ import annotations

import io
import json
import tarfile
import time
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

import docker
import docker.errors
import pytest
import requests

LOGIN = ("demo", "only-for-tests")
"""The user of the servers of these tests, and the password."""

USERS = {"ORTHANC__REGISTERED_USERS": json.dumps(dict([LOGIN]))}
"""The environment that gives a server its one user."""

HOST = "host.docker.internal"
"""The name under which a container of these tests reaches the machine that the tests run on."""

LABEL = "org.orthanc.tests"
"""Each container and image that a test makes carries this label."""

HTTP_PORT = "8042/tcp"
DICOM_PORT = "4242/tcp"


class Logged(Protocol):
    """Something that runs in a container and has a log."""

    @property
    def container(self) -> Any:
        """Return the container, as the Docker SDK knows it."""

    def logs(self) -> str:
        """Return everything that it has written."""


SERVERS = pytest.StashKey[list[Logged]]()
"""Where a test's item keeps the servers and services whose logs are shown when it fails."""


patience = 1
"""How often as long as usual anything may take: more where the processor is emulated, see conftest.py."""


class CommandOutput(NamedTuple):
    """The result of a command in a container: exit code, standard output, standard error."""

    code: int
    stdout: str
    stderr: str


class NotReadyError(AssertionError):
    """A server that ended, or did not answer in time, with its log."""


def archive(files: Mapping[str, bytes | str], uid: int = 0) -> bytes:
    """Return a tar archive of the files (path to content), owned by uid, for everyone to read and execute."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for path, content in files.items():
            data = content.encode() if isinstance(content, str) else content
            entry = tarfile.TarInfo(path.lstrip("/"))
            entry.size, entry.uid, entry.gid, entry.mode = len(data), uid, uid, 0o755
            tar.addfile(entry, io.BytesIO(data))
    return buffer.getvalue()


def create(
    client: docker.DockerClient, image: str, command: Sequence[str], options: Mapping[str, Any]
) -> Any:
    """Return a new container, not started, that carries the label of the tests and can reach this machine."""
    return client.containers.create(
        image,
        list(command),
        **{"labels": {LABEL: "container"}, "extra_hosts": {HOST: "host-gateway"}, **options},
    )


def output(client: docker.DockerClient, image: str, command: Sequence[str], **options: Any) -> CommandOutput:
    """Run a command in a container that is removed afterwards; return its output and exit code."""
    timeout = options.pop("timeout", 60)
    files = options.pop("files", None)
    container = create(client, image, command, options)
    try:
        if files:
            container.put_archive("/", archive(files))
        container.start()
        code = container.wait(timeout=timeout * patience)["StatusCode"]
        return CommandOutput(
            code,
            container.logs(stdout=True, stderr=False).decode(errors="replace"),
            container.logs(stdout=False, stderr=True).decode(errors="replace"),
        )
    finally:
        container.remove(force=True, v=True)


class Orthanc:
    """An Orthanc server in a container, reached through ports that are published on the loopback."""

    def __init__(self, container: Any, *, scheme: str = "http", aet: str = "ORTHANC") -> None:
        self.container = container
        self.scheme = scheme
        self.aet = aet
        self.session = requests.Session()
        self.session.auth = LOGIN
        self.session.trust_env = False

    @property
    def state(self) -> dict[str, Any]:
        """Return the engine's state of the container: Status, Pid, ExitCode, StartedAt, Health and more."""
        self.container.reload()
        state: dict[str, Any] = self.container.attrs["State"]
        return state

    @property
    def process(self) -> tuple[int, str]:
        """Return process id on the engine's machine and time of start: equal until something restarts."""
        state = self.state
        return state["Pid"], state["StartedAt"]

    @property
    def running(self) -> bool:
        """Tell whether the container runs now."""
        return bool(self.state["Running"])

    @property
    def exit_code(self) -> int | None:
        """Return the exit code of the container, None while it runs."""
        state = self.state
        return None if state["Running"] else int(state["ExitCode"])

    def address(self, port: str) -> tuple[str, int]:
        """Return the address of the container's port ("8042/tcp"); it changes when the container restarts."""
        if not self.container.ports.get(port):
            self.container.reload()
        published = self.container.ports.get(port)
        if not published:
            raise NotReadyError(f"{self.container.name}: port {port} is not published.\n{self.logs()}")
        return published[0]["HostIp"], int(published[0]["HostPort"])

    @property
    def url(self) -> str:
        """Return the root of the REST API, without a slash at its end."""
        host, port = self.address(HTTP_PORT)
        return f"{self.scheme}://{host}:{port}"

    @property
    def dicom_address(self) -> tuple[str, int]:
        """Return host and port of the DICOM server."""
        return self.address(DICOM_PORT)

    def request(self, method: str, path: str, **options: Any) -> requests.Response:
        """Return the answer to a request as user demo, whatever its status."""
        options["timeout"] = options.get("timeout", 30) * patience
        try:
            return self.session.request(method, self.url + path, **options)
        finally:
            # Orthanc ends an idle connection after a second, and a POST on its way then would be lost.
            self.session.close()

    def get(self, path: str, **options: Any) -> requests.Response:
        """Return the answer to GET, whatever its status."""
        return self.request("GET", path, **options)

    def post(self, path: str, data: Any = None, **options: Any) -> requests.Response:
        """Return the answer to POST, whatever its status."""
        return self.request("POST", path, data=data, **options)

    def put(self, path: str, data: Any = None, **options: Any) -> requests.Response:
        """Return the answer to PUT, whatever its status."""
        return self.request("PUT", path, data=data, **options)

    def delete(self, path: str, **options: Any) -> requests.Response:
        """Return the answer to DELETE, whatever its status."""
        return self.request("DELETE", path, **options)

    def json(self, path: str, **options: Any) -> Any:
        """Return the JSON that GET answers with; any status but 2xx is an error."""
        answer = self.get(path, **options)
        answer.raise_for_status()
        return answer.json()

    def upload(self, content: bytes) -> dict[str, Any]:
        """Return Orthanc's answer (ID, ParentStudy, Status, …) to the upload of one DICOM file."""
        answer = self.post("/instances", content)
        answer.raise_for_status()
        said: dict[str, Any] = answer.json()
        return said

    def plugins(self) -> set[str]:
        """Return the names of the plugins that are loaded, as each one calls itself."""
        return set(self.json("/plugins")) - {"explorer.js"}

    def logs(self) -> str:
        """Return everything that the container has written to standard output and standard error."""
        return str(self.container.logs().decode(errors="replace"))

    def run(self, *argv: str, user: str = "") -> CommandOutput:
        """Run a command inside this running container; return its output and exit code."""
        code, (out, err) = self.container.exec_run(list(argv), user=user, demux=True)
        return CommandOutput(
            code, (out or b"").decode(errors="replace"), (err or b"").decode(errors="replace")
        )

    def read(self, path: str) -> bytes:
        """Return the content of a file in the container; links are followed."""
        code, content = self.container.exec_run(["cat", path])
        assert code == 0, f"{path}: {content.decode(errors='replace')}"
        return bytes(content)

    def write(self, path: str, content: bytes | str, uid: int = 999) -> None:
        """Put a file into the container."""
        self.container.put_archive("/", archive({path: content}, uid))

    def wait_until_ready(self, timeout: float = 30) -> None:
        """Wait until the REST API answers; raises NotReadyError when the container ends, or time is up."""
        end = time.monotonic() + timeout * patience
        while time.monotonic() < end:
            if not self.running:
                raise NotReadyError(f"{self.container.name}: exit code {self.exit_code}.\n{self.logs()}")
            try:
                self.get("/system", timeout=5)
            except requests.RequestException:
                time.sleep(0.1)
            else:
                return
        raise NotReadyError(f"{self.container.name}: no answer in {timeout} s.\n{self.logs()}")

    def wait_for_exit(self, timeout: float = 30) -> int:
        """Return the exit code of the container, once it has ended by itself."""
        return int(self.container.wait(timeout=timeout * patience)["StatusCode"])

    def stop(self, timeout: int = 10) -> float:
        """Return seconds from SIGTERM to the end, by the engine's clock; it is killed after the timeout.

        What an emulated server needs more is taken out.
        """
        begun = int(time.time()) - 1
        self.container.stop(timeout=timeout * patience)
        events = self.container.client.api.events(
            since=begun,
            until=int(time.time()) + 5,
            filters={"container": self.container.id, "event": ["kill", "die"]},
            decode=True,
        )
        times: dict[str, int] = {}
        for event in events:
            times.setdefault(event["Action"], event["timeNano"])
            if "die" in times:
                break
        events.close()
        return (times["die"] - times["kill"]) / 1e9 / patience

    def wait_for_log(self, words: str, timeout: float = 10) -> None:
        """Wait until the log holds these words; messages from other threads of Orthanc come late."""
        end = time.monotonic() + timeout * patience
        while words not in self.logs():
            assert time.monotonic() < end, f"not in the log within {timeout} s: {words}"
            time.sleep(0.1)

    def start_again(self, timeout: float = 30) -> None:
        """Start the stopped container again, and return once it answers."""
        self.container.start()
        self.container.reload()
        self.wait_until_ready(timeout)

    def remove(self) -> None:
        """End the container, and remove it with its volumes."""
        self.session.close()
        self.container.remove(force=True, v=True)


def launch(
    client: docker.DockerClient,
    image: str,
    environment: Mapping[str, str] | None = None,
    *,
    arguments: Sequence[str] = (),
    users: bool = True,
    scheme: str = "http",
    files: Mapping[str, bytes | str] | None = None,
    **options: Any,
) -> Orthanc:
    """Return the server of a container that has just been started: see `start` in conftest.py."""
    given = {**(USERS if users else {}), **(environment or {})}
    options.setdefault("ports", {HTTP_PORT: ("127.0.0.1", None), DICOM_PORT: ("127.0.0.1", None)})
    container = create(client, image, arguments, {"environment": given, **options})
    try:
        if files:
            container.put_archive("/", archive(files))
        container.start()
        container.reload()
    except docker.errors.APIError:
        container.remove(force=True, v=True)
        raise
    return Orthanc(container, scheme=scheme, aet=given.get("ORTHANC__DICOM_AET", "ORTHANC"))
