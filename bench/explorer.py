"""What the pages at the address of Orthanc Explorer 2 cost: the first list, more of it, memory, a start."""

from __future__ import annotations

import hashlib
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

import docker

from bench.figures import HEAD, Figure, record
from bench.memory import resident
from bench.viewers import networked, served
from builder.build.pipeline import OUT
from builder.console import Console, duration, size
from builder.engine.client import Engine, find
from builder.spec import model
from builder.spec.planning import tags
from harness import containers, viewers
from harness.browser import Browser
from harness.containers import USERS, Orthanc
from harness.index import INDEX, SIGNATURES, taken
from services import images, running
from services.running import Service

COUNTS = (100, 100_000)
"""How many studies the servers have, whose rows are written into the index directly."""

ROUNDS = 5

SCROLLED = 10_000
"""The rows through which the page is scrolled before its memory is looked at."""

OFF = {"ORTHANC_EXPLORER_2_ENABLED": "false"}

PAGE = "/ui/app/index.html"

# Notes when the first study can be read, in a page that has just been opened.
_WATCH = """
(() => {
  const look = () => {
    if (!document.querySelector('.row a')) { requestAnimationFrame(look); return; }
    window.firstRow = performance.now();
  };
  requestAnimationFrame(look);
})();
"""

# Notes when the first frame of any page is drawn.
_FRAME = "requestAnimationFrame(() => { window.firstFrame = performance.now(); });"

_BYTES = """
const all = [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')];
return all.filter((one) => !one.name.includes('favicon')).map((one) => [one.name, one.transferSize]);
"""

# The request of the list, alone, in milliseconds.
_FIND = """
const done = arguments[1];
const begun = performance.now();
fetch('../../tools/find', { method: 'POST', body: arguments[0] })
  .then((answer) => answer.text())
  .then(() => done(performance.now() - begun));
"""

_COUNTED = "return document.querySelector('.rows').scrollHeight > arguments[0] * 40"

# Scrolls to a row, and tells in how many milliseconds it can be read.
_SCROLL = """
const [row, done] = arguments;
const begun = performance.now();
document.querySelector('.rows').scrollTop = (row - 1) * 40;
const look = () => {
  const found = document.querySelector(`.row[aria-rowindex="${row}"] a`);
  if (found) { done(performance.now() - begun); } else { requestAnimationFrame(look); }
};
requestAnimationFrame(look);
"""


def figures(client: docker.DockerClient, engine: Engine, image: str, console: Console) -> Iterator[Figure]:
    """Yield the figures of the pages in `image`."""
    with ExitStack() as stack:
        network = stack.enter_context(networked(client))
        tag = images.built(engine, client, image, "chromium")
        chromium = stack.enter_context(served(client, tag, network))
        for count in COUNTS:
            name = f"studies{count}"
            with console.stage(f"{count:,} studies"), filled(client, image, network, name, count):
                yield from listed(chromium, name, count)
    with console.stage("starts"):
        yield from started(client, image)


def listed(chromium: Service, name: str, count: int) -> Iterator[Figure]:
    """Yield the figures of the list on one server: bytes, times, and memory where there is much to scroll."""
    rounds = [once(chromium, name) for _ in range(ROUNDS)]
    first, alone, following = (
        statistics.median(one[key] for one in rounds) for key in ("first", "find", "next")
    )
    yield Figure(f"{count:,} studies, bytes to the first list", rounds[0]["bytes"], None, "≤ 250 kB", size)
    limit = f"≤ {duration((1.2 * alone + 300) / 1000)}"
    yield Figure(
        f"{count:,} studies, first list (baseline: its /tools/find)", first / 1000, alone / 1000, limit, _text
    )
    bare = statistics.median(empty(chromium, name) for _ in range(ROUNDS))
    yield Figure("the browser's first frame of a page without anything", bare / 1000, None, "", _text)
    yield Figure(f"{count:,} studies, next page", following / 1000, None, "", _text)
    if count >= SCROLLED:
        before, after, nodes = scrolled(chromium, name)
        yield Figure(
            f"memory of the page after {SCROLLED:,} rows (baseline: before)", after, before, "", size
        )
        yield Figure(f"elements of the page after {SCROLLED:,} rows", nodes, None, "≤ 1000", "{:.0f}".format)


