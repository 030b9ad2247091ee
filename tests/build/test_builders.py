"""Builders elsewhere, for real: a second engine does the work, and the images come to the first one."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import docker
import docker.errors
import pytest

from builder.builders import PASSING
from builder.client import find
from builder.shell import Completed, run, which
from builder.tree import copied
from tests.build.relay import Relay

ROOT = Path(__file__).resolve().parents[2]
NAME = "orthanc-built-elsewhere"
INVOKE = str(Path(sys.executable).parent / "invoke")
PATIENCE = 60.0


class Second(NamedTuple):
    """An engine of the tests, beside the one in use: its Docker context, its socket, and what it says."""

    context: str
    socket: Path
    log: Path

    def images(self) -> str:
        """The images that it keeps, a line each."""
        return docker_("--context", self.context, "image", "ls", "--quiet").stdout


def docker_(*words: str) -> Completed:
    """Call the client that the toolkit calls."""
    return run([find().client, *words])


@pytest.fixture(scope="module")
def second() -> Iterator[Second]:
    """A second dockerd with BuildKit's own exporters, in a folder of its own and without networks."""
    dockerd = which("dockerd", os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin"]))
    if os.geteuid() != 0 or not dockerd:
        pytest.skip("a second engine needs root and dockerd")
    folder = Path(tempfile.mkdtemp(prefix="orthanc-second-"))
    settings = {
        "data-root": str(folder / "data"),
        "exec-root": str(folder / "exec"),
        "pidfile": str(folder / "pid"),
        "hosts": [f"unix://{folder}/socket"],
        "bridge": "none",
        "iptables": False,
        "ip6tables": False,
        "features": {"containerd-snapshotter": True},
    }
    (folder / "settings.json").write_text(json.dumps(settings), encoding="utf-8")
    found = Second(folder.name, folder / "socket", folder / "log")
    with found.log.open("wb") as log:
        process = subprocess.Popen(
            # In a network of its own: without a bridge, dockerd removes docker0, the bridge of the first one.
            ["unshare", "--net", dockerd, "--config-file", folder / "settings.json"],
            stdout=log,
            stderr=log,
            stdin=subprocess.DEVNULL,
        )
    try:
        docker_("context", "create", found.context, "--docker", f"host=unix://{found.socket}")
        await_(found, process)
        yield found
    finally:
        docker_("context", "rm", "--force", found.context)
        process.terminate()
        process.wait(PATIENCE)
        shutil.rmtree(folder)


def await_(second: Second, process: subprocess.Popen[bytes]) -> None:
    """Returns once the second engine answers."""
    end = time.monotonic() + PATIENCE
    while run([find().client, "--context", second.context, "version"], check=False).code:
        assert process.poll() is None, second.log.read_text()
        assert time.monotonic() < end, second.log.read_text()
        time.sleep(0.2)


@pytest.fixture(scope="module")
def relay(second: Second) -> Iterator[Relay]:
    """The BuildKit of the second engine on a port, as the builder `<context>-remote` of buildx."""
    relay = Relay(second.socket)
    name = f"{second.context}-remote"
    docker_("buildx", "create", "--name", name, "--driver", "remote", relay.address)
    yield relay
    docker_("buildx", "rm", name)
    relay.close()


@pytest.fixture(scope="module")
def client() -> Iterator[docker.DockerClient]:
    made = docker.from_env()
    yield made
    made.close()


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory, client: docker.DockerClient) -> Iterator[Path]:
    """A copy of the repository; its images are taken out of the engine in the end."""
    yield copied(ROOT, tmp_path_factory.mktemp("elsewhere") / "tree", NAME)
    forget(client)


@pytest.fixture(scope="module")
def here(tree: Path, client: docker.DockerClient) -> dict[str, Any]:
    """The image default as the engine in use builds it."""
    return built(tree, client)


def built(tree: Path, client: docker.DockerClient, *words: str) -> dict[str, Any]:
    """Build the image default, and return what of it depends on its content; the engine had none before."""
    forget(client)
    done = run([INVOKE, "build", "--yes", "--variant", "default", *words], cwd=tree, check=False, timeout=900)
    assert done.code == 0, done.stderr
    found = client.images.get(f"{NAME}:latest").attrs
    (noted,) = json.loads((tree / "out/built.json").read_text(encoding="utf-8"))
    assert noted["identifier"] == found["Id"]
    return {"layers": found["RootFS"]["Layers"], "created": found["Created"], "config": settings(found)}


def settings(attributes: dict[str, Any]) -> dict[str, Any]:
    """What a container gets from an image; what is empty may be there or not."""
    return {key: value for key, value in attributes["Config"].items() if value}


def forget(client: docker.DockerClient) -> None:
    for image in client.images.list(NAME):
        client.images.remove(str(image.id), force=True)


def test_a_remote_builder_sends_its_images_to_the_engine(
    tree: Path, here: dict[str, Any], second: Second, relay: Relay, client: docker.DockerClient
) -> None:
    """What it makes from nothing is the same, and it was really asked."""
    assert built(tree, client, "--builder", f"{second.context}-remote") == here
    assert relay.served > 0
    assert second.images() == ""


def test_another_engine_keeps_none_of_the_images_it_built(
    tree: Path, here: dict[str, Any], second: Second, client: docker.DockerClient
) -> None:
    """They are carried over under their own names; those that they had on the way are gone everywhere."""
    assert built(tree, client, "--builder", second.context) == here
    assert second.images() == ""
    assert [tag for image in client.images.list() for tag in image.tags if tag.startswith(PASSING)] == []


def test_an_unknown_builder_is_told_before_anything_is_done(tree: Path) -> None:
    done = run([INVOKE, "build", "--builder", "nobodys"], cwd=tree, check=False, timeout=60)
    assert (done.code, done.stderr.partition("Known are")[0]) == (
        64,
        "error: builder: there is no 'nobodys'. ",
    )
