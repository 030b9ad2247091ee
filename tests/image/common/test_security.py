"""What nobody gets to see or do who should not: files, secrets, routes, ciphers."""

from __future__ import annotations

import io
import json
import re
import socket
import ssl
import tarfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import docker
import pytest
from testinfra.host import Host

from tests.image import certificates, dicom
from tests.image.common.test_start import HARDENED, SWITCHES, complaints
from tests.image.conftest import Start
from tests.image.containers import HTTP_PORT, Orthanc

SECRET = "mArKeD-sEcReT-{}"

PRIVATE = re.compile(
    rb"-----BEGIN (?:RSA |EC |DSA |OPENSSH |ENCRYPTED )?PRIVATE KEY-----\n[A-Za-z0-9+/=\n]{60}"
)
"""A private key in PEM: the words alone are in many programs."""


@pytest.mark.parametrize("switch", SWITCHES)
def test_plugin_lives_with_the_fewest_rights(start: Start, switch: str) -> None:
    """Another uid, a read-only root, no capabilities, no new privileges: each plugin works, quietly."""
    server = start({switch: "true"}, tmpfs={"/tmp": ""}, **HARDENED["all at once"])
    assert SWITCHES[switch] in server.plugins()
    instance = dicom.encoded(dicom.ct(patient=switch))
    assert instance == server.get(f"/instances/{server.upload(instance)['ID']}/file").content
    assert complaints(server.logs()) == []


def test_process_has_no_rights_left(start: Start) -> None:
    """The kernel itself says that the hardened server holds no capability and can gain none."""
    status = start(**HARDENED["all at once"]).read("/proc/1/status").decode()
    found = dict(re.findall(r"^(Cap\w+|NoNewPrivs|Uid):\s*(\S+)", status, re.MULTILINE))
    assert {found[name] for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")} == {"0" * 16}
    assert (found["NoNewPrivs"], found["Uid"]) == ("1", "12345")


def members(client: docker.DockerClient, image: str) -> Iterator[tuple[str, bytes]]:
    """Each file of each layer of the image, by its path, with its content."""
    saved = io.BytesIO(b"".join(client.images.get(image).save()))
    with tarfile.open(fileobj=saved) as archive:
        listed = archive.extractfile("manifest.json")
        assert listed is not None
        for name in json.load(listed)[0]["Layers"]:
            with tarfile.open(fileobj=archive.extractfile(name)) as layer:
                for entry in layer:
                    file = layer.extractfile(entry) if entry.isreg() else None
                    if file is not None:
                        yield entry.name, file.read()


@pytest.mark.timeout(180)
def test_no_layer_holds_a_private_key_or_a_trace(client: docker.DockerClient, image: str) -> None:
    """No layer, also not one below another, holds a private key, a history of a shell, or a cache."""
    seen, bad = 0, []
    for path, content in members(client, image):
        seen += 1
        if PRIVATE.search(content) or re.search(r"_history$|\.pyc\.\d+$|^var/(cache|log)/.", path):
            bad.append(path)
    assert seen > 2000
    assert bad == []


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


ROUTES = """
/ /app/explorer.html /app/images/orthanc-logo.png /plugins /plugins/explorer.js /system /statistics /changes
/exports /jobs /queries /modalities /peers /patients /studies /series /instances /instances/x/file
/instances/x/preview /tools/reset /tools/shutdown /tools/execute-script /tools/find /tools/metrics-prometheus
/tools/log-level /tools/now /tools/generate-uid /tools/create-dicom /storage-commitment/x /dicom-web/studies
/dicom-web/servers /wado /wsi/pyramids/x /web-viewer/app/viewer.html /housekeeper/status
/plugins/delayed-deletion/status /worklists/create /neuro /move-storage /ohif/ /ohif/app-config.js
/studies/x/ohif-dicom-json /volview/index.html /nowhere /webdav/ /..%2f..%2fetc/passwd //system /system/
/%73ystem
"""
"""What Orthanc, its plugins and its pages answer to, and a few ways round a filter."""


@pytest.mark.timeout(180)
def test_nothing_answers_without_credentials(start: Start) -> None:
    """Each route of REST, of the plugins and of the pages asks for a password, for every method."""
    server = start(dict.fromkeys(SWITCHES, "true"))
    paths = ROUTES.split()

    def answers(method: str, path: str) -> int:
        return server.request(method, path, auth=("nobody", "wrong"), allow_redirects=False).status_code

    methods = ("GET", "POST", "PUT", "DELETE")
    with ThreadPoolExecutor(8) as pool:
        asked = [(method, path) for path in paths for method in methods]
        codes = list(pool.map(lambda one: answers(*one), asked))
    assert [(*one, code) for one, code in zip(asked, codes, strict=True) if code != 401] == []
    assert server.running


def handshake(server: Orthanc, **options: Any) -> str:
    """The protocol and cipher of a TLS connection with these options; the reason when there is none."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_ciphers(options.pop("ciphers", "DEFAULT:@SECLEVEL=0"))
    for name, value in options.items():
        setattr(context, name, value)
    try:
        with (
            socket.create_connection(server.address(HTTP_PORT), 10) as plain,
            context.wrap_socket(plain) as tls,
        ):
            return str(tls.version())
    except (ssl.SSLError, ConnectionError) as error:
        return f"refused ({type(error).__name__})"


def test_https_speaks_only_what_is_documented(start: Start) -> None:
    """By default TLS 1.2 and 1.3 and no older version; a cipher that is not authenticated is refused."""
    server = start(
        {"ORTHANC__SSL_ENABLED": "true", "ORTHANC__SSL_CERTIFICATE": "/etc/orthanc/https.pem"},
        files={"/etc/orthanc/https.pem": certificates.server("localhost")},
        scheme="https",
        verify=False,
    )
    versions = ssl.TLSVersion
    assert handshake(server, maximum_version=versions.TLSv1_3) == "TLSv1.3"
    assert handshake(server, maximum_version=versions.TLSv1_2) == "TLSv1.2"
    assert "refused" in handshake(server, minimum_version=versions.TLSv1, maximum_version=versions.TLSv1_1)
    old = handshake(server, ciphers="ECDHE-ECDSA-AES128-SHA", maximum_version=versions.TLSv1_2)
    assert "refused" in old


def test_configuration_is_unreadable_for_others(start: Start) -> None:
    """Another user in the container, also one of group 0, cannot read the generated configuration."""
    server = start()
    for user in ("4321:4321", "4321:0"):
        code, _ = server.container.exec_run(["cat", "/tmp/orthanc.json"], user=user)
        assert code == 1
    assert server.run("cat", "/tmp/orthanc.json").code == 0


def test_world_writable_folders_are_sticky(root_host: Host) -> None:
    """No file may be changed by everybody."""
    assert root_host.check_output("find / -xdev -type f -perm -0002 -not -path '/proc/*'") == ""
