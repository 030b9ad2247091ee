"""The plugin Authorization, and the login of the pages, with the tokens of a real OpenID provider."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from typing import Any, NamedTuple

import docker
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

from harness import browser, dicom, explorer, openid
from harness.browser import Browser
from harness.containers import Orthanc
from harness.openid import REALM, OpenIdAuthority, OpenIdProvider
from services import running
from services.fixtures import Serve, Services
from services.running import Service
from tests.image.conftest import Start

pytestmark = pytest.mark.inherited

ORIGIN, LOGIN = "http://orthanc:8042", "http://oidc:3000"


class Site(NamedTuple):
    """A server whose users the provider knows, and two studies; one of them has the label teaching."""

    orthanc: Orthanc
    provider: OpenIdProvider
    authority: OpenIdAuthority
    service: Service
    mine: str
    other: str

    def status(self, path: str, token: str, method: str = "GET") -> int:
        """Return the status of a request with a token, as OAuth 2.0 sends it (RFC 6750)."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return int(self.orthanc.request(method, path, headers=headers, auth=unsigned).status_code)

    def opened(self, token: str) -> tuple[int, int]:
        """Return the status of each of the two studies, the one with the label first."""
        return self.status(f"/studies/{self.mine}", token), self.status(f"/studies/{self.other}", token)


def unsigned(request: Any) -> Any:
    """Leave a request as it is, without the password of the tests."""
    return request


def sent(orthanc: Orthanc, bearer: dict[str, str], name: str) -> str:
    """Return the Orthanc identifier of a new study of a patient of this name."""
    made = dicom.ct(patient=name, study=name)
    made.PatientName = f"{name}^Patient"
    answer = orthanc.post("/instances", dicom.encoded(made), headers=bearer, auth=unsigned)
    return str(answer.json()["ParentStudy"])


@pytest.fixture
def site(start: Start, client: docker.DockerClient, network: str, serve: Serve) -> Iterator[Site]:
    """Yield a server that asks a service, which asks the provider."""
    service = serve("oidc", name="oidc", arguments=[LOGIN, ORIGIN])
    provider = OpenIdProvider(service.url, LOGIN)
    with openid.running(provider) as authority:
        settings = {
            "AuthenticationEnabled": False,
            "Authorization": {
                "WebServiceRootUrl": authority.url,
                "TokenHttpHeaders": ["Authorization", "token"],
                "StandardConfigurations": ["orthanc-explorer-2"],
                "CheckedLevel": "studies",
            },
            "OrthancExplorer2": {
                "Keycloak": {
                    "Enable": True,
                    "Url": LOGIN,
                    "Realm": REALM["realm"],
                    "ClientId": REALM["pages"],
                }
            },
        }
        orthanc = start(
            {"AUTHORIZATION_PLUGIN_ENABLED": "true", "ORTHANC_JSON": json.dumps(settings)},
            **running.on(client, network, "orthanc"),
        )
        bearer = {"Authorization": f"Bearer {provider.token('gateway')}"}
        mine, other = (sent(orthanc, bearer, name) for name in ("One", "Other"))
        label = f"/studies/{mine}/labels/teaching"
        orthanc.put(label, "", headers=bearer, auth=unsigned).raise_for_status()
        yield Site(orthanc, provider, authority, service, mine, other)


def test_the_claims_of_a_token_decide(site: Site) -> None:
    """Those of a JWT that its signature proves, and those that the provider tells of any other token."""
    gateway, lecture, opaque, stranger = (
        site.provider.token(name) for name in ("gateway", "lecture", "opaque", "stranger")
    )
    assert [lecture.count("."), opaque.count(".")] == [2, 0]
    assert site.opened(gateway) == (200, 200)
    for token in (lecture, opaque):
        assert site.opened(token) == (200, 403)
        assert site.status(f"/studies/{site.mine}", token, "DELETE") == 403
        assert site.status("/instances", token, "POST") == 403
    assert site.opened(stranger) == (403, 403)
    assert site.opened("") == (403, 403)
    answer = site.orthanc.get("/auth/user/profile", headers={"token": lecture}, auth=unsigned).json()
    assert (answer["name"], answer["permissions"]) == ("service-account-lecture", ["view"])
    assert site.status(f"/studies/{site.other}", gateway, "DELETE") == 200


