"""The doctor says what is there, what is missing, and the exact remedy."""

from __future__ import annotations

import shutil
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from builder import doctor
from builder.doctor import Check
from builder.engine.client import DockerClient, Found
from builder.engine.host import Host
from tests.unit.builder.engine.test_client import CONTEXT, PLUGIN, SERVER
from tests.unit.builder.fakes import FakeRunner, said
from tests.unit.builder.test_shell import program

WHOLE = Found(
    (DockerClient("/usr/local/bin/docker", ""), DockerClient("/usr/bin/docker", "0.13.1")),
    version="26.1.5",
    architecture="amd64",
    endpoint="unix:///var/run/docker.sock",
)
UBUNTU = Host("linux", "ubuntu", "24.04", root=True)


def test_a_check_is_a_row_with_its_remedy_below() -> None:
    assert Check("part", "ok", "found").row == ("part", "ok", "found")
    assert Check("part", "missing", "none", "Do it").row == ("part", "missing", "none\n→ Do it")


@pytest.mark.parametrize(("states", "expected"), [(["ok", "optional"], True), (["ok", "missing"], False)])
def test_only_what_a_build_needs_counts(states: list[str], expected: bool) -> None:
    assert doctor.healthy(Check("part", state, "") for state in states) is expected


def test_python() -> None:
    assert doctor.python((3, 11, 2), "/usr/bin/python3") == Check(
        "Python", "ok", "3.11.2 at /usr/bin/python3"
    )
    assert doctor.python((3, 9, 2), "/usr/bin/python3") == Check(
        "Python", "missing", "3.9.2 at /usr/bin/python3", "Install Python 3.11 or later, and run ./inv"
    )


def test_the_environment_is_the_one_that_the_launcher_made_from_this_lock(tmp_path: Path) -> None:
    root, prefix = tmp_path, tmp_path / ".venv"
    prefix.mkdir()
    (root / "requirements.lock").write_text("now")
    assert doctor.environment_of(root, prefix) == Check(
        "environment",
        "optional",
        f"{prefix}, which ./inv did not create",
        "Run ./inv instead of invoke to use the locked versions",
    )
    (root / "requirements.build.lock").write_text("few")
    (prefix / "requirements.build.lock").write_text("few")
    assert doctor.environment_of(root, prefix) == Check("environment", "ok", f"{prefix}, for builds")
    (prefix / "requirements.lock").write_text("then")
    assert doctor.environment_of(root, prefix).found == f"{prefix}, older than requirements.lock"
    (prefix / "requirements.lock").write_text("now")
    assert doctor.environment_of(root, prefix) == Check("environment", "ok", str(prefix))


def test_a_whole_engine() -> None:
    assert doctor.client(WHOLE).found == (
        "/usr/bin/docker (passed over, since without buildx: /usr/local/bin/docker)"
    )
    assert doctor.buildx(WHOLE) == Check("buildx", "ok", "0.13.1")
    assert doctor.engine(WHOLE, UBUNTU, {}) == Check(
        "engine", "ok", "26.1.5, amd64, unix:///var/run/docker.sock"
    )


def test_no_engine_where_the_build_can_bring_one_up() -> None:
    assert doctor.client(Found()).state == "missing"
    assert doctor.buildx(Found()) == Check(
        "buildx", "missing", "no client has the plugin", "See the engine below"
    )
    assert doctor.engine(Found(), UBUNTU, {}) == Check(
        "engine",
        "missing",
        "docker is not on the PATH",
        "Run ./inv build, which offers to install what is missing and starts the engine",
    )


def test_no_engine_where_that_is_for_a_person_to_do() -> None:
    assert doctor.engine(Found(), replace(UBUNTU, root=False), {}).remedy == (
        "Run: sudo apt-get install docker.io docker-buildx docker-compose-v2"
    )


def test_an_engine_without_the_plugin() -> None:
    bare = replace(WHOLE, clients=WHOLE.clients[:1])
    assert doctor.buildx(bare).remedy == (
        "Install the package docker-buildx, or docker-buildx-plugin where Docker's own packages are"
    )


