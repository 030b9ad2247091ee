"""Hashes of files, streams and bytes agree with each other and with those that are known."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from builder.hashing import digest_of, file_hash, stream_hash

ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
"""The sha256 of `abc`, from FIPS 180-4."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "file"
    path.write_bytes(b"abc")
    return path


def test_a_file_a_stream_and_bytes_have_the_same_sha256(path: Path) -> None:
    with path.open("rb") as file:
        assert (file_hash(path), stream_hash(file), digest_of(b"abc")) == (ABC, ABC, f"sha256:{ABC}")


def test_another_algorithm_can_be_named(path: Path) -> None:
    assert file_hash(path, "sha512") == hashlib.sha512(b"abc").hexdigest()


def test_a_stream_is_hashed_from_where_it_stands(path: Path) -> None:
    with path.open("rb") as file:
        file.read(1)
        assert stream_hash(file) == hashlib.sha256(b"bc").hexdigest()