def once(chromium: Service, name: str) -> dict[str, Any]:
    """Return bytes, and milliseconds of the first list, its request alone and the next page, at first."""
    with viewers.signed_in(chromium, f"http://{name}:8042") as window:
        window.order("Page.addScriptToEvaluateOnNewDocument", {"source": _WATCH})
        window.open(PAGE)
        first = window.until(lambda: window.run("return window.firstRow"), "the first study")
        sent = sum(one[1] for one in window.run(_BYTES))
        window.until(lambda: window.run(_COUNTED, 75), "the number of studies")
        following = window.driver.execute_async_script(_SCROLL, 75)
        body = window.run("return JSON.stringify(arguments[0])", REQUEST)
        alone = statistics.median(window.driver.execute_async_script(_FIND, body) for _ in range(ROUNDS))
        return {"first": first, "bytes": sent, "next": following, "find": alone}


def empty(chromium: Service, name: str) -> float:
    """Return the milliseconds until a new browser draws an answer of JSON: what no page can be below."""
    with viewers.signed_in(chromium, f"http://{name}:8042") as window:
        window.order("Page.addScriptToEvaluateOnNewDocument", {"source": _FRAME})
        window.open("/system")
        return float(window.until(lambda: window.run("return window.firstFrame"), "the first frame"))


REQUEST = {
    "Level": "Study",
    "Query": {},
    "RequestedTags": [
        "ModalitiesInStudy",
        "NumberOfStudyRelatedSeries",
        "NumberOfStudyRelatedInstances",
        "SOPClassesInStudy",
    ],
    "Expand": True,
    "Limit": 50,
    "OrderBy": [{"Type": "Metadata", "Key": "LastUpdate", "Direction": "DESC"}],
    "Since": 0,
}
"""The request of the first list, as the pages make it."""


def scrolled(chromium: Service, name: str) -> tuple[int, int, int]:
    """Return the page's memory in bytes before and after scrolling, and its elements then."""
    with viewers.signed_in(chromium, f"http://{name}:8042") as window:
        window.open(PAGE)
        window.until(lambda: window.run("return !!document.querySelector('.row a')"), "the first study")
        window.until(lambda: window.run(_COUNTED, SCROLLED), "the number of studies")
        window.driver.set_script_timeout(60)
        before = heap(window)
        for row in range(25, SCROLLED + 1, 25):
            window.driver.execute_async_script(_SCROLL, row)
        nodes = int(window.run("return document.querySelectorAll('*').length"))
        return before, heap(window), nodes


def heap(window: Browser) -> int:
    """Return the bytes that the page's program has, after what it does not need is gone."""
    window.order("HeapProfiler.collectGarbage", {})
    return int(window.run("return performance.memory.usedJSHeapSize"))


def started(client: docker.DockerClient, image: str) -> Iterator[Figure]:
    """Yield what a start and a server at rest cost, beside the same without the pages."""
    seconds: dict[str, list[float]] = {"on": [], "off": []}
    memory: dict[str, list[float]] = {"on": [], "off": []}
    for _ in range(2 * ROUNDS):
        for name, environment in (("on", {}), ("off", OFF)):
            begun = time.monotonic()
            server = containers.launch(client, image, environment)
            try:
                while not answered(server):
                    time.sleep(0.005)
                seconds[name].append(time.monotonic() - begun)
                memory[name].append(resident(server) * 2**20)
            finally:
                server.remove()
    on, off = (statistics.median(seconds[name]) for name in ("on", "off"))
    yield Figure("from start to first answer (baseline: without the pages)", on, off, "ratio ≤ 1.1", _text)
    on, off = (statistics.median(memory[name]) for name in ("on", "off"))
    yield Figure("memory at rest (baseline: without the pages)", on, off, "≤ 5 MB more", size)


