"""Making the container of Azure, which obstore cannot."""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import ssl
from email.utils import formatdate
from typing import NamedTuple
from urllib.parse import quote

from orthanc_images.storage.content import StorageError
from orthanc_images.storage.endpoint import Endpoint

_VERSION = "2021-12-02"
_SECONDS = 30


class Account(NamedTuple):
    """A storage account: its name, where it is, and its key or the signature that stands for one."""

    name: str
    endpoint: Endpoint
    key: str = ""
    signature: str = ""


def made(account: Account, container: str, certificates: bytes | None) -> bool:
    """Make the private container, and return whether that could be tried: it takes a key or a signature.

    Raises:
        StorageError: the store refused, or could not be reached.
    """
    if not (account.key or account.signature):
        return False
    path = f"{account.endpoint.path}/{quote(container)}"
    query = f"restype=container{'&' if account.signature else ''}{account.signature}"
    headers = {"Content-Length": "0", "x-ms-date": formatdate(usegmt=True), "x-ms-version": _VERSION}
    if not account.signature:
        headers["Authorization"] = authorization(account, path, headers)
    status, text = _put(account.endpoint, f"{path}?{query}", headers, certificates)
    # Somebody else may have made it in the meantime.
    if status == http.client.CREATED or (status == http.client.CONFLICT and "ContainerAlreadyExists" in text):
        return True
    raise StorageError(f"the container '{container}' could not be made: {status} {text[:200]}")


def authorization(account: Account, path: str, headers: dict[str, str]) -> str:
    """Return the header `Authorization` of a request that makes a container, as Azure's Shared Key has it.

    https://learn.microsoft.com/en-us/rest/api/storageservices/authorize-with-shared-key
    """
    own = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers) if name.startswith("x-ms-"))
    signed = "PUT" + "\n" * 12 + own + f"/{account.name}{path}\nrestype:container"
    digest = hmac.digest(base64.b64decode(account.key), signed.encode(), hashlib.sha256)
    return f"SharedKey {account.name}:{base64.b64encode(digest).decode()}"


def _put(
    endpoint: Endpoint, target: str, headers: dict[str, str], certificates: bytes | None
) -> tuple[int, str]:
    """Return the status and the text of the answer to a PUT without content."""
    connection: http.client.HTTPConnection
    if endpoint.plain:
        connection = http.client.HTTPConnection(endpoint.host, timeout=_SECONDS)
    else:
        trusted = ssl.create_default_context()
        if certificates:
            trusted.load_verify_locations(cadata=certificates.decode("ascii", "ignore"))
        connection = http.client.HTTPSConnection(endpoint.host, timeout=_SECONDS, context=trusted)
    try:
        connection.request("PUT", target, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.read().decode("utf-8", "replace")
    except (OSError, http.client.HTTPException) as error:
        raise StorageError(f"{endpoint.url} cannot be reached ({error})") from error
    finally:
        connection.close()
