"""Encryption, checked against the documented format with independent tools: openssl, and AESGCM."""

import base64
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from orthanc_images.storage.content import Clear, StorageError, Stored
from orthanc_images.storage.encryption import OVERHEAD, Budget, EncryptedFile, MasterKey, master_key, unsealed

TEXT = b"Orthanc object storage test vector\n"
KEY = bytes(range(32))
VECTOR = bytes.fromhex(
    "41310300000096f566d14220f5bbc59ef405ad5f05f3842800d932c0e59eda8be54ec843b4be3a59"
    "ca7de684511f792248b909fba1572884ac759664413a461779d2ac27d0dac0ee8972e9e448bc5b8d"
    "e0abd82356db769ffc130c3b504e9f573dbf091af9e7a369ebebc3fe762aebb4644af94e6fa6b089"
    "15"
)
"""An encrypted file of the official plugins: master key 3 is the bytes 0 to 31."""


def stored(content: bytes, size: int = 7) -> Stored:
    """A file that comes in small pieces."""
    return Stored(len(content), (content[at : at + size] for at in range(0, len(content), size)))


def opened(content: bytes, keys: dict[int, bytes], size: int = 7) -> bytes:
    memory: list[bytearray] = []

    def allocate(length: int) -> memoryview:
        memory.append(bytearray(length))
        return memoryview(memory[0])

    unsealed(stored(content, size), keys, allocate)
    return bytes(memory[0])


def independently_opened(content: bytes, key: bytes) -> bytes:
    """What is in an encrypted file, by the documented format: the keys by openssl, the content by AESGCM."""
    openssl = shutil.which("openssl")
    assert openssl, "the tests need openssl"

    def unwrapped(secret: bytes) -> bytes:
        command = [openssl, "enc", "-aes-256-ctr", "-K", key.hex(), "-iv", "0" * 32]
        return subprocess.run(command, input=secret, capture_output=True, check=True).stdout

    iv, data_key = unwrapped(content[6:38]), unwrapped(content[38:70])
    return AESGCM(data_key).decrypt(iv, content[70:], content[:70])


@pytest.mark.parametrize("size", [1, 7, 16, 69, 70, 71, 104, 105, 121, 1000])
def test_the_official_plugins_file_is_read(size: int) -> None:
    assert opened(VECTOR, {3: KEY}, size) == TEXT


@pytest.mark.parametrize("length", [0, 1, 16, 35, 100_000])
def test_what_is_written_has_the_documented_format(length: int) -> None:
    content = bytes(i % 251 for i in range(length))
    sealed = EncryptedFile(Clear(memoryview(content)), MasterKey(0x01020304, KEY))
    written = b"".join(sealed.parts(4096))
    assert len(written) == sealed.size == length + OVERHEAD == length + 86
    assert written[:6] == b"A1\x04\x03\x02\x01"
    assert independently_opened(written, KEY) == content
    assert opened(written, {0x01020304: KEY}) == content


def test_the_reference_is_the_official_format() -> None:
    """What the written files are compared with reads the official plugin's file, too."""
    assert independently_opened(VECTOR, KEY) == TEXT


def test_each_file_has_keys_of_its_own_and_the_same_bytes_when_sent_again() -> None:
    master = MasterKey(1, KEY)
    one, other = (EncryptedFile(Clear(memoryview(TEXT)), master) for _ in range(2))
    assert b"".join(one.parts()) == b"".join(one.parts())
    assert b"".join(one.parts())[6:70] != b"".join(other.parts())[6:70]


def test_a_file_of_an_earlier_key_is_read() -> None:
    assert opened(VECTOR, {3: KEY, 4: bytes(32)}) == TEXT


def test_a_file_of_an_unknown_key_is_refused() -> None:
    with pytest.raises(
        StorageError, match=r"^it is encrypted with the master key 3, which is not configured$"
    ):
        opened(VECTOR, {4: KEY})


@pytest.mark.parametrize("at", [6, 40, 69, 70, 90, 104, 105, 120])
def test_a_changed_byte_is_noticed(at: int) -> None:
    changed = bytearray(VECTOR)
    changed[at] ^= 1
    with pytest.raises(
        StorageError, match=r"^its content is not what was encrypted: it was changed or damaged$"
    ):
        opened(bytes(changed), {3: KEY})


def test_a_file_that_was_cut_is_noticed() -> None:
    with pytest.raises(
        StorageError, match=r"^its content is not what was encrypted: it was changed or damaged$"
    ):
        opened(VECTOR[:-1], {3: KEY})
    with pytest.raises(StorageError, match=r"^it has 85 bytes, too few for an encrypted file$"):
        opened(VECTOR[:85], {3: KEY})


def test_a_connection_that_ends_early_is_noticed() -> None:
    short = Stored(len(VECTOR), iter([VECTOR[:100]]))
    with pytest.raises(StorageError, match=r"^100 bytes came, where 121 were announced$"):
        unsealed(short, {3: KEY}, lambda size: memoryview(bytearray(size)))


def test_a_file_in_clear_is_refused() -> None:
    with pytest.raises(StorageError, match=r"^it does not begin as an encrypted file does$"):
        opened(bytes(200), {3: KEY})


def test_a_key_file_holds_32_bytes_in_base64(tmp_path: Path) -> None:
    text = base64.encodebytes(KEY)
    (tmp_path / "key").write_bytes(b" \n" + text[:20] + b"\r\n" + text[20:])
    assert master_key(tmp_path / "key") == KEY


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (base64.b64encode(bytes(31)), "holds 31 bytes in base64, where a key has 32"),
        (base64.b64encode(bytes(33)), "holds 33 bytes in base64, where a key has 32"),
        (b"", "holds 0 bytes in base64, where a key has 32"),
        (KEY, "is not base64"),
        (b"ab$=", "is not base64"),
    ],
)
def test_any_other_key_file_is_refused(tmp_path: Path, content: bytes, what: str) -> None:
    path = tmp_path / "key"
    path.write_bytes(content)
    with pytest.raises(ValueError) as error:  # noqa: PT011 # compared below
        master_key(path)
    assert str(error.value) == f"the file {path} {what}"


def test_a_missing_key_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError) as error:  # noqa: PT011 # compared below
        master_key(tmp_path / "key")
    assert str(error.value) == f"the file {tmp_path / 'key'} cannot be read (No such file or directory)"


@pytest.fixture
def busy() -> Iterator[tuple[Budget, threading.Event]]:
    """A budget of 100 bytes, 60 of which are taken until the event."""
    budget, release, taken = Budget(100), threading.Event(), threading.Event()

    def work() -> None:
        with budget.taken(60):
            taken.set()
            release.wait(10)

    thread = threading.Thread(target=work)
    thread.start()
    assert taken.wait(10)
    yield budget, release
    release.set()
    thread.join()


def test_no_more_bytes_than_allowed_are_on_their_way(busy: tuple[Budget, threading.Event]) -> None:
    """What fits goes beside others; what does not waits, and goes even when it is larger than all."""
    budget, release = busy
    order: list[str] = []
    with budget.taken(40):
        order.append("small")

    def large() -> None:
        with budget.taken(1000):
            order.append("large")

    thread = threading.Thread(target=large)
    thread.start()
    thread.join(0.05)
    assert order == ["small"]
    release.set()
    thread.join(10)
    assert order == ["small", "large"]
