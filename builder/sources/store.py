"""A store of files by digest in the user's cache folder: a stored file is never downloaded again."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import io
import os
import queue
import shutil
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from io import FileIO
from pathlib import Path

from builder.console import Progress
from builder.errors import FetchError, StoreError
from builder.hashing import file_hash
from builder.sources.download import (
    DELAYS,
    MISSING,
    TIMEOUT,
    UNREACHABLE,
    Digest,
    Downloader,
    Failure,
    Partial,
    Stopped,
)

CACHE = "ORTHANC_IMAGES_CACHE"
POLL = 0.2
"""Seconds between two attempts to lock a file that another process is downloading."""
LEAVE = 1.0
"""Seconds for threads to end in when the fetch is over; those that wait for a server are left behind."""
LISTED = 10


@dataclass(frozen=True)
class Wanted:
    """One file to fetch: its name in messages, digest (`sha256:…`), size in bytes if known, and addresses."""

    name: str
    digest: str
    size: int | None
    urls: tuple[str, ...]


def folder(environment: Mapping[str, str]) -> Path:
    """Return the folder of the store: ORTHANC_IMAGES_CACHE, else one below the user's cache folder."""
    if environment.get(CACHE):
        return Path(environment[CACHE]).expanduser().absolute()
    cache = Path(environment.get("XDG_CACHE_HOME") or "~/.cache").expanduser()
    return cache.absolute() / "orthanc-images"


