"""TLS on the wire: what HTTPS and DICOM speak, to whom, and that nobody else gets in."""

from __future__ import annotations

import json
import socket
import ssl
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import docker
import pytest
from pynetdicom import AE
from pynetdicom.sop_class import Verification  # type: ignore[attr-defined]

from harness import dicom
from harness.containers import DICOM_PORT, HTTP_PORT, LOGIN, Orthanc
from services import running
from tests.image.compat.authority import Authority, Identity
from tests.image.conftest import Start

VERSIONS = ssl.TLSVersion
OFFERED = {
    "TLS 1.3": {"maximum_version": VERSIONS.TLSv1_3},
    "TLS 1.2": {"maximum_version": VERSIONS.TLSv1_2},
    "TLS 1.1 and older": {"minimum_version": VERSIONS.TLSv1, "maximum_version": VERSIONS.TLSv1_1},
}
WEAK = (
    "ECDHE-ECDSA-AES128-SHA", "ECDHE-ECDSA-AES256-SHA384", "ECDHE-ECDSA-NULL-SHA", "AECDH-AES256-SHA",
    "AES256-SHA", "AES128-SHA", "NULL-SHA256",
)  # fmt: skip
"""Ciphers of TLS 1.2 without authenticated encryption, without forward secrecy, or without any encryption."""

DOCUMENTED = {"ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-ECDSA-AES256-SHA384"}
"""Those of Orthanc's default ciphers of TLS 1.2 (docs/security.md) that go with an elliptic key."""

CHOSEN = "ECDHE-ECDSA-CHACHA20-POLY1305"

pytestmark = [
    pytest.mark.inherited,
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore:Unverified HTTPS"),
]

HTTPS = {"ORTHANC__SSL_ENABLED": "true", "ORTHANC__SSL_CERTIFICATE": "/tls/server.pem"}
TLS = {
    "DicomTlsEnabled": True,
    "DicomTlsCertificate": "/tls/server.crt",
    "DicomTlsPrivateKey": "/tls/server.key",
    "DicomTlsTrustedCertificates": "/tls/clients.pem",
}


class Keys(NamedTuple):
    """One authority with a server and a client, and a stranger of another."""

    authority: Authority
    server: Identity
    client: Identity
    stranger: Identity

    @property
    def files(self) -> dict[str, bytes | str]:
        """Return what the server needs."""
        return {
            "/tls/server.pem": self.server.certificate + self.server.key,
            "/tls/server.crt": self.server.certificate,
            "/tls/server.key": self.server.key,
            "/tls/client.crt": self.client.certificate,
            "/tls/client.key": self.client.key,
            "/tls/clients.pem": self.authority.pem(),
        }

    def context(self, folder: Path, name: str = "", **options: Any) -> ssl.SSLContext:
        """Return the TLS of a client that trusts the authority: as "client", as "stranger", or as nobody."""
        made = ssl.create_default_context(cadata=self.authority.pem().decode())
        made.check_hostname = False
        if name:
            identity: Identity = getattr(self, name)
            made.load_cert_chain(*identity.written(folder, name))
        for option, value in options.items():
            setattr(made, option, value)
        return made


@pytest.fixture(scope="module")
def keys() -> Keys:
    """Return certificates of the module."""
    authority, other = Authority("tests"), Authority("others")
    return Keys(authority, authority.issue("server"), authority.issue("client"), other.issue("stranger"))


def spoken(server: Orthanc, port: str, context: ssl.SSLContext) -> str:
    """Return the version of TLS that a handshake led to; "refused" when it led to none."""
    try:
        with (
            socket.create_connection(server.address(port), 10) as plain,
            context.wrap_socket(plain) as tls,
        ):
            return str(tls.version())
    except (ssl.SSLError, OSError):
        return "refused"


def versions(server: Orthanc, port: str, keys: Keys, folder: Path) -> dict[str, str]:
    """Return what a client that offers these versions, and any cipher, ends up with."""
    made = {}
    for name, options in OFFERED.items():
        context = keys.context(folder, "client", **options)
        context.set_ciphers("ALL:@SECLEVEL=0")
        made[name] = spoken(server, port, context)
    return made


def ciphers(server: Orthanc, port: str, keys: Keys, folder: Path, names: Sequence[str]) -> set[str]:
    """Return those of the ciphers of TLS 1.2 that the server speaks."""
    found = set()
    for name in names:
        context = keys.context(folder, "client", maximum_version=VERSIONS.TLSv1_2)
        context.set_ciphers(f"{name}:@SECLEVEL=0")
        if spoken(server, port, context) != "refused":
            found.add(name)
    return found


