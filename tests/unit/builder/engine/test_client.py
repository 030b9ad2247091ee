"""The right client is found on the PATH, and what answers it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from builder.engine.client import DockerClient, Engine, Found, find, look
from builder.errors import EngineError, ShellError
from tests.unit.builder.fakes import FakeRunner, said
from tests.unit.builder.test_shell import program

SERVER = '{"Version": "26.1.5+dfsg1", "Arch": "amd64"}\n'
PLUGIN = said("github.com/docker/buildx 0.13.1+ds1 0.13.1+ds1-3\n")
NO_PLUGIN = said(code=1, stderr="docker: 'buildx' is not a docker command.\n")
CONTEXT = said("default unix:///var/run/docker.sock\n")
SILENT = said("null\n", 1, "Cannot connect to the Docker daemon at unix:///var/run/docker.sock.\n")


@pytest.fixture
def path(tmp_path: Path) -> str:
    """Return a PATH with a client in each of two folders."""
    program(tmp_path / "local", "docker")
    program(tmp_path / "usr", "docker")
    return os.pathsep.join([str(tmp_path / "local"), str(tmp_path / "usr")])


def runner(*more: tuple[str, object]) -> FakeRunner:
    rules = [(" buildx version", PLUGIN), (" version --format", said(SERVER)), (" context inspect", CONTEXT)]
    return FakeRunner(*rules, *more)  # type: ignore[arg-type] # test data


def test_the_engine_is_the_client_and_what_answers_it(path: str, tmp_path: Path) -> None:
    assert find(runner(), path=path) == Engine(
        client=str(tmp_path / "local" / "docker"),
        version="26.1.5+dfsg1",
        buildx="0.13.1+ds1",
        architecture="amd64",
        endpoint="unix:///var/run/docker.sock",
    )


def test_a_bare_client_is_passed_over(path: str, tmp_path: Path) -> None:
    found = look(runner(("local/docker buildx", NO_PLUGIN)), path=path)
    assert [client.buildx for client in found.clients] == ["", "0.13.1+ds1"]
    assert found.engine is not None
    assert found.engine.client == str(tmp_path / "usr" / "docker")


def test_later_clients_are_not_asked_once_one_will_do(path: str) -> None:
    fake = runner()
    look(fake, path=path)
    assert not [line for line in fake.ran if "usr/docker" in line]


def test_no_client(tmp_path: Path) -> None:
    found = look(runner(), path=str(tmp_path))
    assert found == Found()
    assert found.lack == "docker is not on the PATH"


def test_no_client_has_buildx(path: str, tmp_path: Path) -> None:
    found = look(runner((" buildx version", NO_PLUGIN)), path=path)
    assert found.engine is None
    assert found.recent
    assert found.lack == f"{tmp_path / 'local' / 'docker'} lacks the buildx plugin"


def test_no_engine_answers(path: str, tmp_path: Path) -> None:
    with pytest.raises(EngineError) as caught:
        find(runner((" version --format", SILENT)), path=path)
    assert str(caught.value) == (
        f"engine: no engine answers {tmp_path / 'local' / 'docker'} (Cannot connect to the Docker daemon at "
        "unix:///var/run/docker.sock.). List what is missing with: ./inv doctor."
    )


def test_an_engine_that_hangs_is_one_that_does_not_answer(path: str) -> None:
    def hang() -> object:
        raise ShellError("docker version: was stopped after 20 s")

    found = look(runner((" version --format", hang)), path=path)
    assert found.version == ""
    assert found.trouble == "docker version: was stopped after 20 s"


def test_an_answer_that_is_no_json_is_none(path: str) -> None:
    assert look(runner((" version --format", said("<html>"))), path=path).version == ""


@pytest.mark.parametrize(
    ("version", "recent"),
    [("23.0.0", True), ("20.10.24+dfsg1", False), ("26.1.5+dfsg1", True), ("", False), ("v28.0-rc.1", True)],
)
def test_version_23_is_the_oldest_that_will_do(version: str, recent: bool) -> None:
    assert Found((DockerClient("docker", "0.13"),), version=version).recent is recent


def test_an_engine_that_is_too_old_is_told_with_both_versions() -> None:
    found = Found((DockerClient("docker", "0.13"),), version="20.10.24+dfsg1")
    assert found.lack == "the engine is version 20.10.24+dfsg1, but at least 23 is needed"


def test_another_context_is_known_by_its_name(path: str) -> None:
    found = look(runner((" context inspect", said("desktop-linux unix:///home/me/docker.sock\n"))), path=path)
    assert (found.context, found.endpoint) == ("desktop-linux", "unix:///home/me/docker.sock")
