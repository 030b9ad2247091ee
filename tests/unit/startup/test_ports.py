"""Ports that Orthanc cannot listen to are found before it starts."""

import os

import pytest

from tests.unit.startup.image import Image

PUBLISH = (
    "Publish another one under that number (docker run -p {}:{} …),"
    " or run with --sysctl net.ipv4.ip_unprivileged_port_start=0."
)


def limited(image: Image, first: str = "1024\n", status: str = "CapEff:\t0\nCapAmb:\t0\n") -> None:
    image.file("/proc/sys/net/ipv4/ip_unprivileged_port_start", first)
    image.file("/proc/self/status", status)


@pytest.mark.parametrize(
    ("environment", "port"),
    [
        ({"ORTHANC__HTTP_PORT": "4242"}, 4242),
        ({"ORTHANC__DICOM_PORT": "8042"}, 8042),
        ({"ORTHANC__DICOM_PORT": "104", "ORTHANC__HTTP_PORT": "104"}, 104),
    ],
)
def test_two_servers_cannot_share_a_port(image: Image, environment: dict[str, str], port: int) -> None:
    (found,) = image.problems(environment)
    assert found.endswith(
        f": HttpPort and DicomPort are both {port}."
        " Set ORTHANC__HTTP_PORT or ORTHANC__DICOM_PORT to another port."
    )


@pytest.mark.parametrize("switch", ["ORTHANC__HTTP_SERVER_ENABLED", "ORTHANC__DICOM_SERVER_ENABLED"])
def test_one_server_alone_shares_nothing(image: Image, switch: str) -> None:
    assert image.problems({"ORTHANC__HTTP_PORT": "4242", switch: "false"}) == []


def test_low_ports_need_a_right(image: Image, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getuid", lambda: 999)
    limited(image)
    assert image.problems({"ORTHANC__HTTP_PORT": "80", "ORTHANC__DICOM_PORT": "104"}) == [
        "ORTHANC__HTTP_PORT: 'HttpPort' is 80, and the user 999 must not listen below 1024 here. "
        + PUBLISH.format(80, 8042),
        "ORTHANC__DICOM_PORT: 'DicomPort' is 104, and the user 999 must not listen below 1024 here. "
        + PUBLISH.format(104, 4242),
    ]


@pytest.mark.parametrize(
    ("user", "first", "status"),
    [
        (999, "0\n", "CapAmb:\t0\n"),
        (999, "80\n", "CapAmb:\t0\n"),
        (999, "1024\n", "CapEff:\t0\nCapAmb:\t0000000000000400\n"),
        (0, "1024\n", "CapEff:\t00000000a80425fb\nCapAmb:\t0\n"),
        (999, "odd\n", ""),
    ],
)
def test_low_ports_are_fine_with_it(
    image: Image, monkeypatch: pytest.MonkeyPatch, user: int, first: str, status: str
) -> None:
    monkeypatch.setattr(os, "getuid", lambda: user)
    limited(image, first, status)
    assert image.problems({"ORTHANC__HTTP_PORT": "80"}) == []


@pytest.mark.parametrize("status", ["", "Name:\tx\n"])
def test_a_right_that_is_not_known_is_not_there(
    image: Image, monkeypatch: pytest.MonkeyPatch, status: str
) -> None:
    monkeypatch.setattr(os, "getuid", lambda: 999)
    limited(image, status=status)
    if not status:
        (image.path / "proc/self/status").unlink()
    assert len(image.problems({"ORTHANC__HTTP_PORT": "80"})) == 1
