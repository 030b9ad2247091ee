"""A service for the plugin Authorization whose users an OpenID provider knows: it verifies what it is given.

A token that is a JWT is verified with the keys that the provider publishes; another is shown to the provider.
Roles are those of Keycloak's claim realm_access. Nothing is kept from one question to the next.
"""

from __future__ import annotations

import base64
import json
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers
from cryptography.hazmat.primitives.hashes import SHA256

from harness.authority import NOBODY, Authority

REALM: dict[str, Any] = json.loads(
    (Path(__file__).resolve().parents[1] / "services/oidc/realm.json").read_text(encoding="utf-8")
)
"""The users and clients of the provider; the secret of each client is its name."""

ROLES: dict[str, dict[str, list[str]]] = {
    "administrator": {"permissions": ["all", "admin-permissions"], "authorized-labels": ["*"]},
    "teacher": {"permissions": ["view"], "authorized-labels": ["teaching"]},
}
"""What each role of the provider may do in Orthanc; others nothing."""


class OpenIdProvider:
    """The provider: where it is for this machine, and the name that it gives itself."""

    def __init__(self, url: str, issuer: str) -> None:
        self.root = f"{url}/realms/{REALM['realm']}/protocol/openid-connect"
        self.issuer = f"{issuer}/realms/{REALM['realm']}"

    def ask(self, path: str, client: str = "", **form: str) -> Any:
        """Return what the provider answers to a question; one with a form is that of a client.

        Raises:
            OSError: when it does not answer, or not with success.
        """
        content = urllib.parse.urlencode(form).encode() if form else None
        request = urllib.request.Request(f"{self.root}/{path}", data=content)
        if client:
            login = base64.b64encode(f"{client}:{client}".encode()).decode()
            request.add_header("Authorization", f"Basic {login}")
        with urllib.request.urlopen(request, timeout=5) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def token(self, client: str) -> str:
        """Return a new access token of a client, by its own credentials."""
        answer = self.ask("token", client, grant_type="client_credentials", scope="archive")
        return str(answer["access_token"])

    def claims(self, token: str) -> dict[str, Any]:
        """Return what a token says; nothing when it is not valid.

        Raises:
            OSError: when the provider does not answer.
        """
        if token.count(".") == 2:
            found = verified(token, self.ask("certs")["keys"])
        else:
            found = self.ask("token/introspect", "authority", token=token)
            found = found if found.pop("active") else {}
        fits = found.get("iss") == self.issuer and found.get("aud") == REALM["audience"]
        return found if fits and found.get("exp", 0) > time.time() else {}


def verified(token: str, keys: list[dict[str, str]]) -> dict[str, Any]:
    """Return what a JWT says that one of these keys has signed by RS256; nothing for any other (RFC 7515)."""
    content, _, signature = token.rpartition(".")
    try:
        header, payload = (json.loads(decoded(part)) for part in content.split("."))
        (key,) = (one for one in keys if one["kid"] == header.get("kid") and header["alg"] == "RS256")
        numbers = RSAPublicNumbers(*(int.from_bytes(decoded(key[name])) for name in ("e", "n")))
        numbers.public_key().verify(decoded(signature), content.encode(), PKCS1v15(), SHA256())
    except (ValueError, KeyError, InvalidSignature):
        return {}
    return payload if isinstance(payload, dict) else {}


def encoded(content: bytes) -> str:
    """Return bytes in base64url without padding."""
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def decoded(text: str) -> bytes:
    """Return the bytes of a text in base64url without padding."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class OpenIdAuthority(Authority):
    """The service: a user profile is what the roles in a token allow, and is kept by nobody."""

    def __init__(self, provider: OpenIdProvider) -> None:
        super().__init__()
        self.provider = provider

    def answer(self, path: str, body: Any) -> Any:
        """Return the profile for a token.

        Raises:
            OSError: when the provider does not answer.
        """
        if not path.endswith("/user/get-profile"):
            return {"granted": False, "validity": 0}
        token = (body.get("token-value") or "").removeprefix("Bearer ")
        claims = self.provider.claims(token) if token else {}
        return {**profile(claims), "validity": 0}


def profile(claims: dict[str, Any]) -> dict[str, Any]:
    """Return what the plugin is told of who has these claims."""
    if not claims:
        return NOBODY
    allowed = [ROLES[role] for role in claims["realm_access"]["roles"] if role in ROLES]
    return {
        "name": claims["preferred_username"],
        "permissions": [one for role in allowed for one in role["permissions"]],
        "authorized-labels": [one for role in allowed for one in role["authorized-labels"]],
    }


@contextmanager
def running(provider: OpenIdProvider) -> Iterator[OpenIdAuthority]:
    """Yield the service."""
    service = OpenIdAuthority(provider)
    threading.Thread(target=service.serve_forever, daemon=True).start()
    try:
        yield service
    finally:
        service.over.set()
        service.shutdown()
        service.server_close()
