"""The allocators under half an hour of mixed load, in turns: how fast, and how much memory in the end."""

from __future__ import annotations

import http.client
import itertools
import json
import random
import time
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import NamedTuple

import docker
import numpy as np

from bench.figures import record
from bench.memory import ALLOCATORS, IDLE, TRANSCODED, Allocator, resident, server, slice_of, taken
from bench.storage import processor
from builder.build.pipeline import OUT
from builder.console import Console
from builder.engine.client import Engine, find
from builder.errors import BuildError
from builder.spec import model
from builder.spec.planning import tags
from harness import dicom
from harness.archive import multipart
from harness.containers import HTTP_PORT, LOGIN, Orthanc
from services import images

MINUTES = 30
CLIENTS = 8
SMALL = 120
"""Files of 128 KiB that come in during each turn; the turn before brought the ones that are read."""
LARGE = 2
"""Files of 20 MB that come in during each turn."""

MODIFIED = json.dumps({"Replace": {"PatientName": "Bench"}, "Transcode": "1.2.840.10008.1.2.4.80"}).encode()
AUTHORIZED = f"Basic {b64encode(':'.join(LOGIN).encode()).decode()}"

JEMALLOC_TUNED = Allocator(
    "jemalloc, background threads",
    {
        **ALLOCATORS[-1].environment,
        "MALLOC_CONF": "background_thread:true,narenas:5,dirty_decay_ms:5000,muzzy_decay_ms:0",
    },
    preloaded=True,
)
"""As many arenas as glibc has by default, and threads that give back what nobody used for five seconds."""

HEAD = ("allocator", "requests", "rate", "processor", "at rest", "at most", "at the end", f"idle {IDLE} s")


class HttpCall(NamedTuple):
    """One request of the load: what is sent, and what is wanted."""

    method: str
    path: str
    body: bytes = b""
    accept: str = "*/*"
    kind: str = "application/octet-stream"


class Side:
    """One allocator's server, and what it was seen to do."""

    def __init__(self, allocator: Allocator, orthanc: Orthanc) -> None:
        self.allocator = allocator
        self.orthanc = orthanc
        self.rest = resident(orthanc)
        self.rates: list[float] = []
        self.requests = 0
        self.began = processor(orthanc)
        self.spent = 0.0

    def turn(self, number: int) -> None:
        """Put the server through one turn."""
        load = turn(number, self.orthanc)
        began = time.perf_counter()
        at_once(self.orthanc, load)
        self.rates.append(len(load) / (time.perf_counter() - began))
        self.requests += len(load)

    def row(self) -> tuple[str, ...]:
        """Return the figures as words, after a rest."""
        self.spent = processor(self.orthanc) - self.began
        end, most = resident(self.orthanc), peak(self.orthanc)
        time.sleep(IDLE)
        amounts = (self.rest, most, end, resident(self.orthanc))
        return (
            self.allocator.name,
            str(self.requests),
            f"{median(self.rates):.0f} /s",
            f"{1000 * self.spent / self.requests:.2f} ms each",
            *(f"{amount:.0f} MiB" for amount in amounts),
        )


def command(root: Path, environment: Mapping[str, str], console: Console) -> list[tuple[str, ...]]:
    """Measure the default image, and report the figures; `root` is the repository.

    `BENCH_MINUTES` in the environment is how long the load lasts in all, instead of half an hour.
    """
    engine, client = find(), docker.from_env(timeout=600)
    definition = model.load(root / model.FILE)
    image = tags(definition, next(iter(definition.variants)))[0]
    rows = figures(client, engine, image, 60 * float(environment.get("BENCH_MINUTES", MINUTES)), console)
    record(rows, HEAD, root / OUT / "bench-mixed.json", console)
    return rows


def figures(
    client: docker.DockerClient, engine: Engine, image: str, seconds: float, console: Console
) -> list[tuple[str, ...]]:
    """Return a row for each allocator, whose servers stood beside each other and took turns."""
    library = taken(client, images.built(engine, client, image, "jemalloc"))
    with ExitStack() as stack:
        sides = [
            Side(each, stack.enter_context(server(client, image, each, library)))
            for each in (*ALLOCATORS[1:], JEMALLOC_TUNED)
        ]
        with console.stage("mixed load"):
            end = time.monotonic() + seconds
            for number in itertools.count():
                for side in random.Random(number).sample(sides, len(sides)):
                    side.turn(number)
                if time.monotonic() > end:
                    break
        return [side.row() for side in sides]


