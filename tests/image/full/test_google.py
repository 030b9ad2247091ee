"""What is Google's alone: the key file of a service account."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from harness import dicom, stores
from harness.stores import SECRET_FILE, Google
from services.fixtures import Serve
from tests.image.default.conftest import Keep
from tests.image.default.test_storage_start import REFUSED, ended

Key = rsa.RSAPrivateKey


def new_key() -> Key:
    """Return the key of a service account."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def pem(key: Key) -> str:
    """Return the private key as Google's key files have it."""
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


@pytest.fixture
def guarded(serve: Serve) -> tuple[Google, Key]:
    """Return a bucket in an emulator that checks tokens, and the key that it trusts."""
    key = new_key()
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    bucket = Google(serve("google", files={"/service/key.pem": public}), "tests-guarded")
    bucket.make()
    return bucket, key


def file(bucket: Google, key: Key) -> dict[str, bytes | str]:
    """Return the key file of an account with this key."""
    return {SECRET_FILE: stores.account(f"http://{bucket.via}", pem(key))}


def test_account_is_accepted(guarded: tuple[Google, Key], keep: Keep) -> None:
    """Requests carry a token that the account's key has signed: store, read, remove."""
    bucket, key = guarded
    server = keep(bucket, files=file(bucket, key))
    content = dicom.encoded(dicom.ct(patient="token"))
    instance = server.upload(content)["ID"]
    assert content == server.get(f"/instances/{instance}/file").content
    server.delete(f"/instances/{instance}").raise_for_status()


def test_wrong_account_ends_the_start(guarded: tuple[Google, Key], keep: Keep) -> None:
    """An account that the store does not trust is an error of the key file."""
    bucket, _ = guarded
    server = keep(bucket, files=file(bucket, new_key()), wait=False)
    sentence = f"ServiceAccountFile: Google does not accept the account in {SECRET_FILE}. Renew it."
    assert ended(server) == (REFUSED, [f"GoogleCloudStorage.{sentence}"])


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ("{}", f"the file {SECRET_FILE} is not the JSON key of a service account"),
        ("nonsense", f"the file {SECRET_FILE} is not the JSON key of a service account"),
    ],
)
def test_file_that_is_no_key_ends_the_start(
    guarded: tuple[Google, Key], keep: Keep, content: str, what: str
) -> None:
    """What is not the key of an account is said before the store is asked."""
    bucket, _ = guarded
    server = keep(bucket, files={SECRET_FILE: content}, wait=False)
    code, errors = ended(server)
    assert (code, [error.partition(". ")[0] for error in errors]) == (
        REFUSED,
        [f"GoogleCloudStorage.ServiceAccountFile: {what}"],
    )
