"""What is promised of a build, shown on a copy of the repository: no network, same bytes, one small layer."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import docker
import pytest

from builder.checkout.tree import copied
from builder.shell import run
from builder.spec import model
from builder.spec.model import Definition
from tests.build import content
from tests.build.engines import Second

ROOT = Path(__file__).resolve().parents[2]
NAME = "orthanc-under-test"
INVOKE = str(Path(sys.executable).parent / "invoke")


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Yield a copy of the repository; its images are taken out of the engine in the end."""
    target = copied(ROOT, tmp_path_factory.mktemp("build") / "tree", NAME)
    yield target
    client = docker.from_env()
    for image in client.images.list(NAME):
        client.images.remove(str(image.id), force=True)


@pytest.fixture(scope="module")
def first(copy: Path) -> dict[str, list[str]]:
    """Return the layers of both variants, built with whatever earlier builds left."""
    done = run([INVOKE, "build", "--yes"], cwd=copy, check=False, timeout=900)
    assert done.code == 0, done.stderr
    return layers(model.load(copy / model.FILE))


@pytest.fixture(scope="module")
def offline(copy: Path, first: dict[str, list[str]], second: Second | None) -> dict[str, list[str]]:
    """Return the layers of both variants, built with a filled store, no network at all and no earlier layer.

    Where there is a second engine, it does the work: that is one machine more whose bytes are the same.
    """
    if os.geteuid() != 0:
        pytest.skip("a network namespace of its own needs root")
    words = ["--builder", second.context] if second else []
    argv = ["unshare", "--net", INVOKE, "build", "--yes", "--no-cache", *words]
    done = run(argv, cwd=copy, check=False, timeout=900)
    assert done.code == 0, done.stderr
    return layers(model.load(copy / model.FILE))


@pytest.fixture(scope="module")
def edited(copy: Path, offline: dict[str, list[str]]) -> dict[str, list[str]]:
    """Return the layers of both variants after an edit of the start-up code, and a build after `offline`."""
    assert offline
    file = copy / "base/startup/main.py"
    file.write_text(file.read_text(encoding="utf-8") + "\n# an edit\n", encoding="utf-8")
    done = run([INVOKE, "build", "--yes"], cwd=copy, check=False, timeout=300)
    assert done.code == 0, done.stderr
    return layers(model.load(copy / model.FILE))


def layers(definition: Definition) -> dict[str, list[str]]:
    """Return the digests of what each layer of each variant holds, lowest first."""
    client = docker.from_env()
    tags = {
        one.name: f"{definition.name}:{definition.version}{one.suffix}"
        for one in definition.variants.values()
    }
    return {name: content.held(client, tag) for name, tag in tags.items()}


def test_a_build_with_a_filled_store_needs_no_network(copy: Path, offline: dict[str, list[str]]) -> None:
    """Both variants come out of a build whose toolkit has no network, and whose steps have none either."""
    assert sorted(offline) == ["default", "full"]
    steps = (copy / "out" / "Dockerfile").read_text(encoding="utf-8").split("\nRUN ")[1:]
    assert [step for step in steps if not step.startswith("--network=none ")] == []


def test_the_bytes_are_the_same_on_every_run(
    first: dict[str, list[str]], offline: dict[str, list[str]]
) -> None:
    """Every file of every layer is, to the byte, that of the build before."""
    assert offline == first


def test_full_has_the_layers_of_default(offline: dict[str, list[str]]) -> None:
    """What the variants share is pulled once: all but the layer with the list of what is inside."""
    assert set(offline["default"][:-1]) < set(offline["full"])


@pytest.mark.parametrize("variant", ["default", "full"])
def test_an_edit_of_the_start_up_code_makes_one_small_layer(
    copy: Path, offline: dict[str, list[str]], edited: dict[str, list[str]], variant: str
) -> None:
    """After an edit in base/startup, the last layer of each variant is new, small, and the only new one."""
    assert (edited[variant][:-1], edited[variant][-1] == offline[variant][-1]) == (
        offline[variant][:-1],
        False,
    )
    assert _last_size(model.load(copy / model.FILE), variant) < 2_000_000


def _tag(definition: Definition, variant: str) -> str:
    return f"{definition.name}:{definition.version}{definition.variants[variant].suffix}"


def _last_size(definition: Definition, variant: str) -> int:
    history: Sequence[dict[str, int]] = docker.from_env().images.get(_tag(definition, variant)).history()
    return next(step["Size"] for step in history if step["Size"])
