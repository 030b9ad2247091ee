"""What is Azure's alone: its credentials."""

from __future__ import annotations

import base64

import pytest

from harness import dicom
from harness.stores import ACCOUNT_KEY, Azure
from services.fixtures import Services
from tests.image.default.conftest import Keep
from tests.image.default.test_storage_start import REFUSED, ended

SENTENCE = (
    "AzureBlobStorage.ConnectionString: Azure refuses the key or signature for the account"
    " 'devstoreaccount1'. Correct it, and see whether the account lets this machine in."
)


@pytest.fixture
def azure(services: Services) -> Azure:
    """Return a container that may not exist yet."""
    return Azure(services("azurite"), "credentials")


def test_wrong_key_ends_the_start(azure: Azure, keep: Keep) -> None:
    """A key that is not the account's is an error of the connection string, and is not shown."""
    wrong = base64.b64encode(bytes(64)).decode()
    connection = azure.settings["ConnectionString"].replace(ACCOUNT_KEY, wrong)
    server = keep(azure, {"ConnectionString": connection}, wait=False)
    assert ended(server) == (REFUSED, [SENTENCE])
    assert wrong not in server.logs()


def test_key_that_was_cut_off_ends_the_start(azure: Azure, keep: Keep) -> None:
    """A key that is no base64 any more is said without asking the store."""
    connection = azure.settings["ConnectionString"].replace(ACCOUNT_KEY, ACCOUNT_KEY[:-5] + "B==")
    server = keep(azure, {"ConnectionString": connection}, wait=False)
    sentence = "ConnectionString: its AccountKey is not base64. Copy the whole connection string."
    assert ended(server) == (REFUSED, [f"AzureBlobStorage.{sentence}"])


@pytest.mark.parametrize("tier", ["Hot", "Cool"])
def test_access_tier_is_taken(azure: Azure, keep: Keep, tier: str) -> None:
    """Blobs are written in the tier that the setting names."""
    server = keep(azure, {"AccessTier": tier})
    content = dicom.encoded(dicom.ct(patient=tier))
    instance = server.upload(content)["ID"]
    assert content == server.get(f"/instances/{instance}/file").content
    server.delete(f"/instances/{instance}").raise_for_status()
