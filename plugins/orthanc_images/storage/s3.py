"""Amazon S3, and the services that speak as it does."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from obstore.store import S3Store

from orthanc_images.storage import endpoint, failure, roles
from orthanc_images.storage.content import MEGABYTE
from orthanc_images.storage.direct import Credentials, Route, obstacle
from orthanc_images.storage.store import Patience, StoreSettings, Transfer, certificates

if TYPE_CHECKING:
    from collections.abc import Callable

    from obstore.store import ObjectStore, S3Config, S3Credential

    from orthanc_images.section import Section
    from orthanc_images.storage.endpoint import Endpoint

PLUGIN = "AwsS3Storage"

CLASSES = (
    "STANDARD",
    "REDUCED_REDUNDANCY",
    "STANDARD_IA",
    "ONEZONE_IA",
    "INTELLIGENT_TIERING",
    "GLACIER",
    "DEEP_ARCHIVE",
    "OUTPOSTS",
    "GLACIER_IR",
    "SNOW",
)

# A part has at least that size, but for the last one.
_LEAST_PART = 5

_KEY, _SECRET, _TOKEN = "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"

# Variables that have no effect where region and keys are known, or none on reading.
_HARMLESS = (
    _KEY,
    _SECRET,
    _TOKEN,
    "AWS_CA_BUNDLE",
    "AWS_CONFIG_FILE",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_DEFAULT_REGION",
    "AWS_EC2_METADATA_DISABLED",
    "AWS_ENDPOINT_URL_STS",
    "AWS_EXECUTION_ENV",
    "AWS_METADATA_ENDPOINT",
    "AWS_PROFILE",
    "AWS_REGION",
    "AWS_ROLE_ARN",
    "AWS_ROLE_SESSION_NAME",
    "AWS_SHARED_CREDENTIALS_FILE",
    "AWS_STS_REGIONAL_ENDPOINTS",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
)

_REGION = re.compile(r"<Region>([\w-]+)</Region>|[Ee]xpecting '([\w-]+)'")
_CREDENTIALS = re.compile(r"169\.254\.\d+\.\d+|credentials? (?:not|provider)|InstanceMetadata", re.IGNORECASE)


def read(section: Section, configuration: Mapping[str, Any]) -> StoreSettings:
    """Return the store that the section describes; the section notes what is wrong with it."""
    bucket = section.text("BucketName", required=True)
    region = section.text("Region", required=True)
    keys = section.text("AccessKey"), section.text("SecretKey")
    address = _address(section, bucket, region)
    config: S3Config = {
        "bucket": bucket,
        "region": region,
        "endpoint": address.url,
        "virtual_hosted_style_request": address.host.startswith(f"{bucket}."),
        "unsigned_payload": not address.plain,
        "disable_bulk_delete": True,
    }
    trusted = certificates(configuration, section)
    provider = _given(*keys) if all(keys) else None

    def connect(patience: Patience) -> ObjectStore:
        client = patience.client(plain=address.plain, certificates=trusted)
        return S3Store(
            config=config, client_options=client, retry_config=patience.retry(), credential_provider=provider
        )

    return StoreSettings(
        PLUGIN,
        f"the bucket '{bucket}' at {address.url}",
        "Endpoint",
        connect,
        lambda error: _explained(error, bucket, region, address, chosen=provider is not None),
        patience=_patience(section),
        transfer=_transfer(section),
        secrets=keys[1:],
        notes=_notes(section, keys),
        route=_route(address, bucket, region, keys, os.environ, trusted),
        directly=section.flag("ReadDirectly", True),
        authorities=trusted,
    )


def _route(
    address: Endpoint,
    bucket: str,
    region: str,
    keys: tuple[str, str],
    environment: Mapping[str, str],
    authorities: bytes | None,
) -> Route | str:
    """Return how the native part reaches objects: with the keys given, of the environment, or of a role."""
    inside = address.host.startswith(f"{bucket}.")
    below = address if inside else address._replace(path=f"{address.path}/{bucket}")
    if reason := obstacle(below, (bucket, region), environment, "AWS_", _HARMLESS):
        return reason
    token = ""
    if not all(keys):
        keys = environment.get(_KEY, ""), environment.get(_SECRET, "")
        token = environment.get(_TOKEN, "")
    if not all(keys):
        known = dict(environment)
        return Route(below, lambda: roles.credentials(region, known, authorities))
    fixed = {"kind": "s3", "region": region, "access": keys[0], "secret": keys[1], "token": token}
    return Route(below, lambda: Credentials(fixed))


def _patience(section: Section) -> Patience:
    default = Patience()
    documented = section.number("ConnectionTimeout", default.connect)
    return Patience(
        section.number("ConnectTimeout", documented),
        section.number("RequestTimeout", default.request),
        section.number("MaxRetries", default.retries, least=0),
        section.number("MaxConnections", default.connections),
    )


def _transfer(section: Section) -> Transfer:
    """Return how files are sent. What is asked of the transfer manager of the AWS library counts for ours."""
    manager = section.flag("UseTransferManager", False)
    threads = section.number("TransferPoolSize", 10)
    buffer = section.number("TransferBufferSize", 5) * MEGABYTE
    storage_class = section.choice("StorageClass", CLASSES)
    attributes = {"Storage-Class": storage_class} if storage_class else {}
    tags = section.texts("Tags")
    if manager and buffer < _LEAST_PART * MEGABYTE:
        section.wrong("TransferBufferSize", "smaller than a part may be", f"Set it to at least {_LEAST_PART}")
    default = Transfer(attributes=attributes, tags=tags)
    return default._replace(part=buffer, at_once=threads) if manager else default


def _notes(section: Section, keys: tuple[str, str]) -> tuple[str, ...]:
    notes = []
    if section.flag("EnableAwsSdkLogs", False):
        notes.append(f"{PLUGIN}.EnableAwsSdkLogs: has no effect, as the AWS library is not used here.")
    if any(keys) and not all(keys):
        given, other = ("AccessKey", "SecretKey") if keys[0] else ("SecretKey", "AccessKey")
        section.wrong(
            given, f"set without {other}", "Set both, or none to use the credentials of the machine"
        )
    return tuple(notes)


def _address(section: Section, bucket: str, region: str) -> Endpoint:
    """Return the address of the service, with the bucket in its host when it belongs there."""
    virtual = section.flag("VirtualAddressing", True)
    text = section.text("Endpoint")
    china = ".cn" if region.startswith("cn-") else ""
    amazon = f"s3.{region}.amazonaws.com{china}"
    found = endpoint.parsed(text or amazon)
    if found is None:
        what = "not the address of a service"
        section.wrong("Endpoint", what, "Write it as https://host:port/, or leave it out for Amazon's")
        found = endpoint.Endpoint("https", amazon)
    return found.below(bucket) if virtual and bucket and not found.numeric else found


def _given(access: str, secret: str) -> Callable[[], S3Credential]:
    """Return what hands out the configured keys, and no token that the environment may have for others."""
    return lambda: {"access_key_id": access, "secret_access_key": secret, "token": None, "expires_at": None}


def _explained(  # noqa: PLR0911 # one sentence a mistake
    error: Exception, bucket: str, region: str, address: Endpoint, *, chosen: bool
) -> str | None:
    """Return a sentence about the mistake behind an error of S3, when it tells of one."""
    said, text = failure.code(error), str(error)
    if said == "NoSuchBucket":
        return f"BucketName: there is no bucket '{bucket}' at {address.url}. Make it, or correct the name."
    if said == "InvalidBucketName":
        return f"BucketName: the store says that '{bucket}' is not a valid bucket name. Correct it."
    if said in ("InvalidAccessKeyId", "InvalidClientTokenId"):
        return "AccessKey: the store does not know this key. Correct it."
    if said == "SignatureDoesNotMatch":
        return "SecretKey: it does not belong to the access key. Correct it."
    if said in ("ExpiredToken", "InvalidToken"):
        return "AccessKey: the credentials of the environment are no longer valid. Renew them."
    right = _REGION.search(text)
    named = next((name for name in right.groups() if name), "") if right else ""
    redirected = said in ("PermanentRedirect", "TemporaryRedirect") or "redirect without LOCATION" in text
    if said in ("AuthorizationHeaderMalformed", "IllegalLocationConstraintException") or redirected:
        how = f"Set it to '{named}'" if named and named != region else "Set it to the region of the bucket"
        return f"Region: the bucket '{bucket}' is not in '{region}'. {how}."
    if not chosen and _CREDENTIALS.search(text):
        return "AccessKey: not set, and this machine has no credentials for S3. Set AccessKey and SecretKey."
    return None