class Store:
    """Files by digest below one folder; several processes may use it at once, and end at any time.

    A download goes to a partial file, which is locked (flock) while a process writes it: the kernel drops the
    lock when the process ends, however that happens. A complete file is renamed to its place, so that no
    reader ever sees a part of one.
    """

    def __init__(
        self, root: Path, *, delays: Sequence[float] = DELAYS, timeout: tuple[float, float] = TIMEOUT
    ) -> None:
        """Use `root`, which need not exist yet; `delays` and `timeout` are those of `Downloader`."""
        self.root = root
        self._delays, self._timeout = delays, timeout

    def path(self, digest: str) -> Path:
        """Return the path of the file with `digest`, whether it exists or not."""
        read = Digest.read(digest)
        return self.root / read.algorithm / read.value[:2] / read.value

    def has(self, digest: str) -> bool:
        """Tell whether the file with `digest` is stored; its hash was verified when it was stored."""
        return self.path(digest).is_file()

    def add(self, source: Path | bytes, digest: str) -> Path:
        """Store a copy of `source` and return its path; raises FetchError when its digest differs."""
        path, wanted = self.path(digest), Digest.read(digest)
        with storing(self.root), self._scratch() as (file, name):
            with io.BytesIO(source) if isinstance(source, bytes) else source.open("rb") as content:
                shutil.copyfileobj(content, file)
            file.flush()
            found = Digest(wanted.algorithm, file_hash(name, wanted.algorithm))
            if found != wanted:
                label = source.name if isinstance(source, Path) else f"{len(source)} bytes"
                raise FetchError(f"{label}: is {found} instead of {wanted}")
            _land(name, path)
        return path

    def fetch(
        self, wanted: Iterable[Wanted], *, jobs: int = 8, progress: Progress | None = None
    ) -> dict[str, Path]:
        """Return the path of each wanted file by its digest, after fetching those that the store lacks.

        Every file is verified, including those already stored. Fetched files stay, even if others fail.

        Raises:
            FetchError: with every file that could not be fetched, and why.
            StoreError: when the disk is full or the store cannot be written.
        """
        files = {item.digest: item for item in wanted}
        lacking = self.lacking(files, jobs=jobs)
        absent = [item for item in files.values() if item.digest in lacking]
        if absent:
            with storing(self.root):
                self._partials().mkdir(parents=True, exist_ok=True)
                self._demand_room(absent)
            self._fetch(absent, jobs, progress)
        return {digest: self.path(digest) for digest in files}

    def lacking(self, digests: Iterable[str], *, jobs: int = 8) -> set[str]:
        """Return which of `digests` are not there, after hashing all; what is damaged is removed first.

        Raises:
            StoreError: when the store cannot be read, or a damaged file cannot be removed.
        """
        asked = list(digests)
        with ThreadPoolExecutor(jobs) as pool:
            sound = list(pool.map(self._sound, asked))
        return {digest for digest, good in zip(asked, sound, strict=True) if not good}

    def _sound(self, digest: str) -> bool:
        path, wanted = self.path(digest), Digest.read(digest)
        try:
            if file_hash(path, wanted.algorithm) == wanted.value:
                return True
        except FileNotFoundError:
            return False
        except OSError as error:
            raise _unwritable(self.root, error) from error
        with storing(self.root):
            path.unlink(missing_ok=True)
        return False

    def _demand_room(self, absent: Sequence[Wanted]) -> None:
        held = sum(_length(self._partial(item.digest)) for item in absent)
        needed = max(0, sum(item.size or 0 for item in absent) - held)
        free = shutil.disk_usage(self.root).free
        if needed > free:
            raise _full(self.root, f"{_megabytes(needed)} are needed, {_megabytes(free)} are free")

    def _fetch(self, absent: Sequence[Wanted], jobs: int, progress: Progress | None) -> None:
        stop = threading.Event()
        client = Downloader(stop=stop, delays=self._delays, timeout=self._timeout)
        tally = _Tally(absent, progress)

        def one(item: Wanted) -> tuple[Failure, ...]:
            failures = self._one(item, client, tally, stop)
            if not failures:
                tally.landed(item)
            return failures

        failed = {item: reasons for item, reasons in _each(one, absent, jobs, stop) if reasons}
        if failed:
            raise _unfetched(failed, len(absent))

    def _one(
        self, item: Wanted, client: Downloader, tally: _Tally, stop: threading.Event
    ) -> tuple[Failure, ...]:
        with storing(self.root), self._claimed(item.digest, stop) as file:
            if file is None:
                return ()  # another process has stored it meanwhile
            partial = Partial(
                file, Digest.read(item.digest), item.size, lambda change: tally.moved(item, change)
            )
            failures = client.fetch(item.urls, partial)
            if not failures:
                _land(self._partial(item.digest), self.path(item.digest))
            elif not partial.length:
                self._partial(item.digest).unlink()
            return failures

    @contextmanager
    def _claimed(self, digest: str, stop: threading.Event) -> Iterator[io.FileIO | None]:
        """Yield the partial file, locked for this process; None when the file has been stored meanwhile."""
        path = self._partial(digest)
        while not self.has(digest):
            with FileIO(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644), "r+") as file:
                if not _locked(file):
                    # A blocking flock could not be cancelled by another thread, so look again and again.
                    if stop.wait(POLL):
                        raise Stopped
                elif _same(file, path) and not self.has(digest):
                    # Only now is the lock worth anything: between opening and locking, another process may
                    # have renamed this file to its place, and the lock would be on that one.
                    yield file
                    return
                elif _same(file, path):
                    path.unlink()  # we created it, empty: another process stored the file just before
        yield None

    def _partials(self) -> Path:
        return self.root / "partial"

    def _partial(self, digest: str) -> Path:
        return self._partials() / str(Digest.read(digest)).replace(":", "-")

    @contextmanager
    def _scratch(self) -> Iterator[tuple[io.BufferedWriter, Path]]:
        self._partials().mkdir(parents=True, exist_ok=True)
        handle, text = tempfile.mkstemp(dir=self._partials(), prefix="add-")
        name = Path(text)
        try:
            with os.fdopen(handle, "wb") as file:
                yield file, name
        finally:
            name.unlink(missing_ok=True)


class _Tally:
    """Counts the progress of all threads, and reports it."""

    def __init__(self, files: Sequence[Wanted], progress: Progress | None) -> None:
        self._lock = threading.Lock()
        self._progress = progress
        self._bytes: dict[str, int] = defaultdict(int)
        self._files = 0
        self._total = (sum(item.size or 0 for item in files), len(files))
        self._done = 0

    def moved(self, item: Wanted, change: int) -> None:
        """Count `change` more bytes of `item`."""
        with self._lock:
            self._bytes[item.digest] += change
            self._done += change
            self._tell()

    def landed(self, item: Wanted) -> None:
        """Count `item` as done, whoever fetched it."""
        with self._lock:
            self._done += (item.size or self._bytes[item.digest]) - self._bytes[item.digest]
            self._files += 1
            self._tell()

    def _tell(self) -> None:
        if self._progress:
            self._progress(self._done, self._total[0], self._files, self._total[1])


