"""Encryption of files before they leave Orthanc, in the format of the official plugins.

A file is, in this order: `A1`; the number of the master key, 4 bytes, little endian; the encrypted IV, 32
bytes; the encrypted data key, 32 bytes; the encrypted content; its tag, 16 bytes. IV and data key are new for
each file and are encrypted with AES-256 in counter mode, each from block zero; the content with AES-256-GCM,
with all 32 bytes of the IV, and with everything before it as additional data.
"""

from __future__ import annotations

import base64
import binascii
import os
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from orthanc_images.storage.content import MEGABYTE, PART, Content, StorageError, Stored

VERSION = b"A1"
KEY_SIZE = IV_SIZE = 32
TAG_SIZE = 16
HEAD_SIZE = len(VERSION) + 4 + IV_SIZE + KEY_SIZE
OVERHEAD = HEAD_SIZE + TAG_SIZE


class MasterKey(NamedTuple):
    """A master key: its number, and its 32 bytes."""

    number: int
    key: bytes


class Keyring(NamedTuple):
    """The master key that encrypts, all that can decrypt, and how many bytes may be on their way at once."""

    current: MasterKey
    all: Mapping[int, bytes]
    limit: int = 1024 * MEGABYTE


def master_key(path: Path) -> bytes:
    """Return the 32 bytes in a key file, which has them in base64.

    Raises:
        ValueError: it cannot be read, or holds anything else; the message says which.
    """
    try:
        key = base64.b64decode(b"".join(path.read_bytes().split()), validate=True)
    except OSError as error:
        raise ValueError(f"the file {path} cannot be read ({error.strerror})") from error
    except binascii.Error as error:
        raise ValueError(f"the file {path} is not base64") from error
    if len(key) != KEY_SIZE:
        raise ValueError(f"the file {path} holds {len(key)} bytes in base64, where a key has {KEY_SIZE}")
    return key


class Budget:
    """So many bytes at once: who wants more waits for others; what is larger than all of it goes alone."""

    def __init__(self, limit: int) -> None:
        self._limit = self._free = limit
        self._changed = threading.Condition()

    @contextmanager
    def taken(self, size: int) -> Iterator[None]:
        """Have `size` bytes for as long as the context lasts."""
        size = min(size, self._limit)
        with self._changed:
            self._changed.wait_for(lambda: self._free >= size)
            self._free -= size
        try:
            yield
        finally:
            with self._changed:
                self._free += size
                self._changed.notify_all()


def _wrapped(master: bytes, secret: bytes) -> bytes:
    """Encrypt or decrypt an IV or a data key: in counter mode both are the same."""
    stream = Cipher(algorithms.AES(master), modes.CTR(bytes(16))).encryptor()
    return stream.update(secret) + stream.finalize()


class EncryptedFile:
    """The encrypted form of a content. Its parts are made when asked for, and can be asked for again."""

    def __init__(self, content: Content, master: MasterKey) -> None:
        self._content = content
        self._iv, self._key = os.urandom(IV_SIZE), os.urandom(KEY_SIZE)
        wrapped = _wrapped(master.key, self._iv) + _wrapped(master.key, self._key)
        self._head = VERSION + master.number.to_bytes(4, "little") + wrapped

    @property
    def size(self) -> int:
        """Return the size in bytes."""
        return OVERHEAD + self._content.size

    def parts(self, size: int = PART) -> Iterator[bytes]:
        """Return the head, the encrypted parts of the content, and the tag."""
        encryptor = Cipher(algorithms.AES(self._key), modes.GCM(self._iv)).encryptor()
        encryptor.authenticate_additional_data(self._head)
        yield self._head
        for part in self._content.parts(size):
            yield encryptor.update(part)
        yield encryptor.finalize() + encryptor.tag


def unsealed(stored: Stored, keys: Mapping[int, bytes], allocate: Callable[[int], memoryview]) -> None:
    """Decrypt a file into the memory that `allocate` returns for the size of its content.

    What is there before this returns is not to be believed, and not to be shown.

    Raises:
        StorageError: it is no such file, its key is unknown, or it was changed.
    """
    size = stored.size - OVERHEAD
    if size < 0:
        raise StorageError(f"it has {stored.size} bytes, too few for an encrypted file")
    chunks = _after_head(stored)
    head = bytes(next(chunks))
    decryptor = _decryptor(head, keys)
    target, done, tail = allocate(size), 0, b""
    for chunk in chunks:
        ahead = tail + bytes(chunk) if tail else bytes(chunk)
        body, tail = ahead[:-TAG_SIZE], ahead[-TAG_SIZE:]
        target[done : done + len(body)] = decryptor.update(body)
        done += len(body)
    try:
        decryptor.finalize_with_tag(tail)
    except (InvalidTag, ValueError) as error:
        raise StorageError("its content is not what was encrypted: it was changed or damaged") from error


def _after_head(stored: Stored) -> Iterator[bytes | memoryview]:
    """Return the chunks of the file, the first of them exactly the head."""
    pending = b""
    parts = stored.parts()
    while len(pending) < HEAD_SIZE:
        pending += next(parts)
    yield pending[:HEAD_SIZE]
    yield pending[HEAD_SIZE:]
    yield from parts


def _decryptor(head: bytes, keys: Mapping[int, bytes]):  # type: ignore[no-untyped-def]
    if head[: len(VERSION)] != VERSION:
        raise StorageError("it does not begin as an encrypted file does")
    number = int.from_bytes(head[2:6], "little")
    if number not in keys:
        raise StorageError(f"it is encrypted with the master key {number}, which is not configured")
    iv, key = (_wrapped(keys[number], head[start : start + 32]) for start in (6, 38))
    decryptor = Cipher(algorithms.AES(key), modes.GCM(iv, min_tag_length=TAG_SIZE)).decryptor()
    decryptor.authenticate_additional_data(head)
    return decryptor
