"""Set-ups of the existing images: their mounts, commands and helpers work here too."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator

import docker
import pytest

from harness import dicom
from harness.containers import LABEL, Orthanc
from tests.image.conftest import Run, Start

pytestmark = pytest.mark.inherited

STORAGE = "/var/lib/orthanc/db"


@pytest.fixture
def volume(client: docker.DockerClient) -> Iterator[str]:
    """Yield a new volume, which belongs to root until something of the image is copied into it."""
    made = client.volumes.create(f"orthanc-tests-{secrets.token_hex(4)}", labels={LABEL: "volume"})
    yield str(made.name)
    made.remove(force=True)


@pytest.mark.parametrize("folder", ["/var/lib/orthanc", STORAGE])
def test_a_mount_keeps_the_data(volume: str, start: Start, folder: str) -> None:
    """Also one of the folder above: no anonymous volume lies over it."""
    mount = {volume: {"bind": folder, "mode": "rw"}}
    first = start(volumes=mount)
    first.upload(dicom.encoded(dicom.ct()))
    assert "in the container itself" not in first.logs()
    first.container.stop(timeout=20)
    assert start(volumes=mount).json("/statistics")["CountInstances"] == 1


def test_an_index_that_is_there_keeps_its_tags(volume: str, start: Start) -> None:
    """Those of a new index with DICOMweb are not added to it: what it holds does not have them."""
    mount = {volume: {"bind": STORAGE, "mode": "rw"}}
    first = start(volumes=mount)
    tags = first.json("/system")["MainDicomTags"]
    first.upload(dicom.encoded(dicom.ct()))
    first.container.stop(timeout=20)
    second = start({"DICOM_WEB_PLUGIN_ENABLED": "true"}, volumes=mount)
    assert tags == second.json("/system")["MainDicomTags"]
    second.json("/instances?expand")
    assert "W002" not in second.logs()


def test_what_is_not_mounted_is_said(start: Start) -> None:
    assert f"{STORAGE} is in the container itself, and is deleted with it." in start().logs()


@pytest.mark.parametrize("command", ["Orthanc /etc/orthanc/", "orthanc", "/usr/sbin/Orthanc --verbose"])
def test_the_program_as_a_command_is_the_image_itself(start: Start, command: str) -> None:
    """With variables, users and health check, as without a command."""
    server = start({"ORTHANC__NAME": "mine"}, arguments=command.split())
    assert server.json("/system")["Name"] == "mine"


def test_a_start_is_healthy_soon(start: Start) -> None:
    """The probe is asked each second at first, not every ten."""
    server = start()
    end = time.monotonic() + 9
    while server.state["Health"]["Status"] != "healthy":
        assert time.monotonic() < end, server.state
        time.sleep(0.2)


def test_the_entry_point_has_both_names(run: Run) -> None:
    for name in ("/entrypoint", "/docker-entrypoint.sh"):
        assert run("--version", entrypoint=[name]).stdout.startswith("Orthanc ")


def test_the_configuration_is_generated_under_the_old_name(run: Run) -> None:
    script = "python3 /startup/generateConfiguration.py && grep -c '\"mine\"' /tmp/orthanc.json"
    done = run("sh", "-c", script, environment={"ORTHANC_PASSWORD": "p", "ORTHANC__NAME": "mine"})
    assert (done.code, done.stdout) == (0, "1\n")


@pytest.mark.parametrize("name", ["pip", "pip3"])
def test_pip_says_what_to_write_instead(run: Run, name: str) -> None:
    done = run(name, "install", "--quiet", "Requests[socks]>=2")
    assert done.code == 1
    assert "apt-get install -y --no-install-recommends python3-requests\nUSER 999:999\n" in done.stderr
    assert "&& pip install --break-system-packages Requests[socks]>=2\nUSER 999:999\n" in done.stderr


def test_folders_of_root_are_given_to_the_user_once(volume: str, start: Start) -> None:
    """Then Orthanc runs as the user of the image, although the container was started as root."""
    options = {"volumes": {volume: {"bind": "/data", "mode": "rw"}}, "user": "0:0"}
    environment = {"ORTHANC__STORAGE_DIRECTORY": "/data", "ORTHANC_FIX_OWNERSHIP": "true"}
    server: Orthanc = start(environment, **options)
    server.upload(dicom.encoded(dicom.ct()))
    _, listed = server.container.exec_run(["stat", "-c", "%u:%g", "/data", "/data/index", "/proc/1"])
    assert listed.decode().split() == ["999:999"] * 3


def test_a_folder_of_root_is_refused_with_its_command(run: Run, volume: str) -> None:
    done = run(
        environment={"ORTHANC_PASSWORD": "p", "ORTHANC__STORAGE_DIRECTORY": "/data"},
        volumes={volume: {"bind": "/data", "mode": "rw"}},
    )
    command = f"docker run --rm --user 0 --entrypoint chown -v {volume}:/data IMAGE -R 999:999 /data"
    assert (done.code, command in done.stderr) == (78, True)
