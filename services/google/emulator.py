"""gcp-storage-emulator, which knows Google's JSON API, with the XML API that clients of object stores speak.

Objects are the same through both. The XML API is as Google documents it for objects: upload, multipart
upload, download with ranges, head, list and delete. With the public key of a service account in KEY_FILE,
the XML API asks for a token that this key has signed, as Google does.
"""

from __future__ import annotations

import base64
import hashlib
import json
import logging
import re
import secrets
import signal
import sys
import threading
import time
from email.utils import formatdate
from functools import partial
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from gcp_storage_emulator.exceptions import NotFound
from gcp_storage_emulator.server import RequestHandler, Router
from gcp_storage_emulator.storage import Storage

PORT = 9023
DATA = "/var/lib/gcs"
KEY_FILE = Path("/service/key.pem")
Answer = tuple[int, bytes, dict[str, str]]
UPLOADS: dict[str, dict[int, bytes]] = {}
JSON_API = re.compile(r"/(storage/v1|upload|download|batch|b)(/|$)|/$|/wipe$")


class QuickStorage(Storage):  # type: ignore[misc]
    """The emulator's storage, which writes its index at the end instead of at each change."""

    def _write_config_to_file(self) -> None:
        """Write nothing: see `close`."""

    def close(self) -> None:
        """Write the index, so that the next start finds the objects."""
        super()._write_config_to_file()


def resource(bucket: str, name: str, content: bytes) -> dict[str, Any]:
    """Return what the JSON API says of an object."""
    now = time.strftime("%Y-%m-%dT%H:%M:%S.000000Z", time.gmtime())
    digest = hashlib.md5(content).digest()
    return {
        "kind": "storage#object", "bucket": bucket, "name": name, "size": str(len(content)),
        "generation": str(time.time_ns()), "metageneration": "1", "storageClass": "STANDARD",
        "contentType": "application/octet-stream", "timeCreated": now, "updated": now,
        "md5Hash": base64.b64encode(digest).decode(), "etag": digest.hex(), "crc32c": "", "acl": [],
        "written": time.time(),
    }  # fmt: skip


def trusted(authorization: str, key: rsa.RSAPublicKey) -> bool:
    """Tell whether the header holds a valid token (JSON Web Token, RS256) signed by the key."""
    parts = authorization.removeprefix("Bearer ").split(".")
    if len(parts) != 3:
        return False
    try:
        claims, signature = (base64.urlsafe_b64decode(part + "==") for part in parts[1:])
        key.verify(signature, ".".join(parts[:2]).encode(), padding.PKCS1v15(), hashes.SHA256())
        return bool(json.loads(claims)["exp"] > time.time())
    except (ValueError, KeyError, InvalidSignature):
        return False


