"""Upstream is asked for libraries by address; what is no plugin, or not to be had, is told."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import requests

from builder.errors import FetchError
from builder.sources import upstream
from builder.sources.elf import ENTRY_POINTS
from builder.sources.provider import ProviderAnswer
from builder.sources.store import Store
from builder.sources.upstream import DownloadSite
from builder.spec.artifact import Absence, Artifact
from builder.spec.lockfile import Lock
from builder.spec.model import Definition
from tests.unit.builder.elves import AARCH64, shared
from tests.unit.builder.samples import (
    UPSTREAM,
    definition,
    having,
    library,
    lock,
    sha256,
    upstream_lock,
    wheel,
)

GOOD = shared(ENTRY_POINTS)
TODAY = "2026-11-25"
EXTRA = "/libraries/orthanc-extra/1.2/libExtra.so"

Reply = Callable[[BaseHTTPRequestHandler], None]


class Shop:
    """A site on the loopback: what it replies to each path, and how often it was asked."""

    def __init__(self, port: int) -> None:
        self.host = f"127.0.0.1:{port}"
        self.base = f"http://{self.host}/libraries/"
        self.replies: dict[str, Reply] = {}
        self.asked: list[str] = []

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        self.asked.append(request.path)
        reply = self.replies.get(request.path)
        reply(request) if reply else request.send_error(404)


@pytest.fixture
def shop() -> Iterator[Shop]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # the base class's word
            site.answer(self)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 # the base class's word
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        site = Shop(server.server_port)
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        yield site
        server.shutdown()


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "cache", delays=(), timeout=(2.0, 0.5))


@pytest.fixture
def sample(tmp_path: Path, shop: Shop) -> Definition:
    found = definition(tmp_path, UPSTREAM)
    return replace(found, upstream=replace(found.upstream, base=shop.base))


def full(content: bytes) -> Reply:
    def reply(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Content-Length", str(len(content)))
        request.end_headers()
        request.wfile.write(content)

    return reply


def short(content: bytes) -> Reply:
    """Promise the whole, and send half of it."""

    def reply(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Content-Length", str(len(content)))
        request.end_headers()
        request.wfile.write(content[: len(content) // 2])

    return reply


def unmeasured(content: bytes) -> Reply:
    """Do not say how long the content is."""

    def reply(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.end_headers()
        request.wfile.write(content)

    return reply


def slow(content: bytes, pause: float) -> Reply:
    def reply(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Content-Length", str(len(content)))
        request.end_headers()
        half = len(content) // 2
        for part in (content[:half], content[half:]):
            time.sleep(pause)
            request.wfile.write(part)

    return reply


def moved(address: str) -> Reply:
    def reply(request: BaseHTTPRequestHandler) -> None:
        request.send_response(302)
        request.send_header("Location", address)
        request.send_header("Content-Length", "0")
        request.end_headers()

    return reply


def failing(times: int, then: Reply) -> Reply:
    left = [times]

    def reply(request: BaseHTTPRequestHandler) -> None:
        left[0] -= 1
        request.send_error(503) if left[0] >= 0 else then(request)

    return reply


def asked(
    sample: Definition,
    store: Store,
    *names: str,
    old: Lock | None = None,
    mirror: str = "",
    delays: tuple[float, ...] = (),
) -> ProviderAnswer:
    site = DownloadSite(sample.upstream.base, mirror, delays=delays, timeout=(2.0, 0.5))
    return upstream.resolve(sample, names, old, site, store, today=TODAY)


def upstream_only(lock: Lock) -> dict[str, tuple[Artifact, ...]]:
    """Return what a lock has from upstream, by platform."""
    held = lock.components["linux/amd64"]
    return {"linux/amd64": tuple(one for one in held if one.provider == "upstream")}


def extra(shop: Shop) -> Artifact:
    url = shop.base + "orthanc-extra/1.2/libExtra.so"
    name, digest = "libExtra.so", f"sha256:{sha256(GOOD)}"
    return Artifact("upstream", "extra", name, "1.2", name, len(GOOD), digest, url, date=TODAY)


def test_a_good_library_is_recorded_and_stored(sample: Definition, store: Store, shop: Shop) -> None:
    shop.replies[EXTRA] = full(GOOD)
    answer = asked(sample, store, "extra")
    assert answer.components == {"linux/amd64": (extra(shop),)}
    assert answer.failures == ()
    assert store.path(f"sha256:{sha256(GOOD)}").read_bytes() == GOOD
    assert shop.asked == [EXTRA]


def test_nothing_is_asked_for_platforms_that_upstream_has_not(
    sample: Definition, store: Store, shop: Shop
) -> None:
    shop.replies[EXTRA] = full(GOOD)
    answer = asked(replace(sample, platforms=("linux/arm64",)), store, "extra")
    assert (answer, shop.asked) == (ProviderAnswer(), [])


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(lambda _: moved("/elsewhere/libExtra.so"), id="redirect"),
        pytest.param(lambda _: slow(GOOD, 0.2), id="slow"),
        pytest.param(lambda _: failing(2, full(GOOD)), id="fails twice"),
        pytest.param(lambda _: unmeasured(GOOD), id="no length"),
    ],
)
def test_a_site_with_its_moods_still_gives_the_library(
    sample: Definition, store: Store, shop: Shop, reply: Callable[[Shop], Reply]
) -> None:
    shop.replies |= {EXTRA: reply(shop), "/elsewhere/libExtra.so": full(GOOD)}
    answer = asked(sample, store, "extra", delays=(0.01, 0.01))
    assert (answer.components, answer.failures) == ({"linux/amd64": (extra(shop),)}, ())


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        pytest.param(None, "HOST does not have it (404 Not Found)", id="404"),
        pytest.param(failing(9, full(GOOD)), "HOST answers 503 Service Unavailable", id="always failing"),
        pytest.param(short(GOOD), "HOST cannot be reached (the connection broke off)", id="truncated"),
        pytest.param(slow(GOOD, 1.5), "HOST cannot be reached (no answer in time)", id="too slow"),
        pytest.param(full(b""), "HOST sent nothing", id="empty"),
        pytest.param(unmeasured(GOOD[:-9]), "libExtra.so is truncated", id="truncated unnoticed"),
        pytest.param(full(b"<html>log in</html>"), "libExtra.so is not an ELF file", id="a page"),
        pytest.param(
            full(shared(ENTRY_POINTS, machine=AARCH64)),
            "libExtra.so is for aarch64, not for x86_64",
            id="wrong architecture",
        ),
        pytest.param(
            full(shared(ENTRY_POINTS[:3])),
            "libExtra.so is not a plugin for Orthanc: it does not export OrthancPluginGetVersion",
            id="no entry point",
        ),
    ],
)
def test_what_cannot_be_had_or_is_not_fit_is_absent_with_the_reason(
    sample: Definition, store: Store, shop: Shop, reply: Reply | None, reason: str
) -> None:
    if reply:
        shop.replies[EXTRA] = reply
    reason = reason.replace("HOST", shop.host)
    answer = asked(sample, store, "extra", "database")
    assert Absence("extra", reason, TODAY) in answer.absent["linux/amd64"]
    assert f"extra 1.2: {reason}" in answer.failures
    assert answer.components == {}


def test_a_component_has_all_of_its_libraries_or_none(sample: Definition, store: Store, shop: Shop) -> None:
    shop.replies["/libraries/orthanc-database/5.2/libIndex.so"] = full(GOOD)
    answer = asked(sample, store, "database")
    assert answer.components == {}
    assert answer.failures == (f"database 5.2: {shop.host} does not have it (404 Not Found)",)


def test_a_failure_leaves_what_is_locked(sample: Definition, store: Store, shop: Shop) -> None:
    old = upstream_lock(sample, "extra")
    answer = asked(sample, store, "extra", old=old)
    assert answer.components == upstream_only(old)
    assert [one.component for one in answer.absent["linux/amd64"]] == ["database"]
    assert answer.failures == (
        f"extra 1.2: {shop.host} does not have it (404 Not Found); the locked version is kept",
    )


def test_what_is_not_asked_for_stays_as_it_is(sample: Definition, store: Store, shop: Shop) -> None:
    before = (Absence("database", "the site was closed", "2026-11-01"),)
    old = replace(upstream_lock(sample, "extra"), absent={"linux/amd64": before})
    assert asked(sample, store, old=old) == ProviderAnswer(upstream_only(old), absent=old.absent)
    assert shop.asked == []


def test_a_mirror_is_asked_in_place_of_the_site_and_its_name_is_not_kept(
    sample: Definition, store: Store, shop: Shop
) -> None:
    """The lock names the site's own address, whoever gave the file."""
    site = replace(sample, upstream=replace(sample.upstream, base="http://site.invalid/lsb/"))
    shop.replies[EXTRA] = full(GOOD)
    answer = asked(site, store, "extra", "database", mirror=shop.base.rstrip("/"))
    (found,) = answer.components["linux/amd64"]
    assert found == replace(extra(shop), origin="http://site.invalid/lsb/orthanc-extra/1.2/libExtra.so")
    assert answer.failures == ("database 5.2: the mirror does not have it (404 Not Found)",)


