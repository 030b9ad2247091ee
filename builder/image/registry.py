"""A registry of images, used through its HTTP API: https://github.com/opencontainers/distribution-spec.

Credentials come from Docker's own configuration, where `docker login` puts them, and are never shown.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from urllib.parse import urljoin, urlsplit

import requests
from requests.utils import parse_dict_header

from builder.errors import BuildError, UsageError
from builder.hashing import digest_of
from builder.image.oci import INDEX, MANIFEST

TIMEOUT = (10.0, 300.0)
DELAYS = (0.5, 2.0)
"""Seconds before each further attempt, where a registry is overloaded or restarting."""
HUB, HUB_HOST = "docker.io", "registry-1.docker.io"
ACCEPTED = ", ".join(
    (
        INDEX,
        MANIFEST,
        "application/vnd.docker.distribution.manifest.list.v2+json",
        "application/vnd.docker.distribution.manifest.v2+json",
    )
)

_NAME = re.compile(
    r"(?P<host>[\w.-]+(?::\d+)?)/(?P<path>[a-z0-9]+(?:[._/-]+[a-z0-9]+)*)"
    r"(?::(?P<tag>\w[\w.-]{0,127}))?(?:@(?P<digest>sha256:[0-9a-f]{64}))?"
)
_LOCAL = re.compile(r"(?:localhost|127(?:\.\d+){3}|\[::1\])(?::\d+)?")

Secrets = Callable[[str], Mapping[str, str] | None]


@dataclass(frozen=True)
class Name:
    """The name of an image in a registry."""

    host: str
    path: str
    tag: str = ""
    digest: str = ""

    def __str__(self) -> str:
        """Return it as Docker writes it."""
        tag, digest = f":{self.tag}" if self.tag else "", f"@{self.digest}" if self.digest else ""
        return f"{self.host}/{self.path}{tag}{digest}"

    @property
    def reference(self) -> str:
        """Return the reference in it: the digest, else the tag, else latest."""
        return self.digest or self.tag or "latest"


def named(text: str) -> Name:
    """Return the name in `text`, such as ghcr.io/some/orthanc:26.11.0.

    Raises:
        UsageError: when it is not the name of an image.
    """
    first = text.split("/", maxsplit=1)[0]
    local = any(mark in first for mark in ".:") or first == "localhost"
    whole = text if "/" in text and local else f"{HUB}/{text if '/' in text else f'library/{text}'}"
    match = _NAME.fullmatch(whole)
    if not match:
        raise UsageError(f"{text!r} is not the name of an image", remedy="Write it as HOST/NAME:TAG")
    return Name(match["host"], match["path"], match["tag"] or "", match["digest"] or "")


def stored(host: str) -> Mapping[str, str] | None:
    """Return what Docker's configuration has for `host`: `username` and `password`, or `identitytoken`."""
    from docker import auth  # noqa: PLC0415 # costs 0.1 s, and a registry may ask for no credentials
    from docker.errors import DockerException  # noqa: PLC0415 # as above

    try:
        found = auth.load_config().resolve_authconfig(host)
    except DockerException as error:
        raise BuildError(
            f"{host}: Docker's credentials cannot be read: {error}", remedy="Log in with: docker login"
        ) from error
    return {key.lower(): value for key, value in found.items()} if found else None


