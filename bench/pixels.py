"""What decoding and transcoding cost, beside Debian's Orthanc with GDCM in the same run."""

from __future__ import annotations

import http.client
import json
import statistics
import time
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import docker
import numpy as np
from pydicom.dataset import Dataset
from pydicom.uid import (
    DigitalXRayImageStorageForPresentation,
    MRImageStorage,
    VLWholeSlideMicroscopyImageStorage,
)

from bench.figures import HEAD, Figure, record
from bench.viewers import networked
from builder.build.pipeline import OUT
from builder.console import Console
from builder.engine.client import Engine, find
from builder.spec import model
from builder.spec.planning import tags
from harness import containers, dicom
from harness.containers import HTTP_PORT, LOGIN, Orthanc
from services import images, running

CLIENTS = 8
CROWDS = (1, 8, 32)
ROUNDS = 3
"""How often each server has its turn: the middle one counts."""
REQUESTS = {"CT": 48, "MR": 96}
"""How many requests one turn has; for the others, which are large, 8."""
REST = 5
"""Seconds without a request, after which nothing is kept that only the last ones needed."""
EXPLICIT = "1.2.840.10008.1.2.1"
SYNTAXES = {
    "RLE": "1.2.840.10008.1.2.5",
    "JPEG": "1.2.840.10008.1.2.4.50",
    "lossless JPEG": "1.2.840.10008.1.2.4.70",
    "JPEG-LS": "1.2.840.10008.1.2.4.80",
    "JPEG 2000": "1.2.840.10008.1.2.4.90",
}
NO_CACHE = {"TranscoderCacheSize": 0, "MaximumStorageCacheSize": 0, "DicomParserCacheSize": 0}


def grey(sop_class: str, name: str, size: int, bits: int) -> Dataset:
    """Return an image of soft structures with noise, as scanners make them."""
    rows, columns = np.mgrid[0:size, 0:size] / size
    dice = np.random.default_rng(size)
    soft = np.sin(rows * 9) * np.cos(columns * 7) + np.hypot(rows - 0.5, columns - 0.5)
    noisy = (soft + 1.5) / 4 * (1 << bits) + dice.normal(0, (1 << bits) / 200, (size, size))
    pixels = np.clip(noisy, 0, (1 << bits) - 1).astype("<u2")
    dataset = dicom.instance(sop_class, patient=name, study=name, series=name, number=1, modality="OT")
    return dicom.add_pixels(dataset, pixels, bits)


def tiles(name: str, frames: int, size: int) -> Dataset:
    """Return frames of colour."""
    made = [dicom.ultrasound(1, size=size).pixel_array for _ in range(frames)]
    dice = np.random.default_rng(frames)
    pixels = np.stack([each.reshape(size, size, 3) for each in made]).astype("i2")
    pixels = np.clip(pixels + dice.integers(-4, 5, pixels.shape), 0, 255).astype("u1")
    dataset = dicom.instance(
        VLWholeSlideMicroscopyImageStorage, patient=name, study=name, series=name, number=1, modality="SM"
    )
    return dicom.add_pixels(dataset, pixels)


KINDS: Mapping[str, Callable[[], Dataset]] = {
    "CT": lambda: dicom.ct(7, patient="CT", size=512),
    "MR": lambda: grey(MRImageStorage, "MR", 256, 12),
    "CR": lambda: grey(DigitalXRayImageStorageForPresentation, "CR", 2048, 12),
    "US, 10 frames": lambda: dicom.ultrasound(10, patient="US", size=480),
    "slide, 16 tiles": lambda: tiles("SM", 16, 256),
}


def command(root: Path, _: Mapping[str, str], console: Console) -> list[Figure]:
    """Measure the first image of the repository `root`, and report the figures."""
    engine, client = find(), docker.from_env(timeout=900)
    definition = model.load(root / model.FILE)
    image = tags(definition, next(iter(definition.variants)))[0]
    found = list(figures(client, engine, image, console))
    record([figure.row for figure in found], HEAD, root / OUT / "bench-pixels.json", console)
    return found


def figures(client: docker.DockerClient, engine: Engine, image: str, console: Console) -> Iterator[Figure]:
    """Yield images a second, of each kind and syntax, decoded and encoded; the servers take turns."""
    with pair(client, engine, image) as servers:
        yield from way(servers, console)
        for kind, make in KINDS.items():
            plain = dicom.encoded(make())
            with console.stage(kind):
                for name, syntax in SYNTAXES.items():
                    if name == "JPEG" and make().BitsAllocated > 8:
                        continue
                    yield from coded(servers, kind, plain, name, syntax)
        time.sleep(REST)
        ours, debian = map(resident, servers)
        yield Figure(
            "memory after all of that, in all processes at rest", ours, debian, "ratio ≤ 1", megabytes
        )


