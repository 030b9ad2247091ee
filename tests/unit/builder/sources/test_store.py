"""The store gets the right files over bad networks, and stays valid whatever happens."""

from __future__ import annotations

import errno
import hashlib
import io
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from builder.errors import FetchError, StoreError
from builder.sources.store import Store, Wanted, folder

ROOT = Path(__file__).parents[4]
DELAYS = (0.01, 0.02, 0.03)

Answer = Callable[["Handler", bytes], None]


class Handler(BaseHTTPRequestHandler):
    """Answers with the next fault that the test ordered for the path, else properly, with ranges."""

    server: Server
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.server.seen.append((self.path, self.headers.get("Range", "")))
        faults = self.server.faults.get(self.path, [])
        content = self.server.files.get(self.path)
        if faults:
            (faults.pop(0) if len(faults) > 1 or not self.server.stubborn else faults[0])(
                self, content or b""
            )
        elif content is None:
            self.send_error(404)
        else:
            whole(self, content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 # the base class's word
        pass


class Server(ThreadingHTTPServer):
    """A mirror on the loopback interface; `stubborn` repeats the last fault of a path for ever."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.files: dict[str, bytes] = {}
        self.faults: dict[str, list[Answer]] = {}
        self.seen: list[tuple[str, str]] = []
        self.stubborn = False

    def handle_error(self, request: object, client_address: object) -> None:
        pass  # a client that goes away is part of the tests

    @property
    def name(self) -> str:
        return f"127.0.0.1:{self.server_port}"

    def offer(self, path: str, content: bytes, *faults: Answer) -> str:
        self.files[path] = content
        if faults:
            self.faults[path] = list(faults)
        return f"http://{self.name}{path}"


def whole(handler: Handler, content: bytes) -> None:
    begin = int((re.findall(r"bytes=(\d+)-", handler.headers.get("Range", "")) or [0])[0])
    if begin and begin >= len(content):
        handler.send_error(416)
        return
    handler.send_response(206 if begin else 200)
    if begin:
        handler.send_header("Content-Range", f"bytes {begin}-{len(content) - 1}/{len(content)}")
    handler.send_header("Content-Length", str(len(content) - begin))
    handler.end_headers()
    handler.wfile.write(content[begin:])


def ignoring_ranges(handler: Handler, content: bytes) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(content)))
    handler.end_headers()
    handler.wfile.write(content)


def another_file(handler: Handler, content: bytes) -> None:
    ignoring_ranges(handler, bytes(byte ^ 255 for byte in content))


def too_long(handler: Handler, content: bytes) -> None:
    ignoring_ranges(handler, content + b"more")


def too_short(handler: Handler, content: bytes) -> None:
    ignoring_ranges(handler, content[: len(content) // 2])


def unpackable(handler: Handler, content: bytes) -> None:
    handler.send_response(200)
    handler.send_header("Content-Encoding", "gzip")
    handler.send_header("Content-Length", str(len(content)))
    handler.end_headers()
    handler.wfile.write(content)


def breaking_off(handler: Handler, content: bytes) -> None:
    begin = int((re.findall(r"bytes=(\d+)-", handler.headers.get("Range", "")) or [0])[0])
    handler.send_response(206 if begin else 200)
    handler.send_header("Content-Range", f"bytes {begin}-{len(content) - 1}/{len(content)}")
    handler.send_header("Content-Length", str(len(content) - begin))
    handler.end_headers()
    handler.wfile.write(content[begin : begin + (len(content) - begin) // 2])
    handler.close_connection = True


def status(code: int, **headers: str) -> Answer:
    def answer(handler: Handler, content: bytes) -> None:
        handler.send_response(code)
        for name, value in {**headers, "Content_Length": "0"}.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()

    return answer


def slowly(seconds: float, pieces: int) -> Answer:
    def answer(handler: Handler, content: bytes) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        step = -(-len(content) // pieces)
        for begin in range(0, len(content), step):
            handler.wfile.write(content[begin : begin + step])
            time.sleep(seconds / pieces)

    return answer


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as running:
        thread = threading.Thread(target=running.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        yield running
        running.shutdown()


@pytest.fixture
def archive() -> Iterator[Server]:
    with Server() as running:
        thread = threading.Thread(target=running.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        yield running
        running.shutdown()


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store", delays=DELAYS, timeout=(2.0, 2.0))


def content(size: int = 300_000, seed: int = 1) -> bytes:
    return random.Random(seed).randbytes(size)


def wanted(name: str, data: bytes, *urls: str) -> Wanted:
    return Wanted(name, f"sha256:{hashlib.sha256(data).hexdigest()}", len(data), urls)


def landed(store: Store, item: Wanted) -> bytes:
    return store.fetch([item])[item.digest].read_bytes()


def files(store: Store) -> list[Path]:
    """Return all that lies in the store, unfinished parts included."""
    return sorted(path for path in store.root.rglob("*") if path.is_file())


def test_the_store_lies_in_the_users_cache_folder(tmp_path: Path) -> None:
    assert folder({"XDG_CACHE_HOME": "/c"}) == Path("/c/orthanc-images")
    assert folder({}) == Path.home() / ".cache" / "orthanc-images"
    assert folder({"XDG_CACHE_HOME": "/c", "ORTHANC_IMAGES_CACHE": str(tmp_path)}) == tmp_path


def test_files_are_fetched_once_and_then_need_no_network(store: Store, server: Server) -> None:
    data = [content(seed=seed) for seed in range(20)]
    items = [wanted(f"{n}.deb", one, server.offer(f"/{n}.deb", one)) for n, one in enumerate(data)]
    assert [path.read_bytes() for path in store.fetch(items).values()] == data
    asked = len(server.seen)
    assert asked == 20
    assert [path.read_bytes() for path in store.fetch(items).values()] == data
    assert len(server.seen) == asked


def test_nothing_unfinished_is_left_behind(store: Store, server: Server) -> None:
    item = wanted("a.deb", content(), server.offer("/a.deb", content()))
    landed(store, item)
    assert files(store) == [store.path(item.digest)]
    assert store.has(item.digest)


def test_the_same_file_wanted_twice_is_fetched_once(store: Store, server: Server) -> None:
    item = wanted("a.deb", content(), server.offer("/a.deb", content()))
    assert len(store.fetch([item, item])) == 1
    assert len(server.seen) == 1


def test_npm_s_digests_are_understood(store: Store, server: Server) -> None:
    data = content()
    digest = f"sha512:{hashlib.sha512(data).hexdigest()}"
    item = Wanted("viewer.tgz", digest, None, (server.offer("/viewer.tgz", data),))
    assert landed(store, item) == data


def test_progress_ends_with_everything_done(store: Store, server: Server) -> None:
    items = [wanted(f"{n}", content(seed=n), server.offer(f"/{n}", content(seed=n))) for n in range(3)]
    told: list[tuple[int, int, int, int]] = []
    store.fetch(items, progress=lambda *state: told.append(state))
    assert told[-1] == (900_000, 900_000, 3, 3)
    assert [state[0] for state in told] == sorted(state[0] for state in told)


@pytest.mark.parametrize("fault", [status(503), status(429, Retry_After="0"), status(500), breaking_off])
def test_trouble_that_passes_is_waited_out(store: Store, server: Server, fault: Answer) -> None:
    item = wanted("a.deb", content(), server.offer("/a.deb", content(), fault, fault))
    assert landed(store, item) == content()
    assert len(server.seen) == 3


def test_a_server_is_given_the_time_it_asks_for(store: Store, server: Server) -> None:
    item = wanted("a.deb", content(), server.offer("/a.deb", content(), status(503, Retry_After="1")))
    begin = time.monotonic()
    landed(store, item)
    assert time.monotonic() - begin > 0.9


def test_a_download_goes_on_where_it_broke_off(store: Store, server: Server) -> None:
    data = content(1_000_000)
    item = wanted("a.deb", data, server.offer("/a.deb", data, breaking_off))
    assert landed(store, item) == data
    begins = [int(asked.removeprefix("bytes=").removesuffix("-") or 0) for _, asked in server.seen]
    assert begins[0] == 0
    assert 0 < begins[1] <= 500_000


def test_a_server_that_cannot_resume_is_asked_for_everything(store: Store, server: Server) -> None:
    item = wanted("a.deb", content(), server.offer("/a.deb", content(), breaking_off, ignoring_ranges))
    assert landed(store, item) == content()


def test_a_line_that_breaks_off_again_and_again_still_gets_there(store: Store, server: Server) -> None:
    data = content(8_000_000)
    item = wanted("a.deb", data, server.offer("/a.deb", data, *[breaking_off] * 5))
    assert landed(store, item) == data
    assert len(server.seen) == 6


@pytest.mark.parametrize("left", [b"rubbish", b"r" * 300_000, b"r" * 400_000])
def test_a_wrong_part_left_behind_does_no_harm(store: Store, server: Server, left: bytes) -> None:
    item = wanted("a.deb", content(), server.offer("/a.deb", content()))
    part = store.root / "partial" / item.digest.replace(":", "-")
    part.parent.mkdir(parents=True)
    part.write_bytes(left)
    assert landed(store, item) == content()


def test_a_part_of_unknown_size_that_is_longer_than_the_file(store: Store, server: Server) -> None:
    item = Wanted("a.tgz", wanted("", content()).digest, None, (server.offer("/a.tgz", content()),))
    part = store.root / "partial" / item.digest.replace(":", "-")
    part.parent.mkdir(parents=True)
    part.write_bytes(content() + b"more")
    assert landed(store, item) == content()


def test_a_whole_file_that_was_only_not_renamed_needs_no_network(store: Store) -> None:
    item = wanted("a.deb", content(), "http://127.0.0.1:9/a.deb")
    part = store.root / "partial" / item.digest.replace(":", "-")
    part.parent.mkdir(parents=True)
    part.write_bytes(content())
    assert landed(store, item) == content()


def test_a_server_that_calls_an_archive_a_compressed_answer(store: Store, server: Server) -> None:
    item = wanted("a.tgz", content(), server.offer("/a.tgz", content(), unpackable))
    assert landed(store, item) == content()


def test_a_file_that_left_the_mirror_comes_from_the_archive(
    store: Store, server: Server, archive: Server
) -> None:
    path = "/archive/debian/20261101T000000Z/pool/main/o/orthanc/orthanc_1_amd64.deb"
    there = archive.offer(path, content())
    item = wanted("orthanc_1_amd64.deb", content(), f"http://{server.name}/debian/pool/o.deb", there)
    assert landed(store, item) == content()
    assert [asked for asked, _ in server.seen + archive.seen] == ["/debian/pool/o.deb", path]


@pytest.mark.parametrize("fault", [another_file, too_long, status(404), status(403)])
def test_a_bad_mirror_gives_way_to_the_next_at_once(
    store: Store, server: Server, archive: Server, fault: Answer
) -> None:
    bad, good = server.offer("/a.deb", content(), fault), archive.offer("/a.deb", content())
    assert landed(store, wanted("a.deb", content(), bad, good)) == content()
    assert len(server.seen) == 1


def test_a_damaged_file_in_the_store_is_noticed_and_fetched_anew(store: Store, server: Server) -> None:
    item = wanted("a.deb", content(), server.offer("/a.deb", content()))
    path = store.fetch([item])[item.digest]
    path.chmod(0o644)
    path.write_bytes(b"damaged")
    assert landed(store, item) == content()
    assert len(server.seen) == 2


def test_a_wrong_hash_is_told_and_nothing_is_kept(store: Store, server: Server) -> None:
    item = wanted("a.deb", content(), server.offer("/a.deb", content(), another_file))
    with pytest.raises(FetchError) as caught:
        store.fetch([item])
    wrong = hashlib.sha256(bytes(byte ^ 255 for byte in content())).hexdigest()
    assert str(caught.value) == (
        f"could not fetch a.deb: {server.name} sent sha256:{wrong} instead of {item.digest}. "
        "A proxy or the mirror changes files on the way: try another mirror."
    )
    assert files(store) == []


def test_a_file_that_is_too_long_is_told(store: Store, server: Server) -> None:
    item = wanted("a.deb", content(), server.offer("/a.deb", content(), too_long))
    with pytest.raises(FetchError, match=f"{server.name} sent 300004 bytes instead of 300000"):
        store.fetch([item])


def test_a_file_that_stays_too_short_is_told(store: Store, server: Server) -> None:
    server.stubborn = True
    item = wanted("a.deb", content(), server.offer("/a.deb", content(), too_short))
    with pytest.raises(FetchError, match=f"{server.name} sent 150000 bytes instead of 300000"):
        store.fetch([item])


def test_a_file_that_nobody_has_is_told(store: Store, server: Server, archive: Server) -> None:
    urls = [f"http://{one.name}/a.deb" for one in (server, archive)]
    with pytest.raises(FetchError) as caught:
        store.fetch([wanted("a.deb", content(), *urls)])
    assert str(caught.value) == (
        f"could not fetch a.deb: {server.name} does not have it (404 Not Found); "
        f"{archive.name} does not have it (404 Not Found). "
        "No mirror has these versions any more. Lock newer ones with: ./inv lock."
    )


def test_all_failures_are_told_at_once_and_the_rest_is_kept(store: Store, server: Server) -> None:
    good = wanted("good.deb", content(), server.offer("/good.deb", content()))
    gone = [wanted(f"gone{n}.deb", content(seed=100 + n), f"http://{server.name}/gone") for n in range(12)]
    bad = wanted("bad.deb", content(seed=99), server.offer("/bad.deb", content(seed=99), too_long))
    with pytest.raises(FetchError) as caught:
        store.fetch([*gone, bad, good])
    assert caught.value.message == "could not fetch 13 of 14 files"
    assert sorted(caught.value.details) == [
        f"bad.deb: {server.name} sent 300004 bytes instead of 300000",
        "gone0.deb, gone1.deb, gone10.deb, gone11.deb, gone2.deb, gone3.deb, gone4.deb, gone5.deb, "
        f"gone6.deb, gone7.deb and 2 more: {server.name} does not have it (404 Not Found)",
    ]
    assert store.has(good.digest)


def test_no_network_is_one_sentence_and_soon_told(store: Store) -> None:
    items = [wanted(f"{n:03}.deb", content(10, n), f"http://127.0.0.1:9/{n}") for n in range(300)]
    begin = time.monotonic()
    with pytest.raises(FetchError) as caught:
        store.fetch(items)
    assert time.monotonic() - begin < 5
    assert caught.value.message == "could not fetch 300 of 300 files"
    (detail,) = caught.value.details
    assert detail.endswith("009.deb and 290 more: 127.0.0.1:9 cannot be reached (Connection refused)")
    assert str(caught.value).endswith(
        "Check that the network, the proxy and the mirrors configured on this machine work, "
        "then run the same command again: files already fetched are kept."
    )


def test_a_name_that_nobody_knows_is_told_so(store: Store) -> None:
    with pytest.raises(
        FetchError, match=r"mirror\.invalid cannot be reached \(its name cannot be resolved\)"
    ):
        store.fetch([wanted("a.deb", content(), "http://mirror.invalid/a.deb")])


def test_a_server_that_stops_answering_is_told_so(tmp_path: Path, server: Server) -> None:
    store = Store(tmp_path / "store", delays=(), timeout=(0.3, 0.3))
    item = wanted("a.deb", content(), server.offer("/a.deb", content(), slowly(2, 2)))
    with pytest.raises(FetchError, match=r"cannot be reached \(no answer in time\)"):
        store.fetch([item])


def test_a_password_in_an_address_is_never_shown(store: Store) -> None:
    with pytest.raises(FetchError) as caught:
        store.fetch([wanted("a.deb", content(), "http://user:secret@127.0.0.1:9/a.deb")])
    assert "secret" not in str(caught.value)
    assert "127.0.0.1:9 cannot be reached" in str(caught.value)


def test_a_disk_that_is_too_small_is_told_before_anything_is_fetched(
    store: Store, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage("/")._replace(free=100_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    item = wanted("a.deb", content(), server.offer("/a.deb", content()))
    with pytest.raises(StoreError) as caught:
        store.fetch([item])
    assert str(caught.value) == (
        f"{store.root}: the disk is full: 0.3 MB are needed, 0.1 MB are free. Free some space there, "
        "or name a folder with more space in ORTHANC_IMAGES_CACHE, then run the same command again."
    )
    assert server.seen == []


def test_a_disk_that_becomes_full_is_told_and_the_store_stays_valid(
    store: Store, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(file: io.FileIO, data: memoryview) -> int:
        if file.tell() > 100_000:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return io.FileIO.write(file, data[:50_000])

    item = wanted("a.deb", content(), server.offer("/a.deb", content()))
    with monkeypatch.context() as patch:
        patch.setattr("builder.sources.store.FileIO", type("FileIO", (io.FileIO,), {"write": full}))
        with pytest.raises(StoreError, match="the disk is full: no space is left") as caught:
            store.fetch([item])
    assert caught.value.exit_code == 73
    assert not store.has(item.digest)
    (part,) = files(store)
    held = part.stat().st_size
    assert held > 100_000
    assert landed(store, item) == content()
    assert server.seen[-1][1] == f"bytes={held}-"


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot be used: Not a directory"):
        Store(tmp_path / "file" / "store").add(b"text", wanted("", b"text").digest)


def test_a_file_is_added(store: Store, tmp_path: Path) -> None:
    source = tmp_path / "a.whl"
    source.write_bytes(b"wheel")
    digest = wanted("", b"wheel").digest
    assert store.add(source, digest).read_bytes() == b"wheel"
    assert store.add(b"wheel", digest) == store.path(digest)
    assert files(store) == [store.path(digest)]


def test_another_file_than_the_digest_says_is_not_added(store: Store, tmp_path: Path) -> None:
    source = tmp_path / "a.whl"
    source.write_bytes(b"wheel")
    digest, found = wanted("", b"another").digest, wanted("", b"wheel").digest
    with pytest.raises(FetchError) as caught:
        store.add(source, digest)
    assert str(caught.value) == f"a.whl: is {found} instead of {digest}."
    assert files(store) == []


def fetching(store: Store, items: list[Wanted]) -> subprocess.Popen[str]:
    """Start another process that fetches `items` into `store`, and prints when it begins."""
    code = (
        "import pathlib, sys\nfrom builder.sources.store import Store, Wanted\n"
        f"store = Store(pathlib.Path({str(store.root)!r}), delays={DELAYS})\n"
        f"print('begun', flush=True)\nstore.fetch({items!r}, jobs=3)\nprint('done')"
    )
    return subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True, env={**os.environ}
    )


def test_two_builds_at_once_fetch_each_file_once(store: Store, server: Server) -> None:
    items = [
        wanted(f"{n}", content(seed=n), server.offer(f"/{n}", content(seed=n), slowly(0.4, 4)))
        for n in range(6)
    ]
    both = [fetching(store, items), fetching(store, items)]
    try:
        assert [process.communicate(timeout=60)[0] for process in both] == ["begun\ndone\n"] * 2
    finally:
        for process in both:
            process.kill()
    assert [process.returncode for process in both] == [0, 0]
    assert sorted(path for path, _ in server.seen) == [f"/{n}" for n in range(6)]
    assert files(store) == sorted(store.path(item.digest) for item in items)


@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGINT])
def test_an_interrupted_build_goes_on_where_it_was(store: Store, server: Server, ending: int) -> None:
    quick = wanted("quick", content(), server.offer("/quick", content()))
    data = content(2_000_000, 2)
    slow = wanted("slow", data, server.offer("/slow", data, slowly(30, 10)))
    process = fetching(store, [quick, slow])
    part = store.root / "partial" / slow.digest.replace(":", "-")
    for _ in range(400):
        if store.has(quick.digest) and part.exists() and part.stat().st_size > 100_000:
            break
        time.sleep(0.05)
    begin = time.monotonic()
    process.send_signal(ending)
    process.communicate(timeout=20)
    assert time.monotonic() - begin < 8
    assert process.returncode != 0
    held = part.stat().st_size
    assert held > 100_000
    assert [path.read_bytes() for path in store.fetch([quick, slow]).values()] == [content(), data]
    assert [path for path, _ in server.seen].count("/quick") == 1
    assert server.seen[-1] == ("/slow", f"bytes={held}-")
    assert files(store) == sorted([store.path(quick.digest), store.path(slow.digest)])
