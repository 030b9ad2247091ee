"""What it costs to keep files in an object store: beside the file system, and beside obstore alone.

What a read costs Orthanc is measured with the quick store (stores.py), in turns with the file system and with
reading by way of Python. So is what the plugin reaches where the store is not the limit, and where its
answers come late.
"""

from __future__ import annotations

import json
import secrets
import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import docker
import numpy as np
from pydicom.uid import UltrasoundMultiFrameImageStorage

import bench.stores
from bench.figures import HEAD, Figure, record
from bench.viewers import networked
from builder.build.pipeline import OUT
from builder.console import Console, duration
from builder.engine.client import Engine, find
from builder.spec import model
from builder.spec.planning import tags
from harness import containers, dicom, stores
from harness.containers import Orthanc
from services import images, running
from services.running import Service

SMALL = 500
CLIENTS = 8
FRAMES = 500
"""Frames of 1 MiB in the large file."""
ROUNDS = 2
READS = 7
"""Times that the small files are read from each place, in turns."""
SIDES = {64: "9 kB", 512: "0.5 MB"}
"""Pixels of a side of the small images that are read, and the sizes of the files."""

ALONE = """
import json, sys, time
from concurrent.futures import ThreadPoolExecutor
sys.path.append("/usr/lib/orthanc-image/packages")
import obstore
from obstore.store import AzureStore, GCSStore, S3Store

def seconds(act):
    began = time.monotonic()
    act()
    return time.monotonic() - began

options = {"allow_http": True, "timeout": "600s"}
store = eval(sys.argv[1])
small, large, count = bytes(int(sys.argv[2])), bytes(int(sys.argv[3])), int(sys.argv[4])
names = [f"small-{number}" for number in range(count)]
large_out = seconds(lambda: obstore.put(store, "large", large, chunk_size=8 << 20, max_concurrency=8))
large_in = seconds(lambda: bytes(obstore.get(store, "large").bytes()))
with ThreadPoolExecutor(8) as pool:
    small_out = seconds(lambda: list(pool.map(lambda name: obstore.put(store, name, small), names)))
    small_in = seconds(lambda: list(pool.map(lambda name: bytes(obstore.get(store, name).bytes()), names)))
print(json.dumps([small_out, small_in, large_out, large_in]))
"""
"""Obstore without Orthanc, in the same container: seconds to write and read the same amounts."""

CLIENT = {
    "AwsS3Storage": "S3Store({name!r}, endpoint='http://{inside}', region='us-east-1', access_key_id='tests',"
    " secret_access_key='tests-secret', client_options=options)",
    "AzureBlobStorage": "AzureStore({name!r}, account_name={account!r}, account_key={key!r},"
    " endpoint='http://{inside}/{account}', client_options=options)",
    "GoogleCloudStorage": "GCSStore({name!r}, service_account_key={service!r}, client_options=options)",
}


def command(root: Path, _: Mapping[str, str], console: Console) -> list[Figure]:
    """Measure the image that has every store, and report the figures; `root` is the repository."""
    engine, client = find(), docker.from_env(timeout=600)
    definition = model.load(root / model.FILE)
    image = tags(definition, [*definition.variants][-1])[0]
    found = [
        *reads(client, image, bench.stores.compiled(), console),
        *distant(client, image, bench.stores.compiled(), console),
        *figures(client, engine, image, console),
    ]
    record([figure.row for figure in found], HEAD, root / OUT / "bench-storage.json", console)
    return found


def reads(client: docker.DockerClient, image: str, program: bytes, console: Console) -> Iterator[Figure]:
    """Yield what reading small files costs Orthanc, and how long one client waits for one."""
    python = {"ReadDirectly": False}
    with console.stage("reading small files"), ExitStack() as stack:
        network = stack.enter_context(networked(client))
        stack.enter_context(bench.stores.store(client, image, program, network, 0))
        servers = [stack.enter_context(server(client, image, {}, {}))]
        for more in ({}, python):
            section = json.dumps({"AwsS3Storage": {**bench.stores.section(), **more}})
            options = running.on(client, network)
            servers.append(stack.enter_context(server(client, image, {"ORTHANC_JSON": section}, options)))
        for side, size in SIDES.items():
            small = [dicom.encoded(dicom.ct(number, patient=size, size=side)) for number in range(SMALL)]
            yield from compared(servers, small, size)


