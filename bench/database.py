"""What the index in a database costs, beside Debian's plugin 5.0 on the same server in the same run."""

from __future__ import annotations

import http.client
import json
import statistics
import time
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from threading import local
from typing import Any, NamedTuple

import docker

from bench.figures import HEAD, Figure, record
from bench.viewers import networked
from builder.build.pipeline import OUT
from builder.console import Console, duration
from builder.engine.client import Engine, find
from builder.spec import model
from builder.spec.planning import tags
from harness import containers, dicom
from harness.containers import LOGIN, Orthanc
from services import images, running
from services.running import Service

INSTANCES = 320
"""How many instances a round takes in."""
CLIENTS = (1, 8, 32)
ROUNDS = 3
TRIES = 50
"""How often a client tries to store an instance: Debian's plugin for MySQL refuses some under load."""
STUDIES = (1_000, 10_000, 100_000)
REPEATED = 7
LARGE = 1_000
"""Instances of the study that is deleted."""
CONNECTIONS = 32
"""Of both plugins; by itself, Debian's has one, and is slower."""
ROWS = Path(__file__).with_name("rows")


class Kind(NamedTuple):
    """A database: its service, its section of the settings, and its user (and database, and password)."""

    stage: str
    section: str
    user: str


KINDS = (Kind("postgresql", "PostgreSQL", "postgres"), Kind("mariadb", "MySQL", "orthanc"))

Query = Mapping[str, Any]
SHOWN = ["PatientName", "PatientID", "StudyDate", "ModalitiesInStudy", "NumberOfStudyRelatedSeries"]
QUERIES: Mapping[str, Query] = {
    "a patient by number": {"Query": {"PatientID": "ID0000777"}},
    "patients by the beginning of the name": {"Query": {"PatientName": "NAME77*"}},
    "patients by a part of the name": {"Query": {"PatientName": "*77^ANN*"}},
    "an accession number": {"Query": {"AccessionNumber": "A0000777"}},
    "a day": {"Query": {"StudyDate": "20200403"}},
    "MR of two months": {"Query": {"StudyDate": "20200401-20200531", "ModalitiesInStudy": "MR"}},
}
"""What the list of studies of a viewer asks for; each with the first 50."""
NEWEST: Query = {"Query": {}, "OrderBy": [{"Type": "DicomTag", "Key": "StudyDate", "Direction": "DESC"}]}
"""The list as it opens; Debian's plugin cannot order."""


def command(root: Path, _: Mapping[str, str], console: Console) -> list[Figure]:
    """Measure the image, and report the figures; `root` is the repository."""
    engine, client = find(), docker.from_env(timeout=600)
    definition = model.load(root / model.FILE)
    image = tags(definition, next(iter(definition.variants)))[0]
    found = [one for kind in KINDS for one in figures(client, engine, image, kind, console)]
    record([figure.row for figure in found], HEAD, root / OUT / "bench-database.json", console)
    return found


def figures(
    client: docker.DockerClient, engine: Engine, image: str, kind: Kind, console: Console
) -> Iterator[Figure]:
    """Yield the figures of a database; ours and Debian's plugin take turns."""
    expected = "ratio ≥ 1.5" if kind.stage == "postgresql" else ""
    with pair(client, engine, image, kind) as (servers, service):
        for clients in CLIENTS:
            with console.stage(f"{kind.section}: {clients} clients store"):
                speeds = ingested(servers, clients)
            what = f"{kind.section}, stored instances a second, {clients} clients"
            yield Figure(
                what, speeds[0], speeds[1] or None, expected if clients == 8 else "", "{:.0f}".format
            )
        with console.stage(f"{kind.section}: a study of {LARGE:,} instances goes"):
            times = deleted(servers)
        yield Figure(f"{kind.section}, deletion of a study of {LARGE:,} instances", *times, "", duration)
        before = 0
        for studies in STUDIES:
            with console.stage(f"{kind.section}: rows of {studies:,} studies"):
                for database in ("ours", "debian"):
                    fill(service, kind, database, before, studies)
            before = studies
            with console.stage(f"{kind.section}: searches among {studies:,} studies"):
                yield from searched(servers, kind, studies)


