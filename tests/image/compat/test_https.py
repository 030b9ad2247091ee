"""HTTPS, with and without certificates of clients: in Debian's package the first request is the last."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import pytest
import requests

from harness.containers import LOGIN, Orthanc
from tests.image.compat.authority import Authority
from tests.image.conftest import Start

pytestmark = pytest.mark.inherited

ENVIRONMENT = {"ORTHANC__SSL_ENABLED": "true", "ORTHANC__SSL_CERTIFICATE": "/tmp/tls/server.pem"}
MUTUAL = {
    **ENVIRONMENT,
    "ORTHANC__SSL_VERIFY_PEERS": "true",
    "ORTHANC__SSL_TRUSTED_CLIENT_CERTIFICATES": "/tmp/tls/clients.pem",
}


class Keys(NamedTuple):
    """What a server and its clients need: files for the container, paths for requests."""

    files: dict[str, bytes]
    authority: str
    client: tuple[str, str]
    stranger: tuple[str, str]


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    """Return certificates of one authority for server and client, and of another one for a stranger."""
    folder = tmp_path_factory.mktemp("tls")
    authority, other = Authority("tests"), Authority("others")
    server = authority.issue("server")
    (folder / "authority.crt").write_bytes(authority.pem())
    return Keys(
        {"/tmp/tls/server.pem": server.certificate + server.key, "/tmp/tls/clients.pem": authority.pem()},
        str(folder / "authority.crt"),
        authority.issue("client").written(folder, "client"),
        other.issue("stranger").written(folder, "stranger"),
    )


def statuses(server: Orthanc, count: int) -> list[int]:
    """Return the statuses of that many requests, four at once, each on a connection of its own."""

    def one(_: int) -> int:
        answer = requests.get(
            f"{server.url}/system",
            auth=LOGIN,
            verify=server.session.verify,
            cert=server.session.cert,
            timeout=10,
        )
        return answer.status_code

    with ThreadPoolExecutor(4) as pool:
        return list(pool.map(one, range(count)))


def refused(server: Orthanc, cert: tuple[str, str] | None, authority: str) -> bool:
    """Tell whether a client with this certificate gets no answer."""
    try:
        requests.get(f"{server.url}/system", auth=LOGIN, verify=authority, cert=cert, timeout=10)
    except requests.ConnectionError:
        return True
    return False


def test_https(start: Start, keys: Keys) -> None:
    """Requests over TLS are answered, one after the other and together."""
    server = start(ENVIRONMENT, files=keys.files, scheme="https", verify=keys.authority)
    before = server.process
    assert statuses(server, 20) == [200] * 20
    assert server.process == before


def test_https_with_an_unasked_certificate(start: Start, keys: Keys) -> None:
    """A certificate that the server did not ask for does no harm."""
    server = start(ENVIRONMENT, files=keys.files, scheme="https", verify=keys.authority, cert=keys.client)
    before = server.process
    assert statuses(server, 8) == [200] * 8
    assert server.process == before


def test_mutual_tls(start: Start, keys: Keys) -> None:
    """Only clients with a certificate of the trusted authority get an answer, before and after the others."""
    server = start(MUTUAL, files=keys.files, scheme="https", verify=keys.authority, cert=keys.client)
    before = server.process
    assert statuses(server, 8) == [200] * 8
    assert refused(server, None, keys.authority)
    assert refused(server, keys.stranger, keys.authority)
    assert statuses(server, 8) == [200] * 8
    assert server.process == before


def test_plain_http_on_the_port_of_https(start: Start, keys: Keys) -> None:
    """What is not TLS is dropped, and the server goes on."""
    server = start(ENVIRONMENT, files=keys.files, scheme="https", verify=keys.authority)
    before = server.process
    with pytest.raises(requests.ConnectionError):
        requests.get(server.url.replace("https", "http") + "/system", timeout=10)
    assert statuses(server, 4) == [200] * 4
    assert server.process == before
