"""What memory Orthanc has after load, with glibc's allocator in several settings, and with jemalloc."""

from __future__ import annotations

import io
import tarfile
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import docker
import numpy as np
from pydicom.dataset import Dataset

from bench.figures import record
from bench.storage import processor
from builder.build.pipeline import OUT
from builder.console import Console
from builder.engine.client import Engine, find
from builder.errors import BuildError
from builder.spec import model
from builder.spec.planning import tags
from harness import containers, dicom
from harness.archive import REST, STORE, STOW, Way
from harness.containers import Orthanc
from services import images

CLIENTS = 32
SMALL = 300
"""Files of 128 KiB that come in in each round of each way."""

LARGE_CLIENTS = 8
LARGE = 50
"""Files of 20 MB that come in, and are looked at and transcoded, in each round."""

ROUNDS = 2
IDLE = 35
"""Seconds of rest: Orthanc gives memory back to the system every 30."""

JEMALLOC = "/tmp/libjemalloc.so.2"
TRANSCODED = 'multipart/related; type="application/dicom"; transfer-syntax=1.2.840.10008.1.2.4.80'
HEAD = (
    "allocator",
    "load",
    "at rest",
    *(f"round {n + 1}" for n in range(ROUNDS)),
    f"idle {IDLE} s",
    "processor",
)


class Allocator(NamedTuple):
    """One allocator of memory: its name, the variables that choose it, and whether it needs the library."""

    name: str
    environment: Mapping[str, str]
    preloaded: bool = False


ALLOCATORS = (
    Allocator("glibc, arenas as it likes", {"MALLOC_ARENA_MAX": "0"}),
    Allocator("glibc, 5 arenas (default)", {}),
    Allocator("glibc, 5 arenas, mmap from 1 MiB", {"MALLOC_MMAP_THRESHOLD_": "1048576"}),
    Allocator("jemalloc", {"LD_PRELOAD": JEMALLOC}, preloaded=True),
)


class Measured(NamedTuple):
    """The memory in MiB at rest, after each round and after a rest; seconds of processor time in all."""

    rest: float
    rounds: list[float]
    idle: float
    processor: float

    @property
    def row(self) -> tuple[str, ...]:
        """Return the figures as words."""
        amounts = [self.rest, *self.rounds, self.idle]
        return (*(f"{amount:.0f} MiB" for amount in amounts), f"{self.processor:.1f} s")


def command(root: Path, _: Mapping[str, str], console: Console) -> list[tuple[str, ...]]:
    """Measure the default image, and report the figures; `root` is the repository."""
    engine, client = find(), docker.from_env(timeout=600)
    definition = model.load(root / model.FILE)
    rows = list(figures(client, engine, tags(definition, next(iter(definition.variants)))[0], console))
    record(rows, HEAD, root / OUT / "bench-memory.json", console)
    return rows


def figures(
    client: docker.DockerClient, engine: Engine, image: str, console: Console
) -> Iterator[tuple[str, ...]]:
    """Yield a row for each load and allocator; each pair has a server of its own."""
    library = taken(client, images.built(engine, client, image, "jemalloc"))
    for load, act in LOADS.items():
        for allocator in ALLOCATORS:
            with (
                console.stage(f"{load}, {allocator.name}"),
                server(client, image, allocator, library) as orthanc,
            ):
                yield (allocator.name, load, *measured(orthanc, act).row)


def measured(orthanc: Orthanc, act: Callable[[Orthanc, int], None]) -> Measured:
    """Put a server through all rounds of a load, and return the memory that it then has."""
    rest, began, rounds = resident(orthanc), processor(orthanc), []
    for number in range(ROUNDS):
        act(orthanc, number)
        rounds.append(resident(orthanc))
    spent = processor(orthanc) - began
    time.sleep(IDLE)
    return Measured(rest, rounds, resident(orthanc), spent)


def small(way: Way) -> Callable[[Orthanc, int], None]:
    """Return a load of many small files, which come in one way."""

    def act(orthanc: Orthanc, number: int) -> None:
        def send(index: int) -> None:
            instance = dicom.ct(number * SMALL + index, patient="BENCH", series=f"{index % 7}", size=256)
            _expect(way.give(orthanc, instance), "a file was refused")

        _at_once(send, SMALL, CLIENTS)

    return act


def large(orthanc: Orthanc, number: int) -> None:
    """Return a load of large files: uploaded, rendered, and fetched in another transfer syntax."""
    pixels = np.random.default_rng(number).normal(1000, 30, (3200, 3200)).astype("u2")

    def use(index: int) -> None:
        instance = slice_of(pixels, number * LARGE + index)
        identifier = orthanc.upload(dicom.encoded(instance))["ID"]
        path = f"/dicom-web/studies/{instance.StudyInstanceUID}/series/{instance.SeriesInstanceUID}"
        for wanted, accepted in (
            (f"/instances/{identifier}/preview", "image/png"),
            (f"/instances/{identifier}/rendered?width=512", "image/jpeg"),
            (f"{path}/instances/{instance.SOPInstanceUID}", TRANSCODED),
        ):
            answer = orthanc.get(wanted, headers={"Accept": accepted}, timeout=300)
            _expect(answer.status_code == 200, f"{wanted}: {answer.status_code}")

    _at_once(use, LARGE, LARGE_CLIENTS)


def slice_of(pixels: np.ndarray[tuple[int, int], np.dtype[np.uint16]], number: int) -> Dataset:
    """Return a slice with these pixels, its own whatever the number."""
    instance = dicom.ct(number, patient="LARGE", study="large", series=f"large-{number % 7}", size=8)
    return dicom.add_pixels(instance, pixels)


LOADS: Mapping[str, Callable[[Orthanc, int], None]] = {
    "REST": small(REST),
    "C-STORE": small(STORE),
    "DICOMweb": small(STOW),
    "large files": large,
}


def resident(orthanc: Orthanc) -> float:
    """Return the memory of Orthanc's process, in MiB."""
    status = orthanc.read("/proc/1/status").decode()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


def taken(client: docker.DockerClient, image: str) -> bytes:
    """Return the library jemalloc, from an image that has it."""
    container = containers.create(client, image, [], {})
    try:
        found = b"".join(container.get_archive("/service/libjemalloc.so.2")[0])
    finally:
        container.remove(force=True, v=True)
    with tarfile.open(fileobj=io.BytesIO(found)) as archive:
        file = archive.extractfile("libjemalloc.so.2")
        assert file is not None
        return file.read()


@contextmanager
def server(
    client: docker.DockerClient, image: str, allocator: Allocator, library: bytes
) -> Iterator[Orthanc]:
    """Yield a server with an allocator, without the cache of stored files, which holds memory on purpose."""
    environment = {
        "DICOM_WEB_PLUGIN_ENABLED": "true",
        "ORTHANC__MAXIMUM_STORAGE_CACHE_SIZE": "0",
        **allocator.environment,
    }
    files = {JEMALLOC: library} if allocator.preloaded else {}
    begun = containers.launch(client, image, environment, files=files)
    try:
        begun.wait_until_ready(60)
        if allocator.preloaded:
            _expect(JEMALLOC in begun.read("/proc/1/maps").decode(), "jemalloc is not in Orthanc's process")
        yield begun
    finally:
        begun.remove()


def _at_once(act: Callable[[int], None], count: int, clients: int) -> None:
    with ThreadPoolExecutor(clients) as pool:
        list(pool.map(act, range(count)))


def _expect(well: bool, otherwise: str) -> None:
    if not well:
        raise BuildError(f"bench: {otherwise}")