@contextmanager
def pair(
    client: docker.DockerClient, engine: Engine, image: str, kind: Kind
) -> Iterator[tuple[list[Orthanc], Service]]:
    """Yield ours and Debian's Orthanc on a database each of the same server, and that server."""
    with ExitStack() as stack:
        network = stack.enter_context(networked(client))
        service = running.launch(client, images.built(engine, client, image, kind.stage), network, kind.stage)
        stack.callback(service.remove)
        service.wait_until_ready()
        for database in ("ours", "debian"):
            sql(
                service,
                kind,
                f"CREATE DATABASE {database}{' CHARACTER SET utf8mb4' * (kind.user == 'orthanc')}",
            )
        ours = containers.launch(
            client,
            image,
            {"ORTHANC_JSON": json.dumps({kind.section: section(kind, "ours")})},
            **running.on(client, network),
        )
        stack.callback(ours.remove)
        debian = running.launch(
            client, images.built(engine, client, image, "earlier"), network, "earlier", arguments=["forky"],
            files={"/service/orthanc.json": json.dumps(baseline(kind))},
        )  # fmt: skip
        stack.callback(debian.remove)
        ours.wait_until_ready(60)
        debian.wait_until_ready()
        yield [ours, Orthanc(debian.container)], service


def section(kind: Kind, database: str) -> dict[str, Any]:
    """Return the settings of the plugin."""
    found: dict[str, Any] = {
        "EnableIndex": True, "EnableStorage": False, "Lock": False, "Host": kind.stage, "Database": database,
        "Port": running.KINDS[kind.stage].port, "Username": kind.user, "Password": kind.user,
        "IndexConnectionsCount": CONNECTIONS,
    }  # fmt: skip
    return found | ({"UnixSocket": ""} if kind.section == "MySQL" else {})


def baseline(kind: Kind) -> dict[str, Any]:
    """Return the configuration of Debian's Orthanc."""
    return {
        "StorageDirectory": "/var/lib/orthanc/db",
        "RemoteAccessAllowed": True,
        "AuthenticationEnabled": False,
        "Plugins": [f"/usr/share/orthanc/plugins/libOrthanc{kind.section}Index.so"],
        kind.section: section(kind, "debian"),
    }


class NotStoredError(Exception):
    """An instance that a server did not store, however often it was sent."""


class Lines(local):
    """A connection of each thread to a server, that stays open."""

    def __init__(self, server: Orthanc) -> None:
        self.line = http.client.HTTPConnection(*server.address("8042/tcp"), timeout=600)
        word = b64encode(":".join(LOGIN).encode()).decode()
        self.headers = {"Authorization": f"Basic {word}"}

    def send(self, file: bytes) -> Any:
        """Return what the server says of an instance that it stored, at the first or a later try.

        Raises:
            NotStoredError: when it refused each time.
        """
        for _ in range(TRIES):
            self.line.request("POST", "/instances", file, self.headers)
            answer = self.line.getresponse()
            content = answer.read()
            if answer.status == 200:
                return json.loads(content)
        raise NotStoredError

    def ask(self, method: str, path: str, body: bytes | None = None) -> Any:
        """Return the JSON that the server answers; any status but 200 is an error."""
        return json.loads(self.fetch(method, path, body))

    def fetch(self, method: str, path: str, body: bytes | None = None) -> bytes:
        """Return what the server answers; any status but 200 is an error."""
        self.line.request(method, path, body, self.headers)
        answer = self.line.getresponse()
        content = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{method} {path}: {answer.status} {content[:300]!r}")
        return content


def files(study: str, count: int) -> list[bytes]:
    """Return small instances, fifty in a series."""
    return [
        dicom.encoded(dicom.ct(number, patient=study, study=study, series=f"{study}-{number // 50}", size=32))
        for number in range(count)
    ]


