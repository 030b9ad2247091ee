"""The recipe of docs/derived-image.md, word for word."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from builder.engine.client import Engine
from harness import containers, machine
from harness.containers import LABEL, output
from tests.image.conftest import Start

pytestmark = pytest.mark.timeout(600)  # what takes long begins early

DOCUMENT = Path(__file__).resolve().parents[3] / "docs/derived-image.md"
RECIPE = dict(re.findall(r"^`([\w.]+)`:\n\n```\w*\n(.*?)^```$", DOCUMENT.read_text(), re.M | re.S))
COMMANDS = re.findall(r"^```sh\n(apt-get install .*?)^```$", DOCUMENT.read_text(), re.M | re.S)
LISTS = "/usr/share/orthanc/left-out"
TAG, WHOLE = "orthanc-tests-derived:{}", "orthanc-tests-derived-whole:{}"


@pytest.fixture(scope="module")
def derived(
    engine: Engine,
    client: Any,
    image: str,
    variant: str,
    facts: dict[str, Any],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[str]:
    """Yield the image that the recipe makes from the image under test."""
    machine.demand_network("a derived image, with packages of Debian and of the Python index")
    folder = tmp_path_factory.mktemp("derived")
    for name, content in RECIPE.items():
        (folder / name).write_text(content)
    tag = TAG.format(variant)
    build(engine, image, facts, tag, folder, tmp_path_factory.mktemp("secrets"))
    yield tag
    client.images.remove(tag, force=True)


def build(engine: Engine, image: str, facts: dict[str, Any], tag: str, folder: Path, kept: Path) -> None:
    """Build the image in `folder` on top of the image under test, with this machine's mirrors."""
    built = subprocess.run(
        [engine.client, "buildx", "build", "--builder", "default", "--load", "--label", f"{LABEL}=image",
         "--platform", f"{facts['Os']}/{facts['Architecture']}",
         "--build-arg", f"ORTHANC={image}", "--tag", tag, "--progress", "plain",
         *machine.secrets(kept), str(folder)],
        capture_output=True, text=True, timeout=240 * containers.patience, check=False,
    )  # fmt: skip
    assert built.returncode == 0, built.stderr


def test_recipe_is_complete() -> None:
    """The document holds the three files that it speaks of."""
    assert {"Dockerfile", "dictionary.json", "dictionary.py"} == set(RECIPE)


def test_plugin_uses_its_package(derived: str, start: Start) -> None:
    """The plugin of the derived image answers with what the package from the Python index knows."""
    server = start(image=derived)
    assert server.json("/dictionary/PatientName") == {"tag": "00100010", "vr": "PN"}
    assert server.get("/dictionary/Nonsense").status_code == 404
    assert server.run("id", "-u").stdout == "999\n"


def test_program_of_debian_is_there(derived: str, start: Start) -> None:
    """The program from the Debian package runs."""
    server = start(image=derived)
    assert server.run("jq", "--null-input", "1 + 1").stdout == "2\n"


def test_nothing_of_the_build_stays(derived: str, client: Any, image: str) -> None:
    """No secret, no package list, no cache and no log is in the derived image."""
    places = "/run/secrets /etc/pip.conf /var/lib/apt/lists /var/log /var/cache/apt"
    argv = ["bash", "-c", f"find {places} -type f 2>/dev/null; cat /etc/apt/sources.list.d/debian.sources"]
    looked = [output(client, each, argv, user="0") for each in (image, derived)]
    assert looked[0].code == 0
    assert looked[0].stdout == looked[1].stdout


WHOLE_RECIPE = """\
ARG ORTHANC
FROM ${ORTHANC}
USER root
RUN --mount=type=secret,id=apt-sources,target=/etc/apt/sources.list.d/debian.sources \\
    apt-get update && %s
USER orthanc
"""


@pytest.fixture(scope="module")
def whole(
    engine: Engine,
    client: Any,
    image: str,
    variant: str,
    facts: dict[str, Any],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[str]:
    """Yield an image with DCMTK's programs, in which everything that was left out has been brought back."""
    machine.demand_network("a derived image, with packages of Debian")
    folder, tag = tmp_path_factory.mktemp("whole"), WHOLE.format(variant)
    (folder / "Dockerfile").write_text(WHOLE_RECIPE % " && ".join(line.strip() for line in COMMANDS))
    build(engine, image, facts, tag, folder, tmp_path_factory.mktemp("secrets"))
    yield tag
    client.images.remove(tag, force=True)


def test_what_was_left_out_can_be_brought_back(whole: str, start: Start) -> None:
    """By the commands of the document: each file is there as its package has it, and the server runs."""
    assert len(COMMANDS) == 3
    server = start(image=whole)
    ordered = server.run("sh", "-c", r"printf 'b\nA\na\nB\n' | LC_ALL=en_US.UTF-8 sort").stdout
    assert ordered.split() == ["a", "A", "b", "B"]
    listed = {line.split("\t")[1] for line in server.run("sh", "-c", f"cat {LISTS}/*").stdout.splitlines()}
    assert len(listed) > 200
    wrong = {line.split()[-1] for line in server.run("dpkg", "--verify", user="0").stdout.splitlines()}
    assert sorted(listed & wrong) == []
    assert server.run("drtdump", "--version").stdout.startswith("$dcmtk: drtdump v")
    assert server.get("/system").status_code == 200
