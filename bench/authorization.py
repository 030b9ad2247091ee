"""What the plugin Authorization costs once it knows the users: the same requests with it and without it."""

from __future__ import annotations

import http.client
import json
import statistics
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

import docker

from bench.figures import HEAD, Figure, record
from builder.build.pipeline import OUT
from builder.console import Console
from builder.engine.client import find
from builder.spec import model
from builder.spec.planning import tags
from harness import authority, containers, dicom
from harness.containers import HTTP_PORT, Orthanc

CLIENTS = 32
ROUNDS = 7
"""How often each server has its turn: the middle one counts, since the machine may have other work."""
REQUESTS = 1500
"""How many requests one turn has."""


def command(root: Path, _: Mapping[str, str], console: Console) -> list[Figure]:
    """Measure the first image of the repository `root`, and report the figures."""
    find()
    definition = model.load(root / model.FILE)
    image = tags(definition, next(iter(definition.variants)))[0]
    with ExitStack() as stack:
        found = list(figures(docker.from_env(timeout=900), image, console, stack))
    record([figure.row for figure in found], HEAD, root / OUT / "bench-authorization.json", console)
    return found


def figures(client: docker.DockerClient, image: str, console: Console, stack: ExitStack) -> Iterator[Figure]:
    """Yield latency, throughput and processor time with the plugin, beside those without it."""
    service = stack.enter_context(authority.running())
    service.validity = 3600
    section = {"WebServiceRootUrl": service.url, "TokenHttpHeaders": ["Token"], "CheckedLevel": "studies"}
    section["UncheckedResources"] = ["/system"]
    settings = {"AUTHORIZATION_PLUGIN_ENABLED": "true", "ORTHANC__AUTHORIZATION": json.dumps(section)}
    servers = [stack.enter_context(server(client, image, each)) for each in (settings, {})]
    paths = [prepared(each) for each in servers]
    for user in ("boss", "reader"):
        alone: list[list[float]] = [[], []]
        crowd: list[list[float]] = [[], []]
        burnt: list[list[float]] = [[], []]
        with console.stage(user):
            for turn in range(2 * ROUNDS):
                which = turn % 2
                begun, path = servers[which], paths[which]
                alone[which].append(statistics.median(sent(begun, path, user, REQUESTS)))
                before, began = processor(begun), time.monotonic()
                together(begun, path, user)
                crowd[which].append((time.monotonic() - began) / REQUESTS)
                burnt[which].append((processor(begun) - before) / REQUESTS)
        for what, (ours, plain), expected in (
            (f"one client, {user}", alone, "0.2 ms more"),
            (f"{CLIENTS} clients, {user}: for each request", crowd, "ratio ≤ 1.11"),
            (f"the same, of the server's processor time, {user}", burnt, ""),
        ):
            yield Figure(what, statistics.median(ours), statistics.median(plain), expected, milliseconds)


def milliseconds(seconds: float) -> str:
    """Return a time in words."""
    return f"{seconds * 1000:.3f} ms"


@contextmanager
def server(client: docker.DockerClient, image: str, environment: Mapping[str, str]) -> Iterator[Orthanc]:
    """Yield a server that asks for no password."""
    begun = containers.launch(client, image, {"ORTHANC__AUTHENTICATION_ENABLED": "false", **environment})
    try:
        begun.wait_until_ready(60)
        yield begun
    finally:
        begun.remove()


def prepared(begun: Orthanc) -> str:
    """Return a path to ask for, of a study that each user may see."""
    said = begun.post(
        "/instances", dicom.encoded(dicom.ct(patient="BENCH")), headers={"Token": "boss"}
    ).json()
    label = begun.put(f"/studies/{said['ParentStudy']}/labels/teaching", "", headers={"Token": "boss"})
    label.raise_for_status()
    return f"/instances/{said['ID']}/metadata"


def sent(begun: Orthanc, path: str, user: str, count: int) -> list[float]:
    """Return how long each of `count` requests takes, on one connection."""
    connection = http.client.HTTPConnection(*begun.address(HTTP_PORT), timeout=60)
    times = []
    for _ in range(count):
        began = time.perf_counter()
        connection.request("GET", path, headers={"Token": user})
        answer = connection.getresponse()
        answer.read()
        times.append(time.perf_counter() - began)
        assert answer.status == 200, answer.status
    connection.close()
    return times


def together(begun: Orthanc, path: str, user: str) -> None:
    """Send the requests of one turn, by all clients at once."""
    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(lambda _: sent(begun, path, user, REQUESTS // CLIENTS), range(CLIENTS)))


def processor(begun: Orthanc) -> float:
    """Return the seconds of processor time that a server has used."""
    threads = begun.run("sh", "-c", "cat /proc/1/task/*/schedstat").stdout.splitlines()
    return sum(int(line.split()[0]) for line in threads) / 1e9