def known() -> list[str]:
    """Return every cipher of TLS 1.2 and older that OpenSSL has here, those without encryption included."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.set_ciphers("ALL:COMPLEMENTOFALL:@SECLEVEL=0")
    names = [cipher["name"] for cipher in context.get_ciphers() if not cipher["name"].startswith("TLS_")]
    assert len(names) > 50
    return names


def test_https_speaks_only_what_is_documented(start: Start, keys: Keys, tmp_path: Path) -> None:
    """By default TLS 1.2 and 1.3, and in TLS 1.2, of all ciphers, those that are documented."""
    server = start(HTTPS, files=keys.files, scheme="https", verify=False)
    assert versions(server, HTTP_PORT, keys, tmp_path) == {
        "TLS 1.3": "TLSv1.3", "TLS 1.2": "TLSv1.2", "TLS 1.1 and older": "refused",
    }  # fmt: skip
    assert ciphers(server, HTTP_PORT, keys, tmp_path, known()) == DOCUMENTED


def test_https_speaks_what_it_is_told(start: Start, keys: Keys, tmp_path: Path) -> None:
    """With SslMinimumProtocolVersion 5 nothing but TLS 1.3; with SslCiphersAccepted nothing but those."""
    newest = {**HTTPS, "ORTHANC__SSL_MINIMUM_PROTOCOL_VERSION": "5"}
    server = start(newest, files=keys.files, scheme="https", verify=False)
    assert versions(server, HTTP_PORT, keys, tmp_path) == {
        "TLS 1.3": "TLSv1.3", "TLS 1.2": "refused", "TLS 1.1 and older": "refused",
    }  # fmt: skip
    chosen = {**HTTPS, "ORTHANC__SSL_CIPHERS_ACCEPTED": json.dumps([CHOSEN])}
    server = start(chosen, files=keys.files, scheme="https", verify=False)
    assert ciphers(server, HTTP_PORT, keys, tmp_path, known()) == {CHOSEN}


def echo(server: Orthanc, context: ssl.SSLContext | None) -> bool:
    """Tell whether a C-ECHO over TLS (None: without) succeeds."""
    entity: Any = AE(ae_title="TESTER")
    entity.acse_timeout = entity.dimse_timeout = entity.network_timeout = entity.connection_timeout = 10
    entity.add_requested_context(Verification)
    host, port = server.dicom_address
    link = entity.associate(host, port, tls_args=(context, host) if context else None)
    if not link.is_established:
        return False
    status = link.send_c_echo()
    link.release()
    return getattr(status, "Status", None) == 0


def modality(name: str, **more: Any) -> dict[str, Any]:
    """Return how a server knows another one of the network that speaks TLS."""
    return {name: {"AET": "ORTHANC", "Host": name, "Port": 4242, "UseDicomTls": True, **more}}


def settings(tree: Mapping[str, Any]) -> dict[str, str]:
    """Return settings as ORTHANC_JSON."""
    return {"ORTHANC_JSON": json.dumps(tree)}


def test_dicom_tls_asks_for_a_certificate(start: Start, keys: Keys, tmp_path: Path) -> None:
    """By default a DICOM client needs a certificate of the trusted authority; plain DICOM gets no answer."""
    server = start(settings(TLS), files=keys.files)
    asked = {name: echo(server, keys.context(tmp_path, name)) for name in ("client", "stranger", "")}
    assert asked == {"client": True, "stranger": False, "": False}
    assert not echo(server, None)
    assert versions(server, DICOM_PORT, keys, tmp_path)["TLS 1.1 and older"] == "refused"
    assert ciphers(server, DICOM_PORT, keys, tmp_path, WEAK) == set()
    assert echo(server, keys.context(tmp_path, "client"))


def test_dicom_tls_without_certificates_of_clients(start: Start, keys: Keys, tmp_path: Path) -> None:
    """With DicomTlsRemoteCertificateRequired off anybody may come, over TLS only."""
    server = start(settings({**TLS, "DicomTlsRemoteCertificateRequired": False}), files=keys.files)
    assert echo(server, keys.context(tmp_path))
    assert not echo(server, None)


def test_servers_send_over_dicom_tls(
    start: Start, keys: Keys, client: docker.DockerClient, network: str
) -> None:
    """An instance goes from server to server over DICOM TLS, and to none that a stranger has signed."""
    others = Authority("others").issue("impostor")
    impostor = {**keys.files, "/tls/server.crt": others.certificate, "/tls/server.key": others.key}
    right = start(settings(TLS), files=keys.files, **running.on(client, network, "right"))
    wrong = start(settings(TLS), files=impostor, **running.on(client, network, "wrong"))
    sender = start(
        settings({**TLS, "DicomModalities": {**modality("right"), **modality("wrong")}}),
        files=keys.files, **running.on(client, network),
    )  # fmt: skip
    identifier = sender.upload(dicom.encoded(dicom.ct(patient="tls")))["ID"]
    assert sender.post("/modalities/right/store", identifier).status_code == 200
    assert sender.post("/modalities/wrong/store", identifier).status_code >= 400
    kept = dicom.decoded(right.get(f"/instances/{identifier}/file").content)
    assert kept.PixelData == dicom.ct(patient="tls").PixelData
    assert wrong.json("/instances") == []


def test_peers_speak_with_certificates(
    start: Start, keys: Keys, client: docker.DockerClient, network: str
) -> None:
    """A peer that asks for a certificate takes an instance from a server that has one, and from no other."""
    verifying = {
        **HTTPS,
        "ORTHANC__SSL_VERIFY_PEERS": "true",
        "ORTHANC__SSL_TRUSTED_CLIENT_CERTIFICATES": "/tls/clients.pem",
    }
    peer = start(
        verifying, files=keys.files, scheme="https", wait=False, **running.on(client, network, "peer")
    )
    login = {"Url": "https://peer:8042/", "Username": LOGIN[0], "Password": LOGIN[1]}
    identity = {"CertificateFile": "/tls/client.crt", "CertificateKeyFile": "/tls/client.key"}
    peers = {"known": {**login, **identity}, "unknown": login}
    sender = start(
        settings({"OrthancPeers": peers, "HttpsVerifyPeers": False}),
        files=keys.files, **running.on(client, network),
    )  # fmt: skip
    peer.wait_for_log("Orthanc has started", 30)
    identifier = sender.upload(dicom.encoded(dicom.ct(patient="peer")))["ID"]
    assert sender.post("/peers/known/store", identifier).status_code == 200
    assert sender.post("/peers/unknown/store", identifier).status_code >= 400