def compared(servers: Sequence[Orthanc], small: Sequence[bytes], size: str) -> Iterator[Figure]:
    """Yield the figures of files of one size, for the file system, the native part and Python."""
    known = [[stored(each, file) for file in small] for each in servers]
    spent: list[list[float]] = [[] for _ in servers]
    waited: list[list[float]] = [[] for _ in servers]
    for _ in range(READS):
        for number, (each, names) in enumerate(zip(servers, known, strict=True)):
            spent[number].append(taken(each, names))
            waited[number] += [seconds(partial(fetched, each, name)) for name in names[:100]]
    disk, *ours = (statistics.median(each) for each in spent)
    wait, *waits = (statistics.median(each) for each in waited)
    for way, cost, late in zip(("directly", "by way of Python"), ours, waits, strict=True):
        expected = "ratio ≤ 1.20 (of the file system)" if way == "directly" else "(of the file system)"
        what = f"quick store, files of {size} read {way}"
        yield Figure(f"{what}, processor time of Orthanc for {SMALL}", cost, disk, expected, duration)
        yield Figure(f"{what}, one client waits", late, wait, "", milliseconds)


def distant(client: docker.DockerClient, image: str, program: bytes, console: Console) -> Iterator[Figure]:
    """Yield throughputs in bytes a second with the quick store, whose answers wait."""
    small = [dicom.encoded(dicom.ct(number, patient="BENCH", size=512)) for number in range(SMALL)]
    large = film()
    with console.stage("file system"), server(client, image, {}, {}) as orthanc:
        disk = measured(orthanc, small, large)
    for delay in bench.stores.DELAYS:
        with console.stage(f"quick store at {delay} ms"), ExitStack() as stack:
            network = stack.enter_context(networked(client))
            stack.enter_context(bench.stores.store(client, image, program, network, delay))
            section = bench.stores.section()
            given = {"ORTHANC_JSON": json.dumps({"AwsS3Storage": section})}
            orthanc = stack.enter_context(server(client, image, given, running.on(client, network)))
            inside = f"store:{bench.stores.PORT}"
            made = CLIENT["AwsS3Storage"].format(name=section["BucketName"], inside=inside)
            bare = alone(orthanc, made, small, large)
            ours = measured(orthanc, small, large)
        for name, speed, plain, least in zip(NAMES, ours, disk, bare, strict=True):
            what = f"quick store at {delay} ms, {name}"
            yield Figure(what, speed, plain, "(of the file system)", rate)
            yield Figure(f"{what}, by obstore", speed, least, "", rate)


def milliseconds(length: float) -> str:
    """Return seconds in words."""
    return f"{1000 * length:.2f} ms"


def taken(orthanc: Orthanc, names: Sequence[str]) -> float:
    """Return the seconds of processor time that a server takes for files to go out."""
    before = processor(orthanc)
    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(lambda name: fetched(orthanc, name), names))
    return processor(orthanc) - before


def figures(client: docker.DockerClient, engine: Engine, image: str, console: Console) -> Iterator[Figure]:
    """Yield throughputs in bytes a second: of the file system, then of each store beside it and obstore."""
    small = [dicom.encoded(dicom.ct(number, patient="BENCH", size=512)) for number in range(SMALL)]
    large = film()
    with console.stage("file system"), server(client, image, {}, {}) as orthanc:
        disk = measured(orthanc, small, large)
        (own,) = effort(orthanc, small, orthanc)
    for name, speed in zip(NAMES, disk, strict=True):
        yield Figure(f"file system, {name}", speed, None, "", rate)
    for store in stores.ALL:
        with console.stage(store.plugin), ExitStack() as stack:
            network = stack.enter_context(networked(client))
            tag = images.built(engine, client, image, store.kind)
            service = stack.enter_context(served(client, tag, network, store.kind))
            bucket = store(service, f"bench-{secrets.token_hex(4)}")
            bucket.make()
            given = {"ORTHANC_JSON": json.dumps({bucket.plugin: bucket.settings})}
            options = {"files": bucket.files, **running.on(client, network)}
            orthanc = stack.enter_context(server(client, image, given, options))
            inside = bucket.service.inside
            made = CLIENT[bucket.plugin].format(
                name=bucket.name, inside=inside, account=stores.ACCOUNT, key=stores.ACCOUNT_KEY,
                service=stores.account(f"http://{inside}"),
            )  # fmt: skip
            bare = alone(orthanc, made, small, large)
            ours = measured(orthanc, small, large)
            spent, emulator = effort(orthanc, small, orthanc, service)
        for number, name in enumerate(NAMES):
            if number < 2:
                yield Figure(f"{store.title}, {name}", ours[number], disk[number], SLOWER[number], rate)
            expected = "ratio ≥ 0.70" if number >= 2 else ""
            yield Figure(f"{store.title}, {name}, by obstore", ours[number], bare[number], expected, rate)
        what = f"{store.title}, processor time of Orthanc for 500 files in"
        yield Figure(what, spent, own, "(of the file system)", duration)
        yield Figure(f"{store.title}, processor time of the emulator", emulator, None, "", duration)