def changed(token: str, **claims: Any) -> str:
    """Return a token that says something else, with its signature as it was."""
    header, payload, signature = token.split(".")
    said = {**json.loads(openid.decoded(payload)), **claims}
    return f"{header}.{openid.encoded(json.dumps(said).encode())}.{signature}"


def signed(token: str, key: rsa.RSAPrivateKey | bytes | None, **header: str) -> str:
    """Return a token that says the same, signed by another key, by a secret, or by nobody."""
    first, payload, _ = token.split(".")
    said = {**json.loads(openid.decoded(first)), **header}
    content = f"{openid.encoded(json.dumps(said).encode())}.{payload}"
    match key:
        case None:
            return f"{content}."
        case bytes():
            return f"{content}.{openid.encoded(hmac.digest(key, content.encode(), hashlib.sha256))}"
        case _:
            return f"{content}.{openid.encoded(key.sign(content.encode(), PKCS1v15(), SHA256()))}"


def test_a_forged_token_opens_nothing(site: Site) -> None:
    """Nor does one that was cut, or that is another kind of token."""
    token = site.provider.token("gateway")
    (public,) = site.provider.ask("certs")["keys"]
    key = rsa.generate_private_key(65537, 2048)
    forged = [
        changed(site.provider.token("lecture"), realm_access={"roles": ["administrator"]}),
        changed(token, exp=int(time.time()) + 9999),
        changed(token, aud="urn:other"),
        signed(token, key),
        signed(token, key, kid="mine"),
        signed(token, None, alg="none"),
        signed(token, openid.decoded(public["n"]), alg="HS256"),
        signed(token, json.dumps(public).encode(), alg="HS256"),
        token[:-9],
        token.rpartition(".")[0],
        "..",
        "nonsense",
    ]
    for one in forged:
        assert site.opened(one) == (403, 403), one
    assert site.opened(token) == (200, 200)


def test_a_token_that_is_over_opens_nothing(site: Site) -> None:
    """One that has expired, and one that was given back to the provider."""
    brief, opaque = site.provider.token("brief"), site.provider.token("opaque")
    assert (site.opened(brief), site.opened(opaque)) == ((200, 403), (200, 403))
    site.provider.ask("revoke", "opaque", token=opaque)
    assert site.opened(opaque) == (403, 403)
    time.sleep(2.1)
    assert site.opened(brief) == (403, 403)


def test_without_the_provider_nothing_is_open(site: Site) -> None:
    """A token counts again only if the provider that comes back knows it; this one has other keys then."""
    token = site.provider.token("gateway")
    assert site.opened(token) == (200, 200)
    site.service.stop()
    assert site.opened(token) == (403, 403)
    site.orthanc.wait_for_log("is refused")
    site.service.start_again()
    provider = site.authority.provider = OpenIdProvider(site.service.url, LOGIN)
    assert site.opened(token) == (403, 403)
    assert site.opened(provider.token("gateway")) == (200, 200)


@pytest.mark.timeout(300)
def test_users_log_in_on_the_pages(site: Site, services: Services) -> None:
    """By the adapter of Keycloak: they are led to the provider and back, see what is theirs, and log out."""
    with browser.browser(services("chromium").url, ORIGIN) as window:
        window.driver.get(f"{ORIGIN}/ui/app/")
        logged_in(window, "reader")
        explorer.shows(window, "One, Patient")
        explorer.shows(window, "reader")
        assert "Other, Patient" not in explorer.text(window)
        assert window.driver.current_url.startswith(ORIGIN)
        window.click_text("Log out")
        window.click("button[name=logout]")
        logged_in(window, "boss")
        for name in ("One", "Other"):
            explorer.shows(window, f"{name}, Patient")


def logged_in(window: Browser, name: str) -> None:
    """Give the provider's page the name and the password of a user."""
    window.shown("input[name=username]").send_keys(name)
    window.shown("input[name=password]").send_keys(REALM["users"][name]["password"])
    assert window.driver.current_url.startswith(LOGIN)
    window.shown("button").click()
