"""Builders elsewhere, for real: a second engine does the work, and the images come to the first one."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docker
import pytest

from builder.checkout.tree import copied
from builder.engine.builders import PASSING
from builder.shell import run
from tests.build import content, engines
from tests.build.engines import Second
from tests.build.relay import Relay

ROOT = Path(__file__).resolve().parents[2]
NAME = "orthanc-built-elsewhere"
INVOKE = str(Path(sys.executable).parent / "invoke")


@pytest.fixture(scope="module")
def other(second: Second | None) -> Second:
    """Return the second engine."""
    if second is None:
        pytest.skip("a second engine needs root and dockerd")
    return second


@pytest.fixture(scope="module")
def relay(other: Second) -> Iterator[Relay]:
    """Yield the BuildKit of the second engine on a port, as the builder `<context>-remote` of buildx."""
    relay = Relay(other.socket)
    name = f"{other.context}-remote"
    engines.docker("buildx", "create", "--name", name, "--driver", "remote", relay.address)
    yield relay
    engines.docker("buildx", "rm", name)
    relay.close()


@pytest.fixture(scope="module")
def client() -> Iterator[docker.DockerClient]:
    made = docker.from_env()
    yield made
    made.close()


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory, client: docker.DockerClient) -> Iterator[Path]:
    """Yield a copy of the repository; its images are taken out of the engine in the end."""
    yield copied(ROOT, tmp_path_factory.mktemp("elsewhere") / "tree", NAME)
    forget(client)


@pytest.fixture(scope="module")
def here(tree: Path, client: docker.DockerClient) -> dict[str, Any]:
    """Return the image default as the engine in use builds it."""
    return built(tree, client)


def built(tree: Path, client: docker.DockerClient, *words: str) -> dict[str, Any]:
    """Build the image default, and return what of it depends on its content; the engine had none before."""
    forget(client)
    done = run([INVOKE, "build", "--yes", "--variant", "default", *words], cwd=tree, check=False, timeout=900)
    assert done.code == 0, done.stderr
    found = client.images.get(f"{NAME}:latest").attrs
    (noted,) = json.loads((tree / "out/built.json").read_text(encoding="utf-8"))
    assert noted["identifier"] == found["Id"]
    layers = content.held(client, f"{NAME}:latest")
    return {"layers": layers, "created": found["Created"], "config": settings(found)}


def settings(attributes: dict[str, Any]) -> dict[str, Any]:
    """Return what a container gets from an image; what is empty may be there or not."""
    return {key: value for key, value in attributes["Config"].items() if value}


def forget(client: docker.DockerClient) -> None:
    for image in client.images.list(NAME):
        client.images.remove(str(image.id), force=True)


def test_a_remote_builder_sends_its_images_to_the_engine(
    tree: Path, here: dict[str, Any], other: Second, relay: Relay, client: docker.DockerClient
) -> None:
    """What it makes is the same, and it was really asked."""
    assert built(tree, client, "--builder", f"{other.context}-remote") == here
    assert relay.served > 0
    assert other.images() == ""


def test_another_engine_keeps_none_of_the_images_it_built(
    tree: Path, here: dict[str, Any], other: Second, client: docker.DockerClient
) -> None:
    """They are carried over under their own names; those that they had on the way are gone everywhere."""
    assert built(tree, client, "--builder", other.context) == here
    assert other.images() == ""
    assert [tag for image in client.images.list() for tag in image.tags if tag.startswith(PASSING)] == []


def test_an_unknown_builder_is_told_before_anything_is_done(tree: Path) -> None:
    done = run([INVOKE, "build", "--builder", "nobodys"], cwd=tree, check=False, timeout=60)
    assert (done.code, done.stderr.partition("Known: ")[0]) == (
        64,
        "error: builder: 'nobodys' does not exist. ",
    )
