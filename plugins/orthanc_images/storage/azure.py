"""Azure Blob Storage."""

from __future__ import annotations

import base64
import binascii
import http.client
import os
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from obstore.store import AzureStore

from orthanc_images.storage import endpoint, failure
from orthanc_images.storage.container import Account, made
from orthanc_images.storage.direct import Credentials, Route, obstacle
from orthanc_images.storage.store import Patience, StoreSettings, Transfer, certificates

if TYPE_CHECKING:
    from obstore.store import AzureConfig, ObjectStore

    from orthanc_images.section import Section

PLUGIN = "AzureBlobStorage"

TIERS = ("Hot", "Cool", "Cold", "Archive", "Premium")

_REFUSED = ("AuthenticationFailed", "AuthorizationFailure", "InvalidAuthenticationInfo")

# A shared access signature, as addresses have it.
_QUERY = re.compile(r"[A-Za-z0-9%&=._~:/+*-]+")

# The account of the emulators, which Microsoft documents for everybody.
_DEVELOPMENT = {
    "AccountName": "devstoreaccount1",
    "AccountKey": "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==",
    "BlobEndpoint": "http://127.0.0.1:10000/devstoreaccount1",
}


def read(section: Section, configuration: Mapping[str, Any]) -> StoreSettings:
    """Return the store that the section describes; the section notes what is wrong with it."""
    account = _account(section, section.text("ConnectionString", required=True))
    container = section.text("ContainerName", required=True)
    create = section.flag("CreateContainerIfNotExists", True)
    tier = section.choice("AccessTier", TIERS)
    trusted = certificates(configuration, section)

    def connect(patience: Patience) -> ObjectStore:
        client = patience.client(plain=account.endpoint.plain, certificates=trusted)
        return AzureStore(
            config=_config(account, container), client_options=client, retry_config=patience.retry()
        )

    return StoreSettings(
        PLUGIN,
        f"the container '{container}' at {account.endpoint.url}",
        "ConnectionString",
        connect,
        lambda error: _explained(error, account, container, create=create),
        transfer=Transfer(attributes={"Storage-Class": tier} if tier else {}),
        repair=(lambda: made(account, container, trusted)) if create else None,
        secrets=(account.key, account.signature),
        route=_route(account, container, os.environ),
        directly=section.flag("ReadDirectly", True),
        authorities=trusted,
    )


def _route(account: Account, container: str, environment: Mapping[str, str]) -> Route | str:
    """Return how the native part reaches objects: with a signature or a key, as `_config` chooses."""
    below = account.endpoint._replace(path=f"{account.endpoint.path}/{container}")
    names = [container]
    if account.signature:
        if not _QUERY.fullmatch(account.signature):
            return "the signature has unusual characters"
        credentials = Credentials({"kind": "query", "query": account.signature})
    elif account.key:
        names.append(account.name)
        credentials = Credentials({"kind": "shared-key", "account": account.name, "key": account.key})
    else:
        return "the credentials are those of the machine"
    reason = obstacle(below, names, environment, "AZURE_", ())
    return reason or Route(below, lambda: credentials)


def _config(account: Account, container: str) -> AzureConfig:
    """Return the options of the client: key, signature, or what the environment and the machine offer."""
    config: AzureConfig = {
        "account_name": account.name,
        "container_name": container,
        "endpoint": account.endpoint.url,
    }
    if account.signature:
        config["sas_key"] = account.signature
    elif account.key:
        config["account_key"] = account.key
    return config


def _account(section: Section, text: str) -> Account:
    """Return the storage account that a connection string names."""
    pairs = dict(part.strip().split("=", 1) for part in text.split(";") if "=" in part)
    fields = {name.lower(): value for name, value in pairs.items()}
    if fields.get("usedevelopmentstorage", "").lower() == "true":
        fields = {name.lower(): value for name, value in _DEVELOPMENT.items()} | fields
    scheme = fields.get("defaultendpointsprotocol", "https")
    suffix = fields.get("endpointsuffix", "core.windows.net")
    name = fields.get("accountname", "")
    address = fields.get("blobendpoint") or (f"{scheme}://{name}.blob.{suffix}" if name else "")
    found = endpoint.parsed(address) if address else None
    if found is None:
        if text:
            how = "Copy the connection string of the storage account, which begins as AccountName=…"
            section.wrong("ConnectionString", "it names no storage account", how)
        return Account("", endpoint.Endpoint("https", "unknown"))
    key, signature = fields.get("accountkey", ""), fields.get("sharedaccesssignature", "").lstrip("?")
    if not _base64(key):
        section.wrong("ConnectionString", "its AccountKey is not base64", "Copy the whole connection string")
    return Account(name or found.host.split(".")[0], found, key, signature)


def _base64(text: str) -> bool:
    """Tell whether the text is base64 to the last bit, as the library wants it."""
    try:
        return base64.b64encode(base64.b64decode(text, validate=True)).decode() == text
    except (binascii.Error, ValueError):
        return False


def _explained(error: Exception, account: Account, container: str, *, create: bool) -> str | None:
    """Return a sentence about the mistake behind an error of Azure, when it tells of one."""
    said, text = failure.code(error), str(error)
    if said == "ContainerNotFound":
        how = "Make it" if create else "Make it, or set CreateContainerIfNotExists to true"
        return f"ContainerName: there is no container '{container}' at {account.endpoint.url}. {how}."
    if said in ("InvalidResourceName", "OutOfRangeInput"):
        return f"ContainerName: the store says that '{container}' is not a valid container name. Correct it."
    if said in _REFUSED or failure.status(error) == http.client.UNAUTHORIZED:
        what = "key or signature" if account.key or account.signature else "identity"
        how = "Correct it, and see whether the account lets this machine in"
        return f"ConnectionString: Azure refuses the {what} for the account '{account.name}'. {how}."
    if not (account.key or account.signature) and ("169.254." in text or "token" in text.lower()):
        return "ConnectionString: it has no AccountKey, and this machine has no identity for Azure. Add one."
    return None
