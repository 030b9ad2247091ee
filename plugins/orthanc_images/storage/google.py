"""Google Cloud Storage."""

from __future__ import annotations

import http.client
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from obstore.store import GCSStore

from orthanc_images.storage import endpoint, failure
from orthanc_images.storage.store import Patience, StoreSettings, certificates

if TYPE_CHECKING:
    from obstore.store import GCSConfig, ObjectStore

    from orthanc_images.section import Section

PLUGIN = "GoogleCloudStorage"

# The variable by which Google's own libraries are pointed to an emulator.
EMULATOR = "STORAGE_EMULATOR_HOST"

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

    where = f"the bucket '{bucket}' at {address or 'Google'}"
    secrets = (str(account.get("private_key", "")), str(account.get("refresh_token", "")))
    return StoreSettings(
        PLUGIN,
        where,
        "ServiceAccountFile",
        connect,
        lambda error: _explained(error, bucket, path),
        secrets=secrets,
    )


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