def test_a_build_fetches_from_the_mirror_first_and_from_the_site(shop: Shop) -> None:
    one = library("extra", "1.2", "https://example.org/lsb/orthanc-extra/1.2/libExtra.so")
    (direct,) = upstream.wanted([one], "https://example.org/lsb/")
    (mirrored,) = upstream.wanted([one], "https://example.org/lsb/", shop.base)
    assert (direct.urls, mirrored.urls) == (
        (one.origin,),
        (shop.base + "orthanc-extra/1.2/libExtra.so", one.origin),
    )
    assert (direct.name, direct.size, direct.digest) == (one.file, one.size, one.digest)


def test_a_library_that_is_not_the_locked_one_is_refused_by_a_build(
    sample: Definition, store: Store, shop: Shop
) -> None:
    """A file that was replaced at its address has another hash."""
    shop.replies[EXTRA] = full(GOOD)
    other = replace(extra(shop), digest=f"sha256:{sha256('another')}")
    with pytest.raises(FetchError) as caught:
        store.fetch(upstream.wanted([other], shop.base))
    assert str(caught.value) == (
        f"could not fetch libExtra.so: {shop.host} sent sha256:{sha256(GOOD)} instead of "
        f"{other.digest}. A proxy or the mirror changes files on the way: try another mirror."
    )


def test_no_redirection_may_leave_the_protection_of_tls(
    sample: Definition, store: Store, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The hash of the file is not known yet, so that only TLS says who sent it."""
    shop.replies[EXTRA] = full(GOOD)
    get = requests.Session.get

    def led(session: requests.Session, url: str, **options: object) -> requests.Response:
        return get(session, url.replace("https:", "http:"), **options)  # type: ignore[arg-type] # as given

    monkeypatch.setattr(requests.Session, "get", led)
    protected = replace(sample, upstream=replace(sample.upstream, base=shop.base.replace("http:", "https:")))
    assert asked(protected, store, "extra").failures == (
        f"extra 1.2: {shop.host} redirects from https to http",
    )


def test_a_lock_with_libraries_is_that_of_its_definition(
    sample: Definition, store: Store, shop: Shop
) -> None:
    shop.replies[EXTRA] = full(GOOD)
    answer = asked(sample, store, "extra", "database")
    complete = replace(having(lock(sample), wheel(), *answer.components["linux/amd64"]), absent=answer.absent)
    assert complete.provider(sample.components["extra"], "linux/amd64") == "upstream"
    assert complete.provider(sample.components["database"], "linux/amd64") == "debian"
