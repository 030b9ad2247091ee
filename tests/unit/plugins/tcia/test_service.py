"""Calls of the service: what is sent, by which way, and what is said when nothing good comes back."""

from __future__ import annotations

import http.client
import socket
import ssl
from pathlib import Path

import pytest

from harness import tcia
from harness.tcia import TciaService
from orthanc_images.errors import PluginError
from orthanc_images.tcia import options, service
from orthanc_images.tcia.service import ArchiveService, ServiceError
from tests.unit.plugins.storage.answering import answering
from tests.unit.plugins.tcia.world import World, chosen, world

__all__ = ["world"]


def failure(of: ArchiveService, address: str) -> str:
    with pytest.raises(ServiceError) as raised:
        of.answer(address)
    return str(raised.value)


def test_arguments_are_encoded() -> None:
    found = ArchiveService(chosen("http://host/v4/"))
    assert found.address("getPatient", {"Collection": "A&B C/é"}) == (
        "http://host/v4/getPatient?Collection=A%26B%20C%2F%C3%A9"
    )
    assert found.address("getCollectionValues", {}) == "http://host/v4/getCollectionValues"


def test_an_answer_has_its_type(world: World) -> None:
    world.held("1.1", collection="C")
    answer = world.service.answer(world.service.address("getCollectionValues", {}))
    assert (answer.body, answer.mime) == (b'[{"Collection": "C"}]', "application/json")


def test_an_answer_may_be_empty(world: World) -> None:
    """So the archive answers for a collection that it does not have."""
    address = world.service.address("getPatient", {"Collection": "Unknown"})
    assert world.service.answer(address).body == b""


def test_what_the_service_refuses_is_told(world: World) -> None:
    address = world.service.address("nothing", {})
    assert failure(world.service, address) == f"{address}: the service answers 404: HTTP 404 Not Found"


def test_a_service_that_is_away_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        base = f"http://127.0.0.1:{taken.getsockname()[1]}"
    assert failure(ArchiveService(chosen(base)), f"{base}/x") == (
        f"{base}/x: it cannot be reached: [Errno 111] Connection refused. "
        "See that this server may reach it, if need be through HttpProxy"
    )


def test_a_service_that_says_nothing_is_left(world: World) -> None:
    world.archive.moods["1.1"] = "silent"
    patient = ArchiveService(chosen(world.archive.local)._replace(patience=0.2))  # type: ignore[arg-type]
    address = patient.address("getImage", {"SeriesInstanceUID": "1.1"})
    how = "it does not answer in time. Set HttpTimeout higher if it is slow"
    assert failure(patient, address) == f"{address}: {how}"


def test_an_answer_has_limits(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of its size, and of its time."""
    world.archive.moods["1.1"] = "endless"
    address = world.service.address("getImage", {"SeriesInstanceUID": "1.1"})
    monkeypatch.setattr(service, "LARGEST_ANSWER", 1 << 20)
    assert failure(world.service, address) == f"{address}: the answer has more than 1048576 bytes"
    monkeypatch.setattr(service, "LONGEST", -1)
    assert failure(world.service, address) == f"{address}: the answer takes more than -1 seconds"


def test_an_answer_that_breaks_off_is_told() -> None:
    with answering((200, "text")) as one:
        one.lacking = 5
        found = ArchiveService(chosen(one.url))
        assert failure(found, f"{one.url}/x") == f"{one.url}/x: the answer ended after 4 bytes of 9"


def test_chunks_that_break_off_are_told() -> None:
    error = http.client.IncompleteRead(b"")
    assert service.reason(error) == "the answer ended too early"


@pytest.mark.parametrize("scheme", ["", "http://"])
def test_a_proxy_is_asked(scheme: str) -> None:
    with answering((200, "proxied")) as proxy:
        found = ArchiveService(chosen("http://archive/v4", HttpProxy=f"{scheme}user:secret@{proxy.url[7:]}"))
        assert found.answer("http://archive/v4/x").body == b"proxied"
    (request,) = proxy.requests
    assert request[:2] == ("GET", "http://archive/v4/x")
    assert request[2]["proxy-authorization"] == "Basic dXNlcjpzZWNyZXQ="


def test_a_secret_of_a_proxy_is_not_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    found = ArchiveService(chosen("http://archive/v4", HttpProxy=f"user:secret@127.0.0.1:{port}"))
    assert "secret" not in failure(found, "http://archive/v4/x")


def wrong(**configuration: object) -> str:
    with pytest.raises(PluginError) as raised:
        options.read(configuration)
    return str(raised.value)


@pytest.mark.parametrize(
    "base", ["", "///", "nbia", "ftp://host/", "http://", "http://host:x/", "http://h/?a=1"]
)
def test_an_address_must_be_one(base: str) -> None:
    assert wrong(Tcia={"Enable": True, "BaseUrl": base}) == (
        f"Tcia.BaseUrl: {base.rstrip('/')!r} is not the address of an archive. "
        f"Write it as '{options.ARCHIVE}', or leave it out."
    )


def test_defaults_are_those_of_the_official_plugin() -> None:
    found = options.read({})
    assert (found.enabled, found.base, found.proxy, found.patience, found.folder) == (
        False, "https://nbia.cancerimagingarchive.net/nbia-api/services/v4", "", 60, "",
    )  # fmt: skip
    assert found.trust.verify_mode == ssl.CERT_REQUIRED
    assert options.read({"HttpTimeout": 0}).patience == 60


def test_certificates_are_those_of_orthanc(tmp_path: Path) -> None:
    assert options.read({"HttpsVerifyPeers": False}).trust.verify_mode == ssl.CERT_NONE
    assert wrong(HttpsCACertificates="/nowhere") == (
        "HttpsCACertificates: /nowhere cannot be read as certificates: No such file or directory. "
        "Name a file in PEM format."
    )
    bad = tmp_path / "bad.pem"
    bad.write_text("no certificate")
    assert wrong(HttpsCACertificates=str(bad)).startswith(f"HttpsCACertificates: {bad} cannot be read as ")


def test_the_stand_in_is_reached_from_containers() -> None:
    """It listens where a container finds this machine."""
    with tcia.running() as found:
        assert isinstance(found, TciaService)
        assert found.url.startswith("http://host.docker.internal:")
