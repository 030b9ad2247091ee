"""The first words of a MySQL 8 server, whose users have passwords by caching_sha2_password."""

from __future__ import annotations

import hashlib
import secrets
import socket

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

METHOD = b"caching_sha2_password"
CAPABILITIES = 0x00BFA20F
"""Those of MySQL 8 that concern signing in: passwords, protocol 4.1, a database, methods by name."""
FULL, WISH_FOR_KEY = b"\x01\x04", b"\x02"


def password(listening: socket.socket, timeout: float = 30) -> tuple[bool, str]:
    """Return whether a client's hash was that of its password, and the password, which it sends encrypted.

    The server remembers nobody, as after its start, and refuses the client in the end.
    """
    listening.settimeout(timeout)
    link, _ = listening.accept()
    with link:
        link.settimeout(timeout)
        nonce = bytes(1 + byte % 255 for byte in secrets.token_bytes(20))
        _send(link, 0, _greeting(nonce))
        number, answer = _receive(link)
        assert METHOD in answer
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        _send(link, number + 1, FULL)
        number, wish = _receive(link)
        assert wish == WISH_FOR_KEY
        pem = key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        _send(link, number + 1, b"\x01" + pem)
        number, sealed = _receive(link)
        sha1 = hashes.SHA1()
        plain = key.decrypt(sealed, padding.OAEP(padding.MGF1(sha1), sha1, None))
        text = bytes(one ^ nonce[at % 20] for at, one in enumerate(plain)).rstrip(b"\0")
        _send(link, number + 1, b"\xff" + (1045).to_bytes(2, "little") + b"#28000Access denied")
    return _hash(text, nonce) in answer, text.decode()


def _greeting(nonce: bytes) -> bytes:
    low, high = CAPABILITIES.to_bytes(4, "little")[:2], CAPABILITIES.to_bytes(4, "little")[2:]
    begun = b"\x0a8.4.0\0" + (7).to_bytes(4, "little") + nonce[:8] + b"\0" + low + b"\xff\x02\0" + high
    return begun + bytes([21]) + bytes(10) + nonce[8:] + b"\0" + METHOD + b"\0"


def _hash(text: bytes, nonce: bytes) -> bytes:
    once = hashlib.sha256(text).digest()
    other = hashlib.sha256(hashlib.sha256(once).digest() + nonce).digest()
    return bytes(a ^ b for a, b in zip(once, other, strict=True))


def _send(link: socket.socket, number: int, content: bytes) -> None:
    link.sendall(len(content).to_bytes(3, "little") + bytes([number]) + content)


def _receive(link: socket.socket) -> tuple[int, bytes]:
    head = _exactly(link, 4)
    return head[3], _exactly(link, int.from_bytes(head[:3], "little"))


def _exactly(link: socket.socket, size: int) -> bytes:
    content = b""
    while len(content) < size:
        more = link.recv(size - len(content))
        assert more, "the client has ended"
        content += more
    return content