class RejectedError(Exception):
    """An answer other than success: its status, and Google's word for it."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(status, code)
        self.status = status
        self.code = code


class EmulatorHandler(RequestHandler):  # type: ignore[misc]
    """The requests of one client: those of the XML API are answered here, the others by the emulator."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    lock = threading.Lock()
    key: rsa.RSAPublicKey | None = None

    def do_GET(self) -> None:  # noqa: N802 - the name that http.server looks for
        """Download an object, or list those of a bucket."""
        self.dispatch("GET")

    def do_HEAD(self) -> None:  # noqa: N802
        """Tell about an object without its content."""
        self.dispatch("HEAD")

    def do_PUT(self) -> None:  # noqa: N802
        """Upload an object, or a part of one."""
        self.dispatch("PUT")

    def do_POST(self) -> None:  # noqa: N802
        """Begin or ends a multipart upload."""
        self.dispatch("POST")

    def do_DELETE(self) -> None:  # noqa: N802
        """Delete an object, or abort a multipart upload."""
        self.dispatch("DELETE")

    def dispatch(self, method: str) -> None:
        """Answer a request of either API."""
        parts = urlsplit(self.path)
        if JSON_API.match(parts.path):
            self.close_connection = True
            with self.lock:
                Router(self).handle(method)
            return
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        bucket, _, name = unquote(parts.path).lstrip("/").partition("/")
        query = {key: values[0] for key, values in parse_qs(parts.query, keep_blank_values=True).items()}
        try:
            if self.key and not trusted(self.headers.get("Authorization", ""), self.key):
                raise RejectedError(401, "AuthenticationRequired")
            with self.lock:
                self.answer(*self.xml(method, bucket, name, query, body))
        except RejectedError as refused:
            text = f"<?xml version='1.0'?><Error><Code>{refused.code}</Code></Error>"
            self.answer(refused.status, text.encode(), {"Content-Type": "application/xml"})
        except NotFound:
            code = "NoSuchKey" if bucket in self.storage.buckets else "NoSuchBucket"
            text = f"<?xml version='1.0'?><Error><Code>{code}</Code></Error>"
            self.answer(404, text.encode(), {"Content-Type": "application/xml"})

    def xml(self, method: str, bucket: str, name: str, query: dict[str, str], body: bytes) -> Answer:
        """Return the answer of the XML API: status, content and headers."""
        if bucket not in self.storage.buckets:
            raise NotFound
        if not name:
            return self.listing(bucket, query)
        if "uploads" in query or "uploadId" in query:
            return self.part(method, bucket, name, query, body)
        if method == "PUT":
            return self.store(bucket, name, body)
        found = self.storage.get_file_obj(bucket, name)
        if method == "DELETE":
            self.storage.delete_file(bucket, name)
            return 204, b"", {}
        return self.content(found, self.storage.get_file(bucket, name))

    def store(self, bucket: str, name: str, content: bytes) -> Answer:
        """Keep an object."""
        made = resource(bucket, name, content)
        self.storage.create_file(bucket, name, content, made)
        return 200, b"", {"ETag": f'"{made["etag"]}"', "x-goog-generation": made["generation"]}

    def content(self, found: dict[str, Any], content: bytes) -> Answer:
        """Return an object, or the part of it that the header Range asks for."""
        headers = {
            "ETag": f'"{found["etag"]}"',
            "Last-Modified": formatdate(found.get("written", 0), usegmt=True),
            "x-goog-generation": found["generation"],
            "Accept-Ranges": "bytes",
        }
        wanted = re.fullmatch(r"bytes=(\d*)-(\d*)", self.headers.get("Range", ""))
        if not wanted:
            return 200, content, headers
        size = len(content)
        if wanted[1]:
            start, end = int(wanted[1]), min(int(wanted[2] or size), size - 1)
        else:
            start, end = max(0, size - int(wanted[2])), size - 1
        if start > end:
            raise RejectedError(416, "InvalidRange")
        return 206, content[start : end + 1], {**headers, "Content-Range": f"bytes {start}-{end}/{size}"}

    def part(self, method: str, bucket: str, name: str, query: dict[str, str], body: bytes) -> Answer:
        """Return a step of a multipart upload: its begin, a part, its end, or that it is given up."""
        upload = query.get("uploadId") or secrets.token_hex(8)
        if "uploads" in query:
            UPLOADS[upload] = {}
            text = f"<UploadId>{upload}</UploadId>"
            return 200, wrapped("InitiateMultipartUploadResult", text), {}
        if upload not in UPLOADS:
            raise RejectedError(404, "NoSuchUpload")
        if method == "PUT":
            UPLOADS[upload][int(query["partNumber"])] = body
            return 200, b"", {"ETag": f'"{hashlib.md5(body).hexdigest()}"'}
        parts = UPLOADS.pop(upload)
        if method == "DELETE":
            return 204, b"", {}
        _, _, headers = self.store(bucket, name, b"".join(parts[number] for number in sorted(parts)))
        text = f"<Bucket>{bucket}</Bucket><Key>{escape(name)}</Key><ETag>{headers['ETag']}</ETag>"
        return 200, wrapped("CompleteMultipartUploadResult", text), headers

    def listing(self, bucket: str, query: dict[str, str]) -> Answer:
        """Return all objects of a bucket whose names begin with the prefix, on one page."""
        prefix = query.get("prefix", "")
        rows = [
            f"<Contents><Key>{escape(name)}</Key><LastModified>{found['updated']}</LastModified>"
            f'<ETag>"{found["etag"]}"</ETag><Size>{found["size"]}</Size></Contents>'
            for name, found in sorted(self.storage.objects.get(bucket, {}).items())
            if name.startswith(prefix)
        ]
        text = f"<Name>{bucket}</Name><IsTruncated>false</IsTruncated>{''.join(rows)}"
        return 200, wrapped("ListBucketResult", text), {}

    def answer(self, status: int, content: bytes, headers: dict[str, str]) -> None:
        """Send an answer; that to HEAD has no content."""
        self.send_response(status)
        for key, value in headers.items():
            self.send_header(key, value)
        if status != 204:
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)


def wrapped(element: str, text: str) -> bytes:
    """Return a document of the XML API."""
    return f"<?xml version='1.0' encoding='UTF-8'?><{element}>{text}</{element}>".encode()


def main() -> None:
    """Serve until SIGTERM, and keep the objects for the next start."""
    logging.basicConfig(level=logging.INFO, stream=sys.stderr)
    storage = QuickStorage(data_dir=DATA)
    if KEY_FILE.exists():
        loaded = serialization.load_pem_public_key(KEY_FILE.read_bytes())
        assert isinstance(loaded, rsa.RSAPublicKey)
        EmulatorHandler.key = loaded
    server = ThreadingHTTPServer(("0.0.0.0", PORT), partial(EmulatorHandler, storage))
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
    server.serve_forever()
    storage.close()


if __name__ == "__main__":
    main()
