"""Marked secrets, planted wherever the images take some, and looked for wherever somebody may look."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest

from harness import dicom, stores
from harness.containers import Orthanc
from services import running
from services.fixtures import Serve, Services
from tests.image.compat.authority import Authority
from tests.image.conftest import Start

pytestmark = pytest.mark.inherited

SECRET = "mArKeD-sEcReT-{}-eNd"

PLANTED = {
    "variable": {"environment": {"ORTHANC__REGISTERED_USERS": '{"alice": "%s"}'}},
    "file": {"files": {"/etc/orthanc/users.json": '{"RegisteredUsers": {"alice": "%s"}}'}},
    "secret": {"files": {"/run/secrets/ORTHANC__REGISTERED_USERS": '{"alice": "%s"}'}},
    "secret file": {"files": {"/run/secrets/users.json": '{"RegisteredUsers": {"alice": "%s"}}'}},
    "JSON": {"environment": {"ORTHANC_JSON": '{"RegisteredUsers": {"alice": "%s"}}'}},
    "password": {"environment": {"ORTHANC_PASSWORD": "%s"}},
    "pointer": {
        "environment": {"ORTHANC__REGISTERED_USERS_FILE": "/etc/alice"},
        "files": {"/etc/alice": '{"alice": "%s"}'},
    },
}


@pytest.mark.parametrize("way", PLANTED)
def test_secret_stays_secret(start: Start, way: str) -> None:
    """A secret from any source is in no log, however verbose, no command line, no answer and no image.

    docker inspect shows variables, whatever is in them: a secret that did not come as one is not there.
    """
    secret = SECRET.format(way.replace(" ", "-"))
    given: dict[str, Any] = json.loads(json.dumps(PLANTED[way]).replace("%s", secret))
    environment = {"VERBOSE_STARTUP": "true", "TRACE_ENABLED": "true", **given.get("environment", {})}
    server = start(environment, users=False, files=given.get("files"))
    server.session.auth = ("orthanc" if way == "password" else "alice", secret)
    assert server.get("/system").status_code == 200
    assert secret not in server.get("/system").text
    assert secret not in server.logs()
    assert secret.encode() not in server.read("/proc/1/cmdline")
    if "environment" not in given or way == "pointer":
        server.container.reload()
        assert secret not in json.dumps(server.container.attrs)
        assert secret.encode() not in server.read("/proc/1/environ")


def forms(secret: str) -> Iterator[str]:
    """Yield a secret as it is, and as it is in a header of HTTP, wherever it begins there."""
    yield secret
    for shift in range(3):
        yield base64.b64encode(b"x" * shift + secret.encode()).decode()[4:-4]


def places(server: Orthanc) -> Iterator[tuple[str, str]]:
    """Yield where somebody may look into a server, from outside and inside: a name, and what is there."""
    yield "log", server.logs()
    yield "docker inspect", json.dumps(server.container.client.api.inspect_container(server.container.id))
    yield "command lines", server.run("sh", "-c", "cat /proc/[0-9]*/cmdline").stdout
    yield "environment", server.run("sh", "-c", "cat /proc/1/environ").stdout
    for path in ROUTES:
        yield path, server.get(path).text
    for command in ("print", "explain", "check", "plugins", "to-json"):
        yield f"config {command}", "".join(map(str, server.run("config", command)))


ROUTES = (
    "/system", "/plugins", *(f"/plugins/{name}" for name in ("python", "dicom-web", "postgresql-index")),
    "/modalities?expand", "/peers?expand", "/modalities/x/configuration", "/peers/x/configuration",
    "/dicom-web/servers?expand", "/dicom-web/servers/x", "/dicom-web/info", "/jobs?expand", "/changes",
    "/tools/metrics-prometheus", "/tools/log-level", "/app/explorer.html", "/ohif/app-config.js",
    "/peers/x/system", "/statistics", "/queries?expand",
)  # fmt: skip

KNOWN = {("peer-header", "/jobs?expand")}
"""What Orthanc itself shows to its users: see docs/limits.md."""

WORDS = ("user", "database", "store", "peer", "peer-header", "peer-key", "dicomweb", "dicomweb-header")


@pytest.mark.timeout(240)
def test_secrets_of_everything_stay_secret(
    start: Start, serve: Serve, services: Services, client: Any, network: str
) -> None:
    """Database, object store, peers, DICOMweb, keys and users: none of their secrets is seen anywhere.

    They come as Docker secrets; the log is as verbose as it gets, and each has been used, or tried.
    """
    secrets = {word: SECRET.format(word) for word in WORDS}
    database = serve("postgresql", environment={"POSTGRES_PASSWORD": secrets["database"]})
    bucket = stores.S3(services("moto"), "tests-secrets")
    bucket.make()
    key = Authority("secret").issue("server")
    settings = {
        "RegisteredUsers": {"alice": secrets["user"]},
        "PostgreSQL": {"Host": database.name, "Password": secrets["database"]},
        "AwsS3Storage": {**bucket.settings, "SecretKey": secrets["store"]},
        "OrthancPeers": {
            "x": {
                "Url": "http://127.0.0.1:8042/", "Username": "alice", "Password": secrets["peer"],
                "HttpHeaders": {"Token": secrets["peer-header"]},
                "CertificateKeyPassword": secrets["peer-key"],
            }
        },
        "DicomWeb": {
            "Servers": {
                "x": {
                    "Url": "http://127.0.0.1:8042/dicom-web/", "Username": "alice",
                    "Password": secrets["dicomweb"],
                    "HttpHeaders": {"Token": secrets["dicomweb-header"]},
                }
            }
        },
        "OHIF": {},
        "DicomModalities": {"x": ["X", "127.0.0.1", 4242]},
        "DicomTlsEnabled": True,
        "DicomTlsCertificate": "/run/secrets/dicom.crt",
        "DicomTlsPrivateKey": "/run/secrets/dicom.key",
        "DicomTlsRemoteCertificateRequired": False,
    }  # fmt: skip
    server = start(
        {"VERBOSE_STARTUP": "true", "TRACE_ENABLED": "true"},
        users=False,
        files={
            "/run/secrets/settings.json": json.dumps(settings),
            "/run/secrets/dicom.crt": key.certificate,
            "/run/secrets/dicom.key": key.key,
        },
        timeout=60,
        **running.on(client, network),
    )
    server.session.auth = ("alice", secrets["user"])
    said = server.upload(dicom.encoded(dicom.ct(patient="secrets")))
    assert len(bucket.stored.names()) == 1
    server.post("/peers/x/store", said["ID"])
    server.post("/modalities/x/echo", "{}")
    server.post("/dicom-web/servers/x/qido", '{"Uri": "/studies"}')
    server.post("/dicom-web/servers/x/stow", json.dumps({"Resources": [said["ID"]]}))
    secrets["private key"] = key.key.decode().splitlines()[2]
    there = dict(places(server))
    assert "postgresql-index" in there["/plugins"]
    shown = {
        (word, place)
        for place, text in there.items()
        for word, secret in secrets.items()
        if any(form in text for form in forms(secret))
    }
    assert shown == KNOWN
