"""What an index in SQLite costs as it grows: ours, and Debian's plain Orthanc, with the same rows in one run.

All but the first start is processor time of the server, to which other work on the machine hardly matters.
Both have DicomWeb. The variable BENCH_INDEX gives other numbers of instances, in hundreds:
`BENCH_INDEX=1000000 ./inv bench --index` takes some minutes, and 4 GB of disk.
"""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

import docker

from bench.database import Lines, files, milliseconds
from bench.explorer import REQUEST
from bench.figures import HEAD, Figure, record
from bench.viewers import networked
from builder.build.pipeline import OUT
from builder.console import Console, duration
from builder.engine.client import Engine, find
from builder.spec import model
from builder.spec.planning import tags
from harness import containers, index
from harness.containers import Orthanc
from harness.index import DicomNames
from services import images, running

COUNTS = "1000,10000,100000"
CLIENTS = 4
STORED = 20
"""How many instances a client stores."""
MOST, ENOUGH = 63, 0.5
"""How often a request is sent at the most, and after how much processor time it is not sent again."""
SUITE = "forky"
WEB = {"DICOM_WEB_PLUGIN_ENABLED": "true"}
BASELINE = {
    "StorageDirectory": index.FOLDER,
    "IndexDirectory": index.FOLDER,
    "RemoteAccessAllowed": True,
    "AuthenticationEnabled": False,
    "Plugins": ["/usr/share/orthanc/plugins/libOrthancDicomWeb.so"],
}

Request = Callable[[DicomNames], tuple[str, str, bytes | None]]


def get(path: str) -> Request:
    """Return a request by GET, with names of an instance in its path."""

    def request(names: DicomNames) -> tuple[str, str, bytes | None]:
        public = {f"id{level}": names.public(level) for level in (1, 2, 3, 4)}
        return "GET", path.format(**names._asdict(), **public), None

    return request


REQUESTS: Mapping[str, Request] = {
    "an instance": get("/instances/{id4}"),
    "a series": get("/series/{id3}"),
    "a study": get("/studies/{id2}"),
    "the instances of a series": get("/series/{id3}/instances"),
    "a page of 100 instances": get("/instances?since=0&limit=100"),
    "the list of the newest studies": lambda _: ("POST", "/tools/find", json.dumps(REQUEST).encode()),
    "QIDO-RS, a study by patient": get("/dicom-web/studies?PatientID={patient}"),
    "QIDO-RS, the series of a study": get("/dicom-web/studies/{study}/series"),
    "QIDO-RS, the instances of a series": get("/dicom-web/studies/{study}/series/{series}/instances"),
    "WADO-RS, the metadata of a series": get("/dicom-web/studies/{study}/series/{series}/metadata"),
    "WADO-RS, a series of 50": get("/dicom-web/studies/{study}/series/{series}"),
    "/statistics": get("/statistics"),
}


def command(root: Path, environment: Mapping[str, str], console: Console) -> list[Figure]:
    """Measure the first image of the repository `root`, and report the figures."""
    engine, client = find(), docker.from_env(timeout=600)
    definition = model.load(root / model.FILE)
    image = tags(definition, next(iter(definition.variants)))[0]
    counts = [int(word) for word in environment.get("BENCH_INDEX", COUNTS).split(",")]
    found = [one for count in counts for one in figures(client, engine, image, count, console)]
    record([figure.row for figure in found], HEAD, root / OUT / "bench-index.json", console)
    return found


def figures(
    client: docker.DockerClient, engine: Engine, image: str, count: int, console: Console
) -> Iterator[Figure]:
    """Yield the figures for so many instances; ours and Debian's Orthanc take turns."""
    what = f"{count:,} instances"
    with ExitStack() as stack:
        with console.stage(f"{what}: writing the rows"):
            servers = stack.enter_context(pair(client, engine, image, count))
        yield Figure(
            f"{what}, seconds of the first start for the index", added(servers[0]), None, "", duration
        )
        with console.stage(f"{what}: {CLIENTS} clients store"):
            rates = stored(servers)
        yield Figure(f"{what}, stored in a second of its time", *rates, "", "{:.0f}".format)
        with console.stage(f"{what}: requests"):
            for name, request in REQUESTS.items():
                yield Figure(f"{what}, {name}", *asked(servers, request, count), "", milliseconds)


@contextmanager
def pair(client: docker.DockerClient, engine: Engine, image: str, count: int) -> Iterator[list[Orthanc]]:
    """Yield ours and Debian's Orthanc, each with so many instances."""
    with ExitStack() as stack:
        network = stack.enter_context(networked(client))
        path = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "index"
        alone = containers.launch(client, image, {"SQLITE_INDEX_TUNING": "false"})
        try:
            alone.wait_until_ready()
            alone.container.stop()
            path.write_bytes(index.taken(alone.container))
        finally:
            alone.remove()
        index.fill(path, count)
        debian = running.launch(
            client, images.built(engine, client, image, "earlier"), network, "earlier", arguments=[SUITE],
            files={"/service/orthanc.json": json.dumps(BASELINE)},
        )  # fmt: skip
        stack.callback(debian.remove)
        debian.wait_until_ready()
        ours = containers.launch(client, image, WEB)
        stack.callback(ours.remove)
        ours.wait_until_ready()
        servers = [ours, Orthanc(debian.container)]
        for server, root, uid in zip(servers, ("", f"/{SUITE}"), (999, 0), strict=True):
            server.container.stop()
            index.put(server.container, path, root + index.FOLDER, uid)
            server.container.start()
            server.wait_until_ready(600)
        yield servers


def added(server: Orthanc) -> float:
    """Return how long the first start took to add what the images add, as the log says."""
    (seconds,) = re.findall(r"^The SQLite index got it in (\S+) s\.$", server.logs(), re.MULTILINE)
    return float(seconds)


def stored(servers: Sequence[Orthanc]) -> tuple[float, float]:
    """Return how many instances each server stores in a second of its processor time."""
    rates = []
    for server in servers:
        shares = [files(f"store-{one}", STORED) for one in range(CLIENTS)]
        lines = Lines(server)
        before = processor(server)
        with ThreadPoolExecutor(CLIENTS) as pool:
            list(pool.map(partial(_send, lines), shares))
        rates.append(CLIENTS * STORED / (processor(server) - before))
    return rates[0], rates[1]


def _send(lines: Lines, share: Sequence[bytes]) -> None:
    for content in share:
        lines.send(content)


def asked(servers: Sequence[Orthanc], request: Request, count: int) -> tuple[float, float]:
    """Return the seconds of each server's processor time that a request takes, for different series."""
    times = []
    for server in servers:
        line, before, spent, sent = Lines(server), processor(server), 0.0, 0
        while sent < MOST and spent < ENOUGH:
            for number in range(sent, 2 * sent + 1):
                line.line.close()  # Orthanc ends a connection that waits for a second
                line.fetch(*request(index.named(number * (count // MOST))))
            sent = 2 * sent + 1
            spent = processor(server) - before
        times.append(spent / sent)
    return times[0], times[1]


def processor(server: Orthanc) -> float:
    """Return the seconds of processor time that the server has taken, threads that have ended included."""
    user, system = server.read("/proc/1/stat").decode().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / 100
