"""Twenty thousand requests for damaged images of every transfer syntax: no crash, bounded time and memory."""

from __future__ import annotations

import random
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import docker
import pytest

from harness import containers, dicom
from tests.image.default.pictures import KINDS, LOSSLESS, LOSSY, pixels_of

REQUESTS = 20_000
CLIENTS = 8
MEMORY = 128
"""MiB for each worker."""
TIME = 1
"""Seconds for each request, and one for each megabyte of its pixels."""

TARGETS = [LOSSLESS["explicit"], LOSSLESS["jpeg-2000"], LOSSLESS["rle"], LOSSY["jpeg-ls-near"]]
ROUTES = ["preview", "rendered", "numpy", *(f"file?transcode={each}" for each in TARGETS)]
IMAGES = ("12 of 16 bits", "colour", "16 bits with sign", "palette")


NUMBERS = [
    b"\x28\0" + number + b"US\x02\0"
    for number in (b"\x02\0", b"\x10\0", b"\x11\0", b"\0\1", b"\1\1", b"\2\1", b"\3\1")
]
"""Samples, rows, columns, bits and the sign, as they stand in Explicit VR Little Endian."""


def damaged(content: bytes, pixels: int, dice: random.Random) -> bytes:
    """Return a file with some bytes of its pixels changed or missing, or with other numbers about them.

    The lengths of elements stay as they are: what Orthanc itself makes of those is in docs/limits.md.
    """
    broken = bytearray(content)
    if dice.random() < 0.3:
        place = broken.find(dice.choice(NUMBERS))
        if place > 0:
            few = dice.choice((0, 1, 2, 3, 4, 7, 8, 9, 16, 17, 32, 64, 255, 4096, 65535))
            broken[place + 8 : place + 10] = few.to_bytes(2, "little")
            return bytes(broken)
    if dice.random() < 0.2:
        first = pixels + 20
        cut = dice.randrange(first, len(broken))
        broken[cut:] = bytes(len(broken) - cut)
        return bytes(broken)
    for _ in range(dice.randrange(1, 12)):
        broken[dice.randrange(pixels + 20, len(broken))] = dice.randrange(256)
    return bytes(broken)


@pytest.mark.timeout(600)
def test_damage_of_every_kind(client: docker.DockerClient, image: str) -> None:
    """What is damaged is shown or refused, in time; what is sound is right, by the same process."""
    settings = {
        "ORTHANC__GDCM__WORKER_MEMORY": str(MEMORY),
        "ORTHANC__GDCM__WORKER_TIME": str(TIME),
        "ORTHANC__GDCM__THROTTLING": "4",
        "ORTHANC__OVERWRITE_INSTANCES": "true",
    }
    limit = f"{4 * MEMORY + 900}m"
    server = containers.launch(client, image, settings, mem_limit=limit, memswap_limit=limit)
    try:
        server.wait_until_ready()
        process = server.process
        sources = []
        for kind in IMAGES:
            plain = server.upload(dicom.encoded(KINDS[kind]()))["ID"]
            for name, syntax in {**LOSSLESS, **LOSSY}.items():
                if name == "deflated":  # where any byte is a length: the tests of the native code damage it
                    continue
                answer = server.get(f"/instances/{plain}/file?transcode={syntax}")
                if answer.ok:
                    place = answer.content.rfind(b"\xe0\x7f\x10\x00")
                    sources.append((answer.content, max(place, 400)))
        assert len(sources) > 50
        seen: Counter[int] = Counter()

        def ask(number: int) -> tuple[Counter[int], float]:
            dice = random.Random(number)
            content, place = sources[number % len(sources)]
            said = server.post("/instances", damaged(content, place, dice))
            found, slowest = Counter({said.status_code: 1}), 0.0
            if said.ok:
                for route in ROUTES:
                    began = time.monotonic()
                    found[server.get(f"/instances/{said.json()['ID']}/{route}").status_code] += 1
                    slowest = max(slowest, time.monotonic() - began)
            return found, slowest

        slowest = 0.0
        number = 0
        with ThreadPoolExecutor(CLIENTS) as clients:
            while seen.total() < REQUESTS:
                for found, longest in clients.map(ask, range(number, number + 200)):
                    seen += found
                    slowest = max(slowest, longest)
                number += 200
        assert set(seen) <= {200, 400, 404, 415, 500}, seen
        assert seen[200] > 0
        assert seen[415] + seen[500] > REQUESTS / 20
        # Each client may wait for the worker that another keeps busy for as long as it may.
        assert slowest < CLIENTS * 3 * TIME + 5
        assert server.process == process
        original = KINDS["colour"]()
        sound = server.upload(dicom.encoded(original))["ID"]
        made = server.get(f"/instances/{sound}/file?transcode={LOSSLESS['jpeg-ls']}").content
        assert (pixels_of(made) == original.pixel_array).all()
    finally:
        server.remove()