class Registry:
    """One repository of a registry."""

    def __init__(self, name: Name, secrets: Secrets = stored, delays: tuple[float, ...] = DELAYS) -> None:
        """Use the registry of `name`; `secrets` returns the credentials for a host, when it asks for them."""
        self.name = name
        host = HUB_HOST if name.host == HUB else name.host
        scheme = "http" if _LOCAL.fullmatch(host) else "https"  # as Docker does
        self._root = f"{scheme}://{host}/v2/{name.path}/"
        self._secrets, self._delays = secrets, delays
        self._session = requests.Session()
        self._session.trust_env = True
        self._session.auth = _Nobody()
        self._authorization = ""

    def resolve(self, reference: str) -> str:
        """Return the digest that a tag names now; empty when the registry does not have the tag."""
        answer = self._ask("HEAD", f"manifests/{reference}", known=(200, 404), headers={"Accept": ACCEPTED})
        return answer.headers.get("Docker-Content-Digest", "") if answer.status_code == 200 else ""

    def manifest(self, reference: str) -> bytes:
        """Return a manifest or an index, checked when `reference` is a digest."""
        answer = self._ask("GET", f"manifests/{reference}", known=(200,), headers={"Accept": ACCEPTED})
        return _checked(answer.content, reference, self.name)

    def put_manifest(self, reference: str, content: bytes, media_type: str) -> None:
        """Put a manifest or an index under a digest or a tag."""
        headers = {"Content-Type": media_type}
        self._ask("PUT", f"manifests/{reference}", known=(200, 201), data=content, headers=headers)

    def blob(self, digest: str) -> bytes:
        """Return a blob, checked."""
        return _checked(self._ask("GET", f"blobs/{digest}", known=(200,)).content, digest, self.name)

    def has_blob(self, digest: str) -> bool:
        """Tell whether the registry has a blob."""
        return self._ask("HEAD", f"blobs/{digest}", known=(200, 404)).status_code == 200

    def put_blob(self, digest: str, path: Path) -> bool:
        """Put the file at `path` as a blob unless it is there already; tell whether it was sent."""
        if self.has_blob(digest):
            return False
        begun = self._ask("POST", "blobs/uploads/", known=(202,))
        place = urljoin(begun.url, begun.headers["Location"])
        mark = "&" if urlsplit(place).query else "?"
        headers = {"Content-Type": "application/octet-stream"}
        with path.open("rb") as file:
            self._ask("PUT", f"{place}{mark}digest={digest}", known=(201,), data=file, headers=headers)
        return True

    def _ask(self, method: str, path: str, *, known: tuple[int, ...], **options: Any) -> requests.Response:
        """Return the answer to a request, with a status of `known`; temporary failures are retried."""
        url, delays = urljoin(self._root, path), iter(self._delays)
        while True:
            with self._reachable():
                answer = self._sent(method, url, options)
            if answer.status_code in known:
                return answer
            delay = next(delays, None) if answer.status_code >= 500 or answer.status_code == 429 else None
            if delay is None:
                raise self._refusal(method, answer)
            time.sleep(delay)
            _rewound(options.get("data"))

    def _sent(self, method: str, url: str, options: Mapping[str, Any]) -> requests.Response:
        """Send a request, and once more with credentials when the registry asks for them."""
        answer = self._once(method, url, options)
        if answer.status_code == 401 and self._admitted(answer.headers.get("WWW-Authenticate", "")):
            _rewound(options.get("data"))
            answer = self._once(method, url, options)
        return answer

    def _once(self, method: str, url: str, options: Mapping[str, Any]) -> requests.Response:
        headers = dict(options.get("headers", {}))
        if self._authorization and urlsplit(url).netloc == urlsplit(self._root).netloc:
            headers["Authorization"] = self._authorization
        rest = {key: value for key, value in options.items() if key != "headers"}
        return self._session.request(method, url, headers=headers, timeout=TIMEOUT, **rest)

    def _admitted(self, challenge: str) -> bool:
        """Answer the `challenge` of the registry; tell whether there are new credentials to try."""
        scheme, _, rest = challenge.partition(" ")
        found = self._secrets(self.name.host) or {}
        pair = (found.get("username", ""), found.get("password", ""))
        before = self._authorization
        if scheme.lower() == "basic" and pair[0]:
            request = requests.Request("GET", self._root, auth=pair).prepare()
            self._authorization = str(request.headers["Authorization"])
        elif scheme.lower() == "bearer":
            asked = dict(parse_dict_header(rest))  # type: ignore[no-untyped-call]
            self._authorization = self._token(asked, pair, found.get("identitytoken", ""))
        return bool(self._authorization) and self._authorization != before

    def _token(self, asked: Mapping[str, str], pair: tuple[str, str], refresh: str) -> str:
        realm, service = asked.get("realm", ""), asked.get("service", "")
        scope = asked.get("scope") or f"repository:{self.name.path}:pull,push"
        if not realm.startswith("https://") and not _LOCAL.fullmatch(urlsplit(realm).netloc):
            raise BuildError(
                f"{self.name.host}: asks to send credentials to {realm!r}, which is not HTTPS",
                remedy="Do not use this registry",
            )
        if refresh:
            form = {"grant_type": "refresh_token", "service": service, "scope": scope}
            form |= {"refresh_token": refresh, "client_id": "orthanc-images"}
            answer = self._session.post(realm, data=form, timeout=TIMEOUT)
        else:
            query = {"service": service, "scope": scope}
            auth = pair if pair[0] else None
            answer = self._session.get(realm, params=query, auth=auth, timeout=TIMEOUT)
        if answer.status_code != 200:
            raise self._refusal("GET", answer)
        content = answer.json()
        return f"Bearer {content.get('token') or content.get('access_token')}"

    @contextmanager
    def _reachable(self) -> Iterator[None]:
        try:
            yield
        except requests.RequestException as error:
            raise BuildError(
                f"{self.name.host}: cannot be reached: {_cause(error)}",
                remedy="Check the name and the network",
            ) from error

    def _refusal(self, method: str, answer: requests.Response) -> BuildError:
        code, said = answer.status_code, _words(answer)
        if code in (401, 403):
            remedy = f"Log in with: docker login {self.name.host}"
        elif code == 404:
            remedy = "Check the name"
        else:
            remedy = "Run the same command again"
        what = f"{self.name}: the registry refuses {method} with {code}{f' ({said})' if said else ''}"
        return BuildError(what, remedy=remedy)


class _Nobody(requests.auth.AuthBase):
    """Keeps requests from using the credentials in the machine's .netrc."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        return request


def _rewound(data: IO[bytes] | bytes | None) -> None:
    if data is not None and not isinstance(data, bytes):
        data.seek(0)


def _checked(content: bytes, reference: str, name: Name) -> bytes:
    digest = digest_of(content)
    if reference.startswith("sha256:") and reference != digest:
        raise BuildError(f"{name}: {reference} arrived as {digest}", remedy="Do not use this registry")
    return content


def _words(answer: requests.Response) -> str:
    """Return the registry's own description of an error."""
    try:
        errors = answer.json()["errors"]
        return "; ".join(str(one.get("message") or one.get("code")) for one in errors)[:300]
    except (ValueError, KeyError, TypeError, AttributeError):
        return ""


def _cause(error: BaseException) -> str:
    """Return the innermost reason of a failed request, which names no address with credentials."""
    inner: Any = error
    while isinstance(inner, BaseException) and inner.args and isinstance(inner.args[-1], BaseException):
        inner = inner.args[-1]
    reason = getattr(inner, "reason", None) or inner
    return str(getattr(reason, "strerror", None) or type(reason).__name__)
