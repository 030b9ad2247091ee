"""Hashes of files and of bytes, in hexadecimal or as digests such as `sha256:…`."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import IO

SHA256 = "sha256"


def file_hash(path: Path, algorithm: str = SHA256) -> str:
    """Return the hash of the file at `path`, in hexadecimal."""
    with path.open("rb") as file:
        return stream_hash(file, algorithm)


def stream_hash(file: IO[bytes], algorithm: str = SHA256) -> str:
    """Return the hash of what is left to read in `file`, in hexadecimal."""
    return hashlib.file_digest(file, algorithm).hexdigest()  # type: ignore[arg-type] # any binary file will do


def digest_of(content: bytes) -> str:
    """Return the digest of `content`, as registries and layouts name it: `sha256:…`."""
    return f"{SHA256}:{hashlib.sha256(content).hexdigest()}"
