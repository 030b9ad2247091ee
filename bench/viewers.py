"""What the compressed pages of the viewers are worth: bytes, and the time to the first image in a browser."""

from __future__ import annotations

import gzip
import io
import json
import secrets
import tarfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

import docker

from bench.figures import HEAD, Figure, record
from builder.build.pipeline import OUT
from builder.console import Console, duration, size
from builder.engine.client import Engine, find
from builder.spec import model
from builder.spec.planning import tags
from harness import containers, viewers
from harness.browser import Browser
from harness.containers import Orthanc
from services import images, running
from services.running import Service

HOME = "usr/share/orthanc/viewers"

ON = {
    "OHIF_PLUGIN_ENABLED": "true",
    "VOLVIEW_PLUGIN_ENABLED": "true",
    "DICOM_WEB_PLUGIN_ENABLED": "true",
    "ORTHANC__OHIF__USER_CONFIGURATION": "/etc/ohif.js",
}

TOURS = ["basicViewerTour"]
"""What would lie above the image at the first visit."""

SETTINGS = "window.config = { extensions: [], modes: [], investigationalUseDialog: { option: 'never' } };"

ROUNDS = 3

SPEED = 20
"""Megabits in a second: a fair line from a home or a ward to a hospital's server."""


def figures(client: docker.DockerClient, engine: Engine, image: str, console: Console) -> Iterator[Figure]:
    """Yield the figures of both viewers in `image`, beside the same files without compression."""
    plain = uncompressed(client, image)
    for viewer in ("ohif", "volview"):
        held = held_bytes(client, image, viewer)
        bare = sum(len(content) for name, content in plain.items() if name.startswith(f"{HOME}/{viewer}/"))
        yield Figure(f"{viewer}, in the image", held, bare, "both ≤ 70 MB", size)
    with console.stage("the first image in a browser"), ExitStack() as stack:
        network = stack.enter_context(networked(client))
        tag = images.built(engine, client, image, "chromium")
        chromium = stack.enter_context(served(client, tag, network))
        found = {
            name: stack.enter_context(orthanc(client, image, network, name, files))
            for name, files in (("ours", None), ("plain", plain))
        }
        for viewer in ("ohif", "volview"):
            ours, bare_ = (first_image(chromium, viewer, name, found[name]) for name in ("ours", "plain"))
            yield Figure(f"{viewer}, bytes to the first image", ours[0], bare_[0], "", size)
            yield Figure(f"{viewer}, first image at {SPEED} Mbit/s", ours[1], bare_[1], "", duration)
            yield Figure(f"{viewer}, opened again", ours[2], None, "", size)


def uncompressed(client: docker.DockerClient, image: str) -> dict[str, bytes]:
    """Return the files of the viewers without compression, with an index that says so."""
    files: dict[str, bytes] = {}
    for viewer in ("ohif", "volview"):
        stored = stored_files(client, image, viewer)
        index = json.loads(stored["index.json"])
        for name, one in index.items():
            content = stored[f"{name}.gz"] if one["gzip"] else stored[name]
            files[f"{HOME}/{viewer}/{name}"] = gzip.decompress(content) if one["gzip"] else content
            one["gzip"] = False
        files[f"{HOME}/{viewer}/index.json"] = json.dumps(index).encode()
    return files


def held_bytes(client: docker.DockerClient, image: str, viewer: str) -> int:
    """Return the size of a viewer in the image, in bytes."""
    return sum(map(len, stored_files(client, image, viewer).values()))


def stored_files(client: docker.DockerClient, image: str, viewer: str) -> dict[str, bytes]:
    """Return the files of a viewer in the image, by their name below it."""
    container = containers.create(client, image, [], {})
    try:
        stream, _ = container.get_archive(f"/{HOME}/{viewer}")
        with tarfile.open(fileobj=io.BytesIO(b"".join(stream))) as archive:
            held = {one.name.partition("/")[2]: archive.extractfile(one) for one in archive if one.isreg()}
            return {name: file.read() for name, file in held.items() if file}
    finally:
        container.remove(force=True, v=True)


@contextmanager
def networked(client: docker.DockerClient) -> Iterator[str]:
    """Yield a network of its own, by name."""
    made = client.networks.create(f"orthanc-bench-{secrets.token_hex(4)}")
    try:
        yield str(made.name)
    finally:
        made.remove()


@contextmanager
def served(client: docker.DockerClient, tag: str, network: str) -> Iterator[Service]:
    """Yield a browser's service."""
    service = running.launch(client, tag, network, "chromium")
    try:
        service.wait_until_ready()
        yield service
    finally:
        service.remove()


@contextmanager
def orthanc(
    client: docker.DockerClient, image: str, network: str, name: str, files: dict[str, bytes] | None
) -> Iterator[Orthanc]:
    """Yield a server with the study, on the network by its name, with these files in the place of its own."""
    files = {**(files or {}), "etc/ohif.js": SETTINGS.encode()}
    server = containers.launch(client, image, ON, files=files, **running.on(client, network, name))
    try:
        server.wait_until_ready(60)
        viewers.uploaded(server)
        yield server
    finally:
        server.remove()


def first_image(chromium: Service, viewer: str, name: str, server: Orthanc) -> tuple[float, float, float]:
    """Return bytes and seconds until the study is shown, and the bytes when it is opened again; the least."""
    rounds = [opened(chromium, viewer, name, server) for _ in range(ROUNDS)]
    sent, seconds, again = (min(one[number] for one in rounds) for number in range(3))
    return sent, seconds, again


def opened(chromium: Service, viewer: str, name: str, server: Orthanc) -> tuple[float, float, float]:
    """Return what `first_image` does, of one round with a browser that knows nothing yet."""
    (study,) = server.json("/studies")
    path = {
        "ohif": f"/ohif/viewer?StudyInstanceUIDs={viewers.study_uid()}",
        "volview": f"/volview/index.html?names=[archive.zip]&urls=[../studies/{study}/archive]",
    }[viewer]
    with viewers.signed_in(chromium, f"http://{name}:8042") as window:
        window.run(f"localStorage.setItem('shownTours', '{json.dumps(TOURS)}')")
        window.throttle(SPEED)
        before, begun = sent_bytes(server), time.monotonic()
        shown(window, path)
        seconds, first = time.monotonic() - begun, sent_bytes(server) - before
        window.open("/system")
        before = sent_bytes(server)
        shown(window, path)
        return first, seconds, sent_bytes(server) - before


def shown(window: Browser, path: str) -> None:
    """Open a page, and return once it shows the image."""
    window.open(path)
    viewers.drawn(window)


def sent_bytes(server: Orthanc) -> int:
    """Return how many bytes have left the server's container."""
    networks = server.container.stats(stream=False)["networks"]
    return sum(int(one["tx_bytes"]) for one in networks.values())


def command(root: Path, _: Mapping[str, str], console: Console) -> list[Figure]:
    """Measure the pages in the built image of the variant default, and report the figures."""
    engine = find()
    client = docker.DockerClient(base_url=engine.endpoint) if engine.endpoint else docker.from_env()
    definition = model.load(root / model.FILE)
    found = list(figures(client, engine, tags(definition, "default")[0], console))
    record([one.row for one in found], HEAD, root / OUT / "bench-viewers.json", console)
    return found
