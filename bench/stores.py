"""What the defaults for an object store gain, beside those for a disk, with a store that answers late.

The store is a small program (store.c) that keeps objects in memory, checks nothing, and lets answers wait.
"""

from __future__ import annotations

import json
import secrets
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import docker
import numpy as np
from pydicom.dataset import Dataset
from pydicom.uid import UltrasoundMultiFrameImageStorage

from bench.figures import HEAD, Figure, record
from bench.viewers import networked
from builder.build.pipeline import OUT
from builder.console import Console, duration
from builder.engine.client import find
from builder.errors import UsageError
from builder.spec import model
from builder.spec.planning import tags
from harness import containers, dicom
from harness.containers import LABEL, LOGIN, Orthanc
from services import running

SOURCE = Path(__file__).with_name("store.c")
PORT = 5000
DELAYS = (0, 10, 30)
"""Milliseconds that each answer of the store waits."""
FILES = 100
FILMS = 6
FRAMES = 50
"""Frames of 1 MiB in each film."""
CLIENTS = 8
ROUNDS = 3
MEMORY = "4g"
"""What each server may take at most, so that this machine stays at work."""
SLOW = 0.1
"""Seconds that a slow client waits after each MiB."""

DISK = {
    "StorageLoaderThreadsCount": 4,
    "SequentialDicomReaderWindowSize": 4,
    "DicomParserThreadsCount": 2,
    "ExtraMainDicomTags": {},
}
MULTIPART = {"Accept": 'multipart/related; type="application/dicom"; transfer-syntax=*'}
JSON = {"Accept": "application/dicom+json"}

Request = tuple[str, str, Mapping[str, str]]


def command(root: Path, _: Mapping[str, str], console: Console) -> list[Figure]:
    """Measure the first image of the repository `root`, and report the figures.

    Raises:
        UsageError: when there is no compiler for the store.
    """
    find()
    client = docker.from_env(timeout=600)
    definition = model.load(root / model.FILE)
    image = tags(definition, next(iter(definition.variants)))[0]
    program = compiled()
    found = [figure for delay in DELAYS for figure in figures(client, image, program, delay, console)]
    record([figure.row for figure in found], HEAD, root / OUT / "bench-stores.json", console)
    return found


def compiled() -> bytes:
    """Return the program of the store, which needs no library."""
    compiler = shutil.which("cc")
    if compiler is None:
        raise UsageError("bench: no C compiler is here", remedy="Install one: apt-get install gcc libc6-dev")
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "store"
        subprocess.run([compiler, "-O2", "-static", "-pthread", "-o", made, SOURCE], check=True)
        return made.read_bytes()


def figures(
    client: docker.DockerClient, image: str, program: bytes, delay: int, console: Console
) -> Iterator[Figure]:
    """Yield seconds for a series with the defaults for a store, beside those for a disk; then memory."""
    late = f"store at {delay} ms"
    with console.stage(late), ExitStack() as stack:
        network = stack.enter_context(networked(client))
        stack.enter_context(store(client, image, program, network, delay))
        ours, disk = (
            stack.enter_context(server(client, image, network, settings, threads))
            for settings, threads in (
                ({}, {}),
                (DISK, {"WadoRsLoaderThreadsCount": 0, "MetadataWorkerThreadsCount": 4}),
            )
        )
        small = [dicom.ct(number, patient="BENCH", size=512) for number in range(FILES)]
        films = [film(number) for number in range(FILMS)] if delay == DELAYS[-1] else []
        for each in (ours, disk):
            filled(each, [*small, *films])
        for name, path, headers in requests(ours, small[0]):
            times = [(timed(ours, path, headers), timed(disk, path, headers)) for _ in range(ROUNDS)]
            first, second = map(min, zip(*times, strict=True))
            expected = "ratio ≤ 0.70" if delay == DELAYS[-1] else ""
            yield Figure(f"{late}, {name}", first, second, expected, duration)
        for name, path, headers in requests(ours, films[0])[:2] if films else ():
            for words, pause in (("", 0.0), ("slow ", SLOW)):
                first, second = (peak(each, path, headers, pause) for each in (ours, disk))
                what = f"{late}, memory for {name} of {FILMS} files of {FRAMES} MiB, {CLIENTS} {words}clients"
                yield Figure(what, first, second, "", megabytes)