def test_a_platform_that_the_builder_has() -> None:
    able = frozenset({"linux/amd64", "linux/386"})
    assert doctor.other("linux/amd64", able, UBUNTU) == Check(
        "builds for linux/amd64", "ok", "the builder supports it"
    )
    assert doctor.other("linux/arm64", able, UBUNTU) == Check(
        "builds for linux/arm64",
        "optional",
        "the builder supports linux/386, linux/amd64",
        "Install emulation: apt-get install qemu-user-static binfmt-support; "
        "or choose a builder that supports it: docker buildx create --help",
    )
    assert doctor.other("linux/arm64", frozenset(), UBUNTU).remedy == "See the engine above"
    assert (
        "Choose a builder that supports it: docker buildx create"
        in doctor.other("linux/arm64", able, Host("darwin")).remedy
    )


def test_a_store_that_can_be_written(tmp_path: Path) -> None:
    assert doctor.cache(tmp_path / "new" / "store") == Check("store", "ok", str(tmp_path / "new" / "store"))
    assert list((tmp_path / "new" / "store").iterdir()) == []


def test_a_store_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert doctor.cache(tmp_path / "file" / "store") == Check(
        "store",
        "missing",
        f"{tmp_path / 'file' / 'store'} cannot be written: Not a directory",
        "Correct its permissions, or name another folder in ORTHANC_IMAGES_CACHE",
    )


@pytest.mark.parametrize(("free", "state"), [(9_000_000_000, "ok"), (1_000_000_000, "optional")])
def test_room_is_that_of_the_nearest_folder_that_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, state: str
) -> None:
    usage = shutil.disk_usage("/")._replace(free=free)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    check = doctor.room("room", tmp_path / "not" / "there")
    assert (check.state, check.found) == (state, f"{free / 1e9:.1f} GB free at {tmp_path}")
    assert bool(check.remedy) is (state != "ok")


def test_the_mirror_is_named_without_its_password() -> None:
    check = doctor.mirror(["http://me:secret@mirror.test/debian/"], {})
    assert check == Check("Debian mirror", "ok", "http://mirror.test/debian/")


def test_without_a_mirror_packages_come_from_the_archive() -> None:
    check = doctor.mirror([], {})
    assert check.state == "optional"
    assert check.remedy == (
        "Name one in ORTHANC_IMAGES_DEBIAN_MIRROR; otherwise all packages come from the snapshot archive"
    )


def test_apt_is_for_the_lock_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: "/usr/bin/apt-get")
    assert doctor.apt(UBUNTU, keyring=True).state == "ok"
    assert doctor.apt(UBUNTU, keyring=False).remedy == "Run: sudo apt-get install debian-archive-keyring"
    monkeypatch.setattr(shutil, "which", lambda _: None)
    assert doctor.apt(Host("darwin"), keyring=False).remedy == "Run it on Debian or Ubuntu"


def test_all_is_examined(tmp_path: Path) -> None:
    program(tmp_path / "bin", "docker")
    (tmp_path / "requirements.lock").write_text("")
    runner = FakeRunner(
        (".", said()),
        ("buildx version", PLUGIN),
        ("version --format", said(SERVER)),
        ("context inspect", CONTEXT),
        ("buildx inspect", said("Name: default\nPlatforms: linux/amd64*, linux/386\n")),
        ("info --format", said(f"{tmp_path}\n")),
    )
    environment = {"PATH": str(tmp_path / "bin"), "ORTHANC_IMAGES_CACHE": str(tmp_path / "cache")}
    checks = doctor.examine(tmp_path, environment, ["linux/amd64", "linux/arm64"], runner)
    states = {check.name: check.state for check in checks}
    assert list(states) == [
        "Python",
        "environment",
        "client",
        "buildx",
        "engine",
        "builds for linux/amd64",
        "builds for linux/arm64",
        "store",
        "space in the store",
        "space in the engine",
        "Debian mirror",
        "apt, for ./inv lock",
    ]
    assert states["builds for linux/amd64"] == "ok"
    assert states["builds for linux/arm64"] == "optional"
    assert checks[0].found == f"{'.'.join(map(str, sys.version_info[:3]))} at {sys.executable}"
    assert doctor.healthy(checks)