def answered(server: Orthanc) -> bool:
    """Tell whether the server answers."""
    try:
        return server.get("/system", timeout=5).status_code == 200
    except OSError:
        return False


@contextmanager
def filled(client: docker.DockerClient, image: str, network: str, name: str, count: int) -> Iterator[Orthanc]:
    """Yield a server of so many studies, on the network by its name."""
    empty = containers.launch(client, image, {})
    try:
        empty.wait_until_ready()
        empty.stop()
        index = written(taken(empty.container), count)
    finally:
        empty.remove()
    options = {"environment": USERS, **running.on(client, network, name)}
    container = containers.create(
        client, image, [], {**options, "ports": {containers.HTTP_PORT: ("127.0.0.1", None)}}
    )
    server = Orthanc(container)
    try:
        container.put_archive("/", containers.archive({INDEX: index}, uid=999))
        container.start()
        server.wait_until_ready(60)
        yield server
    finally:
        server.remove()


def written(index: bytes, count: int) -> bytes:
    """Return an index of SQLite with so many more studies: a patient, a series and an instance each."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "index"
        path.write_bytes(index)
        with closing(sqlite3.connect(path)) as database:
            for name in ("Resources", "MainDicomTags", "DicomIdentifiers", "Metadata"):
                database.executemany(f"INSERT INTO {name} VALUES (?, ?, ?, ?)", rows(name, count))
            database.commit()
        return path.read_bytes()


def rows(table: str, count: int) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of a table for the studies."""
    for number in range(count):
        first = 4 * number + 1
        for level, tags_ in enumerate(study(number), 1):
            identifier = first + level - 1
            match table:
                case "Resources":
                    public = hashlib.sha1(f"{level}/{number}".encode(), usedforsecurity=False).hexdigest()
                    dashed = "-".join(public[at : at + 8] for at in range(0, 40, 8))
                    yield identifier, level, dashed, identifier - 1 if level > 1 else None
                case "Metadata":
                    moment = f"202601{1 + number % 28:02}T{number % 24:02}{number % 60:02}00"
                    yield identifier, 7, moment, 0
                    yield identifier, 15, SIGNATURES[level], 0
                    if level == 4:
                        yield identifier, 10, "1.2.840.10008.5.1.4.1.1.2", 0
                case _:
                    for (group, element), value in tags_.items():
                        if table == "MainDicomTags" or (group, element) not in ((8, 0x60), (0x20, 0x10)):
                            yield identifier, group, element, value


def study(number: int) -> list[dict[tuple[int, int], str]]:
    """Return the main tags of a study's patient, of itself, its series and its instance."""
    uid = f"1.2.3.{number}"
    patient = {
        (0x10, 0x10): f"NAME{number}^{('ANNA', 'PETER', 'MARIA', 'JOHN')[number % 4]}",
        (0x10, 0x20): f"ID{number:07}",
        (0x10, 0x30): f"{1930 + number % 90}0615",
    }
    of_study = {
        **patient,
        (0x20, 0xD): uid,
        (8, 0x50): f"A{number:07}",
        (8, 0x20): f"{2015 + number % 10}03{1 + number % 28:02}",
        (8, 0x1030): f"DESCRIPTION {number % 50}",
    }
    series = {(0x20, 0xE): f"{uid}.1", (8, 0x60): ("CT", "MR", "US", "CR")[number % 4]}
    return [patient, of_study, series, {(8, 0x18): f"{uid}.1.1"}]


def _text(seconds: float) -> str:
    return f"{1000 * seconds:.0f} ms"


def command(root: Path, _: Mapping[str, str], console: Console) -> list[Figure]:
    """Measure the pages in the built image of the variant default, and report the figures."""
    engine = find()
    client = docker.DockerClient(base_url=engine.endpoint) if engine.endpoint else docker.from_env()
    definition = model.load(root / model.FILE)
    found = list(figures(client, engine, tags(definition, "default")[0], console))
    record([one.row for one in found], HEAD, root / OUT / "bench-explorer.json", console)
    return found