def _each(
    act: Callable[[Wanted], tuple[Failure, ...]],
    items: Sequence[Wanted],
    jobs: int,
    stop: threading.Event,
) -> Iterator[tuple[Wanted, tuple[Failure, ...]]]:
    """Yield each item with what `act` returned for it, `jobs` at a time; the first exception ends it all.

    The threads are daemons, so that Ctrl-C does not wait for a server.
    """
    todo: queue.SimpleQueue[Wanted] = queue.SimpleQueue()
    done: queue.SimpleQueue[tuple[Wanted, tuple[Failure, ...] | Exception]] = queue.SimpleQueue()
    for item in items:
        todo.put(item)

    def work() -> None:
        with contextlib.suppress(queue.Empty):
            while not stop.is_set():
                item = todo.get_nowait()
                try:
                    done.put((item, act(item)))
                except Exception as error:  # handed to the main thread below
                    done.put((item, error))

    threads = [threading.Thread(target=work, daemon=True) for _ in range(min(jobs, len(items)))]
    try:
        for thread in threads:
            thread.start()
        for _ in items:
            item, result = done.get()
            if isinstance(result, Exception):
                raise result
            yield item, result
    finally:
        stop.set()
        deadline = time.monotonic() + LEAVE
        for thread in threads:
            thread.join(max(0.0, deadline - time.monotonic()))


def _land(partial: Path, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    partial.chmod(0o444)  # the build contexts have hard links to it, which nothing may write to
    partial.replace(path)


def _locked(file: io.FileIO) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _same(file: io.FileIO, path: Path) -> bool:
    """Tell whether `path` still names the open `file`, which another process may have renamed."""
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except FileNotFoundError:
        return False


def _length(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


@contextmanager
def storing(root: Path) -> Iterator[None]:
    """Turn every disk error in the block into a StoreError."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise _full(root, "no space is left") from error
        raise _unwritable(root, error) from error


def _full(root: Path, what: str) -> StoreError:
    remedy = (
        f"Free some space there, or name a folder with more space in {CACHE}, then run the same command again"
    )
    return StoreError(f"{root}: the disk is full: {what}", remedy=remedy)


def _unwritable(root: Path, error: OSError) -> StoreError:
    remedy = f"Correct its permissions, or name another folder in {CACHE}"
    place = error.filename or root
    return StoreError(f"{place}: cannot be used: {error.strerror or error}", remedy=remedy)


def _unfetched(failed: Mapping[Wanted, tuple[Failure, ...]], total: int) -> FetchError:
    """Return the one error that names every file that could not be fetched, with the reasons."""
    names: dict[str, list[str]] = defaultdict(list)
    for item, reasons in failed.items():
        names["; ".join(reason.text for reason in reasons) or "no address is known"].append(item.name)
    lines = [f"{_listed(group)}: {reason}" for reason, group in names.items()]
    remedy = _remedy([{reason.kind for reason in reasons} for reasons in failed.values()])
    if len(lines) == 1 and len(failed) == 1:
        return FetchError(f"could not fetch {lines[0]}", remedy=remedy)
    return FetchError(f"could not fetch {len(failed)} of {total} files", details=lines, remedy=remedy)


def _remedy(kinds: Sequence[set[str]]) -> str:
    if any(not kind or UNREACHABLE in kind for kind in kinds):
        return (
            "Check that the network, the proxy and the mirrors configured on this machine work, "
            "then run the same command again: files already fetched are kept"
        )
    if all(kind == {MISSING} for kind in kinds):
        return "No mirror has these versions any more. Lock newer ones with: ./inv lock"
    return "A proxy or the mirror changes files on the way: try another mirror"


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(sorted(names)[:LISTED])
    return shown if len(names) <= LISTED else f"{shown} and {len(names) - LISTED} more"


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.1f} MB"
