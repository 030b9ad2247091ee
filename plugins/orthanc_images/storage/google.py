"""Google Cloud Storage."""

from __future__ import annotations

import base64
import http.client
import json
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from obstore.store import GCSStore

from orthanc_images.storage import endpoint, failure
from orthanc_images.storage.direct import Credentials, Route, obstacle
from orthanc_images.storage.store import Patience, StoreSettings, certificates

if TYPE_CHECKING:
    from obstore.store import GCSConfig, ObjectStore

    from orthanc_images.section import Section

PLUGIN = "GoogleCloudStorage"

# The variable by which Google's own libraries are pointed to an emulator.
EMULATOR = "STORAGE_EMULATOR_HOST"

# The file that Google's libraries look for; another one counts where it is configured.
_APPLICATION = "GOOGLE_APPLICATION_CREDENTIALS"

_GOOGLE = endpoint.Endpoint("https", "storage.googleapis.com")
_SCOPE = "https://www.googleapis.com/auth/cloud-platform"

# How long a token is valid, and how much earlier another one is made, in seconds.
_HOUR, _EARLY = 3600, 300

# What an emulator does not look at, and what keeps the client from asking Google for a token.
_NO_TOKEN = "none"


def read(section: Section, configuration: Mapping[str, Any]) -> StoreSettings:
    """Return the store that the section describes; the section notes what is wrong with it."""
    bucket = section.text("BucketName", required=True)
    path = section.text("ServiceAccountFile")
    config: GCSConfig = {"bucket": bucket}
    account = _account(section, path) if path else {}
    if path:
        user = account.get("type") == "authorized_user"
        config["application_credentials" if user else "service_account"] = path
    address = str(account.get("gcs_base_url", ""))
    if os.environ.get(EMULATOR):
        address = os.environ[EMULATOR]
        config["bearer_token"] = _NO_TOKEN
    plain = _plain(address, config)
    trusted = certificates(configuration, section)

    def connect(patience: Patience) -> ObjectStore:
        client = patience.client(plain=plain, certificates=trusted)
        return GCSStore(config=config, client_options=client, retry_config=patience.retry())

    emulator = config.get("bearer_token") == _NO_TOKEN
    where = f"the bucket '{bucket}' at {address or 'Google'}"
    secrets = (str(account.get("private_key", "")), str(account.get("refresh_token", "")))
    return StoreSettings(
        PLUGIN,
        where,
        "ServiceAccountFile",
        connect,
        lambda error: _explained(error, bucket, path),
        secrets=secrets,
        route=_route(bucket, account, address, os.environ, emulator=emulator),
        directly=section.flag("ReadDirectly", True),
        authorities=trusted,
    )


def _route(
    bucket: str, account: Mapping[str, Any], address: str, environment: Mapping[str, str], *, emulator: bool
) -> Route | str:
    """Return how the native part reaches objects: with a token that a service account signs itself."""
    found = endpoint.parsed(address if "://" in address else f"http://{address}") if address else _GOOGLE
    if found is None:
        return "its address is none"
    below = found._replace(path=f"{found.path}/{bucket}")
    if reason := obstacle(below, (bucket,), environment, "GOOGLE_", (_APPLICATION,)):
        return reason
    if emulator or account.get("disable_oauth") is True:
        token = _NO_TOKEN if emulator else ""
        return Route(below, lambda: Credentials({"kind": "bearer", "token": token}), slashes=False)
    if "private_key" not in account or account.get("type") == "authorized_user":
        return "the credentials are those of a user or of the machine"
    try:
        signed(account, time.time())
    except (TypeError, ValueError):
        return "the key of the account cannot sign"
    return Route(below, lambda: signed(account, time.time()), slashes=False)


def signed(account: Mapping[str, Any], now: float) -> Credentials:
    """Return a token that a service account has signed itself, as Google takes it (google.aip.dev/auth/4111).

    Raises:
        TypeError, ValueError: the account has no key that can sign.
    """
    key = load_pem_private_key(str(account["private_key"]).encode(), None)
    if not isinstance(key, RSAPrivateKey):
        raise TypeError("the key is not one of RSA")
    said = {
        "iss": account.get("client_email"),
        "sub": account.get("client_email"),
        "scope": _SCOPE,
        "iat": int(now),
        "exp": int(now) + _HOUR,
    }
    head = {"typ": "JWT", "alg": "RS256", "kid": account.get("private_key_id")}
    text = b".".join(_encoded(json.dumps(part, separators=(",", ":")).encode()) for part in (head, said))
    token = b".".join((text, _encoded(key.sign(text, PKCS1v15(), SHA256()))))
    return Credentials({"kind": "bearer", "token": token.decode()}, now + _HOUR - _EARLY)


def _encoded(content: bytes) -> bytes:
    return base64.urlsafe_b64encode(content).rstrip(b"=")


def _plain(address: str, config: GCSConfig) -> bool:
    """Tell whether the address is without TLS, and have the client use it."""
    if not address:
        return False
    found = endpoint.parsed(address if "://" in address else f"http://{address}")
    if found is None:
        return False
    config["base_url"] = found.url
    return found.plain


def _account(section: Section, path: str) -> dict[str, Any]:
    """Return what the key file of an account says."""
    try:
        found = json.loads(Path(path).read_bytes())
    except OSError as error:
        section.wrong("ServiceAccountFile", f"the file {path} cannot be read ({error.strerror})", "Mount it")
        return {}
    except ValueError:
        found = None
    if isinstance(found, dict) and ("private_key" in found or found.get("type") == "authorized_user"):
        return found
    what = f"the file {path} is not the JSON key of a service account"
    section.wrong("ServiceAccountFile", what, "Make a key for the account in Google's console, as JSON")
    return {}


def _explained(error: Exception, bucket: str, path: str) -> str | None:
    """Return a sentence about the mistake behind an error of Google, when it tells of one."""
    said, text = failure.code(error), str(error)
    if said in ("NoSuchBucket", "InvalidBucketName") or "bucket does not exist" in text:
        return f"BucketName: there is no bucket '{bucket}'. Make it, or correct the name."
    if (
        "invalid_grant" in text
        or "invalid_client" in text
        or failure.status(error) == http.client.UNAUTHORIZED
    ):
        whose = path or "the environment"
        return f"ServiceAccountFile: Google does not accept the account in {whose}. Renew it."
    if not path and ("169.254." in text or "metadata" in text):
        return "ServiceAccountFile: not set, and this machine has no credentials for Google. Set it."
    return None
