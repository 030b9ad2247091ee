"""Digests are read from all the ways in which they are written."""

from __future__ import annotations

import base64
import hashlib

import pytest

from builder.sources.download import Digest

SHA256 = hashlib.sha256(b"text").hexdigest()
SHA512 = hashlib.sha512(b"text")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"sha256:{SHA256}", f"sha256:{SHA256}"),
        (f"sha256:{SHA256.upper()}", f"sha256:{SHA256}"),
        (f"sha512:{SHA512.hexdigest()}", f"sha512:{SHA512.hexdigest()}"),
        (f"sha512-{base64.b64encode(SHA512.digest()).decode()}", f"sha512:{SHA512.hexdigest()}"),
    ],
)
def test_a_digest_is_read(text: str, expected: str) -> None:
    assert str(Digest.read(text)) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "sha256:",
        SHA256,
        f"md5:{SHA256}",
        f"sha256:{SHA256[1:]}",
        f"sha512:{SHA256}",
        "sha512-!",
        "sha256:" + "g" * 64,
    ],
)
def test_anything_else_is_no_digest(text: str) -> None:
    with pytest.raises(ValueError, match="is not a digest such as"):
        Digest.read(text)
