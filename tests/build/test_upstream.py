"""Libraries of upstream from the lock to the image, from a site that has good ones, bad ones and moods."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import docker
import pytest

from builder.checkout.tree import copied
from builder.engine.client import find
from builder.shell import Completed, run
from builder.spec import lockfile, model
from builder.spec.artifact import Artifact
from builder.spec.lockfile import Lock
from harness import containers
from tests.build import compiled, shop
from tests.build.shop import Reply, failing, moved, whole

ROOT = Path(__file__).resolve().parents[2]
NAME = "orthanc-under-upstream"
INVOKE = str(Path(sys.executable).parent / "invoke")
AVAILABLE = "/usr/share/orthanc/plugins-available"

GOOD = [
    "explorer-2",
    "odbc",
    "osimis-web-viewer",
    "osimis-web-viewer-alpha",
    "postgresql",
    "transfers",
]
OURS = ["authorization", "mysql"]
"""Where the site's library is not fit, and the repository has a plugin of its own."""

LOCKED = [*GOOD, *OURS, "stone-web-viewer"]

PREFERRED = 'provider = ["upstream", "tree"]'
"""What the copy says where the repository prefers its own plugin."""

REFUSED = {
    "authorization": (
        "libOrthancAuthorization.so needs the symbol function_of_nobody, which nothing in the image has"
    ),
    "mysql": "libOrthancMySQLStorage.so makes Orthanc end with exit code 255 at once: today is no good day",
    "stone-web-viewer": "libStoneWebViewer.so needs libelsewhere.so.3, which is not in the image",
}


class Result(NamedTuple):
    """What `./inv lock` and `./inv build` said, and what they made."""

    locking: Completed
    lock: Lock
    building: Completed
    contents: dict[str, Any]
    labels: dict[str, str]


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Yield a copy of the repository that takes upstream's libraries first; its images go in the end.

    Of it, the default variant is built.
    """
    target = copied(ROOT, tmp_path_factory.mktemp("upstream") / "tree", NAME)
    file = target / model.FILE
    text = file.read_text(encoding="utf-8")
    preferring = text.replace('provider = ["tree", "upstream"]', PREFERRED)
    assert text != preferring
    file.write_text(preferring, encoding="utf-8")
    done = run([INVOKE, "build", "--variant", "default", "--yes"], cwd=target, check=False, timeout=900)
    assert done.code == 0, done.stderr
    yield target
    client = docker.from_env()
    for image in client.images.list(NAME):
        client.images.remove(str(image.id), force=True)


@pytest.fixture(scope="module")
def replies(copy: Path) -> dict[str, Reply]:
    """Return what the site answers to each path: the rest of the components is not there."""
    made = compiled.plugins(find(), docker.from_env(), f"{NAME}:latest")
    answers = {
        "authorization": [whole(made["needs-symbol"])],
        "explorer-2": [whole(made["better"])],
        "indexer": [whole(made["no-entry"])],
        "mysql": [whole(made["good"]), whole(made["refuses"])],
        "odbc": [whole(made["needs-odbc"])] * 2,
        # The other one of Osimis is the same file, under another name in the image.
        "osimis-web-viewer": [moved("/elsewhere.so")],
        "postgresql": [whole(made["good"], pause=2), whole(made["better"])],
        "stl": [whole(made["good"], sent=1000)],
        "stone-web-viewer": [whole(made["needs-library"])],
        "tcia": [whole(made["foreign"])],
        "transfers": [failing(2, whole(made["good"]))],
    }
    definition = model.load(copy / model.FILE)
    there = replace(definition.upstream, base="/")
    found = {"/elsewhere.so": whole(made["better"])}
    for name, held in answers.items():
        found |= dict(zip(there.addresses(definition.components[name]).values(), held, strict=True))
    return found


@pytest.fixture(scope="module")
def result(copy: Path, replies: dict[str, Reply]) -> Result:
    """Return the lock and the default variant, made while the site is open."""
    with shop.opened(replies) as address:
        lock = [INVOKE, "lock", "--only", "upstream", "--upstream-mirror", address]
        locking = run(lock, cwd=copy, check=False, timeout=300)
    build = [INVOKE, "build", "--variant", "default", "--yes"]
    building = run(build, cwd=copy, check=False, timeout=900)
    assert building.code == 0, building.stderr
    labels = docker.from_env().images.get(f"{NAME}:latest").labels
    said = containers.output(
        docker.from_env(), f"{NAME}:latest", ["cat", "/usr/share/orthanc/components.json"]
    )
    return Result(locking, lockfile.load(copy / lockfile.FILE), building, json.loads(said.stdout), labels)


def libraries(lock: Lock) -> list[Artifact]:
    return [one for one in lock.components["linux/amd64"] if one.provider == "upstream"]


def test_the_lock_has_what_the_site_gave_and_why_not_the_rest(result: Result) -> None:
    """The command ends with a list of what is absent, and an exit code of its own."""
    assert result.locking.code == 74
    held = {one.component for one in libraries(result.lock)}
    assert held == set(LOCKED)
    reasons = {one.component: one.reason for one in result.lock.absent["linux/amd64"]}
    assert reasons == {
        "indexer": (
            "libOrthancIndexer.so is not a plugin for Orthanc: it does not export OrthancPluginInitialize"
        ),
        "connectivity-checks": "the mirror does not have it (404 Not Found)",
        "stl": "the mirror cannot be reached (the connection broke off)",
        "tcia": "libOrthancTcia.so is for aarch64, not for x86_64",
    }
    versions = {one.name: one.version for one in model.load(ROOT / model.FILE).components.values()}
    lines = result.locking.stderr.splitlines()
    assert [f"  {name} {versions[name]}: {reason}" in lines for name, reason in reasons.items()] == [True] * 4


def test_the_lock_names_the_site_and_not_the_mirror(result: Result) -> None:
    base = model.load(ROOT / model.FILE).upstream.base
    assert [one.origin for one in libraries(result.lock) if not one.origin.startswith(base)] == []


def test_good_libraries_are_in_the_image_and_bad_ones_are_not(result: Result) -> None:
    """Where upstream's library is not fit, our own is there; without one the component is missing."""
    providers = {one["name"]: one["provider"] for one in result.contents["components"]}
    assert {name: providers[name] for name in (*GOOD, *OURS, "tcia")} == {
        **dict.fromkeys(GOOD, "upstream"),
        **dict.fromkeys([*OURS, "tcia"], "tree"),
    }
    reasons = {one["name"]: one["reason"] for one in result.contents["missing"]}
    assert reasons["stone-web-viewer"] == REFUSED["stone-web-viewer"]