def turn(number: int, orthanc: Orthanc) -> list[HttpCall]:
    """Return the requests of a turn, in an order that is the same for each server."""
    chosen = random.Random(number)
    found = [*arriving(number)]
    if number > 0:
        found += reading(number - 1, orthanc)
    if number > 1:
        found += [HttpCall("DELETE", f"/patients/{patient}") for patient in patients(orthanc, number - 2)]
    chosen.shuffle(found)
    return found


def arriving(number: int) -> Iterator[HttpCall]:
    """Yield what comes in during a turn: small files over REST and STOW-RS, and large ones."""
    for index in range(SMALL):
        file = dicom.encoded(dicom.ct(index, patient=f"T{number}", study=f"t{number}", size=256))
        if index % 5:
            yield HttpCall("POST", "/instances", file)
        else:
            body, kind = multipart(file)
            yield HttpCall("POST", "/dicom-web/studies", body, "application/dicom+json", kind)
    pixels = np.random.default_rng(number).normal(1000, 30, (3200, 3200)).astype("u2")
    for index in range(LARGE):
        large = slice_of(pixels, number * LARGE + index)
        large.PatientID = f"T{number}-large"
        yield HttpCall("POST", "/instances", dicom.encoded(large))


def reading(number: int, orthanc: Orthanc) -> Iterator[HttpCall]:
    """Yield what is read of the files that came in during the turn `number`."""
    for patient in patients(orthanc, number):
        series = orthanc.json(f"/patients/{patient}/series?expand")
        for each in series:
            tags = each["MainDicomTags"]
            study = orthanc.json(f"/studies/{each['ParentStudy']}")["MainDicomTags"]["StudyInstanceUID"]
            path = f"/dicom-web/studies/{study}/series/{tags['SeriesInstanceUID']}"
            yield HttpCall("GET", f"{path}/metadata", accept="application/dicom+json")
            yield HttpCall("GET", f"{path}/instances", accept="application/dicom+json")
            yield HttpCall("GET", f"/series/{each['ID']}/archive")
            for index, identifier in enumerate(each["Instances"]):
                wanted = (
                    HttpCall("GET", f"/instances/{identifier}/preview", accept="image/png"),
                    HttpCall("GET", f"/instances/{identifier}/rendered?width=512", accept="image/jpeg"),
                    HttpCall("GET", f"/instances/{identifier}/file"),
                    HttpCall("GET", f"/instances/{identifier}/simplified-tags"),
                    HttpCall("POST", f"/instances/{identifier}/modify", MODIFIED, "*/*", "application/json"),
                )
                yield wanted[index % len(wanted)]
            yield HttpCall("GET", path, accept=TRANSCODED)
    for level in ("Study", "Series", "Instance"):
        query = {"Level": level, "Expand": True, "Limit": 50, "Query": {"PatientID": f"T{number}*"}}
        yield HttpCall("POST", "/tools/find", json.dumps(query).encode(), kind="application/json")


def patients(orthanc: Orthanc, number: int) -> list[str]:
    """Return the identifiers in Orthanc of the patients whose files came in during a turn."""
    query = {"Level": "Patient", "Query": {"PatientID": f"T{number}\\T{number}-large"}}
    answer = orthanc.post("/tools/find", json.dumps(query))
    answer.raise_for_status()
    found: list[str] = answer.json()
    return found


def peak(orthanc: Orthanc) -> float:
    """Return the most memory that Orthanc's process ever had, in MiB."""
    return int(orthanc.read("/proc/1/status").decode().partition("VmHWM:")[2].split()[0]) / 1024


def at_once(orthanc: Orthanc, load: Sequence[HttpCall]) -> None:
    """Send the requests from all clients, and read each answer to its end."""
    host, port = orthanc.address(HTTP_PORT)
    left = iter(load)

    def client(_: int) -> None:
        connection = http.client.HTTPConnection(host, port, timeout=300)
        for request in left:  # shared: each request goes to one client
            headers = {"Authorization": AUTHORIZED, "Accept": request.accept, "Content-Type": request.kind}
            connection.request(request.method, request.path, request.body, headers)
            answer = connection.getresponse()
            answer.read()
            if answer.status != 200:
                raise BuildError(f"bench: {request.method} {request.path} was answered with {answer.status}")
        connection.close()

    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(client, range(CLIENTS)))