def coded(servers: list[Orthanc], kind: str, plain: bytes, name: str, syntax: str) -> Iterator[Figure]:
    """Yield how many instances a second are decoded, and encoded; with other numbers of clients for CT."""
    packed = servers[0].get(f"/instances/{stored(servers[0], plain)}/file?transcode={syntax}").content
    crowds = CROWDS if kind == "CT" and name in ("JPEG 2000", "lossless JPEG") else (CLIENTS,)
    for what, content, target in (("decoded", packed, EXPLICIT), ("encoded", plain, syntax)):
        for clients in crowds:
            speeds = turns(servers, content, f"/file?transcode={target}", clients, REQUESTS.get(kind, 8))
            expected = "ratio ≥ 1.5" if name == "JPEG 2000" else "ratio ≥ 1"
            yield Figure(
                f"{kind}: {name} {what} a second, {clients} clients",
                speeds[0], speeds[1] or None, expected, "{:.1f}".format,
            )  # fmt: skip


def way(servers: list[Orthanc], console: Console) -> Iterator[Figure]:
    """Yield what the way to a worker adds to a small picture that is not compressed."""
    content = dicom.encoded(dicom.ct(1, patient="WAY", size=64))
    with console.stage("the way to a worker"):
        speeds = turns(servers, content, "/image-uint16", 1, 400)
    yield Figure(
        "a picture of 64 by 64, not compressed, one client",
        1 / speeds[0], 1 / speeds[1], "0.3 ms more", lambda seconds: f"{seconds * 1000:.2f} ms",
    )  # fmt: skip


def turns(
    servers: list[Orthanc], content: bytes, path: str, clients: int, requests: int
) -> tuple[float, float]:
    """Return how often a second each server answers, 0 where it refuses."""
    found: list[list[float]] = [[], []]
    identifiers = [stored(each, content) for each in servers]
    for _ in range(ROUNDS):
        for which, server in enumerate(servers):
            found[which].append(speed(server, f"/instances/{identifiers[which]}{path}", clients, requests))
    return statistics.median(found[0]), statistics.median(found[1])


def stored(server: Orthanc, content: bytes) -> str:
    """Return the identifier of an instance that is stored in just this form, and no other of its UID."""
    said = server.upload(content)
    if said["Status"] != "Success":
        server.delete(f"/instances/{said['ID']}").raise_for_status()
        said = server.upload(content)
    assert said["Status"] == "Success", said
    return str(said["ID"])


def speed(server: Orthanc, path: str, clients: int, requests: int) -> float:
    """Return the answers of a second of `clients` that ask for the same."""

    def asked(count: int) -> bool:
        line = http.client.HTTPConnection(*server.address(HTTP_PORT), timeout=600)
        word = b64encode(":".join(LOGIN).encode()).decode()
        fine = True
        for _ in range(count):
            line.request("GET", path, headers={"Authorization": f"Basic {word}"})
            answer = line.getresponse()
            answer.read()
            fine = fine and answer.status == 200
        line.close()
        return fine

    each = max(1, requests // clients)
    asked(1)
    began = time.perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        fine = all(pool.map(asked, [each] * clients))
    return each * clients / (time.perf_counter() - began) if fine else 0


def resident(server: Orthanc) -> float:
    """Return the memory of all processes in a container, in bytes."""
    found: dict[str, Any] = server.container.stats(stream=False)["memory_stats"]["stats"]
    return float(found.get("anon", found.get("total_rss", 0)))  # cgroup 2, cgroup 1


def megabytes(size: float) -> str:
    """Return a size in words."""
    return f"{size / 1e6:.0f} MB"


@contextmanager
def pair(client: docker.DockerClient, engine: Engine, image: str) -> Iterator[list[Orthanc]]:
    """Yield ours, and Debian's Orthanc with GDCM as its documentation sets it up."""
    with ExitStack() as stack:
        network = stack.enter_context(networked(client))
        settings = {"ORTHANC_JSON": json.dumps(NO_CACHE)}
        ours = containers.launch(client, image, settings, **running.on(client, network))
        stack.callback(ours.remove)
        debian = running.launch(
            client, images.built(engine, client, image, "earlier"), network, "earlier", arguments=["forky"],
            files={"/service/orthanc.json": json.dumps(baseline())},
        )  # fmt: skip
        stack.callback(debian.remove)
        ours.wait_until_ready(60)
        debian.wait_until_ready()
        yield [ours, Orthanc(debian.container)]


def baseline() -> dict[str, Any]:
    """Return the configuration of Debian's Orthanc."""
    syntaxes = [f"1.2.840.10008.1.2.4.{number}" for number in (90, 91, 92, 93)]
    return {
        "StorageDirectory": "/var/lib/orthanc/db",
        "RemoteAccessAllowed": True,
        "AuthenticationEnabled": False,
        "Plugins": ["/usr/share/orthanc/plugins/libOrthancGdcm.so"],
        "Gdcm": {"Throttling": 4, "RestrictTransferSyntaxes": syntaxes},
        **NO_CACHE,
    }
