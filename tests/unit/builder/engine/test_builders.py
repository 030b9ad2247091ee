from __future__ import annotations

from pathlib import Path

import pytest

from builder.engine import builders
from builder.engine.builders import Builder
from builder.errors import BuildError, EngineError, ShellError, UsageError
from tests.unit.builder.fakes import FakeRunner, said

PLATFORM = "linux/amd64"
LISTED = said(
    "NAME/NODE       DRIVER/ENDPOINT          STATUS    BUILDKIT  PLATFORMS\n"
    "cluster         kubernetes\n"
    " \\_ cluster0     \\_ kubernetes:///cl     running   v0.16.0   linux/amd64\n"
    "default*        docker\n"
    " \\_ default      \\_ default              running   v0.16.0   linux/amd64\n"
    "stone           error\n"
)


def inspected(driver: str, endpoint: str, platforms: str = "linux/amd64*, linux/386") -> str:
    """Return what buildx says of a builder; the facts of its nodes follow those of its own."""
    return (
        f"Name:          some\nDriver:        {driver}\nLast Activity: 2026-11-25 16:31:27 +0000 UTC\n\n"
        f"Nodes:\nName:             some0\nEndpoint:         {endpoint}\nStatus:           running\n"
        f"Platforms:        {platforms}\nLabels:\n org.mobyproject.buildkit.worker.oci: <nil>\n"
    )


def asked(said_: str, *, code: int = 0, stderr: str = "") -> FakeRunner:
    """Return a client whose buildx prints this about a builder; the engine in use is `ours`, not `far`."""
    return FakeRunner(
        ("buildx ls", LISTED),
        ("buildx inspect", said(said_, code, stderr)),
        ("info", said("ours\n")),
        ("--context far info", said("theirs\n")),
    )


def test_without_a_name_it_is_the_one_in_use_and_nothing_is_asked() -> None:
    runner = FakeRunner()
    assert (builders.find("docker", "", PLATFORM, runner), runner.ran) == (Builder(), [])


@pytest.mark.parametrize("driver", ["docker-container", "kubernetes", "remote"])
def test_most_builders_send_their_images_here_by_themselves(driver: str) -> None:
    found = builders.find("docker", "some", PLATFORM, asked(inspected(driver, "tcp://builds:1234")))
    assert found == Builder("some")
    assert (found.buildx("docker"), found.options) == (["docker", "buildx"], ("--builder", "some"))


@pytest.mark.parametrize(("context", "elsewhere"), [("far", True), ("default", False)])
def test_an_engine_is_called_through_its_context(context: str, elsewhere: bool) -> None:
    """Two contexts may be of one engine, whose images are here already."""
    found = builders.find("docker", context, PLATFORM, asked(inspected("docker", context)))
    assert found == Builder(context, context, elsewhere)
    assert found.buildx("docker") == ["docker", "--context", context, "buildx"]


def test_a_builder_that_stands_still_is_started() -> None:
    """It says its platforms only when it runs."""
    runner = asked(inspected("kubernetes", "k8s"))
    assert builders.find("docker", "some", PLATFORM, runner) == Builder("some")
    assert runner.ran == ["docker buildx inspect --bootstrap some"]


@pytest.mark.parametrize(
    ("runner", "kind", "expected"),
    [
        (
            asked("", code=1, stderr='ERROR: no builder "clusters" found\n'),
            UsageError,
            "builder: 'clusters' does not exist. Perhaps you meant 'cluster'; create it with "
            "docker buildx create (docs/builders.md).",
        ),
        (
            asked(inspected("remote", "tcp://b:1", "linux/arm64, linux/arm/v7")),
            UsageError,
            "builder: 'clusters' cannot build for linux/amd64. It builds for linux/arm64, linux/arm/v7: "
            "name one of them with --platform, or install emulation there.",
        ),
    ],
)
def test_a_builder_that_cannot_do_it_is_told(
    runner: FakeRunner, kind: type[BuildError], expected: str
) -> None:
    with pytest.raises(kind) as caught:
        builders.find("docker", "clusters", PLATFORM, runner)
    assert str(caught.value) == expected


def test_an_unknown_builder_that_is_like_none_brings_the_list() -> None:
    with pytest.raises(
        UsageError, match="Known: cluster, default, stone; create it with docker buildx create"
    ):
        builders.find("docker", "nowhere", PLATFORM, asked("", code=1, stderr="ERROR: no builder"))


@pytest.mark.parametrize(
    "runner",
    [
        asked("Name:   stone\nDriver:\nError:  Cannot connect to the Docker daemon\n"),
        asked("", code=1, stderr="#1 waiting\nERROR: Cannot connect to the Docker daemon\n"),
    ],
)
def test_a_builder_that_does_not_answer_is_told_with_its_words(runner: FakeRunner) -> None:
    with pytest.raises(EngineError) as caught:
        builders.find("docker", "stone", PLATFORM, runner)
    assert str(caught.value) == (
        "builder: 'stone' cannot be used: Cannot connect to the Docker daemon. "
        "Inspect it with docker buildx inspect stone, or choose another builder."
    )


IMAGES = {"default": ("orthanc:1", "orthanc:latest"), "full": ("orthanc:1-full",)}


def test_what_a_builder_sends_by_itself_is_left_alone(tmp_path: Path) -> None:
    runner = FakeRunner()
    with builders.arriving("docker", Builder("some"), IMAGES, tmp_path, runner) as options:
        assert options == []
    assert runner.ran == []


def test_images_of_another_engine_are_carried_over(tmp_path: Path) -> None:
    """They have names of their own on the way, and neither engine keeps these."""
    runner = FakeRunner(("docker", said()))
    with builders.arriving("docker", Builder("far", "far", True), IMAGES, tmp_path, runner) as options:
        assert runner.ran == []
    first, second = options[1].removeprefix("default.tags="), options[3].removeprefix("full.tags=")
    assert first.removeprefix("orthanc-images-passing/default:") == second.rpartition(":")[2]
    saved = runner.ran[0].split()[6]
    assert runner.ran == [
        f"docker --context far image save --output {saved} {first} {second}",
        f"docker image load --quiet --input {saved}",
        f"docker image tag {first} orthanc:1",
        f"docker image tag {first} orthanc:latest",
        f"docker image tag {second} orthanc:1-full",
        f"docker image rm {first} {second}",
        f"docker --context far image rm {first} {second}",
    ]
    assert list(tmp_path.iterdir()) == []


def test_a_build_that_fails_elsewhere_leaves_no_names_there(tmp_path: Path) -> None:
    runner = FakeRunner(("image rm", said(code=1)))
    with (
        pytest.raises(ShellError, match="it failed"),
        builders.arriving("docker", Builder("far", "far", True), IMAGES, tmp_path, runner),
    ):
        raise ShellError("it failed")
    assert [line.split(" orthanc")[0] for line in runner.ran] == [
        "docker image rm",
        "docker --context far image rm",
    ]