def requests(server: Orthanc, one: Dataset) -> list[Request]:
    """Return what is asked for the series of an instance: words, path and headers."""
    (series,) = server.post("/tools/lookup", one.SeriesInstanceUID).json()
    web = f"/dicom-web/studies/{one.StudyInstanceUID}/series/{one.SeriesInstanceUID}"
    return [
        ("WADO-RS of a series", web, MULTIPART),
        ("archive of a series", f"/series/{series['ID']}/archive", {}),
        ("metadata of a series", f"{web}/metadata", JSON),
        ("search for its instances", f"{web}/instances", JSON),
    ]


def film(number: int) -> Dataset:
    """Return a film of 1 MiB a frame."""
    dataset = dicom.instance(
        UltrasoundMultiFrameImageStorage,
        patient="BENCH films", study="film", series="film", number=number, modality="US",
    )  # fmt: skip
    return dicom.add_pixels(dataset, np.full((FRAMES, 1024, 1024), number, "u1"))


def filled(server: Orthanc, datasets: Sequence[Dataset]) -> None:
    """Upload the instances."""

    def stored(dataset: Dataset) -> None:
        server.post("/instances", dicom.encoded(dataset), timeout=600).raise_for_status()

    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(stored, datasets))


def timed(server: Orthanc, path: str, headers: Mapping[str, str]) -> float:
    """Return the seconds that an answer takes after a restart, with empty caches."""
    restart(server)
    began = time.monotonic()
    taken(server, path, headers)
    return time.monotonic() - began


def peak(server: Orthanc, path: str, headers: Mapping[str, str], pause: float) -> float:
    """Return the most MiB of memory that Orthanc takes for the same answer to several clients at once."""
    restart(server)
    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(lambda _: taken(server, path, headers, pause), range(CLIENTS)))
    lines = server.run("sh", "-c", "cat /proc/[0-9]*/status").stdout.splitlines()
    return max(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))


def restart(server: Orthanc) -> None:
    """Start the server again, so that it has nothing in memory."""
    server.stop()
    server.start_again(60)


def taken(server: Orthanc, path: str, headers: Mapping[str, str], pause: float = 0.0) -> None:
    """Take an answer in pieces of a MiB, with a pause after each."""
    with server.session.__class__() as session:
        session.auth, session.trust_env = LOGIN, False
        answer = session.get(server.url + path, headers=dict(headers), stream=True, timeout=600)
        answer.raise_for_status()
        for _ in answer.iter_content(1 << 20):
            time.sleep(pause)


def megabytes(size: float) -> str:
    """Return MiB in words."""
    return f"{size:.0f} MiB"


@contextmanager
def store(
    client: docker.DockerClient, image: str, program: bytes, network: str, delay: int
) -> Iterator[None]:
    """Run a store in a container on the network, under the name "store"."""
    begun = client.containers.create(
        image,
        [str(PORT), str(delay)],
        entrypoint=["/store"],
        labels={LABEL: "service"},
        **running.on(client, network, "store"),
    )
    try:
        begun.put_archive("/", containers.archive({"/store": program}))
        begun.start()
        yield
    finally:
        begun.remove(force=True, v=True)


def section() -> dict[str, Any]:
    """Return the section AwsS3Storage for a bucket of its own in the store."""
    return {
        "BucketName": f"bench-{secrets.token_hex(4)}",
        "Region": "us-east-1",
        "AccessKey": "bench",
        "SecretKey": "bench",
        "Endpoint": f"http://store:{PORT}/",
        "VirtualAddressing": False,
    }


@contextmanager
def server(
    client: docker.DockerClient,
    image: str,
    network: str,
    settings: Mapping[str, Any],
    web: Mapping[str, Any],
) -> Iterator[Orthanc]:
    """Yield a server with its files in the store, and settings of Orthanc and of DicomWeb."""
    given = {**settings, "AwsS3Storage": section(), "DicomWeb": {"EnableMetadataCache": False, **web}}
    options: dict[str, Any] = {"mem_limit": MEMORY, "memswap_limit": MEMORY, **running.on(client, network)}
    begun = containers.launch(client, image, {"ORTHANC_JSON": json.dumps(given)}, **options)
    try:
        begun.wait_until_ready(60)
        yield begun
    finally:
        begun.remove()
