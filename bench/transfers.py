"""What the plugin Transfers gains over a long line: beside Orthanc's own store, and beside the line alone.

The line is a relay on this machine, since not every kernel has `tc netem`: it delays what goes out and what
comes back, lets no more than RATE through, and takes a round trip to open a connection. It has no slow start.
"""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import docker
import numpy as np
from pydicom.uid import UltrasoundMultiFrameImageStorage

from bench.figures import HEAD, Figure, record
from builder.build.pipeline import OUT
from builder.console import Console, duration
from builder.engine.client import find
from builder.spec import model
from builder.spec.planning import tags
from harness import containers, dicom
from harness.containers import HOST, LOGIN, Orthanc

DELAYS = (0.0, 0.02, 0.1)
"""Seconds that a round trip takes."""
RATE = 25_000_000
"""Bytes a second in each direction: 200 Mbit/s."""
SMALL = 1000
FRAMES = 256
"""Frames of 1 MiB in the large file."""
PIECE = 1 << 16
WINDOW = 128
"""How many pieces of a connection are on the line at once."""


class Line:
    """A relay to an address, on a port of this machine."""

    def __init__(self, target: tuple[str, int], delay: float) -> None:
        self.target = target
        self.delay = delay
        self.free = {True: 0.0, False: 0.0}
        self.loop = asyncio.new_event_loop()
        self.port = 0
        began = threading.Event()
        self.thread = threading.Thread(target=self.run, args=(began,), daemon=True)
        self.thread.start()
        began.wait(10)

    def run(self, began: threading.Event) -> None:
        """Serve until it is closed."""
        asyncio.set_event_loop(self.loop)
        server = self.loop.run_until_complete(asyncio.start_server(self.connected, "0.0.0.0", 0))
        self.port = server.sockets[0].getsockname()[1]
        began.set()
        self.loop.run_forever()

    def close(self) -> None:
        """End it, and what goes over it."""
        asyncio.run_coroutine_threadsafe(self.end(), self.loop)
        self.thread.join(10)

    async def end(self) -> None:
        """Cancel what goes over it, and stop."""
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        self.loop.stop()

    async def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Relay one connection."""
        await asyncio.sleep(self.delay)
        there, back = await asyncio.open_connection(*self.target)
        await asyncio.gather(self.pump(reader, back, True), self.pump(there, writer, False))

    async def pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, out: bool) -> None:
        """Relay one direction."""
        waiting: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(WINDOW)

        async def read() -> None:
            content = b"-"
            while content:
                try:
                    content = await source.read(PIECE)
                except OSError:
                    content = b""
                now = time.monotonic()
                self.free[out] = max(now, self.free[out]) + len(content) / RATE
                await waiting.put((self.free[out] + self.delay / 2, content))

        async def write() -> None:
            while True:
                at, content = await waiting.get()
                await asyncio.sleep(max(0.0, at - time.monotonic()))
                if not content:
                    sink.close()
                    return
                sink.write(content)
                try:
                    await sink.drain()
                except OSError:
                    sink.close()

        await asyncio.gather(read(), write())


def command(root: Path, _: Mapping[str, str], console: Console) -> list[Figure]:
    """Measure the first image of the repository `root`, and report the figures."""
    find()
    definition = model.load(root / model.FILE)
    image = tags(definition, next(iter(definition.variants)))[0]
    with ExitStack() as stack:
        found = list(figures(docker.from_env(timeout=900), image, console, stack))
    record([figure.row for figure in found], HEAD, root / OUT / "bench-transfers.json", console)
    return found


def figures(client: docker.DockerClient, image: str, console: Console, stack: ExitStack) -> Iterator[Figure]:
    """Yield how long a study takes over lines of several delays."""
    receiver = stack.enter_context(server(client, image, {}))
    lines = {delay: stack.enter_context(line(receiver.address("8042/tcp"), delay)) for delay in DELAYS}
    peers = {
        f"line{number}": {"Url": f"http://{HOST}:{one.port}/", "Username": LOGIN[0], "Password": LOGIN[1]}
        for number, one in enumerate(lines.values())
    }
    sender = stack.enter_context(server(client, image, {"ORTHANC__ORTHANC_PEERS": json.dumps(peers)}))
    with console.stage("upload"):
        (small,) = {sender.upload(noise(number))["ParentStudy"] for number in range(SMALL)}
        large = sender.upload(film())["ParentStudy"]
    amount = FRAMES << 20
    for (delay, one), peer in zip(lines.items(), peers, strict=True):
        where = f"{delay * 1000:.0f} ms"
        with console.stage(where):
            ours = {what: transfer(sender, receiver, peer, what) for what in (small, large)}
            plain = {what: store(sender, receiver, peer, what) for what in (small, large)}
            bare = copy(one, amount)
        expected = "ratio ≤ 0.20" if delay == DELAYS[1] else ""
        yield Figure(f"{where}, {SMALL} small, and by store", ours[small], plain[small], expected, duration)
        yield Figure(
            f"{where}, one of {amount >> 20} MiB, and by store", ours[large], plain[large], "", duration
        )
        yield Figure(f"{where}, the same, and the line alone", ours[large], bare, "ratio ≤ 1.25", duration)
    for name, site in (("sender", sender), ("receiver", receiver)):
        said = site.run("cat", "/proc/1/status").stdout
        most = next(line for line in said.splitlines() if line.startswith("VmHWM"))
        yield Figure(f"most memory of the {name}", float(most.split()[1]) / 1024, None, "", mebibytes)


def mebibytes(size: float) -> str:
    """Return an amount of memory in words."""
    return f"{size:.0f} MiB"


def noise(number: int) -> bytes:
    """Return a small instance that cannot be compressed much."""
    dataset = dicom.ct(number, patient="BENCH", size=64)
    pixels = np.random.default_rng(number).integers(0, 4096, (64, 64), "u2")
    dataset.PixelData = pixels.tobytes()
    return dicom.encoded(dataset)


def film() -> bytes:
    """Return one large instance."""
    dataset = dicom.instance(
        UltrasoundMultiFrameImageStorage,
        patient="FILM", study="film", series="film", number=1, modality="US",
    )  # fmt: skip
    pixels = np.random.default_rng(1).integers(0, 256, (FRAMES, 1024, 1024), "u1")
    return dicom.encoded(dicom.add_pixels(dataset, pixels))


@contextmanager
def server(client: docker.DockerClient, image: str, environment: Mapping[str, str]) -> Iterator[Orthanc]:
    """Yield a server with the plugin."""
    begun = containers.launch(client, image, {"TRANSFERS_PLUGIN_ENABLED": "true", **environment})
    try:
        begun.wait_until_ready(60)
        yield begun
    finally:
        begun.remove()


@contextmanager
def line(target: tuple[str, int], delay: float) -> Iterator[Line]:
    """Yield a line to an address."""
    made = Line(target, delay)
    try:
        yield made
    finally:
        made.close()


def emptied(receiver: Orthanc) -> None:
    """Delete all that a server has."""
    for patient in receiver.json("/patients"):
        receiver.delete(f"/patients/{patient}", timeout=600).raise_for_status()


def transfer(sender: Orthanc, receiver: Orthanc, peer: str, study: str) -> float:
    """Return the seconds that a transfer takes, until the receiver has stored everything."""
    wish: dict[str, Any] = {
        "Resources": [{"Level": "Study", "ID": study}], "Compression": "none", "Peer": peer
    }  # fmt: skip
    began = time.monotonic()
    job = sender.post("/transfers/send", json.dumps(wish), timeout=600).json()["ID"]
    while True:
        found = sender.json(f"/jobs/{job}")
        if found["State"] == "Success":
            break
        assert found["State"] in ("Pending", "Running"), found
        time.sleep(0.02)
    taken = time.monotonic() - began
    emptied(receiver)
    return taken


def store(sender: Orthanc, receiver: Orthanc, peer: str, study: str) -> float:
    """Return the seconds that Orthanc's own store to a peer takes."""
    began = time.monotonic()
    answer = sender.post(f"/peers/{peer}/store", study, timeout=900)
    answer.raise_for_status()
    taken = time.monotonic() - began
    emptied(receiver)
    return taken


def copy(over: Line, amount: int) -> float:
    """Return the seconds that as many bytes take on one connection, to a program that only reads."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        way = Line(listening.getsockname(), over.delay)
        began = time.monotonic()
        with socket.create_connection(("127.0.0.1", way.port)) as sending:
            writing = threading.Thread(target=sending.sendall, args=(bytes(amount),))
            writing.start()
            receiving, _ = listening.accept()
            with receiving:
                left = amount
                while left:
                    left -= len(receiving.recv(1 << 20))
            taken = time.monotonic() - began
            writing.join()
        way.close()
    return taken