NAMES = ("500 files in", "500 files out", "one of 500 MB in", "one of 500 MB out")
SLOWER = ("ratio ≥ 0.75 (of the file system)", "(of the file system)")


def effort(orthanc: Orthanc, small: Sequence[bytes], *measured_: Orthanc | Service) -> list[float]:
    """Return the seconds of processor time that each container takes for the small files to come in."""
    before = [processor(one) for one in measured_]
    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(lambda file: stored(orthanc, file), small))
    return [processor(one) - start for one, start in zip(measured_, before, strict=True)]


def processor(one: Orthanc | Service) -> float:
    """Return the processor time of a container so far, in seconds.

    At once: the engine would else wait for a second sample, while Orthanc's idle threads go on.
    """
    usage = one.container.stats(stream=False, one_shot=True)["cpu_stats"]["cpu_usage"]
    return float(usage["total_usage"]) / 1e9


def film() -> bytes:
    """Return one large file: a film of 1 MiB a frame."""
    dataset = dicom.instance(
        UltrasoundMultiFrameImageStorage,
        patient="BENCH", study="film", series="film", number=1, modality="US",
    )  # fmt: skip
    return dicom.encoded(dicom.add_pixels(dataset, np.zeros((FRAMES, 1024, 1024), "u1")))


def measured(orthanc: Orthanc, small: Sequence[bytes], large: bytes) -> list[float]:
    """Return the bytes per second through Orthanc: small files in and out, the large one in and out."""
    rounds = [one_round(orthanc, small, large) for _ in range(ROUNDS)]
    return [max(each) for each in zip(*rounds, strict=True)]


def one_round(orthanc: Orthanc, small: Sequence[bytes], large: bytes) -> list[float]:
    """Return the same once; what was stored is removed again."""
    amount = sum(map(len, small))
    with ThreadPoolExecutor(CLIENTS) as pool:
        identifiers: list[str] = []
        small_in = seconds(lambda: identifiers.extend(pool.map(lambda file: stored(orthanc, file), small)))
        small_out = seconds(lambda: list(pool.map(lambda one: fetched(orthanc, one), identifiers)))
    large_in = seconds(lambda: identifiers.append(stored(orthanc, large)))
    large_out = seconds(lambda: fetched(orthanc, identifiers[-1]))
    for patient in orthanc.json("/patients"):
        orthanc.delete(f"/patients/{patient}", timeout=600).raise_for_status()
    return [amount / small_in, amount / small_out, len(large) / large_in, len(large) / large_out]


def stored(orthanc: Orthanc, file: bytes) -> str:
    """Return the identifier of a file that was just uploaded."""
    answer = orthanc.post("/instances", file, timeout=600)
    answer.raise_for_status()
    return str(answer.json()["ID"])


def fetched(orthanc: Orthanc, identifier: str) -> bytes:
    """Return a file as it comes back."""
    answer = orthanc.get(f"/instances/{identifier}/file", timeout=600)
    answer.raise_for_status()
    return bytes(answer.content)


def alone(orthanc: Orthanc, made: str, small: Sequence[bytes], large: bytes) -> list[float]:
    """Return bytes a second of obstore alone, in the same order, in the container of Orthanc.

    `made` is the expression that makes its store.
    """
    amount = sum(map(len, small))
    said = orthanc.run(
        "python3", "-c", ALONE, made, str(amount // len(small)), str(len(large)), str(len(small))
    )
    times: list[float] = json.loads(said.stdout)
    return [size / taken for size, taken in zip((amount, amount, len(large), len(large)), times, strict=True)]


def seconds(act: Callable[[], object]) -> float:
    """Return the seconds that a call takes."""
    began = time.monotonic()
    act()
    return time.monotonic() - began


def rate(speed: float) -> str:
    """Return bytes a second in words."""
    return f"{speed / 1e6:.0f} MB/s"


@contextmanager
def server(
    client: docker.DockerClient, image: str, environment: Mapping[str, str], options: Mapping[str, Any]
) -> Iterator[Orthanc]:
    """Yield a server that keeps nothing in memory that it stored."""
    given = {"ORTHANC__MAXIMUM_STORAGE_CACHE_SIZE": "0", **environment}
    begun = containers.launch(client, image, given, **options)
    try:
        begun.wait_until_ready(60)
        yield begun
    finally:
        begun.remove()


@contextmanager
def served(client: docker.DockerClient, tag: str, network: str, kind: str) -> Iterator[Service]:
    """Yield an emulator."""
    service = running.launch(client, tag, network, kind)
    try:
        service.wait_until_ready()
        yield service
    finally:
        service.remove()