def test_a_build_tells_what_it_refuses_and_what_is_not_in_the_image(result: Result) -> None:
    told = result.building.stderr.splitlines()
    assert [f"{name} is left out: {reason}" in told for name, reason in REFUSED.items()] == [True] * 3
    lines = result.building.stdout.partition("not in the images\n")[2].splitlines()
    assert f"StoneWebViewer: {REFUSED['stone-web-viewer']}" in lines
    assert "Java, Education: no provider of these images has it" in lines


def test_the_version_is_the_one_that_the_library_gives(result: Result) -> None:
    """The build says where that is another one than in build.toml, and the list of what is inside has it."""
    told = result.building.stderr.splitlines()
    assert "postgresql is 1.0: so its library says, and build.toml says 10.3" in told
    versions = {one["name"]: one["version"] for one in result.contents["components"]}
    assert {name: versions[name] for name in GOOD} == dict.fromkeys(GOOD, "1.0")


def test_the_image_has_the_files_of_the_lock(result: Result) -> None:
    """Each library is, to the byte, the one that was locked, and the label says its version."""
    listed = {
        file: digest
        for one in result.contents["components"]
        if one["provider"] == "upstream"
        for file, digest in one["files"].items()
    }
    held = libraries(result.lock)
    assert listed == {one.file: one.digest for one in held if one.component in GOOD}
    paths = [f"{AVAILABLE}/{file}" for file in listed]
    said = containers.output(docker.from_env(), f"{NAME}:latest", ["sha256sum", *paths])
    sums = {
        line.split()[1].rpartition("/")[2]: f"sha256:{line.split()[0]}" for line in said.stdout.splitlines()
    }
    assert sums == listed
    label = result.labels["org.orthanc-images.components"].split()
    assert {"postgresql=1.0", "odbc=1.0"} <= {*label}
    assert "stone-web-viewer=" not in " ".join(label)


def test_the_plugins_are_loaded_when_they_are_enabled(result: Result) -> None:
    """OrthancExplorer2 is on by default where it is in the image; the others wait for their variable."""
    client = docker.from_env()
    server = containers.launch(client, f"{NAME}:latest", {"TRANSFERS_PLUGIN_ENABLED": "true"})
    try:
        server.wait_until_ready()
        assert {"better", "good"} <= server.plugins()
    finally:
        server.remove()


def test_a_refused_plugin_is_not_there_to_be_enabled(result: Result) -> None:
    """The start-up code knows the reason too."""
    said = containers.output(
        docker.from_env(),
        f"{NAME}:latest",
        [],
        environment={"STONE_WEB_VIEWER_PLUGIN_ENABLED": "true", "ORTHANC_PASSWORD": "p"},
    )
    assert f"it is not part of this image, because {REFUSED['stone-web-viewer']}." in said.stderr
