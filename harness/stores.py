"""Object stores for tests: the settings for Orthanc, and the content of a bucket."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Collection, Iterator, Mapping
from datetime import timedelta
from email.utils import formatdate
from typing import Any, ClassVar

import obstore
import requests
from obstore.store import AzureStore, GCSStore, ObjectStore, S3Store

from services.running import Service

ACCOUNT = "devstoreaccount1"
ACCOUNT_KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
"""The account that every Azurite has, as Microsoft documents it."""

PLAIN: Any = {"allow_http": True, "timeout": timedelta(seconds=60)}
SECRET_FILE = "/run/secrets/service-account"


class StoredFile:
    """The objects of a bucket, seen from outside through obstore."""

    def __init__(self, client: ObjectStore) -> None:
        self.client = client

    def names(self) -> set[str]:
        """Return the names of all objects."""
        return {entry["path"] for page in obstore.list(self.client) for entry in page}

    def read(self, name: str) -> bytes:
        """Return the bytes of an object."""
        return bytes(obstore.get(self.client, name).bytes())

    def write(self, name: str, content: bytes) -> None:
        """Put an object there."""
        obstore.put(self.client, name, content)

    def remove(self, name: str) -> None:
        """Take an object away."""
        obstore.delete(self.client, name)


class S3:
    """A bucket in moto's S3."""

    plugin: ClassVar[str] = "AwsS3Storage"
    kind: ClassVar[str] = "moto"
    title: ClassVar[str] = "s3"

    def __init__(self, service: Service, name: str, via: str = "") -> None:
        self.service = service
        self.name = name
        self.via = via or service.inside

    @property
    def settings(self) -> dict[str, Any]:
        """Return the section AwsS3Storage."""
        return {
            "BucketName": self.name,
            "Region": "us-east-1",
            "AccessKey": "tests",
            "SecretKey": "tests-secret",
            "Endpoint": f"http://{self.via}/",
            "VirtualAddressing": False,
        }

    @property
    def files(self) -> dict[str, bytes | str]:
        """Return no files."""
        return {}

    def make(self) -> None:
        """Make the bucket; moto needs no credentials."""
        requests.put(f"{self.service.url}/{self.name}", timeout=30).raise_for_status()

    @property
    def stored(self) -> StoredFile:
        """Return its objects."""
        return StoredFile(
            S3Store(
                self.name, endpoint=self.service.url, region="us-east-1", client_options=PLAIN,
                access_key_id="tests", secret_access_key="tests-secret",
            )
        )  # fmt: skip


class Azure:
    """A container in Azurite."""

    plugin: ClassVar[str] = "AzureBlobStorage"
    kind: ClassVar[str] = "azurite"
    title: ClassVar[str] = "azure"

    def __init__(self, service: Service, name: str, via: str = "") -> None:
        self.service = service
        self.name = name
        self.via = via or service.inside

    @property
    def settings(self) -> dict[str, Any]:
        """Return the section AzureBlobStorage."""
        fields = {
            "DefaultEndpointsProtocol": "http",
            "AccountName": ACCOUNT,
            "AccountKey": ACCOUNT_KEY,
            "BlobEndpoint": f"http://{self.via}/{ACCOUNT}",
        }
        connection = "".join(f"{key}={value};" for key, value in fields.items())
        return {"ConnectionString": connection, "ContainerName": self.name}

    @property
    def files(self) -> dict[str, bytes | str]:
        """Return no files."""
        return {}

    def make(self) -> None:
        """Make the container, with a request that is signed as Azure documents it (Shared Key)."""
        headers = {"x-ms-date": formatdate(usegmt=True), "x-ms-version": "2021-12-02"}
        lines = "".join(f"{key}:{value}\n" for key, value in headers.items())
        resource = f"/{ACCOUNT}/{ACCOUNT}/{self.name}\nrestype:container"
        text = "PUT" + "\n" * 12 + lines + resource
        digest = hmac.digest(base64.b64decode(ACCOUNT_KEY), text.encode(), hashlib.sha256)
        headers["Authorization"] = f"SharedKey {ACCOUNT}:{base64.b64encode(digest).decode()}"
        url = f"{self.service.url}/{ACCOUNT}/{self.name}?restype=container"
        requests.put(url, headers=headers, timeout=30).raise_for_status()

    @property
    def stored(self) -> StoredFile:
        """Return its objects."""
        return StoredFile(
            AzureStore(
                self.name, account_name=ACCOUNT, account_key=ACCOUNT_KEY, client_options=PLAIN,
                endpoint=f"{self.service.url}/{ACCOUNT}",
            )
        )  # fmt: skip


class Google:
    """A bucket in the emulator of Google Cloud Storage."""

    plugin: ClassVar[str] = "GoogleCloudStorage"
    kind: ClassVar[str] = "google"
    title: ClassVar[str] = "google"

    def __init__(self, service: Service, name: str, via: str = "") -> None:
        self.service = service
        self.name = name
        self.via = via or service.inside

    @property
    def settings(self) -> dict[str, Any]:
        """Return the section GoogleCloudStorage."""
        return {"ServiceAccountFile": SECRET_FILE, "BucketName": self.name}

    @property
    def files(self) -> dict[str, bytes | str]:
        """Return the key of a service account, which leads to the emulator."""
        return {SECRET_FILE: account(f"http://{self.via}")}

    def make(self) -> None:
        """Make the bucket."""
        url = f"{self.service.url}/storage/v1/b?project=tests"
        requests.post(url, json={"name": self.name}, timeout=30).raise_for_status()

    @property
    def stored(self) -> StoredFile:
        """Return its objects."""
        return StoredFile(
            GCSStore(self.name, service_account_key=account(self.service.url), client_options=PLAIN)
        )


def account(url: str, private_key: str = "") -> str:
    """Return the JSON key of a service account at another address; it can only sign with a key."""
    said: Mapping[str, Any] = {
        "type": "service_account",
        "client_email": "tests@example.iam.gserviceaccount.com",
        "private_key_id": "1",
        "private_key": private_key,
        "gcs_base_url": url,
        "disable_oauth": not private_key,
    }
    return json.dumps(said)


AnyBucket = S3 | Azure | Google
ALL: tuple[type[AnyBucket], ...] = (S3, Azure, Google)


def of(plugins: Collection[str]) -> Iterator[type[AnyBucket]]:
    """Yield those stores whose plugin is among these."""
    yield from (each for each in ALL if each.plugin in plugins)