def ingested(servers: Sequence[Orthanc], clients: int) -> tuple[float, float]:
    """Return how many instances a second each server stores, the median of rounds in turn; 0 if refused."""
    rounds: list[list[float]] = [[] for _ in servers]
    amount = INSTANCES if clients > 1 else INSTANCES // 2
    for number in range(ROUNDS):
        shares = [files(f"{clients}-{number}-{one}", amount // clients) for one in range(clients)]
        for server, speeds in zip(servers, rounds, strict=True):
            lines = Lines(server)

            def send(share: list[bytes], lines: Lines = lines) -> None:
                for file in share:
                    lines.send(file)

            amount_sent = sum(map(len, shares))
            try:
                with ThreadPoolExecutor(clients) as pool:
                    began = time.monotonic()
                    list(pool.map(send, shares))
                    speeds.append(amount_sent / (time.monotonic() - began))
            except NotStoredError:
                speeds.append(0)
    return statistics.median(rounds[0]), statistics.median(rounds[1])


def deleted(servers: Sequence[Orthanc]) -> tuple[float, float]:
    """Return the seconds that each server takes to delete a large study, the median of rounds in turn."""
    rounds: list[list[float]] = [[] for _ in servers]
    instances = files("large", LARGE)
    for _ in range(ROUNDS):
        for server, times in zip(servers, rounds, strict=True):
            with ThreadPoolExecutor(8) as pool:
                stored = list(pool.map(Lines(server).send, instances))
            path = f"/studies/{stored[0]['ParentStudy']}"
            times.append(timed(partial(Lines(server).ask, "DELETE", path)))
    return statistics.median(rounds[0]), statistics.median(rounds[1])


def searched(servers: Sequence[Orthanc], kind: Kind, studies: int) -> Iterator[Figure]:
    """Yield the time of each search, and of all together."""
    totals = 0.0, 0.0
    for what, query in QUERIES.items():
        times = asked(servers[0], query), asked(servers[1], query)
        totals = totals[0] + times[0], totals[1] + times[1]
        if studies == STUDIES[-1]:
            yield Figure(f"{kind.section}, {studies:,} studies: {what}", *times, "", milliseconds)
    expected = "ratio ≤ 0.20" if kind.stage == "postgresql" and studies == STUDIES[-1] else ""
    yield Figure(f"{kind.section}, {studies:,} studies: all of these", *totals, expected, milliseconds)
    yield Figure(
        f"{kind.section}, {studies:,} studies: the newest", asked(servers[0], NEWEST), None, "", milliseconds
    )


def asked(server: Orthanc, query: Query) -> float:
    """Return the seconds of a search, the median of some."""
    lines = Lines(server)
    body = json.dumps(
        {"Level": "Study", "Expand": True, "Limit": 50, "RequestedTags": SHOWN, **query}
    ).encode()
    lines.ask("POST", "/tools/find", body)
    return statistics.median(timed(lambda: lines.ask("POST", "/tools/find", body)) for _ in range(REPEATED))


def fill(service: Service, kind: Kind, database: str, before: int, studies: int) -> None:
    """Make the rows of studies, each with a patient, a series and an instance; there are some already."""
    text = (ROWS / f"{kind.stage}.sql").read_text(encoding="utf-8")
    sql(service, kind, text.replace("{first}", str(before + 1)).replace("{last}", str(studies)), database)
    if database == "ours" and kind.stage == "postgresql":
        counted = (
            "UPDATE Resources SET childCount = 1 WHERE resourceType < 3 AND childCount IS NULL;"
            "DELETE FROM InvalidChildCounts"
        )
        sql(service, kind, counted, database)
    if kind.stage == "postgresql":
        sql(service, kind, "VACUUM ANALYZE", database)


def sql(service: Service, kind: Kind, text: str, database: str = "") -> None:
    """Run statements in a database server."""
    if kind.stage == "postgresql":
        given = [
            "psql",
            "-q",
            "-v",
            "ON_ERROR_STOP=1",
            "-U",
            kind.user,
            "-d",
            database or kind.user,
            "-c",
            text,
        ]
    else:
        given = [
            "mariadb",
            "-h127.0.0.1",
            f"-u{kind.user}",
            f"-p{kind.user}",
            database or kind.user,
            "-e",
            text,
        ]
    done = service.run(*given)
    if done.code != 0:
        raise RuntimeError(f"{service.name}: {done.stderr}")


def timed(act: Callable[[], object]) -> float:
    """Return the seconds that a call takes."""
    began = time.monotonic()
    act()
    return time.monotonic() - began


def milliseconds(seconds: float) -> str:
    """Return a time in milliseconds."""
    return f"{seconds * 1000:.1f} ms"
