"""Short-lived keys of a role of AWS, for the native part: obstore finds them too, and shows them to nobody.

The machine offers a role in one of four ways; the first one that the environment names counts, as in obstore.
"""

from __future__ import annotations

import http.client
import json
import re
import ssl
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlencode, urlsplit

from orthanc_images.storage.direct import Credentials

_SECONDS = 5

# How much earlier than they end other keys are asked for, in seconds.
_EARLY = 300

_TASK = "http://169.254.170.2"
_MACHINE = "http://169.254.169.254"
_ROLES = "/latest/meta-data/iam/security-credentials/"


class RoleError(ValueError):
    """There are no keys; the message says who did not give them."""


class RoleKeys(NamedTuple):
    """Keys, and when they end."""

    access: str
    secret: str
    token: str
    end: datetime


def credentials(region: str, environment: Mapping[str, str], authorities: bytes | None) -> Credentials:
    """Return the keys of this machine's role for the service in a region.

    Raises:
        RoleError: nobody gives any.
    """
    try:
        found = _keys(region, environment, authorities)
    except (OSError, ValueError, LookupError, TypeError, http.client.HTTPException) as error:
        raise RoleError(f"the keys of the role cannot be had ({error})") from error
    content = {
        "kind": "s3",
        "region": region,
        "access": found.access,
        "secret": found.secret,
        "token": found.token,
    }
    return Credentials(content, found.end.timestamp() - _EARLY)


def _keys(region: str, environment: Mapping[str, str], authorities: bytes | None) -> RoleKeys:
    if environment.get("AWS_WEB_IDENTITY_TOKEN_FILE") and environment.get("AWS_ROLE_ARN"):
        return _of_identity(region, environment, authorities)
    if below := environment.get("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"):
        return _read(_asked("GET", f"{_TASK}{below}"))
    whole = environment.get("AWS_CONTAINER_CREDENTIALS_FULL_URI")
    file = environment.get("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE")
    if whole and file:
        return _read(_asked("GET", whole, {"Authorization": Path(file).read_text("ascii").strip()}))
    return _of_machine(environment.get("AWS_METADATA_ENDPOINT") or _MACHINE)


def _of_identity(region: str, environment: Mapping[str, str], authorities: bytes | None) -> RoleKeys:
    """Return the keys for a token of somebody else's, such as Kubernetes.

    https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
    """
    asked = urlencode(
        {
            "Action": "AssumeRoleWithWebIdentity",
            "DurationSeconds": 3600,
            "RoleArn": environment["AWS_ROLE_ARN"],
            "RoleSessionName": environment.get("AWS_ROLE_SESSION_NAME") or "WebIdentitySession",
            "Version": "2011-06-15",
            "WebIdentityToken": Path(environment["AWS_WEB_IDENTITY_TOKEN_FILE"]).read_text("ascii").strip(),
        }
    )
    service = environment.get("AWS_ENDPOINT_URL_STS") or f"https://sts.{region}.amazonaws.com"
    type_ = {"Content-Type": "application/x-www-form-urlencoded"}
    said = _asked("POST", f"{service.rstrip('/')}/", type_, asked, authorities)
    names = ("AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration")
    return _made(*(re.findall(f"<{name}>([^<]+)</{name}>", said)[-1] for name in names))


def _of_machine(service: str) -> RoleKeys:
    """Return the keys of the role that a virtual machine has.

    https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-metadata-security-credentials.html
    """
    seconds = {"X-aws-ec2-metadata-token-ttl-seconds": "600"}
    token = {"X-aws-ec2-metadata-token": _asked("PUT", f"{service}/latest/api/token", seconds)}
    role = _asked("GET", f"{service}{_ROLES}", token).split("\n")[0].strip()
    return _read(_asked("GET", f"{service}{_ROLES}{role}", token))


def _read(text: str) -> RoleKeys:
    said = json.loads(text)
    return _made(said["AccessKeyId"], said["SecretAccessKey"], said["Token"], said["Expiration"])


def _made(access: str, secret: str, token: str, end: str) -> RoleKeys:
    return RoleKeys(access, secret, token, datetime.fromisoformat(end.replace("Z", "+00:00")))


def _asked(
    method: str,
    address: str,
    headers: Mapping[str, str] | None = None,
    body: str = "",
    authorities: bytes | None = None,
) -> str:
    """Return the text of an answer with status 200."""
    found = urlsplit(address)
    connection: http.client.HTTPConnection
    if found.scheme == "https":
        trusted = ssl.create_default_context()
        if authorities:
            trusted.load_verify_locations(cadata=authorities.decode("ascii", "ignore"))
        connection = http.client.HTTPSConnection(found.netloc, timeout=_SECONDS, context=trusted)
    else:
        connection = http.client.HTTPConnection(found.netloc, timeout=_SECONDS)
    try:
        target = f"{found.path or '/'}{'?' if found.query else ''}{found.query}"
        connection.request(method, target, body or None, dict(headers or {}))
        answer = connection.getresponse()
        text = answer.read().decode("utf-8", "replace")
        if answer.status != http.client.OK:
            raise RoleError(f"{found.netloc} answers with status {answer.status}")
        return text
    finally:
        connection.close()
